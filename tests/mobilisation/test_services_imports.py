"""Imports carried out: all or nothing, every row accounted for, nothing blanked, nothing twice, codes never kept."""

from __future__ import annotations

import gzip
import json
from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.errors import ChoiceNeeded, NotPermitted, Refused
from mobilisation.models import AccessLog, Change, ConditionPrecedent, ImportRun, Job, SavedMapping
from mobilisation.roles import Can
from mobilisation.services import imports, jobs
from mobilisation.workbooks import Written
from tests.factories import ground
from tests.factories import workbooks as made

HEAD = ["Condition", "Owner", "Due", "Status"]
ROWS = [["Lease signed", "Ann", "01/04/2027", "open"], ["Insurance", "Ben", date(2027, 3, 1), "met"]]


@pytest.fixture(autouse=True)
def conditions(monkeypatch, settings, tmp_path):
    monkeypatch.setitem(registry._importers, "conditions", registry.ImporterKind("conditions", "Conditions", "tests.factories.workbooks.ConditionImporter", Can.PLAN_EDIT))
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path, "base_url": None}}}


@pytest.fixture
def actor(programme):
    return ground.actor("ML", programme)


def bring(programme, actor, rows, **more):
    return imports.import_file("conditions", programme, actor, made.xlsx(("List", [HEAD, *rows])), "list.xlsx", **more)


def counts(outcome):
    return tuple(outcome.summary[key] for key in ("rows", "created", "updated", "unchanged", "skipped", "refused"))


def held(programme):
    return sorted(ConditionPrecedent.objects.filter(programme=programme).values_list("title", "owner_name", "due", "status"))


def test_first_time_creates_and_the_same_file_changes_nothing(programme, actor):
    assert counts(bring(programme, actor, ROWS)) == (2, 2, 0, 0, 0, 0)
    assert held(programme) == [("Insurance", "Ben", date(2027, 3, 1), "satisfied"), ("Lease signed", "Ann", date(2027, 4, 1), "open")]
    changes = Change.objects.count()
    assert counts(bring(programme, actor, ROWS)) == (2, 0, 0, 2, 0, 0)
    assert Change.objects.exclude(action="imported").count() == changes - 1


def test_only_what_the_file_says_is_changed(programme, actor):
    bring(programme, actor, ROWS)
    outcome = bring(programme, actor, [["Lease signed", "", None, "met"], ["Insurance", "Cy", "", ""]])
    assert counts(outcome) == (2, 0, 2, 0, 0, 0)
    assert [[(c.column, c.old_shown, c.new_shown) for c in row.changes] for row in outcome.plan.updated] == [[("status", "open", "satisfied")], [("owner_name", "Ben", "Cy")]]
    assert held(programme) == [("Insurance", "Cy", date(2027, 3, 1), "satisfied"), ("Lease signed", "Ann", date(2027, 4, 1), "satisfied")]


def test_one_fault_refuses_the_whole_file_and_all_faults_are_named(programme, actor):
    outcome = bring(programme, actor, [*ROWS, ["", "Dee", "30/02/2027", "perhaps"], ["Insurance", "", "", ""]])
    assert outcome.ok is False
    assert counts(outcome) == (4, 0, 0, 0, 2, 2)
    assert [(e["row"], e["column"], e["value"]) for e in outcome.summary["errors"]] == [(4, "Due", "30/02/2027"), (4, "Status", "perhaps"), (4, "Condition", ""), (5, "Condition", "Insurance")]
    assert held(programme) == []
    assert ImportRun.objects.get().state == "refused"


def test_accept_valid_writes_the_good_rows(programme, actor):
    outcome = bring(programme, actor, [*ROWS, ["", "Dee", "", ""]], accept_valid=True)
    assert (outcome.ok, counts(outcome)) == (True, (3, 2, 0, 0, 0, 1))
    assert len(held(programme)) == 2


