"""Who goes to which provider: a proposal by priority, zone and hours left (domain 5.11 apart, which is a switch). Pure.

The same input in any order gives the same proposal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

URGENCY = {"R": 0, "A": 1, "G": 2}
"""Red first; who is not rated yet comes last."""


@dataclass(frozen=True)
class Capacity:
    """``hours`` a week in ``zone`` ("" is any) from ``since`` on, for at most ``packages`` people; rows of a provider add up.

    Hours that are not ``confirmed`` are told in the reasons and never used."""

    provider: int
    zone: str
    hours: Decimal
    since: date
    packages: int | None = None
    confirmed: bool = True


@dataclass(frozen=True)
class Candidate:
    """``home``: the same for everybody who lives together, "" for who has no address. ``placed``: providers to which somebody
    of the same home goes already. ``no``: providers that must not be proposed, with the reason in words."""

    key: str
    priority: str = ""
    zone: str = ""
    wave: str = ""
    hours: Decimal | None = None
    transfer: date | None = None
    home: str = ""
    placed: frozenset[int] = frozenset()
    no: Mapping[int, str] = field(default_factory=dict, hash=False)
    stopped: str = ""
    """Why nobody is proposed at all."""


@dataclass(frozen=True)
class Load:
    """Somebody who is offered to a provider, or accepted by it, already."""

    provider: int
    zone: str
    hours: Decimal
    transfer: date | None = None


@dataclass(frozen=True)
class Line:
    key: str
    provider: int
    why: str


@dataclass(frozen=True)
class Proposal:
    """``hours``: provider → (used before, proposed, what it has confirmed). ``hoped``: provider → hours it has not confirmed."""

    lines: tuple[Line, ...]
    nobody: tuple[tuple[str, str], ...]
    hours: Mapping[int, tuple[Decimal, Decimal, Decimal]]
    hoped: Mapping[int, Decimal] = field(default_factory=dict)


@dataclass
class _Room:
    capacity: Capacity
    hours: Decimal
    packages: int | None

    def open_to(self, zone: str, transfer: date | None) -> bool:
        here = not self.capacity.zone or _same(self.capacity.zone, zone)
        return here and self.packages != 0 and (transfer is None or self.capacity.since <= transfer)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def home_of(address: str, postcode: str) -> str:
    """The same for two spellings of one address; "" where either part is missing."""
    street, code = (re.sub(r"[^0-9a-z]", "", text.casefold()) for text in (address, postcode))
    return f"{street}|{code}" if street and code else ""


def propose(candidates: Sequence[Candidate], capacities: Sequence[Capacity], loads: Iterable[Load], names: Mapping[int, str]) -> Proposal:
    """High priority first, then wave and day; for each the provider with room in the same zone, then the one with the most
    hours left. People of one home stay together or wait together. Nobody is put over what a provider has confirmed."""
    hoped = [one for one in capacities if not one.confirmed]
    rooms, before = _after(capacities, loads, names)
    lines: list[Line] = []
    nobody: list[tuple[str, str]] = []
    for group in _groups(candidates):
        stopped = [(one.key, one.stopped or _lacking(one)) for one in group if one.stopped or _lacking(one)]
        if stopped:
            nobody += stopped
            nobody += [(one.key, "Lives with somebody who cannot be placed yet, and the two stay together.") for one in group if one.key not in {key for key, _ in stopped}]
            continue
        chosen, why_not = _choose(group, rooms, hoped, names)
        if chosen is None:
            nobody += [(one.key, why_not) for one in group]
            continue
        for one in group:
            why = _why(one, group, chosen, rooms, names)
            _fill(rooms, chosen, one.zone, one.hours or Decimal(0), one.transfer)
            lines.append(Line(one.key, chosen, why))
    proposed: dict[int, Decimal] = {}
    hours = {one.key: one.hours or Decimal(0) for one in candidates}
    for line in lines:
        proposed[line.provider] = proposed.get(line.provider, Decimal(0)) + hours[line.key]
    takes: dict[int, Decimal] = {}
    waits: dict[int, Decimal] = {}
    for row in capacities:
        of = takes if row.confirmed else waits
        of[row.provider] = of.get(row.provider, Decimal(0)) + row.hours
    known = {*takes, *waits, *before}
    return Proposal(tuple(lines), tuple(nobody), {who: (before.get(who, Decimal(0)), proposed.get(who, Decimal(0)), takes.get(who, Decimal(0))) for who in sorted(known, key=lambda who: (names.get(who, ""), who))}, waits)


def _after(capacities: Iterable[Capacity], loads: Iterable[Load], names: Mapping[int, str]) -> tuple[list[_Room], dict[int, Decimal]]:
    """The confirmed rooms once ``loads`` are in them, and what each provider has on its hands."""
    rooms = [_Room(one, one.hours, one.packages) for one in sorted(capacities, key=lambda c: (names.get(c.provider, ""), c.provider, c.since, c.zone.casefold(), c.hours, c.packages or 0)) if one.confirmed]
    before: dict[int, Decimal] = {}
    for load in sorted(loads, key=lambda one: (one.provider, one.transfer or date.max, one.zone, one.hours)):
        before[load.provider] = before.get(load.provider, Decimal(0)) + load.hours
        _burden(rooms, load)
    return rooms, before


def free(capacities: Iterable[Capacity], loads: Iterable[Load], names: Mapping[int, str]) -> list[tuple[Capacity, Decimal]]:
    """Each confirmed row with the hours that the proposal would find left in it."""
    return [(room.capacity, room.hours) for room in _after(capacities, loads, names)[0]]


def _groups(candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    """Homes in the order in which they are placed: by the most urgent of each."""
    homes: dict[str, list[Candidate]] = {}
    for one in candidates:
        homes.setdefault(one.home or f"\0{one.key}", []).append(one)
    found = [sorted(group, key=_urgency) for group in homes.values()]
    return sorted(found, key=lambda group: _urgency(group[0]))


def _urgency(one: Candidate) -> tuple[int, tuple[tuple[int, str], ...], date, str]:
    return URGENCY.get(one.priority, 3), natural(one.wave), one.transfer or date.max, one.key


def natural(wave: str) -> tuple[tuple[int, str], ...]:
    """“Wave 2” before “Wave 10”; no wave last."""
    return tuple((int(part), "") if part.isdigit() else (0, part.casefold()) for part in re.split(r"(\d+)", wave) if part) or ((10**9, ""),)


def _lacking(one: Candidate) -> str:
    return "Weekly hours are not entered, so nobody can say whether they fit." if one.hours is None else ""


def _choose(group: Sequence[Candidate], rooms: Sequence[_Room], hoped: Sequence[Capacity], names: Mapping[int, str]) -> tuple[int | None, str]:
    """The provider for all of ``group``, or None and why there is none."""
    together = sorted(frozenset().union(*(one.placed for one in group)))
    said = {room.capacity.provider for room in rooms} | {one.provider for one in hoped}
    asked = sorted(said, key=lambda who: (names.get(who, ""), who))
    if together:
        asked = [who for who in asked if who in together] or [who for who in together if who not in asked]
    reasons: list[str] = []
    fits: list[tuple[int, Decimal, str, int]] = []
    for who in asked:
        barred = next((one.no[who] for one in group if who in one.no), "")
        if barred:
            reasons.append(f"{names.get(who, who)} {barred}")
            continue
        trial = [_Room(room.capacity, room.hours, room.packages) for room in rooms if room.capacity.provider == who]
        left = _left(trial, group[0])
        if all(_fill(trial, who, one.zone, one.hours or Decimal(0), one.transfer, whole=True) for one in group):
            exact = any(room.capacity.zone and room.open_to(group[0].zone, group[0].transfer) for room in rooms if room.capacity.provider == who)
            fits.append((0 if exact else 1, -left, names.get(who, ""), who))
        else:
            only = _only_hoped(who, hoped, group[0])
            reasons.append(_no_room(who, trial, group, left, names, bool(only)) + only)
    if fits:
        return min(fits)[3], ""
    if not asked:
        return None, "No provider has said what it can take."
    if together:
        return None, f"Lives with somebody who goes to {' and '.join(str(names.get(who, who)) for who in together)}; the two stay together. {'; '.join(reasons) or 'It has not said what it can take'}."
    return None, f"{'; '.join(reasons)}."


def _no_room(who: int, rooms: Sequence[_Room], group: Sequence[Candidate], left: Decimal, names: Mapping[int, str], hoped: bool) -> str:
    first, name = group[0], names.get(who, who)
    wanted = sum((one.hours or Decimal(0) for one in group), Decimal(0))
    here = [room for room in rooms if not room.capacity.zone or _same(room.capacity.zone, first.zone)]
    if not here:
        return f"{name} {_outside(first.zone, hoped) if rooms else 'has confirmed no hours'}"
    if first.transfer and all(room.capacity.since > first.transfer for room in here):
        since = min(room.capacity.since for room in here)
        return f"{name} starts there on {since.day} {since:%b %Y}, after the planned transfer"
    if all(room.packages == 0 for room in here):
        return f"{name} takes no more people there"
    many = f" for the {len(group)} who live together" if len(group) > 1 else ""
    return f"{name} has {left.normalize():f} confirmed hours left, {wanted.normalize():f} are needed{many}"


def _outside(zone: str, hoped: bool) -> str:
    """Of a provider whose confirmed hours are all elsewhere; ``hoped``: what it has not confirmed is there."""
    if hoped:
        return f"has confirmed no hours{f' for {zone}' if zone else ''}"
    return f"does not take {zone}" if zone else "takes named zones only, and no zone is entered"


def outside(capacities: Iterable[Capacity], zone: str) -> str:
    """Why one provider, by its own ``capacities``, is no provider for ``zone``, in the words of the proposal: "does not take Coastal".
    "" where it takes the zone, or has confirmed nothing at all, which its hours say."""
    rows = list(capacities)
    here = [one for one in rows if not one.zone or _same(one.zone, zone)]
    if not any(one.confirmed for one in rows) or any(one.confirmed for one in here):
        return ""
    return _outside(zone, bool(here))


def _only_hoped(who: int, hoped: Iterable[Capacity], one: Candidate) -> str:
    """What the provider has said of this zone without confirming it."""
    hours = sum((row.hours for row in hoped if row.provider == who and _Room(row, row.hours, row.packages).open_to(one.zone, one.transfer)), Decimal(0))
    return f" ({hours.normalize():f} hours there are not confirmed and not used)" if hours else ""


def _left(rooms: Iterable[_Room], one: Candidate) -> Decimal:
    return sum((room.hours for room in rooms if room.open_to(one.zone, one.transfer)), Decimal(0))


def _fill(rooms: Sequence[_Room], provider: int, zone: str, hours: Decimal, transfer: date | None, *, whole: bool = False) -> bool:
    """Take ``hours`` from the provider's rooms, those of the zone first; with ``whole`` only if all of them are there."""
    mine = [room for room in rooms if room.capacity.provider == provider and room.open_to(zone, transfer)]
    mine.sort(key=lambda room: (not room.capacity.zone, room.capacity.since))
    if whole and (not mine or sum((room.hours for room in mine), Decimal(0)) < hours):
        return False
    if mine and (first := mine[0]).packages is not None:
        first.packages -= 1
    for room in mine:
        taken = min(room.hours, hours)
        room.hours -= taken
        hours -= taken
    return True


