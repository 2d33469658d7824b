"""Plans that come in: the council's CSV, a spreadsheet that changed, Microsoft Project XML, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import time_machine

from mobilisation.access import Actor
from mobilisation.errors import Refused
from mobilisation.services.imports import import_file
from tests.factories import ground
from tests.factories import workstreams as factory
from workstreams.imports import msproject
from workstreams.imports.plan import in_circle
from workstreams.models import Dependency, PlanStep, Workstream

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent.parent / "data" / "transition-plan.csv"
OPERATOR = Actor.operator()
HEAD = "ID,Workstream,Task,Milestone?,Owner,Start,Finish,% complete,Predecessors\n"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2026-11-23 12:00", tick=False):
        yield


@pytest.fixture
def programme(db):
    return factory.planned("live_service")


def bring(programme, text: str | bytes, name: str = "plan.csv", **extra):
    return import_file("plan", programme, OPERATOR, text.encode() if isinstance(text, str) else text, name, **extra)


def counts(outcome) -> tuple[int, int, int, int]:
    return tuple(outcome.summary[name] for name in ("created", "updated", "unchanged", "refused"))


def test_council_plan_comes_in_whole_and_again_without_change(programme):
    outcome = bring(programme, DATA.read_bytes(), DATA.name)
    assert outcome.ok
    assert {name: outcome.summary[name] for name in ("rows", "created", "tasks", "milestones", "links", "start", "finish", "errors", "warnings")} == {
        "rows": 35, "created": 35, "tasks": 35, "milestones": 7, "links": 28, "start": "2026-10-05", "finish": "2026-12-10", "errors": [], "warnings": [],
    }
    by_stream = {slug: PlanStep.objects.filter(programme=programme, template_code="", workstream__slug=slug).count() for slug in Workstream.objects.filter(programme=programme).values_list("slug", flat=True)}
    assert {slug: number for slug, number in by_stream.items() if number} == {
        "contract-management": 5, "imt": 5, "hr-workforce": 5, "estates": 5, "communications": 5, "clinical": 5, "finance": 5,
    }
    assert counts(bring(programme, DATA.read_bytes(), DATA.name)) == (0, 0, 35, 0)
    assert Dependency.objects.count() == 28


def test_percentages_become_status(programme):
    bring(programme, DATA.read_bytes(), DATA.name)
    held = {step.code: (step.status, step.percent, step.done_on) for step in PlanStep.objects.filter(programme=programme, code__in=["1", "2", "3", "5"])}
    assert held == {"1": ("in_progress", 25, None), "2": ("not_started", 0, None), "3": ("done", 100, date(2026, 11, 12)), "5": ("done", 100, date(2026, 11, 23))}


def test_moved_date_becomes_a_forecast_and_empty_cells_blank_nothing(programme):
    bring(programme, HEAD + "1,Estates,Works,N,J. Lead,05/10/2026,15/12/2026,0,\n2,Estates,Open,Y,,,20/12/2026,,1\n")
    outcome = bring(programme, HEAD + "1,,Works,,,,22/12/2026,,\n2,,Open,,,,,,1FS+2d\n")
    assert counts(outcome) == (0, 2, 0, 0)
    step = PlanStep.objects.get(programme=programme, code="1")
    assert (step.baseline, step.forecast, step.owner_name, step.workstream.slug) == (date(2026, 12, 15), date(2026, 12, 22), "J. Lead", "estates")
    assert [(link.predecessor.code, link.type, link.lag_days) for link in Dependency.objects.all()] == [("1", "FS", 2)]


def test_every_fault_is_named_and_nothing_written(programme):
    before = PlanStep.objects.count()
    outcome = bring(programme, HEAD + "1,Estates,Works,N,,15/12/2026,05/12/2026,0,\n2,Estates,Open,maybe,,,31/02/2027,120,99\n2,Estates,,N,,,,,2\n")
    assert not outcome.ok
    assert [(fault["row"], fault["column"]) for fault in outcome.summary["errors"]] == [
        (2, "Finish"), (3, "Milestone?"), (3, "Finish"), (3, "% complete"), (3, "Predecessors"), (4, "ID"), (4, "Task"), (4, "Predecessors"),
    ]
    assert PlanStep.objects.count() == before


def test_circle_of_predecessors_is_refused(programme):
    outcome = bring(programme, HEAD + "1,Estates,A,N,,,01/12/2026,,3\n2,Estates,B,N,,,01/12/2026,,1\n3,Estates,C,N,,,01/12/2026,,2\n4,Estates,D,N,,,01/12/2026,,3\n")
    assert not outcome.ok
    assert sorted({fault["row"] for fault in outcome.summary["errors"]}) == [2, 3, 4]


@pytest.mark.parametrize(
    "waits,circle",
    [({"a": {"b"}, "b": set()}, set()), ({"a": {"b"}, "b": {"a"}}, {"a", "b"}), ({"a": {"b"}, "b": {"a"}, "c": {"a"}, "d": set(), "a2": {"d"}}, {"a", "b"}), ({"a": {"a"}}, {"a"})],
)
def test_in_circle(waits, circle):
    assert in_circle(waits) == circle


def test_unknown_workstream_is_made(programme):
    bring(programme, HEAD + "1,Volunteers,Recruit drivers,N,,,01/12/2026,,\n")
    assert PlanStep.objects.get(programme=programme, code="1").workstream.name == "Volunteers"


PROJECT = """<?xml version="1.0" encoding="UTF-8"?><Project xmlns="http://schemas.microsoft.com/project"><Name>Plan</Name><Tasks>
<Task><UID>0</UID><Name>Plan</Name><Summary>1</Summary><OutlineLevel>0</OutlineLevel></Task>
<Task><UID>1</UID><Name>Estates</Name><Summary>1</Summary><OutlineLevel>1</OutlineLevel></Task>
<Task><UID>2</UID><Name>Works</Name><Summary>0</Summary><OutlineLevel>2</OutlineLevel><Milestone>0</Milestone><Start>2026-12-01T08:00:00</Start><Finish>2026-12-14T17:00:00</Finish><PercentComplete>40</PercentComplete></Task>
<Task><UID>3</UID><Name>Keys</Name><Summary>0</Summary><OutlineLevel>2</OutlineLevel><Milestone>1</Milestone><Start>2026-12-16T08:00:00</Start><Finish>2026-12-16T08:00:00</Finish><PercentComplete>0</PercentComplete>
<PredecessorLink><PredecessorUID>2</PredecessorUID><Type>1</Type><LinkLag>9600</LinkLag></PredecessorLink></Task></Tasks>
<Resources><Resource><UID>7</UID><Name>R. Finch</Name></Resource></Resources><Assignments><Assignment><TaskUID>2</TaskUID><ResourceUID>7</ResourceUID></Assignment></Assignments></Project>"""


def test_microsoft_project_xml_comes_in_and_again_without_change(programme):
    outcome = bring(programme, PROJECT, "plan.xml")
    assert {name: outcome.summary[name] for name in ("rows", "created", "tasks", "milestones", "links", "start", "finish")} == {
        "rows": 2, "created": 2, "tasks": 2, "milestones": 1, "links": 1, "start": "2026-12-01", "finish": "2026-12-16",
    }
    works, keys = PlanStep.objects.filter(programme=programme, template_code="").order_by("code")
    assert (works.workstream.slug, works.owner_name, works.percent, works.baseline) == ("estates", "R. Finch", 40, date(2026, 12, 14))
    assert keys.is_milestone
    assert [(link.predecessor, link.successor, link.lag_days) for link in Dependency.objects.select_related("predecessor", "successor")] == [(works, keys, 2)]
    assert counts(bring(programme, PROJECT, "plan.xml")) == (0, 0, 2, 0)


@pytest.mark.parametrize(
    "text", ["<html><body>no</body></html>", "<Project", '<!DOCTYPE x [<!ENTITY a "b">]><Project><Tasks><Task><Name>&a;</Name></Task></Tasks></Project>', "<Project><Tasks></Tasks></Project>"]
)
def test_xml_that_is_no_plan_is_refused(programme, text):
    before = PlanStep.objects.count()
    with pytest.raises(Refused, match=r"plan\.xml"):
        bring(programme, text, "plan.xml")
    assert PlanStep.objects.count() == before


def test_only_those_who_keep_the_plan_import(programme):
    with pytest.raises(Refused):
        import_file("plan", programme, ground.actor("BM", programme), DATA.read_bytes(), DATA.name)


@pytest.mark.parametrize("lag", ["1FS+40000d", "1FS-9999d", "1FS+800w", "1FS+" + "9" * 400])
def test_a_lag_beyond_any_plan_is_a_fault_of_its_cell(programme, lag):
    outcome = bring(programme, HEAD + f"1,Finance,Open,N,,01/03/2027,02/03/2027,0,\n2,Finance,Close,N,,03/03/2027,04/03/2027,0,{lag}\n")
    assert (outcome.ok, Dependency.objects.count(), PlanStep.objects.filter(code="2", template_code="").count()) == (False, 0, 0)
    (error,) = outcome.summary["errors"]
    assert "at most 3,650 working days" in str(error)


def test_a_lag_that_is_no_number_in_a_project_file_is_none():
    text = "<Project><Tasks>{}</Tasks></Project>".format(
        "".join(f"<Task><UID>{n}</UID><Name>Task {n}</Name>{link}</Task>" for n, link in ((1, ""), (2, "<PredecessorLink><PredecessorUID>1</PredecessorUID><Type>1</Type><LinkLag>1e400</LinkLag></PredecessorLink>")))
    )
    (sheet,) = msproject.workbook(text.encode(), "plan.xml").sheets
    assert [line.cells[-1] for line in sheet.lines] == ["Predecessors", "", "1"]
