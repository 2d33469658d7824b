"""Critical milestones that are Red go up the ladder by themselves (domain 5.13)."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from mobilisation.access import Actor
from mobilisation.models import Programme
from mobilisation.services import slots
from risks.rules import Trigger
from risks.services import standing
from workstreams.models import PlanStep

SYSTEM = Actor.system("escalation of the plan")


def tick(moment: datetime) -> None:
    """Once a day, after the plan was coloured anew."""
    day = timezone.localtime(moment).date()
    slot = slots.take("plan-escalations", day.isoformat())
    if slot is None:
        return
    raised: list[int] = []
    failed = slots.each(Programme.objects.open(), lambda programme: raised.append(watch(programme, day)[0]), "escalation of the plan")
    slots.done(slot, slots.words(f"{sum(raised)} raised", failed))


def watch(programme: Programme, as_of: date) -> tuple[int, int]:
    """How many critical milestones were raised, and how many settled that are Red no longer."""
    rows = PlanStep._base_manager.filter(programme=programme, is_milestone=True, critical=True)
    red = {row.public_id: standing.Said(f"Critical milestone Red: {row.code} {row.title}", reason or "Red") for row in rows for colour, reason in [row.moments.at(as_of)] if colour == "R"}
    return standing.watch(programme, Trigger.CRITICAL_MILESTONE_RED, red, actor=SYSTEM)
