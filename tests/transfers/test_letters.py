"""Letter runs: who gets one, who waits for a decision, when nothing goes out, the file out and back, the mark through the gates (domain 5.15, 10.16)."""

import html
import io
from datetime import date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import time_machine
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import AccessLog, CalendarDay, Change
from mobilisation.services.imports import import_file
from mobilisation.working_days import WorkingCalendar
from tests.factories import ground, people
from transfers.models import Checkpoint, FundingLead, LetterItem, LetterRun, PersonContact, PersonTransfer
from transfers.rules import letters as rules
from transfers.services import letters
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
LONDON = ZoneInfo("Europe/London")
HOLIDAYS = WorkingCalendar(frozenset(ground.HOLIDAYS_2027))
RUN = {"code": "k05", "title": "The change of provider", "to": "person", "marks": "C04", "emergency_why": ""}


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2027-03-15T10:00", []), ("2027-03-19T11:59", []), ("2027-03-19T12:00", ["Nothing is sent on a Friday after 12:00."]), ("2027-03-20T10:00", ["Nothing is sent at a weekend."]),
        ("2027-03-26T10:00", ["Nothing is sent on a bank holiday."]), ("2027-03-25T09:00", ["Nothing is sent the day before a bank holiday."]), ("2027-03-30T09:00", []),
        # Early May: the Friday before a bank holiday Monday is the last day on which anybody is there.
        ("2027-04-30T09:00", ["Nothing is sent the day before a bank holiday."]), ("2027-04-29T17:00", []),
    ],
)
def test_when_letters_may_go_out(at, said):
    moment = datetime.fromisoformat(at).replace(tzinfo=LONDON)
    assert rules.window(moment, HOLIDAYS) == said
    assert rules.window(moment, HOLIDAYS, emergency=True) == []


def test_in_a_pre_election_period_communications_approves_emergency_or_not():
    moment = datetime(2027, 4, 6, 10, tzinfo=LONDON)
    assert rules.window(moment, HOLIDAYS, pre_election="Local elections", emergency=True) == ["Local elections: communications (CMS) approves it first."]
    assert rules.window(moment, HOLIDAYS, pre_election="Local elections", approved=True) == []


@pytest.mark.parametrize(
    ("fields", "placed"),
    [
        ({}, ("to_send", "")), ({"address": " "}, ("held", "No address is recorded")), ({"impaired": True}, ("held", rules.INDIVIDUAL)),
        ({"states": {"C04": "done"}}, ("left_out", "C04 is settled already")), ({"states": {"C04": "reopened"}}, ("to_send", "")),
        ({"representative": True, "representative_first": True}, ("held", "The representative is told first: C05 is open")), ({"representative": True, "representative_first": True, "states": {"C05": "done"}}, ("to_send", "")),
        ({"representative_first": True}, ("to_send", "")), ({"writes": False, "lead": "NHS Kent"}, ("left_out", "NHS Kent leads for this funding and writes itself")),
        ({"to": "representative"}, ("left_out", "No representative is recorded")), ({"to": "representative", "representative": True, "may_be_told": False}, ("held", "The representative may not be told")),
        ({"to": "representative", "representative": True}, ("held", "Not known whether the representative may be told: ask the person")), ({"to": "representative", "representative": True, "may_be_told": True, "impaired": True}, ("to_send", "")),
    ],
)
def test_where_each_person_stands(fields, placed):
    assert rules.place(rules.Addressee(**({"to": "person", "states": {}, "address": "1 High Street"} | fields)), "C04") == placed


@pytest.fixture
def crowd(programme):
    common = {"done": ("C01", "C02"), "address": "1 High Street", "postcode": "CT1 2AB"}
    made = {
        "plain": people.person(programme, surname="Plain", **common), "large": people.person(programme, surname="=Large", communication_format="large_print", **common),
        "impaired": people.person(programme, surname="Impaired", dementia=True, **common), "health": people.person(programme, surname="Health", **(common | {"funding_type": "chc"})),
        "told": people.person(programme, surname="Told", **(common | {"done": ("C01", "C02", "C04")})), "early": people.person(programme, surname="Early", address="2 High Street"),
        "gone": people.person(programme, surname="Gone", ending="died", ended_on=date(2027, 3, 1), **common),
    }
    letters.set_leads(programme, {"chc": ("NHS Kent and Medway", False)}, actor=ground.actor("CL", programme))
    return made


