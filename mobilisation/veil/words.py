"""What says who somebody on the list is, taken out of what somebody typed (domain 8: no free text about people).

Pure: texts and identifiers come in as values. A name is a forename and a surname either way round, with or without a middle
initial, or a surname with a title or an initial, in any case and with or without accents and apostrophes, as whole words; a number is
an NHS number or a telephone number in any grouping, or a reference of the case system; an address is its first line, or a postcode; a
date of birth one that is called so. Whoever speaks for somebody on the list is told by name as they are. A surname alone stands: most
are words of the language, too.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

NAME = "[name withheld]"
NUMBER = "[number withheld]"
ADDRESS = "[address withheld]"
DATE = "[date withheld]"
INSTEAD = re.compile("|".join(re.escape(words) for words in (NAME, NUMBER, ADDRESS, DATE)))

SHORTEST_REFERENCE = 5
"""A shorter reference of the case system is also a year, a count or the code of a step: it says nobody to a reader."""

_WORD = re.compile(r"(?:[^\W_][̀-ͯ]*)+")
_CUT = re.compile(r"((?:[^\W_][̀-ͯ]*)+)(?:…|\.\.\.)")
_JOINS = re.compile(r"(?:\s+|['’ʼ`´.\-‐-―/_\u200b]){1,3}")
_LOOSE = re.compile(r"(?:\s+|[,'’ʼ`´.\-‐-―/]){1,4}")
_NHS = re.compile(r"(?<!\d)\d(?:[\s.\-‐-―/]{0,3}\d){9}(?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:(?:\+|00)44(?:\s?\(0\))?|\(?0)(?:[\s.\-‐-―/()]{0,3}\d){9,10}(?!\d)")
_PHONE_START = re.compile(r"^(?:0044|44|0)0?")
_POSTCODE = re.compile(r"(?<![^\W_])[A-Z]{1,2}\d[A-Z\d]?[\s.\-‐-―]{0,3}\d[A-Z]{2}(?![^\W_])", re.IGNORECASE)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BORN = re.compile(
    r"\b(?:born|d\.?\s?o\.?\s?b\.?|date\s+of\s+birth)[\s:,.\-‐-―(]{0,4}(?:(?:is|was|on)\s+)?(?P<day>"
    r"(?P<d>\d{1,2})\s?[./\-‐-―]\s?(?P<m>\d{1,2})\s?[./\-‐-―]\s?(?P<y>\d{4}|\d\d)(?!\d)|(?P<y2>\d{4})-(?P<m2>\d\d)-(?P<d2>\d\d)(?!\d)"
    r"|(?P<d3>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m3>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\.?,?\s+(?P<y3>\d{4}))",
    re.IGNORECASE,
)
_NO_NAME = frozenset({
    "advocate", "appointee", "attorney", "brother", "care", "carer", "case", "contact", "council", "cousin", "daughter", "deputy", "district", "family", "father", "friend",
    "granddaughter", "grandson", "guardian", "home", "husband", "in", "kin", "law", "lpa", "manager", "mother", "neighbour", "nephew", "next", "niece", "none", "not", "nurse", "of",
    "officer", "parent", "partner", "poa", "power", "relative", "representative", "services", "sister", "social", "solicitor", "son", "the", "unknown", "warden", "wife", "worker",
})
"""A representative's field holds these as well; alone or with others they name nobody."""
_TITLES = frozenset({"dr", "lady", "miss", "mr", "mrs", "ms", "mx", "rev", "sir"})
INITIALS = 2
"""So many may stand between a title or a forename and a surname."""


@dataclass(frozen=True)
class Identifiers:
    """What says who somebody on the list is; empty where not known. ``phones``: any text with telephone numbers in it."""

    surname: str
    forename: str
    nhs_number: str
    case_reference: str
    phones: str = ""
    address: str = ""
    postcode: str = ""
    speaks: str = ""
    """The name of the representative, with whatever else was typed there."""
    born: str = ""
    """YYYY-MM-DD."""


@dataclass(frozen=True)
class Cut:
    """``text[start:end]`` is told as ``instead``."""

    start: int
    end: int
    instead: str


@dataclass(frozen=True)
class _Said:
    """Folded words in a row, joined by what joins words; a ``loose`` one by a comma as well. Before word ``gap`` (0 for none) initials may stand."""

    words: tuple[str, ...]
    instead: str
    loose: bool = False
    gap: int = 0


@dataclass(frozen=True)
class _Surname:
    """Somebody's surname in folded words, and the initial of the forename, or "" for whoever is named by title."""

    words: tuple[str, ...]
    initial: str


