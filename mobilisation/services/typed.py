"""What was typed into a form and sent after the session had ended: it waits for the same person to sign in again.

With JavaScript it waits in the browser's tab; this is for who works without. Kept for half an hour, in our own database.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache

KEPT, LARGEST = 1800, 200_000
_NEVER = frozenset({"csrfmiddlewaretoken", "otp", "code"})


@dataclass(frozen=True)
class Typed:
    """``fields``: [(name, value)] as the form sent them."""

    path: str
    fields: list[tuple[str, str]]


def _key(user: int, token: str) -> str:
    return f"typed:{user}:{token}"


def sendable(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What of a form may be sent again; nothing when it says nothing, holds a password or is too large."""
    kept = [(name, value) for name, value in fields if name not in _NEVER]
    return [] if any("password" in name for name, _ in kept) or sum(len(value) for _, value in kept) > LARGEST else kept


def keep(user: int, path: str, fields: Iterable[tuple[str, str]]) -> str:
    """The token under which the form waits; empty when it says nothing, holds a password or is too large."""
    kept = sendable(fields)
    if not kept:
        return ""
    token = secrets.token_hex(8)
    cache.set(_key(user, token), Typed(path, kept), KEPT)
    return token


def find(user: int, token: str) -> Typed | None:
    found: Typed | None = cache.get(_key(user, token))
    return found


def drop(user: int, token: str) -> None:
    cache.delete(_key(user, token))