def begin(programme, crowd, **fields):
    return letters.begin(programme, RUN | fields, [person for person in crowd.values() if not person.ending], actor=ground.actor("CL", programme))


def states(run):
    return dict(LetterItem.objects.filter(run=run).values_list("person__surname", "state"))


def test_a_run_is_looked_at_before_it_is_begun(programme, crowd, sign_in):
    client = sign_in("CL", programme)
    runs = reverse("transfers:letter-runs", args=[programme.ref])
    sent = RUN | {"show": "", "wave": "", "provider": "", "funding": "", "priority": ""}
    text = client.post(runs, sent).content.decode()
    assert "6 people chosen: 3 would get it, 1 held back, 2 left out" in text
    assert "Held back: 1. Cognitive impairment or learning disability: decide how to tell this person first." in text
    assert "Left out: 1. NHS Kent and Medway leads for this funding and writes itself." in text
    assert "large print 1, standard 2" in text or "standard 2, large print 1" in text
    assert LetterRun.objects.count() == 0
    answer = client.post(runs, sent | {"confirmed": "1"})
    run = LetterRun.objects.get()
    assert answer.url == reverse("transfers:letter-run", args=[programme.ref, run.public_id])
    assert (run.code, run.marks) == ("K05", "C04")
    assert states(run) == {"Plain": "to_send", "=Large": "to_send", "Early": "to_send", "Impaired": "held", "Health": "left_out", "Told": "left_out"}
    assert client.get(answer.url).status_code == 200
    only = client.post(runs, sent | {"funding": "council", "confirmed": "1"})
    assert (only.status_code, LetterItem.objects.filter(run=LetterRun.objects.first()).count()) == (302, 5)


def chosen(client, programme, crowd, query="", **fields):
    """What the bar of the list sends → the page it leads to."""
    return client.post(reverse("transfers:person-bulk", args=[programme.ref]) + query, {"act": "letter", "person": [person.public_id for person in crowd]} | fields)


def test_a_run_for_those_ticked_writes_to_nobody_else(programme, crowd, sign_in):
    client = sign_in("CL", programme)
    answer = chosen(client, programme, [crowd["plain"], crowd["impaired"], crowd["gone"]])
    runs = answer["Location"].removesuffix("#new")
    assert runs.startswith(reverse("transfers:letter-runs", args=[programme.ref]) + "?chosen=")
    text = client.get(runs).content.decode()
    assert ("A new run for 3 people chosen on the list" in text, "Which people" in text) == (True, False)
    text = client.post(runs, RUN).content.decode()
    assert "2 people chosen: 1 would get it, 1 held back, 0 left out" in text
    assert LetterRun.objects.count() == 0
    client.post(runs, RUN | {"confirmed": "1"})
    assert states(LetterRun.objects.get()) == {"Plain": "to_send", "Impaired": "held"}


def test_a_run_for_everybody_of_the_filter_takes_exactly_those(programme, crowd, sign_in):
    PersonTransfer.objects.filter(surname="Plain").update(priority="R")
    client = sign_in("CL", programme)
    answer = chosen(client, programme, [], "?funding=council&priority=R", all="1")
    client.post(answer["Location"].removesuffix("#new"), RUN | {"confirmed": "1"})
    assert states(LetterRun.objects.get()) == {"Plain": "to_send"}


def test_a_choice_that_is_no_longer_kept_becomes_no_run_for_everybody(programme, crowd, sign_in):
    client = sign_in("CL", programme)
    first = chosen(client, programme, [crowd["plain"]])["Location"].removesuffix("#new")
    second = chosen(client, programme, [crowd["large"], crowd["early"]])["Location"].removesuffix("#new")
    late = client.post(first, RUN | {"confirmed": "1"}, follow=True)
    assert (LetterRun.objects.count(), "Those chosen on the list are no longer kept" in late.content.decode()) == (0, True)
    client.post(second, RUN | {"confirmed": "1"})
    assert states(LetterRun.objects.get()) == {"=Large": "to_send", "Early": "to_send"}
    client.post(second, RUN | {"confirmed": "1"})
    assert LetterRun.objects.count() == 1


