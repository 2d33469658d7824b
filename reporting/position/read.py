"""Reading a position: each app's facts once, judged by the rules, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from mobilisation.calendars import calendar_for, read_once
from mobilisation.choices import ABOUT_PEOPLE, ActionStatus, DecisionStatus
from mobilisation.clock import now
from mobilisation.models import Action, Decision, Programme
from mobilisation.moments import Colour
from reporting.choices import SnapshotKind
from reporting.models import RagOverride, WeeklySnapshot
from reporting.position import sections
from reporting.position.stated import beside, standing
from reporting.position.values import (
    ActionLine,
    BoardPapers,
    Confidence,
    DecisionLine,
    Dimension,
    Head,
    Need,
    Plan,
    Position,
    Rag,
    Week,
)
from reporting.position.veiled import veiled
from reporting.rules import colours
from reporting.rules.confidence import three_points
from risks.facts import risk_facts
from transfers.facts import people_facts, staff_facts
from workstreams.facts import plan_facts, readiness_facts

HISTORY_WEEKS = 6
_RED_RUN = 26


def position(programme: Programme, as_of: date, since: date | None = None) -> Position:
    """Where ``programme`` stands when today's facts are judged on ``as_of``; changes are counted from ``since``.

    ``since`` defaults to the last frozen week, else seven days earlier. This is the full position: every reader gets an
    edition of it (:mod:`reporting.editions`). No text of it names a person on the list, whoever typed it in.
    """
    with read_once():
        return veiled(_position(programme, as_of, since), programme)


def _position(programme: Programme, as_of: date, since: date | None) -> Position:
    earlier = list(
        WeeklySnapshot.objects.filter(programme=programme, kind=SnapshotKind.WEEKLY, locked=True, week_ending__lt=as_of)
        .order_by("-week_ending").values("week_ending", "overall", "colours")[:_RED_RUN]
    )
    since = since or (earlier[0]["week_ending"] if earlier else as_of - timedelta(days=7))
    history = tuple(Week(row["week_ending"], row["overall"], row["colours"].get("dimensions", {}), row["colours"].get("workstreams", {})) for row in reversed(earlier[:HISTORY_WEEKS]))
    last = history[-1] if history else None
    stated = standing(programme)

    people_raw = people_facts(programme, as_of)
    staff_raw = staff_facts(programme, as_of)
    plan_raw = plan_facts(programme, as_of, since)
    ready_raw = readiness_facts(programme, as_of)
    risk_raw = risk_facts(programme, as_of, since)

    plan = sections.plan(plan_raw, as_of, stated, last)
    people = sections.people(people_raw, as_of)
    workforce = sections.workforce(staff_raw)
    risks = sections.risks(risk_raw)
    readiness = sections.readiness(ready_raw)
    board = _board(programme, as_of, since)

    judged: dict[str, colours.Judgement] = {
        "plan": _noted(colours.plan(
            items=plan.total, critical_red=len(plan_raw.critical_red), red=plan.by_colour.get("R", 0), amber=plan.by_colour.get("A", 0),
            red_workstreams=[w.name for w in plan.workstreams if w.rag.computed == "R"], amber_workstreams=[w.name for w in plan.workstreams if w.rag.computed == "A"],
        ), plan),
        "people": colours.people(
            total=people_raw.total, past_t=people_raw.past_t_without_c15, red_checks_overdue=people_raw.red_safety_checks_overdue,
            ready_pct=people_raw.ready_pct, planned_pct=people_raw.planned_pct, red=people_raw.by_colour.get("R", 0),
            amber_points=programme.threshold("ready_amber_points"), red_points=programme.threshold("ready_red_points"),
        ),
        "workforce": _as_told(staff_raw.colour, staff_raw.reasons, bool(staff_raw.transferring or staff_raw.tupe), "No staff transfer is recorded yet.", "Staff transfer and training are on their dates."),
        "risk": _as_told(risk_raw.colour, risk_raw.reasons, bool(risk_raw.open), "The register holds no open risk.", "No Extreme risk, and few High ones."),
        "readiness": _readiness(programme, ready_raw, as_of),
    }
    dimensions = tuple(
        Dimension(code, title, _rag(judged[code], stated.get(code), last.dimensions.get(code) if last else None)) for code, title in colours.DIMENSIONS
    )
    overall = _overall(dimensions, stated.get("programme"), last.overall if last else None)
    label, target = programme.target
    return Position(
        head=Head(
            reference=programme.reference, title=programme.title, kind=programme.kind, kind_word=programme.get_kind_display(),
            exit_type_word=programme.get_exit_type_display() if programme.exit_type else "", status=programme.status, status_word=programme.get_status_display(),
            phase_word=programme.get_phase_display(), organisation=str(programme.lead_organisation or ""), target_label=label, target_on=target,
            days_to=(target - as_of).days if target else None, demo=programme.demo,
        ),
        as_of=as_of, since=since, data_at=now(), overall=overall, weeks_at_red=colours.weeks_at_red(overall.shown, [row["overall"] for row in earlier]),
        dimensions=dimensions,
        confidence=Confidence(programme.delivery_confidence, three_points(programme.delivery_confidence), programme.delivery_confidence_reason),
        needs=needs(board, readiness.will_miss, people.past_t, risks.escalations, as_of),
        plan=plan, people=people, workforce=workforce, risks=risks, readiness=readiness, board=board, history=history,
    )


def _readiness(programme: Programme, facts: Any, as_of: date) -> colours.Judgement:
    start = programme.start_by
    return colours.readiness(
        items=facts.cps_total + facts.criteria_total, will_miss=[_sentence(text) for text in facts.will_miss], open_mandatory=len(facts.open_mandatory),
        working_days_to_start=calendar_for(programme).count(as_of, start) if start else None, amber_w=int(programme.threshold("readiness_amber_w")),
    )


def readiness_shown(programme: Programme, facts: Any, as_of: date) -> Rag:
    """The Readiness dimension as dashboard and pack show it, for the page of its own (``registry.read_fact("readiness", …)``)."""
    return _rag(_readiness(programme, facts, as_of), standing(programme).get("readiness"), None)


def _sentence(text: str) -> str:
    return text.rstrip(".")


def _as_told(colour: str, reasons: Iterable[str], anything: bool, nothing: str, good: str) -> colours.Judgement:
    """A dimension its own app has judged; grey where it holds nothing."""
    told = tuple(reasons)
    if not anything and colour not in ("R", "A"):
        return colours.Judgement(Colour.GREY, (nothing,))
    return colours.Judgement(Colour(colour), told or (good,))


def _rag(judged: colours.Judgement, override: RagOverride | None, before: str | None) -> Rag:
    return beside(judged.colour.value, judged.reasons, override, before)


def _noted(judged: colours.Judgement, plan: Plan) -> colours.Judgement:
    """The plan is judged by computed workstreams: where another colour stands beside one, its reasons say so."""
    return replace(judged, reasons=(*judged.reasons, *(colours.said_beside(f"Workstream {w.name}", w.rag.stated, w.rag.computed) for w in plan.workstreams if w.rag.stated)))


def _overall(dimensions: tuple[Dimension, ...], override: RagOverride | None, before: str | None) -> Rag:
    """Computed from computed dimensions; where one is stated otherwise, the programme follows it as stated. The reasons speak of
    the colours that stand beside them, and name what is computed otherwise."""
    computed = colours.programme({d.code: Colour(d.rag.computed) for d in dimensions})
    followed = colours.programme({d.code: Colour(d.rag.shown) for d in dimensions})
    notes = tuple(colours.said_beside(d.title, d.rag.stated, d.rag.computed) for d in dimensions if d.rag.stated)
    found = _rag(replace(computed, reasons=(*followed.reasons, *notes)), override, before)
    if not found.stated and followed.colour is not computed.colour:
        names = ", ".join(d.title for d in dimensions if d.rag.stated)
        return replace(found, stated=followed.colour.value, stated_reason=f"Follows from the stated colour of: {names}.", trend=colours.trend(followed.colour, before))
    return found


def needs(board: BoardPapers, will_miss: Iterable[str], past_t: int | str, escalations: Iterable[Any], as_of: date) -> tuple[Need, ...]:
    """What the board is asked for: late first, then by date."""
    found = [Need("decision", row.text, row.needed_by, row.late) for row in board.decisions_needed]
    if past_t:
        found.insert(0, Need("blocker", people_past_t(past_t), None, True))
    found += [Need("blocker", f"Will not be met by the start: {_sentence(text)}.", None, True) for text in will_miss]
    found += [Need("escalation", ": ".join(filter(None, (row.subject, row.why))), None, row.late) for row in escalations if row.to_level >= 3]
    return tuple(sorted(found, key=lambda need: (not need.late, need.by or date.max)))


def people_past_t(count: int | str) -> str:
    """One sentence that also reads where the number is hidden."""
    if isinstance(count, str):
        return "People past their transfer date without a first visit (a small number, not shown)."
    return f"{colours.count_of(count, 'person', 'people')} past the transfer date without a first visit."


def _board(programme: Programme, as_of: date, since: date) -> BoardPapers:
    needed, made = [], []
    unlisted = 0
    for row in Decision.objects.filter(programme=programme).exclude(status=DecisionStatus.WITHDRAWN).select_related("meeting"):
        if _about_people(row):
            unlisted += row.status == DecisionStatus.NEEDED
            continue
        line = DecisionLine(row.text, row.rationale, row.status, row.needed_by, row.made_by, row.made_on, bool(row.status == DecisionStatus.NEEDED and row.needed_by and row.needed_by < as_of))
        if row.status == DecisionStatus.NEEDED:
            needed.append(line)
        elif row.made_on and row.made_on > since - timedelta(days=35):
            made.append(line)
    open_actions = list(Action.objects.filter(programme=programme, status=ActionStatus.OPEN).select_related("owner", "meeting"))
    actions = [
        ActionLine(row.text, str(row.owner or row.owner_name or "No owner"), row.due, row.due < as_of, row.urgent) for row in open_actions if not _about_people(row)
    ]
    made.sort(key=lambda line: line.made_on or date.min, reverse=True)
    return BoardPapers(
        tuple(needed), tuple(made), len(open_actions), sum(row.due < as_of for row in open_actions), tuple(actions),
        actions_unlisted=len(open_actions) - len(actions), decisions_unlisted=unlisted,
    )


def _about_people(row: Action | Decision) -> bool:
    """Raised where single people are talked about: its text stays out of every edition, whatever it says."""
    return row.meeting is not None and row.meeting.kind in ABOUT_PEOPLE


def shown_colours(found: Position) -> Mapping[str, Any]:
    """What a snapshot keeps beside the position, to be read without it."""
    week = found.colours
    return {"overall": week.overall, "dimensions": week.dimensions, "workstreams": week.workstreams}
