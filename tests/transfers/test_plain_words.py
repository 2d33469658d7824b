"""Pages and notes that say what is so: what is asked, what waits for what, what stands, and what was not taken."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.errors import Conflict, Refused
from mobilisation.services import changes
from mobilisation.services.imports import import_file
from tests.factories import ground, people, workbooks
from tests.transfers.test_lists import take
from transfers.models import Checkpoint, Discrepancy, ListFinding, PersonTransfer
from transfers.services import care_plans, checkpoints, lists
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
MONDAY = date(2027, 3, 15)


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def at(name, programme, person, *more):
    return reverse(f"transfers:{name}", args=[programme.ref, person.public_id, *more])


def moved(programme, **more):
    return people.person(programme, done=people.ready_up_to("C15"), incoming_provider=people.incoming(programme), allocation_response="accepted", sharing_basis="direct_care", actual_transfer_date=date(2027, 3, 10), **more)


def test_a_discrepancy_says_what_differs_and_is_found_today_unless_said_otherwise(programme, sign_in):
    person, client = moved(programme), sign_in("OL", programme)
    form = client.get(at("discrepancy-add", programme, person)).context["form"]
    assert (form["found_on"].initial, form.fields["detail"].required) == (MONDAY, True)
    empty = client.post(at("discrepancy-add", programme, person), {"kind": "medication", "found_on": "2027-03-15", "detail": " "})
    assert (empty.status_code, empty.context["form"].errors["detail"], Discrepancy.objects.count()) == (422, ["Say what differs."], 0)
    made = care_plans.open_discrepancy(person, "medication", actor=ground.actor("OL", programme), detail="Morning dose", found_on=date(2027, 3, 14))
    with pytest.raises(Refused, match="Say what differs"):
        care_plans.change_discrepancy(made, {"detail": " "}, actor=ground.actor("OL", programme))
    assert Discrepancy.objects.get().detail == "Morning dose"
    assert client.get(at("discrepancy-edit", programme, person, made.public_id)).context["form"]["found_on"].initial == date(2027, 3, 14)


def test_what_waits_for_the_discharge_says_so_and_where(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C14"), incoming_provider=people.incoming(programme), allocation_response="accepted", sharing_basis="direct_care")
    client, url = sign_in("OL", programme), at("person-detail", programme, person)
    assert "waits for the discharge" not in client.get(url).content.decode()
    services.admit(person, actor=ground.actor("MT", programme), admitted_on=MONDAY)
    answer = client.get(url)
    text = answer.content.decode()
    assert answer.context["next"].code == "C17"
    assert f'It waits for the discharge from hospital. <a href="{at("person-act", programme, person, "discharge")}">Record the discharge</a>' in text
    assert {row.checkpoint.code for row in answer.context["chain"] if row.waits_discharge and row.missing and row.state != "paused"} == {"C17", "C18", "C19", "C20"}
    assert "Blocked by C15: waits for the discharge" in text


def test_whoever_is_asked_for_a_waiver_may_say_no_on_the_same_page(programme, sign_in):
    person, client = people.person(programme, done=people.ready_up_to("C06")), sign_in("CL", programme)
    waive, decline = (at("checkpoint", programme, person, "C07", how) for how in ("waive", "decline"))
    assert decline not in client.get(waive).content.decode()
    checkpoints.waive(person, "C07", actor=ground.actor("OL", programme), reason="no time", risk_assessment="low")
    assert f'href="{decline}">Do not agree</a>' in client.get(waive).content.decode()
    assert decline not in sign_in("OL", programme).get(waive).content.decode()
    client = sign_in("CL", programme)
    assert client.post(decline, {"reason": "too soon", "version": client.get(decline).context["form"].initial["version"]}).status_code == 302
    assert Checkpoint.objects.get(person=person, code="C07").state == "not_started"


@pytest.mark.parametrize("reason", ["x", "ok", "12 3 !", " . "])
def test_a_difference_is_settled_with_words(programme, sign_in, reason):
    take(programme, ["YATES, Pauline", "", "03/03/1940", "CT52AA", 7, "KCC", "No"])
    finding = ListFinding.objects.get()
    answer = sign_in("MT", programme).post(reverse("transfers:finding", args=[programme.ref, finding.public_id]), {"how": "not_ours", "reason": reason})
    finding.refresh_from_db()
    assert (answer.status_code, finding.resolution) == (422, "")
    if reason.strip(" ."):
        assert answer.context["form"].errors["reason"] == ["Say why in words, for whoever asks later."]
    lists.resolve(finding, "not_ours", actor=Actor.operator(), reason="Rang them")
    with pytest.raises(Refused, match="Say why in words"):
        lists.reopen(ListFinding.objects.get(), actor=Actor.operator(), why="x")


def test_whoever_died_wears_the_ending_and_no_colour(programme, sign_in):
    person = people.person(programme, done=("C01",))
    services.end(person, "died", actor=ground.actor("OL", programme), on=MONDAY, why="the family rang")
    text = sign_in("MT", programme).get(at("person-detail", programme, person)).content.decode()
    card = text.split("app-card--verdict")[1].split("</div>")[0]
    assert ('<span class="app-tag">Died, 15 Mar 2027</span>' in card, "Not started" in card) == (True, False)


HEAD = ["Surname", "Forename", "NHS number", "Phone", "Postcode"]


def notes(programme, *row):
    outcome = import_file("tracker", programme, Actor.operator(), workbooks.xlsx(("Tracker", [HEAD, list(row)])), "tracker.xlsx")
    assert (outcome.ok, outcome.summary["unchanged"]) == (True, 1)
    return [(one["column"], one["value"], one["problem"]) for one in outcome.summary["warnings"]]


def test_an_import_says_of_whoever_died_what_it_did_not_take_and_nothing_where_nothing_differs(programme):
    person = people.person(programme, surname="Hartley", forename="Margaret", nhs_number="9990000018", phone="01632 960001", postcode="CT5 1AR", ending="died", ended_on=MONDAY)
    assert notes(programme, "Hartley", "Margaret", "9990000018", "01632 960001", "CT5 1AR") == []
    died = "Nothing is taken: this person is recorded as died. Correct that on the person's page first."
    assert notes(programme, "Hartley", "Margaret", "9990000018", "01632 960002", "CT5 1AR") == [("Phone", "01632 960002", died)]
    assert notes(programme, "Hartley", "Margaret", "9990000018", "01632 960002", "CT5 1AS") == [("Phone", "01632 960002", f"{died} It says something else under Postcode too.")]
    person.refresh_from_db()
    assert (person.phone, person.postcode) == ("01632 960001", "CT5 1AR")


def test_a_pasted_cell_that_cannot_be_read_shows_what_stands(programme, sign_in):
    client, person = sign_in("OL", programme), people.person(programme, case_system_id="SW7", done=("C01",), planned_transfer_date=date(2027, 4, 1), priority="G")
    Checkpoint.objects.filter(person=person, code="C01").update(done_on=date(2027, 3, 2))
    for first, text, old in (("transfer", "SW7\tsoon", "1 Apr 2027"), ("C01", "SW7\tsoon", "2 Mar 2027"), ("C02", "SW7\tsoon", "empty")):
        answer = client.post(reverse("transfers:person-paste", args=[programme.ref]), {"text": text, "first": first, "by": "reference", "start": "1", "version": ""}, follow=True)
        assert [(cell.line.outcome, cell.old, cell.new) for cell in answer.context["cells"]] == [("refused", old, "soon")], first


def test_a_clash_names_the_column_as_it_is_called(programme):
    person = people.person(programme)
    changes.apply(person, {"planned_transfer_date": date(2027, 4, 1)}, actor=ground.actor("MT", programme))
    held = PersonTransfer.objects.get(pk=person.pk)
    with pytest.raises(Conflict) as clash:
        changes.apply(held, {"planned_transfer_date": date(2027, 4, 2)}, actor=ground.actor("OL", programme), expected_version=held.version - 1)
    assert [one.label for one in clash.value.fields] == ["Planned transfer (T)"]


def test_an_undo_asks_for_its_reason_where_it_is_needed(programme, sign_in):
    person, client = people.person(programme, done=("C01", "C02")), sign_in("OL", programme)
    url = at("checkpoint", programme, person, "C02", "undo")
    form = client.get(url).context["form"]
    assert (form.fields["reason"].required, form.fields["reason"].help_text) == (True, "")
    answer = client.post(url, {"reason": "", "version": form.initial["version"]})
    assert (answer.status_code, answer.context["form"].errors["reason"], Checkpoint.objects.get(person=person, code="C02").state) == (422, ["Say why it is undone."], "done")
    checkpoints.mark(person, "C04", actor=Actor.of(client.user, programme), on=MONDAY)
    assert client.get(at("checkpoint", programme, person, "C04", "undo")).context["form"].fields["reason"].required is False
