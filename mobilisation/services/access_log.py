"""Every look at personal data leaves a row (domain 8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.errors import Reason, Refused
from mobilisation.models import AccessLog, Programme

VERBS = ("view", "search", "export", "download", "import", "refused")


def record(actor: Actor, verb: str, programme: Programme | None, subject: str, *, ids: Sequence[str] = (), count: int | None = None, reason: str = "", request: Any = None) -> AccessLog:
    """``ids`` are public ids. An export without a reason is refused."""
    if verb not in VERBS:
        raise ValueError(verb)
    if verb == "export" and not reason.strip():
        raise Refused(Reason("Say why you are taking this list out of the system.", field="reason"))
    row = AccessLog(
        at=now(), user=actor.user, user_label=actor.label[:150], programme=programme, verb=verb, subject=subject,
        object_ids=list(ids), count=len(ids) if count is None else count, reason=reason[:300],
        address=request.META.get("REMOTE_ADDR") or None if request is not None else None,
    )
    row.save()
    return row
