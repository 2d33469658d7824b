"""Scheduled work of the register."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache

from mobilisation.access import Actor
from mobilisation.models import Programme
from mobilisation.services import slots
from risks.services import escalation


def tick(moment: datetime) -> None:
    """Escalation timers once an hour (domain 7.5); a second run in the hour finds nothing to do."""
    if not cache.add(f"risks:escalations:{moment:%Y%m%d%H}", 1, 3600):
        return
    slots.each(Programme.objects.open(), lambda programme: escalation.climb(programme, actor=Actor.system("escalation timers")), "escalation timers")
