"""Safety checks in the day of the team (domain 5.6): tries, questions, stays put right."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.models import Notification
from tests.factories import ground, people
from tests.transfers.test_services_checkpoints import through_to_first_visit
from tests.transfers.test_washup import shown
from transfers.models import HospitalEpisode, PersonTransfer, SafetyCheck
from transfers.rules import safety
from transfers.services import checkpoints
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
ALL = people.ready_up_to("C14")


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def tried(person, actor, **fields):
    return checkpoints.record_safety_check(person, "unable_to_contact", actor=actor, **fields)


def test_two_tries_on_a_day_make_an_exception_and_tell_the_lead_and_the_case_managers(programme):
    person = through_to_first_visit(programme)
    PersonTransfer.objects.filter(pk=person.pk).update(priority="R", representative_name="Somebody")
    person.refresh_from_db()
    cm = ground.actor("CM", programme)
    ol = ground.user_in("OL", programme)
    tried(person, cm)
    assert shown(programme)["unreached"].count == Notification.objects.filter(kind="unreached").count() == 0
    tried(person, cm)
    (line,) = shown(programme)["unreached"].lines
    assert (line.person, line.act) == (person.public_id, "safety")
    assert line.state.endswith("nobody answered 2 times, last on 15 Mar. Contact the representative. Priority Red: a welfare visit today.")
    rows = Notification.objects.filter(kind="unreached")
    assert {row.user for row in rows} >= {ol, cm.user}
    assert {(row.subject, row.body, row.at_once) for row in rows} == {(f"{programme.reference}: nobody answered a safety check twice: welfare visit today", person.public_id, True)}
    before = rows.count()
    tried(person, cm)
    assert rows.count() == before
    checkpoints.record_safety_check(person, "safe", actor=cm, method="visit")
    assert shown(programme)["unreached"].count == 0


def test_one_try_each_on_two_days_is_no_exception(programme):
    person = through_to_first_visit(programme)
    SafetyCheck.objects.create(person=person, done_on=date(2027, 3, 15), outcome="unable_to_contact")
    with time_machine.travel("2027-03-16 10:00", tick=False):
        SafetyCheck.objects.create(person=person, done_on=date(2027, 3, 16), outcome="unable_to_contact")
        assert shown(programme)["unreached"].count == 0
        SafetyCheck.objects.create(person=person, done_on=date(2027, 3, 16), outcome="unable_to_contact")
        assert shown(programme)["unreached"].count == 1


NINE = dict.fromkeys(("came", "on_time", "right_number", "knew_needs", "medicines", "equipment", "feels_safe", "knows_who_to_call", "representative_content"), "yes")


def test_the_nine_questions_are_recorded_one_by_one(programme, sign_in):
    person = through_to_first_visit(programme)
    client = sign_in("CM", programme)
    act = reverse("transfers:person-act", args=[programme.ref, person.public_id, "safety"])
    sent = {"on": "2027-03-15", "method": "phone", "outcome": "safe"} | NINE
    missing = client.post(act, {key: value for key, value in sent.items() if key != "equipment"})
    assert (missing.status_code, "Equipment there? Choose an answer, or that it does not apply" in missing.content.decode(), SafetyCheck.objects.count()) == (422, True, 0)
    unsafe = client.post(act, sent | {"feels_safe": "no"})
    assert (unsafe.status_code, "does not feel safe, so the outcome is “Concern”" in unsafe.content.decode(), SafetyCheck.objects.count()) == (422, True, 0)
    silent = client.post(act, sent | {"on_time": "no"})
    assert (silent.status_code, "Say what is done about: On time?" in silent.content.decode(), SafetyCheck.objects.count()) == (422, True, 0)
    assert client.post(act, sent | {"on_time": "no", "medicines": "na", "follow_up": "Rota changed"}).status_code == 302
    assert SafetyCheck.objects.get().answers == NINE | {"on_time": "no", "medicines": "na"}
    assert "Answered “no”: On time?" in client.get(reverse("transfers:person-detail", args=[programme.ref, person.public_id])).content.decode()


def test_a_try_needs_no_answers_and_says_what_comes_next(programme, sign_in):
    person = through_to_first_visit(programme)
    client = sign_in("CM", programme)
    act = reverse("transfers:person-act", args=[programme.ref, person.public_id, "safety"])
    said = [client.post(act, {"on": "2027-03-15", "method": "phone", "outcome": "unable_to_contact", "version": ""}, follow=True).content.decode() for _ in range(2)]
    assert "That nobody answered is recorded. Try once more today." in said[0]
    assert "There is no representative to contact." in said[1]
    assert "There is no representative to contact." in client.get(act).content.decode()


def test_a_stay_is_put_right_and_a_near_discharge_told(programme, sign_in):
    person = people.person(programme)
    client = sign_in("MT", programme)
    services.admit(person, actor=ground.actor("MT", programme))
    act = reverse("transfers:person-act", args=[programme.ref, person.public_id, "stay"])
    early = client.post(act, {"hospital": "William Harvey", "admitted_on": "2027-03-12", "expected_discharge": "2027-03-10"})
    assert (early.status_code, HospitalEpisode.objects.get().hospital) == (422, "")
    assert client.post(act, {"hospital": "William Harvey", "admitted_on": "2027-03-12", "expected_discharge": "2027-03-16"}).status_code == 302
    stay = HospitalEpisode.objects.get()
    assert (stay.hospital, stay.admitted_on, stay.expected_discharge) == ("William Harvey", date(2027, 3, 12), date(2027, 3, 16))
    assert Notification.objects.filter(kind="hospital_discharge", user=client.user).count() == 1
    assert 'value="William Harvey"' in client.get(act).content.decode()


@pytest.mark.parametrize("question", ["came", "feels_safe"])
def test_nobody_is_safe_whose_answer_to_what_always_applies_is_that_it_does_not(question):
    answers = dict.fromkeys(dict(safety.QUESTIONS), "yes") | {question: "na"}
    told = safety.answers_refused(answers, "safe", "")
    assert [field for field, _ in told] == ["outcome"]
    assert told[0][1].endswith("always applies: nobody is safe before it is answered with yes.")
    assert safety.answers_refused(answers | {question: "yes"}, "safe", "") == []
    assert safety.answers_refused(answers, "declined", "Called back by her son") == []
