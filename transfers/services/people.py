"""Changes to a person's record, one function a use case. Form, cell edit, bulk edit and workbook row end here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Change, Organisation
from mobilisation.roles import Can
from mobilisation.services import changes
from transfers.models import Allocation, Hold, HospitalEpisode, PersonTransfer, SharingDecision
from transfers.rules import gates, legal
from transfers.rules import hospital as hospital_rules
from transfers.rules import priority as priorities
from transfers.rules.columns import COLUMNS as PROJECTED
from transfers.rules.columns import PLAN
from transfers.rules.hospital import Stay
from transfers.services import care_plans, checkpoints, columns, replacing, turning
from transfers.services import hospital as hospital_stays
from transfers.services.allocation import wishes
from transfers.services.rights import brought_up, is_provider, require_edit
from transfers.services.seen import Seen, refuse_stale

COLUMNS = frozenset(PROJECTED)
ACCEPTED = frozenset({"accepted", "accepted_with_conditions"})
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
def list_person(person: PersonTransfer, *, actor: Actor, why: str = "") -> PersonTransfer:
    """Put a new person on the list; the moments start to run."""
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team lists people.")
    _refuse_twice(person)
    _refuse_unsaid(person, {"legal_basis": person.legal_basis, "hospital_asked_on": person.hospital_asked_on})
    if not person.listed_on:
        person.listed_on = today()
    person.touched_on = today()
    if person.planned_transfer_date and not person.baseline_transfer_date and person.incoming_provider_id:
        person.baseline_transfer_date = person.planned_transfer_date
    changes.create(person, actor=actor, why=why)
    columns.absorb([person], actor=actor, programme=person.programme, fresh=True)
    turning.refresh(person)
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


@transaction.atomic
def update_person(person: PersonTransfer, values: Mapping[str, Any], *, actor: Actor, why: str = "", expected_version: int | None = None) -> Change | None:
    """Change fields of the row; a stale save merges or is refused with both values. Moments follow."""
    values = allowed_values(person, values, actor=actor, why=why)
    # Contacts and orders behind a column are written first, and may open a checkpoint again; without them one write does.
    behind = not COLUMNS.isdisjoint(values)
    record = changes.apply(person, values, actor=actor, why=why, expected_version=expected_version, settle=None if behind else turning.settle_now)
    if record is not None and behind:
        if not COLUMNS.isdisjoint(record.fields):
            columns.outdate([(person, record.fields)], actor=actor, programme=person.programme)
            columns.absorb([person], actor=actor, programme=person.programme, why=why)
        turning.refresh(person)
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
    _refuse_validating(person, values)
    _refuse_unsaid(person, values)
    if "priority" in values and values["priority"] != person.priority:
        _refuse_priority(person, values["priority"], values.get("priority_reason", why))
    for name in ("nhs_number", "case_system_id"):
        if values.get(name) and values[name] != getattr(person, name):
            candidate = PersonTransfer(pk=person.pk, programme=person.programme, **{name: values[name]})
            _refuse_twice(candidate)
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
    """Set by OL, ASM or CM; marks C03, unless that was waived: the waiver stands. Green over a Red suggestion needs a reason."""
    if not actor.has_role("OL", "ASM", "CM"):
        raise NotPermitted("The OL, the area support manager or the case manager sets the priority.")
    row = brought_up(person)
    _refuse_ended(row)
    if letter != row.priority:
        refuse_stale(seen, row, ("priority",))
    update_person(person, {"priority": letter, "priority_reason": reason}, actor=actor, why=reason)
    if turning.states_of(person.checkpoints.filter(code="C03")).get("C03") not in gates.SETTLED:
        checkpoints.mark(person, "C03", actor=actor, on=on)


def _refuse_ended(row: PersonTransfer) -> None:
    if found := ended_refused(row):
        raise Refused(found)


def ended_refused(row: PersonTransfer) -> list[Reason]:
    return [Reason(f"This person is recorded as {row.get_ending_display().lower()}. Take the ending back first, if it is wrong.")] if row.ending else []


@transaction.atomic
def offer(person: PersonTransfer, provider: Organisation, *, actor: Actor, wave: str = "", on: date | None = None, seen: Seen | None = None, preference: str | None = None, why: str = "") -> Allocation:
    """Propose the person to an incoming provider; one current allocation at a time, whoever asks at once. ``preference``: what the
    person wants; where nothing is said, what was recorded with the last offer stands."""
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team allocates people.")
    row = brought_up(person)
    _refuse_ended(row)
    refuse_stale(seen, row, ("incoming_provider", "allocation_response"))
    refuse_parties(row, {"incoming_provider": provider})
    current = Allocation.objects.filter(person=row, current=True).first()
    if found := offer_refused(row, provider, current, accepted=c09_settled(row)):
        raise Refused(found)
    if current is not None:
        changes.apply(current, {"current": False}, actor=actor, why="offered to another provider")
    replacing.forget_former([(person, provider)], actor=actor, programme=row.programme)
    wish = wishes([row.pk]).get(row.pk, "") if preference is None else preference.strip()
    made = changes.create(Allocation(person=row, provider=provider, wave=wave or row.wave, proposed_on=on or today(), preference=wish), actor=actor, why=why)
    changes.apply(person, {"incoming_provider": provider, "allocation_response": "offered", **({"wave": wave} if wave else {})}, actor=actor, why=why)
    turning.refresh(person)
    return made


def offer_refused(row: PersonTransfer, provider: Organisation, current: Allocation | None, *, accepted: bool) -> list[Reason]:
    """Why the person cannot be offered to ``provider``. ``current``: the offer that stands; ``accepted``: C09 is done."""
    if row.exiting_provider_id == provider.pk:
        return [Reason(f"{provider} is the provider this person leaves.")]
    if current is not None and current.provider_id == provider.pk and current.response != "declined":
        return [Reason(f"This person is offered to {provider} already.")]
    if current is not None and current.response in ACCEPTED:
        first = "Undo C09" if accepted else "Record that it declines after all"
        return [Reason(f"{current.provider} has accepted this person. {first} before offering them to another provider.")]
    if accepted:
        return [Reason(f"C09 Incoming provider accepted is settled{f', for {row.incoming_provider}' if row.incoming_provider else ''}. Undo C09 before offering them to another provider.")]
    return []


def c09_settled(row: PersonTransfer) -> bool:
    """A mark stands for an acceptance, whether it was made here or came with a list; a waiver stands for none."""
    return row.checkpoints.filter(code="C09", state="done").exists()


def answer_stated(row: PersonTransfer) -> bool:
    """The provider has accepted by itself, and the team has not marked C09 yet: its answer may still be put right."""
    return row.checkpoints.filter(code="C09", state="in_progress", risk_assessment="").exists()


@transaction.atomic
def respond(person: PersonTransfer, response: str, *, actor: Actor, reason: str = "", on: date | None = None, seen: Seen | None = None) -> Allocation:
    """The provider's answer, written down once by who may mark C09. Accepting marks C09; declining frees the person."""
    require_edit(person, actor)
    if not actor.unrestricted and not gates.may_mark("C09", actor.roles):
        raise NotPermitted(f"The provider's answer is recorded by {gates.who_may('C09')}.")
    row = brought_up(person)
    _refuse_ended(row)
    current = Allocation.objects.filter(person=person, current=True).first()
    refuse_stale(seen, row, ("incoming_provider", "allocation_response"), current)
    if current is None:
        raise Refused("Nobody has been offered this person yet.")
    if current.response != "offered" and not answer_stated(row):
        raise Refused(f"{current.provider} has answered already: {current.get_response_display().lower()}. Undo C09 to change it.")
    if c09_settled(row):
        raise Refused("C09 Incoming provider accepted is settled already, from before this offer. Undo C09 first, then record the answer.")
    if response == "declined" and not reason.strip():
        raise Refused(Reason("Say why the provider declined.", field="reason"))
    changes.apply(current, {"response": response, "responded_on": on or today(), "reason": reason, "current": response != "declined"}, actor=actor, why=reason)
    values: dict[str, Any] = {"allocation_response": response}
    if response == "declined":
        values["incoming_provider"] = None
        checkpoints.unstate(row, "C09", actor=actor, why=reason)
    elif not person.baseline_transfer_date and person.planned_transfer_date:
        values["baseline_transfer_date"] = person.planned_transfer_date
    changes.apply(person, values, actor=actor, why=reason)
    turning.refresh(person)
    if response != "declined" and not row.checkpoints.filter(code="C09", state="waived").exists():
        checkpoints.mark(person, "C09", actor=actor, on=on)
    return current


