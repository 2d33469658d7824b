"""Waves in the order of need: how they stand, where a Red person waits behind a Green one, what is suggested within confirmed hours."""

from datetime import date
from decimal import Decimal

import pytest

from transfers.rules.waves import Member, clashes, suggest, waves

TODAY = date(2027, 3, 1)
MARCH, APRIL, MAY = date(2027, 3, 8), date(2027, 4, 5), date(2027, 5, 3)
FEBRUARY = date(2027, 2, 1)


def who(key, wave="", priority="G", hours=10, transfer=None, **more):
    return Member(key, wave, priority, None if hours is None else Decimal(hours), transfer, **more)


def suggested(people, *confirmed):
    rows = [(Decimal(hours), since) for hours, since in confirmed]
    found = suggest(people, waves(people, rows), sum((hours for hours, _ in rows), Decimal(0)), TODAY)
    return dict(found.lines), dict(found.nobody)


def test_a_wave_counts_who_is_still_to_move_and_the_hours_confirmed_by_its_first_day():
    people = [
        who(1, "Wave 1", "R", 10, MARCH, moved=True), who(2, "Wave 1", "A", 5, date(2027, 3, 10)), who(3, "Wave 1", "", None, date(2027, 3, 12)),
        who(4, "Wave 2", "G", 20, APRIL), who(5, "", "R", 7, FEBRUARY, moved=True), who(6, "", "R", 7),
    ]
    one, two = waves(people, [(Decimal(30), MARCH), (Decimal(8), APRIL)])
    assert (one.name, one.moved, dict(one.priorities), one.to_move, one.hours, one.unknown) == ("Wave 1", 1, {"R": 0, "A": 1, "G": 0, "": 1}, 2, 5, 1)
    assert (one.first, one.last, one.by_then, one.confirmed, one.short) == (date(2027, 3, 10), date(2027, 3, 12), 22, 30, 0)
    assert (two.name, two.first, two.by_then, two.confirmed, two.short) == ("Wave 2", APRIL, 42, 38, 4)


def test_a_wave_that_is_through_is_short_of_nothing():
    (one,) = waves([who(1, "Wave 1", "R", 10, MARCH, moved=True)], [])
    assert (one.to_move, one.first, one.by_then, one.confirmed, one.short) == (0, MARCH, 10, 0, 0)


@pytest.mark.parametrize(("days", "order"), [((MAY, APRIL), ["Wave 2", "Wave 10"]), ((APRIL, MAY), ["Wave 10", "Wave 2"]), ((APRIL, None), ["Wave 2", "Wave 10"])])
def test_waves_go_by_their_first_day_and_by_name_while_one_has_none(days, order):
    people = [who(1, "Wave 10", transfer=days[0]), who(2, "Wave 2", transfer=days[1])]
    assert [one.name for one in waves(people, [])] == order


def test_a_red_person_behind_green_ones_is_told_and_nobody_else():
    people = [
        who(1, "Wave 1", "G", transfer=MARCH), who(2, "Wave 2", "G", transfer=APRIL), who(3, "Wave 2", "G", transfer=APRIL), who(4, "Wave 2", "R", transfer=APRIL),
        who(5, "Wave 3", "R", transfer=MAY), who(6, "Wave 3", "R", transfer=MAY),
    ]
    assert [one.words for one in clashes(waves(people, []))] == [
        "Wave 2 holds 1 Red person still to move, Wave 1 before it 1 Green person.", "Wave 3 holds 2 Red people still to move, Wave 1 and Wave 2 before it 3 Green people.",
    ]


@pytest.mark.parametrize("people", [
    [who(1, "Wave 1", "G", transfer=MARCH, moved=True), who(2, "Wave 2", "R", transfer=APRIL)],
    [who(1, "Wave 1", "G", transfer=MARCH), who(2, "Wave 2", "R", transfer=APRIL, moved=True)],
    [who(1, "Wave 1", "A", transfer=MARCH), who(2, "Wave 2", "R", transfer=APRIL)],
    [who(1, "Wave 1", "G", transfer=MARCH), who(2, "Wave 1", "R", transfer=MARCH)],
    [who(1, "", "G"), who(2, "Wave 2", "R", transfer=APRIL)],
])
def test_what_is_no_clash(people):
    assert clashes(waves(people, [])) == []


