"""A surname alone: somebody's where it is no word of the language, or stands in a sentence as only a name does. Pure.

What is beside it says whom it is not about: a forename, an initial, a street, a firm. A surname that is a word as well is taken for a name
only within a sentence, with a capital that nothing else calls for: "Ask Brown on Monday" and not "Brown bread" or "status Green".
"""

from __future__ import annotations

import functools
import re
from importlib.resources import files

from spylls.hunspell import Dictionary

from mobilisation.veil.names import TITLES, Said, is_initial, length
from mobilisation.veil.spelling import Word, fold

_FIRMS_AND_PLACES = frozenset({
    "agency", "arms", "association", "avenue", "bank", "bridge", "building", "care", "centre", "charity", "church", "clinic", "close", "co", "college", "common", "community", "company", "consulting", "corner", "council",
    "court", "crescent", "drive", "estate", "extra", "farm", "field", "foundation", "garage", "gardens", "gate", "green", "grove", "hall", "healthcare", "heath", "hill", "homecare", "hospice", "hospital", "house", "infirmary",
    "lane", "law", "limited", "llp", "lodge", "ltd", "manor", "medical", "mews", "nursing", "park", "partners", "partnership", "pharmacy", "place", "plc", "practice", "rise", "road", "row", "school", "solicitors",
    "square", "street", "surgery", "terrace", "trust", "university", "view", "villas", "walk", "ward", "way", "wharf", "yard",
})
_DAYS = frozenset({
    "april", "august", "december", "february", "friday", "january", "july", "june", "march", "may", "monday", "november", "october", "saturday", "september", "sunday", "thursday", "tuesday", "wednesday",
})
_OF_THE_OFFICE = _DAYS | frozenset({
    "amber", "black", "blue", "board", "bronze", "case", "christmas", "day", "east", "easter", "english", "french", "german", "gold", "green", "grey", "irish", "major", "north", "page", "part", "post", "rag", "red", "silver", "south", "step", "summer", "wave", "way",
    "week", "welsh", "west", "white", "winter", "word",
})
"""Surnames too, and in a plan or a report hardly ever."""
_BEFORE_THINGS = frozenset({"a", "all", "an", "any", "both", "each", "every", "his", "her", "its", "last", "my", "new", "next", "no", "old", "one", "or", "our", "per", "some", "that", "the", "their", "these", "this", "those", "which", "your"})
_ONLY_PEOPLE_DO = frozenset({
    "agreed", "agrees", "asked", "asks", "ate", "chose", "collapsed", "complained", "consented", "cried", "declined", "declines", "died", "dies", "drank", "fell", "lived", "lives", "moved", "moves", "phoned", "preferred", "prefers",
    "rang", "refused", "refuses", "said", "says", "slept", "wanted", "wants", "wept", "wished", "wishes",
})
"""Behind a word with a capital, even one that only starts a sentence: "Young declined"."""
_CALLED_AFTER = re.compile(r"\s*(?:&|and)\s+(?:brothers|bros|co|company|daughters?|partners|sons?)\b|(?:['’]s)?\s+(?:disease|palsy|scale|score|syndrome|test)\b", re.IGNORECASE)
"""A firm of the family, and what is called after whoever found it."""
_STARTS = re.compile(r"(?:^|[.!?:;\n\x0b\x0c•–])\s*$")
SHORTEST_WITHOUT_CAPITAL = 5
LONGEST_SHORT_FORM = 4
"""So many capitals are an abbreviation: NG, NASH."""


@functools.cache
def _english() -> Dictionary:
    return Dictionary.from_files(str(files("spylls") / "hunspell" / "data" / "en" / "en_US"))


@functools.lru_cache(maxsize=20_000)
def is_word(word: str) -> bool:
    """Whether ``word``, folded, is one of the language and not only a name: "woods" is, "jones" is not."""
    return bool(_english().lookup(word))


def alone(surname: tuple[str, ...], words: list[Word], at: int, text: str) -> int:
    """Of how many words from ``at`` on ``surname`` is told of somebody by itself, 0 for not."""
    long = length(Said(surname, ""), words, at, text)
    return long if long and _somebody(words, at, at + long, text) else 0


def _somebody(words: list[Word], at: int, to: int, text: str) -> bool:
    start, end = words[at][1], words[to - 1][2]
    written = text[start:end]
    gap = text[words[at - 1][2] : start] if at else ""
    before = words[at - 1] if gap in (" ", "-", "'", "’") or (gap in (".", ". ") and is_initial(words[at - 1], text)) else None
    after = words[to] if to < len(words) and text[end : words[to][1]] in (" ", "-") else None
    if text[start - 1 : start] == "@" or text[end : end + 1] == "@" or _CALLED_AFTER.match(text, end) or (after and _goes_on(after, text)):
        return False
    if before and (is_initial(before, text) or (_is_name(before, text) and before[0] not in TITLES)):
        return False
    if to - at > 1 or not is_word(words[at][0]):
        return len(written) > LONGEST_SHORT_FORM if written.isupper() else written[0].isupper() or len(written) >= SHORTEST_WITHOUT_CAPITAL
    if written[0].isupper() and words[at][0] not in _OF_THE_OFFICE and after is not None and after[0] in _ONLY_PEOPLE_DO and (before is None or _STARTS.search(text, 0, start)):
        return True
    within = before is not None and before[0].isalpha() and before[0] not in _BEFORE_THINGS and not _paired(words, at, text) and (text[before[1]].islower() or _STARTS.search(text, 0, before[1]) is not None)
    return within and written[0].isupper() and not written.isupper() and words[at][0] not in _OF_THE_OFFICE and not (after and (after[0].isdigit() or text[after[1]].isupper()))


def _paired(words: list[Word], at: int, text: str) -> bool:
    """Both halves of a title: "Coastal and Marsh"."""
    return at > 1 and words[at - 1][0] in ("and", "of") and text[words[at - 2][1]].isupper() and is_word(words[at - 2][0])


def _goes_on(word: Word, text: str) -> bool:
    """The name of a firm or a place goes on, or somebody's whose forename this is: "Davies Court", "Lewis Okafor"."""
    return is_initial(word, text) or (text[word[1]].isupper() and (word[0] in _FIRMS_AND_PLACES or _is_name(word, text)))


def _is_name(word: Word, text: str) -> bool:
    written = text[word[1] : word[2]]
    return written[0].isupper() and len(written) > 1 and not (written.isupper() and len(written) <= LONGEST_SHORT_FORM) and word[0] not in _DAYS and not is_word(fold(written))
