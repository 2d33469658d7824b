"""What the team goes through each day: exceptions first, then who moved and moves, hospital, what is overdue (ux 1.14, domain 5.5–5.7).

Sections hold ids, counts and states; names are put beside them where they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from mobilisation.calendars import calendar_for
from mobilisation.clock import now
from mobilisation.components import short_date
from mobilisation.models import Programme
from risks.choices import ABOUT_A_PERSON
from risks.models import Escalation
from transfers.choices import Channel, SafetyOutcome
from transfers.facts.groups import GOING, Group, groups, moves
from transfers.models import Checkpoint, ContactLog, Discrepancy, HospitalEpisode, PersonConcern, PersonTransfer, ProviderCheck, SafetyCheck
from transfers.rules import dues, gates, safety
from transfers.rules import washup as rules
from transfers.services import contents
from transfers.services.hospital import slot_until
from transfers.services.turning import states_of

LIMIT = 50
"""Lines of a section; the count says how many there are, and the tracker lists them all."""
EXCEPTIONS = ("past", "ready-missing", "unreached", "safety-overdue", "discrepancy", "unowned")
AFTER = ("stated", "hospital", "overdue", "follow-up", "not-updated")
SORTED = {"not-updated": ("touched_on", "id"), "overdue": ("overdue_from", "id"), "past": ("planned_transfer_date", "id"), "safety-overdue": ("safety_due", "id")}
FEW = {"not-updated": 10}


@dataclass(frozen=True)
class Line:
    """One person in one section. ``state``: what is missing, in words without a name; ``act``: a checkpoint, or ``safety``, ``discharge``,
    ``discrepancy``, ``concern``, ``contact``, ``note``, ``open``, ``issue``, ``provider``, ``confirm``; ``record``: public id of the record the act
    is on, of ``confirm`` the checkpoint."""

    person: str
    state: str
    priority: str = ""
    route: str = ""
    act: str = "open"
    record: str = ""
    alert: bool = False
    provisional: bool = False


@dataclass(frozen=True)
class Section:
    """``count`` may be more than ``lines``; ``show``: key of the tracker's group with exactly these rows, "" where it has none."""

    key: str
    title: str
    count: int
    lines: tuple[Line, ...]
    show: str = ""
    exception: bool = False


@dataclass
class _Read:
    """Everything that the words of the lines need, by person; a fixed number of queries."""

    marks: dict[int, list[Checkpoint]] = field(default_factory=dict)
    states: dict[int, dict[str, str]] = field(default_factory=dict)
    tries: dict[tuple[int, int], list[date]] = field(default_factory=dict)
    """{(person, 1 or 2 for the check): days on which nobody answered}"""
    discrepancies: dict[int, Discrepancy] = field(default_factory=dict)
    concerns: dict[int, PersonConcern] = field(default_factory=dict)
    stays: dict[int, HospitalEpisode] = field(default_factory=dict)
    contacts: dict[int, ContactLog] = field(default_factory=dict)

    @classmethod
    def of(cls, ids: Iterable[int]) -> _Read:
        ids = list(ids)
        found = cls()
        for mark in Checkpoint.objects.filter(person__in=ids):
            found.marks.setdefault(mark.person_id, []).append(mark)
        found.states = {pk: states_of(own) for pk, own in found.marks.items()}
        for pk, number, day in SafetyCheck.objects.filter(person__in=ids, outcome=SafetyOutcome.UNABLE).order_by("pk").values_list("person_id", "number", "done_on"):
            found.tries.setdefault((pk, number), []).append(day)
        for discrepancy in Discrepancy.objects.filter(person__in=ids, closed_on__isnull=True).order_by("-found_on", "-pk"):
            found.discrepancies[discrepancy.person_id] = discrepancy
        for concern in PersonConcern.objects.filter(person__in=ids, concern__status="open", concern__owner=None, concern__owner_name="").order_by("-pk"):
            found.concerns[concern.person_id] = concern
        for stay in HospitalEpisode.objects.filter(person__in=ids, open=True):
            found.stays[stay.person_id] = stay
        for contact in ContactLog.objects.filter(person__in=ids, follow_up_due__isnull=False, followed_up_on__isnull=True).order_by("-follow_up_due", "-pk"):
            found.contacts[contact.person_id] = contact
        return found


