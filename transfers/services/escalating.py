"""People go up the ladder by themselves (domain 5.13): past their day without a first visit, or with an overdue safety check, they are
raised once, and settled when it is no longer so; a missed visit that did harm is raised by whoever records it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from mobilisation.access import Actor
from mobilisation.calendars import calendar_for
from mobilisation.clock import today
from mobilisation.models import Programme
from mobilisation.services import changes, slots
from risks.choices import IssueStatus
from risks.models import Issue
from risks.rules import Trigger
from risks.services import escalation, issues
from transfers.facts.groups import MOVED, past_transfer, safety_overdue
from transfers.models import Checkpoint, PersonEscalation, PersonTransfer
from transfers.rules import escalating as rules
from transfers.rules.gates import SETTLED

EVERY_MINUTES = 15
Key = tuple[int, str]


def tick(moment: datetime) -> None:
    """Every quarter of an hour, so that the team reads of it well within two hours; a second run finds nothing to do."""
    if not cache.add(f"transfers:escalations:{moment:%Y%m%d%H}{moment.minute // EVERY_MINUTES}", 1, 3600):
        return
    programmes = Programme.objects.open().filter(pk__in=PersonTransfer.objects.values("programme"))
    slots.each(programmes, lambda programme: watch(programme, actor=Actor.system("escalation of people"), as_of=timezone.localdate(moment)), "escalation of people")


def watch(programme: Programme, *, actor: Actor, as_of: date | None = None) -> tuple[int, int]:
    """Raise what stands and was not raised, settle what was raised and no longer stands; returns how many of each."""
    day = as_of or today()
    if not any(rules.to_do(_found(programme, day), _raised(programme))) and not _ended(programme).exists():
        return 0, 0
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)  # two ticks at once would both find it unraised
        found, raised = _found(programme, day), _raised(programme)
        fresh, gone = rules.to_do(found, raised)
        _settle(programme, [raised[key] for key in gone], actor)
        changes.bulk_apply([(row, {"settled_on": day}) for row in _ended(programme)], actor=actor, programme=programme, action="settled")
        for trigger in rules.STANDING:
            _raise(programme, trigger, [found[key] for key in fresh if key[1] == trigger], actor)
    return len(fresh), len(gone)


def harm_done(person: PersonTransfer, *, actor: Actor) -> PersonEscalation:
    """Somebody was harmed by a visit that did not come: the leads and the commissioning officer are told at once. The caller holds the
    person locked and has asked the right."""
    made = issues.raise_about_people(person.programme, [_title(rules.HARM, person)], actor=actor)[0]
    escalation.raise_people(person.programme, Trigger.MISSED_VISIT_WITH_HARM, [made], rules.WORDS[rules.HARM], actor=actor)
    return changes.create(PersonEscalation(person=person, trigger=rules.HARM, since=today(), issue=made), actor=actor, action="escalated")


def _title(trigger: str, person: PersonTransfer) -> str:
    return f"{rules.WORDS[trigger]} ({person.public_id})"


def _found(programme: Programme, as_of: date) -> dict[Key, PersonTransfer]:
    """{(person, trigger): person} of what stands. Whoever was just put on the list has the time of domain 10.3."""
    people = PersonTransfer.objects.filter(programme=programme).only("pk", "public_id", "programme", "planned_transfer_date", "safety_due")
    listed = calendar_for(programme).add(as_of, -int(programme.threshold("no_due_before_listing_w")))
    conditions = {rules.NO_FIRST_VISIT: past_transfer(as_of) & Q(listed_on__lt=listed), rules.SAFETY_OVERDUE: safety_overdue(as_of)}
    return {(person.pk, trigger): person for trigger, condition in conditions.items() for person in people.filter(condition).order_by("pk")}


def _raised(programme: Programme) -> dict[Key, PersonEscalation]:
    rows = PersonEscalation.objects.filter(person__programme=programme, settled_on__isnull=True, trigger__in=rules.STANDING).select_related("issue", "person__programme")
    return {(row.person_id, row.trigger): row for row in rows}


def _ended(programme: Programme) -> QuerySet[PersonEscalation]:
    """Harm whose issue somebody has resolved."""
    return PersonEscalation.objects.filter(person__programme=programme, settled_on__isnull=True, trigger=rules.HARM, issue__status=IssueStatus.RESOLVED).select_related("person")


def _raise(programme: Programme, trigger: str, people: Sequence[PersonTransfer], actor: Actor) -> None:
    if not people:
        return
    made = issues.raise_about_people(programme, [_title(trigger, person) for person in people], actor=actor)
    days = [person.planned_transfer_date if trigger == rules.NO_FIRST_VISIT else person.safety_due for person in people]
    for person in people:
        person.programme = programme  # in hand: history reads it of each
    rows = [PersonEscalation(person=person, trigger=trigger, since=day or today(), issue=issue) for person, day, issue in zip(people, days, made, strict=True)]
    changes.bulk_create(rows, actor=actor, programme=programme, action="escalated")
    escalation.raise_people(programme, Trigger(trigger), made, rules.WORDS[trigger], actor=actor)


def _settle(programme: Programme, rows: Sequence[PersonEscalation], actor: Actor) -> None:
    if not rows:
        return
    checked = set(Checkpoint.objects.filter(person__in=[row.person_id for row in rows], code="C16", state__in=SETTLED).values_list("person_id", flat=True))
    held = Issue.objects.select_for_update().in_bulk([row.issue_id for row in rows])
    said = [(row, rules.settled_because(row.trigger, _stands(row, row.person_id in checked), row.since)) for row in rows]
    issues.resolve_about_people(programme, [(held[row.issue_id], words) for row, words in said], actor=actor)
    for words in sorted({words for _, words in said}):
        changes.bulk_apply([(row, {"settled_on": today()}) for row, own in said if own == words], actor=actor, why=words, programme=programme, action="settled")


def _stands(row: PersonEscalation, checked: bool) -> rules.Stands:
    person, first = row.person, row.trigger == rules.NO_FIRST_VISIT
    return rules.Stands(
        ending=person.get_ending_display() if person.ending else "", done=person.status in MOVED if first else checked, in_hospital=person.in_hospital, on_hold=person.on_hold and first,
        day=person.planned_transfer_date if first else person.safety_due,
    )
