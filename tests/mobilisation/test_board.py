"""Meetings with their fixed item, decisions with their reason, actions with their owner."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import Refused
from mobilisation.models import Action, AgendaItem, Change, Decision, Meeting
from mobilisation.services import board as services
from tests.factories import ground
from tests.factories import risks as factory

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


def meeting(programme, kind="weekly_mobilisation", **fields):
    return services.call_meeting(Meeting(programme=programme, kind=kind, at=fields.pop("at", datetime(2027, 3, 2, 9, tzinfo=UTC))), actor=SYSTEM, **fields)


def url(name, programme, **kwargs):
    return reverse(f"mobilisation:{name}", kwargs={"ref": programme.ref, **kwargs})


def test_a_weekly_meeting_asks_what_could_make_go_live_unsafe_and_keeps_asking(programme):
    made = meeting(programme, items=["Van hire", "What could make go-live unsafe?"])
    assert list(made.agenda.values_list("title", "standing")) == [("What could make go-live unsafe?", True), ("Actions of the last meeting", True), ("Van hire", False)]
    with pytest.raises(Refused, match="is a standing item and stays"):
        services.remove_item(made.agenda.get(title=services.UNSAFE_ITEM), actor=SYSTEM)
    services.remove_item(made.agenda.get(title="Van hire"), actor=SYSTEM)
    assert made.agenda.count() == 2
    assert Change.objects.filter(entity="mobilisation.meeting", action="agenda item removed").get().fields == {"title": ["Van hire", None]}


def test_a_meeting_that_becomes_weekly_gets_the_item(programme):
    made = meeting(programme, kind="huddle")
    assert not AgendaItem.objects.exists()
    services.update_meeting(made, {"kind": "weekly_mobilisation"}, actor=SYSTEM)
    assert AgendaItem.objects.filter(meeting=made, title=services.UNSAFE_ITEM, standing=True).count() == 1


def test_a_decision_is_made_with_who_when_and_why(programme):
    decision = services.add_decision(Decision(programme=programme, text="Move wave 2 by a week", needed_by=today()), actor=SYSTEM)
    with pytest.raises(Refused) as refused:
        services.update_decision(decision, {"status": "made"}, actor=SYSTEM)
    assert [reason.field for reason in refused.value.reasons] == ["rationale", "made_by", "made_on"]
    with pytest.raises(Refused, match="in the future"):
        services.update_decision(decision, {"status": "made", "rationale": "Rota", "made_by": "Board", "made_on": today() + timedelta(days=1)}, actor=SYSTEM)
    decision.refresh_from_db()
    assert (decision.status, decision.version) == ("needed", 1)
    services.update_decision(decision, {"status": "made", "rationale": "Rota", "made_by": "Board", "made_on": today()}, actor=SYSTEM)
    decision.refresh_from_db()
    assert decision.status == "made"


def test_an_action_has_an_owner_and_its_day(programme):
    with pytest.raises(Refused) as refused:
        services.add_action(Action(programme=programme, text=""), actor=SYSTEM)
    assert [reason.field for reason in refused.value.reasons] == ["text", "owner_name", "due"]
    action = services.add_action(Action(programme=programme, text="Ring the landlord", owner_name="Ops lead", due=today()), actor=SYSTEM)
    services.update_action(action, {"status": "done"}, actor=SYSTEM)
    action.refresh_from_db()
    assert (action.status, action.done_on) == ("done", today())
    services.update_action(action, {"status": "open"}, actor=SYSTEM)
    action.refresh_from_db()
    assert action.done_on is None


def test_only_what_is_done_has_a_day_and_none_to_come(programme):
    done = services.add_action(Action(programme=programme, text="Ring", owner_name="Ops lead", due=today(), status="done"), actor=SYSTEM)
    assert done.done_on == today()
    for status, day, words in (("done", today() + timedelta(days=1), "in the future"), ("open", today(), "Only what is done has a day")):
        with pytest.raises(Refused, match=words):
            services.add_action(Action(programme=programme, text="Write", owner_name="Ops lead", due=today(), status=status, done_on=day), actor=SYSTEM)
    open_one = services.add_action(Action(programme=programme, text="Write", owner_name="Ops lead", due=today()), actor=SYSTEM)
    with pytest.raises(Refused, match="Only what is done has a day"):
        services.update_action(open_one, {"done_on": today()}, actor=SYSTEM)
    open_one.refresh_from_db()
    assert (Action.objects.count(), open_one.done_on, open_one.version) == (2, None, 1)


def test_a_meeting_is_chosen_by_its_day_and_hour_in_london(programme, sign_in):
    meeting(programme, at=datetime(2027, 6, 1, 23, 30, tzinfo=UTC))
    form = sign_in("OL", programme).get(url("action-add", programme)).context["form"]
    assert [words for value, words in form.fields["meeting"].choices if value] == ["Weekly mobilisation meeting, 2 Jun 2027, 00:30"]


@pytest.mark.parametrize("number", [1, 3])
def test_the_board_page_costs_the_same(programme, sign_in, django_assert_num_queries, number):
    for at in range(number):
        meeting(programme, at=now() + timedelta(days=at + 1))
        services.add_decision(Decision(programme=programme, text=f"Decide {at}"), actor=SYSTEM)
        services.add_action(Action(programme=programme, text=f"Do {at}", owner_name="Ops", due=today()), actor=SYSTEM)
    client = sign_in("BCH", programme)
    client.get("/glossary/")  # the first page of a session writes the session down
    with django_assert_num_queries(12):  # one of them the list, which the chair does not see
        page = client.get(url("board", programme))
    assert (len(page.context["needed"]), len(page.context["actions"]), len(page.context["coming"])) == (number,) * 3


@pytest.mark.parametrize("number", [1, 3])
def test_a_meeting_lists_what_could_make_go_live_unsafe(programme, sign_in, django_assert_num_queries, number):
    for at in range(number):
        factory.risk(programme, event=f"No night cover {at}", unsafe_go_live=True)
    factory.risk(programme, event="Late invoices")
    made = meeting(programme)
    client = sign_in("ML", programme)
    client.get("/glossary/")  # the first page of a session writes the session down
    with django_assert_num_queries(13):
        page = client.get(url("meeting-detail", programme, public_id=made.public_id)).content.decode()
    assert page.count("No night cover") == number
    assert "Late invoices" not in page


def test_the_pages_write_and_refuse(programme, sign_in):
    client = sign_in("BCH", programme)
    assert client.post(url("meeting-add", programme), {"kind": "weekly_mobilisation", "at": "2027-03-02T09:30", "items": "Vans\n\nKeys"}).status_code == 302
    made = Meeting.objects.get()
    page = url("meeting-detail", programme, public_id=made.public_id)
    item = made.agenda.get(title=services.UNSAFE_ITEM)
    assert client.post(page, {"item": item.public_id, "remove": "1"}).status_code == 422
    assert client.post(page, {"item": item.public_id, "notes": "Nothing new", "version": item.version}).status_code == 302
    item.refresh_from_db()
    assert item.notes == "Nothing new"
    assert client.post(page, {"add": "1", "item-title": "Fuel"}).status_code == 302
    assert made.agenda.count() == 5
    assert client.post(url("decision-add", programme), {"text": "Go on", "status": "made"}).status_code == 422
    assert client.post(url("decision-add", programme), {"text": "Go on", "status": "needed", "meeting": made.pk}).status_code == 302
    assert client.post(url("action-add", programme), {"text": "Ring", "due": today().isoformat(), "status": "open"}).status_code == 422
    assert client.post(url("action-add", programme), {"text": "Ring", "owner_name": "Ops", "due": today().isoformat(), "status": "open"}).status_code == 302
    action = Action.objects.get()
    assert client.post(url("action-edit", programme, public_id=action.public_id), {"text": "Ring", "owner_name": "Ops", "due": today().isoformat(), "status": "done"}).status_code == 302
    for name in ("board", "meeting-list", "decision-list", "action-list"):
        assert client.get(url(name, programme)).status_code == 200
    assert "Ring" in client.get(url("action-list", programme) + "?show=done").content.decode()


def test_who_may_read_and_who_may_write(programme, sign_in):
    made = meeting(programme)
    member = sign_in("BM", programme)
    assert member.get(url("meeting-detail", programme, public_id=made.public_id)).status_code == 200
    assert member.post(url("meeting-detail", programme, public_id=made.public_id), {"add": "1", "item-title": "x"}).status_code == 404
    assert member.post(url("decision-add", programme), {"text": "Move the start", "status": "needed", "needed_by": "2027-03-20"}).status_code == 302
    assert Decision.objects.get().created_by == member.user
    assert sign_in("WSL", programme).get(url("decision-add", programme)).status_code == 404
    assert sign_in("COM", programme).get(url("board", programme)).status_code == 404
    assert sign_in("BCH", ground.programme()).get(url("board", programme)).status_code == 404


KINDS = {
    "strategy": ("Strategy meeting", "Who can take people on"), "exiting_provider": ("Exiting provider meeting", "Duties to CQC"), "incoming_provider": ("Incoming provider meeting", "Options and risks"),
    "contract_review": ("Contract review", "Quality of the month"), "safeguarding_review": ("Safeguarding review", "Themes and interim controls"), "mobilisation_call": ("Mobilisation call", "Mitigations agreed"),
    "debrief": ("Debrief", "What went well"),
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_meeting_of_each_kind_is_called_with_its_agenda_and_keeps_what_was_agreed(programme, sign_in, kind):
    words, item = KINDS[kind]
    client = sign_in("ML", programme)
    assert client.post(url("meeting-add", programme), {"kind": kind, "at": "2027-03-02T09:30", "items": item}).status_code == 302
    made = Meeting.objects.get()
    page = url("meeting-detail", programme, public_id=made.public_id)
    point = made.agenda.get(title=item)
    client.post(page, {"item": point.public_id, "notes": "Two more buses", "version": point.version})
    client.post(url("decision-add", programme), {"text": "Take wave 2 a week later", "status": "made", "rationale": "Rota", "made_by": "Meeting", "made_on": today().isoformat(), "meeting": made.pk})
    text = client.get(page).content.decode()
    assert [said in text for said in (words, item, "Two more buses", "Take wave 2 a week later")] == [True] * 4
    assert words in client.get(url("meeting-list", programme)).content.decode()


def test_a_daily_huddle_leaves_actions_with_owner_and_day(programme, sign_in):
    huddle = meeting(programme, kind="huddle")
    with pytest.raises(Refused) as refused:
        services.add_action(Action(programme=programme, meeting=huddle, text="Ring the landlord"), actor=SYSTEM)
    assert [reason.field for reason in refused.value.reasons] == ["owner_name", "due"]
    services.add_action(Action(programme=programme, meeting=huddle, text="Ring the landlord", owner_name="Ops lead", due=today() - timedelta(days=1)), actor=SYSTEM)
    client = sign_in("ML", programme)
    said = client.get(url("meeting-detail", programme, public_id=huddle.public_id)).content.decode()
    assert [words in said for words in ("Huddle", "Ring the landlord", "Ops lead")] == [True] * 3
    assert "Ring the landlord" in client.get(f"{url('action-list', programme)}?show=overdue").content.decode()
