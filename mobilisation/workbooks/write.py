"""Lists out: XLSX in constant memory, CSV line by line; text that a spreadsheet would run is made harmless.

What is written here comes back through :mod:`mobilisation.workbooks.read` as the same values::

    with Writer(path, "People", ["case_system_id", "surname"], lists={"priority": ["R", "A", "G"]}) as sheet:
        for person in people.iterator():
            sheet.row([person.case_system_id, person.surname])
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from types import TracebackType
from typing import IO, Any

import xlsxwriter

from mobilisation.workbooks import validation
from mobilisation.workbooks.cells import neutralised
from mobilisation.workbooks.validation import Cells

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""What a download says that it is."""
_LONGEST = 32_767
"""Characters an Excel cell can hold."""


class Writer:
    """One sheet with a heading row. ``target`` is a path or a binary file; ``above`` are title lines over the headings.

    ``lists``: heading → the values offered in its cells; ``cells`` says more of them (:class:`Cells`). ``frozen``: columns that
    stay in sight. ``how_to``: lines of a second sheet. Rows must come in order; memory does not grow with them.
    """

    def __init__(
        self, target: str | IO[bytes], sheet: str, headings: Sequence[str], *, above: Sequence[str] = (), lists: Mapping[str, Sequence[str]] | None = None,
        cells: Mapping[str, Cells] | None = None, widths: Mapping[str, float] | None = None, frozen: int = 0, how_to: Sequence[Sequence[str]] = (), rows_expected: int = 20_000,
    ) -> None:
        self._book = xlsxwriter.Workbook(
            target, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "default_date_format": "dd/mm/yyyy", "remove_timezone": True}
        )
        self._sheet = self._book.add_worksheet(_sheet_name(sheet))
        self._day = self._book.add_format({"num_format": "dd/mm/yyyy"})
        self._moment = self._book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        self._clock = self._book.add_format({"num_format": "hh:mm"})
        heading = self._book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        for at, title in enumerate(headings):
            self._sheet.set_column(at, at, (widths or {}).get(title, max(10, min(28, len(title) + 3))))
        for at, text in enumerate(above):
            self._sheet.write_string(at, 0, neutralised(text))
        self._at = len(above)
        for at, title in enumerate(headings):
            self._sheet.write_string(self._at, at, neutralised(title), heading)
        self._sheet.freeze_panes(self._at + 1, frozen)
        if how_to:
            self._explain(how_to, heading)
        taken = {title: Cells(tuple(options)) for title, options in (lists or {}).items()} | dict(cells or {})
        validation.add(self._book, self._sheet, headings, taken, self._at + 1, self._at + rows_expected)
        self._at += 1
        self.rows = 0

    def _explain(self, lines: Sequence[Sequence[str]], heading: Any) -> None:
        sheet, wrapped = self._book.add_worksheet("How to"), self._book.add_format({"text_wrap": True, "valign": "top"})
        for at, width in enumerate((28, 44, 60)):
            sheet.set_column(at, at, width)
        for row, line in enumerate(lines):
            for at, text in enumerate(line):
                sheet.write_string(row, at, neutralised(text), heading if row == 0 else wrapped)
        sheet.freeze_panes(1, 0)

    def row(self, values: Iterable[Any]) -> None:
        for at, value in enumerate(values):
            self._cell(at, value)
        self._at += 1
        self.rows += 1

    def _cell(self, at: int, value: Any) -> None:
        if value is None or value == "":
            return
        if type(value) is str:
            self._sheet.write_string(self._at, at, neutralised(value)[:_LONGEST])
        elif isinstance(value, bool):
            self._sheet.write_string(self._at, at, "Y" if value else "N")
        elif isinstance(value, (int, float, Decimal)):
            self._sheet.write_number(self._at, at, value)
        elif isinstance(value, datetime):
            self._sheet.write_datetime(self._at, at, value, self._moment)
        elif isinstance(value, date):
            self._sheet.write_datetime(self._at, at, value, self._day)
        elif isinstance(value, time):
            self._sheet.write_datetime(self._at, at, value, self._clock)
        else:
            self._sheet.write_string(self._at, at, neutralised(str(value))[:_LONGEST])

    def close(self) -> None:
        self._book.close()

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _sheet_name(name: str) -> str:
    """What Excel takes: 31 characters, none of ``[]:*?/\\``, no apostrophe at the ends."""
    return "".join(char for char in name if char not in "[]:*?/\\").strip("'")[:31] or "Sheet1"


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Lines of a CSV file that Excel opens as UTF-8 (first the byte-order mark), for a streaming response."""
    yield "\ufeff" + _csv_line([neutralised(title) for title in headings])
    for row in rows:
        yield _csv_line([_csv_cell(value) for value in row])


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return neutralised(value) if isinstance(value, str) else str(value)


def _csv_line(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