@transaction.atomic
def record_sharing(person: PersonTransfer, basis: str, *, actor: Actor, explained_on: date | None = None, why_not_agreed: str = "", safe_without: str = "", seen: Seen | None = None) -> SharingDecision:
    """The sharing decision; marks C06. ``refused`` stops C11 until OL says how care stays safe."""
    if not actor.has_role("OL", "CM"):
        raise NotPermitted("The case manager or the OL records the sharing decision.")
    if safe_without and not actor.has_role("OL"):
        raise NotPermitted("The OL records how care stays safe without sharing.")
    row = brought_up(person)
    _refuse_ended(row)
    refuse_stale(seen, row, ("sharing_basis", "safe_without_sharing"))
    decision = changes.create(
        SharingDecision(person=person, basis=basis, explained_on=explained_on or today(), why_not_agreed=why_not_agreed, safe_without=safe_without), actor=actor
    )
    changes.apply(person, {"sharing_basis": basis, "safe_without_sharing": safe_without or person.safe_without_sharing}, actor=actor)
    turning.refresh(person)
    if turning.states_of(person.checkpoints.filter(code="C06")).get("C06") != "done":
        checkpoints.mark(person, "C06", actor=actor, on=explained_on)
    return decision


def own_hold(person: PersonTransfer) -> Hold | None:
    """The open hold on this person alone."""
    return Hold.objects.filter(person=person, lifted_on__isnull=True).order_by("pk").first()


