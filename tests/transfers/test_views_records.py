"""The person's page with what stands around a person: who sees which part, and a fixed number of queries."""

from datetime import date, time

import pytest
import time_machine
from django.urls import reverse

from mobilisation.models import AccessLog, Organisation
from tests.factories import ground, people
from transfers.models import Discrepancy, FileTransfer, InterimOption, MoneyHeld, OrderVisit, PersonContact, PersonNeed, ServiceOrder
from transfers.services import contacts
from transfers.services import orders as order_services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
PERSON_QUERIES = 32


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def address(name, programme, *args):
    return reverse(f"transfers:{name}", args=[programme.ref, *args])


def furnished(programme, number=1, **fields):
    """A person accepted by Bluebell with ``number`` of everything, both orders not yet shared."""
    person = people.person(
        programme, done=people.ready_up_to("C06"), incoming_provider=people.incoming(programme), allocation_response="accepted", sharing_basis="direct_care",
        old_order_ref="SO-OLD", new_order_ref="SO-NEW", payment_ref="PA-NEW", budget_code="BUDGET-1", representative_name="M. Hartley", plan_status="provisional", **fields,
    )
    for n in range(number):
        PersonContact.objects.create(person=person, role="gp", name=f"Surgery {n}")
        FileTransfer.objects.create(person=person, route="transfer", requested_on=date(2027, 3, 1))
        MoneyHeld.objects.create(person=person, holder=f"Holder {n}", settled_on=date(2027, 3, 1))
        Discrepancy.objects.create(person=person, kind="other", found_on=date(2027, 3, 1), detail=f"Differs {n}")
        for order in ServiceOrder.objects.filter(person=person):
            OrderVisit.objects.create(order=order, days=str(n + 1), start=time(8), minutes=30, tasks=f"Task {order.kind} {n}")
    PersonNeed.objects.create(person=person, allergies_known=True, allergies="Penicillin")
    return person


def page(client, programme, person):
    answer = client.get(address("person-detail", programme, person.public_id))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("number", [1, 5])
def test_a_person_costs_the_same_with_one_and_with_several_of_everything(programme, sign_in, number, django_assert_num_queries):
    person = furnished(programme, number)
    client = sign_in("MT", programme)
    page(client, programme, person)
    with django_assert_num_queries(PERSON_QUERIES):
        text = page(client, programme, person)
    assert text.count("Surgery ") >= number
    assert text.count("Task old") == text.count("Task new") == number


@pytest.mark.parametrize(("number", "queries", "query"), [(1, 11, ""), (12, 11, ""), (12, 10, "?show=not-shared")])
def test_the_orders_cost_the_same_with_one_and_with_many(programme, sign_in, number, queries, query, django_assert_num_queries):
    for _ in range(number):
        furnished(programme)
    client = sign_in("FIN", programme)
    client.get(address("order-list", programme))
    with django_assert_num_queries(queries):
        answer = client.get(address("order-list", programme) + query)
    assert len(answer.context["rows"]) == 2 * number


def test_finance_sees_orders_and_payments_and_nothing_else_of_a_person(programme, sign_in):
    person = furnished(programme, surname="Canary", address="1 Canary Row")
    MoneyHeld.objects.create(person=person, holder="Client finance", amount=40)
    client = sign_in("FIN", programme)
    text = client.get(address("order-list", programme)).content.decode()
    assert [word in text for word in ("SO-OLD", "SO-NEW", "PA-NEW", "BUDGET-1", person.public_id, "£40.00")] == [True] * 6
    assert [word in text for word in ("Canary", "Penicillin", "Task", "M. Hartley", "Client finance")] == [False] * 5
    log = AccessLog.objects.order_by("-pk").first()
    assert (log.verb, log.subject, log.object_ids) == ("view", "orders", [person.public_id])
    assert client.get(address("person-detail", programme, person.public_id)).status_code == 404
    order = ServiceOrder.objects.get(kind="new")
    assert client.get(address("order-edit", programme, person.public_id, order.public_id)).status_code == 404


@pytest.mark.parametrize("role", ["BM", "COM", "SRO", "XP", "IP", "PRO", "WSL"])
def test_orders_of_all_are_not_for_everybody(programme, sign_in, role):
    assert sign_in(role, programme).get(address("order-list", programme)).status_code == 404


