"""Taking a mark back, and what hung on it (domain 10.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Programme
from mobilisation.roles import Can
from mobilisation.services import changes
from transfers.models import Allocation, Checkpoint, PersonTransfer
from transfers.rules import gates
from transfers.services import care_plans as plans
from transfers.services import turning
from transfers.services.checkpoints.gate import put
from transfers.services.rights import locked, require_edit
from transfers.services.seen import Seen, refuse_stale


def _hang_on(code: str, states: Mapping[str, str]) -> list[str]:
    return [one for one in gates.dependants(code) if states.get(one) in gates.SETTLED]


def _own_and_recent(mark: Checkpoint, programme: Programme, actor: Actor) -> bool:
    recent = mark.marked_at is not None and now() - mark.marked_at <= timedelta(minutes=int(programme.threshold("undo_minutes")))
    return recent and actor.user is not None and mark.by_id == actor.user.pk


def may_undo(mark: Checkpoint, states: Mapping[str, str], programme: Programme, *, actor: Actor) -> bool:
    """Whether ``undo`` would let ``actor`` take this mark back; ``states``: {code: state} of the same person."""
    if mark.state not in gates.SETTLED or not actor.can(Can.PEOPLE_EDIT):
        return False
    return actor.has_role("OL") or (_own_and_recent(mark, programme, actor) and not _hang_on(mark.code, states))


@transaction.atomic
def undo(person: PersonTransfer, code: str, *, actor: Actor, reason: str = "", seen: Seen | None = None) -> list[str]:
    """Take a mark back. The author within the minutes of ``undo_minutes`` if nothing depends on it, afterwards OL with a
    reason; gates that hung on it become reopened; nothing is deleted. Returns the reopened codes."""
    require_edit(person, actor)
    row = locked(person)
    checkpoints = {c.code: c for c in Checkpoint.objects.filter(person=row)}
    target = checkpoints.get(code)
    refuse_stale(seen, row, (), target)
    if target is None or target.state not in gates.SETTLED:
        raise Refused(f"{code} is not marked.")
    later = _hang_on(code, {name: checkpoint.state for name, checkpoint in checkpoints.items()})
    if not _own_and_recent(target, row.programme, actor) or later:
        if not actor.has_role("OL"):
            raise NotPermitted("Only the lead operational manager (OL) may undo this now.")
        if not reason.strip():
            raise Refused(Reason("Say why it is undone.", field="reason"))
    put(row, code, target, "reopened" if later else "not_started", None, actor, reason or "undone by its author")
    for one in later:
        put(row, one, checkpoints[one], "reopened", None, actor, f"{code} was undone: {reason}")
    values: dict[str, Any] = {}
    if code == "C15" or "C15" in later:
        values["actual_transfer_date"] = None
    if code == "C09" or "C09" in later:
        offers = list(Allocation.objects.filter(person=row, current=True))
        # A mark from a list has no offer behind it, so none waits for an answer.
        values["allocation_response"] = "offered" if offers else ""
        for answered in offers:
            changes.apply(answered, {"response": "offered", "responded_on": None}, actor=actor, why=f"{code} undone", programme=row.programme)
    if values:
        changes.apply(row, values, actor=actor, why=f"{code} undone")
    if code == "C18" or "C18" in later:
        plans.unvalidated(row, actor=actor)
    turning.refresh(row)
    person.refresh_from_db()
    return later
