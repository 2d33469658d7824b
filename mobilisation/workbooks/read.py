"""Bytes → :class:`Workbook`: sheets, rows, and the row numbers a person sees. Nothing is opened before it is checked."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zipfile import ZipFile

import python_calamine as calamine

from mobilisation.collecting import many_rows
from mobilisation.errors import Refused
from mobilisation.workbooks import csvs, encodings, safety
from mobilisation.workbooks import limits as stated
from mobilisation.workbooks.cells import ERRORS, Cell, CellFault, is_blank
from mobilisation.workbooks.limits import Limits
from mobilisation.workbooks.table import Line, letter

# A broken old Excel file can make the reader panic, which is caught below; its stack must not reach the person at the terminal.
os.environ["RUST_BACKTRACE"] = "0"

ENDINGS = {".xlsx": "xlsx", ".xlsm": "xlsx", ".xls": "xls", ".ods": "ods", ".csv": "text", ".txt": "text", ".tsv": "text"}
ACCEPTED = "XLSX, XLS, ODS or CSV"
Faults = dict[tuple[int, int], CellFault]


@dataclass
class Sheet:
    name: str
    lines: list[Line]
    visible: bool = True

    @property
    def width(self) -> int:
        return max((len(line.cells) for line in self.lines), default=0)


@dataclass
class Workbook:
    file_name: str
    sheets: list[Sheet]
    notes: list[str] = field(default_factory=list)


@many_rows()
def workbook(data: bytes, file_name: str, limits: Limits | None = None) -> Workbook:
    """Every sheet of the file. Raises ``Refused`` naming the file, what was found and what to do."""
    limits = limits or stated.current()
    name = os.path.basename(file_name.replace("\\", "/")) or "The file"
    safety.check_size(data, name, limits)
    kind = _kind(data, name)
    if kind == "text":
        found = encodings.decode(data, name)
        lines = [Line(number, cells) for number, cells in csvs.rows(found.text, name, limits)]
        return Workbook(name, [Sheet("", _within(lines, "", name, limits))], [found.doubt] if found.doubt else [])
    notes: list[str] = []
    faults: dict[str, Faults] = {}
    if kind == "xls":
        safety.check_xls(data, name, limits)
    else:
        with safety.open_archive(data, name, limits) as archive:
            if kind == "xlsx" and "xl/vbaProject.bin" in archive.namelist():
                notes.append("The file holds macros; they were not looked at and never run.")
            faults = _measure(archive, kind, name, limits)
    return Workbook(name, _sheets(data, name, limits, faults), notes)


def _kind(data: bytes, name: str) -> str:
    """What the file is, when its ending and its content agree."""
    ending = os.path.splitext(name)[1].lower()
    expected = ENDINGS.get(ending)
    if expected is None:
        raise Refused(f"{name} ends in “{ending or 'nothing'}”. Upload {ACCEPTED}; from other programs, save the list as one of these first.")
    if safety.is_encrypted_office(data):
        raise Refused(f"{name} is protected by a password. Take the password off in Excel (File, Info, Protect workbook) and upload it again.")
    if data.startswith(safety.OLE):
        found = "xls"
    elif data.startswith(safety.ZIP):
        found = "ods" if b"content.xml" in data and b"xl/workbook.xml" not in data else "xlsx"
    elif expected != "text":
        head = data[:500].lstrip().lower()
        if head.startswith((b"<", b"\xef\xbb\xbf<")):
            raise Refused(f"{name} is a web page or XML file under the ending {ending}. Open it in Excel and save it as “Excel workbook (.xlsx)”.")
        if b"\x00" not in data[:2000] and data[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
            raise Refused(f"{name} ends in {ending} but is plain text. If it is a CSV file, give it the ending .csv; otherwise save it again from Excel.")
        raise safety.damaged(name)
    else:
        head = data[:1000].lstrip()
        if head.startswith((b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")):
            raise Refused(f"{name} ends in {ending} but is another kind of file. Save the list as {ACCEPTED}.")
        return "text"
    if found != expected:
        said = {"xls": "an old Excel file (.xls)", "ods": "an OpenDocument file (.ods)", "xlsx": "an Excel file (.xlsx) or an archive"}[found]
        raise Refused(f"{name} ends in {ending} but is {said}. Give it the right ending, or save it again from Excel.")
    return found


_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)


def _measure(archive: ZipFile, kind: str, name: str, limits: Limits) -> dict[str, Faults]:
    """Check every part; measure the sheets. Returns the cells without a usable value, by sheet name."""
    names = set(archive.namelist())
    if kind == "ods":
        if "content.xml" not in names:
            raise safety.damaged(name)
        safety.check_parts(archive, name)
        for number, (rows, columns) in enumerate(safety.ods_extent(safety.part_bytes(archive, "content.xml", name), name), start=1):
            safety.refuse_extent(str(number), rows, columns, name, limits)
        return {}
    if "[Content_Types].xml" not in names or not any(part.lower() == "xl/workbook.xml" for part in names):
        raise Refused(f"{name} is an archive without a workbook in it. Save the list as {ACCEPTED} and upload that.")
    faults: dict[str, Faults] = {}
    titles = _titles(archive, name)
    for part in archive.namelist():
        data = safety.part_bytes(archive, part, name)
        if _SHEET_PART.fullmatch(part):
            if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
                raise safety.damaged(name)
            rows, columns, found = safety.sheet_extent(data, name)
            title = titles.get(part.lower(), part.rpartition("/")[2])
            safety.refuse_extent(title, rows, columns, name, limits)
            faults[title] = found
        elif part.lower().endswith((".xml", ".rels", ".vml")):
            safety.check_xml(data, name)
    return faults


def _titles(archive: ZipFile, name: str) -> dict[str, str]:
    """Part name in lower case → the sheet's title."""
    if "xl/_rels/workbook.xml.rels" not in archive.namelist():
        return {}
    rels = safety.parse_xml(safety.part_bytes(archive, "xl/_rels/workbook.xml.rels", name), name)
    targets = {rel.get("Id"): str(rel.get("Target", "")) for rel in rels}
    found = {}
    for element in safety.parse_xml(safety.part_bytes(archive, "xl/workbook.xml", name), name).iter():
        if element.tag.rpartition("}")[2] == "sheet":
            identity = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
            target = targets.get(identity, "")
            found[(target.lstrip("/") if target.startswith("/") else f"xl/{target}").lower()] = element.get("name", "")
    return found