def test_each_provider_sees_its_own_order_and_the_other_one_once_it_is_shared(programme, sign_in):
    person = furnished(programme)
    bluebell, meadowgate = people.incoming(programme), Organisation.objects.get(name="Meadowgate Homecare Ltd")
    seen = {}
    for role, organisation in (("IP", bluebell), ("XP", meadowgate)):
        text = page(sign_in(role, programme, organisation=organisation), programme, person)
        seen[role] = [word in text for word in ("SO-OLD", "Task old", "SO-NEW", "Task new", "PA-NEW", "BUDGET-1", "Holder 0")]
    assert seen == {"IP": [False, False, True, True, True, False, False], "XP": [True, True, False, False, False, False, True]}
    order_services.share(person, actor=ground.actor("OL", programme))
    for role, organisation in (("IP", bluebell), ("XP", meadowgate)):
        text = page(sign_in(role, programme, organisation=organisation), programme, person)
        assert [word in text for word in ("SO-OLD", "Task old", "SO-NEW", "Task new", "BUDGET-1")] == [True, True, True, True, False]


def test_history_shows_a_provider_no_columns_that_are_not_its_own(programme, sign_in):
    person = furnished(programme)
    ol = ground.actor("OL", programme)
    order_services.change(ServiceOrder.objects.get(kind="new"), {"payment_ref": "PA-CHANGED", "budget_code": "BUDGET-9"}, actor=ol)
    meadowgate = Organisation.objects.get(name="Meadowgate Homecare Ltd")
    own = page(sign_in("OL", programme), programme, person)
    theirs = page(sign_in("XP", programme, organisation=meadowgate), programme, person)
    assert [word in own for word in ("PA-CHANGED", "BUDGET-9")] == [True, True]
    assert [word in theirs for word in ("PA-CHANGED", "BUDGET-9")] == [False, False]


def test_the_way_of_an_order_through_the_pages(programme, sign_in):
    person = people.person(programme, incoming_provider=people.incoming(programme), old_order_ref="SO-1", planned_transfer_date=date(2027, 4, 1))
    client = sign_in("MT", programme)
    old = ServiceOrder.objects.get()
    form = client.get(address("order-add", programme, person.public_id, "new")).context["form"]
    assert form["start"].value() == date(2027, 4, 1)
    answer = client.post(address("order-add", programme, person.public_id, "new"), {"external_ref": "SO-2", "start": "2027-04-01", "payment_ref": "PA-2"})
    assert (answer.status_code, answer.url) == (302, address("person-detail", programme, person.public_id))
    answer = client.post(address("visit-add", programme, person.public_id, old.public_id), {"days": ["1", "3"], "start": "08:00", "minutes": "30", "carers": "1", "band_minutes": "15", "tasks": "Wash"})
    assert answer.status_code == 302
    assert OrderVisit.objects.values_list("days", "start", "band_minutes").get() == ("13", time(8), 15)
    visit = OrderVisit.objects.get()
    hidden = {name: client.get(address("visit-edit", programme, person.public_id, visit.public_id)).context["form"][name].value() for name in ("version", "was")}
    client.post(address("visit-edit", programme, person.public_id, visit.public_id), {**hidden, "days": ["1", "2"], "start": "08:00", "minutes": "30", "carers": "1", "band_minutes": "15", "tasks": "Wash"})
    visit.refresh_from_db()
    assert (visit.days, visit.version) == ("12", 2)
    text = page(client, programme, person)
    assert "C10 still needs: 2" in text
    assert client.post(address("order-share", programme, person.public_id), {"on": "2027-03-12"}).status_code == 302
    assert client.post(address("visit-remove", programme, person.public_id, visit.public_id), {}).status_code == 302
    assert not OrderVisit.objects.exists()


def test_a_refused_order_keeps_what_was_typed_and_says_why(programme, sign_in):
    person = people.person(programme, old_order_ref="SO-1", old_order_end=date(2027, 3, 20))
    answer = sign_in("MT", programme).post(address("order-add", programme, person.public_id, "new"), {"external_ref": "SO-2", "start": "2027-04-01"})
    assert answer.status_code == 422
    assert "The old order ends on 20 Mar 2027" in answer.content.decode()
    assert 'value="SO-2"' in answer.content.decode()
    assert ServiceOrder.objects.count() == 1


