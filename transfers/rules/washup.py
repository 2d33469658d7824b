"""What a line of the wash-up says is missing, and what to do about it. Pure; no sentence names anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from transfers.rules import gates, safety

ALERT_C = 2
"""Calendar days before the expected discharge from which a stay is an alert (domain 5.5)."""


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def past(states: Mapping[str, str], planned: date | None, as_of: date, *, pace: str = "planned") -> tuple[str, str]:
    """(words, act) of somebody whose day went by without a first visit."""
    late = f"No first visit; was due {_day(planned)}, {_days((as_of - planned).days)} ago" if planned else "No first visit"
    words, act = _towards(states, pace)
    return f"{late}. {words}", act


def _towards(states: Mapping[str, str], pace: str) -> tuple[str, str]:
    if states.get("C14") in gates.SETTLED:
        return "Ready", "C15"
    missing = gates.missing("C14", states, pace=pace)
    return (f"Not ready: {', '.join(missing)} open", "open") if missing else ("Not ready: C14 open", "C14")


def move(states: Mapping[str, str], moved_on: date | None, safety_due: date | None, *, in_hospital: bool, held: bool, pace: str = "planned", begun: bool = False) -> tuple[str, str]:
    """(words, act) of somebody who moves about now; ``begun``: the day is over. The act is ``open`` when nothing is missing."""
    if in_hospital:
        return "In hospital", "open"
    if states.get("C15") in gates.SETTLED:
        visited = f"First visit {_day(moved_on)}" if moved_on else "First visit done"
        if states.get("C16") in gates.SETTLED:
            return f"{visited}; safety check done", "open"
        return f"{visited}; safety check due {_day(safety_due)}" if safety_due else f"{visited}; safety check open", "safety"
    words, act = ("On hold", "open") if held else _towards(states, pace)
    return (f"No first visit recorded. {words}", act) if begun else (words, act)


def check(due: date | None, tries: Sequence[date], priority: str, representative: bool, as_of: date, *, second: bool = False) -> str:
    """A safety check that is open: since when, how often nobody answered, what comes next. ``second``: that of somebody with priority Red."""
    what = "Second safety check" if second else "Safety check"
    said = f"{what} was due {_day(due)}" if due and due < as_of else f"{what} due {_day(due)}" if due else f"{what} open"
    if not tries:
        return said
    last = max(tries)
    today, twice = tries.count(as_of), max(tries.count(day) for day in tries) >= safety.TRIES
    words = f"{said}; nobody answered {len(tries)} time{'' if len(tries) == 1 else 's'}, last on {_day(last)}"
    if today or twice:
        words += f". {safety.after_failed_tries(safety.TRIES if twice else today, priority, representative)}"
    return words


def discrepancy(kind: str, found_on: date, *, called: bool, updated: bool) -> str:
    missing = [words for words, done in (("officer not called", called), ("plan not updated", updated)) if not done]
    return f"{kind}, found {_day(found_on)}: {' and '.join(missing)}" if missing else f"{kind}, found {_day(found_on)}: to be closed"


def stay(admitted_on: date | None, expected: date | None, slot_until: date, as_of: date) -> tuple[str, bool]:
    """(words, alert) of a stay in hospital."""
    parts = [f"since {_day(admitted_on)}" if admitted_on else "admission date unknown"]
    soon = expected is not None and expected <= as_of + timedelta(days=ALERT_C)
    if expected is None:
        parts.append("no expected discharge")
    elif expected < as_of:
        parts.append(f"was expected home {_day(expected)}: ask again")
    else:
        parts.append(f"expected home {_day(expected)}" + (" (today)" if expected == as_of else ""))
    lapsed = slot_until < as_of
    parts.append(f"slot lapsed after {_day(slot_until)}" if lapsed else f"slot held until {_day(slot_until)}")
    words = "; ".join(parts)
    return words[0].upper() + words[1:], soon or lapsed


def stated(code: str, on: date | None) -> str:
    """A step that a provider has stated, and when it said so."""
    return f"{code} {gates.BY_CODE[code].short}, stated{f' {_day(on)}' if on else ''}"


def noted(on: date) -> str:
    return f"Note sent by update link on {_day(on)}"