def _sheets(data: bytes, name: str, limits: Limits, faults: dict[str, Faults]) -> list[Sheet]:
    found: list[Sheet] = []
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for about in book.sheets_metadata:
            if about.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(about.name)
            end = sheet.end
            if end is not None:
                safety.refuse_extent(about.name, end[0] + 1, end[1] + 1, name, limits)
            rows = sheet.to_python(skip_empty_area=False) if end is not None else []
            lines = (Line(number, cells) for number, cells in enumerate(_cells(rows, faults.get(about.name, {})), start=1))
            found.append(Sheet(about.name, _within(lines, about.name, name, limits), about.visible == calamine.SheetVisibleEnum.Visible))
    except Refused:
        raise
    except calamine.PasswordError:
        raise Refused(f"{name} is protected by a password. Take the password off in Excel and upload it again.") from None
    except (calamine.CalamineError, OSError, ValueError, MemoryError, OverflowError, TypeError):
        raise safety.damaged(name) from None
    except BaseException as error:
        # A panic inside the reader arrives as a BaseException of its own; stopping and exiting must go on.
        if type(error).__name__ != "PanicException":
            raise
        raise safety.damaged(name) from None
    return found


def _cells(rows: Iterable[list[Any]], faults: Faults) -> Iterable[list[Cell]]:
    by_row: dict[int, list[tuple[int, CellFault]]] = {}
    for (row, column), fault in faults.items():
        by_row.setdefault(row, []).append((column - 1, fault))
    rows = list(rows)
    rows += [[] for _ in range(max(by_row, default=0) - len(rows))]
    for number, cells in enumerate(rows, start=1):
        for at, cell in enumerate(cells):
            kind = type(cell)
            if kind is str:
                if cell[:1] == "#" and cell in ERRORS:
                    cells[at] = CellFault(cell, f"The cell shows an error ({cell}). Correct it in the workbook.")
            elif kind is datetime and not (cell.hour or cell.minute or cell.second or cell.microsecond):
                cells[at] = cell.date()
        for at, fault in by_row.get(number, ()):
            cells += [""] * (at + 1 - len(cells))
            cells[at] = fault
        yield cells


def _within(lines: Iterable[Line], sheet: str, name: str, limits: Limits) -> list[Line]:
    kept, most = [], limits.cell
    for line in lines:
        if not any(not is_blank(cell) for cell in line.cells):
            continue
        for at in [at for at, cell in enumerate(line.cells) if type(cell) is str and len(cell) > most]:
            raise Refused(f"{name}{', sheet ' + sheet if sheet else ''}, row {line.number}, column {letter(at)}: the cell has {len(str(line.cells[at])):,} characters; at most {most:,} are allowed.")
        kept.append(line)
    if len(kept) > limits.rows + 100:
        raise Refused(f"{name}{', sheet ' + sheet if sheet else ''}: it has {len(kept):,} rows; at most {limits.rows:,} are allowed. Split the file.")
    return kept