def counted(people: QuerySet[PersonTransfer], named: Mapping[str, Group]) -> dict[str, int]:
    numbers = people.order_by().aggregate(**{f"n{n}": Count("pk", filter=group.condition) for n, group in enumerate(named.values())})
    return {key: numbers[f"n{n}"] for n, key in enumerate(named)}


def sections(programme: Programme, people: QuerySet[PersonTransfer], as_of: date) -> tuple[list[Section], dict[str, PersonTransfer]]:
    """The sections of ``people`` (already narrowed to what the reader may see) on ``as_of``, and {public id: person} of the lines."""
    calendar = calendar_for(programme)
    named = groups(as_of)
    chosen = {key: named[key] for key in EXCEPTIONS} | {f"moves-{key}": group for key, group in moves(as_of, calendar).items()} | {key: named[key] for key in AFTER}
    counts = counted(people, chosen)
    rows = {
        key: list(people.filter(group.condition).select_related("exiting_provider", "incoming_provider").order_by(*SORTED.get(key, ("surname", "forename", "id")))[: FEW.get(key, LIMIT)])
        for key, group in chosen.items()
    }
    everybody = {person.pk: person for own in rows.values() for person in own}
    read = _Read.of(everybody)
    made = [Section(key, group.label, counts[key], tuple(_line(key, person, read, programme, as_of) for person in rows[key]), key if key in named else "", key in EXCEPTIONS) for key, group in chosen.items()]
    made[len(EXCEPTIONS) : len(EXCEPTIONS)] = [_escalations(programme), _providers(programme, as_of)]
    return made, {person.public_id: person for person in everybody.values()}


def _line(key: str, person: PersonTransfer, read: _Read, programme: Programme, as_of: date) -> Line:
    states = read.states.get(person.pk, {})
    state, act, record, alert = "", "open", "", False
    if key == "past":
        state, act = rules.past(states, person.planned_transfer_date, as_of, pace=programme.pace)
    elif key == "ready-missing":
        person.programme = programme
        state = " ".join(reason.text for reason in contents.before_ready(person, read.marks.get(person.pk, [])))
    elif key in {"unreached", "safety-overdue"}:
        second = states.get("C16") in gates.SETTLED
        due = dues.second_safety_due(person.actual_transfer_date, person.priority, dues.Limits(safety_second_c=int(programme.threshold("safety_red_second_c")))) if second else person.safety_due
        state, act = rules.check(due, read.tries.get((person.pk, 2 if second else 1), []), person.priority, bool(person.representative_name), as_of, second=second), "safety"
    elif key == "discrepancy" and (discrepancy := read.discrepancies.get(person.pk)):
        state = rules.discrepancy(discrepancy.get_kind_display(), discrepancy.found_on, called=bool(discrepancy.officer_called_on), updated=bool(discrepancy.plan_updated_on))
        act, record = "discrepancy", discrepancy.public_id
    elif key == "unowned" and (concern := read.concerns.get(person.pk)):
        state, act, record = "Nobody owns the concern: name an owner", "concern", concern.public_id
    elif key.startswith("moves-"):
        state, act = rules.move(states, person.actual_transfer_date, person.safety_due, in_hospital=person.in_hospital, held=person.on_hold, pace=programme.pace, begun=key == "moves-yesterday")
        if key == "moves-next" and act == "C15":
            act = "open"
        alert = act != "open" and key != "moves-next"
    elif key == "stated" and (said := [mark for mark in read.marks.get(person.pk, []) if mark.state == "in_progress" and not mark.risk_assessment]):
        state = "; ".join(rules.stated(mark.code, timezone.localdate(mark.marked_at) if mark.marked_at else None) for mark in said)
        act, record = "confirm", said[0].code
    elif key == "hospital" and (stay := read.stays.get(person.pk)):
        until = slot_until(stay, programme)
        state, alert = rules.stay(stay.admitted_on, stay.expected_discharge, until, as_of)
        act = "discharge"
    elif key == "overdue":
        spec = gates.BY_CODE.get(person.next_checkpoint)
        state = (f"{spec.code} {spec.short}" + (f", due {short_date(person.next_due)}" if person.next_due else "") if spec else "") + (f"; overdue since {short_date(person.overdue_from)}" if person.overdue_from else "")
        code = person.next_checkpoint
        stopped = bool(code) and (bool(gates.missing(code, states, pace=programme.pace)) or (person.on_hold and code in gates.STOPPED_BY_HOLD))
        act = "open" if stopped or not code else code
    elif key == "follow-up" and (contact := read.contacts.get(person.pk)):
        state, act, record = f"{contact.get_topic_display()}: follow up by {short_date(contact.follow_up_due)}", "contact", contact.public_id
        if contact.channel == Channel.LINK:
            state, act = rules.noted(timezone.localdate(contact.at)), "note"
    else:
        state = f"Last updated {short_date(person.touched_on)}"
    route = f"{person.exiting_provider or 'nobody'} → {person.incoming_provider or 'nobody yet'}"
    return Line(person.public_id, state, person.priority, route, act, record, alert, person.plan_provisional)


