"""A date of the programme moves: open steps forecast their new day, baselines stay, and nobody's own word is overwritten."""

from datetime import date
from importlib import import_module

import pytest
import time_machine
from django.apps import apps

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.calendars import calendar_for
from mobilisation.clock import now
from mobilisation.models import CalendarDay, Change, Slot
from mobilisation.services import programmes
from tests.factories import ground
from tests.factories import workstreams as factory
from workstreams.models import PlanStep, ReadinessCriterion
from workstreams.services import moving, readiness

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def winter():
    with time_machine.travel("2027-01-04 10:00", tick=False):
        yield


def days(programme, *codes):
    return {step.code: (step.baseline, step.forecast) for step in PlanStep.objects.filter(programme=programme, code__in=codes)}


def test_the_end_moves_and_the_steps_counted_from_it_forecast_their_new_day():
    programme = factory.planned()  # D0 Mon 4 Jan, E Fri 30 Apr 2027
    actor = ground.actor("CL", programme)
    x04, p01 = days(programme, "X04", "P01")["X04"], days(programme, "P01")["P01"]
    assert x04 == (date(2027, 5, 14), None)
    programmes.update(programme, {"exit_date": date(2027, 5, 14)}, actor=actor)
    assert days(programme, "X04", "P01") == {"X04": (date(2027, 5, 14), date(2027, 5, 28)), "P01": p01}
    told = Change.objects.filter(entity="workstreams.planstep", fields__has_key="forecast").first()
    assert told.why == "last day of the exiting provider (E) moved from 30 Apr 2027 to 14 May 2027"


@pytest.mark.parametrize("d0", [date(2027, 1, 2), date(2027, 1, 3), date(2027, 3, 26), date(2027, 3, 29)])
@pytest.mark.parametrize(("pace", "end"), [("planned", date(2027, 7, 30)), ("compressed", date(2027, 5, 28))])
def test_a_decision_on_a_day_off_makes_a_plan_of_working_days(d0, pace, end):
    programme = factory.planned(d0=d0, end=end, pace=pace)
    working = calendar_for(programme)
    rows = PlanStep.objects.filter(programme=programme)
    assert {row.code: (row.start, row.baseline) for row in rows if not all(working.is_working(day) for day in (row.start, row.baseline, row.again_on) if day)} == {}
    first = working.next_working(d0)
    assert days(programme, "P00") == {"P00": (first, None)}


@pytest.mark.parametrize("d0", [date(2027, 1, 2), date(2027, 3, 26)])
def test_an_emergency_does_not_wait_for_monday(d0):
    programme = factory.planned(d0=d0, exit_type="emergency")
    assert days(programme, "P00", "P16") == {"P00": (d0, None), "P16": (d0, None)}
    assert PlanStep.objects.get(programme=programme, code="P00").start == d0


def test_a_decision_that_moves_to_a_saturday_is_followed_to_monday_and_at_once_in_an_emergency():
    programme = factory.planned()
    actor = ground.actor("CL", programme)
    programmes.update(programme, {"decision_date": date(2027, 1, 9)}, actor=actor)
    assert days(programme, "P00")["P00"] == (date(2027, 1, 4), date(2027, 1, 11))
    programmes.update(programme, {"pace": "emergency"}, actor=actor)
    assert days(programme, "P00")["P00"] == (date(2027, 1, 4), date(2027, 1, 9))


def test_moving_it_again_follows_and_moving_it_back_leaves_no_forecast():
    programme = factory.planned()
    actor = ground.actor("CL", programme)
    for day, forecast in ((date(2027, 5, 14), date(2027, 5, 28)), (date(2027, 5, 21), date(2027, 6, 4)), (date(2027, 4, 30), None)):
        programmes.update(programme, {"exit_date": day}, actor=actor)
        assert days(programme, "X04")["X04"] == (date(2027, 5, 14), forecast)


