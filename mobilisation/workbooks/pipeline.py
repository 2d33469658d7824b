"""The way of every import: read → sheet → heading row → mapping → parse all rows → match → compare → plan → write.

Reading and parsing need no database (:func:`parse`); :func:`make_plan` compares with what is there and
:func:`carry_out` writes in the caller's one transaction. Every fault of a file is found at once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from mobilisation.collecting import many_rows
from mobilisation.components import shortened
from mobilisation.errors import ChoiceNeeded, Refused
from mobilisation.roles import Can
from mobilisation.services import rows as tables
from mobilisation.workbooks import plan as plans
from mobilisation.workbooks.cells import is_blank, shown
from mobilisation.workbooks.codes import JUST_REMOVED, REMOVED, says_only_removed
from mobilisation.workbooks.columns import Column
from mobilisation.workbooks.dates import Order, reads_day_first, reads_month_first
from mobilisation.workbooks.plan import FieldDiff, Offering, ParsedRow, Plan, PlannedRow, Problem, Told, Written
from mobilisation.workbooks.table import Table
from mobilisation.workbooks.values import Context, Fault, display
from mobilisation.workbooks.words import names_nothing

if TYPE_CHECKING:
    from mobilisation.access import Actor
    from mobilisation.models import Job, Programme

R = TypeVar("R")
Progress = Callable[[int, int, str], None]
"""Hears (rows done, rows in all, what is being done) and may stop the work by raising."""
STEP = 250
TOLD = 3
"""So many texts tell a row without a name of its own."""
PART = 1000
"""How many rows are written at a time by an importer whose rows do not need each other."""
READING, COMPARING, WRITING = "Step 1 of 3: reading the rows", "Step 2 of 3: comparing with what is held", "Step 3 of 3: writing the changes"

__all__ = ["Importer", "Parsed", "ParsedRow", "Plan", "PlannedRow", "Problem", "Written", "carry_out", "make_plan", "parse", "unheard"]


def unheard(done: int, total: int, message: str) -> None:
    return


class Importer(ABC, Generic[R]):
    """One kind of list an app takes in; made anew for each run. ``R`` is the app's record (a model instance).

    The order of calls: ``columns`` → ``load(rows)`` → for each row ``match``, ``current``, ``check`` →
    ``review(plan)`` → ``write(plan)``. ``load`` and ``write`` cost a fixed number of queries per batch.
    """

    kind: ClassVar[str]
    noun: ClassVar[tuple[str, str]]
    """One and many: ``("person", "people")``."""
    can: ClassVar[Can]
    once_in_file: ClassVar[tuple[str, ...]] = ()
    """Columns whose value may stand in one row of the file only; the later row is at fault."""
    label_columns: ClassVar[tuple[str, ...]] = ()
    """Columns that name a row in the preview."""
    told_by: ClassVar[tuple[str, ...]] = ()
    """Columns that do where all of ``label_columns`` are empty, the surest first."""
    forgives: ClassVar[frozenset[str]] = frozenset()
    """Columns whose faults leave the cell out, not the row."""
    offering: ClassVar[Offering] = Offering()
    """Words for rows whose ``offers`` a person has to answer."""
    personal: ClassVar[bool] = False
    row_by_row: ClassVar[bool] = False
    """True where rows can be written without each other: ``write`` then gets a plan of about ``PART`` rows at a time."""
    takes_any_list: ClassVar[bool] = False
    """True where a list that reads like another kind's is meant: to be compared, not taken over."""
    other_formats: ClassVar[tuple[str, ...]] = ()
    """Endings beside XLSX, XLS, ODS and CSV that ``read_other`` takes, with the dot."""

    def __init__(self, programme: Programme, actor: Actor) -> None:
        self.programme, self.actor = programme, actor
        self.answers: Mapping[int, str] = {}
        """Row number → the answer a person gave to its ``offers``."""
        self.progress: Progress = unheard
        """For a ``write`` that is not row by row: say here how far it is."""

    @abstractmethod
    def columns(self) -> Sequence[Column]:
        """Our columns, built with what the programme knows (its providers, say)."""

    @cached_property
    def column_list(self) -> tuple[Column, ...]:
        """``columns()``, asked once a run."""
        return tuple(self.columns())

    def read_other(self, data: bytes, file_name: str) -> Any:
        """A :class:`mobilisation.workbooks.read.Workbook` from a format of ``other_formats``."""
        raise Refused(f"{file_name}: this kind of file is not read here.")

    def tidy(self, row: ParsedRow) -> None:
        """Derive or split values before matching (``Margaret Hartley (niece)`` → name and relationship)."""

    @abstractmethod
    def load(self, rows: Sequence[ParsedRow]) -> None:
        """Read what is there, under lock where it will be written; a fixed number of queries."""

    @abstractmethod
    def match(self, row: ParsedRow) -> R | None:
        """The record this row is about; None for a new one. May ``row.fault`` (two records claim it) or ``row.warn`` (an offer)."""

    @abstractmethod
    def current(self, record: R) -> Mapping[str, Any]:
        """Column name → value as held now; columns left out are not compared."""

    def check(self, row: ParsedRow, record: R | None) -> None:
        """Rules across columns: ``row.fault(column, why)`` or ``row.warn(column, why)``."""

    def identity(self, column: str, value: Any) -> Any:
        """What makes a value of ``once_in_file`` the same as another one."""
        return value

    def same(self, column: str, old: Any, new: Any) -> bool:
        """Whether a value of the file says what is held already."""
        return bool(old == new)

    def shown(self, column: str, value: Any) -> str:
        """A value in words, for the preview."""
        return display(value)

    def told(self, keys: Collection[str]) -> tuple[Told, ...]:
        """Those of ``keys`` that the actor may see, by name: for a page, never for what is kept."""
        return ()

    def review(self, plan: Plan[R]) -> None:
        """Look at the file as a whole: faults across rows, figures into ``plan.extra``."""

    @abstractmethod
    def write(self, plan: Plan[R], job: Job | None = None) -> Written:
        """Write ``plan.created`` and ``plan.updated`` through the services, in the caller's transaction."""


