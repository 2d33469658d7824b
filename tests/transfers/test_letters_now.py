"""Letters to people who may no longer be written to: who may is asked anew when a run is taken out or recorded (domain 5.15, C04, C05)."""

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

from mobilisation.errors import Refused
from mobilisation.models import AccessLog, Change
from tests.factories import ground, people
from transfers.models import Checkpoint, LetterItem, LetterRun, PersonContact, PersonTransfer
from transfers.rules import letters as rules
from transfers.services import letters
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
RUN = {"code": "k05", "title": "The change of provider", "to": "person", "marks": "C04", "emergency_why": ""}
COMMON = {"done": ("C01", "C02"), "address": "1 High Street", "postcode": "CT1 2AB"}
TODAY = date(2027, 3, 15)


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def plain(programme):
    return people.person(programme, surname="Plain", forename="Ann", **COMMON)


@pytest.fixture
def other(programme):
    return people.person(programme, surname="Other", forename="Bea", **COMMON)


def begin(programme, persons, **fields):
    return letters.begin(programme, RUN | fields, persons, actor=ground.actor("CL", programme))


def address(name, run, *rest):
    return reverse(f"transfers:{name}", args=[run.programme.ref, run.public_id, *rest])


def line(person):
    return LetterItem.objects.get(person=person)


def stands(person):
    item = line(person)
    return item.state, item.reason


def died(person):
    services.end(person, "died", actor=ground.actor("CL", person.programme), on=TODAY, why="the family rang")


def impaired(person):
    PersonTransfer.objects.filter(pk=person.pk).update(cognitive_or_ld=True)


def other_first(person):
    PersonTransfer.objects.filter(pk=person.pk).update(tell_representative_first=True, representative_name="Cay Hartley")


def settled(person):
    Checkpoint.objects.create(person=person, code="C04", state="done", done_on=TODAY)


def moved_out(person):
    PersonTransfer.objects.filter(pk=person.pk).update(address="")


NOW = [
    (died, "left_out", "Recorded as died"), (impaired, "held", rules.INDIVIDUAL), (other_first, "held", "The representative is told first: C05 is open"),
    (settled, "left_out", "C04 is settled already"), (moved_out, "held", "No address is recorded"),
]


def rows_of(answer):
    assert answer.status_code == 200, answer.content.decode()[-1500:]
    head, *rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.iter_rows()]
    return [dict(zip(head, row, strict=True)) for row in rows]


def words(answer):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def named(answer, person, reason):
    """Whether ``person`` stands there by name with ``reason``."""
    return f"{person.name} {person.case_system_id} : {reason}" in words(answer)


@pytest.mark.parametrize(("becomes", "state", "reason"), NOW)
def test_who_may_not_be_written_to_any_more_is_not_in_the_mail_merge(programme, plain, other, sign_in, becomes, state, reason):
    run, client = begin(programme, [plain, other]), sign_in("CL", programme)
    becomes(plain)
    file = address("letter-file", run)
    assert named(client.get(file), plain, reason)
    assert stands(plain) == ("to_send", "")
    assert [row["about_surname"] for row in rows_of(client.post(file, {"reason": "print shop"}))] == ["Other"]
    assert (stands(plain), stands(other)) == ((state, reason), ("to_send", ""))
    assert AccessLog.objects.get(verb="export").count == 1
    told = Change.objects.filter(entity="transfers.letteritem", object_id=line(plain).pk).order_by("pk")
    assert [(change.action, change.fields.get("state")) for change in told][1:] == [("held back" if state == "held" else "left out", ["to_send", state])]
    page = words(client.get(address("letter-run", run) + f"?show={state}"))
    assert ("1 of those to send may not be written to now" in page, plain.name in page, reason in page) == (True, True, True)


@pytest.mark.parametrize(("becomes", "state", "reason"), NOW)
def test_who_may_not_be_written_to_any_more_is_not_recorded_as_sent(programme, plain, other, sign_in, becomes, state, reason):
    run, client = begin(programme, [plain, other]), sign_in("CL", programme)
    becomes(plain)
    answer = client.post(address("letter-run", run), {"sent-on": "2027-03-15"})
    assert (answer.status_code, "1 recorded as sent; 1 not." in words(answer), named(answer, plain, reason)) == (200, True, True)
    assert (stands(plain), line(plain).on, line(other).state, line(other).on) == ((state, reason), None, "sent", TODAY)


