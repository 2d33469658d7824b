"""From a workbook to its table: which sheet, which heading row, which heading means what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mobilisation.errors import ChoiceNeeded, Refused
from mobilisation.workbooks.cells import Cell, is_blank, shown
from mobilisation.workbooks.codes import JUST_REMOVED, REMOVED, names_a_thing, without_codes
from mobilisation.workbooks.columns import Column, guess
from mobilisation.workbooks.plan import Problem
from mobilisation.workbooks.read import Sheet, Workbook
from mobilisation.workbooks.table import SEARCHED, Headings, Line, Table, cut, find_headings, headings_at, plain_headings, twin_of
from mobilisation.workbooks.words import CODE_NO, normal, says_nothing

_CODE_HEADING = re.compile(r"key ?safe|key ?pad|(access|door|entry|gate|alarm|key) ?(code|number|no)s?\b|\bks (no|code|number)")
_ACCESS_HEADING = re.compile(r"\b(access (details?|info|information|notes?|arrangements?)|entry|entrance|door|gate|ks|k s|lock ?box|intercom|alarm)\b|^(access|keys?)$")
_YES_NO_ONLY = CODE_NO | {"y", "yes", "true", "1", "t"}


@dataclass(frozen=True)
class Candidate:
    """A sheet, and the heading row found in it (None: no heading means anything to us)."""

    sheet: Sheet
    headings: Headings | None
    likely: bool


def candidates(book: Workbook, columns: Sequence[Column], known: Mapping[str, str] | None = None) -> list[Candidate]:
    """Every visible sheet with rows; ``likely`` when its headings name what a new row needs, or at least three of ours."""
    required = sum(1 for column in columns if column.required)
    found = []
    for sheet in book.sheets:
        if not sheet.visible or not sheet.lines:
            continue
        headings = find_headings(sheet.lines, columns, known)
        likely = headings is not None and headings.score >= 2 and (headings.required == required > 0 or headings.score >= 3)
        found.append(Candidate(sheet, headings, likely))
    whole = [c for c in found if c.headings and c.headings.required == required > 0]
    if whole:
        found = [Candidate(c.sheet, c.headings, c in whole) for c in found]
    return found


def choose_sheet(book: Workbook, columns: Sequence[Column], wanted: str | None = None, known: Mapping[str, str] | None = None) -> Sheet:
    """The sheet named, or the only one that looks like the list. Raises ``ChoiceNeeded`` (``--sheet``) or ``Refused``."""
    if wanted:
        for sheet in book.sheets:
            if sheet.name.casefold().strip() == wanted.casefold().strip():
                return sheet
        raise Refused(f"{book.file_name} has no sheet “{wanted}”. It has: {', '.join(sheet.name for sheet in book.sheets) or 'none'}.")
    found = candidates(book, columns, known)
    likely = [candidate for candidate in found if candidate.likely]
    if len(likely) == 1:
        return likely[0].sheet
    if len(found) == 1:
        return found[0].sheet
    if not found:
        hidden = [sheet.name for sheet in book.sheets if sheet.lines]
        if hidden:
            raise ChoiceNeeded(f"{book.file_name}: every sheet with rows is hidden. Say which to take.", "--sheet", hidden)
        raise Refused(f"{book.file_name} has no rows. Choose the file with the list.")
    options = [candidate.sheet.name for candidate in (likely or found)]
    raise ChoiceNeeded(f"{book.file_name} has several sheets that could be the list: {', '.join(options)}. Say which to take.", "--sheet", options)


def table_of(sheet: Sheet, columns: Sequence[Column], known: Mapping[str, str] | None = None, heading_row: int | None = None) -> Table:
    """The table of ``sheet``. Raises ``Refused`` without a heading row, ``ChoiceNeeded`` when no heading, or one twice, is understood."""
    where = f"sheet {sheet.name}" if sheet.name else "the file"
    if heading_row:
        headings = headings_at(sheet.lines, heading_row)
        if headings is None:
            raise Refused(f"Row {heading_row} of {where} is empty. Choose the row with the headings.")
    else:
        headings = find_headings(sheet.lines, columns, known) or plain_headings(sheet.lines)
        if headings is None:
            raise Refused(f"No row with headings was found in the first rows of {where}. Put the name of each column in one row above the list.")
    table = cut(sheet.lines, headings, columns, known)
    table.sheet = sheet.name
    return table


def refuse_unclear(table: Table) -> None:
    """For those who cannot look at the mapping page: raise when nothing is mapped, or a heading we read stands twice with other values."""
    if not any(table.columns):
        asked = f"None of the headings in row {table.heading_row}{_of(table)} is known here: {', '.join(h for h in table.headings if h)[:300]}."
        raise ChoiceNeeded(
            f"{asked} Say what they mean, as a JSON object from the file's headings to ours.", "--map", [heading for heading in table.headings if heading], on_page=f"{asked} Choose below what each means."
        )
    for at, heading in enumerate(table.headings):
        first = twin_of(table, at)
        if first is not None and any(_differ(line, first, at) for line in table.rows):
            name = table.headings[first]
            asked = f"Two columns{_of(table)} are headed “{name}”, with different values."
            raise ChoiceNeeded(
                f"{asked} Say which is meant: map “{name}” or “{heading}”, and the other to an empty text.", "--map", (name, heading),
                on_page=f"{asked} Choose which of them is meant, and “Leave out” for the other.",
            )


def refuse_unasked(table: Table) -> None:
    """For those who can be asked: raise while headings have values that are not read and that nobody said to leave out."""
    if found := table.unasked:
        many = len(found) > 1
        asked = f"{len(found)} {'headings are' if many else 'heading is'} not known here: {', '.join(found)[:300]}."
        raise ChoiceNeeded(f"{asked} Choose a column for {'each' if many else 'it'}, or leave it out.", "--map", found)


def _of(table: Table) -> str:
    return f" of sheet {table.sheet}" if table.sheet else ""


def _differ(line: Line, first: int, second: int) -> bool:
    cells = [line.cells[at] if at < len(line.cells) else None for at in (first, second)]
    return not is_blank(cells[1]) and shown(cells[0]) != shown(cells[1])


def warn_near(table: Table) -> None:
    """A heading taken for a near spelling is said."""
    for heading in table.unsure:
        name = table.columns[table.headings.index(heading)]
        table.warnings.append(Problem(table.heading_row, heading, "", f"Taken to mean {name}, by its spelling."))


def drop_codes(book: Workbook, columns: Sequence[Column] = (), known: Mapping[str, str] | None = None) -> Workbook:
    """Put yes in place of every key-safe or door code, in columns of them and in free text, before the rows are kept anywhere (domain 7.4)."""
    code_words = {word for column in columns if column.holds_codes for word in column.words}
    code_names = {column.name for column in columns if column.holds_codes}
    code_words |= {normal(heading) for heading, name in (known or {}).items() if name in code_names}
    for sheet in book.sheets:
        headings = find_headings(sheet.lines, columns, known) or plain_headings(sheet.lines)
        for number, line in enumerate(sheet.lines[:SEARCHED]):
            found = [at for at, cell in enumerate(line.cells) if isinstance(cell, str) and (word := normal(cell)) and len(word) <= 60 and (word in code_words or _CODE_HEADING.search(word))]
            if found and _heads(line, sheet, headings, columns, known):
                for at in found:
                    _blot(sheet.lines[number + 1 :], at)
        ways_in = _ways_in(headings, columns, known)
        below = headings.row if headings else 0
        for line in sheet.lines:
            if isinstance(line.cells, list):
                if names_a_thing("\n".join([cell for cell in line.cells if type(cell) is str])):
                    line.cells[:] = [_without_code(cell) if type(cell) is str else cell for cell in line.cells]
                for at in ways_in if line.number > below else ():
                    if at < len(line.cells):
                        line.cells[at] = _without_way_in(line.cells[at])
    return book


def _without_code(cell: str) -> str:
    left = without_codes(cell)
    return left if left == cell else left.replace(REMOVED, JUST_REMOVED)


def _ways_in(headings: Headings | None, columns: Sequence[Column], known: Mapping[str, str] | None) -> list[int]:
    """Where columns stand that tell how carers get in and are none of ours: their values are not read, but their rows are kept."""
    if headings is None:
        return []
    found = guess(headings.texts, columns, known, near=False)
    return [at for at, text in enumerate(headings.texts) if text and not found[at].column and _ACCESS_HEADING.search(normal(text))]


def _without_way_in(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return without_codes(cell, way_in=True)
    return REMOVED if isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) >= 100 else cell


def _heads(line: Line, sheet: Sheet, headings: Headings | None, columns: Sequence[Column], known: Mapping[str, str] | None) -> bool:
    """Whether what ``line`` says is said of the cells below it: not so a title over the list, nor a note in a row of it that mentions a key safe."""
    if line.filled < min(2, sheet.width):
        return False
    if headings is None or line.number <= headings.row:
        return True
    texts = [shown(cell) if isinstance(cell, str) else "" for cell in line.cells]
    understood = sum(1 for found in guess(texts, columns, known, near=False) if found.column)
    return understood >= 2 and understood * 2 > line.filled


def _blot(lines: Sequence[Line], at: int) -> None:
    for line in lines:
        if at < len(line.cells) and not is_blank(line.cells[at]) and normal(shown(line.cells[at])) not in _YES_NO_ONLY:
            if isinstance(line.cells, list) and not says_nothing(shown(line.cells[at]), free=True):
                line.cells[at] = "yes"
