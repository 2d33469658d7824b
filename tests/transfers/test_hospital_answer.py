"""C02 wants an answer whether somebody is in hospital: from the file, the page, the grid, many at once, or an admission."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.errors import NotPermitted, Refused
from mobilisation.roles import Can
from mobilisation.services.imports import import_file
from tests.factories import ground, people
from transfers.exports.tracker import write_csv
from transfers.imports.paste import wishes
from transfers.models import Batch, Checkpoint, HospitalEpisode, PersonTransfer
from transfers.rules import hospital as rules
from transfers.rules.grid import BY_KEY, Viewer
from transfers.services import checkpoints
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
MONDAY = date(2027, 3, 15)
WAITS = "Whether the person is in hospital is not recorded. Record the admission, or that they are not in hospital."


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def unasked(programme):
    return people.person(programme, done=("C01",), hospital_asked_on=None)


def page(name, programme, *args):
    return reverse(f"transfers:{name}", args=[programme.ref, *args])


def marked(person, code="C02"):
    return Checkpoint.objects.filter(person=person, code=code, state="done").exists()


@pytest.mark.parametrize(("in_hospital", "asked_on", "waits"), [(False, None, True), (False, MONDAY, False), (True, None, False), (True, MONDAY, False)])
def test_an_answer_is_a_stay_or_a_day_on_which_it_was_asked(in_hospital, asked_on, waits):
    assert (rules.unanswered(in_hospital, asked_on) == WAITS) is waits


def test_c02_is_refused_until_it_is_known_and_no_other_mark_is(programme, unasked):
    mt = ground.actor("MT", programme)
    with pytest.raises(Refused) as refused:
        checkpoints.mark(unasked, "C02", actor=mt)
    assert [reason.text for reason in refused.value.reasons] == [WAITS]
    services.set_priority(unasked, "G", actor=ground.actor("OL", programme))
    assert (marked(unasked), marked(unasked, "C03")) == (False, True)
    services.confirm_at_home(unasked, actor=mt)
    checkpoints.mark(unasked, "C02", actor=mt)
    assert (marked(unasked), PersonTransfer.objects.get().hospital_asked_on) == (True, MONDAY)


def test_an_admission_is_an_answer_and_a_discharge_leaves_one(programme, unasked):
    mt = ground.actor("MT", programme)
    services.admit(unasked, actor=mt, hospital="QEQM", admitted_on=date(2027, 3, 10))
    checkpoints.mark(PersonTransfer.objects.get(), "C02", actor=mt)
    assert marked(unasked)
    services.discharge(PersonTransfer.objects.get(), actor=mt, discharged_on=date(2027, 3, 14))
    assert PersonTransfer.objects.get().hospital_asked_on == date(2027, 3, 14)


def test_somebody_in_hospital_is_not_recorded_at_home_nor_on_a_day_to_come(programme, unasked):
    mt = ground.actor("MT", programme)
    with pytest.raises(Refused, match="The day is in the future"):
        services.confirm_at_home(unasked, actor=mt, on=date(2027, 3, 16))
    services.admit(unasked, actor=mt)
    with pytest.raises(Refused, match="in hospital here"):
        services.confirm_at_home(PersonTransfer.objects.get(), actor=mt)
    with pytest.raises(NotPermitted):
        services.confirm_at_home(PersonTransfer.objects.get(), actor=ground.actor("XP", programme, unasked.exiting_provider))
    assert PersonTransfer.objects.get().hospital_asked_on is None


def test_the_form_of_c02_asks_and_keeps_the_answer_with_the_mark(programme, unasked, sign_in):
    client, url = sign_in("MT", programme), page("checkpoint", programme, unasked.public_id, "C02", "mark")
    sent = {"on": "2027-03-12", "note": "", "version": client.get(url).context["form"]["version"].value()}
    assert "Is the person in hospital now?" in client.get(url).content.decode()
    silent = client.post(url, sent)
    assert (silent.status_code, "Say whether the person is in hospital" in silent.content.decode(), marked(unasked)) == (422, True, False)
    inside = client.post(url, sent | {"at_home": "no"})
    assert (inside.status_code, "Record the admission" in inside.content.decode(), marked(unasked)) == (422, True, False)
    answer = client.post(url, sent | {"at_home": "yes"}, follow=True)
    assert (marked(unasked), PersonTransfer.objects.get().hospital_asked_on, "No (12 Mar 2027)" in answer.content.decode()) == (True, date(2027, 3, 12), True)


def test_nothing_is_kept_when_the_mark_is_refused(programme, sign_in):
    person = people.person(programme, hospital_asked_on=None)
    client = sign_in("MT", programme)
    answer = client.post(page("checkpoint", programme, person.public_id, "C02", "mark"), {"on": "2027-03-12", "at_home": "yes"})
    assert (answer.status_code, "C02 Data checked against the provider's list needs first: C01" in answer.content.decode().replace("&#x27;", "'"), PersonTransfer.objects.get().hospital_asked_on) == (422, True, None)


def test_who_knows_already_is_not_asked_again(programme, sign_in):
    person = people.person(programme, done=("C01",))
    assert "Is the person in hospital now?" not in sign_in("MT", programme).get(page("checkpoint", programme, person.public_id, "C02", "mark")).content.decode()


def test_the_person_page_offers_it_and_says_what_is_known(programme, unasked, sign_in):
    client, url = sign_in("MT", programme), page("person-act", programme, unasked.public_id, "at-home")
    assert "Not asked yet" in client.get(page("person-detail", programme, unasked.public_id)).content.decode()
    answer = client.post(url, {"on": "2027-03-11", "version": client.get(url).context["form"]["version"].value()}, follow=True)
    text = answer.content.decode()
    assert ("That the person is not in hospital is recorded." in text, "No (11 Mar 2027)" in text) == (True, True)


def test_the_cell_of_c02_leads_to_the_question(programme, unasked, sign_in):
    client = sign_in("MT", programme)
    answer = client.post(page("person-cell", programme, unasked.public_id, "C02"), {"act": "done", "on": "2027-03-15", "note": "", "version": f"{unasked.version}/"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.json()["reasons"], answer.json()["more"][0]) == (422, [WAITS], ["Say whether they are in hospital", page("checkpoint", programme, unasked.public_id, "C02", "mark")])


def test_many_are_answered_at_once_and_those_in_hospital_are_refused(programme, unasked, sign_in):
    stays = people.person(programme, done=("C01",), hospital_asked_on=None)
    services.admit(stays, actor=Actor.operator())
    client = sign_in("MT", programme)
    data = {"act": "at-home", "filled": "at-home", "person": [unasked.public_id, stays.public_id], "bulk-hospital_asked_on": "2027-03-15"}
    shown = client.get(client.post(page("person-bulk", programme), data)["Location"])
    assert {(cell.line.person_id, cell.line.outcome, cell.line.reason) for cell in shown.context["cells"]} == {(unasked.pk, "will", ""), (stays.pk, "refused", "This person is in hospital here. Record the discharge first.")}
    client.post(page("batch-detail", programme, Batch.objects.get().public_id))
    assert dict(PersonTransfer.objects.values_list("pk", "hospital_asked_on")) == {unasked.pk: MONDAY, stays.pk: None}


@pytest.mark.parametrize(("text", "value", "fault"), [("12/03/2027", date(2027, 3, 12), ""), ("16/03/2027", None, "in the future"), ("Y", None, "not a")])
def test_a_column_of_days_is_pasted(programme, unasked, text, value, fault):
    viewer = Viewer(frozenset(Can), frozenset({"MT"}))
    [wish] = wishes([[text]], [unasked], [BY_KEY["at_home"]], viewer=viewer, incoming={})
    assert (wish.field, wish.value, fault in wish.fault) == ("hospital_asked_on", value, True)


def taken(programme, text):
    return import_file("tracker", programme, Actor.operator(), text.encode(), "people.csv")


def test_a_file_that_says_no_answers_and_one_that_says_nothing_does_not(programme):
    assert taken(programme, "Case ID,Surname,In hospital?\nA1,Inside,Y\nA2,Home,N\nA3,Silent,\n").ok
    assert dict(PersonTransfer.objects.values_list("surname", "hospital_asked_on")) == {"Inside": None, "Home": MONDAY, "Silent": None}
    assert HospitalEpisode.objects.get().person.surname == "Inside"
    again = taken(programme, "Case ID,Surname,In hospital?\nA2,Home,N\nA3,Silent,N\n")
    assert (again.ok, again.summary["unchanged"], again.summary["updated"], PersonTransfer.objects.get(surname="Silent").hospital_asked_on) == (True, 1, 1, MONDAY)


def test_one_row_answers_and_marks_c02(programme):
    people.person(programme, case_system_id="A1", surname="Smith", done=("C01",), hospital_asked_on=None)
    refused = taken(programme, "Case ID,Surname,C02 Data checked\nA1,Smith,12/03/2027\n")
    assert (refused.ok, [error["problem"] for error in refused.summary["errors"]]) == (False, [WAITS])
    assert taken(programme, "Case ID,Surname,In hospital?,C02 Data checked\nA1,Smith,N,12/03/2027\n").ok
    assert marked(PersonTransfer.objects.get())


def test_the_workbook_says_no_only_where_it_was_asked_and_comes_back_with_nothing_changed(programme, unasked, tmp_path):
    people.person(programme, surname="Asked")
    with (tmp_path / "people.csv").open("wb") as file:
        write_csv(file, programme, PersonTransfer.objects.filter(programme=programme))
    data = (tmp_path / "people.csv").read_bytes()
    head, *lines = [line.split(",") for line in data.decode().splitlines()]
    assert {line[head.index("surname")]: line[head.index("in_hospital")] for line in lines} == {"Asked": "N", unasked.surname: ""}
    outcome = import_file("tracker", programme, Actor.operator(), data, "people.csv")
    assert (outcome.ok, outcome.summary["unchanged"], outcome.summary["updated"]) == (True, 2, 0)


def test_a_provider_neither_sees_the_column_nor_changes_it(programme, unasked, sign_in):
    provider = unasked.exiting_provider
    assert sign_in("XP", programme, organisation=provider).get(page("person-cell", programme, unasked.public_id, "hospital_asked_on")).status_code == 404
    with pytest.raises(NotPermitted):
        services.update_person(unasked, {"hospital_asked_on": MONDAY}, actor=ground.actor("XP", programme, provider))
