"""From the editable calendar table to the pure ``WorkingCalendar`` of the rules."""

from __future__ import annotations

from datetime import date, timedelta

from mobilisation.choices import CalendarDayKind
from mobilisation.models import CalendarDay, Programme
from mobilisation.working_days import WorkingCalendar


def calendar_for(where: Programme | str) -> WorkingCalendar:
    """Working days of a programme or a division; one query."""
    division = where.division if isinstance(where, Programme) else where
    days: set[date] = set()
    rows = CalendarDay.objects.filter(division=division, removed=False, kind__in=[CalendarDayKind.BANK_HOLIDAY, CalendarDayKind.LOCAL])
    for start, until in rows.values_list("date", "until"):
        day = start
        while day <= (until or start):
            days.add(day)
            day += timedelta(days=1)
    return WorkingCalendar(frozenset(days))
