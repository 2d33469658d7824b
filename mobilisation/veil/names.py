"""How somebody is named: forename and surname, title, initials, what a list holds beside them. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Protocol

from mobilisation.veil.spelling import Word, fold, folded, joined, plain_around

TITLES = frozenset({"cllr", "dame", "dr", "lady", "lord", "master", "miss", "mister", "mr", "mrs", "ms", "mx", "prof", "professor", "rev", "revd", "reverend", "sir"})
_WORDS_TOO = frozenset({"dame", "lady", "lord", "master", "miss", "ms", "sir"})
"""Titles that are words as well: only with a capital, as "we miss Green" is nobody's."""
_LABELS = frozenset({"aka", "as", "christian", "family", "first", "forename", "forenames", "given", "known", "last", "middle", "name", "nee", "née", "surname"})
"""Stand between the two when a case system is copied from."""
_NEVER_MIDDLE = frozenset({"and", "are", "as", "at", "by", "for", "from", "has", "in", "is", "of", "on", "or", "rag", "the", "to", "was", "with"})
_NO_NAME = frozenset({
    "advocate", "appointee", "attorney", "aunt", "brother", "care", "carer", "carers", "case", "contact", "council", "cousin", "daughter", "daughters", "deputy", "district", "ex", "family", "father",
    "friend", "grandaughter", "granddaughter", "grandson", "guardian", "home", "husband", "in", "kin", "law", "lpa", "main", "manager", "mother", "mum", "dad", "neighbour", "nephew", "next", "niece", "nok", "nurse",
    "of", "officer", "parent", "parents", "partner", "poa", "power", "relative", "representative", "services", "sibling", "sister", "social", "solicitor", "solicitors", "son", "sons", "step", "support",
    "tel", "the", "uncle", "warden", "wife", "worker", "mob", "mobile", "work", "phone",
})
"""A representative's field holds these as well; alone or beside a name they name nobody."""
_NOBODY = frozenset({
    "above", "alone", "applicable", "as", "be", "below", "confirm", "confirmed", "contact", "details", "file", "follow", "from", "has", "is", "known", "lives", "no", "nobody", "none", "not", "notes", "on", "one", "per", "person",
    "recorded", "same", "see", "self", "tba", "tbc", "to", "unknown", "via", "with", "yes",
})
"""Where one of these stands, nobody is named: "To be confirmed", "See notes"."""
_TOKEN = re.compile(r"[a-z]+")
_PIECE = re.compile(r"[^\W_]['’ʼ`´\w]*")
_NO_APOSTROPHE = {ord(sign): None for sign in "'’ʼ`´_"}
_SAID_OFTEN = frozenset({"bill", "drew", "grant", "hope", "mark", "may", "pat", "rob", "sue", "will"})
"""Forenames that start a sentence about anything: "Will B do it?" is nobody's without a full stop behind the letter."""
SKIPPED = 3
"""So many words may stand between a forename and a surname, and so many initials behind a title."""
SHORTEST_PART = 4
"""A shorter part of a double surname is also "van" or "de"."""


@dataclass(frozen=True)
class Said:
    """Folded words in a row. Before word ``gap`` (0 for none) middle names, initials and titles may stand. ``last``: what the last of them must be besides: an "initial", or followed by the rest of an e-mail address ("mail")."""

    words: tuple[str, ...]
    instead: str
    gap: int = 0
    last: str = ""


@dataclass(frozen=True)
class Surname:
    """Somebody's surname in folded words, and an initial or all of the forenames', or "" for whoever is named by title."""

    words: tuple[str, ...]
    initial: str


@dataclass(frozen=True)
class Alone:
    """Somebody's surname, or a part of a double one, by itself; folded words."""

    words: tuple[str, ...]


def is_initial(word: Word, text: str) -> bool:
    """A capital alone; A and I, which are words as well, with a full stop: "a Green step" is nobody's."""
    letter, start, end = word
    return len(letter) == 1 and text[start].isupper() and (letter not in "ai" or text.startswith(".", end)) and not text.startswith(("&", "+", "/", "="), end)


def is_title(word: Word, text: str) -> bool:
    return word[0] in TITLES and (word[0] not in _WORDS_TOO or text[word[1]].isupper())


def length(said: Said, words: list[Word], at: int, text: str) -> int:
    """Of how many words from ``at`` on it is said, 0 for not. A text that a page cut short says it too, as far as the second word."""
    to, labelled = at, False
    for place, wanted in enumerate(said.words):
        if place and place == said.gap:
            while to - at - place < SKIPPED and to < len(words) and not _is_or_is_cut(words[to], wanted, text) and (label := _may_stand_between(words, to, text)):
                labelled |= label == "label"
                to += 1
        if to == len(words) or not (words[to][0] == wanted or (place and _is_or_is_cut(words[to], wanted, text))):
            return 0
        to += 1
        if words[to - 1][0] != wanted:
            break
    last = words[to - 1]
    if said.last == "initial" and not (is_initial(last, text) and (said.words[0] not in _SAID_OFTEN or text.startswith(".", last[2]))):
        return 0
    if said.last == "mail" and not text.startswith("@", last[2]):
        return 0
    return to - at if joined(words[at:to], text, after=":" if labelled else "") else 0


