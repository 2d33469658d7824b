"""Offers to an incoming provider, by the rules of one offer (:func:`transfers.services.people.offer_refused`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mobilisation.clock import today
from mobilisation.errors import Refused
from mobilisation.models import Organisation
from mobilisation.services import changes
from transfers.models import Allocation, BatchLine, Checkpoint, PersonTransfer
from transfers.services import people, replacing, turning
from transfers.services.allocation import wishes
from transfers.services.batches.cells import BACK, DONE, KEPT, REFUSED, SAME, WILL, Frame, Key, Part, Verdict, Wish

NAME = "incoming_provider"


def _current(pks: set[int], *, locked: bool = False) -> dict[int, Allocation]:
    rows = Allocation.objects.filter(person__in=pks, current=True).select_related("provider")
    return {offer.person_id: offer for offer in (rows.select_for_update(of=("self",)) if locked else rows)}


def _refusals(frame: Frame, asked: dict[int, Organisation]) -> tuple[dict[int, Allocation], dict[int, list[str]]]:
    """The offers that stand, and why each person of ``asked`` ({person: provider}) cannot be offered; five statements and one
    for each provider."""
    offers = _current(set(asked))
    accepted = set(Checkpoint.objects.filter(person__in=asked, code="C09", state="done").values_list("person_id", flat=True))
    no_party: dict[int, list[str]] = {}
    for provider in {provider.pk: provider for provider in asked.values()}.values():
        try:
            people.refuse_parties(PersonTransfer(programme=frame.programme), {NAME: provider})
        except Refused as refusal:
            no_party[provider.pk] = [reason.text for reason in refusal.reasons]
    providers = Organisation.objects.in_bulk({frame.people[pk].incoming_provider_id for pk in accepted if frame.people[pk].incoming_provider_id})
    found: dict[int, list[str]] = {}
    for pk, provider in asked.items():
        person = frame.people[pk]
        if pk in accepted:
            person.incoming_provider = providers.get(person.incoming_provider_id) if person.incoming_provider_id else None
        reasons = people.ended_refused(person) + people.offer_refused(person, provider, offers.get(pk), accepted=pk in accepted)
        found[pk] = no_party.get(provider.pk, []) + [reason.text for reason in reasons]
    return offers, found


def judge(frame: Frame, wishes: Sequence[Wish]) -> dict[Key, Verdict]:
    asked = {wish.person: wish.value for wish in wishes}
    offers, refused = _refusals(frame, asked)
    found = {}
    for pk, provider in asked.items():
        person, offer = frame.people[pk], offers.get(pk)
        same = offer is not None and offer.provider_id == provider.pk and offer.response != "declined"
        found[pk, NAME] = Verdict(
            SAME if same else REFUSED if refused[pk] else WILL, "\n".join(refused[pk]), person.incoming_provider_id, provider.pk, people.standing(person, offer),
        )
    return found


def seen(frame: Frame, lines: Sequence[BatchLine]) -> dict[Key, dict[str, Any]]:
    offers = _current({line.person_id for line in lines})
    return {(line.person_id, NAME): people.standing(frame.people[line.person_id], offers.get(line.person_id)) for line in lines}


def write(frame: Frame, lines: Sequence[BatchLine]) -> dict[Key, Verdict]:
    providers = Organisation.objects.in_bulk({line.new for line in lines})
    asked = {line.person_id: providers[line.new] for line in lines}
    _, refused = _refusals(frame, asked)
    going = [pk for pk in asked if not refused[pk]]
    replaced = _current(set(going), locked=True)
    for pk, offer in replaced.items():
        offer.person = frame.people[pk]
    common: dict[str, Any] = {"actor": frame.actor, "programme": frame.programme}
    changes.bulk_apply([(offer, {"current": False}) for offer in replaced.values()], why="offered to another provider", **common)
    replacing.forget_former([(frame.people[pk], asked[pk]) for pk in going], actor=frame.actor, programme=frame.programme)
    day = today()
    wanted = wishes(going)
    made = [Allocation(person=frame.people[pk], provider=asked[pk], wave=frame.people[pk].wave, proposed_on=day, preference=wanted.get(pk, "")) for pk in going]
    changes.bulk_create(made, why=frame.why, **common)
    changes.bulk_apply([(frame.people[pk], {NAME: asked[pk], "allocation_response": "offered"}) for pk in going], why=frame.why, **common)
    turning.refresh_many([frame.people[pk] for pk in going], frame=turning.Frame.of(frame.programme))
    for provider in {asked[pk].pk: asked[pk] for pk in going}.values():
        people.tell_asked(frame.programme, provider, [offer for offer in made if offer.provider_id == provider.pk])
    offers = {offer.person_id: offer for offer in made}
    return {
        (pk, NAME): Verdict(DONE, record=offers[pk].pk, version=offers[pk].version) if pk in offers else Verdict(REFUSED, "\n".join(refused[pk])) for pk in asked
    }


def back(frame: Frame, lines: Sequence[BatchLine]) -> dict[Key, Verdict]:
    """An offer that was answered or replaced stays."""
    offers = _current({line.person_id for line in lines})
    found = {}
    for line in lines:
        offer = offers.get(line.person_id)
        untouched = offer is not None and offer.pk == line.record and offer.version == line.left_at and offer.response == "offered"
        found[line.person_id, NAME] = Verdict(BACK if untouched else KEPT, old=line.old, new=frame.people[line.person_id].incoming_provider_id)
    return found


def put_back(frame: Frame, lines: Sequence[BatchLine]) -> None:
    """The offer is withdrawn; who was proposed before it, and the offer it replaced, stand again. Where that is no incoming provider
    of the programme any more, or the one the person leaves, nobody is proposed."""
    asked = {line.old for line in lines if line.old}
    parties = set(Organisation.objects.filter(pk__in=asked, party_to__contract__programmes=frame.programme, party_to__role="incoming").values_list("pk", flat=True)) if asked else set()
    again = {line.person_id: line for line in lines if line.old in parties and line.old != frame.people[line.person_id].exiting_provider_id}
    before = {pk: int(line.seen["offer"].split(".")[0]) for pk, line in again.items() if line.seen.get("offer")}
    offers = {offer.pk: offer for offer in Allocation.objects.select_for_update(of=("self",)).filter(pk__in=[line.record for line in lines] + list(before.values()))}
    for offer in offers.values():
        offer.person = frame.people[offer.person_id]
    common: dict[str, Any] = {"actor": frame.actor, "why": frame.why, "programme": frame.programme}
    changes.bulk_apply([(offers[line.record], {"current": False}) for line in lines if line.record is not None], action="offer withdrawn", **common)
    changes.bulk_apply([(offers[pk], {"current": True}) for pk in before.values()], action="offer stands again", **common)
    back = [line.person_id for line in lines]
    changes.bulk_apply([(frame.people[pk], {NAME: again[pk].old if pk in again else None, "allocation_response": again[pk].seen["allocation_response"] if pk in again else ""}) for pk in back], **common)
    turning.refresh_many([frame.people[pk] for pk in back], frame=turning.Frame.of(frame.programme))


PART = Part(judge, seen, write, back, put_back)
