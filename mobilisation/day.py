"""What one person has to do today, as each app says it: the page “My day” and the morning digest read the same parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

HORIZON_C = 7
"""Calendar days ahead within which something is "due" on the page."""
SHOWN = 20
"""Lines of a part; its total says how many there are."""


@dataclass(frozen=True)
class Item:
    """One thing to do. ``text`` may name somebody and stays on the page; ``reference`` names nobody and goes into the digest.
    ``person``: the reference is that of a person, whose being shown is logged."""

    programme: str
    reference: str
    text: str
    url: str
    act: str = "Open"
    due: date | None = None
    person: bool = False


@dataclass(frozen=True)
class Part:
    title: str
    items: tuple[Item, ...]
    total: int


def part(title: str, items: Sequence[Item], total: int | None = None) -> Part:
    """The first lines of ``items``, with how many there are in all."""
    return Part(title, tuple(items[:SHOWN]), len(items) if total is None else total)