def test_the_most_urgent_get_the_first_wave_with_confirmed_hours_left_and_nobody_goes_before_them():
    people = [who(1, "Wave 1", "R", 10, MARCH), who(2, "Wave 2", "G", 10, APRIL), who(3, "", "G", 3), who(4, "", "R", 12), who(5, "", "A", 6)]
    lines, nobody = suggested(people, (25, FEBRUARY), (21, APRIL))
    assert (lines[4], lines[5], lines[3], nobody) == ("Wave 1", "Wave 2", "Wave 2", {}), "the Amber person went to the second wave, so the Green one does not go to the first"


def test_nobody_is_suggested_a_wave_before_one_that_holds_a_red_person():
    people = [who(1, "Wave 1", "A", 1, MARCH), who(2, "Wave 2", "R", 1, APRIL), who(3, "", "G", 1), who(4, "", "R", 1)]
    assert suggested(people, (100, FEBRUARY)) == ({4: "Wave 1", 3: "Wave 2"}, {})


def test_a_green_person_goes_into_no_wave_before_one_that_holds_an_amber_one():
    people = [who(1, "Wave 1", "R", 1, MARCH), who(2, "Wave 2", "A", 1, APRIL), who(3, "Wave 3", "G", 1, MAY), who(4, "", "G", 1), who(5, "", "A", 1)]
    assert suggested(people, (100, FEBRUARY)) == ({5: "Wave 1", 4: "Wave 2"}, {})


def test_only_confirmed_hours_that_have_begun_by_the_first_day_count():
    people = [who(1, "Wave 1", "R", 10, MARCH), who(2, "Wave 2", "A", 10, APRIL), who(3, "", "R", 5)]
    assert suggested(people, (10, FEBRUARY), (40, APRIL)) == ({3: "Wave 2"}, {})
    assert suggested(people, (10, FEBRUARY), (10, APRIL)) == ({}, {"no wave has confirmed hours left for them": 1})
    assert suggested(people) == ({}, {"no wave has confirmed hours left for them": 1})


def test_a_wave_that_is_through_or_past_takes_nobody():
    past = [who(1, "Wave 1", "R", 1, FEBRUARY), who(2, "Wave 2", "R", 1, MARCH, moved=True), who(3, "", "R", 1)]
    assert suggested(past, (100, FEBRUARY)) == ({}, {"every wave is through: give the next one a name on the list": 1})
    assert suggested([*past, who(4, "Wave 3", "G", 1, TODAY)], (100, FEBRUARY)) == ({3: "Wave 3"}, {})


def test_while_nobody_has_a_wave_each_priority_names_one():
    people = [who(1, "", "G"), who(2, "", "R"), who(3, "", "A"), who(4, "", "R", moved=True)]
    assert suggested(people, (40, FEBRUARY)) == ({2: "Wave 1", 3: "Wave 2", 1: "Wave 3"}, {})
    assert suggested(people, (35, FEBRUARY)) == ({2: "Wave 1", 3: "Wave 2"}, {"no wave has confirmed hours left for them": 1})


def test_who_is_not_rated_or_has_no_hours_waits_and_says_why():
    people = [who(1, "Wave 1", "R", 1, MARCH), who(2, "", ""), who(3, "", "R", None), who(4, "", "X")]
    assert suggested(people, (100, FEBRUARY)) == ({}, {"not rated yet": 2, "weekly hours are not entered": 1})


def test_people_of_one_home_go_together_or_wait_together():
    couple = [who(2, "", "G", 6, home="h"), who(3, "", "R", 6, home="h")]
    held = [who(1, "Wave 1", "A", 1, MARCH), who(4, "Wave 2", "A", 1, APRIL)]
    assert suggested([*held, *couple], (13, FEBRUARY), (50, APRIL)) == ({2: "Wave 1", 3: "Wave 1"}, {})
    assert suggested([*held, *couple], (12, FEBRUARY), (50, APRIL)) == ({2: "Wave 2", 3: "Wave 2"}, {})
    unrated = [who(2, "", "", 6, home="h"), who(3, "", "R", 6, home="h")]
    apart = "live with somebody who has no wave yet, or whose wave is through or has no confirmed hours left"
    assert suggested([*held, *unrated], (99, FEBRUARY)) == ({}, {"not rated yet": 1, apart: 1})
    joins = [who(2, "Wave 2", "G", 6, APRIL, home="h"), who(3, "", "R", 6, home="h")]
    assert suggested([*held, *joins], (99, FEBRUARY)) == ({3: "Wave 2"}, {})
    assert suggested([*held, *joins], (12, FEBRUARY)) == ({}, {apart: 1})
