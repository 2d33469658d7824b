"""A person's own fields: listed, changed, rated, shared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Change, Organisation, Programme
from mobilisation.roles import Can
from mobilisation.services import changes
from mobilisation.services.meanwhile import refused_if_taken
from transfers.models import PersonTransfer, SharingDecision
from transfers.rules import endings, gates, legal, sharing, transfer_day
from transfers.rules import hospital as hospital_rules
from transfers.rules import priority as priorities
from transfers.rules.columns import COLUMNS as PROJECTED
from transfers.rules.columns import PLAN
from transfers.services import checkpoints, columns, doubles, turning
from transfers.services.rights import brought_up, is_provider, locked, refuse_ended, require_edit
from transfers.services.seen import Seen, refuse_stale
from transfers.services.telling import tell_moved

COLUMNS = frozenset(PROJECTED)
CLEARED_FOR_PROVIDERS = frozenset({"same_worker", "visit_times", "phone"})
"""What a provider may change on its own people; everything else is the team's (mass assignment is refused)."""


def needs_of(person: PersonTransfer, *, plan_current: bool | None = None) -> priorities.Needs:
    """What the priority is suggested from. ``plan_current``: C08 is done; looked up when not given."""
    unknown = person.known_to_council is False
    if unknown and plan_current is None:
        plan_current = person.pk is not None and person.checkpoints.filter(code="C08", state="done").exists()
    return priorities.Needs(
        time_critical=bool(person.time_critical), peg_or_clinical=bool(person.peg_or_clinical), double_handed=bool(person.double_handed), end_of_life=bool(person.end_of_life),
        insulin_or_controlled=bool(person.insulin_or_controlled), no_other_help=bool(person.no_other_help),
        safeguarding_open=bool(person.safeguarding_open), lives_alone=bool(person.lives_alone), dementia=bool(person.dementia), cognitive_or_ld=bool(person.cognitive_or_ld),
        weekly_hours=person.weekly_hours or 0, visits_per_day=person.visits_per_day or 0, in_hospital=person.in_hospital,
        unknown_without_plan=unknown and not plan_current, carer_strain=bool(person.carer_strain), other_format=person.communication_format not in {"", "standard"},
    )


@transaction.atomic
def list_person(person: PersonTransfer, *, actor: Actor, why: str = "", another: Collection[str] = ()) -> PersonTransfer:
    """Put a new person on the list, whole or not at all: C01 is done with it where the actor may mark it; the moments start to run.

    Raises :class:`doubles.PerhapsListed` where somebody alike is there already, unless ``another`` names them (record IDs): the actor
    says that this is somebody else, which is kept."""
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team lists people.")
    Programme._base_manager.select_for_update(no_key=True).get(pk=person.programme_id)  # two at once would each list the same person unseen
    _refuse_twice(person)
    _refuse_unsaid(person, {"legal_basis": person.legal_basis, "hospital_asked_on": person.hospital_asked_on})
    _refuse_day(PersonTransfer(programme=person.programme), {"planned_transfer_date": person.planned_transfer_date})
    apart = doubles.refuse_unsaid(person, another)
    if not person.listed_on:
        person.listed_on = today()
    person.touched_on = today()
    if person.planned_transfer_date and not person.baseline_transfer_date and person.incoming_provider_id:
        person.baseline_transfer_date = person.planned_transfer_date
    with refused_if_taken(lambda: _refuse_twice(person)):
        changes.create(person, actor=actor, why=why)
    doubles.say_apart(person, apart, actor=actor, why="said when the person was listed")
    columns.absorb([person], actor=actor, programme=person.programme, fresh=True)
    turning.refresh(person)
    # No checkpoint is done before the decision; somebody may be listed all the same.
    decided = person.programme.decision_date
    if gates.may_mark("C01", actor.roles) and (decided is None or today() >= decided):
        checkpoints.mark(person, "C01", actor=actor)
    return person


def _refuse_twice(person: PersonTransfer) -> None:
    others = PersonTransfer.objects.filter(programme=person.programme).exclude(pk=person.pk)
    reasons = []
    if person.nhs_number and others.filter(nhs_number=person.nhs_number).exists():
        reasons.append(Reason("This NHS number is on the list already. Open that person instead.", field="nhs_number"))
    if person.case_system_id and others.filter(case_system_id=person.case_system_id).exists():
        reasons.append(Reason("This case-system ID is on the list already. Open that person instead.", field="case_system_id"))
    if reasons:
        raise Refused(reasons)


