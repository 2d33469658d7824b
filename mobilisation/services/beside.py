"""What a running job says and hears while it holds a transaction: its row shows nothing to others then.

PostgreSQL: a second connection writes the row and reads whether somebody asked to stop. SQLite has one writer, so it is two
small files in ``VAR_DIR/running`` that every process of the site sees. Figures and a phase only; the row stays the truth.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from mobilisation.choices import JobState
from mobilisation.clock import now
from mobilisation.models import Job

log = logging.getLogger(__name__)
BEAT_EVERY = 15.0
BEAT_FOR = 3600.0
"""Seconds. Work that takes longer than this is stuck, and its worker counts as dead however alive the process is."""


class Channel(Protocol):
    def tell(self, done: int, total: int, message: str) -> bool:
        """Say where the work stands; True when it is asked to stop. Never raises: the work goes on unseen."""

    def close(self) -> None: ...


def channel(job: Job) -> Channel:
    return _Files(job) if _one_writer() else _OtherConnection(job)


def _one_writer() -> bool:
    return connections[DEFAULT_DB_ALIAS].vendor == "sqlite"


class _OtherConnection:
    _TELL = "UPDATE mobilisation_job SET done = %s, total = %s, message = %s, heartbeat = %s WHERE id = %s AND state = %s RETURNING cancel_asked"
    _PATIENCE = 3

    def __init__(self, job: Job) -> None:
        self._key, self._failed = job.pk, 0
        self._connection = connections[DEFAULT_DB_ALIAS].copy()

    def tell(self, done: int, total: int, message: str) -> bool:
        if self._failed >= self._PATIENCE:
            return False
        try:
            begins = self._connection.connection is None
            with self._connection.cursor() as cursor:
                if begins:
                    # Were the row ever locked by the work itself, it would wait for itself for ever.
                    cursor.execute("SET lock_timeout = '2s'")
                cursor.execute(self._TELL, [done, total, message, now(), self._key, JobState.RUNNING])
                found = cursor.fetchone()
        except DatabaseError as error:
            self._failed += 1
            self._connection.close()
            log.warning("job %s goes on without saying so: %s", self._key, type(error).__name__)
            return False
        return bool(found and found[0])

    def close(self) -> None:
        self._connection.close()


class _Files:
    def __init__(self, job: Job) -> None:
        self._job = job

    def tell(self, done: int, total: int, message: str) -> bool:
        try:
            _put(_path(self._job, "told"), json.dumps([done, total, message, now().isoformat()]))
        except OSError as error:
            log.warning("job %s goes on without saying so: %s", self._job.pk, type(error).__name__)
        return _path(self._job, "stop").exists()

    def close(self) -> None:
        _path(self._job, "told").unlink(missing_ok=True)


@contextmanager
def beating(job: Job) -> Iterator[None]:
    """Inside, a thread of its own says that this process lives: pages can take minutes to set in which the work says nothing."""
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=[job, over], daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(BEAT_EVERY)


def _beat(job: Job, over: threading.Event) -> None:
    ends = time.monotonic() + BEAT_FOR
    while not over.wait(BEAT_EVERY) and time.monotonic() < ends:
        try:
            if _one_writer():
                _put(_path(job, "beat"), now().isoformat())
            else:
                with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
                    cursor.execute("SET lock_timeout = '2s'")
                    cursor.execute("UPDATE mobilisation_job SET heartbeat = %s WHERE id = %s AND state = %s AND attempts = %s", [now(), job.pk, JobState.RUNNING, job.attempts])
        except (OSError, DatabaseError) as error:
            log.warning("job %s could not say that it lives: %s", job.pk, type(error).__name__)
    if not _one_writer():
        connections[DEFAULT_DB_ALIAS].close()


def beat_at(job: Job) -> datetime | None:
    """When the process last said so beside the row; None where the row says it."""
    try:
        return datetime.fromisoformat(_path(job, "beat").read_text(encoding="utf-8")) if _one_writer() else None
    except (OSError, ValueError):
        return None


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_suffix(f"{path.suffix}.new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)


def _path(job: Job, what: str) -> Path:
    return Path(settings.VAR_DIR) / "running" / f"{job.public_id}.{what}"


def ask_to_stop(job: Job) -> None:
    """Heard by work that holds the only write lock; elsewhere the row says it."""
    if _one_writer():
        path = _path(job, "stop")
        path.parent.mkdir(exist_ok=True)
        path.touch()


@dataclass(frozen=True)
class Told:
    done: int
    total: int
    message: str
    at: datetime
    asked_to_stop: bool


def heard(job: Job) -> Told | None:
    """The last word of work under way that its row does not hold; None when the row says all."""
    if job.state != JobState.RUNNING or not _one_writer():
        return None
    try:
        done, total, message, at = json.loads(_path(job, "told").read_text(encoding="utf-8"))
        told = Told(done, total, message, datetime.fromisoformat(at), _path(job, "stop").exists())
    except (OSError, ValueError):
        return None
    return told if job.heartbeat is None or told.at > job.heartbeat else None


def forget(job: Job) -> None:
    """After the end of a job."""
    if _one_writer():
        for what in ("told", "stop", "beat"):
            _path(job, what).unlink(missing_ok=True)
