"""Bank holidays from a kept library into the editable table."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from govuk_bank_holidays.bank_holidays import BankHolidays

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.choices import BankHolidayDivision, CalendarDayKind
from mobilisation.models import CalendarDay, Programme, RoleAssignment, User
from mobilisation.services import changes, notices, slots


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
    for programme in Programme.objects.open().filter(division__in={day.division for day in fresh}):
        registry.recompute_all(programme)
    return len(fresh)


def ending_soon(as_of: date) -> list[tuple[str, date | None]]:
    """[(division in words, last known bank holiday)] of the divisions whose list ends within 12 months (domain 5.1)."""
    last = dict(
        CalendarDay.objects.filter(kind=CalendarDayKind.BANK_HOLIDAY, removed=False).order_by().values_list("division").annotate(last=Max("date"))
    )
    return [(division.label, last.get(division.value)) for division in BankHolidayDivision if last.get(division.value) is None or last[division.value] < as_of + timedelta(days=365)]


def tick(moment: datetime) -> None:
    """Once a month, and at once when the table is empty: new days from the library; a warning when a list ends within 12 months."""
    local = timezone.localtime(moment)
    slot = slots.take("calendar", f"{local:%Y-%m}")
    if slot is None:
        if not CalendarDay.objects.exists():
            refresh(Actor.system("calendar"))
        return
    added = refresh(Actor.system("calendar"))
    short = ending_soon(local.date())
    if short:
        administrators = User.objects.filter(is_active=True, assignments__in=RoleAssignment.objects.active().filter(role="ADM")).distinct()
        lines = [f"{division}: the last day known is {last:%d/%m/%Y}." if last else f"{division}: no day is known." for division, last in short]
        notices.notify(administrators, None, "calendar", "The list of bank holidays ends within 12 months", lines, reverse("mobilisation:calendar"), unique_key=f"calendar:{local:%Y-%m}")
    slots.done(slot, f"{added} days added; {len(short)} lists end within 12 months")