def test_dry_run_writes_nothing(programme, actor):
    assert counts(bring(programme, actor, ROWS, dry_run=True)) == (2, 2, 0, 0, 0, 0)
    assert (held(programme), ImportRun.objects.count(), Change.objects.count(), AccessLog.objects.count()) == ([], 0, 0, 0)


def test_first_200_faults_are_listed_and_all_are_counted(programme, actor):
    outcome = bring(programme, actor, [[f"C{n}", "", "soon", ""] for n in range(230)])
    assert len(outcome.summary["errors"]) == 200
    assert outcome.summary["warnings"][-1]["problem"] == "230 faults in all; the first 200 are listed."
    assert outcome.summary["refused"] == 230


@pytest.mark.parametrize(("lied", "said"), [(Written(1, 0), "2 to create and 0 to change, but 1 and 0"), (Written(2, 1), "but 2 and 1")])
def test_a_writer_that_does_not_add_up_is_rolled_back(programme, actor, monkeypatch, lied, said):
    write = made.ConditionImporter.write
    monkeypatch.setattr(made.ConditionImporter, "write", lambda self, plan, job=None: write(self, plan, job) and lied)
    with pytest.raises(Refused, match=said):
        bring(programme, actor, ROWS)
    assert (held(programme), ImportRun.objects.count()) == ([], 0)


def test_a_fault_half_way_leaves_nothing(programme, actor, monkeypatch):
    write = made.ConditionImporter.write

    def break_off(self, plan, job=None):
        write(self, plan, job)
        raise RuntimeError("power cut")

    monkeypatch.setattr(made.ConditionImporter, "write", break_off)
    with pytest.raises(RuntimeError):
        bring(programme, actor, ROWS)
    assert (held(programme), Change.objects.count()) == ([], 0)


def test_month_first_columns_are_a_choice_and_one_such_value_a_fault(programme, actor):
    american = [["A", "", "12/25/2026", ""], ["B", "", "01/31/2027", ""]]
    with pytest.raises(ChoiceNeeded) as choice:
        bring(programme, actor, american)
    assert choice.value.flag == "--dates"
    assert "“Due”" in str(choice.value)
    assert bring(programme, actor, american, order="mdy").ok
    assert [row[2] for row in held(programme)] == [date(2026, 12, 25), date(2027, 1, 31)]
    assert [e["value"] for e in bring(programme, actor, [*american[:1], ["C", "", "25/12/2026", ""]]).summary["errors"]] == ["12/25/2026"]


def test_a_needed_column_without_a_heading_is_a_choice_for_new_rows(programme, actor):
    data = made.xlsx(("List", [["What", "Owner", "Due", "Status"], *ROWS]))
    with pytest.raises(ChoiceNeeded) as choice:
        imports.import_file("conditions", programme, actor, data, "list.xlsx")
    assert (choice.value.flag, choice.value.options) == ("--map", ("What",))
    assert held(programme) == []
    assert imports.import_file("conditions", programme, actor, data, "list.xlsx", mapping={"What": "title"}).ok
    assert counts(imports.import_file("conditions", programme, actor, data, "list.xlsx")) == (2, 0, 0, 2, 0, 0), "the mapping is remembered"


def test_without_the_permission_nothing_is_read(programme):
    with pytest.raises(NotPermitted):
        bring(programme, ground.actor("BM", programme), ROWS)


def test_import_is_logged_without_values(programme, actor):
    bring(programme, actor, ROWS)
    assert list(AccessLog.objects.values_list("verb", "subject", "count")) == [("import", "conditions list", 2)]
    assert Change.objects.get(action="imported").fields == {"kind": "conditions", "created": 2, "updated": 0, "unchanged": 0, "skipped": 0, "refused": 0}


def test_query_count_does_not_grow_with_the_rows(programme, actor):
    def queries(number):
        with CaptureQueriesContext(connection) as seen:
            bring(programme, actor, [[f"{number}-{n}", "", "", ""] for n in range(number)])
        return len(seen)

    assert [queries(3), queries(40)] == [16, 16]


