"""Reports of other systems: the breakdown of schedules, billing addresses, emergency placements. Nobody is added, nothing is overwritten unseen, the same file again changes nothing."""

from datetime import date, time
from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.errors import NotPermitted
from mobilisation.models import Change, ImportRun
from mobilisation.services import imports
from mobilisation.services.imports import import_file
from tests.factories import ground, people
from transfers.models import Checkpoint, OrderVisit, PersonContact, PersonTransfer, ServiceOrder
from transfers.rules.days import read_days, read_minutes
from transfers.services import columns, reports

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
OPERATOR = Actor.operator()
HEAD = "Client ID,Client,Days,Start time,Duration,No of carers,Tasks,SDO\n"


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def hartley(programme):
    return people.person(programme, surname="Hartley", forename="Margaret", case_system_id="0012345", nhs_number="9990000018", old_order_ref="SDO-1", old_order_end=date(2027, 4, 4))


def take(kind, programme, text, *, ok=True, actor=OPERATOR, **more):
    outcome = import_file(kind, programme, actor, text.encode(), "report.csv", **more)
    summary = outcome.summary
    assert outcome.ok is ok, summary["errors"]
    assert summary["rows"] == summary["created"] + summary["updated"] + summary["unchanged"] + summary["skipped"] + summary["refused"]
    return summary


def counts(summary):
    return tuple(summary[name] for name in ("created", "updated", "unchanged", "refused"))


def said(summary):
    return [error["problem"] for error in summary["errors"]]


def visits(person):
    return [(one.days, one.start, one.minutes, one.carers, one.tasks) for one in OrderVisit.objects.filter(order__person=person).order_by("start", "days")]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Mon-Fri", "12345"), ("Monday to Friday", "12345"), ("Daily", "1234567"), ("7 days", "1234567"), ("weekends", "67"), ("Mon, Wed & Sun", "137"), ("Fri to Mon", "1567"), ("1,3,5", "135"), ("135", "135"),
        ("Tues/Thurs", "24"), ("Sat and Sun", "67"), ("mon wed fri", "135"), ("Mon.", "1"),
    ],
)
def test_days_as_reports_write_them(text, days):
    assert read_days(text) == days


@pytest.mark.parametrize("text", ["", "8", "T", "S", "mornings", "Mon-", "Mon-Foo", "0", "every other day", "2:1"])
def test_what_names_no_days(text):
    with pytest.raises(ValueError, match=r".*"):
        read_days(text)


@pytest.mark.parametrize(("text", "minutes"), [("45", 45), ("45.0", 45), ("45 mins", 45), ("0:45", 45), ("1 hr", 60), ("1h 30m", 90), ("1.5 hours", 90), ("1:30:00", 90)])
def test_lengths_as_reports_write_them(text, minutes):
    assert read_minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "long", "1:75", "0.01 hours", "-5", "half an hour"])
def test_what_is_no_length(text):
    with pytest.raises(ValueError, match=r".*"):
        read_minutes(text)


