"""The gates of domain 5.2, enforced in one place; a refusal leaves the database as it was."""

from datetime import date

import pytest
import time_machine

from mobilisation.access import Actor
from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import Change, Notification
from tests.factories import ground, people
from transfers.models import Checkpoint, SafetyCheck
from transfers.services import checkpoints
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def everything(person):
    return list(Checkpoint.objects.order_by("pk").values()), type(person).objects.filter(pk=person.pk).values().get(), Change.objects.count()


def test_marking_with_open_needs_lists_everything_missing(programme):
    person = people.person(programme, done=("C01", "C02", "C03", "C04"), sharing_basis="direct_care", incoming_provider=people.incoming(programme))
    before = everything(person)
    with pytest.raises(Refused) as refused:
        checkpoints.mark(person, "C11", actor=ground.actor("TA", programme))
    assert str(refused.value) == (
        "C11 Transfer pack sent to the incoming provider needs first: C06 Sharing decision recorded; C08 Care and support plan current; C09 Incoming provider accepted."
    )
    assert everything(person) == before


def test_a_mark_stores_who_when_and_note(programme):
    person = people.person(programme, done=("C01",))
    actor = ground.actor("MT", programme)
    mark = checkpoints.mark(person, "C02", actor=actor, on=date(2027, 3, 10), note="checked by phone")
    assert (mark.state, mark.done_on, mark.by, mark.note) == ("done", date(2027, 3, 10), actor.user, "checked by phone")
    assert (person.next_checkpoint, person.settled_codes) == ("C03", 2)
    assert Change.objects.get(entity="transfers.checkpoint").why == "checked by phone"


@pytest.mark.parametrize(("day", "words"), [(date(2027, 3, 16), "is in the future"), (date(2027, 1, 3), "lies before the decision date, 4 Jan 2027")])
def test_the_date_is_neither_in_the_future_nor_before_the_decision(programme, day, words):
    person = people.person(programme, done=("C01",))
    with pytest.raises(Refused, match=words):
        checkpoints.mark(person, "C02", actor=ground.actor("OL", programme), on=day)


def test_a_role_that_may_not_mark_is_told_who_may(programme):
    person = people.person(programme, done=("C01", "C02"))
    with pytest.raises(NotPermitted, match=r"C04 Person told is marked by OL or CL or CO or CM\. Your role is MT\."):
        checkpoints.mark(person, "C04", actor=ground.actor("MT", programme))


def test_who_marked_c09_may_not_mark_c14(programme):
    ol = ground.actor("OL", programme)
    person = people.person(
        programme, done=tuple(c for c in people.ready_up_to("C12") if c != "C09"), incoming_provider=people.incoming(programme), planned_transfer_date=date(2027, 3, 17), sharing_basis="direct_care",
        **people.ORDERS,
    )
    Checkpoint.objects.create(person=person, code="C09", state="done", done_on=date(2027, 3, 1), by=ol.user)
    with pytest.raises(Refused, match="You marked C09, so somebody else marks C14"):
        checkpoints.mark(person, "C14", actor=ol)
    assert checkpoints.mark(person, "C14", actor=ground.actor("ASM", programme)).state == "done"
    assert person.status == "ready"


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        ({"payment_ref": ""}, ["set up the payment: enter the payment reference of the new order.", "enter the day on which both orders were shared with both providers."]),
        ({"old_order_end": None}, ["give the old order SO-1 its last day.", "enter the day on which both orders were shared with both providers."]),
        ({"orders_shared_on": None}, ["enter the day on which both orders were shared with both providers."]),
    ],
)
def test_a_marked_c10_whose_contents_went_makes_nobody_ready(programme, gone, words):
    ol = ground.actor("OL", programme)
    person = people.person(programme, done=people.ready_up_to("C12"), incoming_provider=people.incoming(programme), planned_transfer_date=date(2027, 3, 17), sharing_basis="direct_care", **people.ORDERS)
    services.update_person(person, gone, actor=ol)
    with pytest.raises(Refused) as refusal:
        checkpoints.mark(person, "C14", actor=ol)
    assert [reason.text for reason in refusal.value.reasons] == [f"C10 is marked, and this is missing now: {one}" for one in words]
    assert not person.checkpoints.filter(code="C14").exists()
    services.update_person(type(person).objects.get(pk=person.pk), people.ORDERS, actor=ol)
    assert checkpoints.mark(type(person).objects.get(pk=person.pk), "C14", actor=ol).state == "done"


