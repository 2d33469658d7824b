"""When a stay may be opened, and which stay a list without news still reports (domain 5.5)."""

from datetime import date

import pytest

from transfers.rules import hospital
from transfers.rules.hospital import Stay

TODAY = date(2026, 11, 27)
ENDED = [Stay(date(2026, 10, 1), date(2026, 10, 5)), Stay(date(2026, 11, 10), date(2026, 11, 22))]


def day(number, month=11):
    return date(2026, month, number)


@pytest.mark.parametrize(
    ("admitted_on", "expected", "fields"),
    [
        (None, day(1, 1), []), (day(22), None, []), (day(27), day(27), []), (day(23), day(22), ["expected_discharge"]), (day(28), None, ["admitted_on"]),
        (day(21), None, ["admitted_on"]), (day(10), day(9), ["expected_discharge", "admitted_on"]),
    ],
)
def test_why_a_stay_cannot_be(admitted_on, expected, fields):
    assert [reason.field for reason in hospital.refusals(admitted_on, expected, ended=ENDED, today=TODAY)] == fields


def test_the_latest_overlapping_stay_is_named():
    assert [reason.text for reason in hospital.refusals(day(1, 10), None, ended=ENDED, today=TODAY)] == ["An earlier stay ended on 22 Nov 2026. The stays would overlap; check the day."]


@pytest.mark.parametrize(
    ("admitted_on", "ended", "found"),
    [
        (day(10), ENDED, ENDED[1]), (day(1, 10), ENDED, ENDED[0]), (None, ENDED, ENDED[1]), (day(15), ENDED, None), (day(23), ENDED, None), (None, [], None),
        (day(12), [Stay(None, day(22))], Stay(None, day(22))), (day(23), [Stay(None, day(22))], None),
    ],
)
def test_a_list_without_news_reports_a_stay_that_has_ended(admitted_on, ended, found):
    assert hospital.over_already(admitted_on, ended) == found
