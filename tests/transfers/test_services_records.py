"""Contacts, needs, orders, files, monies and care plans: what is written, what is refused and leaves everything as it was."""

from datetime import date, time
from decimal import Decimal

import pytest
import time_machine

from mobilisation.errors import Conflict, NotPermitted, Refused
from mobilisation.models import Change, Notification, Organisation
from risks.models import Issue
from tests.factories import ground, people
from transfers.facts.groups import groups
from transfers.models import CarePlanCheck, Checkpoint, Discrepancy, FileTransfer, InterimOption, MoneyHeld, OrderVisit, PersonContact, PersonNeed, PersonTransfer, ServiceOrder
from transfers.services import care_plans, checkpoints, columns, contacts, contents, day, handover, orders
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
MODELS = (CarePlanCheck, Checkpoint, Discrepancy, FileTransfer, InterimOption, MoneyHeld, OrderVisit, PersonContact, PersonNeed, PersonTransfer, ServiceOrder, Issue, Change)


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def everything():
    return {model: list(model._base_manager.order_by("pk").values()) for model in MODELS}


def refused(call, match, error=Refused):
    """``call`` is refused in these words and nothing at all is written."""
    before = everything()
    with pytest.raises(error, match=match):
        call()
    assert everything() == before


def exiting():
    return Organisation.objects.get(name="Meadowgate Homecare Ltd")


@pytest.fixture
def ol(programme):
    return ground.actor("OL", programme)


@pytest.fixture
def moved(programme):
    """Somebody who moved today, with medication given by carers: high risk."""
    person = people.person(
        programme, done=people.ready_up_to("C14"), incoming_provider=people.incoming(programme), allocation_response="accepted", sharing_basis="direct_care",
        planned_transfer_date=date(2027, 3, 15), medication_level="administer",
    )
    checkpoints.mark(person, "C15", actor=ground.actor("MT", programme))
    return person


def row(person):
    return PersonTransfer.objects.get(pk=person.pk)


# Contacts and needs


def test_a_contact_that_prefers_the_phone_has_one(programme, ol):
    person = people.person(programme)
    refused(lambda: contacts.add(person, {"role": "gp", "name": "", "preferred": "phone"}, actor=ol), "Enter the name")
    made = contacts.add(person, {"role": "gp", "name": "Quay Lane Surgery", "phone": "01632 960002", "preferred": "phone", "may_be_told": True}, actor=ol)
    assert (made.main, row(person).representative_name) == (False, "")
    refused(lambda: contacts.choose(made, actor=ol), "Only a representative, next of kin, attorney or deputy")


def test_family_who_help_are_a_contact_with_role_and_note(programme, ol):
    person = people.person(programme)
    made = contacts.add(person, {"role": "next_of_kin", "name": "M. Hartley", "relationship": "niece", "note": "Stays the first two evenings"}, actor=ol)
    held = PersonContact.objects.get(pk=made.pk)
    assert (held.get_role_display(), held.relationship, held.note, held.main, row(person).representative_name) == ("Next of kin", "niece", "Stays the first two evenings", True, "M. Hartley")


def test_two_editors_of_a_contact_lose_nothing(programme, ol):
    person = people.person(programme)
    held = contacts.add(person, {"role": "representative", "name": "M. Hartley", "phone": "1"}, actor=ol)
    stale = PersonContact.objects.get(pk=held.pk)
    contacts.change(PersonContact.objects.get(pk=held.pk), {"phone": "2"}, actor=ol, expected_version=1)
    contacts.change(stale, {"relationship": "niece"}, actor=ol, expected_version=1)
    assert PersonContact.objects.values_list("phone", "relationship", "version").get() == ("2", "niece", 3)
    refused(lambda: contacts.change(PersonContact.objects.get(pk=held.pk), {"phone": "3"}, actor=ol, expected_version=1), "2", Conflict)


