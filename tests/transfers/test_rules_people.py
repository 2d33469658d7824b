"""Dues, priority, sharing, safety, care plans and progress: every worked example of domain 5.1–5.7 and 10; no database."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilisation.moments import Colour
from mobilisation.working_days import WorkingCalendar
from tests.factories.ground import HOLIDAYS_2026, HOLIDAYS_2027
from transfers.rules import care_plans, safety, sharing
from transfers.rules.dues import Anchors, all_dues, compress, due, plan_due, safety_due, second_safety_due
from transfers.rules.gates import CODES
from transfers.rules.priority import Needs, green_in_doubt, suggest
from transfers.rules.progress import PersonFacts, moments

CAL = WorkingCalendar(frozenset(HOLIDAYS_2026 + HOLIDAYS_2027))
T = date(2027, 4, 1)
D0 = date(2027, 1, 4)
EARLY = date(2026, 6, 1)
PLANNED = Anchors(D0, T, EARLY, priority="A")


@pytest.mark.parametrize(
    ("offset", "day"),
    [("-1w", date(2027, 3, 31)), ("-3w", date(2027, 3, 25)), ("-5w", date(2027, 3, 23)), ("-10w", date(2027, 3, 16)), ("-20w", date(2027, 3, 2)), ("+1w", date(2027, 4, 2)), ("+5w", date(2027, 4, 8))],
)
def test_working_days_around_easter_2027(offset, day):
    assert CAL.offset(T, offset) == day


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("C01", date(2027, 1, 7)), ("C02", date(2027, 1, 14)), ("C03", date(2027, 1, 18)), ("C04", date(2027, 1, 20)), ("C05", date(2027, 1, 20)), ("C06", date(2027, 3, 9)),
        ("C07", date(2027, 3, 16)), ("C08", date(2027, 3, 16)), ("C09", date(2027, 3, 16)), ("C10", date(2027, 3, 23)), ("C11", date(2027, 3, 23)), ("C12", date(2027, 3, 25)),
        ("C13", T), ("C14", date(2027, 3, 31)), ("C15", T), ("C16", date(2027, 4, 2)), ("C17", date(2027, 4, 8)), ("C18", date(2027, 4, 29)), ("C19", date(2027, 5, 13)), ("C20", date(2027, 5, 16)),
    ],
)
def test_dues_of_the_planned_pace(code, day):
    assert due(code, PLANNED, CAL) == day


@pytest.mark.parametrize(
    ("code", "day"),
    [("C01", D0), ("C02", date(2027, 1, 5)), ("C07", date(2027, 3, 31)), ("C10", date(2027, 4, 5)), ("C12", T), ("C13", date(2027, 4, 8)), ("C14", T), ("C17", date(2027, 4, 15))],
)
def test_dues_of_the_emergency_pace(code, day):
    assert due(code, replace(PLANNED, pace="emergency"), CAL) == day


def test_a_red_person_is_assessed_five_days_earlier():
    assert due("C07", replace(PLANNED, priority="R"), CAL) == date(2027, 3, 9)


def test_nothing_is_due_earlier_than_one_working_day_after_the_listing():
    late = replace(PLANNED, listed_on=date(2027, 3, 29))
    assert {code: day for code, day in all_dues(late, CAL).items() if day < date(2027, 3, 31)} == dict.fromkeys(["C01", "C02", "C03", "C04", "C05", "C06", "C07", "C08", "C09", "C10", "C11", "C12"], date(2027, 3, 30))


def test_without_t_only_the_steps_from_the_decision_are_dated():
    assert set(all_dues(replace(PLANNED, t=None), CAL)) == {"C01", "C02", "C03", "C04", "C05"}


@pytest.mark.parametrize(("offset", "weeks", "found"), [(12, 6, 6), (10, 6, 5), (3, 6, 1), (3, 2, 1), (8, 11, 7), (0, 3, 0), (10, 20, 10), (10, 0, 1)])
def test_compressed_pace_scales_by_weeks_to_e_rounded_down_at_least_one(offset, weeks, found):
    assert compress(offset, weeks) == found


def test_compressed_pace_scales_the_offsets_from_the_decision_only():
    tight = replace(PLANNED, pace="compressed", weeks_to_e=6)
    assert (due("C04", tight, CAL), due("C08", tight, CAL)) == (date(2027, 1, 12), date(2027, 3, 16))


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_compressed_offset_is_never_later_than_the_planned_one(offset, weeks):
    assert compress(offset, weeks) <= max(offset, 1)


@pytest.mark.parametrize(
    ("needs", "letter"),
    [
        (Needs(weekly_hours=10), "G"),
        (Needs(weekly_hours=15), "A"),
        (Needs(weekly_hours=15, cognitive_or_ld=True, other_format=True), "R"),
        (Needs(weekly_hours=6, peg_or_clinical=True), "R"),
        (Needs(weekly_hours=14), "A"),
        (Needs(weekly_hours=13.99), "G"),
        (Needs(visits_per_day=4), "A"),
        (Needs(lives_alone=True), "A"),
        (Needs(lives_alone=True, dementia=True), "R"),
        (Needs(dementia=True, in_hospital=True), "A"),
        (Needs(unknown_without_plan=True), "A"),
        (Needs(safeguarding_open=True), "R"),
        (Needs(end_of_life=True), "R"),
        (Needs(double_handed=True), "R"),
        (Needs(time_critical=True), "R"),
        (Needs(insulin_or_controlled=True), "R"),
        (Needs(carer_strain=True, in_hospital=True, other_format=True), "R"),
    ],
)
def test_suggested_priority(needs, letter):
    assert suggest(needs).letter == letter


@pytest.mark.parametrize(
    ("funding", "route"),
    [("council", "transfer"), ("chc", "transfer"), ("joint", "transfer"), ("other_authority", "await_instruction"), ("self", "person_choice"), ("direct_payment", "person_choice"), ("", "")],
)
def test_the_file_goes_by_the_funding(funding, route):
    assert sharing.file_route(funding) == route


def test_a_refusal_to_share_stops_the_pack_until_the_ol_says_how_care_stays_safe():
    assert sharing.pack_refused("refused", " ").startswith("The person refused sharing.")
    assert sharing.pack_refused("refused", "Family gives the handover") == sharing.pack_refused("direct_care", "") == ""


def test_files_wait_for_an_instruction_or_a_choice():
    assert "instruction" in sharing.file_refused("other_authority", "", "")
    assert "choice" in sharing.file_refused("self", "", "")
    assert sharing.file_refused("council", "", "") == sharing.file_refused("other_authority", "Send to Medway", "") == sharing.file_refused("self", "", "Takes it along") == ""


@pytest.mark.parametrize(("priority", "day"), [("R", T), ("A", date(2027, 4, 2)), ("G", date(2027, 4, 6)), ("", T)])
def test_safety_check_by_priority(priority, day):
    assert safety_due(T, priority, CAL) == day


def test_a_red_person_is_checked_twice():
    assert (second_safety_due(T, "R"), second_safety_due(T, "A")) == (date(2027, 4, 8), None)


def test_what_completes_a_safety_check():
    assert [outcome for outcome in ("safe", "concern", "unable_to_contact", "confirmed_by_other_body") if safety.completes(outcome)] == ["safe", "concern", "confirmed_by_other_body"]
    assert len(safety.QUESTIONS) == 9


@pytest.mark.parametrize(
    ("tries", "priority", "representative", "words"),
    [
        (1, "R", True, "Try once more today."),
        (2, "R", True, "Contact the representative. Priority Red: a welfare visit today."),
        (2, "G", True, "Contact the representative."),
        (2, "R", False, "There is no representative to contact. Priority Red: a welfare visit today."),
    ],
)
def test_after_two_failed_tries(tries, priority, representative, words):
    assert safety.after_failed_tries(tries, priority, representative) == words


def test_another_body_confirms_only_its_own_people_and_is_named():
    assert len(safety.outcome_refused("confirmed_by_other_body", "council", "", "")) == 2
    assert safety.outcome_refused("confirmed_by_other_body", "chc", "Kent and Medway ICB", "") == []
    assert len(safety.outcome_refused("concern", "council", "", " ")) == 1


def test_a_peg_plan_is_due_on_a_sunday_and_overdue_the_day_after():
    assert plan_due(T, True) == date(2027, 4, 11)
    assert plan_due(T, False) == date(2027, 4, 29)
    facts = replace(MOVED, dues={"C18": date(2027, 4, 11)})
    assert moments(facts, CAL).at(date(2027, 4, 11))[0] == Colour.GREEN
    assert moments(facts, CAL).at(date(2027, 4, 12))[0] == Colour.AMBER


def test_a_discrepancy_needs_a_call_and_an_update_the_same_day():
    assert care_plans.missing_to_close(False, False) == ["Call the commissioning officer.", "Update the plan."]
    assert care_plans.missing_to_close(True, True) == []
    assert care_plans.validation_refused(2) == "2 discrepancies are still open. Close them first."
    facts = replace(MOVED, discrepancies_due=(date(2027, 4, 5),))
    assert (moments(facts, CAL).at(date(2027, 4, 5))[0], moments(facts, CAL).at(date(2027, 4, 6))) == (Colour.GREEN, (Colour.RED, "Care-plan discrepancy not closed by 5 Apr 2027"))


def upto(number):
    return {f"C{n:02d}": "done" for n in range(1, number + 1)}


MOVED = PersonFacts(states=upto(17), dues={}, t=T, updated_on=date(2027, 4, 7))
MARCH = PersonFacts(states=upto(6), dues={}, t=T, updated_on=date(2027, 3, 1))


def at(facts, day):
    return moments(facts, CAL).at(day)


def test_closed_is_blue_whatever_else():
    assert at(replace(MOVED, states=upto(20), held=True, hold_review_on=EARLY), date(2028, 1, 1))[0] == Colour.BLUE


def test_past_t_without_a_first_visit_is_red_the_day_after():
    facts = replace(MARCH, states=upto(14), updated_on=T)
    assert (at(facts, T)[0], at(facts, date(2027, 4, 2))) == (Colour.GREEN, (Colour.RED, "Transfer date 1 Apr 2027 passed without a first visit"))


@pytest.mark.parametrize("stopped", [{"in_hospital": True}, {"held": True, "hold_review_on": date(2027, 4, 20)}])
def test_past_t_in_hospital_or_held_is_amber(stopped):
    facts = replace(MARCH, states=upto(14), updated_on=T, dues={"C15": T}, **stopped)
    assert at(facts, date(2027, 4, 2))[0] == Colour.AMBER


def test_nobody_held_before_the_first_visit_is_late_for_the_check_after_it():
    """The check follows the first visit, which the hold stops; once it was made the check is late like any other."""
    facts = replace(MARCH, states=upto(14), updated_on=T, dues={"C15": T, "C16": T}, held=True, hold_review_on=date(2027, 4, 20))
    assert at(facts, date(2027, 4, 2))[0] == Colour.AMBER
    assert at(replace(facts, states=upto(15)), date(2027, 4, 2)) == (Colour.RED, "C16 Safety check done: overdue since 1 Apr 2027")


def test_a_hold_is_red_the_day_after_its_review():
    facts = replace(MARCH, held=True, hold_review_on=date(2027, 3, 4))
    assert (at(facts, date(2027, 3, 4))[0], at(facts, date(2027, 3, 5))) == (Colour.AMBER, (Colour.RED, "Hold not reviewed by 4 Mar 2027"))


@pytest.mark.parametrize("code", ["C14", "C16"])
def test_ready_and_safety_overdue_are_red_at_once(code):
    facts = replace(MARCH, dues={code: date(2027, 3, 2)})
    assert (at(facts, date(2027, 3, 2))[0], at(facts, date(2027, 3, 3))[0]) == (Colour.GREEN, Colour.RED)


def test_others_are_amber_up_to_five_working_days_and_red_beyond():
    facts = replace(MARCH, dues={"C07": date(2027, 3, 1)}, updated_on=date(2027, 3, 8))
    assert [at(facts, date(2027, 3, day))[0] for day in (1, 2, 8, 9)] == [Colour.GREEN, Colour.AMBER, Colour.AMBER, Colour.RED]


def test_a_waiver_is_amber_until_the_safety_check():
    assert at(replace(MARCH, states=upto(6) | {"C05": "waived"}), date(2027, 3, 2)) == (Colour.AMBER, "C05 waived")
    assert at(replace(MOVED, states=upto(17) | {"C08": "waived"}), date(2027, 4, 8))[0] == Colour.GREEN


def test_no_provider_within_five_working_days_of_t_is_amber():
    facts = replace(MARCH, states=upto(8), updated_on=date(2027, 3, 22))
    assert (at(facts, date(2027, 3, 22))[0], at(facts, date(2027, 3, 23))[0]) == (Colour.GREEN, Colour.AMBER)


def test_nobody_updated_the_row_for_five_working_days_is_amber():
    assert (at(MARCH, date(2027, 3, 5))[0], at(MARCH, date(2027, 3, 8))) == (Colour.GREEN, (Colour.AMBER, "Nobody has updated this row since 1 Mar 2027"))


def test_before_the_priority_is_set_it_is_grey():
    assert at(replace(MARCH, states=upto(2)), date(2027, 3, 2))[0] == Colour.GREY


def test_gaps_of_the_take_on_are_amber_until_put_right():
    assert at(replace(MARCH, take_on_gaps=("C02",)), date(2027, 3, 2)) == (Colour.AMBER, "Reported by file, still to put right: C02")


def test_a_concern_without_an_owner_is_red():
    assert at(replace(MARCH, concern_without_owner=True), date(2027, 3, 2)) == (Colour.RED, "Safeguarding concern without an owner")


def test_paused_checkpoints_do_not_run_late_in_hospital():
    facts = replace(MARCH, in_hospital=True, dues={code: date(2027, 3, 1) for code in CODES if code in {"C07", "C08", "C10", "C11", "C12", "C14"}})
    assert at(facts, date(2027, 3, 30))[0] == Colour.AMBER


def test_somebody_who_left_has_no_colour_of_progress():
    assert at(replace(MARCH, ended=True, concern_without_owner=True), date(2027, 3, 30))[0] == Colour.GREY


@pytest.mark.parametrize(("letter", "needs", "said"), [
    ("G", Needs(), ""), ("A", Needs(unknown_without_plan=True), ""), ("G", Needs(double_handed=True), "The needs suggest Red (double-handed). Say why Green is right."),
    ("G", Needs(unknown_without_plan=True), "Not known to the council: Amber until an assessment or information was offered. Say when it was offered, and by whom."),
    ("G", Needs(insulin_or_controlled=True), "The needs suggest Red (insulin or controlled medication). Say why Green is right."),
    ("G", Needs(lives_alone=True, no_other_help=True), "The needs suggest Red (lives alone with dementia or no other help; lives alone). Say why Green is right."),
])
def test_green_that_needs_a_reason(letter, needs, said):
    assert green_in_doubt(letter, needs) == said
