"""What the plan tells the position: counts, lists and colours, at a fixed price."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mobilisation.access import Actor
from reporting.portfolio import positions_summary
from tests.factories import ground
from tests.factories import workstreams as factory
from workstreams.facts import plan_facts, readiness_facts
from workstreams.models import ReadinessCriterion
from workstreams.services import readiness, steps

pytestmark = pytest.mark.django_db
OPERATOR = Actor.operator()
MONDAY = date(2027, 3, 1)


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2027-03-01 12:00", tick=False):
        yield


def test_plan_in_figures():
    programme = ground.provider_exit()
    finance = factory.workstream(programme, "finance")
    factory.step(programme, "A1", baseline=date(2027, 2, 26), critical=True, is_milestone=True)
    factory.step(programme, "A2", baseline=date(2027, 3, 12), is_milestone=True)
    moved = factory.step(programme, "F1", baseline=date(2027, 3, 12), workstream=finance)
    factory.step(programme, "F2", workstream=finance, status="done", done_on=MONDAY)
    steps.update_step(moved, {"forecast": date(2027, 3, 16)}, actor=OPERATOR)
    steps.update_step(moved, {"forecast": date(2027, 3, 19)}, actor=OPERATOR)
    facts = plan_facts(programme, MONDAY, since=date(2027, 2, 28))
    assert facts.by_colour == {"B": 1, "R": 1, "A": 1, "N": 0, "G": 1}
    assert (facts.total, facts.done, facts.overdue, facts.milestones_total, facts.milestones_done) == (4, 1, 1, 2, 0)
    assert [(row.code, row.overdue_days) for row in facts.milestones_overdue] == [("A1", 3)]
    assert [row.code for row in facts.milestones_due_4w] == ["A2"]
    assert [(row.code, row.old, row.new, row.moved) for row in facts.slipped] == [("F1", date(2027, 3, 12), date(2027, 3, 19), 2)]
    assert [(row.slug, row.colour, row.overdue, row.done, row.total) for row in facts.workstreams] == [("finance", "A", 0, 1, 2), ("governance", "R", 1, 0, 2)]
    assert facts.workstreams[1].next_milestone == "Step A1"


def test_what_does_not_apply_is_neither_done_nor_to_do(sign_in):
    programme = ground.provider_exit()
    for code, status in (("A1", "done"), ("A2", "not_started"), ("A3", "not_applicable")):
        factory.step(programme, code, status=status, done_on=MONDAY if status == "done" else None, is_milestone=True, note="No need")
    facts, card = plan_facts(programme, MONDAY), positions_summary([programme], MONDAY)[0]
    assert (facts.done, facts.total, facts.milestones_done, facts.milestones_total, sum(facts.by_colour.values())) == (1, 2, 1, 2, 2)
    assert [(row.done, row.total) for row in facts.workstreams] == [(1, 2)]
    assert (card.steps_done, card.steps) == (facts.done, facts.total)
    listed = sign_in("OL", programme).get(f"/programmes/{programme.ref}/plan/?flag=done").context["rows"]
    assert [row.step.code for row in listed] == ["A1"]


def test_a_step_is_added_to_a_plan_that_was_there():
    programme = ground.provider_exit()
    with time_machine.travel("2027-02-20 12:00", tick=False):
        factory.step(programme, "A1")
        assert plan_facts(programme, date(2027, 2, 20), since=date(2027, 2, 14)).added == (), "the whole plan is new"
    factory.step(programme, "A2")
    assert [row.code for row in plan_facts(programme, MONDAY, since=date(2027, 2, 28)).added] == ["A2"]
    assert plan_facts(programme, MONDAY).added == ()


def test_what_is_added_or_moved_after_midnight_in_summer_belongs_to_the_day_in_london():
    programme = ground.provider_exit()
    with time_machine.travel("2027-06-01 12:00", tick=False):
        factory.step(programme, "A1")
    with time_machine.travel(datetime(2027, 6, 13, 23, 30, tzinfo=UTC), tick=False):  # 00:30 on the 14th in London
        later = factory.step(programme, "A2", baseline=date(2027, 6, 20))
        steps.update_step(later, {"forecast": date(2027, 6, 25)}, actor=OPERATOR)
        facts = plan_facts(programme, date(2027, 6, 14), since=date(2027, 6, 13))
        assert ([row.code for row in facts.added], [row.code for row in facts.slipped]) == (["A2"], ["A2"])
        facts = plan_facts(programme, date(2027, 6, 14), since=date(2027, 6, 14))
        assert (facts.added, facts.slipped) == ((), ())


def test_a_closed_account_leads_nothing():
    programme = ground.programme("live_service", scd=date(2027, 4, 1))
    factory.step(programme, "A1", baseline=date(2027, 3, 31))
    lead = ground.user_in("WSL", programme, workstream_slug="governance", who=ground.user(name="Rae Finch"))
    type(lead).objects.filter(pk=lead.pk).update(is_active=False)
    (row,) = plan_facts(programme, MONDAY).workstreams
    assert (row.lead, row.lead_vacant) == ("", True)


def test_workstream_carries_its_report_lead_and_vacancy():
    programme = ground.programme("live_service", scd=date(2027, 4, 1))
    stream = factory.workstream(programme)
    factory.step(programme, "A1", baseline=date(2027, 3, 31))
    (row,) = plan_facts(programme, MONDAY).workstreams
    assert (row.lead, row.lead_vacant, row.colour, row.reasons, row.report_week) == ("", True, "A", ("Nobody leads this workstream",), None)
    lead = ground.user_in("WSL", programme, workstream_slug="governance", who=ground.user(name="Rae Finch"))
    steps.report_workstream(stream, date(2027, 3, 7), status="G", one_line="All quiet", unsafe="Nothing new", actor=Actor.of(lead, programme))
    (row,) = plan_facts(programme, MONDAY).workstreams
    assert (row.lead, row.colour, row.one_line, row.report_colour, row.report_week, row.unsafe_answer) == ("Rae Finch", "G", "All quiet", "G", date(2027, 3, 7), "Nothing new")


@pytest.mark.parametrize("number", [1, 12])
def test_facts_cost_the_same_for_one_and_many(number):
    programme = ground.programme("live_service", scd=date(2027, 4, 1))
    for at in range(number):
        step = factory.step(programme, f"A{at}", baseline=date(2027, 3, 31), workstream=factory.workstream(programme, f"w{at}"), owner=ground.user())
        steps.propose_variation(programme, "V", "why", [(step, date(2027, 4, 2))], actor=OPERATOR)
        ReadinessCriterion.objects.create(programme=programme, deliverable=1, code=f"1.{at}", text="Agreed")
        readiness.add_condition(programme, "Insurance", actor=OPERATOR)
    with CaptureQueriesContext(connection) as plan:
        plan_facts(programme, MONDAY, since=date(2027, 2, 1))
    with CaptureQueriesContext(connection) as ready:
        readiness_facts(programme, MONDAY)
    assert (len(plan), len(ready)) == (13, 3)


def test_readiness_in_figures():
    programme = factory.planned("live_service")
    readiness.add_condition(programme, "Insurance", actor=OPERATOR, due=date(2027, 3, 25))
    facts = readiness_facts(programme, date(2027, 3, 15))
    assert (facts.cps_done, facts.cps_total, facts.criteria_met, facts.criteria_total, len(facts.open_mandatory)) == (0, 1, 0, 24, 25)
    assert [(row.number, row.met, row.total) for row in facts.deliverables] == [(1, 0, 6), (2, 0, 5), (3, 0, 5), (4, 0, 4), (5, 0, 4)]
    assert [readiness_facts(programme, day).will_miss for day in (date(2027, 3, 16), date(2027, 4, 1))] == [(), ("Insurance: not met by 31 Mar 2027",)]