def test_a_contact_ended_meanwhile_neither_stands_in_the_tracker_nor_ends_again(programme, ol):
    person = people.person(programme)
    held = contacts.add(person, {"role": "representative", "name": "M. Hartley", "phone": "1"}, actor=ol)
    contacts.add(person, {"role": "next_of_kin", "name": "N. Hartley", "phone": "2"}, actor=ol)
    stale = PersonContact.objects.get(pk=held.pk)
    contacts.end(held, actor=ol)
    refused(lambda: contacts.choose(stale, actor=ol), "who is a contact now stands in the tracker")
    refused(lambda: contacts.end(PersonContact.objects.get(pk=held.pk), actor=ol), "was ended already")
    assert row(person).representative_name == "N. Hartley"


def test_a_contact_opened_before_it_was_ended_is_not_ended_twice(programme, ol):
    person = people.person(programme)
    held = contacts.add(person, {"role": "gp", "name": "Quay Lane Surgery", "phone": "1"}, actor=ol)
    stale = PersonContact.objects.get(pk=held.pk)
    contacts.end(held, actor=ol)
    refused(lambda: contacts.end(stale, actor=ol), "was ended already")


def test_allergies_written_are_allergies_known(programme, ol):
    person = people.person(programme)
    refused(lambda: contacts.record_needs(person, {"allergies_known": False, "allergies": "Penicillin"}, actor=ol), "so they are known")
    refused(lambda: contacts.record_needs(person, {"allergies_known": None, "allergies": ""}, actor=ol), "at least one")
    contacts.record_needs(person, {"allergies_known": True, "allergies": "Penicillin"}, actor=ol)
    contacts.record_needs(person, {"preferences": "Tea first"}, actor=ol)
    assert PersonNeed.objects.values_list("allergies", "preferences").get() == ("Penicillin", "Tea first")
    assert [change.action for change in Change.objects.filter(entity="transfers.personneed").order_by("pk")] == ["needs recorded", "needs changed"]


@pytest.mark.parametrize("role", ["XP", "IP"])
def test_providers_keep_neither_contacts_nor_needs_nor_orders(programme, ol, role):
    bluebell = people.incoming(programme)
    person = people.person(programme, incoming_provider=bluebell, old_order_ref="SO-1")
    provider = ground.actor(role, programme, exiting() if role == "XP" else bluebell)
    refused(lambda: contacts.add(person, {"role": "gp", "name": "X"}, actor=provider), "The mobilisation team keeps the contacts", NotPermitted)
    refused(lambda: contacts.record_needs(person, {"preferences": "X"}, actor=provider), "The mobilisation team keeps the needs", NotPermitted)
    refused(lambda: orders.add(person, "new", {"external_ref": "X"}, actor=provider), "The mobilisation team keeps the orders", NotPermitted)
    refused(lambda: orders.share(person, actor=provider), "The mobilisation team keeps the orders", NotPermitted)


# Orders


def test_an_order_from_end_to_sharing_opens_c10(programme, ol):
    po = ground.actor("PO", programme)
    person = people.person(programme, done=("C01", "C03", "C09"), incoming_provider=people.incoming(programme), old_order_ref="SO-1", weekly_hours=Decimal("7"))
    old = ServiceOrder.objects.get(kind="old")
    refused(lambda: orders.share(person, actor=po), "Enter the new order first")
    orders.change(old, {"end": date(2027, 3, 31)}, actor=po)
    refused(lambda: orders.add(person, "new", {"external_ref": "SO-2", "start": date(2027, 4, 5)}, actor=po), "nobody would be authorised to care")
    new = orders.add(person, "new", {"external_ref": "SO-2", "start": date(2027, 4, 1)}, actor=po)
    refused(lambda: orders.share(person, actor=po, on=date(2027, 3, 16)), "in the future")
    orders.share(person, actor=po, on=date(2027, 3, 12))
    refused(lambda: checkpoints.mark(person, "C10", actor=po), "Set up the payment")
    orders.change(ServiceOrder.objects.get(pk=new.pk), {"payment_ref": "PA-2"}, actor=po)
    refused(lambda: checkpoints.mark(person, "C10", actor=po), "Enter the day on which both orders were shared")
    orders.share(person, actor=po, on=date(2027, 3, 15))
    assert checkpoints.mark(person, "C10", actor=po).state == "done"
    assert (row(person).old_order_end, row(person).orders_shared_on) == (date(2027, 3, 31), date(2027, 3, 15))
    assert [c.action for c in Change.objects.filter(entity="transfers.serviceorder", object_id=new.pk).order_by("pk")] == [
        "new order added", "shared with both providers", "new order changed", "to be shared again", "shared with both providers",
    ]


