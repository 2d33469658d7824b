"""Offers from the provider's side, and many at once from the proposal: these are one batch like every other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Organisation, Programme
from mobilisation.roles import Can
from mobilisation.services import changes
from mobilisation.services.notices import notify
from transfers.choices import BatchKind, BatchState, LineOutcome
from transfers.models import Allocation, Batch, BatchLine, PersonTransfer
from transfers.rules import allocation as rules
from transfers.rules import gates
from transfers.services import allocation, batches, checkpoints, people, turning
from transfers.services.batches import offers as cells
from transfers.services.batches.cells import Frame
from transfers.services.batches.proposing import people_of
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
class Beyond:
    """Where offers go beyond what providers have confirmed. ``hours``: {provider: hours a week}. ``outside``: {(provider, why its zones are others): people}."""

    hours: Mapping[Organisation, Decimal] = field(default_factory=dict)
    outside: Mapping[tuple[Organisation, str], int] = field(default_factory=dict)

    @property
    def outside_words(self) -> list[str]:
        return [f"{provider} {why}: {people} {'person' if people == 1 else 'people'}." for (provider, why), people in self.outside.items()]


@dataclass(frozen=True)
class Offered:
    """``refused``: [(person, provider, why)]. ``beyond``: of a preview."""

    made: list[tuple[PersonTransfer, Organisation]]
    refused: list[tuple[PersonTransfer, Organisation, str]]
    batch: Batch | None = None
    beyond: Beyond = field(default_factory=lambda: Beyond())


def _require_team(actor: Actor) -> None:
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team allocates people.")


def preview(programme: Programme, wishes: Sequence[Wish], *, actor: Actor) -> Offered:
    """What ``offer_many`` would do now; nothing is written, and the number of statements does not grow with the wishes."""
    _require_team(actor)
    rows = people_of(programme, (wish.person.pk for wish in wishes))
    judged = cells.judge(Frame(programme, actor, rows), [batches.Wish(wish.person.pk, cells.NAME, wish.provider) for wish in wishes])
    outcome = Offered([], [])
    for wish in wishes:
        row, verdict = rows[wish.person.pk], judged[wish.person.pk, cells.NAME]
        if verdict.outcome != LineOutcome.WILL:
            outcome.refused.append((row, wish.provider, _in_one_line(verdict.reason)))
        elif wish.seen is not None and row.version > wish.seen.version:
            outcome.refused.append((row, wish.provider, "Changed while the page was open: the proposal is worked out anew."))
        else:
            outcome.made.append((row, wish.provider))
    return replace(outcome, beyond=_beyond(programme, [(provider, person.weekly_hours, person.zone) for person, provider in outcome.made]))


def beyond_of(batch: Batch) -> Beyond:
    """What stands once what ``batch`` shows is done; one statement where it offers nobody, else four."""
    lines = list(batch.lines.filter(field=cells.NAME, outcome=LineOutcome.WILL).values_list("new", "person__weekly_hours", "person__zone"))
    providers = Organisation.objects.in_bulk({provider for provider, _, _ in lines}) if lines else {}
    return _beyond(batch.programme, [(providers[provider], hours, zone) for provider, hours, zone in lines])


def doubts(person: PersonTransfer, provider: Organisation) -> list[str]:
    """What to tell of an offer that was just made: hours beyond what ``provider`` has confirmed, and zones that are others; two statements."""
    found = _beyond(person.programme, [(provider, Decimal(0), person.zone)])
    over = [f"{provider} has {float(hours):g} hours a week more than it has confirmed now: take the offer back, or ask it." for hours in found.hours.values()]
    return over + [f"{provider} {why}: take the offer back, or ask it." for _, why in found.outside]


def _beyond(programme: Programme, offered: Sequence[tuple[Organisation, Decimal | None, str]]) -> Beyond:
    """``offered``: (provider, hours a week, zone) of each person."""
    more: dict[Organisation, Decimal] = {}
    for provider, hours, _ in offered:
        more[provider] = more.get(provider, Decimal(0)) + (hours or 0)
    if not more:
        return Beyond()
    capacities = allocation.capacities_of(programme, [provider.pk for provider in more])
    over = allocation.overrun(programme, {provider.pk: hours for provider, hours in more.items()}, capacities)
    outside: dict[tuple[Organisation, str], int] = {}
    for (provider, zone), people_there in Counter((provider, zone) for provider, _, zone in offered).items():
        if why := rules.outside([one for one in capacities if one.provider == provider.pk], zone):
            outside[provider, why] = outside.get((provider, why), 0) + people_there
    return Beyond({provider: over[provider.pk] for provider in more if provider.pk in over}, outside)


@transaction.atomic
def confirm(batch: Batch, *, actor: Actor, told: Mapping[int, Decimal]) -> Batch:
    """Confirm a batch that was shown with how far its providers would be over (``told``: {provider: hours a week}); whatever has come
    to be more than that refuses the whole with the figures."""
    Programme._base_manager.select_for_update(no_key=True).get(pk=batch.programme_id)  # two confirmations at once would each count without the other
    shown = Batch.objects.filter(pk=batch.pk, state=BatchState.PROPOSED).exists()
    done = batches.confirm(batch, actor=actor)
    if shown:
        made = {pk for pk in done.lines.filter(field=cells.NAME, outcome=LineOutcome.DONE).values_list("new", flat=True)}
        _refuse_beyond(batch.programme, Organisation.objects.in_bulk(made), told)
    return done


def _refuse_beyond(programme: Programme, providers: Mapping[int, Organisation], told: Mapping[int, Decimal]) -> None:
    # They are offered by now, so nothing comes on top.
    beyond = allocation.overrun(programme, dict.fromkeys(providers, Decimal(0)), allocation.capacities_of(programme, list(providers)))
    if more := [over_words(providers[pk], hours, told.get(pk)) for pk, hours in beyond.items() if hours > told.get(pk, 0)]:
        raise Refused(f"Nobody is offered yet, because something changed while this page was open. {' '.join(more)}")


@transaction.atomic
def offer_many(programme: Programme, wishes: Sequence[Wish], *, actor: Actor, told: Mapping[int, Decimal] | None = None) -> Offered:
    """Offer each wish, as one batch that is undone like every other. One that is refused stops no other.

    ``told``: {provider: hours a week over what it has confirmed, as the page said}; whatever has come to be more than that refuses the whole
    with the figures. None where no page said anything."""
    _require_team(actor)
    if told is not None:
        Programme._base_manager.select_for_update(no_key=True).get(pk=programme.pk)  # two confirmations at once would each count without the other
    rows = people_of(programme, (wish.person.pk for wish in wishes), locked=True)
    asked = [batches.Wish(wish.person.pk, cells.NAME, wish.provider, _changed_since(rows[wish.person.pk], wish.seen), str(wish.provider)) for wish in wishes]
    batch = batches.propose(programme, BatchKind.OFFER, "Offered from the proposal", asked, actor=actor, picked=f"{len(wishes)} ticked in the proposal")
    batch = batches.confirm(batch, actor=actor)
    lines = {line.person_id: line for line in batch.lines.all()}
    outcome = Offered([], [], batch)
    for wish in wishes:
        line = lines[wish.person.pk]
        if line.outcome == LineOutcome.DONE:
            outcome.made.append((wish.person, wish.provider))
        else:
            outcome.refused.append((wish.person, wish.provider, _in_one_line(line.reason)))
    if told is not None:
        _refuse_beyond(programme, {provider.pk: provider for _, provider in outcome.made}, told)
    return outcome


def over_words(provider: Organisation, hours: Decimal, told: Decimal | None = None) -> str:
    """``told``: what the page said before."""
    return f"{provider} would have {float(hours):g} hours a week more than it has confirmed{f', not {float(told):g}' if told else ''}."


def _changed_since(row: PersonTransfer, seen: Seen | None) -> str:
    """What somebody changed since ``seen`` of what an offer rests on, or ""."""
    try:
        refuse_stale(seen, row, people.ASKED)
    except Refused as refusal:
        return "\n".join(reason.text for reason in refusal.reasons)
    return ""


def _in_one_line(reasons: str) -> str:
    return " ".join(reasons.split("\n"))


def may_withdraw(current: Allocation | None, *, actor: Actor) -> bool:
    """Whoever made an offer, and the OL, while nobody has answered it."""
    if current is None or not current.current or current.response != "offered" or not actor.can(Can.PEOPLE_EDIT) or is_provider(actor):
        return False
    return actor.has_role("OL") or (actor.user is not None and current.created_by_id == actor.user.pk)


@transaction.atomic
def withdraw(person: PersonTransfer, *, actor: Actor, reason: str, seen: Seen | None = None) -> Allocation:
    """Take one offer back while nobody has answered it: the person is where they were before it, and the provider asked loses sight
    and is told. Who stood before stands again, unless they are no party any more. Of offers that were made together the others stand."""
    _require_team(actor)
    # The batch before the person, as whoever undoes the whole of it does: in the other order the two would wait for each other.
    made_in = BatchLine.objects.filter(person=person, field=cells.NAME, outcome=LineOutcome.DONE).order_by("-pk").values("batch")[:1]
    batch = Batch.objects.select_for_update(of=("self",)).filter(pk__in=made_in).first()
    row = locked(person)
    current = Allocation.objects.filter(person=row, current=True).select_related("provider").first()
    refuse_stale(seen, row, people.ASKED, current)
    if current is None or current.response != "offered":
        raise Refused("No offer of this person waits for an answer." if current is None else f"{current.provider} has answered already: {current.get_response_display().lower()}.")
    if not may_withdraw(current, actor=actor):
        raise NotPermitted("An offer is taken back by whoever made it, or by the OL.")
    if not reason.strip():
        raise Refused(Reason("Say why the offer is taken back.", field="reason"))
    line = BatchLine.objects.filter(batch=batch, person=row, field=cells.NAME, record=current.pk, outcome=LineOutcome.DONE).first() if batch else None
    if line is None:
        before = current.stood_before or {cells.NAME: None, "allocation_response": "", "offer": ""}
        line = BatchLine(person=row, field=cells.NAME, record=current.pk, old=before[cells.NAME], seen=before)
    cells.put_back(Frame(row.programme, actor, {row.pk: row}, reason.strip()[:300]), [line])
    if batch and line.pk:
        BatchLine.objects.filter(pk=line.pk).update(outcome=LineOutcome.BACK, reason=reason.strip())
        changes.apply(batch, {"put_back": batch.put_back + 1}, actor=actor, why=reason.strip(), programme=row.programme, action="one taken back")
    provider = current.provider
    notify(
        people.holders(row.programme, ["IP"], provider), row.programme, "offer", f"{row.programme.reference}: an offer to you is taken back", [], reverse("transfers:offer-list", args=[row.programme.ref]),
        unique_key=f"withdrawn:{current.pk}",
    )
    person.refresh_from_db()
    return current


def last_asked(programme: Programme, public_id: str, *, actor: Actor) -> Allocation | None:
    """The last offer of the person to an organisation the actor answers for, whatever became of it; None where there never was one."""
    return Allocation.objects.filter(person__programme=programme, person__public_id=public_id, provider__in=actor.organisation_ids("IP")).order_by("-pk").first()


@transaction.atomic
def answer(person: PersonTransfer, response: str, *, actor: Actor, reason: str = "", seen: Seen | None = None) -> Allocation:
    """The incoming provider's own answer. Accepting waits for the team, which asks about capacity and marks C09; declining
    frees the person and ends the provider's sight of the offer."""
    actor.require(Can.PEOPLE_EDIT)
    row = locked(person)
    current = Allocation.objects.filter(person=row, current=True).select_related("provider").first()
    if not actor.unrestricted and (current is None or current.provider_id not in actor.organisation_ids("IP")):
        raise NotPermitted("This offer is not, or no longer, made to your organisation.")
    refuse_stale(seen, row, people.ASKED, current)
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
    mark = row.checkpoints.filter(code="C09").first()
    if response != "declined" and not checkpoints.waiver_asked(mark) and (mark is None or mark.state not in gates.SETTLED):
        checkpoints.state(row, "C09", f"The provider accepts{' with conditions' if response != 'accepted' else ''}; waits to be marked", actor=actor)
    turning.refresh(row)
    word = {"declined": "declined", "accepted": "accepted"}.get(response, "accepted with conditions")
    notify(people.holders(row.programme, RECORDS_ANSWERS), row.programme, "offer_answered", f"{row.programme.reference}: an offer was {word}", [f"Offer {row.public_id}"], reverse("transfers:offer-list", args=[row.programme.ref]), unique_key=f"answer:{current.pk}:{current.version}")
    person.refresh_from_db()
    return current


@transaction.atomic
def answer_anew(person: PersonTransfer, response: str, *, actor: Actor, reason: str = "", seen: Seen | None = None) -> Allocation:
    """Another answer in place of the provider's own acceptance: that is taken back, as far as it may be, and this one given, or neither."""
    take_back_answer(person, actor=actor, seen=seen)
    return answer(person, response, actor=actor, reason=reason)


@transaction.atomic
def take_back_answer(person: PersonTransfer, *, actor: Actor, seen: Seen | None = None) -> Allocation:
    """The provider's own acceptance, within the minutes of ``undo_minutes`` and before the team marked C09."""
    actor.require(Can.PEOPLE_EDIT)
    row = locked(person)
    current = Allocation.objects.filter(person=row, current=True).first()
    if current is None or not (actor.unrestricted or current.provider_id in actor.organisation_ids("IP")):
        raise NotPermitted("This offer is not, or no longer, made to your organisation.")
    refuse_stale(seen, row, people.ASKED, current)
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
