"""An offer to a provider, and its answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Organisation
from mobilisation.roles import Can
from mobilisation.services import changes
from transfers.models import Allocation, PersonTransfer
from transfers.rules import gates
from transfers.services import checkpoints, replacing, turning
from transfers.services.allocation import wishes
from transfers.services.people.records import refuse_parties
from transfers.services.rights import brought_up, is_provider, refuse_ended, require_edit
from transfers.services.seen import Seen, refuse_stale
from transfers.services.telling import ACCEPTED, tell_asked

ASKED = ("incoming_provider", "allocation_response")
"""What an offer and its answer rest on."""


@transaction.atomic
def offer(person: PersonTransfer, provider: Organisation, *, actor: Actor, wave: str = "", on: date | None = None, seen: Seen | None = None, preference: str | None = None, why: str = "") -> Allocation:
    """Propose the person to an incoming provider, which is told; one current allocation at a time, whoever asks at once: what was
    offered before is kept. ``preference``: what the person wants; where nothing is said, what was recorded with the last offer stands."""
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team allocates people.")
    row = brought_up(person)
    refuse_ended(row)
    current = Allocation.objects.filter(person=row, current=True).first()
    refuse_stale(seen, row, ASKED, current)
    refuse_parties(row, {"incoming_provider": provider})
    if found := offer_refused(row, provider, current, accepted=c09_settled(row)):
        raise Refused(found)
    before = standing(row, current)
    if current is not None:
        changes.apply(current, {"current": False}, actor=actor, why="offered to another provider")
    replacing.forget_former([(person, provider)], actor=actor, programme=row.programme)
    wish = wishes([row.pk]).get(row.pk, "") if preference is None else preference.strip()
    made = changes.create(Allocation(person=row, provider=provider, wave=wave or row.wave, proposed_on=on or today(), preference=wish, stood_before=before), actor=actor, why=why)
    changes.apply(person, {"incoming_provider": provider, "allocation_response": "offered", **({"wave": wave} if wave else {})}, actor=actor, why=why)
    turning.refresh(person)
    tell_asked(row.programme, provider, [made])
    return made


def standing(person: PersonTransfer, offer: Allocation | None) -> dict[str, Any]:
    """Who is proposed for the person, the answer, and key and version of the offer that stands ("" where none does)."""
    return {"incoming_provider": person.incoming_provider_id, "allocation_response": person.allocation_response, "offer": f"{offer.pk}.{offer.version}" if offer else ""}


def offer_refused(row: PersonTransfer, provider: Organisation, current: Allocation | None, *, accepted: bool) -> list[Reason]:
    """Why the person cannot be offered to ``provider``. ``current``: the offer that stands; ``accepted``: C09 is done."""
    if row.exiting_provider_id == provider.pk:
        return [Reason(f"{provider} is the provider this person leaves.")]
    if current is not None and current.provider_id == provider.pk and current.response != "declined":
        return [Reason(f"This person is offered to {provider} already.")]
    if current is not None and current.response in ACCEPTED:
        first = "Undo C09" if accepted else "Record that it declines after all"
        return [Reason(f"{current.provider} has accepted this person. {first} before offering them to another provider.")]
    if accepted:
        return [Reason(f"C09 Incoming provider accepted is settled{f', for {row.incoming_provider}' if row.incoming_provider else ''}. Undo C09 before offering them to another provider.")]
    return []


def c09_settled(row: PersonTransfer) -> bool:
    """A mark stands for an acceptance, whether it was made here or came with a list; a waiver stands for none."""
    return row.checkpoints.filter(code="C09", state="done").exists()


def answer_stated(row: PersonTransfer) -> bool:
    """The provider has accepted by itself, and C09 is still open, whether it waits for the team or for the CL to agree to a waiver:
    its answer may still be put right."""
    return not row.checkpoints.filter(code="C09", state__in=gates.SETTLED).exists()


@transaction.atomic
def respond(person: PersonTransfer, response: str, *, actor: Actor, reason: str = "", on: date | None = None, seen: Seen | None = None) -> Allocation:
    """The provider's answer, written down once by who may mark C09. Accepting marks C09; declining frees the person."""
    require_edit(person, actor)
    if not actor.unrestricted and not gates.may_mark("C09", actor.roles):
        raise NotPermitted(f"The provider's answer is recorded by {gates.who_may('C09')}.")
    row = brought_up(person)
    refuse_ended(row)
    current = Allocation.objects.filter(person=person, current=True).first()
    refuse_stale(seen, row, ASKED, current)
    if current is None:
        raise Refused("Nobody has been offered this person yet.")
    if current.response != "offered" and not answer_stated(row):
        raise Refused(f"{current.provider} has answered already: {current.get_response_display().lower()}. Undo C09 to change it.")
    if c09_settled(row):
        raise Refused("C09 Incoming provider accepted is settled already, from before this offer. Undo C09 first, then record the answer.")
    if response == "declined" and not reason.strip():
        raise Refused(Reason("Say why the provider declined.", field="reason"))
    changes.apply(current, {"response": response, "responded_on": on or today(), "reason": reason, "current": response != "declined"}, actor=actor, why=reason)
    values: dict[str, Any] = {"allocation_response": response}
    if response == "declined":
        values["incoming_provider"] = None
        checkpoints.unstate(row, "C09", actor=actor, why=reason)
    elif not person.baseline_transfer_date and person.planned_transfer_date:
        values["baseline_transfer_date"] = person.planned_transfer_date
    changes.apply(person, values, actor=actor, why=reason)
    turning.refresh(person)
    if response != "declined" and not row.checkpoints.filter(code="C09", state="waived").exists():
        checkpoints.mark(person, "C09", actor=actor, on=on)
    return current