def shared_with_both(programme, **fields):
    """Somebody whose orders were shared on 12 March and whose C10 is marked."""
    return people.person(
        programme, done=("C01", "C03", "C09", "C10"), incoming_provider=people.incoming(programme), **({"funding_type": "council", "old_order_ref": "SO-1", "old_order_end": date(2027, 3, 31), "new_order_ref": "SO-2",
        "new_order_start": date(2027, 4, 1), "payment_ref": "PA-2", "orders_shared_on": date(2027, 3, 12)} | fields),
    )


def days_shared(person):
    return {order.kind: (order.shared_exiting_on, order.shared_incoming_on) for order in ServiceOrder.objects.filter(person=person, current=True)}


SHARED_ON = (date(2027, 3, 12), date(2027, 3, 12))


@pytest.mark.parametrize(("kind", "values"), [
    ("old", {"external_ref": "SO-1B"}), ("old", {"end": date(2027, 4, 1)}), ("old", {"start": date(2026, 4, 1)}), ("new", {"external_ref": "SO-2B"}), ("new", {"start": date(2027, 3, 31)}),
    ("new", {"end": date(2028, 3, 31)}), ("new", {"payment_ref": "PA-3"}),
])
def test_an_order_that_changes_after_it_was_shared_waits_to_be_shared_again(programme, ol, kind, values):
    person = shared_with_both(programme)
    order = ServiceOrder.objects.get(kind=kind)
    orders.change(order, values, actor=ol)
    other = "new" if kind == "old" else "old"
    assert days_shared(person) == {kind: (None, None), other: SHARED_ON}
    assert (row(person).orders_shared_on, columns.drift(programme)) == (None, [])
    told = Change.objects.get(entity="transfers.serviceorder", object_id=order.pk, action="to be shared again")
    assert (told.why, told.fields) == ("changed after it was shared with both providers", {"shared_exiting_on": ["2027-03-12", None], "shared_incoming_on": ["2027-03-12", None]})
    mark = person.checkpoints.get(code="C10")
    assert (mark.state, [reason.field for reason in contents.missing(row(person), "C10")]) == ("done", ["orders_shared_on"])
    orders.share(person, actor=ol)
    assert (row(person).orders_shared_on, contents.missing(row(person), "C10")) == (date(2027, 3, 15), [])


@pytest.mark.parametrize("values", [{"care_item": "Home care"}, {"weekly_hours": Decimal("9")}, {"payment_ref": "PA-2"}])
def test_what_the_providers_were_not_told_and_what_stays_the_same_leaves_the_sharing(programme, ol, values):
    person = shared_with_both(programme)
    orders.change(ServiceOrder.objects.get(kind="new"), values, actor=ol)
    assert (days_shared(person), row(person).orders_shared_on) == ({"old": SHARED_ON, "new": SHARED_ON}, date(2027, 3, 12))


@pytest.mark.parametrize(("values", "on"), [
    ({"old_order_end": date(2027, 4, 1)}, None), ({"payment_ref": "PA-3"}, None), ({"payment_ref": "PA-3", "orders_shared_on": date(2027, 3, 14)}, date(2027, 3, 14)),
    ({"care_item": "Home care"}, date(2027, 3, 12)), ({"payment_ref": "PA-2"}, date(2027, 3, 12)),
])
def test_a_cell_of_an_order_that_changes_takes_the_day_of_sharing_off(programme, ol, values, on):
    person = shared_with_both(programme)
    services.update_person(row(person), values, actor=ol)
    assert (days_shared(person), row(person).orders_shared_on, columns.drift(programme)) == ({"old": (on, on), "new": (on, on)}, on, [])
    told = Change.objects.filter(entity="transfers.persontransfer", action="to be shared again")
    assert [(change.why, change.fields) for change in told] == ([] if on else [("changed after it was shared with both providers", {"orders_shared_on": ["2027-03-12", None]})])


