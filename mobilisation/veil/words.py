"""What says who somebody on the list is, taken out of what somebody typed (domain 8: no free text about people).

Pure: texts and identifiers come in as values. A name is a forename and a surname either way round, with or without what stands between
them, as one word, or a surname with a title or an initial, or a forename with the surname's initial, in any case and with or without
accents and apostrophes, as whole words (``names.py``); a number is an NHS number or a telephone number in any grouping, or a reference
of the case system; an address is its first line, a postcode or an e-mail address; a date of birth one that is called so or long ago
(``numbers.py``). Whoever speaks for somebody on the list is told by name as they are. A surname alone is told where nothing else can be
meant (``alone.py``), unless the reader knows somebody else by it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mobilisation.veil.alone import alone
from mobilisation.veil.names import Alone, Said, Surname, length, may_speak, sayings, speakers, titled, turned
from mobilisation.veil.numbers import MAIL, PHONE, POSTCODE, TEN, all_of, days_in, phone, phones_in, postcode
from mobilisation.veil.places import may_be_there, places
from mobilisation.veil.spelling import CUT, Word, apart, digits, even, fold, folded, words_of

__all__ = ["ADDRESS", "DATE", "INSTEAD", "NAME", "NUMBER", "Cut", "Identifiers", "Veil", "fold", "restored", "veil_over"]

NAME = "[name withheld]"
NUMBER = "[number withheld]"
ADDRESS = "[address withheld]"
DATE = "[date withheld]"
INSTEAD = re.compile("|".join(re.escape(words) for words in (NAME, NUMBER, ADDRESS, DATE)))

SHORTEST_REFERENCE = 5
"""A shorter reference of the case system is also a year, a count or the code of a step: it says nobody to a reader."""
_BEFORE_DIGITS = "abcdefghijklmnopqrstuvwxyz-/._ "
_SERIES = re.compile(r"\d+|[^\W\d_]+")


@dataclass(frozen=True)
class Identifiers:
    """What says who somebody on the list is; empty where not known. ``phones``: any text with telephone numbers and e-mail addresses in it."""

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
class Veil:
    """Call it with a text; the answer is the same text with what says who somebody on the list is replaced."""

    _first: dict[str, tuple[Said, ...]] = field(default_factory=dict)
    _surnames: dict[str, tuple[Surname, ...]] = field(default_factory=dict)
    _alone: dict[str, tuple[Alone, ...]] = field(default_factory=dict)
    _borne: Callable[[str], bool] = lambda written: False
    _nhs: frozenset[str] = frozenset()
    _phones: frozenset[str] = frozenset()
    _postcodes: frozenset[str] = frozenset()
    _mails: frozenset[str] = frozenset()
    _born: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self._first or self._surnames or self._alone or self._nhs or self._phones or self._postcodes or self._mails or self._born)

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
        text = even(text)
        found = self._numbers(text)
        if self._first or self._surnames or self._alone:
            found = self._with_words(found, text)
            if (parted := apart(text)) != text:
                found = self._with_words(found, parted)
        return found

    def _numbers(self, text: str) -> list[Cut]:
        """Dates of birth, then e-mail addresses, then NHS numbers before telephone numbers before postcodes."""
        found: list[Cut] = [Cut(start, end, DATE) for day, start, end in days_in(text) if day in self._born] if self._born else []
        if self._mails:
            found += [Cut(at.start(), at.end(), ADDRESS) for at in MAIL.finditer(text) if at.group().lower() in self._mails]
        for pattern, plain, known, instead in ((TEN, digits, self._nhs | self._phones, NUMBER), (PHONE, phone, self._phones, NUMBER), (POSTCODE, postcode, self._postcodes, ADDRESS)):
            at = pattern.search(text) if known else None
            while at:
                fits = plain(at.group()) in known and all(at.end() <= cut.start or cut.end <= at.start() for cut in found)
                if fits:
                    found.append(Cut(at.start(), at.end(), instead))
                at = pattern.search(text, at.end() if fits else at.start() + 1)
        return sorted(found, key=lambda cut: cut.start)

    def _with_words(self, found: list[Cut], text: str) -> list[Cut]:
        """``found`` and the names, references and addresses between them."""
        starts, ends = [0, *(cut.end for cut in found)], [*(cut.start for cut in found), len(text)]
        more = [cut for start, end in zip(starts, ends, strict=True) for cut in self._words(text, start, end)]
        return sorted([*found, *more], key=lambda cut: cut.start)

    def _words(self, text: str, start: int, end: int) -> list[Cut]:
        words = words_of(text, start, end)
        out, at = [], 0
        while at < len(words):
            long, instead = max(((length(said, words, at, text), said.instead) for said in self._first.get(words[at][0], ())), default=(0, ""), key=lambda fit: fit[0])
            if self._surnames and (short := max(titled(self._surnames, words, at, text), turned(self._surnames, words, at, text))) > long:
                long, instead = short, NAME
            if not long and (single := self._by_itself(words, at, text)):
                long, instead = single, NAME
            if long:
                out.append(Cut(words[at][1], _with_bracket(text, words[at][1], words[at + long - 1][2]), instead))
            at += long or 1
        return out

    def _by_itself(self, words: list[Word], at: int, text: str) -> int:
        long = max((alone(one.words, words, at, text) for one in self._alone.get(words[at][0], ())), default=0)
        return long if long and not self._borne(text[words[at][1] : words[at + long - 1][2]]) else 0


def _with_bracket(text: str, start: int, end: int) -> int:
    """The end of "Gladys (Whitcombe)" with the bracket that was opened within."""
    return end + 1 if text.startswith(")", end) and text.count("(", start, end) > text.count(")", start, end) else end


@dataclass(frozen=True)
class _Occurring:
    """What stands in the texts that are to be veiled."""

    words: frozenset[str]
    cut: tuple[str, ...]
    ten: frozenset[str]
    phones: frozenset[str]
    postcodes: frozenset[str]
    mails: frozenset[str]
    born: frozenset[str]

    @classmethod
    def of(cls, text: str) -> _Occurring:
        text = even(text)
        words = frozenset(folded(text))
        if (parted := apart(text)) != text:
            words |= frozenset(folded(parted))
        return cls(
            words, tuple({fold(word) for word in CUT.findall(text)}), frozenset(digits(run) for run in all_of(TEN, text)), frozenset(phone(run) for run in all_of(PHONE, text)),
            frozenset(postcode(run) for run in all_of(POSTCODE, text)), frozenset(run.lower() for run in MAIL.findall(text)) if "@" in text else frozenset(), frozenset(day for day, _, _ in days_in(text)),
        )

    def has(self, words: Iterable[str]) -> bool:
        """Whether all of ``words`` stand there, whole or cut short."""
        return self.words.issuperset(words) or (bool(self.cut) and all(word in self.words or word.startswith(self.cut) for word in words))


def veil_over(people: Iterable[Identifiers], texts: Iterable[str] | None, known: Iterable[Identifiers] = (), borne: Callable[[str], bool] = lambda written: False) -> Veil:
    """The veil for exactly these ``texts``: of thousands of ``people`` only those are kept whose words occur in them.

    Without ``texts`` it is one for any text. What also says somebody of ``known``, whom the reader sees, stands, and so does a surname alone
    that is ``borne`` by an account, a role or an organisation: it is asked once for each as it is written.
    """
    occurring = None if texts is None else _Occurring.of(" \n ".join(texts))
    told = _told(people, occurring)
    if any(told):
        told = [own - other for own, other in zip(told, _told(known, occurring), strict=True)]
    said, surnames, by_itself, *numbers = told
    return Veil(_by_first_word(said), _by_first_word(surnames), _by_first_word(by_itself), functools.cache(borne), *map(frozenset, numbers))


def _by_first_word(found: Iterable[Any]) -> dict[str, tuple[Any, ...]]:
    first: dict[str, list[Any]] = {}
    for one in sorted(found, key=lambda one: one.words):
        first.setdefault(one.words[0], []).append(one)
    return {word: tuple(several) for word, several in first.items()}


def _told(people: Iterable[Identifiers], occurring: _Occurring | None) -> list[set[Any]]:
    """Sayings, surnames, surnames alone, NHS numbers, telephone numbers, postcodes, e-mail addresses, dates of birth: those that occur."""
    said: set[Said] = set()
    surnames: set[Surname] = set()
    by_itself: set[Alone] = set()
    nhs: set[str] = set()
    phones: set[str] = set()
    postcodes: set[str] = set()
    mails: set[str] = set()
    born: set[str] = set()
    for one in people:
        if one.nhs_number and (occurring is None or one.nhs_number in occurring.ten):
            nhs.add(one.nhs_number)
        if one.phones:
            if occurring is None or occurring.phones or occurring.ten:
                phones.update(number for number in phones_in(one.phones) if occurring is None or number in occurring.phones or number in occurring.ten)
            if "@" in one.phones and (occurring is None or occurring.mails):
                mails.update(run for found in MAIL.findall(one.phones) if (run := found.lower()) and (occurring is None or run in occurring.mails))
        if occurring is None or occurring.postcodes:
            postcodes.update(code for run in (one.postcode, *POSTCODE.findall(one.address)) if run and ((code := postcode(run)) and (occurring is None or code in occurring.postcodes)))
        if one.born and (occurring is None or one.born in occurring.born):
            born.add(one.born)
        if one.surname and one.forename:
            _name(one.surname, one.forename, occurring, said, surnames, by_itself)
        if one.speaks and (occurring is None or may_speak(one.speaks, occurring.words)):
            for surname, forename in speakers(one.speaks):
                _name(surname, forename, occurring, said, surnames, by_itself)
        if len(one.case_reference) >= SHORTEST_REFERENCE:
            said.update(Said(words, NUMBER) for words in _references(one.case_reference, occurring) if occurring is None or occurring.has(words))
        if one.address and (occurring is None or may_be_there(one.address, occurring.words)):
            said.update(Said(words, ADDRESS) for words in places(one.address) if occurring is None or occurring.has(words))
    return [said, surnames, by_itself, nhs, phones, postcodes, mails, born]


def _name(surname: str, forename: str, occurring: _Occurring | None, said: set[Said], surnames: set[Surname], by_itself: set[Alone]) -> None:
    for one in sayings(surname, forename, NAME, occurring):
        if isinstance(one, Said):
            said.add(one)
        elif isinstance(one, Surname):
            surnames.add(one)
        else:
            by_itself.add(one)


def _references(text: str, occurring: _Occurring | None) -> Iterable[tuple[str, ...]]:
    """As it is, in one, and with letters and digits apart: SW100001, SW 100001, LAS-00123, LAS00123."""
    whole = text.lower()
    if occurring is not None and whole.isascii() and occurring.words.isdisjoint((whole, whole.lstrip(_BEFORE_DIGITS), whole.replace("-", ""))):
        return ()
    series = tuple(_SERIES.findall(fold(text)))
    return {words for words in (folded(text), series, ("".join(series),)) if any(words)}


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
