"""When a person's progress turns, and why (domain 5.2, 10.1, 10.4). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from mobilisation.moments import ALWAYS, NEVER, Moments, Turn, earliest
from mobilisation.working_days import WorkingCalendar
from transfers.rules.gates import BY_CODE, PAUSED_IN_HOSPITAL, SETTLED

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ProgressLimits:
    overdue_red_w: int = 5
    no_provider_w: int = 5
    stale_w: int = 5


@dataclass(frozen=True)
class PersonFacts:
    """``dues`` {code: due}; ``hold_review_on`` is set while held; ``discrepancies_due`` last day of each open discrepancy."""

    states: Mapping[str, str]
    dues: Mapping[str, date]
    t: date | None
    updated_on: date
    priority: str = ""
    in_hospital: bool = False
    held: bool = False
    hold_review_on: date | None = None
    discrepancies_due: tuple[date, ...] = ()
    concern_without_owner: bool = False
    second_safety_due: date | None = None
    take_on_gaps: tuple[str, ...] = ()
    ended: bool = False
    codes: tuple[str, ...] = field(default=tuple(BY_CODE))


def moments(facts: PersonFacts, calendar: WorkingCalendar, limits: ProgressLimits = ProgressLimits()) -> Moments:
    """Order Blue, Red, Amber, Grey, Green. People who died, withdrew or moved away have no progress: grey for good."""
    if facts.ended:
        return Moments(grey_until=NEVER)
    if facts.states.get("C20") == "done":
        return Moments(blue=True)

    def is_open(code: str) -> bool:
        return facts.states.get(code, "not_started") not in SETTLED

    stopped = facts.in_hospital or facts.held
    red: list[Turn] = []
    amber: list[Turn] = []
    if facts.t is not None and is_open("C15"):
        words = f"transfer date {_day(facts.t)} passed without a first visit"
        (amber if stopped else red).append(Turn(facts.t + _DAY, words[0].upper() + words[1:]))
    for code in facts.codes:
        due = facts.dues.get(code)
        if due is None or not is_open(code) or (facts.in_hospital and code in PAUSED_IN_HOSPITAL):
            continue
        title = f"{code} {BY_CODE[code].title}"
        # What a hold stops is not late, and nobody is checked after a first visit that it stops.
        stopped_here = facts.held and (code == "C14" or (code == "C16" and is_open("C15")))
        if code in {"C14", "C16"} and not stopped_here:
            red.append(Turn(due + _DAY, f"{title}: overdue since {_day(due)}"))
        else:
            amber.append(Turn(due + _DAY, f"{title}: due {_day(due)}"))
            if code != "C15" and not stopped_here:
                red.append(Turn(calendar.add(due, limits.overdue_red_w + 1), f"{title}: overdue by more than {limits.overdue_red_w} working day{'' if limits.overdue_red_w == 1 else 's'}"))
    if facts.second_safety_due is not None and not is_open("C16") and is_open("C20"):
        red.append(Turn(facts.second_safety_due + _DAY, f"Second safety check: due {_day(facts.second_safety_due)}"))
    red += [Turn(day + _DAY, f"Care-plan discrepancy not closed by {_day(day)}") for day in facts.discrepancies_due]
    if facts.concern_without_owner:
        red.append(Turn(ALWAYS, "Safeguarding concern without an owner"))
    if facts.held and facts.hold_review_on is not None:
        red.append(Turn(facts.hold_review_on + _DAY, f"Hold not reviewed by {_day(facts.hold_review_on)}"))
    waived = [code for code, state in facts.states.items() if state == "waived"]
    if waived and is_open("C16"):
        amber.append(Turn(ALWAYS, f"{', '.join(sorted(waived))} waived"))
    if facts.in_hospital:
        amber.append(Turn(ALWAYS, "In hospital"))
    if facts.held:
        amber.append(Turn(ALWAYS, "On hold"))
    if facts.take_on_gaps:
        amber.append(Turn(ALWAYS, f"Reported by file, still to put right: {', '.join(facts.take_on_gaps)}"))
    if facts.t is not None and is_open("C09"):
        amber.append(Turn(calendar.add(facts.t, -limits.no_provider_w), f"Transfer on {_day(facts.t)} and no incoming provider has accepted"))
    amber.append(Turn(calendar.add(facts.updated_on, limits.stale_w), f"Nobody has updated this row since {_day(facts.updated_on)}"))
    red_from, red_reason = earliest(red)
    amber_from, amber_reason = earliest(amber)
    return Moments(red_from=red_from, red_reason=red_reason, amber_from=amber_from, amber_reason=amber_reason, grey_until=NEVER if is_open("C03") else None)


@lru_cache(maxsize=4096)
def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
