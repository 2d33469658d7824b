"""Notifications: in the site at once, by e-mail at once or in a digest; each a row with its outcome."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from mobilisation.clock import now
from mobilisation.models import Notification, Programme, RoleAssignment, User
from mobilisation.services import day as day_of
from mobilisation.services import slots

log = logging.getLogger(__name__)
DIGEST_AT = time(7, 30)
"""London time of the morning digest (domain 7.5)."""
TRIES = 3
STOPPED_AFTER = timedelta(minutes=10)
"""A letter that has been under way for so long was cut off with its process: the mail server answers within seconds or not at all."""
PERHAPS = "the sending was cut off, and it may have left"


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


def mark_read(user: User) -> int:
    return Notification.objects.filter(user=user, read_at__isnull=True).update(read_at=now())


def resend(user: User, number: int) -> bool:
    """Try a notice that was not, or perhaps not, delivered once more, at once; False when there is nothing to send."""
    waiting = Notification.objects.filter(user=user, pk=number, mail_state__in=["failed", "perhaps"]).update(mail_state="waiting", mail_attempts=0)
    return bool(waiting) and _post(user, (row := Notification.objects.get(pk=number)).subject, [row])


def choose_mail(user: User, choice: str) -> None:
    """``digest``, ``at_once`` or ``none``; anything else changes nothing."""
    if choice in {"digest", "at_once", "none"}:
        User.objects.filter(pk=user.pk).update(mail_choice=choice)


def tick(moment: datetime) -> None:
    """Every minute: what is urgent goes out at once; each day from 07:30 London on one digest a person. A day whose digest was missed
    gets none after its midnight: what waits goes with the next, and “Your day” is never of a day that is over."""
    _cut_off()
    _let_go()
    _send_urgent()
    local = timezone.localtime(moment)
    if local.time() < DIGEST_AT:
        return
    day = local.date()
    slot = slots.take("digest", day.isoformat())
    if slot is None:
        return
    unwritten = _write_digests(day)
    sent, failed = _send_digests()
    slots.done(slot, f"{sent} sent, {failed} not delivered" + (f", {unwritten} not written" if unwritten else ""))


def _write_digests(as_of: date) -> int:
    """One notice for each who has something to do and wants e-mail: how many of what, and references (domain 7.5). Returns for how many it failed."""

    def write(user: User) -> None:
        if lines := day_of.lines_for(user, as_of):
            notify([user], None, "digest", f"Your day, {as_of.day} {as_of:%b %Y}", lines, reverse("mobilisation:my-day"), unique_key=f"digest:{as_of}")

    holders = RoleAssignment.objects.active().filter(user__isnull=False)
    return slots.each(User.objects.filter(pk__in=holders.values("user_id"), is_active=True).exclude(mail_choice="none").order_by("pk"), write, "digest")


def _let_go() -> None:
    """What waits for somebody who meanwhile wants no e-mail, or is no longer in the programme, is not sent."""
    waiting = Notification.objects.filter(mail_state="waiting")
    waiting.filter(user__mail_choice="none").update(mail_state="not_wanted", mail_outcome="e-mail was switched off before it was sent")
    role = RoleAssignment.objects.active().filter(user=OuterRef("user"), programme=OuterRef("programme"))
    waiting.filter(~Exists(role), programme__isnull=False).update(mail_state="not_wanted", mail_outcome="the role had ended before it was sent")


def _cut_off() -> None:
    """Nobody knows whether these left the house: they are sent again, and say so. After the last try somebody has to look."""
    lost = Notification.objects.filter(mail_state="sending", mail_at__lt=now() - STOPPED_AFTER)
    for tries, state in ((Q(mail_attempts__lt=TRIES), "waiting"), (Q(mail_attempts__gte=TRIES), "perhaps")):
        lost.filter(tries).update(mail_state=state, mail_outcome=PERHAPS)


def _waiting() -> list[Notification]:
    return list(Notification.objects.filter(mail_state="waiting", mail_attempts__lt=TRIES, user__is_active=True).exclude(user__mail_choice="none").select_related("user").order_by("user_id", "id")[:2000])


def _send_urgent() -> None:
    for row in _waiting():
        if row.at_once or row.user.mail_choice == "at_once":
            _post(row.user, row.subject, [row])


def _send_digests() -> tuple[int, int]:
    by_user: dict[User, list[Notification]] = {}
    for row in _waiting():
        by_user.setdefault(row.user, []).append(row)
    outcomes = [_post(user, f"{settings.SITE_NAME}: {len(rows)} notice{'s' if len(rows) != 1 else ''}", rows) for user, rows in by_user.items()]
    return sum(outcomes), len(outcomes) - sum(outcomes)


def _post(user: User, subject: str, rows: Sequence[Notification]) -> bool:
    """One e-mail for ``rows``; taken by a conditional update first, so that two ticks send it once. Whoever is cut off here leaves
    them “being sent”, for :func:`_cut_off`: a second letter is better than none."""
    with transaction.atomic():
        free = set(Notification.objects.select_for_update().filter(pk__in=[row.pk for row in rows], mail_state="waiting").values_list("pk", flat=True))
        rows = [row for row in rows if row.pk in free]
        Notification.objects.filter(pk__in=free).update(mail_state="sending", mail_attempts=F("mail_attempts") + 1, mail_at=now(), mail_outcome="")
    if not rows:
        return False
    ids = [row.pk for row in rows]
    again = ["You may have had this already: the first sending was cut off."] if any(row.mail_outcome == PERHAPS for row in rows) else []
    body = "\n\n".join(again + ["\n".join(part for part in (row.subject, row.body, f"{settings.SITE_URL}{row.url}" if row.url else "") if part) for row in rows])
    try:
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [user.email])
    except (OSError, ValueError) as error:
        left = rows[0].mail_attempts + 1 < TRIES
        Notification.objects.filter(pk__in=ids).update(mail_state="waiting" if left else "failed", mail_outcome=f"not delivered: {type(error).__name__}")
        log.warning("notice to user %s not delivered: %s", user.pk, type(error).__name__)
        return False
    Notification.objects.filter(pk__in=ids).update(mail_state="sent", mail_outcome="handed to the mail server")
    return True
