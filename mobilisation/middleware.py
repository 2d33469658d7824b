"""Idle time-out, maintenance, and pages that must not be kept by a browser."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

Answer = Callable[[HttpRequest], HttpResponse]


class Maintenance:
    """Every page but the health checks answers 503 while MAINTENANCE is on; a lost database answers likewise."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.MAINTENANCE and not request.path.startswith(("/healthz", "/readyz", "/static/")):
            return render(request, "503.html", {"planned": True}, status=503)
        return self.get_response(request)


class IdleTimeout:
    """Ends a session after ``IDLE_MINUTES`` without a request. What was typed waits in the browser's own storage."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            moment = int(time.time())
            seen = request.session.get("seen_at")
            if seen is not None and moment - seen > settings.IDLE_MINUTES * 60:
                logout(request)
                request.session["timed_out"] = True
            elif request.headers.get("X-Background") != "1" and (seen is None or moment - seen >= 20):
                request.session["seen_at"] = moment
        return self.get_response(request)


class PrivatePages:
    """Pages of signed-in people are never stored by browser or proxy."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
