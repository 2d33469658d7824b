"""Reading environment variables, with refusals that help.

Each variable is declared once, with its default and an example; the README's table is made from
:data:`VARIABLES` and a test holds them together.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

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


def read(name: str, parse: Callable[[str], T], default: T, *, what: str, example: str, shown: str | None = None) -> T:
    """Read ``name`` with ``parse``; ``ImproperlyConfigured`` names the variable, the reason and an example."""
    VARIABLES[name] = Variable(name, what, shown if shown is not None else str(default), example)
    raw = os.environ.get(name)
    if raw is None or raw.strip() == "":
        return default
    try:
        return parse(raw.strip())
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={raw!r} is not usable: {error}. Example: {name}={example}") from None


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


def words(raw: str) -> list[str]:
    return [part.strip() for part in raw.split(",") if part.strip()]


def one_of(*allowed: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw not in allowed:
            raise ValueError("expected one of " + ", ".join(allowed))
        return raw

    return parse
