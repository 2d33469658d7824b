"""Dates as people write them. Day first by default; which way round is decided for a column as a whole (domain 7.4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from mobilisation.workbooks.cells import Cell

Order = Literal["dmy", "mdy", "ymd"]

_MONTHS = {name: number for number, names in enumerate((
    ("jan", "january"), ("feb", "february"), ("mar", "march"), ("apr", "april"), ("may",), ("jun", "june"), ("jul", "july"), ("aug", "august"),
    ("sep", "sept", "september"), ("oct", "october"), ("nov", "november"), ("dec", "december")), start=1) for name in names}
_CLOCK = r"(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_FIGURES = re.compile(rf"(\d{{1,2}})\s*[/.\-]\s*(\d{{1,2}})\s*[/.\-]\s*(\d{{4}}|\d{{2}}){_CLOCK}")
_ISO = re.compile(rf"(\d{{4}})[/.\-](\d{{1,2}})[/.\-](\d{{1,2}}){_CLOCK}")
_WEEKDAY = re.compile(r"(?i)^(mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)[a-z]*[,.]?\s+")
_WORDS = re.compile(rf"(?i)(\d{{1,2}})(?:st|nd|rd|th)?[\s\-/.]*(?:of\s+)?([a-z]{{3,9}})[\s\-/.,]*(\d{{4}}|\d{{2}}){_CLOCK}")
_WORDS_US = re.compile(rf"(?i)([a-z]{{3,9}})[\s\-/.]+(\d{{1,2}})(?:st|nd|rd|th)?[\s,]+(\d{{4}}){_CLOCK}")


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(text: str, pivot: date | None) -> int:
    """Two figures: this century, or the one before when ``pivot`` (no later date is meant) would be passed."""
    if len(text) == 4:
        return int(text)
    year = 2000 + int(text)
    return year - 100 if pivot is not None and year > pivot.year else year


def read(cell: Cell, order: Order = "dmy", pivot: date | None = None) -> date | None:
    """The day a cell stands for, or None. Only text is read by ``order``; ISO and month names are clear in themselves."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if not isinstance(cell, str):
        return None
    text = _WEEKDAY.sub("", cell.strip())
    if found := _ISO.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _FIGURES.fullmatch(text):
        first, second = int(found[1]), int(found[2])
        if order == "ymd":
            return _day(2000 + first, second, int(found[3])) if len(found[3]) == 2 else None
        day, month = (first, second) if order == "dmy" else (second, first)
        return _day(_year(found[3], pivot), month, day)
    if found := _WORDS.fullmatch(text):
        month = _MONTHS.get(found[2].lower(), 0)
        return _day(_year(found[3], pivot), month, int(found[1])) if month else None
    if found := _WORDS_US.fullmatch(text):
        month = _MONTHS.get(found[1].lower(), 0)
        return _day(int(found[3]), month, int(found[2])) if month else None
    return None


def reads_month_first(cells: Iterable[Cell]) -> bool:
    """True when the column *as a whole* can only be month first: at least two such values and none that is only day first.

    One such value among others is a fault of that value, not a choice.
    """
    day_first, month_first = _one_way_only(cells)
    return month_first >= 2 and not day_first


def reads_day_first(cells: Iterable[Cell]) -> bool:
    """True when a value can only be day first and none can only be month first."""
    day_first, month_first = _one_way_only(cells)
    return day_first > 0 and not month_first


def _one_way_only(cells: Iterable[Cell]) -> tuple[int, int]:
    """How many values can only be day first, and how many only month first."""
    day_first = month_first = 0
    for cell in cells:
        if isinstance(cell, str) and (found := _FIGURES.fullmatch(cell.strip())):
            first, second = int(found[1]), int(found[2])
            day_first += first > 12 and second <= 12
            month_first += second > 12 and first <= 12
    return day_first, month_first