def test_a_second_new_order_takes_the_place_of_the_first(programme, ol):
    person = people.person(programme, new_order_ref="SO-2", payment_ref="PA-2", orders_shared_on=date(2027, 3, 12))
    orders.add(person, "new", {"external_ref": "SO-3", "start": date(2027, 4, 1), "payment_ref": "PA-3"}, actor=ol)
    assert list(ServiceOrder.objects.order_by("pk").values_list("external_ref", "current")) == [("SO-2", False), ("SO-3", True)]
    assert (row(person).new_order_ref, row(person).payment_ref, row(person).orders_shared_on) == ("SO-3", "PA-3", None)


def test_hours_follow_from_the_visits(programme, ol):
    people.person(programme, old_order_ref="SO-1")
    order = ServiceOrder.objects.get()
    visit = orders.add_visit(order, {"days": "1234567", "start": time(8), "minutes": 45, "carers": 2, "band_minutes": 30, "tasks": "Wash"}, actor=ol)
    order.refresh_from_db()
    assert order.weekly_hours == Decimal("5.25")
    refused(lambda: orders.add_visit(order, {"days": "1", "start": time(8, 30), "minutes": 30}, actor=ol), "overlaps with the visit at 08:00 on Mon")
    orders.change_visit(visit, {"minutes": 30}, actor=ol, expected_version=1)
    order.refresh_from_db()
    assert order.weekly_hours == Decimal("3.50")
    orders.remove_visit(visit, actor=ol)
    assert not OrderVisit.objects.exists()
    assert Change.objects.get(action="visit removed").fields["tasks"] == ["Wash", None]


# File and monies


def test_a_file_waits_for_the_placing_authority(programme, ol):
    person = people.person(programme, funding_type="other_authority")
    sent = {"sent_on": date(2027, 3, 12), "method": "portal"}
    refused(lambda: handover.record_file(person, sent, actor=ol), "Store the instruction first")
    refused(lambda: handover.record_route(person, actor=ol, instruction=" "), "Enter what was instructed")
    handover.record_route(person, actor=ol, instruction="Send it to the new provider")
    made = handover.record_file(row(person), sent, actor=ol)
    assert (made.route, row(person).file_instruction) == ("await_instruction", "Send it to the new provider")
    refused(lambda: handover.change_file(made, {"outcome": "received"}, actor=ol), "Enter the day it was received")


def test_a_lost_file_is_an_issue_the_same_day_and_names_nobody(programme):
    xp = ground.actor("XP", programme, exiting())
    person = people.person(programme, surname="Canary")
    made = handover.record_file(person, {"sent_on": date(2027, 3, 12), "method": "tracked_courier", "tracking_ref": "T1"}, actor=xp)
    handover.change_file(made, {"outcome": "lost"}, actor=xp)
    handover.change_file(made, {"contents": "Care plan"}, actor=xp)
    issue = Issue.objects.get()
    assert (issue.due, person.public_id in issue.title, "Canary" in issue.title) == (date(2027, 3, 15), True, False)
    assert [c.action for c in Change.objects.filter(entity="transfers.filetransfer").order_by("pk")] == ["file recorded", "file changed", "file changed"]


def test_a_lost_file_is_not_routed_until_it_goes_again(programme, ol):
    person = people.person(programme, done=people.ready_up_to("C06"), sharing_basis="direct_care")
    handover.record_file(person, {"sent_on": date(2027, 3, 12), "method": "portal", "outcome": "misdirected"}, actor=ol)
    refused(lambda: checkpoints.mark(person, "C13", actor=ol), "went to the wrong place. Record its new journey")
    handover.record_file(person, {"sent_on": date(2027, 3, 15), "method": "portal"}, actor=ol)
    assert checkpoints.mark(person, "C13", actor=ol).state == "done"


