"""When a hospital stay may be opened (domain 5.5); asked of a form and of a row of a workbook alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from mobilisation.errors import Reason


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
