"""From the editable calendar table to the pure ``WorkingCalendar`` of the rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, timedelta
from functools import lru_cache

from mobilisation.choices import CalendarDayKind
from mobilisation.models import CalendarDay, Programme
from mobilisation.working_days import WorkingCalendar

_read: ContextVar[dict[str, WorkingCalendar] | None] = ContextVar("calendars_read", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Within this block each division is read from the database once: for reading that asks many rules the same day."""
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def calendar_for(where: Programme | str) -> WorkingCalendar:
    """Working days of a programme or a division; one query, within :func:`read_once` one for all that ask."""
    division = where.division if isinstance(where, Programme) else where
    kept = _read.get()
    if kept is None:
        return _calendar(division)
    if division not in kept:
        kept[division] = _calendar(division)
    return kept[division]


_last: dict[str, tuple[str, WorkingCalendar]] = {}


def calendar_as_of(division: str, stamp: str) -> WorkingCalendar:
    """The calendar that ``stamp`` stands for: the one read last when it had that stamp, so that a save does not read every
    holiday anew. ``stamp`` says how many days there are and when the last of them changed, read in the asker's own transaction."""
    held = _last.get(division)
    if held is None or held[0] != stamp:
        held = _last[division] = (stamp, calendar_for(division))
    if (kept := _read.get()) is not None:
        kept[division] = held[1]
    return held[1]


def _calendar(division: str) -> WorkingCalendar:
    days: set[date] = set()
    rows = CalendarDay.objects.filter(division=division, removed=False, kind__in=[CalendarDayKind.BANK_HOLIDAY, CalendarDayKind.LOCAL])
    for start, until in rows.values_list("date", "until"):
        day = start
        while day <= (until or start):
            days.add(day)
            day += timedelta(days=1)
    return WorkingCalendar(_same(frozenset(days)))


@lru_cache(maxsize=64)
def _same(days: frozenset[date]) -> frozenset[date]:
    """The set met first with these days: what is kept by calendar is then found by identity, not by comparing every day."""
    return days
