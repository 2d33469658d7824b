"""Plain fields of the record, by the rules of one cell (:func:`transfers.services.people.allowed_values`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mobilisation.errors import Reason, Refused
from mobilisation.services import changes
from mobilisation.services.changes import as_json
from transfers.models import BatchLine, PersonTransfer
from transfers.rules import transfer_day
from transfers.rules.columns import COLUMNS as PROJECTED
from transfers.services import columns, people, turning
from transfers.services.batches.cells import BACK, DONE, KEPT, REFUSED, SAME, WILL, Frame, Key, Part, Verdict, Wish

CHANGED_TOGETHER = (
    "wave", "planned_transfer_date", "case_manager", "next_action", "next_action_owner", "next_action_due", "zone", "phone", "communication_format", "language", "funding_type", "responsible_body",
    "weekly_hours", "visits_per_day", "visit_times", "old_order_ref", "old_order_end", "new_order_ref", "new_order_start", "payment_ref", "orders_shared_on", "hospital_asked_on",
)
"""What many people may be given at once. Names and numbers say who somebody is, needs and priority are looked at one by one,
and decisions have acts of their own."""
_BROUGHT = ("baseline_transfer_date",)
"""Set with the first planned day; a batch that brought it takes it back with that day, never without."""


def _value(name: str, held: Any) -> Any:
    return PersonTransfer._meta.get_field(name).to_python(held) if held is not None else None  # type: ignore[union-attr]


def stands(person: PersonTransfer, name: str) -> Any:
    return as_json(getattr(person, name))


def _reasons(refusal: Refused) -> str:
    return "\n".join(reason.text for reason in refusal.reasons)


def judge(frame: Frame, wishes: Sequence[Wish]) -> dict[Key, Verdict]:
    found: dict[Key, Verdict] = {}
    for wish in wishes:
        person, name = frame.people[wish.person], wish.field
        old, new = stands(person, name), as_json(wish.value)
        common: dict[str, Any] = {"old": old, "new": new, "seen": {name: old}}
        if name not in CHANGED_TOGETHER:
            found[person.pk, name] = Verdict(REFUSED, "This is changed for one person at a time.", **common)
            continue
        try:
            people.allowed_values(person, {name: wish.value}, actor=frame.actor, why=frame.why)
        except Refused as refusal:
            found[person.pk, name] = Verdict(REFUSED, _reasons(refusal), **common)
        else:
            doubt = transfer_day.doubt(wish.value, frame.programme.exit_date) if name == "planned_transfer_date" else ""
            found[person.pk, name] = Verdict(SAME, **common) if _value(name, new) == getattr(person, name) else Verdict(WILL, doubt, **common)
    return found


def seen(frame: Frame, lines: Sequence[BatchLine]) -> dict[Key, dict[str, Any]]:
    return {(line.person_id, line.field): {line.field: stands(frame.people[line.person_id], line.field)} for line in lines}


def write(frame: Frame, lines: Sequence[BatchLine]) -> dict[Key, Verdict]:
    values: dict[int, dict[str, Any]] = {}
    for line in lines:
        values.setdefault(line.person_id, {})[line.field] = _value(line.field, line.new)
    before = {pk: {name: stands(frame.people[pk], name) for name in _BROUGHT} for pk in values}
    refused = _apply(frame, values)
    found: dict[Key, Verdict] = {}
    for line in lines:
        person = frame.people[line.person_id]
        words = "\n".join(reason.text for reason in refused.get(person.pk, ()))
        found[person.pk, line.field] = Verdict(REFUSED if words else DONE, words, line.old, line.new, record=person.pk, version=person.version)
    for pk, held in before.items():
        for name, old in held.items():
            if stands(frame.people[pk], name) != old:
                found[pk, name] = Verdict(DONE, "", old, stands(frame.people[pk], name), record=pk, version=frame.people[pk].version)
    return found


def _apply(frame: Frame, values: dict[int, dict[str, Any]]) -> dict[int, tuple[Reason, ...]]:
    """Write {person: values}; returns who was refused. What stands behind the columns follows, then where people stand."""
    pairs, refused = [], {}
    for pk, own in values.items():
        person = frame.people[pk]
        try:
            allowed = people.allowed_values(person, own, actor=frame.actor, why=frame.why)
        except Refused as refusal:
            refused[pk] = refusal.reasons
            continue
        pairs.append((person, {name: value for name, value in allowed.items() if stands(person, name) != as_json(value)}))
    moved = [(person, person.planned_transfer_date) for person, own in pairs if "planned_transfer_date" in own]
    changes.bulk_apply(pairs, actor=frame.actor, why=frame.why, programme=frame.programme)
    people.tell_moved(frame.programme, moved)
    behind = [(person, own) for person, own in pairs if not frozenset(PROJECTED).isdisjoint(own)]
    if behind:
        columns.outdate(behind, actor=frame.actor, programme=frame.programme)
        columns.absorb([person for person, _ in behind], actor=frame.actor, programme=frame.programme, why=frame.why)
    turning.refresh_many([person for person, _ in pairs], frame=turning.Frame.of(frame.programme))
    return refused


def back(frame: Frame, lines: Sequence[BatchLine]) -> dict[Key, Verdict]:
    """What stands as the batch left it and may go back: by the rules of one cell, as it came."""
    found = {}
    for line in lines:
        person, words = frame.people[line.person_id], ""
        untouched = getattr(person, line.field) == _value(line.field, line.new)
        if untouched and line.field in CHANGED_TOGETHER:
            words = _not_back(frame, person, line)
        found[line.person_id, line.field] = Verdict(BACK if untouched and not words else KEPT, words, line.old, stands(person, line.field))
    for (pk, name), verdict in found.items():
        day = found.get((pk, "planned_transfer_date"))
        if name in _BROUGHT and day is not None and day.outcome == KEPT:
            found[pk, name] = replace(verdict, outcome=KEPT, reason=day.reason)
    return found


def _not_back(frame: Frame, person: PersonTransfer, line: BatchLine) -> str:
    try:
        people.allowed_values(person, {line.field: _value(line.field, line.old)}, actor=frame.actor, why=frame.why)
    except Refused as refusal:
        return _reasons(refusal)
    return ""


def put_back(frame: Frame, lines: Sequence[BatchLine]) -> None:
    values: dict[int, dict[str, Any]] = {}
    for line in lines:
        values.setdefault(line.person_id, {})[line.field] = _value(line.field, line.old)
    if refused := _apply(frame, values):
        raise Refused([reason for reasons in refused.values() for reason in reasons][:5])


PART = Part(judge, seen, write, back, put_back)