def test_those_chosen_are_found_within_ones_own_scope_when_the_run_is_begun(programme, crowd, sign_in):
    client, elsewhere = sign_in("CL", programme), people.person(ground.provider_exit())
    answer = chosen(client, programme, [crowd["plain"], elsewhere])
    client.post(answer["Location"].removesuffix("#new"), RUN | {"confirmed": "1"})
    assert states(LetterRun.objects.get()) == {"Plain": "to_send"}


def test_a_run_without_a_code_or_people_is_refused(programme, crowd, sign_in):
    client = sign_in("CL", programme)
    runs = reverse("transfers:letter-runs", args=[programme.ref])
    empty = client.post(runs, RUN | {"show": "", "funding": "direct_payment", "confirmed": "1"})
    assert (empty.status_code, "Nobody is chosen." in empty.content.decode()) == (422, True)
    wrong = client.post(runs, RUN | {"show": "", "to": "representative", "confirmed": "1"})
    assert (wrong.status_code, "C05 by one to the representative" in wrong.content.decode(), LetterRun.objects.count()) == (422, True, 0)


NOBODY = "Nobody of those chosen would be told by this letter: NHS Kent and Medway leads for this funding and writes itself (1); C04 is settled already (1). Choose other people."


@pytest.mark.parametrize("more", [{}, {"confirmed": "1"}])
def test_a_run_that_would_tell_nobody_is_refused_before_it_is_begun(programme, crowd, sign_in, more):
    """Those chosen are all left out: neither the look nor the run itself goes on."""
    client, before = sign_in("CL", programme), Change.objects.count()
    runs = chosen(client, programme, [crowd["health"], crowd["told"]])["Location"].removesuffix("#new")
    answer = client.post(runs, RUN | more)
    assert (answer.status_code, NOBODY in html.unescape(answer.content.decode()), "Begin this run" in answer.content.decode()) == (422, True, False)
    assert (LetterRun.objects.count(), LetterItem.objects.count(), Change.objects.count()) == (0, 0, before)


@pytest.mark.parametrize("more", [{}, {"confirmed": "1"}])
@pytest.mark.parametrize("ticked", [("gone",), ()])
def test_a_run_for_an_empty_choice_is_refused_before_it_is_begun(programme, crowd, sign_in, more, ticked):
    client = sign_in("CL", programme)
    runs = chosen(client, programme, [crowd[name] for name in ticked] or [people.person(ground.provider_exit())], "")["Location"].removesuffix("#new")
    answer = client.post(runs, RUN | more, follow=True)
    assert ("Nobody is chosen. Choose another group of people." in answer.content.decode(), "Begin this run" in answer.content.decode()) == (bool(ticked), False)
    assert LetterRun.objects.count() == 0


def test_somebody_held_back_is_somebody_to_be_told(programme, crowd):
    run = letters.begin(programme, RUN, [crowd["impaired"], crowd["told"]], actor=ground.actor("CL", programme))
    assert states(run) == {"Impaired": "held", "Told": "left_out"}


def test_who_has_died_gets_no_letter_at_the_start_nor_after_it(programme, crowd, sign_in):
    actor = ground.actor("CL", programme)
    run = letters.begin(programme, RUN, [crowd["plain"], crowd["early"], crowd["gone"]], actor=actor)
    assert states(run) == {"Plain": "to_send", "Early": "to_send", "Gone": "left_out"}
    services.end(crowd["plain"], "died", actor=actor, on=date(2027, 3, 15), why="the family rang")
    assert [item.person.surname for item in letters.take_out(run, actor=actor)[0]] == ["Early"]
    assert dict(LetterItem.objects.values_list("person__surname", "reason")) == {"Plain": "Recorded as died", "Early": "", "Gone": "Recorded as died"}


