"""Changes to staff transfers: one function a use case, permission checked by what the act needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Change, Organisation, Programme
from mobilisation.roles import Can
from mobilisation.services import changes
from mobilisation.services.meanwhile import refused_if_taken
from transfers.models.staff import SKILLS, CompetenceRecord, CompetenceState, StaffTransfer, TrainingRequirement, TupeProcess
from transfers.rules import competence, tupe

TUPE_DATES = (*(stage.field for stage in tupe.STAGES), "eli_complete_on")


def requirements_to_be(programme: Programme) -> list[TrainingRequirement]:
    """The programme's training requirements; the four essential checks, unsaved, when there are none."""
    found = list(TrainingRequirement.objects.filter(programme=programme))
    return found or [TrainingRequirement(programme=programme, skill=skill, title=title, high_risk=high) for skill, title, high in SKILLS]


def requirements(programme: Programme, actor: Actor) -> list[TrainingRequirement]:
    """The same, made where there were none."""
    found = requirements_to_be(programme)
    if found[0].pk:
        return found
    try:
        with transaction.atomic():
            return changes.bulk_create(found, actor=actor, programme=programme, why="essential checks of a new programme")
    except IntegrityError:
        return requirements_to_be(programme)  # made by somebody else in the same moment


def open_tupe(programme: Programme, *, transferor: Organisation, transferee: Organisation | None, transfer_date: date, actor: Actor, **fields: Any) -> TupeProcess:
    """Start the TUPE record of one pair of employers; ``transferee`` None stands for all incoming ones. Its dates follow from ``transfer_date`` (X)."""
    actor.require(Can.STAFF_EDIT)
    _own_employer(transferor.pk, actor)
    if transferor == transferee:
        raise Refused(Reason("Staff cannot transfer to the employer they are with. Choose the incoming employer.", field="transferee"))
    process = TupeProcess(programme=programme, transferor=transferor, transferee=transferee, transfer_date=transfer_date, **({"division": programme.division} | fields))
    _refuse_employers(process)
    with refused_if_taken(lambda: _refuse_employers(process)):
        return changes.create(process, actor=actor)


def _refuse_employers(process: TupeProcess) -> None:
    if TupeProcess.objects.filter(programme=process.programme, transferor=process.transferor, transferee=process.transferee).exclude(pk=process.pk).exists():
        raise Refused(Reason("There is a TUPE record for these employers already. Open that one.", field="transferee"))


def update_tupe(process: TupeProcess, values: Mapping[str, Any], *, actor: Actor, why: str = "", expected_version: int | None = None) -> Change | None:
    """Record dates of the timeline, headcounts and the route."""
    actor.require(Can.STAFF_EDIT)
    _own_employer(process.transferor_id, actor)
    reasons = [
        Reason(f"{TupeProcess._meta.get_field(name).verbose_name.capitalize()}: {values[name].day} {values[name]:%b %Y} is in the future. Enter the day it was done.", field=name)  # type: ignore[union-attr]
        for name in TUPE_DATES
        if isinstance(values.get(name), date) and values[name] > today()
    ]
    if values.get("route", process.route) == "direct":
        why_not = tupe.direct_consultation_refused(
            has_representatives=False,
            employer_staff=values.get("employer_headcount", process.employer_headcount),
            transferring=values.get("headcount", process.headcount),
        )
        if why_not:
            reasons.append(Reason(why_not, field="route"))
    complete, received = values.get("eli_complete_on", process.eli_complete_on), values.get("eli_received_on", process.eli_received_on)
    if complete and (received is None or complete < received):
        reasons.append(Reason("ELI cannot be complete before it was received. Enter the day it was received first.", field="eli_complete_on"))
    if reasons:
        raise Refused(reasons)
    return changes.apply(process, values, actor=actor, why=why, expected_version=expected_version)


def add_staff(staff: StaffTransfer, *, actor: Actor) -> StaffTransfer:
    """Put one member of staff on the list."""
    actor.require(Can.STAFF_EDIT)
    _own_employer(staff.exiting_id, actor)
    _refuse_number(staff, staff.staff_ref)
    with refused_if_taken(lambda: _refuse_number(staff, staff.staff_ref)):
        return changes.create(staff, actor=actor)


