"""From the words of a plan template to real dates (domain 5.14, 6, 10.13).

A moment reads ``D0+5w``, ``G-28c→G-5c`` (start → due), ``E+1w; E+3m`` (due; looked at again), ``D0+10w; weekly``
(first; then again), ``C06; C08`` (follows these checkpoints), ``daily``, ``if time`` (no date) or ``–`` (not at this pace).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from mobilisation.working_days import Offset, WorkingCalendar

ANCHORS = ("D0", "SCD", "E", "T", "X", "G", "A")
RECURRENCES = ("daily", "daily 16:00", "weekly", "every 2 weeks", "Tue, Fri", "per plan", "same day", "every 12 months")
WITHOUT_DATE = ("per plan", "same day")
_POINT = re.compile(r"^(D0|SCD|E|T|X|G|A)([+-]\d+[wcm])?$")
_CHECKPOINT = re.compile(r"^C\d\d$")
EVENTS = ("SCD", "G", "T", "X")
"""Days on which something itself happens, whatever the day of the week: a service starts, people and staff move."""
PLANNED_DAYS = 12 * 7
"""A planned exit takes twelve weeks; a compressed one is scaled against it."""


@dataclass(frozen=True)
class Point:
    """A day relative to an anchor."""

    anchor: str
    offset: Offset = field(default_factory=lambda: Offset(0, "w"))

    def __str__(self) -> str:
        return self.anchor if self.offset.number == 0 else f"{self.anchor}{self.offset}"


@dataclass(frozen=True)
class When:
    """When a step of a template is due. ``skipped``: not at this pace; all else may be empty."""

    start: Point | None = None
    due: Point | None = None
    again: Point | None = None
    recurrence: str = ""
    checkpoints: tuple[str, ...] = ()
    if_time: bool = False
    skipped: bool = False


def point(text: str) -> Point:
    """``"D0+5w"`` → Point; ValueError names what was found."""
    match = _POINT.match(text.strip())
    if match is None:
        raise ValueError(f"“{text}” is not a date of a template; write D0+5w or T-10c")
    return Point(match[1], Offset.parse(match[2]) if match[2] else Offset(0, "w"))


def when(text: str) -> When:
    """The words of a template as a value; ValueError names what was not understood."""
    text = text.strip()
    if text in ("–", "-"):
        return When(skipped=True)
    if text == "if time":
        return When(if_time=True)
    start = due = again = None
    recurrence = ""
    checkpoints: list[str] = []
    for part in (part.strip() for part in text.split(";")):
        if part in RECURRENCES:
            recurrence = part
        elif _CHECKPOINT.match(part):
            checkpoints.append(part)
        elif "→" in part:
            first, last = part.split("→")
            start, due = point(first), point(last)
        elif due is None:
            due = point(part)
        else:
            again = point(part)
    return When(start, due, again, recurrence, tuple(checkpoints))


def compressed(planned: Offset, d0: date, end: date) -> Offset:
    """Planned offset × weeks from D0 to E ÷ 12, rounded down, at least one working day; nought stays nought (domain 5.14)."""
    if planned.number <= 0:
        return planned
    scaled = planned.number * (end - d0).days // PLANNED_DAYS
    return Offset(max(1, min(planned.number, scaled)), planned.unit)


def compress(moment: When, d0: date, end: date) -> When:
    """``moment`` at compressed pace: only offsets from D0 shrink."""
    due = moment.due
    if due is None or due.anchor != "D0":
        return moment
    return When(moment.start, Point("D0", compressed(due.offset, d0, end)), moment.again, moment.recurrence, moment.checkpoints, moment.if_time, moment.skipped)


def real_date(where: Point | None, anchors: Mapping[str, date | None], days: WorkingCalendar, *, within: bool = False, at_once: bool = False) -> date | None:
    """A working day, or None while the anchor has no date.

    Nought from the day of an event (``EVENTS``) is that day; nought from any other, such as a decision taken on a Saturday,
    is the next working day, unless ``at_once``: an emergency does not wait for Monday. A calendar day that is no working day moves to the working day before when it lies ahead of its anchor or
    is a limit (``within``), else to the next.
    """
    if where is None:
        return None
    anchor = anchors.get(where.anchor)
    if anchor is None:
        return None
    if where.offset.number == 0:
        return anchor if at_once or where.anchor in EVENTS else days.next_working(anchor)
    found = days.offset(anchor, where.offset)
    if where.offset.number < 0 or within:
        return days.previous_working(found)
    return days.next_working(found)


def next_occurrence(recurrence: str, as_of: date, days: WorkingCalendar, *, first: date | None = None, now: datetime | None = None) -> date | None:
    """The next day a repeating step falls on, from ``as_of`` on; None for “per plan” and “same day”.

    ``first`` is its first date, when it has one: nothing falls before it, and weekly steps keep its day.
    ``now`` (London) matters for “daily 16:00” only: after four it is the next day.
    """
    if not recurrence or recurrence in WITHOUT_DATE:
        return None
    day = max(as_of, first) if first else as_of
    if recurrence == "daily":
        return days.next_working(day)
    if recurrence == "daily 16:00":
        if now is not None and now.date() == day and now.hour >= 16:
            day += timedelta(days=1)
        return days.next_working(day)
    if recurrence == "Tue, Fri":
        while day.weekday() not in (1, 4):
            day += timedelta(days=1)
        return days.next_working(day)
    if recurrence == "every 12 months":
        found = first or as_of
        while found < as_of:
            found = days.offset(found, Offset(12, "m"))
        return days.next_working(found)
    step = timedelta(days=7 if recurrence == "weekly" else 14)
    found = (first or as_of) + (max(day - (first or as_of), timedelta()) // step) * step
    # One whose day is a holiday falls later, and is still ahead on the days between.
    while days.next_working(found) < day:
        found += step
    return days.next_working(found)


def rounds(names: Sequence[str], as_of: date, days: WorkingCalendar, *, since: date, now: datetime | None = None) -> dict[str, date]:
    """{recurrence: its next day} of those that have one; weekly ones keep the weekday of ``since``."""
    found = {name: next_occurrence(name, as_of, days, first=since, now=now) for name in names}
    return {name: day for name, day in found.items() if day is not None}


def default_pace(kind: str, exit_type: str, d0: date | None, end: date | None) -> str:
    """Pace of a new programme (domain 5.14); a live service with under sixteen weeks ahead takes the ten-week plan."""
    if kind == "provider_exit":
        if exit_type == "emergency":
            return "emergency"
        if exit_type == "enforced" and d0 is not None and end is not None and (end - d0).days < PLANNED_DAYS:
            return "compressed"
        return "planned"
    if kind == "live_service" and d0 is not None and end is not None and (end - d0).days < 16 * 7:
        return "compressed"
    return "planned"
