"""One act on many people: shown first, done once, taken back as a whole (domain 5.2, 10.7)."""

import threading
from datetime import date

import pytest
import time_machine
from django.db import connections

from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import Change
from tests.factories import ground, people
from transfers.models import Allocation, Batch, Checkpoint, Hold, PersonTransfer
from transfers.services import batches, checkpoints, nightly, turning
from transfers.services import people as services
from transfers.services.batches import Wish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
MONDAY = date(2027, 3, 15)
THIRTY = pytest.param(30, marks=pytest.mark.only("postgresql", "SQLite splits a statement of many values"))


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (PersonTransfer, Checkpoint, Allocation, Hold)], Change.objects.exclude(entity="transfers.batch").count()


def outcomes(batch):
    return {(line.person_id, line.field): (line.outcome, line.reason) for line in batch.lines.all()}


def shown(programme, kind, field, value, chosen, actor, **more):
    return batches.propose(programme, kind, "Something", [Wish(person.pk, field, value) for person in chosen], actor=actor, **more)


# Ticking


def test_a_preview_says_who_would_change_who_stands_so_and_who_is_refused_and_changes_nothing(programme):
    good, marked, blocked = people.person(programme, done=("C01",)), people.person(programme, done=("C01", "C02")), people.person(programme)
    before = everything()
    batch = shown(programme, "mark", "C02", MONDAY, [good, marked, blocked], ground.actor("MT", programme))
    assert outcomes(batch) == {
        (good.pk, "C02"): ("will", ""),
        (marked.pk, "C02"): ("same", "C02 is done already."),
        (blocked.pk, "C02"): ("refused", "C02 Data checked against the provider's list needs first: C01 Listed, source recorded."),
    }
    assert (batch.state, batch.changed, batch.unchanged, batch.refused) == ("proposed", 1, 1, 1)
    assert everything() == before


def test_what_is_confirmed_is_marked_with_day_and_note_and_the_lines_know_what_they_wrote(programme):
    actor = ground.actor("MT", programme)
    good, blocked = people.person(programme, done=("C01",)), people.person(programme)
    batch = batches.confirm(shown(programme, "mark", "C02", date(2027, 3, 12), [good, blocked], actor, why="checked by phone"), actor=actor)
    mark = Checkpoint.objects.get(code="C02")
    assert (mark.person_id, mark.done_on, mark.note, mark.by) == (good.pk, date(2027, 3, 12), "checked by phone", actor.user)
    line = batch.lines.get(outcome="done")
    assert (line.person_id, line.record, line.left_at, line.new) == (good.pk, mark.pk, mark.version, "2027-03-12")
    assert (batch.state, batch.changed, batch.refused, batch.made_as) == ("done", 1, 1, actor.label)
    good.refresh_from_db()
    assert (good.next_checkpoint, good.settled_codes) == ("C03", 2)


@pytest.mark.parametrize("code", ["C03", "C06", "C07", "C08", "C09", "C12", "C13", "C14", "C15", "C16", "C18", "C19", "C20"])
def test_only_seven_checkpoints_are_ticked_for_many(programme, code):
    person = people.person(programme, done=("C01",))
    batch = shown(programme, "mark", code, MONDAY, [person], ground.actor("OL", programme))
    assert outcomes(batch) == {(person.pk, code): ("refused", f"{code} is marked for one person at a time. Many at once: C01, C02, C04, C05, C10, C11, C17.")}


def test_the_role_is_asked_for_each_person_as_for_one(programme):
    person = people.person(programme, done=("C01", "C02"))
    batch = shown(programme, "mark", "C04", MONDAY, [person], ground.actor("MT", programme))
    assert outcomes(batch)[person.pk, "C04"] == ("refused", "C04 Person told is marked by OL or CL or CO or CM. Your role is MT.")


@pytest.mark.parametrize("role", ["BM", "SRO", "FIN", "COM", "IP", "XP"])
def test_roles_without_people_and_providers_propose_confirm_and_undo_nothing(programme, role):
    person, ol = people.person(programme, done=("C01",), incoming_provider=people.incoming(programme), allocation_response="accepted"), ground.actor("OL", programme)
    organisation = {"IP": person.incoming_provider, "XP": person.exiting_provider}.get(role)
    actor = ground.actor(role, programme, organisation)
    waiting, finished = shown(programme, "change", "wave", "2", [person], ol), batches.confirm(shown(programme, "mark", "C02", MONDAY, [person], ol), actor=ol)
    before = everything()
    for act in (lambda: shown(programme, "change", "wave", "3", [person], actor), lambda: batches.confirm(waiting, actor=actor), lambda: batches.undo(finished, actor=actor, reason="no")):
        with pytest.raises(NotPermitted):
            act()
    assert everything() == before


