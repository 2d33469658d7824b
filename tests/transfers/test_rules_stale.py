"""Then, here and in the file: which of three values stands."""

from datetime import UTC, date, datetime, timedelta

import pytest

from transfers.rules.stale import Act, Told, Verdict, acts_of_mark, seen_until, verdict

MADE = datetime(2026, 11, 23, 10, 0, 5, 123000, tzinfo=UTC)


def after(seconds, old):
    return Act(MADE + timedelta(seconds=seconds), "Ann", old)


@pytest.mark.parametrize(
    ("acts", "file", "expected", "last"),
    [
        ((), "B", Verdict.TAKE, None),
        ((after(-60, "A"), after(0, "B")), "A", Verdict.TAKE, None),
        ((after(60, "A"),), "A", Verdict.KEEP, 60),
        ((after(60, "A"), after(90, "B")), "A", Verdict.KEEP, 90),
        ((after(60, "A"), after(90, "B")), "B", Verdict.CLASH, 90),
        ((after(60, "A"),), "C", Verdict.CLASH, 60),
        ((after(-60, "C"), after(60, "A")), "C", Verdict.CLASH, 60),
    ],
)
def test_a_cell_is_taken_kept_or_refused(acts, file, expected, last):
    found, act = verdict(acts, seen_until(MADE), lambda old: old == file)
    assert (found, act and (act.at - MADE).total_seconds()) == (expected, last)


@pytest.mark.parametrize(
    ("written", "until"),
    [
        (MADE, timedelta(milliseconds=2)), (MADE.replace(microsecond=0), timedelta(seconds=1)), (MADE.replace(second=0, microsecond=0), timedelta(minutes=1)),
        (MADE.replace(hour=0, second=0, microsecond=0), timedelta(days=1)),
    ],
)
def test_what_a_program_cut_off_a_moment_is_not_held_against_the_file(written, until):
    assert seen_until(written) - written == until


def cell(state, done_on):
    return done_on if state == "done" else "W" if state == "waived" else None


def test_a_mark_is_read_backwards_from_how_it_stands():
    told = [
        Told(MADE, "Ann", {"person": [None, 1], "code": [None, "C02"], "state": [None, "done"], "done_on": [None, "2026-11-20"]}),
        Told(MADE + timedelta(1), "Bob", {"note": ["", "seen"]}),
        Told(MADE + timedelta(2), "Bob", {"state": ["done", "not_started"], "done_on": ["2026-11-20", None]}),
        Told(MADE + timedelta(3), "Cat", {"state": ["not_started", "waived"]}),
    ]
    assert acts_of_mark(told, "waived", None, cell) == [Act(MADE, "Ann", None), Act(MADE + timedelta(2), "Bob", date(2026, 11, 20)), Act(MADE + timedelta(3), "Cat", None)]


def test_a_day_put_right_is_an_act_on_the_mark():
    told = [Told(MADE, "Ann", {"done_on": ["2026-11-19", "2026-11-20"]})]
    assert acts_of_mark(told, "done", date(2026, 11, 20), cell) == [Act(MADE, "Ann", date(2026, 11, 19))]