def test_codes_of_key_safes_are_nowhere(programme, actor, tmp_path):
    data = made.xlsx(("List", [[*HEAD, "Key safe"], ["Lease", "Key safe no 4821", "", "", "4821"], ["Rent", "", "", "", "no"]]))
    record = imports.upload("conditions", programme, actor, "list.xlsx", data)
    kept = gzip.decompress(default_storage.open(record.stored_name).read()).decode()
    assert "4821" not in kept
    assert [row[1][4] for row in json.loads(kept)["sheets"][0]["lines"]] == ["Key safe", "yes", "no"]
    imports.confirm(record, actor, accept_valid=False)
    jobs.run(Job.objects.get().pk)
    assert "4821" not in json.dumps(list(ConditionPrecedent.objects.values_list("owner_name", "evidence")))
    assert "4821" not in json.dumps(list(Change.objects.values_list("fields", flat=True)))


def test_codes_in_short_cells_and_in_columns_that_are_none_of_ours_are_nowhere(programme, actor):
    rows = [["Lease", "KS 70401", "", ""], ["Rent", "ks 70209", "", ""]]
    data = made.xlsx(("List", [[*HEAD, "Door entry", "KS", "Access details"], [*rows[0], "70101", 70301, "gate 70201, ring first"], [*rows[1], 70102, "K/S 7052", "Blue door"]]))
    record = imports.upload("conditions", programme, actor, "list.xlsx", data)
    kept = gzip.decompress(default_storage.open(record.stored_name).read()).decode()
    assert [code for code in ("70401", "70209", "70101", "70301", "70201", "70102", "7052") if code in kept] == []
    assert "ring first" in kept and "Blue door" in kept
    imports.confirm(record, actor, accept_valid=True)
    jobs.run(Job.objects.get().pk)
    record.refresh_from_db()
    told = json.dumps([record.summary, record.mapping, record.reason, Job.objects.get().result, list(Change.objects.values_list("fields", flat=True))], default=str)
    assert [code for code in ("70401", "70209", "70101", "70301", "70201", "70102", "7052") if code in told] == []


@pytest.fixture
def uploaded(programme, actor):
    return imports.upload("conditions", programme, actor, "../council list.xlsx", made.xlsx(("List", [HEAD, *ROWS])))


def test_an_upload_is_kept_under_a_random_name(uploaded):
    assert uploaded.file_name == "council list.xlsx"
    assert "council" not in uploaded.stored_name
    assert len(uploaded.stored_name) == len("uploads/") + 32 + len(".rows")


def test_the_job_writes_once_however_often_it_is_asked(programme, actor, uploaded):
    first, second = imports.confirm(uploaded, actor, accept_valid=False), imports.confirm(uploaded, actor, accept_valid=False)
    assert first.pk == second.pk
    done = jobs.run(first.pk)
    assert (done.state, done.result["created"]) == ("done", 2)
    assert done.result["url"] == f"/programmes/{programme.ref}/import/conditions/{uploaded.public_id}/"
    Job.objects.filter(pk=first.pk).update(state="queued")
    assert jobs.run(first.pk).result["created"] == 2
    assert len(held(programme)) == 2
    uploaded.refresh_from_db()
    assert (uploaded.state, uploaded.summary["created"]) == ("done", 2)


def test_reading_is_told_row_by_row_and_may_be_stopped(programme, actor, uploaded, monkeypatch):
    monkeypatch.setattr("mobilisation.workbooks.pipeline.STEP", 1)
    monkeypatch.setattr("mobilisation.services.jobs._WRITE_EVERY", 0)
    told = []

    def ask_to_stop(run, done, total, message="", **more):
        told.append((done, total, message))
        if done == 1:
            jobs.cancel(run.job, actor=Actor.operator())
        real(run, done, total, message, **more)

    real = jobs.Run.progress
    monkeypatch.setattr(jobs.Run, "progress", ask_to_stop)
    done = jobs.run(imports.confirm(uploaded, actor, accept_valid=False).pk)
    assert told == [(0, 2, "Step 1 of 3: reading the rows"), (1, 2, "Step 1 of 3: reading the rows")]
    assert (done.state, done.reason) == ("cancelled", "Cancelled by request. Nothing was kept.")
    assert list(held(programme)) == []
    uploaded.refresh_from_db()
    assert uploaded.state == "previewed", "it may be confirmed again"