def test_in_an_emergency_orders_that_went_may_follow_c14(programme):
    programme.pace = "emergency"
    programme.save()
    person = people.person(programme, done=people.ready_up_to("C12"), incoming_provider=people.incoming(programme), planned_transfer_date=date(2027, 3, 17), sharing_basis="direct_care")
    assert checkpoints.mark(person, "C14", actor=ground.actor("OL", programme)).state == "done"


def test_in_an_emergency_c10_may_follow_c14(programme):
    done = tuple(c for c in people.ready_up_to("C12") if c != "C10")
    facts = {"incoming_provider": people.incoming(programme), "planned_transfer_date": date(2027, 3, 17), "sharing_basis": "direct_care"}
    person = people.person(programme, done=done, **facts)
    with pytest.raises(Refused, match="needs first: C10 Old order ended"):
        checkpoints.mark(person, "C14", actor=ground.actor("OL", programme))
    programme.pace = "emergency"
    programme.save()
    assert checkpoints.mark(type(person).objects.get(pk=person.pk), "C14", actor=ground.actor("OL", programme)).state == "done"


ORDERS = {"old_order_end": date(2027, 3, 16), "new_order_ref": "SO-2", "new_order_start": date(2027, 3, 17), "payment_ref": "PA-2", "orders_shared_on": date(2027, 3, 10)}


def test_c10_needs_both_orders_the_payment_and_that_all_is_shared(programme):
    person = people.person(programme, done=("C01", "C03", "C09"), incoming_provider=people.incoming(programme), old_order_ref="SO-1")
    with pytest.raises(Refused) as refused:
        checkpoints.mark(person, "C10", actor=ground.actor("PO", programme))
    assert [reason.field for reason in refused.value.reasons] == ["old_order_end", "new_order_ref", "payment_ref", "orders_shared_on"]
    for name in ORDERS:
        services.update_person(person, {name: None if name.endswith(("_on", "_start", "_end")) else ""} | {key: value for key, value in ORDERS.items() if key != name}, actor=ground.actor("PO", programme))
        with pytest.raises(Refused):
            checkpoints.mark(person, "C10", actor=ground.actor("PO", programme))
        services.update_person(person, dict.fromkeys(ORDERS, None) | {"new_order_ref": "", "payment_ref": ""}, actor=ground.actor("PO", programme))
    assert not Checkpoint.objects.filter(person=person, code="C10").exists()
    services.update_person(person, ORDERS, actor=ground.actor("PO", programme))
    assert checkpoints.mark(person, "C10", actor=ground.actor("PO", programme)).state == "done"


@pytest.mark.parametrize("code", ["C06", "C14", "C15", "C16"])
def test_four_checkpoints_can_never_be_waived(programme, code):
    programme.exit_type, programme.pace = "emergency", "emergency"
    programme.save()
    person = people.person(programme)
    with pytest.raises(Refused, match="can never be waived"):
        checkpoints.waive(person, code, actor=ground.actor("OL", programme), reason="no time", risk_assessment="low")
    assert not Checkpoint.objects.exists()


def test_a_waiver_in_a_planned_exit_needs_ol_and_cl(programme):
    person = people.person(programme, done=("C01",))
    ol, words = ground.actor("OL", programme), {"reason": "list lost", "risk_assessment": "called each family"}
    with pytest.raises(Refused, match="nobody holds that role"):
        checkpoints.waive(person, "C02", actor=ol, **words)
    assert not Checkpoint.objects.filter(code="C02").exists()
    cl = ground.user_in("CL", programme)
    with pytest.raises(Refused, match="Only the lead operational manager"):
        checkpoints.waive(person, "C02", actor=ground.actor("CM", programme), **words)
    with pytest.raises(Refused, match="Only the lead operational manager"):
        checkpoints.waive(person, "C02", actor=Actor.of(cl, programme), **words)
    with pytest.raises(Refused) as refused:
        checkpoints.waive(person, "C02", actor=ol, reason=" ", risk_assessment="")
    assert [r.field for r in refused.value.reasons] == ["reason", "risk_assessment"]
    assert checkpoints.waive(person, "C02", actor=ol, **words).state == "in_progress"
    told = Notification.objects.get(kind="waiver_asked")
    assert (told.user, told.body, person.surname in told.body) == (cl, f"C02 of {person.public_id}", False)
    with pytest.raises(Refused, match="waits for the lead commissioning manager"):
        checkpoints.waive(person, "C02", actor=ol, **words)
    with pytest.raises(Refused, match="needs first"):
        checkpoints.mark(person, "C04", actor=ol)
    made = checkpoints.waive(person, "C02", actor=Actor.of(cl, programme))
    assert (made.state, made.note, made.risk_assessment, made.by) == ("waived", "list lost", "called each family", cl)
    assert person.moments.at(date(2027, 3, 15))[0] in {"A", "R"}