@pytest.fixture
def represented(programme, plain):
    contact = PersonContact.objects.create(person=plain, name="Cay Hartley", may_be_told=True, main=True, address="4 Mill Lane")
    return begin(programme, [plain], to="representative", marks="C05"), contact


@pytest.mark.parametrize(("may", "reason"), [(False, "The representative may not be told"), (None, "Not known whether the representative may be told: ask the person")])
def test_a_representative_who_may_not_be_told_any_more_gets_no_letter(represented, other, sign_in, may, reason):
    run, contact = represented
    client = sign_in("CL", run.programme)
    PersonContact.objects.filter(pk=contact.pk).update(may_be_told=may)
    changed = Change.objects.count()
    for answer in (client.post(address("letter-file", run), {"reason": "print shop"}), client.post(address("letter-run", run), {"sent-on": "2027-03-15"})):
        assert (answer.status_code, "Nobody may be written to now" in words(answer), reason in words(answer)) == (422, True, True)
    # Refused is refused: nothing of it is kept.
    assert (stands(contact.person), Change.objects.count(), AccessLog.objects.filter(verb="export").count()) == (("to_send", ""), changed, 0)


def test_the_letter_goes_to_who_is_the_representative_now(represented, sign_in):
    run, contact = represented
    PersonContact.objects.filter(pk=contact.pk).update(main=False, ended_on=TODAY)
    fresh = PersonContact.objects.create(person=contact.person, name="Dee New", may_be_told=True, main=True, address="9 Sea Road")
    assert [(row["addressee"], row["address"]) for row in rows_of(sign_in("CL", run.programme).post(address("letter-file", run), {"reason": "print"}))] == [("Dee New", "9 Sea Road")]
    assert line(contact.person).contact == fresh


def test_a_format_asked_for_since_is_the_format_of_the_letter(programme, plain, sign_in):
    run = begin(programme, [plain])
    PersonTransfer.objects.filter(pk=plain.pk).update(communication_format="braille")
    assert [row["format"] for row in rows_of(sign_in("CL", programme).post(address("letter-file", run), {"reason": "print"}))] == ["Braille"]


def test_when_allowed_again_they_are_taken_again(programme, plain, other, sign_in):
    run, client = begin(programme, [plain, other]), sign_in("CL", programme)
    other_first(plain)
    moved_out(other)
    third = people.person(programme, surname="Third", **COMMON)
    LetterItem.objects.create(run=run, person=third)
    assert [row["about_surname"] for row in rows_of(client.post(address("letter-file", run), {"reason": "print"}))] == ["Third"]
    Checkpoint.objects.create(person=plain, code="C05", state="done", done_on=TODAY)
    PersonTransfer.objects.filter(pk=other.pk).update(address="3 High Street")
    assert "Mail merge" in words(client.get(address("letter-run", run)))
    assert [row["about_surname"] for row in rows_of(client.post(address("letter-file", run), {"reason": "print"}))] == ["Other", "Plain", "Third"]
    assert (stands(plain), stands(other)) == (("to_send", ""), ("to_send", ""))


def test_a_run_whose_people_are_all_held_can_still_be_taken_when_they_may_be_written_to(programme, plain, sign_in):
    other_first(plain)
    run, client = begin(programme, [PersonTransfer.objects.get(pk=plain.pk)]), sign_in("CL", programme)
    assert stands(plain)[0] == "held"
    Checkpoint.objects.create(person=plain, code="C05", state="done", done_on=TODAY)
    assert "Mail merge" in words(client.get(address("letter-run", run)))
    assert [row["about_surname"] for row in rows_of(client.post(address("letter-file", run), {"reason": "print"}))] == ["Plain"]


def test_what_was_decided_on_stands_and_what_comes_up_since_does_not(programme, plain, other, sign_in):
    """With dementia the decision is written on the line alone; the address and the representative come up after it."""
    PersonTransfer.objects.filter(pk=plain.pk).update(dementia=True)
    run, client, cm = begin(programme, [PersonTransfer.objects.get(pk=plain.pk), other]), sign_in("CL", programme), ground.actor("CM", programme)
    letters.decide(line(plain), "Read out by the daughter", letter=True, actor=cm)
    file = address("letter-file", run)
    assert [row["about_surname"] for row in rows_of(client.post(file, {"reason": "print"}))] == ["Other", "Plain"]
    other_first(plain)
    assert [row["about_surname"] for row in rows_of(client.post(file, {"reason": "print"}))] == ["Other"]
    assert stands(plain) == ("held", "The representative is told first: C05 is open")
    Checkpoint.objects.create(person=plain, code="C05", state="done", done_on=TODAY)
    assert [row["about_surname"] for row in rows_of(client.post(file, {"reason": "print"}))] == ["Other", "Plain"]
    assert line(plain).decided.startswith("Read out by the daughter")


