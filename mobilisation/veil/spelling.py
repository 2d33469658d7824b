"""How a text is read before anybody is looked for in it: its letters, its words and what may stand between two words of one name. Pure."""

from __future__ import annotations

import html
import itertools
import re
import unicodedata
from urllib.parse import unquote

UNSEEN = "\u00ad\u200b-\u200f\u2060-\u2064\ufeff"
"""Letters that no page shows; for a class of a pattern."""
_MARKS = "\u0300-\u036f"
WORD = re.compile(rf"(?:[^\W_][{_MARKS}{UNSEEN}]*)+")
CUT = re.compile(rf"((?:[^\W_][{_MARKS}{UNSEEN}]*)+)(?:…|\.\.\.)")
DASHES = r"\-‐-―"
_UNSEEN = re.compile(f"[{UNSEEN}]")
_GAP = re.compile(rf"[\s'’ʼ`´.,{DASHES}/\\_*~+|()\[\]\"“”„«»{UNSEEN}]*")
_PLAIN_GAP = re.compile(rf"[\s{DASHES}_'’‘\"“”(){UNSEEN}]*")
LONGEST_GAP = 6
"""So many signs may stand between two words of a name, however much white space does."""
_CODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+|&(?:#\d{1,5}|#x[0-9A-Fa-f]{1,4}|[A-Za-z]{2,8});|</?[A-Za-z][^<>\n]{0,40}>")
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})

Word = tuple[str, int, int]
"""Folded, and where it starts and ends."""


def even(text: str) -> str:
    """``text`` as it is meant, and as long: an address copied from a browser and markup typed as such hold signs that stand for others."""
    return _CODED.sub(_decoded, text) if "%" in text or "&" in text or "<" in text else text


def _decoded(found: re.Match[str]) -> str:
    run = found.group()
    plain = unquote(run) if run[0] == "%" else html.unescape(run) if run[0] == "&" else " "
    return plain.ljust(len(run), "\u200b") if len(plain) <= len(run) else run


def apart(text: str) -> str:
    """``text`` with white space for what no page shows: it parts words or stands within one, and both are looked for. As long."""
    return _UNSEEN.sub(" ", text)


def fold(word: str) -> str:
    """Lower case, without accents and without what no page shows."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", _UNSEEN.sub("", word).casefold().translate(_LETTERS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def folded(text: str) -> tuple[str, ...]:
    return tuple(fold(found.group()) for found in WORD.finditer(text))


def words_of(text: str, start: int, end: int) -> list[Word]:
    return [(fold(found.group()), found.start(), found.end()) for found in WORD.finditer(text, start, end)]


def joined(words: list[Word], text: str, *, after: str = "") -> bool:
    """Whether ``words`` can be one name: nothing parts two of them that would part sentences or people. ``after``: more signs that join."""
    return all(_one_gap(text[one[2] : other[1]], after) for one, other in itertools.pairwise(words))


def _one_gap(gap: str, after: str) -> bool:
    if gap == " ":
        return True
    if after:
        gap = gap.translate({ord(sign): " " for sign in after})
    return _GAP.fullmatch(gap) is not None and sum(not letter.isspace() and letter.isprintable() for letter in gap) <= LONGEST_GAP


def plain_around(words: list[Word], at: int, text: str) -> bool:
    """Whether word ``at`` stands between its neighbours as a middle name does: spaces, dashes, quotes or brackets."""
    before, after = text[words[at - 1][2] : words[at][1]], text[words[at][2] : words[at + 1][1]] if at + 1 < len(words) else "."
    return _PLAIN_GAP.fullmatch(before) is not None and _PLAIN_GAP.fullmatch(after) is not None


def digits(text: str) -> str:
    return "".join(str(unicodedata.digit(letter, "")) for letter in text if letter.isdigit())


