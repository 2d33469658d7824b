"""A date of the programme moves: open steps forecast their new day, baselines stay, and nobody's own word is overwritten."""

from datetime import date

import pytest
import time_machine

from mobilisation.models import Change
from mobilisation.services import programmes
from tests.factories import ground
from tests.factories import workstreams as factory
from workstreams.models import PlanStep

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
