"""An edition is a pure function from a position to a smaller one (design; domain 8).

``board``: exact counts in one-way tables; where groups cross checkpoints, small numbers hidden and the rest to the nearest
5. ``commissioner``: counts of people 1–7 hidden everywhere, and those that nest in one another to the nearest 5.
``provider``: as commissioner, shared risks and the own organisation's rows only. ``public``: every other count rounded to 5
too, no names, no sentences written by people. ``left_out`` names the parts an edition does not have, so that no page calls
an emptied list "none".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from reporting.position.read import needs, people_past_t
from reporting.position.values import (
    BoardPapers,
    BurnPoint,
    Count,
    Dimension,
    FunnelGroup,
    FunnelStep,
    People,
    Plan,
    Position,
    Rag,
    Readiness,
    Risks,
    Skill,
    Workforce,
)
from reporting.rules import small_numbers
from reporting.rules.colours import BEHIND, OVERTAKEN
from reporting.rules.small_numbers import HIDDEN, NESTED
from reporting.rules.weeks import week_ending
from risks.facts import ABOUT_ONE_PERSON
from transfers.rules.gates import CHECKPOINTS

LEFT_OUT = {
    "provider": ("needs", "decisions", "actions", "confidence", "unshared_risks", "escalations", "issues", "opportunities", "variations", "waves", "other_providers"),
    "public": (
        "needs", "decisions", "actions", "confidence", "stated_reasons", "reports", "unsafe", "risks", "escalations", "issues", "opportunities", "overdue_milestones", "slipped", "variations",
        "interfaces", "conditions", "providers",
    ),
}
"""{edition: parts it does not have}; templates say so instead of "none"."""


@dataclass(frozen=True)
class Mask:
    limit: int = small_numbers.LIMIT
    round_to: int = 1

    def one(self, value: Count) -> Count:
        return small_numbers.hide(value, limit=self.limit, round_to=self.round_to)

    def row(self, parts: list[Count], total: Count) -> list[Count]:
        return small_numbers.row(parts, total, limit=self.limit, round_to=self.round_to)[0]

    def named(self, parts: Mapping[str, Count], total: Count | None) -> dict[str, Count]:
        return small_numbers.named(parts, total, limit=self.limit, round_to=self.round_to)[0]

    def against(self, part: Count, total: Count) -> Count:
        return small_numbers.against(part, total, limit=self.limit, round_to=self.round_to)

    def nested(self, part: Count, total: Count) -> Count:
        return small_numbers.nested(part, total, limit=self.limit, shown_total=self.one(total))


def edition(position: Position, name: str, *, organisation: str = "", limit: int = small_numbers.LIMIT) -> Position:
    """``position`` as readers of ``name`` may see it. ``organisation`` names the provider whose rows the provider edition keeps."""
    if position.edition != "board" or name not in ("board", "commissioner", "provider", "public"):
        raise ValueError(f"an edition is made from the full position, not {position.edition} → {name}")
    if name == "board":
        return replace(position, people=_two_way(position.people, position.people, limit))
    mask = Mask(limit, 5 if name == "public" else 1)
    people = _people(position.people, mask)
    escalations = tuple(replace(row, why="an issue, not worded in this edition") if row.why == ABOUT_ONE_PERSON else row for row in position.risks.escalations)
    smaller = replace(
        position, risks=replace(position.risks, escalations=escalations), edition=name, left_out=LEFT_OUT.get(name, ()), people=people, workforce=_workforce(position.workforce, mask),
        dimensions=tuple(replace(d, rag=_people_rag(d.rag, people)) if d.code == "people" else d for d in position.dimensions),
        needs=needs(position.board, position.readiness.will_miss, people.past_t, escalations, position.as_of),
    )
    if name == "provider":
        return _provider(smaller, organisation)
    return _public(smaller) if name == "public" else smaller


def _two_way(people: People, shown: People, limit: int) -> People:
    """``shown`` with the tables of ``people`` by wave and provider as they may stand beside its one-way counts."""
    return replace(shown, by_wave=_groups(people.by_wave, people, shown, limit), by_provider=_groups(people.by_provider, people, shown, limit))


def _groups(groups: tuple[FunnelGroup, ...], people: People, shown: People, limit: int) -> tuple[FunnelGroup, ...]:
    """Waves or providers against checkpoints. One group alone crosses nothing: it repeats the one-way counts."""
    if len(groups) < 2:
        return tuple(FunnelGroup(group.name, shown.total, {step.code: step.done for step in shown.funnel}) for group in groups)
    columns = {step.code: [_number(group.done.get(step.code, 0)) for group in groups] for step in people.funnel}
    columns[_ALL] = [_number(group.total) for group in groups]
    totals = {step.code: _known(step.done, seen.done, people, limit) for step, seen in zip(people.funnel, shown.funnel, strict=True)} | {_ALL: _known(people.total, shown.total, people, limit)}
    nested = [(code, need) for code, need in _NESTED if code in columns and need in columns] + [(code, _ALL) for code in columns if code != _ALL]
    found = small_numbers.crossed(columns, totals, nested, limit=limit)
    return tuple(FunnelGroup(group.name, found[_ALL][i], {step.code: found[step.code][i] for step in people.funnel}) for i, group in enumerate(groups))


_ALL = "people"
_NESTED = tuple((checkpoint.code, need) for checkpoint in CHECKPOINTS for need in checkpoint.needs)
"""Who has passed the first has passed the second."""


def _number(value: Count) -> int:
    return value if isinstance(value, int) else 0


def _known(value: Count, shown: Count, people: People, limit: int) -> tuple[int, int]:
    """Least and most that a reader takes the true ``value`` for, who sees ``shown``."""
    if value == shown and isinstance(value, int):
        return value, value
    return small_numbers.between(shown, limit, NESTED, _number(people.total) or 10**9)


def _people(people: People, mask: Mask) -> People:
    total = people.total
    funnel = tuple(FunnelStep(step.code, step.title, mask.nested(step.done, total)) for step in people.funnel)
    colours = mask.named(people.by_colour, total)
    # Amber and Red together would give away the one that is hidden; few together would follow from Green and the total.
    at_risk = HIDDEN if HIDDEN in (colours.get("A"), colours.get("R")) and people.at_risk else mask.one(people.at_risk)
    if mask.one(people.at_risk) == HIDDEN and colours.get("G"):
        colours["G"] = HIDDEN
    fives = Mask(mask.limit, NESTED)
    red, other = people.red_safety_overdue, people.safety_overdue
    checks = fives.row([red, other - red], other) if isinstance(red, int) and isinstance(other, int) else [red]
    plans = fives.row([people.plans_validated, people.plans_provisional], people.transferred)
    ready, shown = mask.nested(people.ready, total), mask.one(total)
    # Both from rounded counts in the same way: what is ahead of the plan never reads as behind it.
    percent = small_numbers.percentage(ready, shown)
    planned = None if percent is None or people.planned_pct is None else small_numbers.percentage(min(small_numbers.rounded(round(people.planned_pct * _number(total) / 100), NESTED), _number(shown)), shown)
    smaller = replace(
        people, total=shown, ready=ready, transferred=mask.nested(people.transferred, total), in_hospital=mask.one(people.in_hospital), on_hold=mask.one(people.on_hold),
        at_risk=at_risk, past_t=fives.one(people.past_t), safety_overdue=fives.one(other), red_safety_overdue=checks[0],
        no_incoming=mask.nested(people.no_incoming, total), plans_validated=plans[0], plans_provisional=plans[1], by_colour=colours,
        by_priority=mask.named(people.by_priority, total), endings=mask.named(people.endings, None), safety_outcomes=fives.named(people.safety_outcomes, None),
        ready_pct=None if percent is None else float(percent), planned_pct=None if planned is None else float(planned),
        updated_pct=_updated(people, shown, mask),
        funnel=funnel, burn_up=_weekly(people.burn_up, _number(total), mask.limit),
    )
    return _two_way(people, smaller, mask.limit)


def _updated(people: People, shown: Count, mask: Mask) -> float | None:
    """Per cent of rows updated, from the rounded count; None where few were, or few were not."""
    if people.updated_pct is None:
        return None
    found = small_numbers.percentage(mask.nested(round(people.updated_pct * _number(people.total) / 100), people.total), shown)
    return None if found is None else float(found)


def _weekly(points: tuple[BurnPoint, ...], total: int, limit: int) -> tuple[BurnPoint, ...]:
    """The curve by Sundays and to the nearest 5, few people as 5 and few who are left alike: neither the days on which
    somebody moves nor the difference of two weeks, nor that to the total, tells of one person. The day the figures are of
    stays in it."""
    if not points:
        return ()
    last = max((p.on for p in points if p.actual is not None), default=None)
    first = week_ending(points[0].on) - timedelta(weeks=1)
    sundays = {first + timedelta(weeks=n) for n in range((week_ending(points[-1].on) - first).days // 7 + 1)}
    return tuple(BurnPoint(day, *_by_day(points, day, last, total, limit)) for day in sorted(sundays | ({last} if last else set())))


def _by_day(points: tuple[BurnPoint, ...], day: date, last: date | None, total: int, limit: int) -> tuple[Count, Count | None]:
    """Planned and transferred by the end of ``day``; nothing has been transferred after ``last``, the day of the figures."""
    before = [p for p in points if p.on <= day]
    done = [p.actual for p in before if p.actual is not None]
    return _five(before[-1].planned if before else 0, total, limit), _five(done[-1] if done else 0, total, limit) if last and day <= last else None


def _five(value: Count, total: int, limit: int) -> Count:
    if isinstance(value, str):
        return value
    if 1 <= value <= limit:
        return 5
    if 1 <= total - value <= limit:
        # What is left is as few: one number for all of them, wherever the total stands between two fives.
        return max(5, small_numbers.rounded(total - 5, 5))
    return min(small_numbers.rounded(value, 5), total) if total > limit else small_numbers.rounded(value, 5)


def _people_rag(rag: Rag, people: People) -> Rag:
    """The reasons of the people dimension, said again without the numbers that are hidden."""
    if rag.computed in ("G", "B", "N"):
        return rag
    reasons = []
    if people.past_t:
        reasons.append(people_past_t(people.past_t))
    if people.red_safety_overdue:
        reasons.append(f"Safety checks overdue for people of Red priority: {_said(people.red_safety_overdue)}.")
    if any(BEHIND in reason for reason in rag.reasons):
        told = people.ready_pct is not None and people.planned_pct is not None and people.planned_pct > people.ready_pct
        reasons.append(f"{people.ready_pct:.0f}% {BEHIND} {people.planned_pct:.0f}% planned." if told else "Fewer are ready than planned.")
    if people.by_colour.get("R"):
        reasons.append(f"People Red in the tracker: {_said(people.by_colour['R'])}.")
    return replace(rag, reasons=(*reasons, *(reason for reason in rag.reasons if reason.endswith(OVERTAKEN))))


def _said(value: Count) -> str:
    return "a small number, not shown" if value == HIDDEN else f"{value}"


def _workforce(workforce: Workforce, mask: Mask) -> Workforce:
    total, moving = workforce.total, workforce.transferring
    shown = mask.nested(moving, total)

    skills = tuple(replace(s, needed=mask.nested(s.needed, total), validated=mask.nested(s.validated, s.needed)) for s in workforce.skills)
    return replace(
        workforce, total=mask.one(total), transferring=shown, objected=mask.one(workforce.objected), introduced=mask.nested(workforce.introduced, moving),
        skills=skills, mandatory_training_pct=_held(skills, "mandatory"), high_risk_signoff_pct=_held(skills, "high_risk"),
    )


def _held(skills: Iterable[Skill], flag: str) -> float | None:
    """Per cent of validated over needed, of what is shown: it says nothing that the counts beside it do not."""
    pairs = [(s.validated, s.needed) for s in skills if getattr(s, flag)]
    if any(HIDDEN in pair for pair in pairs):
        return None
    found = small_numbers.percentage(sum(_number(held) for held, _ in pairs), sum(_number(needed) for _, needed in pairs))
    return None if found is None else float(found)


def _provider(position: Position, organisation: str) -> Position:
    risks = position.risks
    return replace(
        position, needs=(), confidence=replace(position.confidence, reason=""),
        people=replace(position.people, by_provider=tuple(g for g in position.people.by_provider if organisation and g.name == organisation), by_wave=()),
        workforce=replace(position.workforce, tupe=tuple(stage for stage in position.workforce.tupe if organisation and organisation in stage.parties)),
        risks=replace(
            risks, top=tuple(r for r in risks.top if r.shared), moved=tuple(r for r in risks.moved if r.shared), new=tuple(r for r in risks.new if r.shared),
            closed=tuple(r for r in risks.closed if r.shared), unsafe_go_live=tuple(r for r in risks.unsafe_go_live if r.shared), escalations=(), issues=(), opportunities=(),
        ),
        plan=replace(position.plan, variations=()), board=BoardPapers(),
    )


def _public(position: Position) -> Position:
    """Colours and counts; nobody's name and nobody's sentences."""
    plan = position.plan
    bare = tuple(replace(w, lead="", one_line="", asks="", unsafe_answer="", rag=replace(_unsaid(w.rag), reasons=())) for w in plan.workstreams)
    strip = tuple(replace(m, owner="", reason="") for m in plan.due_4w)
    risks = position.risks
    return replace(
        position, needs=(), confidence=replace(position.confidence, reason=""), overall=_unsaid(position.overall),
        dimensions=tuple(Dimension(d.code, d.title, _unsaid(d.rag) if d.code == "people" else replace(_unsaid(d.rag), reasons=())) for d in position.dimensions),
        plan=Plan(
            plan.total, plan.done, plan.overdue, plan.by_colour, plan.milestones_total, plan.milestones_done, bare, strip, (),
            tuple(replace(m, owner="", reason="") for m in plan.next_milestones),
        ),
        people=replace(position.people, by_provider=()),
        workforce=replace(position.workforce, tupe=tuple(replace(stage, parties="", reason="") for stage in position.workforce.tupe)),
        risks=Risks(risks.open, risks.by_band, risks.matrix, risks.before),
        readiness=Readiness(
            position.readiness.start, position.readiness.earliest_start, position.readiness.cps_done, position.readiness.cps_total, (), position.readiness.deliverables,
            position.readiness.criteria_met, position.readiness.criteria_total,
        ),
        board=BoardPapers(),
    )


def _unsaid(rag: Rag) -> Rag:
    return replace(rag, stated_reason="", stated_by="")