class TestVisits:
    FILE = HEAD + "12345,Hartley M,Mon-Fri,08:00,45,1,Wash and dress,SDO-1\n0012345,Margaret Hartley,Daily,18:30,30,2,,\n"

    def test_they_come_to_the_old_order_with_their_hours_and_a_second_time_change_nothing(self, programme, hartley):
        assert counts(take("visits", programme, self.FILE)) == (2, 0, 0, 0)
        assert visits(hartley) == [("12345", time(8, 0), 45, 1, "Wash and dress"), ("1234567", time(18, 30), 30, 2, "")]
        assert ServiceOrder.objects.get().weekly_hours == Decimal("7.25")
        assert columns.drift(programme) == []
        before = Change.objects.filter(entity__startswith="transfers.").count()
        assert counts(take("visits", programme, self.FILE)) == (0, 0, 2, 0)
        assert (Change.objects.filter(entity__startswith="transfers.").count(), len(visits(hartley))) == (before, 2)

    def test_what_differs_is_one_visit_changed_and_what_the_file_lacks_stays_and_is_said(self, programme, hartley):
        take("visits", programme, self.FILE)
        summary = take("visits", programme, HEAD + "12345,,Mon-Sat,08:00,60,1,,\n")
        assert counts(summary) == (0, 1, 0, 0)
        assert visits(hartley) == [("123456", time(8, 0), 60, 1, "Wash and dress"), ("1234567", time(18, 30), 30, 2, "")]
        assert any(warning["problem"].startswith("1 visit that is held here of people in the file is not in it and stays.") for warning in summary["warnings"])

    def test_an_order_that_was_shared_waits_to_be_shared_again(self, programme, hartley):
        ServiceOrder.objects.update(shared_exiting_on=date(2027, 3, 1), shared_incoming_on=date(2027, 3, 1))
        PersonTransfer.objects.update(orders_shared_on=date(2027, 3, 1))
        take("visits", programme, self.FILE)
        order, row = ServiceOrder.objects.get(), PersonTransfer.objects.get()
        assert (order.shared_exiting_on, order.shared_incoming_on, row.orders_shared_on, columns.drift(programme)) == (None, None, None, [])

    def test_found_by_nhs_number_or_by_the_order(self, programme, hartley):
        text = "NHS Number,SDO,Day,Start,End\n999 000 0018,,Mon,07:00,07:30\n,sdo-1,Tue,07:00,07:30\n"
        assert counts(take("visits", programme, text)) == (2, 0, 0, 0)
        assert visits(hartley) == [("1", time(7, 0), 30, 1, ""), ("2", time(7, 0), 30, 1, "")]

    def test_somebody_without_an_order_gets_the_one_the_file_names(self, programme):
        person = people.person(programme, case_system_id="77")
        assert said(take("visits", programme, HEAD + "77,,Daily,08:00,30,1,,\n", ok=False)) == [f"{person.public_id} has no old order here, and the row names none. Enter the order in the file or on the person's page."]
        assert not ServiceOrder.objects.exists()
        assert counts(take("visits", programme, HEAD + "77,,Daily,08:00,30,1,,SDO-77\n77,,Daily,12:00,30,1,,SDO-77\n")) == (2, 0, 0, 0)
        order, row = ServiceOrder.objects.get(), PersonTransfer.objects.get()
        assert (order.kind, order.external_ref, order.weekly_hours, row.old_order_ref, columns.drift(programme)) == ("old", "SDO-77", Decimal("7.00"), "SDO-77", [])

    def test_every_fault_is_said_at_once_and_nothing_is_written(self, programme, hartley):
        ended = people.person(programme, case_system_id="9", ending="died", ended_on=date(2027, 3, 1), old_order_ref="SDO-9")
        other = people.person(programme, case_system_id="5", old_order_ref="SDO-5")
        lines = [
            "999,,Daily,08:00,30,1,,", f"{ended.case_system_id},,Daily,08:00,30,1,,", "12345,,Daily,08:00,30,1,,SDO-8", "12345,,Some,09:00,30,1,,", "12345,,Daily,10:00,,1,,",
            "12345,,Daily,11:00,30,5,,", ",,Daily,12:00,30,1,,", "5,,Mon,08:00,60,1,,", "5,,Daily,08:30,30,1,,",
        ]
        summary = take("visits", programme, HEAD + "\n".join(lines) + "\n", ok=False)
        assert said(summary) == [
            "Nobody on the tracker has this number. Add the person first, or correct the number.",
            f"This person ({ended.public_id}) is recorded as died: nothing is taken. Leave the row out.",
            f"The order of {hartley.public_id} that stands here is another one. Compare both; change it on the person's page first.",
            "It names no days of the week. Write Mon-Fri, Mon, Wed or Daily.",
            "It does not say how long the visit is. Enter the minutes or the end.",
            "It is above 4. Check the figure.",
            "It does not say whom the row is about. Enter the case-system ID, the NHS number or the order.",
            "It overlaps with the visit at 08:30 on Mon. Give that one two carers, or move this one. Where a visit has moved, change it on the person's page.",
            "It overlaps with the visit at 08:00 on Mon. Give that one two carers, or move this one. Where a visit has moved, change it on the person's page.",
        ]
        assert (counts(summary), OrderVisit.objects.count(), visits(other)) == ((0, 0, 0, 9), 0, [])

    def test_two_people_in_one_row_are_refused_and_another_name_is_said(self, programme, hartley):
        other = people.person(programme, case_system_id="5", nhs_number="9990000026", old_order_ref="SDO-5")
        text = f"Client ID,NHS Number,Client,Days,Start,Minutes\n{hartley.case_system_id},{other.nhs_number},,Daily,08:00,30\n"
        assert said(take("visits", programme, text, ok=False)) == ["The NHS number belongs to one person on the list and the reference to another. Compare both with the case system."]
        summary = take("visits", programme, f"Client ID,Client,Days,Start,Minutes\n{hartley.case_system_id},Jones P,Daily,08:00,30\n")
        assert f"{hartley.public_id} has this number here and another name. Compare both before importing." in [warning["problem"] for warning in summary["warnings"]]

    def test_people_of_another_programme_are_not_reached(self, programme, hartley):
        other = ground.provider_exit("OTHER-1")
        assert said(take("visits", other, self.FILE, ok=False))[0] == "Nobody on the tracker has this number. Add the person first, or correct the number."

    # SQLite takes 999 values a statement, so what PostgreSQL writes of forty people at once goes there in several.
    STATEMENTS = {("sqlite", 2): 28, ("sqlite", 40): 32, ("postgresql", 2): 28, ("postgresql", 40): 28}

    @pytest.mark.parametrize("number", [2, 40])
    def test_statements_do_not_grow_with_the_people(self, programme, number, django_assert_num_queries):
        crowd = [people.person(programme, case_system_id=str(1000 + n), old_order_ref=f"S{n}") for n in range(number)]
        text = HEAD + "".join(f"{person.case_system_id},,Daily,08:00,30,1,,\n" for person in crowd)
        with django_assert_num_queries(self.STATEMENTS[connection.vendor, number]):
            assert counts(take("visits", programme, text)) == (number, 0, 0, 0)


