"""Updating steps, reporting on workstreams, evidence, and agreed variations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.calendars import calendar_for
from mobilisation.choices import VariationStatus
from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Programme, Variation
from mobilisation.roles import Can
from mobilisation.services import changes
from workstreams.choices import StepStatus
from workstreams.models import EvidenceFile, PlanStep, VariationItem, Workstream, WorkstreamReport
from workstreams.models.plan import YEARLY
from workstreams.permissions import may_report, may_set_aside, may_update_step, require_approver
from workstreams.rules.schedule import next_occurrence
from workstreams.services.colours import recompute

UPDATABLE = frozenset(
    {"status", "forecast", "note", "percent", "done_on", "at_risk", "at_risk_note", "owner", "owner_name", "critical", "gate", "evidence_required", "start", "longstop", "baseline", "title", "workstream"}
)
LEAD_ONLY = frozenset({"critical", "gate", "evidence_required", "longstop", "baseline", "title", "workstream", "owner", "owner_name"})
"""Fields that shape the plan: for those who keep it, not for whoever reports on a step."""


def update_step(
    step: PlanStep, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None, why: str = "", as_of: date | None = None
) -> PlanStep:
    """Change a step and work out its colour and that of what waits for it.

    Raises ``Refused`` with every fault, ``Conflict`` when somebody else changed the same field since ``expected_version``.
    A baseline that is set changes by an approved variation only.
    """
    day = as_of or today()
    sets_aside = values.get("status") == StepStatus.NOT_APPLICABLE and set(values) <= {"status", "note"} and may_set_aside(actor, step)
    if not sets_aside and not may_update_step(actor, step):
        raise NotPermitted("You may update the steps you own or whose workstream you lead. Ask the mobilisation lead.")
    if LEAD_ONLY & set(values) and not actor.can(Can.PLAN_EDIT):
        raise NotPermitted("Only those who keep the plan may change what a step is. You may change its status, forecast and note.")
    with transaction.atomic():
        current = PlanStep._base_manager.select_for_update(of=("self",)).select_related("workstream", "programme").get(pk=step.pk)
        if values.get("status") == StepStatus.NOT_APPLICABLE != current.status and not may_set_aside(actor, current):
            who = "the board chair or the senior responsible owner says that a gate or a critical step" if current.gate or current.critical else "those who keep the plan say that a step"
            raise NotPermitted(Reason(f"Only {who} does not apply. Ask them.", "status"))
        wanted = settle_values(current, values, day)
        changes.apply(current, {**wanted, "reported_on": day}, actor=actor, expected_version=expected_version, why=why)
        recompute(current.programme, [current.pk], as_of=day)
    step.refresh_from_db()
    return step


def settle_values(current: PlanStep, values: Mapping[str, Any], day: date) -> dict[str, Any]:
    """``values`` with what follows from them (done on, 100 %, blocked since). Raises ``Refused`` with everything wrong."""
    unknown = set(values) - UPDATABLE
    if unknown:
        raise Refused(f"These fields of a step cannot be changed here: {', '.join(sorted(unknown))}.")
    wrong: list[Reason] = []
    wanted = dict(values)
    if wanted.get("baseline", current.baseline) != current.baseline and current.baseline is not None:
        wrong.append(Reason("The baseline was agreed. It changes by an approved variation only; enter a forecast, or propose a variation.", "baseline"))
    percent = wanted.get("percent", current.percent)
    if percent is None or not 0 <= percent <= 100:
        wrong.append(Reason("Enter a percentage from 0 to 100.", "percent"))
    done_on = wanted.get("done_on", current.done_on)
    status = wanted.get("status", current.status)
    if "status" not in wanted and wanted.get("done_on") is not None:
        status = StepStatus.DONE
    if status not in StepStatus.values:
        wrong.append(Reason(f"“{status}” is not a status of a step.", "status"))
    if done_on is not None and status == StepStatus.DONE and done_on > day:
        wrong.append(Reason("The day it was done is in the future. Enter today or an earlier day.", "done_on"))
    if status != StepStatus.DONE and wanted.get("done_on") not in (None, current.done_on):
        wrong.append(Reason("A day it was done needs the status Done. Set it, or leave the day empty.", "done_on"))
    wrong += [Reason(_OUT_OF_REACH, name) for name in ("forecast", "start", "longstop", "done_on", "baseline") if _out_of_reach(wanted.get(name), day)]
    if status == StepStatus.BLOCKED and not wanted.get("note", current.note):
        wrong.append(Reason("Say in the note what blocks it.", "note"))
    if status == StepStatus.NOT_APPLICABLE and status != current.status and not str(wanted.get("note", current.note)).strip():
        wrong.append(Reason("Say in the note why it does not apply.", "note"))
    if wanted.get("at_risk") and not wanted.get("at_risk_note", current.at_risk_note):
        wrong.append(Reason("Say why it is at risk.", "at_risk_note"))
    if wrong:
        raise Refused(wrong)
    if status != current.status or "done_on" in wanted or status == StepStatus.DONE:
        wanted["status"] = status
        wanted["done_on"] = (done_on or day) if status == StepStatus.DONE else None
        wanted["blocked_on"] = (current.blocked_on or day) if status == StepStatus.BLOCKED else None
        if status == StepStatus.DONE:
            wanted["percent"] = 100
        wanted |= next_round(current, current.programme, wanted["done_on"])
    if wanted.get("status", current.status) == StepStatus.NOT_STARTED and "status" not in values and 0 < wanted.get("percent", 0) <= 100:
        wanted["status"] = StepStatus.IN_PROGRESS
    if wanted.get("at_risk") is False:
        wanted["at_risk_note"] = ""
    return wanted


def next_round(step: PlanStep, programme: Programme, done_on: date | None) -> dict[str, date | None]:
    """{"again_on": the next occurrence} of a yearly step, twelve months after it was done; none while it is open. Nothing for other steps."""
    if step.recurrence != YEARLY:
        return {}
    return {"again_on": next_occurrence(YEARLY, done_on + timedelta(days=1), calendar_for(programme), first=done_on) if done_on else None}


_REACH = timedelta(days=3660)
_OUT_OF_REACH = "That is more than ten years away. Check the year."


def _out_of_reach(found: Any, day: date) -> bool:
    return isinstance(found, date) and abs(found - day) > _REACH


def add_evidence(step: PlanStep, title: str, *, actor: Actor, where: str = "", expires_on: date | None = None) -> EvidenceFile:
    if not may_update_step(actor, step):
        raise NotPermitted("You may add evidence to the steps you own or whose workstream you lead.")
    if not title.strip():
        raise Refused(Reason("Say what the evidence is.", "title"))
    return changes.create(EvidenceFile(step=step, title=title.strip(), where=where, expires_on=expires_on, uploaded_by=actor.user), actor=actor)


def accept_evidence(evidence: EvidenceFile, *, actor: Actor) -> EvidenceFile:
    """Accepted by somebody other than its uploader (domain 5.10)."""
    actor.require(Can.PLAN_EDIT)
    if actor.user is not None and evidence.uploaded_by_id == actor.user.pk:
        raise Refused("Evidence has to be accepted by somebody other than the person who gave it.")
    with transaction.atomic():
        current = EvidenceFile._base_manager.select_for_update(of=("self",)).select_related("accepted_by").get(pk=evidence.pk)
        if current.accepted_on is not None:
            raise Refused(f"{current.accepted_by or 'The operator'} has accepted this evidence already.")
        changes.apply(evidence, {"accepted_by": actor.user, "accepted_on": today()}, actor=actor)
        recompute(evidence.step.programme, [evidence.step_id])
    return evidence


def report_workstream(
    workstream: Workstream, week: date, *, status: str, one_line: str, actor: Actor, asks: str = "", unsafe: str = "", expected_version: int | None = None
) -> WorkstreamReport:
    """The lead's word for the week ending ``week``; said again in the same week it replaces the first, with history."""
    if not may_report(actor, workstream):
        raise NotPermitted("Only the lead of this workstream and those who keep the plan may report on it.")
    wrong: list[Reason] = []
    if week.weekday() != 6:
        wrong.append(Reason("A week ends on a Sunday.", "week"))
    if status not in ("G", "A", "R"):
        wrong.append(Reason("State a colour.", "status"))
    if not one_line.strip():
        wrong.append(Reason("Say in one line where the workstream stands.", "one_line"))
    if wrong:
        raise Refused(wrong)
    values = {"status": status, "one_line": one_line.strip(), "asks": asks.strip(), "unsafe": unsafe.strip()}
    with transaction.atomic():
        Workstream._base_manager.select_for_update().get(pk=workstream.pk)
        found = WorkstreamReport._base_manager.filter(workstream=workstream, week=week).first()
        if found is None:
            return changes.create(WorkstreamReport(workstream=workstream, week=week, **values), actor=actor)
        changes.apply(found, values, actor=actor, expected_version=expected_version)
        return found


