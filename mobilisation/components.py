"""What the components of the look are fed with: small frozen records, no queries, no requests.

The tags that draw them are in ``mobilisation/templatetags/components.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

PROGRESS = {
    "B": ("blue", "Complete"),
    "G": ("green", "On track"),
    "A": ("amber", "At risk"),
    "R": ("red", "Off track"),
    "N": ("grey", "Not started"),
}
"""Progress of work: letter → (tone, word). Domain 1: never to be mixed with the priority of a person."""

PRIORITY = {"R": ("red", "Red"), "A": ("amber", "Amber"), "G": ("green", "Green")}
"""How urgent a person's needs are: letter → (tone, word)."""

TONES = ("", "red", "amber", "green", "blue", "grey")


@dataclass(frozen=True)
class Counter:
    """One number above a list that filters it. ``tone`` is one of ``TONES`` and colours a count above nought."""

    label: str
    count: int
    url: str = ""
    active: bool = False
    tone: str = ""


@dataclass(frozen=True)
class SummaryRow:
    """A line of a summary list. ``url`` adds a link, named ``action`` and the key for those who do not see it."""

    key: str
    value: Any = ""
    url: str = ""
    action: str = "Change"
    hint: str = ""


@dataclass(frozen=True)
class FieldChange:
    """Old and new value of one field, as words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Event:
    """One thing that happened. ``tone`` colours the dot; ``changes`` are shown old struck through, new after it."""

    when: date | datetime | None
    title: str
    body: str = ""
    who: str = ""
    why: str = ""
    url: str = ""
    tone: str = ""
    changes: tuple[FieldChange, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Countdown:
    """Days between ``day`` and ``as_of`` in words: ``text`` ("in 5 days"), ``state`` (done, over, today, soon, ahead)."""

    day: date
    as_of: date
    done: date | bool | None = None
    soon: int = 7

    @property
    def days(self) -> int:
        return (self.day - self.as_of).days

    @property
    def state(self) -> str:
        if self.done:
            return "done"
        if self.days < 0:
            return "over"
        if self.days == 0:
            return "today"
        return "soon" if self.days <= self.soon else "ahead"

    @property
    def text(self) -> str:
        if self.done:
            return f"done {short_date(self.done)}" if isinstance(self.done, date) else "done"
        if self.days < 0:
            return f"{_days(-self.days)} over"
        if self.days == 0:
            return "today"
        return "tomorrow" if self.days == 1 else f"in {_days(self.days)}"


def _days(number: int) -> str:
    return f"{number:,} day{'' if number == 1 else 's'}"


def shortened(text: str, characters: int) -> str:
    """``text`` in so many characters, cut between words: what is withheld from a reader is told by whole words."""
    return text if len(text) <= characters else f"{text[:characters].rpartition(' ')[0] or text[: characters - 1]}…"


def hours_shown(value: Decimal | float | int) -> str:
    """Hours with as many decimals as they have, two at most: ``276.5``, ``266``, ``0.25``."""
    return f"{Decimal(str(value)).quantize(Decimal('0.01')).normalize():f}"


def short_date(day: date) -> str:
    """``3 Mar 2027``."""
    return f"{day.day} {day:%b %Y}"


def short_moment(at: datetime) -> str:
    """``3 Mar 2027, 14:05`` in Europe/London."""
    local = timezone.localtime(at) if timezone.is_aware(at) else at
    return f"{short_date(local)}, {local:%H:%M}"


def long_date(day: date) -> str:
    """``Wed 3 Mar 2027``."""
    return f"{day:%a} {short_date(day)}"
