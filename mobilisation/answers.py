"""How the JSON side says no: never a page, never a redirect. What it answers with otherwise lives in ``reporting``."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse

ROOT = "/api/"


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith(ROOT)


def refusal(status: int, text: str) -> JsonResponse:
    """``text`` says in one sentence what to do."""
    return JsonResponse({"error": {"status": status, "text": text}}, status=status, json_dumps_params={"ensure_ascii": False}, headers={"Cache-Control": "no-store"})


NO_SECOND_FACTOR = "You see personal data, so signing in asks for a second factor. Set one up on the site under your account, then ask again."
NOT_THERE = "Nothing is here, or it is not yours to see. Check the address, or ask the mobilisation lead for a role."
NOT_SIGNED_IN = "Sign in on the site first and send the cookie of that session. A session ends some minutes after its last request."
FAILED = "Something went wrong here. It is written down; try again, and tell the administrator if it stays."
AWAY = "The site is away for a moment. Try again in a few minutes."
