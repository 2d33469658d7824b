"""Idle time-out, second factor, maintenance, and pages that must not be kept by a browser."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.middleware import UserSessionsMiddleware
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from requests import RequestException

from mobilisation.access import sees_personal_data

log = logging.getLogger(__name__)
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
    """Ends a session after ``IDLE_MINUTES`` without a request, and any session after ``SESSION_HOURS``.

    What was typed waits in the browser's own storage. Requests a page makes by itself (``X-Background: 1``) keep no session alive.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            moment = int(time.time())
            session = request.session
            seen, began = session.get("seen_at"), session.setdefault("began_at", moment)
            if (seen is not None and moment - seen > settings.IDLE_MINUTES * 60) or moment - began > settings.SESSION_HOURS * 3600:
                logout(request)
                request.session["timed_out"] = True
            elif request.headers.get("X-Background") != "1" and (seen is None or moment - seen >= 20):
                request.active_again = True  # type: ignore[attr-defined]
                session["seen_at"] = moment
                session.pop("timed_out", None)
        return self.get_response(request)


class SessionList(UserSessionsMiddleware):
    """Keeps the list of one's sessions up to date, no oftener than the idle time-out notes activity: not with every page."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return super().__call__(request) if getattr(request, "active_again", False) else self.get_response(request)


class SecondFactor:
    """While ``REQUIRE_MFA`` is on, whoever sees personal data sets up a second factor before anything else.

    Single sign-on counts: the second factor is then asked for by the organisation that signs the person in.
    """

    OPEN = ("/accounts/", "/static/", "/healthz", "/readyz", "/accessibility/", "/privacy/", "/glossary/")

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.REQUIRE_MFA and request.user.is_authenticated and not request.path.startswith(self.OPEN) and self._lacks(request):
            messages.warning(request, "You see personal data, so signing in asks for a second factor. Set one up: an authenticator app, or a passkey.")
            return redirect("mfa_index")
        return self.get_response(request)

    @staticmethod
    def _lacks(request: HttpRequest) -> bool:
        if any(entry.get("method") == "socialaccount" for entry in request.session.get("account_authentication_methods", ())):
            return False
        return sees_personal_data(request.user) and not is_mfa_enabled(request.user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])


class IssuerAway:
    """Single sign-on asks the issuer while a page is made; when it does not answer, the person is told and may use a password."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RequestException) or not request.path.startswith("/accounts/oidc/"):
            return None
        log.warning("single sign-on: the issuer does not answer (%s)", type(exception).__name__)
        messages.error(request, f"{settings.OIDC_NAME} cannot be reached at the moment. Try again in a few minutes, or sign in with your password.")
        return redirect("account_login")


class PrivatePages:
    """Pages of signed-in people are never stored by browser or proxy."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
