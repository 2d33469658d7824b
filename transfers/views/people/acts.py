"""What may be done to a person: title, form and the service it ends in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mobilisation.components import short_date
from mobilisation.errors import Refused
from mobilisation.roles import Can
from transfers.forms import people as forms
from transfers.models import Allocation, Checkpoint, Hold, HospitalEpisode
from transfers.rules import gates
from transfers.rules import safety as rules
from transfers.services import assessing, care_plans, checkpoints, safety_tries
from transfers.services import people as services
from transfers.services.allocation import wishes
from transfers.services.hospital import change_stay, renew_slot, slot_until
from transfers.services.offers import doubts
from transfers.services.rights import is_provider

TAKE_BACK = "take-back"
ACTS_OF: dict[str, tuple[str, ...]] = {"C03": ("priority",), "C06": ("sharing",), "C09": ("respond", "offer"), "C16": ("safety",)}
"""Checkpoints that are marked by an act with questions of its own; the first that is offered."""


@dataclass(frozen=True)
class Act:
    """One thing that can be done to a person: title, form and the service it ends in. ``offered`` asks the role, ``when`` how
    the person stands; ``about`` is the record the act is on, beside the person; ``initial`` fills the form in. ``said`` is told when it is done, or what ``do`` returns as text."""

    key: str
    title: str
    form: type[forms.ActForm]
    do: Callable[[Any, dict[str, Any]], object]
    offered: Callable[[Any], bool] = lambda view: True
    when: Callable[[Any], bool] = lambda view: True
    text: Callable[[Any], str] = lambda view: ""
    about: Callable[[Any], Any] = lambda view: None
    initial: Callable[[Any], dict[str, Any]] = lambda view: {}
    said: str = "It is recorded."


def _open_hold(view: Any) -> Hold:
    held = Hold.objects.visible_to(view.request.user).filter(person=view.person, lifted_on__isnull=True).first()
    if held is None:
        raise Refused("This person is not on a hold of their own.")
    return held


def _safety(view: Any, data: dict[str, Any]) -> object:
    answers = {key: data[key] for key, _ in rules.QUESTIONS if data.get(key)}
    check = checkpoints.record_safety_check(
        view.person, data["outcome"], actor=view.actor, on=data["on"], method=data["method"], answers=answers, follow_up=data["follow_up"],
        confirmed_by=data["confirmed_by"], number=2 if data["second"] else 1, safeguarding=data["safeguarding"], safeguarding_owner=data["safeguarding_owner"], harmed=data["harmed"],
    )
    return f"That nobody answered is recorded. {safety_tries.next_step(view.person)}" if check.outcome == "unable_to_contact" else None


def _safety_words(view: Any) -> str:
    """Whom to call and what was tried, beside the questions."""
    person = view.person
    numbers = [f"{who} {phone}" for who, phone in ((person.forename or "the person", person.phone), (f"representative {person.representative_name}", person.representative_phone)) if phone]
    parts = [f"Due {short_date(person.safety_due)}." if person.safety_due else "", f"Call {', or '.join(numbers)}." if numbers else "No phone number is held."]
    if person.funding_type == "self":
        parts.append("A self-funder is offered the check and may decline it; that is an outcome of its own.")
    return " ".join(part for part in (*parts, safety_tries.next_step(person)) if part)


def _safety_values(view: Any) -> dict[str, Any]:
    """Of somebody with priority Red whose first check is done it is the second."""
    return {"second": view.person.priority == "R" and Checkpoint.objects.visible_to(view.request.user).filter(person=view.person, code="C16", state="done").exists()}


def _stay_values(view: Any) -> dict[str, Any]:
    stay = view.about
    return {"hospital": stay.hospital, "admitted_on": stay.admitted_on, "expected_discharge": stay.expected_discharge} if stay else {}


def _hold_words(view: Any) -> str:
    held = services.own_hold(view.person)
    return f"On hold since {short_date(held.from_date)}: {held.reason}" if held else ""


def _respond_words(view: Any) -> str:
    """Whose answer it is: nobody records one provider's yes for another."""
    made = view.about
    if made is None:
        return ""
    said = f" It answered{f' on {short_date(made.responded_on)}' if made.responded_on else ''}: {made.get_response_display().lower()}{f': {made.reason}' if made.reason else ''}".rstrip(".") + "." if made.response != "offered" else ""
    return f"Offered to {made.provider} on {short_date(made.proposed_on)}. Record what {made.provider} answered.{said}"


def _answered(view: Any) -> dict[str, Any]:
    """What the provider answered by itself: a condition is not lost by recording the answer."""
    made = view.about
    return {"response": made.response, "reason": made.reason} if made and made.response != "offered" else {}


