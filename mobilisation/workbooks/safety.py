"""Before anything is parsed: is this file what its name says, and is it safe to open?

Each function returns nothing, or raises ``Refused`` with what was found and what to do. Archives are looked
at part by part; their XML goes through a parser that refuses document types (and so external entities
and entity bombs). Formats whose reader lays out a full grid are measured first.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from mobilisation.errors import Refused
from mobilisation.workbooks.cells import CellFault
from mobilisation.workbooks.limits import MB, Limits

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
ZIP = b"PK"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_RATIO_FROM = 1 * MB
"""Below this unpacked size a high ratio is harmless (a sheet of equal rows packs well)."""


class Damaged(Refused):
    """The file cannot be read as what it says it is."""


def damaged(name: str) -> Damaged:
    return Damaged(f"{name} is damaged or not a workbook: it cannot be opened. Open it in Excel, save it again and upload the new file.")


def check_size(data: bytes, name: str, limits: Limits) -> None:
    if not data:
        raise Refused(f"{name} is empty. Choose the file again.")
    if len(data) > limits.bytes:
        # How large it is nobody knows here: reading stops one byte past the limit.
        raise Refused(f"{name} is too large: at most {limits.bytes // MB} MB are allowed. Split it, or take out pictures and other sheets.")


def open_archive(data: bytes, name: str, limits: Limits) -> zipfile.ZipFile:
    """The archive, once its parts are few, small, plain and where they say."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError, UnicodeDecodeError, EOFError):
        raise damaged(name) from None
    if len(parts) > limits.parts:
        raise Refused(f"{name} holds {len(parts):,} parts; at most {limits.parts} are allowed. Save only the sheet with the list.")
    if len({part.filename for part in parts}) != len(parts):
        raise damaged(name)
    for part in parts:
        if part.flag_bits & 1:
            raise Refused(f"{name} is protected by a password. Take the password off in Excel (File, Info, Protect workbook) and upload it again.")
        pieces = re.split(r"[/\\]", part.filename)
        if ".." in pieces or part.filename.startswith(("/", "\\")) or "\x00" in part.filename or re.match(r"[A-Za-z]:", part.filename):
            raise Refused(f"{name} holds a part whose name leads out of the file. It was not made by a spreadsheet program: upload another copy.")
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if unpacked > limits.unzipped:
        raise Refused(f"{name} unpacks to {unpacked / MB:,.0f} MB; at most {limits.unzipped // MB} MB are allowed.")
    if unpacked > _RATIO_FROM and unpacked > limits.ratio * max(packed, 1):
        raise Refused(f"{name} unpacks to more than {limits.ratio} times its size, as a zip bomb does. Save it again from Excel.")
    return archive


def part_bytes(archive: zipfile.ZipFile, part: str, name: str) -> bytes:
    """One part, whole and sound: never more bytes than the archive declares."""
    try:
        return archive.read(part)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, struct.error, KeyError):
        raise damaged(name) from None


def check_parts(archive: zipfile.ZipFile, name: str) -> None:
    """Every XML part is well formed, UTF-8 and without a document type; every part unpacks to what it declares."""
    for part in archive.namelist():
        data = part_bytes(archive, part, name)
        if part.lower().endswith((".xml", ".rels", ".vml")) or part in {"content.xml", "styles.xml"}:
            check_xml(data, name)


class _Doctype(Exception):
    pass


def _parser() -> Any:
    parser = expat.ParserCreate()

    def refuse(*_: Any) -> None:
        raise _Doctype

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    return parser


def _feed(parser: Any, data: bytes, name: str) -> None:
    try:
        parser.Parse(data, True)
    except _Doctype:
        raise Refused(f"{name} holds a document type or entity declaration, which no spreadsheet program writes and which can be used for an attack. It was not opened.") from None
    except (expat.ExpatError, ValueError, LookupError):
        raise damaged(name) from None


def check_xml(data: bytes, name: str) -> None:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise damaged(name)
    _feed(_parser(), data, name)


def parse_xml(data: bytes, name: str = "The file") -> Any:
    """The root element of a plain XML file; document types and entities are refused."""
    try:
        return defusedxml.ElementTree.fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise Refused(f"{name} holds a document type or entity declaration, which can be used for an attack. It was not opened.") from None
    except (SyntaxError, ValueError, LookupError):
        raise Damaged(f"{name} is not well-formed XML. Export it again.") from None