def test_who_is_told_another_way_by_decision_stays_left_out(programme, plain, other, sign_in):
    impaired(plain)
    run = begin(programme, [PersonTransfer.objects.get(pk=plain.pk), other])
    letters.decide(line(plain), "The nurse tells her", letter=False, actor=ground.actor("CM", programme), deciders=["team", "provider", "case_manager"])
    PersonTransfer.objects.filter(pk=plain.pk).update(cognitive_or_ld=False)
    assert [row["about_surname"] for row in rows_of(sign_in("CL", programme).post(address("letter-file", run), {"reason": "print"}))] == ["Other"]
    assert stands(plain)[0] == "left_out"


def test_a_letter_that_had_gone_out_before_keeps_its_result(programme, plain, other, sign_in):
    """The file was taken out while it was allowed; the person died after it. What became of the letter is still said."""
    run, client = begin(programme, [plain, other]), sign_in("CL", programme)
    rows_of(client.post(address("letter-file", run), {"reason": "print"}))
    died(plain)
    assert client.post(address("letter-run", run), {"sent-on": "2027-03-15"}).status_code == 200
    assert (stands(plain), line(other).state) == (("left_out", "Recorded as died"), "sent")
    assert f"{line(plain).public_id}/?result=1" in client.get(address("letter-run", run) + "?show=left_out").content.decode()
    assert client.post(address("letter-item", run, line(plain).public_id) + "?result=1", {"state": "sent", "on": "2027-03-15"}).status_code == 302
    assert (line(plain).state, line(plain).on) == ("sent", TODAY)


def test_one_told_by_the_letter_before_its_result_is_known_is_recorded_with_the_others(programme, plain, other, sign_in):
    """C04 marked by hand after the file went out forbids no letter that has gone."""
    run, client = begin(programme, [plain, other]), sign_in("CL", programme)
    rows_of(client.post(address("letter-file", run), {"reason": "print"}))
    settled(plain)
    assert client.post(address("letter-run", run), {"sent-on": "2027-03-15"}).status_code == 302
    assert (line(plain).state, line(other).state) == ("sent", "sent")


def test_of_one_who_may_not_be_written_to_no_letter_is_recorded_either(programme, plain, sign_in):
    run, client = begin(programme, [plain]), sign_in("CL", programme)
    died(plain)
    answer = client.post(address("letter-item", run, line(plain).public_id), {"state": "sent", "on": "2027-03-15"})
    assert (answer.status_code, "No letter may go to this person now: Recorded as died." in words(answer), stands(plain)) == (422, True, ("to_send", ""))
    with pytest.raises(Refused, match="No letter may go to this person now"):
        letters.record(run, {line(plain).pk: ("returned", TODAY, "")}, actor=ground.actor("CL", programme))
    letters.record(run, {line(plain).pk: ("called", TODAY, "the daughter was told")}, actor=ground.actor("CL", programme))
    assert line(plain).state == "called"


def test_the_file_and_the_recording_ask_as_often_for_many(programme, sign_in):
    client, asked = sign_in("CL", programme), []
    client.get(reverse("transfers:letter-runs", args=[programme.ref]))
    for size in (2, 8):
        persons = [people.person(programme, surname=f"P{size}{n}", **COMMON) for n in range(size)]
        run, seen = begin(programme, persons, title=f"Run {size}"), []
        for person in persons[: size // 2]:
            other_first(person)
        for act in (
            lambda run: client.get(address("letter-file", run)), lambda run: client.post(address("letter-file", run), {"reason": "print"}), lambda run: client.post(address("letter-run", run), {"sent-on": "2027-03-15"}),
        ):
            with CaptureQueriesContext(connection) as queries:
                assert act(LetterRun.objects.get(pk=run.pk)).status_code in {200, 302}
            seen.append(len(queries))
        asked.append(seen)
    assert asked[0] == asked[1]
