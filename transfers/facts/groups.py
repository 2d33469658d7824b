"""Groups of people that are counted and listed: the dashboard, the counters of the tracker, its rows and its export all
ask here, so that a number always equals the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from transfers.choices import Status
from transfers.models import Checkpoint
from transfers.rules.gates import SETTLED

MOVED = (Status.TRANSFERRED, Status.SETTLED, Status.CLOSED)
READY = (Status.READY, *MOVED)
GOING = Q(ending="")
HAS_MOVED = GOING & Q(status__in=MOVED, in_hospital=False)
"""Counted as transferred; nobody in hospital is (domain 5.5)."""
VISITED = (Status.TRANSFERRED, Status.SETTLED)
"""The first visit is done. A validated plan makes somebody settled and stands for no safety check."""
_CHECKED = Checkpoint.objects.filter(person=OuterRef("pk"), code="C16", state__in=list(SETTLED))  # scope: only inside Exists() of people already scoped


@dataclass(frozen=True)
class Group:
    """``condition`` on people. ``counter``: shown above the tracker; the others are reached from the dashboard."""

    label: str
    condition: Q
    tone: str = ""
    counter: bool = True


def groups(as_of: date) -> dict[str, Group]:
    """{key: group}; the key stands in the address of the tracker (``?show=``)."""
    blue = Q(blue=True) & (Q(blue_until__isnull=True) | Q(blue_until__gte=as_of))
    return {
        "": Group("All", Q()),
        "today": Group("Due today", GOING & Q(next_due=as_of), "amber"),
        "overdue": Group("Overdue", GOING & Q(overdue_from__lte=as_of), "red"),
        "hold": Group("On hold", GOING & Q(on_hold=True), "amber"),
        "hospital": Group("In hospital", GOING & Q(in_hospital=True), "amber"),
        "no-provider": Group("No incoming provider", GOING & Q(incoming_provider__isnull=True), "amber"),
        "safety": Group("Safety check outstanding", GOING & Q(status__in=VISITED) & ~Exists(_CHECKED), "red"),
        "changed": Group("Changed since yesterday", Q(touched_on__gte=as_of - timedelta(days=1))),
        "going": Group("To transfer", GOING, counter=False),
        "ready": Group("Ready or moved", GOING & Q(status__in=READY), counter=False),
        "moved": Group("Transferred", HAS_MOVED, counter=False),
        "past": Group("Past the date without a first visit", past_transfer(as_of), "red", counter=False),
        "safety-overdue": Group("Safety check overdue", safety_overdue(as_of), "red", counter=False),
        "at-risk": Group("Amber or Red", GOING & ~blue & (Q(red_from__lte=as_of) | Q(amber_from__lte=as_of)), "amber", counter=False),
    }


def past_transfer(as_of: date) -> Q:
    """The planned day has gone by without a first visit, and neither hospital nor a hold stops it (domain 10.4)."""
    return GOING & Q(planned_transfer_date__lt=as_of, in_hospital=False, on_hold=False) & ~Q(status__in=MOVED)


def safety_overdue(as_of: date) -> Q:
    """Moved, the check not completed, its day gone by."""
    return GOING & Q(status__in=VISITED, safety_due__lt=as_of, in_hospital=False) & ~Exists(_CHECKED)
