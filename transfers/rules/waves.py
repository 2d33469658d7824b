"""Waves in the order of need: high risk first, then growth as staffing is confirmed (domain 5.11, H07). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from transfers.rules.allocation import URGENCY, natural

FIRST = {"R": "Wave 1", "A": "Wave 2", "G": "Wave 3"}
"""Names suggested while nobody has a wave."""
NOTHING = Decimal(0)
_UNRATED = "not rated yet"
_NO_HOURS = "weekly hours are not entered"
_NO_ROOM = "no wave has confirmed hours left for them"
_THROUGH = "every wave is through: give the next one a name on the list"
_APART = "live with somebody who has no wave yet, or whose wave is through or has no confirmed hours left"


@dataclass(frozen=True)
class Member:
    """Somebody going. ``home``: the same for everybody who lives together, "" for who has no address."""

    key: int
    wave: str
    priority: str
    hours: Decimal | None
    transfer: date | None
    moved: bool = False
    home: str = ""


@dataclass(frozen=True)
class Wave:
    """``priorities``: {R A G or "" → people still to move}; ``hours``: theirs, without the ``unknown`` whose hours nobody entered.
    ``first`` and ``last``: days on which they move. ``by_then``: hours of everybody up to this wave; ``confirmed``: hours that
    providers have confirmed to start by ``first``, all that are confirmed where there is no day. Zones apart."""

    name: str
    moved: int
    priorities: Mapping[str, int]
    hours: Decimal
    unknown: int
    first: date | None
    last: date | None
    by_then: Decimal
    confirmed: Decimal

    @property
    def to_move(self) -> int:
        return sum(self.priorities.values())

    @property
    def short(self) -> Decimal:
        """Hours that nobody has confirmed; nobody is left to move without them where the wave is through."""
        return max(NOTHING, self.by_then - self.confirmed) if self.to_move else NOTHING


@dataclass(frozen=True)
class Clash:
    """``reds`` Red people of ``wave`` still to move, after ``greens`` Green people of the waves ``before`` it."""

    wave: str
    reds: int
    before: tuple[str, ...]
    greens: int

    @property
    def words(self) -> str:
        red, green = ("1 Red person" if self.reds == 1 else f"{self.reds} Red people"), ("1 Green person" if self.greens == 1 else f"{self.greens} Green people")
        return f"{self.wave} holds {red} still to move, {' and '.join(self.before)} before it {green}."


@dataclass(frozen=True)
class Suggestion:
    """``lines``: (key, wave) of who has none; ``nobody``: why not → how many."""

    lines: tuple[tuple[int, str], ...] = ()
    nobody: Mapping[str, int] = field(default_factory=dict)


@dataclass
class _Tally:
    members: list[Member] = field(default_factory=list)

    @property
    def days(self) -> list[date]:
        """Of who is still to move; of everybody once all have."""
        return [one.transfer for one in self.members if one.transfer and not one.moved] or [one.transfer for one in self.members if one.transfer and all(m.moved for m in self.members)]


def waves(people: Iterable[Member], capacities: Iterable[tuple[Decimal, date]]) -> list[Wave]:
    """In the order in which they move: by the first day, by name while one of them has no day. ``capacities``: confirmed hours, and
    from when."""
    rows = list(capacities)
    tallies: dict[str, _Tally] = {}
    running = NOTHING
    for one in people:
        if one.wave:
            tallies.setdefault(one.wave, _Tally()).members.append(one)
        elif one.moved:
            running += one.hours or NOTHING
    found = []
    for name in _ordered(tallies):
        members, days = tallies[name].members, tallies[name].days
        first = min(days, default=None)
        left = [one for one in members if not one.moved]
        running += sum((one.hours or NOTHING for one in members), NOTHING)
        found.append(Wave(
            name, len(members) - len(left), {letter: sum(one.priority == letter for one in left) for letter in ("R", "A", "G", "")}, sum((one.hours or NOTHING for one in left), NOTHING),
            sum(one.hours is None for one in left), first, max(days, default=None), running, sum((hours for hours, since in rows if first is None or since <= first), NOTHING),
        ))
    return found


def _ordered(tallies: Mapping[str, _Tally]) -> list[str]:
    dated = all(tally.days for tally in tallies.values())
    return sorted(tallies, key=lambda name: (min(tallies[name].days) if dated else date.min, natural(name), name))


def clashes(found: Sequence[Wave]) -> list[Clash]:
    """Where a later wave holds a Red person while an earlier one still holds Green ones."""
    made = []
    for place, wave in enumerate(found):
        before = [one for one in found[:place] if one.priorities["G"]]
        if wave.priorities["R"] and before:
            made.append(Clash(wave.name, wave.priorities["R"], tuple(one.name for one in before), sum(one.priorities["G"] for one in before)))
    return made


def suggest(people: Sequence[Member], found: Sequence[Wave], confirmed: Decimal, as_of: date) -> Suggestion:
    """A wave for everybody still to move who has none: Red first, each into the first wave to come that has confirmed hours left,
    nobody before a wave that holds somebody more urgent, people of one home together. ``found``: :func:`waves` of the same people;
    ``confirmed``: all hours that providers have confirmed. While nobody has a wave, one is named for each priority."""
    names, left, lowest = _open(people, found, confirmed, as_of)
    lines: list[tuple[int, str]] = []
    nobody: dict[str, int] = {}
    for group in _homes(people):
        new = [one for one in group if not one.wave]
        faults = {one.key: _UNRATED if one.priority not in URGENCY else _NO_HOURS for one in new if one.priority not in URGENCY or one.hours is None}
        if faults:
            for one in new:
                _count(nobody, faults.get(one.key, _APART))
            continue
        wanted = sum((one.hours or NOTHING for one in new), NOTHING)
        letter = min((one.priority for one in new), key=URGENCY.__getitem__)
        theirs = {one.wave for one in group if one.wave}
        place = next((n for n, name in enumerate(names) if left[name] >= wanted and (name in theirs if theirs else n >= lowest[letter])), None)
        if place is None:
            for _ in new:
                _count(nobody, _APART if theirs else _NO_ROOM if names else _THROUGH)
            continue
        lines += [(one.key, names[place]) for one in new]
        for name in names[place:]:
            left[name] -= wanted
        if not theirs:
            for other in URGENCY:
                if URGENCY[other] > URGENCY[letter]:
                    lowest[other] = max(lowest[other], place)
    return Suggestion(tuple(lines), nobody)


def _open(people: Sequence[Member], found: Sequence[Wave], confirmed: Decimal, as_of: date) -> tuple[list[str], dict[str, Decimal], dict[str, int]]:
    """Waves that may be suggested, the confirmed hours left in each, and the first of them for each priority."""
    if not found:
        moved = sum((one.hours or NOTHING for one in people if one.moved), NOTHING)
        return list(FIRST.values()), dict.fromkeys(FIRST.values(), confirmed - moved), {letter: n for n, letter in enumerate(FIRST)}
    coming = [one for one in found if one.to_move and (one.last is None or one.last >= as_of)]
    last = {letter: max((n for n, one in enumerate(coming) if one.priorities[letter]), default=0) for letter in URGENCY}
    return [one.name for one in coming], {one.name: one.confirmed - one.by_then for one in coming}, {"R": 0, "A": last["R"], "G": max(last["R"], last["A"])}


def _count(counted: dict[str, int], why: str) -> None:
    counted[why] = counted.get(why, 0) + 1


def _homes(people: Sequence[Member]) -> list[list[Member]]:
    """Homes in which somebody still to move has no wave, the most urgent first."""
    homes: dict[str, list[Member]] = {}
    for one in people:
        if not one.moved:
            homes.setdefault(one.home or f"\0{one.key}", []).append(one)
    open_ones = [group for group in homes.values() if any(not one.wave for one in group)]
    return sorted(open_ones, key=lambda group: min((URGENCY.get(one.priority, 3), one.transfer or date.max, one.key) for one in group if not one.wave))
