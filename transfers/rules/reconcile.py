"""Whether two lists are about the same people: who is who, what differs, and who stands on one list only (domain 5.2 C02). Pure.

A number decides; without one, name, date of birth and postcode are weighed. What is only likely is offered and a person says.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz

SAME, DIFFERENT = "same", "different"
LETTERS = 3
"""The least a reason says."""


def reason_refused(reason: str) -> str:
    """A difference is settled, or opened again, by a reason that whoever asks later can read; "x" is none."""
    return "" if sum(letter.isalpha() for letter in reason) >= LETTERS else "Say why in words, for whoever asks later."


@dataclass(frozen=True)
class Limits:
    """Scores from 0 to 100: from ``sure`` two entries are one, from ``likely`` a person is asked."""

    sure: int = 92
    likely: int = 72


@dataclass(frozen=True)
class Entry:
    """One line of a list. ``key`` names it for good; ``names`` are (surname, forename) as compared: lower case, no accents;
    ``facts`` {field: value} is what is compared, an absent or None value says nothing."""

    key: str
    names: tuple[str, str] = ("", "")
    nhs_number: str = ""
    reference: str = ""
    born: date | None = None
    postcode: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Pair:
    """``by``: what made them one. ``score`` 100 where a number or a person did."""

    ours: str
    theirs: str
    by: str
    score: int


@dataclass(frozen=True)
class Result:
    """Each key of both lists stands in exactly one of ``pairs``, ``likely`` (on both sides), the two ``only`` and ``copies``: lines of
    the other list that repeat one before them. ``twice_theirs``: pairs within the other list that are likely one person, copies among them."""

    pairs: tuple[Pair, ...]
    likely: tuple[Pair, ...]
    only_ours: tuple[str, ...]
    only_theirs: tuple[str, ...]
    copies: tuple[str, ...]
    twice_theirs: tuple[Pair, ...]


def score(a: Entry, b: Entry) -> int:
    """0 to 100: half the name, three tenths the date of birth, two tenths the postcode; what one side lacks counts half."""
    return round(50 * _names(a.names, b.names) + 30 * _dates(a.born, b.born) + 20 * _places(a.postcode, b.postcode))


@lru_cache(maxsize=65536)
def _names(a: tuple[str, str], b: tuple[str, str]) -> float:
    whole = fuzz.ratio(" ".join(a), " ".join(b))
    return max(whole, fuzz.token_sort_ratio(" ".join(a), " ".join(b))) / 100


def _dates(a: date | None, b: date | None) -> float:
    if a is None or b is None:
        return 0.5
    if a == b:
        return 1.0
    if (a.year, a.month, a.day) == (b.year, b.day, b.month):
        return 0.8
    same = (a.year == b.year) + (a.month == b.month) + (a.day == b.day)
    return 0.6 if same == 2 else 0.0


def _places(a: str, b: str) -> float:
    if not a or not b:
        return 0.5
    if a == b:
        return 1.0
    return 0.5 if a.split(" ")[0] == b.split(" ")[0] else 0.0


def reconcile(ours: Sequence[Entry], theirs: Sequence[Entry], said: Mapping[tuple[str, str], str], limits: Limits = Limits(), heard: Callable[[], None] = lambda: None) -> Result:
    """Compare two lists. ``said`` {(our key, their key): same or different} is what people decided before; it stands above every number.

    ``heard`` is called for every entry that is weighed, at most once; it may stop the work by raising.
    """
    twice = _twice(theirs, said, limits, heard)
    place = {entry.key: n for n, entry in enumerate(theirs)}
    # Twins at one address are alike as well: a line is a copy only where the name is the same to the letter.
    copies = {max(pair.ours, pair.theirs, key=place.__getitem__) for pair in twice if _repeats(theirs[place[pair.ours]], theirs[place[pair.theirs]])}
    free_ours, free_theirs = {entry.key: entry for entry in ours}, {entry.key: entry for entry in theirs if entry.key not in copies}
    pairs: list[Pair] = []

    def take(a: str, b: str, by: str, points: int) -> None:
        pairs.append(Pair(a, b, by, points))
        del free_ours[a], free_theirs[b]

    for (a, b), word in said.items():
        if word == SAME and a in free_ours and b in free_theirs:
            take(a, b, "said by a person", 100)
    doubtful: list[Pair] = []
    for by, number in (("NHS number", _nhs), ("reference", _reference)):
        there = _once(free_theirs.values(), number)
        for key, entry in list(_once(free_ours.values(), number).items()):
            other = there.get(key)
            if other is None or said.get((entry.key, other.key)) == DIFFERENT or entry.key not in free_ours or other.key not in free_theirs:
                continue
            if _names(entry.names, other.names) < 0.6 and _dates(entry.born, other.born) < 0.6:
                # The number of somebody else: whose it is, a person says.
                doubtful.append(Pair(entry.key, other.key, f"{by}, but another name and date of birth", score(entry, other)))
            else:
                take(entry.key, other.key, by, 100)
    weighed = sorted(
        (pair for pair in _near(list(free_ours.values()), list(free_theirs.values()), limits, heard) if said.get((pair.ours, pair.theirs)) != DIFFERENT), key=lambda pair: (-pair.score, pair.ours, pair.theirs)
    )
    rivals: dict[str, list[int]] = defaultdict(list)
    for pair in weighed:
        rivals[f"o{pair.ours}"].append(pair.score)
        rivals[f"t{pair.theirs}"].append(pair.score)
    likely: list[Pair] = []
    held_ours: set[str] = set()
    held_theirs: set[str] = set()
    for pair in (*doubtful, *weighed):
        if pair.ours not in free_ours or pair.theirs not in free_theirs or pair.ours in held_ours or pair.theirs in held_theirs:
            continue
        alone = all(sorted(rivals[side], reverse=True)[1:2] <= [pair.score - 6] for side in (f"o{pair.ours}", f"t{pair.theirs}"))
        one, other = free_ours[pair.ours], free_theirs[pair.theirs]
        if pair.score >= limits.sure and alone and pair not in doubtful and one.born is not None and one.born == other.born and not _told_apart(one, other):
            take(pair.ours, pair.theirs, "name, date of birth and postcode", pair.score)
        else:
            likely.append(pair)
            held_ours.add(pair.ours)
            held_theirs.add(pair.theirs)
    return Result(
        tuple(pairs), tuple(likely), tuple(key for key in free_ours if key not in held_ours), tuple(key for key in free_theirs if key not in held_theirs),
        tuple(copies), twice,
    )


def _nhs(entry: Entry) -> str:
    return entry.nhs_number


def _reference(entry: Entry) -> str:
    return entry.reference


def _once(entries: Iterable[Entry], number: Callable[[Entry], str]) -> dict[str, Entry]:
    """Number → the one entry that has it; a number that stands twice in a list decides nothing."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if number(entry):
            found[number(entry)].append(entry)
    return {key: several[0] for key, several in found.items() if len(several) == 1}


