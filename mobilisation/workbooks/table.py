"""Where the table is in a sheet: the heading row under its titles, the rows, and where they end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta

from mobilisation.workbooks.cells import Cell, CellFault, is_blank, shown
from mobilisation.workbooks.columns import Column, guess
from mobilisation.workbooks.plan import Problem
from mobilisation.workbooks.words import normal

SEARCHED = 60
"""Rows from the top in which the heading row is looked for."""
_COUNTED = r"(?:people|persons?|service users?|clients?|customers?|residents?|staff|employees|rows?|records?|entries|cases|packages|hours|hrs|visits|calls|risks|steps|tasks|milestones)"
_SUMS = r"(?:(?:grand |overall |sub ?)?totals?|sum|count|averages?|mean|median)"
_TOTALS = re.compile(rf"(?:{_SUMS}(?: of .+)?|{_SUMS}(?: number| no| count)?(?: of)? {_COUNTED}|(?:number|no) of {_COUNTED}|end|end of list)(?: \d+)*")
_FIGURE = re.compile(rf"[£$€]? ?(\d[\d,. ]*)(?:%|(?: ?{_COUNTED}))?", re.IGNORECASE)
_DIGITS_OF_A_NUMBER = 10
"""A figure this long is an NHS number or a telephone, no sum."""


@dataclass(frozen=True)
class Line:
    """One row: the number a person sees in the file, and its cells from column A."""

    number: int
    cells: Sequence[Cell]

    @property
    def filled(self) -> int:
        return sum(1 for cell in self.cells if not is_blank(cell))


@dataclass
class Table:
    """``headings`` and ``columns`` run in parallel: as the file writes it, and our name (empty: left out)."""

    heading_row: int
    headings: list[str]
    columns: list[str]
    rows: list[Line]
    unsure: tuple[str, ...] = ()
    unread: list[str] = field(default_factory=list)
    """Headings over values that are not read."""
    unasked: list[str] = field(default_factory=list)
    """Those of ``unread`` that nobody said to leave out."""
    faults: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    sheet: str = ""
    """Its name; empty for a file without sheets."""


@dataclass(frozen=True)
class Headings:
    """A candidate heading row. ``depth`` 2: two rows read together (group names above)."""

    row: int
    texts: tuple[str, ...]
    score: int
    required: int
    depth: int = 1


def _texts(line: Line) -> tuple[str, ...]:
    return tuple("" if is_blank(cell) else " ".join(shown(cell).split()) for cell in line.cells)


def _joined(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
    width = max(len(upper), len(lower))
    above, below = (*upper, *[""] * (width - len(upper))), (*lower, *[""] * (width - len(lower)))
    return tuple(below[i] or above[i] for i in range(width))


def find_headings(lines: Sequence[Line], columns: Sequence[Column], known: Mapping[str, str] | None = None) -> Headings | None:
    """The row whose texts mean most of our columns; the first such row wins. None when no row names even one."""
    required = {column.name for column in columns if column.required}
    best: Headings | None = None

    def rate(texts: tuple[str, ...], row: int, depth: int) -> None:
        nonlocal best
        found = {g.column for g in guess(texts, columns, known, near=False) if g.column}
        if found and (best is None or (len(found), -depth) > (best.score, -best.depth)):
            best = Headings(row, texts, len(found), len(found & required), depth)

    top = [line for line in lines[:SEARCHED] if line.filled]
    for at, line in enumerate(top):
        texts = _texts(line)
        rate(texts, line.number, 1)
        below = top[at + 1] if at + 1 < len(top) else None
        if below is not None and below.number == line.number + 1 and 0 < below.filled < line.filled + below.filled:
            lower = _texts(below)
            if all(isinstance(cell, str) or is_blank(cell) for cell in below.cells) and _disjoint(texts, lower):
                rate(_joined(texts, lower), below.number, 2)
    return best


def _disjoint(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Two rows can be one heading only where the upper has texts over gaps of the lower (cells merged downwards)."""
    return any(u and (i >= len(lower) or not lower[i]) for i, u in enumerate(upper)) and any(lower)


def plain_headings(lines: Sequence[Line]) -> Headings | None:
    """Without a known word: the first row of at least two texts that is as wide as what follows."""
    top = [line for line in lines[:SEARCHED] if line.filled]
    widest = max((line.filled for line in top), default=0)
    for line in top:
        texts = _texts(line)
        if line.filled >= 2 and line.filled * 2 >= widest and all(isinstance(cell, str) or is_blank(cell) for cell in line.cells):
            return Headings(line.number, texts, 0, 0)
    return None


def headings_at(lines: Sequence[Line], row: int) -> Headings | None:
    """The row a person pointed at."""
    for line in lines:
        if line.number == row and line.filled:
            return Headings(row, _texts(line), 0, 0)
    return None


