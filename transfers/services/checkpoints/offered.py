"""What may be done to a checkpoint now, by the same gates that refuse it: what a page offers is what the service takes."""

from __future__ import annotations

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import Reason
from transfers.models import Checkpoint, PersonTransfer
from transfers.services import turning
from transfers.services.checkpoints.marking import refused
from transfers.services.checkpoints.undoing import undo_refused
from transfers.services.checkpoints.waiving import decline_refused, waiver_refused

_ASKED = frozenset({"done_on", "on", "at_home"})
"""Fields of the form itself: what they lack is entered there."""


def in_the_way(person: PersonTransfer, code: str, how: str, *, actor: Actor) -> list[Reason]:
    """Why ``how`` (mark, not-applicable, waive, decline, undo) would be refused to ``actor`` today, beside what its form asks; empty where
    the form may be offered. ``person`` came through the actor's scope."""
    checkpoints = list(Checkpoint.objects.filter(person=person))
    own = next((one for one in checkpoints if one.code == code), None)
    if how == "waive":
        return waiver_refused(person, code, own, actor=actor)
    if how == "decline":
        return decline_refused(code, own, actor=actor)
    if how == "undo":
        return undo_refused(code, own, turning.states_of(checkpoints), person.programme, actor=actor)
    state = "not_applicable" if how == "not-applicable" else "done"
    return [reason for reason in refused(person, code, actor=actor, on=today(), state=state, checkpoints=checkpoints) if reason.field not in _ASKED]