@dataclass
class Parsed:
    """A file's rows as values, before anything is compared with the database."""

    rows: list[ParsedRow]
    mapping: dict[str, str]
    faults: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    unmapped_required: tuple[Column, ...] = ()
    spare_headings: tuple[str, ...] = ()
    sheet: str = ""


@many_rows()
def parse(importer: Importer[Any], table: Table, *, today: date, order: Order | None = None, progress: Progress | None = None) -> Parsed:
    """Every row of ``table`` read with the importer's columns. Raises ``ChoiceNeeded`` when a date column as a whole is month first.

    ``progress`` hears of every ``STEP`` rows and may stop the reading by raising.
    """
    columns = {column.name: column for column in importer.column_list}
    used = [(at, columns[name]) for at, name in enumerate(table.columns) if name in columns]
    if order is None:
        for at, column in used:
            if column.is_date and reads_month_first(row.cells[at] for row in table.rows if at < len(row.cells)):
                raise ChoiceNeeded(
                    f"The dates under “{table.headings[at]}”{f' of sheet {table.sheet}' if table.sheet else ''} read month first (month/day/year). Say which way round they are.", "--dates", ("mdy", "dmy")
                )
    contexts = {at: _context(column, [row.cells[at] for row in table.rows if at < len(row.cells)] if column.is_date else [], today, order or "dmy") for at, column in used}
    readers = [(at, column.name, _Reader(column, contexts[at])) for at, column in used]
    headings = {column.name: table.headings[at] for at, column in used}
    rows: list[ParsedRow] = []
    for done, line in enumerate(table.rows):
        if progress is not None and done % STEP == 0:
            progress(done, len(table.rows), READING)
        values: dict[str, Any] = {}
        raw: dict[str, str] = {}
        row = ParsedRow(line.number, values, raw, headings)
        cells, width = line.cells, len(line.cells)
        for at, name, reader in readers:
            cell = cells[at] if at < width else None
            held = reader.kept.get((type(cell), cell)) or reader(cell)
            if held is _BLANK:
                values[name] = None
                continue
            values[name], raw[name], fault, warning = held
            if fault and name in importer.forgives:
                row.warn(name, f"{fault} The row is taken without it.")
            elif fault:
                row.fault(name, fault)
            elif warning:
                row.warn(name, warning)
        importer.tidy(row)
        rows.append(row)
    _refuse_repeats(importer, rows)
    missing = tuple(column for column in columns.values() if column.required and column.name not in headings)
    spare = tuple(heading for heading, name in zip(table.headings, table.columns, strict=False) if heading and not name)
    return Parsed(rows, {heading: column for column, heading in headings.items()}, list(table.faults), list(table.warnings), missing, spare, table.sheet)