def _slot_words(view: Any) -> str:
    until = slot_until(view.about, view.programme) if view.about else None
    return f"The slot is held until {short_date(until)}. Renewed today it is held for {view.programme.threshold('hospital_slot_c')} calendar days more." if until else ""


def _may_offer(view: Any) -> bool:
    """Until somebody has accepted; a waived C09 leaves the way open, also to another provider than a list named."""
    person = view.person
    if person.status != "allocated":
        return person.status in {"listed", "rated", "informed"}
    return person.incoming_provider_id is None or (not person.allocation_response and not services.c09_settled(person))


def _offer(view: Any, data: dict[str, Any]) -> str | None:
    provider = data["provider"]
    services.offer(view.person, provider, actor=view.actor, wave=data["wave"], seen=view.seen, preference=data["preference"])
    found = doubts(view.person, provider)
    return " ".join(["The offer is made.", *found]) if found else None


def _offer_words(view: Any) -> str:
    person = view.person
    return f"Now: {person.incoming_provider}, {person.get_allocation_response_display().lower() or 'not offered yet'}." if person.incoming_provider else ""


def current_offer(view: Any) -> Allocation | None:
    return Allocation.objects.visible_to(view.request.user).filter(person=view.person, current=True).select_related("provider").first()


def _stay(view: Any) -> HospitalEpisode | None:
    return HospitalEpisode.objects.visible_to(view.request.user).filter(person=view.person, open=True).first()


def _own_hold(view: Any) -> Hold | None:
    return services.own_hold(view.person)


