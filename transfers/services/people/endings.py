"""Leaving the list, and coming back."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Change
from mobilisation.services import changes
from transfers.models import PersonTransfer
from transfers.services import turning
from transfers.services.rights import brought_up, is_provider, refuse_ended, require_edit
from transfers.services.seen import Seen, refuse_stale


@transaction.atomic
def end(person: PersonTransfer, ending: str, *, actor: Actor, on: date, why: str = "", seen: Seen | None = None) -> None:
    """Died, withdrew or moved away: leaves both sides of the plan, stays in the history. Nobody leaves the list without a reason."""
    require_edit(person, actor)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team records this.")
    row = brought_up(person)
    refuse_stale(seen, row, ("ending",))
    refuse_ended(row)
    if on > today():
        raise Refused(Reason("The day is in the future.", field="on"))
    if not why.strip():
        raise Refused(Reason("Say how this is known: nobody leaves the list without a reason.", field="why"))
    changes.apply(person, {"ending": ending, "ended_on": on}, actor=actor, why=why, action="ended")
    person.sight_before_ending = row.exiting_sight_until
    turning.refresh(person)


def _own_recent_ending(person: PersonTransfer, actor: Actor) -> bool:
    """Whether ``actor`` recorded the ending within the minutes of ``undo_minutes``."""
    since = now() - timedelta(minutes=int(person.programme.threshold("undo_minutes")))
    last = Change.objects.filter(entity=changes.entity_name(person), object_id=person.pk, fields__has_key="ending").order_by("-pk").first()
    return last is not None and actor.user is not None and last.actor_id == actor.user.pk and last.at >= since


def may_take_back(person: PersonTransfer, *, actor: Actor) -> bool:
    """Whether ``take_back_ending`` would let ``actor`` do it."""
    return bool(person.ending) and not is_provider(actor) and (actor.has_role("OL") or _own_recent_ending(person, actor))


@transaction.atomic
def take_back_ending(person: PersonTransfer, *, actor: Actor, reason: str = "", seen: Seen | None = None) -> None:
    """The ending was wrong: the author within the minutes of ``undo_minutes``, afterwards OL with a reason (domain 10.7). The
    person goes on where they were, and the exiting provider sees them as long as before; the history keeps both."""
    require_edit(person, actor)
    row = brought_up(person)
    refuse_stale(seen, row, ("ending", "ended_on"))
    if not row.ending:
        raise Refused("No ending is recorded for this person.")
    if not may_take_back(row, actor=actor):
        raise NotPermitted("Only the lead operational manager (OL) may take this ending back now. Ask them, and say why.")
    if not reason.strip() and not _own_recent_ending(row, actor):
        raise Refused(Reason("Say why the ending is taken back.", field="reason"))
    changes.apply(person, {"ending": "", "ended_on": None}, actor=actor, why=reason.strip() or "taken back by its author", action="ending taken back")
    person.exiting_sight_until, person.sight_before_ending = person.sight_before_ending, None
    turning.refresh(person)
