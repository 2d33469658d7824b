"""Readiness by pure rules: earliest start, what will be missed (domain 5.8, 5.10, 10.10)."""

from __future__ import annotations

from datetime import date

import pytest

from workstreams.rules.readiness import Need, earliest_start, miss

APRIL = date(2027, 4, 1)


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