def _refuse_number(staff: StaffTransfer, number: str) -> None:
    if StaffTransfer.objects.filter(programme=staff.programme, exiting=staff.exiting, staff_ref=number).exclude(pk=staff.pk).exists():
        raise Refused(Reason(f"Employee number {number} is on the list already.", field="staff_ref"))


def update_staff(staff: StaffTransfer, values: Mapping[str, Any], *, actor: Actor, why: str = "", expected_version: int | None = None) -> Change | None:
    """Change the record of one member of staff. An objection after the transfer date is refused: employment has moved."""
    actor.require(Can.STAFF_EDIT)
    _own_employer(staff.exiting_id, actor)
    objected = values.get("objected_on")
    if isinstance(objected, date):
        if objected > today():
            raise Refused(Reason("The day of the objection is in the future.", field="objected_on"))
        moved = TupeProcess.objects.filter(programme=staff.programme, transferor=staff.exiting, transfer_date__lt=objected).first()
        if moved:
            raise Refused(Reason(f"Staff may object up to the transfer date, {moved.transfer_date.day} {moved.transfer_date:%b %Y}. After it the person has a new employer.", field="objected_on"))
    number = values.get("staff_ref", staff.staff_ref)
    if number != staff.staff_ref:
        _refuse_number(staff, number)
    with refused_if_taken(lambda: _refuse_number(staff, number)):
        return changes.apply(staff, values, actor=actor, why=why, expected_version=expected_version)


def record_competence(staff: StaffTransfer, skill: str, state: str, *, actor: Actor, on: date | None = None, expires_on: date | None = None, why: str = "") -> CompetenceRecord:
    """Set the state of one skill. ``validated`` is signed off by somebody other than the provider's own word:
    the actor is the assessor, and a provider may not validate."""
    actor.require(Can.STAFF_EDIT)
    day = on or today()
    if day > today() and state != CompetenceState.BOOKED:
        raise Refused(Reason("The day is in the future. Only a booking may be.", field="on"))
    if state == CompetenceState.VALIDATED and not actor.unrestricted and actor.roles <= {"XP", "IP"}:
        raise NotPermitted("A provider reports training as booked or completed. The workforce lead validates it.")
    if expires_on and expires_on < day:
        raise Refused(Reason("It would expire before it was signed off.", field="expires_on"))
    with transaction.atomic():
        record = CompetenceRecord.objects.select_for_update().filter(staff=staff, skill=skill).first()
        values: dict[str, Any] = {"state": state, "expires_on": expires_on}
        if state == CompetenceState.COMPLETED:
            values |= {"completed_on": day, "signed_off_on": None, "assessor_name": ""}
        elif state == CompetenceState.VALIDATED:
            values |= {"signed_off_on": day, "assessor": actor.user, "assessor_name": actor.label[:150]}
        else:
            values |= {"signed_off_on": None, "assessor_name": ""}
        if record is None:
            with refused_if_taken(lambda: _refuse_recorded(staff, skill)):
                return changes.create(CompetenceRecord(staff=staff, skill=skill, **values), actor=actor, why=why, programme=staff.programme)
        if state == CompetenceState.VALIDATED and record.state != CompetenceState.VALIDATED and staff.restriction:
            why_not = competence.reassess_refused(staff.shadow_shifts_done)
            if why_not:
                raise Refused(Reason(why_not, field="state"))
        changes.apply(record, values, actor=actor, why=why, programme=staff.programme)
    return record


def _refuse_recorded(staff: StaffTransfer, skill: str) -> None:
    if held := CompetenceRecord.objects.filter(staff=staff, skill=skill).first():
        raise Refused(Reason(f"Somebody recorded this skill as {held.get_state_display().lower()} at the same moment. Open the page again to see what stands, then record yours.", field="state"))


def own_staff_only(actor: Actor) -> bool:
    """A provider changes its own staff only."""
    return bool(not actor.unrestricted and actor.roles and actor.roles <= {"XP", "IP"})


def _own_employer(exiting_id: int | None, actor: Actor) -> None:
    if own_staff_only(actor) and exiting_id not in actor.organisation_ids("XP"):
        raise NotPermitted("You may change the staff of your own organisation only.")