def test_people_of_another_programme_are_not_reached(programme):
    other = people.person(ground.provider_exit(), done=("C01",))
    mine = people.person(programme, done=("C01",))
    batch = shown(programme, "change", "wave", "2", [mine, other], ground.actor("OL", programme))
    assert [line.person_id for line in batch.lines.all()] == [mine.pk]


# Fields, offers, holds


def test_a_field_is_changed_with_history_and_where_people_stand_follows(programme):
    actor = ground.actor("PO", programme)
    first, second = people.person(programme, incoming_provider=people.incoming(programme)), people.person(programme, planned_transfer_date=date(2027, 4, 1))
    batch = batches.confirm(shown(programme, "change", "planned_transfer_date", date(2027, 4, 1), [first, second], actor), actor=actor)
    assert (batch.changed, batch.unchanged) == (1, 1)
    first.refresh_from_db()
    assert (first.planned_transfer_date, first.baseline_transfer_date, first.version) == (date(2027, 4, 1), date(2027, 4, 1), 2)
    told = Change.objects.get(entity="transfers.persontransfer", object_id=first.pk)
    assert (told.fields["planned_transfer_date"], told.why) == ([None, "2027-04-01"], f"Something (batch {batch.public_id})")
    assert turning.drift(programme) == []


def test_what_says_who_somebody_is_or_is_decided_one_by_one_is_not_changed_for_many(programme):
    person = people.person(programme)
    for name, value in (("nhs_number", "9990000018"), ("surname", "Other"), ("priority", "G"), ("sharing_basis", "consent"), ("plan_status", "validated"), ("actual_transfer_date", MONDAY)):
        batch = shown(programme, "change", name, value, [person], ground.actor("OL", programme))
        assert outcomes(batch)[person.pk, name] == ("refused", "This is changed for one person at a time.")


def test_many_are_offered_as_one_is_and_the_offer_before_ends(programme):
    actor, bluebell, oyster = ground.actor("PO", programme), people.incoming(programme), people.incoming(programme, "Oyster Bay Care Ltd")
    free, waiting, taken, gone = (people.person(programme) for _ in range(4))
    listed_so = people.person(programme, done=("C09",))
    services.offer(waiting, oyster, actor=actor)
    services.offer(taken, oyster, actor=actor)
    Allocation.objects.filter(person=taken).update(response="accepted")
    services.end(gone, "died", actor=actor, on=MONDAY, why="the family rang")
    batch = batches.confirm(shown(programme, "offer", "incoming_provider", bluebell, [free, waiting, taken, listed_so, gone], actor), actor=actor)
    assert outcomes(batch) == {
        (free.pk, "incoming_provider"): ("done", ""), (waiting.pk, "incoming_provider"): ("done", ""),
        (taken.pk, "incoming_provider"): ("refused", "Oyster Bay Care Ltd has accepted this person. Record that it declines after all before offering them to another provider."),
        (listed_so.pk, "incoming_provider"): ("refused", "C09 Incoming provider accepted is settled. Undo C09 before offering them to another provider."),
        (gone.pk, "incoming_provider"): ("refused", "This person is recorded as died. Take the ending back first, if it is wrong."),
    }
    assert sorted(Allocation.objects.filter(current=True).values_list("person_id", "provider__name")) == [
        (free.pk, "Bluebell Care Partners"), (waiting.pk, "Bluebell Care Partners"), (taken.pk, "Oyster Bay Care Ltd"),
    ]
    free.refresh_from_db()
    assert (free.incoming_provider, free.allocation_response) == (bluebell, "offered")
    assert turning.drift(programme) == []


def test_who_is_no_party_is_offered_nobody(programme):
    person = people.person(programme)
    batch = shown(programme, "offer", "incoming_provider", ground.organisation("Stranger Care"), [person], ground.actor("OL", programme))
    assert outcomes(batch)[person.pk, "incoming_provider"] == ("refused", "Stranger Care is not an incoming provider of this programme. Add it as a party first.")


