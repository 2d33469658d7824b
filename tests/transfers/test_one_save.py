"""What one change of a person costs, and that what is remembered between two saves is never out of date."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mobilisation.models import CalendarDay, Change
from risks.models import SafeguardingConcern
from tests.factories import ground, people
from transfers.models import Discrepancy, Hold, PersonConcern, PersonTransfer, SafetyCheck
from transfers.services import people as services
from transfers.services import standing, turning
from transfers.services.standing import Held, Mark

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def person(programme):
    made = people.person(programme, done=people.ready_up_to("C04"), planned_transfer_date=date(2027, 4, 1), priority="R")
    made.programme = programme
    return made


@pytest.mark.parametrize("others", [0, 5])
def test_a_change_costs_four_statements(programme, person, others):
    """The row under lock, what its standing rests on, the row, its history."""
    for _ in range(others):
        people.person(programme, done=people.ready_up_to("C02"))
    actor = ground.actor("MT", programme)
    services.update_person(person, {"next_action": "Ring"}, actor=actor)
    with CaptureQueriesContext(connection) as seen:
        assert services.update_person(person, {"next_action": "Ring again", "wave": "2"}, actor=actor, expected_version=person.version) is not None
    assert [query["sql"].split(" ", 1)[0] for query in seen.captured_queries if "SAVEPOINT" not in query["sql"]] == ["SELECT", "SELECT", "UPDATE", "INSERT"]
    assert turning.drift(programme) == []


def test_dues_and_colour_are_written_with_the_change_and_stand_in_hand(programme, person):
    services.update_person(person, {"planned_transfer_date": date(2027, 5, 4)}, actor=people.operator())
    row = PersonTransfer.objects.get(pk=person.pk)
    assert (row.next_due, row.safety_due, row.touched_on, row.version) == (person.next_due, date(2027, 5, 4), date(2027, 3, 15), 2)
    assert (person.moments, turning.drift(programme)) == (row.moments, [])
    assert list(Change.objects.filter(object_id=person.pk, entity="transfers.persontransfer").order_by("-pk").first().fields) == ["planned_transfer_date"]


def test_a_new_holiday_counts_with_the_next_save(programme, person):
    services.update_person(person, {"next_action": "a"}, actor=people.operator())
    due = person.next_due
    for change in (lambda: CalendarDay.objects.create(division="england-and-wales", date=due, title="Local day", kind="local"), lambda: CalendarDay.objects.filter(title="Local day").delete()):
        change()
        services.update_person(person, {"next_action": f"{person.next_action}b"}, actor=people.operator())
        assert turning.drift(programme) == []


def test_everything_a_standing_rests_on_is_read(programme, person, django_assert_num_queries):
    other = people.person(programme)
    day = date(2027, 3, 10)
    Discrepancy.objects.create(person=person, kind="allergy", found_on=day)
    Discrepancy.objects.create(person=person, kind="other", found_on=day, officer_called_on=day, plan_updated_on=day)
    Discrepancy.objects.create(person=person, kind="other", found_on=day, closed_on=day)
    for number, on, outcome in ((1, 9, "safe"), (2, 8, "safe"), (2, 6, "concern"), (2, 12, "unable_to_contact")):
        SafetyCheck.objects.create(person=person, number=number, done_on=date(2027, 3, on), outcome=outcome)
    for owner in ("", "Ward sister"):
        concern = SafeguardingConcern.objects.create(programme=programme, category="Neglect", raised_on=day, owner_name=owner)
        PersonConcern.objects.create(person=person if not owner else other, concern=concern)
    Hold.objects.create(programme=programme, scope="wave", wave="9", reason="No rota", from_date=day, review_on=day)
    Hold.objects.create(programme=programme, scope="person", person=other, reason="Family", from_date=day, lifted_on=day)
    with django_assert_num_queries(1):
        found = standing.read([person.pk, other.pk], programme)
    assert (found.marks, found.discrepancies, found.second, found.unowned) == (
        {person.pk: [Mark(code, "done", people.LISTED, False) for code in ("C01", "C02", "C03", "C04")]}, {person.pk: [day]}, {person.pk: date(2027, 3, 8)}, {person.pk},
    )
    assert (found.holds, bool(found.calendar)) == ([Held("wave", None, None, "9", day)], True)
