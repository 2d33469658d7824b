"""From what somebody asks of many people to what is shown, and from what was shown to what is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Change, Programme
from mobilisation.roles import Can
from mobilisation.services import changes, rows
from mobilisation.services.changes import as_json, entity_name
from transfers.choices import BatchKind, BatchState, LineOutcome
from transfers.models import Allocation, Batch, BatchLine, Checkpoint, Hold, PersonTransfer
from transfers.rules import gates
from transfers.services.batches import fields, holds, marks, offers
from transfers.services.batches.cells import WILL, Frame, Key, Part, Verdict, Wish, key_of
from transfers.services.rights import ended_refused, is_provider

MOST_PEOPLE = 5_000
MOST_CELLS = 20_000
KEPT = timedelta(days=1)
"""How long something that was only shown waits to be confirmed."""
ORDER = (fields, offers, marks, holds)
"""What is written first: a mark may rest on what the same batch writes."""


def part_of(field: str) -> Part:
    if field in gates.BY_CODE:
        return marks.PART
    return {offers.NAME: offers.PART, holds.NAME: holds.PART}.get(field, fields.PART)


def parts(items: Iterable[Any]) -> list[tuple[Part, list[Any]]]:
    """``items`` (lines or wishes) with their parts, in the order of ``ORDER``."""
    by: dict[int, list[Any]] = {}
    for item in items:
        by.setdefault(id(part_of(item.field)), []).append(item)
    return [(module.PART, by[id(module.PART)]) for module in ORDER if id(module.PART) in by]


def require_team(actor: Actor) -> None:
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("Changing many people at once is for the mobilisation team.")


def people_of(programme: Programme, pks: Iterable[int], *, locked: bool = False) -> dict[int, PersonTransfer]:
    """{key: person} of ``programme`` only, locked in one order so that two batches cannot wait for each other."""
    found = PersonTransfer.objects.filter(programme=programme, pk__in=set(pks)).order_by("pk")
    people = {person.pk: person for person in (found.select_for_update(of=("self",), no_key=True) if locked else found)}
    for person in people.values():
        person.programme = programme
    return people


def ended(people: Mapping[int, PersonTransfer]) -> dict[int, str]:
    """{person: why nothing is changed} of those who died, withdrew or moved away: a change to many is no place to close somebody's affairs."""
    return {pk: reasons[0].text for pk, person in people.items() if (reasons := ended_refused(person))}


@transaction.atomic
def propose(programme: Programme, kind: str, what: str, wishes: Sequence[Wish], *, actor: Actor, why: str = "", asked: Mapping[str, Any] | None = None, picked: str = "") -> Batch:
    """Work out what would become of ``wishes`` and keep it for whoever confirms. Nothing of a person is changed.

    ``asked``: what the act asks beside its cells ({"review_on": "2027-04-01"}); ``picked``: how the people were chosen, in words.
    """
    require_team(actor)
    _refuse_too_much(wishes)
    if kind in {BatchKind.HOLD, BatchKind.LIFT} and not why.strip():
        raise Refused(Reason("Say why transfers are held." if kind == BatchKind.HOLD else "Say why the hold is lifted.", field="why"))
    people = people_of(programme, (wish.person for wish in wishes))
    own = [wish for wish in wishes if wish.person in people]
    given: dict[str, Any] = dict(asked or {})
    frame = Frame(programme, actor, people, why, why, given | {"leaves": _leaves(own), "exact": kind == BatchKind.PASTE})
    found = _unread(frame, [wish for wish in own if wish.fault])
    for part, group in parts(wish for wish in own if not wish.fault):
        found |= part.judge(frame, group)
    gone = ended(people)
    found |= {key: replace(verdict, outcome=LineOutcome.REFUSED, reason=gone[key[0]]) for key, verdict in found.items() if key[0] in gone}
    counts = Counter(verdict.outcome for verdict in found.values())
    batch = changes.create(
        Batch(
            programme=programme, kind=kind, what=what[:300], why=why[:300], picked=picked[:300], asked=given, made_by=actor.user, made_as=actor.label[:150],
            changed=counts[WILL], unchanged=counts[LineOutcome.SAME], refused=counts[LineOutcome.REFUSED],
        ),
        actor=actor, action="shown",
    )
    _insert(batch, [((wish.person, wish.field), found[wish.person, wish.field]) for wish in own], actor)
    return batch


