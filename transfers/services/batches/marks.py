"""Checkpoints that may be ticked for many: the gates of :mod:`transfers.services.checkpoints`, its batches, its undo."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import date
from typing import Any

from mobilisation.errors import Refused
from mobilisation.services.changes import as_json
from transfers.models import BatchLine, Checkpoint, PersonTransfer
from transfers.rules import gates
from transfers.services import checkpoints, reopening, turning
from transfers.services.batches.cells import BACK, DONE, KEPT, REFUSED, SAME, WILL, Frame, Key, Part, Verdict, Wish, stamp

Marks = dict[int, dict[str, Checkpoint]]


def _marks(frame: Frame, pks: set[int], *, locked: bool = False) -> Marks:
    rows = Checkpoint.objects.filter(person__in=pks)
    found: Marks = {pk: {} for pk in pks}
    for mark in rows.select_for_update() if locked else rows:
        mark.person = frame.people[mark.person_id]
        found[mark.person_id][mark.code] = mark
    return found


def _seen(person: PersonTransfer, code: str, marks: dict[str, Checkpoint]) -> dict[str, Any]:
    return {name: as_json(getattr(person, _attname(name))) for name in checkpoints.RESTS_ON.get(code, ())} | {code: stamp(marks.get(code))}


def _attname(name: str) -> str:
    return str(PersonTransfer._meta.get_field(name).attname)  # type: ignore[union-attr]


def judge(frame: Frame, wishes: Sequence[Wish]) -> dict[Key, Verdict]:
    """In the order of the chain, each code on what the ones before it will have left. ``frame.asked["leaves"]``: {person:
    values} that the same batch writes before."""
    marks = _marks(frame, {wish.person for wish in wishes})
    leaves: dict[int, dict[str, Any]] = frame.asked.get("leaves", {})
    presumed: dict[int, frozenset[str]] = {}
    found: dict[Key, Verdict] = {}
    for code in gates.CODES:
        own = {wish.person: wish.value for wish in wishes if wish.field == code}
        if not own:
            continue
        open_ones, verdict = [], {}
        for pk, day in own.items():
            person, mark = frame.people[pk], marks[pk].get(code)
            verdict[pk] = {"old": as_json(mark.done_on) if mark else None, "new": as_json(day), "seen": _seen(person, code, marks[pk])}
            if mark is not None and mark.state in gates.SETTLED:
                same = mark.done_on == day or not frame.asked.get("exact")
                found[pk, code] = Verdict(SAME if same else REFUSED, f"{code} is {mark.state.replace('_', ' ')} already." if same else f"{code} is {mark.state.replace('_', ' ')} here with another day. Undo it on the person's page first.", **verdict[pk])
            else:
                open_ones.append(_as_left(person, leaves.get(pk)))
        try:
            outcome = checkpoints.bulk_preview(open_ones, code, programme=frame.programme, actor=frame.actor, on=own, marks={pk: list(held.values()) for pk, held in marks.items()}, presumed=presumed)
        except Refused as refusal:
            found |= {(person.pk, code): Verdict(REFUSED, str(refusal), **verdict[person.pk]) for person in open_ones}
            continue
        for person in outcome.marked:
            found[person.pk, code] = Verdict(WILL, **verdict[person.pk])
            presumed[person.pk] = presumed.get(person.pk, frozenset()) | {code}
        for person, reasons in outcome.refused:
            found[person.pk, code] = Verdict(REFUSED, "\n".join(reasons), **verdict[person.pk])
    return found


def _as_left(person: PersonTransfer, values: dict[str, Any] | None) -> PersonTransfer:
    if not values:
        return person
    left = copy(person)
    for name, value in values.items():
        setattr(left, name, value)
    return left


def seen(frame: Frame, lines: Sequence[BatchLine]) -> dict[Key, dict[str, Any]]:
    marks = _marks(frame, {line.person_id for line in lines})
    return {(line.person_id, line.field): _seen(frame.people[line.person_id], line.field, marks[line.person_id]) for line in lines}


def write(frame: Frame, lines: Sequence[BatchLine]) -> dict[Key, Verdict]:
    found: dict[Key, Verdict] = {}
    for code in gates.CODES:
        own = {line.person_id: line for line in lines if line.field == code}
        if not own:
            continue
        days = {pk: date.fromisoformat(str(line.new)) for pk, line in own.items()}
        outcome = checkpoints.bulk_mark([frame.people[pk] for pk in own], code, programme=frame.programme, actor=frame.actor, on=days, note=frame.said)
        left = {mark.person_id: mark for mark in Checkpoint.objects.filter(person__in=own, code=code)}
        for person in outcome.marked:
            found[person.pk, code] = Verdict(DONE, record=left[person.pk].pk, version=left[person.pk].version)
        for person, reasons in outcome.refused:
            found[person.pk, code] = Verdict(REFUSED, "\n".join(reasons))
    return found


def back(frame: Frame, lines: Sequence[BatchLine]) -> dict[Key, Verdict]:
    marks = _marks(frame, {line.person_id for line in lines})
    found = {}
    for line in lines:
        mark = marks[line.person_id].get(line.field)
        untouched = mark is not None and mark.pk == line.record and mark.version == line.left_at
        found[line.person_id, line.field] = Verdict(BACK if untouched else KEPT, old=line.old, new=as_json(mark.done_on) if mark else None)
    return found


def hangs(frame: Frame, lines: Sequence[BatchLine]) -> int:
    """How many of ``lines`` have a settled gate behind them that is not of the batch itself."""
    marks, own = _marks(frame, {line.person_id for line in lines}), {(line.person_id, line.field) for line in lines}
    return sum(any((line.person_id, code) not in own for code in reopening.hang_on(line.field, turning.states_of(marks[line.person_id].values()))) for line in lines)


def put_back(frame: Frame, lines: Sequence[BatchLine]) -> None:
    """The last of the chain first, so that what the batch itself marked after is not reopened but taken back."""
    for code in reversed(gates.CODES):
        own = {line.person_id for line in lines if line.field == code}
        if own:
            marks = _marks(frame, own, locked=True)
            reopening.take_back(frame.programme, code, [(frame.people[pk], marks[pk]) for pk in sorted(own)], actor=frame.actor, reason=frame.why)
    turning.refresh_many([frame.people[pk] for pk in sorted({line.person_id for line in lines})], frame=turning.Frame.of(frame.programme))


PART = Part(judge, seen, write, back, put_back, hangs)