@dataclass(frozen=True)
class Veil:
    """Call it with a text; the answer is the same text with what says who somebody on the list is replaced."""

    _first: dict[str, tuple[_Said, ...]] = field(default_factory=dict)
    _surnames: dict[str, tuple[_Surname, ...]] = field(default_factory=dict)
    _nhs: frozenset[str] = frozenset()
    _phones: frozenset[str] = frozenset()
    _postcodes: frozenset[str] = frozenset()
    _born: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self._first or self._surnames or self._nhs or self._phones or self._postcodes or self._born)

    def __call__(self, text: str) -> str:
        cuts = self.cuts(text)
        if not cuts:
            return text
        out, done = [], 0
        for cut in cuts:
            out += [text[done : cut.start], cut.instead]
            done = cut.end
        return "".join([*out, text[done:]])

    def cuts(self, text: str) -> list[Cut]:
        """What is replaced in ``text``, in its order, none over another."""
        if not self:
            return []
        found = self._numbers(text)
        starts, ends = [0, *(cut.end for cut in found)], [*(cut.start for cut in found), len(text)]
        for start, end in zip(starts, ends, strict=True):
            found += self._words(text, start, end)
        return sorted(found, key=lambda cut: cut.start)

    def _numbers(self, text: str) -> list[Cut]:
        """Dates of birth, then NHS numbers before telephone numbers before postcodes."""
        found: list[Cut] = [Cut(at.start("day"), at.end("day"), DATE) for at in _BORN.finditer(text) if _day(at) in self._born] if self._born else []
        for pattern, plain, known, instead in ((_NHS, _digits, self._nhs, NUMBER), (_PHONE, _phone, self._phones, NUMBER), (_POSTCODE, _postcode, self._postcodes, ADDRESS)):
            at = pattern.search(text) if known else None
            while at:
                fits = plain(at.group()) in known and all(at.end() <= cut.start or cut.end <= at.start() for cut in found)
                if fits:
                    found.append(Cut(at.start(), at.end(), instead))
                at = pattern.search(text, at.end() if fits else at.start() + 1)
        return sorted(found, key=lambda cut: cut.start)

    def _words(self, text: str, start: int, end: int) -> list[Cut]:
        if not (self._first or self._surnames):
            return []
        words = [(fold(found.group()), found.start(), found.end()) for found in _WORD.finditer(text, start, end)]
        out, at = [], 0
        while at < len(words):
            length, instead = max(((_length(said, words, at, text), said.instead) for said in self._first.get(words[at][0], ())), default=(0, ""), key=lambda fit: fit[0])
            if self._surnames and (short := max(self._titled(words, at, text), self._turned(words, at, text))) > length:
                length, instead = short, NAME
            if length:
                out.append(Cut(words[at][1], words[at + length - 1][2], instead))
            at += length or 1
        return out

    def _titled(self, words: list[tuple[str, int, int]], at: int, text: str) -> int:
        """Of how many words from ``at`` on a surname is said behind a title or an initial: "Mrs G. Whitcombe", "G Whitcombe"; 0 for not."""
        word = words[at][0]
        if word not in _TITLES and not _initial(words[at], text):
            return 0
        longest = 0
        for to in range(at + 1, min(at + 2 + INITIALS, len(words))):
            for one in self._surnames.get(words[to][0], ()):
                if one.initial == ("" if word in _TITLES else word) and (length := _length(_Said(one.words, NAME), words, to, text)) and _joined(words[at : to + 1], text, _JOINS):
                    longest = max(longest, to - at + length)
            if not _initial(words[to], text):
                break
        return longest

    def _turned(self, words: list[tuple[str, int, int]], at: int, text: str) -> int:
        """The same for a surname before an initial: "Whitcombe, G."."""
        longest = 0
        for one in self._surnames.get(words[at][0], ()):
            length = _length(_Said(one.words, NAME), words, at, text) if one.initial else 0
            if length and at + length < len(words) and words[at + length][0] == one.initial and _initial(words[at + length], text) and _joined(words[at + length - 1 : at + length + 1], text, _LOOSE):
                longest = max(longest, length + 1)
        return longest


def _initial(word: tuple[str, int, int], text: str) -> bool:
    """A capital alone; A and I, which are words as well, with a full stop: "a Green step" is nobody's."""
    letter, start, end = word
    return len(letter) == 1 and text[start].isupper() and (letter not in "ai" or text.startswith(".", end))


def _joined(words: list[tuple[str, int, int]], text: str, join: re.Pattern[str]) -> bool:
    return all(join.fullmatch(text, one[2], other[1]) for one, other in itertools.pairwise(words))