_Read = tuple[Any, str, str, str]
_KEPT = frozenset({str, float, int, bool, date, datetime})
_MOST = 5000
_BLANK: _Read = (None, "", "", "")


class _Reader:
    """Reads the cells of one column: (value, as the file shows it, fault, warning), ``_BLANK`` for an empty one.

    What stands in many rows is read once: ``kept`` is asked first, by the cell and its type.
    """

    def __init__(self, column: Column, context: Context) -> None:
        self._column, self._context = column, context
        self.kept: dict[tuple[type, Any], _Read] = {(type(None), None): _BLANK, (str, ""): _BLANK}

    def __call__(self, cell: Any) -> _Read:
        if is_blank(cell):
            return _BLANK
        held = self._read(cell)
        kind = type(cell)
        if len(self.kept) < _MOST and kind in _KEPT and (kind is not str or len(cell) <= 60) and not isinstance(held[0], (list, dict, set)):
            self.kept[kind, cell] = held
        return held

    def _read(self, cell: Any) -> _Read:
        column = self._column
        told = isinstance(cell, str) and REMOVED in cell
        if isinstance(cell, str):
            cell = cell.replace(JUST_REMOVED, REMOVED)
        raw = "" if column.holds_codes else shown(cell)
        if told and says_only_removed(raw):
            return None, raw, "", ""  # what we put in place of a code, and nothing else
        if isinstance(cell, str) and len(cell) <= 60 and column.says_nothing(cell):
            warning = f"It {'names nobody and nothing' if column.names and names_nothing(cell) else 'says nothing yet'}, so it is read as an empty cell."
            return None, raw, "", "" if column.read_only else warning
        try:
            value = None if column.read_only else column.parse(cell, self._context)
        except Fault as fault:
            return None, raw, str(fault), ""
        return value, raw, "", CODE_REMOVED if isinstance(value, str) and REMOVED in value and not told else ""


CODE_REMOVED = "What reads like the code of a key safe or a door was taken out: codes are never held here. Look whether anything else is missing."


def _context(column: Column, cells: Sequence[Any], today: date, order: Order) -> Context:
    """The choice of an order is for the columns that leave it open: one that can only be day first is read so."""
    return Context(today=today, order="dmy" if order == "mdy" and column.is_date and reads_day_first(cells) else order)


def _refuse_repeats(importer: Importer[Any], rows: Sequence[ParsedRow]) -> None:
    for name in importer.once_in_file:
        first: dict[Any, int] = {}
        for row in rows:
            value = row.values.get(name)
            if value is None:
                continue
            value = importer.identity(name, value)
            if value in first:
                row.fault(name, f"It stands in row {first[value]} already. Each may be used once in a file.")
            else:
                first[value] = row.number


