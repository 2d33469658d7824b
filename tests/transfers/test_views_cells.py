"""One cell saved where it stands; two people on one row see both values."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mobilisation.models import Change
from tests.factories import people
from transfers.models import Checkpoint, PersonTransfer
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def address(programme, person, field="wave"):
    return reverse("transfers:person-cell", args=[programme.ref, person.public_id, field])


def sent(client, url):
    """What the page of the cell would send."""
    form = client.get(url).context["form"]
    return {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}


def test_a_cell_is_saved_and_the_row_comes_back(programme, sign_in):
    person = people.person(programme, wave="1")
    client = sign_in("MT", programme)
    url = address(programme, person)
    answer = client.post(f"{url}?cols=wave", sent(client, url) | {"wave": "2"}, **HTMX)
    assert (answer.status_code, answer.json()["said"], PersonTransfer.objects.get().wave) == (200, "Wave saved", "2")
    assert f"<a href={person.public_id}/cell/wave/>2</a>" in answer.json()["row"]
    assert f" data-n={person.version + 1}>" in answer.json()["row"]
    assert Change.objects.get(entity="transfers.persontransfer").fields == {"wave": ["1", "2"]}


def test_without_a_script_the_same_form_is_a_page_that_leads_back_to_the_same_rows(programme, sign_in):
    person = people.person(programme)
    client = sign_in("MT", programme)
    url, rows = address(programme, person, "planned_transfer_date"), f"{reverse('transfers:person-list', args=[programme.ref])}?wave=2&cols=transfer"
    page = client.get(url, HTTP_REFERER=f"http://testserver{rows}")
    assert "<h1" in page.content.decode()
    answer = client.post(f"{url}{page.context['form'].helper.form_action}", sent(client, url) | {"planned_transfer_date": "2027-04-01"})
    assert (answer.status_code, answer.url) == (302, rows)
    assert str(PersonTransfer.objects.get().planned_transfer_date) == "2027-04-01"
    again = client.get(answer.url).content.decode()
    assert ("Transfer (T) saved." in again, 'class="app-notice' in again) == (True, True)
    assert "Transfer (T) saved." not in client.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("field", "sent_too", "said"),
    [("wave", {"wave": "2"}, "Wave saved."), ("wave", {"wave": "1"}, "Wave: nothing was different."), ("priority", {"priority": "R"}, "Priority saved: Red."), ("C02", {"act": "done"}, "C02 marked as done.")],
)
def test_without_a_script_every_save_says_on_the_next_page_what_was_done(programme, sign_in, field, sent_too, said):
    person = people.person(programme, done=("C01",), wave="1")
    client = sign_in("OL", programme)
    url = address(programme, person, field)
    answer = client.post(url, sent(client, url) | sent_too, follow=True)
    assert (answer.status_code, said in answer.content.decode()) == (200, True)


def test_with_a_script_nothing_is_left_to_say_on_the_next_page(programme, sign_in):
    person = people.person(programme)
    client = sign_in("MT", programme)
    client.post(address(programme, person), sent(client, address(programme, person)) | {"wave": "2"}, **HTMX)
    assert "Wave saved" not in client.get(reverse("transfers:person-list", args=[programme.ref])).content.decode()


def test_the_way_back_leads_nowhere_else(programme, sign_in):
    person = people.person(programme)
    client = sign_in("MT", programme)
    url = address(programme, person)
    answer = client.post(f"{url}?back=https://elsewhere.example/programmes/", sent(client, url) | {"wave": "2"})
    assert (answer.status_code, answer.url) == (302, reverse("transfers:person-list", args=[programme.ref]))


def test_a_clash_says_both_values_and_a_second_save_decides(programme, sign_in):
    person = people.person(programme, wave="1")
    client = sign_in("MT", programme)
    url = address(programme, person)
    stale = sent(client, url)
    client.post(url, stale | {"wave": "2"}, **HTMX)
    answer = client.post(url, stale | {"wave": "3"}, **HTMX)
    said = answer.json()
    assert (answer.status_code, said["theirs"], PersonTransfer.objects.get().wave) == (422, "2", "2")
    assert ["changed it to “2”" in reason and "You entered “3”" in reason for reason in said["reasons"]] == [True]
    assert client.post(url, {"wave": "3", "version": said["version"], "was": said["was"]}, **HTMX).status_code == 200
    assert PersonTransfer.objects.get().wave == "3"


def test_what_does_not_clash_merges(programme, sign_in):
    person = people.person(programme, wave="1", zone="North")
    client = sign_in("MT", programme)
    wave, zone = (address(programme, person, field) for field in ("wave", "zone"))
    stale = sent(client, zone)
    client.post(wave, sent(client, wave) | {"wave": "2"}, **HTMX)
    assert client.post(zone, stale | {"zone": "South"}, **HTMX).status_code == 200
    person.refresh_from_db()
    assert (person.wave, person.zone) == ("2", "South")


def test_a_wrong_date_is_refused_with_its_reason_and_the_page_keeps_it(programme, sign_in):
    person = people.person(programme)
    client = sign_in("MT", programme)
    url = address(programme, person, "planned_transfer_date")
    typed = sent(client, url) | {"planned_transfer_date": "31/31/2027"}
    answer, page = client.post(url, typed, **HTMX), client.post(url, typed)
    assert (answer.status_code, answer.json()["reasons"]) == (422, ["Planned transfer (T): enter a real date, like 27 3 2027"])
    assert (page.status_code, "31/31/2027" in page.content.decode(), PersonTransfer.objects.get().planned_transfer_date) == (422, True, None)


def test_a_tick_marks_and_the_row_moves_on(programme, sign_in):
    person = people.person(programme, done=("C01",))
    client = sign_in("MT", programme)
    answer = client.post(address(programme, person, "C02"), {"on": "2027-03-15", "version": f"{person.version}/", "act": "done"}, **HTMX)
    mark = Checkpoint.objects.get(code="C02")
    assert (answer.status_code, answer.json()["said"], mark.state, str(mark.done_on)) == (200, "C02 marked as done", "done", "2027-03-15")
    person.refresh_from_db()
    assert (person.next_checkpoint, f"{person.next_checkpoint} Priority" in answer.json()["row"]) == ("C03", True)


def test_a_refused_tick_says_every_missing_gate_at_once_and_writes_nothing(programme, sign_in):
    person = people.person(programme, done=("C01",))
    client = sign_in("OL", programme)
    before = (Change.objects.count(), person.version)
    answer = client.post(address(programme, person, "C11"), {"on": "2027-03-15", "version": f"{person.version}/"}, **HTMX)
    words = " ".join(answer.json()["reasons"])
    assert (answer.status_code, [code in words for code in ("C06", "C08", "C09")]) == (422, [True, True, True])
    person.refresh_from_db()
    assert ((Change.objects.count(), person.version), Checkpoint.objects.filter(code="C11").exists()) == (before, False)


def test_a_tick_is_undone_by_its_author_for_ten_minutes_and_then_needs_the_form(programme, sign_in):
    person = people.person(programme, done=("C01",))
    client = sign_in("MT", programme)
    url = address(programme, person, "C02")
    client.post(url, {"on": "2027-03-15", "version": f"{person.version}/"}, **HTMX)
    mark = Checkpoint.objects.get(code="C02")
    undo = {"act": "undo", "version": f"{PersonTransfer.objects.get().version}/{mark.pk}.{mark.version}"}
    with time_machine.travel("2027-03-15 10:11", tick=False):
        late = client.post(url, undo, **HTMX)
    assert (late.status_code, late.json()["more"][0][0], Checkpoint.objects.get(code="C02").state) == (422, "Undo with a reason", "done")
    answer = client.post(url, undo, **HTMX)
    assert (answer.status_code, answer.json()["said"], Checkpoint.objects.get(code="C02").state) == (200, "C02 undone", "not_started")


def test_a_tick_on_what_somebody_else_marked_meanwhile_is_refused(programme, sign_in):
    person = people.person(programme, done=("C01",))
    client = sign_in("MT", programme)
    url, stale = address(programme, person, "C02"), {"on": "2027-03-14", "version": f"{person.version}/"}
    client.post(url, {"on": "2027-03-15", "version": f"{person.version}/"}, **HTMX)
    answer = client.post(url, stale, **HTMX)
    assert (answer.status_code, "recorded “C02 done”" in " ".join(answer.json()["reasons"]), str(Checkpoint.objects.get(code="C02").done_on)) == (422, True, "2027-03-15")


def test_a_role_that_may_not_mark_is_told_who_may(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C13"), incoming_provider=people.incoming(programme), planned_transfer_date=date(2027, 3, 20), priority="G")
    answer = sign_in("PO", programme).post(address(programme, person, "C14"), {"on": "2027-03-15", "version": f"{person.version}/"}, **HTMX)
    assert (answer.status_code, "C14 Ready to transfer is marked by OL or ASM" in answer.json()["reasons"][0]) == (422, True)
    assert not Checkpoint.objects.filter(code="C14").exists()


def test_a_provider_types_only_what_is_its_own(programme, sign_in):
    person = people.person(programme, visit_times="08:00")
    client = sign_in("XP", programme, organisation=person.exiting_provider)
    times = address(programme, person, "visit_times")
    assert client.post(times, sent(client, times) | {"visit_times": "09:00"}, **HTMX).status_code == 200
    assert {field: client.post(address(programme, person, field), {field: "x"}, **HTMX).status_code for field in ("wave", "old_order_ref", "C01", "C14", "zone")} == dict.fromkeys(("wave", "old_order_ref", "C01", "C14", "zone"), 404)
    assert PersonTransfer.objects.get().visit_times == "09:00"


def test_who_does_not_see_orders_has_no_cell_of_theirs(programme, sign_in):
    person = people.person(programme)
    client = sign_in("QL", programme)
    assert client.get(address(programme, person, "old_order_ref")).status_code == 404
    assert 'data-k=old_order' not in client.get(reverse("transfers:person-list", args=[programme.ref]) + "?cols=old_order,wave").content.decode()


@pytest.mark.parametrize("field", ["surname", "status", "exiting_provider", "allocation_response"])
def test_only_the_cells_of_the_list_are_cells(programme, sign_in, field):
    person = people.person(programme)
    assert sign_in("OL", programme).post(address(programme, person, field), {field: "x"}).status_code == 404


@pytest.mark.parametrize("role", ["BM", "COM", "SRO", "ADM", "WSL"])
def test_roles_without_people_get_404(programme, sign_in, role):
    person = people.person(programme)
    assert sign_in(role, programme).get(address(programme, person)).status_code == 404


def test_the_field_of_a_cell_has_an_id_of_its_own_beside_the_filters(programme, sign_in):
    person = people.person(programme, wave="1")
    client = sign_in("MT", programme)
    page = client.get(reverse("transfers:person-list", args=[programme.ref])).content.decode()
    cell = client.get(address(programme, person))
    own = cell.context["form"]["wave"].id_for_label
    assert ('id="id_wave"' in page, f'id="{own}"' in page, f'id="{own}"' in cell.content.decode(), f'for="{own}"' in cell.content.decode()) == (True, False, True, True)


def test_the_priority_is_set_in_the_list_by_who_sets_priorities_and_marks_c03(programme, sign_in):
    person = people.person(programme, done=("C01", "C02"))
    client = sign_in("ASM", programme)
    url = address(programme, person, "priority")
    answer = client.post(url, sent(client, url) | {"priority": "A"}, **HTMX)
    assert (answer.status_code, answer.json()["said"]) == (200, "Priority saved: Amber")
    person.refresh_from_db()
    assert (person.priority, person.checkpoints.get(code="C03").state) == ("A", "done")
    assert 'data-v="A"' in answer.json()["row"]
    assert sign_in("MT", programme).get(url).status_code == 404


def test_green_over_a_red_suggestion_is_refused_in_the_cell_and_leads_to_the_reason(programme, sign_in):
    person = people.person(programme, done=("C01", "C02"), peg_or_clinical=True, priority="R")
    client = sign_in("OL", programme)
    url = address(programme, person, "priority")
    answer = client.post(url, sent(client, url) | {"priority": "G"}, **HTMX)
    assert answer.status_code == 422
    assert answer.json()["more"] == [["Give a reason with it", reverse("transfers:person-act", args=[programme.ref, person.public_id, "priority"])]]
    person.refresh_from_db()
    assert person.priority == "R"


def test_a_priority_somebody_else_set_meanwhile_is_shown_first(programme, sign_in):
    person = people.person(programme, done=("C01", "C02"))
    client = sign_in("OL", programme)
    url = address(programme, person, "priority")
    mine = sent(client, url) | {"priority": "A"}
    services.set_priority(person, "R", actor=people.operator())
    answer = client.post(url, mine, **HTMX)
    assert (answer.status_code, answer.json()["version"].split("/")[0]) == (422, str(PersonTransfer.objects.get().version))
    assert PersonTransfer.objects.get().priority == "R"
    again = client.post(url, mine | {"version": answer.json()["version"].split("/")[0]}, **HTMX)
    assert (again.status_code, PersonTransfer.objects.get().priority) == (200, "A")


@pytest.mark.parametrize(("field", "values"), [("wave", ("2", "")), ("next_action_owner", ("T. Obi", "")), ("planned_transfer_date", ("2027-03-20", "2027-05-01")), ("next_action_due", ("2027-03-20", ""))])
def test_the_row_that_comes_back_is_the_row_of_the_list(programme, sign_in, field, values):
    person = people.person(programme, done=("C01", "C02"), wave="1", priority="R", incoming_provider=people.incoming(programme), allocation_response="offered", planned_transfer_date=date(2027, 3, 18), case_manager="S. Bexley")
    client = sign_in("MT", programme)
    url, columns = address(programme, person, field), "cols=wave,owner,transfer,action_due,due,over,stage,hold,changed,by&groups=prepare,tell,meet,move,check"
    for value in values:
        answer = client.post(f"{url}?{columns}&c=1", sent(client, url) | {field: value}, **HTMX)
        assert answer.status_code == 200, answer.json()
        assert answer.json()["row"] in client.get(reverse("transfers:person-list", args=[programme.ref]) + f"?{columns}").content.decode()


@pytest.mark.parametrize("number", [1, 5])
def test_a_cell_is_saved_in_nine_statements_and_a_transaction(programme, sign_in, number, django_assert_num_queries):
    for _ in range(number):
        person = people.person(programme, done=("C01",), wave="1")
    client = sign_in("MT", programme)
    url = address(programme, person)
    for wave in ("2", "3"):
        fields = sent(client, url) | {"wave": wave}
        if wave == "2":
            client.post(url, fields, **HTMX)
    with CaptureQueriesContext(connection) as done:
        assert client.post(url, fields, **HTMX).json()["said"] == "Wave saved"
    assert len([one for one in done.captured_queries if one["sql"].split()[0] not in {"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"}]) == 9


@pytest.mark.parametrize("text", ["[code removed]", "[Code removed]."])
def test_what_stands_in_place_of_a_code_is_refused_in_a_cell_and_on_the_page_of_the_record(programme, sign_in, text):
    person = people.person(programme, next_action="Ring the daughter")
    client = sign_in("MT", programme)
    url = address(programme, person, "next_action")
    answer = client.post(url, sent(client, url) | {"next_action": text}, **HTMX)
    words = "“[code removed]” stands where a code was taken out. By itself it says nothing, so what is here stays. Write what is meant."
    assert (answer.status_code, [reason.partition(": ")[2] for reason in answer.json()["reasons"]]) == (422, [words])
    page = reverse("transfers:person-edit", args=[programme.ref, person.public_id])
    assert (client.post(page, sent(client, page) | {"next_action": text}).status_code, PersonTransfer.objects.get().next_action) == (422, "Ring the daughter")


def test_without_a_script_the_filters_of_the_list_come_back_also_past_the_history_and_a_refusal(programme, sign_in):
    person = people.person(programme)
    client = sign_in("MT", programme)
    url, list_url = address(programme, person, "planned_transfer_date"), reverse("transfers:person-list", args=[programme.ref]) + "?show=no-provider"
    page = client.get(url, headers={"referer": f"http://testserver{list_url}"})
    action = page.context["form"].helper.form_action
    refused = client.post(f"{url}{action}", sent(client, url) | {"planned_transfer_date": "99 zzz"})
    assert (refused.status_code, refused.context["form"].helper.form_action) == (422, action)
    saved = client.post(f"{url}{action}", sent(client, url) | {"planned_transfer_date": "30/04/2027"})
    assert (saved.status_code, saved.url) == (302, list_url)
    (way,) = [part for part in page.content.decode().split('"') if f"/people/{person.public_id}/history/" in part]
    history = way.partition("?")[0]
    assert client.get(way, headers={"referer": f"http://testserver{url}"}).context["back"] == list_url
    assert client.get(f"{history}?back=https://elsewhere.example{list_url}").context["back"] == list_url