def _burden(rooms: Sequence[_Room], load: Load) -> None:
    """What a provider has on its hands already takes its hours, in whatever zone it said it would take them."""
    mine = [room for room in rooms if room.capacity.provider == load.provider]
    mine.sort(key=lambda room: (not room.open_to(load.zone, load.transfer), not room.capacity.zone, room.capacity.since))
    if mine and mine[0].packages:
        mine[0].packages -= 1
    left = load.hours
    for room in mine:
        taken = min(room.hours, left)
        room.hours -= taken
        left -= taken


def _why(one: Candidate, group: Sequence[Candidate], who: int, rooms: Sequence[_Room], names: Mapping[int, str]) -> str:
    mine = [room for room in rooms if room.capacity.provider == who]
    exact = any(room.capacity.zone and _same(room.capacity.zone, one.zone) for room in mine)
    place = f"Takes {one.zone}" if exact else "Takes any zone"
    words = [f"{place}, {_left(mine, one).normalize():f} confirmed hours left before this"]
    if one.placed:
        words.append("lives with somebody who goes there already")
    elif len(group) > 1:
        words.append("lives with somebody on this list: the two stay together")
    words += [f"{names[other]} {reason}" for other, reason in sorted(one.no.items()) if other in names]
    return ", ".join(words)
