"""Organisations, contracts and their parties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.choices import OrganisationKind, PartyRole
from mobilisation.clock import today
from mobilisation.errors import Reason, Refused
from mobilisation.models import Change, Contract, ContractParty, Organisation, Programme, RoleAssignment
from mobilisation.roles import Can
from mobilisation.services import changes
from mobilisation.services.meanwhile import refused_if_taken

_LEADS: dict[str, tuple[str, ...]] = {PartyRole.EXITING: ("XP",), PartyRole.INCOMING: ("IP",)}


def update(organisation: Organisation, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    actor.require(Can.SITE_ADMIN)
    found = _faults(Organisation, values)
    name = str(values.get("name", organisation.name)).strip()
    found += _name_taken(organisation, name)
    found += _order(values, organisation, ("valid_from", "valid_to"))
    if found:
        raise Refused(found)
    with refused_if_taken(lambda: _refuse(_name_taken(organisation, name))):
        return changes.apply(organisation, values, actor=actor, expected_version=expected_version)


def _name_taken(organisation: Organisation, name: str) -> list[Reason]:
    taken = Organisation._base_manager.filter(name__iexact=name).exclude(pk=organisation.pk).exists()
    return [Reason(f"There is an organisation “{name}” already.", field="name")] if taken else []


def _refuse(found: list[Reason]) -> None:
    if found:
        raise Refused(found)


def named(name: str, kind: str, *, actor: Actor, why: str) -> Organisation:
    """The organisation of this name, whatever its case; a new one of ``kind`` where there is none, also when somebody else adds it in the same moment."""
    known = Organisation._base_manager.filter(name__iexact=name)
    if (found := known.first()) is not None:
        return found
    try:
        with transaction.atomic():
            return changes.create(Organisation(name=name, kind=kind), actor=actor, why=why)
    except IntegrityError:
        if (found := known.first()) is not None:
            return found
        raise


def update_contract(contract: Contract, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None, programme: Programme | None = None) -> Change | None:
    """Dates in their order: award, signature, effect; commencement before expiry."""
    actor.require(Can.PROGRAMME_MANAGE)
    found = _faults(Contract, values)
    for pair in (("award_date", "signed_date"), ("expected_scd", "expiry_date"), ("actual_scd", "expiry_date"), ("effective_date", "expiry_date")):
        found += _order(values, contract, pair)
    if found:
        raise Refused(found)
    return changes.apply(contract, values, actor=actor, expected_version=expected_version, programme=programme)


def likely_kind(name: str, role: str, provider: str = OrganisationKind.HOMECARE_PROVIDER, commissioner: str = OrganisationKind.ICB) -> str:
    """What an organisation of this name most likely is; an administrator corrects it."""
    words = name.casefold()
    if "council" in words or "borough" in words:
        return OrganisationKind.COUNCIL
    if "icb" in words.split() or "integrated care board" in words:
        return OrganisationKind.ICB
    if "nhs" in words.split() and "trust" in words:
        return OrganisationKind.NHS_TRUST
    return commissioner if role in {PartyRole.LEAD_COMMISSIONER, PartyRole.COMMISSIONER} else provider


def ended(names: Iterable[str]) -> list[str]:
    """Of organisations so named, those that are no more and so become no party: since when, and who followed (domain 1)."""
    named = reduce(or_, (Q(name__iexact=name.strip()) for name in names), Q(pk__in=[]))
    gone = Organisation._base_manager.filter(named, valid_to__lt=today()).select_related("successor").order_by("name")
    return [f"{one} ended on {one.valid_to.day} {one.valid_to:%b %Y}.{f' It was followed by {one.successor}.' if one.successor else ''}" for one in gone if one.valid_to]


@transaction.atomic
def add_party(contract: Contract, name: str, role: str, *, actor: Actor, programme: Programme | None = None) -> ContractParty:
    """``name`` is an organisation that is there, whatever its case, or a new one."""
    actor.require(Can.PROGRAMME_MANAGE)
    name = name.strip()
    if role not in PartyRole.values:
        raise Refused(Reason("Choose the role of the party.", field="role"))
    if not name or len(name) > 200:
        raise Refused(Reason("Enter a name of at most 200 characters.", field="organisation"))
    organisation = named(name, likely_kind(name, role), actor=actor, why=f"party to {contract.reference}")
    if gone := ended([name]):
        raise Refused(Reason(gone[0], field="organisation"))
    party = ContractParty(contract=contract, organisation=organisation, role=role)
    _refuse(_is_party(party))
    with refused_if_taken(lambda: _refuse(_is_party(party))):
        return changes.create(party, actor=actor, programme=programme)


def _is_party(party: ContractParty) -> list[Reason]:
    held = ContractParty._base_manager.filter(contract=party.contract, organisation=party.organisation, role=party.role).exists()
    return [Reason(f"{party.organisation} is {PartyRole(party.role).label.lower()} already.", field="organisation")] if held else []


@transaction.atomic
def remove_party(party: ContractParty, *, actor: Actor, why: str, programme: Programme | None = None) -> None:
    """Take a party off that was named by mistake. Refused, with everything that hangs on it, while something does."""
    actor.require(Can.PROGRAMME_MANAGE)
    found = [] if why.strip() else [Reason("Say why it is removed.", field="reason")]
    roles = RoleAssignment.objects.filter(programme__contracts=party.contract, organisation=party.organisation, role__in=_LEADS.get(party.role, ()), ended_at__isnull=True).exclude(ends_on__lt=today())
    uses = [*(f"{role.holder} acts for it as {role.role}" for role in roles.select_related("user")), *(registry.read_fact("party_use", party) or ())]
    found += [Reason(f"{party.organisation} stays for now: {use}.") for use in uses]
    if found:
        raise Refused(found)
    changes.mark(party.contract, "party removed", actor=actor, fields={"party": [str(party), None]}, why=why, programme=programme)
    party.delete()


def _faults(model: type[models.Model], values: Mapping[str, Any]) -> list[Reason]:
    found: list[Reason] = []
    for name, value in values.items():
        field = model._meta.get_field(name)
        if isinstance(field, models.Field) and not field.is_relation:
            try:
                field.clean(value, None)
            except ValidationError as error:
                found += [Reason(text, field=name) for text in error.messages]
    return found


def _order(values: Mapping[str, Any], obj: models.Model, pair: tuple[str, str]) -> list[Reason]:
    if not set(pair) & set(values):
        return []
    first, last = (values.get(name, getattr(obj, name)) for name in pair)
    if isinstance(first, date) and isinstance(last, date) and last < first:
        labels = [str(obj._meta.get_field(name).verbose_name) for name in pair]  # type: ignore[union-attr]
        return [Reason(f"The {labels[1]} lies before the {labels[0]}. Check both.", field=pair[1])]
    return []