def _unread(frame: Frame, wishes: Sequence[Wish]) -> dict[Key, Verdict]:
    """Of cells for which something was typed that cannot be read: refused, beside what stands."""
    found: dict[Key, Any] = {}
    for wish in wishes:
        if wish.field in fields.CHANGED_TOGETHER:
            found[wish.person, wish.field] = fields.stands(frame.people[wish.person], wish.field)
        elif wish.field == offers.NAME:
            found[wish.person, wish.field] = frame.people[wish.person].incoming_provider_id
    if codes := {wish.field for wish in wishes if wish.field in gates.BY_CODE}:
        done = Checkpoint.objects.filter(person__in={wish.person for wish in wishes}, code__in=codes, done_on__isnull=False).values_list("person_id", "code", "done_on")
        found |= {(pk, code): as_json(day) for pk, code, day in done}
    olds = ((wish, found.get((wish.person, wish.field))) for wish in wishes)
    return {(wish.person, wish.field): Verdict(LineOutcome.REFUSED, wish.fault, old, wish.shown, seen={wish.field: old}) for wish, old in olds}


def _refuse_too_much(wishes: Sequence[Wish]) -> None:
    number = len({wish.person for wish in wishes})
    if not number:
        raise Refused("Tick the people first, then choose what to change.")
    if number > MOST_PEOPLE:
        raise Refused(f"{number:,} people are chosen; at most {MOST_PEOPLE:,} are changed at once. Narrow the filter.")
    if len(wishes) > MOST_CELLS:
        raise Refused(f"{len(wishes):,} cells are asked for; at most {MOST_CELLS:,} are changed at once.")


def _leaves(wishes: Sequence[Wish]) -> dict[int, dict[str, Any]]:
    """{person: the plain fields that the batch writes before it marks anything}."""
    found: dict[int, dict[str, Any]] = {}
    for wish in wishes:
        if not wish.fault and part_of(wish.field) is fields.PART:
            found.setdefault(wish.person, {})[wish.field] = wish.value
    return found


def _insert(batch: Batch, found: Iterable[tuple[Key, Verdict]], actor: Actor) -> None:
    lines = [
        {
            "batch_id": batch.pk, "person_id": pk, "field": field, "old": verdict.old, "new": verdict.new, "seen": verdict.seen, "outcome": str(verdict.outcome.value), "reason": verdict.reason,
            "record": verdict.record, "left_at": verdict.version,
        }
        for (pk, field), verdict in dict(found).items()
    ]
    rows.insert(BatchLine, lines, by=actor.user.pk if actor.user else None)


@transaction.atomic
def confirm(batch: Batch, *, actor: Actor) -> Batch:
    """Do what was shown, once: whoever sends it a second time gets the batch that was made. What somebody changed meanwhile is
    left out and named."""
    require_team(actor)
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    locked.programme = batch.programme
    if locked.state in {BatchState.DONE, BatchState.UNDONE}:
        return locked
    if locked.state == BatchState.DROPPED:
        raise Refused("This was shown more than a day ago and is thrown away. Choose the people again.")
    if locked.made_by_id != (actor.user.pk if actor.user else None):
        raise Refused(f"{locked.made_as} chose this. Choose the people yourself, so that you see what you confirm.")
    lines = list(locked.lines.filter(outcome=WILL).order_by("pk"))
    people = people_of(locked.programme, (line.person_id for line in lines), locked=True)
    frame = Frame(locked.programme, actor, people, f"{locked.why or locked.what} (batch {locked.public_id})", locked.why, locked.asked)
    gone = ended(people)
    verdicts = {key_of(line): Verdict(LineOutcome.REFUSED, gone[line.person_id]) for line in lines if line.person_id in gone}
    moved = _moved(frame, [line for line in lines if line.person_id not in gone])
    for part, group in parts(line for line in lines if key_of(line) not in moved and line.person_id not in gone):
        verdicts |= part.write(frame, group)
    for line in lines:
        verdict = verdicts.pop(key_of(line), None)
        line.outcome, line.reason = (verdict.outcome, verdict.reason) if verdict else (LineOutcome.MOVED, moved[key_of(line)])
        line.record, line.left_at = (verdict.record, verdict.version) if verdict else (None, None)
    if lines:
        changes.upsert(BatchLine, lines, ("outcome", "reason", "record", "left_at"))
    _insert(locked, verdicts.items(), actor)
    counts = Counter(line.outcome for line in lines)
    values = {
        "state": BatchState.DONE, "made_at": now(), "changed": counts[LineOutcome.DONE], "refused": locked.refused + counts[LineOutcome.REFUSED], "left_out": counts[LineOutcome.MOVED],
    }
    changes.apply(locked, values, actor=actor, why=locked.why, action="done")
    return locked


