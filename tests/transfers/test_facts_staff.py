"""Workforce facts: figures, reasons, and the same number of queries for one and for many."""

from datetime import date

import pytest

from tests.factories import ground, people, staff
from transfers.facts.staff import staff_facts
from transfers.models.staff import CompetenceRecord

pytestmark = pytest.mark.django_db

DONE = ("asked_on", "route_chosen_on", "measures_received_on", "information_given_on", "eli_received_on", "consultation_closed_on", "employment_moved_on")


@pytest.mark.parametrize("number", [1, 30])
def test_a_fixed_number_of_queries(programme, number, django_assert_num_queries):
    staff.essential_checks(programme)
    staff.tupe(programme)
    for _ in range(number):
        CompetenceRecord.objects.create(staff=staff.member(programme), skill="medication", state="booked")
    with django_assert_num_queries(5):
        facts = staff_facts(programme, date(2027, 3, 1))
    assert (facts.total, facts.transferring, facts.skills[0].booked, facts.skills[0].validated) == (number, number, number, 0)


def test_nothing_to_count_is_no_percentage(programme):
    facts = staff_facts(programme, date(2027, 3, 1))
    assert (facts.total, facts.mandatory_training_pct, facts.colour, facts.reasons) == (0, None, "G", ())


def test_who_objected_does_not_count(programme):
    staff.essential_checks(programme)
    staff.member(programme)
    staff.member(programme, objected_on=date(2027, 2, 1))
    staff.member(programme, objected_by_file=True)
    staff.member(programme, assigned=False)
    facts = staff_facts(programme, date(2027, 3, 1))
    assert (facts.total, facts.transferring, facts.objected, facts.mandatory_training_pct) == (4, 1, 2, 0.0)


@pytest.mark.parametrize(
    ("as_of", "colour", "reasons"),
    [
        (date(2027, 3, 22), "G", ()),
        (date(2027, 3, 23), "R", ("High-risk sign-off is 50 %, and must be 100 %", "Mandatory training validated is 50 %, under 80 %")),
        (date(2027, 4, 1), "R", ("High-risk sign-off is 50 %, and must be 100 %", "Mandatory training validated is 50 %, under 80 %")),
    ],
)
def test_training_is_judged_in_the_last_five_working_days(as_of, colour, reasons):
    programme = ground.provider_exit(exit_date=date(2027, 4, 1))
    for requirement in staff.essential_checks(programme)[1:]:
        requirement.mandatory = False
        requirement.save()
    staff.tupe(programme, date(2027, 4, 1), **dict.fromkeys(DONE, date(2027, 1, 5)))
    done = staff.member(programme)
    staff.member(programme)
    CompetenceRecord.objects.create(staff=done, skill="medication", state="validated", assessor_name="A. Lead", signed_off_on=date(2027, 3, 1), expires_on=date(2027, 4, 1))
    facts = staff_facts(programme, as_of)
    assert (facts.colour, facts.reasons) == (colour, reasons)


OPENS = "The lead commissioning manager or the workforce lead opens it under Staff"


@pytest.mark.parametrize(
    ("as_of", "colour", "reasons"),
    [
        (date(2027, 1, 20), "N", ("Staff are listed without a TUPE record; its first date is 28 Jan 2027", OPENS)),
        (date(2027, 3, 4), "A", ("Staff are listed without a TUPE record; its first date is 28 Jan 2027", OPENS)),
        (date(2027, 3, 5), "R", ("Staff are listed without a TUPE record; ELI was due by 4 Mar 2027", OPENS)),
    ],
)
def test_staff_whose_transfer_nobody_watches_are_never_on_their_dates(as_of, colour, reasons):
    programme = ground.provider_exit(exit_date=date(2027, 6, 1), staff_transfer_date=date(2027, 4, 1))
    staff.member(programme, job_role="Cook")
    staff.member(programme, incoming=people.incoming(programme))
    facts = staff_facts(programme, as_of)
    assert (facts.colour, facts.reasons, facts.by_role) == (colour, reasons, (("Care worker", 1), ("Cook", 1)))
    staff.tupe(programme, date(2027, 4, 1), **dict.fromkeys(DONE, date(2027, 1, 5)))
    assert (staff_facts(programme, as_of).colour, staff_facts(programme, as_of).reasons) == ("G", ())


def test_a_record_of_other_employers_watches_nobody_else(programme):
    blue, oyster = people.incoming(programme), people.incoming(programme, "Oyster Bay Care Ltd")
    staff.member(programme, incoming=oyster)
    staff.tupe(programme, date(2027, 4, 1), transferee=blue, **dict.fromkeys(DONE, date(2027, 1, 5)))
    assert (staff_facts(programme, date(2027, 1, 6)).colour, staff_facts(programme, date(2027, 1, 6)).reasons) == ("A", ("Staff are listed without a TUPE record or a transfer date (X)", OPENS))


def test_nobody_who_transfers_needs_no_record(programme):
    staff.member(programme, assigned=False)
    staff.member(programme, objected_by_file=True)
    assert (staff_facts(programme, date(2027, 3, 5)).colour, staff_facts(programme, date(2027, 3, 5)).reasons) == ("G", ())


def test_late_eli_turns_the_workforce_red(programme):
    staff.tupe(programme, date(2027, 4, 1), asked_on=date(2027, 1, 5), route_chosen_on=date(2027, 1, 5), measures_received_on=date(2027, 1, 5), information_given_on=date(2027, 1, 5))
    assert staff_facts(programme, date(2027, 3, 4)).colour == "A"
    facts = staff_facts(programme, date(2027, 3, 5))
    assert (facts.colour, facts.reasons) == ("R", ("ELI not received by 4 Mar 2027",))
