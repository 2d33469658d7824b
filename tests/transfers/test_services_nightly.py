"""What is stored about people is proved against the rules each night, and by ``check_integrity`` at any time."""

import logging
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.cache import cache

from mobilisation.models import Slot
from reporting import integrity
from tests.factories import ground, people
from transfers.models import HospitalEpisode, PersonTransfer
from transfers.services import day, escalating, hospital, lists, nightly, turning

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
AFTER_MIDNIGHT = datetime(2027, 3, 16, 0, 20, tzinfo=UTC)


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def team(programme):
    made = [people.person(programme, done=people.ready_up_to("C04"), planned_transfer_date=date(2027, 4, 1)) for _ in range(3)]
    for person in made:
        turning.refresh(person, touched=False)
    return made


def test_what_the_services_stored_stands(programme, team, caplog):
    with caplog.at_level(logging.ERROR):
        nightly.tick(AFTER_MIDNIGHT)
    assert Slot.objects.get(schedule="people").outcome == "0 mended"
    assert caplog.records == []
    assert list(integrity.people_stand_as_the_rules_say()) == []


def test_a_row_changed_past_the_services_is_named_and_mended(programme, team, caplog):
    before = PersonTransfer.objects.filter(pk=team[1].pk).values("status", "next_due", "red_from", "version").get()
    PersonTransfer.objects.filter(pk=team[1].pk).update(status="settled", next_due=None, red_from=date(2030, 1, 1), red_reason="nothing")
    assert list(integrity.people_stand_as_the_rules_say()) == [f"{programme.reference}: person {team[1].public_id} stands otherwise than the rules say."]
    with caplog.at_level(logging.ERROR):
        nightly.tick(AFTER_MIDNIGHT)
    assert [record.getMessage() for record in caplog.records] == [f"{programme.reference}: 1 people stood otherwise than the rules say and are mended: {team[1].public_id}"]
    assert PersonTransfer.objects.filter(pk=team[1].pk).values("status", "next_due", "red_from", "version").get() == before
    assert Slot.objects.get(schedule="people").outcome == "1 mended"


def test_it_runs_once_a_day_and_not_before_a_quarter_past_midnight(programme, team):
    nightly.tick(datetime(2027, 3, 16, 0, 14, tzinfo=UTC))
    assert not Slot.objects.filter(schedule="people").exists()
    nightly.tick(AFTER_MIDNIGHT)
    PersonTransfer.objects.filter(pk=team[0].pk).update(status="settled")
    nightly.tick(AFTER_MIDNIGHT)
    assert PersonTransfer.objects.get(pk=team[0].pk).status == "settled"
    assert Slot.objects.filter(schedule="people").count() == 1


def failing_for(monkeypatch, module, name, programme):
    """``module.name`` raises for ``programme``."""
    as_ever = getattr(module, name)

    def fails(one, *args, **more):
        if one == programme:
            raise ValueError("cut off")
        return as_ever(one, *args, **more)

    monkeypatch.setattr(module, name, fails)


def test_a_programme_that_fails_is_recorded_and_keeps_no_other_waiting(programme, team, monkeypatch, caplog):
    second = people.person(ground.provider_exit())
    PersonTransfer.objects.filter(pk__in=[team[0].pk, second.pk]).update(status="settled")
    failing_for(monkeypatch, turning, "drift", programme)
    failing_for(monkeypatch, lists, "compare_tracker", programme)
    nightly.tick(AFTER_MIDNIGHT)
    nightly.compare_lists(AFTER_MIDNIGHT)
    assert dict(PersonTransfer.objects.filter(pk__in=[team[0].pk, second.pk]).values_list("pk", "status")) == {team[0].pk: "settled", second.pk: "listed"}
    assert dict(Slot.objects.values_list("schedule", "outcome")) == {"people": "1 mended, 1 failed", "lists": "1 compared, 1 failed"}
    assert [record.getMessage() for record in caplog.records if record.exc_info] == [f"{what}: programme no. {programme.pk} failed; the others go on" for what in ("nightly check", "nightly comparison")]


def test_neither_the_ladder_nor_the_stays_of_one_programme_stop_the_others(programme, monkeypatch):
    other, asked = ground.provider_exit(), []
    for one in (programme, other):
        HospitalEpisode.objects.create(person=people.person(one), open=True)

    def fails(one, *args, **more):
        if one == programme:
            raise ValueError("cut off")
        asked.append(one)

    monkeypatch.setattr(escalating, "watch", fails)
    monkeypatch.setattr(hospital, "tell", fails)
    cache.clear()
    escalating.tick(AFTER_MIDNIGHT)
    hospital.tick(AFTER_MIDNIGHT)
    assert asked == [other, other]


@pytest.mark.parametrize("run", [nightly.tick, nightly.compare_lists, day.tick])
def test_a_slot_whose_run_was_stopped_is_taken_again(programme, team, run):
    evening = datetime(2027, 3, 16, 17, 0, tzinfo=UTC)
    run(evening)
    assert Slot.objects.exclude(outcome="").update(outcome="", taken_at=datetime(2027, 3, 15, 9, 40, tzinfo=UTC)) == 1
    run(evening)
    assert Slot.objects.exclude(outcome="").count() == 1


@pytest.mark.parametrize("many", [1, 7])
def test_the_statements_do_not_grow_with_the_people(programme, many, django_assert_num_queries):
    for _ in range(many):
        turning.refresh(people.person(programme, planned_transfer_date=date(2027, 4, 1)), touched=False)
    with django_assert_num_queries(4):
        turning.drift(programme)
