"""Colours of many: five dimensions, the programme, stated beside computed, trend (domain 5.8, 10.9, 10.10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mobilisation.moments import Colour

BEHIND = "ready against"
"""In every reason that fewer are ready than planned."""
OVERTAKEN = "the computed colour has become worse since, so it no longer stands."
"""Ends every reason that a stated colour fell."""
DIMENSIONS: tuple[tuple[str, str], ...] = (
    ("plan", "Plan"), ("people", "People"), ("workforce", "Workforce"), ("risk", "Risk"), ("readiness", "Readiness"),
)


@dataclass(frozen=True)
class Judgement:
    """A colour and, in words, everything that made it so; never empty."""

    colour: Colour
    reasons: tuple[str, ...]


def count_of(number: int, one: str, many: str = "") -> str:
    """``1 person``, ``3 people``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _verb(number: int) -> str:
    return "is" if number == 1 else "are"


def judge(red: Sequence[str], amber: Sequence[str], otherwise: str) -> Judgement:
    """Red speaks first; amber reasons stay visible behind it."""
    if red:
        return Judgement(Colour.RED, (*red, *amber))
    if amber:
        return Judgement(Colour.AMBER, tuple(amber))
    return Judgement(Colour.GREEN, (otherwise,))


def plan(*, items: int, critical_red: int, red: int, amber: int, red_workstreams: Sequence[str], amber_workstreams: Sequence[str]) -> Judgement:
    """Red if any critical item is Red or two workstreams are; Amber if any item or workstream is Red or Amber (10.10)."""
    if not items:
        return Judgement(Colour.GREY, ("The plan has no steps yet.",))
    hard, soft = [], []
    if critical_red:
        hard.append(f"{count_of(critical_red, 'critical item')} {_verb(critical_red)} Red.")
    if len(red_workstreams) >= 2:
        hard.append(f"{len(red_workstreams)} workstreams are Red: {', '.join(red_workstreams)}.")
    elif red_workstreams:
        soft.append(f"Workstream {red_workstreams[0]} is Red.")
    if red > critical_red:
        soft.append(f"{count_of(red - critical_red, 'other item' if critical_red else 'item')} {_verb(red - critical_red)} Red.")
    if amber:
        soft.append(f"{count_of(amber, 'item')} {_verb(amber)} Amber.")
    if amber_workstreams:
        soft.append(f"{count_of(len(amber_workstreams), 'workstream')} {_verb(len(amber_workstreams))} Amber: {', '.join(amber_workstreams)}.")
    return judge(hard, soft, "Every step is on its date.")


def people(
    *, total: int, past_t: int, red_checks_overdue: int, ready_pct: float | None, planned_pct: float | None, red: int, amber_points: float = 5, red_points: float = 10,
) -> Judgement:
    """Red: anyone past T without C15, a Red-priority safety check overdue, % ready more than ``red_points`` below plan.

    Amber: ``amber_points`` to ``red_points`` below (both inclusive), or any person Red. Percentages unrounded (10.10).
    """
    if not total:
        return Judgement(Colour.GREY, ("Nobody is listed yet.",))
    hard, soft = [], []
    if past_t:
        hard.append(f"{count_of(past_t, 'person', 'people')} past the transfer date without a first visit.")
    if red_checks_overdue:
        hard.append(f"{count_of(red_checks_overdue, 'safety check')} overdue for people of Red priority.")
    if ready_pct is not None and planned_pct is not None:
        gap = planned_pct - ready_pct
        if gap > red_points:
            hard.append(f"{ready_pct:.0f}% {BEHIND} {planned_pct:.0f}% planned: {gap:.1f} points below.")
        elif gap >= amber_points:
            soft.append(f"{ready_pct:.0f}% {BEHIND} {planned_pct:.0f}% planned: {gap:.1f} points below.")
    if red:
        soft.append(f"{count_of(red, 'person', 'people')} {_verb(red)} Red in the tracker.")
    return judge(hard, soft, "Nobody is Red, and as many are ready as planned.")


