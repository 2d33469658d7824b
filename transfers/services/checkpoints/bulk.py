"""Many people at once: the same gates, in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import Reason, Refused
from mobilisation.models import Programme
from mobilisation.services import changes
from transfers.models import Checkpoint, PersonTransfer
from transfers.rules import gates
from transfers.services import provider_checks, turning
from transfers.services.checkpoints.gate import beside, refusals
from transfers.services.rights import is_provider


@dataclass(frozen=True)
class BulkOutcome:
    """How many would be (or were) marked, and who was refused with every reason: [(person, (reason, …))]."""

    marked: list[PersonTransfer]
    refused: list[tuple[PersonTransfer, tuple[str, ...]]]


def bulk_preview(
    people: Sequence[PersonTransfer], code: str, *, programme: Programme, actor: Actor, on: date | Mapping[int, date], marks: Mapping[int, Sequence[Checkpoint]] | None = None,
    presumed: Mapping[int, frozenset[str]] | None = None,
) -> BulkOutcome:
    """Who would be marked and who refused, with a fixed number of queries. ``on``: one day, or each person's own by its key;
    ``marks`` are read when not given; ``presumed``: codes that are marked just before, by person."""
    if not gates.BY_CODE[code].bulk:
        allowed = ", ".join(c.code for c in gates.CHECKPOINTS if c.bulk)
        raise Refused(f"{code} is marked for one person at a time. Many at once: {allowed}.")
    frame = turning.Frame.of(programme)
    paid = provider_checks.paid(programme) if code == "C10" else None
    marks = marks_of(people) if marks is None else marks
    waits = beside(code, [person.pk for person in people])
    outcome = BulkOutcome([], [])
    for person in people:
        person.programme = programme
        checkpoints = marks.get(person.pk, [])
        states = turning.states_of(checkpoints) | dict.fromkeys(presumed.get(person.pk, ()) if presumed else (), "done")
        day = on if isinstance(on, date) else on[person.pk]
        reasons = refusals(person, code, states, actor=actor, on=day, checkpoints=checkpoints, held=bool(frame.hold_on(person)), paid=paid)
        if person.pk in waits and not person.ending:
            reasons.append(waits[person.pk])
        if is_provider(actor):
            reasons.append(Reason("Marking many at once is for the mobilisation team."))
        if reasons:
            outcome.refused.append((person, tuple(r.text for r in reasons)))
        else:
            outcome.marked.append(person)
    return outcome


def marks_of(people: Sequence[PersonTransfer]) -> dict[int, list[Checkpoint]]:
    """{person: its checkpoints}; one statement."""
    found: dict[int, list[Checkpoint]] = {}
    for checkpoint in Checkpoint.objects.filter(person__in=[person.pk for person in people]):
        found.setdefault(checkpoint.person_id, []).append(checkpoint)
    return found


@transaction.atomic
def bulk_mark(people: Sequence[PersonTransfer], code: str, *, programme: Programme, actor: Actor, on: date | Mapping[int, date] | None = None, note: str = "") -> BulkOutcome:
    """Mark ``code`` for all who may be marked; the others are named. Same gates as one by one, in batches."""
    day = on or today()
    rows = list(PersonTransfer.objects.select_for_update(of=("self",), no_key=True).filter(programme=programme, pk__in=[p.pk for p in people]).order_by("pk"))
    outcome = bulk_preview(rows, code, programme=programme, actor=actor, on=day)
    frame = turning.Frame.of(programme)
    write(programme, [(person, code, "done", day if isinstance(day, date) else day[person.pk]) for person in outcome.marked], actor=actor, note=note, frame=frame)
    turning.refresh_many(outcome.marked, frame=frame)
    return outcome


def write(programme: Programme, marks: Sequence[tuple[PersonTransfer, str, str, date | None]], *, actor: Actor, note: str = "", from_file: bool = False, job: Any = None, frame: turning.Frame) -> None:
    """Write settled marks in batches: (person, code, state, day), each with the day it was due by. Gates were asked before; moments follow by the caller."""
    existing = {(c.person_id, c.code): c for c in Checkpoint.objects.select_for_update().filter(person__in={person.pk for person, *_ in marks}).select_related("person")}
    common = {"by": actor.user, "by_label": actor.label[:150], "marked_at": now(), "note": note[:500], "from_file": from_file}
    held: dict[int, list[Checkpoint]] = {}
    for checkpoint in existing.values():
        held.setdefault(checkpoint.person_id, []).append(checkpoint)
    fresh: list[Checkpoint] = []
    moved: list[tuple[Checkpoint, dict[str, Any]]] = []
    for person, code, state, day in marks:
        values = {"state": state, "done_on": day if state == "done" else None, "due": frame.dues_of(person, held.get(person.pk, ())).get(code), **common}
        if (person.pk, code) in existing:
            moved.append((existing[person.pk, code], values))
        else:
            fresh.append(Checkpoint(person=person, code=code, **values))
    action = "reported by file" if from_file else "marked"
    changes.bulk_create(fresh, actor=actor, why=note, programme=programme, job=job, action=action)
    changes.bulk_apply(moved, actor=actor, why=note, programme=programme, job=job, action=action)
