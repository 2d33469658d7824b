"""What goes out comes back: harmless to a spreadsheet program, unchanged to us."""

from __future__ import annotations

import io
import tracemalloc
from datetime import date, datetime, time
from decimal import Decimal

import openpyxl
import pytest

from mobilisation.workbooks import Column, Context, Date, Number, Text, Time, YesNo, read, sheets
from mobilisation.workbooks.cells import shown
from mobilisation.workbooks.pipeline import parse
from mobilisation.workbooks.write import Writer, csv_lines
from tests.factories import workbooks as made

NAUGHTY = [
    "=HYPERLINK(\"http://x\")", "+44 1227 153746", "-2", "@SUM(A1)", "'=already", "''=twice", "'quoted", "O'Connor", "Nguyễn", "Zoë", "Zoe\u0308", "שלום", "\u202egnp.exe", "👩‍👩‍👧", "<script>alert(1)</script>",
    "{{ 7*7 }}", "a\nb", "tab\there", "_x0041_", "＝1+1", "NULL", "undefined", "00310", "1e5", "Ω≈ç√∫", "a" * 200, "%s%n", "../../etc/passwd", "Robert'); DROP TABLE people;--", "ﷺ", "test\u200bzero", "\ufeffmark",
]
NOW = Context(today=date(2026, 11, 23))


def written(headings, rows, **more) -> bytes:
    buffer = io.BytesIO()
    with Writer(buffer, "People", headings, **more) as sheet:
        for row in rows:
            sheet.row(row)
    return buffer.getvalue()


def back(data: bytes, name: str) -> list[list]:
    return [list(line.cells) for line in read.workbook(data, name).sheets[0].lines][1:]


@pytest.mark.parametrize("text", NAUGHTY)
def test_text_comes_back_unchanged(text):
    xlsx = back(written(["a", "b"], [[text, "x"]]), "out.xlsx")[0][0]
    csv = back("".join(csv_lines(["a", "b"], [[text, "x"]])).encode(), "out.csv")[0][0]
    assert [Text(300)(cell, NOW) for cell in (xlsx, csv)] == [text.strip()] * 2


def test_no_cell_can_run():
    for text in NAUGHTY:
        [cell] = back(written(["a"], [[text]]), "out.xlsx")[0]
        assert not cell.startswith(("=", "+", "-", "@"))
    book = openpyxl.load_workbook(io.BytesIO(written(["=a"], [[text] for text in NAUGHTY])))
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "inlineStr"}
    assert not any(line.startswith(("=", "+", "-", "@", '"=')) for line in csv_lines(["=a"], [[text] for text in NAUGHTY]))


def test_values_come_back_as_values():
    row = [date(2026, 11, 30), time(8, 30), Decimal("17.5"), True, None, 14, datetime(2026, 11, 2, 9, 5)]
    [cells] = back(written(list("abcdefg"), [row]), "out.xlsx")
    assert [Date()(cells[0], NOW), Time()(cells[1], NOW), Number()(cells[2], NOW), YesNo()(cells[3], NOW), shown(cells[4]), shown(cells[5]), shown(cells[6])] == [date(2026, 11, 30), time(8, 30), Decimal("17.5"), True, "", "14", "02/11/2026 09:05"]


def test_title_lines_and_lists_do_not_disturb_the_way_back():
    data = written(["ref", "priority"], [["M1", "R"]], above=["Meadowgate exit", "OFFICIAL-SENSITIVE"], lists={"priority": ["R", "A", "G"]})
    columns = [Column("ref", "Reference", Text(20)), Column("priority", "Priority", Text(20))]
    found = sheets.table_of(read.workbook(data, "out.xlsx").sheets[0], columns)
    assert (found.heading_row, [list(line.cells) for line in found.rows]) == (3, [["M1", "R"]])
    validation = openpyxl.load_workbook(io.BytesIO(data)).active.data_validations.dataValidation[0]
    assert validation.formula1 == '"R,A,G"'


def test_memory_does_not_grow_with_the_rows(tmp_path):
    def peak(rows: int) -> int:
        tracemalloc.start()
        with Writer(str(tmp_path / f"{rows}.xlsx"), "People", [f"h{n}" for n in range(20)]) as sheet:
            for number in range(rows):
                sheet.row([f"text {number} {at}" for at in range(20)])
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    small = peak(500)
    assert peak(5_000) < small * 2


def test_conditions_written_out_come_back_with_no_change(programme):
    importer = made.ConditionImporter(programme, None)
    data = written(["title", "owner_name", "due", "status"], [["=Lease", "Ann", date(2027, 4, 1), "open"]])
    table = sheets.table_of(read.workbook(data, "out.xlsx").sheets[0], importer.column_list)
    assert [row.given for row in parse(importer, table, today=date(2026, 11, 23)).rows] == [{"title": "=Lease", "owner_name": "Ann", "due": date(2027, 4, 1), "status": "open"}]