def test_another_provider_keeps_neither_file_nor_monies(programme):
    bluebell = people.incoming(programme)
    person = people.person(programme, incoming_provider=bluebell)
    ip = ground.actor("IP", programme, bluebell)
    refused(lambda: handover.record_file(person, {"requested_on": date(2027, 3, 12)}, actor=ip), "The exiting provider and the mobilisation team", NotPermitted)
    refused(lambda: handover.record_money(person, {"holder": "Us"}, actor=ip), "The exiting provider and the mobilisation team", NotPermitted)


def test_monies_from_a_yes_in_the_tracker_to_settled(programme, ol):
    person = people.person(programme, monies_held=True)
    held = MoneyHeld.objects.get()
    refused(lambda: handover.change_money(held, {"settled_on": date(2027, 3, 15)}, actor=ol), "Enter who holds the money. Enter the amount")
    handover.change_money(held, {"holder": "Client finance", "amount": Decimal("40.00")}, actor=ol)
    assert row(person).monies_held is True
    handover.change_money(held, {"settled_on": date(2027, 3, 15)}, actor=ol)
    assert row(person).monies_held is False


def test_interim_options_are_kept_by_the_team(programme, ol):
    values = {"kind": "transport", "name": "Community Wheels", "capacity": "2 cars", "contact": ""}
    refused(lambda: handover.add_option(programme, values, actor=ground.actor("XP", programme, exiting())), "The mobilisation team", NotPermitted)
    handover.change_option(handover.add_option(programme, values, actor=ol), {"capacity": "3 cars"}, actor=ol)
    assert InterimOption.objects.get().capacity == "3 cars"


# Care plans


def test_from_the_first_visit_to_a_validated_plan(programme, moved):
    ip = ground.actor("IP", programme, people.incoming(programme))
    assert (row(moved).plan_status, CarePlanCheck.objects.get().tier) == ("provisional", "high")
    refused(lambda: checkpoints.mark(moved, "C18", actor=ip), "Still to check: medicines reconciled")
    right = dict.fromkeys(("allergies", "moving_handling", "equipment", "visit_times", "contacts", "preferences"), "right")
    refused(lambda: care_plans.record(moved, {**right, "medicines": "differs"}, actor=ip), "Medicines reconciled with pharmacy or family: say what differs")
    care_plans.record(moved, {**right, "medicines": "differs"}, details={"medicines": "Morning dose changed"}, actor=ip)
    found = Discrepancy.objects.get()
    assert (found.kind, found.detail, row(moved).plan_status) == ("medication", "Morning dose changed", "discrepancy")
    assert (str(row(moved).moments.at(date(2027, 3, 15))[0]), str(row(moved).moments.at(date(2027, 3, 16))[0])) == ("G", "R")  # the same day, then midnight
    refused(lambda: care_plans.change_discrepancy(found, {"closed_on": date(2027, 3, 15)}, actor=ip), "Before it is closed: call the commissioning officer. Before it is closed: update the plan")
    refused(lambda: checkpoints.mark(moved, "C18", actor=ip), "1 discrepancy is still open")
    care_plans.change_discrepancy(found, {"officer_called_on": date(2027, 3, 15), "plan_updated_on": date(2027, 3, 15), "closed_on": date(2027, 3, 15)}, actor=ip)
    assert row(moved).plan_status == "checking"
    checkpoints.mark(moved, "C18", actor=ip)
    assert (row(moved).plan_status, row(moved).plan_validated_on) == ("validated", date(2027, 3, 15))
    assert CarePlanCheck.objects.values_list("status", "validated_on").get() == ("validated", date(2027, 3, 15))
    refused(lambda: care_plans.record(moved, {"allergies": "differs"}, details={"allergies": "x"}, actor=ip), "Undo C18 first")
    checkpoints.undo(row(moved), "C18", actor=ground.actor("OL", programme), reason="wrong person")
    assert (row(moved).plan_status, row(moved).plan_validated_on) == ("checking", None)
    actions = [c.action for c in Change.objects.filter(entity="transfers.careplancheck").order_by("pk")]
    assert (actions[0], "care plan validated" in actions, actions[-1]) == ("care plan provisional", True, "care plan provisional again")


