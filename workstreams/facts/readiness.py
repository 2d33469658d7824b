"""How ready the start is: conditions precedent, the five deliverables, the last decision (domain 5.8, 5.10, 10.10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.db.models import Case, DateField, F, Q, Value, When
from django.db.models.functions import Cast

from mobilisation.choices import ConditionStatus, ProgrammeKind
from mobilisation.models import ConditionPrecedent, Programme
from workstreams.choices import CriterionStatus, Deliverable
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
    """Three queries: conditions, criteria, the last decision."""
    conditions = list(ConditionPrecedent.objects.filter(programme=programme).select_related("owner"))
    criteria = list(ReadinessCriterion.objects.filter(programme=programme))
    decision = GoLiveDecision.objects.filter(programme=programme).select_related("signed_by").first()
    # A start is judged against its commencement; an exit only by what was written down for it.
    start = programme.start_by
    mandatory = [row for row in criteria if row.mandatory]
    needs = [condition_need(row) for row in conditions] + [criterion_need(row) for row in mandatory]
    missed = tuple(reason for need in needs if (reason := rules.miss(need, start, as_of)))
    return ReadinessFacts(
        as_of=as_of, start=start,
        earliest_start=rules.earliest_start(programme.scd or programme.go_live_date, [row.satisfied_on if row.status in CONDITION_MET else None for row in conditions if row.status != ConditionStatus.WAIVED])
        if programme.kind != ProgrammeKind.PROVIDER_EXIT else None,
        cps_done=sum(row.status in CONDITION_MET for row in conditions), cps_total=len(conditions), conditions=tuple(_condition(row, start, as_of) for row in conditions),
        deliverables=tuple(_deliverable(number, title, criteria) for number, title in Deliverable.choices) if criteria else (),
        criteria_met=sum(row.status == CriterionStatus.MET for row in criteria), criteria_total=sum(row.status != CriterionStatus.NOT_APPLICABLE for row in criteria),
        open_mandatory=tuple(need.title for need in needs if not need.met), will_miss=missed,
        decision=DecisionFacts(decision.result, decision.get_result_display(), decision.on, decision.conditions, str(decision.signed_by or "")) if decision else None,
    )


def missed(programmes: Iterable[Programme], as_of: date) -> Counter[int]:
    """{programme id: conditions and mandatory criteria that will not be met by its start}; one query for any number of programmes."""
    starts = {programme.pk: programme.start_by for programme in programmes}
    # What is open, in no danger of its own and before its start needs no reading.
    telling = Q(forecast__isnull=False) | Q(programme__in=[pk for pk, start in starts.items() if start is not None and start <= as_of])
    columns = ("programme_id", "title_", "forecast", "longstop_", "failed_", "condition_")
    conditions = ConditionPrecedent.objects.filter(telling | Q(longstop__lt=as_of) | Q(status=ConditionStatus.FAILED), programme__in=starts).exclude(status__in=CONDITION_MET)
    criteria = ReadinessCriterion.objects.filter(telling, programme__in=starts, mandatory=True).exclude(status__in=CRITERION_MET)
    rows = conditions.order_by().annotate(
        title_=F("title"), longstop_=F("longstop"), failed_=Case(When(status=ConditionStatus.FAILED, then=Value(1)), default=Value(0)), condition_=Value(1)
    ).values_list(*columns).union(
        criteria.order_by().annotate(title_=F("text"), longstop_=Cast(Value(None), DateField()), failed_=Value(0), condition_=Value(0)).values_list(*columns), all=True
    )
    return Counter(
        pk for pk, title, forecast, longstop, failed, condition in rows
        if rules.miss(rules.Need(title, False, None, forecast, longstop, bool(failed), bool(condition)), starts[pk], as_of)
    )


def _condition(row: ConditionPrecedent, start: date | None, as_of: date) -> ConditionFacts:
    reason = rules.miss(condition_need(row), start, as_of)
    return ConditionFacts(
        row.title, str(row.owner) if row.owner_id else row.owner_name, row.due, row.forecast, row.status, row.get_status_display(), row.satisfied_on, bool(reason), reason
    )


def _deliverable(number: int, title: str, criteria: list[ReadinessCriterion]) -> DeliverableFacts:
    mine = [row for row in criteria if row.deliverable == number and row.status != CriterionStatus.NOT_APPLICABLE]
    needed = [row for row in mine if row.mandatory]
    return DeliverableFacts(
        number, str(title), sum(row.status in CRITERION_MET for row in mine), len(mine), sum(row.status in CRITERION_MET for row in needed), len(needed)
    )
