"""Notifications: in the site at once, by e-mail at once or in a digest; each a row with its outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from mobilisation.models import Notification, Programme, User


def notify(users: Iterable[User], programme: Programme | None, kind: str, subject: str, body_lines: Sequence[str] = (), url: str = "", *, at_once: bool = False, unique_key: str | None = None) -> int:
    """Ids and counts only: no personal data may stand in subject or body. Returns how many were written."""
    rows = [
        Notification(
            user=user, programme=programme, kind=kind, subject=subject[:200], body="\n".join(body_lines), url=url, at_once=at_once,
            unique_key=f"{unique_key}:{user.pk}" if unique_key else None, mail_state="not_wanted" if user.mail_choice == "none" else "waiting",
        )
        for user in {user.pk: user for user in users}.values()
    ]
    return len(Notification.objects.bulk_create(rows, ignore_conflicts=bool(unique_key)))


def tick(moment: datetime) -> None:
    """Send what waits."""
