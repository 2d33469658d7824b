"""Workforce facts: figures, reasons, and the same number of queries for one and for many."""

from datetime import date

import pytest

from tests.factories import ground, staff
from transfers.facts.staff import staff_facts
from transfers.models.staff import CompetenceRecord

pytestmark = pytest.mark.django_db


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
    done = staff.member(programme)
    staff.member(programme)
    CompetenceRecord.objects.create(staff=done, skill="medication", state="validated", assessor_name="A. Lead", signed_off_on=date(2027, 3, 1), expires_on=date(2027, 4, 1))
    facts = staff_facts(programme, as_of)
    assert (facts.colour, facts.reasons) == (colour, reasons)


def test_late_eli_turns_the_workforce_red(programme):
    staff.tupe(programme, date(2027, 4, 1), asked_on=date(2027, 1, 5), route_chosen_on=date(2027, 1, 5), measures_received_on=date(2027, 1, 5), information_given_on=date(2027, 1, 5))
    assert staff_facts(programme, date(2027, 3, 4)).colour == "A"
    facts = staff_facts(programme, date(2027, 3, 5))
    assert (facts.colour, facts.reasons) == ("R", ("ELI not received by 4 Mar 2027",))