@transaction.atomic
def hold(person: PersonTransfer, *, actor: Actor, reason: str, review_on: date | None = None, seen: Seen | None = None) -> Hold:
    """ML or OL stop C14 and C15 of this person."""
    actor.require(Can.HOLD)
    row = brought_up(person)
    _refuse_ended(row)
    refuse_stale(seen, row, (), own_hold(row))
    if not reason.strip():
        raise Refused(Reason("Say why transfers are held.", field="reason"))
    if own_hold(row) is not None:
        raise Refused("This person is on hold already.")
    made = changes.create(Hold(programme=person.programme, scope="person", person=person, reason=reason, from_date=today(), review_on=review_on), actor=actor, why=reason)
    changes.mark(person, "put on hold", actor=actor, why=reason)
    turning.refresh(person)
    return made


@transaction.atomic
def lift(held: Hold, *, actor: Actor, why: str, seen: Seen | None = None) -> None:
    """Transfers go on. What was lifted stays as it is."""
    actor.require(Can.HOLD)
    if held.person is not None:
        refuse_stale(seen, brought_up(held.person), (), own_hold(held.person))
    if not why.strip():
        raise Refused(Reason("Say why the hold is lifted.", field="why"))
    changes.apply(held, {"lifted_on": today(), "lifted_why": why}, actor=actor, why=why)
    if held.person is not None:
        changes.mark(held.person, "hold lifted", actor=actor, why=why)
        turning.refresh(held.person)
    else:
        turning.recompute(held.programme, among=held.reach)


@transaction.atomic
def admit(person: PersonTransfer, *, actor: Actor, hospital: str = "", admitted_on: date | None = None, expected_discharge: date | None = None, seen: Seen | None = None) -> HospitalEpisode:
    """Into hospital: one open stay at most; what may not go on is paused."""
    require_edit(person, actor)
    row = brought_up(person)
    _refuse_ended(row)
    refuse_stale(seen, row, (), hospital_stays.open_stay(row))
    if HospitalEpisode.objects.filter(person=person, open=True).exists():
        raise Refused("A hospital stay is open already. Record the discharge first.")
    ended = [Stay(*days) for days in HospitalEpisode.objects.filter(person=person, discharged_on__isnull=False).values_list("admitted_on", "discharged_on")]
    if refused := hospital_rules.refusals(admitted_on, expected_discharge, ended=ended, today=today()):
        raise Refused(refused)
    stay = changes.create(HospitalEpisode(person=person, hospital=hospital, admitted_on=admitted_on, expected_discharge=expected_discharge), actor=actor)
    person.in_hospital = True
    checkpoints.pause_for_hospital(person, actor=actor)
    changes.mark(person, "admitted to hospital", actor=actor)
    turning.refresh(person)
    hospital_stays.tell(person.programme, today())
    return stay


@transaction.atomic
def confirm_at_home(person: PersonTransfer, *, actor: Actor, on: date | None = None, seen: Seen | None = None) -> None:
    """Asked, and the person is not in hospital: the answer that C02 waits for."""
    require_edit(person, actor)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team checks the list.")
    row = brought_up(person)
    _refuse_ended(row)
    refuse_stale(seen, row, ("hospital_asked_on",), hospital_stays.open_stay(row))
    update_person(person, {"hospital_asked_on": on or today()}, actor=actor, why="asked whether the person is in hospital")