@many_rows()
def make_plan(importer: Importer[R], parsed: Parsed, progress: Progress = unheard) -> Plan[R]:
    """Compare with what is there. Raises ``ChoiceNeeded`` when new rows need a column that no heading was taken for."""
    plan: Plan[R] = Plan(faults=list(parsed.faults), warnings=list(parsed.warnings), sheet=parsed.sheet)
    columns = {column.name: column for column in importer.column_list}
    required = [column for column in importer.column_list if column.required]
    progress(0, len(parsed.rows), COMPARING)
    importer.load(parsed.rows)
    seen: dict[int, int] = {}
    for done, row in enumerate(parsed.rows):
        if done % STEP == 0:
            progress(done, len(parsed.rows), COMPARING)
        record = importer.match(row)
        if record is None:
            _refuse_missing(row, required)
        elif id(record) in seen:
            if not row.faults:
                row.faults.append(Problem(row.number, "", "", f"Row {seen[id(record)]} is about the same {importer.noun[0]}. Keep one of them."))
        else:
            seen[id(record)] = row.number
        importer.check(row, record)
        changes = _compare(importer, columns, row, record) if record is not None else ()
        action = plans.REFUSED if row.faults else plans.CREATED if record is None else plans.UPDATED if changes else plans.UNCHANGED
        plan.rows.append(PlannedRow(row, action, record, changes, _label(importer, row)))
    if parsed.unmapped_required and any(planned.record is None for planned in plan.rows):
        names = ", ".join(column.title for column in parsed.unmapped_required)
        asked = f"No heading was recognised for: {names}."
        raise ChoiceNeeded(
            f"{asked} Say which heading means what, as a JSON object from the file's headings to ours, for example {{\"{(parsed.spare_headings or ('Heading',))[0]}\": \"{parsed.unmapped_required[0].name}\"}}.",
            "--map", parsed.spare_headings, on_page=f"{asked} Choose below which heading means {'it' if len(parsed.unmapped_required) == 1 else 'each'}.",
        )
    importer.review(plan)
    for planned in plan.rows:
        if planned.row.faults:
            planned.action = plans.REFUSED
    return plan


def _refuse_missing(row: ParsedRow, required: Sequence[Column]) -> None:
    for column in required:
        if row.values.get(column.name) is None and column.name in row.headings and row.headings[column.name] not in {fault.column for fault in row.faults}:
            row.fault(column.name, f"It is empty, and a new row needs it: {column.title}.")


def _label(importer: Importer[Any], row: ParsedRow) -> str:
    """What the row is called in the preview; one without a name of its own by its number and what else tells it apart."""
    raw = row.raw
    if named := " ".join(raw[name] for name in importer.label_columns if raw.get(name)):
        return named
    told = [raw[name] for name in importer.told_by if raw.get(name)] or [text for text in raw.values() if text]
    words = " · ".join(shortened(text, 60) for text in told[:TOLD])
    return f"Row {row.number}: {words}" if words else f"Row {row.number}"


def _compare(importer: Importer[R], columns: Mapping[str, Column], row: ParsedRow, record: R) -> tuple[FieldDiff, ...]:
    held = importer.current(record)
    changes = []
    for name, new in row.given.items():
        if name not in held or importer.same(name, held[name], new):
            continue
        title = columns[name].title if name in columns else name
        changes.append(FieldDiff(name, title, held[name], new, importer.shown(name, held[name]), importer.shown(name, new)))
    return tuple(changes)


@many_rows()
def carry_out(importer: Importer[R], plan: Plan[R], *, accept_valid: bool, job: Job | None = None, progress: Progress = unheard) -> bool:
    """Write the plan; False when it is refused and nothing was written. Call inside one transaction.

    ``progress`` hears of every part and, last of all, that only the commit is left.

    Rows in the file = created + updated + unchanged + skipped + refused, and the writer must have written
    exactly what was planned; otherwise the fault rolls everything back.
    """
    if plan.errors and (plan.faults or not accept_valid):
        plan.refuse_rest("Not written, because other rows of the file are refused.")
        return False
    counts = plan.counts()
    if sum(counts.values()) != len(plan.rows):
        raise Refused(f"The import does not add up: {len(plan.rows)} rows, {sum(counts.values())} accounted for. Nothing was written.")
    if counts[plans.CREATED] or counts[plans.UPDATED]:
        written = _write(importer, plan, job, progress)
        if (written.created, written.updated) != (counts[plans.CREATED], counts[plans.UPDATED]):
            raise Refused(
                f"The import does not add up: {counts[plans.CREATED]} to create and {counts[plans.UPDATED]} to change, but {written.created} and {written.updated} were written. Nothing was kept."
            )
    return True


def _write(importer: Importer[R], plan: Plan[R], job: Job | None, progress: Progress) -> Written:
    importer.progress = progress
    created = updated = done = 0
    total = len(plan.created) + len(plan.updated)
    for part in plan.parts(PART) if importer.row_by_row and total > PART else (plan,):
        progress(done, total, WRITING)
        written = importer.write(part, job)
        created, updated, done = created + written.created, updated + written.updated, done + len(part.rows)
        if total > PART:
            tables.check_references()
    progress(total, total, WRITING)
    return Written(created, updated)
