"""What a page says after something was done, and where something is not filled in: whole sentences."""

import re

import pytest
import time_machine
from django.urls import reverse

from tests.factories import ground, people
from transfers.services import people as services
from transfers.views.people.acts import ACTS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def told(answer):
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize(("role", "reached", "code", "how", "sent", "said"), [
    ("MT", "C11", "C12", "mark", {"on": "2027-03-15"}, "C12 is marked as done."),
    ("IP", "C14", "C15", "mark", {"on": "2027-03-15"}, "C15 is stated; the mobilisation team confirms it."),
    ("OL", "C04", "C05", "not-applicable", {"note": ""}, "C05 is marked as not applicable."),
])
def test_a_mark_is_told_in_a_sentence(programme, sign_in, role, reached, code, how, sent, said):
    person = people.person(programme, done=people.ready_up_to(reached), incoming_provider=people.incoming(programme), allocation_response="accepted", sharing_basis="direct_care")
    client = sign_in(role, programme, **({"organisation": person.incoming_provider} if role == "IP" else {}))
    url = reverse("transfers:checkpoint", args=[programme.ref, person.public_id, code, how])
    version = client.get(url).context["form"].initial["version"]
    assert told(client.post(url, sent | {"version": version}, follow=True)) == [said]


def test_a_hold_that_is_lifted_is_told_in_a_sentence(programme, sign_in):
    person = people.person(programme)
    services.hold(person, actor=ground.actor("OL", programme), reason="no carers")
    client = sign_in("OL", programme)
    url = reverse("transfers:person-act", args=[programme.ref, person.public_id, "lift"])
    version = client.get(url).context["form"].initial["version"]
    assert told(client.post(url, {"why": "carers found", "version": version}, follow=True)) == ["The hold is lifted."]


def test_every_act_has_its_own_sentence():
    said = [act.said for act in ACTS.values()]
    assert [words for words in said if not re.fullmatch(r"(The|That|How) [^:]+ (is|on) [^:]*\.|The person is on hold\.", words)] == []
    assert len(set(said)) == len(said)


def test_a_day_whose_label_is_from_is_asked_for_in_words(programme, sign_in):
    answer = sign_in("CL", programme).post(reverse("transfers:capacity-add", args=[programme.ref]), {"weekly_hours": "10"})
    assert (answer.status_code, answer.context["form"].errors["from_date"]) == (422, ["Enter a day"])
