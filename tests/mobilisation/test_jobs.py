"""Background work: once, with progress, cancel, result or reason; nothing is lost to a crash or a broker that is away."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery
from celery.exceptions import WorkerShutdown
from celery.worker import state
from celery.worker.consumer.events import Events
from django.conf import settings
from django.db import connection
from django.urls import reverse
from kombu.exceptions import OperationalError

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.errors import NotPermitted
from mobilisation.models import Change, Job, RoleAssignment
from mobilisation.roles import ROLES
from mobilisation.services import beside, jobs
from mobilisation.tasks import run_job
from tests.factories import ground
from tests.mobilisation import job_handlers

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    job_handlers.done.clear()
    for name in ("count", "refuse", "burst", "steps", "silent", "given_away"):
        monkeypatch.setitem(registry._jobs, name, registry.JobKind(name, name.title(), f"tests.mobilisation.job_handlers.{name}"))


def job(kind="count", **fields):
    return Job.objects.create(kind=kind, **fields)


def test_a_job_ends_in_a_result_or_a_reason():
    assert (jobs.run(job().pk).state, len(job_handlers.done)) == ("done", 1)
    refused = jobs.run(job("refuse").pk)
    assert (refused.state, refused.reason) == ("failed", "Row 3: no such thing.")
    burst = jobs.run(job("burst").pk)
    assert (burst.state, "KeyError" in burst.reason, "Smith" in burst.reason) == ("failed", True, False)


def test_progress_is_kept_and_cancel_is_heard():
    running = job("steps")
    assert jobs.run(running.pk).state == "done"
    running.refresh_from_db()
    assert (running.done, running.total, running.percent, running.message) == (3, 3, 100, ""), "the last step is no result"
    stopped = job("steps", cancel_asked=True, message="step 1")
    assert (jobs.run(stopped.pk).state, Job.objects.get(pk=stopped.pk).message) == ("cancelled", "")
    failed = job("refuse", message="step 2")
    assert (jobs.run(failed.pk).state, Job.objects.get(pk=failed.pk).message) == ("failed", "step 2"), "how far it came"


@pytest.mark.django_db(transaction=True)
def test_a_message_delivered_twice_at_once_does_the_work_once():
    for _ in range(5):
        pk, start = job().pk, threading.Barrier(2)

        def deliver(pk=pk, start=start):
            start.wait()
            run_job(pk)
            connection.close()

        threads = [threading.Thread(target=deliver) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert job_handlers.done.count(pk) == 1
    run_job(pk)
    assert len(job_handlers.done) == 5


def test_a_unique_key_gives_the_same_job():
    first = jobs.enqueue("count", None, {}, Actor.operator(), unique_key="week 9")
    assert jobs.enqueue("count", None, {}, Actor.operator(), unique_key="week 9") == first
    assert Job.objects.count() == 1


def test_the_sweeper_takes_back_what_a_dead_worker_held():
    long_ago = now() - jobs.HEARTBEAT_LOST - timedelta(seconds=1)
    dead, alive = job(state="running", heartbeat=long_ago, attempts=1), job(state="running", heartbeat=now(), attempts=1)
    spent = job(state="running", heartbeat=long_ago, attempts=3)
    assert jobs.sweep() == (1, 1)
    assert [Job.objects.get(pk=one.pk).state for one in (dead, alive, spent)] == ["queued", "running", "failed"]
    assert "stopped 3 times" in Job.objects.get(pk=spent.pk).reason
    assert jobs.sweep() == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_work_that_says_nothing_for_long_is_not_taken_for_dead(monkeypatch, settings, tmp_path):
    """A pack can take longer to set than a dead worker is waited for."""
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(beside, "BEAT_EVERY", 0.05)
    monkeypatch.setattr(jobs, "HEARTBEAT_LOST", timedelta(seconds=0.5))
    ended = jobs.run(job("silent").pk)
    assert (ended.state, ended.result, ended.attempts) == ("done", {"taken back": 0}, 1)
    assert list(tmp_path.glob("running/*")) == []


@pytest.mark.django_db(transaction=True)
def test_work_that_never_ends_says_so_no_longer_than_its_time(monkeypatch, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(beside, "BEAT_EVERY", 0.05)
    monkeypatch.setattr(beside, "BEAT_FOR", 0.1)
    monkeypatch.setattr(jobs, "HEARTBEAT_LOST", timedelta(seconds=0.5))
    assert jobs.run(job("silent").pk).state == "queued"


def test_who_was_taken_for_dead_does_not_end_the_work_of_the_next():
    ended = jobs.run(job("given_away").pk)
    assert (ended.state, ended.result, ended.attempts) == ("running", {}, 2)


def test_a_broker_that_is_away_refuses_nothing(monkeypatch, sign_in, programme, django_capture_on_commit_callbacks):
    client = sign_in("ML", programme)

    def away(*args, **kwargs):
        raise ConnectionError("redis is away")

    with monkeypatch.context() as broken:
        broken.setattr(run_job, "apply_async", away)
        with django_capture_on_commit_callbacks(execute=True):
            waiting = jobs.enqueue("count", programme, {}, Actor.of(client.user, programme))
        assert jobs.sweep() == (0, 0)
        page = client.get(reverse("mobilisation:job-detail", args=[waiting.public_id])).content.decode()
        assert "will be done when the queue is back" in page
    assert jobs.sweep() == (1, 0)
    assert "will be done when the queue is back" not in client.get(reverse("mobilisation:job-detail", args=[waiting.public_id])).content.decode()


@pytest.mark.filterwarnings("ignore::celery.exceptions.CPendingDeprecationWarning")
@pytest.mark.parametrize("consumer,greetings,ended", [(settings.CELERY_WORKER_CONSUMER, 2, None), ("celery.worker.consumer:Consumer", 1, 1)])
def test_a_worker_outlives_a_queue_lost_while_it_greets_its_neighbours(monkeypatch, consumer, greetings, ended):
    """The stock consumer ends the process there: the second case shows what the first guards against."""
    app = Celery("greeting", broker="memory://", set_as_current=False)
    app.conf.worker_consumer = consumer
    tries = []

    def greet(_, consumer):
        tries.append(consumer)
        if len(tries) == 1:
            raise OperationalError("Connection refused.")
        raise WorkerShutdown(None)

    monkeypatch.setattr(Events, "start", greet)
    monkeypatch.setattr(state, "should_stop", None)
    worker = app.WorkController(pool_cls="solo", hostname="greeting@here", without_mingle=True, without_gossip=True)
    worker.start()
    assert (len(tries), worker.exitcode) == (greetings, ended)


def test_the_page_shows_progress_and_stops_the_work(sign_in, programme):
    client = sign_in("ML", programme)
    mine = job(state="running", requested_by=client.user, programme=programme, done=2, total=8, heartbeat=now())
    page = reverse("mobilisation:job-detail", args=[mine.public_id])
    shown = client.get(page).content.decode()
    assert "2 of 8" in shown
    assert '{"X-Background": "1"}' in shown
    assert "<h1" not in client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert client.post(page).status_code == 302
    mine.refresh_from_db()
    assert (mine.state, mine.cancel_asked) == ("running", True)
    waiting = job(requested_by=client.user)
    client.post(reverse("mobilisation:job-detail", args=[waiting.public_id]))
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    foreign = job(requested_by=ground.user())
    assert client.get(reverse("mobilisation:job-detail", args=[foreign.public_id])).status_code == 404
    assert client.post(reverse("mobilisation:job-detail", args=[foreign.public_id])).status_code == 404


@pytest.mark.parametrize("state", ["queued", "running"])
@pytest.mark.parametrize("role", [code for code in ROLES if not ROLES[code].site_wide])
def test_work_without_an_author_is_stopped_only_by_who_makes_packs_and_history_says_who(sign_in, programme, role, state):
    client = sign_in(role, programme)
    weekly = job(programme=programme, state=state, heartbeat=now())
    page = reverse("mobilisation:job-detail", args=[weekly.public_id])
    may = role in {"SRO", "ML", "MLD", "CL", "OL", "DA"}
    assert (client.get(page).status_code, len(client.get(reverse("mobilisation:job-list")).context["rows"])) == ((200, 1) if may else (404, 0))
    assert client.post(page).status_code == (302 if may else 404)
    weekly.refresh_from_db()
    assert (weekly.state, weekly.cancel_asked) == (("cancelled" if state == "queued" else "running", True) if may else (state, False))
    told = [(change.actor, change.action, change.programme) for change in Change.objects.filter(entity="mobilisation.job", object_id=weekly.pk)]
    assert told == ([(client.user, "count cancelled", programme)] if may else [])
    if not may:
        with pytest.raises(NotPermitted):
            jobs.cancel(weekly, actor=Actor.of(client.user, programme))
        weekly.refresh_from_db()
        assert (weekly.state, weekly.cancel_asked) == (state, False)
    elif state == "queued":
        assert weekly.reason == f"Cancelled by {client.user} before it began."


def test_the_page_around_the_panel_hears_when_the_work_is_finished(sign_in, programme):
    client = sign_in("ML", programme)
    mine = job(state="running", requested_by=client.user, programme=programme, heartbeat=now())
    page = reverse("mobilisation:job-detail", args=[mine.public_id])
    asked = lambda: client.get(page, headers={"HX-Request": "true"}).headers.get("HX-Trigger")  # noqa: E731
    assert asked() is None
    Job.objects.filter(pk=mine.pk).update(state="done")
    assert asked() == "job-finished"


def test_finished_work_is_not_cancelled_and_nothing_is_told(sign_in, programme):
    client = sign_in("ML", programme)
    done = job(programme=programme, state="done", requested_by=client.user)
    client.post(reverse("mobilisation:job-detail", args=[done.public_id]))
    done.refresh_from_db()
    assert (done.state, done.cancel_asked, Change.objects.filter(entity="mobilisation.job").count()) == ("done", False, 0)


def test_work_in_a_programme_one_has_left_is_out_of_sight(sign_in, programme):
    client = sign_in("MT", programme)
    mine, letter = job(programme=programme, requested_by=client.user), job(requested_by=client.user)
    shown = lambda: [one.public_id for one, _ in client.get(reverse("mobilisation:job-list")).context["rows"]]  # noqa: E731
    assert shown() == [letter.public_id, mine.public_id]
    RoleAssignment.objects.filter(user=client.user).update(ended_at=now())
    assert shown() == [letter.public_id]
    assert client.get(reverse("mobilisation:job-detail", args=[mine.public_id])).status_code == 404
    assert client.post(reverse("mobilisation:job-detail", args=[mine.public_id])).status_code == 404
    mine.refresh_from_db()
    assert (mine.state, mine.cancel_asked) == ("queued", False)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same(sign_in, programme, django_assert_num_queries, number):
    client = sign_in("ML", programme)
    for _ in range(number):
        job(requested_by=client.user, programme=programme)
    client.get("/glossary/")
    with django_assert_num_queries(6):
        page = client.get(reverse("mobilisation:job-list"))
    assert len(page.context["rows"]) == number


SCRIPT = """
import os, sys, django
django.setup()
from datetime import timedelta
from mobilisation import registry
from mobilisation.errors import NotPermitted
from mobilisation.models import Change, Job, RoleAssignment
from mobilisation.roles import ROLES
from mobilisation.services import beside, jobs
registry.job("slow_once", "Slow", "tests.mobilisation.job_handlers.slow_once")
"""


def test_a_worker_killed_in_mid_work_loses_nothing(tmp_path):
    environment = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}} | {
        "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "mobilisation.settings", "PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
    }
    target = tmp_path / "result.txt"

    def python(code):
        return subprocess.Popen([sys.executable, "-c", SCRIPT + code], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finished(code):
        process = python(code)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return out.strip()

    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=environment, check=True, timeout=120)
    worker = python(f"job = Job.objects.create(kind='slow_once', args={{'file': {str(target)!r}}}); print(job.pk, flush=True); jobs.run(job.pk)")
    pk = int(worker.stdout.readline())
    end = time.monotonic() + 60
    while finished(f"print(Job.objects.get(pk={pk}).message)") != "begun":
        assert time.monotonic() < end
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert finished(f"print(Job.objects.get(pk={pk}).state)") == "running"
    after = f"jobs.HEARTBEAT_LOST = timedelta(0); print(jobs.sweep()); jobs.run({pk}); jobs.run({pk}); print(jobs.sweep()); job = Job.objects.get(pk={pk}); print(job.state, job.attempts)"
    assert finished(after).splitlines() == ["(1, 1)", "(0, 0)", "done 2"]
    assert target.read_text() == "done\n"
