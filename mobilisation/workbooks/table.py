"""Where the table is in a sheet: the heading row under its titles, the rows, and where they end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mobilisation.workbooks.cells import Cell, is_blank, shown
from mobilisation.workbooks.columns import Column, guess
from mobilisation.workbooks.plan import Problem
from mobilisation.workbooks.words import normal

SEARCHED = 60
"""Rows from the top in which the heading row is looked for."""
_TOTALS = frozenset({"total", "totals", "grand total", "sub total", "subtotal", "sum", "count", "overall total", "average", "averages", "mean", "median", "end of list", "end"})


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
    after_gap = False
    last = headings.row
    for line in body:
        if all(is_blank(cell) for cell in line.cells):
            continue
        after_gap, last = after_gap or line.number > last + 1, line.number
        why = _left_out(line, headings, wanted, after_gap)
        if why:
            first = next(shown(cell) for cell in line.cells if not is_blank(cell))
            table.warnings.append(Problem(line.number, "", first[:60] if why == "a totals line" else "", f"Read as {why} and left out."))
            continue
        after_gap = False
        table.rows.append(line)
    _name_unread(table, wanted)
    return table


def _left_out(line: Line, headings: Headings, wanted: Sequence[int], after_gap: bool) -> str:
    first = normal(shown(next(cell for cell in line.cells if not is_blank(cell))))
    if first.split(" of ")[0] in _TOTALS:
        in_table = sum(1 for at in wanted if at < len(line.cells) and not is_blank(line.cells[at]))
        few = in_table * 4 <= max(len(wanted), 8)
        texts_beyond_first = sum(1 for cell in line.cells if isinstance(cell, str) and not is_blank(cell)) - 1
        if few or texts_beyond_first <= 0:
            return "a totals line"
    if first == next((normal(text) for text in headings.texts if text), "") and [normal(text) for text in _texts(line) if text] == [normal(text) for text in headings.texts if text]:
        return "a repeated heading"
    if after_gap and len(wanted) >= 3 and line.filled == 1:
        return "a note under the table"
    return ""


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


def _name_unread(table: Table, wanted: Sequence[int]) -> None:
    width = max((len(line.cells) for line in table.rows), default=0)
    for at in range(width):
        if at in wanted or not any(at < len(line.cells) and not is_blank(line.cells[at]) for line in table.rows):
            continue
        heading = table.headings[at] if at < len(table.headings) else ""
        said = f"“{heading}” is none of our columns; its values are not read." if heading else f"Column {letter(at)} has no heading; its values are not read."
        table.warnings.append(Problem(table.heading_row, heading, "", said))
