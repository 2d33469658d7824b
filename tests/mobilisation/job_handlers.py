"""Work for the tests of jobs; named by dotted path, as real work is."""

from __future__ import annotations

import time
from pathlib import Path

from django.db.models import F

from mobilisation.errors import Refused
from mobilisation.models import Job
from mobilisation.services import jobs

done: list[int] = []


def count(run):
    time.sleep(0.1)
    done.append(run.job.pk)
    return {"url": "/glossary/"}


def refuse(run):
    raise Refused("Row 3: no such thing.")


def burst(run):
    raise KeyError("secret of Mrs Smith")


def steps(run):
    for number in range(1, 4):
        run._written = 0.0
        run.progress(number, 3, f"step {number}")
    return {}


def slow_once(run):
    """Hangs at the first attempt until it is killed; afterwards adds one line to a file."""
    run.progress(1, 1, "begun")
    if run.job.attempts == 1:
        time.sleep(120)
    with Path(run.args["file"]).open("a") as file:
        file.write("done\n")
    return {}


def silent(run):
    """Works for longer than a dead worker is waited for, and says nothing; the sweeper comes by meanwhile."""
    time.sleep(3 * jobs.HEARTBEAT_LOST.total_seconds())
    return {"taken back": jobs.sweep()[1]}


def given_away(run):
    """Meanwhile the sweeper took it back, and another worker began."""
    Job.objects.filter(pk=run.job.pk).update(attempts=F("attempts") + 1)
    return {"from": "the first"}