def is_encrypted_office(data: bytes) -> bool:
    """An OLE file that holds an encrypted OOXML package: a password was set in Excel."""
    return data.startswith(OLE) and _ENCRYPTED in data


def _column(letters: str) -> int:
    at = 0
    for char in letters.upper():
        at = at * 26 + ord(char) - 64
    return at


_REF = re.compile(r"([A-Za-z]{1,4})([0-9]{1,9})")


_CELLS = re.compile(rb"<(?:\w+:)?c[\s/>]")
_PLAIN_CELLS = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"')
_DIGITS, _LETTERS = b"0123456789", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _plain_extent(xml: bytes) -> tuple[int, int] | None:
    """(last row, last column) of a sheet written the plain way, without formulas and errors; None when it must be read tag by tag.

    Cells without content count here, so a sheet that seems too large is looked at again.
    """
    if b"<f" in xml or b":f" in xml or b't="e"' in xml or b"t='e'" in xml:
        return None
    refs = _PLAIN_CELLS.findall(xml)
    if len(refs) != len(_CELLS.findall(xml)):
        return None
    rows = max(map(int, {ref.lstrip(_LETTERS) for ref in refs}), default=0)
    columns = max((_column(letters.decode()) for letters in {ref.rstrip(_DIGITS) for ref in refs}), default=0)
    return (rows, columns) if rows <= 20_000 and columns <= 200 else None


def sheet_extent(xml: bytes, name: str) -> tuple[int, int, dict[tuple[int, int], CellFault]]:
    """(last row, last column, cells without a usable value) of a worksheet part, counting only cells with content.

    The reader that follows gives an empty cell for an error and for a formula whose result was never stored.
    """
    quick = _plain_extent(xml)
    if quick is not None:
        check_xml(xml, name)
        return (*quick, {})
    rows = columns = row = column = 0
    formula = False
    kind = ""
    text: list[str] = []
    faults: dict[tuple[int, int], CellFault] = {}
    parser = _parser()

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal rows, columns, row, column, formula, kind
        tag = tag.rpartition(":")[2]
        if tag == "c":
            found = _REF.fullmatch(attributes.get("r", ""))
            row, column = (int(found[2]), _column(found[1])) if found else (row, column + 1)
            formula, kind = False, attributes.get("t", "")
        elif tag == "row":
            number = attributes.get("r", "")
            row, column = (int(number) if number.isdecimal() else row + 1), 0
        elif tag in {"v", "is"}:
            rows, columns = max(rows, row), max(columns, column)
            if formula or kind == "e":
                parser.CharacterDataHandler = text.append
        elif tag == "f":
            formula = True

    def end(tag: str) -> None:
        nonlocal rows, columns, formula
        if tag.rpartition(":")[2] != "c":
            return
        value = "".join(text).strip()
        if kind == "e":
            faults[row, column] = CellFault(value or "#ERROR", f"The cell shows an error ({value or 'unknown'}). Correct it in the workbook.")
        elif formula and not value and kind != "str":
            faults[row, column] = CellFault("(formula)", "The formula has no stored result. Open the file in Excel, save it, and upload it again.")
        if (row, column) in faults:
            rows, columns = max(rows, row), max(columns, column)
        parser.CharacterDataHandler = None
        text.clear()
        formula = False

    parser.StartElementHandler = start
    if b"<f" in xml or b":f" in xml or b't="e"' in xml or b"t='e'" in xml:
        parser.EndElementHandler = end
    _feed(parser, xml, name)
    return rows, columns, faults


def ods_extent(xml: bytes, name: str) -> list[tuple[int, int]]:
    """For each table of an ODS ``content.xml``: (rows, columns) up to the last cell with content, repeats counted."""
    tables: list[tuple[int, int]] = []
    rows = last_row = last_column = column = repeat = 0
    cell_width = 0

    def number(attributes: dict[str, str], key: str) -> int:
        found = attributes.get(key, "1")
        return int(found) if found.isdecimal() and len(found) < 10 else 10**9

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal rows, last_row, last_column, column, repeat, cell_width
        if tag == "table:table":
            rows = last_row = last_column = 0
        elif tag == "table:table-row":
            repeat = number(attributes, "table:number-rows-repeated")
            rows, column = rows + repeat, 0
        elif tag in {"table:table-cell", "table:covered-table-cell"}:
            cell_width = number(attributes, "table:number-columns-repeated")
            column += cell_width
            if "office:value-type" in attributes:
                last_row, last_column = max(last_row, rows), max(last_column, column)
        elif tag == "text:p":
            last_row, last_column = max(last_row, rows), max(last_column, column)

    def end(tag: str) -> None:
        if tag == "table:table":
            tables.append((last_row, last_column))

    parser = _parser()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    _feed(parser, xml, name)
    return tables


