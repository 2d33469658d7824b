"""Background work: the row first, the message on commit, taken once, swept after a crash (design, Jobs)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery import signature
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.choices import JobState
from mobilisation.clock import now
from mobilisation.errors import Refused
from mobilisation.models import Job, Programme
from mobilisation.roles import Can
from mobilisation.services import beside, changes

log = logging.getLogger(__name__)

HEARTBEAT_LOST = timedelta(seconds=60)
"""A running job whose process has said nothing for so long is taken to be dead; a living one says it beside the work (:func:`beside.beating`)."""
RESEND_AFTER = timedelta(seconds=45)
_WRITE_EVERY = 0.5
RUN_JOB = "mobilisation.run_job"
"""Name of the task a message asks for; the task itself stands above this room."""


class Cancelled(Exception):
    """Somebody asked the job to stop."""


@dataclass
class Run:
    """What a handler works with. ``progress`` may be called as often as one likes."""

    job: Job
    actor: Actor
    _written: float = 0.0
    _said: str = ""
    _channel: beside.Channel | None = None

    @property
    def args(self) -> dict[str, Any]:
        args: dict[str, Any] = self.job.args
        return args

    def progress(self, done: int, total: int, message: str = "", *, at_once: bool = False) -> None:
        """Heartbeat, figures, and the chance to stop; written at most twice a second, with a new message, or ``at_once``."""
        moment = time.monotonic()
        if moment - self._written < _WRITE_EVERY and done < total and message == self._said and not at_once:
            return
        self._written, self._said = moment, message
        if self._tell(done, total, message[:300]):
            raise Cancelled

    def _tell(self, done: int, total: int, message: str) -> bool:
        if self._channel is not None:
            return self._channel.tell(done, total, message)
        Job.objects.filter(pk=self.job.pk, state=JobState.RUNNING).update(done=done, total=total, message=message, heartbeat=now())
        return Job.objects.filter(pk=self.job.pk, cancel_asked=True).exists()

    @contextmanager
    def in_one_piece(self) -> Iterator[None]:
        """Around work in a transaction: what ``progress`` says is seen, and Cancel heard, although nothing is committed."""
        self._channel = beside.channel(self.job)
        try:
            yield
        finally:
            self._channel.close()
            self._channel = None


def enqueue(kind: str, programme: Programme | None, args: dict[str, Any], actor: Actor, *, unique_key: str | None = None) -> Job:
    """Write the row and, once committed, send its id. With ``unique_key`` a second call returns the first job."""
    registry.job_kind(kind)
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind, programme=programme, args=args, requested_by=actor.user, requested_as=actor.label[:150], unique_key=unique_key
            )
    except IntegrityError:
        return Job.objects.get(unique_key=unique_key)
    transaction.on_commit(lambda: send(job.pk))
    return job


def send(job_id: int) -> bool:
    """Publish the id; a broker that is away changes nothing, the sweeper sends again."""
    try:
        signature(RUN_JOB, args=[job_id]).apply_async(ignore_result=True)
    except Exception as error:  # the broker's own exceptions differ by transport
        log.warning("job %s waits for the queue: %s", job_id, type(error).__name__)
        return False
    Job.objects.filter(pk=job_id).update(sent_at=now())
    return True


def run(job_id: int) -> Job | None:
    """Take the job and do it; None when somebody else has it or it is finished."""
    taken = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING, started_at=now(), heartbeat=now(), attempts=F("attempts") + 1
    )
    if not taken:
        return None
    job = Job.objects.select_related("programme", "requested_by").get(pk=job_id)
    actor = Actor.of(job.requested_by, job.programme) if job.requested_by else Actor(label=job.requested_as, unrestricted=True)
    handler: Callable[[Run], dict[str, Any]] = registry.load(registry.job_kind(job.kind).handler)
    try:
        if job.cancel_asked:
            raise Cancelled
        with beside.beating(job):
            result = handler(Run(job, actor)) or {}
    except Cancelled:
        _finish(job, JobState.CANCELLED, reason="Cancelled by request. Nothing was kept.")
    except Refused as refusal:
        _finish(job, JobState.FAILED, reason=str(refusal))
    except Exception as error:
        log.exception("job %s (%s) failed", job.public_id, job.kind)
        _finish(job, JobState.FAILED, reason=f"It stopped with an unexpected fault ({type(error).__name__}). Nothing was half written. The fault is in the log under {job.public_id}.")
    else:
        _finish(job, JobState.DONE, result=result)
    job.refresh_from_db()
    return job


def _finish(job: Job, state: str, *, result: dict[str, Any] | None = None, reason: str = "") -> None:
    """What came of it stands where the last step stood: ``result["said"]`` of work that is done, nothing of what was stopped; of a
    failure one reads how far it came."""
    said = {"message": str((result or {}).get("said", ""))[:300]} if state != JobState.FAILED else {}
    # Of this attempt only: work that was taken for dead and given to another worker does not end the other's.
    Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts).update(
        state=state, result=result or {}, reason=reason, finished_at=now(), heartbeat=now(), done=F("total") if state == JobState.DONE else F("done"), **said
    )
    beside.forget(job)


def is_long(job_id: int) -> bool:
    kind = Job.objects.filter(pk=job_id).values_list("kind", flat=True).first()
    return kind is not None and registry.job_kind(kind).long


def ahead_of(job: Job) -> int:
    """How many pieces of work a waiting one lets go first. Long work waits for long work only, as short work does for short."""
    if job.state != JobState.QUEUED:
        return 0
    lane = [kind for kind, entry in registry.job_kinds().items() if entry.long == registry.job_kind(job.kind).long]
    return Job.objects.filter(Q(state=JobState.RUNNING) | Q(state=JobState.QUEUED, pk__lt=job.pk), kind__in=lane).count()


def run_now(kind: str, programme: Programme | None, args: dict[str, Any], actor: Actor) -> Job:
    """For commands: the same row, done here and now without a worker."""
    job = Job.objects.create(kind=kind, programme=programme, args=args, requested_by=actor.user, requested_as=actor.label[:150])
    return run(job.pk) or job


def cancel(job: Job, *, actor: Actor, allowed: Can = Can.PACK_DRAFT) -> bool:
    """A waiting job stops at once; a running one at its next step. Whoever asked for it may, of others who holds ``allowed``; history says who. False when there was nothing to stop."""
    if actor.user is None or job.requested_by_id != actor.user.pk:
        actor.require(allowed)
    # Said beside the row first: work that holds SQLite's only write lock lets go of it, and the rest here need not wait for its end.
    beside.ask_to_stop(job)
    with transaction.atomic():
        stopped = Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(state=JobState.CANCELLED, cancel_asked=True, finished_at=now(), reason=f"Cancelled by {actor.label} before it began.")
        asked = bool(stopped) or bool(Job.objects.filter(pk=job.pk, state__in=(JobState.RUNNING, JobState.CANCELLED), cancel_asked=False).update(cancel_asked=True))
        if asked:
            changes.mark(job, f"{registry.job_kind(job.kind).title.lower()} cancelled", actor=actor, programme=job.programme)
    if not Job.objects.filter(pk=job.pk, state=JobState.RUNNING).exists():
        beside.forget(job)
    return asked


def as_it_stands(job: Job) -> Job:
    """``job`` as read from its row, with what it said beside it since; for pages, not to be saved."""
    if (told := beside.heard(job)) is not None:
        job.done, job.total, job.message, job.heartbeat = told.done, told.total, told.message, told.at
        job.cancel_asked = job.cancel_asked or told.asked_to_stop
    return job


def sweep() -> tuple[int, int]:
    """Send again what waits, take back what a dead worker held. Returns (sent, taken back)."""
    moment = now()
    back = 0
    for job in Job.objects.filter(state=JobState.RUNNING).filter(Q(heartbeat__lt=moment - HEARTBEAT_LOST) | Q(heartbeat__isnull=True)):
        told, beat = beside.heard(job), beside.beat_at(job)
        if any(at > moment - HEARTBEAT_LOST for at in (told.at if told else None, beat) if at):
            continue
        if job.attempts < registry.job_kind(job.kind).retry:
            back += Job.objects.filter(pk=job.pk, state=JobState.RUNNING, heartbeat=job.heartbeat).update(state=JobState.QUEUED, message="The worker stopped; waiting to start again.", sent_at=None)
        else:
            Job.objects.filter(pk=job.pk, state=JobState.RUNNING, heartbeat=job.heartbeat).update(
                state=JobState.FAILED, finished_at=moment, reason=f"The worker stopped {job.attempts} times during this work. Try again, or ask the administrator to look at the log."
            )
    waiting = Job.objects.filter(state=JobState.QUEUED).filter(Q(sent_at__isnull=True) | Q(sent_at__lt=moment - RESEND_AFTER))
    sent = sum(send(pk) for pk in waiting.values_list("pk", flat=True)[:200])
    return sent, back


def take_back_all() -> int:
    """At the start of the embedded way no other process can be working: whatever ran has died with it."""
    return Job.objects.filter(state=JobState.RUNNING).update(state=JobState.QUEUED, sent_at=None, message="The site was restarted; waiting to start again.")
