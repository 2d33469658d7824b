"""My day, the digest at 07:30 and the list at 16:00 (domain 7.5): names on the page only, ids and counts elsewhere, each slot once."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.models import AccessLog, Action, Meeting, Notification, Programme, RoleAssignment, Slot
from mobilisation.services import day as days
from mobilisation.services import notices
from risks.services import escalation
from tests.factories import ground, people, risks, workstreams
from tests.transfers.test_services_checkpoints import through_to_first_visit
from transfers.models import Checkpoint, ContactLog, PersonTransfer
from transfers.models.person import at_high_risk
from transfers.services import checkpoints, day, turning, washup
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
MONDAY = date(2027, 3, 15)
PAGE = "/my-day/"


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def parts(user):
    return {part.title: [item.reference for item in part.items] for part in days.parts_for(user, MONDAY)}


def test_every_app_has_its_part_and_the_ground_knows_none_of_them():
    assert registry.day_parts() == ["transfers.services.day.parts", "mobilisation.services.day.actions", "risks.services.day.parts", "workstreams.services.day.parts"]


def test_nothing_to_do_is_said_in_words(programme, sign_in):
    text = sign_in("CM", programme).get(PAGE).content.decode()
    assert "Nothing waits for you today" in text
    assert AccessLog.objects.count() == 0


def test_own_actions_by_account_and_by_name(programme, sign_in):
    client = sign_in("BM", programme, who=ground.user(name="Ada Board"))
    board = Meeting.objects.create(programme=programme, kind="board", at="2027-03-01T09:00Z")
    kept = [
        Action.objects.create(programme=programme, text="Mine, late", owner=client.user, due=date(2027, 3, 10), meeting=board), Action.objects.create(programme=programme, text="Mine by name", owner_name="ada board", due=date(2027, 3, 22)),
    ]
    Action.objects.create(programme=programme, text="Later", owner=client.user, due=date(2027, 3, 23))
    Action.objects.create(programme=programme, text="Done", owner=client.user, due=MONDAY, status="done")
    Action.objects.create(programme=programme, text="Another's", owner_name="Bob", due=MONDAY)
    Action.objects.create(programme=ground.provider_exit(), text="Elsewhere", owner=client.user, due=MONDAY)
    Action.objects.create(programme=ground.provider_exit(status="closed"), text="Over", owner=client.user, due=MONDAY)
    assert parts(client.user) == {"Actions you own": [f"action {row.public_id}" for row in kept]}
    text = client.get(PAGE).content.decode()
    assert ("1 overdue." in text, "Mine, late" in text, "Later" in text) == (True, True, False)


def test_a_wash_up_action_is_worded_to_who_sees_people_and_to_nobody_else(programme):
    mt = ground.actor("MT", programme)
    held = washup.start(programme, actor=mt)
    asked = washup.ask(held, {"words": "Visit Canary", "owner": mt.user, "due": MONDAY}, actor=mt)
    assert parts(mt.user) == {"Asked of you at a wash-up": [f"action {asked.action.public_id}"]}
    assert [item.text for part in days.parts_for(mt.user, MONDAY) for item in part.items] == ["Visit Canary"]
    RoleAssignment.objects.filter(user=mt.user).update(role="BM")
    assert [item.text for part in days.parts_for(mt.user, MONDAY) for item in part.items] == ["Wash-up of 15 Mar 2027, action 1"]


def test_people_one_looks_after_with_something_due(programme):
    cm = ground.user_in("CM", programme, who=ground.user(name="Sandra Bexley"))
    own = people.person(programme, case_manager="sandra bexley", done=("C01",))
    asked = people.person(programme, done=people.ready_up_to("C12"), next_action="Call the GP", next_action_owner="Sandra Bexley", next_action_due=MONDAY)
    people.person(programme, case_manager="Somebody else", done=("C01",))
    people.person(programme, case_manager="Sandra Bexley", done=("C01",), ending="died", ended_on=MONDAY)
    people.person(ground.provider_exit(), case_manager="Sandra Bexley", done=("C01",))
    assert sorted(parts(cm)["People you look after"]) == sorted([own.public_id, asked.public_id])
    assert any(item.text == f"{asked.name}: C13 File; Call the GP" and item.due == MONDAY for part in days.parts_for(cm, MONDAY) for item in part.items)
    # A board member of the same name sees nobody.
    assert "People you look after" not in parts(ground.user_in("BM", programme, who=ground.user(name="Sandra Bexley")))


def test_waivers_wait_for_the_cl(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C06"))
    client = sign_in("CL", programme)
    checkpoints.waive(person, "C07", actor=ground.actor("OL", programme), reason="no time", risk_assessment="low")
    assert parts(client.user) == {"Waivers that wait for you": [person.public_id], "Weekly assurance of communications and transfers": [programme.reference]}
    assert "Waivers that wait for you" not in parts(ground.user_in("ML", programme))
    (item,) = days.parts_for(client.user, MONDAY)[0].items
    assert client.get(item.url).status_code == 200
    checkpoints.waive(person, "C07", actor=Actor.of(client.user, programme))
    assert parts(client.user) == {"Weekly assurance of communications and transfers": [programme.reference]}


def test_ready_to_transfer_waits_for_somebody_else_than_who_marked_c09(programme, sign_in):
    common = {"incoming_provider": people.incoming(programme), "planned_transfer_date": date(2027, 3, 17), "sharing_basis": "direct_care"}
    ready = people.person(programme, done=people.ready_up_to("C12"), **common)
    late = people.person(programme, done=tuple(code for code in people.ready_up_to("C12") if code != "C10"), **common)
    people.person(programme, done=people.ready_up_to("C11"), **common)
    people.person(programme, done=people.ready_up_to("C14"), **common)
    people.person(programme, done=people.ready_up_to("C12"), in_hospital=True, **common)
    client = sign_in("OL", programme)
    title = "Ready to transfer waits for you (C14)"
    assert parts(client.user)[title] == parts(ground.user_in("ASM", programme))[title] == [ready.public_id]
    assert title not in parts(ground.user_in("CM", programme))
    Checkpoint.objects.filter(person=ready, code="C09").update(by=client.user)
    assert title not in parts(client.user)
    Programme.objects.filter(pk=programme.pk).update(pace="emergency")
    assert parts(client.user)[title] == [late.public_id], "in an emergency the orders may follow"


def test_red_checks_wait_for_the_case_manager_validations_for_quality_and_offers_for_the_provider(programme):
    bluebell = people.incoming(programme)
    red = through_to_first_visit(programme, priority="R", plan_status="provisional")
    risky = through_to_first_visit(programme, priority="A", plan_status="checking", peg_or_clinical=True)
    asked = people.person(programme, surname="Canary", incoming_provider=bluebell, allocation_response="offered")
    assert parts(ground.user_in("CM", programme))["Safety checks of people with priority Red"] == [red.public_id]
    assert parts(ground.user_in("QL", programme)) == {"Care plans to validate, high risk first": [risky.public_id, red.public_id]}
    ip = ground.user_in("IP", programme, bluebell)
    assert parts(ip) == {"Offers that wait for your answer": [asked.public_id]}
    assert "Canary" not in str(days.parts_for(ip, MONDAY))
    assert parts(ground.user_in("IP", programme, people.incoming(programme, "Oyster Bay Care Ltd"))) == {}
    assert parts(ground.user_in("XP", programme, red.exiting_provider)) == {}


def test_a_call_to_follow_up_is_its_authors(programme):
    mt = ground.user_in("MT", programme)
    person = people.person(programme)
    ContactLog.objects.create(person=person, at="2027-03-14T09:00Z", follow_up_due=MONDAY, created_by=mt, topic="visits")
    ContactLog.objects.create(person=person, at="2027-03-14T09:00Z", follow_up_due=date(2027, 3, 16), created_by=mt)
    ContactLog.objects.create(person=person, at="2027-03-14T09:00Z", follow_up_due=MONDAY, followed_up_on=MONDAY, created_by=mt)
    assert parts(mt) == {"Calls to follow up": [person.public_id]}
    assert parts(ground.user_in("MT", programme)) == {}


def test_steps_criteria_risks_and_escalations(programme):
    wsl = ground.user_in("ML", programme)
    step = workstreams.step(programme, owner=wsl, forecast=date(2027, 3, 18))
    workstreams.step(programme, "P11", owner=wsl, forecast=date(2027, 4, 18))
    workstreams.step(programme, "P12", owner=wsl, forecast=date(2027, 3, 18), status="done", done_on=MONDAY)
    risk = risks.risk(programme, owner=wsl, review_on=date(2027, 3, 20))
    risks.risk(programme, owner=wsl, review_on=date(2027, 3, 23))
    action = risks.action(risk, due=date(2027, 3, 16), owner_name=str(wsl))
    escalation.raise_to(programme, 2, "late", actor=Actor.system("test"), risk=risk)
    assert parts(wsl) == {"Escalations that wait for you": [risk.ref], "Risks to review": [risk.ref], "Risk actions you own": [f"action on {action.risk.ref}"], "Steps you own": [step.code]}
    assert parts(ground.user_in("SRO", programme)) == {}, "the SRO stands on the fourth rung"


def test_the_page_shows_names_only_as_far_as_they_may_be_seen_and_logs_it(programme, sign_in):
    person = through_to_first_visit(programme, priority="R", surname="Canary", plan_status="provisional")
    client = sign_in("CM", programme)
    text = client.get(PAGE).content.decode()
    assert "Canary, Test" in text
    log = AccessLog.objects.get()
    assert (log.subject, log.object_ids, log.user) == ("my day", [person.public_id], client.user)
    assert "Canary" not in sign_in("BM", programme).get(PAGE).content.decode()


def test_my_day_asks_as_often_for_many(programme, sign_in, django_assert_num_queries):
    client = sign_in("OL", programme)
    ground.user_in("CM", programme, who=client.user)
    through_to_first_visit(programme, priority="R", case_manager=str(client.user))
    client.get(PAGE)
    with django_assert_num_queries(24):
        client.get(PAGE)
    for _ in range(5):
        through_to_first_visit(programme, priority="R", case_manager=str(client.user))
        risks.risk(programme, owner=client.user, review_on=date(2027, 3, 20))
        Action.objects.create(programme=programme, text="Do", owner=client.user, due=MONDAY)
    with django_assert_num_queries(24):
        client.get(PAGE)


def test_every_link_of_my_day_opens(programme, sign_in):
    client = sign_in("OL", programme)
    for role in ("CM", "CL", "QL"):
        ground.user_in(role, programme, who=client.user)
    person = through_to_first_visit(programme, priority="R", plan_status="provisional", case_manager=str(client.user))
    ready = people.person(programme, done=people.ready_up_to("C12"), incoming_provider=people.incoming(programme), planned_transfer_date=date(2027, 3, 17))
    risks.risk(programme, owner=client.user, review_on=date(2027, 3, 20))
    workstreams.step(programme, owner=client.user, forecast=MONDAY)
    Action.objects.create(programme=programme, text="Do", owner=client.user, due=MONDAY)
    items = [item for part in days.parts_for(client.user, MONDAY) for item in part.items]
    assert {person.public_id, ready.public_id} <= {item.reference for item in items}
    assert len(items) >= 7
    assert {item.url: client.get(item.url).status_code for item in items if client.get(item.url).status_code != 200} == {}


# The digest at 07:30


def morning(day=16):
    return datetime(2027, 3, day, 7, 30, tzinfo=UTC)


def test_the_digest_holds_counts_and_ids_of_people_and_no_name(programme):
    person = through_to_first_visit(programme, priority="R", surname="Canary", plan_status="provisional")
    stay = people.person(programme, surname="Canary")
    services.admit(stay, actor=ground.actor("MT", programme), admitted_on=date(2027, 3, 14))
    late = people.person(programme, surname="Canary", planned_transfer_date=date(2027, 3, 12))
    turning.refresh(person, touched=False)
    cm = ground.user_in("CM", programme)
    with time_machine.travel(morning(), tick=False):
        notices.tick(morning())
    row = Notification.objects.get(user=cm, kind="digest")
    ref = programme.reference
    assert row.subject == "Your day, 16 Mar 2027"
    lines = row.body.splitlines()
    assert lines[0] == f"Safety checks of people with priority Red: 1 ({person.public_id})"
    assert f"{ref}, past the date without a first visit: 1 ({late.public_id})" in lines
    assert f"{ref}, safety check overdue: 1 ({person.public_id})" in lines
    assert f"{ref}, in hospital: 1 ({stay.public_id})" in lines
    assert any(line.startswith(f"{ref}, overdue: 3 (") for line in lines)
    (letter,) = [one for one in mail.outbox if one.to == [cm.email]]
    assert f"{ref}, in hospital: 1 ({stay.public_id})" in letter.body
    assert "/my-day/" in letter.body
    assert "Canary" not in letter.body + letter.subject + row.body


def test_the_digest_is_written_once_and_to_nobody_who_has_nothing_or_wants_no_mail(programme):
    people.person(programme, planned_transfer_date=date(2027, 3, 12))
    mt, quiet, board = ground.user_in("MT", programme), ground.user_in("OL", programme), ground.user_in("BM", programme)
    notices.choose_mail(quiet, "none")
    with time_machine.travel(morning(), tick=False):
        notices.tick(morning())
        Slot.objects.all().delete()
        notices.tick(morning())
    assert list(Notification.objects.filter(kind="digest").values_list("user", flat=True)) == [mt.pk]
    assert board.pk != mt.pk
    assert [one.to for one in mail.outbox] == [[mt.email]]


def test_a_digest_that_was_missed_is_not_sent_on_the_next_morning_beside_that_mornings_own(programme):
    people.person(programme, planned_transfer_date=date(2027, 3, 12))
    mt = ground.user_in("MT", programme)
    waits = Notification.objects.create(user=mt, programme=programme, kind="offer", subject="Asked while nothing ran")
    for moment in (datetime(2027, 3, 16, 23, 59, tzinfo=UTC), datetime(2027, 3, 18, 0, 0, tzinfo=UTC), datetime(2027, 3, 18, 7, 29, tzinfo=UTC), datetime(2027, 3, 18, 7, 30, tzinfo=UTC), datetime(2027, 3, 18, 7, 31, tzinfo=UTC)):
        with time_machine.travel(moment, tick=False):
            notices.tick(moment)
    assert list(Slot.objects.filter(schedule="digest").order_by("key").values_list("key", flat=True)) == ["2027-03-16", "2027-03-18"]
    assert list(Notification.objects.filter(kind="digest").order_by("pk").values_list("subject", flat=True)) == ["Your day, 16 Mar 2027", "Your day, 18 Mar 2027"]
    waits.refresh_from_db()
    assert (waits.mail_state, len(mail.outbox)) == ("sent", 2)


@pytest.mark.parametrize("level", ["", "none", "prompt", "administer", "specialist"])
def test_high_risk_is_one_rule_for_the_record_and_for_the_list(programme, level):
    flags = ("peg_or_clinical", "double_handed", "safeguarding_open")
    made = [people.person(programme, medication_level=level, **dict.fromkeys(flags, False) | ({flag: True} if flag else {})) for flag in (*flags, "")]
    assert set(PersonTransfer.objects.filter(at_high_risk())) == {one for one in made if one.high_risk}
    assert [one.risks for one in made] == [(["medication"] if level in {"administer", "specialist"} else []) + words for words in (["PEG or clinical task"], ["double-handed"], ["safeguarding"], [])]


# The list at 16:00


def test_the_list_of_four_oclock_tells_lead_and_team_ids_and_counts(programme):
    old = people.person(programme, surname="Canary")
    people.person(programme, touched_on=MONDAY)
    people.person(programme, ending="died", ended_on=MONDAY)
    ol, cl, mt, cm, quiet = (ground.user_in(role, programme) for role in ("OL", "CL", "MT", "CM", "MT"))
    for role in ("QL", "BM", "FIN"):
        ground.user_in(role, programme)
    ground.user_in("XP", programme, old.exiting_provider)
    notices.choose_mail(quiet, "none")
    day.tick(datetime(2027, 3, 15, 15, 59, tzinfo=UTC))
    assert not Slot.objects.exists()
    day.tick(datetime(2027, 3, 15, 16, 0, tzinfo=UTC))
    day.tick(datetime(2027, 3, 15, 16, 1, tzinfo=UTC))
    assert (Slot.objects.get().key, Slot.objects.get().outcome) == ("2027-03-15", "5 told")
    rows = Notification.objects.filter(kind="not_updated")
    assert {row.user for row in rows} == {ol, cl, mt, cm, quiet}
    assert {(row.subject, row.body, row.url, row.at_once) for row in rows} == {(f"{programme.reference}: 1 row not updated today", old.public_id, reverse("transfers:person-list", args=[programme.ref]) + "?show=not-updated", True)}
    notices._send_urgent()
    assert sorted(one.to[0] for one in mail.outbox) == sorted(user.email for user in (ol, cl, mt, cm))
    assert "Canary" not in str([one.body + one.subject for one in mail.outbox])


def test_the_list_of_one_programme_that_fails_keeps_no_other_waiting(programme, monkeypatch):
    other = ground.provider_exit()
    for one in (programme, other):
        people.person(one)
    told, as_ever = ground.user_in("OL", other), day._tell_not_updated

    def fails(one, at):
        if one == programme:
            raise ValueError("cut off")
        return as_ever(one, at)

    monkeypatch.setattr(day, "_tell_not_updated", fails)
    day.tick(datetime(2027, 3, 15, 16, 0, tzinfo=UTC))
    assert (list(Notification.objects.values_list("user", "programme")), Slot.objects.get().outcome) == ([(told.pk, other.pk)], "1 told, 1 failed")


def test_the_number_told_is_the_number_of_rows_the_link_opens(programme, sign_in):
    for _ in range(25):
        people.person(programme)
    client = sign_in("MT", programme)
    day.tick(datetime(2027, 3, 15, 16, 0, tzinfo=UTC))
    row = Notification.objects.get(user=client.user)
    assert row.subject == f"{programme.reference}: 25 rows not updated today"
    assert row.body.endswith("and 5 more")
    assert client.get(row.url).context["page_obj"].paginator.count == 25


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        # Winter: 16:00 London is 16:00 UTC. Summer: 15:00 UTC. The clock goes forward on 28 March and back on 31 October 2027.
        ("2027-03-27T15:59", "2027-03-27T16:00", "2027-03-27"), ("2027-03-28T14:59", "2027-03-28T15:00", "2027-03-28"), ("2027-10-30T14:59", "2027-10-30T15:00", "2027-10-30"), ("2027-10-31T15:59", "2027-10-31T16:00", "2027-10-31"),
    ],
)
def test_four_oclock_is_londons_on_both_sides_of_a_clock_change(programme, before, after, key):
    day.tick(datetime.fromisoformat(before).replace(tzinfo=UTC))
    assert not Slot.objects.filter(schedule="not-updated").exists()
    day.tick(datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert list(Slot.objects.filter(schedule="not-updated").values_list("key", flat=True)) == [key]


def test_nobody_is_told_when_every_row_was_updated_or_the_programme_is_over(programme):
    people.person(programme, touched_on=MONDAY)
    ground.user_in("MT", programme)
    over = ground.provider_exit(status="closed")
    people.person(over)
    ground.user_in("MT", over)
    day.tick(datetime(2027, 3, 15, 16, 0, tzinfo=UTC))
    assert (Notification.objects.count(), Slot.objects.get().outcome, PersonTransfer.objects.count()) == (0, "0 told", 2)
