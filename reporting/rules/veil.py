"""Names and numbers of people on the list, taken out of what somebody typed (domain 8: no free text about people).

Pure: texts and identifiers come in as values. A full name is "Forename Surname" or "Surname, Forename", in any case and with
or without accents, as whole words; a number is an NHS number in any grouping, or a reference of the case system.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

NAME = "[name withheld]"
NUMBER = "[number withheld]"

SHORTEST_REFERENCE = 5
"""A shorter reference of the case system is also a year, a count or the code of a step: it says nobody to a reader."""

_WORD = re.compile(r"(?:[^\W_][̀-ͯ]*)+")
_JOINS = re.compile(r"[\s'’.\-‐-―/]{1,3}")
_COMMA = re.compile(r"\s*,\s*")
_NHS = re.compile(r"(?<!\d)\d(?:[\s.\-‐]?\d){9}(?!\d)")


@dataclass(frozen=True)
class Identifiers:
    """What says who somebody on the list is; empty where not known."""

    surname: str
    forename: str
    nhs_number: str
    case_reference: str


@dataclass(frozen=True)
class _Said:
    """Folded words in a row; before word ``comma`` (0 for none) stands a comma, before the others what joins words."""

    words: tuple[str, ...]
    comma: int
    instead: str


@dataclass(frozen=True)
class Veil:
    """Call it with a text; the answer is the same text with what names somebody on the list replaced."""

    _first: dict[str, tuple[_Said, ...]] = field(default_factory=dict)
    _nhs: frozenset[str] = frozenset()

    def __call__(self, text: str) -> str:
        return self._words(self._numbers(text)) if self._first or self._nhs else text

    def _numbers(self, text: str) -> str:
        if not self._nhs:
            return text
        out, done, found = [], 0, _NHS.search(text)
        while found:
            if _digits(found.group()) in self._nhs:
                out += [text[done : found.start()], NUMBER]
                done = found.end()
            found = _NHS.search(text, max(done, found.start() + 1))
        return "".join([*out, text[done:]])

    def _words(self, text: str) -> str:
        words = [(fold(found.group()), found.start(), found.end()) for found in _WORD.finditer(text)]
        out, done, at = [], 0, 0
        while at < len(words):
            fits = [said for said in self._first.get(words[at][0], ()) if _stands(said, words, at, text)]
            if not fits:
                at += 1
                continue
            longest = max(fits, key=lambda said: len(said.words))
            last = at + len(longest.words) - 1
            out += [text[done : words[at][1]], longest.instead]
            done, at = words[last][2], last + 1
        return "".join([*out, text[done:]])


def _stands(said: _Said, words: list[tuple[str, int, int]], at: int, text: str) -> bool:
    run = words[at : at + len(said.words)]
    if tuple(word for word, _, _ in run) != said.words:
        return False
    return all((_COMMA if n == said.comma else _JOINS).fullmatch(text, run[n - 1][2], run[n][1]) for n in range(1, len(run)))


def fold(word: str) -> str:
    """Lower case, without accents."""
    if word.isascii():
        return word.lower()
    return "".join(letter for letter in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(letter))


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def veil_over(people: Iterable[Identifiers], texts: Iterable[str]) -> Veil:
    """The veil for exactly these ``texts``: of thousands of ``people`` only those are kept whose first words occur in them."""
    whole = " \n ".join(texts)
    occurring = {fold(found.group()) for found in _WORD.finditer(whole)}
    numbers = set()
    found = _NHS.search(whole)
    while found:
        numbers.add(_digits(found.group()))
        found = _NHS.search(whole, found.start() + 1)
    first: dict[str, list[_Said]] = {}
    nhs = set()
    for one in people:
        if one.nhs_number in numbers:
            nhs.add(one.nhs_number)
        for said in _sayings(one, occurring):
            first.setdefault(said.words[0], []).append(said)
    return Veil({word: tuple(sayings) for word, sayings in first.items()}, frozenset(nhs))


def _sayings(one: Identifiers, occurring: set[str]) -> list[_Said]:
    found = []
    # Most surnames are one plain word that occurs nowhere: told apart without taking the name to pieces.
    if one.surname and one.forename and _may_occur(one.surname, occurring) and _may_occur(one.forename, occurring):
        surname, forename = _folded(one.surname), _folded(one.forename)
        if surname and forename and occurring.issuperset((*surname, *forename)):
            found += [_Said((*forename, *surname), 0, NAME), _Said((*surname, *forename), len(surname), NAME)]
    if len(one.case_reference) >= SHORTEST_REFERENCE and _may_occur(one.case_reference, occurring):
        reference = _folded(one.case_reference)
        if reference and occurring.issuperset(reference):
            found.append(_Said(reference, 0, NUMBER))
    return found


def _may_occur(text: str, occurring: set[str]) -> bool:
    return not (text.isascii() and text.isalnum()) or text.lower() in occurring


def _folded(text: str) -> tuple[str, ...]:
    return tuple(fold(found.group()) for found in _WORD.finditer(text))
