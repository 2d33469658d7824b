"""Progress of steps, milestones and workstreams (domain 5.8, 10.10). Dates in, moments out; no clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from mobilisation.moments import ALWAYS, Colour, Moments, Turn, earliest
from mobilisation.working_days import WorkingCalendar

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Limits:
    """Working days at which a step turns; ``share`` is per cent. All may be changed per programme."""

    slip_amber: int = 3
    slip_red: int = 10
    overdue_red: int = 5
    critical_slip: int = 5
    blocked_red: int = 5
    stale: int = 10
    share: int = 25
    window: int = 20

    @classmethod
    def read(cls, threshold: Callable[[str], int | float]) -> Limits:
        """From ``Programme.threshold``."""
        return cls(
            int(threshold("slip_amber_w")), int(threshold("slip_red_w")), int(threshold("overdue_red_w")), int(threshold("critical_slip_red_w")),
            int(threshold("blocked_red_w")), int(threshold("stale_amber_w")), int(threshold("workstream_red_share")), int(threshold("workstream_window_w")),
        )


@dataclass(frozen=True)
class Item:
    """A step or milestone as the rules see it.

    ``evidence_until``: last day of the accepted evidence, ``date.max`` for evidence without expiry, None for none.
    ``start_by``: SCD (or go-live, or E) that a gate must not pass. ``predecessor``: (from when it is Red, its code).
    ``vacant_from``: first day without an owner; ``left``: the account named as its owner holds no role then. ``again_on``: when something done comes round again.
    """

    baseline: date | None = None
    forecast: date | None = None
    start: date | None = None
    done: bool = False
    not_applicable: bool = False
    critical: bool = False
    gate: bool = False
    evidence_required: bool = False
    evidence_until: date | None = None
    blocked_on: date | None = None
    at_risk: bool = False
    at_risk_note: str = ""
    vacant_from: date | None = None
    left: bool = False
    updated_on: date | None = None
    start_by: date | None = None
    longstop: date | None = None
    predecessors: tuple[tuple[date, str], ...] = ()
    again_on: date | None = None

    @property
    def due(self) -> date | None:
        """Its forecast, else its baseline (domain 10.10)."""
        return self.forecast or self.baseline


def slip(item: Item, as_of: date, days: WorkingCalendar) -> int:
    """Working days from baseline to forecast, or to ``as_of`` when overdue."""
    if item.baseline is None or item.due is None:
        return 0
    return days.count(item.baseline, max(item.due, as_of) if as_of > item.due and not item.done else item.due)


def _said(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def moments(item: Item, days: WorkingCalendar, limits: Limits) -> Moments:
    """From when the item is amber and red if nothing more happens."""
    if item.not_applicable:
        return Moments(blue=True)
    if item.done:
        return _until_again(item, _when_done(item), days, limits)
    red_from, red_reason = earliest(_red(item, days, limits))
    amber_from, amber_reason = earliest(_amber(item, days, limits))
    return Moments(
        red_from=red_from, red_reason=red_reason, amber_from=amber_from, amber_reason=amber_reason,
        grey_until=item.start - DAY if item.start is not None else None,
    )


def _when_done(item: Item) -> Moments:
    if not item.evidence_required:
        return Moments(blue=True)
    if item.evidence_until is None:
        reason, blue, until = "Done without accepted evidence", False, None
    elif item.evidence_until == date.max:
        return Moments(blue=True)
    else:
        reason, blue, until = f"Evidence ran out on {_said(item.evidence_until)}", True, item.evidence_until
    if item.gate:
        return Moments(blue=blue, blue_until=until, red_from=ALWAYS, red_reason=f"{reason}, and this is a gate")
    return Moments(blue=blue, blue_until=until, amber_from=ALWAYS, amber_reason=reason)


def _until_again(item: Item, done: Moments, days: WorkingCalendar, limits: Limits) -> Moments:
    """What is done and comes round again is overdue, as anything else, from the day after its next occurrence."""
    if item.again_on is None:
        return done
    reason = f"To be done again, due {_said(item.again_on)}"
    # What blue hides until its evidence runs out turns the day after.
    behind = done.blue_until + DAY if done.blue and done.blue_until else ALWAYS
    red, amber = [Turn(days.add(item.again_on, limits.overdue_red + 1), reason)], [Turn(item.again_on + DAY, reason)]
    red += [Turn(behind, done.red_reason)] if done.red_from else []
    amber += [Turn(behind, done.amber_reason)] if done.amber_from else []
    red_from, red_reason = earliest(red)
    amber_from, amber_reason = earliest(amber)
    return Moments(
        blue=done.blue, blue_until=min(item.again_on, done.blue_until or item.again_on), red_from=red_from, red_reason=red_reason, amber_from=amber_from, amber_reason=amber_reason
    )


def _working_days(count: int) -> str:
    return _number(count, "working day", "working days")


def _red(item: Item, days: WorkingCalendar, limits: Limits) -> list[Turn]:
    turns: list[Turn] = []
    due, baseline = item.due, item.baseline
    if due is not None and baseline is not None:
        slipped = days.count(baseline, due)
        if slipped > limits.slip_red:
            turns.append(Turn(ALWAYS, f"Forecast {_working_days(slipped)} after baseline"))
        elif item.critical and slipped > limits.critical_slip:
            turns.append(Turn(ALWAYS, f"Critical, and forecast {_working_days(slipped)} after baseline"))
    if due is not None and item.gate:
        for limit, name in ((item.start_by, "the start of the service"), (item.longstop, "its longstop date")):
            if limit is None:
                continue
            if due > limit:
                turns.append(Turn(ALWAYS, f"A gate forecast after {name} ({_said(limit)})"))
            else:
                turns.append(Turn(limit + DAY, f"A gate not passed by {name} ({_said(limit)})"))
    if due is not None and item.critical:
        turns.append(Turn(due + DAY, f"Critical, and overdue since {_said(due)}"))
    if due is not None:
        turns.append(Turn(days.add(due, limits.overdue_red + 1), f"More than {_working_days(limits.overdue_red)} overdue, due {_said(due)}"))
        if baseline is not None:
            turns.append(Turn(max(days.add(baseline, limits.slip_red + 1), due + DAY), f"More than {_working_days(limits.slip_red)} after baseline {_said(baseline)}"))
    if item.blocked_on is not None:
        turns.append(Turn(days.add(item.blocked_on, limits.blocked_red + 1), f"Blocked since {_said(item.blocked_on)}"))
    return turns


def _amber(item: Item, days: WorkingCalendar, limits: Limits) -> list[Turn]:
    turns: list[Turn] = []
    due = item.due
    if due is not None and item.baseline is not None and days.count(item.baseline, due) >= limits.slip_amber:
        turns.append(Turn(ALWAYS, f"Forecast {_working_days(days.count(item.baseline, due))} after baseline"))
    if item.at_risk:
        turns.append(Turn(ALWAYS, f"Its owner says at risk{': ' + item.at_risk_note if item.at_risk_note else ''}"))
    if item.vacant_from is not None:
        turns.append(Turn(item.vacant_from, "It has no owner: the one named holds no role here any more" if item.left else "It has no owner"))
    if due is not None:
        turns.append(Turn(due + DAY, f"Overdue, due {_said(due)}"))
    turns += [Turn(day, f"Waits for {code}, which is Red") for day, code in item.predecessors]
    if item.updated_on is not None:
        turns.append(Turn(days.add(item.updated_on, limits.stale + 1), f"Not updated since {_said(item.updated_on)}"))
    return turns


@dataclass(frozen=True)
class Counts:
    """What a workstream's colour is worked out from. ``due_next`` counts open items overdue or due within the window."""

    total: int = 0
    done: int = 0
    red: int = 0
    amber: int = 0
    critical_red: int = 0
    due_next: int = 0
    due_next_red: int = 0
    extreme_overdue_actions: int = 0
    high_past_review: int = 0
    lead_vacant: bool = False


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def workstream(counts: Counts, limits: Limits) -> tuple[Colour, tuple[str, ...]]:
    """Colour of a workstream with every reason of that colour (domain 5.8). Without any step it is Grey."""
    red: list[str] = []
    if counts.critical_red:
        red.append(f"{_number(counts.critical_red, 'critical item is', 'critical items are')} Red")
    if counts.due_next and counts.due_next_red * 100 >= limits.share * counts.due_next:
        red.append(f"{counts.due_next_red} of {counts.due_next} open items due within {_working_days(limits.window)} are Red")
    if counts.extreme_overdue_actions:
        red.append(f"{_number(counts.extreme_overdue_actions, 'Extreme risk has', 'Extreme risks have')} an overdue action")
    if red:
        return Colour.RED, tuple(red)
    amber: list[str] = []
    if counts.red or counts.amber:
        parts = [_number(number, f"item is {word}", f"items are {word}") for number, word in ((counts.red, "Red"), (counts.amber, "Amber")) if number]
        amber.append(" and ".join(parts))
    if counts.high_past_review:
        amber.append(f"{_number(counts.high_past_review, 'High risk is', 'High risks are')} past review")
    if counts.lead_vacant:
        amber.append("Nobody leads this workstream")
    if amber:
        return Colour.AMBER, tuple(amber)
    if not counts.total:
        return Colour.GREY, ("No steps yet",)
    if counts.done == counts.total:
        return Colour.BLUE, ()
    return Colour.GREEN, ()