ACTS: dict[str, Act] = {
    act.key: act
    for act in (
        Act(
            "priority", "Set the priority", forms.PriorityForm, lambda v, d: services.set_priority(v.person, d["letter"], actor=v.actor, reason=d["reason"], seen=v.seen), lambda v: v.actor.has_role("OL", "ASM", "CM"),
            text=lambda v: f"Priority now: {v.person.get_priority_display() or 'not set'}.",
            said="The priority is set.",
        ),
        Act(
            "offer", "Offer to a provider", forms.OfferForm, _offer,
            lambda v: not is_provider(v.actor), _may_offer, _offer_words, initial=lambda v: {"preference": wishes([v.person.pk]).get(v.person.pk, "")},
            said="The offer is made.",
        ),
        Act(
            "respond", "Record the provider's answer", forms.RespondForm, lambda v, d: services.respond(v.person, d["response"], actor=v.actor, reason=d["reason"], seen=v.seen),
            lambda v: v.actor.has_role("OL", "PO", "CO", "CL"), lambda v: v.person.allocation_response == "offered" or (v.person.allocation_response in services.ACCEPTED and v.person.status in {"listed", "rated", "informed"}), _respond_words, current_offer, _answered,
            said="The provider's answer is recorded.",
        ),
        Act(
            "sharing", "Record the sharing decision", forms.SharingForm,
            lambda v, d: services.record_sharing(v.person, d["basis"], actor=v.actor, explained_on=d["explained_on"], why_not_agreed=d["why_not_agreed"], safe_without=d["safe_without"], seen=v.seen),
            lambda v: v.actor.has_role("OL", "CM"),
            said="The sharing decision is recorded.",
        ),
        Act(
            "telling", "Decide how to tell the person", forms.TellingForm,
            lambda v, d: assessing.decide_telling(v.person, d["how"], d["deciders"], actor=v.actor, on=d["on"], seen=v.seen), lambda v: not is_provider(v.actor),
            lambda v: bool(v.person.cognitive_or_ld) and v.person.status in {"listed", "rated"}, lambda v: f"Decided until now: {v.person.telling_decision}" if v.person.telling_decision else "",
            said="How the person is told is decided.",
        ),
        Act(
            "advice", "Record the offer of an assessment", forms.AdviceForm, lambda v, d: assessing.offer_advice(v.person, d["offer"], actor=v.actor, on=d["on"], seen=v.seen),
            lambda v: not is_provider(v.actor), lambda v: v.person.known_to_council is False,
            lambda v: "People the council does not know are entitled to an assessment, or to information, advice and advocacy.",
            said="The offer of an assessment is recorded.",
        ),
        Act(
            "mdt", "Take to the MDT slot", forms.MdtForm, lambda v, d: care_plans.take_to_mdt(v.person, d["on"], actor=v.actor, seen=v.seen), lambda v: not is_provider(v.actor),
            lambda v: v.person.status in {"transferred", "settled"} and v.person.plan_status in {"provisional", "checking", "discrepancy"}, about=lambda v: care_plans.current(v.person),
            said="The day of the MDT slot is recorded.",
        ),
        Act("safety", "Record a safety check", forms.SafetyForm, _safety, lambda v: not is_provider(v.actor) and (v.actor.unrestricted or gates.may_mark("C16", v.actor.roles, priority=v.person.priority)), lambda v: v.person.status in {"transferred", "settled"}, _safety_words, initial=_safety_values, said="The safety check is recorded."),
        Act(
            "hold", "Put on hold", forms.HoldForm, lambda v, d: services.hold(v.person, actor=v.actor, reason=d["reason"], review_on=d["review_on"], seen=v.seen), lambda v: v.actor.can(Can.HOLD),
            lambda v: not v.person.on_hold, about=_own_hold,
            said="The person is on hold.",
        ),
        Act("lift", "Lift the hold", forms.LiftForm, lambda v, d: services.lift(_open_hold(v), actor=v.actor, why=d["why"], seen=v.seen), lambda v: v.actor.can(Can.HOLD), lambda v: v.person.on_hold and _own_hold(v) is not None, _hold_words, _own_hold, said="The hold is lifted."),
        Act(
            "at-home", "Not in hospital: confirm", forms.AtHomeForm, lambda v, d: services.confirm_at_home(v.person, actor=v.actor, on=d["on"], seen=v.seen), lambda v: not is_provider(v.actor),
            lambda v: not v.person.in_hospital, lambda v: f"Last asked on {short_date(v.person.hospital_asked_on)}." if v.person.hospital_asked_on else "Nobody has said yet whether the person is in hospital; C02 waits for it.", _stay,
            said="That the person is not in hospital is recorded.",
        ),
        Act(
            "admit", "Admitted to hospital", forms.AdmitForm,
            lambda v, d: services.admit(v.person, actor=v.actor, hospital=d["hospital"], admitted_on=d["admitted_on"], expected_discharge=d["expected_discharge"], seen=v.seen),
            when=lambda v: not v.person.in_hospital, about=_stay,
            said="The admission to hospital is recorded.",
        ),
        Act(
            "discharge", "Discharged from hospital", forms.DischargeForm,
            lambda v, d: services.discharge(v.person, actor=v.actor, discharged_on=d["discharged_on"], restart_on=d["restart_on"], restart=d["restart"], seen=v.seen), when=lambda v: v.person.in_hospital, about=_stay,
            said="The discharge is recorded.",
        ),
        Act(
            "stay", "Change the hospital stay", forms.StayForm,
            lambda v, d: change_stay(v.person, {name: d[name] for name in ("hospital", "admitted_on", "expected_discharge")}, actor=v.actor, seen=v.seen), when=lambda v: v.person.in_hospital, about=_stay, initial=_stay_values,
            said="The hospital stay is changed.",
        ),
        Act("slot", "Renew the reserved slot", forms.SlotForm, lambda v, d: renew_slot(v.person, actor=v.actor, seen=v.seen), lambda v: not is_provider(v.actor), lambda v: v.person.in_hospital, _slot_words, _stay, said="The reserved slot is renewed."),
        Act("end", "Withdrew, died or moved away", forms.EndForm, lambda v, d: services.end(v.person, d["ending"], actor=v.actor, on=d["on"], why=d["why"], seen=v.seen), lambda v: not is_provider(v.actor), said="The ending is recorded."),
        Act(
            TAKE_BACK, "Take the ending back", forms.TakeBackForm, lambda v, d: services.take_back_ending(v.person, actor=v.actor, reason=d["reason"], seen=v.seen), lambda v: not is_provider(v.actor),
            lambda v: services.may_take_back(v.person, actor=v.actor), lambda v: f"Recorded: {v.person.get_ending_display().lower()} on {short_date(v.person.ended_on)}. The person goes on where they were." if v.person.ending else "",
            said="The ending is taken back.",
        ),
    )
}


def acts_for(view: Any) -> list[Act]:
    """What may be done now: for somebody whose ending is recorded, only to take it back."""
    if not view.actor.can(Can.PEOPLE_EDIT):
        return []
    return [act for act in ACTS.values() if _now(view, act)]


def act_now(view: Any, key: str) -> Act | None:
    """The act called ``key``, where it may be done now."""
    act = ACTS.get(key)
    return act if act is not None and view.actor.can(Can.PEOPLE_EDIT) and _now(view, act) else None


def _now(view: Any, act: Act) -> bool:
    return bool(view.person.ending) == (act.key == TAKE_BACK) and act.offered(view) and act.when(view)