def test_what_is_done_and_what_somebody_forecast_stays():
    programme = factory.planned()
    PlanStep.objects.filter(programme=programme, code="X04").update(forecast=date(2027, 5, 20))
    PlanStep.objects.filter(programme=programme, code="X08").update(status="done", done_on=date(2027, 1, 4))
    x08 = days(programme, "X08")
    programmes.update(programme, {"exit_date": date(2027, 5, 14)}, actor=ground.actor("CL", programme))
    assert days(programme, "X04", "X08") == {"X04": (date(2027, 5, 14), date(2027, 5, 20)), **x08}


@pytest.mark.parametrize(("kind", "field", "day", "code", "forecast"), [("live_service", "scd", date(2027, 4, 15), "L01", date(2026, 12, 24)), ("homecare_start", "go_live_date", date(2027, 4, 15), "H01", date(2027, 3, 16))])
def test_a_start_moves_its_plan_too(kind, field, day, code, forecast):
    programme = factory.planned(kind)
    programmes.update(programme, {field: day}, actor=ground.actor("ML", programme))
    assert days(programme, code)[code][1] == forecast


def first_transfer(monkeypatch, day):
    monkeypatch.setattr(registry, "read_fact", lambda name, programme: day if name == "first_transfer" else None)


def test_steps_counted_from_the_first_transfer_follow_it(monkeypatch):
    programme = factory.planned()
    first_transfer(monkeypatch, date(2027, 3, 17))
    moving.follow(programme)
    assert days(programme, "S08") == {"S08": (date(2027, 3, 10), None)}
    first_transfer(monkeypatch, date(2027, 4, 14))
    moving.follow(programme)
    assert days(programme, "S08") == {"S08": (date(2027, 3, 10), date(2027, 4, 7))}
    moving.follow(programme)
    assert Change.objects.filter(entity="workstreams.planstep", fields__has_key="forecast").count() == len({"S07", "S08", "X05"})


def test_the_second_day_of_a_step_comes_with_its_date_and_follows_it():
    programme = factory.planned(end=None)
    actor = ground.actor("CL", programme)
    assert PlanStep.objects.get(programme=programme, code="X03").again_on is None
    for end, again in ((date(2027, 4, 30), date(2027, 7, 30)), (date(2027, 5, 14), date(2027, 8, 16))):
        programmes.update(programme, {"exit_date": end}, actor=actor)
        assert PlanStep.objects.get(programme=programme, code="X03").again_on == again


def test_another_pace_changes_what_its_column_says_and_back():
    programme = factory.planned()
    actor = ground.actor("CL", programme)

    def said():
        rows = PlanStep.objects.filter(programme=programme, code__in=("R02", "R08", "P13", "S03")).order_by("code")
        return [(row.code, row.recurrence, row.checkpoints, row.status, row.moment) for row in rows]

    before = said()
    programmes.update(programme, {"pace": "emergency"}, actor=actor)
    assert said() == [
        ("P13", "", "", "not_applicable", "–"), ("R02", "daily", "", "not_started", "daily"), ("R08", "daily", "", "not_started", "daily"), ("S03", "", "C08", "not_started", "C08"),
    ]
    programmes.update(programme, {"pace": "planned"}, actor=actor)
    assert said() == before


def test_what_somebody_noted_on_a_step_is_not_undone_by_another_pace():
    programme = factory.planned()
    PlanStep.objects.filter(programme=programme, code="P13").update(note="Agreed with the provider", status="in_progress")
    programmes.update(programme, {"pace": "emergency"}, actor=ground.actor("CL", programme))
    step = PlanStep.objects.get(programme=programme, code="P13")
    assert (step.status, step.note) == ("in_progress", "Agreed with the provider")


def test_a_new_bank_holiday_moves_what_falls_on_it():
    programme = factory.planned()
    p01 = days(programme, "P01")["P01"]
    assert p01 == (date(2027, 1, 5), None)
    programmes.add_day(CalendarDay(division=programme.division, date=date(2027, 1, 5), kind="local", title="Day of mourning"), actor=Actor.operator())
    assert days(programme, "P01")["P01"] == (date(2027, 1, 5), date(2027, 1, 6))