def test_somebody_held_back_is_decided_on_first(programme, crowd, sign_in):
    run, client = begin(programme, crowd), sign_in("CM", programme)
    item = LetterItem.objects.get(person=crowd["impaired"])
    page = reverse("transfers:letter-item", args=[programme.ref, run.public_id, item.public_id])
    assert "Decide how to tell this person" in client.get(page).content.decode()
    assert (client.post(page, {"how": "letter", "words": " "}).status_code, states(run)["Impaired"]) == (422, "held")
    with pytest.raises(Refused, match=r"No letter was to go to this person \(held back\)"):
        letters.record(run, {item.pk: ("sent", date(2027, 3, 15), "")}, actor=ground.actor("MT", programme))
    assert client.post(page, {"how": "letter", "words": "Easy read, read out by the daughter"}).status_code == 302
    item.refresh_from_db()
    assert (item.state, item.decided) == ("to_send", f"Easy read, read out by the daughter ({client.user})")
    with pytest.raises(Refused, match="not held back"):
        letters.decide(item, "again", letter=False, actor=ground.actor("CM", programme))


def test_the_decision_of_three_is_made_once_for_the_letter_and_for_c04(programme, crowd):
    person = people.person(programme, surname="Learning", cognitive_or_ld=True, done=("C01", "C02"), address="5 High Street")
    run = letters.begin(programme, RUN, [person], actor=ground.actor("CL", programme))
    item, cm = LetterItem.objects.get(run=run), ground.actor("CM", programme)
    with pytest.raises(Refused, match="Still to agree: provider, case manager"):
        letters.decide(item, "Easy read", letter=True, actor=cm, deciders=["team"])
    item.refresh_from_db()
    person.refresh_from_db()
    assert (item.state, item.decided, person.telling_decision) == ("held", "", "")
    letters.decide(item, "Easy read", letter=True, actor=cm, deciders=["team", "provider", "case_manager"])
    person.refresh_from_db()
    assert (states(run)["Learning"], person.telling_decision) == ("to_send", "Easy read")
    again = letters.begin(programme, RUN | {"title": "Second letter"}, [person], actor=ground.actor("CL", programme))
    assert states(again) == {"Learning": "to_send"}


def test_a_contact_who_may_not_know_gets_no_letter_whatever_is_decided(programme):
    person = people.person(programme, done=("C01", "C02"))
    PersonContact.objects.create(person=person, name="Stranger", may_be_told=False, main=True, address="3 High Street")
    run = letters.begin(programme, RUN | {"to": "representative", "marks": "C05"}, [person], actor=ground.actor("CL", programme))
    item = LetterItem.objects.get()
    assert (item.state, item.reason) == ("held", "The representative may not be told")
    with pytest.raises(Refused, match="does not want this contact to know"):
        letters.decide(item, "send it", letter=True, actor=ground.actor("CM", programme))
    letters.decide(item, "person tells them", letter=False, actor=ground.actor("CM", programme))
    assert states(run) == {person.surname: "left_out"}


def test_the_file_goes_out_with_a_reason_is_logged_and_harmless(programme, crowd, sign_in):
    run, client = begin(programme, crowd), sign_in("CL", programme)
    file = reverse("transfers:letter-file", args=[programme.ref, run.public_id])
    assert client.post(file, {"reason": ""}).status_code == 422
    answer = client.post(file, {"reason": "mail merge at the print shop"})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    head, *rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert head[:6] == ["letter_id", "code", "format", "language", "addressee", "address"]
    assert [row[2] for row in rows] == ["Large print", "Standard", "Standard"]
    assert rows[0][7] == "'=Large" or not str(rows[0][7]).startswith("=")
    assert {row[0] for row in rows} == set(LetterItem.objects.filter(state="to_send").values_list("public_id", flat=True))
    log = AccessLog.objects.get(verb="export")
    assert (log.reason, log.count, log.subject) == ("mail merge at the print shop", 3, "letter run")
    assert not any(word in answer["Content-Disposition"] for word in ("Plain", "Large", "Early"))
    run.refresh_from_db()
    assert (run.taken_by_label, run.taken_at is not None) == (str(client.user), True)


def test_nothing_goes_out_on_a_friday_afternoon_unless_it_is_an_emergency(programme, crowd, sign_in):
    run, urgent = begin(programme, crowd), begin(programme, crowd, emergency_why="Provider stops tomorrow")
    with time_machine.travel("2027-03-19 12:00", tick=False):
        client = sign_in("CL", programme)
        answer = client.post(reverse("transfers:letter-file", args=[programme.ref, run.public_id]), {"reason": "merge"})
        assert (answer.status_code, "Nothing is sent on a Friday after 12:00." in answer.content.decode(), AccessLog.objects.filter(verb="export").count()) == (422, True, 0)
        assert client.post(reverse("transfers:letter-file", args=[programme.ref, urgent.public_id]), {"reason": "merge"}).status_code == 200


