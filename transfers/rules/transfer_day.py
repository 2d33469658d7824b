"""Which day the planned transfer (T) may be moved to, asked of a form, a cell, a batch and a workbook alike (domain 5.2, 10.11). Pure."""

from __future__ import annotations

from datetime import date

from transfers.rules import endings

_MOVED = frozenset({"transferred", "settled", "closed"})
"""The statuses of somebody whose first visit (C15) stands; ``ready`` is that of C14."""


def refused(old: date | None, new: date | None, *, decided_on: date | None, status: str = "", ended: str = "") -> str:
    """Why T may not become ``new``, or "". ``decided_on``: D0; ``status`` and ``ended`` (the ending in words) as the person stands.

    A day that has passed may be entered for somebody who has not moved: a move is often recorded late, C14 asks for its T before
    C15 can be marked for the day it took place, and until then the person is Red, since T has passed without C15 (5.2). What may not
    be is a T before anything was decided, one moved after the visit it planned, and one taken from under C14, which rests on it.
    """
    if new == old:
        return ""
    if ended:
        return endings.refused(ended)
    if status in _MOVED:
        return "The first visit is recorded (C15), so the planned transfer stays as it was. If the visit did not take place, undo C15 first."
    if new is None:
        return "C14 Ready to transfer rests on the planned transfer. Enter another day, or undo C14 first." if status == "ready" else ""
    if decided_on is not None and new < decided_on:
        return f"{_day(new)} lies before the decision date, {_day(decided_on)}. Enter that day or a later one."
    return ""


def doubt(new: date | None, last_day: date | None) -> str:
    """What is said of a T that may be entered all the same: ``last_day`` (E) is the last on which the exiting provider comes."""
    if new is None or last_day is None or new <= last_day:
        return ""
    return f"The planned transfer, {_day(new)}, lies after the last day of the exiting provider, {_day(last_day)}. Make sure that somebody comes until then, or choose an earlier day."


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
