"""Celery entry points of the ground: thin, idempotent, ids only."""

from __future__ import annotations

import logging

from celery import shared_task

from mobilisation import registry
from mobilisation.apart import Apart
from mobilisation.clock import now
from mobilisation.services import jobs

log = logging.getLogger(__name__)
apart: Apart | None = None
"""Set by the process that does everything itself."""


@shared_task(name=jobs.RUN_JOB, time_limit=3600)
def run_job(job_id: int) -> None:
    if apart is None:
        jobs.run(job_id)
    else:
        apart.do(job_id, jobs.is_long(job_id), jobs.run, jobs.send)


@shared_task(name="mobilisation.tick")
def tick() -> None:
    """Once a minute: sweep the jobs, then let every registered schedule take the slots that are due."""
    jobs.sweep()
    for entry in registry.ticks():
        try:
            registry.load(entry.run)(now())
        except Exception:
            log.exception("schedule %s failed; the others go on", entry.name)