def _near(ours: Sequence[Entry], theirs: Sequence[Entry], limits: Limits, heard: Callable[[], None]) -> list[Pair]:
    """Pairs worth weighing: they share a date of birth, a postcode or the beginning of a name."""
    shelves: dict[Any, list[Entry]] = defaultdict(list)
    for entry in theirs:
        for mark in _marks(entry):
            shelves[mark].append(entry)
    sorted_ = {mark: sorted(shelf, key=_by_name) for mark, shelf in shelves.items() if len(shelf) > CROWDED}
    found = []
    for entry in ours:
        heard()
        seen: set[str] = set()
        for mark in _marks(entry):
            for other in _neighbours(sorted_[mark], entry) if mark in sorted_ else shelves.get(mark, ()):
                if other.key not in seen:
                    seen.add(other.key)
                    points = score(entry, other)
                    if points >= limits.likely:
                        found.append(Pair(entry.key, other.key, "name, date of birth and postcode", points))
    return found


CROWDED, BESIDE = 120, 30
"""A mark that more than ``CROWDED`` entries share (a birthday filled in for want of one, a home of many) tells little: of those only
the ``BESIDE`` before and after in the order of names are weighed, so that the work grows with the list and not with its square."""


def _by_name(entry: Entry) -> tuple[str, str]:
    return entry.names


