"""Domain 5.9 and 5.16: worked examples and boundaries, without a database."""

from datetime import date, timedelta

import pytest

from transfers.rules import competence, tupe

X = date(2027, 4, 1)


def stage(field, as_of, done=None, **extra):
    row = next(row for row in tupe.timeline(X, extra.pop("division", "england-and-wales"), done or {}, **extra) if row.stage.field == field)
    colour, reason = row.moments.at(as_of)
    return row, colour.value, reason


def test_due_dates_of_the_table():
    assert {row.stage.field: row.due for row in tupe.timeline(X, "england-and-wales", {})} == {
        "asked_on": date(2027, 1, 28),
        "route_chosen_on": date(2027, 2, 4),
        "measures_received_on": date(2027, 2, 25),
        "information_given_on": date(2027, 3, 2),
        "eli_received_on": date(2027, 3, 4),
        "consultation_closed_on": X,
        "employment_moved_on": X,
    }


def test_eli_received_on_the_last_day_is_met():
    row, colour, _ = stage("eli_received_on", X, {"eli_received_on": date(2027, 3, 4)})
    assert (row.late_days, colour) == (0, "B")


def test_eli_received_5_march_is_red_and_one_day_late():
    row, colour, reason = stage("eli_received_on", date(2027, 3, 5), {"eli_received_on": date(2027, 3, 5)})
    assert (row.late_days, colour, reason) == (1, "R", "ELI received 1 day late")


@pytest.mark.parametrize(
    ("as_of", "colour"),
    [(date(2027, 2, 24), "G"), (date(2027, 2, 25), "A"), (date(2027, 3, 4), "A"), (date(2027, 3, 5), "R")],
)
def test_eli_outstanding_turns_amber_a_week_before_and_red_the_day_after(as_of, colour):
    assert stage("eli_received_on", as_of)[1] == colour


def test_northern_ireland_has_fourteen_days():
    assert stage("eli_received_on", X, division="northern-ireland")[0].due == date(2027, 3, 18)


def test_an_emergency_is_flagged_and_not_red():
    assert stage("eli_received_on", date(2027, 3, 20), special_circumstances=True)[1:] == (
        "A",
        "Employee liability information received: due 4 Mar 2027 and open; special circumstances, as soon as practicable",
    )


def test_the_transfer_date_passed_with_consultation_open_is_red():
    assert stage("consultation_closed_on", X)[1] == "A"
    assert stage("consultation_closed_on", X + timedelta(days=1))[1:] == ("R", "The transfer date passed with consultation open")


@pytest.mark.parametrize(
    ("as_of", "colour", "since"),
    [
        (date(2027, 1, 20), "N", "its first date is 28 Jan 2027"),
        (date(2027, 1, 21), "A", "its first date is 28 Jan 2027"),
        (date(2027, 3, 4), "A", "its first date is 28 Jan 2027"),
        (date(2027, 3, 5), "R", "ELI was due by 4 Mar 2027"),
        (date(2027, 4, 2), "R", "ELI was due by 4 Mar 2027"),
    ],
)
def test_staff_without_a_record_are_judged_as_a_timeline_on_which_nothing_is_done_and_never_green(as_of, colour, since):
    assert tupe.unopened(X, "england-and-wales", as_of) == (colour, f"Staff are listed without a TUPE record; {since}")


def test_staff_without_a_record_are_at_risk_where_no_date_is_known_and_have_fourteen_days_in_northern_ireland():
    assert tupe.unopened(None, "scotland", X) == ("A", "Staff are listed without a TUPE record or a transfer date (X)")
    assert [tupe.unopened(X, "northern-ireland", date(2027, 3, day))[0] for day in (18, 19)] == ["A", "R"]


@pytest.mark.parametrize(
    ("giver", "taker", "pairs", "found"),
    [
        (1, 2, [], False), (None, None, [], False), (1, 2, [(1, None)], True), (1, 2, [(1, 2)], True), (1, 3, [(1, 2)], False), (4, 2, [(1, 2)], False), (4, 2, [(1, None)], False),
        (1, None, [(1, 2)], True), (None, 2, [(1, 2)], True), (None, 3, [(1, 2)], False), (1, 3, [(1, 2), (1, None)], True),
    ],
)
def test_a_record_watches_the_dates_of_its_own_pair_of_employers(giver, taker, pairs, found):
    assert tupe.watched(giver, taker, pairs) is found


@pytest.mark.parametrize(
    ("reps", "staff", "moving", "allowed"),
    [(False, 49, 40, True), (False, 50, 9, True), (False, 50, 10, False), (True, 10, 2, False)],
)
def test_direct_consultation(reps, staff, moving, allowed):
    assert (tupe.direct_consultation_refused(has_representatives=reps, employer_staff=staff, transferring=moving) == "") is allowed


@pytest.mark.parametrize(
    ("state", "expires", "counted"),
    [("booked", None, False), ("completed", None, False), ("validated", None, True), ("validated", X, True), ("validated", X - timedelta(days=1), False)],
)
def test_only_validated_and_in_date_counts(state, expires, counted):
    assert competence.counts(competence.Record("medication", state, expires), X) is counted
    assert competence.may_do_medication([competence.Record("medication", state, expires)], X) is counted


def test_not_ready_names_every_missing_skill():
    needs = [competence.Requirement("medication", True, True), competence.Requirement("safeguarding"), competence.Requirement("driving", mandatory=False)]
    assert competence.not_ready([competence.Record("safeguarding", "completed")], needs, X) == ["medication", "safeguarding"]


@pytest.mark.parametrize(("shifts", "refused"), [(0, True), (1, True), (2, False)])
def test_two_shadow_shifts_before_reassessment(shifts, refused):
    assert bool(competence.reassess_refused(shifts)) is refused


@pytest.mark.parametrize(
    ("mandatory", "high", "window", "colour"),
    [
        (100.0, 100.0, True, "G"),
        (94.99, 100.0, True, "A"),
        (95.0, 100.0, True, "G"),
        (80.0, 100.0, True, "A"),
        (79.99, 100.0, True, "R"),
        (100.0, 99.96, True, "R"),
        (10.0, 10.0, False, "G"),
        (None, None, True, "G"),
    ],
)
def test_training_in_the_window(mandatory, high, window, colour):
    assert competence.training_verdict(mandatory, high, within_window=window).colour == colour


def test_a_percentage_is_shown_rounded_down():
    assert competence.training_verdict(100.0, 99.96, within_window=True).reasons == ("High-risk sign-off is 99.9 %, and must be 100 %",)


def test_gaps_in_medication_and_digital_records_are_named():
    needs = [competence.Requirement(skill, mandatory=True, high_risk=skill == "medication") for skill in ("medication", "infection_control", "safeguarding", "digital_records")]
    held = [competence.Record(skill, "validated") for skill in ("infection_control", "safeguarding")]
    assert competence.not_ready(held, needs, X) == ["medication", "digital_records"]
