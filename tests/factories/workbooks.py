"""Files as people, programs and attackers send them, made in memory; and a small importer to take them in."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from mobilisation.models import ConditionPrecedent
from mobilisation.roles import Can
from mobilisation.services import changes
from mobilisation.workbooks import Choice, CodePresence, Column, Date, Importer, ParsedRow, Text, Written

DATA = Path(__file__).resolve().parent.parent / "data"


class ConditionImporter(Importer[ConditionPrecedent]):
    """Conditions precedent by title: the smallest list of the ground."""

    kind, noun, can = "conditions", ("condition", "conditions"), Can.PLAN_EDIT
    once_in_file = ("title",)
    label_columns = ("title",)
    row_by_row = True

    def columns(self) -> list[Column]:
        return [
            Column("title", "Condition", Text(100), ("condition precedent", "cp"), required=True),
            Column("owner_name", "Owner", Text(150), ("who", "lead")),
            Column("due", "Due", Date(), ("due date", "by when")),
            Column("status", "Status", Choice.of({"open": ("outstanding",), "satisfied": ("done", "met")}, "a known status")),
            Column("evidence", "Key safe", CodePresence(), ("key safe",)),
        ]

    def load(self, rows: Sequence[ParsedRow]) -> None:
        self.held = {c.title: c for c in ConditionPrecedent.objects.select_for_update().filter(programme=self.programme)}

    def match(self, row: ParsedRow) -> ConditionPrecedent | None:
        return self.held.get(row.values.get("title") or "")

    def current(self, record: ConditionPrecedent) -> Mapping[str, Any]:
        return {"title": record.title, "owner_name": record.owner_name, "due": record.due, "status": record.status}

    def write(self, plan: Any, job: Any = None) -> Written:
        new = [ConditionPrecedent(programme=self.programme, **{k: v for k, v in p.row.given.items() if k != "evidence"}) for p in plan.created]
        changes.bulk_create(new, actor=self.actor, job=job)
        changes.bulk_apply([(p.record, p.new_values) for p in plan.updated], actor=self.actor, job=job)
        return Written(len(new), len(plan.updated))


def xlsx(*sheets: tuple[str, list[list[Any]]], hidden: Sequence[str] = (), epoch_1904: bool = False) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    if epoch_1904:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        book.epoch = CALENDAR_MAC_1904
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name in hidden:
            sheet.sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def repacked(data: bytes, replace: Mapping[str, bytes] | None = None, add: Mapping[str, bytes] | None = None, drop: Sequence[str] = ()) -> bytes:
    """The archive with some parts replaced, added or dropped."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part not in drop:
                new.writestr(part, (replace or {}).get(part, old.read(part)))
        for part, content in (add or {}).items():
            new.writestr(part, content)
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def with_sheet_xml(inner: str, before: str = "") -> bytes:
    """An XLSX whose only sheet holds ``inner`` as its rows; ``before`` stands before the root element."""
    xml = f'<?xml version="1.0" encoding="UTF-8"?>{before}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{inner}</sheetData></worksheet>'
    return repacked(xlsx(("List", [["Condition"]])), {SHEET: xml.encode()})


def ods(rows_xml: str) -> bytes:
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
        f'<office:body><office:spreadsheet><table:table table:name="List">{rows_xml}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
        '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return buffer.getvalue()


def ods_row(*cells: str, repeat: int = 1) -> str:
    inner = "".join(f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' if cell else "<table:table-cell/>" for cell in cells)
    return f'<table:table-row table:number-rows-repeated="{repeat}">{inner}</table:table-row>'


def _ole(stream_name: str, stream: bytes) -> bytes:
    """A compound file with one stream, long enough to live in ordinary sectors."""
    size = 512
    stream = stream.ljust(max(len(stream), 4096), b"\0")
    count = (len(stream) + size - 1) // size
    end, free, fat_mark = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    fat = [fat_mark, end] + [n + 1 for n in range(2, 1 + count)] + [end]
    fat += [free] * (128 - len(fat))

    def entry(name: str, kind: int, start: int, length: int, child: int = free) -> bytes:
        raw = name.encode("utf-16-le") + b"\0\0"
        return struct.pack("<64sHBBIII16sIQQIQ", raw, len(raw), kind, 1, free, free, child, b"", 0, 0, 0, start, length)

    directory = entry("Root Entry", 5, end, 0, 1) + entry(stream_name, 2, 2, len(stream)) + entry("", 0, 0, 0) * 2
    header = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 16 + struct.pack("<HHHHH6sIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    header += struct.pack("<I", free) * 108
    return header.ljust(size, b"\xff") + struct.pack("<128I", *fat) + directory + stream.ljust(count * size, b"\0")


def xls(rows: Sequence[Sequence[Any]], *, password: bool = False, far: tuple[int, int] | None = None) -> bytes:
    """An Excel 97 file with one sheet of texts and numbers."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    bof = lambda kind: record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0, 6))  # noqa: E731
    cells = b""
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, (int, float)):
                cells += record(0x203, struct.pack("<HHHd", r, c, 0, value))
            elif value:
                text = value.encode("utf-16-le")
                cells += record(0x204, struct.pack("<HHHHB", r, c, 0, len(value), 1) + text)
    if far:
        cells += record(0x203, struct.pack("<HHHd", far[0], far[1], 0, 1.0))
    sheet = bof(0x10) + record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, 10, 0)) + cells + record(0x0A, b"")
    lock = record(0x2F, b"\x01\0\x01\0\x01\0" + b"\0" * 48) if password else b""
    name = b"List"
    start = bof(0x05) + lock + record(0x42, struct.pack("<H", 1200))
    fixed = len(start) + 4 + 8 + len(name) + 4
    boundsheet = record(0x85, struct.pack("<IBBBB", fixed, 0, 0, len(name), 0) + name)
    globals_ = start + boundsheet + record(0x0A, b"")
    return _ole("Workbook", globals_ + sheet)


def encrypted() -> bytes:
    """What Excel writes when a password is set: an OLE file that holds an encrypted package."""
    return _ole("EncryptedPackage", b"\x10" * 5000)
