"""From the facts of each app to the sections of a position. No query here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from mobilisation.choices import VariationStatus
from reporting.position.stated import beside
from reporting.position.values import (
    BurnPoint,
    Condition,
    Deliverable,
    Escalation,
    FunnelGroup,
    FunnelStep,
    GoDecision,
    Interface,
    IssueLine,
    Milestone,
    OpportunityLine,
    People,
    Plan,
    Readiness,
    RiskLine,
    Risks,
    Skill,
    Slip,
    TupeStage,
    Variation,
    Week,
    Workforce,
    Workstream,
)

UNREPORTED_AFTER = timedelta(days=7)
"""A report older than this is no report: the strip says "not reported"."""


def plan(facts: Any, as_of: date, stated: Mapping[str, Any], last: Week | None) -> Plan:
    """Section 7 of a pack from ``workstreams.facts.PlanFacts``."""
    return Plan(
        total=facts.total, done=facts.done, overdue=facts.overdue, by_colour=dict(facts.by_colour), milestones_total=facts.milestones_total,
        milestones_done=facts.milestones_done, workstreams=tuple(_workstream(row, as_of, stated.get(f"ws:{row.slug}"), last) for row in facts.workstreams),
        due_4w=_milestones(facts.milestones_due_4w), overdue_milestones=_milestones(facts.milestones_overdue), next_milestones=_milestones(facts.next_milestones),
        critical_red=_milestones(facts.critical_red), slipped=tuple(Slip(s.code, s.title, s.workstream, s.old, s.new, s.moved) for s in facts.slipped),
        added=_milestones(facts.added),
        variations=tuple(
            Variation(v.title, v.why, v.impact, v.raised_by, v.status, dict(VariationStatus.choices).get(v.status, v.status), v.decided_on, tuple((i[0], i[1], i[2]) for i in v.items))
            for v in facts.variations
        ),
        interfaces=tuple(Interface(i.what, (i.between[0], i.between[1]), i.critical, i.agreed_on, i.tested_on) for i in facts.interfaces),
    )


def _workstream(row: Any, as_of: date, override: Any, last: Week | None) -> Workstream:
    return Workstream(
        slug=row.slug, name=row.name, lead="Vacant" if row.lead_vacant else row.lead,
        rag=beside(row.colour, row.reasons, override, last.workstreams.get(row.slug) if last else None),
        one_line=row.one_line, asks=row.asks, report_week=row.report_week,
        unreported=row.report_week is None or row.report_week + UNREPORTED_AFTER < as_of, unsafe_answer=row.unsafe_answer,
        next_milestone=row.next_milestone, next_milestone_on=row.next_milestone_on, total=row.total, done=row.done, overdue=row.overdue, red=row.red, amber=row.amber,
    )


def _milestones(rows: Iterable[Any]) -> tuple[Milestone, ...]:
    return tuple(
        Milestone(m.code, m.title, m.workstream, m.owner, m.baseline, m.due, m.done_on, m.slip, str(m.colour), m.reason, m.critical, m.gate, m.moved, m.overdue_days)
        for m in rows
    )


def people(facts: Any, as_of: date) -> People:
    """Section 9 from ``transfers.facts.PeopleFacts``."""
    return People(
        total=facts.total, ready=facts.ready, transferred=facts.transferred, in_hospital=facts.in_hospital, on_hold=facts.on_hold, at_risk=facts.at_risk,
        past_t=facts.past_t_without_c15, safety_overdue=facts.safety_checks_overdue, red_safety_overdue=facts.red_safety_checks_overdue,
        no_incoming=facts.no_incoming, plans_validated=facts.plans_validated, plans_provisional=facts.plans_provisional,
        by_colour=_counts(facts.by_colour), by_priority=_counts(facts.by_priority), endings=_counts(facts.endings), safety_outcomes=_counts(facts.safety_check_outcomes),
        ready_pct=facts.ready_pct, planned_pct=facts.planned_pct, updated_pct=facts.updated_within_5w_pct,
        funnel=tuple(FunnelStep(step[0], step[1], step[2]) for step in facts.funnel),
        by_wave=_groups(facts.funnel_by_wave), by_provider=_groups(facts.funnel_by_provider),
        burn_up=tuple(BurnPoint(on, planned, actual if on <= as_of else None) for on, planned, actual in facts.burn_up),
    )


def _counts(found: Mapping[str, int]) -> dict[str, int | str]:
    return dict(found)


def _groups(rows: Iterable[Any]) -> tuple[FunnelGroup, ...]:
    return tuple(FunnelGroup(name, total, _counts(done)) for name, done, total in rows)


def workforce(facts: Any) -> Workforce:
    """Section 10 from ``transfers.facts.StaffFacts``."""
    return Workforce(
        total=facts.total, transferring=facts.transferring, objected=facts.objected, introduced=facts.introduced,
        tupe=tuple(TupeStage(s.parties, s.title, s.due, s.done_on, s.late_days, s.colour, s.reason) for s in facts.tupe),
        skills=tuple(Skill(s.title, s.high_risk, s.needed, s.validated, s.mandatory) for s in facts.skills),
        mandatory_training_pct=facts.mandatory_training_pct, high_risk_signoff_pct=facts.high_risk_signoff_pct,
    )


def _risks(rows: Iterable[Any], limit: int | None = None) -> tuple[RiskLine, ...]:
    return tuple(
        RiskLine(
            r.ref, r.title, r.owner or "No owner", r.workstream, r.likelihood, r.consequence, r.score, r.band, r.band_word, r.initial, r.previous, r.target,
            r.review_on, r.overdue_review, r.overdue_actions, r.unsafe_go_live, r.scope == "shared",
        )
        for r in list(rows)[:limit]
    )


def risks(facts: Any) -> Risks:
    """Section 13 from ``risks.facts.RiskFacts``."""
    return Risks(
        open=facts.open, by_band=dict(facts.by_band), matrix=tuple(tuple(row) for row in facts.matrix), before=tuple(tuple(row) for row in facts.initial_matrix),
        top=_risks(sorted(facts.top, key=lambda row: -row.score), 10), moved=_risks(facts.movement), new=_risks(facts.new), closed=_risks(facts.closed), unsafe_go_live=_risks(facts.unsafe_go_live),
        overdue_reviews=facts.overdue_reviews, overdue_actions=facts.overdue_actions, issues_open=facts.issues_open,
        issues=tuple(IssueLine(i.ref, i.title, i.owner or "No owner", i.due, i.overdue) for i in facts.issues if not i.about_person),
        issues_unlisted=sum(i.about_person for i in facts.issues),
        opportunities=tuple(OpportunityLine(o.ref, o.title, o.benefit, o.owner or "No owner") for o in facts.opportunities),
        escalations=tuple(Escalation(e.subject, e.to_level, e.to_word, e.why, e.on, e.late) for e in facts.escalations if not e.acknowledged),
    )


def readiness(facts: Any) -> Readiness:
    """Section 8 from ``workstreams.facts.ReadinessFacts``."""
    decided = facts.decision
    return Readiness(
        start=facts.start, earliest_start=facts.earliest_start, cps_done=facts.cps_done, cps_total=facts.cps_total,
        conditions=tuple(Condition(c.title, c.owner, c.due, c.forecast, c.status, c.status_word, c.satisfied_on, c.will_miss) for c in facts.conditions),
        deliverables=tuple(Deliverable(d.number, d.title, d.met, d.total, d.mandatory_met, d.mandatory_total) for d in facts.deliverables),
        criteria_met=facts.criteria_met, criteria_total=facts.criteria_total, open_mandatory=tuple(facts.open_mandatory), will_miss=tuple(facts.will_miss),
        decision=GoDecision(decided.result, decided.result_word, decided.on, decided.conditions) if decided else None,
    )
