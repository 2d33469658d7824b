"""Pages of the plan: who sees them, what they say, what they cost."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
import time_machine

from mobilisation.models import Variation
from tests.factories import ground, people
from tests.factories import workstreams as factory
from tests.workstreams.pages import as_sent, queries
from workstreams import timeline
from workstreams.models import PlanStep, WorkstreamReport
from workstreams.services import steps

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2027-03-01 12:00", tick=False):
        yield


def test_plan_shows_steps_with_reason_and_counters(sign_in):
    programme = ground.provider_exit()
    factory.step(programme, "A1", baseline=date(2027, 2, 26), critical=True, title="Inform CQC")
    factory.step(programme, "A2", baseline=date(2027, 3, 31), title="Tracker ready")
    page = sign_in("OL", programme).get(f"/programmes/{programme.ref}/plan/").content.decode()
    assert "Critical, and overdue since 26 Feb 2027" in page
    assert "2 steps, by workstream" in page
    assert 'colour=R"' in page


@pytest.mark.parametrize(
    "query,codes",
    [
        ("", ["A1", "A2", "A3"]), ("colour=R", ["A1"]), ("due=overdue", ["A1"]), ("due=none", ["A3"]), ("flag=critical", ["A1"]), ("q=tracker", ["A2"]), ("owner=finch", ["A3"]),
        ("workstream=finance", ["A3"]), ("due=4w", []), ("view=date", ["A1", "A2", "A3"]), ("colour=Q", ["A1", "A2", "A3"]),
    ],
)
def test_plan_filters(sign_in, query, codes):
    programme = ground.provider_exit()
    factory.step(programme, "A1", baseline=date(2027, 2, 26), critical=True)
    factory.step(programme, "A2", baseline=date(2027, 3, 31), title="Tracker ready")
    factory.step(programme, "A3", owner_name="R. Finch", workstream=factory.workstream(programme, "finance"))
    response = sign_in("OL", programme).get(f"/programmes/{programme.ref}/plan/?{query}")
    assert [row.step.code for row in response.context["rows"]] == codes


def test_a_step_that_repeats_the_same_day_says_so_once(sign_in):
    programme = ground.provider_exit()
    factory.step(programme, "S01", moment="same day", recurrence="same day")
    factory.step(programme, "R01", moment="daily", recurrence="daily", baseline=date(2027, 3, 8))
    factory.step(programme, "R02", moment="weekly", recurrence="per plan")
    text = sign_in("OL", programme).get(f"/programmes/{programme.ref}/plan/").content.decode()
    assert [text.count(said) for said in (">same day<", ">daily<", ">weekly<", ">per plan<")] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("title", "role", "leads"),
    [
        ("Legal advice: TUPE, decommissioning, indemnity", "CL", True), ("Incoming provider contacts each transferring worker", "XP", True), ("TUPE started; employee liability information", "WL", True),
        ("TUPE started; employee liability information", "BM", False), ("Tracker ready", "CL", False),
    ],
)
def test_a_step_of_the_staff_transfer_leads_to_its_record(sign_in, title, role, leads):
    programme = ground.provider_exit()
    step = factory.step(programme, "L13", title=title)
    found = sign_in(role, programme).get(f"/programmes/{programme.ref}/plan/steps/{step.public_id}/").context["summary"]
    assert [(row.key, row.url) for row in found if row.key == "Staff transfer"] == ([("Staff transfer", f"/programmes/{programme.ref}/staff/")] if leads else [])


@pytest.mark.parametrize(("role", "said"), [("OL", "0 of 1 people"), ("BM", "0 of 1 people"), ("XP", ""), ("IP", "")])
def test_how_many_people_have_passed_a_checkpoint_is_exact_for_the_board_and_nothing_for_providers(sign_in, role, said):
    programme = ground.provider_exit()
    people.person(programme)
    step = factory.step(programme, "A1", checkpoints="C07")
    client = sign_in(role, programme)
    assert [row.people for row in client.get(f"/programmes/{programme.ref}/plan/").context["rows"]] == [said]
    assert ("0 of 1 people" in client.get(f"/programmes/{programme.ref}/plan/steps/{step.public_id}/").content.decode()) == bool(said)


@pytest.mark.parametrize("role,status", [("OL", 200), ("BM", 200), ("XP", 200), ("COM", 404)])
def test_who_opens_the_plan(sign_in, role, status):
    programme = ground.provider_exit()
    step = factory.step(programme)
    client = sign_in(role, programme)
    for path in ("plan/", "plan/gantt/", f"plan/steps/{step.public_id}/", "workstreams/governance/", "plan/variations/"):
        assert client.get(f"/programmes/{programme.ref}/{path}").status_code == status, path


def test_stranger_finds_nothing(sign_in):
    mine, other = ground.provider_exit(), ground.provider_exit()
    step = factory.step(other)
    client = sign_in("OL", mine)
    for path in ("plan/", f"plan/steps/{step.public_id}/", f"plan/steps/{step.public_id}/row/", "workstreams/governance/", "readiness/"):
        assert client.get(f"/programmes/{other.ref}/{path}").status_code == 404, path
    assert client.post(f"/programmes/{mine.ref}/plan/steps/{step.public_id}/", {"status": "done"}).status_code == 404
    step.refresh_from_db()
    assert step.status == "not_started"


@pytest.mark.parametrize("number", [1, 12])
def test_pages_cost_the_same_for_one_and_many(sign_in, number):
    programme = ground.provider_exit()
    for at in range(number):
        factory.step(programme, f"A{at}", baseline=date(2027, 3, 31), is_milestone=True, owner=ground.user(), checkpoints="C07")
    client = sign_in("OL", programme)
    base = f"/programmes/{programme.ref}/"
    assert {path: queries(client, base + path) for path in ("plan/", "plan/gantt/", "workstreams/governance/", f"plan/steps/{PlanStep.objects.first().public_id}/")} == {
        "plan/": PLAN_QUERIES, "plan/gantt/": TIMELINE_QUERIES, "workstreams/governance/": WORKSTREAM_QUERIES, f"plan/steps/{PlanStep.objects.first().public_id}/": STEP_QUERIES,
    }


def test_timeline_draws_what_has_a_date(sign_in):
    programme = ground.provider_exit()
    factory.step(programme, "A1", baseline=date(2027, 3, 12), forecast=date(2027, 3, 19), start=date(2027, 3, 1))
    factory.step(programme, "A2")
    response = sign_in("OL", programme).get(f"/programmes/{programme.ref}/plan/gantt/")
    (_, wide), (_, narrow) = response.context["drawings"]
    (bar,) = wide.bars
    (small,) = narrow.bars
    assert small.said == bar.said
    assert (wide.sheet.bar_dy, narrow.sheet.bar_dy) == (0, 16)
    assert narrow.sheet.label <= small.x < small.x + small.width < narrow.sheet.width < 360
    assert bar.said == "A1 Step A1: 1 Mar 2027 to 19 Mar 2027, at risk, baseline 12 Mar 2027"
    assert "1 step without a date is not drawn" in response.content.decode()


@pytest.mark.parametrize("sheet", [timeline.WIDE, timeline.NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("days", [20, 130, 400, 900, 4000])
def test_the_names_of_months_do_not_run_into_each_other_or_off_the_page(sheet, days):
    task = timeline.Task("A1", "A step", "Governance", date(2027, 1, 5), date(2027, 1, 5) + timedelta(days), None, "G", False)
    labels = [(x, label) for x, label in timeline.draw([task], date(2027, 1, 5), sheet).months if label]
    assert labels
    assert all(after[0] - before[0] >= 48 for before, after in pairwise(labels))
    assert all(x + 48 <= sheet.width for x, _ in labels)


def test_step_is_updated_on_its_page_and_a_clash_shows_both(sign_in):
    programme = ground.provider_exit()
    step = factory.step(programme, baseline=date(2027, 3, 12))
    client = sign_in("OL", programme)
    url = f"/programmes/{programme.ref}/plan/steps/{step.public_id}/"
    typed = as_sent(client.get(url))
    assert client.post(url, typed | {"note": "first"}).status_code == 302
    response = client.post(url, typed | {"note": "second"})
    assert response.status_code == 422
    assert "changed it to “first” while you were editing. You entered “second”" in response.content.decode()
    step.refresh_from_db()
    assert (step.note, step.version) == ("first", 2)


def test_row_is_updated_in_place(sign_in):
    programme = ground.provider_exit()
    step = factory.step(programme, baseline=date(2027, 3, 12))
    client = sign_in("OL", programme)
    url = f"/programmes/{programme.ref}/plan/steps/{step.public_id}/row/"
    assert client.get(url).status_code == 302
    form = client.get(url, headers={"HX-Request": "true"})
    typed = as_sent(form) | {"forecast": "2027-03-19"}
    saved = client.post(url, typed, headers={"HX-Request": "true"})
    assert "Forecast 5 working days after baseline" in saved.content.decode()
    refused = client.post(url, typed | {"status": "blocked", "version": "2"}, headers={"HX-Request": "true"})
    assert (refused.status_code, "Say in the note what blocks it" in refused.content.decode()) == (422, True)
    step.refresh_from_db()
    assert (step.forecast, step.status) == (date(2027, 3, 19), "not_started")


def test_reader_may_not_update(sign_in):
    programme = ground.provider_exit()
    step = factory.step(programme, baseline=date(2027, 3, 12))
    client = sign_in("BM", programme)
    url = f"/programmes/{programme.ref}/plan/steps/{step.public_id}/"
    assert "Save step" not in client.get(url).content.decode()
    client.post(url, {"status": "done", "percent": "0", "version": "1", "was": "{}"})
    step.refresh_from_db()
    assert (step.status, step.version) == ("not_started", 1)


def test_lead_reports_on_the_page_of_the_workstream(sign_in):
    programme = ground.provider_exit()
    stream = factory.workstream(programme)
    client = sign_in("WSL", programme, workstream_slug="governance")
    url = f"/programmes/{programme.ref}/workstreams/governance/"
    assert client.post(url, {"status": "A", "one_line": "Waiting for the notice", "asks": "", "unsafe": ""}).status_code == 302
    assert list(stream.reports.values_list("week", "status", "one_line")) == [(date(2027, 3, 7), "A", "Waiting for the notice")]
    assert client.post(url, {"status": "A", "one_line": ""}).status_code == 422


@pytest.mark.parametrize(("number", "folded"), [(1, []), (2, ["1 earlier report"]), (6, ["5 earlier reports"])])
def test_the_last_report_is_in_sight_and_those_before_it_are_folded(sign_in, number, folded):
    programme = ground.provider_exit()
    stream = factory.workstream(programme)
    for week in range(number):
        WorkstreamReport.objects.create(workstream=stream, week=date(2027, 2, 28) - timedelta(weeks=week), one_line=f"Line {week}")
    text = sign_in("BM", programme).get(f"/programmes/{programme.ref}/workstreams/governance/").content.decode()
    told, _, older = text.partition("Weekly reports")[2].partition("<details")
    assert (told.count("Week ending"), older.count("Week ending"), re.findall(r">(\d+ earlier reports?)<", older)) == (1, number - 1, folded)
    assert text.count("<details") == text.count("</details>")


def test_two_who_report_first_do_not_write_over_each_other(sign_in):
    programme = ground.provider_exit()
    stream = factory.workstream(programme)
    url = f"/programmes/{programme.ref}/workstreams/governance/"
    first, second = sign_in("WSL", programme, workstream_slug="governance"), sign_in("OL", programme)
    opened = {"version": "", "was": "", "unsafe": ""}
    assert first.post(url, opened | {"status": "A", "one_line": "Waiting for the notice", "asks": ""}).status_code == 302
    refused = second.post(url, opened | {"status": "R", "one_line": "The notice is lost", "asks": "Send it again"})
    assert refused.status_code == 422
    assert "changed it to “Amber: at risk” while you were editing. You entered “Red: off track”" in str(refused.context["form"].errors["status"])
    report = stream.reports.get()
    assert (report.status, report.one_line, report.asks, report.version) == ("A", "Waiting for the notice", "", 1)
    again = refused.context["form"].data
    assert second.post(url, {name: again[name] for name in ("version", "was", "status", "one_line", "asks", "unsafe")}).status_code == 302
    report.refresh_from_db()
    assert (report.status, report.one_line, report.asks) == ("R", "The notice is lost", "Send it again")


def test_variation_is_approved_on_its_page(sign_in):
    programme = ground.provider_exit()
    step = factory.step(programme, baseline=date(2027, 3, 12))
    variation = steps.propose_variation(programme, "Later", "Late quote", [(step, date(2027, 3, 26))], actor=ground.actor("CL", programme))
    url = f"/programmes/{programme.ref}/plan/variations/"
    client = sign_in("SRO", programme)
    assert "Approve and move the baseline" in client.get(url).content.decode()
    client.post(url, {"variation": variation.public_id, "decision": "approve"})
    step.refresh_from_db()
    assert (step.baseline, Variation.objects.get().status) == (date(2027, 3, 26), "approved")


def test_the_chair_says_that_a_gate_does_not_apply(sign_in):
    programme = ground.provider_exit()
    gate, step = factory.step(programme, "A1", gate=True), factory.step(programme, "A2")
    client = sign_in("BCH", programme)
    pages = [f"/programmes/{programme.ref}/plan/steps/{row.public_id}/" for row in (gate, step)]
    form = client.get(pages[0]).context["form"]
    assert (set(form.fields) - {"version", "was"}, [value for value, _ in form.fields["status"].choices]) == ({"status", "note"}, ["not_started", "not_applicable"])
    assert "form" not in client.get(pages[1]).context
    typed = as_sent(client.get(pages[0])) | {"status": "not_applicable"}
    assert client.post(pages[0], typed).status_code == 422
    assert client.post(pages[0], typed | {"note": "The contract has no second phase"}).status_code == 302
    gate.refresh_from_db()
    assert (gate.status, gate.note) == ("not_applicable", "The contract has no second phase")
    assert "form" not in client.get(pages[0]).context
    refused = client.post(pages[1], typed | {"note": "x"}, follow=True)
    assert "You may update the steps you own" in refused.content.decode()
    step.refresh_from_db()
    assert step.status == "not_started"


def test_repeating_steps_stand_under_their_next_day(sign_in):
    programme = ground.provider_exit(decision_date=date(2027, 1, 4))
    factory.step(programme, "A1", recurrence="weekly")
    factory.step(programme, "A2", recurrence="weekly", baseline=date(2027, 1, 18), status="in_progress")
    factory.step(programme, "A3", recurrence="weekly", baseline=date(2027, 1, 18))
    factory.step(programme, "A4", baseline=date(2027, 3, 31))
    with time_machine.travel("2027-03-03 10:00", tick=False):
        client = sign_in("OL", programme)
        page = client.get(f"/programmes/{programme.ref}/plan/", {"view": "date"})
        soon = client.get(f"/programmes/{programme.ref}/plan/", {"due": "2w"})
    assert [(row.step.code, row.step.due_on, row.step.colour) for row in page.context["rows"]] == [
        ("A3", date(2027, 1, 18), "R"), ("A1", date(2027, 3, 8), "G"), ("A2", date(2027, 3, 8), "G"), ("A4", date(2027, 3, 31), "G"),
    ]
    assert [row.step.code for row in soon.context["rows"]] == ["A1", "A2"]


def test_a_step_is_given_to_an_account_of_the_programme(sign_in):
    programme = ground.provider_exit()
    step = factory.step(programme, "A1")
    mine, other = ground.user_in("CMS", programme), ground.user_in("CMS", ground.programme("live_service"))
    client = sign_in("ML", programme)
    page = f"/programmes/{programme.ref}/plan/steps/{step.public_id}/"
    data = {"status": "not_started", "percent": 0, "version": step.version}
    assert client.post(page, data | {"owner": other.pk}).status_code == 422
    assert client.post(page, data | {"owner": mine.pk}).status_code == 302
    step.refresh_from_db()
    assert step.owner == mine


PLAN_QUERIES, TIMELINE_QUERIES, WORKSTREAM_QUERIES, STEP_QUERIES = 12, 10, 19, 14


def test_a_yearly_step_that_was_done_stands_under_its_next_occurrence(sign_in):
    programme = factory.planned()
    step = PlanStep.objects.get(programme=programme, code="X11")
    page, plan = f"/programmes/{programme.ref}/plan/steps/{step.public_id}/", f"/programmes/{programme.ref}/plan/"

    def overdue(client):
        return [row.step.code for row in client.get(plan, {"due": "overdue", "workstream": "governance"}).context["rows"] if row.step.code == "X11"]

    with time_machine.travel("2027-05-21 10:00", tick=False):
        client = sign_in("OL", programme)
        assert client.post(page, {"status": "done", "percent": 100, "version": step.version}).status_code == 302
        step.refresh_from_db()
        assert (step.status, step.done_on, step.again_on) == ("done", date(2027, 5, 21), date(2028, 5, 22))  # 21 May 2028 is a Sunday
        assert "Next on 22 May 2028. Once it is done again, enter the new day" in client.get(page).content.decode()
        row = next(row.step for row in client.get(plan, {"q": "X11"}).context["rows"])
        assert (row.due_on, row.colour, overdue(client)) == (date(2028, 5, 22), "B", [])
    with time_machine.travel("2028-05-23 10:00", tick=False):
        client = sign_in("OL", programme)
        row = next(row.step for row in client.get(plan, {"q": "X11"}).context["rows"])
        assert (row.due_on, row.colour, overdue(client)) == (date(2028, 5, 22), "A", ["X11"])
        assert client.post(page, {"status": "done", "percent": 100, "done_on": "2028-05-23", "version": step.version}).status_code == 302
        step.refresh_from_db()
        assert (step.again_on, overdue(client)) == (date(2029, 5, 23), [])
        row = next(row.step for row in client.get(plan, {"q": "X11"}).context["rows"])
        assert (row.due_on, row.colour) == (date(2029, 5, 23), "B")
        assert client.post(page, {"status": "in_progress", "percent": 50, "done_on": "", "version": step.version}).status_code == 302
        step.refresh_from_db()
        assert (step.status, step.again_on, step.next_on) == ("in_progress", None, None)


def test_what_does_not_apply_is_in_no_number_and_behind_none(sign_in):
    programme = ground.provider_exit()
    factory.step(programme, "A1")
    factory.step(programme, "A2", status="not_applicable", note="No second phase")
    client = sign_in("OL", programme)
    page = f"/programmes/{programme.ref}/plan/"
    assert [row.step.code for row in client.get(page, {"workstream": "governance", "flag": "applies"}).context["rows"]] == ["A1"]
    assert f'href="{page}?workstream=governance&amp;flag=applies">1</a>' in client.get(f"/programmes/{programme.ref}/").content.decode()
