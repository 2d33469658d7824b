"""One way to state another colour, one rule for it, one answer on every page (domain 5.8)."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from mobilisation.access import Actor
from mobilisation.models import ConditionPrecedent
from reporting.models import RagOverride
from reporting.position import position
from reporting.services import overrides, snapshots
from tests.factories import ground
from tests.factories import risks as register
from tests.factories import workstreams as factory
from workstreams.models import PlanStep
from workstreams.services import readiness, steps

pytestmark = pytest.mark.django_db
OPERATOR = Actor.operator()
MONDAY = date(2027, 3, 1)


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2027-03-01 12:00", tick=False):
        yield


@pytest.fixture
def programme():
    made = ground.provider_exit()
    factory.step(made, "A1", baseline=date(2027, 3, 31))
    return made


def governance(programme, as_of=MONDAY):
    return next(w.rag for w in position(programme, as_of).plan.workstreams if w.slug == "governance")


@pytest.mark.parametrize(("role", "offered"), [("ML", True), ("SRO", True), ("OL", True), ("BM", False), ("XP", False)])
def test_the_page_of_a_workstream_leads_to_the_one_way_of_stating(sign_in, programme, role, offered):
    page = f"/programmes/{programme.ref}/workstreams/governance/"
    client = sign_in(role, programme)
    link = f'href="/programmes/{programme.ref}/colours/?for=ws:governance#state"'
    assert (link in client.get(page).content.decode()) is offered
    client.post(page, {"state": "1", "stated": "G", "stated_reason": "As I see it"})
    assert (RagOverride.objects.count(), governance(programme).stated) == (0, "")


def test_what_is_stated_stands_on_the_page_of_the_workstream_until_the_next_snapshot(sign_in, programme):
    client = sign_in("ML", programme)
    assert client.post(f"/programmes/{programme.ref}/colours/", {"subject": "ws:governance", "stated": "A", "reason": "The lead is ill"}).status_code == 302
    page = f"/programmes/{programme.ref}/workstreams/governance/"
    shown = client.get(page)
    assert (shown.context["shown"], "The lead is ill" in shown.content.decode()) == (governance(programme), True)
    assert (governance(programme).computed, governance(programme).stated) == ("G", "A")
    with time_machine.travel("2027-03-08 00:05", tick=False):
        snapshots.freeze_week(programme, date(2027, 3, 7), actor=OPERATOR)
        after = sign_in("ML", programme).get(page)
        assert (after.context["shown"].stated, "The lead is ill" in after.content.decode()) == ("", False)
        assert governance(programme, date(2027, 3, 8)).shown == "G"


def test_a_workstream_that_became_worse_is_shown_as_it_is(programme):
    made = overrides.state(programme, position(programme, MONDAY), subject="ws:governance", stated="A", reason="The lead is ill", actor=ground.actor("ML", programme))
    step = PlanStep.objects.get(programme=programme, code="A1")
    steps.update_step(step, {"critical": True, "forecast": date(2027, 5, 14)}, actor=OPERATOR)
    found = governance(programme)
    assert (found.computed, found.stated, found.shown) == ("R", "", "R")
    assert found.reasons[-1] == f"{made.stated_as} stated Amber; the computed colour has become worse since, so it no longer stands."


def test_the_verdict_speaks_of_the_colours_beside_it_and_names_the_computed_one(sign_in, programme):
    with time_machine.travel("2027-02-01 12:00", tick=False):
        register.risk(programme, 5, 5)
    assert {d.code: d.rag.shown for d in position(programme, MONDAY).dimensions}["risk"] == "R"
    assert position(programme, MONDAY).overall.reasons == ("Risk is Red, alone.",)
    for subject, stated in (("risk", "A"), ("programme", "R")):
        overrides.state(programme, position(programme, MONDAY), subject=subject, stated=stated, reason="As I see it", actor=ground.actor("SRO", programme))
    found = position(programme, MONDAY)
    assert (found.overall.computed, found.overall.shown, found.overall.reasons) == ("A", "R", ("Risk is Amber.", "Risk is stated Amber, computed Red."))
    assert "Risk is Amber. Risk is stated Amber, computed Red." in sign_in("BM", programme).get(f"/programmes/{programme.ref}/").content.decode()


def test_the_plan_names_a_workstream_that_is_stated_otherwise(programme):
    steps.update_step(PlanStep.objects.get(programme=programme, code="A1"), {"critical": True, "forecast": date(2027, 5, 14)}, actor=OPERATOR)
    overrides.state(programme, position(programme, MONDAY), subject="ws:governance", stated="A", reason="As I see it", actor=ground.actor("SRO", programme))
    reasons = next(d.rag.reasons for d in position(programme, MONDAY).dimensions if d.code == "plan")
    assert reasons == ("1 critical item is Red.", "Workstream Governance is Red.", "Workstream Governance is stated Amber, computed Red.")


@pytest.mark.parametrize("conditions", [0, 1])
def test_the_page_of_readiness_has_the_colour_of_the_dashboard(sign_in, conditions):
    programme = ground.programme("live_service", "LIVE-1", scd=date(2027, 4, 1))
    for _ in range(conditions):
        readiness.add_condition(programme, "Insurance", actor=OPERATOR, due=date(2027, 3, 25))
    dashboard = position(programme, MONDAY).dimension("readiness")
    assert (dashboard.computed, dashboard.reasons) == (("G", ("Every mandatory item is met or on its date.",)) if conditions else ("N", ("No conditions or criteria are recorded yet.",)))
    page = sign_in("CL", programme).get(f"/programmes/{programme.ref}/readiness/")
    assert (page.context["shown"].computed, page.context["shown"].reasons) == (dashboard.computed, dashboard.reasons)
    assert dashboard.reasons[0] in page.content.decode()


def test_a_stated_readiness_stands_on_its_page(sign_in):
    programme = ground.programme("live_service", "LIVE-1", scd=date(2027, 4, 1))
    ConditionPrecedent.objects.create(programme=programme, title="Insurance", forecast=date(2027, 4, 9))
    overrides.state(programme, position(programme, MONDAY), subject="readiness", stated="A", reason="The broker has confirmed", actor=ground.actor("SRO", programme))
    page = sign_in("CL", programme).get(f"/programmes/{programme.ref}/readiness/")
    assert (page.context["shown"].computed, page.context["shown"].stated, "The broker has confirmed" in page.content.decode()) == ("R", "A", True)
