"""What a workbook, a page and the night do to one person is one and the same: admissions, “not applicable”, doubts about Green."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.errors import Refused
from mobilisation.models import Change, Slot
from mobilisation.services.imports import import_file
from reporting import integrity
from tests.factories import ground, people
from transfers.models import Checkpoint, HospitalEpisode, OrderVisit, PersonTransfer, ServiceOrder
from transfers.rules.gates import PAUSED_IN_HOSPITAL
from transfers.services import checkpoints, columns, handover, nightly, orders, turning
from transfers.services import people as services
from transfers.services.seen import Seen, Stale

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def take_in(programme, *lines, actor=None, **options):
    return import_file("tracker", programme, actor or Actor.operator(), "\n".join(lines).encode(), "list.csv", **options)


def marks_of(person):
    return {mark.code: (mark.state, mark.state_before_pause, mark.from_file) for mark in Checkpoint.objects.filter(person=person)}


def history_of(person):
    """{code: (action, why, fields)} of what paused each checkpoint."""
    rows = Change.objects.filter(entity="transfers.checkpoint", object_id__in=Checkpoint.objects.filter(person=person).values("pk"), why="in hospital").order_by("pk")
    codes = dict(Checkpoint.objects.filter(person=person).values_list("pk", "code"))
    return {codes[row.object_id]: (row.action, row.why, {name: row.fields[name] for name in ("state", "state_before_pause") if name in row.fields}) for row in rows}


@pytest.fixture
def alike(programme):
    """Two people who stand alike, one of whom a page and the other a workbook admits."""
    made = [people.person(programme, done=people.ready_up_to("C07"), planned_transfer_date=date(2027, 4, 1)) for _ in range(2)]
    for person in made:
        Checkpoint.objects.create(person=person, code="C08", state="in_progress")
        turning.refresh(person, touched=False)
    return made


def test_an_admission_from_a_workbook_stops_what_an_admission_on_the_page_stops(programme, alike):
    page, book = alike
    services.admit(page, actor=ground.actor("OL", programme), admitted_on=date(2027, 3, 14), hospital="QEQM")
    assert take_in(programme, "Case ID,Surname,In hospital?,Admitted on,Hospital", f"{book.case_system_id},{book.surname},Y,14/03/2027,QEQM").ok
    assert marks_of(book) == marks_of(page)
    assert marks_of(book)["C08"] == ("paused", "in_progress", False)
    assert {code for code, (state, *_) in marks_of(book).items() if state == "paused"} == PAUSED_IN_HOSPITAL - {"C07"}
    assert history_of(book) == history_of(page)
    for person in alike:
        person.refresh_from_db()
    assert [getattr(book, name) for name in turning.STORED] == [getattr(page, name) for name in turning.STORED]
    assert turning.drift(programme) == []
    for person in alike:
        services.discharge(person, actor=ground.actor("OL", programme), discharged_on=date(2027, 3, 15), restart_on=date(2027, 3, 20))
    assert marks_of(book) == marks_of(page)
    assert (marks_of(book)["C08"][0], marks_of(book)["C12"][0]) == ("in_progress", "not_started")


def test_somebody_listed_in_hospital_has_what_may_not_go_on_paused(programme):
    assert take_in(programme, "Case ID,Surname,In hospital?,Letter sent", "Z1,Smith,Y,02/03/2027").ok
    person = PersonTransfer.objects.get(case_system_id="Z1")
    found = marks_of(person)
    assert {code for code, (state, before, from_file) in found.items() if (state, before, from_file) == ("paused", "not_started", False)} == PAUSED_IN_HOSPITAL
    assert found["C04"] == ("done", "", True)
    assert {code: told[:2] for code, told in history_of(person).items()} == dict.fromkeys(PAUSED_IN_HOSPITAL, ("imported", "in hospital"))
    assert turning.drift(programme) == []
    assert HospitalEpisode.objects.filter(person=person, open=True).count() == 1


def test_a_later_day_of_a_stay_that_is_open_pauses_nothing_again(programme, alike):
    page, _ = alike
    services.admit(page, actor=ground.actor("OL", programme), admitted_on=date(2027, 3, 14))
    before = Change.objects.filter(entity="transfers.checkpoint").count()
    assert take_in(programme, "Case ID,Surname,In hospital?,EDD", f"{page.case_system_id},{page.surname},Y,20/03/2027").ok
    assert Change.objects.filter(entity="transfers.checkpoint").count() == before


def test_a_file_that_does_not_apply_needs_no_choice_of_the_person(programme):
    """C13 “N/A” for somebody who pays for their own care and has chosen nothing: the page takes it, so does the workbook."""
    page, book, dated = (people.person(programme, done=people.ready_up_to("C06"), funding_type="self") for _ in range(3))
    checkpoints.mark(page, "C13", actor=ground.actor("OL", programme), state="not_applicable")
    outcome = take_in(programme, "Case ID,Surname,c13_on", f"{book.case_system_id},{book.surname},N/A")
    assert (outcome.ok, outcome.summary["errors"]) == (True, [])
    assert [marks_of(person)["C13"][0] for person in (page, book)] == ["not_applicable"] * 2
    outcome = take_in(programme, "Case ID,Surname,c13_on", f"{dated.case_system_id},{dated.surname},12/03/2027")
    assert [error["problem"] for error in outcome.summary["errors"]] == ["The person chooses where the file goes. Record the choice first."]
    assert "C13" not in marks_of(dated)


def test_a_file_that_went_astray_keeps_c13_waiting_whichever_way_it_is_marked(programme):
    ol, person = ground.actor("OL", programme), people.person(programme, done=people.ready_up_to("C06"))
    journey = handover.record_file(person, {"sent_on": date(2027, 3, 12), "method": "portal"}, actor=ol)
    handover.change_file(journey, {"outcome": "lost"}, actor=ol)
    words = "The file was lost or went to the wrong place. Record its new journey, or its arrival, first."
    with pytest.raises(Refused, match=words):
        checkpoints.mark(person, "C13", actor=ol)
    outcome = take_in(programme, "Case ID,Surname,c13_on", f"{person.case_system_id},{person.surname},12/03/2027")
    assert ([error["problem"] for error in outcome.summary["errors"]], "C13" in marks_of(person)) == ([words], False)
    handover.record_file(person, {"sent_on": date(2027, 3, 13), "method": "portal"}, actor=ol)
    assert take_in(programme, "Case ID,Surname,c13_on", f"{person.case_system_id},{person.surname},13/03/2027").ok
    assert marks_of(person)["C13"][0] == "done"


def test_a_new_order_without_visits_keeps_c10_waiting_in_a_workbook_too(programme):
    ol = ground.actor("OL", programme)
    person = people.person(
        programme, done=people.ready_up_to("C09"), incoming_provider=people.incoming(programme), old_order_ref="SO-1", old_order_end=date(2027, 3, 31), new_order_ref="SO-2", new_order_start=date(2027, 4, 1),
        payment_ref="PA-2", orders_shared_on=date(2027, 3, 12),
    )
    old, new = (ServiceOrder.objects.get(person=person, kind=kind) for kind in ("old", "new"))
    orders.add_visit(old, VISIT, actor=ol)
    orders.share(PersonTransfer.objects.get(pk=person.pk), actor=ol)
    row = f"{person.case_system_id},{person.surname},15/03/2027"
    outcome = take_in(programme, "Case ID,Surname,c10_on", row)
    assert ([error["problem"] for error in outcome.summary["errors"]], "C10" in marks_of(person)) == ([orders.NO_VISITS.text], False)
    orders.add_visit(new, VISIT, actor=ol)
    orders.share(PersonTransfer.objects.get(pk=person.pk), actor=ol)
    assert take_in(programme, "Case ID,Surname,c10_on", row).ok
    assert marks_of(person)["C10"][0] == "done"


def test_a_current_plan_is_known_when_a_workbook_says_green(programme):
    """Unknown to the council, with and without C08: the same doubt as on the page, and no statement for each person."""
    ground.user_in("OL", programme)
    known, unknown, by_row = (people.person(programme, done=people.ready_up_to("C07"), known_to_council=False, priority="A") for _ in range(3))
    Checkpoint.objects.create(person=known, code="C08", state="done", done_on=date(2027, 3, 1))
    head = "Case ID,Surname,RAG,c08_on"
    assert take_in(programme, head, f"{known.case_system_id},{known.surname},G,").ok
    refused = take_in(programme, head, f"{unknown.case_system_id},{unknown.surname},G,")
    assert ["Do it on the person's page" in error["problem"] for error in refused.summary["errors"]] == [True]
    assert take_in(programme, head, f"{by_row.case_system_id},{by_row.surname},G,12/03/2027").ok
    listed = take_in(programme, "Case ID,Surname,RAG,Known to council,c08_on", "N1,Smith,G,No,", "N2,Jones,G,No,01/03/2027")
    assert [warning["row"] for warning in listed.summary["warnings"] if "confirm it on the person's page" in warning["problem"]] == [2]


def test_a_request_that_changed_meanwhile_is_not_declined_unread(programme):
    person = people.person(programme, done=("C01",))
    ol, cl = ground.actor("OL", programme), ground.actor("CL", programme)
    checkpoints.waive(person, "C02", actor=ol, reason="List lost", risk_assessment="Called each family")
    seen = Seen.of(PersonTransfer.objects.get(pk=person.pk), Checkpoint.objects.get(person=person, code="C02"))
    checkpoints.decline_waiver(person, "C02", actor=cl, reason="Ask again", seen=seen)
    checkpoints.waive(person, "C02", actor=ol, reason="List burnt", risk_assessment="Visited each family")
    before = list(Checkpoint.objects.values()), Change.objects.count()
    with pytest.raises(Stale, match="while this page was open"):
        checkpoints.decline_waiver(person, "C02", actor=cl, reason="Ask again", seen=seen)
    assert (list(Checkpoint.objects.values()), Change.objects.count()) == before


def test_the_page_sends_what_it_showed_when_a_waiver_is_declined(programme, sign_in):
    person = people.person(programme, done=("C01",))
    ol, cl = ground.actor("OL", programme), ground.actor("CL", programme)
    checkpoints.waive(person, "C02", actor=ol, reason="List lost", risk_assessment="Called each family")
    client = sign_in("CL", programme)
    page = reverse("transfers:checkpoint", args=[programme.ref, person.public_id, "C02", "decline"])
    version = client.get(page).context["form"].initial["version"]
    checkpoints.decline_waiver(person, "C02", actor=cl, reason="Ask again")
    checkpoints.waive(person, "C02", actor=ol, reason="List burnt", risk_assessment="Visited each family")
    answer = client.post(page, {"reason": "No", "version": version})
    assert answer.status_code == 422
    assert "while this page was open" in answer.content.decode()
    assert Checkpoint.objects.get(person=person, code="C02").note == "List burnt"


VISIT = {"days": "12345", "start": time(8), "minutes": 30, "carers": 1, "band_minutes": 30, "tasks": ""}


@pytest.mark.parametrize("change", ["add", "change", "tasks", "remove"])
def test_visits_that_change_after_the_order_was_shared_are_shared_again(programme, change):
    person = people.person(
        programme, done=people.ready_up_to("C09"), funding_type="council", old_order_ref="SO-1", old_order_end=date(2027, 3, 31), new_order_ref="SO-2", new_order_start=date(2027, 4, 1), payment_ref="PA-2",
        orders_shared_on=date(2027, 3, 12),
    )
    columns.absorb([person], actor=Actor.operator(), programme=programme)
    ol, order = ground.actor("OL", programme), ServiceOrder.objects.get(person=person, kind="new")
    visit = OrderVisit.objects.create(order=order, **VISIT)
    assert (order.shared_exiting_on, order.shared_incoming_on) == (date(2027, 3, 12), date(2027, 3, 12))
    {
        "add": lambda: orders.add_visit(order, VISIT | {"start": time(18)}, actor=ol), "change": lambda: orders.change_visit(visit, {"minutes": 45}, actor=ol),
        "tasks": lambda: orders.change_visit(visit, {"tasks": "Insulin"}, actor=ol), "remove": lambda: orders.remove_visit(visit, actor=ol),
    }[change]()
    order.refresh_from_db()
    assert (order.shared_exiting_on, order.shared_incoming_on) == (None, None)
    old = ServiceOrder.objects.get(person=person, kind="old")
    assert (old.shared_exiting_on, old.shared_incoming_on) == (date(2027, 3, 12), date(2027, 3, 12))
    assert (PersonTransfer.objects.get(pk=person.pk).orders_shared_on, columns.drift(programme), turning.drift(programme)) == (None, [], [])
    told = Change.objects.get(entity="transfers.serviceorder", object_id=order.pk, action="to be shared again")
    assert told.fields == {"shared_exiting_on": ["2027-03-12", None], "shared_incoming_on": ["2027-03-12", None]}


def test_a_visit_saved_as_it_was_leaves_the_day_of_sharing(programme):
    person = people.person(programme, done=people.ready_up_to("C09"), new_order_ref="SO-2", new_order_start=date(2027, 4, 1), payment_ref="PA-2", orders_shared_on=date(2027, 3, 12))
    columns.absorb([person], actor=Actor.operator(), programme=programme)
    visit = OrderVisit.objects.create(order=ServiceOrder.objects.get(person=person), **VISIT)
    assert orders.change_visit(visit, {"minutes": 30}, actor=ground.actor("OL", programme)) is None
    assert PersonTransfer.objects.get(pk=person.pk).orders_shared_on == date(2027, 3, 12)


def test_the_night_opens_c05_again_where_there_is_a_representative(programme, caplog):
    told, ready, moved, gone, alone = (people.person(programme, done=people.ready_up_to("C04")) for _ in range(5))
    for person in (told, ready, moved, gone, alone):
        Checkpoint.objects.create(person=person, code="C05", state="not_applicable")
    for person, codes in ((ready, ("C14",)), (moved, ("C14", "C15"))):
        for code in codes:
            Checkpoint.objects.create(person=person, code=code, state="done", done_on=date(2027, 3, 14))
    PersonTransfer.objects.exclude(pk=alone.pk).update(representative_name="Ann Hart")
    PersonTransfer.objects.filter(pk=gone.pk).update(ending="died", ended_on=date(2027, 3, 1))
    for person in PersonTransfer.objects.all():
        columns.absorb([person], actor=Actor.operator(), programme=programme, fresh=True)
        turning.refresh(person, touched=False)
    faults = [f"{programme.reference}: person {person.public_id} has a representative, and C05 says that it does not apply." for person in (told, ready, moved)]
    assert list(integrity.people_stand_as_the_rules_say()) == faults
    with caplog.at_level(logging.ERROR):
        nightly.tick(datetime(2027, 3, 16, 0, 20, tzinfo=UTC))
    assert [record.getMessage() for record in caplog.records] == [f"{programme.reference}: of 3 people with a representative C05 said that it does not apply; it is open again"]
    assert Slot.objects.get(schedule="people").outcome == "3 mended"
    assert [marks_of(person)["C05"][0] for person in (told, ready, moved, gone, alone)] == ["reopened", "reopened", "reopened", "not_applicable", "not_applicable"]
    assert (marks_of(ready)["C14"][0], marks_of(moved)["C14"][0], marks_of(moved)["C15"][0]) == ("reopened", "done", "done")
    assert list(integrity.people_stand_as_the_rules_say()) == []
    assert nightly.check(programme) == 0
    assert {row.actor_label for row in Change.objects.filter(entity="transfers.checkpoint", action="reopened")} == {"system: nightly check"}
