"""What an incoming provider made its acceptance depend on stands where C09 is marked and where the move is read: for the team and for that provider."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.factories import ground, people
from transfers.models import Allocation
from transfers.services import offers
from transfers.services import people as services

pytestmark = pytest.mark.django_db
CONDITION = "Only after 10 in the morning"


@pytest.fixture
def accepted(programme):
    """Accepted on a condition, with the record open; C09 waits for the team."""
    person = people.person(programme, done=people.ready_up_to("C08"), sharing_basis="consent")
    blue = people.incoming(programme)
    services.offer(person, blue, actor=ground.actor("OL", programme))
    offers.answer(person, "accepted_with_conditions", actor=ground.actor("IP", programme, blue), reason=CONDITION)
    return person


def page(client, person, name, *more):
    return client.get(reverse(f"transfers:{name}", args=[person.programme.ref, person.public_id, *more]))


def provider(sign_in, person, name="Bluebell Care Partners"):
    return sign_in("IP", person.programme, organisation=people.incoming(person.programme, name))


@pytest.mark.parametrize(("name", "more"), [("checkpoint", ("C09", "mark")), ("person-cell", ("C09",))])
def test_whoever_marks_c09_reads_the_condition(sign_in, accepted, name, more):
    answer = page(sign_in("OL", accepted.programme), accepted, name, *more)
    assert answer.context["text"] == "Incoming provider: Bluebell Care Partners, which accepts on the condition: Only after 10 in the morning."
    assert CONDITION in answer.content.decode()


@pytest.mark.parametrize(("name", "more"), [("checkpoint", ("C09", "mark")), ("person-cell", ("C09",))])
def test_without_a_condition_the_provider_alone_is_named(sign_in, accepted, name, more):
    Allocation.objects.update(response="accepted")
    type(accepted).objects.update(allocation_response="accepted")
    assert page(sign_in("OL", accepted.programme), accepted, name, *more).context["text"] == "Incoming provider: Bluebell Care Partners."


def test_whoever_records_the_answer_reads_what_stands_and_does_not_lose_it(sign_in, accepted):
    answer = page(sign_in("OL", accepted.programme), accepted, "person-act", "respond")
    assert answer.context["text"].endswith("accepted with conditions: Only after 10 in the morning.")
    assert {name: answer.context["form"][name].value() for name in ("response", "reason")} == {"response": "accepted_with_conditions", "reason": CONDITION}


def test_before_an_answer_the_form_is_empty(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C08"))
    services.offer(person, people.incoming(programme), actor=ground.actor("OL", programme))
    form = page(sign_in("OL", programme), person, "person-act", "respond").context["form"]
    assert {name: form[name].value() for name in ("response", "reason")} == {"response": None, "reason": None}


def test_the_card_of_the_move_has_it_for_the_team_and_for_that_provider(sign_in, accepted):
    for client in (sign_in("CM", accepted.programme), provider(sign_in, accepted)):
        answer = page(client, accepted, "person-detail")
        assert dict(answer.context["move"])["Their condition"] == CONDITION
        part = client.get(reverse("transfers:person-panel", args=[accepted.programme.ref, accepted.public_id]), headers={"HX-Request": "true"})
        assert part.content.decode().count(CONDITION) == 1


@pytest.mark.parametrize(("name", "more"), [("person-detail", ()), ("person-panel", ()), ("checkpoint", ("C09", "mark"))])
def test_the_provider_that_is_left_does_not_read_it_there(sign_in, accepted, name, more):
    client = sign_in("XP", accepted.programme, organisation=accepted.exiting_provider)
    answer = client.get(reverse(f"transfers:{name}", args=[accepted.programme.ref, accepted.public_id, *more]), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert CONDITION not in (str(answer.context.get("move", "")) + str(answer.context.get("text", "")) + str(answer.context.get("condition", "")))
    if name != "person-detail":
        assert CONDITION not in answer.content.decode()


def test_a_condition_of_a_provider_that_is_asked_no_more_is_gone(sign_in, accepted):
    services.respond(accepted, "declined", actor=ground.actor("OL", accepted.programme), reason="No staff in the afternoon")
    services.offer(accepted, people.incoming(accepted.programme, "Oyster Bay Care Ltd"), actor=ground.actor("OL", accepted.programme))
    assert "Their condition" not in dict(page(sign_in("OL", accepted.programme), accepted, "person-detail").context["move"])
    assert page(provider(sign_in, accepted), accepted, "person-detail").status_code == 404