def due_of(programme):
    """{due: how many criteria} and the codes of those not on the common day."""
    found = {}
    for code, due in ReadinessCriterion.objects.filter(programme=programme).values_list("code", "due"):
        found.setdefault(due, []).append(code)
    return {due: codes if len(codes) < 5 else len(codes) for due, codes in found.items()}


@pytest.mark.parametrize(("kind", "field", "words"), [("live_service", "scd", "service commencement (SCD)"), ("homecare_start", "go_live_date", "go-live (G)")])
def test_criteria_follow_the_start(kind, field, words):
    programme = factory.planned(kind)  # starts Thu 1 Apr 2027; Good Friday and Easter Monday are 26 and 29 March
    assert due_of(programme) == {date(2027, 3, 23): 24}
    for day, due in ((date(2027, 4, 15), date(2027, 4, 8)), (date(2027, 5, 4), date(2027, 4, 26)), (date(2027, 4, 1), date(2027, 3, 23))):
        programmes.update(programme, {field: day}, actor=ground.actor("ML", programme))
        assert due_of(programme) == {due: 24}
    told = Change.objects.filter(entity="workstreams.readinesscriterion", fields__has_key="due", action="changed").order_by("pk")
    assert told.count() == 72
    assert (told[0].why, told[0].fields["due"]) == (f"{words} moved from 1 Apr 2027 to 15 Apr 2027", ["2027-03-23", "2027-04-08"])


def test_a_criterion_that_is_met_or_has_a_day_of_its_own_stays():
    programme = factory.planned("live_service")
    actor = ground.actor("ML", programme)
    ReadinessCriterion.objects.filter(programme=programme, code="1.1").update(status="met")
    readiness.update_criterion(ReadinessCriterion.objects.get(programme=programme, code="2.1"), {"due": date(2027, 3, 12)}, actor=actor)
    programmes.update(programme, {"scd": date(2027, 4, 15)}, actor=actor)
    assert due_of(programme) == {date(2027, 3, 23): ["1.1"], date(2027, 3, 12): ["2.1"], date(2027, 4, 8): 22}
    ReadinessCriterion.objects.filter(programme=programme, code="1.1").update(status="not_met")
    moving.follow(programme)
    assert due_of(programme) == {date(2027, 3, 12): ["2.1"], date(2027, 4, 8): 23}


def test_a_bank_holiday_before_the_start_moves_the_criteria():
    programme = factory.planned("live_service")
    programmes.add_day(CalendarDay(division=programme.division, date=date(2027, 3, 30), kind="local", title="Day of mourning"), actor=Actor.operator())
    assert due_of(programme) == {date(2027, 3, 22): 24}


def test_the_migration_leaves_the_days_somebody_chose_alone():
    programme = factory.planned("live_service")
    readiness.update_criterion(ReadinessCriterion.objects.get(programme=programme, code="2.1"), {"due": date(2027, 3, 12)}, actor=ground.actor("ML", programme))
    ReadinessCriterion.objects.update(counted_on=None)
    import_module("workstreams.migrations.0003_criteria_counted_on").standing(apps, None)
    assert list(ReadinessCriterion.objects.exclude(counted_on=date(2027, 3, 23)).values_list("code", "counted_on")) == [("2.1", None)]


def test_a_programme_that_fails_keeps_no_other_plan_from_being_worked_out(monkeypatch):
    broken, sound = factory.planned(reference="PLAN-1"), factory.planned(reference="PLAN-2")
    whole, followed = moving.follow, []

    def follow(programme):
        if programme == broken:
            raise ValueError("a template that is none")
        followed.append(programme.reference)
        return whole(programme)

    monkeypatch.setattr(moving, "follow", follow)
    moving.tick(now())
    assert (followed, Slot.objects.get(schedule="plan").outcome) == ([sound.reference], "2 programmes, 1 failed")
    moving.tick(now())
    assert followed == [sound.reference]
