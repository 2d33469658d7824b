"""Where one process does everything: long work goes to a child, one at a time, and holds up nothing short."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
from django.urls import reverse

from mobilisation import apart, registry
from mobilisation.models import Job
from mobilisation.services import jobs

FOREVER = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def child(monkeypatch):
    """The child only sleeps; it is ended by hand."""
    begun, real = [], subprocess.Popen

    def popen(command, **more):
        begun.append((int(command[-1]), real(FOREVER)))
        return begun[-1][1]

    monkeypatch.setattr(apart.subprocess, "Popen", popen)
    yield begun
    for _, process in begun:
        process.kill()
        process.wait()


def until(true):
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_short_work_begins_at_once_while_long_work_is_done_and_more_of_it_waits(child):
    lanes, done, sent = apart.Apart(), [], []
    threads = [threading.Thread(target=lanes.do, args=(1, True, done.append, sent.append))]
    threads[0].start()
    until(lambda: child)
    for waiting in (2, 3, 2):
        lanes.do(waiting, True, done.append, sent.append)
    lanes.do(4, False, done.append, sent.append)
    assert (done, sent, [pk for pk, _ in child]) == ([4], [], [1])
    child[0][1].kill()
    threads[0].join(20)
    assert sent == [2]
    second = threading.Thread(target=lanes.do, args=(2, True, done.append, sent.append))
    second.start()
    until(lambda: len(child) == 2)
    lanes.stop()
    second.join(20)
    assert (sent, child[1][1].poll() is not None) == ([2, 3], True)
    lanes.do(3, True, done.append, sent.append)
    assert len(child) == 2, "nothing begins once the site stops"


def test_short_work_is_done_one_after_the_other():
    lanes, at_once, most = apart.Apart(), [], []

    def work(pk):
        at_once.append(pk)
        most.append(len(at_once))
        time.sleep(0.05)
        at_once.remove(pk)

    threads = [threading.Thread(target=lanes.do, args=(pk, False, work, None)) for pk in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]


@pytest.mark.django_db
def test_packs_are_long_and_imports_are_not():
    assert {kind for kind, entry in registry.job_kinds().items() if entry.long} == {"pack", "weekly_packs"}
    assert [jobs.is_long(Job.objects.create(kind=kind).pk) for kind in ("pack", "weekly_packs", "import")] == [True, True, False]
    assert jobs.is_long(0) is False


@pytest.mark.django_db
def test_the_page_says_how_many_go_first(sign_in, programme):
    client = sign_in("ML", programme)
    Job.objects.create(kind="pack", state="running")
    Job.objects.create(kind="weekly_packs")
    Job.objects.create(kind="pack", state="done")
    pack, brought = (Job.objects.create(kind=kind, programme=programme, requested_by=client.user) for kind in ("pack", "import"))
    Job.objects.create(kind="pack")
    page = lambda job: client.get(reverse("mobilisation:job-detail", args=[job.public_id])).content.decode()  # noqa: E731
    assert "Waiting for its turn; 2 other pieces of work before it." in page(pack)
    assert "Waiting for its turn." in page(brought)
    pack.state = "running"
    assert jobs.ahead_of(pack) == 0