class TestAddresses:
    HEAD = "Customer No,Billing name,Relationship,Billing address,Billing postcode,Phone,Role\n"

    def test_a_billing_address_is_a_contact_and_stands_in_the_tracker(self, programme, hartley):
        text = self.HEAD + "12345,Ann Hartley (daughter),,\"4 Mill Lane, Deal\",CT14 7AA,01304 000001,\n"
        assert counts(take("addresses", programme, text)) == (0, 1, 0, 0)
        contact, row = PersonContact.objects.get(), PersonTransfer.objects.get()
        assert (contact.role, contact.name, contact.relationship, contact.address, contact.phone, contact.main) == ("representative", "Ann Hartley", "daughter", "4 Mill Lane, Deal, CT14 7AA", "01304 000001", True)
        assert (row.representative_name, row.representative_address, columns.drift(programme)) == ("Ann Hartley", "4 Mill Lane, Deal, CT14 7AA", [])
        before = Change.objects.filter(entity__startswith="transfers.").count()
        assert (counts(take("addresses", programme, text)), Change.objects.filter(entity__startswith="transfers.").count()) == ((0, 0, 1, 0), before)

    def test_a_second_name_is_a_second_contact_and_the_first_stays_in_the_tracker(self, programme, hartley):
        take("addresses", programme, self.HEAD + "12345,Ann Hartley,,4 Mill Lane,,,\n12345,Paul Hartley,son,9 Hill Road,,,NOK\n")
        assert list(PersonContact.objects.order_by("id").values_list("name", "role", "main")) == [("Ann Hartley", "representative", True), ("Paul Hartley", "next_of_kin", False)]
        assert PersonTransfer.objects.get().representative_name == "Ann Hartley"

    def test_what_is_filled_changes_only_as_the_preview_shows(self, programme, hartley, sign_in):
        PersonContact.objects.create(person=hartley, name="Ann Hartley", address="1 Old Street", phone="01304 000001", main=True)
        PersonTransfer.objects.update(representative_name="Ann Hartley", representative_address="1 Old Street", representative_phone="01304 000001")
        text = self.HEAD + "12345,ann hartley,,4 Mill Lane,,,\n"
        client = sign_in("OL", programme)
        client.post(reverse("mobilisation:import-start", args=[programme.ref, "addresses"]), {"file": SimpleUploadedFile("billing.csv", text.encode())})
        run = ImportRun.objects.get()
        preview = client.get(reverse("mobilisation:import-preview", args=[programme.ref, "addresses", run.public_id])).content.decode()
        assert ("1 Old Street" in preview, "4 Mill Lane" in preview, "It replaces what is held here; the preview shows both." in preview) == (True, True, True)
        assert PersonContact.objects.get().address == "1 Old Street"
        take("addresses", programme, text)
        held = PersonContact.objects.get()
        assert (held.address, held.phone, PersonTransfer.objects.get().representative_address) == ("4 Mill Lane", "01304 000001", "4 Mill Lane")

    def test_an_address_without_a_name_is_the_representatives_or_nobodys(self, programme, hartley):
        text = self.HEAD + "12345,,,4 Mill Lane,,,\n"
        assert said(take("addresses", programme, text, ok=False)) == ["It does not say whose it is, and the person has no representative here. Enter the name."]
        PersonContact.objects.create(person=hartley, name="Ann Hartley", main=True)
        PersonTransfer.objects.update(representative_name="Ann Hartley")
        assert (counts(take("addresses", programme, text)), PersonContact.objects.get().address) == ((0, 1, 0, 0), "4 Mill Lane")

    def test_the_persons_own_name_and_the_same_contact_twice(self, programme, hartley):
        summary = take("addresses", programme, self.HEAD + "12345,Margaret Hartley,,1 High Street,,,\n")
        assert (counts(summary), PersonContact.objects.count(), [w["problem"] for w in summary["warnings"]]) == ((0, 0, 1, 0), 0, ["It is the person's own name, so there is no representative to take."])
        twice = take("addresses", programme, self.HEAD + "12345,Ann,,1 High Street,,,\n0012345,ann,,2 High Street,,,\n", ok=False)
        assert (said(twice), PersonContact.objects.count()) == (["Row 2 is about the same contact of this person. Keep one of them."], 0)

    def test_a_representative_who_comes_in_opens_c05_again(self, programme, hartley):
        Checkpoint.objects.create(person=hartley, code="C05", state="not_applicable")
        take("addresses", programme, self.HEAD + "12345,Ann Hartley,,4 Mill Lane,,,\n")
        assert Checkpoint.objects.get(code="C05").state == "reopened"

    def test_no_provider_takes_in_a_report(self, programme, hartley):
        provider = ground.actor("XP", programme, hartley.exiting_provider)
        with pytest.raises(NotPermitted):
            reports.take_contacts(programme, [(hartley, None, {"name": "Ann"})], [], actor=provider)
        with pytest.raises(NotPermitted):
            reports.take_visits(programme, [(hartley, "", {"days": "1", "start": time(8, 0), "minutes": 30})], [], {}, actor=provider)
        assert (PersonContact.objects.count(), OrderVisit.objects.count()) == (0, 0)


