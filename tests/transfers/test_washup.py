"""The wash-up: exceptions first, from the groups the dashboard and the tracker count; notes and actions; what was shown is kept (ux 1.14)."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from mobilisation.calendars import calendar_for
from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import AccessLog, Action, Change, Meeting
from risks.services import escalation, issues
from tests.factories import ground, people
from transfers.facts import washup as facts
from transfers.facts.groups import groups, moves
from transfers.facts.people import people_facts
from transfers.models import Checkpoint, Discrepancy, HospitalEpisode, PersonTransfer, ProviderCheck, WashUp, WashUpAction, WashUpNote
from transfers.rules import washup as rules
from transfers.services import concerns, provider_checks, turning, washup
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
ALL = people.ready_up_to("C14")


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def page(programme):
    return reverse("transfers:washup", args=[programme.ref])


def shown(programme):
    sections, _ = facts.sections(programme, PersonTransfer.objects.filter(programme=programme), today())
    return {section.key: section for section in sections}


def test_each_line_says_what_is_missing_and_how_to_act():
    day = date(2027, 3, 12)
    assert rules.past({}, day, date(2027, 3, 15))[0] == "No first visit; was due 12 Mar, 3 days ago. Not ready: C01, C02, C03, C04, C05, C06, C07, C08, C09, C10, C11, C12 open"
    assert rules.past(dict.fromkeys(ALL, "done"), day, date(2027, 3, 13)) == ("No first visit; was due 12 Mar, 1 day ago. Ready", "C15")
    assert rules.move(dict.fromkeys(ALL[:-1], "done"), None, None, in_hospital=False, held=False) == ("Not ready: C14 open", "C14")
    assert rules.move(dict.fromkeys(ALL, "done"), None, None, in_hospital=False, held=True, begun=True) == ("No first visit recorded. On hold", "open")
    assert rules.move({}, None, None, in_hospital=True, held=False) == ("In hospital", "open")
    visited = dict.fromkeys((*ALL, "C15"), "done")
    assert rules.move(visited, day, date(2027, 3, 15), in_hospital=False, held=False) == ("First visit 12 Mar; safety check due 15 Mar", "safety")
    assert rules.move(visited | {"C16": "done"}, day, day, in_hospital=False, held=False) == ("First visit 12 Mar; safety check done", "open")
    assert rules.discrepancy("Medication", day, called=True, updated=False) == "Medication, found 12 Mar: plan not updated"
    assert rules.stay(date(2027, 3, 10), date(2027, 3, 17), date(2027, 3, 24), date(2027, 3, 15)) == ("Since 10 Mar; expected home 17 Mar; slot held until 24 Mar", True)
    assert rules.stay(date(2027, 3, 10), date(2027, 3, 18), date(2027, 3, 24), date(2027, 3, 15))[1] is False
    assert rules.stay(None, None, date(2027, 3, 14), date(2027, 3, 15)) == ("Admission date unknown; no expected discharge; slot lapsed after 14 Mar", True)
    assert rules.stay(None, date(2027, 3, 12), date(2027, 3, 24), date(2027, 3, 15)) == ("Admission date unknown; was expected home 12 Mar: ask again; slot held until 24 Mar", True)


@pytest.mark.parametrize(
    ("tries", "priority", "words"),
    [
        ([], "R", "Safety check was due 12 Mar"),
        ([date(2027, 3, 15)], "R", "Safety check was due 12 Mar; nobody answered 1 time, last on 15 Mar. Try once more today."),
        ([date(2027, 3, 12)], "R", "Safety check was due 12 Mar; nobody answered 1 time, last on 12 Mar"),
        ([date(2027, 3, 12)] * 2, "R", "Safety check was due 12 Mar; nobody answered 2 times, last on 12 Mar. Contact the representative. Priority Red: a welfare visit today."),
        ([date(2027, 3, 15)] * 2, "G", "Safety check was due 12 Mar; nobody answered 2 times, last on 15 Mar. Contact the representative."),
    ],
)
def test_tries_lead_to_the_representative_and_for_red_to_a_visit(tries, priority, words):
    assert rules.check(date(2027, 3, 12), tries, priority, True, date(2027, 3, 15)) == words


def test_moves_of_a_monday_and_a_friday_hold_the_weekend(programme):
    calendar = calendar_for(programme)
    assert [group.label for group in moves(date(2027, 3, 15), calendar).values()] == ["Moved or due to move Fri 12 Mar to Sun 14 Mar", "Moving today", "Moving Tue 16 Mar"]
    assert moves(date(2027, 3, 19), calendar)["next"].label == "Moving Sat 20 Mar to Mon 22 Mar"
    assert moves(date(2027, 3, 25), calendar)["next"].label == "Moving Fri 26 Mar to Tue 30 Mar", "Easter: Good Friday and Easter Monday are no working days"
    saturday = people.person(programme, planned_transfer_date=date(2027, 3, 13))
    assert [line.person for line in shown(programme)["moves-yesterday"].lines] == [saturday.public_id]


@pytest.fixture
def crowd(programme):
    """One person for each thing a wash-up asks about."""
    bluebell, mt = people.incoming(programme), ground.actor("MT", programme)
    made = {
        "past": people.person(programme, done=ALL, planned_transfer_date=date(2027, 3, 12), incoming_provider=bluebell, priority="A"),
        "today": people.person(programme, planned_transfer_date=date(2027, 3, 15), incoming_provider=bluebell, priority="G"),
        "tomorrow": people.person(programme, planned_transfer_date=date(2027, 3, 16), priority="R"),
        "safety-overdue": people.person(programme, done=(*ALL, "C15"), planned_transfer_date=date(2027, 3, 10), actual_transfer_date=date(2027, 3, 10), priority="A", incoming_provider=bluebell, plan_status="provisional"),
        "discrepancy": people.person(programme), "unowned": people.person(programme), "hospital": people.person(programme, planned_transfer_date=date(2027, 3, 12)),
        "gone": people.person(programme, planned_transfer_date=date(2027, 3, 12), ending="died", ended_on=date(2027, 3, 14)),
    }
    Checkpoint.objects.filter(person=made["safety-overdue"], code="C15").update(done_on=date(2027, 3, 10))
    turning.refresh(made["safety-overdue"], touched=False)
    Discrepancy.objects.create(person=made["discrepancy"], kind="medication", found_on=date(2027, 3, 14), officer_called_on=date(2027, 3, 14))
    concerns.raise_concern(made["unowned"], {"category": "neglect"}, actor=mt)
    services.admit(made["hospital"], actor=mt, admitted_on=date(2027, 3, 1), expected_discharge=date(2027, 3, 17))
    return {key: PersonTransfer.objects.get(pk=person.pk) for key, person in made.items()}


def test_the_sections_hold_who_belongs_there_and_their_counts_are_those_of_the_dashboard(programme, crowd):
    found = shown(programme)
    who = {person.public_id: name for name, person in crowd.items()}
    assert {key: [who[line.person] for line in section.lines if line.person] for key, section in found.items() if section.exception or key.startswith(("moves", "hospital"))} == {
        "past": ["past"], "ready-missing": ["past"], "unreached": [], "safety-overdue": ["safety-overdue"], "discrepancy": ["discrepancy"], "unowned": ["unowned"], "escalations": [], "providers": [],
        "moves-yesterday": ["past", "hospital"], "moves-today": ["today"], "moves-next": ["tomorrow"], "hospital": ["hospital"],
    }
    assert [line.state for line in found["providers"].lines] == ["Bluebell Care Partners: no list of first-week visits and on-call number not tried"]
    assert found["hospital"].lines[0].state == "Since 1 Mar; expected home 17 Mar; slot held until 15 Mar"
    assert (found["safety-overdue"].lines[0].state, found["safety-overdue"].lines[0].provisional) == ("Safety check was due 11 Mar", True)
    dashboard = people_facts(programme, today())
    assert (found["past"].count, found["safety-overdue"].count, found["hospital"].count) == (dashboard.past_t_without_c15, dashboard.safety_checks_overdue, dashboard.in_hospital) == (1, 1, 1)
    named = groups(today())
    assert all(section.count == PersonTransfer.objects.filter(named[section.show].condition).count() for section in found.values() if section.show)
    assert found["not-updated"].count == 5, "those written today are not among them, nor who died"


def test_every_count_leads_to_its_rows_in_the_tracker(programme, crowd, sign_in):
    client = sign_in("OL", programme)
    blocks = client.get(page(programme)).context
    for block in (*blocks["exceptions"], *blocks["blocks"]):
        if block.more:
            assert client.get(block.more).context["page_obj"].paginator.count == block.section.count, block.section.key


def test_the_page_puts_exceptions_first_and_one_link_to_act_on_each_line(programme, crowd, sign_in):
    client = sign_in("MT", programme)
    answer = client.get(page(programme))
    text = answer.content.decode()
    order = [text.index(f'id="s-{key}"') for key in ("past", "safety-overdue", "discrepancy", "unowned", "providers", "moves-yesterday", "moves-today", "moves-next", "hospital", "overdue", "not-updated")]
    assert order == sorted(order)
    acts = {(block.section.key, one.person.pk if one.person else None): (one.act, one.url) for block in (*answer.context["exceptions"], *answer.context["blocks"]) for one in block.lines}
    root = {key: reverse("transfers:person-detail", args=[programme.ref, person.public_id]) for key, person in crowd.items()}
    assert acts["past", crowd["past"].pk] == ("Mark C15", f"{root['past']}checkpoints/C15/mark/")
    assert acts["safety-overdue", crowd["safety-overdue"].pk] == ("Record the check", f"{root['safety-overdue']}do/safety/")
    assert acts["discrepancy", crowd["discrepancy"].pk] == ("Put right", f"{root['discrepancy']}discrepancies/{Discrepancy.objects.get().public_id}/")
    assert acts["hospital", crowd["hospital"].pk] == ("Discharged", f"{root['hospital']}do/discharge/")
    assert acts["moves-today", crowd["today"].pk] == ("Open", root["today"])
    for act, url in set(acts.values()):
        assert client.get(url).status_code == 200, (act, url)
    assert "PROVISIONAL" in text
    assert AccessLog.objects.get(subject="wash-up").object_ids == sorted(person.public_id for key, person in crowd.items() if key != "gone")


def test_who_may_not_mark_is_led_to_the_person(programme, crowd, sign_in):
    answer = sign_in("QL", programme).get(page(programme))
    assert [(one.act, one.person) for block in answer.context["exceptions"] if block.section.key == "past" for one in block.lines] == [("Open", crowd["past"])]


def test_an_escalation_about_a_person_stands_there_until_somebody_acknowledges_it(programme, sign_in):
    concern = issues.raise_issue(programme, "Safety check raised a concern (abc)", actor=people.operator(), source="a person")
    raised = escalation.raise_to(programme, 2, "harm", actor=people.operator(), issue=concern)
    escalation.raise_to(programme, 2, "other", actor=people.operator(), issue=issues.raise_issue(programme, "Office closed", actor=people.operator()))
    assert [line.state for line in shown(programme)["escalations"].lines] == [f"{concern.ref}: Safety check raised a concern (abc). To the {raised.get_to_level_display().lower()}, acknowledge by 16 Mar 2027"]
    raised.acknowledged_on = date(2027, 3, 15)
    raised.save()
    assert shown(programme)["escalations"].count == 0


def ask(**fields):
    return {"ask-words": "Call the daughter of Mrs Canary", "ask-person": "", "ask-owner": "", "ask-owner_name": "Sam of the council", "ask-due": "2027-03-15", "ask-due_time": "14:30"} | fields


def test_notes_and_actions_are_written_on_the_spot_and_kept_when_it_is_finished(programme, crowd, sign_in):
    client = sign_in("MT", programme)
    assert client.post(page(programme), {"start": "1"}).status_code == 302
    person = crowd["past"]
    assert client.post(page(programme), {"note-text": "Said by Canary", "note-person": person.public_id}).status_code == 302
    assert client.post(page(programme), ask(**{"ask-person": person.public_id})).status_code == 302
    assert client.post(page(programme), ask(**{"ask-owner": client.user.pk, "ask-owner_name": "", "ask-due_time": ""})).status_code == 302
    assert [(note.person, note.text, note.by_label) for note in WashUpNote.objects.all()] == [(person, "Said by Canary", str(client.user))]
    actions = [(one.words, one.person, one.action.text, one.action.owner, one.action.owner_name, one.action.due, one.action.due_time) for one in WashUpAction.objects.select_related("action")]
    assert actions == [
        ("Call the daughter of Mrs Canary", person, f"Wash-up of 15 Mar 2027, action 1, about {person.public_id}", None, "Sam of the council", date(2027, 3, 15), time(14, 30)),
        ("Call the daughter of Mrs Canary", None, "Wash-up of 15 Mar 2027, action 2", client.user, "", date(2027, 3, 15), None),
    ]
    answer = client.post(page(programme), {"finish": "1"})
    held = WashUp.objects.get()
    assert (held.open, held.finished_by_label, held.finished_at) == (False, str(client.user), datetime(2027, 3, 15, 10, tzinfo=UTC))
    assert answer.url == reverse("transfers:washup-record", args=[programme.ref, held.public_id])
    assert (held.meeting.kind, held.meeting.attendees) == ("washup", str(client.user))
    kept = {one["key"]: one for one in held.lists}
    assert [line["person"] for line in kept["past"]["lines"]] == [person.public_id]
    assert kept["past"]["count"] == 1
    assert not any(word in str(held.lists) for one in crowd.values() for word in (one.surname, one.case_system_id))


def test_the_history_says_how_many_and_names_nobody(programme, crowd):
    mt = ground.actor("MT", programme)
    held = washup.start(programme, actor=mt)
    washup.note(held, "Canary fell", actor=mt, person=crowd["past"])
    washup.finish(held, actor=mt)
    told = Change.objects.get(action="what was shown")
    assert told.fields["Past the date without a first visit"] == [None, 1]
    assert told.fields["In hospital"] == [None, 1]
    rows = Change.objects.filter(entity="transfers.washup")
    assert not any(word in str([row.fields for row in rows]) for word in ("Canary", crowd["past"].surname))


def test_a_finished_one_is_read_as_it_stood_then(programme, crowd, sign_in):
    client = sign_in("MT", programme)
    held = washup.start(programme, actor=ground.actor("MT", programme))
    washup.finish(held, actor=ground.actor("MT", programme))
    PersonTransfer.objects.filter(pk=crowd["past"].pk).update(planned_transfer_date=date(2027, 3, 30), surname="Newname")
    text = client.get(reverse("transfers:washup-record", args=[programme.ref, held.public_id])).content.decode()
    assert "Past the date without a first visit: 1" in text
    assert "No first visit; was due 12 Mar, 3 days ago" in text
    assert "Newname" in text
    assert "PROVISIONAL" in text
    assert "Act</th>" not in text


def test_one_open_wash_up_at_a_time_and_two_who_begin_are_in_the_same(programme, monkeypatch):
    mt, ol = ground.actor("MT", programme), ground.actor("OL", programme)
    first = washup.start(programme, actor=mt)
    assert washup.start(programme, actor=ol) == first
    # The race: the second looked before the first was written.
    looks = iter([None, first])
    monkeypatch.setattr(washup, "current", lambda programme: next(looks))
    assert washup.start(programme, actor=ol) == first
    assert (WashUp.objects.count(), Meeting.objects.count()) == (1, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        WashUp.objects.create(programme=programme, meeting=Meeting.objects.create(programme=programme, kind="washup", at="2027-03-15T09:00Z"), day=date(2027, 3, 15))


def test_two_people_who_write_at_once_lose_nothing(programme):
    mt, ol = ground.actor("MT", programme), ground.actor("OL", programme)
    mine, theirs = washup.start(programme, actor=mt), washup.start(programme, actor=ol)
    washup.note(mine, "one", actor=mt)
    washup.note(theirs, "two", actor=ol)
    washup.note(mine, "three", actor=mt)
    assert [note.text for note in WashUpNote.objects.all()] == ["one", "two", "three"]
    assert Meeting.objects.get().attendees.splitlines() == [mt.label, ol.label]


def test_what_is_sent_after_the_end_is_kept_on_the_page_and_said(programme, sign_in):
    client = sign_in("MT", programme)
    held = washup.start(programme, actor=ground.actor("MT", programme))
    washup.finish(WashUp.objects.get(), actor=ground.actor("OL", programme))
    with pytest.raises(Refused, match="finished this wash-up at 10:00 on 15 Mar 2027"):
        washup.note(held, "late", actor=ground.actor("MT", programme))
    answer = client.post(page(programme), {"note-text": "late", "note-person": ""})
    assert (answer.status_code, "was finished, or has not begun" in answer.content.decode(), WashUpNote.objects.count()) == (422, True, 0)
    with pytest.raises(Refused, match="finished this wash-up"):
        washup.finish(held, actor=ground.actor("MT", programme))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"ask-words": " "}, "Enter what is to be done"), ({"ask-owner_name": ""}, "Choose who does it, or enter a name."), ({"ask-due": ""}, "Enter by"),
        ({"ask-due": "2027-03-14"}, "The day is over already. Enter today or a later one."), ({"ask-due_time": "half two"}, "At: enter a time, like 14:30"), ({"ask-owner": "999999"}, "Select a valid choice"),
    ],
)
def test_an_action_without_words_owner_or_time_is_refused_and_kept(programme, sign_in, fields, said):
    client = sign_in("MT", programme)
    washup.start(programme, actor=ground.actor("MT", programme))
    answer = client.post(page(programme), ask(**fields))
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert (WashUpAction.objects.count(), Action.objects.count()) == (0, 0)
    assert "Call the daughter" in answer.content.decode() or "ask-words" in fields


def test_an_hour_that_is_past_is_refused_and_kept(programme, sign_in):
    client = sign_in("MT", programme)
    client.post(page(programme), {"start": "1"})
    before = Action.objects.count(), Change.objects.count()
    answer = client.post(page(programme), ask(**{"ask-due_time": "09:59"}))
    text = answer.content.decode()
    assert (answer.status_code, "09:59 today is past. Enter a later hour or day." in text, "Call the daughter of Mrs Canary" in text) == (422, True, True)
    assert (Action.objects.count(), Change.objects.count()) == before
    assert [client.post(page(programme), ask(**more)).status_code for more in ({"ask-due_time": "10:00"}, {"ask-due": "2027-03-16", "ask-due_time": "09:59"})] == [302, 302]


def test_a_note_about_a_person_stands_on_their_page_and_in_their_history(programme, sign_in):
    """For who reads the wash-up; a provider of the person does not."""
    mt, person, other = ground.actor("MT", programme), people.person(programme), people.person(programme)
    held = washup.start(programme, actor=mt)
    washup.note(held, "Keys are with the neighbour", actor=mt, person=person)
    washup.note(held, "The van broke down", actor=mt)
    washup.note(held, "Somebody else entirely", actor=mt, person=other)
    address = reverse("transfers:person-detail", args=[programme.ref, person.public_id])
    client = sign_in("OL", programme)
    answer = client.get(address)
    assert [note.text for note in answer.context["notes"]] == ["Keys are with the neighbour"]
    assert [(event.title, event.changes[0].new) for event in answer.context["events"]] == [("Note written", "Keys are with the neighbour")]
    text = answer.content.decode()
    assert ("Said in the wash-up" in text, reverse("transfers:washup", args=[programme.ref]) in text, "Somebody else entirely" in text, "van broke" in text) == (True, True, False, False)
    washup.finish(held, actor=mt)
    assert reverse("transfers:washup-record", args=[programme.ref, held.public_id]) in client.get(address).content.decode()
    answer = sign_in("XP", programme, organisation=person.exiting_provider).get(address)
    assert (answer.status_code, answer.context["notes"], "neighbour" in answer.content.decode()) == (200, [], False)


def test_an_owner_of_another_programme_is_refused(programme):
    stranger = ground.user_in("MT", ground.provider_exit())
    mt = ground.actor("MT", programme)
    held = washup.start(programme, actor=mt)
    with pytest.raises(Refused, match="does not see the people of this programme"):
        washup.ask(held, {"words": "Do", "owner": stranger, "due": date(2027, 3, 15)}, actor=mt)
    with pytest.raises(Refused, match="not on the list of this programme"):
        washup.note(held, "Do", actor=mt, person=people.person(ground.provider_exit()))
    assert (WashUpAction.objects.count(), WashUpNote.objects.count()) == (0, 0)


def test_an_action_is_ticked_off_after_the_wash_up_too(programme, sign_in):
    client, mt = sign_in("MT", programme), ground.actor("MT", programme)
    held = washup.start(programme, actor=mt)
    one = washup.ask(held, {"words": "Do", "owner_name": "Sam", "due": date(2027, 3, 15)}, actor=mt)
    washup.finish(held, actor=mt)
    record = reverse("transfers:washup-record", args=[programme.ref, held.public_id])
    assert client.post(record, {"tick": one.public_id}).status_code == 302
    assert Action.objects.values_list("status", "done_on").get() == ("done", date(2027, 3, 15))
    client.post(record, {"untick": one.public_id})
    assert Action.objects.values_list("status", "done_on").get() == ("open", None)


def test_two_who_tick_one_action_off_leave_it_done(programme, sign_in):
    """The second page still offered “Done”: what was meant is done, not turned round."""
    client, mt = sign_in("MT", programme), ground.actor("MT", programme)
    held = washup.start(programme, actor=mt)
    one = washup.ask(held, {"words": "Do", "owner_name": "Sam", "due": date(2027, 3, 15)}, actor=mt)
    page = reverse("transfers:washup", args=[programme.ref])
    assert f'name="tick" value="{one.public_id}"' in client.get(page).content.decode()
    for _ in range(2):
        assert client.post(page, {"tick": one.public_id}).status_code == 302
    assert Action.objects.values_list("status", "done_on").get() == ("done", date(2027, 3, 15))
    assert Change.objects.filter(entity="mobilisation.action", fields__has_key="status", action="changed").count() == 1
    assert f'name="untick" value="{one.public_id}"' in client.get(page).content.decode()
    assert client.post(page, {"untick": "unknown"}).status_code == 404


def test_the_boards_papers_hold_nothing_of_a_wash_up_and_its_words_stand_apart(programme, crowd, sign_in):
    mt = ground.actor("MT", programme)
    held = washup.start(programme, actor=mt)
    washup.note(held, "Canary fell", actor=mt, person=crowd["past"])
    washup.ask(held, {"words": "Visit Canary", "owner_name": "Sam", "due": date(2027, 3, 15)}, actor=mt, person=crowd["past"])
    client = sign_in("BM", programme)
    pages = [reverse(f"mobilisation:{name}", args=[programme.ref]) for name in ("board", "action-list", "meeting-list", "history")] + [reverse("mobilisation:meeting-detail", args=[programme.ref, held.meeting.public_id])]
    texts = [client.get(path).content.decode() for path in pages]
    assert not any("Canary" in text or crowd["past"].surname in text for text in texts)
    assert not any("Wash-up of 15 Mar 2027" in text for text in texts)
    assert "Wash-up of 15 Mar 2027, action 1" in sign_in("ML", programme).get(pages[1]).content.decode()


@pytest.mark.parametrize(("role", "code"), [("XP", 404), ("IP", 404), ("BM", 404), ("SRO", 404), ("FIN", 404), ("IGO", 404), ("MT", 200), ("DA", 200), ("ML", 200)])
def test_the_wash_up_is_for_who_sees_everybody(programme, sign_in, role, code):
    organisation = {"XP": people.person(programme).exiting_provider, "IP": people.incoming(programme)}.get(role)
    held = washup.start(programme, actor=ground.actor("MT", programme))
    washup.finish(held, actor=ground.actor("MT", programme))
    client = sign_in(role, None if role == "IGO" else programme, organisation=organisation)
    assert client.get(page(programme)).status_code == code
    assert client.get(reverse("transfers:washup-record", args=[programme.ref, held.public_id])).status_code == code
    if code == 404:
        assert client.post(page(programme), {"start": "1"}).status_code == 404
        assert WashUp.objects.filter(open=True).count() == 0


def test_the_service_says_the_right_again(programme):
    for role, organisation in (("XP", people.person(programme).exiting_provider), ("BM", None)):
        with pytest.raises(NotPermitted):
            washup.start(programme, actor=ground.actor(role, programme, organisation))
    assert (WashUp.objects.count(), Meeting.objects.count()) == (0, 0)


def test_the_number_of_queries_does_not_grow(programme, crowd, sign_in, django_assert_num_queries):
    client = sign_in("OL", programme)
    washup.start(programme, actor=ground.actor("OL", programme))
    client.get(page(programme))
    with django_assert_num_queries(36):
        client.get(page(programme))
    for n in range(6):
        one = people.person(programme, done=ALL, planned_transfer_date=date(2027, 3, 12), incoming_provider=people.incoming(programme), priority="A")
        Discrepancy.objects.create(person=one, kind="medication", found_on=date(2027, 3, 10 - n))
        HospitalEpisode.objects.create(person=people.person(programme, in_hospital=True), admitted_on=date(2027, 3, 1))
        washup.note(washup.current(programme), "one", actor=ground.actor("OL", programme), person=one)
    with django_assert_num_queries(36):
        client.get(page(programme))


def test_a_long_section_shows_its_first_lines_and_the_whole_count(programme, sign_in):
    for _ in range(facts.LIMIT + 2):
        people.person(programme, planned_transfer_date=date(2027, 3, 12))
    found = shown(programme)["past"]
    assert (found.count, len(found.lines)) == (52, 50)
    assert "The first 50 of 52; the tracker lists all." in sign_in("OL", programme).get(page(programme)).content.decode()


def test_nothing_wrong_is_said_in_words(programme, sign_in):
    assert "No exceptions" in sign_in("OL", programme).get(page(programme)).content.decode()


# Providers (domain 5.6, last sentence)


def test_a_provider_is_checked_before_people_come(programme, crowd, sign_in):
    client = sign_in("MT", programme)
    bluebell = people.incoming(programme)
    edit = reverse("transfers:provider-check", args=[programme.ref, bluebell.public_id])
    assert (client.post(edit, {}).status_code, ProviderCheck.objects.count()) == (422, 0)
    untold = client.post(edit, {"on_call_works": "true"})
    assert (untold.status_code, "Say on which day the on-call number was tried." in untold.content.decode(), ProviderCheck.objects.count()) == (422, True, 0)
    assert client.post(edit, {"visits_received_on": "2027-03-12", "on_call_tried_on": "2027-03-14", "on_call_works": "false"}).status_code == 302
    assert [(line.state, line.alert) for line in shown(programme)["providers"].lines] == [("Bluebell Care Partners: on-call number does not work", True)]
    held = ProviderCheck.objects.get()
    provider_checks.record(programme, bluebell, {"on_call_works": True, "on_call_tried_on": date(2027, 3, 15)}, actor=ground.actor("MT", programme), expected_version=held.version)
    assert shown(programme)["providers"].count == 0
    text = client.get(reverse("transfers:provider-checks", args=[programme.ref])).content.decode()
    assert "works, tried 15 Mar 2027" in text
    assert client.get(reverse("transfers:provider-check", args=[programme.ref, crowd["past"].exiting_provider.public_id])).status_code == 404


def test_no_provider_checks_itself(programme):
    bluebell = people.incoming(programme)
    with pytest.raises(NotPermitted):
        provider_checks.record(programme, bluebell, {"visits_received_on": date(2027, 3, 12)}, actor=ground.actor("IP", programme, bluebell))
    assert not ProviderCheck.objects.exists()


def test_the_list_of_providers_asks_as_often_for_many(programme, sign_in, django_assert_num_queries):
    client, path = sign_in("MT", programme), reverse("transfers:provider-checks", args=[programme.ref])
    client.get(path)
    with django_assert_num_queries(8):
        client.get(path)
    for n in range(5):
        ProviderCheck.objects.create(programme=programme, provider=ground.party(programme, f"New {n}", "incoming"))
    with django_assert_num_queries(8):
        client.get(path)


@pytest.mark.parametrize(("done", "words"), [(people.ready_up_to("C07"), "Go to C08"), (people.ready_up_to("C03"), "Mark C04")])
def test_a_line_promises_no_mark_that_rests_on_records_it_does_not_read(programme, sign_in, done, words):
    person = people.person(programme, done=done)
    PersonTransfer.objects.filter(pk=person.pk).update(overdue_from=date(2027, 3, 10))
    text = sign_in("OL", programme).get(page(programme)).content.decode()
    assert f'checkpoints/{words[-3:]}/mark/">{words}' in text
