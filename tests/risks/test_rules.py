"""The matrix and what follows from it: every example of domain 5.13."""

from datetime import date

import pytest

from mobilisation.moments import ALWAYS, Colour
from risks import rules
from risks.rules import Band, Care, Trigger


def test_fourteen_scores_are_possible():
    assert rules.POSSIBLE_SCORES == (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 20, 25)


@pytest.mark.parametrize(
    ("likelihood", "consequence", "score", "band"),
    [(3, 5, 15, "extreme"), (4, 3, 12, "high"), (5, 1, 5, "moderate"), (1, 1, 1, "low"), (1, 3, 3, "low"), (2, 2, 4, "moderate"), (3, 2, 6, "moderate"), (2, 4, 8, "high"), (5, 5, 25, "extreme")],
)
def test_score_and_band(likelihood, consequence, score, band):
    assert rules.score_of(likelihood, consequence) == score
    assert rules.band_of(score) == band


@pytest.mark.parametrize("score", [0, 7, 11, 13, 14, 17, 26])
def test_no_band_for_a_number_no_two_factors_make(score):
    with pytest.raises(ValueError, match=f"{score} is no likelihood times consequence"):
        rules.band_of(score)


@pytest.mark.parametrize(("likelihood", "consequence"), [(0, 3), (6, 1), (1, 0), (2, 6)])
def test_factors_go_from_one_to_five(likelihood, consequence):
    with pytest.raises(ValueError, match="it goes from 1 to 5"):
        rules.score_of(likelihood, consequence)


def test_a_target_may_equal_but_not_exceed_the_current_score():
    assert rules.score_faults((3, 4), (4, 3)) == []
    assert rules.score_faults((3, 4), (3, 5)) == ["The target score is 15 and the current score 12. A target may not be above the current score."]
    assert rules.score_faults((3, 4), None) == []


@pytest.mark.parametrize(("band", "last"), [("low", date(2027, 4, 30)), ("moderate", date(2027, 3, 31)), ("high", date(2027, 3, 15)), ("extreme", date(2027, 3, 8))])
def test_reviews_are_due_by_band(band, last):
    limits = {"risk_review_low_c": 60, "risk_review_moderate_c": 30, "risk_review_high_c": 14, "risk_review_extreme_c": 7}
    assert rules.latest_review(date(2027, 3, 1), Band(band), limits) == last


def test_everything_missing_is_said_at_once():
    found = rules.missing(cause="", event="", effect="", owner="", scope="shared", other_owner="", controls="", actions=0, review_on=None)
    assert [name for name, _ in found] == ["event", "cause", "effect", "owner_name", "review_on", "controls", "other_owner"]
    assert rules.missing(cause="a", event="b", effect="c", owner="d", scope="provider", other_owner="", controls="", actions=1, review_on=date(2027, 1, 1)) == []


@pytest.mark.parametrize(
    ("care", "day", "colour", "reason"),
    [
        (Care(9, None, date(2027, 3, 1)), date(2027, 3, 1), "G", ""),
        (Care(9, None, date(2027, 3, 1)), date(2027, 3, 2), "A", "Review was due 1 Mar 2027"),
        (Care(9, ALWAYS, date(2027, 3, 1)), date(2027, 2, 1), "A", "High risk without an owner"),
        (Care(4, None, date(2027, 4, 1), (date(2027, 3, 1), date(2027, 3, 9))), date(2027, 3, 2), "A", "Action was due 1 Mar 2027"),
        (Care(15, None, date(2027, 3, 1)), date(2027, 3, 1), "A", "Extreme risk, score 15"),
        (Care(15, None, date(2027, 3, 1)), date(2027, 3, 2), "R", "Review was due 1 Mar 2027"),
        (Care(20, ALWAYS, date(2027, 3, 1)), date(2027, 1, 1), "R", "Extreme risk without an owner"),
        (Care(25, None, date(2027, 4, 1), (date(2027, 3, 1),)), date(2027, 3, 2), "R", "Action was due 1 Mar 2027"),
        (Care(25, ALWAYS, date(2027, 3, 1), closed=True), date(2027, 4, 1), "B", ""),
    ],
)
def test_care_turns_on_its_day(care, day, colour, reason):
    assert rules.moments(care).at(day) == (Colour(colour), reason)


@pytest.mark.parametrize(
    ("figures", "colour", "reasons"),
    [
        ({"extreme": 0, "extreme_unowned_or_overdue": [], "high": 5}, "G", ()),
        ({"extreme": 0, "extreme_unowned_or_overdue": [], "high": 6}, "A", ("6 High risks open, more than 5",)),
        ({"extreme": 1, "extreme_unowned_or_overdue": [], "high": 0}, "A", ("1 Extreme risk open",)),
        ({"extreme": 2, "extreme_unowned_or_overdue": ["R-01"], "high": 9}, "R", ("Extreme risk without owner or overdue: R-01",)),
    ],
)
def test_the_risk_dimension(figures, colour, reasons):
    assert rules.dimension(**figures, high_limit=5) == (colour, reasons)


@pytest.mark.parametrize(
    ("before", "after", "overdue", "trigger"),
    [
        (None, 15, False, Trigger.NEW_EXTREME),
        (12, 15, False, Trigger.NEW_EXTREME),
        (15, 16, False, None),
        (4, 9, False, Trigger.SCORE_JUMP),
        (4, 8, False, None),
        (15, 20, False, Trigger.SCORE_JUMP),
        (None, 12, False, None),
        (12, 12, True, Trigger.HIGH_OVERDUE_ACTION),
        (6, 6, True, None),
    ],
)
def test_what_a_score_sets_off(before, after, overdue, trigger):
    assert rules.risk_trigger(before=before, after=after, overdue_action=overdue) is trigger


def test_the_ladder():
    assert (rules.LADDER[Trigger.NEW_EXTREME].level, rules.LADDER[Trigger.NEW_EXTREME].within, rules.LADDER[Trigger.NEW_EXTREME].copy) == (3, "1w", ("SRO",))
    assert rules.LADDER[Trigger.HIGH_OVERDUE_ACTION].level == 2
    assert [rules.next_level(level) for level in (1, 2, 3, 4)] == [2, 3, 4, 4]
    twice, thrice = Trigger.PROGRAMME_RED_TWICE, Trigger.PROGRAMME_RED_THRICE
    assert [rules.red_weeks_triggers(weeks) for weeks in (1, 2, 3, 4)] == [(), (twice,), (twice, thrice), (twice, thrice)]