def test_a_pre_election_period_waits_for_communications(programme, crowd):
    CalendarDay.objects.create(division=programme.division, date=date(2027, 3, 10), until=date(2027, 5, 6), kind="pre_election", title="Local elections")
    run, cl = begin(programme, crowd), ground.actor("CL", programme)
    assert letters.warnings(run) == ["Local elections: communications (CMS) approves it first."]
    with pytest.raises(Refused, match="Local elections"):
        letters.take_out(run, actor=cl)
    with pytest.raises(NotPermitted):
        letters.approve(run, actor=cl)
    letters.approve(run, actor=ground.actor("CMS", programme))
    assert len(letters.take_out(run, actor=cl)[0]) == 3


def brought_back(programme, run, rows):
    book = openpyxl.Workbook()
    book.active.append(["letter_id", "code", "addressee", "result", "result_on", "result_note"])
    for row in rows:
        book.active.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def take_in(programme, data, actor):
    return import_file("letters", programme, actor, data, "letters.xlsx")


def test_results_come_back_in_the_same_file(programme, crowd):
    run, actor = begin(programme, crowd), ground.actor("CL", programme)
    ids = dict(LetterItem.objects.values_list("person__surname", "public_id"))
    rows = [[ids["Plain"], "K05", "x", "Sent", date(2027, 3, 15), ""], [ids["=Large"], "K05", "x", "Returned", date(2027, 3, 15), "moved"], [ids["Early"], "K05", "x", None, None, None], [ids["Impaired"], "K05", "x", "Called", date(2027, 3, 15), "by the CM"]]
    outcome = take_in(programme, brought_back(programme, run, rows), actor)
    assert (outcome.ok, outcome.summary["updated"], outcome.summary["created"], outcome.summary["unchanged"], outcome.summary["errors"]) == (True, 3, 0, 1, [])
    assert dict(LetterItem.objects.exclude(on=None).values_list("person__surname", "state")) == {"Plain": "sent", "=Large": "returned", "Impaired": "called"}
    again = take_in(programme, brought_back(programme, run, rows), actor)
    assert (again.summary["updated"], again.summary["created"], again.summary["unchanged"]) == (0, 0, 4)


def test_results_that_cannot_be_are_refused_whole(programme, crowd):
    run, actor = begin(programme, crowd), ground.actor("CL", programme)
    other = begin(ground.provider_exit(), {"one": people.person(ground.provider_exit(), address="1 High Street")})
    ids = dict(LetterItem.objects.filter(run=run).values_list("person__surname", "public_id"))
    strange = LetterItem.objects.get(run=other).public_id
    rows = [
        [ids["Plain"], "", "", "Sent", date(2027, 3, 15), ""], [strange, "", "", "Sent", date(2027, 3, 15), ""], [ids["=Large"], "", "", "Sent", date(2027, 3, 16), ""], [ids["Early"], "", "", "Sent", None, ""],
        [ids["Health"], "", "", "Sent", date(2027, 3, 15), ""], [ids["Told"], "", "", "eaten", date(2027, 3, 15), ""],
    ]
    outcome = take_in(programme, brought_back(programme, run, rows), actor)
    assert not outcome.ok
    assert {error["row"]: error["problem"].split(".")[0] for error in outcome.summary["errors"]} == {
        3: "No letter of this programme has this id", 4: "The day is in the future", 5: "Say on which day", 6: "No letter was to go to this person (left out): NHS Kent and Medway leads for this funding and writes itself",
        7: "It is not a result of a letter",
    }
    assert not LetterItem.objects.exclude(on=None).exists()


