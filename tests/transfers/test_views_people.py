"""The tracker's pages: scope, privacy of addresses, gates, conflicts, and a fixed number of queries."""

import re
from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import Refused
from mobilisation.models import AccessLog, Change, Programme
from tests.factories import ground, people
from transfers.models import Checkpoint, PersonTransfer
from transfers.services import checkpoints

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def address(name, programme, *args):
    return reverse(f"transfers:{name}", args=[programme.ref, *args])


@pytest.mark.parametrize("number", [1, 40])
def test_the_list_costs_the_same_with_one_and_with_many(programme, sign_in, number, django_assert_num_queries):
    for _ in range(number):
        people.person(programme)
    client = sign_in("MT", programme)
    client.get(address("person-list", programme))
    with django_assert_num_queries(LIST_QUERIES):
        answer = client.get(address("person-list", programme))
    assert answer.status_code == 200
    from transfers.rules.grid import COLUMNS, GROUPS

    everything = f"?cols={','.join(column.key for column in COLUMNS)}&groups={','.join(GROUPS)}"
    with django_assert_num_queries(LIST_QUERIES):
        whole = client.get(address("person-list", programme) + everything).content.decode()
    assert " data-k=C20" in whole


LIST_QUERIES = 8


@pytest.mark.parametrize("role", ["OL", "XP"])
def test_the_way_around_the_page_leads_to_every_part_of_it_and_nowhere_else(programme, sign_in, role):
    one = people.person(programme)
    page = sign_in(role, programme, **({"organisation": one.exiting_provider} if role == "XP" else {})).get(address("person-detail", programme, one.public_id)).content.decode()
    around = re.search(r'<nav [^>]*aria-label="On this page">(.*?)</nav>', page)
    led = re.findall(r'href="#([a-z]+)"', around[1])
    parts = re.findall(r'<section [^>]*aria-labelledby="([a-z]+)"><(?:h2|div)', page)
    assert sorted(led) == sorted(parts)
    assert len(set(led)) == len(led) >= 11


def test_a_search_never_stands_in_an_address_and_is_logged(programme, sign_in):
    people.person(programme, surname="Canary")
    people.person(programme, surname="Zebedee")
    client = sign_in("MT", programme)
    answer = client.post(address("person-list", programme), {"term": "Canary"})
    assert (answer.status_code, re.sub("[A-Za-z0-9]{8}$", "", answer.url)) == (302, address("person-list", programme) + "?q=")
    page = client.get(answer.url).content.decode()
    assert ("Canary" in page, "Zebedee" in page) == (True, False)
    log = AccessLog.objects.order_by("-pk").first()
    assert (log.verb, log.count, "Canary" in str(log.object_ids)) == ("search", 1, False)


def test_counters_count_what_they_filter(programme, sign_in):
    people.person(programme, surname="Held", on_hold=True)
    people.person(programme, surname="Ward", in_hospital=True)
    client = sign_in("MT", programme)
    page = client.get(address("person-list", programme) + "?show=hospital")
    assert [row.surname for row, _ in page.context["rows"]] == ["Ward"]
    counts = {counter.label: counter.count for counter in page.context["counters"]}
    assert (counts["All"], counts["In hospital"], counts["No incoming provider"]) == (2, 1, 2)


def test_each_view_of_a_person_is_logged_and_history_shown(programme, sign_in):
    person = people.person(programme, done=("C01",))
    client = sign_in("MT", programme)
    assert client.get(address("person-detail", programme, person.public_id)).status_code == 200
    log = AccessLog.objects.order_by("-pk").first()
    assert (log.verb, log.subject, log.object_ids, log.user) == ("view", "person", [person.public_id], client.user)


