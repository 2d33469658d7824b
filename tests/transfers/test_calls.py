"""Calls about a person: who was spoken to, with the script of the day and who may be told in view; followed up once."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import Change
from tests.factories import ground, people
from transfers.facts.groups import groups
from transfers.models import ContactLog, PersonContact, PersonTransfer
from transfers.services import calls
from workstreams.services import calls as scripts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
SAID = {"direction": "out", "spoken_to": "representative", "who": "Daughter Canary", "topic": "visits", "text": "Wants mornings", "reached": "on", "channel": "phone", "at": "", "follow_up_due": ""}


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def at(name, programme, person, *rest):
    return reverse(f"transfers:{name}", args=[programme.ref, person.public_id, *rest])


def test_a_call_is_recorded_and_stands_on_the_page_of_the_person(programme, sign_in):
    person, client = people.person(programme), sign_in("MT", programme)
    assert client.post(at("call-add", programme, person), SAID | {"follow_up_due": "2027-03-17"}).status_code == 302
    row = ContactLog.objects.get()
    assert (row.at, row.channel, row.direction, row.spoken_to, row.who, row.topic, row.text, row.reached, row.follow_up_due, row.by_label, row.created_by) == (
        datetime(2027, 3, 15, 10, tzinfo=UTC), "phone", "out", "representative", "Daughter Canary", "visits", "Wants mornings", True, date(2027, 3, 17), str(client.user), client.user,
    )
    text = client.get(at("person-detail", programme, person)).content.decode()
    assert ("Wants mornings" in text, "Daughter Canary" in text, "Call recorded" in text) == (True, True, True)
    assert PersonTransfer.objects.get().touched_on == date(2027, 3, 15)


def test_the_script_of_the_day_and_who_may_be_told_stand_beside_the_form(programme, sign_in):
    person, client, cms = people.person(programme, tell_representative_first=True), sign_in("MT", programme), ground.actor("CMS", programme)
    PersonContact.objects.create(person=person, name="Loyal", may_be_told=True)
    PersonContact.objects.create(person=person, name="Stranger", may_be_told=False)
    page = at("call-add", programme, person)
    assert "No script is approved yet" in client.get(page).content.decode()
    for text, day in (("Old words", date(2027, 3, 1)), ("Words of today", date(2027, 3, 15)), ("Words of tomorrow", date(2027, 3, 16))):
        scripts.approve(scripts.write_script(programme, text, actor=cms, valid_from=day), actor=cms)
    scripts.write_script(programme, "Draft words", actor=cms)
    text = client.get(page).content.decode()
    assert {words: words in text for words in ("Old words", "Words of today", "Words of tomorrow", "Draft words")} == {"Old words": False, "Words of today": True, "Words of tomorrow": False, "Draft words": False}
    assert ("Tell the representative first" in text, "May not be told" in text, "May be told" in text) == (True, True, True)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": " "}, "Write what was said, or untick that somebody answered."), ({"at": "2027-03-15T10:30"}, "That is in the future."), ({"follow_up_due": "2027-03-14"}, "The day is over already."),
        ({"reached": "", "direction": "in"}, "They called, so somebody was spoken to."), ({"spoken_to": "dog"}, "Select a valid choice"),
    ],
)
def test_half_a_record_is_refused_and_what_was_typed_is_kept(programme, sign_in, fields, said):
    person = people.person(programme)
    answer = sign_in("MT", programme).post(at("call-add", programme, person), SAID | fields)
    assert (answer.status_code, said in answer.content.decode(), "Daughter Canary" in answer.content.decode(), ContactLog.objects.count()) == (422, True, True, 0)


def test_no_answer_needs_no_words(programme):
    made = calls.record(people.person(programme), {"reached": False}, actor=ground.actor("MT", programme))
    assert (made.reached, made.text) == (False, "")


def test_a_call_is_followed_up_once_and_leaves_the_group(programme, sign_in):
    person, client = people.person(programme), sign_in("MT", programme)
    made = calls.record(person, {"text": "one", "follow_up_due": date(2027, 3, 15)}, actor=ground.actor("MT", programme))
    due = groups(date(2027, 3, 15))["follow-up"].condition
    assert PersonTransfer.objects.filter(due).count() == 1
    follow = at("call-follow", programme, person, made.public_id)
    assert client.post(follow, {"note": "done"}).status_code == 302
    assert PersonTransfer.objects.filter(due).count() == 0
    again = client.post(follow, {"note": "done"})
    assert (again.status_code, "followed up on 15 Mar 2027 already" in again.content.decode()) == (422, True)
    assert Change.objects.filter(action="followed up").count() == 1
    with pytest.raises(Refused, match="Nothing was to be followed up"):
        calls.follow_up(calls.record(person, {"text": "two"}, actor=ground.actor("MT", programme)), actor=ground.actor("MT", programme))


def test_providers_neither_read_nor_write_calls(programme, sign_in):
    bluebell = people.incoming(programme)
    person = people.person(programme, done=people.ready_up_to("C09"), incoming_provider=bluebell, allocation_response="accepted", sharing_basis="direct_care")
    calls.record(person, {"text": "Canary said", "who": "Canary"}, actor=ground.actor("MT", programme))
    for role, organisation in (("XP", person.exiting_provider), ("IP", bluebell)):
        client = sign_in(role, programme, organisation=organisation)
        answer = client.get(at("person-detail", programme, person))
        assert (answer.status_code, "Canary" in answer.content.decode(), "Calls and letters" in answer.content.decode()) == (200, False, False)
        assert client.get(at("call-add", programme, person)).status_code == 404
        with pytest.raises(NotPermitted):
            calls.record(person, {"text": "mine"}, actor=ground.actor(role, programme, organisation))
        assert ContactLog.objects.visible_to(client.user).count() == 0
    assert ContactLog.objects.count() == 1


def test_the_page_of_a_person_asks_as_often_for_many_calls(programme, sign_in):
    person, client, mt = people.person(programme), sign_in("MT", programme), ground.actor("MT", programme)
    page = at("person-detail", programme, person)
    calls.record(person, {"text": "one"}, actor=mt)
    client.get(page)
    with CaptureQueriesContext(connection) as first:
        client.get(page)
    for _ in range(8):
        calls.record(person, {"text": "more", "follow_up_due": date(2027, 3, 16)}, actor=mt)
    with CaptureQueriesContext(connection) as many:
        client.get(page)
    assert len(first) == len(many) == 31