def _length(said: _Said, words: list[tuple[str, int, int]], at: int, text: str) -> int:
    """Of how many words from ``at`` on it is said, 0 for not. A text that a page cut short says it too, as far as the second word."""
    to = at
    for place, wanted in enumerate(said.words):
        while said.gap and place == said.gap and to - at - place < INITIALS and to < len(words) and len(words[to][0]) == 1 and words[to][0] != wanted:
            to += 1
        if to == len(words):
            return 0
        word, _, end = words[to]
        to += 1
        if word != wanted:
            if place and wanted.startswith(word) and text.startswith(("…", "..."), end):
                break
            return 0
    return to - at if _joined(words[at:to], text, _LOOSE if said.loose else _JOINS) else 0


def fold(word: str) -> str:
    """Lower case, without accents."""
    if word.isascii():
        return word.lower()
    return "".join(letter for letter in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(letter))


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def _phone(text: str) -> str:
    """Without the country and the nought before the area."""
    return _PHONE_START.sub("", _digits(text))


def _postcode(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum()).upper()


def _day(found: re.Match[str]) -> str:
    """YYYY-MM-DD of what ``_BORN`` found; a year of two digits is one of the last century."""
    day, month, year = (found["d"], found["m"], found["y"]) if found["d"] else (found["d2"], found["m2"], found["y2"]) if found["d2"] else (found["d3"], found["m3"], found["y3"])
    number = month if month.isdigit() else str(_MONTHS.index(month[:3].lower()) + 1)
    return f"{year if len(year) == 4 else f'19{year}'}-{number.zfill(2)}-{day.zfill(2)}"


def _all_of(pattern: re.Pattern[str], text: str) -> Iterable[str]:
    """Every run of ``text`` that ``pattern`` could stand at, one within another too."""
    found = pattern.search(text)
    while found:
        yield found.group()
        found = pattern.search(text, found.start() + 1)


@dataclass(frozen=True)
class _Occurring:
    """What stands in the texts that are to be veiled."""

    words: frozenset[str]
    cut: tuple[str, ...]
    nhs: frozenset[str]
    phones: frozenset[str]
    postcodes: frozenset[str]
    born: frozenset[str]

    @classmethod
    def of(cls, text: str) -> _Occurring:
        return cls(
            frozenset(fold(found.group()) for found in _WORD.finditer(text)), tuple({fold(word) for word in _CUT.findall(text)}), frozenset(_digits(run) for run in _all_of(_NHS, text)),
            frozenset(_phone(run) for run in _all_of(_PHONE, text)), frozenset(_postcode(run) for run in _all_of(_POSTCODE, text)),
            frozenset(_day(found) for found in _BORN.finditer(text)),
        )


def veil_over(people: Iterable[Identifiers], texts: Iterable[str] | None, known: Iterable[Identifiers] = ()) -> Veil:
    """The veil for exactly these ``texts``: of thousands of ``people`` only those are kept whose words occur in them.

    Without ``texts`` it is one for any text. What also says somebody of ``known``, whom the reader sees, stands.
    """
    occurring = None if texts is None else _Occurring.of(" \n ".join(texts))
    told = _told(people, occurring)
    if any(told):
        told = [own - other for own, other in zip(told, _told(known, occurring), strict=True)]
    said, surnames, *numbers = told
    return Veil(_by_first_word(said), _by_first_word(surnames), *map(frozenset, numbers))


def _by_first_word(found: Iterable[Any]) -> dict[str, tuple[Any, ...]]:
    first: dict[str, list[Any]] = {}
    for one in sorted(found, key=lambda one: one.words):
        first.setdefault(one.words[0], []).append(one)
    return {word: tuple(several) for word, several in first.items()}


def _told(people: Iterable[Identifiers], occurring: _Occurring | None) -> list[set[Any]]:
    """Sayings, surnames, NHS numbers, telephone numbers, postcodes, dates of birth: those that occur."""
    said: set[_Said] = set()
    surnames: set[_Surname] = set()
    nhs: set[str] = set()
    phones: set[str] = set()
    postcodes: set[str] = set()
    born: set[str] = set()
    for one in people:
        if one.nhs_number and (occurring is None or one.nhs_number in occurring.nhs):
            nhs.add(one.nhs_number)
        if one.phones and (occurring is None or occurring.phones):
            phones.update(number for run in _PHONE.findall(one.phones) if (number := _phone(run)) and (occurring is None or number in occurring.phones))
        if one.postcode and (occurring is None or occurring.postcodes) and ((code := _postcode(one.postcode)) and (occurring is None or code in occurring.postcodes)):
            postcodes.add(code)
        if one.born and (occurring is None or one.born in occurring.born):
            born.add(one.born)
        # Most surnames are one plain word that occurs nowhere: told apart without taking the name to pieces.
        if one.surname and one.forename and _may_occur(one.surname, occurring):
            _name(one, occurring, said, surnames)
        said.update(_sayings(one, occurring))
    return [said, surnames, nhs, phones, postcodes, born]


