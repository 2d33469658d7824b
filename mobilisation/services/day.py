"""My day: the parts every app offers, and the ground's own: the actions one owns."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse

from mobilisation import registry
from mobilisation.choices import OVER, ActionStatus, MeetingKind
from mobilisation.day import HORIZON_C, Item, Part, part
from mobilisation.models import Action, Programme, RoleAssignment

IDS = 20
"""References a line of the digest names before it says how many more."""


def parts_for(user: Any, as_of: date) -> list[Part]:
    """Every part with something in it, in the order the apps are asked."""
    return [found for path in registry.day_parts() for found in registry.load(path)(user, as_of) if found.total]


def lines_for(user: Any, as_of: date) -> list[str]:
    """The same for the digest: counts and references, then what the apps add for who watches over everybody."""
    own = [f"{found.title}: {found.total} ({references([item.reference for item in found.items], found.total)})" for found in parts_for(user, as_of)]
    return own + [line for path in registry.digests().values() for line in registry.load(path)(user, as_of)]


def references(ids: list[str], total: int) -> str:
    """“a, b and 3 more”"""
    named, more = ids[:IDS], total - min(len(ids), IDS)
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")


def own(user: Any, owner: str = "owner", name: str = "owner_name") -> Q:
    """Rows of an account, or of its name where the row names somebody without an account."""
    return Q(**{owner: user}) | (Q(**{f"{owner}__isnull": True, f"{name}__iexact": str(user)}) if str(user) else Q())


def programmes_of(user: Any, *roles: str) -> Any:
    """Ids of the programmes still running in which ``user`` holds one of ``roles`` (any role, when none is given)."""
    held = RoleAssignment.objects.active().filter(user=user, programme__isnull=False)
    if roles:
        held = held.filter(role__in=roles)
    return Programme.objects.filter(pk__in=held.values("programme_id")).exclude(status__in=OVER).values("pk")


def actions(user: Any, as_of: date) -> list[Part]:
    """Actions one owns that are due within a week or overdue. Those of wash-ups stand with the people they are about."""
    rows = (
        Action.objects.visible_to(user).filter(own(user), programme__in=programmes_of(user), status=ActionStatus.OPEN, due__lte=as_of + timedelta(days=HORIZON_C))
        .exclude(meeting__kind=MeetingKind.WASHUP).select_related("programme").order_by("due", "id")
    )
    return [
        part("Actions you own", [Item(row.programme.reference, f"action {row.public_id}", row.text, reverse("mobilisation:action-list", args=[row.programme.ref]), "Open the actions", row.due) for row in rows])
    ]
