"""Contacts of a person, and the needs that have no column: one function a use case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import Reason, Refused
from mobilisation.models import Change
from mobilisation.services import changes
from transfers.choices import ContactRole
from transfers.models import PersonContact, PersonNeed, PersonTransfer
from transfers.services import columns, turning
from transfers.services.rights import locked, require_team

STANDS_FOR = (ContactRole.REPRESENTATIVE, ContactRole.NEXT_OF_KIN, ContactRole.ATTORNEY, ContactRole.DEPUTY)
"""Roles that may stand in the representative columns of the tracker."""


@transaction.atomic
def add(person: PersonTransfer, values: Mapping[str, Any], *, actor: Actor) -> PersonContact:
    """One more contact; the first who may stand for the person is the tracker's representative."""
    require_team(person, actor, "the contacts")
    row = locked(person)
    _refuse(values)
    has_main = PersonContact.objects.filter(person=row, main=True).exists()
    made = changes.create(PersonContact(person=row, main=not has_main and values.get("role") in STANDS_FOR, **values), actor=actor, action="contact added")
    _follow(person, row, actor, "contact added")
    return made


@transaction.atomic
def change(contact: PersonContact, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    """Change a contact; a stale save merges or is refused with both values."""
    require_team(contact.person, actor, "the contacts")
    row = locked(contact.person)
    contact.refresh_from_db()
    _refuse({name: getattr(contact, name) for name in ("name", "phone", "role")} | dict(values))
    wanted = dict(values)
    if contact.main and wanted.get("role", contact.role) not in STANDS_FOR:
        wanted["main"] = False
    record = changes.apply(contact, wanted, actor=actor, expected_version=expected_version, programme=row.programme, action="contact changed")
    if record is not None:
        _successor(row, actor)
        _follow(row, row, actor, "contact changed")
    return record


@transaction.atomic
def choose(contact: PersonContact, *, actor: Actor) -> None:
    """This contact stands in the tracker from now on."""
    require_team(contact.person, actor, "the contacts")
    row = locked(contact.person)
    contact.refresh_from_db()
    if contact.ended_on or contact.role not in STANDS_FOR:
        raise Refused("Only a representative, next of kin, attorney or deputy who is a contact now stands in the tracker.")
    held = PersonContact.objects.filter(person=row, main=True).exclude(pk=contact.pk).first()
    if held is not None:
        changes.apply(held, {"main": False}, actor=actor, programme=row.programme, action="no longer stands in the tracker")
    changes.apply(contact, {"main": True}, actor=actor, programme=row.programme, action="stands in the tracker")
    _follow(row, row, actor, "another contact stands in the tracker")


@transaction.atomic
def end(contact: PersonContact, *, actor: Actor, why: str = "") -> None:
    """No longer a contact; the record stays, the next who may stand for the person takes its place in the tracker."""
    require_team(contact.person, actor, "the contacts")
    row = locked(contact.person)
    contact.refresh_from_db()
    if contact.ended_on:
        raise Refused("This contact was ended already.")
    changes.apply(contact, {"main": False, "ended_on": today()}, actor=actor, why=why, programme=row.programme, action="contact ended")
    _successor(row, actor)
    _follow(row, row, actor, "contact ended")


def _successor(row: PersonTransfer, actor: Actor) -> None:
    if PersonContact.objects.filter(person=row, main=True).exists():
        return
    following = PersonContact.objects.filter(person=row, ended_on__isnull=True, role__in=STANDS_FOR).order_by("id").first()
    if following is not None:
        changes.apply(following, {"main": True}, actor=actor, programme=row.programme, action="stands in the tracker")


def _follow(person: PersonTransfer, row: PersonTransfer, actor: Actor, why: str) -> None:
    columns.project(row, actor=actor, why=why)
    turning.refresh(row)
    if person is not row:
        person.refresh_from_db()


def _refuse(values: Mapping[str, Any]) -> None:
    found = []
    if not str(values.get("name") or "").strip():
        found.append(Reason("Enter the name.", field="name"))
    if values.get("preferred") == "phone" and not str(values.get("phone") or "").strip():
        found.append(Reason("Enter the phone number, as this contact prefers the phone.", field="phone"))
    if values.get("preferred") == "email" and not str(values.get("email") or "").strip():
        found.append(Reason("Enter the e-mail address, as this contact prefers e-mail.", field="email"))
    if found:
        raise Refused(found)


@transaction.atomic
def record_needs(person: PersonTransfer, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> PersonNeed:
    """Allergies, moving and handling, how to communicate, what matters: kept once a person."""
    require_team(person, actor, "the needs")
    row = locked(person)
    held = PersonNeed.objects.filter(person=row).first()
    known = values.get("allergies_known", held.allergies_known if held else None)
    written = str(values.get("allergies", held.allergies if held else "") or "").strip()
    if written and known is False:
        raise Refused(Reason("Allergies are written down, so they are known. Choose yes, or empty the field.", field="allergies_known"))
    if held is None:
        if all(value in (None, "") for value in values.values()):
            raise Refused("Enter at least one of these.")
        held = changes.create(PersonNeed(person=row, **values), actor=actor, action="needs recorded")
    elif changes.apply(held, values, actor=actor, expected_version=expected_version, programme=row.programme, action="needs changed") is None:
        return held
    turning.refresh(row)
    return held
