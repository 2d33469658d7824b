"""A block copied from a spreadsheet, read into wishes for cells of the grid. Each cell is read as the same column of a workbook is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mobilisation.clock import today
from mobilisation.errors import Reason, Refused
from mobilisation.models import Organisation
from mobilisation.workbooks import Context, Date, Fault
from mobilisation.workbooks.codes import MARK_ALONE, REMOVED, says_only_removed
from mobilisation.workbooks.columns import Column as WorkbookColumn
from mobilisation.workbooks.words import names_nothing
from transfers.imports.tracker_columns import columns_for
from transfers.models import PersonTransfer
from transfers.rules.grid import COLUMNS, Column, Viewer
from transfers.rules.numbers import number_key
from transfers.services.batches import CHANGED_TOGETHER, Wish

MOST_ROWS, MOST_COLUMNS = 500, 20
OWN = (WorkbookColumn("hospital_asked_on", "Not in hospital on", Date(not_future=True)),)
"""What the grid has and the workbook says in another way."""
PROVIDER = "providers"
"""Key of the grid's column in which the incoming provider stands."""


def pasteable(column: Column) -> bool:
    """Whether what is pasted into ``column`` is taken: what is typed in the grid and may be changed for many, and the incoming
    provider by name."""
    return column.edit == "mark" or column.field in CHANGED_TOGETHER or column.key == PROVIDER


def columns_from(first: str, viewer: Viewer) -> list[Column]:
    """The columns into which a block goes without the grid: those that take it, from ``first`` on ("": all), in the order of the registry."""
    every = [column for column in COLUMNS if pasteable(column) and (viewer.edits(column) or (column.key == PROVIDER and viewer.sees(column)))]
    keys = [column.key for column in every]
    return every[keys.index(first) :] if first in keys else every


_QUOTED = re.compile(r'"((?:[^"]|"")*+)"(?=[\t\r\n]|\Z)')
_PLAIN = re.compile(r"[^\t\r\n]*")


def read_block(text: str) -> list[list[str]]:
    """Rows of cells, as spreadsheets put them on the clipboard: tabs between cells, a cell with a line break in quotes.

    A spreadsheet that quotes a cell doubles every quote in it and closes it right before the next tab or the end of the row. A cell that
    begins with a quote and is not closed so was not quoted: it is taken as it stands, and ends with its tab or row. Empty rows at the top
    keep their place; those at the end say nothing."""
    rows = _rows(text.rstrip("\r\n"))
    if not any(cell for row in rows for cell in row):
        raise Refused(Reason("Nothing was pasted. Copy the cells in the spreadsheet first.", field="text"))
    if len(rows) > MOST_ROWS:
        raise Refused(Reason(f"{len(rows):,} rows are pasted; at most {MOST_ROWS} are taken at once. Paste them in parts, or import the workbook.", field="text"))
    if (wide := max(map(len, rows))) > MOST_COLUMNS:
        raise Refused(Reason(f"{wide} columns are pasted; at most {MOST_COLUMNS} are taken at once. Paste them in parts, or import the workbook.", field="text"))
    return rows


def _rows(text: str) -> list[list[str]]:
    rows: list[list[str]] = [[]]
    at = 0
    while True:
        if quoted := _QUOTED.match(text, at):
            cell, at = quoted[1].replace('""', '"'), quoted.end()
        else:
            plain = _PLAIN.match(text, at)
            cell, at = (plain[0], plain.end()) if plain else ("", at)
        rows[-1].append(cell.strip())
        if at >= len(text):
            return rows
        if text[at] != "\t":
            rows.append([])
        at += 2 if text.startswith("\r\n", at) else 1


@dataclass
class Found:
    """``people`` of the rows in order, None where a row is about nobody; ``astray``: what is wrong with such rows, in words."""

    people: list[PersonTransfer | None] = field(default_factory=list)
    astray: list[str] = field(default_factory=list)