def test_many_are_held_with_a_reason_and_lifted_again(programme):
    ol = ground.actor("OL", programme)
    first, second, held = (people.person(programme) for _ in range(3))
    services.hold(held, actor=ol, reason="hospital", review_on=date(2027, 3, 20))
    with pytest.raises(Refused, match="Say why transfers are held"):
        shown(programme, "hold", "hold", True, [first], ol)
    batch = batches.confirm(shown(programme, "hold", "hold", True, [first, second, held], ol, why="no carers", asked={"review_on": "2027-03-22"}), actor=ol)
    assert (batch.changed, batch.unchanged) == (2, 1)
    assert list(Hold.objects.filter(person__in=[first, second]).values_list("reason", "review_on", "scope")) == [("no carers", date(2027, 3, 22), "person")] * 2
    assert set(PersonTransfer.objects.filter(on_hold=True)) == {first, second, held}
    lifted = batches.confirm(shown(programme, "lift", "hold", False, [first, second, held], ol, why="carers found"), actor=ol)
    assert (lifted.changed, PersonTransfer.objects.filter(on_hold=True).count(), set(Hold.objects.values_list("lifted_why", flat=True))) == (3, 0, {"carers found"})


def test_only_who_may_hold_holds_many(programme):
    person, mt = people.person(programme), ground.actor("MT", programme)
    batch = shown(programme, "hold", "hold", True, [person], mt, why="no carers")
    assert outcomes(batch)[person.pk, "hold"] == ("refused", "Your role does not allow you to hold transfers. Ask the mobilisation lead.")


# Between looking and doing


def test_what_changed_meanwhile_is_left_out_and_told(programme):
    actor, other = ground.actor("MT", programme), ground.actor("OL", programme)
    moved, still = people.person(programme, wave="1"), people.person(programme, wave="1")
    batch = shown(programme, "change", "wave", "2", [moved, still], actor)
    services.update_person(PersonTransfer.objects.get(pk=moved.pk), {"wave": "3"}, actor=other)
    batch = batches.confirm(batch, actor=actor)
    assert outcomes(batch) == {(moved.pk, "wave"): ("moved", f"Wave: {other.label} changed it at 10:00 on 15 Mar 2027."), (still.pk, "wave"): ("done", "")}
    assert dict(PersonTransfer.objects.values_list("pk", "wave")) == {moved.pk: "3", still.pk: "2"}
    assert (batch.changed, batch.left_out) == (1, 1)


def test_a_mark_made_meanwhile_a_changed_order_and_a_new_offer_are_told_each(programme):
    ol, mt = ground.actor("OL", programme), ground.actor("MT", programme)
    person = people.person(programme, done=("C01",))
    waiting = shown(programme, "mark", "C02", MONDAY, [person], mt)
    checkpoints.mark(person, "C02", actor=ol)
    assert outcomes(batches.confirm(waiting, actor=mt)) == {(person.pk, "C02"): ("moved", f"C02: {ol.label} recorded “C02 done” at 10:00 on 15 Mar 2027.")}
    orders = {"old_order_ref": "SO-1", "old_order_end": date(2027, 3, 16), "new_order_ref": "SO-2", "new_order_start": date(2027, 3, 17), "payment_ref": "PA-2", "orders_shared_on": date(2027, 3, 10)}
    ordered = people.person(programme, done=("C01", "C03", "C09"), incoming_provider=people.incoming(programme), **orders)
    waiting = shown(programme, "mark", "C10", MONDAY, [ordered], ol)
    assert outcomes(waiting)[ordered.pk, "C10"] == ("will", "")
    services.update_person(PersonTransfer.objects.get(pk=ordered.pk), {"payment_ref": "PA-9", "orders_shared_on": date(2027, 3, 11)}, actor=mt)
    assert outcomes(batches.confirm(waiting, actor=ol))[ordered.pk, "C10"] == ("moved", f"Payment reference: {mt.label} changed it at 10:00 on 15 Mar 2027.\nOrders shared with both providers: {mt.label} changed it at 10:00 on 15 Mar 2027.")
    free = people.person(programme)
    waiting = shown(programme, "offer", "incoming_provider", people.incoming(programme), [free], ol)
    services.offer(PersonTransfer.objects.get(pk=free.pk), people.incoming(programme, "Oyster Bay Care Ltd"), actor=mt)
    outcome, words = outcomes(batches.confirm(waiting, actor=ol))[free.pk, "incoming_provider"]
    assert (outcome, f"Incoming provider: {mt.label} changed it at 10:00 on 15 Mar 2027." in words, Allocation.objects.get(person=free).provider.name) == ("moved", True, "Oyster Bay Care Ltd")


