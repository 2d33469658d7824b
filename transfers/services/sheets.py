"""Allocation sheets: made as a version, kept as bytes that never change, taken with a reason."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Organisation, Programme
from mobilisation.roles import Can
from mobilisation.services import access_log, changes
from mobilisation.services.notices import notify
from mobilisation.veil.words import Identifiers, Veil, veil_over
from transfers.choices import SheetSide
from transfers.exports.sheets import write_sheet
from transfers.facts.people import beside
from transfers.models import AllocationSheet, PersonTransfer, SheetPerson, SheetTaken
from transfers.models.person import open_to_incoming, still_with_exiting
from transfers.services.people import holders
from transfers.services.rights import is_provider

FOLDER = "sheets"


def people_of(programme: Programme, provider: Organisation, side: str) -> list[PersonTransfer]:
    """Whom the provider may know by name now."""
    going = PersonTransfer.objects.filter(programme=programme).going()
    found = going.filter(open_to_incoming(), incoming_provider=provider) if side == SheetSide.INCOMING else going.filter(still_with_exiting(), exiting_provider=provider)
    return list(found.select_related("exiting_provider", "incoming_provider").order_by("surname", "forename", "id"))


def make(programme: Programme, provider: Organisation, side: str, *, actor: Actor) -> AllocationSheet:
    """The next version for ``provider``; the one before is superseded and stays as it was."""
    actor.require(Can.PEOPLE_EXPORT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team makes the allocation sheets.")
    if side not in SheetSide.values or not provider.party_to.filter(contract__programmes=programme, role=side).exists():
        raise Refused(Reason(f"{provider} is not an {side} provider of this programme.", field="provider"))
    stored = ""
    try:
        with transaction.atomic():
            Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
            people = people_of(programme, provider, side)
            if not people:
                raise Refused(Reason(f"{provider} has nobody whose record is open to it yet: {'accepted, with a sharing decision recorded' if side == SheetSide.INCOMING else 'leaving it'}.", field="provider"))
            before = AllocationSheet.objects.filter(programme=programme, provider=provider, side=side).order_by("-number").first()
            number = before.number + 1 if before else 1
            file, moment = io.BytesIO(), now()
            provisional = write_sheet(file, f"{programme.reference} allocation sheet, {side} provider {provider}, version {number}, {timezone.localtime(moment):%d/%m/%Y}", people, side, partial(_veil, programme, people))
            data = file.getvalue()
            stored = default_storage.save(f"{FOLDER}/{secrets.token_hex(16)}.xlsx", ContentFile(data))
            if before is not None and before.superseded_at is None:
                changes.apply(before, {"superseded_at": moment}, actor=actor, action="superseded")
            made = changes.create(
                AllocationSheet(
                    programme=programme, provider=provider, side=side, number=number, rows=len(people), provisional=provisional, sha256=hashlib.sha256(data).hexdigest(), stored_name=stored, made_at=moment, by_label=actor.label[:150]
                ),
                actor=actor, action="sheet made",
            )
            SheetPerson.objects.bulk_create([SheetPerson(sheet=made, person=person) for person in people])
    except BaseException:
        if stored:
            default_storage.delete(stored)
        raise
    notify(holders(programme, ["IP" if side == SheetSide.INCOMING else "XP"], provider), programme, "sheet", f"{programme.reference}: an allocation sheet is ready, version {number}", [], "", unique_key=f"sheet:{made.pk}")
    return made


def _veil(programme: Programme, people: list[PersonTransfer], texts: Iterable[str]) -> Veil:
    told = [(own, Identifiers(*one)) for own, one in beside(programme, people)]
    return veil_over((one for own, one in told if not own), texts, (one for own, one in told if own))


def take(sheet: AllocationSheet, reason: str, *, actor: Actor, request: Any = None) -> bytes:
    """The kept bytes, for the team or the provider itself; who took it and why is kept with the sheet."""
    if is_provider(actor):
        actor.require(Can.PEOPLE_VIEW)
        role = "IP" if sheet.side == SheetSide.INCOMING else "XP"
        visible = actor.user is not None and AllocationSheet.objects.visible_to(actor.user).filter(pk=sheet.pk).exists()
        if sheet.provider_id not in actor.organisation_ids(role) or not visible:
            raise NotPermitted("This sheet is not, or no longer, yours to take. Ask the mobilisation team for the newest one.")
    else:
        actor.require(Can.PEOPLE_EXPORT)
    if not reason.strip():
        raise Refused(Reason("Say why you are taking this sheet out of the system.", field="reason"))
    if not default_storage.exists(sheet.stored_name):
        raise Refused("The file of this sheet is no longer kept. The mobilisation team makes a new version.")
    with default_storage.open(sheet.stored_name) as file:
        data: bytes = file.read()
    if hashlib.sha256(data).hexdigest() != sheet.sha256:
        raise Refused("The kept file is not the one that was made. Nothing is handed out; tell the administrator, and make a new version.")
    ids = list(PersonTransfer.objects.filter(on_sheets__sheet=sheet).values_list("public_id", flat=True))
    with transaction.atomic():
        SheetTaken(sheet=sheet, at=now(), by_label=actor.label[:150], reason=reason.strip()[:300], created_by=actor.user).save()
        access_log.record(actor, "export", sheet.programme, f"allocation sheet {sheet.public_id}", ids=ids, reason=reason, request=request)
    return data
