"""The demonstration: through the services, the same for a seed, refused in production, harmless twice."""

import json
from datetime import date

import pytest
from django.core.management import call_command
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.models import Decision, Meeting, Programme, User
from mobilisation.roles import ROLES
from reporting.demo import accounts, names
from reporting.demo.load import Size, load
from reporting.models import WeeklySnapshot
from risks.models import Risk
from transfers.models import HospitalEpisode, PersonEscalation, PersonTransfer
from transfers.models.staff import StaffTransfer
from transfers.services import escalating
from workstreams.models import PlanStep, ScriptVersion, Workstream

pytestmark = pytest.mark.django_db
SMALL = Size(programmes=2, people=40, staff=8, risks=25, plan_items=67)


@pytest.fixture
def no_pack(monkeypatch):
    """Setting two packs takes seconds and has its own tests."""
    monkeypatch.setattr("reporting.demo.papers.publish", lambda snapshot, cast: [])


@pytest.mark.usefixtures("no_pack")
def test_a_lively_exit_and_a_small_start():
    programmes, new = load(SMALL)
    assert ([p.reference for p in programmes], new) == (["MEADOW", "COAST"], True)
    meadow, coast = programmes
    assert (PersonTransfer.objects.filter(programme=meadow).count(), StaffTransfer.objects.count(), Risk.objects.filter(programme=meadow).count()) == (40, 8, 25)
    assert (Workstream.objects.filter(programme=meadow).count(), PlanStep.objects.filter(programme=meadow).count()) == (8, 68)
    assert WeeklySnapshot.objects.filter(programme=meadow).count() == 6
    assert WeeklySnapshot.objects.filter(programme=coast).count() == 3
    assert HospitalEpisode.objects.filter(person__programme=meadow, open=True).count() == 1
    assert len({snapshot.overall for snapshot in WeeklySnapshot.objects.filter(programme=meadow)}) > 1
    assert PersonTransfer.objects.filter(programme=meadow, next_action__startswith="Agree the transfer day").count() == 1
    assert Decision.objects.filter(programme=meadow, status="needed").count() == 2
    assert Meeting.objects.filter(programme=meadow, kind="weekly_mobilisation", agenda__title="What could make go-live unsafe?").count() == 8
    again, new = load(SMALL)
    assert (len(again), new, PersonTransfer.objects.count()) == (2, False, 40)


@pytest.mark.usefixtures("no_pack")
def test_the_calls_page_has_its_script_and_the_ladder_its_people(client):
    meadow, = load(Size(programmes=1, people=40, staff=2, risks=6))[0]
    script = ScriptVersion.objects.current(date.today())
    assert (script.programme, script.written_by_label, script.approved_by_label) == (meadow, "Leila Novak", "Eva Sinclair")
    client.force_login(User.objects.get(email="ta@demo.example"))
    assert "Your care goes on without a break" in client.get(reverse("workstreams:script", args=[meadow.ref])).content.decode()
    waiting = PersonEscalation.objects.filter(settled_on=None)
    assert list(waiting.values_list("trigger", "issue__status")) == [("safety_check_overdue", "open")]
    assert PersonEscalation.objects.exclude(settled_on=None).exclude(issue__resolution="").exists(), "one that was settled, with its reason"
    assert escalating.watch(meadow, actor=Actor.operator()) == (0, 0)


@pytest.mark.usefixtures("no_pack")
def test_one_log_in_for_each_role_and_the_command_that_prints_them(capsys):
    load(Size(programmes=1, people=6, staff=2, risks=3))
    held = set(User.objects.filter(demo=True).values_list("email", flat=True))
    assert held == {login.email for login in accounts.logins()}
    assert {login.role for login in accounts.logins()} == set(ROLES)
    assert User.objects.get(email="ol@demo.example").check_password(accounts.PASSWORD)
    call_command("demo_logins", "--json")
    printed = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert (printed["password"], len(printed["logins"])) == (accounts.PASSWORD, len(held))


def _facts():
    rows = PersonTransfer.objects.order_by("row_ref").values_list("row_ref", "surname", "forename", "nhs_number", "priority", "planned_transfer_date", "status", "settled_codes", "incoming_provider__name")
    return list(rows), list(Risk.objects.order_by("number").values_list("programme__reference", "ref", "score", "status")), list(PlanStep.objects.order_by("programme", "code").values_list("code", "status", "done_on"))


@pytest.mark.usefixtures("no_pack")
@pytest.mark.parametrize(("other", "same"), [("1", True), ("2", False)])
def test_the_same_seed_gives_the_same_people(other, same, transactional_db):
    from django.db import transaction

    def once(seed):
        with transaction.atomic():
            load(Size(programmes=1, people=12, staff=3, risks=12, seed=seed))
            found = _facts()
            transaction.set_rollback(True)
        return found

    assert (once("1") == once(other)) is same


def test_production_refuses_it(settings):
    settings.ALLOW_DEMO = False
    with pytest.raises(SystemExit) as ended:
        call_command("load_demo")
    assert ended.value.code == 1
    assert not Programme.objects.exists()


def test_an_office_with_work_in_it_is_asked_about_first_and_by_name(capsys):
    Programme.objects.create(reference="KENT-1", title="A real one", kind="live_service", scd=date(2027, 4, 1))
    User.objects.create_user("ann@council.example")
    with pytest.raises(SystemExit) as ended:
        call_command("load_demo", programmes=1, people=2, staff=2, risks=1)
    said = capsys.readouterr().err
    assert ended.value.code == 3
    assert said.startswith("This office holds 1 programme (KENT-1) and 1 account (ann@council.example) that are no demonstration.")
    assert said.rstrip().endswith("manage.py load_demo --among-others")
    assert (Programme.objects.count(), User.objects.count()) == (1, 1)
    assert load(Size(programmes=1, people=2, staff=2, risks=1), among_others=True)[1]
    assert set(Programme.objects.values_list("reference", flat=True)) == {"KENT-1", "MEADOW"}


def test_a_programme_of_that_name_is_never_touched():
    Programme.objects.create(reference="MEADOW", title="A real one", kind="live_service", scd=date(2027, 4, 1))
    with pytest.raises(SystemExit):
        call_command("load_demo")
    assert Programme.objects.get().title == "A real one"
    assert not User.objects.exists()


def test_numbers_come_from_the_range_for_tests_and_are_valid():
    found = [number for number, _ in zip(names.nhs_numbers(), range(200), strict=False)]
    assert found[:2] == ["9990000018", "9990000026"]
    assert len(set(found)) == 200
    for number in found:
        total = sum(int(digit) * weight for digit, weight in zip(number[:9], range(10, 1, -1), strict=True))
        assert (11 - total % 11) % 11 == int(number[9])
        assert number.startswith("999")


@pytest.mark.usefixtures("no_pack")
def test_a_load_that_is_broken_off_leaves_an_empty_office(monkeypatch):
    def broken_off(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("reporting.demo.coast.build", broken_off)
    with pytest.raises(KeyboardInterrupt):
        load(Size(people=12, staff=4, risks=5))
    assert (User.objects.count(), Programme.objects.count(), PersonTransfer.objects.count(), WeeklySnapshot.objects.count()) == (0, 0, 0, 0)