def test_a_gate_that_closed_meanwhile_refuses(programme):
    ol = ground.actor("OL", programme)
    person = people.person(programme, done=("C01",))
    waiting = shown(programme, "mark", "C02", MONDAY, [person], ol)
    checkpoints.undo(person, "C01", actor=ol, reason="listed in error")
    batch = batches.confirm(waiting, actor=ol)
    assert (outcomes(batch)[person.pk, "C02"], batch.changed, batch.refused) == (("refused", "C02 Data checked against the provider's list needs first: C01 Listed, source recorded."), 0, 1)


def test_somebody_else_does_not_confirm_what_they_did_not_see(programme):
    person, mt = people.person(programme), ground.actor("MT", programme)
    waiting = shown(programme, "change", "wave", "2", [person], mt)
    before = everything()
    with pytest.raises(Refused, match="Choose the people yourself"):
        batches.confirm(waiting, actor=ground.actor("OL", programme))
    assert everything() == before


def test_confirmed_twice_is_done_once(programme):
    ol = ground.actor("OL", programme)
    waiting = shown(programme, "hold", "hold", True, [people.person(programme)], ol, why="no carers")
    first, second = batches.confirm(waiting, actor=ol), batches.confirm(waiting, actor=ol)
    assert (first.pk, first.made_at, first.changed, first.version) == (second.pk, second.made_at, second.changed, second.version)
    assert Hold.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.only("postgresql", "two writers at once are PostgreSQL's")
def test_confirmed_twice_at_the_same_moment_is_one_batch(programme, monkeypatch):
    """Seen to fail without the lock on the batch: the second finds the batch still open and reports all of it as changed meanwhile."""
    ol = ground.actor("OL", programme)
    chosen = [people.person(programme) for _ in range(5)]
    waiting = shown(programme, "change", "wave", "2", chosen, ol)
    start, failed = threading.Barrier(2), []

    def send():
        start.wait()
        try:
            batches.confirm(Batch.objects.get(pk=waiting.pk), actor=ol)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    batch = Batch.objects.get(pk=waiting.pk)
    assert failed == []
    assert (batch.changed, batch.left_out, set(batch.lines.values_list("outcome", flat=True))) == (5, 0, {"done"})
    assert Change.objects.filter(entity="transfers.batch", object_id=batch.pk, action="done").count() == 1
    assert Change.objects.filter(entity="transfers.persontransfer", fields__has_key="wave").count() == 5


def test_what_nobody_confirmed_is_thrown_away_after_a_day(programme):
    ol = ground.actor("OL", programme)
    waiting, finished = shown(programme, "change", "wave", "2", [people.person(programme)], ol), batches.confirm(shown(programme, "change", "wave", "2", [people.person(programme)], ol), actor=ol)
    with time_machine.travel("2027-03-16 10:00:01", tick=False):
        from mobilisation.clock import now

        nightly.tick(now())
        nightly.tick(now())
        waiting.refresh_from_db()
        finished.refresh_from_db()
        assert (waiting.state, waiting.lines.count(), finished.state, finished.lines.count()) == ("dropped", 0, "done", 1)
        with pytest.raises(Refused, match="more than a day ago"):
            batches.confirm(waiting, actor=ol)


# Undo


def test_the_author_takes_the_whole_batch_back_within_ten_minutes(programme):
    mt = ground.actor("MT", programme)
    chosen = [people.person(programme, done=("C01",)) for _ in range(3)]
    batch = batches.confirm(shown(programme, "mark", "C02", MONDAY, chosen, mt), actor=mt)
    with time_machine.travel("2027-03-15 10:10", tick=False):
        batch = batches.undo(batch, actor=mt)
    assert (batch.state, batch.put_back, batch.kept, batch.undone_as) == ("undone", 3, 0, mt.label)
    assert list(Checkpoint.objects.filter(code="C02").values_list("state", "done_on")) == [("not_started", None)] * 3
    assert set(PersonTransfer.objects.values_list("next_checkpoint", flat=True)) == {"C02"}
    assert Change.objects.filter(entity="transfers.batch", object_id=batch.pk, action="undone").count() == 1
    with pytest.raises(Refused, match="has undone this already"):
        batches.undo(batch, actor=mt)


