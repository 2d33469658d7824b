"""Place of whoever asks, idle time-out, second factor, maintenance, forms sent twice, pages sent packed, and pages that must not be kept by a browser."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import time
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit, urlunsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.middleware import UserSessionsMiddleware
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from requests import RequestException

from mobilisation import answers, unsent
from mobilisation.access import sees_personal_data
from mobilisation.services import typed
from mobilisation.veil.reader import withhold

log = logging.getLogger(__name__)
Answer = Callable[[HttpRequest], HttpResponse]


class PlaceBehindProxy:
    """While ``BEHIND_PROXY`` is on, the place of whoever asks is the last address the proxy wrote down; those before it the caller may have made up.

    Without it the access log would name the proxy, and ten wrong passwords from one place would lock everybody out.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.BEHIND_PROXY and (place := self._last(request.headers.get("X-Forwarded-For", ""))):
            request.META["REMOTE_ADDR"] = place
        return self.get_response(request)

    @staticmethod
    def _last(forwarded: str) -> str:
        """``"10.1.1.1, 192.0.2.7:4711"`` is ``"192.0.2.7"``; empty for what is no address."""
        last = forwarded.rpartition(",")[2].strip()
        if last.startswith("["):
            last = last[1:].partition("]")[0]
        elif last.count(":") == 1:
            last = last.partition(":")[0]
        try:
            return str(ipaddress.ip_address(last))
        except ValueError:
            return ""


class Maintenance:
    """Every page but the health checks answers 503 while MAINTENANCE is on; a lost database answers likewise."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.MAINTENANCE and not request.path.startswith(("/healthz", "/readyz", "/static/")):
            if answers.wants_json(request):
                return answers.refusal(503, answers.AWAY)
            return render(request, "503.html", {"planned": True} | unsent.page(request), status=503)
        return self.get_response(request)


class Packed(GZipMiddleware):
    """Pages, JSON and lists go packed to who takes them so: a page of the tracker is a seventh. Workbooks and PDFs are packed already.

    Django adds a random length to each page, so that its size tells nothing of a secret in it.
    """

    TEXTS = ("text/html", "application/json", "text/csv", "text/plain")

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        return super().process_response(request, response) if response.get("Content-Type", "").startswith(self.TEXTS) else response


class WholePage:
    """A page of the account never answers a part of a page: what htmx asked for without a session makes the browser go to the sign-in as a whole, and back to where it stood.

    What was typed in the part waits in the browser's own storage (``drafts.js``).
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        where = response.headers.get("Location", "")
        if not request.headers.get("HX-Request") or response.status_code != 302 or not where.startswith("/accounts/"):
            return response
        stood = request.headers.get("HX-Current-URL", "")
        if where.startswith(reverse("account_login")) and url_has_allowed_host_and_scheme(stood, {request.get_host()}):
            parts = urlsplit(stood)
            where = f"{reverse('account_login')}?{urlencode({'next': urlunsplit(('', '', parts.path, parts.query, ''))})}"
        answer = HttpResponse(status=401, headers={"HX-Redirect": where})
        answer.cookies = response.cookies
        return answer


