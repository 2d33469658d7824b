"""An edition is a pure function from a position to a smaller one (design; domain 8).

``board``: exact counts in one-way tables, two-way tables with small numbers hidden. ``commissioner``: counts of people
1–7 hidden everywhere. ``provider``: as commissioner, shared risks and the own organisation's rows only. ``public``: the
rest rounded to 5, no names, no sentences written by people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

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
    Workforce,
)
from reporting.rules import small_numbers
from reporting.rules.small_numbers import HIDDEN


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


def edition(position: Position, name: str, *, organisation: str = "", limit: int = small_numbers.LIMIT) -> Position:
    """``position`` as readers of ``name`` may see it. ``organisation`` names the provider whose rows the provider edition keeps."""
    if position.edition != "board" or name not in ("board", "commissioner", "provider", "public"):
        raise ValueError(f"an edition is made from the full position, not {position.edition} → {name}")
    if name == "board":
        return replace(position, people=_two_way(position.people, Mask(limit), strict=False))
    mask = Mask(limit, 5 if name == "public" else 1)
    people = _people(position.people, mask)
    smaller = replace(
        position, edition=name, people=people, workforce=_workforce(position.workforce, mask),
        dimensions=tuple(replace(d, rag=_people_rag(d.rag, people)) if d.code == "people" else d for d in position.dimensions),
        needs=needs(position.board, position.readiness.will_miss, people.past_t, position.risks.escalations, position.as_of),
    )
    if name == "provider":
        return _provider(smaller, organisation)
    return _public(smaller) if name == "public" else smaller


def _two_way(people: People, mask: Mask, *, strict: bool) -> People:
    return replace(people, by_wave=_groups(people.by_wave, people, mask, strict), by_provider=_groups(people.by_provider, people, mask, strict))


def _groups(groups: tuple[FunnelGroup, ...], people: People, mask: Mask, strict: bool) -> tuple[FunnelGroup, ...]:
    """Waves or providers against checkpoints: per column against the whole; ``strict``: per group against its own total too."""
    if not groups:
        return ()
    codes = [step.code for step in people.funnel]
    columns = [[mask.against(group.done.get(code, 0), group.total) if strict else group.done.get(code, 0) for group in groups] for code in codes]
    columns.append([group.total for group in groups])
    shown = [small_numbers.row(column, people.total, limit=mask.limit, round_to=mask.round_to)[0] for column in columns]
    return tuple(FunnelGroup(group.name, shown[-1][i], {code: shown[j][i] for j, code in enumerate(codes)}) for i, group in enumerate(groups))


def _people(people: People, mask: Mask) -> People:
    total = people.total
    funnel = tuple(FunnelStep(step.code, step.title, mask.against(step.done, total)) for step in people.funnel)
    colours = mask.named(people.by_colour, total)
    red, other = people.red_safety_overdue, people.safety_overdue
    checks = mask.row([red, other - red], other) if isinstance(red, int) and isinstance(other, int) else [red]
    plans = mask.row([people.plans_validated, people.plans_provisional], people.transferred)
    ready, shown = mask.against(people.ready, total), mask.one(total)
    percent = small_numbers.percentage(ready, shown)
    step = 5 if mask.round_to > 1 else 1
    two_way = _two_way(people, mask, strict=True)
    return replace(
        people, total=shown, ready=ready, transferred=mask.against(people.transferred, total), in_hospital=mask.one(people.in_hospital), on_hold=mask.one(people.on_hold),
        # Amber and Red together would give away the one that is hidden.
        at_risk=HIDDEN if HIDDEN in (colours.get("A"), colours.get("R")) and people.at_risk else mask.one(people.at_risk),
        past_t=mask.one(people.past_t), safety_overdue=mask.one(other), red_safety_overdue=checks[0],
        no_incoming=mask.against(people.no_incoming, total), plans_validated=plans[0], plans_provisional=plans[1], by_colour=colours,
        by_priority=mask.named(people.by_priority, total), endings=mask.named(people.endings, None), safety_outcomes=mask.named(people.safety_outcomes, None),
        ready_pct=None if percent is None else float(percent),
        planned_pct=None if percent is None or people.planned_pct is None else float(round(people.planned_pct / step) * step),
        updated_pct=None if people.updated_pct is None else float(round(people.updated_pct / 5) * 5),
        funnel=funnel, by_wave=two_way.by_wave, by_provider=two_way.by_provider,
        # The difference of two weeks is a small number too: the curve is drawn to the nearest 5.
        burn_up=tuple(BurnPoint(p.on, _five(p.planned), None if p.actual is None else _five(p.actual)) for p in people.burn_up),
    )


def _five(value: Count) -> Count:
    return value if isinstance(value, str) else small_numbers.rounded(value, 5)


def _people_rag(rag: Rag, people: People) -> Rag:
    """The reasons of the people dimension, said again without the numbers that are hidden."""
    reasons = []
    if people.past_t:
        reasons.append(people_past_t(people.past_t))
    if people.red_safety_overdue:
        reasons.append(f"Safety checks overdue for people of Red priority: {_said(people.red_safety_overdue)}.")
    if people.ready_pct is not None and people.planned_pct is not None and people.planned_pct > people.ready_pct:
        reasons.append(f"{people.ready_pct:.0f}% ready against {people.planned_pct:.0f}% planned.")
    if people.by_colour.get("R"):
        reasons.append(f"People Red in the tracker: {_said(people.by_colour['R'])}.")
    if rag.computed in ("G", "B", "N"):
        return rag
    return replace(rag, reasons=tuple(reasons) or ("Fewer are ready than planned.",))


def _said(value: Count) -> str:
    return "a small number, not shown" if value == HIDDEN else f"{value}"


def _workforce(workforce: Workforce, mask: Mask) -> Workforce:
    total = workforce.total
    return replace(
        workforce, total=mask.one(total), transferring=mask.against(workforce.transferring, total), objected=mask.one(workforce.objected),
        introduced=mask.against(workforce.introduced, workforce.transferring),
        skills=tuple(replace(s, needed=mask.one(s.needed), validated=mask.against(s.validated, s.needed)) for s in workforce.skills),
    )


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
