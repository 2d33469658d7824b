"""Groups of people that are counted and listed: the dashboard, the counters of the tracker, its rows and its export all
ask here, so that a number always equals the rows behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from mobilisation.working_days import WorkingCalendar
from transfers.choices import SafetyOutcome, Status
from transfers.models import Checkpoint, ContactLog, Discrepancy, PersonConcern, PersonTransfer, SafetyCheck
from transfers.rules.gates import SETTLED
from transfers.rules.orders import NO_ORDER
from transfers.rules.safety import TRIES

MOVED = (Status.TRANSFERRED, Status.SETTLED, Status.CLOSED)
READY = (Status.READY, *MOVED)
GOING = Q(ending="")
HAS_MOVED = GOING & Q(status__in=MOVED, in_hospital=False)
"""Counted as transferred; nobody in hospital is (domain 5.5)."""
VISITED = (Status.TRANSFERRED, Status.SETTLED)
"""The first visit is done. A validated plan makes somebody settled and stands for no safety check."""
_UNOWNED = PersonConcern.objects.filter(person=OuterRef("pk"), concern__status="open", concern__owner=None, concern__owner_name="")  # scope: only inside Exists() of people already scoped
_TOLD = Checkpoint.objects.filter(person=OuterRef("pk"), code="C04", state__in=list(SETTLED))  # scope: only inside Exists() of people already scoped
_CHECKED = Checkpoint.objects.filter(person=OuterRef("pk"), code="C16", state__in=list(SETTLED))  # scope: only inside Exists() of people already scoped
_ORDERED = Checkpoint.objects.filter(person=OuterRef("pk"), code="C10", state="done")  # scope: only inside Exists() of people already scoped
_PACKED = Checkpoint.objects.filter(person=OuterRef("pk"), code="C11", state="done")  # scope: only inside Exists() of people already scoped
_DAY = timedelta(days=1)
_UNCOVERED = Q(in_hospital=False, actual_transfer_date__isnull=True) & (
    Q(new_order_start__gt=F("planned_transfer_date"))
    | Q(planned_transfer_date__gt=F("old_order_end") + _DAY) & (Q(hospital_asked_on__isnull=True) | Q(planned_transfer_date__gt=F("hospital_asked_on") + _DAY))
)
"""Days without anybody who may care (:func:`transfers.rules.orders.uncovered`)."""


WORD_WAITS = Q(state="in_progress", risk_assessment="")
"""Of checkpoints: a provider has stated it, and nobody has confirmed it yet. With a risk assessment it is a waiver that was asked."""
_STATED = Checkpoint.objects.filter(WORD_WAITS, person=OuterRef("pk"))  # scope: only inside Exists() of people already scoped


@dataclass(frozen=True)
class Group:
    """``condition`` on people. ``counter``: shown above the tracker; the others are reached from the dashboard."""

    label: str
    condition: Q
    tone: str = ""
    counter: bool = True


@lru_cache(maxsize=4)
def groups(as_of: date) -> Mapping[str, Group]:
    """{key: group}; the key stands in the address of the tracker (``?show=``). The same for a day: a condition is copied where it is used.

    What few rows meet stands first in those that are counters: the database asks in the order written, and asks the rest of those few only (a third less among 25,000).
    """
    blue = Q(blue=True) & (Q(blue_until__isnull=True) | Q(blue_until__gte=as_of))
    return MappingProxyType({
        "": Group("All", Q()),
        "today": Group("Due today", Q(next_due=as_of) & GOING, "amber"),
        "overdue": Group("Overdue", Q(overdue_from__lte=as_of) & GOING, "red"),
        "hold": Group("On hold", Q(on_hold=True) & GOING, "amber"),
        "hospital": Group("In hospital", Q(in_hospital=True) & GOING, "amber"),
        "no-provider": Group("No incoming provider", Q(incoming_provider__isnull=True) & GOING, "amber"),
        "safety": Group("Safety check outstanding", outstanding_checks(), "red"),
        "changed": Group("Changed since yesterday", Q(touched_on__gte=as_of - timedelta(days=1))),
        "going": Group("To transfer", GOING, counter=False),
        "ready": Group("Ready or moved", GOING & Q(status__in=READY), counter=False),
        "moved": Group("Transferred", HAS_MOVED, counter=False),
        "past": Group("Past the date without a first visit", past_transfer(as_of), "red", counter=False),
        "ready-missing": Group("Ready, and what C10 or C11 rests on is missing now", GOING & Q(status=Status.READY) & (orders_gone() | pack_gone()), "red", counter=False),
        "safety-overdue": Group("Safety check overdue", safety_overdue(as_of), "red", counter=False),
        "unreached": Group("Nobody answered twice in a day", unreached(), "red", counter=False),
        "discrepancy": Group("Care-plan discrepancy to call about or put right", Exists(open_discrepancies(as_of)) & GOING, "red", counter=False),
        "stated": Group("A provider's word waits to be confirmed", Exists(_STATED) & GOING, "amber", counter=False),
        "unowned": Group("Safeguarding concern without an owner", Exists(_UNOWNED) & GOING, "red", counter=False),
        "follow-up": Group("Call or note to follow up", Exists(follow_ups(as_of)) & GOING, "amber", counter=False),
        "untold": Group("Not told yet", GOING & ~Exists(_TOLD), "amber", counter=False),
        "telling": Group("How to tell them is not decided", GOING & Q(cognitive_or_ld=True, telling_decision=""), "amber", counter=False),
        "action-overdue": Group("Next action overdue", GOING & Q(next_action_due__lt=as_of), "amber", counter=False),
        "not-updated": Group("Not updated today", GOING & ~blue & Q(touched_on__lt=as_of), counter=False),
        "at-risk": Group("Amber or Red", GOING & ~blue & (Q(red_from__lte=as_of) | Q(amber_from__lte=as_of)), "amber", counter=False),
    })


def counted(people: QuerySet[PersonTransfer], as_of: date, keys: Iterable[str]) -> dict[str, int]:
    """{key: how many of ``people`` are in that group}, in one statement. What it asks is put into SQL once a day: that cost as much as the answer."""
    numbers = {key: RawSQL(*_number(key, as_of), output_field=IntegerField()) for key in keys}  # noqa: S611  compiled from the conditions above
    return dict(zip(numbers, people.order_by().values_list(*numbers.values()).get(), strict=True))


@lru_cache(maxsize=128)
def _number(key: str, as_of: date) -> tuple[str, tuple[Any, ...]]:
    """The number of people in a group as SQL over the table of people, and its parameters."""
    query = PersonTransfer.objects.all().query  # scope: nobody is read by it
    count = Count("pk", filter=groups(as_of)[key].condition or None).resolve_expression(query)
    text, parameters = query.get_compiler(using=DEFAULT_DB_ALIAS).compile(count)
    return text, tuple(parameters)


def past_transfer(as_of: date) -> Q:
    """The planned day has gone by without a first visit, and neither hospital nor a hold stops it (domain 10.4)."""
    return GOING & Q(planned_transfer_date__lt=as_of, in_hospital=False, on_hold=False) & ~Q(status__in=MOVED)


def orders_gone() -> Q:
    """C10 is done and one of the things it rests on is not there (:func:`transfers.rules.orders.c10_missing`, ``uncovered``)."""
    empty = Q(old_order_end__isnull=True) | Q(new_order_ref="") | Q(new_order_start__isnull=True) | Q(payment_ref="")
    return Exists(_ORDERED) & (Q(orders_shared_on__isnull=True) | (empty | _UNCOVERED) & ~Q(funding_type__in=sorted(NO_ORDER)))


def pack_gone() -> Q:
    """C11 is done and the person has refused sharing, without a word of how care stays safe (:func:`transfers.rules.sharing.pack_refused`)."""
    return Exists(_PACKED) & Q(sharing_basis="refused", safe_without_sharing="")


def outstanding_checks() -> Q:
    """The first visit is done and the safety check is not."""
    return Q(status__in=VISITED) & GOING & ~Exists(_CHECKED)


def safety_overdue(as_of: date) -> Q:
    """Moved, the check not completed, its day gone by."""
    return GOING & Q(status__in=VISITED, safety_due__lt=as_of, in_hospital=False) & ~Exists(_CHECKED)


def unreached() -> Q:
    """The safety check was tried twice on one day since the move without an answer, and nobody has answered since; of somebody with
    priority Red the second check too, once the first is done (domain 5.6)."""
    since = SafetyCheck.objects.filter(person=OuterRef("pk"), done_on__gte=Coalesce(OuterRef("actual_transfer_date"), Value(date(1900, 1, 1))))  # scope: only inside Exists()

    def twice(number: int) -> Exists:
        tries = since.filter(number=number, outcome=SafetyOutcome.UNABLE)
        return Exists(tries.order_by().values("person", "done_on").annotate(tries=Count("pk")).filter(tries__gte=TRIES))

    second = Q(priority="R") & Exists(_CHECKED) & twice(2) & ~Exists(since.filter(number=2).exclude(outcome=SafetyOutcome.UNABLE))
    return GOING & Q(status__in=VISITED, in_hospital=False) & ((~Exists(_CHECKED) & twice(1)) | second)


def open_discrepancies(as_of: date) -> Any:
    """Those that wait for the call to the officer or for the plan, from the day they were found: both are due that day (domain 5.7). Of
    the person of the outer query."""
    done = Q(officer_called_on__isnull=False, plan_updated_on__isnull=False)
    return Discrepancy.objects.filter(person=OuterRef("pk"), closed_on__isnull=True, found_on__lte=as_of).exclude(done)  # scope: only inside Exists()


def follow_ups(as_of: date) -> Any:
    """Calls, and notes by update link, whose follow-up is due and not done, of the person of the outer query."""
    return ContactLog.objects.filter(person=OuterRef("pk"), follow_up_due__lte=as_of, followed_up_on__isnull=True)  # scope: only inside Exists()


def moves(as_of: date, calendar: WorkingCalendar) -> dict[str, Group]:
    """Planned or done between the last working day and the next: on a Friday “next” holds the weekend too, on a Monday “yesterday”."""
    day = timedelta(days=1)
    before, after = calendar.add(as_of, -1), calendar.add(as_of, 1)

    def between(first: date, last: date) -> Q:
        return GOING & (Q(planned_transfer_date__range=(first, last)) | Q(actual_transfer_date__range=(first, last)))

    return {
        "yesterday": Group(_days("Moved or due to move", before, as_of - day), between(before, as_of - day)),
        "today": Group("Moving today", between(as_of, as_of)),
        "next": Group(_days("Moving", as_of + day, after), between(as_of + day, after)),
    }


def _days(words: str, first: date, last: date) -> str:
    return f"{words} {first:%a} {first.day} {first:%b}" + (f" to {last:%a} {last.day} {last:%b}" if last != first else "")
