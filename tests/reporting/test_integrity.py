"""``check_integrity``: each invariant is broken underneath, past every service, and named by exactly its own line."""

import json
from datetime import date

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from mobilisation.access import Actor
from mobilisation.models.record import new_public_id
from mobilisation.services.imports import import_file
from reporting import integrity
from reporting.integrity import people as people_checks
from tests.factories import ground, people, workbooks
from transfers.facts.groups import Group
from transfers.models import Allocation, Checkpoint, ComparedList, Discrepancy, Hold, HospitalEpisode, ListFinding, ListRow, PersonTransfer, SafetyCheck
from transfers.rules import reconcile
from transfers.services import lists, turning
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
TODAY, LATE, AHEAD = date(2027, 3, 15), date(2027, 3, 1), date(2027, 4, 1)
OPERATOR = Actor.operator()


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def everybody(programme):
    """One person of each kind, by the services wherever a service makes that kind."""
    found = {
        "listed": people.person(programme, nhs_number="9990000018", planned_transfer_date=AHEAD, priority="A"),
        "late": people.person(programme, nhs_number="9990000026", done=people.ready_up_to("C09"), planned_transfer_date=LATE, incoming_provider=people.incoming(programme)),
        "moved": people.person(programme, done=people.ready_up_to("C15"), planned_transfer_date=LATE, actual_transfer_date=LATE, priority="R"),
        "checked": people.person(programme, done=people.ready_up_to("C16"), planned_transfer_date=LATE, actual_transfer_date=LATE),
        "held": people.person(programme, planned_transfer_date=LATE),
        "hospital": people.person(programme, planned_transfer_date=LATE),
        "ended": people.person(programme, planned_transfer_date=AHEAD),
        "waived": people.person(programme, planned_transfer_date=AHEAD),
        "offered": people.person(programme, planned_transfer_date=AHEAD),
    }
    SafetyCheck.objects.create(person=found["checked"], done_on=LATE, outcome="safe")
    services.hold(found["held"], actor=OPERATOR, reason="Family asks for another meeting", review_on=AHEAD)
    services.admit(found["hospital"], actor=OPERATOR, hospital="Ward 4", admitted_on=LATE)
    services.end(found["ended"], "died", actor=OPERATOR, on=LATE, why="daughter rang")
    services.offer(found["offered"], people.incoming(programme), actor=OPERATOR)
    Checkpoint.objects.create(person=found["waived"], code="C02", state="waived", note="seen at home", risk_assessment="low")
    turning.refresh(found["waived"], touched=False)
    rows = [["Client", "NHS Number", "D.O.B"], ["Person1, Test", "9990000018", ""], ["Yates, Pauline", "9990000042", "03/03/1940"]]
    assert import_file("list-exiting", programme, OPERATOR, workbooks.xlsx(("List", rows)), "list.xlsx").ok
    return {name: PersonTransfer.objects.get(pk=person.pk) for name, person in found.items()}


def faults():
    return {title: lines for title, lines in integrity.check_all().items() if lines}


def raw(person, **values):
    PersonTransfer.objects.filter(pk=person.pk).update(**values)