def _moved(frame: Frame, lines: Sequence[BatchLine]) -> dict[Key, str]:
    """{cell: what changed since it was shown, who did it and when}; one statement more for all of them."""
    stale: dict[Key, list[str]] = {}
    for part, group in parts(lines):
        standing = part.seen(frame, group)
        for line in group:
            names = [name for name, value in standing[key_of(line)].items() if line.seen.get(name) != value]
            if names:
                stale[key_of(line)] = names
    if not stale:
        return {}
    told = _told(stale)
    return {(pk, field): "\n".join(told.get((pk, name)) or f"{_title(name)} was changed meanwhile." for name in names) for (pk, field), names in stale.items()}


def _told(stale: Mapping[Key, Sequence[str]]) -> dict[Key, str]:
    """{(person, name): who changed it last}: of the person's own fields, its marks, offers and holds."""
    pks = {pk for pk, _ in stale}
    by_record: dict[tuple[str, int], Key] = {}
    wanted = {name for names in stale.values() for name in names}
    if wanted & set(gates.CODES):
        by_record |= {(entity_name(Checkpoint), pk): (person, code) for pk, person, code in Checkpoint.objects.filter(person__in=pks, code__in=wanted).values_list("pk", "person_id", "code")}
    for name, model in (("offer", Allocation), ("hold", Hold)):
        if name in wanted:
            by_record |= {(entity_name(model), pk): (person, name) for pk, person in model._base_manager.filter(person__in=pks).order_by("pk").values_list("pk", "person_id")}
    person_entity = entity_name(PersonTransfer)
    found: dict[Key, str] = {}
    entities = {entity for entity, _ in by_record} | {person_entity}
    ids = {pk for _, pk in by_record} | pks
    for change in Change.objects.filter(entity__in=entities, object_id__in=ids).order_by("pk"):
        if change.entity == person_entity and change.object_id in pks:
            found |= {(change.object_id, name): f"{_title(name)}: {change.actor_label} changed it {_when(change)}." for name in change.fields}
        elif (change.entity, change.object_id) in by_record:
            person, name = by_record[change.entity, change.object_id]
            found[person, name] = f"{_title(name)}: {change.actor_label} recorded “{change.action}” {_when(change)}."
    return found


def _when(change: Change) -> str:
    at = timezone.localtime(change.at)
    return f"at {at:%H:%M} on {at.day} {at:%b %Y}"


def _title(name: str) -> str:
    if name in gates.BY_CODE:
        return name
    if name in {"offer", "hold"}:
        return name.capitalize()
    words = str(PersonTransfer._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return words[:1].upper() + words[1:]


def drop_old(moment: datetime) -> int:
    """What was shown and never confirmed is thrown away after a day, its cells with it: they hold what nobody decided."""
    dropped = 0
    for batch in Batch.objects.filter(state=BatchState.PROPOSED, created_at__lt=moment - KEPT).select_related("programme"):
        with transaction.atomic():
            locked = Batch.objects.select_for_update().get(pk=batch.pk)
            if locked.state == BatchState.PROPOSED:
                locked.lines.all().delete()
                changes.apply(batch, {"state": BatchState.DROPPED}, actor=Actor.system("nightly check"), action="not done")
                dropped += 1
    return dropped