def test_a_discrepancy_opened_before_the_officer_was_called_closes_on_what_is_recorded_now(programme, moved, ol):
    found = care_plans.open_discrepancy(moved, "other", actor=ol, detail="Lives on the third floor")
    stale = Discrepancy.objects.get(pk=found.pk)
    day = date(2027, 3, 15)
    care_plans.change_discrepancy(found, {"officer_called_on": day, "plan_updated_on": day}, actor=ol)
    care_plans.change_discrepancy(stale, {"closed_on": day}, actor=ol, expected_version=1)
    assert Discrepancy.objects.values_list("officer_called_on", "plan_updated_on", "closed_on").get() == (day, day, day)
    again = Discrepancy.objects.get()
    care_plans.change_discrepancy(Discrepancy.objects.get(), {"closed_on": None}, actor=ol)
    care_plans.change_discrepancy(Discrepancy.objects.get(), {"officer_called_on": None}, actor=ol)
    refused(lambda: care_plans.change_discrepancy(again, {"closed_on": day}, actor=ol), "call the commissioning officer")


def test_two_people_at_the_check_list_merge_or_see_both_words(programme, moved, ol):
    care_plans.record(moved, {"allergies": "right"}, actor=ol, seen={})
    care_plans.record(moved, {"equipment": "right"}, actor=ol, seen={})
    assert CarePlanCheck.objects.get().checks == {"allergies": "right", "equipment": "right"}
    refused(lambda: care_plans.record(moved, {"allergies": "differs"}, details={"allergies": "x"}, actor=ol, seen={}), "somebody recorded “as the plan says” while you were editing. You entered “differs”")


def test_a_plan_before_the_move_is_received_once(programme, ol):
    person = people.person(programme)
    refused(lambda: care_plans.record(person, {"allergies": "right"}, actor=ol), "has not been received")
    refused(lambda: care_plans.receive(person, actor=ol, on=date(2027, 3, 16)), "in the future")
    care_plans.receive(person, actor=ol, on=date(2027, 3, 12))
    assert row(person).plan_status == "provisional"
    refused(lambda: care_plans.receive(person, actor=ol), "received on 12 Mar 2027 already")
    refused(lambda: services.update_person(person, {"plan_status": "checking"}, actor=ol), "its check says where it stands")


def test_a_changed_package_starts_a_new_check(programme, moved, ol):
    care_plans.record(moved, {"allergies": "right"}, actor=ol)
    services.admit(row(moved), actor=ol, admitted_on=date(2027, 3, 15))
    services.discharge(row(moved), actor=ol, discharged_on=date(2027, 3, 15), restart="changed")
    assert list(CarePlanCheck.objects.order_by("pk").values_list("current", "checks")) == [(False, {"allergies": "right"}), (True, {})]
    assert row(moved).plan_status == "provisional"


def test_the_exiting_provider_does_not_check_plans(programme, moved):
    xp = ground.actor("XP", programme, exiting())
    refused(lambda: care_plans.record(moved, {"allergies": "right"}, actor=xp), "The incoming provider and the mobilisation team", NotPermitted)
    refused(lambda: care_plans.open_discrepancy(moved, "other", detail="x", actor=xp), "The incoming provider and the mobilisation team", NotPermitted)


