"""What every page knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.models import Notification, Programme
from mobilisation.pdf import pdf_available


@dataclass(frozen=True)
class MenuItem:
    label: str
    url: str
    active: bool = False


def menu_of(programme: Programme, actor: Actor, path: str) -> list[MenuItem]:
    """The tabs of a programme this actor may open; the longest matching address is the active one."""
    entries = [(entry, reverse(entry.url_name, kwargs={"ref": programme.ref})) for entry in registry.menu_entries() if actor.can(entry.can) and (not entry.roles or actor.has_role(*entry.roles))]
    root = f"/programmes/{programme.ref}/"
    matching = [(len(place), url) for entry, url in entries for place in (url, *(root + also for also in entry.also)) if path == place or (place != root and path.startswith(place))]
    active = max(matching, key=lambda found: found[0], default=(0, ""))[1]
    return [MenuItem(entry.label, url, url == active) for entry, url in entries]


def site(request: HttpRequest) -> dict[str, Any]:
    context: dict[str, Any] = {
        "site_name": settings.SITE_NAME,
        "site_colour": settings.SITE_COLOUR,
        "idle_minutes": settings.IDLE_MINUTES,
        "sso": bool(settings.OIDC_SERVER_URL),
        "sso_name": settings.OIDC_NAME,
        "pdf_off": "" if pdf_available()[0] else pdf_available()[1],
        "unread": 0,
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        # Asked by the page that shows it: a part of a page does not.
        context["unread"] = SimpleLazyObject(lambda: Notification.objects.visible_to(user).filter(read_at__isnull=True).count())
    return context
