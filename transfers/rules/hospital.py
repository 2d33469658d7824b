"""When a hospital stay may be opened, asked of a form and of a row of a workbook alike; who is told of it, and how long the slot is held (domain 5.5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from mobilisation.errors import Reason

ALERT_C = 2
"""Calendar days before the expected discharge on which the team and both providers are told."""


class Stay(NamedTuple):
    """A stay that has ended."""

    admitted_on: date | None
    discharged_on: date


def last(ended: Iterable[Stay]) -> Stay | None:
    return max(ended, key=lambda stay: stay.discharged_on, default=None)


def refusals(admitted_on: date | None, expected_discharge: date | None, *, ended: Iterable[Stay], today: date) -> list[Reason]:
    """Why a stay with these days cannot be. Fields are named as on the form and in the workbook."""
    if admitted_on is None:
        return []
    found = []
    if admitted_on > today:
        found.append(Reason("The admission is in the future.", field="admitted_on"))
    if expected_discharge is not None and expected_discharge < admitted_on:
        found.append(Reason("The expected discharge lies before the admission.", field="expected_discharge"))
    earlier = last(stay for stay in ended if stay.discharged_on > admitted_on)
    if earlier is not None:
        found.append(Reason(f"An earlier stay ended on {earlier.discharged_on.day} {earlier.discharged_on:%b %Y}. The stays would overlap; check the day.", field="admitted_on"))
    return found


def over_already(admitted_on: date | None, ended: Iterable[Stay]) -> Stay | None:
    """The ended stay that a list without news still reports: admitted the same day, or no day said by one of the two."""
    return last(stay for stay in ended if admitted_on is None or stay.admitted_on == admitted_on or (stay.admitted_on is None and admitted_on < stay.discharged_on))


def alert_due(expected_discharge: date | None, told_for: date | None, as_of: date) -> bool:
    """Whether somebody is expected home so soon that it is said now; once for each expected day."""
    return expected_discharge is not None and expected_discharge != told_for and expected_discharge <= as_of + timedelta(days=ALERT_C)


def slot_until(held_from: date, renewed_on: date | None, days: int) -> date:
    """Last day on which the reserved slot is held: ``days`` calendar days from the admission, or from when it was renewed."""
    return (renewed_on or held_from) + timedelta(days=days)


def restart_refused(restart_on: date | None, discharged_on: date) -> str:
    """Why care may not start again that day, or ""."""
    if restart_on and restart_on < discharged_on:
        return f"Care would restart before the discharge on {discharged_on.day} {discharged_on:%b %Y}. Enter that day or a later one."
    return ""


def unanswered(in_hospital: bool, asked_on: date | None) -> str:
    """Why C02 waits, or "": the list says of everybody whether they are in hospital (domain 5.2)."""
    if in_hospital or asked_on is not None:
        return ""
    return "Whether the person is in hospital is not recorded. Record the admission, or that they are not in hospital."


def at_home_refused(in_hospital: bool, on: date | None, today: date) -> str:
    """Why it cannot be recorded that somebody was not in hospital on ``on``, or ""."""
    if on is None:
        return ""
    if in_hospital:
        return "This person is in hospital here. Record the discharge first."
    return "The day is in the future. Enter the day it was asked." if on > today else ""
