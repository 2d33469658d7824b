"""A read workbook as bytes and back, so that the steps of the import pages need not open the upload again.

What is kept is the rows, not the file: no macro, no hidden part and no key-safe code survives.
"""

from __future__ import annotations

import gzip
import json
from datetime import date, datetime, time, timedelta
from typing import Any

from mobilisation.workbooks.cells import Cell, CellFault
from mobilisation.workbooks.read import Sheet, Workbook
from mobilisation.workbooks.table import Line


def _out(cell: Cell) -> Any:
    if isinstance(cell, datetime):
        return ["t", cell.isoformat()]
    if isinstance(cell, date):
        return ["d", cell.isoformat()]
    if isinstance(cell, time):
        return ["h", cell.isoformat()]
    if isinstance(cell, timedelta):
        return ["s", cell.total_seconds()]
    if isinstance(cell, CellFault):
        return ["f", cell.shown, cell.problem]
    return cell


def _back(cell: Any) -> Cell:
    if not isinstance(cell, list):
        found: Cell = cell
        return found
    kind, value = cell[0], cell[1]
    if kind == "t":
        return datetime.fromisoformat(value)
    if kind == "d":
        return date.fromisoformat(value)
    if kind == "h":
        return time.fromisoformat(value)
    if kind == "s":
        return timedelta(seconds=value)
    return CellFault(value, cell[2])


def dump(book: Workbook) -> bytes:
    sheets = [{"name": s.name, "visible": s.visible, "lines": [[line.number, [_out(cell) for cell in line.cells]] for line in s.lines]} for s in book.sheets]
    return gzip.compress(json.dumps({"file": book.file_name, "notes": book.notes, "sheets": sheets}, ensure_ascii=False).encode(), compresslevel=5)


def restore(data: bytes) -> Workbook:
    kept = json.loads(gzip.decompress(data))
    return Workbook(
        kept["file"], [Sheet(s["name"], [Line(number, [_back(cell) for cell in cells]) for number, cells in s["lines"]], s["visible"]) for s in kept["sheets"]], kept["notes"]
    )