@pytest.mark.parametrize("role", ["BM", "COM", "SRO", "BCH", "DL", "MLD", "WL", "PRO", "LEG", "CMS", "EPO", "FIN", "WSL"])
def test_roles_without_people_get_404(programme, sign_in, role):
    person = people.person(programme)
    client = sign_in(role, programme)
    for page in (address("person-list", programme), address("person-detail", programme, person.public_id), address("person-edit", programme, person.public_id)):
        assert client.get(page).status_code == 404


def test_a_provider_sees_its_own_people_only(programme, sign_in):
    bluebell, oyster = people.incoming(programme), people.incoming(programme, "Oyster Bay Care Ltd")
    shared = people.ready_up_to("C06")
    mine = people.person(programme, done=shared, incoming_provider=bluebell, allocation_response="accepted", sharing_basis="direct_care")
    offered = people.person(programme, done=shared, incoming_provider=bluebell, allocation_response="offered", sharing_basis="direct_care")
    unshared = people.person(programme, incoming_provider=bluebell, allocation_response="accepted")
    refused = people.person(programme, done=shared, incoming_provider=bluebell, allocation_response="accepted", sharing_basis="refused")
    theirs = people.person(programme, done=shared, incoming_provider=oyster, allocation_response="accepted", sharing_basis="direct_care")
    client = sign_in("IP", programme, organisation=bluebell)
    page = client.get(address("person-list", programme))
    assert [row.pk for row, _ in page.context["rows"]] == [mine.pk]
    for other in (offered, unshared, refused, theirs):
        assert client.get(address("person-detail", programme, other.public_id)).status_code == 404
        assert client.post(address("checkpoint", programme, other.public_id, "C12", "mark"), {"on": "2027-03-15"}).status_code == 404
    assert client.get(address("person-detail", programme, mine.public_id)).status_code == 200
    assert not Checkpoint.objects.filter(code="C12").exists()


def test_another_programme_is_not_there(programme, sign_in):
    other = ground.provider_exit()
    person = people.person(other)
    client = sign_in("OL", programme)
    assert client.get(address("person-list", other)).status_code == 404
    assert client.get(address("person-detail", programme, person.public_id)).status_code == 404


def test_an_open_gate_is_refused_on_the_page_with_everything_missing(programme, sign_in):
    person = people.person(programme, done=("C01", "C02", "C03", "C04"))
    client = sign_in("OL", programme)
    answer = client.post(address("checkpoint", programme, person.public_id, "C14", "mark"), {"on": "2027-03-15"})
    assert answer.status_code == 422
    assert "C14 Ready to transfer needs first: C05 Representative told; C06 Sharing decision recorded" in answer.content.decode()
    assert not Checkpoint.objects.filter(code="C14").exists()


def test_two_people_on_one_row_see_both_values_and_lose_nothing(programme, sign_in):
    person = people.person(programme)
    client = sign_in("MT", programme)
    page = client.get(address("person-edit", programme, person.public_id))
    hidden = {name: page.context["form"][name].value() for name in ("version", "was")}
    first = PersonTransfer.objects.get(pk=person.pk)
    from transfers.services import people as services

    services.update_person(first, {"wave": "2"}, actor=ground.actor("OL", programme))
    fields = {name: ("" if value is None else value) for name, value in page.context["form"].initial.items() if name not in hidden}
    data = {**{k: v for k, v in fields.items() if not isinstance(v, bool)}, **hidden, "surname": person.surname, "wave": "3", "case_manager": "T. Obi", "funding_type": "council"}
    answer = client.post(address("person-edit", programme, person.public_id), data)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "changed it to “2” while you were editing. You entered “3”" in text
    assert 'value="T. Obi"' in text
    person.refresh_from_db()
    assert (person.wave, person.case_manager) == ("2", "")


def test_a_reader_who_posts_a_batch_is_not_let_in(programme, sign_in):
    person = people.person(programme, done=("C01",))
    client = sign_in("BM", programme)
    assert client.post(address("person-bulk", programme), {"person": [person.public_id], "code": "C02", "on": "2027-03-15", "confirmed": "1"}).status_code == 404
    assert not Checkpoint.objects.filter(code="C02").exists()


