"""Scheduled work of the register."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache

from mobilisation.access import Actor
from mobilisation.models import Programme
from risks.services import escalation


def tick(moment: datetime) -> None:
    """Escalation timers once an hour (domain 7.5); a second run in the hour finds nothing to do."""
    if not cache.add(f"risks:escalations:{moment:%Y%m%d%H}", 1, 3600):
        return
    for programme in Programme.objects.open():
        escalation.climb(programme, actor=Actor.system("escalation timers"))