class IdleTimeout:
    """Ends a session after ``IDLE_MINUTES`` without a request, and any session after ``SESSION_HOURS``.

    What was typed waits in the browser's own storage, and what is sent too late with us, until the same person is back. Requests a page makes by itself (``X-Background: 1``) keep no session alive.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            moment = int(time.time())
            session = request.session
            seen, began = session.get("seen_at"), session.setdefault("began_at", moment)
            if (seen is not None and moment - seen > settings.IDLE_MINUTES * 60) or moment - began > settings.SESSION_HOURS * 3600:
                kept = self._keep(request)
                logout(request)
                request.session["timed_out"] = True
                if kept:
                    return redirect(f"{reverse('account_login')}?{urlencode({'next': reverse('mobilisation:typed', args=[kept])})}")
            elif request.headers.get("X-Background") != "1" and (seen is None or moment - seen >= 20):
                request.active_again = True  # type: ignore[attr-defined]
                session["seen_at"] = moment
                session.pop("timed_out", None)
        return self.get_response(request)

    @staticmethod
    def _keep(request: HttpRequest) -> str:
        """The token of what was typed; empty for anything but a plain form of ours."""
        if request.method != "POST" or request.content_type != "application/x-www-form-urlencoded" or request.headers.get("HX-Request") or request.path.startswith("/accounts/"):
            return ""
        # Somebody else's page could have sent it: only a form with our token is offered to be sent again.
        if CsrfViewMiddleware(lambda _: HttpResponse()).process_view(request, lambda _: HttpResponse(), (), {}) is not None:
            return ""
        return typed.keep(request.user.pk or 0, request.get_full_path(), [(name, str(value)) for name, values in request.POST.lists() for value in values])


class SentTwice:
    """A form sent twice (a double click, a page sent again after a broken line) is done once: the second answer leads where the first led.

    The mask of the CSRF token is new with every page, so the same body is the same page sent again. A refusal is not remembered.
    """

    KEPT, PATIENCE = 600, 10.0

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or request.content_type != "application/x-www-form-urlencoded" or request.headers.get("HX-Request") or not request.user.is_authenticated:
            return self.get_response(request)
        if "csrfmiddlewaretoken" not in request.POST or self._stops_work(request):
            return self.get_response(request)
        key = f"sent:{hashlib.sha256(f'{request.session.session_key} {request.get_full_path()} '.encode() + request.body).hexdigest()}"
        if not cache.add(key, "", self.KEPT) and (where := self._first_answer(key)) is not None:
            if not where:
                messages.warning(request, "The first click is still being saved. Look whether it is there before you send it again.")
            return redirect(where or request.path)
        response = self.get_response(request)
        if response.status_code == 302 and not self._refused(request):
            cache.set(key, response["Location"], self.KEPT)
        else:
            cache.delete(key)
        return response

    @staticmethod
    def _refused(request: HttpRequest) -> bool:
        """Whether what was asked was refused in words on the page it led to: asked again, it is tried again."""
        said = messages.get_messages(request)
        found = any(message.level >= messages.ERROR for message in said)
        said.used = False  # looked at here, shown on the page
        return found

    @staticmethod
    def _stops_work(request: HttpRequest) -> bool:
        """Harmless twice, and it must not wait for a lock that the work itself holds."""
        if "cancel" not in request.POST:
            return False
        try:
            view = resolve(request.path_info).func
        except Resolver404:
            return False
        return bool(getattr(getattr(view, "view_class", None), "stops_work", False))

    def _first_answer(self, key: str) -> str | None:
        """Where the first led; empty while it still works; None when it was refused and this one is to be done."""
        end = time.monotonic() + self.PATIENCE
        while (where := cache.get(key)) == "" and time.monotonic() < end:
            time.sleep(0.1)
        found: str | None = where
        return found


class SessionList(UserSessionsMiddleware):
    """Keeps the list of one's sessions up to date, no oftener than the idle time-out notes activity: not with every page.

    After the page is made: where SQLite's one lock is held by work that is to be stopped, the request to stop comes through.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        if getattr(request, "active_again", False) and request.user.is_authenticated and request.session.session_key:
            UserSession.objects.create_from_request(request)
        return response


class SecondFactor:
    """While ``REQUIRE_MFA`` is on, whoever sees personal data sets up a second factor before anything else.

    Single sign-on counts: the second factor is then asked for by the organisation that signs the person in.
    """

    OPEN = ("/accounts/", "/static/", "/healthz", "/readyz", "/accessibility/", "/privacy/", "/glossary/")

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.REQUIRE_MFA and request.user.is_authenticated and not request.path.startswith(self.OPEN) and self._lacks(request):
            if answers.wants_json(request):
                return answers.refusal(403, answers.NO_SECOND_FACTOR)
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


class Withheld:
    """What people typed about somebody on a list reaches only who may see that person: page, part of a page, JSON and file alike, whatever view made it."""

    OPEN = ("/accounts/", "/static/", "/healthz", "/readyz", "/accessibility/", "/glossary/", "/privacy/")
    SAYS_NOTHING = frozenset({204, 301, 302, 304, 404, 405})

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code not in self.SAYS_NOTHING and not request.path.startswith(self.OPEN) and request.user.is_authenticated:
            withhold(request, response)
        return response