def cut(lines: Sequence[Line], headings: Headings, columns: Sequence[Column], known: Mapping[str, str] | None = None) -> Table:
    """The rows under ``headings``, without blank rows, repeated headings, totals and notes; what was left out is named."""
    texts = list(headings.texts)
    names = _told_apart(texts)
    guesses = guess(names, columns, known)
    table = Table(headings.row, names, [g.column for g in guesses], [], tuple(n for n, g in zip(names, guesses, strict=True) if g.column and not g.sure))
    body = [line for line in lines if line.number > headings.row]
    wanted = [at for at, g in enumerate(guesses) if g.column]
    named = {column.name for column in columns if column.names or column.required}
    naming = {at for at in wanted if guesses[at].column in named}
    after_gap = False
    last = headings.row
    for line in body:
        if all(is_blank(cell) for cell in line.cells):
            continue
        after_gap, last = after_gap or line.number > last + 1, line.number
        why = _left_out(line, headings, wanted, naming, len(table.rows), after_gap)
        if why:
            first = next(shown(cell) for cell in line.cells if not is_blank(cell))
            table.warnings.append(Problem(line.number, "", first[:60] if why == "a totals line" else "", f"Read as {why} and left out."))
            continue
        after_gap = False
        table.rows.append(line)
    _name_unread(table, wanted, {normal(heading) for heading, name in (known or {}).items() if not name})
    return table


def _left_out(line: Line, headings: Headings, wanted: Sequence[int], naming: set[int], above: int, after_gap: bool) -> str:
    """Why ``line``, with ``above`` rows over it, is no row of the list; empty when it is one."""
    first = normal(shown(next(cell for cell in line.cells if not is_blank(cell))))
    if _TOTALS.fullmatch(first) and _totals(line, first, wanted, naming, above):
        return "a totals line"
    if first == next((normal(text) for text in headings.texts if text), "") and [normal(text) for text in _texts(line) if text] == [normal(text) for text in headings.texts if text]:
        return "a repeated heading"
    if after_gap and len(wanted) >= 3 and line.filled == 1:
        return "a note under the table"
    return ""


def _totals(line: Line, first: str, wanted: Sequence[int], naming: set[int], above: int) -> bool:
    """People are called Total, Count, Mean and End: beside such a single word nothing but figures makes a line of totals."""
    filled = [at for at, cell in enumerate(line.cells) if not is_blank(cell)]
    one_word = " " not in first
    if all(_is_sum(line.cells[at], above if one_word and at in naming else None) for at in filled[1:]):
        return True
    return not one_word and sum(1 for at in filled if at in wanted) * 4 <= max(len(wanted), 8)


def _is_sum(cell: Cell, most: int | None) -> bool:
    """Whether a cell is a figure; ``most`` where its column names somebody, so that it can only be a count of the rows."""
    if isinstance(cell, (CellFault, time, timedelta)):
        return True  # a formula whose result was never stored; a sum of hours
    if isinstance(cell, bool):
        return False
    found = _FIGURE.fullmatch(shown(cell).strip()) if isinstance(cell, (str, int, float)) else None
    if found is None:
        return isinstance(cell, str) and _TOTALS.fullmatch(normal(cell)) is not None
    digits = re.sub(r"\D", "", found[1])
    return len(digits) < _DIGITS_OF_A_NUMBER and (most is None or int(digits) <= most)


def _told_apart(texts: Sequence[str]) -> list[str]:
    """Repeated headings get the letter of their column: ``DOB``, ``DOB [K]``."""
    seen: set[str] = set()
    names = []
    for at, text in enumerate(texts):
        name = f"{text} [{letter(at)}]" if text and normal(text) in seen else text
        seen.add(normal(text))
        names.append(name)
    return names


def letter(at: int) -> str:
    """0 → A, 26 → AA."""
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name


def _name_unread(table: Table, wanted: Sequence[int], left_out: set[str]) -> None:
    width = max((len(line.cells) for line in table.rows), default=0)
    for at in range(width):
        if at in wanted or not any(at < len(line.cells) and not is_blank(line.cells[at]) for line in table.rows):
            continue
        heading = table.headings[at] if at < len(table.headings) else ""
        said = f"“{heading}” is none of our columns; its values are not read." if heading else f"Column {letter(at)} has no heading; its values are not read."
        table.warnings.append(Problem(table.heading_row, heading, "", said))
        if heading:
            table.unread.append(heading)
            if normal(heading) not in left_out and twin_of(table, at) is None:
                table.unasked.append(heading)


def twin_of(table: Table, at: int) -> int | None:
    """Where the same heading stands first and is read; None when the one at ``at`` is no repetition of such."""
    found = re.fullmatch(r"(.*) \[([A-Z]+)\]", table.headings[at])
    if found is None or table.columns[at]:
        return None
    return next((i for i, other in enumerate(table.headings[:at]) if normal(other) == normal(found[1]) and table.columns[i]), None)
