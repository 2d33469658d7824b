"""A leaving provider whose staff no longer carry the care it still gives goes up the ladder by itself (domain 5.13)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from mobilisation.access import Actor
from mobilisation.models import Programme
from mobilisation.services import slots
from risks.rules import Trigger
from risks.services import standing
from transfers.facts.hours_left import hours_left
from transfers.models import PersonTransfer, StaffTransfer

SYSTEM = Actor.system("staff left")


def tick(moment: datetime) -> None:
    """Once a day, of programmes whose staff list is known."""
    day = timezone.localtime(moment).date()
    slot = slots.take("staffing", day.isoformat())
    if slot is None:
        return
    raised: list[int] = []
    failed = slots.each(Programme.objects.open().filter(pk__in=StaffTransfer.objects.values("programme")), lambda programme: raised.append(watch(programme, day)[0]), "staff left")
    slots.done(slot, slots.words(f"{sum(raised)} raised", failed))


def watch(programme: Programme, as_of: date) -> tuple[int, int]:
    """Short in the week that runs: what is foreseen for later weeks stands on the page of hours and staff left, where it can still be
    put right. Returns how many providers were raised, and how many settled."""
    sunday = as_of + timedelta(days=6 - as_of.weekday())
    short = {
        str(one.key): standing.Said(f"Staff of {one.name} no longer carry the care it still gives", f"{one.short.short_words} in the week ending {sunday.day} {sunday:%b %Y}, before everybody has moved")
        for one in hours_left(programme, PersonTransfer.objects.filter(programme=programme), as_of)
        if one.short is not None and one.short.day == sunday
    }
    return standing.watch(programme, Trigger.STAFFING_FAILS, short, actor=SYSTEM)
