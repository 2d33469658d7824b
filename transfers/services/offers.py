"""Offers from the provider's side, and many at once: each ends in ``services.people.offer``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Organisation, Programme, RoleAssignment, User
from mobilisation.roles import Can
from mobilisation.services import changes
from mobilisation.services.notices import notify
from transfers.choices import BatchKind, BatchState, LineOutcome
from transfers.models import Allocation, Batch, BatchLine, Checkpoint, PersonTransfer
from transfers.services import checkpoints, people, turning
from transfers.services.batches.cells import Frame, stamp
from transfers.services.batches.offers import NAME as PROVIDER
from transfers.services.batches.offers import put_back as withdraw_offers
from transfers.services.rights import is_provider, locked
from transfers.services.seen import Seen, refuse_stale

RECORDS_ANSWERS = ("OL", "PO", "CO", "CL")
"""Who marks C09 (domain 5.2), and so is told of an answer."""


@dataclass(frozen=True)
class Wish:
    """One person to be offered to ``provider``; ``seen`` is what the page showed."""

    person: PersonTransfer
    provider: Organisation
    seen: Seen | None = None


@dataclass(frozen=True)
class Offered:
    """``refused``: [(person, provider, why)]."""

    made: list[tuple[PersonTransfer, Organisation]]
    refused: list[tuple[PersonTransfer, Organisation, str]]
    batch: Batch | None = None


def _require_team(actor: Actor) -> None:
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team allocates people.")


def preview(programme: Programme, wishes: Sequence[Wish], *, actor: Actor) -> Offered:
    """What ``offer_many`` would do now; nothing is written, and the number of statements does not grow with the wishes."""
    _require_team(actor)
    ids = [wish.person.pk for wish in wishes]
    rows = {row.pk: row for row in PersonTransfer.objects.filter(programme=programme, pk__in=ids).select_related("incoming_provider")}
    current = {one.person_id: one for one in Allocation.objects.filter(person__in=ids, current=True).select_related("provider")}
    accepted = set(Checkpoint.objects.filter(person__in=ids, code="C09", state="done").values_list("person_id", flat=True))
    parties = set(Organisation.objects.filter(party_to__contract__programmes=programme, party_to__role="incoming").values_list("pk", flat=True))
    outcome = Offered([], [])
    for wish in wishes:
        row = rows[wish.person.pk]
        words = ""
        if row.ending:
            words = f"Recorded as {row.get_ending_display().lower()}."
        elif wish.provider.pk not in parties:
            words = f"{wish.provider} is not an incoming provider of this programme."
        elif wish.seen is not None and row.version > wish.seen.version:
            words = "Changed while the page was open: the proposal is worked out anew."
        words = words or " ".join(reason.text for reason in people.offer_refused(row, wish.provider, current.get(row.pk), accepted=row.pk in accepted))
        if words:
            outcome.refused.append((row, wish.provider, words))
        else:
            outcome.made.append((row, wish.provider))
    return outcome


def offer_many(programme: Programme, wishes: Sequence[Wish], *, actor: Actor) -> Offered:
    """Offer each wish by itself, as one batch that says how many were made and refused, and that is undone like every other. One that
    is refused stops no other."""
    _require_team(actor)
    number = len(wishes)
    batch = changes.create(
        Batch(
            programme=programme, kind=BatchKind.OFFER, what="Offered from the proposal", picked=f"{number} ticked in the proposal", state=BatchState.DONE, made_by=actor.user, made_as=actor.label[:150], made_at=now(),
        ),
        actor=actor, action="offered together",
    )
    outcome = Offered([], [], batch)
    for wish in sorted(wishes, key=lambda one: one.person.pk):
        try:
            with transaction.atomic():
                _offer_in(batch, wish, actor)
        except Refused as refusal:
            words = " ".join(reason.text for reason in refusal.reasons)
            outcome.refused.append((wish.person, wish.provider, words))
            BatchLine.objects.create(batch=batch, person=wish.person, field=PROVIDER, new=wish.provider.pk, outcome=LineOutcome.REFUSED, reason=words)
        else:
            outcome.made.append((wish.person, wish.provider))
    changes.apply(batch, {"changed": len(outcome.made), "refused": len(outcome.refused)}, actor=actor, action="batch finished")
    for provider in {provider.pk: provider for _, provider in outcome.made}.values():
        tell_asked(programme, provider, sum(one.pk == provider.pk for _, one in outcome.made), key=f"batch:{batch.pk}:{provider.pk}")
    return outcome


def _offer_in(batch: Batch, wish: Wish, actor: Actor) -> None:
    """One offer with its line in the batch, which says what it replaced, so that the undo knows."""
    row = locked(wish.person)
    before = Allocation.objects.filter(person=row, current=True).first()
    seen = {PROVIDER: row.incoming_provider_id, "allocation_response": row.allocation_response, "offer": stamp(before)}
    made = people.offer(wish.person, wish.provider, actor=actor, seen=wish.seen, why=f"{batch.what} (batch {batch.public_id})")
    BatchLine.objects.create(batch=batch, person=wish.person, field=PROVIDER, old=row.incoming_provider_id, new=wish.provider.pk, seen=seen, record=made.pk, left_at=made.version, outcome=LineOutcome.DONE)


def may_withdraw(current: Allocation | None, *, actor: Actor) -> bool:
    """Whoever made an offer, and the OL, while nobody has answered it."""
    if current is None or not current.current or current.response != "offered" or not actor.can(Can.PEOPLE_EDIT) or is_provider(actor):
        return False
    return actor.has_role("OL") or (actor.user is not None and current.created_by_id == actor.user.pk)


@transaction.atomic
def withdraw(person: PersonTransfer, *, actor: Actor, reason: str, seen: Seen | None = None) -> Allocation:
    """Take one offer back while nobody has answered it: the person is where they were before it, the provider asked loses sight and is
    told how many. Of offers that were made together the others stand."""
    _require_team(actor)
    row = locked(person)
    current = Allocation.objects.filter(person=row, current=True).select_related("provider").first()
    refuse_stale(seen, row, ("incoming_provider", "allocation_response"), current)
    if current is None or current.response != "offered":
        raise Refused("No offer of this person waits for an answer." if current is None else f"{current.provider} has answered already: {current.get_response_display().lower()}.")
    if not may_withdraw(current, actor=actor):
        raise NotPermitted("An offer is taken back by whoever made it, or by the OL.")
    if not reason.strip():
        raise Refused(Reason("Say why the offer is taken back.", field="reason"))
    line = BatchLine.objects.select_related("batch").filter(person=row, field=PROVIDER, record=current.pk, outcome=LineOutcome.DONE).first()
    if line is None:
        line = BatchLine(person=row, field=PROVIDER, record=current.pk, old=None, seen={"allocation_response": "", "offer": ""})
    withdraw_offers(Frame(row.programme, actor, {row.pk: row}, reason.strip()[:300]), [line])
    if line.pk:
        batch = Batch.objects.select_for_update(of=("self",)).get(pk=line.batch_id)
        BatchLine.objects.filter(pk=line.pk).update(outcome=LineOutcome.BACK, reason=reason.strip())
        changes.apply(batch, {"put_back": batch.put_back + 1}, actor=actor, why=reason.strip(), programme=row.programme, action="one taken back")
    provider = current.provider
    notify(
        holders(row.programme, ["IP"], provider), row.programme, "offer", f"{row.programme.reference}: an offer to you is taken back", [], reverse("transfers:offer-list", args=[row.programme.ref]),
        unique_key=f"withdrawn:{current.pk}",
    )
    person.refresh_from_db()
    return current


@transaction.atomic
def offer_again(person: PersonTransfer, provider: Organisation, *, actor: Actor, wave: str = "", seen: Seen | None = None, preference: str | None = None) -> Allocation:
    """To the next provider after a refusal, or instead of one that does not answer; what was offered before is kept."""
    made = people.offer(person, provider, actor=actor, wave=wave, seen=seen, preference=preference)
    tell_asked(person.programme, provider, 1, key=f"offer:{made.pk}")
    return made


def was_asked(programme: Programme, public_id: str, *, actor: Actor) -> bool:
    """Whether the person was ever offered to an organisation the actor answers for, whatever became of the offer."""
    return Allocation.objects.filter(person__programme=programme, person__public_id=public_id, provider__in=actor.organisation_ids("IP")).exists()


@transaction.atomic
def answer(person: PersonTransfer, response: str, *, actor: Actor, reason: str = "", seen: Seen | None = None) -> Allocation:
    """The incoming provider's own answer. Accepting waits for the team, which asks about capacity and marks C09; declining
    frees the person and ends the provider's sight of the offer."""
    actor.require(Can.PEOPLE_EDIT)
    row = locked(person)
    current = Allocation.objects.filter(person=row, current=True).select_related("provider").first()
    if not actor.unrestricted and (current is None or current.provider_id not in actor.organisation_ids("IP")):
        raise NotPermitted("This offer is not, or no longer, made to your organisation.")
    refuse_stale(seen, row, ("incoming_provider", "allocation_response"), current)
    if row.ending or current is None:
        raise Refused("This offer no longer stands. The mobilisation team can say why.")
    if current.response != "offered":
        raise Refused(f"Your organisation has answered already: {current.get_response_display().lower()}. Ask the mobilisation team to change it.")
    if response not in {"accepted", "accepted_with_conditions", "declined"}:
        raise Refused(Reason("Choose an answer.", field="response"))
    if response == "declined" and not reason.strip():
        raise Refused(Reason("Say why you decline.", field="reason"))
    if response == "accepted_with_conditions" and not reason.strip():
        raise Refused(Reason("Say what the conditions are.", field="reason"))
    changes.apply(current, {"response": response, "responded_on": today(), "reason": reason.strip(), "current": response != "declined"}, actor=actor, why=reason.strip(), programme=row.programme)
    values: dict[str, Any] = {"allocation_response": response, **({"incoming_provider": None} if response == "declined" else {})}
    changes.apply(row, values, actor=actor, why=reason.strip())
    if response != "declined" and not row.checkpoints.filter(code="C09", state__in=["done", "waived"]).exists():
        checkpoints.state(row, "C09", f"The provider accepts{' with conditions' if response != 'accepted' else ''}; waits to be marked", actor=actor)
    turning.refresh(row)
    word = {"declined": "declined", "accepted": "accepted"}.get(response, "accepted with conditions")
    notify(holders(row.programme, RECORDS_ANSWERS), row.programme, "offer_answered", f"{row.programme.reference}: an offer was {word}", [f"Offer {row.public_id}"], reverse("transfers:offer-list", args=[row.programme.ref]), unique_key=f"answer:{current.pk}:{current.version}")
    person.refresh_from_db()
    return current


