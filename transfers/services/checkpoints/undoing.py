"""Taking a mark back, and what hung on it (domain 10.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Programme
from mobilisation.roles import Can
from transfers.models import Checkpoint, PersonTransfer
from transfers.rules import gates
from transfers.services import reopening, turning
from transfers.services.rights import locked, refuse_ended, require_edit
from transfers.services.seen import Seen, refuse_stale

OL_ONLY = "Only the lead operational manager (OL) may undo this now."


def _own_and_recent(mark: Checkpoint, programme: Programme, actor: Actor) -> bool:
    recent = mark.marked_at is not None and now() - mark.marked_at <= timedelta(minutes=int(programme.threshold("undo_minutes")))
    return recent and actor.user is not None and mark.by_id == actor.user.pk


def may_undo(mark: Checkpoint, states: Mapping[str, str], programme: Programme, *, actor: Actor) -> bool:
    """Whether ``undo`` would let ``actor`` take this mark back; ``states``: {code: state} of the same person."""
    if mark.state not in gates.SETTLED or not actor.can(Can.PEOPLE_EDIT):
        return False
    return actor.has_role("OL") or (_own_and_recent(mark, programme, actor) and not reopening.hang_on(mark.code, states))


def undo_refused(code: str, mark: Checkpoint | None, states: Mapping[str, str], programme: Programme, *, actor: Actor) -> list[Reason]:
    """Why ``actor`` may not take the mark back, whatever reason is given; empty when they may."""
    if mark is None or mark.state not in gates.SETTLED:
        return [Reason(f"{code} is not marked.")]
    return [] if may_undo(mark, states, programme, actor=actor) else [Reason(OL_ONLY)]


def needs_reason(mark: Checkpoint, states: Mapping[str, str], programme: Programme, *, actor: Actor) -> bool:
    """Whether ``undo`` asks ``actor`` why."""
    return not _own_and_recent(mark, programme, actor) or bool(reopening.hang_on(mark.code, states))


@transaction.atomic
def undo(person: PersonTransfer, code: str, *, actor: Actor, reason: str = "", seen: Seen | None = None) -> list[str]:
    """Take a mark back. The author within the minutes of ``undo_minutes`` if nothing depends on it, afterwards OL with a
    reason; gates that hung on it become reopened; nothing is deleted. Returns the reopened codes."""
    row = locked(person)
    require_edit(row, actor)
    refuse_ended(row)
    checkpoints = {c.code: c for c in Checkpoint.objects.filter(person=row)}
    target = checkpoints.get(code)
    refuse_stale(seen, row, (), target)
    if target is None or target.state not in gates.SETTLED:
        raise Refused(f"{code} is not marked.")
    later = reopening.hang_on(code, {name: checkpoint.state for name, checkpoint in checkpoints.items()})
    if not _own_and_recent(target, row.programme, actor) or later:
        if not actor.has_role("OL"):
            raise NotPermitted(OL_ONLY)
        if not reason.strip():
            raise Refused(Reason("Say why it is undone.", field="reason"))
    reopening.take_back(row.programme, code, [(row, checkpoints)], actor=actor, reason=reason)
    turning.refresh(row)
    person.refresh_from_db()
    return later
