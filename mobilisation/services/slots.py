"""Schedules by slots: one occurrence is taken once, and what fails for one programme keeps no other waiting (domain 10.12)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

from django.db import IntegrityError, models, transaction

from mobilisation.clock import now
from mobilisation.models import Slot

log = logging.getLogger(__name__)
M = TypeVar("M", bound=models.Model)
GIVEN_UP = timedelta(minutes=15)
"""A slot whose work never said how it ended (the worker was stopped) is given again after this, so the work must be harmless twice."""


def take(schedule: str, key: str) -> Slot | None:
    """The slot, to whoever asks first; None to everybody else. Say how it ended with :func:`done`."""
    try:
        with transaction.atomic():
            return Slot.objects.create(schedule=schedule, key=key)
    except IntegrityError:
        left = Slot.objects.filter(schedule=schedule, key=key, outcome="", taken_at__lt=now() - GIVEN_UP)
        return Slot.objects.get(schedule=schedule, key=key) if left.update(taken_at=now()) else None


def done(slot: Slot, outcome: str) -> None:
    Slot.objects.filter(pk=slot.pk).update(outcome=outcome[:300])


def words(outcome: str, failed: int) -> str:
    return f"{outcome}, {failed} failed" if failed else outcome


def each(of: Iterable[M], work: Callable[[M], object], what: str) -> int:
    """Do ``work`` for each; what fails is logged under ``what``. Returns how many failed."""
    failed = 0
    for one in of:
        try:
            work(one)
        except Exception:
            failed += 1
            log.exception("%s: %s no. %s failed; the others go on", what, one._meta.verbose_name, one.pk)
    return failed
