"""Bank holidays from a kept library into the editable table."""

from __future__ import annotations

from datetime import datetime

from govuk_bank_holidays.bank_holidays import BankHolidays

from mobilisation.access import Actor
from mobilisation.choices import BankHolidayDivision, CalendarDayKind
from mobilisation.models import CalendarDay
from mobilisation.services import changes


def refresh(actor: Actor) -> int:
    """Add the days the library knows and the table lacks; what was edited or struck out stays. Returns how many were added."""
    known = set(CalendarDay.objects.filter(kind=CalendarDayKind.BANK_HOLIDAY).values_list("division", "date"))
    library = BankHolidays(use_cached_holidays=True)
    fresh = [
        CalendarDay(division=division, date=day["date"], kind=CalendarDayKind.BANK_HOLIDAY, title=day["title"][:100])
        for division in BankHolidayDivision.values
        for day in library.get_holidays(division=division)
        if (division, day["date"]) not in known
    ]
    changes.bulk_create(fresh, actor=actor, why="published list")
    return len(fresh)


def tick(moment: datetime) -> None:
    """Fill an empty table; the monthly refresh takes its slot elsewhere."""
    if not CalendarDay.objects.exists():
        refresh(Actor.system("calendar"))
