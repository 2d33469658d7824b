"""One truth behind the columns of the tracker, one way in, and the tracker still goes round with nothing changed."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mobilisation.access import Actor
from mobilisation.models import Change
from mobilisation.services.imports import import_file
from reporting import integrity
from tests.factories import ground, people
from transfers.exports.tracker import write_tracker
from transfers.models import MoneyHeld, PersonContact, PersonTransfer, ServiceOrder
from transfers.services import columns, contacts, nightly, orders
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def row(person):
    return PersonTransfer.objects.get(pk=person.pk)


def test_a_column_edited_changes_the_record_behind_it_and_history_names_the_person(programme):
    ol = ground.actor("OL", programme)
    person = people.person(programme, representative_name="M. Hartley", old_order_ref="SO-1")
    services.update_person(person, {"representative_phone": "01632 960001", "old_order_end": date(2027, 3, 31), "monies_held": True}, actor=ol)
    assert PersonContact.objects.values_list("name", "phone", "main", "version").get() == ("M. Hartley", "01632 960001", True, 2)
    assert ServiceOrder.objects.values_list("kind", "external_ref", "end").get() == ("old", "SO-1", date(2027, 3, 31))
    assert MoneyHeld.objects.values_list("holder", "amount", "settled_on").get() == ("", None, None)
    assert set(Change.objects.filter(entity="transfers.persontransfer").get().fields) == {"representative_phone", "old_order_end", "monies_held"}
    assert Change.objects.get(entity="transfers.personcontact").fields == {"phone": ["", "01632 960001"]}
    assert columns.drift(programme) == []


def test_a_representative_emptied_in_the_column_is_ended_and_kept(programme):
    person = people.person(programme, representative_name="M. Hartley", relationship="niece")
    services.update_person(person, {"representative_name": "", "relationship": ""}, actor=ground.actor("OL", programme))
    assert PersonContact.objects.values_list("name", "main", "ended_on").get() == ("M. Hartley", False, date(2027, 3, 15))
    assert columns.drift(programme) == []


def test_a_record_changed_changes_the_column(programme):
    ol = ground.actor("OL", programme)
    person = people.person(programme)
    first = contacts.add(person, {"role": "next_of_kin", "name": "A. First", "phone": "1"}, actor=ol)
    contacts.add(person, {"role": "attorney", "name": "B. Second"}, actor=ol)
    assert (row(person).representative_name, row(person).representative_phone) == ("A. First", "1")
    contacts.end(first, actor=ol, why="moved abroad")
    assert (row(person).representative_name, row(person).representative_phone) == ("B. Second", "")
    made = orders.add(person, "new", {"external_ref": "SO-2", "start": date(2027, 4, 1)}, actor=ol)
    assert (row(person).new_order_ref, row(person).new_order_start) == ("SO-2", date(2027, 4, 1))
    orders.change(made, {"payment_ref": "PA-2"}, actor=ol)
    assert row(person).payment_ref == "PA-2"
    assert columns.drift(programme) == []


def test_a_new_order_asks_for_a_payment_of_its_own(programme):
    ol = ground.actor("OL", programme)
    person = people.person(programme, old_order_ref="SO-1", payment_ref="FAN9000", incoming_provider=people.incoming(programme))
    assert ServiceOrder.objects.values_list("kind", "payment_ref").get() == ("old", "FAN9000")
    orders.add(person, "new", {"external_ref": "SO-2"}, actor=ol)
    assert row(person).payment_ref == ""


def test_a_difference_is_named_by_check_integrity_and_mended_at_night(programme):
    people.person(programme)
    person = people.person(programme, representative_name="M. Hartley")
    PersonContact.objects.update(name="M. Ashdown")
    assert list(integrity.people_stand_as_the_rules_say()) == [
        f"{programme.reference}: person {person.public_id}: a column of the tracker says something else than the contacts, orders, monies or care-plan check behind it."
    ]
    assert nightly.check(programme) == 1
    assert row(person).representative_name == "M. Ashdown"
    assert Change.objects.get(action="mended").actor_label == "system: nightly check"
    assert list(integrity.people_stand_as_the_rules_say()) == []


def test_the_tracker_goes_out_with_its_orders_and_comes_back_with_nothing_changed(db):
    with time_machine.travel("2026-11-23 10:00", tick=False):
        leaving = ground.provider_exit("MEADOW", decision_date=date(2026, 10, 5), exit_date=date(2026, 12, 31))
        import_file("tracker", leaving, Actor.operator(), (DATA / "council-tracker.xlsx").read_bytes(), "council-tracker.xlsx")
        assert columns.drift(leaving) == []
        one, two = PersonTransfer.objects.filter(programme=leaving).exclude(representative_name="")[:2]
        ol = ground.actor("OL", leaving)
        contacts.change(one.personcontacts.get(main=True), {"phone": "01632 960123"}, actor=ol)
        orders.add(two, "new", {"external_ref": "SO-9", "start": two.planned_transfer_date, "payment_ref": "PA-9", "care_item": "Home care", "budget_code": "B-1"}, actor=ol)
        file = io.BytesIO()
        write_tracker(file, leaving, PersonTransfer.objects.filter(programme=leaving))
        assert "SO-9" in {cell for line in openpyxl.load_workbook(io.BytesIO(file.getvalue())).worksheets[0].iter_rows(values_only=True) for cell in line}
        before = list(ServiceOrder.objects.values()) + list(PersonContact.objects.values())
        summary = import_file("tracker", leaving, Actor.operator(), file.getvalue(), "tracker.xlsx").summary
        assert (summary["unchanged"], summary["updated"], summary["created"]) == (140, 0, 0)
        assert list(ServiceOrder.objects.values()) + list(PersonContact.objects.values()) == before


@pytest.mark.parametrize("fresh", [True, False])
def test_a_batch_costs_the_same_for_one_and_for_many(programme, fresh):
    def cost(number):
        made = [people.person(programme) for _ in range(number)]
        if not fresh:
            for person in made:
                person.representative_name, person.old_order_ref, person.monies_held = "Before", "SO-0", True
            columns.absorb(made, actor=Actor.operator(), programme=programme, fresh=True)
        for person in made:
            person.representative_name, person.old_order_ref, person.new_order_ref, person.monies_held, person.plan_status = "Somebody", "SO-1", "SO-2", True, "provisional"
        with CaptureQueriesContext(connection) as queries:
            columns.absorb(made, actor=Actor.operator(), programme=programme, fresh=fresh)
        return len([query for query in queries if "SAVEPOINT" not in query["sql"]])

    assert (cost(1), cost(20)) == ((5, 5) if fresh else (12, 12))