def readiness(*, items: int, will_miss: Sequence[str], open_mandatory: int, working_days_to_start: int | None, amber_w: int = 10) -> Judgement:
    """Red: a condition or mandatory criterion will not be met by SCD. Amber: one open within ``amber_w`` of SCD (10.10)."""
    if not items:
        return Judgement(Colour.GREY, ("No conditions or criteria are recorded yet.",))
    hard = [f"Will not be met by the start: {title}." for title in will_miss[:3]]
    if len(will_miss) > 3:
        hard.append(f"And {len(will_miss) - 3} more will not be met by the start.")
    soft = []
    if open_mandatory and working_days_to_start is not None and working_days_to_start <= amber_w:
        left = f"{count_of(working_days_to_start, 'working day')} before the start" if working_days_to_start > 0 else "on or after the day of the start"
        soft.append(f"{count_of(open_mandatory, 'mandatory item')} still open {left}.")
    return judge(hard, soft, "Every mandatory item is met or on its date.")


def programme(dimensions: Mapping[str, Colour]) -> Judgement:
    """Red if people or readiness is Red, or any two are; Amber if any is Red or Amber; else Green (5.8)."""
    names = dict(DIMENSIONS)
    red = [names[code] for code, _ in DIMENSIONS if dimensions.get(code) is Colour.RED]
    amber = [names[code] for code, _ in DIMENSIONS if dimensions.get(code) is Colour.AMBER]
    decisive = [name for name in red if name in ("People", "Readiness")]
    soft = [f"{_and(amber)} {_verb(len(amber))} Amber."] if amber else []
    if decisive or len(red) >= 2:
        return judge([f"{_and(red)} {_verb(len(red))} Red."], soft, "")
    if red:
        soft.insert(0, f"{red[0]} is Red, alone.")
    return judge([], soft, "No dimension is Red or Amber.")


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def trend(now: Colour | str, before: Colour | str | None) -> str:
    """Against the last locked snapshot: ``up`` better, ``down`` worse, ``same``, empty where there is none."""
    if not before:
        return ""
    new, old = Colour(now).badness, Colour(before).badness
    return "same" if new == old else "up" if new < old else "down"


def weeks_at_red(now: Colour | str, earlier: Sequence[str]) -> int:
    """Unbroken run of Red: snapshots back from the newest (``earlier`` newest first), and now."""
    if Colour(now) is not Colour.RED:
        return 0
    run = 1
    for colour in earlier:
        if colour != Colour.RED:
            break
        run += 1
    return run


def covers(stated: Colour | str, then: Colour | str, today: Colour | str) -> bool:
    """Whether a colour stated over ``then`` may stand over today's computed one: a better colour was agreed for what was
    known when it was stated, not for what has become worse since (5.8)."""
    return Colour(stated).badness >= Colour(today).badness or Colour(today).badness <= Colour(then).badness


def overtaken(stated: Colour | str, stated_as: str) -> str:
    """What is said of a stated colour that no longer covers the computed one."""
    return f"{stated_as} stated {Colour(stated).name.title()}; {OVERTAKEN}"


def said_beside(title: str, stated: Colour | str, computed: Colour | str) -> str:
    """Stands among the reasons of what takes in ``title``: which colour of it was stated, and which is computed."""
    return f"{title} is stated {Colour(stated).name.title()}, computed {Colour(computed).name.title()}."


@dataclass(frozen=True)
class Overriding:
    """May somebody state another colour: ``refusal`` empty means yes; ``agreement_of`` is the role that must agree first."""

    refusal: str = ""
    agreement_of: str = ""


def may_override(computed: Colour, stated: Colour, *, reason: str, roles: frozenset[str], has_ml: bool) -> Overriding:
    """ML sets with a reason; a better colour needs SRO; where no ML is, OL with CL (5.8, 10.9). MLD stands in for ML."""
    if not reason.strip():
        return Overriding("Say why the colour should be another than the computed one.")
    if stated not in (Colour.RED, Colour.AMBER, Colour.GREEN):
        return Overriding("State Red, Amber or Green.")
    if stated is computed:
        return Overriding(f"The computed colour is {stated.name.title()} already.")
    if "SRO" in roles:
        return Overriding()
    if stated.badness < computed.badness:
        return Overriding("A better colour than the computed one needs the senior responsible owner.")
    if roles & {"ML", "MLD"}:
        return Overriding()
    if not has_ml and "OL" in roles:
        return Overriding(agreement_of="CL")
    if not has_ml and "CL" in roles:
        return Overriding(agreement_of="OL")
    return Overriding("Only the mobilisation lead states another colour; where there is none, the operational lead with the commissioning lead.")
