"""People go up the ladder by themselves, once each, and are settled when it is no longer so (domain 5.13)."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.day import Part
from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import Change, Notification
from risks.models import Escalation, Issue
from risks.services import day as register_day
from risks.services import escalation, issues
from tests.factories import ground, people
from tests.transfers.test_services_checkpoints import through_to_first_visit
from transfers.facts import washup as facts
from transfers.facts.groups import groups
from transfers.models import Checkpoint, PersonEscalation, PersonTransfer, SafetyCheck
from transfers.services import calls, checkpoints, concerns, escalating, turning
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
SYSTEM = Actor.system("test")
READY = people.ready_up_to("C14")


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False) as clock:
        yield clock


def late(programme, **fields):
    return people.person(programme, done=READY, incoming_provider=people.incoming(programme), planned_transfer_date=date(2027, 3, 12), sharing_basis="direct_care", **fields)


def overdue(programme, **fields):
    """Visited on 10 March; a person with priority Amber is checked by the 11th."""
    found = people.person(programme, done=(*READY, "C15"), incoming_provider=people.incoming(programme), planned_transfer_date=date(2027, 3, 10), actual_transfer_date=date(2027, 3, 10), **({"priority": "A"} | fields))
    Checkpoint.objects.filter(person=found, code="C15").update(done_on=date(2027, 3, 10))
    turning.refresh(found, touched=False)
    return found


def watch(programme):
    return escalating.watch(programme, actor=SYSTEM)


def test_past_the_day_without_a_visit_goes_to_level_two_and_the_officer_once(programme):
    told = {ground.user_in(role, programme) for role in ("ML", "OL", "CL", "CO")}
    for role in ("MT", "SRO", "IP"):
        ground.user_in(role, programme)
    person = late(programme, surname="Canary")
    assert watch(programme) == (1, 0)
    assert watch(programme) == (0, 0)
    row, step = PersonEscalation.objects.get(), Escalation.objects.get()
    assert (row.person, row.trigger, row.since, row.settled_on) == (person, "no_first_visit", date(2027, 3, 12), None)
    assert (step.issue, step.to_level, step.trigger, step.due_at, step.why) == (row.issue, 2, "no_first_visit", datetime(2027, 3, 15, 12, 0, tzinfo=UTC), "Past the transfer date without a first visit")
    assert (row.issue.title, row.issue.source) == (f"Past the transfer date without a first visit ({person.public_id})", "a person")
    assert {notice.user for notice in Notification.objects.all()} == told
    notice = Notification.objects.first()
    assert (notice.subject, notice.body, notice.at_once) == (f"{programme.reference}: I-01 escalated to the mobilisation lead with operational and commissioning leads", "Acknowledge by 15 Mar 2027, 12:00.", True)
    assert "Canary" not in str([*Notification.objects.values(), *Issue.objects.values(), *Escalation.objects.values(), *Change.objects.filter(entity__in=["risks.issue", "risks.escalation", "transfers.personescalation"]).values()])


def test_whoever_was_just_listed_has_a_working_day(programme):
    late(programme, listed_on=date(2027, 3, 12))
    assert watch(programme) == (0, 0)
    with time_machine.travel("2027-03-16 00:15", tick=False):
        assert watch(programme) == (1, 0)


@pytest.mark.parametrize("fields", [{"ending": "died", "ended_on": date(2027, 3, 12)}, {"planned_transfer_date": date(2027, 3, 15)}, {"planned_transfer_date": None}])
def test_nobody_is_raised_of_whom_it_is_not_so(programme, fields):
    people.person(programme, **({"planned_transfer_date": date(2027, 3, 12)} | fields))
    assert watch(programme) == (0, 0)


def test_many_on_one_day_are_one_notice_and_a_fixed_number_of_statements(programme):
    officer = ground.user_in("CO", programme)
    found = [late(programme) for _ in range(2)]
    with CaptureQueriesContext(connection) as few:
        assert watch(programme) == (2, 0)
    assert Notification.objects.get(user=officer).body == "I-01, I-02\nAcknowledge by 15 Mar 2027, 12:00."
    assert Notification.objects.get(user=officer).subject == f"{programme.reference}: 2 issues about people escalated to the mobilisation lead with operational and commissioning leads"
    other = ground.provider_exit()
    ground.user_in("CO", other)
    for _ in range(7):
        late(other)
    with CaptureQueriesContext(connection) as many:
        assert watch(other) == (7, 0)
    assert len(few) == len(many)
    assert {row.person for row in PersonEscalation.objects.filter(person__programme=programme)} == set(found)


def test_when_nobody_acknowledges_within_two_hours_it_goes_to_the_sponsor_the_same_day(programme, monday):
    sponsor, chair = ground.user_in("SRO", programme), ground.user_in("BM", programme)
    for _ in range(2):
        late(programme)
    watch(programme)
    assert escalation.climb(programme, actor=SYSTEM) == 0
    monday.move_to("2027-03-15 11:59:59")
    assert escalation.climb(programme, actor=SYSTEM) == 0
    monday.move_to("2027-03-15 12:00")
    assert escalation.climb(programme, actor=SYSTEM) == 2
    assert escalation.climb(programme, actor=SYSTEM) == 0
    assert list(Escalation.objects.order_by("id").values_list("to_level", "from_level", "trigger", "due")) == [
        (2, 1, "no_first_visit", date(2027, 3, 15)), (2, 1, "no_first_visit", date(2027, 3, 15)), (4, 2, "unacknowledged", date(2027, 3, 15)), (4, 2, "unacknowledged", date(2027, 3, 15)),
    ]
    assert list(Notification.objects.values_list("user", "subject")) == [(sponsor.pk, f"{programme.reference}: 2 issues about people escalated to the senior responsible owner and management team")]
    assert not Notification.objects.filter(user=chair).exists(), "level 3 is passed over"


def test_the_officer_who_was_told_takes_it_up_and_it_does_not_climb(programme, monday):
    officer = ground.actor("CO", programme)
    late(programme)
    watch(programme)
    step = Escalation.objects.get()
    with pytest.raises(NotPermitted, match="one of ML, MLD, OL, CL, BCH, SRO, CO"):
        escalation.acknowledge(step, actor=ground.actor("MT", programme))
    waiting = [part for part in register_day.parts(officer.user, today()) if part.title == "Escalations that wait for you"]
    assert [(item.text, item.url) for part in waiting for item in part.items] == [
        (f"I-01: {step.why}", reverse("risks:issue-edit", args=[programme.ref, step.issue.public_id])),
    ]
    assert isinstance(waiting[0], Part)
    escalation.acknowledge(step, actor=officer)
    monday.move_to("2027-03-15 18:00")
    assert escalation.climb(programme, actor=SYSTEM) == 0
    other = escalation.raise_to(programme, 2, "late", actor=SYSTEM, issue=issues.raise_issue(programme, "Office", actor=SYSTEM))
    with pytest.raises(NotPermitted):
        escalation.acknowledge(other, actor=officer)


def settled(row):
    row.refresh_from_db()
    return row.settled_on, row.issue.status, row.issue.resolution


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda person, mt, ol: checkpoints.mark(person, "C15", actor=mt, on=date(2027, 3, 15)), "The first visit is recorded."),
        (lambda person, mt, ol: services.admit(person, actor=mt, admitted_on=date(2027, 3, 14)), "The person is in hospital."),
        (lambda person, mt, ol: services.hold(person, actor=ol, reason="No key", review_on=date(2027, 3, 20)), "The person is on hold."),
        (lambda person, mt, ol: services.update_person(person, {"planned_transfer_date": date(2027, 3, 22)}, actor=mt), "The transfer date is now 22 Mar 2027."),
        (lambda person, mt, ol: services.end(person, "died", actor=mt, on=date(2027, 3, 14), why="told by family"), "The person has left the list: died."),
    ],
)
def test_it_is_settled_with_the_reason_when_it_is_no_longer_so(programme, monday, act, words):
    person = late(programme)
    watch(programme)
    act(person, ground.actor("MT", programme), ground.actor("OL", programme))
    assert watch(programme) == (0, 1)
    row = PersonEscalation.objects.select_related("issue").get()
    assert settled(row) == (today(), "resolved", words)
    assert list(Change.objects.filter(entity="risks.issue").order_by("id").values_list("action", "actor_label")) == [("created", "system: test"), ("settled", "system: test")]
    assert Change.objects.get(entity="transfers.personescalation", action="settled").why == words
    monday.move_to("2027-03-15 18:00")
    assert (escalation.climb(programme, actor=SYSTEM), watch(programme)) == (0, (0, 0))


def test_what_somebody_resolved_stays_in_their_words_and_is_not_raised_again_while_it_stands(programme):
    person = late(programme)
    watch(programme)
    issues.resolve(Issue.objects.get(), "Visited by the exiting provider meanwhile", actor=ground.actor("OL", programme))
    assert (watch(programme), Issue.objects.count()) == ((0, 0), 1)
    checkpoints.mark(person, "C15", actor=ground.actor("MT", programme), on=date(2027, 3, 15))
    assert watch(programme) == (0, 1)
    assert settled(PersonEscalation.objects.get()) == (today(), "resolved", "Visited by the exiting provider meanwhile")


def test_when_it_is_so_again_it_is_raised_again(programme, monday):
    person = late(programme)
    watch(programme)
    services.update_person(person, {"planned_transfer_date": date(2027, 3, 16)}, actor=ground.actor("MT", programme))
    watch(programme)
    monday.move_to("2027-03-17 00:15")
    assert watch(programme) == (1, 0)
    assert list(PersonEscalation.objects.order_by("id").values_list("since", "settled_on")) == [(date(2027, 3, 12), date(2027, 3, 15)), (date(2027, 3, 16), None)]
    assert Escalation.objects.order_by("id").last().due_at == datetime(2027, 3, 17, 10, 0, tzinfo=UTC), "at night the two hours begin at eight"


def test_one_open_escalation_a_person_and_trigger_whatever_writes(programme):
    person = late(programme)
    watch(programme)
    other = issues.raise_issue(programme, "Twice", actor=SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonEscalation.objects.create(person=person, trigger="no_first_visit", since=today(), issue=other)


def test_an_overdue_safety_check_goes_up_and_is_settled_by_the_check(programme, monday):
    person = overdue(programme)
    assert watch(programme) == (1, 0)
    step = Escalation.objects.get()
    assert (step.trigger, step.to_level, step.due, step.due_at) == ("safety_check_overdue", 2, date(2027, 3, 16), None)
    monday.move_to("2027-03-17 10:00")
    assert escalation.climb(programme, actor=SYSTEM) == 1
    assert Escalation.objects.order_by("id").last().to_level == 3
    checkpoints.record_safety_check(person, "safe", actor=ground.actor("MT", programme))
    assert watch(programme) == (0, 1)
    assert settled(PersonEscalation.objects.get())[2] == "The safety check is recorded."


def test_the_tick_runs_each_quarter_of_an_hour_and_not_of_programmes_that_are_over(programme):
    cache.clear()
    late(programme)
    over = ground.provider_exit(status="closed")
    late(over)
    at = datetime(2027, 3, 15, 10, 1, tzinfo=UTC)
    escalating.tick(at)
    assert [row.person.programme for row in PersonEscalation.objects.all()] == [programme]
    late(programme)
    escalating.tick(at.replace(minute=14))
    assert PersonEscalation.objects.count() == 1
    escalating.tick(at.replace(minute=15))
    assert PersonEscalation.objects.count() == 2


# Harm (told by whoever records it)


def test_a_check_that_tells_of_harm_goes_up_at_once_instead_of_as_a_plain_concern(programme):
    officer = ground.user_in("CO", programme)
    person, mt = through_to_first_visit(programme, priority="G"), ground.actor("MT", programme)
    with pytest.raises(Refused, match="goes with the outcome “Concern”"):
        checkpoints.record_safety_check(person, "safe", actor=mt, harmed=True, follow_up="fell")
    assert (SafetyCheck.objects.count(), PersonEscalation.objects.count()) == (0, 0)
    checkpoints.record_safety_check(person, "concern", actor=mt, harmed=True, follow_up="Lay on the floor for three hours")
    assert list(Issue.objects.values_list("title", "source")) == [(f"A missed visit did harm ({person.public_id})", "a person")]
    assert (Escalation.objects.get().trigger, Escalation.objects.get().due_words) == ("missed_visit_with_harm", "15 Mar 2027, 12:00")
    assert Notification.objects.get(user=officer).subject.startswith(f"{programme.reference}: I-01 escalated to the")
    assert watch(programme) == (0, 0), "it does not end by itself"
    assert PersonEscalation.objects.get().settled_on is None
    issues.resolve(Issue.objects.get(), "Provider put a second carer on", actor=ground.actor("OL", programme))
    watch(programme)
    assert settled(PersonEscalation.objects.get()) == (today(), "resolved", "Provider put a second carer on")


def test_a_call_that_tells_of_harm_too_and_each_harm_counts(programme):
    person, mt = late(programme), ground.actor("MT", programme)
    with pytest.raises(Refused, match="Write what harm was done"):
        calls.record(person, {"reached": False}, actor=mt, harmed=True)
    assert not PersonEscalation.objects.exists()
    for _ in range(2):
        calls.record(person, {"text": "Nobody came; the insulin was missed", "direction": "in"}, actor=mt, harmed=True)
    assert (PersonEscalation.objects.filter(trigger="missed_visit_with_harm").count(), Escalation.objects.count()) == (2, 2)


# Pages


def test_the_officer_reads_and_acknowledges_it_on_the_page_of_the_issue(programme, sign_in):
    person = late(programme)
    watch(programme)
    step = Escalation.objects.get()
    client = sign_in("CO", programme)
    listed = client.get(reverse("risks:issue-list", args=[programme.ref]) + "?show=escalated").content.decode()
    assert "acknowledge by 15 Mar 2027, 12:00" in listed
    page = reverse("risks:issue-edit", args=[programme.ref, step.issue.public_id])
    taken = reverse("risks:issue-acknowledge", args=[programme.ref, step.issue.public_id, step.public_id])
    assert taken in client.get(page).content.decode()
    assert client.post(taken).url == page
    step.refresh_from_db()
    assert step.acknowledged_on == today()
    after = client.get(page).content.decode()
    assert (taken in after, "Acknowledged 15 Mar 2027" in after) == (False, True)
    assert "No issues here" in client.get(reverse("risks:issue-list", args=[programme.ref]) + "?show=escalated").content.decode()
    card = client.get(reverse("transfers:person-detail", args=[programme.ref, person.public_id])).content.decode()
    assert "Past the transfer date without a first visit" in card
    assert page in card


def test_a_provider_reads_of_it_neither_on_the_person_nor_in_the_history(programme, sign_in):
    provider = people.incoming(programme)
    person = late(programme, allocation_response="accepted")
    watch(programme)
    step = Escalation.objects.get()
    client = sign_in("IP", programme, organisation=provider)
    card = client.get(reverse("transfers:person-detail", args=[programme.ref, person.public_id])).content.decode()
    assert "Escalated" not in card
    assert client.post(reverse("risks:issue-acknowledge", args=[programme.ref, step.issue.public_id, step.public_id])).status_code == 404
    assert PersonEscalation.objects.visible_to(client.user).count() == 0


def test_the_wash_up_says_by_what_hour_and_leads_to_the_page_where_it_is_done(programme, sign_in, monday):
    late(programme)
    watch(programme)
    sections, _ = facts.sections(programme, PersonTransfer.objects.filter(programme=programme), today())
    line = next(section for section in sections if section.key == "escalations").lines[0]
    assert (line.state.endswith("acknowledge by 15 Mar 2027, 12:00"), line.alert) == (True, False)
    assert reverse("risks:issue-edit", args=[programme.ref, line.record]) in sign_in("OL", programme).get(reverse("transfers:washup", args=[programme.ref])).content.decode()
    monday.move_to("2027-03-15 12:00")
    sections, _ = facts.sections(programme, PersonTransfer.objects.filter(programme=programme), today())
    assert next(section for section in sections if section.key == "escalations").lines[0].alert is True


# The second check, and the one that is declined (domain 5.6)


def red(programme):
    person = through_to_first_visit(programme, priority="R", representative_name="Somebody", actual_transfer_date=date(2027, 3, 15))
    checkpoints.record_safety_check(person, "safe", actor=ground.actor("CM", programme))
    return person


def unreached(programme):
    return PersonTransfer.objects.filter(groups(today())["unreached"].condition, programme=programme).count()


def test_two_failed_tries_of_the_second_check_count_like_those_of_the_first(programme, monday):
    person, cm, lead = red(programme), ground.actor("CM", programme), ground.user_in("OL", programme)
    monday.move_to("2027-03-20 10:00")
    checkpoints.record_safety_check(person, "unable_to_contact", actor=cm, number=2)
    assert (unreached(programme), Notification.objects.filter(kind="unreached").count()) == (0, 0)
    checkpoints.record_safety_check(person, "unable_to_contact", actor=cm, number=2)
    assert unreached(programme) == 1
    notice = Notification.objects.get(user=lead, kind="unreached")
    assert (notice.subject, notice.at_once) == (f"{programme.reference}: nobody answered a second safety check twice: welfare visit today", True)
    sections, _ = facts.sections(programme, PersonTransfer.objects.filter(programme=programme), today())
    line = next(section for section in sections if section.key == "unreached").lines[0]
    assert line.state == "Second safety check due 22 Mar; nobody answered 2 times, last on 20 Mar. Contact the representative. Priority Red: a welfare visit today."
    checkpoints.record_safety_check(person, "safe", actor=cm, number=2)
    assert unreached(programme) == 0


def test_tries_of_the_first_do_not_count_for_the_second(programme, monday):
    person, cm = through_to_first_visit(programme, priority="R"), ground.actor("CM", programme)
    checkpoints.record_safety_check(person, "unable_to_contact", actor=cm)
    checkpoints.record_safety_check(person, "safe", actor=cm)
    monday.move_to("2027-03-16 10:00")
    checkpoints.record_safety_check(person, "unable_to_contact", actor=cm, number=2)
    assert unreached(programme) == 0


def test_the_page_asks_for_the_second_check_once_the_first_is_done_and_says_what_comes_next(programme, sign_in, monday):
    person = red(programme)
    monday.move_to("2027-03-20 10:00")
    client = sign_in("CM", programme)
    page = reverse("transfers:person-act", args=[programme.ref, person.public_id, "safety"])
    form = client.get(page).context["form"]
    assert form.initial["second"] is True
    sent = {"on": "2027-03-20", "method": "phone", "outcome": "unable_to_contact", "second": "on", "version": form.initial["version"]}
    client.post(page, sent)
    sent["version"] = client.get(page).context["form"].initial["version"]
    answer = client.post(page, sent, follow=True).content.decode()
    assert "Contact the representative. Priority Red: a welfare visit today." in answer


def test_a_self_funder_may_decline_the_check_which_is_then_done(programme):
    person, mt = through_to_first_visit(programme, priority="G", funding_type="self"), ground.actor("MT", programme)
    with pytest.raises(Refused, match="Say who declined it"):
        checkpoints.record_safety_check(person, "declined", actor=mt)
    checkpoints.record_safety_check(person, "declined", actor=mt, follow_up="Daughter declined; has the on-call number")
    assert (Checkpoint.objects.get(person=person, code="C16").state, Checkpoint.objects.get(person=person, code="C16").note) == ("done", "declined")
    assert SafetyCheck.objects.get().get_outcome_display() == "Offered, and declined by the self-funder"
    council = through_to_first_visit(programme, priority="G")
    with pytest.raises(Refused, match="Only a self-funder may decline"):
        checkpoints.record_safety_check(council, "declined", actor=mt, follow_up="Daughter declined")
    assert SafetyCheck.objects.count() == 1


def test_a_safeguarding_concern_is_told_the_same_day_with_what_is_left_to_do(programme):
    told = {ground.user_in(role, programme).pk for role in ("ML", "OL", "CL", "CO", "QL")}
    ground.user_in("FIN", programme)
    person = people.person(programme, surname="Canary")
    concerns.raise_concern(person, {"category": "neglect", "cqc_told_on": date(2027, 3, 15)}, actor=ground.actor("MT", programme))
    assert set(Notification.objects.values_list("user", flat=True)) == told
    notice = Notification.objects.first()
    assert (notice.subject, notice.body, notice.at_once) == (f"{programme.reference}: safeguarding concern raised", f"{person.public_id}\nTell the safeguarding team today.", True)