def propose_variation(programme: Programme, title: str, why: str, items: Sequence[tuple[PlanStep, date]], *, actor: Actor, impact: str = "") -> Variation:
    """A change of agreed baselines, for the board chair or SRO to decide."""
    actor.require(Can.PLAN_EDIT)
    wrong = [Reason("Say what changes.", "title")] if not title.strip() else []
    if not why.strip():
        wrong.append(Reason("Say why.", "why"))
    if not items:
        wrong.append(Reason("Choose at least one step to move.", "items"))
    wrong += [Reason(f"{step.code} does not belong to this programme.", "items") for step, _ in items if step.programme_id != programme.pk]
    wrong += [Reason(f"{step.code}: {_OUT_OF_REACH}", "new_baseline") for step, new in items if _out_of_reach(new, today())]
    wrong += [Reason(f"{step.code} has this baseline already.", "new_baseline") for step, new in items if new == step.baseline]
    if wrong:
        raise Refused(wrong)
    with transaction.atomic():
        variation = changes.create(
            Variation(programme=programme, title=title.strip(), why=why.strip(), impact=impact.strip(), raised_by_name=actor.label[:150]), actor=actor
        )
        changes.bulk_create([VariationItem(variation=variation, step=step, old_baseline=step.baseline, new_baseline=day) for step, day in items], actor=actor)
    return variation


def decide_variation(variation: Variation, *, approve: bool, actor: Actor, why: str = "") -> Variation:
    """Approved, its baselines move; the act and the person are kept."""
    require_approver(actor, "decide on a variation")
    with transaction.atomic():
        current = Variation._base_manager.select_for_update().get(pk=variation.pk)
        if current.status != VariationStatus.PROPOSED:
            raise Refused(f"This variation was already {current.get_status_display().lower()}.")
        changes.apply(
            variation, {"status": VariationStatus.APPROVED if approve else VariationStatus.REJECTED, "approved_by": actor.user, "decided_on": today()}, actor=actor, why=why
        )
        if approve:
            items = list(VariationItem._base_manager.filter(variation=variation).order_by("id"))
            steps = {step.pk: step for step in PlanStep._base_manager.select_for_update().filter(pk__in=[item.step_id for item in items])}
            changes.bulk_apply([(steps[item.step_id], {"baseline": item.new_baseline}) for item in items], actor=actor, why=f"variation: {variation.title}")
            recompute(variation.programme, list(steps))
    return variation
