"""What hangs on a provider's being party to a contract."""

from __future__ import annotations

from django.db.models import Q

from mobilisation.choices import PartyRole
from mobilisation.models import ContractParty
from transfers.models import PersonTransfer, StaffTransfer


def use_of(party: ContractParty) -> list[str]:
    """Why ``party`` cannot go: “140 people leave it”, “64 staff leave it”; empty when nothing hangs on it."""
    sides = {PartyRole.EXITING: ("exiting_provider", "exiting", "leaves it", "leave it"), PartyRole.INCOMING: ("incoming_provider", "incoming", "comes to it", "come to it")}
    if party.role not in sides:
        return []
    of_person, of_staff, does, do = sides[PartyRole(party.role)]
    programmes = Q(programme__contracts=party.contract_id)
    counted = (
        (PersonTransfer.objects.filter(programmes, **{of_person: party.organisation_id}).count(), "person", "people"),
        (StaffTransfer.objects.filter(programmes, **{of_staff: party.organisation_id}).count(), "member of staff", "staff"),
    )
    return [f"{number} {one} {does}" if number == 1 else f"{number} {many} {do}" for number, one, many in counted if number]
