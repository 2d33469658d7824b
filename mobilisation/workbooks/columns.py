"""Our columns, and which heading of a file means which."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mobilisation.workbooks.cells import Cell
from mobilisation.workbooks.values import Context
from mobilisation.workbooks.words import names_nothing, normal, says_nothing

Parser = Callable[[Cell, Context], Any]
_NEAR = 0.9


@dataclass(frozen=True)
class Column:
    """One column of ours. ``name`` is what mappings and exports write, ``title`` what people read.

    ``synonyms`` are headings seen in files (compared without case, accents and punctuation). ``required``:
    an empty cell is a fault of a *new* row. ``read_only``: exported, and ignored when it comes back. ``names``: a cell
    names somebody or something, so that “N/A” and “none known” are an empty cell.
    """

    name: str
    title: str
    parse: Parser
    synonyms: tuple[str, ...] = ()
    required: bool = False
    help: str = ""
    read_only: bool = False
    names: bool = False

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(normal(word) for word in (self.name, self.title, *self.synonyms))

    @property
    def is_date(self) -> bool:
        return bool(getattr(self.parse, "is_date", False))

    @property
    def takes_any_text(self) -> bool:
        return self.holds_codes or bool(getattr(self.parse, "takes_any_text", False))

    def says_nothing(self, text: str) -> bool:
        """Whether a written cell is as good as an empty one."""
        return says_nothing(text, self.takes_any_text or self.names) or (self.names and names_nothing(text))

    @property
    def holds_codes(self) -> bool:
        return bool(getattr(self.parse, "holds_codes", False))


@dataclass(frozen=True)
class Guess:
    """``column`` is a name of ours or empty; ``sure`` is False for a near spelling only."""

    column: str
    sure: bool = True


_last: tuple[tuple[Column, ...], dict[str, str]] = ((), {})


def _by_word(columns: Sequence[Column]) -> dict[str, str]:
    """Word → column. Sixty rows of a sheet are asked in turn whether they are its headings, each of the same columns."""
    global _last
    held, found = _last
    if len(held) == len(columns) and all(map(operator.is_, held, columns)):
        return found
    # What a column is called here stands above what others call another one.
    found = {normal(word): column.name for column in reversed(columns) for word in (column.title, column.name)}
    for column in columns:
        for word in column.words:
            found.setdefault(word, column.name)
    _last = (tuple(columns), found)
    return found


def guess(headings: Sequence[str], columns: Sequence[Column], known: Mapping[str, str] | None = None, *, near: bool = True) -> list[Guess]:
    """For each heading the column it most likely means; each column is given once, to the first best heading.

    ``known`` (heading → column name, or empty for "leave out") stands above every guess. ``near`` allows near spellings.
    """
    names = {column.name for column in columns}
    taught = {normal(heading): column for heading, column in (known or {}).items() if not column or column in names}
    by_word = _by_word(columns)
    result: list[Guess] = [Guess("")] * len(headings)
    taken: set[str] = set()

    def give(at: int, column: str, sure: bool = True) -> None:
        if column and column not in taken and not result[at].column:
            result[at] = Guess(column, sure)
            taken.add(column)

    decided = set()
    for at, heading in enumerate(headings):
        if normal(heading) in taught:
            decided.add(at)
            give(at, taught[normal(heading)])
    open_ones = [at for at, heading in enumerate(headings) if heading.strip() and at not in decided]
    for at in open_ones:
        give(at, by_word.get(normal(headings[at]), ""))
    for at in open_ones:
        give(at, by_word.get(normal(re.sub(r"\(.*?\)", " ", headings[at])), ""))
    for at in open_ones if near else ():
        word = normal(headings[at])
        if result[at].column or len(word) < 6 or any(char.isdigit() for char in word):
            continue
        alike = difflib.get_close_matches(word, [w for w, name in by_word.items() if name not in taken and not any(c.isdigit() for c in w)], n=1, cutoff=_NEAR)
        if alike:
            give(at, by_word[alike[0]], sure=False)
    return result