def _refuse_numbers(person: PersonTransfer, values: Mapping[str, Any]) -> None:
    """The numbers that ``values`` would change, where somebody else has them."""
    if moved := {name: values[name] for name in ("nhs_number", "case_system_id") if values.get(name) and values[name] != getattr(person, name)}:
        _refuse_twice(PersonTransfer(pk=person.pk, programme=person.programme, **moved))


@transaction.atomic
def update_person(
    person: PersonTransfer, values: Mapping[str, Any], *, actor: Actor, why: str = "", expected_version: int | None = None, another: Collection[str] = ()
) -> Change | None:
    """Change fields of the row; a stale save merges or is refused with both values. Moments follow. Who becomes like somebody else
    on the list by name or date of birth is one of ``another``, as in :func:`list_person`."""
    values = allowed_values(person, values, actor=actor, why=why)
    if "planned_transfer_date" in values:
        _refuse_day(locked(person), values)  # a first visit may have been recorded since the page was read
    renamed = {name: value for name, value in values.items() if name in doubles.RENAMED and value != getattr(person, name)}
    apart = doubles.refuse_unsaid(person, another, {name: value for name, value in values.items() if name in doubles.WHO}) if renamed else []
    # Contacts and orders behind a column are written first, and may open a checkpoint again; without them one write does.
    behind = not COLUMNS.isdisjoint(values) or values.get("funding_type", person.funding_type) != person.funding_type
    with refused_if_taken(lambda: _refuse_numbers(person, values)):
        record = changes.apply(person, values, actor=actor, why=why, expected_version=expected_version, settle=None if behind else turning.settle_now)
    doubles.say_apart(person, apart, actor=actor, why="said when the name or the date of birth was corrected")
    if record is not None and behind:
        if not COLUMNS.isdisjoint(record.fields):
            columns.outdate([(person, record.fields)], actor=actor, programme=person.programme)
            columns.absorb([person], actor=actor, programme=person.programme, why=why)
        if "funding_type" in record.fields:
            columns.reopen_files([person], actor=actor, programme=person.programme)
        turning.refresh(person)
    if record is not None and "planned_transfer_date" in record.fields:
        before = record.fields["planned_transfer_date"][0]
        tell_moved(person.programme, [(person, date.fromisoformat(before) if before else None)])
    return record


def allowed_values(person: PersonTransfer, values: Mapping[str, Any], *, actor: Actor, why: str = "") -> dict[str, Any]:
    """``values`` with what they bring along, or a refusal: the rules of one cell, asked by one save and by a batch alike. No
    statement is sent for fields other than the two numbers and the two providers."""
    require_edit(person, actor)
    values = dict(values)
    if is_provider(actor):
        refused = sorted(set(values) - CLEARED_FOR_PROVIDERS)
        if refused:
            raise NotPermitted(f"Your organisation may not change: {', '.join(refused)}. Ask the mobilisation team.")
    if person.ending and (moved := sorted(name for name in endings.ON_THE_WAY & values.keys() if values[name] != getattr(person, name))):
        raise Refused(Reason(endings.refused(person.get_ending_display()), field=moved[0]))
    _refuse_validating(person, values)
    _refuse_unsaid(person, values)
    _refuse_day(person, values)
    if "priority" in values and values["priority"] != person.priority:
        _refuse_priority(person, values["priority"], values.get("priority_reason", why))
    _refuse_numbers(person, values)
    refuse_parties(person, values)
    incoming = values.get("incoming_provider", person.incoming_provider_id)
    if values.get("planned_transfer_date") and incoming and not person.baseline_transfer_date:
        values["baseline_transfer_date"] = values["planned_transfer_date"]
    return values


def _refuse_validating(person: PersonTransfer, values: Mapping[str, Any]) -> None:
    """Where a plan stands follows from its check: validated by C18, provisional again when C18 is undone; never an edit."""
    if any(name in values and values[name] != getattr(person, name) for name in PLAN):
        raise Refused(Reason("A care plan is validated by marking C18, and made provisional again by undoing it. Until then its check says where it stands.", field="plan_status"))


