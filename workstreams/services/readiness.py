"""Conditions precedent, go-live criteria and the decision to go (domain 5.10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.choices import ConditionStatus
from mobilisation.clock import today
from mobilisation.errors import Reason, Refused
from mobilisation.models import ConditionPrecedent, Programme
from mobilisation.roles import Can
from mobilisation.services import changes
from workstreams.choices import CriterionStatus, GoLiveResult
from workstreams.models import GoLiveDecision, ReadinessCriterion
from workstreams.models.readiness import CRITERION_MET
from workstreams.permissions import require_approver


def _hold(programme_id: int) -> None:
    """What is said of readiness and the decision that rests on it are written one after the other."""
    Programme._base_manager.select_for_update(no_key=True).get(pk=programme_id)


def update_criterion(criterion: ReadinessCriterion, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> ReadinessCriterion:
    """``met`` needs evidence, accepted by somebody other than who gave it; “not applicable” needs a word why."""
    actor.require(Can.READINESS_EDIT)
    with transaction.atomic():
        _hold(criterion.programme_id)
        current = ReadinessCriterion._base_manager.select_for_update().get(pk=criterion.pk)
        wanted = dict(values)
        evidence = wanted.get("evidence", current.evidence).strip()
        status = wanted.get("status", current.status)
        if evidence != current.evidence:
            wanted["evidence_by"] = actor.user
        wrong: list[Reason] = []
        if status in CRITERION_MET and status != current.status:
            if not evidence:
                wrong.append(Reason("Say what shows it.", "evidence"))
            elif status == CriterionStatus.MET:
                wrong += _own_evidence(current, evidence, actor)
            wanted["verified_by"] = actor.user
        elif status not in CRITERION_MET:
            wanted["verified_by"] = None
        if wrong:
            raise Refused(wrong)
        changes.apply(criterion, wanted, actor=actor, expected_version=expected_version)
    return criterion


def _own_evidence(current: ReadinessCriterion | ConditionPrecedent, evidence: str, actor: Actor) -> list[Reason]:
    """Nobody accepts evidence that they gave themselves, now or earlier (domain 5.10); the operator of the machine is nobody."""
    giver = current.evidence_by_id if evidence == current.evidence else actor.user.pk if actor.user else None
    if actor.user is None or giver != actor.user.pk:
        return []
    return [Reason("Evidence has to be accepted by somebody other than the person who gave it. Save the evidence and ask a colleague to confirm.", "status")]


def add_condition(programme: Programme, title: str, *, actor: Actor, owner_name: str = "", due: date | None = None, longstop: date | None = None, evidence: str = "") -> ConditionPrecedent:
    actor.require(Can.READINESS_EDIT)
    if not title.strip():
        raise Refused(Reason("Say what the condition is.", "title"))
    if due is not None and longstop is not None and longstop < due:
        raise Refused(Reason("The longstop date is before the due date.", "longstop"))
    with transaction.atomic():
        _hold(programme.pk)
        return changes.create(
            ConditionPrecedent(programme=programme, title=title.strip(), owner_name=owner_name, due=due, longstop=longstop, evidence=evidence.strip(), evidence_by=actor.user if evidence.strip() else None),
            actor=actor,
        )


def update_condition(condition: ConditionPrecedent, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None, why: str = "") -> ConditionPrecedent:
    """Waiving is for the commissioner's board chair or SRO, with a reason. Satisfied has a day that is not in the future, and
    is said by somebody other than who gave the evidence."""
    actor.require(Can.READINESS_EDIT) if values.get("status") != ConditionStatus.WAIVED else require_approver(actor, "waive a condition precedent")
    with transaction.atomic():
        _hold(condition.programme_id)
        current = ConditionPrecedent._base_manager.select_for_update().get(pk=condition.pk)
        wanted = dict(values)
        status, evidence = wanted.get("status", current.status), wanted.get("evidence", current.evidence).strip()
        satisfied_on = wanted.get("satisfied_on", current.satisfied_on)
        wrong: list[Reason] = []
        if evidence != current.evidence:
            wanted["evidence_by"] = actor.user
        if status == ConditionStatus.WAIVED and status != current.status and not why.strip():
            wrong.append(Reason("Give the reason for waiving it.", "why"))
        if status == ConditionStatus.SATISFIED:
            wanted["satisfied_on"] = satisfied_on or today()
            if wanted["satisfied_on"] > today():
                wrong.append(Reason("The day it was satisfied is in the future.", "satisfied_on"))
            if not evidence:
                wrong.append(Reason("Say what shows that it is satisfied.", "evidence"))
            elif status != current.status:
                wrong += _own_evidence(current, evidence, actor)
            if status != current.status:
                wanted["verified_by"] = actor.user
        elif status != current.status:
            wanted["satisfied_on"] = None
            wanted["verified_by"] = actor.user if status == ConditionStatus.WAIVED else None
        if wrong:
            raise Refused(wrong)
        changes.apply(condition, wanted, actor=actor, expected_version=expected_version, why=why)
    return condition


@transaction.atomic
def decide_go_live(programme: Programme, result: str, *, actor: Actor, conditions: str = "", attendees: str = "", on: date | None = None) -> GoLiveDecision:
    """``go`` needs every condition satisfied or waived and every mandatory criterion met; else conditions with owner and date, or no go."""
    require_approver(actor, "sign the go-live decision")
    if result not in GoLiveResult.values:
        raise Refused(Reason("Choose a result.", "result"))
    _hold(programme.pk)
    wrong: list[Reason] = []
    if result == GoLiveResult.GO:
        waiting = ConditionPrecedent.objects.filter(programme=programme).exclude(status__in=[ConditionStatus.SATISFIED, ConditionStatus.WAIVED])
        wrong += [Reason(f"Condition not satisfied: {row.title}.", "result") for row in waiting]
        unmet = ReadinessCriterion.objects.filter(programme=programme, mandatory=True).exclude(status__in=CRITERION_MET)
        wrong += [Reason(f"Mandatory criterion not met: {row}.", "result") for row in unmet]
    if result == GoLiveResult.GO_WITH_CONDITIONS and not conditions.strip():
        wrong.append(Reason("Write each condition with its owner and date.", "conditions"))
    if wrong:
        raise Refused(wrong)
    return changes.create(
        GoLiveDecision(programme=programme, result=result, conditions=conditions.strip(), attendees=attendees, signed_by=actor.user, on=on or today()), actor=actor
    )
