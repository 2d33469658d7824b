"""Counts of the tracker as the position reads them."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from reporting.portfolio import positions_summary
from tests.factories import ground, people
from transfers.facts.people import checkpoint_counts, first_transfer, people_facts
from transfers.models import PersonTransfer
from transfers.services import people as people_services
from transfers.services import turning

pytestmark = pytest.mark.django_db
TODAY = date(2027, 3, 15)


def test_nobody_listed_gives_no_percentages(programme):
    facts = people_facts(programme, TODAY)
    assert (facts.total, facts.ready_pct, facts.planned_pct, facts.burn_up) == (0, None, None, ())


def test_counts_leave_out_those_who_left_and_those_in_hospital(programme):
    bluebell = people.incoming(programme)
    people.person(programme, done=people.ready_up_to("C15"), incoming_provider=bluebell, wave="1", priority="R", planned_transfer_date=date(2027, 3, 10), baseline_transfer_date=date(2027, 3, 8), actual_transfer_date=date(2027, 3, 10))
    people.person(programme, done=people.ready_up_to("C14"), incoming_provider=bluebell, wave="2", priority="G", planned_transfer_date=date(2027, 3, 14), baseline_transfer_date=date(2027, 3, 14))
    people.person(programme, done=("C01",), priority="A", planned_transfer_date=date(2027, 4, 1))
    gone = people.person(programme, done=people.ready_up_to("C15"))
    PersonTransfer.objects.filter(pk=gone.pk).update(ending="died", ended_on=TODAY)
    facts = people_facts(programme, TODAY)
    assert (facts.total, facts.ready, facts.transferred, facts.no_incoming) == (3, 2, 1, 1)
    assert (facts.past_t_without_c15, facts.safety_checks_overdue, facts.red_safety_checks_overdue) == (1, 1, 1)
    moved = PersonTransfer.objects.get(actual_transfer_date=date(2027, 3, 10))
    PersonTransfer.objects.filter(pk=moved.pk).update(status="settled")
    assert people_facts(programme, TODAY).red_safety_checks_overdue == 1, "a validated plan stands for no safety check"
    assert facts.ready_pct == pytest.approx(200 / 3)
    assert facts.planned_pct == pytest.approx(200 / 3)
    assert facts.by_priority == {"R": 1, "A": 1, "G": 1, "unrated": 0}
    assert facts.endings == {"died": 1}
    assert facts.funnel[0] == ("C01", "Listed", 3, 3)
    assert facts.funnel[13] == ("C14", "Ready", 2, 3)
    assert facts.funnel_by_wave[0] == ("1", {f"C{n:02d}": 1 for n in range(1, 16)}, 1)
    assert facts.burn_up == ((date(2027, 3, 8), 1, 0), (date(2027, 3, 10), 1, 1), (date(2027, 3, 14), 2, 1), (TODAY, 2, 1))
    assert checkpoint_counts(programme)["C14"] == (2, 3)
    assert first_transfer(programme) == date(2027, 3, 10)


def test_hospital_and_hold_stand_between_a_passed_date_and_red(programme):
    late = {"planned_transfer_date": date(2027, 3, 12)}
    for state in ({}, {"in_hospital": True}, {"on_hold": True}):
        person = people.person(programme, done=people.ready_up_to("C14"), **late)
        PersonTransfer.objects.filter(pk=person.pk).update(**state)
    moved = people.person(programme, done=people.ready_up_to("C15"), **late)
    PersonTransfer.objects.filter(pk=moved.pk).update(in_hospital=True)
    facts = people_facts(programme, TODAY)
    assert (facts.past_t_without_c15, facts.transferred, facts.in_hospital) == (1, 0, 2)
    card = positions_summary([programme], TODAY)[0]
    assert (card.people, card.transferred) == (facts.total, facts.transferred)


@pytest.mark.parametrize("many", [1, 12])
def test_facts_cost_eight_queries_however_many_people(programme, many, django_assert_num_queries):
    for _ in range(many):
        people.person(programme, done=("C01", "C02"))
    with django_assert_num_queries(8):
        people_facts(programme, TODAY)


@pytest.mark.parametrize("day", [date(2027, 1, 4), date(2027, 1, 20), date(2027, 3, 15), date(2027, 4, 30)])
def test_the_colour_in_sql_is_the_colour_of_the_rule(programme, day):
    people.person(programme, done=("C01", "C02", "C03"), priority="R", planned_transfer_date=date(2027, 3, 14))
    people.person(programme, done=("C01",))
    people.person(programme, done=people.ready_up_to("C20"), priority="G", planned_transfer_date=date(2027, 2, 1))
    people.person(programme, done=people.ready_up_to("C09"), priority="A", planned_transfer_date=date(2027, 4, 20))
    for person in PersonTransfer.objects.with_progress(day):
        assert person.colour == person.moments.at(day)[0], person.moments


def test_every_number_of_the_dashboard_equals_the_rows_behind_it(programme, sign_in):
    with time_machine.travel("2027-03-15 10:00", tick=False):
        bluebell = people.incoming(programme)
        for done, extra in (
            (("C01",), {}), (("C01", "C02", "C03"), {"planned_transfer_date": date(2027, 3, 10)}), (people.ready_up_to("C14"), {"planned_transfer_date": date(2027, 3, 12), "incoming_provider": bluebell}),
            (people.ready_up_to("C15"), {"planned_transfer_date": date(2027, 3, 1), "priority": "R"}), (people.ready_up_to("C20"), {"planned_transfer_date": date(2027, 1, 5)}),
        ):
            turning.refresh(people.person(programme, done=done, **extra), touched=False)
        person = people.person(programme, done=people.ready_up_to("C03"))
        people_services.hold(person, actor=ground.actor("OL", programme), reason="staff")
        people_services.admit(people.person(programme, done=("C01",)), actor=ground.actor("OL", programme))
        facts = people_facts(programme, TODAY)
        client = sign_in("OL", programme)
        page = reverse("transfers:person-list", args=[programme.ref])
        numbers = {
            "going": facts.total, "ready": facts.ready, "moved": facts.transferred, "past": facts.past_t_without_c15, "safety-overdue": facts.safety_checks_overdue,
            "hold": facts.on_hold, "hospital": facts.in_hospital, "no-provider": facts.no_incoming, "at-risk": facts.at_risk,
        }
        assert numbers == {"going": 7, "ready": 3, "moved": 2, "past": 2, "safety-overdue": 1, "hold": 1, "hospital": 1, "no-provider": 6, "at-risk": numbers["at-risk"]}
        assert numbers["at-risk"] > 2
        assert {key: client.get(page, {"show": key}).context["page_obj"].paginator.count for key in numbers} == numbers
        board = client.get(reverse("reporting:dashboard", args=[programme.ref])).content.decode()
        assert [key for key in numbers if key != "going" and f"{page}?show={key}" not in board] == []
