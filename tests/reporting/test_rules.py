"""Colours of many, delivery confidence, small numbers and the week: no database."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilisation.moments import Colour
from reporting.position.values import says_nothing
from reporting.rules import colours, confidence, small_numbers, weeks

R, A, G, B, N = Colour.RED, Colour.AMBER, Colour.GREEN, Colour.BLUE, Colour.GREY


def plan(**values):
    return colours.plan(**({"items": 10, "critical_red": 0, "red": 0, "amber": 0, "red_workstreams": [], "amber_workstreams": []} | values))


@pytest.mark.parametrize(
    ("values", "colour", "reasons"),
    [
        ({}, G, ("Every step is on its date.",)),
        ({"items": 0}, N, ("The plan has no steps yet.",)),
        ({"critical_red": 1, "red": 1}, R, ("1 critical item is Red.",)),
        ({"critical_red": 2, "red": 3}, R, ("2 critical items are Red.", "1 other item is Red.")),
        ({"red": 1}, A, ("1 item is Red.",)),
        ({"red_workstreams": ["Finance"]}, A, ("Workstream Finance is Red.",)),
        ({"red_workstreams": ["Finance", "People"]}, R, ("2 workstreams are Red: Finance, People.",)),
        ({"amber": 2}, A, ("2 items are Amber.",)),
        ({"amber_workstreams": ["Finance"]}, A, ("1 workstream is Amber: Finance.",)),
    ],
)
def test_plan_dimension(values, colour, reasons):
    assert plan(**values) == colours.Judgement(colour, reasons)


def people(**values):
    return colours.people(**({"total": 100, "past_t": 0, "red_checks_overdue": 0, "ready_pct": 50.0, "planned_pct": 50.0, "red": 0} | values))


@pytest.mark.parametrize(
    ("values", "colour"),
    [
        ({}, G), ({"total": 0}, N), ({"past_t": 1}, R), ({"red_checks_overdue": 1}, R), ({"red": 1}, A),
        ({"ready_pct": 45.001}, G), ({"ready_pct": 45.0}, A), ({"ready_pct": 40.0}, A), ({"ready_pct": 39.999}, R),
        ({"ready_pct": 90.0}, G), ({"ready_pct": None}, G), ({"planned_pct": None}, G),
    ],
)
def test_people_dimension(values, colour):
    assert people(**values).colour is colour


def test_people_reasons_name_everything():
    assert people(past_t=1, red_checks_overdue=2, ready_pct=30.0, red=3).reasons == (
        "1 person past the transfer date without a first visit.", "2 safety checks overdue for people of Red priority.",
        "30% ready against 50% planned: 20.0 points below.", "3 people are Red in the tracker.",
    )


@pytest.mark.parametrize(
    ("values", "colour"),
    [
        ({"items": 0}, N), ({}, G), ({"will_miss": ["DPIA"]}, R), ({"open_mandatory": 1}, A), ({"open_mandatory": 1, "working_days_to_start": 11}, G),
        ({"open_mandatory": 1, "working_days_to_start": None}, G), ({"open_mandatory": 1, "working_days_to_start": -3}, A),
    ],
)
def test_readiness_dimension(values, colour):
    assert colours.readiness(**({"items": 5, "will_miss": [], "open_mandatory": 0, "working_days_to_start": 10} | values)).colour is colour


def test_readiness_names_three_and_counts_the_rest():
    found = colours.readiness(items=5, will_miss=["a", "b", "c", "d"], open_mandatory=0, working_days_to_start=50)
    assert found.reasons[-1] == "And 1 more will not be met by the start."


@pytest.mark.parametrize("five", list(itertools.product([R, A, G, N], repeat=5)))
def test_programme_over_all_combinations(five):
    dimensions = dict(zip(["plan", "people", "workforce", "risk", "readiness"], five, strict=True))
    red = five.count(R)
    expected = R if dimensions["people"] is R or dimensions["readiness"] is R or red >= 2 else A if red or A in five else G
    found = colours.programme(dimensions)
    assert found.colour is expected
    assert found.reasons


def test_programme_reason_in_words():
    assert colours.programme({"plan": R, "people": R, "workforce": A, "risk": G, "readiness": G}).reasons == ("Plan and People are Red.", "Workforce is Amber.")
    assert colours.programme({"plan": R}).reasons == ("Plan is Red, alone.",)


@pytest.mark.parametrize(("now", "before", "arrow"), [(R, "A", "down"), (A, "R", "up"), (G, "G", "same"), (B, "G", "up"), (N, "G", "same"), (R, None, ""), (R, "", "")])
def test_trend(now, before, arrow):
    assert colours.trend(now, before) == arrow


@pytest.mark.parametrize(("now", "earlier", "run"), [("R", [], 1), ("A", ["R", "R"], 0), ("R", ["R", "R", "A", "R"], 3), ("R", ["G", "R"], 1)])
def test_weeks_at_red(now, earlier, run):
    assert colours.weeks_at_red(now, earlier) == run


@pytest.mark.parametrize(
    ("computed", "stated", "roles", "has_ml", "reason", "allowed", "agreement"),
    [
        (A, R, {"ML"}, True, "why", True, ""), (A, R, {"MLD"}, True, "why", True, ""), (R, A, {"ML"}, True, "why", False, ""),
        (R, A, {"SRO"}, True, "why", True, ""), (A, R, {"ML"}, True, "  ", False, ""), (A, A, {"ML"}, True, "why", False, ""),
        (A, B, {"ML"}, True, "why", False, ""), (A, R, {"OL"}, True, "why", False, ""), (A, R, {"OL"}, False, "why", True, "CL"),
        (A, R, {"CL"}, False, "why", True, "OL"), (R, A, {"OL"}, False, "why", False, ""), (A, R, {"BM"}, False, "why", False, ""),
    ],
)
def test_who_may_state_another_colour(computed, stated, roles, has_ml, reason, allowed, agreement):
    found = colours.may_override(computed, stated, reason=reason, roles=frozenset(roles), has_ml=has_ml)
    assert (found.refusal == "", found.agreement_of) == (allowed, agreement)


def test_delivery_confidence_prints_three_points():
    assert {five: confidence.three_points(five) for five in ["G", "AG", "A", "AR", "R", ""]} == {"G": "G", "AG": "G", "A": "A", "AR": "R", "R": "R", "": ""}


@pytest.mark.parametrize(("value", "shown"), [(0, 0), (1, "*"), (7, "*"), (8, 8), ("*", "*")])
def test_small_number_alone(value, shown):
    assert small_numbers.hide(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(0, 0), (7, "*"), (8, 10), (12, 10), (13, 15), (102, 100)])
def test_public_rounds_to_five(value, shown):
    assert small_numbers.hide(value, round_to=5) == shown


def test_one_hidden_part_takes_the_next_smallest_with_it():
    assert small_numbers.row([3, 20, 10, 0], 33) == (["*", 20, "*", 0], 33)


def test_two_hidden_parts_are_enough():
    assert small_numbers.row([3, 4, 20], 27) == (["*", "*", 20], 27)


def test_without_total_only_the_small_one_goes():
    assert small_numbers.row([3, 20], None) == (["*", 20], None)


def test_a_nought_goes_only_when_nothing_else_is_left():
    assert small_numbers.row([3, 0], 10) == (["*", "*"], 10)


@given(st.lists(st.integers(0, 40), min_size=2, max_size=6))
def test_a_hidden_part_cannot_be_worked_out_from_the_total(parts):
    shown, total = small_numbers.row(parts, sum(parts))
    assert shown.count("*") != 1 or total == "*"


def test_percentages_come_from_what_is_shown():
    assert small_numbers.percentage(10, 35) == 29
    assert small_numbers.percentage("*", 35) is None
    assert small_numbers.percentage(0, 0) is None


def test_every_week_of_two_years_ends_once_at_sunday_midnight_in_london():
    first = date(2026, 1, 4)
    sundays = [first + timedelta(weeks=n) for n in range(104)]
    for sunday in sundays:
        end = weeks.frozen_at(sunday)
        assert weeks.last_ended(end) == sunday
        assert weeks.last_ended(end - timedelta(seconds=1)) == sunday - timedelta(days=7)
        local = end.astimezone(weeks.LONDON)
        assert (local.weekday(), local.hour, local.minute) == (0, 0, 0)
        assert weeks.dashboard_at(sunday).astimezone(weeks.LONDON).hour == 6
    ends = [weeks.frozen_at(sunday) for sunday in sundays]
    assert len(set(ends)) == 104
    hours = {(b - a) // timedelta(hours=1) for a, b in itertools.pairwise(ends)}
    assert hours == {167, 168, 169}


def test_a_tick_every_five_minutes_meets_each_week_once():
    moment, seen = datetime(2026, 3, 20, tzinfo=UTC), []
    while moment < datetime(2026, 4, 20, tzinfo=UTC):
        week = weeks.last_ended(moment)
        if week not in seen:
            seen.append(week)
        moment += timedelta(minutes=5)
    assert seen == [date(2026, 3, 15), date(2026, 3, 22), date(2026, 3, 29), date(2026, 4, 5), date(2026, 4, 12), date(2026, 4, 19)]


def test_naming_the_week():
    assert weeks.week_ending(date(2027, 3, 1)) == date(2027, 3, 7)
    assert weeks.week_ending(date(2027, 3, 7)) == date(2027, 3, 7)
    assert weeks.last_ended_on(date(2027, 3, 7)) == date(2027, 2, 28)
    assert weeks.week_name(date(2027, 3, 7)) == "week ending Sun 7 Mar 2027"


@pytest.mark.parametrize(
    ("stated", "then", "today", "stands"),
    [(A, G, G, True), (A, G, A, True), (A, G, R, False), (A, R, R, True), (G, R, R, True), (G, A, R, False), (G, A, G, True), (R, A, R, True)],
)
def test_a_stated_colour_does_not_cover_what_became_worse_since(stated, then, today, stands):
    assert colours.covers(stated, then, today) is stands


@pytest.mark.parametrize(
    ("answer", "quiet"),
    [
        ("Nothing", True), ("None.", True), (" no change ", True), ("Nothing to report.", True), ("None of the key safes in wave 3 has been handed over.", False),
        ("Nothing is agreed for insulin visits on Saturday.", False), ("No change: night cover still missing", False),
    ],
)
def test_only_a_whole_answer_says_that_nothing_is_unsafe(answer, quiet):
    assert says_nothing(answer) is quiet


@pytest.mark.parametrize(("part", "total", "shown"), [(135, 138, "*"), (100, 138, 100), (3, 138, "*"), (138, 138, 138), ("*", 138, "*")])
def test_a_part_that_gives_its_small_rest_away_is_hidden(part, total, shown):
    assert small_numbers.against(part, total) == shown
