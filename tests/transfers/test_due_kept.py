"""If T or the pace moves, what is open is due anew; what was settled keeps the day it was due by (domain 5.2)."""

import importlib
from datetime import date

import pytest
import time_machine
from django.apps import apps
from django.urls import reverse

from mobilisation.services.imports import import_file
from tests.factories import ground, people
from transfers.exports.tracker import rows
from transfers.models import Checkpoint, PersonTransfer, SafetyCheck
from transfers.services import checkpoints, turning
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
MONDAY, APRIL, MAY = date(2027, 3, 15), date(2027, 4, 1), date(2027, 5, 4)
EIGHT_WEEKS = date(2027, 1, 14)
"""D0+8w, of C02."""


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def somebody(programme, up_to="", **fields):
    common = {"planned_transfer_date": APRIL, "incoming_provider": people.incoming(programme), "priority": "A"}
    return people.person(programme, done=people.ready_up_to(up_to) if up_to else (), **(common | fields))


def dues(client, programme, person):
    """{code: the day shown beside it}"""
    answer = client.get(reverse("transfers:person-detail", args=[programme.ref, person.public_id]))
    return {row.checkpoint.code: row.due for row in answer.context["chain"]}


def test_a_day_that_moves_takes_what_is_open_along_and_leaves_what_was_done(programme, sign_in):
    actor, person, client = ground.actor("OL", programme), somebody(programme, "C05"), sign_in("OL", programme)
    services.record_sharing(person, "direct_care", actor=actor)
    before = dues(client, programme, person)
    assert (before["C06"], before["C14"], before["C15"]) == (date(2027, 3, 9), date(2027, 3, 31), APRIL)  # T-15w, T-1w, T
    services.update_person(person, {"planned_transfer_date": MAY}, actor=actor)
    after = dues(client, programme, person)
    assert (after["C06"], after["C14"], after["C15"]) == (date(2027, 3, 9), date(2027, 4, 30), MAY)


def test_a_pace_that_changes_does_the_same(programme, sign_in):
    person, client = somebody(programme, "C01"), sign_in("OL", programme)
    checkpoints.mark(person, "C02", actor=ground.actor("OL", programme))
    assert (dues(client, programme, person)["C02"], dues(client, programme, person)["C04"]) == (EIGHT_WEEKS, date(2027, 1, 20))
    programme.pace = "emergency"
    programme.save()
    turning.recompute(programme)
    assert (dues(client, programme, person)["C02"], dues(client, programme, person)["C04"]) == (EIGHT_WEEKS, date(2027, 1, 5))


def test_what_had_no_day_when_it_was_done_has_none_afterwards(programme, sign_in):
    person, client = somebody(programme, "C05", planned_transfer_date=None), sign_in("OL", programme)
    services.record_sharing(person, "direct_care", actor=ground.actor("OL", programme))
    services.update_person(person, {"planned_transfer_date": APRIL}, actor=ground.actor("OL", programme))
    shown = dues(client, programme, person)
    assert (shown["C06"], shown["C07"]) == (None, date(2027, 3, 16))


def test_many_and_not_applicable_and_waived_keep_theirs(programme):
    programme.pace = "emergency"
    programme.save()
    actor = ground.actor("OL", programme)
    first, second = somebody(programme, "C02"), somebody(programme, "C02")
    checkpoints.bulk_mark([first, second], "C04", programme=programme, actor=actor)
    checkpoints.mark(first, "C05", actor=actor, state="not_applicable")
    checkpoints.waive(first, "C03", actor=actor, reason="r", risk_assessment="r")
    held = sorted(Checkpoint.objects.exclude(due=None).values_list("person_id", "code", "state", "due"))
    assert held == sorted([(first.pk, "C03", "waived", date(2027, 1, 5)), (first.pk, "C04", "done", date(2027, 1, 5)), (first.pk, "C05", "not_applicable", date(2027, 1, 5)), (second.pk, "C04", "done", date(2027, 1, 5))])


def test_the_word_of_a_provider_is_no_record_of_a_day(programme):
    person = somebody(programme, "C14", allocation_response="accepted", sharing_basis="direct_care", planned_transfer_date=MONDAY)
    mark = checkpoints.mark(person, "C15", actor=ground.actor("IP", programme, person.incoming_provider))
    assert (mark.state, mark.due) == ("in_progress", None)
    assert checkpoints.mark(person, "C15", actor=ground.actor("OL", programme)).due == MONDAY


