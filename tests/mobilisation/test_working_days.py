"""Domain 5.1: every worked example, year ends and bank holidays. No database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilisation.working_days import Offset, WorkingCalendar
from tests.factories.ground import HOLIDAYS_2026, HOLIDAYS_2027

CALENDAR = WorkingCalendar(frozenset(HOLIDAYS_2026 + HOLIDAYS_2027))
T = date(2027, 4, 1)


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        ("-1w", date(2027, 3, 31)),
        ("-3w", date(2027, 3, 25)),
        ("-5w", date(2027, 3, 23)),
        ("-10w", date(2027, 3, 16)),
        ("-20w", date(2027, 3, 2)),
        ("+1w", date(2027, 4, 2)),
        ("+5w", date(2027, 4, 8)),
        ("+10c", date(2027, 4, 11)),
        ("-28c", date(2027, 3, 4)),
        ("+0w", T),
    ],
)
def test_offsets_of_the_worked_example(offset, expected):
    assert CALENDAR.offset(T, offset) == expected


@pytest.mark.parametrize(("start", "months", "expected"), [(date(2027, 1, 31), 1, date(2027, 2, 28)), (date(2027, 11, 30), 3, date(2028, 2, 29)), (date(2027, 3, 31), -1, date(2027, 2, 28))])
def test_months_keep_the_day_where_the_month_has_it(start, months, expected):
    assert CALENDAR.offset(start, Offset(months, "m")) == expected


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2027, 3, 12), date(2027, 3, 19), 5),
        (date(2027, 2, 24), date(2027, 3, 1), 3),
        (date(2027, 2, 26), date(2027, 3, 1), 1),
        (date(2027, 3, 30), date(2027, 4, 2), 3),
        (date(2027, 3, 25), date(2027, 3, 30), 1),
        (date(2027, 3, 19), date(2027, 3, 12), -5),
        (date(2026, 12, 24), date(2027, 1, 4), 4),
    ],
)
def test_working_days_between(start, end, days):
    assert CALENDAR.count(start, end) == days


@pytest.mark.parametrize("text", ["5", "w", "+5d", "five", "+-5w", ""])
def test_an_offset_that_is_none_says_what_was_found(text):
    with pytest.raises(ValueError, match="is not an offset; write"):
        Offset.parse(text)


@given(st.dates(date(2026, 1, 1), date(2027, 12, 1)), st.integers(-60, 60))
def test_adding_and_counting_agree(day, number):
    moved = CALENDAR.add(day, number)
    if number:
        assert CALENDAR.is_working(moved)
    if CALENDAR.is_working(day):
        assert CALENDAR.count(day, moved) == number


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_count_equals_counting_by_hand(start, end):
    low, high = sorted((start, end))
    by_hand = sum(1 for n in range(low.toordinal() + 1, high.toordinal() + 1) if CALENDAR.is_working(date.fromordinal(n)))
    assert CALENDAR.count(low, high) == by_hand
