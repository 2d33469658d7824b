"""What may be done to a person: title, form and the service it ends in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mobilisation.errors import Refused
from mobilisation.roles import Can
from transfers.forms import people as forms
from transfers.models import Hold
from transfers.services import checkpoints
from transfers.services import people as services
from transfers.services.rights import is_provider


@dataclass(frozen=True)
class Act:
    """One thing that can be done to a person: title, form and the service it ends in."""

    key: str
    title: str
    form: type[forms.ActForm]
    do: Callable[[Any, dict[str, Any]], object]
    offered: Callable[[Any], bool] = lambda view: True
    text: str = ""


def _open_hold(view: Any) -> Hold:
    held = Hold.objects.visible_to(view.request.user).filter(person=view.person, lifted_on__isnull=True).first()
    if held is None:
        raise Refused("This person is not on a hold of their own.")
    return held


def _safety(view: Any, data: dict[str, Any]) -> object:
    return checkpoints.record_safety_check(
        view.person, data["outcome"], actor=view.actor, on=data["on"], method=data["method"], answers={"problems": data["problems"]}, follow_up=data["follow_up"],
        confirmed_by=data["confirmed_by"], number=2 if data["second"] else 1, safeguarding=data["safeguarding"], safeguarding_owner=data["safeguarding_owner"],
    )


ACTS: dict[str, Act] = {
    act.key: act
    for act in (
        Act("priority", "Set the priority", forms.PriorityForm, lambda v, d: services.set_priority(v.person, d["letter"], actor=v.actor, reason=d["reason"]), lambda v: v.actor.has_role("OL", "ASM", "CM")),
        Act("offer", "Offer to a provider", forms.OfferForm, lambda v, d: services.offer(v.person, d["provider"], actor=v.actor, wave=d["wave"]), lambda v: not is_provider(v.actor) and v.person.allocation_response != "accepted"),
        Act("respond", "Record the provider's answer", forms.RespondForm, lambda v, d: services.respond(v.person, d["response"], actor=v.actor, reason=d["reason"]), lambda v: v.actor.has_role("OL", "PO", "CO", "CL") and v.person.allocation_response == "offered"),
        Act("sharing", "Record the sharing decision", forms.SharingForm, lambda v, d: services.record_sharing(v.person, d["basis"], actor=v.actor, explained_on=d["explained_on"], why_not_agreed=d["why_not_agreed"], safe_without=d["safe_without"]), lambda v: v.actor.has_role("OL", "CM")),
        Act("safety", "Record a safety check", forms.SafetyForm, _safety, lambda v: not is_provider(v.actor) and v.person.status in {"transferred", "settled"}),
        Act("hold", "Put on hold", forms.HoldForm, lambda v, d: services.hold(v.person, actor=v.actor, reason=d["reason"], review_on=d["review_on"]), lambda v: v.actor.can(Can.HOLD) and not v.person.on_hold),
        Act("lift", "Lift the hold", forms.LiftForm, lambda v, d: services.lift(_open_hold(v), actor=v.actor, why=d["why"]), lambda v: v.actor.can(Can.HOLD) and v.person.on_hold),
        Act("admit", "Admitted to hospital", forms.AdmitForm, lambda v, d: services.admit(v.person, actor=v.actor, hospital=d["hospital"], admitted_on=d["admitted_on"], expected_discharge=d["expected_discharge"]), lambda v: not v.person.in_hospital),
        Act("discharge", "Discharged from hospital", forms.DischargeForm, lambda v, d: services.discharge(v.person, actor=v.actor, discharged_on=d["discharged_on"], restart_on=d["restart_on"], restart=d["restart"]), lambda v: v.person.in_hospital),
        Act("end", "Withdrew, died or moved away", forms.EndForm, lambda v, d: services.end(v.person, d["ending"], actor=v.actor, on=d["on"], why=d["why"]), lambda v: not is_provider(v.actor)),
    )
}


def acts_for(view: Any) -> list[Act]:
    if not view.actor.can(Can.PEOPLE_EDIT) or view.person.ending:
        return []
    return [act for act in ACTS.values() if act.offered(view)]