def test_afterwards_only_the_ol_with_a_reason(programme):
    mt, ol = ground.actor("MT", programme), ground.actor("OL", programme)
    batch = batches.confirm(shown(programme, "change", "wave", "2", [people.person(programme)], mt), actor=mt)
    before = everything()
    with pytest.raises(NotPermitted, match=r"Only the lead operational manager \(OL\) may undo this now: it is more than 10 minutes ago, or somebody else's\."):
        batches.undo(batch, actor=ground.actor("MT", programme))
    with time_machine.travel("2027-03-15 10:10:01", tick=False):
        with pytest.raises(NotPermitted, match="more than 10 minutes ago"):
            batches.undo(batch, actor=mt, reason="wrong wave")
        with pytest.raises(Refused, match="Say why it is undone"):
            batches.undo(batch, actor=ol, reason=" ")
        assert everything() == before
        assert (batches.may_undo(batch, actor=mt), batches.may_undo(batch, actor=ol)) == (False, True)
        undone = batches.undo(batch, actor=ol, reason="wrong wave")
    assert (undone.undone_why, PersonTransfer.objects.get().wave) == ("wrong wave", "")


def test_where_a_later_gate_rests_on_one_of_them_the_batch_as_a_whole_is_the_ols_and_gates_reopen(programme):
    cl, ol = ground.actor("CL", programme), ground.actor("OL", programme)
    one, other = (people.person(programme, done=("C01", "C02", "C03")) for _ in range(2))
    batch = batches.confirm(shown(programme, "mark", "C04", MONDAY, [one, other], cl), actor=cl)
    services.record_sharing(one, "explicit_agreement", actor=ol)
    before = everything()
    with pytest.raises(NotPermitted, match="later checkpoints rest on 1 of them"):
        batches.undo(batch, actor=cl)
    assert everything() == before
    batches.undo(batch, actor=ol, reason="letters went astray")
    assert {(c.person_id, c.code): c.state for c in Checkpoint.objects.filter(code__in=["C04", "C06"])} == {
        (one.pk, "C04"): "reopened", (one.pk, "C06"): "reopened", (other.pk, "C04"): "not_started",
    }
    assert turning.drift(programme) == []


def test_a_batch_of_two_gates_takes_both_back_by_its_author(programme):
    ol = ground.actor("OL", programme)
    person = people.person(programme)
    batch = batches.propose(programme, "paste", "Pasted", [Wish(person.pk, "C02", MONDAY), Wish(person.pk, "C01", MONDAY), Wish(person.pk, "wave", "4")], actor=ol)
    assert outcomes(batch) == {(person.pk, "C02"): ("will", ""), (person.pk, "C01"): ("will", ""), (person.pk, "wave"): ("will", "")}
    batch = batches.confirm(batch, actor=ol)
    assert batch.changed == 3
    batches.undo(batch, actor=ol)
    person.refresh_from_db()
    assert (person.wave, set(Checkpoint.objects.values_list("state", flat=True)), turning.drift(programme)) == ("", {"not_started"}, [])


def test_a_line_that_somebody_changed_since_is_not_undone_but_listed_with_both_values(programme):
    mt, ol = ground.actor("MT", programme), ground.actor("OL", programme)
    changed, still = people.person(programme, wave="1"), people.person(programme, wave="1")
    batch = batches.confirm(shown(programme, "change", "wave", "2", [changed, still], mt), actor=mt)
    services.update_person(PersonTransfer.objects.get(pk=changed.pk), {"wave": "5"}, actor=ol)
    found = batches.prospect(batch, actor=mt)
    assert ([line.person_id for line in found.back], [(line.person_id, verdict.old, line.new, verdict.new) for line, verdict in found.kept], found.hangs) == ([still.pk], [(changed.pk, "1", "2", "5")], 0)
    batch = batches.undo(batch, actor=mt)
    assert (batch.put_back, batch.kept) == (1, 1)
    assert dict(PersonTransfer.objects.values_list("pk", "wave")) == {changed.pk: "5", still.pk: "1"}
    assert {pk: outcome for (pk, _), (outcome, _) in outcomes(batch).items()} == {changed.pk: "kept", still.pk: "back"}