class TestPlacements:
    def test_next_of_kin_order_payment_times_and_hours(self, programme):
        person = people.person(programme, case_system_id="5")
        text = "Client ID,SDO,FAN,NOK,NOK tel,Call times,Hours per week\n5,SDO-5,FAN-5,Ann Brown (niece),01304 000002,08:00 18:00,7\n"
        assert counts(take("placements", programme, text)) == (0, 1, 0, 0)
        row, contact, order = PersonTransfer.objects.get(pk=person.pk), PersonContact.objects.get(), ServiceOrder.objects.get()
        assert (row.old_order_ref, row.payment_ref, row.visit_times, row.weekly_hours, row.representative_name) == ("SDO-5", "FAN-5", "08:00 18:00", Decimal(7), "Ann Brown")
        assert (contact.name, contact.relationship, contact.phone, order.kind, order.external_ref, order.payment_ref, columns.drift(programme)) == ("Ann Brown", "niece", "01304 000002", "old", "SDO-5", "FAN-5", [])
        before = Change.objects.filter(entity__startswith="transfers.").count()
        assert (counts(take("placements", programme, text)), Change.objects.filter(entity__startswith="transfers.").count()) == ((0, 0, 1, 0), before)

    def test_the_payment_of_a_new_order_is_not_replaced(self, programme):
        people.person(programme, case_system_id="5", new_order_ref="SO-2", payment_ref="PA-2", visit_times="")
        summary = take("placements", programme, "Client ID,FAN,Call times\n5,FAN-5,08:00\n")
        assert (counts(summary), PersonTransfer.objects.get().payment_ref, PersonTransfer.objects.get().visit_times) == ((0, 1, 0, 0), "PA-2", "08:00")
        assert summary["warnings"][0]["problem"] == "Not taken: the payment that stands here is the new order's. Change it on the person's page."


@pytest.mark.parametrize("kind", ["visits", "addresses", "placements"])
def test_each_is_a_list_of_the_pages_with_a_mapping_of_its_own(programme, hartley, sign_in, kind):
    client = sign_in("OL", programme)
    link = reverse("mobilisation:import-start", args=[programme.ref, kind])
    assert client.get(link).status_code == 200
    for page in ("transfers:quality", "transfers:lists"):
        assert f'href="{link}"' in client.get(reverse(page, args=[programme.ref])).content.decode()
    assert sign_in("XP", programme, organisation=hartley.exiting_provider).get(link).status_code == 404


def test_what_the_headings_of_a_report_mean_is_remembered_for_the_council_and_for_this_report_alone(programme, hartley):
    council, other = ground.organisation("Shire Council"), ground.provider_exit("OTHER-1")
    for one in (programme, other):
        one.lead_organisation = council
        one.save(update_fields=["lead_organisation"])
    imports.remember(programme, "visits", {"Runde": "start"})
    elsewhere = ground.provider_exit("THIRD-1")
    assert [imports.remembered(one, "visits") for one in (programme, other, elsewhere)] == [{"Runde": "start"}, {"Runde": "start"}, {}]
    assert [imports.remembered(other, kind) for kind in ("addresses", "placements", "tracker")] == [{}, {}, {}]
    imports.remember(other, "visits", {"Runde": "days"})
    assert (imports.remembered(programme, "visits"), imports.remembered(other, "visits")) == ({"Runde": "start"}, {"Runde": "days"})
