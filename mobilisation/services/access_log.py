"""Every look at personal data leaves a row (domain 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.errors import Reason, Refused
from mobilisation.models import AccessLog, Programme, RoleAssignment, User
from mobilisation.services.notices import notify

VERBS = ("view", "search", "export", "download", "import", "refused", "flagged")


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
    if verb == "export" and actor.user is not None:
        _watch(actor.user, row)
    return row


def _watch(user: User, last: AccessLog) -> None:
    """So many exports by one account within an hour are marked here and told to information governance, once an hour."""
    recent = AccessLog.objects.filter(user=user, at__gt=last.at - timedelta(hours=1))
    count = recent.filter(verb="export").count()
    if count < settings.EXPORTS_FLAGGED or recent.filter(verb="flagged").exists():
        return
    AccessLog(at=last.at, user=user, user_label=last.user_label, verb="flagged", subject="exports within an hour", count=count, address=last.address).save()
    officers = User.objects.filter(is_active=True, pk__in=RoleAssignment.objects.active().filter(programme__isnull=True, role="IGO", user__isnull=False).values("user_id"))
    notify(
        officers, None, "exports", f"One account took {count} lists out of the system within an hour", ["Who and which: the access log, act “flagged”."], f"{reverse('mobilisation:access-log')}?what=flagged",
        at_once=True, unique_key=f"exports:{user.pk}:{last.at:%Y%m%d%H}",
    )
