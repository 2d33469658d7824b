"""Own pages for what goes wrong, JSON where JSON was asked for; the last resort needs neither database nor context."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.utils import timezone

from mobilisation import answers, unsent


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _bare("400.html", 400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    if answers.wants_json(request):
        return answers.refusal(404, answers.NOT_THERE)
    return render(request, "404.html", status=404)


def too_many(request: HttpRequest) -> HttpResponse:
    """Asked too often from one place, or by one person. Says when to come back, and nothing about any account."""
    again = timezone.localtime(timezone.now() + timedelta(seconds=settings.PAUSE_SECONDS + 59)).replace(second=0, microsecond=0)
    answer = render(request, "429.html", {"again": again, "back": request.path}, status=429)
    answer["Retry-After"] = str(settings.PAUSE_SECONDS)
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    import sys

    error = sys.exc_info()[1]
    away = isinstance(error, (OperationalError, InterfaceError))
    if answers.wants_json(request):
        return answers.refusal(503, answers.AWAY) if away else answers.refusal(500, answers.FAILED)
    return _bare("503.html", 503, unsent.page(request)) if away else _bare("500.html", 500)


def _bare(template: str, status: int, context: dict[str, Any] | None = None) -> HttpResponse:
    return HttpResponse(get_template(template).render(context or {}), status=status, headers={"Cache-Control": "no-store"})
