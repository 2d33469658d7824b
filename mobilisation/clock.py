"""The one place that asks for the time. Dates are Europe/London dates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

_stopped: ContextVar[datetime | None] = ContextVar("stopped clock", default=None)


def now() -> datetime:
    """Aware UTC moment."""
    return _stopped.get() or timezone.now()


def today() -> date:
    """Today in Europe/London."""
    return timezone.localdate(now())


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stop the clock at ``moment`` (aware) for what is done inside: how the demonstration data gets its past."""
    token = _stopped.set(moment)
    try:
        yield
    finally:
        _stopped.reset(token)
