"""The journey of the file by its funding rule, money held for the person, and interim options."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Change, Programme
from mobilisation.roles import Can
from mobilisation.services import changes
from transfers.models import FileTransfer, InterimOption, MoneyHeld, PersonTransfer
from transfers.rules import sharing
from transfers.services import columns, turning
from transfers.services.concerns import file_went_wrong
from transfers.services.rights import is_provider, locked, require_coming, require_leaving
from transfers.services.seen import Seen, refuse_stale

_FILE = ("requested_on", "sent_on", "received_on", "method", "tracking_ref", "outcome")


@transaction.atomic
def record_file(person: PersonTransfer, values: Mapping[str, Any], *, actor: Actor) -> FileTransfer:
    """Start the record of the file's journey on the route its funding asks for."""
    row = locked(person)
    require_leaving(row, actor, "the record of the file")
    if not row.file_route:
        raise Refused("The funding is not known yet, so the route of the file is not either. Enter the funding first.")
    _refuse_file(row, values)
    made = changes.create(FileTransfer(person=row, route=row.file_route, **values), actor=actor, action="file recorded")
    _tell(row, made, "", actor)
    turning.refresh(row)
    return made


@transaction.atomic
def change_file(journey: FileTransfer, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    row = locked(journey.person)
    require_leaving(row, actor, "the record of the file")
    before = journey.outcome
    _refuse_file(row, {name: getattr(journey, name) for name in _FILE} | dict(values))
    record = changes.apply(journey, values, actor=actor, expected_version=expected_version, programme=row.programme, action="file changed")
    if record is not None:
        _tell(row, journey, before, actor)
        turning.refresh(row)
    return record


@transaction.atomic
def file_arrived(person: PersonTransfer, on: date, *, actor: Actor, seen: Seen | None = None) -> FileTransfer:
    """The incoming provider has the file in its hands; the journey it was sent on ends."""
    row = locked(person)
    require_coming(row, actor, "the arrival of the file")
    journey = FileTransfer.objects.filter(person=row).first()
    refuse_stale(seen, row, (), journey)
    if journey is None or journey.sent_on is None:
        raise Refused("The exiting provider has not recorded that the file was sent. Ask it, or tell the mobilisation team.")
    if journey.received_on or journey.outcome:
        raise Refused(f"The journey of the file has ended already: {journey.get_outcome_display().lower()}.")
    values = {"received_on": on, "outcome": "received"}
    _refuse_file(row, {name: getattr(journey, name) for name in _FILE} | values)
    changes.apply(journey, values, actor=actor, programme=row.programme, action="file received")
    turning.refresh(row)
    return journey


def _refuse_file(row: PersonTransfer, values: Mapping[str, Any]) -> None:
    found = sharing.file_record_refused(
        row.funding_type, instruction=row.file_instruction, choice=row.file_choice, requested_on=values.get("requested_on"), sent_on=values.get("sent_on"), received_on=values.get("received_on"),
        method=values.get("method") or "", tracking_ref=values.get("tracking_ref") or "", outcome=values.get("outcome") or "", as_of=today(),
    )
    if found:
        raise Refused([Reason(words, field=name) for name, words in found])


def _tell(row: PersonTransfer, journey: FileTransfer, before: str, actor: Actor) -> None:
    """Lost or misdirected is an incident: into the register the same day, without naming the person."""
    if journey.outcome in sharing.GONE_WRONG and before not in sharing.GONE_WRONG:
        file_went_wrong(row, journey.outcome, actor=actor)


@transaction.atomic
def record_route(person: PersonTransfer, *, actor: Actor, instruction: str = "", choice: str = "", seen: Seen | None = None) -> None:
    """The placing authority's instruction, or the person's own choice; C13 waits for it."""
    row = locked(person)
    require_leaving(row, actor, "the route of the file")
    refuse_stale(seen, row, ("file_instruction", "file_choice", "funding_type"))
    route = row.file_route
    wanted = {"await_instruction": ("file_instruction", instruction), "person_choice": ("file_choice", choice)}.get(route)
    if wanted is None:
        raise Refused("With this funding the file goes to the incoming provider. Nothing has to be decided.")
    if not wanted[1].strip():
        raise Refused(Reason("Enter what was instructed." if route == "await_instruction" else "Enter what the person chose.", field="words"))
    changes.apply(row, {wanted[0]: wanted[1]}, actor=actor, action="route of the file recorded")
    turning.refresh(row)


@transaction.atomic
def record_money(person: PersonTransfer, values: Mapping[str, Any], *, actor: Actor) -> MoneyHeld:
    """Somebody holds money for the person."""
    row = locked(person)
    require_leaving(row, actor, "the record of monies held")
    _refuse_money(values)
    made = changes.create(MoneyHeld(person=row, **values), actor=actor, action="money recorded")
    _follow(row, actor, "money recorded")
    return made


@transaction.atomic
def change_money(money: MoneyHeld, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    """Change or settle; settled money says who held it and how much."""
    row = locked(money.person)
    require_leaving(row, actor, "the record of monies held")
    _refuse_money({name: getattr(money, name) for name in ("holder", "amount", "settled_on")} | dict(values))
    record = changes.apply(money, values, actor=actor, expected_version=expected_version, programme=row.programme, action="money changed")
    if record is not None:
        _follow(row, actor, "money changed")
    return record


def _refuse_money(values: Mapping[str, Any]) -> None:
    found = []
    if not str(values.get("holder") or "").strip():
        found.append(Reason("Enter who holds the money.", field="holder"))
    settled = values.get("settled_on")
    if settled and settled > today():
        found.append(Reason("The day is in the future. Enter the day it was settled.", field="settled_on"))
    if settled and values.get("amount") is None:
        found.append(Reason("Enter the amount that was settled.", field="amount"))
    if found:
        raise Refused(found)


def _follow(row: PersonTransfer, actor: Actor, why: str) -> None:
    columns.project(row, actor=actor, why=why)
    if row.monies_held is None and not MoneyHeld.objects.filter(person=row, settled_on__isnull=True).exists():
        changes.apply(row, {"monies_held": False}, actor=actor, why="all settled")
    turning.refresh(row)


@transaction.atomic
def add_option(programme: Programme, values: Mapping[str, Any], *, actor: Actor) -> InterimOption:
    _require_options(actor)
    return changes.create(InterimOption(programme=programme, **values), actor=actor)


def change_option(option: InterimOption, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    _require_options(actor)
    return changes.apply(option, values, actor=actor, expected_version=expected_version)


def _require_options(actor: Actor) -> None:
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team keeps the interim options.")
