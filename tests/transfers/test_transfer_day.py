"""Which day the planned transfer (T) may be moved to: one rule for the form, the cell, a batch and a workbook (domain 5.2, 10.11)."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import Refused
from mobilisation.models import Change, Notification
from mobilisation.services.imports import import_file
from tests.factories import ground, people
from transfers.facts.groups import groups
from transfers.models import PersonTransfer
from transfers.rules import transfer_day
from transfers.services import batches, checkpoints, contents
from transfers.services import people as services
from transfers.services.batches import Wish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
D0, MONDAY, APRIL = date(2027, 1, 4), date(2027, 3, 15), date(2027, 4, 1)
EARLY = "1 Jan 2027 lies before the decision date, 4 Jan 2027. Enter that day or a later one."
DIED = "This person is recorded as died. Take the ending back first, if it is wrong."
MOVED = "The first visit is recorded (C15), so the planned transfer stays as it was. If the visit did not take place, undo C15 first."
EMPTIED = "C14 Ready to transfer rests on the planned transfer. Enter another day, or undo C14 first."
CASES = [
    pytest.param({}, date(2027, 1, 1), EARLY, id="before D0"),
    pytest.param({"ending": "died", "ended_on": MONDAY}, date(2027, 4, 9), DIED, id="died"),
    pytest.param({"ending": "died", "ended_on": MONDAY}, None, DIED, id="died, emptied"),
    pytest.param({"up_to": "C15"}, date(2027, 4, 9), MOVED, id="moved"),
    pytest.param({"up_to": "C20"}, None, MOVED, id="closed, emptied"),
    pytest.param({"up_to": "C14"}, None, EMPTIED, id="ready, emptied"),
]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def somebody(programme, up_to="", **fields):
    return people.person(programme, done=people.ready_up_to(up_to) if up_to else (), planned_transfer_date=APRIL, incoming_provider=people.incoming(programme), **fields)


def everything():
    return list(PersonTransfer.objects.order_by("pk").values()), Change.objects.exclude(entity="transfers.batch").count()


@pytest.mark.parametrize(
    ("old", "new", "more", "words"),
    [
        (None, D0, {}, ""), (None, date(2027, 1, 3), {}, "3 Jan 2027 lies before the decision date, 4 Jan 2027. Enter that day or a later one."),
        (APRIL, date(2027, 1, 5), {}, ""),  # passed: a move is recorded late
        (APRIL, None, {}, ""), (APRIL, None, {"status": "ready"}, EMPTIED), (APRIL, MONDAY, {"status": "ready"}, ""),
        (APRIL, MONDAY, {"status": "transferred"}, MOVED), (APRIL, MONDAY, {"status": "settled"}, MOVED), (APRIL, None, {"status": "closed"}, MOVED),
        (APRIL, APRIL, {"status": "closed", "ended": "Died"}, ""), (APRIL, MONDAY, {"status": "closed", "ended": "Died"}, DIED),
        (date(2026, 12, 1), date(2026, 12, 1), {}, ""), (APRIL, date(2020, 1, 1), {"decided_on": None}, ""),
    ],
)
def test_the_rule(old, new, more, words):
    assert transfer_day.refused(old, new, **({"decided_on": D0} | more)) == words


@pytest.mark.parametrize(("day", "words"), [(None, ""), (date(2027, 4, 30), ""), (date(2027, 5, 1), "The planned transfer, 1 May 2027, lies after the last day of the exiting provider, 30 Apr 2027. Make sure that somebody comes until then, or choose an earlier day.")])
def test_a_day_after_the_exiting_provider_has_gone_is_in_doubt_only(day, words):
    assert (transfer_day.doubt(day, date(2027, 4, 30)), transfer_day.doubt(day, None)) == (words, "")


@pytest.mark.parametrize(("who", "day", "words"), CASES)
def test_a_save_is_refused_and_nothing_is_written(programme, who, day, words):
    person = somebody(programme, **who)
    before = everything()
    with pytest.raises(Refused) as refusal:
        services.update_person(person, {"planned_transfer_date": day}, actor=ground.actor("OL", programme))
    assert [(reason.text, reason.field) for reason in refusal.value.reasons] == [(words, "planned_transfer_date")]
    assert everything() == before


@pytest.mark.parametrize(("who", "day", "words"), CASES)
def test_a_cell_says_why_and_writes_nothing(programme, sign_in, who, day, words):
    person = somebody(programme, **who)
    before = everything()
    answer = sign_in("OL", programme).post(
        reverse("transfers:person-cell", args=[programme.ref, person.public_id, "planned_transfer_date"]), {"version": person.version, "planned_transfer_date": f"{day:%d/%m/%Y}" if day else ""}, headers={"HX-Request": "true"}
    )
    assert (answer.status_code, answer.json()["reasons"]) == (422, [words])
    assert everything() == before


@pytest.mark.parametrize(("who", "day", "words"), CASES)
def test_a_batch_refuses_that_person_and_changes_the_others(programme, who, day, words):
    actor, refused, other = ground.actor("OL", programme), somebody(programme, **who), people.person(programme, planned_transfer_date=date(2027, 4, 8))
    wishes = [Wish(refused.pk, "planned_transfer_date", day), Wish(other.pk, "planned_transfer_date", date(2027, 4, 9))]
    batch = batches.confirm(batches.propose(programme, "change", "T", wishes, actor=actor), actor=actor)
    assert {line.person_id: (line.outcome, line.reason) for line in batch.lines.all()} == {refused.pk: ("refused", words), other.pk: ("done", "")}
    assert dict(PersonTransfer.objects.values_list("pk", "planned_transfer_date")) == {refused.pk: APRIL, other.pk: date(2027, 4, 9)}


def test_a_first_visit_recorded_after_the_page_was_read_counts(programme):
    """The person in hand still stands as ready."""
    person = somebody(programme, up_to="C14")
    checkpoints.mark(PersonTransfer.objects.get(pk=person.pk), "C15", actor=ground.actor("OL", programme), note="came early, by agreement")
    with pytest.raises(Refused) as refusal:
        services.update_person(person, {"planned_transfer_date": date(2027, 4, 9)}, actor=ground.actor("OL", programme))
    assert str(refusal.value) == MOVED


def test_a_batch_is_undone_without_those_who_have_moved_since(programme):
    actor, (moved, waiting) = ground.actor("OL", programme), (somebody(programme, up_to="C14", baseline_transfer_date=APRIL) for _ in range(2))
    day = date(2027, 3, 15)
    batch = batches.confirm(batches.propose(programme, "change", "T", [Wish(one.pk, "planned_transfer_date", day) for one in (moved, waiting)], actor=actor), actor=actor)
    checkpoints.mark(moved, "C15", actor=actor)
    found = batches.prospect(batch, actor=actor)
    assert ([line.person_id for line in found.back], [(line.person_id, verdict.reason) for line, verdict in found.kept]) == ([waiting.pk], [(moved.pk, MOVED)])
    undone = batches.undo(batch, actor=actor, reason="the wrong Monday")
    assert (undone.put_back, undone.kept) == (1, 1)
    assert dict(PersonTransfer.objects.values_list("pk", "planned_transfer_date")) == {moved.pk: day, waiting.pk: APRIL}


def test_a_day_that_has_passed_is_taken_so_that_a_move_is_recorded_late(programme):
    """T, C14 and C15 entered the Monday after; until the visit is recorded the person is Red."""
    actor, person, day = ground.actor("OL", programme), somebody(programme, up_to="C13", **people.ORDERS | {"new_order_start": date(2027, 3, 11)}), date(2027, 3, 11)
    services.update_person(person, {"planned_transfer_date": day}, actor=actor)
    assert person.moments.at(MONDAY)[0] == "R"
    checkpoints.mark(person, "C14", actor=actor, on=date(2027, 3, 10))
    checkpoints.mark(person, "C15", actor=actor, on=day)
    assert (person.status, person.planned_transfer_date, person.actual_transfer_date) == ("transferred", day, day)


def test_nobody_is_listed_with_a_day_before_the_decision(programme):
    with pytest.raises(Refused) as refusal:
        services.list_person(PersonTransfer(programme=programme, surname="Early", planned_transfer_date=date(2027, 1, 1)), actor=ground.actor("OL", programme))
    assert [(reason.text, reason.field) for reason in refusal.value.reasons] == [(EARLY, "planned_transfer_date")]
    assert PersonTransfer.objects.count() == 0


def test_a_baseline_stays_where_its_day_stays(programme):
    """A batch that brought T and the baseline, undone after the first of two has moved."""
    actor, moved, waiting = ground.actor("OL", programme), *(people.person(programme, done=people.ready_up_to("C13"), incoming_provider=people.incoming(programme), **people.ORDERS | {"new_order_start": MONDAY}) for _ in range(2))
    batch = batches.confirm(batches.propose(programme, "change", "T", [Wish(one.pk, "planned_transfer_date", MONDAY) for one in (moved, waiting)], actor=actor), actor=actor)
    checkpoints.mark(moved, "C14", actor=actor)
    batches.undo(batch, actor=actor, reason="the wrong Monday")
    assert sorted(PersonTransfer.objects.values_list("pk", "planned_transfer_date", "baseline_transfer_date")) == [(moved.pk, MONDAY, MONDAY), (waiting.pk, None, None)]
    assert {(line.person_id, line.field): (line.outcome, line.reason) for line in batch.lines.filter(person=moved)} == {(moved.pk, name): ("kept", EMPTIED) for name in ("planned_transfer_date", "baseline_transfer_date")}


# Workbook


def take_in(programme, *rows):
    return import_file("tracker", programme, ground.actor("OL", programme), "\n".join(["case_system_id,surname,forename,planned_transfer_date", *rows]).encode(), "list.csv")


def faults(outcome):
    return [(one["row"], one["problem"]) for one in outcome.summary["errors"]], [one["problem"] for one in outcome.summary["warnings"]]


def test_a_workbook_is_refused_by_the_same_rule(programme):
    ready, moved, gone = somebody(programme, up_to="C14"), somebody(programme, up_to="C15"), somebody(programme, ending="died", ended_on=MONDAY)
    before = everything()
    row = "{0.case_system_id},{0.surname},Test,{1}".format
    outcome = take_in(programme, row(ready, "01/01/2027"), row(moved, "09/04/2027"), row(gone, "09/04/2027"), "NEW1,New,Nan,01/01/2027", row(somebody(programme, up_to="C15"), "01/04/2027"))
    assert not outcome.ok
    assert faults(outcome)[0] == [(2, EARLY), (3, MOVED)]
    assert everything()[1] == before[1]


def test_who_is_new_is_listed_whatever_day_the_workbook_has(programme):
    outcome = take_in(programme, "NEW1,New,Nan,01/01/2027")
    assert (outcome.ok, faults(outcome)) == (True, ([], [f"Taken as reported by the file. {EARLY}"]))
    assert PersonTransfer.objects.get().planned_transfer_date == date(2027, 1, 1)


def test_a_day_after_the_last_one_is_taken_from_a_workbook_with_a_warning(db):
    leaving = ground.provider_exit("LEAVING")
    outcome = take_in(leaving, "NEW1,New,Nan,03/05/2027")
    assert (outcome.ok, faults(outcome)) == (True, ([], ["The planned transfer, 3 May 2027, lies after the last day of the exiting provider, 30 Apr 2027. Make sure that somebody comes until then, or choose an earlier day."]))


def test_a_day_after_the_last_one_is_said_by_the_form_the_cell_and_the_preview(db, sign_in):
    leaving = ground.provider_exit("LEAVING")
    person, late = people.person(leaving), date(2027, 5, 3)
    words = "The planned transfer, 3 May 2027, lies after the last day of the exiting provider, 30 Apr 2027. Make sure that somebody comes until then, or choose an earlier day."
    batch = batches.propose(leaving, "change", "T", [Wish(person.pk, "planned_transfer_date", late)], actor=ground.actor("OL", leaving))
    assert [(line.outcome, line.reason) for line in batch.lines.all()] == [("will", words)]
    client = sign_in("OL", leaving)
    answer = client.post(reverse("transfers:person-cell", args=[leaving.ref, person.public_id, "planned_transfer_date"]), {"version": person.version, "planned_transfer_date": "03/05/2027"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.json()["said"]) == (200, f"Transfer (T) saved. {words.removesuffix('.')}")
    person.refresh_from_db()
    assert person.planned_transfer_date == late


MOVED_TO = date(2027, 4, 20)


def retimed(programme):
    """(person of two providers with an account each, a person nobody has accepted)"""
    blue = people.incoming(programme)
    person = people.person(programme, done=people.ready_up_to("C09"), incoming_provider=blue, allocation_response="accepted", planned_transfer_date=date(2027, 4, 1))
    asked = people.person(programme, incoming_provider=blue, allocation_response="offered", planned_transfer_date=date(2027, 4, 1))
    ground.user_in("IP", programme, blue)
    ground.user_in("XP", programme, person.exiting_provider)
    ground.user_in("IP", programme, people.incoming(programme, "Oyster Bay Care Ltd"))
    return person, asked


WAYS = {
    "the form": lambda person, actor: services.update_person(person, {"planned_transfer_date": MOVED_TO}, actor=actor),
    "many at once": lambda person, actor: batches.confirm(batches.propose(person.programme, "change", "T", [Wish(person.pk, "planned_transfer_date", MOVED_TO)], actor=actor), actor=actor),
}


@pytest.mark.parametrize("way", WAYS)
def test_both_providers_hear_at_once_that_the_transfer_is_moved(programme, way):
    """The hazard "T changed without notice" (domain 8)."""
    person, asked = retimed(programme)
    actor = ground.actor("OL", programme)
    for one in (person, asked):
        WAYS[way](one, actor)
    told = Notification.objects.filter(kind="moved").order_by("user__pk")
    assert [(one.subject, one.body, one.at_once) for one in told] == [(f"{programme.reference}: the planned transfer of 1 person is moved", f"{person.public_id}: 1 Apr 2027 → 20 Apr 2027", True)] * 2
    assert {one.user.assignments.get().role for one in told} == {"IP", "XP"}
    WAYS[way](PersonTransfer.objects.get(pk=person.pk), actor)
    assert told.count() == 2, "a T that stands is no news"


def test_orders_that_the_new_transfer_leaves_days_without_anybody_are_missing_again(programme):
    person = people.person(programme, done=people.ready_up_to("C14"), incoming_provider=people.incoming(programme), allocation_response="accepted", **people.ORDERS | {"planned_transfer_date": date(2027, 4, 1)})
    ol = ground.actor("OL", programme)
    assert contents.lost(person, person.checkpoints.all()) == {}
    services.update_person(person, {"planned_transfer_date": MOVED_TO}, actor=ol)
    words = "The old order ends on 31 Mar 2027 and the first visit is planned for 20 Apr 2027: 1 Apr 2027 to 19 Apr 2027 nobody comes. Change the last day of the old order, or the planned transfer."
    assert {code: [reason.text for reason in found] for code, found in contents.lost(person, person.checkpoints.all()).items()} == {"C10": [words]}
    ready = PersonTransfer.objects.filter(groups(date(2027, 3, 15))["ready-missing"].condition)
    assert list(ready) == [person]
    services.update_person(person, {"old_order_end": date(2027, 4, 20)}, actor=ol)
    shared = "Enter the day on which both orders were shared with both providers."
    assert {code: [reason.text for reason in found] for code, found in contents.lost(person, person.checkpoints.all()).items()} == {"C10": [shared]}
    services.update_person(person, {"orders_shared_on": date(2027, 3, 15)}, actor=ol)
    assert list(ready.all()) == []


def test_c10_is_refused_while_the_orders_leave_a_day_to_the_transfer(programme):
    person = people.person(programme, done=people.ready_up_to("C09"), incoming_provider=people.incoming(programme), allocation_response="accepted", **people.ORDERS | {"planned_transfer_date": MOVED_TO})
    with pytest.raises(Refused) as refusal:
        checkpoints.mark(person, "C10", actor=ground.actor("PO", programme))
    assert [(reason.field, reason.solve) for reason in refusal.value.reasons] == [("old_order_end", ("old order", "transfer date"))]
