"""When one item turns: the stored form of a colour (design, third idea).

A service asks the rules *from when* an item is amber and red if nothing more happens and stores these
moments; a colour at any day is then a comparison, in Python and in SQL alike. Order of the rules
(domain 5.2, 5.8): Blue, Red, Amber, Grey, Green; first true wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Colour(StrEnum):
    """Progress of work. Never the priority of a person."""

    BLUE = "B"
    GREEN = "G"
    AMBER = "A"
    RED = "R"
    GREY = "N"

    @property
    def word(self) -> str:
        return {"B": "Complete", "G": "On track", "A": "At risk", "R": "Off track", "N": "Not started"}[self.value]

    @property
    def badness(self) -> int:
        """Higher is worse; used for worst-of and trends."""
        return {"B": 0, "N": 1, "G": 1, "A": 2, "R": 3}[self.value]


ALWAYS = date(1900, 1, 1)
"""A fact that holds now is true from always."""
NEVER = date(9999, 12, 31)
"""Grey until further notice."""


@dataclass(frozen=True)
class Moments:
    """``red_from``/``amber_from``: first day the colour holds; None is never. ``blue_until``: last day blue holds.
    ``grey_until``: last day the item counts as not started."""

    blue: bool = False
    blue_until: date | None = None
    red_from: date | None = None
    red_reason: str = ""
    amber_from: date | None = None
    amber_reason: str = ""
    grey_until: date | None = None

    @property
    def red_on(self) -> date | None:
        """The first day on which it is Red if nothing more happens; Blue goes before Red."""
        if self.red_from is None or not self.blue:
            return self.red_from
        return max(self.red_from, self.blue_until + timedelta(days=1)) if self.blue_until is not None else None

    def at(self, as_of: date) -> tuple[Colour, str]:
        """Colour on ``as_of`` with its reason (empty for blue, grey and green)."""
        if self.blue and (self.blue_until is None or as_of <= self.blue_until):
            return Colour.BLUE, ""
        if self.red_from is not None and as_of >= self.red_from:
            return Colour.RED, self.red_reason
        if self.amber_from is not None and as_of >= self.amber_from:
            return Colour.AMBER, self.amber_reason
        if self.grey_until is not None and as_of <= self.grey_until:
            return Colour.GREY, ""
        return Colour.GREEN, ""


@dataclass(frozen=True)
class Turn:
    """One rule's answer: from this day, for this reason."""

    on: date
    reason: str


def earliest(turns: list[Turn]) -> tuple[date | None, str]:
    """The first turn of several; of those on one day, the first in the list speaks."""
    if not turns:
        return None, ""
    first = min(turns, key=lambda turn: turn.on)
    return first.on, first.reason
