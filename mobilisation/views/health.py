"""``/healthz``: the process lives. ``/readyz``: each thing it stands on, with its state; 503 when one that is needed is away."""

from __future__ import annotations

import shutil
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from mobilisation.choices import JobState
from mobilisation.clock import now
from mobilisation.models import Job
from mobilisation.pdf import pdf_available

LATE = timedelta(minutes=10)
LEAST_DISK = 200 * 1024 * 1024


def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """JSON: {database, queue, disk, pdf: {state, detail}}; states ok, degraded, away."""
    states = {"database": _database(), "queue": _queue(), "disk": _disk(), "pdf": _pdf()}
    needed_away = any(states[name]["state"] == "away" for name in ("database", "disk"))
    return JsonResponse(states, status=503 if needed_away else 200)


def _database() -> dict[str, str]:
    try:
        with connection.cursor() as cursor:  # scope: asks for no row
            cursor.execute("SELECT 1")
    except DatabaseError:
        return {"state": "away", "detail": "the database does not answer"}
    return {"state": "ok", "detail": connection.vendor}


def _queue() -> dict[str, str]:
    if settings.REDIS_URL:
        import redis

        try:
            redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1).ping()
        except redis.RedisError:
            return {"state": "degraded", "detail": "the queue is away; work is kept and done when it is back"}
    try:
        late = Job.objects.filter(state=JobState.QUEUED, created_at__lt=now() - LATE).count()  # scope: only counts what waits
    except DatabaseError:
        return {"state": "away", "detail": "the database does not answer"}
    return {"state": "degraded", "detail": f"{late} jobs have waited for more than ten minutes"} if late else {"state": "ok", "detail": ""}


def _disk() -> dict[str, str]:
    try:
        settings.FILES_DIR.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(settings.FILES_DIR).free
    except OSError as error:
        return {"state": "away", "detail": f"the files folder cannot be used: {error.strerror}"}
    return {"state": "ok" if free >= LEAST_DISK else "degraded", "detail": f"{free // (1024 * 1024)} MB free"}


def _pdf() -> dict[str, str]:
    works, why = pdf_available()
    return {"state": "ok" if works else "degraded", "detail": why}
