"""While an import compares and writes in its one transaction, others see how far it is and Cancel is heard."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.apps import apps
from django.core import serializers
from django.db import DatabaseError, connections
from django.urls import reverse

from mobilisation import registry
from mobilisation.clock import now
from mobilisation.models import Change, ConditionPrecedent, ImportRun, Job
from mobilisation.roles import Can
from mobilisation.services import beside, imports, jobs
from mobilisation.workbooks.pipeline import COMPARING, WRITING
from mobilisation.workbooks.plan import CREATED, UNCHANGED, ParsedRow, Plan, PlannedRow
from tests.factories import ground
from tests.factories import workbooks as made

ROWS = 6
in_one_piece = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def small(monkeypatch, settings, tmp_path):
    """Six rows, told one by one and written two at a time."""
    monkeypatch.setitem(registry._importers, "conditions", registry.ImporterKind("conditions", "Conditions", "tests.factories.workbooks.ConditionImporter", Can.PLAN_EDIT))
    monkeypatch.setattr("mobilisation.workbooks.pipeline.STEP", 1)
    monkeypatch.setattr("mobilisation.workbooks.pipeline.PART", 2)
    monkeypatch.setattr("mobilisation.services.jobs._WRITE_EVERY", 0)
    settings.VAR_DIR = tmp_path
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path, "base_url": None}}}


@pytest.fixture
def programme():
    return ground.provider_exit()


@pytest.fixture
def begun(programme, sign_in):
    """(client, record, job): confirmed, not yet taken by a worker."""
    client = sign_in("ML", programme)
    actor = jobs.Actor.of(client.user, programme)
    record = imports.upload("conditions", programme, actor, "list.xlsx", made.xlsx(("List", [["Condition", "Owner"], *[[f"C{n}", "Ann"] for n in range(ROWS)]])))
    return client, record, imports.confirm(record, actor, accept_valid=False)


def elsewhere(work):
    """``work()`` in a thread with a connection of its own."""
    answer = []

    def run():
        try:
            answer.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    return answer[0] if answer else None


def everything():
    """Every row of the database but those that say what became of the job and who was signed in."""
    kept = [model for model in apps.get_models() if model._meta.app_label in {"mobilisation", "workstreams", "transfers", "risks", "reporting"} and model not in (Job, ImportRun, Change)]
    rows = [serializers.serialize("json", model._base_manager.order_by("pk")) for model in kept]
    return rows, list(Change.objects.exclude(action="import of a workbook cancelled").order_by("pk").values())


@in_one_piece
def test_others_see_each_part_while_nothing_is_committed(begun, monkeypatch):
    client, _, job = begun
    page, seen = reverse("mobilisation:job-detail", args=[job.public_id]), []
    client.get("/glossary/")  # the first page of a session writes it down
    real = jobs.Run.progress

    def look(run, done, total, message="", **more):
        real(run, done, total, message, **more)
        if run._channel is not None:
            shown = elsewhere(lambda: jobs.as_it_stands(Job.objects.get(pk=job.pk)))
            text = elsewhere(lambda: client.get(page, headers={"HX-Request": "true", "X-Background": "1"}).content.decode())
            seen.append((shown.message, shown.done, shown.total, f"{done} of {total}" in text and message in text, elsewhere(ConditionPrecedent.objects.count)))

    monkeypatch.setattr(jobs.Run, "progress", look)
    assert jobs.run(job.pk).state == "done"
    compared = [(COMPARING, done, ROWS, True, 0) for done in (0, *range(ROWS))]
    written = [(WRITING, done, ROWS, True, 0) for done in (0, 2, 4, 6)]
    assert seen == compared + written
    assert ConditionPrecedent.objects.count() == ROWS
    assert not [*beside._path(job, "told").parent.glob("*")]


@in_one_piece
@pytest.mark.parametrize(("part", "at"), [(COMPARING, 0), (COMPARING, 4), (WRITING, 0), (WRITING, 4), (WRITING, 6)])
def test_cancel_is_heard_within_seconds_and_leaves_the_database_as_it_was(begun, monkeypatch, part, at):
    client, record, job = begun
    before, real, asked = everything(), jobs.Run.progress, []

    def press():
        try:
            page = reverse("mobilisation:import-run", args=[record.programme.ref, "conditions", record.public_id])
            asked.append(client.post(page, "cancel=1&csrfmiddlewaretoken=x", content_type="application/x-www-form-urlencoded").status_code)
        finally:
            connections.close_all()

    button = threading.Thread(target=press)

    def stop(run, done, total, message="", **more):
        if (message, done) == (part, at) and run._channel is not None and not button.ident:
            button.start()
            end = time.monotonic() + 8
            while not run._channel.tell(done, total, message) and time.monotonic() < end:
                time.sleep(0.05)
        real(run, done, total, message, **more)

    monkeypatch.setattr(jobs.Run, "progress", stop)
    begin = time.monotonic()
    ended = jobs.run(job.pk)
    button.join(30)
    assert (ended.state, ended.reason, asked) == ("cancelled", "Cancelled by request. Nothing was kept.", [302])
    assert time.monotonic() - begin < 8
    assert everything() == before
    told = Change.objects.get(action="import of a workbook cancelled")
    assert (told.actor, told.object_id) == (client.user, job.pk)
    record.refresh_from_db()
    assert (record.state, ImportRun.objects.count(), Job.objects.get().cancel_asked) == ("previewed", 1, True)
    assert not [*beside._path(job, "stop").parent.glob("*")]
    again = jobs.run(imports.confirm(record, jobs.Actor.of(client.user, record.programme), accept_valid=False).pk)
    assert (again.state, again.result["created"]) == ("done", ROWS)


@in_one_piece
def test_a_request_that_comes_too_late_changes_nothing_and_is_said(begun):
    client, record, job = begun
    jobs.run(job.pk)
    assert jobs.cancel(job, actor=jobs.Actor.of(client.user, record.programme)) is False
    assert (ConditionPrecedent.objects.count(), [*beside._path(job, "stop").parent.glob("*")]) == (ROWS, [])
    Job.objects.filter(pk=job.pk).update(cancel_asked=True)
    assert "came too late" in client.get(reverse("mobilisation:job-detail", args=[job.public_id])).content.decode()


@pytest.mark.django_db
def test_work_that_cannot_say_how_far_it_is_goes_on(begun, monkeypatch):
    _, _, job = begun
    monkeypatch.setattr(beside._OtherConnection, "_TELL", "SELECT nothing")
    monkeypatch.setattr(beside._Files, "tell", lambda *a: False)
    assert jobs.run(job.pk).state == "done"


@in_one_piece
@pytest.mark.only("sqlite", "elsewhere the heartbeat is in the row")
def test_the_sweeper_leaves_work_that_says_it_lives_beside_its_row(programme):
    job = Job.objects.create(kind="import", state="running", heartbeat=now() - timedelta(hours=1), attempts=1)
    beside.channel(job).tell(1, 2, WRITING)
    assert jobs.sweep()[1] == 0
    beside.channel(job).close()
    assert jobs.sweep()[1] == 1


@in_one_piece
@pytest.mark.only("postgresql", "SQLite has one lock")
def test_an_import_waits_for_another_one_and_can_be_cancelled_meanwhile(begun, monkeypatch):
    client, record, job = begun
    real, said = jobs.Run.progress, []

    def stop(run, done, total, message="", **more):
        said.append(message)
        if message.startswith("Waiting"):
            elsewhere(lambda: jobs.cancel(job, actor=jobs.Actor.of(client.user, record.programme)))
        real(run, done, total, message, **more)

    monkeypatch.setattr(jobs.Run, "progress", stop)
    with imports.transaction.atomic():
        imports.Programme.objects.select_for_update(no_key=True).get(pk=record.programme_id)
        assert elsewhere(lambda: jobs.run(job.pk)).state == "cancelled"
    assert said[-1] == "Waiting: something else is being written in this programme"


def test_parts_are_of_about_one_size_and_hold_every_row_to_be_written():
    rows = [PlannedRow(ParsedRow(n, {}, {}, {}), UNCHANGED if n % 5 == 0 else CREATED, None, (), "") for n in range(13)]
    parts = [[row.row.number for row in part.rows] for part in Plan(rows).parts(4)]
    assert parts == [[1, 2, 3, 4], [6, 7, 8, 9], [11, 12]]
    assert [len(part.rows) for part in Plan(rows[:8]).parts(5)] == [3, 3]
    assert [*Plan(rows[:1]).parts(4)] == []


@pytest.mark.django_db
def test_a_part_that_does_not_add_up_rolls_every_part_back(begun, monkeypatch):
    write = made.ConditionImporter.write
    calls = []

    def lose_one(self, plan, job=None):
        calls.append(len(plan.rows))
        written = write(self, plan, job)
        return made.Written(written.created - (len(calls) == 3), written.updated)

    monkeypatch.setattr(made.ConditionImporter, "write", lose_one)
    ended = jobs.run(begun[2].pk)
    assert (ended.state, calls) == ("failed", [2, 2, 2])
    assert "6 to create and 0 to change, but 5 and 0 were written" in ended.reason
    assert ConditionPrecedent.objects.count() == 0


@pytest.mark.only("postgresql", "SQLite counts them at the commit")
@pytest.mark.django_db
def test_a_broken_reference_is_found_before_the_commit(monkeypatch):
    from mobilisation.services import rows

    with pytest.raises(DatabaseError), imports.transaction.atomic():
        ImportRun.objects.create(programme_id=987654, kind="x", file_name="x")
        rows.check_references()


@pytest.mark.django_db
def test_the_page_of_a_stopped_import_asks_no_more_and_leads_back_to_the_file(begun):
    client, record, job = begun
    page = reverse("mobilisation:import-run", args=[record.programme.ref, "conditions", record.public_id])
    Job.objects.filter(pk=job.pk).update(cancel_asked=True)
    assert jobs.run(job.pk).state == "cancelled"
    imports.reopen(record)
    answer = client.get(page, headers={"HX-Request": "true", "X-Background": "1"})
    text = answer.content.decode()
    assert (answer.status_code, "HX-Refresh" in answer.headers, "every 2s" in text) == (200, False, False)
    assert f'href="{page}">Go back to the file' in text
    assert "Cancelled by request. Nothing was kept." in client.get(page, follow=True).content.decode()


@in_one_piece
@pytest.mark.only("sqlite", "elsewhere a preview holds up nobody's saves")
def test_a_preview_holds_no_write_lock(begun, monkeypatch):
    client, record, _ = begun
    load, wrote = made.ConditionImporter.load, []

    def write_meanwhile(self, rows):
        load(self, rows)
        wrote.append(elsewhere(lambda: Job.objects.update(message="written meanwhile")))

    monkeypatch.setattr(made.ConditionImporter, "load", write_meanwhile)
    begin = time.monotonic()
    imports.preview(record, jobs.Actor.of(client.user, record.programme))
    assert (wrote, time.monotonic() - begin < 10) == ([1], True)
