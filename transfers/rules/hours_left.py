"""How much care a leaving provider still has to give, week by week, against the staff it still has (the protocol's 5.5). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

LONG = 26
"""Weeks shown at most."""


@dataclass(frozen=True)
class Share:
    """``hours`` a week until ``until``, the first day on which they are no longer there; None: as far as is known they stay."""

    hours: Decimal
    until: date | None


@dataclass(frozen=True)
class Week:
    """On ``day``, a Sunday: people and hours still to be cared for, staff and their contracted hours still there. ``past``: it has been."""

    day: date
    people: int
    care: Decimal
    staff: int
    there: Decimal
    past: bool

    @property
    def short(self) -> Decimal:
        """Hours of care for which no contracted hour is there."""
        return max(self.care - self.there, Decimal(0))

    @property
    def short_words(self) -> str:
        return f"{self.short.normalize():f} hours short" if self.short else ""


def gone_on(moved_on: date | None, planned_on: date | None, ended_on: date | None, as_of: date) -> date | None:
    """The first day on which a person is no longer with the provider they leave. A planned day that has gone by without a
    first visit moved nobody."""
    days = [day for day in (moved_on, ended_on) if day]
    if not days and planned_on and planned_on > as_of:
        return planned_on
    return min(days, default=None)


def sundays(as_of: date, end: date | None, *, before: int = 4, after: int = 12) -> list[date]:
    """From ``before`` weeks ago to the week of ``end``, or ``after`` weeks on."""
    this = as_of + timedelta(days=6 - as_of.weekday())
    last = this + timedelta(weeks=after)
    if end is not None:
        last = min(max(end + timedelta(days=6 - end.weekday()), this), this + timedelta(weeks=LONG - before))
    found = [this - timedelta(weeks=before)]
    while found[-1] < last:
        found.append(found[-1] + timedelta(weeks=1))
    return found


def weeks(people: Iterable[Share], staff: Iterable[Share], days: Sequence[date], as_of: date) -> list[Week]:
    """One line a day of ``days``."""
    care, team = list(people), list(staff)
    found = []
    for day in days:
        still = [one.hours for one in care if one.until is None or one.until > day]
        there = [one.hours for one in team if one.until is None or one.until > day]
        found.append(Week(day, len(still), sum(still, Decimal(0)), len(there), sum(there, Decimal(0)), day < as_of))
    return found


def first_short(found: Sequence[Week]) -> Week | None:
    """The first week to come in which the staff no longer carry the care."""
    return next((week for week in found if not week.past and week.short > 0), None)


def share(part: int, whole: int) -> float | None:
    """Per cent, or None of nothing."""
    return 100 * part / whole if whole else None
