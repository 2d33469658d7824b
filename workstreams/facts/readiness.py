"""How ready the start is: conditions precedent, the five deliverables, the last decision (domain 5.8, 5.10, 10.10)."""

from __future__ import annotations

from datetime import date

from mobilisation.calendars import calendar_for
from mobilisation.choices import ConditionStatus, ProgrammeKind
from mobilisation.models import ConditionPrecedent, Programme
from workstreams.choices import Deliverable
from workstreams.facts.values import ConditionFacts, DecisionFacts, DeliverableFacts, ReadinessFacts
from workstreams.models import GoLiveDecision, ReadinessCriterion
from workstreams.models.readiness import CRITERION_MET
from workstreams.rules import readiness as rules

CONDITION_MET = (ConditionStatus.SATISFIED, ConditionStatus.WAIVED)


def condition_need(row: ConditionPrecedent) -> rules.Need:
    return rules.Need(row.title, row.status in CONDITION_MET, row.due, row.forecast, row.longstop, row.status == ConditionStatus.FAILED, condition=True)


def criterion_need(row: ReadinessCriterion) -> rules.Need:
    return rules.Need(str(row), row.status in CRITERION_MET, row.due, row.forecast)


def readiness_facts(programme: Programme, as_of: date) -> ReadinessFacts:
    """Four queries: conditions, criteria, the last decision, the calendar."""
    conditions = list(ConditionPrecedent.objects.filter(programme=programme).select_related("owner"))
    criteria = list(ReadinessCriterion.objects.filter(programme=programme))
    decision = GoLiveDecision.objects.filter(programme=programme).select_related("signed_by").first()
    # A start is judged against its commencement; an exit only by what was written down for it.
    start = programme.start_by
    mandatory = [row for row in criteria if row.mandatory]
    needs = [condition_need(row) for row in conditions] + [criterion_need(row) for row in mandatory]
    colour, reasons = rules.colour(needs, start, as_of, calendar_for(programme), int(programme.threshold("readiness_amber_w")))
    missed = tuple(reason for need in needs if (reason := rules.miss(need, start, as_of)))
    return ReadinessFacts(
        as_of=as_of, start=start,
        earliest_start=rules.earliest_start(programme.scd or programme.go_live_date, [row.satisfied_on if row.status in CONDITION_MET else None for row in conditions if row.status != ConditionStatus.WAIVED])
        if programme.kind != ProgrammeKind.PROVIDER_EXIT else None,
        cps_done=sum(row.status in CONDITION_MET for row in conditions), cps_total=len(conditions), conditions=tuple(_condition(row, start, as_of) for row in conditions),
        deliverables=tuple(_deliverable(number, title, criteria) for number, title in Deliverable.choices) if criteria else (),
        criteria_met=sum(row.status in CRITERION_MET for row in criteria), criteria_total=len(criteria),
        open_mandatory=tuple(need.title for need in needs if not need.met), will_miss=missed,
        decision=DecisionFacts(decision.result, decision.get_result_display(), decision.on, decision.conditions, str(decision.signed_by or "")) if decision else None,
        colour=colour.value, reasons=reasons,
    )


def _condition(row: ConditionPrecedent, start: date | None, as_of: date) -> ConditionFacts:
    reason = rules.miss(condition_need(row), start, as_of)
    return ConditionFacts(
        row.title, str(row.owner) if row.owner_id else row.owner_name, row.due, row.forecast, row.status, row.get_status_display(), row.satisfied_on, bool(reason), reason
    )


def _deliverable(number: int, title: str, criteria: list[ReadinessCriterion]) -> DeliverableFacts:
    mine = [row for row in criteria if row.deliverable == number]
    needed = [row for row in mine if row.mandatory]
    return DeliverableFacts(
        number, str(title), sum(row.status in CRITERION_MET for row in mine), len(mine), sum(row.status in CRITERION_MET for row in needed), len(needed)
    )
