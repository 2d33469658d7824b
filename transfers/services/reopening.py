"""What taking a mark back brings with it, for one person or many: the gates that hung on it, the move, the offer, the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.models import Programme
from mobilisation.services import changes
from transfers.models import Allocation, Checkpoint, PersonTransfer
from transfers.rules import gates
from transfers.services import care_plans, turning


def hang_on(code: str, states: Mapping[str, str]) -> list[str]:
    """The settled checkpoints that hang on ``code``, in order."""
    return [one for one in gates.dependants(code) if states.get(one) in gates.SETTLED]


def take_back(programme: Programme, code: str, rows: Sequence[tuple[PersonTransfer, Mapping[str, Checkpoint]]], *, actor: Actor, reason: str) -> dict[int, list[str]]:
    """Take ``code`` back for everybody of ``rows`` ((person, {code: mark}), read under lock) and reopen what hung on it. Nothing
    is deleted. Returns {person: the codes reopened}. A fixed number of statements for each code that is touched; where the people
    stand is worked out by the caller, and whether it is allowed was asked before."""
    for person, marks in rows:
        for mark in marks.values():
            mark.person = person  # in hand: history names it without reading it again
    later = {person.pk: hang_on(code, turning.states_of(marks.values())) for person, marks in rows}
    _put(programme, code, "reopened", [marks[code] for person, marks in rows if later[person.pk]], actor, reason or "undone by its author")
    _put(programme, code, "not_started", [marks[code] for person, marks in rows if not later[person.pk]], actor, reason or "undone by its author")
    for one in gates.dependants(code):
        _put(programme, one, "reopened", [marks[one] for person, marks in rows if one in later[person.pk]], actor, f"{code} was undone: {reason}")
    touched = {person.pk: {code, *later[person.pk]} for person, _ in rows}
    offers = _offers_again([person for person, _ in rows if "C09" in touched[person.pk]], programme, code, actor)
    values: list[tuple[PersonTransfer, dict[str, Any]]] = []
    for person, _ in rows:
        own: dict[str, Any] = {"actual_transfer_date": None} if "C15" in touched[person.pk] else {}
        if "C09" in touched[person.pk]:
            # A mark from a list has no offer behind it, so none waits for an answer.
            own["allocation_response"] = "offered" if person.pk in offers else ""
        if own:
            values.append((person, own))
        if "C15" in touched[person.pk]:
            person.exiting_sight_until = None  # there was no hand-over: the exiting provider sees its person again
    changes.bulk_apply(values, actor=actor, why=f"{code} undone", programme=programme)
    for person, _ in rows:
        if "C18" in touched[person.pk]:
            care_plans.unvalidated(person, actor=actor)
    return later


def _put(programme: Programme, code: str, state: str, marks: Sequence[Checkpoint], actor: Actor, note: str) -> None:
    values = {"state": state, "done_on": None, "due": None, "by": actor.user, "by_label": actor.label[:150], "marked_at": now(), "note": note[:500], "risk_assessment": "", "from_file": False}
    changes.bulk_apply([(mark, values) for mark in marks], actor=actor, why=note, programme=programme, action=f"{code} {state.replace('_', ' ')}")


def _offers_again(people: Sequence[PersonTransfer], programme: Programme, code: str, actor: Actor) -> set[int]:
    """The answer to an offer goes with C09; returns the people who have an offer that waits again."""
    if not people:
        return set()
    by_id = {person.pk: person for person in people}
    offers = list(Allocation.objects.select_for_update().filter(person__in=by_id, current=True))
    for offer in offers:
        offer.person = by_id[offer.person_id]
    changes.bulk_apply([(offer, {"response": "offered", "responded_on": None}) for offer in offers], actor=actor, why=f"{code} undone", programme=programme)
    return {offer.person_id for offer in offers}
