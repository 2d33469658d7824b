"""The people side of the position: counts, never names, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import BooleanField, CharField, Count, DateField, Exists, ExpressionWrapper, Min, Q, Value

from mobilisation.calendars import calendar_for
from mobilisation.models import Programme, RoleAssignment
from transfers.choices import ContactRole, PlanStatus
from transfers.facts.groups import GOING, groups
from transfers.models import Checkpoint, PersonTransfer, SafetyCheck
from transfers.rules.gates import CHECKPOINTS, SETTLED

Told = tuple[str, str, str, str, str, str, str, str, str]
_TELLING = ("surname", "forename", "nhs_number", "case_system_id", "phone", "representative_phone", "address", "postcode", "representative_name", "date_of_birth")


def _told(row: tuple[Any, ...]) -> Told:
    surname, forename, nhs_number, case_reference, phone, representative_phone, address, postcode, representative, born = row
    return surname, forename, nhs_number, case_reference, f"{phone}; {representative_phone}" if phone or representative_phone else "", address, postcode, representative, born.isoformat() if born else ""


def _telling(people: Any, *before: str) -> Iterable[tuple[Any, ...]]:
    """``before`` and what tells of ``people``, then of their other contacts (their doctors and case managers answer by name); one query."""
    nothing = Value("", output_field=CharField())
    contacts = people.filter(Q(personcontacts__main=False) | Q(personcontacts__address__gt="") | Q(personcontacts__email__gt=""), personcontacts__role__in=set(ContactRole) - {ContactRole.GP, ContactRole.CASE_MANAGER})
    theirs = ("personcontacts__phone", "personcontacts__email", "personcontacts__address", nothing, "personcontacts__name", Value(None, output_field=DateField()))
    return people.values_list(*before, *_TELLING).union(contacts.values_list(*before, nothing, nothing, nothing, nothing, *theirs), all=True)


def identifiers(programme: Programme) -> Iterable[Told]:
    """(surname, forename, NHS number, case-system reference, telephone numbers and e-mail addresses, address, postcode, representative, date of birth) of everybody on the list, ended
    or not, and as far as it applies of their contacts; one query, to find them in what somebody wrote. Never to be shown."""
    return map(_told, _telling(PersonTransfer.objects.filter(programme=programme).order_by()))


def hidden_people(user: Any, programme: Programme | None, some_seen: bool = True) -> list[tuple[bool, Told]]:
    """(does ``user`` see the person, what :func:`identifiers` tells) of everybody on the list of ``programme``; without one, of every
    programme the user has a role in that does not show its whole list, and with a role on the whole site of every programme. One query."""
    people = PersonTransfer.objects.order_by()
    if programme is not None:
        people = people.filter(programme=programme)
    else:
        mine = RoleAssignment.objects.active().filter(user=user)
        whole = mine.showing_everybody()
        people = people.filter(Q(programme__in=mine.values("programme_id")) | Exists(mine.filter(programme__isnull=True))).exclude(programme__in=whole.values("programme_id"))
    if not some_seen:
        return [(False, _told(row)) for row in _telling(people)]
    return _parted(people, Q(pk__in=PersonTransfer.objects.visible_to(user).order_by().values("pk")))


def beside(programme: Programme, people: Collection[PersonTransfer]) -> list[tuple[bool, Told]]:
    """(is it one of ``people``, what :func:`identifiers` tells) of everybody on the list: what is written for a provider names nobody else. One query."""
    return _parted(PersonTransfer.objects.filter(programme=programme).order_by(), Q(pk__in=[person.pk for person in people]))


def _parted(people: Any, seen: Q) -> list[tuple[bool, Told]]:
    marked = people.annotate(_seen=ExpressionWrapper(seen, output_field=BooleanField()))
    return [(bool(row[0]), _told(row[1:])) for row in _telling(marked, "_seen")]


@dataclass(frozen=True)
class PeopleFacts:
    """``total``: everyone on the list who has not withdrawn, died or moved away.

    Percentages are 0 to 100, unrounded; None where there is nobody to count. Keys of ``by_colour``: B G A R N,
    of ``by_priority``: R A G unrated. ``funnel``: (code, title, done, total); ``funnel_by_*``: (name, {code: done}, total);
    ``burn_up``: (day, planned so far, transferred so far), by baseline T.
    """

    total: int = 0
    listed: int = 0
    ready: int = 0
    transferred: int = 0
    in_hospital: int = 0
    on_hold: int = 0
    at_risk: int = 0
    by_colour: Mapping[str, int] = field(default_factory=dict)
    by_priority: Mapping[str, int] = field(default_factory=dict)
    past_t_without_c15: int = 0
    safety_checks_overdue: int = 0
    red_safety_checks_overdue: int = 0
    ready_pct: float | None = None
    planned_pct: float | None = None
    no_incoming: int = 0
    plans_validated: int = 0
    plans_provisional: int = 0
    funnel: tuple[tuple[str, str, int, int], ...] = ()
    funnel_by_wave: tuple[tuple[str, Mapping[str, int], int], ...] = ()
    funnel_by_provider: tuple[tuple[str, Mapping[str, int], int], ...] = ()
    burn_up: tuple[tuple[date, int, int], ...] = ()
    updated_within_5w_pct: float | None = None
    endings: Mapping[str, int] = field(default_factory=dict)
    safety_check_outcomes: Mapping[str, int] = field(default_factory=dict)


def people_facts(programme: Programme, as_of: date) -> PeopleFacts:
    """Facts about the people of ``programme`` on ``as_of``; eight queries, however many people."""
    people = PersonTransfer.objects.filter(programme=programme)
    going = people.filter(GOING)
    calendar = calendar_for(programme)
    fresh_from = calendar.add(as_of, -int(programme.threshold("person_stale_w")))
    named = {key: group.condition for key, group in groups(as_of).items()}
    counted = going.aggregate(
        n_total=Count("pk"), n_ready=Count("pk", filter=named["ready"]), n_transferred=Count("pk", filter=named["moved"]), n_in_hospital=Count("pk", filter=named["hospital"]),
        n_on_hold=Count("pk", filter=named["hold"]), n_past=Count("pk", filter=named["past"]),
        n_checks=Count("pk", filter=named["safety-overdue"]), n_red_checks=Count("pk", filter=named["safety-overdue"] & Q(priority="R")),
        n_planned=Count("pk", filter=Q(baseline_transfer_date__lte=as_of)), n_no_incoming=Count("pk", filter=named["no-provider"]),
        n_validated=Count("pk", filter=Q(plan_status=PlanStatus.VALIDATED)), n_provisional=Count("pk", filter=~Q(plan_status__in=["", PlanStatus.VALIDATED])),
        n_fresh=Count("pk", filter=Q(touched_on__gt=fresh_from)), n_red=Count("pk", filter=Q(priority="R")), n_amber=Count("pk", filter=Q(priority="A")),
        n_green=Count("pk", filter=Q(priority="G")), n_unrated=Count("pk", filter=Q(priority="")),
    )
    total = counted["n_total"]
    colours = {letter: 0 for letter in "BGARN"} | dict(going.with_progress(as_of).values_list("colour").annotate(n=Count("pk")).order_by())
    sizes = list(going.values_list("wave", "incoming_provider__name").annotate(n=Count("pk")).order_by("wave", "incoming_provider__name"))
    marks = list(
        Checkpoint.objects.filter(person__programme=programme, person__ending="", state__in=SETTLED)
        .values_list("code", "person__wave", "person__incoming_provider__name").annotate(n=Count("pk")).order_by()
    )
    funnel: dict[str, int] = {}
    for code, _, _, n in marks:
        funnel[code] = funnel.get(code, 0) + n
    dates = list(going.values_list("baseline_transfer_date", "actual_transfer_date").annotate(n=Count("pk")).order_by())
    return PeopleFacts(
        total=total, listed=total, ready=counted["n_ready"], transferred=counted["n_transferred"], in_hospital=counted["n_in_hospital"], on_hold=counted["n_on_hold"],
        at_risk=colours["A"] + colours["R"], by_colour=colours,
        by_priority={"R": counted["n_red"], "A": counted["n_amber"], "G": counted["n_green"], "unrated": counted["n_unrated"]},
        past_t_without_c15=counted["n_past"], safety_checks_overdue=counted["n_checks"], red_safety_checks_overdue=counted["n_red_checks"],
        ready_pct=_share(counted["n_ready"], total), planned_pct=_share(counted["n_planned"], total), no_incoming=counted["n_no_incoming"],
        plans_validated=counted["n_validated"], plans_provisional=counted["n_provisional"],
        funnel=tuple((c.code, c.short, funnel.get(c.code, 0), total) for c in CHECKPOINTS),
        funnel_by_wave=_grouped([(wave or "No wave", n) for wave, _, n in sizes], [(code, wave or "No wave", n) for code, wave, _, n in marks]),
        funnel_by_provider=_grouped([(name or "No incoming provider", n) for _, name, n in sizes], [(code, name or "No incoming provider", n) for code, _, name, n in marks]),
        burn_up=_burn_up(dates, as_of), updated_within_5w_pct=_share(counted["n_fresh"], total),
        endings=dict(people.exclude(GOING).values_list("ending").annotate(n=Count("pk")).order_by("ending")),
        safety_check_outcomes=dict(SafetyCheck.objects.filter(person__programme=programme, number=1).values_list("outcome").annotate(n=Count("pk")).order_by("outcome")),
    )


def _share(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


def _grouped(groups: list[tuple[str, int]], marks: list[tuple[str, str, int]]) -> tuple[tuple[str, Mapping[str, int], int], ...]:
    totals: dict[str, int] = {}
    done: dict[str, dict[str, int]] = {}
    for name, n in groups:
        totals[name] = totals.get(name, 0) + n
    for code, name, n in marks:
        row = done.setdefault(name, {})
        row[code] = row.get(code, 0) + n
    return tuple((name, done.get(name, {}), totals[name]) for name in sorted(totals, key=lambda name: (name.startswith("No "), name)))


def _burn_up(dates: list[tuple[date | None, date | None, int]], as_of: date) -> tuple[tuple[date, int, int], ...]:
    """One point for each day on which somebody was planned to move or moved, and one for today."""
    days = sorted({day for planned, actual, _ in dates for day in (planned, actual) if day} | ({as_of} if dates else set()))
    return tuple(
        (day, sum(n for planned, _, n in dates if planned and planned <= day), sum(n for _, actual, n in dates if actual and actual <= min(day, as_of))) for day in days
    )


def checkpoint_counts(programme: Programme) -> dict[str, tuple[int, int]]:
    """{code: (people settled, people going)}: the progress of plan steps that follow a checkpoint; two queries."""
    total = PersonTransfer.objects.filter(programme=programme).filter(GOING).count()
    done = dict(
        Checkpoint.objects.filter(person__programme=programme, person__ending="", state__in=SETTLED).values_list("code").annotate(n=Count("pk")).order_by()
    )
    return {checkpoint.code: (done.get(checkpoint.code, 0), total) for checkpoint in CHECKPOINTS}


def first_transfer(programme: Programme) -> date | None:
    """The first planned T of anybody going: the anchor of T-steps of the plan."""
    found: date | None = PersonTransfer.objects.filter(programme=programme).filter(GOING).aggregate(first=Min("planned_transfer_date"))["first"]
    return found
