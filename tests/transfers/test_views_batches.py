"""The pages of batches: the bar, the preview, the list, the undo; selection by filter; who is let in."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.models import AccessLog
from tests.factories import ground, people
from transfers.models import Batch, Checkpoint, Hold, PersonTransfer
from transfers.services import batches
from transfers.services import people as services
from transfers.services.batches import Wish

DETAIL, LIST, UNDO = 11, 7, 12
"""Statements of the three pages."""
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def address(name, programme, *args):
    return reverse(f"transfers:{name}", args=[programme.ref, *args])


def send(client, programme, act, chosen, query="", **fields):
    data = {"act": act, "filled": act, "person": [person.public_id for person in chosen]} | {f"bulk-{name}": value for name, value in fields.items()}
    return client.post(address("person-bulk", programme) + query, data)


def test_from_the_bar_to_the_preview_to_the_list_again_with_an_undo(programme, sign_in):
    good, blocked = people.person(programme, done=("C01",), weekly_hours="12.5", priority="R"), people.person(programme)
    client = sign_in("MT", programme)
    answer = send(client, programme, "mark", [good, blocked], "?show=going", code="C02", on="2027-03-15", note="")
    batch = Batch.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, address("batch-detail", programme, batch.public_id) + "?show=going")
    page = client.get(answer["Location"])
    assert page.context["mix"] == {"people": 1, "hours": good.weekly_hours or 12.5, "priorities": [("R", 1)]}
    assert [(one["n"], one["reason"], one["people"]) for one in page.context["why"]] == [(1, "C02 Data checked against the provider's list needs first: C01 Listed, source recorded.", [blocked])]
    assert [(cell.title, cell.old, cell.new, cell.line.outcome) for cell in page.context["cells"]] == [
        ("C02 Data checked against the provider's list", "empty", "15 Mar 2027", "will"), ("C02 Data checked against the provider's list", "empty", "15 Mar 2027", "refused"),
    ]
    assert not Checkpoint.objects.filter(code="C02").exists()
    answer = client.post(answer["Location"], follow=True)
    assert answer.redirect_chain == [(address("person-list", programme) + "?show=going", 302)]
    text = answer.content.decode()
    assert "done for 1 person; 1 refused. You can undo it until 10:10." in text
    assert f'<a href="{address("batch-undo", programme, batch.public_id)}?show=going">Undo</a>' in text
    assert list(Checkpoint.objects.filter(code="C02").values_list("person_id", flat=True)) == [good.pk]


def test_without_scripts_the_act_is_chosen_first_and_filled_in_on_a_page_of_its_own(programme, sign_in):
    chosen = [people.person(programme) for _ in range(2)]
    client = sign_in("PO", programme)
    page = client.post(address("person-bulk", programme), {"act": "wave", "person": [person.public_id for person in chosen]})
    assert (page.status_code, page.context["count"], page.context["form"].title, Batch.objects.count()) == (200, 2, "Set the wave", 0)
    text = page.content.decode()
    assert [f'name="person" value="{person.public_id}"' in text for person in chosen] == [True, True]
    assert send(client, programme, "wave", chosen, wave="2").status_code == 302


def test_the_fields_of_an_act_come_into_the_bar(programme, sign_in):
    client = sign_in("MT", programme)
    answer = client.get(address("person-bulk", programme) + "?act=offer", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert ('name="bulk-incoming_provider"' in text, text.count("<option"), "<html" in text) == (True, 4, False)
    assert client.get(address("person-bulk", programme) + "?act=hold", headers={"HX-Request": "true"}).status_code == 302
    assert client.get(address("person-bulk", programme) + "?act=offer").status_code == 302


def test_what_is_refused_by_the_form_stays_typed_with_the_people(programme, sign_in):
    person = people.person(programme)
    client = sign_in("OL", programme)
    for act, fields, words in (
        ("mark", {"code": "C02", "on": "2027-02-30"}, "Done on: enter a real date"), ("mark", {"code": "C14", "on": "2027-03-15"}, "C14 is not one of the available choices"), ("hold", {"reason": "", "review_on": "2027-03-20"}, "Enter reason"),
        ("hold", {"reason": "x", "review_on": "2027-03-14"}, "The review lies in the past"), ("action", {}, "Enter an action, its owner or its day"), ("manager", {"case_manager": "N/A"}, "names nobody and nothing"), ("offer", {}, "Choose a provider"),
        ("manager", {"case_manager": "key safe 4711"}, "is never kept here"), ("wave", {"wave": "x" * 31}, "at most 30 characters"),
    ):
        page = send(client, programme, act, [person], **fields)
        assert (page.status_code, words in page.content.decode(), f'value="{person.public_id}"' in page.content.decode(), Batch.objects.count()) == (422, True, True, 0), act


def test_nobody_ticked_leads_back_with_a_word(programme, sign_in):
    client = sign_in("MT", programme)
    answer = client.post(address("person-bulk", programme) + "?show=hold", {"act": "wave", "filled": "wave", "bulk-wave": "2"}, follow=True)
    assert (answer.redirect_chain[0][0], "Tick the people first" in answer.content.decode()) == (address("person-list", programme) + "?show=hold", True)


def test_everybody_of_the_filter_is_found_anew_counted_and_logged(programme, sign_in):
    red = [people.person(programme, priority="R") for _ in range(60)]
    people.person(programme, priority="G")
    client = sign_in("MT", programme)
    data = {"act": "wave", "all": "1", "person": [red[0].public_id], "filled": "wave", "bulk-wave": "3"}
    answer = client.post(address("person-bulk", programme) + "?priority=R", data)
    batch = Batch.objects.get()
    assert (batch.changed, batch.picked, answer.status_code) == (60, "everybody who matched priority Red (60)", 302)
    logged = AccessLog.objects.get(subject="people chosen by filter")
    assert (logged.count, sorted(logged.object_ids) == sorted(person.public_id for person in red), logged.user) == (60, True, client.user)
    client.post(answer["Location"])
    assert (PersonTransfer.objects.filter(wave="3").count(), PersonTransfer.objects.filter(wave="").count()) == (60, 1)


def test_a_search_is_part_of_the_filter_and_no_word_of_it_is_kept(programme, sign_in):
    people.person(programme, surname="Featherstonehaugh")
    people.person(programme)
    client = sign_in("MT", programme)
    searched = client.post(address("person-list", programme), {"term": "featherstone"}).url.partition("?")[2]
    answer = client.post(f"{address('person-bulk', programme)}?{searched}", {"act": "wave", "all": "1", "filled": "wave", "bulk-wave": "3"})
    batch = Batch.objects.get()
    assert (batch.changed, batch.picked, "feather" in answer["Location"].lower()) == (1, "everybody who matched a search (1)", False)


def test_somebody_of_another_programme_or_unknown_is_not_chosen(programme, sign_in):
    other = people.person(ground.provider_exit())
    client = sign_in("OL", programme)
    assert send(client, programme, "wave", [other], wave="2").status_code == 302
    assert Batch.objects.count() == 0


def test_whoever_of_the_ticked_is_gone_from_the_list_is_counted_and_said(programme, sign_in):
    mine, other = people.person(programme), people.person(ground.provider_exit())
    client = sign_in("OL", programme)
    where = send(client, programme, "wave", [mine, other], wave="2")["Location"]
    assert [str(message) for message in client.get(where).context["messages"]] == ["1 row that was ticked is not on your list any more and left out."]
    assert [line.person_id for line in Batch.objects.get().lines.all()] == [mine.pk]


def test_a_batch_of_another_programme_is_not_there(programme, sign_in):
    there = ground.provider_exit()
    batch = batches.propose(there, "change", "Wave", [Wish(people.person(there).pk, "wave", "2")], actor=ground.actor("OL", there))
    client = sign_in("OL", programme)
    for name in ("batch-detail", "batch-undo"):
        assert client.get(address(name, programme, batch.public_id)).status_code == 404
        assert client.post(address(name, programme, batch.public_id)).status_code == 404
    assert Batch.objects.get().state == "proposed"


@pytest.mark.parametrize("role", ["IP", "XP", "BM", "FIN", "SRO", "COM"])
def test_providers_and_roles_without_people_find_none_of_these_pages(programme, sign_in, role):
    person, ol = people.person(programme, incoming_provider=people.incoming(programme), allocation_response="accepted", sharing_basis="direct_care", done=people.ready_up_to("C09")), ground.actor("OL", programme)
    batch = batches.confirm(batches.propose(programme, "change", "Wave", [Wish(person.pk, "wave", "2")], actor=ol), actor=ol)
    held = services.hold(person, actor=ol, reason="no carers")
    client = sign_in(role, programme, organisation={"IP": person.incoming_provider, "XP": person.exiting_provider}.get(role))
    for url in (
        address("person-bulk", programme), address("batch-list", programme), address("batch-detail", programme, batch.public_id), address("batch-undo", programme, batch.public_id),
        address("hold-list", programme), address("hold-lift", programme, held.public_id), address("person-paste", programme),
    ):
        assert (client.get(url).status_code, client.post(url, {"why": "x", "reason": "x"}).status_code) == (404, 404), url
    assert (PersonTransfer.objects.get().wave, Hold.objects.get().lifted_on) == ("2", None)


def test_the_undo_page_says_what_stays_and_puts_the_rest_back(programme, sign_in):
    changed, still = people.person(programme, wave="1"), people.person(programme, wave="1")
    client = sign_in("MT", programme)
    send(client, programme, "wave", [changed, still], wave="2")
    batch = Batch.objects.get()
    client.post(address("batch-detail", programme, batch.public_id))
    services.update_person(PersonTransfer.objects.get(pk=changed.pk), {"wave": "5"}, actor=ground.actor("OL", programme))
    page = client.get(address("batch-undo", programme, batch.public_id))
    assert ([(cell.line.person, cell.new, cell.now) for cell in page.context["kept"]], len(page.context["found"].back), page.context["needs_reason"]) == ([(changed, "2", "5")], 1, False)
    text = page.content.decode()
    assert "<strong>1</strong> change will be put back, <strong>1</strong> will not, as somebody changed it since." in text
    # The act stands before the lists, and each row says who it is where two have one name.
    assert text.index("Undo it") < text.index('id="kept"') < text.index(changed.case_system_id) < text.index('id="put-back"') < text.index(still.case_system_id)
    answer = client.post(address("batch-undo", programme, batch.public_id), {"reason": ""}, follow=True)
    assert answer.redirect_chain == [(address("batch-detail", programme, batch.public_id), 302)]
    assert "Undone: 1 change is put back. 1 was changed since and stays as it is." in answer.content.decode()
    assert dict(PersonTransfer.objects.values_list("pk", "wave")) == {changed.pk: "5", still.pk: "1"}


def test_after_the_minutes_the_author_is_told_who_may_and_the_ol_gives_a_reason(programme, sign_in):
    person = people.person(programme)
    client = sign_in("MT", programme)
    send(client, programme, "wave", [person], wave="2")
    batch = Batch.objects.get()
    client.post(address("batch-detail", programme, batch.public_id))
    with time_machine.travel("2027-03-15 10:11", tick=False):
        answer = client.get(address("batch-undo", programme, batch.public_id), follow=True)
        assert "Only the lead operational manager (OL) may undo this now." in answer.content.decode()
        assert ">Undo</a>" not in client.get(address("batch-list", programme)).content.decode()
        lead = sign_in("OL", programme)
        assert lead.post(address("batch-undo", programme, batch.public_id), {"reason": ""}).status_code == 422
        assert PersonTransfer.objects.get().wave == "2"
        assert lead.post(address("batch-undo", programme, batch.public_id), {"reason": "wrong wave"}).status_code == 302
        assert PersonTransfer.objects.get().wave == ""
        text = lead.get(address("batch-list", programme)).content.decode()
        assert ("Undone" in text, "Wave: 2" in text) == (True, True)


def test_what_was_typed_is_escaped_in_the_message_and_on_the_pages(programme, sign_in):
    client = sign_in("OL", programme)
    send(client, programme, "wave", [people.person(programme)], wave="<b>2</b>")
    batch = Batch.objects.get()
    answer = client.post(address("batch-detail", programme, batch.public_id), follow=True)
    every = answer.content.decode() + client.get(address("batch-list", programme)).content.decode() + client.get(address("batch-detail", programme, batch.public_id)).content.decode()
    assert ("<b>2</b>" in every, "&lt;b&gt;2&lt;/b&gt;" in every) == (False, True)


@pytest.mark.parametrize("number", [3, 30])
def test_the_pages_cost_the_same_however_many(programme, sign_in, number, django_assert_num_queries):
    client = sign_in("OL", programme)
    ol, blocked = ground.actor("OL", programme), [people.person(programme) for _ in range(number)]
    good = [people.person(programme, done=("C01",)) for _ in range(number)]
    for person in good:
        services.offer(person, people.incoming(programme), actor=ol)
    made = [batches.propose(programme, "mark", "C02", [Wish(person.pk, "C02", date(2027, 3, 15)) for person in (*good, *blocked)], actor=ol) for _ in range(2)]
    client.get("/glossary/")
    with django_assert_num_queries(DETAIL):
        page = client.get(address("batch-detail", programme, made[0].public_id))
    assert page.context["page_obj"].paginator.count == 2 * number
    for batch in made[: 1 if number == 3 else 2]:
        batches.confirm(batch, actor=ol)
    with django_assert_num_queries(LIST):
        client.get(address("batch-list", programme))
    with django_assert_num_queries(UNDO):
        client.get(address("batch-undo", programme, made[0].public_id))
