"""Opening a programme: the one way in for the wizard, the command and the demonstration data (domain 3.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from django.conf import settings

from mobilisation import rules
from mobilisation.access import Actor
from mobilisation.choices import BoardKind, ContractStatus, ExitType, OrganisationKind, Pace, PartyRole, ProgrammeKind, ProgrammeStatus, ServiceType
from mobilisation.clock import today
from mobilisation.errors import Reason, Refused
from mobilisation.models import Board, CalendarDay, Contract, ContractParty, Organisation, Programme, RoleAssignment, User
from mobilisation.roles import ROLES, Can, sees_people
from mobilisation.services import accounts, calendar, changes, organisations
from mobilisation.services.meanwhile import refused_if_taken
from workstreams.rules.schedule import default_pace
from workstreams.services.plan import add_template_items

_REFERENCE = re.compile(r"^[A-Z0-9][A-Z0-9-]{1,19}$")


@dataclass(frozen=True)
class Party:
    """``role`` is a PartyRole; the organisation is made when nobody of that name is there."""

    role: str
    name: str
    kind: str = ""


@dataclass(frozen=True)
class Person:
    """Somebody in a role. Without an account of ``email`` the name is kept until one is opened."""

    role: str
    email: str = ""
    name: str = ""
    organisation: str = ""


@dataclass(frozen=True)
class NewProgramme:
    """What a new programme is made of. Which date is needed hangs on the kind: ``d0`` for an exit, ``scd`` or ``go_live`` for a start."""

    reference: str
    kind: str
    title: str
    exit_type: str = ""
    pace: str = ""
    d0: date | None = None
    scd: date | None = None
    go_live: date | None = None
    end: date | None = None
    award: date | None = None
    staff_transfer: date | None = None
    division: str = ""
    objectives: str = ""
    parties: tuple[Party, ...] = ()
    people: tuple[Person, ...] = ()
    demo: bool = False


def settled(new: NewProgramme) -> NewProgramme:
    """``new`` with its defaults filled in: exit type, pace (domain 5.14), reference in capitals."""
    exit_type = (new.exit_type or ExitType.PLANNED) if new.kind == ProgrammeKind.PROVIDER_EXIT else ""
    end = new.end if new.kind == ProgrammeKind.PROVIDER_EXIT else new.scd or new.go_live
    first = new.d0 or new.award
    parties = {(party.role, party.name.strip().casefold()): party for party in reversed(new.parties)}
    return replace(
        new, parties=tuple(party for party in new.parties if parties[party.role, party.name.strip().casefold()] is party), reference=new.reference.strip().upper(), title=new.title.strip(), exit_type=exit_type, pace=new.pace or default_pace(new.kind, exit_type, first, end)
    )


def faults(new: NewProgramme) -> list[Reason]:
    """Everything that stands against opening ``new`` (already settled), at once."""
    found: list[Reason] = []
    if not _REFERENCE.match(new.reference):
        found.append(Reason("Enter a reference of 2 to 20 letters, digits or hyphens.", "reference"))
    elif new.reference == "NEW":
        found.append(Reason("NEW is the address of the page that opens programmes. Choose another reference.", "reference"))
    elif Programme._base_manager.filter(reference=new.reference).exists():
        found.append(Reason(f"There is a programme {new.reference} already. Choose another reference.", "reference"))
    if not new.title:
        found.append(Reason("Enter a title.", "title"))
    elif len(new.title) > 200:
        found.append(Reason("The title may have 200 characters at most.", "title"))
    if new.kind not in ProgrammeKind.values:
        found.append(Reason(f"“{new.kind}” is not a kind of programme. Use {', '.join(ProgrammeKind.values)}.", "kind"))
    if new.exit_type and new.exit_type not in ExitType.values:
        found.append(Reason(f"“{new.exit_type}” is not an exit type. Use {', '.join(ExitType.values)}.", "exit_type"))
    if new.pace not in Pace.values:
        found.append(Reason(f"“{new.pace}” is not a pace. Use {', '.join(Pace.values)}.", "pace"))
    found += date_faults(new)
    for party in new.parties:
        if party.role not in PartyRole.values:
            found.append(Reason(f"“{party.role}” is not a role of a party. Use one of {', '.join(PartyRole.values)}.", "parties"))
        if not party.name.strip() or len(party.name) > 200:
            found.append(Reason("Each party needs a name of at most 200 characters.", "parties"))
    found += [Reason(f"{gone} Name who follows it, or take it off.", "parties") for gone in organisations.ended(party.name for party in new.parties)]
    sides = {role: {party.name.strip().casefold(): party.name.strip() for party in new.parties if party.role == role} for role in accounts.PARTY_OF.values()}
    for both in sides[PartyRole.EXITING].keys() & sides[PartyRole.INCOMING].keys():
        found.append(Reason(f"{sides[PartyRole.EXITING][both]} is named as the exiting and as an incoming provider. Take it off one of the two.", "parties"))
    return found


def people_faults(new: NewProgramme, actor: Actor) -> list[Reason]:
    """What stands against the people in roles. Nobody gives themselves sight of people: who sees none yet takes no such role, by whichever line."""
    found: list[Reason] = []
    own = actor.user.email.casefold() if actor.user is not None else ""
    blind = bool(own) and not any(sees_people(role) for role in actor.roles)
    held: set[tuple[str, str, str]] = set()
    for person in new.people:
        if person.role not in ROLES or ROLES[person.role].site_wide:
            found.append(Reason(f"“{person.role}” is not a role on a programme.", "people"))
            continue
        words, who, acts_for = f"{person.role} {ROLES[person.role].title}", (person.email or person.name).strip().casefold(), _provider_of(person, new)
        if person.role in accounts.PARTY_OF and not acts_for:
            found.append(Reason(f"{words} sees the people of one organisation: say of which.", "people"))
        if blind and who == own and sees_people(person.role):
            found.append(Reason(f"You cannot give yourself {words}: nobody gives themselves sight of personal data. Name a colleague, or leave it vacant.", "people"))
        if (person.role, who, acts_for.casefold()) in held:
            found.append(Reason(f"{person.email or person.name} is named as {words} twice. Once is enough.", "people"))
        held.add((person.role, who, acts_for.casefold()))
    parties = {party.name.strip().casefold() for party in new.parties}
    found += [Reason(f"{gone} Nobody acts for it.", "people") for gone in organisations.ended({person.organisation for person in new.people if person.organisation.strip().casefold() not in parties | {""}})]
    return found


def lead_faults(new: NewProgramme, actor: Actor) -> list[Reason]:
    """What somebody who opens a programme on the page would miss, each at its line; the command line fills the roles afterwards."""
    found: list[Reason] = []
    if "CL" not in {person.role for person in new.people}:
        found.append(Reason("Name the lead commissioning manager (CL): a programme is not active without one.", "role_CL"))
    if actor.user is not None and not actor.can(Can.SITE_ADMIN) and actor.user.email.casefold() not in {person.email.strip().casefold() for person in new.people}:
        found.append(Reason("Choose your own role: without one you would not see the programme that you open.", "own"))
    return found


def _provider_of(person: Person, new: NewProgramme) -> str:
    """The organisation somebody acts for; the only party of that side where none is said."""
    if person.organisation.strip() or person.role not in accounts.PARTY_OF:
        return person.organisation.strip()
    side = [party.name for party in new.parties if party.role == accounts.PARTY_OF[person.role]]
    return side[0] if len(side) == 1 else ""


_FIELDS = {"decision_date": "d0", "award_date": "award", "exit_date": "end", "contract_end": "end", "go_live_date": "go_live", "staff_transfer_date": "staff_transfer"}
"""Field of a programme → field of a new one; others have the same name."""


def date_faults(new: NewProgramme) -> list[Reason]:
    """What stands against the dates and the pace, each at its own field; the rules that a change of a programme keeps too."""
    exiting = new.kind == ProgrammeKind.PROVIDER_EXIT
    dates = rules.ProgrammeDates(
        kind=new.kind, pace=new.pace, decision_date=new.d0, award_date=new.award, scd=new.scd, exit_date=new.end if exiting else None, go_live_date=new.go_live,
        staff_transfer_date=new.staff_transfer, contract_end=None if exiting else new.end,
    )
    return [Reason(fault.words, _FIELDS.get(fault.field, fault.field)) for fault in rules.date_faults(dates)]


def create_programme(new: NewProgramme, *, actor: Actor) -> Programme:
    """Contract, parties, programme, roles, board and the built-in plan with real dates; ``draft`` becomes ``active``. Raises ``Refused`` with everything wrong."""
    actor.require(Can.PROGRAMME_CREATE)
    new = settled(new)
    _refuse(faults(new) + people_faults(new, actor))
    with refused_if_taken(lambda: _refuse(faults(new))):
        if not CalendarDay.objects.exists():
            calendar.refresh(actor)
        named = [(_organisation(party, new.kind, actor), party.role) for party in new.parties]
        lead = next((org for org, role in named if role == PartyRole.LEAD_COMMISSIONER), None)
        programme = Programme(
            reference=new.reference, title=new.title, kind=new.kind, exit_type=new.exit_type, pace=new.pace, phase="exit" if new.kind == ProgrammeKind.PROVIDER_EXIT else "mobilisation",
            decision_date=new.d0, award_date=new.award, scd=new.scd, exit_date=new.end if new.kind == ProgrammeKind.PROVIDER_EXIT else None, go_live_date=new.go_live,
            staff_transfer_date=new.staff_transfer, objectives=new.objectives, lead_organisation=lead, capacity_board_on=new.kind == ProgrammeKind.HOMECARE_START, demo=new.demo,
        )
        programme.division = new.division or settings.DEFAULT_DIVISION
        changes.create(programme, actor=actor)
        contract = _contract(new, programme, actor)
        changes.bulk_create([ContractParty(contract=contract, organisation=org, role=role) for org, role in dict.fromkeys(named)], actor=actor, programme=programme)
        programme.contracts.add(contract)
        exiting = new.kind == ProgrammeKind.PROVIDER_EXIT
        changes.create(Board(programme=programme, kind=BoardKind.TASK_FORCE if exiting else BoardKind.MOBILISATION_BOARD, cadence="weekly"), actor=actor)
        _people(programme, new, {org.name.casefold(): org for org, _ in named}, actor)
        add_template_items(programme, actor=actor)
        changes.apply(programme, {"status": ProgrammeStatus.ACTIVE}, actor=actor, why="set up with its plan")
    return programme


def _refuse(found: list[Reason]) -> None:
    if found:
        raise Refused(found)


def _organisation(party: Party, kind: str, actor: Actor) -> Organisation:
    name = party.name.strip()
    return organisations.named(name, party.kind or _kind(name, party.role, kind), actor=actor, why="party to a new programme")


def _kind(name: str, role: str, kind: str) -> str:
    return organisations.likely_kind(
        name, role, provider=OrganisationKind.COMMUNITY_PROVIDER if kind == ProgrammeKind.LIVE_SERVICE else OrganisationKind.HOMECARE_PROVIDER,
        commissioner=OrganisationKind.COUNCIL if kind == ProgrammeKind.PROVIDER_EXIT else OrganisationKind.ICB,
    )


def _contract(new: NewProgramme, programme: Programme, actor: Actor) -> Contract:
    reference, number = new.reference, 1
    while Contract._base_manager.filter(reference=reference).exists():
        number += 1
        reference = f"{new.reference}-{number}"
    exiting = new.kind == ProgrammeKind.PROVIDER_EXIT
    return changes.create(
        Contract(
            reference=reference, title=new.title, service_type=ServiceType.COMMUNITY if new.kind == ProgrammeKind.LIVE_SERVICE else ServiceType.HOMECARE,
            form="nhs_full" if new.kind == ProgrammeKind.LIVE_SERVICE else "council_framework", award_date=new.award, expected_scd=new.scd or new.go_live,
            expiry_date=new.end, status=ContractStatus.ENDING if exiting else ContractStatus.AWARDED,
        ),
        actor=actor, programme=programme,
    )


def _people(programme: Programme, new: NewProgramme, known: dict[str, Organisation], actor: Actor) -> None:
    emails = {person.email.casefold() for person in new.people if person.email}
    users = {user.email.casefold(): user for user in User._base_manager.filter(email__in=emails)}
    rows = []
    for person in new.people:
        user = users.get(person.email.casefold()) if person.email else None
        if user is None and person.email and actor.user is not None:
            user = users[person.email.casefold()] = accounts.invite(person.email, actor=actor)
        acts_for = _provider_of(person, new)
        organisation = known.get(acts_for.casefold())
        if organisation is None and acts_for:
            organisation = _organisation(Party(PartyRole.PARTNER, acts_for), new.kind, actor)
        rows.append(
            RoleAssignment(
                programme=programme, user=user, named="" if user else (person.name or person.email), email="" if user else person.email, organisation=organisation,
                role=person.role, starts_on=today(),
            )
        )
    changes.bulk_create(rows, actor=actor)


def party_role(words: str) -> str:
    """``"exiting provider"``, ``"Lead-Commissioner"`` or ``"exiting"`` → the value; the words themselves when unknown."""
    plain = re.sub(r"[\s-]+", "_", words.strip().lower())
    labels = {re.sub(r"[\s-]+", "_", label.lower()): value for value, label in PartyRole.choices}
    return plain if plain in PartyRole.values else labels.get(plain, plain)