@transaction.atomic
def take_back_answer(person: PersonTransfer, *, actor: Actor, seen: Seen | None = None) -> Allocation:
    """The provider's own acceptance, within the minutes of ``undo_minutes`` and before the team marked C09."""
    actor.require(Can.PEOPLE_EDIT)
    row = locked(person)
    current = Allocation.objects.filter(person=row, current=True).first()
    if current is None or not (actor.unrestricted or current.provider_id in actor.organisation_ids("IP")):
        raise NotPermitted("This offer is not, or no longer, made to your organisation.")
    refuse_stale(seen, row, ("incoming_provider", "allocation_response"), current)
    if not may_take_back(current, row.programme, actor=actor):
        raise NotPermitted("The answer can no longer be taken back. Ask the mobilisation team.")
    if row.checkpoints.filter(code="C09", state="done").exists():
        raise Refused("The mobilisation team has marked C09. Ask it to undo that.")
    changes.apply(current, {"response": "offered", "responded_on": None, "reason": ""}, actor=actor, action="answer taken back", programme=row.programme)
    changes.apply(row, {"allocation_response": "offered"}, actor=actor, action="answer taken back")
    checkpoints.unstate(row, "C09", actor=actor, why="answer taken back")
    turning.refresh(row)
    return current


def may_take_back(current: Allocation, programme: Programme, *, actor: Actor) -> bool:
    recent = now() - current.updated_at <= timedelta(minutes=int(programme.threshold("undo_minutes")))
    return current.response in people.ACCEPTED and recent and actor.user is not None and current.updated_by_id == actor.user.pk


def holders(programme: Programme, roles: Iterable[str], organisation: Organisation | None = None) -> list[User]:
    held = RoleAssignment.objects.active().filter(programme=programme, role__in=list(roles), user__isnull=False, **({"organisation": organisation} if organisation else {}))
    return list(User.objects.filter(is_active=True, pk__in=held.values("user_id")))


def tell_asked(programme: Programme, provider: Organisation, number: int, *, key: str) -> None:
    """Counts only: an offer has no name before it is accepted."""
    words = f"{number} {'person is' if number == 1 else 'people are'} offered to you"
    notify(holders(programme, ["IP"], provider), programme, "offer", f"{programme.reference}: {words}", [], reverse("transfers:offer-list", args=[programme.ref]), unique_key=key)