def test_a_person_is_added_with_the_first_checkpoint(programme, sign_in):
    client = sign_in("MT", programme)
    answer = client.post(address("person-add", programme), {"surname": "New", "version": "", "was": ""})
    assert answer.status_code == 302, answer.context["form"].errors
    person = PersonTransfer.objects.get()
    assert (person.surname, person.status, person.next_checkpoint) == ("New", "listed", "C02")


def test_somebody_is_listed_before_the_decision_and_marked_afterwards(programme, sign_in):
    Programme.objects.filter(pk=programme.pk).update(decision_date=date(2099, 1, 5), exit_date=None)
    answer = sign_in("MT", programme).post(address("person-add", programme), {"surname": "Early", "version": "", "was": ""})
    assert answer.status_code == 302, answer.context["form"].errors
    assert (PersonTransfer.objects.get().surname, Checkpoint.objects.count()) == ("Early", 0)


def test_a_person_whose_first_checkpoint_is_refused_is_not_listed_either(programme, sign_in, monkeypatch):
    def refuses(*args, **more):
        raise Refused("Not now.")

    monkeypatch.setattr(checkpoints, "mark", refuses)
    answer = sign_in("MT", programme).post(address("person-add", programme), {"surname": "Half", "version": "", "was": ""})
    assert (answer.status_code, "Not now." in answer.content.decode(), PersonTransfer.objects.count(), Change.objects.count()) == (422, True, 0, 0)


def test_a_wrong_nhs_number_is_refused(programme, sign_in):
    client = sign_in("MT", programme)
    answer = client.post(address("person-add", programme), {"surname": "New", "nhs_number": "999 010 0001", "version": "", "was": ""})
    assert answer.status_code == 422
    assert "check the ten digits" in answer.content.decode()
    assert not PersonTransfer.objects.exists()


def test_undo_is_offered_only_to_who_may(programme, sign_in):
    """The author for some minutes while nothing hangs on the mark; the OL always (domain 5.2)."""
    person = people.person(programme, done=("C01",))
    team = sign_in("MT", programme)
    page = address("person-detail", programme, person.public_id)

    def offered(client):
        return [code for code in ("C01", "C02", "C03") if f"{address('checkpoint', programme, person.public_id, code, 'undo')}\"" in client.get(page).content.decode()]

    assert offered(team) == []
    team.post(address("checkpoint", programme, person.public_id, "C02", "mark"), {"on": "2027-03-01"})
    assert offered(team) == ["C02"]
    with time_machine.travel("2027-04-01 10:00", tick=False):
        assert offered(team) == []
        team.force_login(ground.user_in("OL", programme))
        assert offered(team) == ["C01", "C02"]


def test_a_filter_that_means_nothing_leaves_the_others_standing(programme, sign_in):
    people.person(programme, surname="Hartley", priority="R")
    people.person(programme, surname="Moss", priority="G")
    page = sign_in("MT", programme).get(reverse("transfers:person-list", args=[programme.ref]), {"priority": "R", "provider": "nobody", "wave": "99"})
    assert [row.surname for row, _ in page.context["rows"]] == ["Hartley"]
    assert "so it is left out: incoming provider, wave." in page.content.decode()


def test_the_cl_agrees_to_a_waiver_on_the_page(programme, sign_in):
    person = people.person(programme, done=("C01",))
    page, waive = (reverse(f"transfers:{name}", args=[programme.ref, person.public_id, *more]) for name, more in (("person-detail", ()), ("checkpoint", ("C02", "waive"))))
    cl = ground.user_in("CL", programme)
    client = sign_in("OL", programme)
    client.post(waive, {"reason": "List lost", "risk_assessment": "Called each family"})
    text = client.get(page).content.decode()
    assert ("Waiver waits for the CL" in text, "Agree to waiver" in text) == (True, False)
    client.force_login(cl, "django.contrib.auth.backends.ModelBackend")
    assert "Agree to waiver" in client.get(page).content.decode()
    assert "Reason: List lost. Risk assessment: Called each family." in client.get(waive).content.decode()
    assert client.post(waive, {}).status_code == 302
    assert Checkpoint.objects.get(person=person, code="C02").state == "waived"


