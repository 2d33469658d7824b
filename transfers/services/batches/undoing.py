"""Taking a whole batch back, as one act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.roles import Can
from mobilisation.services import changes
from transfers.choices import BatchKind, BatchState, LineOutcome
from transfers.models import Batch, BatchLine
from transfers.services.batches.cells import BACK, KEPT, Frame, Key, Verdict, key_of
from transfers.services.batches.proposing import ended, parts, people_of, require_team


@dataclass(frozen=True)
class Prospect:
    """What an undo would do: ``back`` are put back, ``kept`` ([(line, what stands now)]) are not, as somebody changed them
    since or for the reason of the verdict; ``hangs``: on how many of ``back`` a later gate depends, which would be reopened."""

    back: list[BatchLine]
    kept: list[tuple[BatchLine, Verdict]]
    hangs: int


def prospect(batch: Batch, *, actor: Actor) -> Prospect:
    """A fixed number of statements, however many lines."""
    return _prospect(batch, actor, locked=False)[0]


def _prospect(batch: Batch, actor: Actor, *, locked: bool, why: str = "") -> tuple[Prospect, Frame]:
    lines = list(batch.lines.filter(outcome=LineOutcome.DONE).order_by("pk"))
    frame = Frame(batch.programme, actor, people_of(batch.programme, (line.person_id for line in lines), locked=locked), why, why, batch.asked)
    gone = ended(frame.people)
    verdicts: dict[Key, Verdict] = {}
    hangs = 0
    for part, group in parts(lines):
        found = {key: replace(verdict, outcome=KEPT, reason=gone[key[0]]) if key[0] in gone else verdict for key, verdict in part.back(frame, group).items()}
        verdicts |= found
        hangs += part.hangs(frame, [line for line in group if found[key_of(line)].outcome == BACK])
    back = [line for line in lines if verdicts[key_of(line)].outcome == BACK]
    kept = [(line, verdicts[key_of(line)]) for line in lines if verdicts[key_of(line)].outcome != BACK]
    return Prospect(back, kept, hangs), frame


def own_and_recent(batch: Batch, actor: Actor) -> bool:
    until = batch.undo_until
    return until is not None and now() <= until and actor.user is not None and batch.made_by_id == actor.user.pk


def may_undo(batch: Batch, *, actor: Actor) -> bool:
    """Whether ``undo`` may let ``actor``, apart from what hangs on it."""
    if batch.state != BatchState.DONE or not actor.can(Can.PEOPLE_EDIT) or (batch.kind in {BatchKind.HOLD, BatchKind.LIFT} and not actor.can(Can.HOLD)):
        return False
    return actor.has_role("OL") or own_and_recent(batch, actor)


@transaction.atomic
def undo(batch: Batch, *, actor: Actor, reason: str = "") -> Batch:
    """Put back everything that stands as the batch left it; the rest stays and is named. The author within the minutes of
    ``undo_minutes`` while nothing depends on it, afterwards the OL with a reason."""
    require_team(actor)
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    locked.programme = batch.programme
    if locked.state == BatchState.UNDONE:
        raise Refused(f"{locked.undone_as} has undone this already.")
    if locked.state != BatchState.DONE:
        raise Refused("This was never done, so there is nothing to undo.")
    words = reason.strip()
    found, frame = _prospect(locked, actor, locked=True, why=f"{words} (batch {locked.public_id})" if words else f"undone by its author (batch {locked.public_id})")
    if not own_and_recent(locked, actor) or found.hangs:
        if not actor.has_role("OL"):
            because = f"later checkpoints rest on {found.hangs} of them" if found.hangs else f"it is more than {locked.programme.threshold('undo_minutes')} minutes ago, or somebody else's"
            raise NotPermitted(f"Only the lead operational manager (OL) may undo this now: {because}.")
        if not words:
            raise Refused(Reason("Say why it is undone.", field="reason"))
    if not found.back:
        raise Refused(list(dict.fromkeys(verdict.reason for _, verdict in found.kept if verdict.reason)) or "Nothing of it stands as it was left, so there is nothing to put back.")
    for part, group in reversed(parts(found.back)):
        part.put_back(frame, group)
    _settle(found.back, LineOutcome.BACK)
    for line, verdict in found.kept:
        line.reason = verdict.reason
    _settle([line for line, _ in found.kept], LineOutcome.KEPT)
    values = {"state": BatchState.UNDONE, "undone_as": actor.label[:150], "undone_at": now(), "undone_why": words[:300], "put_back": locked.put_back + len(found.back), "kept": len(found.kept)}
    changes.apply(locked, values, actor=actor, why=words, action="undone")
    return locked


def _settle(lines: Sequence[BatchLine], outcome: LineOutcome) -> None:
    for line in lines:
        line.outcome = outcome
    if lines:
        changes.upsert(BatchLine, lines, ("outcome", "reason"))