def _neighbours(shelf: Sequence[Entry], entry: Entry) -> Sequence[Entry]:
    at = bisect_left(shelf, entry.names, key=_by_name)
    return shelf[max(0, at - BESIDE) : at + BESIDE]


def _marks(entry: Entry) -> list[tuple[str, Any]]:
    marks: list[tuple[str, Any]] = []
    if entry.born is not None:
        marks.append(("born", entry.born))
    if entry.postcode:
        marks.append(("postcode", entry.postcode))
    surname, forename = entry.names
    if surname:
        marks.append(("name", (surname[:4], forename[:1])))
        if forename:
            marks.append(("name", (forename[:4], surname[:1])))
    return marks


def _twice(entries: Sequence[Entry], said: Mapping[tuple[str, str], str], limits: Limits, heard: Callable[[], None]) -> tuple[Pair, ...]:
    """Two lines of one list that are likely one person: the same number, or sure by name, date of birth and postcode."""
    found: dict[tuple[str, str], Pair] = {}
    for by, number in (("NHS number", _nhs), ("reference", _reference)):
        groups: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            if number(entry):
                groups[number(entry)].append(entry)
        for several in groups.values():
            for other in several[1:]:
                a, b = sorted((several[0].key, other.key))
                found.setdefault((a, b), Pair(a, b, by, 100))
    by_key = {entry.key: entry for entry in entries}
    for pair in _near(entries, entries, limits, heard):
        a, b = sorted((pair.ours, pair.theirs))
        if a != b and pair.score >= limits.sure and not _told_apart(by_key[a], by_key[b]):
            found.setdefault((a, b), Pair(a, b, pair.by, pair.score))
    return tuple(pair for key, pair in found.items() if said.get(key) != DIFFERENT)


def within(entries: Sequence[Entry], said: Mapping[tuple[str, str], str], limits: Limits = Limits(), heard: Callable[[], None] = lambda: None) -> tuple[Pair, ...]:
    """Pairs of one list that may be one person, ``ours`` and ``theirs`` in the order of their keys. ``said`` as in :func:`reconcile`, keys in that order."""
    return _twice(entries, said, limits, heard)


def like(entry: Entry, others: Sequence[Entry], said: Mapping[tuple[str, str], str], limits: Limits = Limits()) -> tuple[Pair, ...]:
    """Whom of ``others`` ``entry`` may be, the likeliest first: as a line of another list that :func:`reconcile` would take for one of
    them or ask about. ``theirs`` of each pair is the other one; ``said`` as in :func:`within`."""
    found = {pair.theirs: pair for pair in _near([entry], [other for other in others if other.key != entry.key], limits, lambda: None)}
    for other in others:
        for by, number in (("NHS number", _nhs), ("reference", _reference)):
            if other.key != entry.key and number(entry) and number(entry) == number(other):
                found[other.key] = Pair(entry.key, other.key, by, 100)
                break
    apart = {other.key for other in others if _told_apart(entry, other) or said.get((min(entry.key, other.key), max(entry.key, other.key))) == DIFFERENT}
    return tuple(sorted((pair for key, pair in found.items() if key not in apart), key=lambda pair: (-pair.score, pair.theirs)))


def _repeats(a: Entry, b: Entry) -> bool:
    return a.names == b.names and a.born == b.born and not _told_apart(a, b)


def _told_apart(a: Entry, b: Entry) -> bool:
    """Two NHS numbers are two people."""
    return bool(a.nhs_number and b.nhs_number and a.nhs_number != b.nhs_number)


def differing(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """{field: (ours, theirs)} of what the other list says otherwise; what it does not say differs in nothing."""
    return {name: (ours.get(name), value) for name, value in theirs.items() if value is not None and value != "" and not _alike(ours.get(name), value)}


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, str) and isinstance(b, str):
        return "".join(a.split()).casefold() == "".join(b.split()).casefold()
    return bool((a or None) == (b or None) if isinstance(b, bool) else a == b)
