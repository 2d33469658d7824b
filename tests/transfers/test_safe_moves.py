"""Nobody moves to nobody; a safety check counts from the first visit on; a stay that is over stops nobody."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import Refused
from mobilisation.services.imports import import_file
from tests.factories import ground, people
from transfers.models import HospitalEpisode, PersonTransfer, SafetyCheck
from transfers.services import checkpoints, turning
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def moved(programme, visit=date(2027, 3, 10), **fields):
    person = people.person(programme, done=people.ready_up_to("C14"), incoming_provider=people.incoming(programme), planned_transfer_date=visit, **people.ORDERS, **fields)
    checkpoints.mark(person, "C15", actor=ground.actor("OL", programme), on=visit)
    return person


def test_nobody_is_ready_to_move_to_nobody(programme):
    person = people.person(programme, done=people.ready_up_to("C13"), planned_transfer_date=date(2027, 3, 20))
    with pytest.raises(Refused, match="nobody is ready to move to nobody"):
        checkpoints.mark(person, "C14", actor=ground.actor("OL", programme))
    assert not person.checkpoints.filter(code="C14").exists()


def test_a_check_from_before_the_visit_does_not_count(programme):
    actor, person = ground.actor("OL", programme), moved(programme)
    with pytest.raises(Refused, match="lies before the first visit, 10 Mar 2027"):
        checkpoints.record_safety_check(person, "safe", actor=actor, on=date(2027, 3, 9))
    SafetyCheck.objects.create(person=person, done_on=date(2027, 3, 9), outcome="safe")
    with pytest.raises(Refused, match="from before the first visit does not count"):
        checkpoints.mark(person, "C16", actor=actor)
    checkpoints.record_safety_check(person, "safe", actor=actor, on=date(2027, 3, 10))
    assert person.checkpoints.get(code="C16").state == "done"


@pytest.mark.parametrize(
    ("priority", "planned", "visited", "first", "second", "plan", "closed"),
    [
        ("R", date(2027, 3, 25), date(2027, 3, 10), date(2027, 3, 10), date(2027, 3, 17), date(2027, 3, 20), date(2027, 4, 24)),
        ("A", date(2027, 3, 4), date(2027, 3, 10), date(2027, 3, 11), None, date(2027, 3, 20), date(2027, 4, 24)),
        ("G", date(2027, 3, 4), date(2027, 3, 10), date(2027, 3, 15), None, date(2027, 3, 20), date(2027, 4, 24)),
    ],
)
def test_dues_count_from_the_visit_that_was_made(programme, priority, planned, visited, first, second, plan, closed):
    """Domain 5.6 and 5.7: on T after the first visit, within days of T. What came before keeps the T it was due by."""
    person = people.person(programme, done=people.ready_up_to("C14"), incoming_provider=people.incoming(programme), planned_transfer_date=planned, priority=priority, peg_or_clinical=True, **people.ORDERS)
    frame = turning.Frame.of(programme)
    before = frame.dues_of(person, person.checkpoints.all())
    assert before["C18"] == planned + timedelta(days=10)
    checkpoints.mark(person, "C15", actor=ground.actor("OL", programme), on=visited, note="The family asked for it")
    after = frame.dues_of(person, person.checkpoints.all())
    assert (person.safety_due, after["C16"], after["C18"], after["C20"]) == (first, first, plan, closed)
    assert {code: after[code] for code in ("C07", "C11", "C12", "C14", "C15")} == {code: before[code] for code in ("C07", "C11", "C12", "C14", "C15")}
    assert person.red_from == first + timedelta(days=1)
    checkpoints.record_safety_check(person, "safe", actor=ground.actor("CM", programme), on=visited)
    assert SafetyCheck.objects.get().due == first
    row = PersonTransfer.objects.get(pk=person.pk)
    assert row.red_from == (second + timedelta(days=1) if second else row.red_from)
    checkpoints.undo(row, "C15", actor=ground.actor("OL", programme), reason="another day")
    assert row.safety_due == before["C16"]


def test_the_second_check_comes_after_the_first_by_who_makes_the_first(programme):
    person = moved(programme, priority="R")
    lead, team = ground.actor("CM", programme), ground.actor("MT", programme)
    with pytest.raises(Refused, match="Record the first safety check before the second"):
        checkpoints.record_safety_check(person, "safe", actor=lead, number=2)
    checkpoints.record_safety_check(person, "safe", actor=lead, on=date(2027, 3, 10))
    for actor, day, words in ((team, date(2027, 3, 15), "The second check is made by"), (lead, date(2027, 3, 10), "comes after the first"), (lead, date(2020, 1, 1), "comes after the first")):
        with pytest.raises(Refused, match=words):
            checkpoints.record_safety_check(person, "safe", actor=actor, on=day, number=2)
    assert SafetyCheck.objects.filter(number=2).count() == 0
    checkpoints.record_safety_check(person, "safe", actor=lead, on=date(2027, 3, 15), number=2)
    assert SafetyCheck.objects.filter(number=2).count() == 1


def test_a_waiver_asks_what_the_mark_asks(programme):
    actor = ground.actor("OL", programme)
    person = people.person(programme, sharing_basis="refused")
    words = {"reason": "late", "risk_assessment": "low"}
    with pytest.raises(Refused):
        checkpoints.waive(person, "C11", actor=actor, **words)
    gone = people.person(programme, ending="died", ended_on=date(2027, 3, 1))
    with pytest.raises(Refused, match="recorded as"):
        checkpoints.waive(gone, "C09", actor=actor, **words)
    assert not person.checkpoints.exists()


@pytest.mark.parametrize(("admitted", "expected", "words"), [(date(2027, 3, 5), None, "would overlap"), (date(2027, 3, 12), date(2027, 3, 11), "before the admission")])
def test_stays_do_not_overlap(programme, admitted, expected, words):
    person = people.person(programme)
    HospitalEpisode.objects.create(person=person, admitted_on=date(2027, 3, 1), discharged_on=date(2027, 3, 10), open=False)
    with pytest.raises(Refused, match=words):
        services.admit(person, actor=ground.actor("OL", programme), admitted_on=admitted, expected_discharge=expected)
    assert HospitalEpisode.objects.count() == 1


def listed(programme, *lines):
    return import_file("tracker", programme, ground.actor("OL", programme), ("\n".join(lines) + "\n").encode(), "list.csv")


def test_a_stay_that_is_over_puts_nobody_into_hospital(programme):
    outcome = listed(programme, "Case ID,Surname,Admitted on,Hospital,In hospital?", "A1,Smith,01/02/2027,QEQM,N")
    assert (outcome.ok, PersonTransfer.objects.get().in_hospital, HospitalEpisode.objects.count()) == (True, False, 0)
    assert [("not taken" in one["problem"]) for one in outcome.summary["warnings"]] == [True]


def test_a_file_changes_nobody_who_has_died(programme):
    people.person(programme, case_system_id="A1", surname="Smith", wave="1", ending="died", ended_on=date(2027, 3, 1))
    outcome = listed(programme, "Case ID,Surname,Wave,In hospital?", "A1,Smith,2,Y")
    assert (outcome.summary["unchanged"], PersonTransfer.objects.get().wave, HospitalEpisode.objects.count()) == (1, "1", 0)
    assert "Nothing is taken" in outcome.summary["warnings"][0]["problem"]


@pytest.mark.parametrize("term", ["Adebimpe, Wanjiru", "Wanjiru Adebimpe", "adebimpe", "wanj"])
def test_a_name_is_found_as_the_list_writes_it(programme, sign_in, term):
    people.person(programme, surname="Adebimpe", forename="Wanjiru")
    people.person(programme, surname="Adebimpe-Cole", forename="Ed")
    found = sign_in("MT", programme).post(reverse("transfers:person-list", args=[programme.ref]), {"term": term}, follow=True)
    assert "Wanjiru" in {person.forename for person, _ in found.context["rows"]}
    assert len(found.context["rows"]) == (2 if term == "adebimpe" else 1)




def closed(programme, **fields):
    person = moved(programme, **fields)
    lead = ground.actor("OL", programme)
    checkpoints.record_safety_check(person, "safe", actor=lead, on=date(2027, 3, 10))
    if fields.get("priority") == "R":
        checkpoints.record_safety_check(person, "safe", actor=lead, on=date(2027, 3, 12), number=2)
    for code in ("C13", "C17", "C18", "C19", "C20"):
        if not person.checkpoints.filter(code=code, state="done").exists():
            checkpoints.mark(person, code, actor=lead, on=date(2027, 3, 12))
    return person


@pytest.mark.parametrize(("restart", "plan", "status"), [("same_package", "done", "allocated"), ("changed", "reopened", "allocated")])
def test_who_comes_home_from_hospital_has_not_moved_yet(programme, restart, plan, status):
    person, lead = closed(programme, priority="R"), ground.actor("OL", programme)
    person.refresh_from_db()
    assert (person.status, person.actual_transfer_date) == ("closed", date(2027, 3, 10))
    services.admit(person, actor=lead, admitted_on=date(2027, 3, 13))
    services.discharge(person, actor=lead, discharged_on=date(2027, 3, 15), restart_on=date(2027, 3, 15), restart=restart)
    person = PersonTransfer.objects.get(pk=person.pk)
    states = dict(person.checkpoints.values_list("code", "state"))
    assert {code for code, state in states.items() if state == "reopened"} == {"C12", "C14", "C15", "C16", "C17", "C19", "C20"} | ({"C18"} if plan == "reopened" else set())
    assert (states["C18"], states["C11"], states["C13"]) == (plan, "done", "done")
    assert (person.status, person.actual_transfer_date) == (status, None)


def test_the_second_check_of_the_move_before_the_stay_does_not_close_the_move_after_it(programme):
    person, lead = closed(programme, priority="R"), ground.actor("OL", programme)
    person = PersonTransfer.objects.get(pk=person.pk)
    services.admit(person, actor=lead, admitted_on=date(2027, 3, 13))
    services.discharge(person, actor=lead, discharged_on=date(2027, 3, 14), restart_on=date(2027, 3, 15))
    for code in ("C12", "C14", "C15"):
        checkpoints.mark(person, code, actor=ground.actor("OL", programme), on=date(2027, 3, 15))
    with pytest.raises(Refused, match="does not count"):
        checkpoints.mark(person, "C16", actor=lead)
    checkpoints.record_safety_check(person, "safe", actor=lead, on=date(2027, 3, 15))
    for code in ("C17", "C19"):
        checkpoints.mark(person, code, actor=lead, on=date(2027, 3, 15))
    with pytest.raises(Refused, match="second safety check first"):
        checkpoints.mark(person, "C20", actor=lead)
    assert PersonTransfer.objects.get(pk=person.pk).status == "settled"


def test_marks_of_a_list_without_what_stands_behind_them_make_nobody_green_or_ready(programme):
    days = ",".join(["01/03/2027"] * 13)
    heads = ",".join(f"c{n:02d}_on" for n in range(1, 14))
    lines = [f"Surname,Forename,NHS number,Date of birth,Funding,{heads}", f"Abara,Ada,9434765919,01/05/1940,Council,{days}"]
    import_file("tracker", programme, ground.actor("OL", programme), ("\n".join(lines) + "\n").encode(), "list.csv")
    person = PersonTransfer.objects.get()
    assert person.moments.at(date(2027, 3, 15)) == ("A", "Reported by file, still to put right: C03, C06, C09, C10")
    PersonTransfer.objects.filter(pk=person.pk).update(incoming_provider=people.incoming(programme), planned_transfer_date=date(2027, 3, 20))
    with pytest.raises(Refused) as refusal:
        checkpoints.mark(person, "C14", actor=ground.actor("OL", programme))
    assert [reason.text for reason in refusal.value.reasons] == [
        "C03 was reported by the list: choose a priority.",
        "C06 was reported by the list: record the basis of the sharing decision.",
        "C10 was reported by the list: give the old order its last day.",
        "C10 was reported by the list: enter the new order with its reference and first day.",
        "C10 was reported by the list: set up the payment: enter the payment reference of the new order.",
        "C10 was reported by the list: enter the day on which both orders were shared with both providers.",
    ]
    assert not person.checkpoints.filter(code="C14").exists()