def test_a_cl_who_does_not_agree_ends_the_request_and_the_ol_is_told(programme):
    person = people.person(programme, done=("C01",))
    cl, ol, asker = ground.user_in("CL", programme), ground.user_in("OL", programme), ground.user_in("OL", programme)
    words = {"reason": "list lost", "risk_assessment": "called each family"}

    def refused(actor, reason, said, kind=Refused):
        before = list(Checkpoint.objects.values()), Change.objects.count(), Notification.objects.count()
        with pytest.raises(kind, match=said):
            checkpoints.decline_waiver(person, "C02", actor=actor, reason=reason)
        assert (list(Checkpoint.objects.values()), Change.objects.count(), Notification.objects.count()) == before

    refused(Actor.of(cl, programme), "No", "No waiver of C02 waits for an answer")
    checkpoints.waive(person, "C02", actor=Actor.of(asker, programme), **words)
    refused(Actor.of(asker, programme), "No", "waits for the lead commissioning manager", NotPermitted)
    refused(Actor.of(cl, programme), " ", "Say why you do not agree")
    made = checkpoints.decline_waiver(person, "C02", actor=Actor.of(cl, programme), reason="The list can be asked for again")
    assert (made.state, made.by, made.note, made.risk_assessment, checkpoints.waiver_asked(made)) == ("not_started", cl, "Waiver not agreed: The list can be asked for again", "", False)
    told = Change.objects.filter(entity="transfers.checkpoint", object_id=made.pk).latest("pk")
    assert (told.action, told.why, told.fields["risk_assessment"]) == ("C02 waiver not agreed", "The list can be asked for again", ["called each family", ""])
    notices = Notification.objects.filter(kind="waiver_declined")
    assert {(row.user, row.subject, row.body) for row in notices} == {(one, f"{programme.reference}: a waiver was not agreed", f"C02 of {person.public_id}") for one in (ol, asker)}
    refused(Actor.of(cl, programme), "No", "No waiver of C02 waits for an answer")
    assert checkpoints.waive(person, "C02", actor=Actor.of(asker, programme), **words).state == "in_progress"
    assert Notification.objects.filter(kind="waiver_asked").count() == 2


def test_c05_does_not_apply_only_without_a_representative(programme):
    cl = ground.actor("CL", programme)
    with_one = people.person(programme, done=("C01", "C02"), representative_name="M. Hartley")
    with pytest.raises(Refused, match="has a representative, so C05 applies"):
        checkpoints.mark(with_one, "C05", actor=cl, state="not_applicable")
    without = people.person(programme, done=("C01", "C02"))
    assert checkpoints.mark(without, "C05", actor=cl, state="not_applicable").state == "not_applicable"
    with pytest.raises(Refused, match="cannot be “not applicable”"):
        checkpoints.mark(without, "C03", actor=cl, state="not_applicable")


def test_undo_reopens_what_depended_on_it_and_deletes_nothing(programme):
    person = people.person(programme, done=people.ready_up_to("C04"))
    ol = ground.actor("OL", programme)
    with pytest.raises(Refused, match="Say why it is undone"):
        checkpoints.undo(person, "C02", actor=ol)
    assert checkpoints.undo(person, "C02", actor=ol, reason="wrong person") == ["C04"]
    assert dict(Checkpoint.objects.filter(person=person).values_list("code", "state")) == {"C01": "done", "C02": "reopened", "C03": "done", "C04": "reopened"}


def test_the_author_may_undo_within_ten_minutes_if_nothing_depends_on_it(programme):
    person = people.person(programme, done=("C01",))
    mt = ground.actor("MT", programme)
    checkpoints.mark(person, "C02", actor=mt)
    with time_machine.travel("2027-03-15 10:10:00", tick=False):
        assert checkpoints.undo(person, "C02", actor=mt) == []
        checkpoints.mark(person, "C02", actor=mt)
    with time_machine.travel("2027-03-15 10:20:01", tick=False), pytest.raises(NotPermitted, match="Only the lead operational manager"):
        checkpoints.undo(person, "C02", actor=mt)