def refuse_extent(sheet: str, rows: int, columns: int, name: str, limits: Limits) -> None:
    if rows > limits.rows + 100:
        raise Refused(f"{name}, sheet {sheet}: it has {rows:,} rows; at most {limits.rows:,} are allowed. Split the file.")
    if columns > limits.columns:
        raise Refused(f"{name}, sheet {sheet}: it has {columns:,} columns; at most {limits.columns} are allowed. Take out columns that are not needed.")


_BIFF_CELLS = {0x0006, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x00BD, 0x00BE, 0x00FD, 0x00D6}
_FILEPASS = 0x002F


def biff_records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def check_xls(data: bytes, name: str, limits: Limits) -> None:
    """An old Excel file: no password, and no cell so far out that its grid would fill the memory."""
    stream = _workbook_stream(data)
    if stream is None:
        raise damaged(name)
    for kind, body in biff_records(stream):
        if kind == _FILEPASS:
            raise Refused(f"{name} is protected by a password. Take the password off in Excel and upload it again.")
        if kind in _BIFF_CELLS and len(body) >= 4:
            row, column = struct.unpack_from("<HH", body)
            refuse_extent("(old Excel)", row + 1, column + 1, name, limits) if kind != 0x00BE and kind != 0x0201 else None


def _workbook_stream(data: bytes) -> bytes | None:
    """The ``Workbook`` stream of an OLE file, following its sector chains; None when they do not hold together."""
    try:
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in {9, 12} or mini_shift != 6:
            return None
        size = 1 << shift
        fat_count, first_dir = struct.unpack_from("<I", data, 44)[0], struct.unpack_from("<I", data, 48)[0]
        mini_cutoff, first_mini_fat = struct.unpack_from("<I", data, 56)[0], struct.unpack_from("<I", data, 60)[0]
        first_difat = struct.unpack_from("<I", data, 68)[0]
        limit = len(data) // size + 2

        def sector(number: int) -> bytes:
            return data[(number + 1) * size : (number + 2) * size]

        fat_sectors = list(struct.unpack_from("<109I", data, 76))
        hops = 0
        while first_difat < 0xFFFFFFFA and hops < limit:
            entries = struct.unpack(f"<{size // 4}I", sector(first_difat))
            fat_sectors, first_difat, hops = fat_sectors + list(entries[:-1]), entries[-1], hops + 1
        fat: list[int] = []
        for number in fat_sectors[:fat_count]:
            if number < 0xFFFFFFFA and number < limit:
                fat += struct.unpack(f"<{size // 4}I", sector(number).ljust(size, b"\xff"))

        def chain(start: int, table: list[int], most: int) -> list[int]:
            found: list[int] = []
            while start < len(table) and len(found) <= most:
                found.append(start)
                start = table[start]
            return found

        directory = b"".join(sector(n) for n in chain(first_dir, fat, limit))
        root_start, wanted = 0, None
        for at in range(0, len(directory) - 127, 128):
            length = struct.unpack_from("<H", directory, at + 64)[0]
            title = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            start, stream_size = struct.unpack_from("<I", directory, at + 116)[0], struct.unpack_from("<I", directory, at + 120)[0]
            if directory[at + 66] == 5:
                root_start = start
            if title.lower() in {"workbook", "book"}:
                wanted = (start, stream_size)
        if wanted is None:
            return None
        start, stream_size = wanted
        if stream_size >= mini_cutoff:
            return b"".join(sector(n) for n in chain(start, fat, limit))[:stream_size]
        mini = b"".join(sector(n) for n in chain(root_start, fat, limit))
        mini_fat_bytes = b"".join(sector(n) for n in chain(first_mini_fat, fat, limit))
        mini_fat = list(struct.unpack(f"<{len(mini_fat_bytes) // 4}I", mini_fat_bytes[: len(mini_fat_bytes) // 4 * 4]))
        return b"".join(mini[n * 64 : (n + 1) * 64] for n in chain(start, mini_fat, len(mini) // 64 + 2))[:stream_size]
    except (struct.error, IndexError):
        return None
