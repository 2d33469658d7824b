"""Reading environment variables, with refusals that help.

Each variable is declared once, with its default and an example; the README's table is made from
:data:`VARIABLES` and a test holds them together.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")


@dataclass(frozen=True)
class Variable:
    """One documented setting: its name, what it does, the default in words, an example."""

    name: str
    what: str
    default: str
    example: str


VARIABLES: dict[str, Variable] = {}


def read(name: str, parse: Callable[[str], T], default: T, *, what: str, example: str, shown: str | None = None, secret: bool = False) -> T:
    """Read ``name`` with ``parse``; ``ImproperlyConfigured`` names the variable, the reason and an example.

    The value of a ``secret`` is not repeated.
    """
    VARIABLES[name] = Variable(name, what, shown if shown is not None else str(default), example)
    raw = os.environ.get(name)
    if raw is None or raw.strip() == "":
        return default
    try:
        return parse(raw.strip())
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}{'' if secret else f'={raw!r}'} is not usable: {error}. Example: {name}={example}") from None


def text(raw: str) -> str:
    return raw


def flag(raw: str) -> bool:
    word = raw.lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ValueError("expected yes or no")


def number(raw: str) -> int:
    try:
        return int(raw)
    except ValueError:
        raise ValueError("expected a whole number") from None


def between(least: int, most: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        found = number(raw)
        if not least <= found <= most:
            raise ValueError(f"expected {least:,} to {most:,}")
        return found

    return parse


def address(*schemes: str) -> Callable[[str], str]:
    """``scheme://host``; what is wrong is said without repeating it, as it may hold a password."""

    def parse(raw: str) -> str:
        try:
            parts = urlsplit(raw)
            usable = parts.scheme in schemes and parts.hostname and (parts.port is None or parts.port > 0)
        except ValueError:
            usable = False
        if not usable:
            raise ValueError(f"expected {' or '.join(f'{scheme}://host' for scheme in schemes)}, with a port where it is not the usual one")
        return raw

    return parse


_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9A-Fa-f:]+\])"


def hosts(raw: str) -> list[str]:
    """Names as a browser sends them: no scheme, no path, no port; a leading dot stands for every name below."""
    found = words(raw)
    for name in found:
        if name != "*" and not re.fullmatch(rf"\.?{_HOST}", name):
            raise ValueError(f"“{name}” is not a host name; write it without https://, port or path")
    return found


def origins(raw: str) -> list[str]:
    """``https://host``, with a port where it is not the usual one; ``https://*.host`` stands for every name below."""
    found = words(raw)
    for name in found:
        if not re.fullmatch(rf"https?://(?:\*\.)?{_HOST}(?::[1-9]\d{{0,4}})?", name):
            raise ValueError(f"“{name}” is not an origin; write https:// and the host name, without a path")
    return found


def site(raw: str) -> str:
    """The address of the site itself: what is added to it must make an address."""
    found = address("https", "http")(raw)
    if not re.fullmatch(rf"https?://{_HOST}(?::[1-9]\d{{0,4}})?(?:/[A-Za-z0-9._~/-]*)?", found):
        raise ValueError("expected https:// and the host name, perhaps a path of letters, digits and hyphens")
    return found


def mailbox(raw: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(raw)[1]):
        raise ValueError("expected an e-mail address")
    return raw


def folder(raw: str) -> Path:
    """A folder that is there or can be made."""
    path = Path(raw)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"it cannot be used as a folder ({(error.strerror or 'no reason given').lower()})") from None
    return path


def words(raw: str) -> list[str]:
    return [part.strip() for part in raw.split(",") if part.strip()]


def one_of(*allowed: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw not in allowed:
            raise ValueError("expected one of " + ", ".join(allowed))
        return raw

    return parse