def test_the_page_says_what_a_marked_c10_lacks_once_an_order_changed(programme, sign_in):
    person = people.person(
        programme, done=("C01", "C03", "C09", "C10"), incoming_provider=people.incoming(programme), old_order_ref="SO-1", old_order_end=date(2027, 3, 31), new_order_ref="SO-2",
        new_order_start=date(2027, 4, 1), payment_ref="PA-2", orders_shared_on=date(2027, 3, 12),
    )
    client = sign_in("PO", programme)
    page = reverse("transfers:person-detail", args=[programme.ref, person.public_id])
    assert "C10 is marked, and this is missing now" not in client.get(page).content.decode()
    order = person.serviceorders.get(kind="new")
    edit = reverse("transfers:order-edit", args=[programme.ref, person.public_id, order.public_id])
    assert client.post(edit, {"external_ref": "SO-2", "start": "2027-04-01", "payment_ref": "PA-3", "version": order.version}).status_code == 302
    text = client.get(page).content.decode()
    assert "C10 is marked, and this is missing now" in text
    assert "Enter the day on which both orders were shared with both providers." in text
    assert "<li>C10 is marked, and this is missing now: enter the day on which both orders were shared with both providers.</li>" in text
    assert Checkpoint.objects.get(person=person, code="C10").state == "done"


def test_the_cl_does_not_agree_to_a_waiver_on_the_page(programme, sign_in):
    person = people.person(programme, done=("C01",))
    page, waive, decline = (reverse(f"transfers:{name}", args=[programme.ref, person.public_id, *more]) for name, more in (("person-detail", ()), ("checkpoint", ("C02", "waive")), ("checkpoint", ("C02", "decline"))))
    cl = ground.user_in("CL", programme)
    client = sign_in("OL", programme)
    client.post(waive, {"reason": "List lost", "risk_assessment": "Called each family"})
    assert decline not in client.get(page).content.decode()
    assert client.post(decline, {"reason": "No"}).status_code == 422
    client.force_login(cl, "django.contrib.auth.backends.ModelBackend")
    assert decline in client.get(page).content.decode()
    assert "Reason: List lost. Risk assessment: Called each family." in client.get(decline).content.decode()
    empty = client.post(decline, {"reason": ""})
    assert (empty.status_code, Checkpoint.objects.get(person=person, code="C02").state) == (422, "in_progress")
    answer = client.post(decline, {"reason": "Ask for the list again"}, follow=True)
    assert "The waiver of C02 is not agreed; C02 stays open." in answer.content.decode()
    assert "Waiver not agreed: Ask for the list again" in answer.content.decode()
    assert Checkpoint.objects.get(person=person, code="C02").state == "not_started"
    assert client.post(decline, {"reason": "Again"}).status_code == 422


def test_somebody_whom_staff_named_is_listed_with_that_source(programme, sign_in):
    client = sign_in("MT", programme)
    add = reverse("transfers:person-add", args=[programme.ref])
    assert "Staff of the exiting provider named them: there is no list" in client.get(add).content.decode()
    refused = client.post(add, {"surname": "Hartley", "source": "rumour"})
    assert (refused.status_code, PersonTransfer.objects.count()) == (422, 0)
    assert client.post(add, {"surname": "Hartley", "source": "staff_interview"}).status_code == 302
    person = PersonTransfer.objects.get()
    assert (person.source, person.checkpoints.get().code) == ("staff_interview", "C01")
    assert "Staff of the exiting provider named them" in client.get(reverse("transfers:person-detail", args=[programme.ref, person.public_id])).content.decode()
