"""Conditions precedent and go-live criteria (domain 5.8, 5.10, 10.10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Need:
    """A condition or a mandatory criterion. ``met``: satisfied, waived, met or not applicable."""

    title: str
    met: bool
    due: date | None = None
    forecast: date | None = None
    longstop: date | None = None
    failed: bool = False
    condition: bool = False


def earliest_start(expected: date | None, satisfied: Sequence[date | None]) -> date | None:
    """The later of the expected date and the day after the last condition was satisfied; None while one is open or there is no date."""
    if expected is None or any(day is None for day in satisfied):
        return None
    days = [day for day in satisfied if day is not None]
    return max([expected, *(day + timedelta(days=1) for day in days)])


def miss(need: Need, start: date | None, as_of: date) -> str:
    """Why ``need`` will not be met by ``start``; empty when it may still be."""
    if need.met:
        return ""
    if need.failed:
        return f"{need.title}: failed"
    if start is None:
        return ""
    # Services begin the day after the last condition is satisfied, so a condition has to be there a day sooner.
    limit = start - timedelta(days=1) if need.condition else start
    if need.longstop is not None:
        limit = min(limit, need.longstop)
    if as_of > limit:
        return f"{need.title}: not met by {_said(limit)}"
    if need.forecast is not None and need.forecast > limit:
        return f"{need.title}: forecast {_said(need.forecast)}, needed by {_said(limit)}"
    return ""


def _said(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