def _is_or_is_cut(word: Word, wanted: str, text: str) -> bool:
    return word[0] == wanted or (wanted.startswith(word[0]) and text.startswith(("…", "..."), word[2]))


def _may_stand_between(words: list[Word], at: int, text: str) -> str:
    word = words[at]
    if word[0] in _LABELS:
        return "label"
    if len(word[0]) == 1 or is_title(word, text):
        return "short"
    return "middle" if text[word[1]].isupper() and word[0] not in _NEVER_MIDDLE and plain_around(words, at, text) else ""


def titled(surnames: dict[str, tuple[Surname, ...]], words: list[Word], at: int, text: str) -> int:
    """Of how many words from ``at`` on a surname is said behind a title or initials: "Mrs G. Whitcombe", "GM Whitcombe"; 0 for not."""
    title, initial = is_title(words[at], text), is_initial(words[at], text)
    if not (title or initial or _capitals(words[at], text)):
        return 0
    longest = 0
    for to in range(at + 1, min(at + 1 + SKIPPED, len(words))):
        for one in surnames.get(words[to][0], ()):
            if one.initial == ("" if title else words[at][0]) and (more := length(Said(one.words, ""), words, to, text)) and joined(words[at : to + 1], text):
                longest = max(longest, to - at + more)
        if not (is_initial(words[to], text) or _capitals(words[to], text)):
            break
    return longest


def _capitals(word: Word, text: str) -> bool:
    return 2 <= len(word[0]) <= 3 and text[word[1] : word[2]].isupper()


def turned(surnames: dict[str, tuple[Surname, ...]], words: list[Word], at: int, text: str) -> int:
    """The same for a surname before an initial or a title: "Whitcombe, G.", "Whitcombe (Mrs)", "Whitcombe, Mrs G"."""
    longest = 0
    for one in surnames.get(words[at][0], ()):
        to = at + length(Said(one.words, ""), words, at, text)
        if to == at or to >= len(words) or not joined(words[to - 1 : to + 1], text):
            continue
        if (one.initial and words[to][0] == one.initial and (is_initial(words[to], text) or _capitals(words[to], text))) or (not one.initial and is_title(words[to], text) and text[words[to - 1][2] : words[to][1]].strip() and _ends_there(words, to, text)):
            longest = max(longest, to + 1 - at)
    return longest


def _ends_there(words: list[Word], at: int, text: str) -> bool:
    """The title belongs to the surname before it and to none behind it: "Green, Mrs Smith" says somebody else."""
    return at + 1 == len(words) or not text[words[at + 1][1]].isupper() or is_initial(words[at + 1], text) or any(sign in text[words[at][2] : words[at + 1][1]] for sign in ",;)\n")


@dataclass(frozen=True)
class Spelt:
    """A surname in all its spellings, and those parts of a double one that somebody may be called by."""

    whole: Set[tuple[str, ...]]
    parts: Set[tuple[str, ...]]


def surnames_of(name: str) -> Spelt:
    """With what an apostrophe or a dash parts as one as well: O'Brien and OBrien."""
    whole = _spellings(name)
    several = [part for part in re.split(r"[\s\-‐-―]+", name) if len(part) >= SHORTEST_PART]
    parts = {words for part in several for words in _spellings(part)} if len(several) > 1 or any(part != name.strip() for part in several) else set()
    return Spelt(whole, parts - whole)


def forenames_of(name: str) -> set[tuple[str, ...]]:
    """Whole, and each of them alone: a list holds second forenames that nobody says, and in brackets the one that everybody does."""
    whole = _spellings(name)
    return whole | {(word,) for words in whole for word in words if len(word) > 1}


def _spellings(name: str) -> set[tuple[str, ...]]:
    by_part = tuple(word for part in name.split() for word in ["".join(folded(part))] if word)
    return {words for words in (folded(name), by_part) if words}


