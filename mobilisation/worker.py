"""The consumer of the Celery worker: it outlives a queue that goes away, whatever it was doing at that moment."""

from __future__ import annotations

from typing import Any

from celery.worker.consumer import Consumer
from kombu.exceptions import OperationalError


class PatientConsumer(Consumer):
    """Asks for the queue again after every loss of it.

    Celery takes back up only what the transport itself raises. A connection that is lost while the worker greets its
    neighbours (at its start, and each time it has come back) arrives as kombu's ``OperationalError`` instead, and would end the process.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.connection_errors = (*self.connection_errors, OperationalError)