def test_a_safety_check_keeps_its_day_on_the_page_and_in_the_file(programme, sign_in):
    actor, person = ground.actor("OL", programme), somebody(programme, "C14", planned_transfer_date=date(2027, 3, 12))
    checkpoints.mark(person, "C15", actor=actor, on=date(2027, 3, 12), note="as planned")
    checkpoints.record_safety_check(person, "safe", actor=actor)
    services.update_person(person, {"priority": "G", "priority_reason": "checked again"}, actor=actor)
    assert (dues(sign_in("OL", programme), programme, person)["C16"], SafetyCheck.objects.get().due) == (MONDAY, MONDAY)
    assert [row["safety_check_due"] for _, row in rows(PersonTransfer.objects.all())] == [MONDAY]


def test_what_is_undone_is_due_as_things_stand_and_what_is_done_again_by_the_new_day(programme, sign_in):
    actor, person, client = ground.actor("OL", programme), somebody(programme, "C05"), sign_in("OL", programme)
    services.record_sharing(person, "direct_care", actor=actor)
    assert Checkpoint.objects.get(code="C06").due == date(2027, 3, 9)  # T-15w
    services.update_person(person, {"planned_transfer_date": MAY}, actor=actor)
    checkpoints.undo(person, "C06", actor=actor, reason="the wrong person")
    assert (Checkpoint.objects.get(code="C06").due, dues(client, programme, person)["C06"]) == (None, date(2027, 4, 12))
    checkpoints.mark(person, "C06", actor=actor)
    assert Checkpoint.objects.get(code="C06").due == date(2027, 4, 12)


def test_a_stay_in_hospital_opens_the_days_again(programme):
    actor, person = ground.actor("OL", programme), somebody(programme, "C14", planned_transfer_date=MONDAY)
    checkpoints.mark(person, "C15", actor=actor)
    services.admit(person, actor=actor, admitted_on=MONDAY)
    services.discharge(person, actor=actor, discharged_on=MONDAY)
    assert Checkpoint.objects.filter(code="C15").values_list("state", "due").get() == ("reopened", None)


def test_a_file_keeps_the_day_too_at_the_start_and_later(programme):
    def take_in(rows):
        return import_file("tracker", programme, ground.actor("OL", programme), ("case_system_id,surname,forename,planned_transfer_date,in_hospital,c01_on,c02_on\n" + rows).encode(), "list.csv")

    assert take_in("NEW1,New,Nan,01/04/2027,no,15/03/2027,\n").ok
    # Listed today, so no earlier than a working day from now.
    assert Checkpoint.objects.filter(person__surname="New").values_list("code", "due").get() == ("C01", date(2027, 3, 16))
    assert take_in("NEW1,New,Nan,01/04/2027,no,15/03/2027,15/03/2027\n").ok
    assert dict(Checkpoint.objects.filter(person__surname="New").values_list("code", "due")) == {"C01": date(2027, 3, 16), "C02": date(2027, 3, 16)}


def test_marks_from_before_get_the_day_that_was_shown(programme):
    """The migration: as worked out until now, with the settings and the holidays of the programme; what is open gets none."""
    programme.thresholds = {"safety_amber_w": 2}
    programme.save()
    moved, other = somebody(programme, "C16", double_handed=True), somebody(programme, "C09", listed_on=MONDAY)
    Checkpoint.objects.filter(person=moved, code="C15").update(done_on=date(2027, 3, 25))
    Checkpoint.objects.create(person=other, code="C10", state="reopened", by_label="test")
    importlib.import_module("transfers.migrations.0023_due_when_settled").fill(apps, None)
    frame = turning.Frame.of(programme)
    for person in (moved, other):
        marks = list(Checkpoint.objects.filter(person=person))
        shown = frame.dues_of(person, marks)
        assert {mark.code: mark.due for mark in marks} == {mark.code: shown.get(mark.code) if mark.state == "done" else None for mark in marks}
    assert dict(Checkpoint.objects.filter(person=moved, code__in=["C15", "C16"]).values_list("code", "due")) == {"C15": APRIL, "C16": date(2027, 3, 31)}