def speakers(text: str) -> Iterator[tuple[str, str]]:
    """(surname, forename) of everybody in the field of a representative; the forename is "" for whoever is there by title.

    "Son: Albert Patelwala 01632 960111" is one, "Jane and Paul Smith" are two; "Daughter" or "To be confirmed" is nobody by name.
    """
    waiting: list[str] = []
    no_capitals = not any(letter.isupper() for letter in text)
    for part in re.split(r"[(),;:\d/\n&|+]|\band\b|\s[-‐-―]\s", text):
        words = [word for word in re.findall(r"[^\W\d_][^\W\d_'’\-]*(?:['’\-‐-―][^\W\d_]+)*", part) if fold(word) not in _NO_NAME]
        plain = [fold(word) for word in words]
        if not words or not _NOBODY.isdisjoint(plain):
            waiting = []
            continue
        by_title = plain[0] in TITLES
        words = [word for word, said in zip(words, plain, strict=True) if said not in TITLES and len(said) > 1]
        if not 1 <= len(words) <= 4 or not (no_capitals or all(word[0].isupper() for word in words if len(word) > 3)):
            waiting = []
            continue
        if len(words) == 1 and not by_title:
            waiting.append(words[0])
            continue
        for forename in waiting:
            yield words[-1], forename
        waiting = []
        yield words[-1], " ".join(words[:-1])


class Occurring(Protocol):
    """What stands in the texts that are to be looked through."""

    @property
    def words(self) -> Set[str]: ...
    @property
    def cut(self) -> tuple[str, ...]: ...
    def has(self, words: Iterable[str]) -> bool: ...


def sayings(surname: str, forename: str, instead: str, occurring: Occurring | None) -> Iterator[Said | Surname | Alone]:
    """Every way to name somebody of whom both are known, or the surname and a title, as far as its words are ``occurring`` (None: all).

    Of thousands nearly all are nowhere: single words are looked up before any name is taken to pieces.
    """
    here = None if occurring is None else occurring.words
    last, first = _pieces(surname), _pieces(forename)
    glued = "".join(last)
    if here is None or (occurring is not None and occurring.cut) or glued in here or f"{glued}s" in here or (last != [surname.lower()] and not here.isdisjoint((*last, *folded(surname)))):
        spelt = surnames_of(surname)
        whole, parts = _here(spelt.whole, occurring), _here(spelt.parts, occurring)
        if whole or parts or (here is not None and f"{glued}s" in here):
            yield from _full(spelt, whole, parts, forename, instead, occurring)
    if not first or not glued:
        return
    letter = glued[0]
    if here is None or letter in here:
        for name in first:
            if len(name) > 1 and (here is None or name in here):
                yield Said((name, letter), instead, last="initial")
    for name in first if len(first) == 1 else (*first, "".join(first)):
        for one in (f"{name}{glued}", f"{glued}{name}"):
            if here is None or one in here:
                yield Said((one,), instead)
        for one in (f"{name[0]}{glued}", f"{glued}{name[0]}"):
            if here is None or one in here:
                yield Said((one,), instead, last="mail")


def _pieces(name: str) -> list[str]:
    """Its words in lower case, an apostrophe parting none: "obrien", "hall" of O'Brien-Hall."""
    plain = name.lower()
    if plain.isascii() and plain.isalnum():
        return [plain]
    return [fold(word).translate(_NO_APOSTROPHE) for word in _PIECE.findall(unicodedata.normalize("NFC", name))]


def _here(several: Iterable[tuple[str, ...]], occurring: Occurring | None) -> list[tuple[str, ...]]:
    return [words for words in several if occurring is None or occurring.has(words)]


def _full(spelt: Spelt, whole: list[tuple[str, ...]], parts: list[tuple[str, ...]], forename: str, instead: str, occurring: Occurring | None) -> Iterator[Said | Surname | Alone]:
    """With the surname: alone, behind a title or initials, beside a forename."""
    for words in (*whole, *parts):
        yield Alone(words)
    for *before, name in spelt.whole:
        # All of a family: "the Whitcombes".
        if occurring is None or occurring.has((*before, f"{name}s")):
            yield Alone((*before, f"{name}s"))
    forenames = forenames_of(forename)
    first = folded(forename)
    initials = {words[0][0] for words in forenames} | ({"".join(word[0] for word in first)} if first else set())
    if occurring is None or not TITLES.isdisjoint(occurring.words):
        for words in (*whole, *parts):
            yield Surname(words, "")
    for initial in initials if occurring is None else initials & occurring.words:
        for words in whole:
            yield Surname(words, initial)
            yield Said((initial, *words), instead, last="mail")
            yield Said((*words, initial), instead, last="mail")
    for said in _here(forenames, occurring):
        for words in (*whole, *parts):
            yield Said((*said, *words), instead, gap=len(said))
            yield Said((*words, *said), instead, gap=len(words))


def may_speak(text: str, here: Set[str]) -> bool:
    """Whether a surname that :func:`speakers` finds in ``text`` can be ``here``; quick."""
    if not text.isascii() or "'" in text:
        return True
    tokens = [word for word in _TOKEN.findall(text.lower()) if word not in _NO_NAME]
    found = [word for word in tokens if word in here]
    return len(found) > 1 or (len(found) == 1 and (len(tokens) == 1 or found[0] != tokens[0]))
