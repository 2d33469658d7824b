"""Days that are no working days, and pre-election periods."""

from __future__ import annotations

from typing import Any

from django.db import models

from mobilisation.choices import BankHolidayDivision, CalendarDayKind
from mobilisation.models.base import Entity, ScopedQuerySet


class CalendarDayQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> CalendarDayQuerySet:
        """The calendar is no secret."""
        return self


class CalendarDay(Entity):
    division = models.CharField(max_length=20, choices=BankHolidayDivision.choices)
    date = models.DateField()
    until = models.DateField("last day, for a period", null=True, blank=True)
    kind = models.CharField(max_length=12, choices=CalendarDayKind.choices, default=CalendarDayKind.BANK_HOLIDAY)
    title = models.CharField(max_length=100)
    removed = models.BooleanField("struck out by hand", default=False)

    objects = CalendarDayQuerySet.as_manager()

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["division", "date", "kind"], name="calendar_day_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.title}"
