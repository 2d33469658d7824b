"""The one place that asks for the time. Dates are Europe/London dates."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """Aware UTC moment."""
    return timezone.now()


def today() -> date:
    """Today in Europe/London."""
    return timezone.localdate()