def test_before_it_is_begun_a_run_says_for_whom_its_checkpoint_waits(programme, crowd, sign_in):
    client, runs = sign_in("CL", programme), reverse("transfers:letter-runs", args=[programme.ref])
    text = client.post(runs, RUN | {"show": ""}).content.decode()
    assert "As things stand C04 could not be marked after it:</p><ul class=\"nhsuk-list nhsuk-list--bullet\"><li>1 person: C04 Person told needs first: C02 Data checked" in text
    # Of a letter that fulfils no checkpoint, and where everybody it goes to may be marked, nothing is said.
    assert "As things stand" not in client.post(runs, RUN | {"show": "", "marks": ""}).content.decode()
    services_run = LetterRun(programme=programme, code="K05", to="person", marks="C04")
    ready = letters.plan(services_run, [crowd["plain"], crowd["impaired"]])
    assert letters.not_yet(services_run, ready, actor=ground.actor("CL", programme)) == {}
    assert (LetterRun.objects.count(), Checkpoint.objects.filter(code="C04", state="done").exclude(person=crowd["told"]).count()) == (0, 0)


def test_the_mail_merge_offers_the_file_it_makes_and_the_way_back(programme, crowd, sign_in):
    run, client = begin(programme, crowd), sign_in("CL", programme)
    text = client.get(reverse("transfers:letter-file", args=[programme.ref, run.public_id])).content.decode()
    assert ("CSV" in text, 'type="radio"' in text, "Back to the letter run" in text, "Back, change nothing" in text) == (False, False, True, False)


def test_those_told_are_marked_through_the_gates_and_the_refused_named(programme, crowd, sign_in):
    run, client = begin(programme, crowd), sign_in("CL", programme)
    page = reverse("transfers:letter-run", args=[programme.ref, run.public_id])
    assert client.post(page, {"sent-on": "2027-03-15"}).status_code == 302
    assert states(run) == {"Plain": "sent", "=Large": "sent", "Early": "sent", "Impaired": "held", "Health": "left_out", "Told": "left_out"}
    answer = client.post(page, {"mark": "1"})
    text = answer.content.decode()
    assert (answer.status_code, "C04 marked for 2; 1 refused. Each reason stands below." in text, "C04 Person told needs first: C02 Data checked" in text) == (200, True, True)
    assert text.split("C04 marked for 2")[0].rsplit("app-notice--", 1)[1].startswith("amber")
    marks = Checkpoint.objects.filter(code="C04", person__in=[crowd["plain"], crowd["large"], crowd["early"]])
    assert [(mark.person, mark.done_on, mark.note) for mark in marks.order_by("person__surname")] == [(crowd["large"], date(2027, 3, 15), "K05 The change of provider"), (crowd["plain"], date(2027, 3, 15), "K05 The change of provider")]
    assert Change.objects.filter(entity="transfers.checkpoint", action="marked").count() == 2
    with pytest.raises(Refused, match="fulfils no checkpoint"):
        letters.mark_told(LetterRun(programme=programme, marks=""), actor=Actor.operator())


def test_a_letter_that_came_back_told_nobody(programme, crowd):
    run, actor = begin(programme, crowd), ground.actor("CL", programme)
    letters.record(run, {LetterItem.objects.get(person=crowd["plain"]).pk: ("returned", date(2027, 3, 15), "")}, actor=actor)
    with pytest.raises(Refused, match="Nobody has a result that counts as told"):
        letters.mark_told(run, actor=actor)
    assert not Checkpoint.objects.filter(person=crowd["plain"], code="C04").exists()


def test_who_leads_is_a_setting_of_the_programme(programme, sign_in):
    client = sign_in("CL", programme)
    page = reverse("transfers:letter-leads", args=[programme.ref])
    sent = {f"write_{value}": "we" for value in ("council", "chc", "joint", "self", "direct_payment", "other_authority")}
    assert client.post(page, sent | {"lead_chc": "NHS Kent", "write_chc": "they"}).status_code == 302
    assert list(FundingLead.objects.values_list("funding", "lead", "we_write")) == [("chc", "NHS Kent", False)]
    nameless = client.post(page, sent | {"write_self": "they"})
    assert (nameless.status_code, "Name who leads and writes." in nameless.content.decode(), FundingLead.objects.count()) == (422, True, 1)
    assert 'value="NHS Kent"' in client.get(page).content.decode()
    client.post(page, sent)
    assert FundingLead.objects.count() == 0