def without(index):
    """A restored database may lack a constraint that this one has."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {index}")


def unsay(person):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mobilisation_change SET why = ' ' WHERE action = 'ended' AND object_id = %s", [person.pk])


def again(model, person):
    """A second row like the one ``person`` has."""
    row = model.objects.get(person=person)
    row.pk, row.public_id = None, new_public_id()
    row.save(force_insert=True)


def two_stays(who):
    without("one_open_stay")
    again(HospitalEpisode, who["hospital"])


def two_offers(who):
    without("one_current_allocation")
    again(Allocation, who["offered"])


def one_number_twice(who):
    without("person_nhs_number_once")
    raw(who["late"], nhs_number="9990000018")


def test_nothing_is_found_where_the_services_wrote(programme, everybody):
    assert faults() == {}


RULES = "person {id} stands otherwise than the rules say."
BROKEN = {
    "no state": (lambda who: raw(who["listed"], status="lost"), {"one state": ("listed", "person {id} is in none of the states of the tracker."), "people and rules": ("listed", RULES)}),
    "an ending of no kind": (
        lambda who: raw(who["ended"], ending="gone"),
        {"one state": ("ended", "person {id} is in none of the states of the tracker.")},
    ),
    "another status": (
        lambda who: raw(who["listed"], status="informed"),
        {"status and checkpoints": ("listed", "person {id}: the status is not the furthest checkpoint that is settled."), "people and rules": ("listed", RULES)},
    ),
    "nobody sees them": (
        lambda who: raw(who["late"], red_from=None, red_reason=""),
        {"past the transfer date": ("late", "person {id} is past the transfer date without a first visit, neither on hold nor in hospital, and not counted Red."), "people and rules": ("late", RULES)},
    ),
    "a first visit nobody will check": (
        lambda who: raw(who["moved"], safety_due=None),
        {"safety checks due": ("moved", "person {id} has moved, and no safety check is due or done."), "people and rules": ("moved", RULES)},
    ),
    "a check that was never made": (
        lambda who: SafetyCheck.objects.filter(person=who["checked"]).update(outcome="unable_to_contact"),
        {"safety checks made": ("checked", "person {id}: C16 is done, and no safety check that completes it is recorded.")},
    ),
    "a stay that ended by itself": (
        lambda who: HospitalEpisode.objects.filter(person=who["hospital"]).update(open=False, discharged_on=TODAY),
        {"in hospital": ("hospital", "person {id}: the row and the open stay disagree about hospital.")},
    ),
    "a hold that was forgotten": (
        lambda who: raw(who["held"], on_hold=False),
        {"on hold": ("held", "person {id}: the row and the holds in force disagree."), "people and rules": ("held", RULES)},
    ),
    "two stays": (two_stays, {"one stay in hospital": ("hospital", "person {id} has two open stays in hospital.")}),
    "two incoming providers": (two_offers, {"one incoming provider": ("offered", "person {id} stands with two incoming providers at once.")}),
    "an offer to somebody else": (
        lambda who: Allocation.objects.filter(person=who["offered"]).update(provider=people.incoming(who["offered"].programme, "Oyster Bay Care Ltd")),
        {"offer and row": ("offered", "person {id}: the offer that stands is for another provider than the row says.")},
    ),
    "a waiver without a reason": (
        lambda who: Checkpoint.objects.filter(person=who["waived"], state="waived").update(note="  "),
        {"waivers": ("waived", "person {id}: a checkpoint is waived without a reason or a risk assessment.")},
    ),
    "a waiver without a risk assessment": (
        lambda who: Checkpoint.objects.filter(person=who["waived"], state="waived").update(risk_assessment="\n"),
        {"waivers": ("waived", "person {id}: a checkpoint is waived without a reason or a risk assessment.")},
    ),
    "an ending without a reason": (lambda who: unsay(who["ended"]), {"endings": ("ended", "person {id} has left the list without a day that has come and a reason.")}),
    "an ending to come": (
        lambda who: raw(who["ended"], ended_on=AHEAD),
        {"endings": ("ended", "person {id} has left the list without a day that has come and a reason."), "people and rules": ("ended", RULES)},
    ),
    "a colour without its reason": (
        lambda who: raw(who["late"], red_reason=""), {"turning moments": ("late", "Person {id}: turns colour without a reason."), "people and rules": ("late", RULES)},
    ),
    "a due day of yesterday's rules": (lambda who: raw(who["listed"], next_due=date(2030, 1, 1)), {"people and rules": ("listed", RULES)}),
    "a column without its record": (
        lambda who: raw(who["listed"], payment_ref="P-1"),
        {"people and rules": ("listed", "person {id}: a column of the tracker says something else than the contacts, orders, monies or care-plan check behind it.")},
    ),
    "one number twice": (one_number_twice, {"numbers": (None, "2 rows hold one NHS number."), "lists compared": None}),
    "a priority of no kind": (lambda who: raw(who["listed"], priority="X"), {"counts": (None, "people by priority add up to 7, not 8."), "people and rules": None}),
}


@pytest.mark.parametrize("how", list(BROKEN))
def test_what_is_broken_underneath_is_named_and_nothing_else(programme, everybody, how):
    breaks, expected = BROKEN[how]
    breaks(everybody)
    found = faults()
    for title, line in expected.items():
        lines = found.pop(title, [])
        if line is None:
            continue  # named too, by its own test
        whom, words = line
        prefix = "" if title == "turning moments" else f"{programme.reference}: "
        assert lines == [prefix + words.format(id=everybody[whom].public_id if whom else "")], title
    assert found == {}


def test_a_hold_without_a_reason_is_named(programme, everybody):
    Hold.objects.update(reason=" ")
    assert faults() == {"holds": [f"{programme.reference}: hold {Hold.objects.get().public_id} has no reason, or was lifted without one."]}


@pytest.mark.parametrize(("condition", "key", "shown", "rows"), [({"in_hospital": True}, "moved", 1, 2), ({"ending": ""}, "going", 8, 8)])
def test_a_counter_that_is_not_its_rows_is_named(programme, everybody, monkeypatch, condition, key, shown, rows):
    from django.db.models import Q

    honest = people_checks.groups
    monkeypatch.setattr(people_checks, "groups", lambda as_of: honest(as_of) | {key: Group(key, Q(**condition))})
    expected = [] if shown == rows else [f"{programme.reference}: the tracker counts {shown} for “{key}”, the rows are {rows}."]
    assert faults().get("counts", []) == expected


def test_a_dashboard_that_is_not_its_rows_is_named(programme, everybody, monkeypatch):
    from dataclasses import replace

    honest = people_checks.people_facts
    monkeypatch.setattr(people_checks, "people_facts", lambda *args: replace(honest(*args), past_t_without_c15=0))
    assert faults() == {"counts": [f"{programme.reference}: the dashboard counts 0 for “past”, the rows are 1."]}


class TestLists:
    def test_a_finding_that_is_gone_is_named(self, programme, everybody):
        listed = ComparedList.objects.get()
        ListFinding.objects.filter(kind="only_theirs").delete()
        row = ListRow.objects.get(surname="Yates")
        assert faults() == {"lists compared": [f"{programme.reference}: list {listed.public_id} (exiting): what is found about line {row.number} (only_theirs) stands in no finding."]}

    def test_a_finding_about_nothing_is_named(self, programme, everybody):
        listed = ComparedList.objects.get()
        made = ListFinding.objects.create(programme=programme, source="exiting", kind="only_ours", subject="x", person=everybody["ended"])
        assert faults() == {"lists compared": [f"{programme.reference}: list {listed.public_id} (exiting): finding {made.public_id} is open, and the list and the tracker do not say so."]}

    def test_a_line_that_is_gone_is_named(self, programme, everybody):
        listed = ComparedList.objects.get()
        ListRow.objects.filter(surname="Yates").delete()
        found = faults()["lists compared"]
        assert found[0] == f"{programme.reference}: list {listed.public_id} (exiting) came with 2 people and holds 1."

    def test_a_comparison_that_loses_somebody_is_named(self, programme, everybody, monkeypatch):
        from dataclasses import replace

        honest = reconcile.reconcile
        monkeypatch.setattr(lists.reconcile, "reconcile", lambda *args: replace(honest(*args), only_theirs=()))
        listed = ComparedList.objects.get()
        assert faults()["lists compared"][0] == f"{programme.reference}: list {listed.public_id} (exiting): somebody of the list or the tracker ends in no place, or in two."

    def test_a_tracker_that_went_on_is_compared_at_night_and_is_no_fault(self, programme, everybody):
        with time_machine.travel("2027-03-15 11:00", tick=False):
            services.update_person(everybody["listed"], {"surname": "Webb"}, actor=OPERATOR)
            assert faults() == {}


def test_the_command_ends_1_with_the_list_and_says_it_as_json(programme, everybody, capsys):
    raw(everybody["listed"], next_due=date(2030, 1, 1))
    with pytest.raises(SystemExit) as end:
        call_command("check_integrity", "--json")
    out, err = capsys.readouterr()
    line = f"{programme.reference}: person {everybody['listed'].public_id} stands otherwise than the rules say."
    assert end.value.code == 1
    assert json.loads(out.splitlines()[-1]) == {"ok": False, "message": line, "reasons": [line], "checks": {"people and rules": [line]}}
    assert err.splitlines()[-1] == line
    assert everybody["listed"].surname not in out + err


@pytest.mark.parametrize("more", [0, 7])
def test_the_statements_do_not_grow_with_the_people(programme, everybody, more, django_assert_num_queries):
    for _ in range(more):
        people.person(programme, planned_transfer_date=AHEAD)
    lists.compare_all(programme, actor=OPERATOR)
    with django_assert_num_queries(66):
        integrity.check_all()


def test_another_programme_is_asked_too(programme, everybody):
    other = people.person(ground.provider_exit(), planned_transfer_date=AHEAD)
    raw(other, status="settled")
    assert set(faults()) == {"status and checkpoints", "people and rules"}


def test_the_groups_that_are_no_counters_are_recounted_too(programme):
    people.person(programme, cognitive_or_ld=True, next_action="Ring", next_action_due=date(2027, 3, 12))
    people.person(programme, done=("C04",))
    found = people_checks._counters(programme, date(2027, 3, 15))
    assert {key: found["the tracker", key] for key in ("telling", "action-overdue", "untold")} == {"telling": 1, "action-overdue": 1, "untold": 1}
    assert list(people_checks.everybody_counted_once()) == []


def test_a_discrepancy_of_today_is_counted_and_recounted_alike(programme):
    Discrepancy.objects.create(person=people.person(programme), kind="medication", found_on=date(2027, 3, 15))
    assert people_checks._counters(programme, date(2027, 3, 15))["the tracker", "discrepancy"] == 1
    assert list(people_checks.everybody_counted_once()) == []


def test_who_is_ready_without_what_it_rests_on_is_recounted(programme):
    people.person(programme, done=people.ready_up_to("C14"), **people.ORDERS | {"planned_transfer_date": date(2027, 4, 1)})
    people.person(programme, done=people.ready_up_to("C14"), **people.ORDERS | {"planned_transfer_date": date(2027, 4, 20)})
    people.person(programme, done=people.ready_up_to("C14"), **people.ORDERS | {"planned_transfer_date": date(2027, 4, 1), "sharing_basis": "refused"})
    assert people_checks._counters(programme, date(2027, 3, 15))["the tracker", "ready-missing"] == 2
    assert list(people_checks.everybody_counted_once()) == []
