"""Calls, letters and visits about a person: written down once, followed up once. The team keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import Reason, Refused
from mobilisation.services import changes
from transfers.choices import Direction
from transfers.models import ContactLog, PersonTransfer
from transfers.services import escalating, turning
from transfers.services.rights import locked, require_team

WHO = "the record of calls"


@transaction.atomic
def record(person: PersonTransfer, values: Mapping[str, Any], *, actor: Actor, harmed: bool = False) -> ContactLog:
    """``values``: channel, direction, spoken_to, who, reached, topic, text, at (now where not given), follow_up_due. The row of the person counts as updated.
    ``harmed``: the call tells of a missed visit that did harm, which goes up the ladder at once (domain 5.13)."""
    require_team(person, actor, WHO)
    row = locked(person)
    wanted = dict(values) | {"at": values.get("at") or now()}
    found = []
    if wanted["at"] > now():
        found.append(Reason("That is in the future. Enter when it was.", field="at"))
    if wanted.get("reached", True) and not str(wanted.get("text") or "").strip():
        found.append(Reason("Write what was said, or untick that somebody answered.", field="text"))
    if not wanted.get("reached", True) and wanted.get("direction") == Direction.IN:
        found.append(Reason("They called, so somebody was spoken to.", field="reached"))
    if harmed and not str(wanted.get("text") or "").strip():
        found.append(Reason("Write what harm was done and what is done about it.", field="text"))
    if (due := wanted.get("follow_up_due")) and due < today():
        found.append(Reason("The day is over already. Enter today or a later one.", field="follow_up_due"))
    if found:
        raise Refused(found)
    if harmed:
        escalating.harm_done(row, actor=actor)
    made = changes.create(ContactLog(person=row, by_label=actor.label[:150], **wanted), actor=actor, action="call recorded")
    turning.refresh(row)
    if person is not row:
        person.refresh_from_db()
    return made


@transaction.atomic
def follow_up(contact: ContactLog, *, actor: Actor, note: str = "") -> None:
    """Done today; what was said then is a call of its own."""
    require_team(contact.person, actor, WHO)
    row = locked(contact.person)
    held = ContactLog.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if held.follow_up_due is None:
        raise Refused("Nothing was to be followed up here.")
    if held.followed_up_on:
        raise Refused(f"It was followed up on {held.followed_up_on.day} {held.followed_up_on:%b %Y} already.")
    changes.apply(held, {"followed_up_on": today()}, actor=actor, why=note.strip(), programme=row.programme, action="followed up")
    turning.refresh(row)