def test_a_stale_contact_form_shows_both_values_and_its_next_save_answers(programme, sign_in):
    person = people.person(programme, representative_name="M. Hartley", representative_phone="1")
    contact = PersonContact.objects.get()
    client = sign_in("MT", programme)
    where = address("contact-edit", programme, person.public_id, contact.public_id)
    hidden = {name: client.get(where).context["form"][name].value() for name in ("version", "was")}
    contacts.change(PersonContact.objects.get(), {"phone": "2"}, actor=ground.actor("OL", programme))
    data = {**hidden, "role": "representative", "name": "M. Hartley", "phone": "3", "may_be_told": "unknown"}
    answer = client.post(where, data)
    assert answer.status_code == 422
    assert "changed it to “2” while you were editing. You entered “3”" in answer.content.decode()
    client.post(where, data | {"version": answer.context["form"]["version"].value()})
    assert PersonContact.objects.get().phone == "3"


def test_the_check_list_opens_what_differs(programme, sign_in):
    person = furnished(programme, 0)
    client = sign_in("IP", programme, organisation=people.incoming(programme))
    where = address("plan-check", programme, person.public_id)
    was = client.get(where).context["form"]["was"].value()
    answer = client.post(where, {"was": was, "allergies": "differs", "equipment": "right"})
    assert (answer.status_code, Discrepancy.objects.count()) == (422, 0)
    assert client.post(where, {"was": was, "allergies": "differs", "allergies_detail": "Latex too", "equipment": "right"}).status_code == 302
    assert Discrepancy.objects.values_list("kind", "detail").get() == ("allergy", "Latex too")
    text = page(client, programme, person)
    assert [words in text for words in ("PROVISIONAL, discrepancy", "Allergies: differs", "Latex too")] == [True] * 3


@pytest.mark.parametrize(("role", "name"), [("XP", "plan-check"), ("XP", "contact-add"), ("XP", "order-share"), ("IP", "money-add"), ("IP", "file-add"), ("IP", "contact-add"), ("IP", "needs-edit")])
def test_pages_of_others_are_not_there_for_a_provider(programme, sign_in, role, name):
    person = furnished(programme)
    organisation = people.incoming(programme) if role == "IP" else Organisation.objects.get(name="Meadowgate Homecare Ltd")
    client = sign_in(role, programme, organisation=organisation)
    assert client.get(address(name, programme, person.public_id)).status_code == 404
    assert client.post(address(name, programme, person.public_id), {}).status_code == 404


def test_a_record_of_another_person_is_not_there(programme, sign_in):
    one, two = furnished(programme), furnished(programme)
    client = sign_in("OL", programme)
    order, contact = ServiceOrder.objects.filter(person=two).first(), PersonContact.objects.filter(person=two).first()
    assert client.get(address("order-edit", programme, one.public_id, order.public_id)).status_code == 404
    assert client.get(address("contact-edit", programme, one.public_id, contact.public_id)).status_code == 404
    assert client.get(address("visit-edit", programme, one.public_id, order.visits.get().public_id)).status_code == 404


def test_a_form_about_a_person_is_logged_as_a_view(programme, sign_in):
    person = people.person(programme)
    client = sign_in("MT", programme)
    client.get(address("contact-add", programme, person.public_id))
    log = AccessLog.objects.order_by("-pk").first()
    assert (log.verb, log.object_ids) == ("view", [person.public_id])


def test_interim_options_are_listed_and_kept(programme, sign_in, django_assert_num_queries):
    client = sign_in("MT", programme)
    assert "No interim option yet" in client.get(address("interim-list", programme)).content.decode()
    client.post(address("interim-add", programme), {"kind": "transport", "name": "Community Wheels", "capacity": "2 cars"})
    option = InterimOption.objects.get()
    assert "Community Wheels" in client.get(address("interim-list", programme)).content.decode()
    for number in (1, 6):
        for n in range(number):
            InterimOption.objects.create(programme=programme, kind="transport", name=f"Wheels {n}")
        with django_assert_num_queries(6):
            client.get(address("interim-list", programme))
    other = ground.provider_exit()
    assert client.get(address("interim-edit", other, option.public_id)).status_code == 404