def _name(one: Identifiers, occurring: _Occurring | None, said: set[_Said], surnames: set[_Surname]) -> None:
    forenames = _spelt(one.forename)
    forenames |= {words[:1] for words in forenames}  # a list holds second forenames that nobody says
    for surname in _spelt(one.surname):
        if not _occur(surname, occurring):
            continue
        if occurring is None or not occurring.words.isdisjoint(_TITLES):
            surnames.add(_Surname(surname, ""))
        surnames.update(_Surname(surname, words[0][0]) for words in forenames if occurring is None or words[0][0] in occurring.words)
        for forename in forenames:
            if _occur(forename, occurring):
                said.add(_Said((*forename, *surname), NAME, gap=len(forename)))
                said.add(_Said((*surname, *forename), NAME, loose=True))


def _spelt(name: str) -> set[tuple[str, ...]]:
    """In folded words, and with what an apostrophe or a dash parts as one: O'Brien and OBrien. Empty for a name without a letter."""
    apart = tuple(word for part in name.split() for word in ["".join(_folded(part))] if word)
    return {words for words in (_folded(name), apart) if words}


def _sayings(one: Identifiers, occurring: _Occurring | None) -> list[_Said]:
    found = []
    if len(one.case_reference) >= SHORTEST_REFERENCE and _may_occur(one.case_reference, occurring):
        reference = _folded(one.case_reference)
        if reference and _occur(reference, occurring):
            found.append(_Said(reference, NUMBER))
    if one.address.strip() and _may_occur(one.address.split(maxsplit=1)[0].rstrip(","), occurring):
        line = _first_line(one.address)
        if line and _occur(line, occurring):
            found.append(_Said(line, ADDRESS, loose=True))
    if one.speaks and (speaker := _speaker(one.speaks)) and _occur(speaker, occurring):
        found.append(_Said(speaker, NAME))
    return found


def _speaker(text: str) -> tuple[str, ...]:
    """"Mrs Jane Smith (daughter)" is Jane Smith; "Daughter" or "Social worker" is nobody by name."""
    words = tuple(word for word in _folded(re.split(r"[(,;:\d]| - ", text, maxsplit=1)[0]) if word not in _TITLES)
    return words if 2 <= len(words) <= 4 and _NO_NAME.isdisjoint(words) and all(len(word) > 1 for word in words) else ()


def _first_line(address: str) -> tuple[str, ...]:
    """As many parts as say where it is: "Flat 2" alone is one of many."""
    words: tuple[str, ...] = ()
    for part in re.split(r"[,\n]", address):
        words += _folded(part)
        if len(words) >= (3 if any(letter.isdigit() for word in words for letter in word) else 4):
            return words
    return ()


def _may_occur(text: str, occurring: _Occurring | None) -> bool:
    return occurring is None or not (text.isascii() and text.isalnum()) or _occur((text.lower(),), occurring)


def _occur(words: tuple[str, ...], occurring: _Occurring | None) -> bool:
    if occurring is None or occurring.words.issuperset(words):
        return True
    return bool(occurring.cut) and all(word in occurring.words or word.startswith(occurring.cut) for word in words)


def _folded(text: str) -> tuple[str, ...]:
    return tuple(fold(found.group()) for found in _WORD.finditer(text))


def restored(typed: str, standing: str, veil: Veil) -> str | None:
    """What ``typed`` means to whoever was shown ``veil(standing)``: each part withheld from them stands for what it hides.

    None where it cannot be told: some of them were taken out, doubled or moved. A text without any is taken as it is.
    """
    asked = INSTEAD.findall(typed)
    if not asked or typed == standing:
        return typed
    hidden: Mapping[int, str] = dict(enumerate(_behind(standing, veil)))
    if asked != INSTEAD.findall(veil(standing)):
        return None
    parts = INSTEAD.split(typed)
    return "".join(part + hidden.get(n, "") for n, part in enumerate(parts))


def _behind(standing: str, veil: Veil) -> list[str]:
    """What each withheld part of ``veil(standing)`` stands for; one that was typed as such is itself."""
    spans = [(cut.start, standing[cut.start : cut.end]) for cut in veil.cuts(standing)]
    spans += [(found.start(), found.group()) for found in INSTEAD.finditer(standing)]
    return [text for _, text in sorted(spans)]
