"""What each incoming provider can take, and who is proposed to whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.components import short_date
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Change, Organisation, Programme
from mobilisation.roles import Can
from mobilisation.services import changes
from transfers.facts.groups import MOVED
from transfers.models import Allocation, Checkpoint, PersonTransfer, ProviderCapacity
from transfers.rules import allocation as rules
from transfers.rules import waves
from transfers.services.rights import is_provider

TWICE = "There is a row for this provider, zone and day already. Change that one."
FIGURES = ("provider", "zone", "weekly_hours", "packages", "from_date")
"""What a confirmation is of: with another figure it lapses."""
CONFIRMATION = {"confirmed_on": "the day on which it was confirmed", "confirmed_by": "who at the provider confirmed it", "staffing": "the staffing the hours rest on"}


@dataclass(frozen=True)
class Standing:
    """``people``: who waits for a provider, by public id. ``clashes``: where waves are out of the order of need, in words."""

    proposal: rules.Proposal
    people: dict[str, PersonTransfer]
    providers: dict[int, Organisation]
    clashes: tuple[str, ...] = ()


def standing(programme: Programme, only: str = "") -> Standing:
    """The proposal for everybody going who has no incoming provider; ``only``: for one person, whoever has them now."""
    going = list(PersonTransfer.objects.filter(programme=programme).going().select_related("exiting_provider"))
    waiting = [person for person in going if (person.public_id == only if only else person.incoming_provider_id is None)]
    ids = [person.pk for person in waiting]
    capacities = list(ProviderCapacity.objects.filter(programme=programme))
    providers = {one.pk: one for one in Organisation.objects.filter(party_to__contract__programmes=programme, party_to__role="incoming").distinct()}
    declined: dict[int, dict[int, str]] = {}
    for past in Allocation.objects.filter(person__in=ids, response="declined").order_by("pk"):
        declined.setdefault(past.person_id, {})[past.provider_id] = f"declined on {short_date(past.responded_on or past.proposed_on)}{f': {past.reason}' if past.reason else ''}"
    marked = set(Checkpoint.objects.filter(person__in=ids, code="C09", state="done").values_list("person_id", flat=True))
    homes: dict[str, set[int]] = {}
    chosen = {person.pk for person in waiting}
    for person in going:
        home = rules.home_of(person.address, person.postcode)
        if home and person.incoming_provider_id and person.pk not in chosen:
            homes.setdefault(home, set()).add(person.incoming_provider_id)
    candidates = [_candidate(person, declined.get(person.pk, {}), homes, person.pk in marked, bool(only)) for person in waiting]
    loads = [rules.Load(p.incoming_provider_id, p.zone, p.weekly_hours or Decimal(0), p.planned_transfer_date) for p in going if p.incoming_provider_id and p.pk not in chosen]
    found = rules.propose(
        candidates, [_capacity(c) for c in capacities if c.provider_id in providers], loads, {pk: one.name for pk, one in providers.items()}
    )
    members = [waves.Member(p.pk, p.wave, p.priority, p.weekly_hours, p.planned_transfer_date, p.status in MOVED and not p.in_hospital) for p in going]
    return Standing(found, {person.public_id: person for person in waiting}, providers, tuple(clash.words for clash in waves.clashes(waves.waves(members, []))))


def capacities_of(programme: Programme, providers: Collection[int]) -> list[rules.Capacity]:
    """What ``providers`` can take, confirmed or not; one statement."""
    return [_capacity(row) for row in ProviderCapacity.objects.filter(programme=programme, provider__in=providers)]


def _capacity(row: ProviderCapacity) -> rules.Capacity:
    return rules.Capacity(row.provider_id, row.zone, row.weekly_hours, row.from_date, row.packages, row.confirmed)


def overrun(programme: Programme, more: Mapping[int, Decimal], capacities: Collection[rules.Capacity]) -> dict[int, Decimal]:
    """{provider: hours a week beyond what it has confirmed} of the providers in ``more`` that would be over, once the hours in
    ``more`` ({provider: hours a week}) are offered to them as well; one statement. ``capacities``: what they can take."""
    going = PersonTransfer.objects.filter(programme=programme, incoming_provider__in=more).going().order_by().values("incoming_provider")
    before = dict(going.annotate(hours=Sum("weekly_hours")).values_list("incoming_provider", "hours"))
    takes = {pk: sum((one.hours for one in capacities if one.provider == pk and one.confirmed), Decimal(0)) for pk in more}
    found = {pk: (before.get(pk) or 0) + hours - takes[pk] for pk, hours in more.items()}
    return {pk: beyond for pk, beyond in found.items() if beyond > 0}


def wishes(people: Collection[int]) -> dict[int, str]:
    """{person: what they want}, as recorded with their last offer; one statement. For the team, never for a provider that is asked."""
    return {pk: words for pk, words in Allocation.objects.filter(person__in=people).order_by("pk").values_list("person_id", "preference")}


def _candidate(person: PersonTransfer, declined: Mapping[int, str], homes: Mapping[str, set[int]], marked: bool, again: bool) -> rules.Candidate:
    home = rules.home_of(person.address, person.postcode)
    no = dict(declined)
    if person.exiting_provider_id:
        no[person.exiting_provider_id] = "is the provider they leave"
    if again and person.incoming_provider_id:
        no.setdefault(person.incoming_provider_id, "has the offer now")
    stopped = "C09 is marked without a provider. Undo it, or enter the provider that accepted." if marked and not again else ""
    return rules.Candidate(
        person.public_id, person.priority, person.zone, person.wave, person.weekly_hours, person.planned_transfer_date, home, frozenset(homes.get(home, ())) if home else frozenset(), no, stopped
    )


def _require(programme: Programme, actor: Actor, provider: Organisation | None) -> None:
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team keeps what providers can take.")
    if provider is not None and not provider.party_to.filter(contract__programmes=programme, role="incoming").exists():
        raise Refused(Reason(f"{provider} is not an incoming provider of this programme. Add it as a party first.", field="provider"))


def add_capacity(programme: Programme, values: Mapping[str, Any], *, actor: Actor) -> ProviderCapacity:
    _require(programme, actor, values["provider"])
    _require_whole(values)
    try:
        with transaction.atomic():
            return changes.create(ProviderCapacity(programme=programme, **values), actor=actor)
    except IntegrityError:
        raise Refused(Reason(TWICE, field="zone")) from None


def change_capacity(capacity: ProviderCapacity, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    """With another figure what was confirmed before lapses, unless the same save says who confirmed the new one."""
    _require(capacity.programme, actor, values.get("provider"))
    try:
        with transaction.atomic():
            stands = ProviderCapacity.objects.select_for_update(of=("self",), no_key=True).get(pk=capacity.pk)
            held = {name: getattr(stands, name) for name in CONFIRMATION}
            _require_whole(held | {name: value for name, value in values.items() if name in CONFIRMATION})
            moved = any(name in values and values[name] != getattr(stands, name) for name in FIGURES)
            if stands.confirmed and moved and all(values.get(name, held[name]) == held[name] for name in CONFIRMATION):
                values = dict(values) | {"confirmed_on": None, "confirmed_by": "", "staffing": ""}
            return changes.apply(capacity, values, actor=actor, expected_version=expected_version)
    except IntegrityError:
        raise Refused(Reason(TWICE, field="zone")) from None


def _require_whole(values: Mapping[str, Any]) -> None:
    """Who, when and from which staff, or nothing of it: hours are not half confirmed."""
    given = {name for name in CONFIRMATION if values.get(name)}
    reasons = [Reason(f"Enter {words} as well, or leave all three empty.", field=name) for name, words in CONFIRMATION.items() if given and name not in given]
    if (day := values.get("confirmed_on")) and day > today():
        reasons.append(Reason("Enter today or a day before: what is still to be confirmed is not confirmed.", field="confirmed_on"))
    if reasons:
        raise Refused(reasons)


@transaction.atomic
def remove_capacity(capacity: ProviderCapacity, *, actor: Actor) -> None:
    """The row goes; the history keeps what it said."""
    _require(capacity.programme, actor, None)
    changes.mark(capacity, "capacity removed", actor=actor, fields={name: [changes.as_json(getattr(capacity, name)), None] for name in ("zone", "weekly_hours", "packages", "from_date", "note", *CONFIRMATION)})
    capacity.delete()