def by_reference(references: Sequence[str], people: Sequence[PersonTransfer]) -> Found:
    """Who stands in each row by case-system ID, NHS number, our own record ID or row reference; whom a number could mean twice it
    means nobody."""
    known: dict[str, set[int]] = {}
    for person in people:
        for key in (person.case_system_id and f"c{number_key(person.case_system_id)}", person.nhs_number and f"n{person.nhs_number}", f"p{person.public_id}", person.row_ref and f"r{person.row_ref.casefold()}"):
            if key:
                known.setdefault(key, set()).add(person.pk)
    by_pk, found, first = {person.pk: person for person in people}, Found(), {}
    for number, reference in enumerate(references, 1):
        text = reference.strip()
        digits = "".join(text.split())
        matches: set[int] = next((known[key] for key in (f"p{text.lower()}", f"n{digits}", f"c{number_key(text)}" if text else "", f"r{text.casefold()}") if key in known), set())
        if len(matches) != 1:
            found.astray.append(f"Row {number}: “{text[:40]}” {'names several people' if matches else 'is nobody on this list'}." if text else f"Row {number} has no reference.")
            found.people.append(None)
            continue
        pk = next(iter(matches))
        if pk in first:
            found.astray.append(f"Row {number}: “{text[:40]}” stands in row {first[pk]} already; only that row is taken.")
            found.people.append(None)
            continue
        first[pk] = number
        found.people.append(by_pk[pk])
    return found


def by_record(ids: Sequence[str], people: Sequence[PersonTransfer]) -> Found:
    """Who stands in each row by our own record ID, as the page that was pasted into showed them. A row of somebody who is not among
    ``people`` keeps its place, so that no row below it is taken for another person."""
    by_id, found, first = {person.public_id: person for person in people}, Found(), {}
    for number, one in enumerate(ids, 1):
        person = by_id.get(one)
        if person is None:
            found.astray.append(f"Row {number}: that person is not on your list any more.")
        elif first.setdefault(one, number) != number:
            found.astray.append(f"Row {number}: that person stands in row {first[one]} already; only that row is taken.")
            person = None
        found.people.append(person)
    return found


def wishes(block: Sequence[Sequence[str]], people: Sequence[PersonTransfer | None], columns: Sequence[Column], *, viewer: Viewer, incoming: Mapping[str, Organisation]) -> list[Wish]:
    """One wish for each cell that says something; an empty cell changes nothing. What cannot be read is a wish with its fault."""
    wide = max(map(len, block))
    if wide > len(columns):
        raise Refused(Reason(f"The block is {wide} columns wide, and only {len(columns)} stand from the chosen one on. Begin further left, or copy fewer columns.", field="text"))
    if len(block) > len(people):
        raise Refused(Reason(f"The block has {len(block)} rows, and only {len(people)} people stand from the chosen one on. Begin further up, show more rows, or copy fewer.", field="text"))
    readers = {column.name: column for column in (*columns_for({}, incoming), *OWN)}
    made: list[Wish] = []
    for row, person in zip(block, people, strict=False):
        if person is not None:
            made += [wish for text, column in zip(row, columns, strict=False) if (wish := _wish(text, person, column, viewer, readers)) is not None]
    return made


def _wish(text: str, person: PersonTransfer, column: Column, viewer: Viewer, readers: Mapping[str, WorkbookColumn]) -> Wish | None:
    mark = column.edit == "mark"
    name = column.key if mark else "incoming_provider" if column.key == PROVIDER else column.field
    reader = readers.get(f"c{column.key[1:]}_on" if mark else name)
    if not text or (reader is not None and reader.says_nothing(text) and not (reader.names and names_nothing(text))):
        return None
    refused = _refused(column, viewer)
    if says_only_removed(text) and text == getattr(person, name, None):
        return None
    if refused or reader is None:
        return Wish(person.pk, name or column.key, fault=refused or f"{column.title} is not typed in the list.", shown=text[:300])
    try:
        value = _read(text, reader, mark=mark)
    except Fault as fault:
        return Wish(person.pk, name, fault=str(fault), shown=text[:300])
    return Wish(person.pk, name, value)


def _refused(column: Column, viewer: Viewer) -> str:
    if not pasteable(column):
        return f"{column.title} is not pasted: it follows from what is recorded, or is decided for one person at a time."
    if not viewer.sees(column) or not (viewer.edits(column) or column.key == PROVIDER):
        return f"Your role does not change {column.title}."
    return ""


def _read(text: str, reader: WorkbookColumn, *, mark: bool) -> Any:
    if reader.names and names_nothing(text):
        raise Fault("It names nobody and nothing. Leave the cell empty.")
    if says_only_removed(text):
        raise Fault(MARK_ALONE)
    value = reader.parse(text, Context(today=today()))
    if mark and not isinstance(value, date):
        raise Fault("Only a day is taken here. Waive it, or say that it does not apply, on the person's page.")
    if isinstance(value, str) and REMOVED in value and REMOVED not in text:
        raise Fault("The code of a key safe or a door is never kept here. Take the digits out.")
    return value


def read_one(name: str, text: str) -> Any:
    """What is typed for many in one go, read as the same column of a workbook; raises ``Fault``."""
    reader = next(column for column in columns_for({}, {}) if column.name == name)
    return _read(text, reader, mark=False)