@pytest.mark.parametrize("number", [1, 8])
def test_bulk_marking_names_who_is_refused_and_costs_the_same(programme, number, django_assert_num_queries):
    good = [people.person(programme, done=("C01",)) for _ in range(number)]
    bad = people.person(programme)
    actor = ground.actor("MT", programme)
    with django_assert_num_queries(15):
        outcome = checkpoints.bulk_mark([*good, bad], "C02", programme=programme, actor=actor)
    assert {p.pk for p in outcome.marked} == {p.pk for p in good}
    assert [(p.pk, reasons) for p, reasons in outcome.refused] == [(bad.pk, ("C02 Data checked against the provider's list needs first: C01 Listed, source recorded.",))]
    assert Checkpoint.objects.filter(code="C02", state="done").count() == number


def test_bulk_marking_is_for_seven_checkpoints_only(programme):
    with pytest.raises(Refused, match="Many at once: C01, C02, C04, C05, C10, C11, C17"):
        checkpoints.bulk_mark([people.person(programme)], "C14", programme=programme, actor=ground.actor("OL", programme))


def test_a_reader_who_posts_a_batch_changes_nothing(programme):
    person = people.person(programme, done=("C01",))
    outcome = checkpoints.bulk_mark([person], "C02", programme=programme, actor=ground.actor("BM", programme))
    assert (outcome.marked, len(outcome.refused), Checkpoint.objects.filter(code="C02").count()) == ([], 1, 0)


def test_a_hold_stops_c14_until_it_is_lifted(programme):
    person = people.person(programme, done=people.ready_up_to("C12"), incoming_provider=people.incoming(programme), planned_transfer_date=date(2027, 3, 17), sharing_basis="direct_care", **people.ORDERS)
    ol = ground.actor("OL", programme)
    held = services.hold(person, actor=ol, reason="no carers in the zone", review_on=date(2027, 3, 16))
    with pytest.raises(Refused, match="C14 is stopped by a hold"):
        checkpoints.mark(person, "C14", actor=ol)
    with pytest.raises(Refused, match="Say why the hold is lifted"):
        services.lift(held, actor=ol, why="")
    services.lift(held, actor=ol, why="carers found")
    assert checkpoints.mark(type(person).objects.get(pk=person.pk), "C14", actor=ol).state == "done"


def test_hospital_pauses_and_discharge_restarts(programme):
    person = people.person(programme, done=people.ready_up_to("C12"), incoming_provider=people.incoming(programme), planned_transfer_date=date(2027, 3, 17), sharing_basis="direct_care")
    mt = ground.actor("MT", programme)
    services.admit(person, actor=mt, hospital="William Harvey", admitted_on=date(2027, 3, 12))
    person.refresh_from_db()
    assert (person.in_hospital, person.moments.at(date(2027, 3, 15))) == (True, ("A", "In hospital"))
    with pytest.raises(Refused, match="C14 is paused while the person is in hospital"):
        checkpoints.mark(person, "C14", actor=ground.actor("OL", programme))
    with pytest.raises(Refused, match="open already"):
        services.admit(person, actor=mt)
    with pytest.raises(Refused, match="lies before the admission on 12 Mar 2027"):
        services.discharge(person, actor=mt, discharged_on=date(2027, 3, 11))
    services.discharge(person, actor=mt, discharged_on=date(2027, 3, 15), restart_on=date(2027, 3, 18))
    person.refresh_from_db()
    states = dict(Checkpoint.objects.filter(person=person).values_list("code", "state"))
    assert (person.in_hospital, person.planned_transfer_date) == (False, date(2027, 3, 18))
    assert {code: states[code] for code in ("C07", "C11", "C12", "C14", "C15")} == {"C07": "done", "C11": "done", "C12": "reopened", "C14": "not_started", "C15": "not_started"}


def through_to_first_visit(programme, **fields):
    return people.person(
        programme, done=people.ready_up_to("C15"), incoming_provider=people.incoming(programme), planned_transfer_date=date(2027, 3, 15), sharing_basis="direct_care", **fields
    )