def test_a_worker_killed_between_leaves_all_or_nothing(programme, actor, uploaded, monkeypatch):
    job = imports.confirm(uploaded, actor, accept_valid=False)
    write = made.ConditionImporter.write

    class Killed(BaseException):
        pass

    def die(self, plan, job=None):
        write(self, plan, job)
        raise Killed

    monkeypatch.setattr(made.ConditionImporter, "write", die)
    with pytest.raises(Killed):
        jobs.run(job.pk)
    assert held(programme) == []
    monkeypatch.setattr(made.ConditionImporter, "write", write)
    Job.objects.filter(pk=job.pk).update(state="queued")
    assert jobs.run(job.pk).state == "done"
    assert len(held(programme)) == 2


def test_a_file_that_became_wrong_since_the_preview_is_refused_and_said(programme, actor):
    record = imports.upload("conditions", programme, actor, "list.xlsx", made.xlsx(("List", [HEAD, *ROWS, ["", "x", "", ""]])))
    job = jobs.run(imports.confirm(record, actor, accept_valid=False).pk)
    record.refresh_from_db()
    assert (job.state, record.state, job.reason) == ("failed", "refused", "The file has 1 faults. Nothing was written.")
    assert (record.summary["refused"], held(programme)) == (1, [])


def test_a_right_lost_before_the_job_runs_stops_it(programme, uploaded, actor):
    job = imports.confirm(uploaded, actor, accept_valid=False)
    actor.user.assignments.all().delete()
    assert jobs.run(job.pk).state == "failed"
    assert held(programme) == []


def test_choices_are_kept_with_the_upload_and_the_mapping_with_the_programme(programme, actor):
    record = imports.upload("conditions", programme, actor, "list.xlsx", made.xlsx(("List", [["What", "Owner"], ["Lease", "Ann"]]), ("Other", [["What", "Owner"], ["Rent", "Ben"]])))
    seen, outcome = imports.preview(record, actor)
    assert (seen.choice.flag, outcome) == ("--sheet", None)
    imports.choose(record, actor, sheet="Other")
    assert imports.preview(record, actor)[0].choice.flag == "--map"
    with pytest.raises(Refused, match="chosen for 2 headings"):
        imports.choose(record, actor, mapping={"What": "title", "Owner": "title"})
    assert imports.take_mapping(record, actor, {"What": "", "Owner": ""})[1] is None
    assert not SavedMapping.objects.exists(), "it lacks what a new row needs"
    _, outcome = imports.take_mapping(record, actor, {"What": "title", "Owner": ""})
    assert [row.row.given for row in outcome.plan.created] == [{"title": "Rent"}]
    assert SavedMapping.objects.get(programme=programme).mapping == {"What": "title", "Owner": ""}
    job = imports.confirm(record, actor, accept_valid=False)
    assert jobs.run(job.pk).state == "done"
    assert SavedMapping.objects.get(programme=programme).mapping == {"What": "title", "Owner": ""}


def test_old_uploads_are_deleted_and_their_results_kept(programme, actor, uploaded):
    ImportRun.objects.filter(pk=uploaded.pk).update(created_at=now() - timedelta(days=31))
    imports.tick(now())
    assert not default_storage.exists(uploaded.stored_name)
    uploaded.refresh_from_db()
    assert (uploaded.stored_name, uploaded.state) == ("", "abandoned")
    with pytest.raises(Refused, match="no longer kept"):
        imports.kept_book(uploaded)


def test_the_operator_is_named_as_such(programme):
    bring(programme, Actor.operator(), ROWS)
    assert set(Change.objects.values_list("actor_label", flat=True)) == {"operator of the machine"}