@pytest.mark.parametrize(("role", "code"), [("XP", 404), ("IP", 404), ("BM", 404), ("FIN", 404), ("CMS", 404), ("MT", 200), ("CL", 200)])
def test_letters_are_the_teams(programme, crowd, sign_in, role, code):
    run = begin(programme, crowd)
    organisation = {"XP": crowd["plain"].exiting_provider, "IP": people.incoming(programme)}.get(role)
    client = sign_in(role, programme, organisation=organisation)
    pages = [reverse("transfers:letter-runs", args=[programme.ref]), reverse("transfers:letter-run", args=[programme.ref, run.public_id]), reverse("transfers:letter-leads", args=[programme.ref])]
    assert [client.get(page).status_code for page in pages] == [code] * 3
    if code == 404:
        with pytest.raises(NotPermitted):
            letters.take_out(run, actor=Actor.of(client.user, programme))
    assert client.get(reverse("transfers:letter-run", args=[ground.provider_exit().ref, run.public_id])).status_code == 404


def test_the_pages_ask_as_often_for_many(programme, crowd, sign_in, django_assert_num_queries):
    run, client = begin(programme, crowd), sign_in("CL", programme)
    pages = {reverse("transfers:letter-runs", args=[programme.ref]): 8, reverse("transfers:letter-run", args=[programme.ref, run.public_id]): 16}
    for page, number in pages.items():
        client.get(page)
        with django_assert_num_queries(number):
            client.get(page)
    more = [people.person(programme, surname=f"More{n}", dementia=True, address="1 High Street", done=("C01", "C02")) for n in range(6)]
    LetterItem.objects.bulk_create([LetterItem(run=run, person=person, state="held", reason=rules.INDIVIDUAL) for person in more])
    begin(programme, crowd)
    for page, number in pages.items():
        with django_assert_num_queries(number):
            client.get(page)


def test_the_import_is_offered_to_who_may_bring_people_in(programme, sign_in):
    page = reverse("mobilisation:import-start", args=[programme.ref, "letters"])
    assert [sign_in(role, programme).get(page).status_code for role in ("MT", "QL", "BM", "IP")] == [200, 404, 404, 404]


def test_people_with_direct_payments_are_written_to_by_us_unless_another_body_leads(programme):
    person = people.person(programme, funding_type="direct_payment", direct_payment=True, address="1 High Street", done=("C01", "C02"))
    run = letters.begin(programme, RUN, [person], actor=ground.actor("CL", programme))
    assert (states(run), LetterItem.objects.get().lead) == ({person.surname: "to_send"}, "")


def test_a_letter_to_the_representative_goes_to_their_own_address(programme, sign_in):
    person = people.person(programme, address="1 High Street", postcode="CT1 2AB", done=("C01", "C02"))
    PersonContact.objects.create(person=person, name="Ann Hartley", may_be_told=True, main=True, address="4 Mill Lane, Deal, CT14 7AA")
    run = letters.begin(programme, RUN | {"to": "representative", "marks": "C05"}, [person], actor=ground.actor("CL", programme))
    answer = sign_in("CL", programme).post(reverse("transfers:letter-file", args=[programme.ref, run.public_id]), {"reason": "print shop"})
    _, row = ([cell.value for cell in cells] for cells in openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.iter_rows())
    assert (row[4:6], "1 High Street" in row) == (["Ann Hartley", "4 Mill Lane, Deal, CT14 7AA"], False)


def test_a_welcome_is_kept_for_each_person_and_fulfils_no_checkpoint(programme, sign_in):
    """S08: the introductory message of a provider that has accepted, as a run of its own."""
    blue = people.incoming(programme)
    coming = people.person(programme, incoming_provider=blue, allocation_response="accepted", done=people.ready_up_to("C09"), address="1 High Street")
    people.person(programme, address="2 High Street")
    client = sign_in("CL", programme)
    sent = RUN | {"code": "s08", "title": "Welcome by your new provider", "marks": "", "show": "", "wave": "", "provider": blue.public_id, "funding": "", "priority": "", "confirmed": "1"}
    assert client.post(reverse("transfers:letter-runs", args=[programme.ref]), sent).status_code == 302
    run = LetterRun.objects.get()
    before = Checkpoint.objects.count()
    client.post(reverse("transfers:letter-run", args=[programme.ref, run.public_id]), {"sent-on": "2027-03-15"})
    assert (run.code, run.marks, list(LetterItem.objects.values_list("person", "state", "on")), Checkpoint.objects.count()) == ("S08", "", [(coming.pk, "sent", date(2027, 3, 15))], before)