def test_a_mark_undone_and_made_again_since_is_not_the_batchs_any_more(programme):
    ol = ground.actor("OL", programme)
    person = people.person(programme, done=("C01",))
    batch = batches.confirm(shown(programme, "mark", "C02", MONDAY, [person], ol), actor=ol)
    checkpoints.undo(person, "C02", actor=ol, reason="no")
    checkpoints.mark(person, "C02", actor=ol, on=MONDAY)
    before = everything()
    with pytest.raises(Refused, match="Nothing of it stands as it was left"):
        batches.undo(batch, actor=ol)
    assert everything() == before


def test_undone_offers_are_withdrawn_and_the_ones_before_stand_again_but_not_where_somebody_answered(programme):
    po, ol, bluebell, oyster = ground.actor("PO", programme), ground.actor("OL", programme), people.incoming(programme), people.incoming(programme, "Oyster Bay Care Ltd")
    free, waiting, answered = (people.person(programme, done=("C01", "C02", "C03"), priority="G") for _ in range(3))
    services.offer(waiting, oyster, actor=po)
    batch = batches.confirm(shown(programme, "offer", "incoming_provider", bluebell, [free, waiting, answered], po), actor=po)
    services.respond(PersonTransfer.objects.get(pk=answered.pk), "accepted", actor=ol)
    batch = batches.undo(batch, actor=po)
    assert (batch.put_back, batch.kept) == (2, 1)
    standing = dict(Allocation.objects.filter(current=True).values_list("person_id", "provider__name"))
    assert standing == {waiting.pk: "Oyster Bay Care Ltd", answered.pk: "Bluebell Care Partners"}
    rows = {row.pk: (row.incoming_provider, row.allocation_response) for row in PersonTransfer.objects.select_related("incoming_provider")}
    assert rows == {free.pk: (None, ""), waiting.pk: (oyster, "offered"), answered.pk: (bluebell, "accepted")}
    assert turning.drift(programme) == []


def test_undone_holds_are_lifted_and_undone_lifts_hold_again(programme):
    ml = ground.actor("ML", programme)
    first, second = people.person(programme), people.person(programme)
    batch = batches.confirm(shown(programme, "hold", "hold", True, [first, second], ml, why="no carers"), actor=ml)
    own = Hold.objects.get(person=second)
    services.lift(own, actor=ml, why="found")
    assert (batches.undo(batch, actor=ml).put_back, PersonTransfer.objects.filter(on_hold=True).count()) == (1, 0)
    services.hold(PersonTransfer.objects.get(pk=first.pk), actor=ml, reason="again")
    lifted = batches.confirm(shown(programme, "lift", "hold", False, [first], ml, why="found"), actor=ml)
    batches.undo(lifted, actor=ml)
    again = Hold.objects.filter(person=first).order_by("pk").last()
    assert (again.lifted_on, again.reason, list(PersonTransfer.objects.filter(on_hold=True)), turning.drift(programme)) == (None, "again", [first], [])


def test_the_baseline_that_came_with_the_first_planned_day_goes_with_it(programme):
    ol = ground.actor("OL", programme)
    person = people.person(programme, incoming_provider=people.incoming(programme))
    batch = batches.confirm(shown(programme, "change", "planned_transfer_date", date(2027, 4, 1), [person], ol), actor=ol)
    batches.undo(batch, actor=ol)
    person.refresh_from_db()
    assert (person.planned_transfer_date, person.baseline_transfer_date) == (None, None)


# What it costs

COSTS = {"mark": (11, 26, 20), "change": (8, 17, 17), "offer": (11, 30, 23), "hold": (11, 19, 21)}
"""Statements to show, to do and to undo."""


@pytest.mark.parametrize("number", [3, THIRTY])
@pytest.mark.parametrize(("act", "field", "value"), [("mark", "C02", MONDAY), ("change", "wave", "2"), ("offer", "incoming_provider", None), ("hold", "hold", True)])
def test_a_batch_costs_the_same_however_many(programme, act, field, value, number, django_assert_num_queries):
    ol = ground.actor("OL", programme)
    chosen = [people.person(programme, done=("C01",)) for _ in range(number)]
    show, confirm, undo = COSTS[act]
    value = value or people.incoming(programme)
    with django_assert_num_queries(show):
        batch = shown(programme, act, field, value, chosen, ol, why="no carers")
    with django_assert_num_queries(confirm):
        batch = batches.confirm(batch, actor=ol)
    assert batch.changed == number
    with django_assert_num_queries(undo):
        batch = batches.undo(batch, actor=ol)
    assert batch.put_back == number
