"""What a page with a call form shows beside it: the script of the day, and no other."""

from __future__ import annotations

from datetime import date
from typing import Any

from mobilisation.models import Programme
from workstreams.models import ScriptVersion


def current_script(programme: Programme, user: Any, as_of: date) -> ScriptVersion | None:
    found: ScriptVersion | None = ScriptVersion.objects.visible_to(user).filter(programme=programme).current(as_of)
    return found
