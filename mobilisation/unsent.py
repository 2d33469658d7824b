"""A form that could not be taken, because the database does not answer or the site is closed: what its page says and offers.

Neither session nor database is asked. With JavaScript the browser's tab keeps what was typed as well (``drafts.js``).
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.utils.http import url_has_allowed_host_and_scheme

from mobilisation.services import typed


class _Guard(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        """The usual page of a refusal asks who is signed in, and with that the database."""
        return HttpResponse(status=403)


def page(request: HttpRequest) -> dict[str, Any]:
    """{sent, back, where, fields, token} for ``503.html``. ``back``: the page the form stood on, empty where the browser does not say;
    ``fields``: [(name, value)] to be sent to ``where`` again, empty for files, passwords, parts of a page and forms of another site."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return {"back": request.get_full_path()}
    came = request.headers.get("Referer", "")
    back = came if url_has_allowed_host_and_scheme(came, {request.get_host()}, require_https=request.is_secure()) else ""
    fields = _again(request)
    return {"sent": True, "back": back, "where": request.get_full_path(), "fields": fields, "token": get_token(request) if fields else ""}


def _again(request: HttpRequest) -> list[tuple[str, str]]:
    if request.method != "POST" or request.content_type != "application/x-www-form-urlencoded" or request.headers.get("HX-Request"):
        return []
    try:
        # Somebody else's page could have sent it: only a form with our token is offered to be sent again.
        guard = _Guard(lambda _: HttpResponse())
        guard.process_request(request)
        if guard.process_view(request, lambda _: HttpResponse(), (), {}) is not None:
            return []
        return typed.sendable((name, str(value)) for name, values in request.POST.lists() for value in values)
    except (SuspiciousOperation, UnreadablePostError):
        return []
