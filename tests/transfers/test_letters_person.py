"""A letter stands at the person it went to, on the card and in the history; and a result has a day on which it can have been."""

import html
import io
import re
from datetime import date

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mobilisation.models import Change
from mobilisation.services.imports import import_file
from tests.factories import ground, people
from transfers.models import LetterItem, PersonContact
from transfers.services import letters
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
RUN = {"code": "k05", "title": "The change of provider", "to": "person", "marks": "", "emergency_why": ""}
BEGUN = "The day is before the letter run was begun. Enter the day it happened, 15 Mar 2027 or later."
FUTURE = "The day is in the future. Enter the day it happened."


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def person(programme):
    return people.person(programme, surname="Plain", done=("C01", "C02"), address="1 High Street")


def begin(programme, persons, **fields):
    return letters.begin(programme, RUN | fields, persons, actor=ground.actor("CL", programme))


def page_of(person):
    return reverse("transfers:person-detail", args=[person.programme.ref, person.public_id])


def words(text):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def card(text):
    return words(text.split('id="calls"')[1].split("</section>")[0])


def test_the_letter_and_its_result_stand_on_the_card_of_the_person(programme, person, sign_in):
    client = sign_in("CL", programme)
    assert "No call and no letter yet." in card(client.get(page_of(person)).content.decode())
    run = begin(programme, [person])
    assert "K05 The change of provider To send · to the person · not taken out yet" in card(client.get(page_of(person)).content.decode())
    letters.take_out(run, actor=ground.actor("CL", programme))
    with time_machine.travel("2027-03-16 10:00", tick=False):
        letters.record(run, {LetterItem.objects.get().pk: ("returned", date(2027, 3, 16), "Gone away")}, actor=ground.actor("CL", programme))
        text = sign_in("CL", programme).get(page_of(person)).content.decode()
    assert "K05 The change of provider Came back 16 Mar 2027 · to the person · taken out 15 Mar 2027, 10:00 Gone away" in card(text)
    assert ("No call and no letter yet." in text, reverse("transfers:letter-run", args=[programme.ref, run.public_id]) in text) == (False, True)


def test_a_letter_to_the_representative_names_them_on_the_card(programme, person, sign_in):
    PersonContact.objects.create(person=person, name="Cay Hartley", may_be_told=None, main=True, address="4 Mill Lane")
    begin(programme, [person], to="representative")
    found = card(sign_in("MT", programme).get(page_of(person)).content.decode())
    assert "K05 The change of provider Held back · to the representative Cay Hartley · not taken out yet Not known whether the representative may be told: ask the person" in found


def test_the_letter_stands_in_the_history_of_the_person(programme, person, sign_in):
    run = begin(programme, [person])
    letters.take_out(run, actor=ground.actor("CL", programme))
    letters.record(run, {LetterItem.objects.get().pk: ("sent", date(2027, 3, 15), "")}, actor=ground.actor("CL", programme))
    text = words(sign_in("CL", programme).get(page_of(person)).content.decode())
    assert [act in text for act in ("K05 put on a letter run", "K05 taken out for the mail merge", "K05 result of the letter")] == [True, True, True]


def test_providers_read_of_no_letter(programme, sign_in):
    bluebell = people.incoming(programme)
    person = people.person(programme, done=people.ready_up_to("C09"), incoming_provider=bluebell, allocation_response="accepted", sharing_basis="direct_care", address="1 High Street")
    begin(programme, [person])
    for role, organisation in (("XP", person.exiting_provider), ("IP", bluebell)):
        answer = sign_in(role, programme, organisation=organisation).get(page_of(person))
        assert (answer.status_code, "K05" in answer.content.decode(), "The change of provider" in answer.content.decode()) == (200, False, False)


def test_the_page_of_a_person_asks_as_often_for_many_letters(programme, person, sign_in):
    client, asked = sign_in("MT", programme), []
    client.get(page_of(person))
    for number in (1, 7):
        for n in range(number):
            letters.take_out(begin(programme, [person], title=f"Letter {number} {n}"), actor=ground.actor("CL", programme))
        with CaptureQueriesContext(connection) as queries:
            client.get(page_of(person))
        asked.append(len(queries))
    assert asked[0] == asked[1]


@pytest.mark.parametrize(("on", "said"), [("1999-01-01", BEGUN), ("2027-03-14", BEGUN), ("2027-03-16", FUTURE)])
@pytest.mark.parametrize("state", ["sent", "returned", "called"])
def test_a_result_of_a_day_on_which_it_cannot_have_been_is_refused_at_its_field(programme, person, sign_in, on, said, state):
    run, client = begin(programme, [person]), sign_in("CL", programme)
    item, changed = LetterItem.objects.get(), Change.objects.count()
    answer = client.post(reverse("transfers:letter-item", args=[programme.ref, run.public_id, item.public_id]), {"state": state, "on": on})
    assert (answer.status_code, answer.context["form"].errors, f'value="{on}"' in answer.content.decode()) == (422, {"on": [said]}, True)
    answer = client.post(reverse("transfers:letter-run", args=[programme.ref, run.public_id]), {"sent-on": on})
    assert (answer.status_code, answer.context["sent_form"].errors) == (422, {"on": [said]})
    item.refresh_from_db()
    assert (item.state, item.on, Change.objects.count()) == ("to_send", None, changed)


@pytest.mark.parametrize(("on", "said"), [(date(1999, 1, 1), BEGUN), (date(2027, 3, 14), BEGUN), (date(2027, 3, 16), FUTURE)])
def test_the_import_refuses_such_a_day_with_its_row_and_column(programme, person, on, said):
    begin(programme, [person])
    book, held = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["letter_id", "result", "result_on", "result_note"])
    book.active.append([LetterItem.objects.get().public_id, "Sent", on, ""])
    book.save(held)
    outcome = import_file("letters", programme, ground.actor("CL", programme), held.getvalue(), "letters.xlsx")
    assert (outcome.ok, [(error["row"], error["column"], error["problem"]) for error in outcome.summary["errors"]]) == (False, [(2, "result_on", said)])
    assert LetterItem.objects.get().state == "to_send"


def test_the_day_the_run_was_begun_and_a_later_one_are_taken(programme, person):
    run, actor = begin(programme, [person]), ground.actor("CL", programme)
    item = LetterItem.objects.get()
    assert letters.record(run, {item.pk: ("sent", date(2027, 3, 15), "")}, actor=actor) == 1
    with time_machine.travel("2027-03-20 10:00", tick=False):
        assert letters.record(run, {item.pk: ("returned", date(2027, 3, 19), "")}, actor=actor) == 1


def test_the_import_offers_no_letter_to_somebody_who_died_since(programme, person, sign_in):
    begin(programme, [person])
    services.end(person, "died", actor=ground.actor("CL", programme), on=date(2027, 3, 15), why="the family rang")
    text = f"letter_id,result,result_on\n{LetterItem.objects.get().public_id},Sent,15/03/2027\n"
    outcome = import_file("letters", programme, ground.actor("CL", programme), text.encode(), "letters.csv")
    assert (outcome.ok, [(error["column"], error["problem"]) for error in outcome.summary["errors"]]) == (False, [("result", "No letter may go to this person now: Recorded as died.")])
