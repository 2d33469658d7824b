"""Readiness by pure rules: earliest start, what will be missed, its colour (domain 5.8, 5.10, 10.10)."""

from __future__ import annotations

from datetime import date

import pytest

from mobilisation.working_days import WorkingCalendar
from workstreams.rules.readiness import Need, colour, earliest_start, miss

APRIL = date(2027, 4, 1)
DAYS = WorkingCalendar(frozenset({date(2027, 3, 26), date(2027, 3, 29)}))


def test_earliest_start_is_the_day_after_the_last_condition():
    assert earliest_start(APRIL, [date(2027, 3, 10), APRIL]) == date(2027, 4, 2)
    assert earliest_start(APRIL, [date(2027, 3, 31)]) == APRIL
    assert earliest_start(APRIL, []) == APRIL
    assert earliest_start(APRIL, [None]) is None
    assert earliest_start(None, []) is None


@pytest.mark.parametrize(
    "need,as_of,missed",
    [
        (Need("a", True, forecast=date(2027, 5, 1)), date(2027, 5, 1), False), (Need("a", False), date(2027, 3, 1), False), (Need("a", False, forecast=APRIL), date(2027, 3, 1), False),
        (Need("a", False, forecast=date(2027, 4, 2)), date(2027, 3, 1), True), (Need("a", False, forecast=APRIL, condition=True), date(2027, 3, 1), True),
        (Need("a", False, forecast=date(2027, 3, 31), condition=True), date(2027, 3, 1), False), (Need("a", False, longstop=date(2027, 3, 5), forecast=date(2027, 3, 6)), date(2027, 3, 1), True),
        (Need("a", False, longstop=date(2027, 3, 5)), date(2027, 3, 6), True), (Need("a", False, failed=True), date(2027, 3, 1), True), (Need("a", False), APRIL, False),
        (Need("a", False), date(2027, 4, 2), True), (Need("a", False, condition=True), APRIL, True),
    ],
)
def test_miss(need, as_of, missed):
    assert bool(miss(need, APRIL, as_of)) is missed


@pytest.mark.parametrize("as_of,expected", [(date(2027, 3, 15), "G"), (date(2027, 3, 16), "A"), (APRIL, "A"), (date(2027, 4, 2), "R")])
def test_colour_turns_amber_ten_working_days_before(as_of, expected):
    """10w before Thu 1 Apr 2027 is Tue 16 Mar (domain 5.1)."""
    assert colour([Need("Supervision", False)], APRIL, as_of, DAYS, 10)[0].value == expected


def test_colour_blue_when_all_is_met():
    assert colour([Need("a", True)], APRIL, APRIL, DAYS, 10) == ("B", ())
    assert colour([], APRIL, APRIL, DAYS, 10) == ("G", ())