def test_unable_to_contact_does_not_complete_c16(programme):
    person = through_to_first_visit(programme, priority="G")
    mt = ground.actor("MT", programme)
    checkpoints.record_safety_check(person, "unable_to_contact", actor=mt)
    assert not Checkpoint.objects.filter(code="C16").exists()
    with pytest.raises(Refused, match="Record the safety check and its outcome"):
        checkpoints.mark(person, "C16", actor=mt)
    checkpoints.record_safety_check(person, "safe", actor=mt)
    assert Checkpoint.objects.get(code="C16").state == "done"


def test_a_red_person_is_checked_by_the_case_manager(programme):
    person = through_to_first_visit(programme, priority="R")
    with pytest.raises(Refused, match="C16 Safety check done is marked by OL or CM"):
        checkpoints.record_safety_check(person, "safe", actor=ground.actor("MT", programme))
    assert not SafetyCheck.objects.exists()
    assert checkpoints.record_safety_check(person, "safe", actor=ground.actor("CM", programme)).outcome == "safe"


def test_a_concern_opens_an_issue_that_names_nobody(programme):
    from risks.models import Issue

    person = through_to_first_visit(programme, priority="G", surname="Canary")
    mt = ground.actor("MT", programme)
    with pytest.raises(Refused, match="Say what the concern is"):
        checkpoints.record_safety_check(person, "concern", actor=mt)
    checkpoints.record_safety_check(person, "concern", actor=mt, follow_up="medicine missed")
    issue = Issue.objects.get()
    assert person.public_id in issue.title
    assert "Canary" not in str(issue.__dict__)


def test_confirmed_by_another_body_is_for_its_own_people(programme):
    person = through_to_first_visit(programme, priority="G", funding_type="council")
    with pytest.raises(Refused, match="Another body may confirm only for people of CHC or placed by another authority"):
        checkpoints.record_safety_check(person, "confirmed_by_other_body", actor=ground.actor("MT", programme), confirmed_by="Medway")


def test_a_refusal_to_share_blocks_the_pack_until_ol_says_how_care_stays_safe(programme):
    person = people.person(programme, done=tuple(c for c in people.ready_up_to("C10") if c != "C06"), incoming_provider=people.incoming(programme))
    services.record_sharing(person, "refused", actor=ground.actor("CM", programme))
    with pytest.raises(Refused, match="The person refused sharing"):
        checkpoints.mark(person, "C11", actor=ground.actor("CO", programme))
    services.record_sharing(person, "refused", actor=ground.actor("OL", programme), safe_without="verbal handover with the person present")
    assert checkpoints.mark(person, "C11", actor=ground.actor("CO", programme)).state == "done"


def test_another_authoritys_file_waits_for_its_instruction(programme):
    person = people.person(programme, done=people.ready_up_to("C06"), funding_type="other_authority", sharing_basis="direct_care")
    with pytest.raises(Refused, match="Placed by another authority"):
        checkpoints.mark(person, "C13", actor=ground.actor("MT", programme))


def test_one_provider_only(programme):
    person = people.person(programme)
    mt = ground.actor("MT", programme)
    services.offer(person, people.incoming(programme), actor=mt)
    with pytest.raises(Refused, match="is offered to Bluebell Care Partners already"):
        services.offer(person, people.incoming(programme), actor=mt)
    person.refresh_from_db()
    assert person.allocation_response == "offered"


def test_green_over_a_red_suggestion_needs_a_reason(programme):
    person = people.person(programme, done=("C01",), peg_or_clinical=True)
    cm = ground.actor("CM", programme)
    with pytest.raises(Refused, match=r"The needs suggest Red \(PEG or other delegated clinical task\). Say why Green is right"):
        services.set_priority(person, "G", actor=cm)
    services.set_priority(person, "G", actor=cm, reason="PEG removed last week")
    assert (person.priority, person.next_checkpoint) == ("G", "C02")


def test_a_provider_may_change_only_what_is_its_own(programme):
    bluebell = people.incoming(programme)
    person = people.person(programme, incoming_provider=bluebell, allocation_response="accepted", sharing_basis="direct_care")
    provider = ground.actor("IP", programme, bluebell)
    with pytest.raises(NotPermitted, match="Your organisation may not change: priority"):
        services.update_person(person, {"priority": "G"}, actor=provider)
    stranger = ground.actor("IP", programme, people.incoming(programme, "Oyster Bay Care Ltd"))
    with pytest.raises(NotPermitted, match="your own organisation only"):
        services.update_person(person, {"same_worker": True}, actor=stranger)
    assert services.update_person(person, {"same_worker": True}, actor=provider) is not None
