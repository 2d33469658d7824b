"""Where somebody lives, as a list says it and as people write it. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Set

from mobilisation.veil.spelling import folded

_SHORT = {
    "avenue": ("ave", "av"), "close": ("cl",), "cottage": ("cott",), "court": ("ct",), "crescent": ("cres", "cr"), "drive": ("dr",), "gardens": ("gdns",), "grove": ("gr",), "house": ("hse",),
    "lane": ("ln",), "mount": ("mt",), "park": ("pk",), "place": ("pl",), "road": ("rd",), "saint": ("st",), "square": ("sq",), "street": ("st",), "terrace": ("terr", "ter"),
}
_LONG = {short: tuple(long for long, shorts in _SHORT.items() if short in shorts) for shorts in _SHORT.values() for short in shorts}
_WITHIN = frozenset({"apartment", "apt", "bungalow", "flat", "no", "number", "room", "unit"})
"""What stands before the number of a part of a house: the house itself says as much."""
_COUNTED = frozenset({
    "actions", "amber", "black", "calls", "carers", "green", "homes", "hours", "issues", "items", "members", "minutes", "months", "packages", "people", "points", "providers", "risks", "staff", "steps",
    "visits", "waves", "weeks", "years",
})
SHORTEST_STREET = 5


def may_be_there(address: str, occurring: Set[str]) -> bool:
    """Whether anything of :func:`places` can stand among the words ``occurring``; quick, as most of thousands are nowhere."""
    for word in address.split(maxsplit=5)[:5]:
        if word[0].isdigit():
            continue
        if not (plain := word.rstrip(",.").lower()).isalpha():
            return True
        if plain not in _WITHIN:
            return plain in occurring or plain in _SHORT or plain in _LONG
    return True


def places(address: str) -> Iterator[tuple[str, ...]]:
    """As many words as say where it is, with the kinds of streets long and short: "Flat 2" alone is one of many."""
    for words in {_first_line(address), _house(address), _number_and_street(address)}:
        if words:
            yield from itertools.product(*((word, *_SHORT.get(word, ()), *_LONG.get(word, ())) for word in words))


def _first_line(address: str) -> tuple[str, ...]:
    words: tuple[str, ...] = ()
    for part in re.split(r"[,\n]", address):
        words += folded(part)
        if len(words) >= (3 if any(letter.isdigit() for word in words for letter in word) else 4):
            return words
    return ()


def _house(address: str) -> tuple[str, ...]:
    """"14 Mallard Road" of "Flat 2, 14 Mallard Road"."""
    words = folded(address.partition("\n")[0])
    if len(words) < 3 or words[0] not in _WITHIN:
        return ()
    rest = re.sub(r"^\W*\w+\W+\w+\W+", "", address, count=1)
    found = _first_line(rest)
    return found if found and found[0][0].isdigit() else ()


def _number_and_street(address: str) -> tuple[str, ...]:
    """"14 Broadway" of "14 Broadway, Ashford": a number and one word that counts nothing."""
    part, more, _ = address.partition(",")
    words = folded(part)
    return words if more and len(words) == 2 and words[0][0].isdigit() and words[1].isalpha() and len(words[1]) >= SHORTEST_STREET and words[1] not in _COUNTED else ()