def test_c10_waits_for_the_visits_of_the_new_order_where_the_old_one_has_them(programme, ol):
    def ordered():
        person = people.person(programme, done=people.ready_up_to("C09"), incoming_provider=people.incoming(programme), planned_transfer_date=date(2027, 4, 1), old_order_ref="SO-1", old_order_end=date(2027, 3, 31))
        orders.add_visit(ServiceOrder.objects.get(person=person, kind="old"), {"days": "1234567", "start": time(8), "minutes": 30}, actor=ol)
        made = orders.add(person, "new", {"external_ref": "SO-2", "payment_ref": "PA-2", "start": date(2027, 4, 1)}, actor=ol)
        orders.share(person, actor=ol)
        return PersonTransfer.objects.get(pk=person.pk), made

    (one, new), (other, _) = ordered(), ordered()
    with pytest.raises(Refused, match="the new order has no visits yet"):
        checkpoints.mark(one, "C10", actor=ol)
    outcome = checkpoints.bulk_mark([one, other], "C10", programme=programme, actor=ol)
    assert ([person.pk for person in outcome.marked], [reasons for _, reasons in outcome.refused]) == ([], [(orders.NO_VISITS.text,), (orders.NO_VISITS.text,)])
    orders.add_visit(new, {"days": "1234567", "start": time(8), "minutes": 30}, actor=ol)
    orders.share(one, actor=ol)
    checkpoints.mark(PersonTransfer.objects.get(pk=one.pk), "C10", actor=ol)
    assert sorted(one.checkpoints.filter(code="C10").values_list("state", flat=True)) == ["done"]


def test_the_officer_is_told_of_a_discrepancy_at_once_and_has_it_on_their_day_until_the_call(programme, moved, ol):
    officer, lead = ground.user_in("CO", programme), ground.user_in("CL", programme)
    care_plans.record(moved, {"medicines": "differs", "equipment": "differs", "allergies": "right"}, actor=ol, details={"medicines": "Morning dose changed", "equipment": "No hoist"})
    care_plans.open_discrepancy(moved, "contact", actor=ol, detail="Moved away")
    subjects = [f"{programme.reference}: 2 care-plan discrepancies were found: call today", f"{programme.reference}: a care-plan discrepancy was found: call today"]
    assert list(Notification.objects.filter(kind="discrepancy").order_by("pk").values_list("user", "subject", "body", "at_once")) == [(officer.pk, subject, moved.public_id, True) for subject in subjects]
    assert moved.surname not in str(list(Notification.objects.values()))

    def waiting(user):
        return {part.title: part.total for part in day.parts(user, date(2027, 3, 15)) if part.total}

    assert waiting(officer) == {"Care-plan discrepancies to call about today": 3}
    assert "Care-plan discrepancies to call about today" not in waiting(lead)
    for found in Discrepancy.objects.exclude(kind="contact"):
        care_plans.change_discrepancy(found, {"officer_called_on": date(2027, 3, 15)}, actor=ol)
    assert waiting(officer) == {"Care-plan discrepancies to call about today": 1}


def test_without_an_officer_the_lead_is_told_and_a_check_that_finds_nothing_tells_nobody(programme, moved, ol):
    lead = ground.user_in("CL", programme)
    care_plans.record(moved, {"medicines": "right"}, actor=ol)
    assert Notification.objects.filter(kind="discrepancy").count() == 0
    care_plans.record(moved, {"medicines": "differs"}, actor=ol, details={"medicines": "Morning dose changed"})
    assert [notice.user_id for notice in Notification.objects.filter(kind="discrepancy")] == [lead.pk]
    assert [part.total for part in day.parts(lead, date(2027, 3, 15)) if part.title == "Care-plan discrepancies to call about today"] == [1]


def test_a_discrepancy_is_on_the_list_of_the_wash_up_the_day_it_is_found(programme, moved, ol):
    def listed():
        return list(PersonTransfer.objects.filter(groups(date(2027, 3, 15))["discrepancy"].condition).values_list("pk", flat=True))

    found = care_plans.open_discrepancy(moved, "other", actor=ol, detail="Third floor")
    assert listed() == [moved.pk]
    care_plans.change_discrepancy(found, {"officer_called_on": date(2027, 3, 15), "plan_updated_on": date(2027, 3, 15)}, actor=ol)
    assert listed() == []
