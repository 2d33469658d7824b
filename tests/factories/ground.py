"""Organisations, programmes, users in roles."""

from __future__ import annotations

import itertools
from datetime import date

from mobilisation.access import Actor
from mobilisation.models import CalendarDay, Contract, ContractParty, Organisation, Programme, RoleAssignment, User

_numbers = itertools.count(1)
HOLIDAYS_2027 = [date(2027, 1, 1), date(2027, 3, 26), date(2027, 3, 29), date(2027, 5, 3), date(2027, 5, 31), date(2027, 8, 30), date(2027, 12, 27), date(2027, 12, 28)]
HOLIDAYS_2026 = [date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4), date(2026, 5, 25), date(2026, 8, 31), date(2026, 12, 25), date(2026, 12, 28)]


def organisation(name: str = "", kind: str = "homecare_provider") -> Organisation:
    found, _ = Organisation.objects.get_or_create(name=name or f"Provider {next(_numbers)}", defaults={"kind": kind})
    return found


def holidays() -> None:
    CalendarDay.objects.bulk_create(
        [CalendarDay(division="england-and-wales", date=day, title="Bank holiday") for day in HOLIDAYS_2026 + HOLIDAYS_2027], ignore_conflicts=True
    )


def party(programme: Programme, name: str, role: str, kind: str = "homecare_provider") -> Organisation:
    found = organisation(name, kind)
    contract = programme.contracts.first()
    ContractParty.objects.get_or_create(contract=contract, organisation=found, role=role)
    return found


def programme(kind: str = "live_service", reference: str = "", **fields) -> Programme:
    """A programme with one contract; dates default to spring 2027."""
    holidays()
    number = next(_numbers)
    made = Programme.objects.create(
        reference=reference or f"PRG-{number}", title=fields.pop("title", f"Programme {number}"), kind=kind, status=fields.pop("status", "active"),
        **({"decision_date": date(2027, 1, 4)} | fields),
    )
    made.contracts.add(Contract.objects.create(reference=f"CON-{number}", title="Contract"))
    return made


def provider_exit(reference: str = "", **fields) -> Programme:
    """Meadowgate leaves; Bluebell, Seasalter and Oyster Bay take over."""
    made = programme("provider_exit", reference, **({"exit_type": "planned", "exit_date": date(2027, 4, 30)} | fields))
    party(made, "Kent County Council", "lead_commissioner", "council")
    party(made, "Meadowgate Homecare Ltd", "exiting")
    for name in ("Bluebell Care Partners", "Seasalter Home Support CIC", "Oyster Bay Care Ltd"):
        party(made, name, "incoming")
    return made


def user(email: str = "", **fields) -> User:
    return User.objects.create_user(email or f"user{next(_numbers)}@example.org", "correct horse battery", **fields)


def user_in(role: str, programme: Programme | None = None, organisation: Organisation | None = None, who: User | None = None, **fields) -> User:
    """A user holding ``role`` on ``programme`` (site-wide without one)."""
    holder = who or user()
    RoleAssignment.objects.create(programme=programme, user=holder, organisation=organisation, role=role, **({"starts_on": date(2020, 1, 1)} | fields))
    return holder


def actor(role: str, programme: Programme | None = None, organisation: Organisation | None = None) -> Actor:
    """An ``Actor`` in ``role``."""
    return Actor.of(user_in(role, programme, organisation), programme)
