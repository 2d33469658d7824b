"""Working days and offsets (domain 5.1). Pure: the holidays come in as a set.

Notation of offsets: ``+5w`` five working days, ``+10c`` ten calendar days, ``-3m`` three months.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_OFFSET = re.compile(r"^(?P<sign>[+-]?)(?P<number>\d+)(?P<unit>[wcm])$")


@dataclass(frozen=True)
class Offset:
    """A distance from an anchor: ``number`` may be negative; ``unit`` is w, c or m."""

    number: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> Offset:
        """``"+5w"`` → Offset(5, "w"); ValueError names what was found."""
        match = _OFFSET.match(text.strip())
        if match is None:
            raise ValueError(f"“{text}” is not an offset; write +5w, -10c or +3m")
        number = int(match["number"]) * (-1 if match["sign"] == "-" else 1)
        return cls(number, match["unit"])

    def __str__(self) -> str:
        return f"{self.number:+d}{self.unit}"


@dataclass(frozen=True)
class WorkingCalendar:
    """Monday to Friday without ``holidays``."""

    holidays: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.holidays

    def add(self, day: date, number: int) -> date:
        """The ``number``-th working day after ``day`` (before, when negative); 0 gives ``day`` itself."""
        return _add(self.holidays, day, number)

    def count(self, start: date, end: date) -> int:
        """Working days in (start, end]; negative when ``end`` lies before ``start``."""
        if end < start:
            return -self.count(end, start)
        days = (end - start).days
        weeks, rest = divmod(days, 7)
        total = weeks * 5
        day = start + timedelta(days=weeks * 7)
        for _ in range(rest):
            day += timedelta(days=1)
            total += day.weekday() < 5
        return total - sum(1 for h in self.holidays if start < h <= end and h.weekday() < 5)

    def next_working(self, day: date) -> date:
        """``day`` itself when it is a working day, else the next one."""
        return day if self.is_working(day) else self.add(day, 1)

    def previous_working(self, day: date) -> date:
        """``day`` itself when it is a working day, else the one before."""
        return day if self.is_working(day) else self.add(day, -1)

    def offset(self, anchor: date, offset: Offset | str) -> date:
        """The date ``offset`` away from ``anchor``; months keep the day where the month has it."""
        if isinstance(offset, str):
            offset = Offset.parse(offset)
        if offset.unit == "w":
            return self.add(anchor, offset.number)
        if offset.unit == "c":
            return anchor + timedelta(days=offset.number)
        month = anchor.month - 1 + offset.number
        year, month = anchor.year + month // 12, month % 12 + 1
        return date(year, month, min(anchor.day, calendar.monthrange(year, month)[1]))


@lru_cache(maxsize=16384)
def _add(holidays: frozenset[date], day: date, number: int) -> date:
    """A list of people asks for the same few days thousands of times."""
    step = timedelta(days=1 if number >= 0 else -1)
    left = abs(number)
    while left:
        day += step
        if day.weekday() < 5 and day not in holidays:
            left -= 1
    return day