def _escalations(programme: Programme) -> Section:
    waiting = list(Escalation.objects.filter(programme=programme, issue__source=ABOUT_A_PERSON).unacknowledged().select_related("issue"))
    moment = now()
    lines = tuple(
        Line("", f"{one.issue.ref}: {one.issue.title}. To the {one.get_to_level_display().lower()}" + (f", acknowledge by {one.due_words}" if one.due_words else ""), act="issue", record=one.issue.public_id, alert=one.late(moment))
        for one in waiting[:LIMIT] if one.issue
    )
    return Section("escalations", "Escalations about people nobody has acknowledged", len(waiting), lines, exception=True)


def _providers(programme: Programme, as_of: date) -> Section:
    """Incoming providers to whom people come within a week, or came in the last one, and who were not checked (domain 5.6)."""
    near = (as_of - timedelta(days=7), as_of + timedelta(days=7))
    coming = PersonTransfer.objects.filter(GOING, programme=programme, incoming_provider__isnull=False).filter(Q(planned_transfer_date__range=near) | Q(actual_transfer_date__range=near))
    checks = {check.provider_id: check for check in ProviderCheck.objects.filter(programme=programme)}
    lines = []
    for pk, name, public_id in coming.order_by("incoming_provider__name").values_list("incoming_provider_id", "incoming_provider__name", "incoming_provider__public_id").distinct():
        check = checks.get(pk)
        if words := safety.provider_gaps(check.visits_received_on if check else None, check.on_call_works if check else None):
            lines.append(Line("", f"{name}: {words}", act="provider", record=public_id, alert=check is not None and check.on_call_works is False))
    return Section("providers", "Incoming providers not checked yet", len(lines), tuple(lines[:LIMIT]), exception=True)


def as_json(made: Iterable[Section]) -> list[dict[str, Any]]:
    """For keeping: ids, counts and states."""
    return [{"key": one.key, "title": one.title, "count": one.count, "exception": one.exception, "lines": [vars(line) for line in one.lines]} for one in made]


def from_json(kept: Iterable[Mapping[str, Any]]) -> list[Section]:
    """As :func:`as_json` wrote it; what a later version no longer knows is left out."""
    known = set(Line.__dataclass_fields__)
    return [
        Section(str(one["key"]), str(one["title"]), int(one["count"]), tuple(Line(**{name: value for name, value in line.items() if name in known}) for line in one["lines"]), exception=bool(one.get("exception")))
        for one in kept
    ]
