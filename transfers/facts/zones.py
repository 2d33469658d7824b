"""Where people live, who leaves and who comes there, and what providers could still take: read from the tracker, kept nowhere else."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import QuerySet

from mobilisation.models import Programme
from transfers.facts.groups import GOING, MOVED
from transfers.models import PersonTransfer, ProviderCapacity
from transfers.rules import allocation, waves, zones


def said(programme: Programme) -> tuple[list[allocation.Capacity], dict[int, str]]:
    """What the incoming providers of the programme have said they can take, and their names; one statement."""
    rows = ProviderCapacity.objects.filter(programme=programme, provider__party_to__contract__programmes=programme, provider__party_to__role="incoming").order_by("pk").distinct()
    found, names = [], {}
    for provider, name, zone, hours, since, packages, confirmed_on in rows.values_list("provider_id", "provider__name", "zone", "weekly_hours", "from_date", "packages", "confirmed_on"):
        found.append(allocation.Capacity(provider, zone, hours, since, packages, confirmed_on is not None))
        names[provider] = name
    return found, names


def zone_map(programme: Programme, people: QuerySet[PersonTransfer]) -> zones.Map:
    """Of ``people`` going; two statements."""
    capacities, names = said(programme)
    members, loads = [], []
    rows = people.filter(GOING).order_by().values_list("zone", "msoa_code", "weekly_hours", "status", "in_hospital", "exiting_provider__name", "incoming_provider_id", "incoming_provider__name", "planned_transfer_date")
    for zone, msoa, hours, status, in_hospital, leaves, comes, comes_name, transfer in rows:
        members.append(zones.Member(zone, msoa, hours, status in MOVED and not in_hospital, leaves or "", comes_name or ""))
        if comes:
            loads.append(allocation.Load(comes, zone, hours or Decimal(0), transfer))
    sums: dict[tuple[int, str], list[Decimal]] = {}
    for row, left in allocation.free(capacities, loads, names):
        held = sums.setdefault((row.provider, row.zone), [Decimal(0)] * 3)
        held[0] += row.hours
        held[1] += left
    for row in capacities:
        if not row.confirmed:
            sums.setdefault((row.provider, row.zone), [Decimal(0)] * 3)[2] += row.hours
    return zones.zone_map(members, [zones.Offer(names[provider], zone, *held) for (provider, zone), held in sums.items()])


def members_of_waves(people: QuerySet[PersonTransfer]) -> list[waves.Member]:
    """Everybody going, as the rules of waves ask; one statement."""
    rows = people.filter(GOING).order_by("pk").values_list("pk", "wave", "priority", "weekly_hours", "planned_transfer_date", "status", "in_hospital", "address", "postcode")
    return [
        waves.Member(pk, wave, priority, hours, transfer, status in MOVED and not in_hospital, allocation.home_of(address, postcode))
        for pk, wave, priority, hours, transfer, status, in_hospital, address, postcode in rows
    ]