@transaction.atomic
def discharge(person: PersonTransfer, *, actor: Actor, discharged_on: date, restart_on: date | None = None, restart: str = "same_package", seen: Seen | None = None) -> HospitalEpisode:
    """Home again: T becomes the restart date, C12 and C14–C16 restart, a changed package makes the plan provisional."""
    require_edit(person, actor)
    if is_provider(actor) and restart_on:
        raise NotPermitted(Reason("The mobilisation team sets the day on which care restarts. Leave it empty and tell them.", field="restart_on"))
    row = brought_up(person)
    _refuse_ended(row)
    stay = hospital_stays.open_stay(row)
    refuse_stale(seen, row, (), stay)
    if stay is None:
        raise Refused("There is no open hospital stay.")
    if discharged_on > today():
        raise Refused(Reason("The discharge is in the future.", field="discharged_on"))
    if stay.admitted_on and discharged_on < stay.admitted_on:
        raise Refused(Reason(f"The discharge lies before the admission on {stay.admitted_on.day} {stay.admitted_on:%b %Y}.", field="discharged_on"))
    if words := hospital_rules.restart_refused(restart_on, discharged_on):
        raise Refused(Reason(words, field="restart_on"))
    changes.apply(stay, {"discharged_on": discharged_on, "open": False, "restart": restart}, actor=actor)
    # The first visit starts again, so nobody who comes home counts as moved.
    values: dict[str, Any] = {"actual_transfer_date": None, "hospital_asked_on": discharged_on}
    if restart_on:
        values["planned_transfer_date"] = restart_on
    changes.apply(person, values, actor=actor, why="discharged from hospital")
    if restart == "changed":
        care_plans.begin(person, actor=actor, again=True)
    person.in_hospital = False
    checkpoints.restart_after_hospital(person, actor=actor, package_changed=restart == "changed")
    changes.mark(person, "discharged from hospital", actor=actor)
    turning.refresh(person)
    return stay


@transaction.atomic
def end(person: PersonTransfer, ending: str, *, actor: Actor, on: date, why: str = "", seen: Seen | None = None) -> None:
    """Died, withdrew or moved away: leaves both sides of the plan, stays in the history. Nobody leaves the list without a reason."""
    require_edit(person, actor)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team records this.")
    row = brought_up(person)
    refuse_stale(seen, row, ("ending",))
    _refuse_ended(row)
    if on > today():
        raise Refused(Reason("The day is in the future.", field="on"))
    if not why.strip():
        raise Refused(Reason("Say how this is known: nobody leaves the list without a reason.", field="why"))
    changes.apply(person, {"ending": ending, "ended_on": on}, actor=actor, why=why, action="ended")
    turning.refresh(person)


def _own_recent_ending(person: PersonTransfer, actor: Actor) -> bool:
    """Whether ``actor`` recorded the ending within the minutes of ``undo_minutes``."""
    since = now() - timedelta(minutes=int(person.programme.threshold("undo_minutes")))
    last = Change.objects.filter(entity=changes.entity_name(person), object_id=person.pk, fields__has_key="ending").order_by("-pk").first()
    return last is not None and actor.user is not None and last.actor_id == actor.user.pk and last.at >= since


def may_take_back(person: PersonTransfer, *, actor: Actor) -> bool:
    """Whether ``take_back_ending`` would let ``actor`` do it."""
    return bool(person.ending) and not is_provider(actor) and (actor.has_role("OL") or _own_recent_ending(person, actor))


@transaction.atomic
def take_back_ending(person: PersonTransfer, *, actor: Actor, reason: str = "", seen: Seen | None = None) -> None:
    """The ending was wrong: the author within the minutes of ``undo_minutes``, afterwards OL with a reason (domain 10.7). The
    person goes on where they were; the history keeps both."""
    require_edit(person, actor)
    row = brought_up(person)
    refuse_stale(seen, row, ("ending", "ended_on"))
    if not row.ending:
        raise Refused("No ending is recorded for this person.")
    if not may_take_back(row, actor=actor):
        raise NotPermitted("Only the lead operational manager (OL) may take this ending back now. Ask them, and say why.")
    if not reason.strip() and not _own_recent_ending(row, actor):
        raise Refused(Reason("Say why the ending is taken back.", field="reason"))
    changes.apply(person, {"ending": "", "ended_on": None}, actor=actor, why=reason.strip() or "taken back by its author", action="ending taken back")
    person.exiting_sight_until = None
    turning.refresh(person)