def _refuse_unsaid(person: PersonTransfer, values: Mapping[str, Any]) -> None:
    """What is recorded only together with something else: a power with its reason, an answer of the hospital list with a person at home."""
    found = []
    if not {"legal_basis", "legal_basis_reason"}.isdisjoint(values):
        basis, reason = (values.get(name, getattr(person, name)) for name in ("legal_basis", "legal_basis_reason"))
        if words := legal.reason_refused(basis, reason):
            found.append(Reason(words, field="legal_basis_reason"))
    if "hospital_asked_on" in values and (words := hospital_rules.at_home_refused(person.in_hospital, values["hospital_asked_on"], today())):
        found.append(Reason(words, field="hospital_asked_on"))
    if found:
        raise Refused(found)


def _refuse_day(person: PersonTransfer, values: Mapping[str, Any]) -> None:
    """T as ``transfers.rules.transfer_day`` has it; where the person stands is read off the row."""
    if "planned_transfer_date" in values and (
        words := transfer_day.refused(
            person.planned_transfer_date, values["planned_transfer_date"], decided_on=person.programme.decision_date, status=person.status, ended=person.get_ending_display() if person.ending else ""
        )
    ):
        raise Refused(Reason(words, field="planned_transfer_date"))


def refuse_parties(person: PersonTransfer, values: Mapping[str, Any]) -> None:
    """Only parties of the programme's contracts, each in its role."""
    for name, role in (("exiting_provider", "exiting"), ("incoming_provider", "incoming")):
        provider = values.get(name)
        if isinstance(provider, Organisation) and not provider.party_to.filter(contract__programmes=person.programme, role=role).exists():
            raise Refused(Reason(f"{provider} is not {'an exiting' if role == 'exiting' else 'an incoming'} provider of this programme. Add it as a party first.", field=name))


def _refuse_priority(person: PersonTransfer, letter: str, reason: str) -> None:
    if not (reason or "").strip() and (words := priorities.green_in_doubt(letter, needs_of(person))):
        raise Refused(Reason(words, field="priority_reason"))


@transaction.atomic
def set_priority(person: PersonTransfer, letter: str, *, actor: Actor, reason: str = "", on: date | None = None, seen: Seen | None = None) -> None:
    """Set or confirmed by OL, ASM or CM; marks C03, unless that was waived: the waiver stands. Green over a Red suggestion needs a
    reason, also where it stands already: a file reports it without one."""
    if not actor.has_role("OL", "ASM", "CM"):
        raise NotPermitted("The OL, the area support manager or the case manager sets the priority.")
    row = brought_up(person)
    refuse_ended(row)
    if letter != row.priority:
        refuse_stale(seen, row, ("priority",))
    _refuse_priority(row, letter, reason)
    update_person(person, {"priority": letter, "priority_reason": reason}, actor=actor, why=reason)
    if turning.states_of(person.checkpoints.filter(code="C03")).get("C03") not in gates.SETTLED:
        checkpoints.mark(person, "C03", actor=actor, on=on)


@transaction.atomic
def record_sharing(person: PersonTransfer, basis: str, *, actor: Actor, explained_on: date | None = None, why_not_agreed: str = "", safe_without: str = "", seen: Seen | None = None) -> SharingDecision:
    """The sharing decision; marks C06. ``refused`` stops C11 until OL says how care stays safe, each time anew: what was said of an
    earlier refusal may not hold for this one."""
    if not actor.has_role("OL", "CM"):
        raise NotPermitted("The case manager or the OL records the sharing decision.")
    if safe_without and not actor.has_role("OL"):
        raise NotPermitted("The OL records how care stays safe without sharing.")
    row = brought_up(person)
    refuse_ended(row)
    refuse_stale(seen, row, ("sharing_basis", "safe_without_sharing"))
    day = explained_on or today()
    if words := sharing.explained_refused(day, decided_on=row.programme.decision_date, listed_on=row.listed_on, as_of=today()):
        raise Refused(Reason(words, field="explained_on"))
    decision = changes.create(
        SharingDecision(person=person, basis=basis, explained_on=day, why_not_agreed=why_not_agreed, safe_without=safe_without), actor=actor
    )
    changes.apply(person, {"sharing_basis": basis, "safe_without_sharing": safe_without}, actor=actor)
    turning.refresh(person)
    if turning.states_of(person.checkpoints.filter(code="C06")).get("C06") != "done":
        checkpoints.mark(person, "C06", actor=actor, on=explained_on)
    return decision
