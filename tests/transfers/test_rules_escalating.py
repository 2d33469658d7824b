"""Which facts about people raise a step on the ladder, and what settles it (domain 5.13)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from risks import rules as ladder
from risks.rules import Trigger
from transfers.rules import escalating as rules
from transfers.rules import safety
from transfers.rules.escalating import Stands

LONDON = ZoneInfo("Europe/London")
DAY = date(2027, 3, 12)


def test_what_is_said_here_is_what_the_ladder_knows():
    assert [Trigger(one) for one in rules.WORDS] == list(ladder.ABOUT_PEOPLE)
    assert [(ladder.LADDER[one].level, ladder.LADDER[one].within, ladder.LADDER[one].copy, ladder.LADDER[one].then) for one in ladder.ABOUT_PEOPLE] == [
        (2, "2h", ("CO",), 4), (2, "2h", ("CO",), 4), (2, "1w", ("CO",), None),
    ]


@pytest.mark.parametrize(
    ("level", "trigger", "then"),
    [(2, "no_first_visit", 4), (2, "missed_visit_with_harm", 4), (2, "safety_check_overdue", 3), (3, "unacknowledged", 4), (2, "", 3), (3, "no_first_visit", 4), (4, "no_first_visit", 4), (2, "of old", 3)],
)
def test_where_it_goes_when_nobody_acknowledges(level, trigger, then):
    assert ladder.next_level(level, trigger) == then


@pytest.mark.parametrize(
    ("raised", "by"),
    [
        (datetime(2027, 3, 12, 14, 20), datetime(2027, 3, 12, 16, 20)), (datetime(2027, 3, 12, 0, 15), datetime(2027, 3, 12, 10, 0)), (datetime(2027, 3, 12, 8, 0), datetime(2027, 3, 12, 10, 0)),
        (datetime(2027, 3, 12, 22, 30), datetime(2027, 3, 13, 0, 30)),
    ],
)
def test_two_hours_that_begin_at_eight(raised, by):
    assert ladder.answer_by(raised.replace(tzinfo=LONDON), "2h", 8) == by.replace(tzinfo=LONDON)
    assert ladder.answer_by(raised.replace(tzinfo=LONDON), "1w", 8) is None


def test_each_is_raised_once_and_settled_once():
    assert rules.to_do({1: "a", 2: "b"}, {}) == ([1, 2], [])
    assert rules.to_do({1: "a", 2: "b"}, {1: "a", 3: "c"}) == ([2], [3])
    assert rules.to_do({1: "a"}, {1: "a"}) == ([], [])


@pytest.mark.parametrize(
    ("trigger", "stands", "words"),
    [
        ("no_first_visit", Stands(ending="Moved away", done=True, day=DAY), "The person has left the list: moved away."),
        ("no_first_visit", Stands(done=True, day=DAY), "The first visit is recorded."),
        ("safety_check_overdue", Stands(done=True, day=DAY), "The safety check is recorded."),
        ("no_first_visit", Stands(in_hospital=True, on_hold=True, day=DAY), "The person is in hospital."),
        ("no_first_visit", Stands(on_hold=True, day=DAY), "The person is on hold."),
        ("no_first_visit", Stands(day=date(2027, 4, 1)), "The transfer date is now 1 Apr 2027."),
        ("safety_check_overdue", Stands(day=date(2027, 4, 1)), "The day of the safety check is now 1 Apr 2027."),
        ("no_first_visit", Stands(), "There is no transfer date any more."),
        ("safety_check_overdue", Stands(day=DAY), "The first visit is no longer recorded."),
    ],
)
def test_why_it_is_settled(trigger, stands, words):
    assert rules.settled_because(trigger, stands, DAY) == words


@pytest.mark.parametrize(
    ("outcome", "funding", "follow_up", "fields"),
    [
        ("declined", "self", "Daughter declined; calls the on-call number", []), ("declined", "council", "Daughter declined", ["outcome"]), ("declined", "direct_payment", "Daughter declined", ["outcome"]),
        ("declined", "self", " ", ["follow_up"]), ("safe", "self", "", []),
    ],
)
def test_only_a_self_funder_declines_and_somebody_says_who_is_called(outcome, funding, follow_up, fields):
    assert [name for name, _ in safety.outcome_refused(outcome, funding, "", follow_up)] == fields


def test_nobody_declines_who_does_not_feel_safe():
    assert safety.answers_refused({"feels_safe": "no"}, "declined", "Son declined") == [("outcome", "The person does not feel safe, so the outcome is “Concern”.")]
    assert safety.completes("declined") is True


@pytest.mark.parametrize(("harmed", "outcome", "follow_up", "fields"), [(False, "safe", "", []), (True, "safe", "", ["outcome", "follow_up"]), (True, "concern", "fell", []), (True, "concern", "", ["follow_up"])])
def test_harm_is_a_concern_in_words(harmed, outcome, follow_up, fields):
    assert [name for name, _ in safety.harm_refused(harmed, outcome, follow_up)] == fields
