"""Reading: what is accepted, what is refused and why, and that row numbers are those a person sees."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date

import pytest

from mobilisation.errors import Refused
from mobilisation.workbooks import csvs, encodings, limits, read, store
from mobilisation.workbooks.cells import CellFault
from mobilisation.workbooks.limits import Limits
from tests.factories import workbooks as made

TEXT = "Condition;Owner\nLease signed;Ann\n"


def cells(data: bytes, name: str = "list.csv", limit: Limits | None = None) -> list[tuple[int, list]]:
    return [(line.number, list(line.cells)) for line in read.workbook(data, name, limit).sheets[0].lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_csv_in_any_usual_encoding(encoding):
    assert cells("Name,Town\r\nZoë Müller,Wye\r\n".encode(encoding)) == [(1, ["Name", "Town"]), (2, ["Zoë Müller", "Wye"])]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_csv_with_any_delimiter_and_line_end(delimiter, end):
    text = end.join(delimiter.join(row) for row in (["Name", "Town"], ["Ann", "Wye, Kent" if delimiter != "," else "Wye"]))
    assert [row for _, row in cells(text.encode())][1][0] == "Ann"


def test_csv_row_number_is_the_first_line_of_a_quoted_cell():
    assert cells(b'A,B\n"x\ny",1\nz,2\n') == [(1, ["A", "B"]), (2, ["x\ny", "1"]), (4, ["z", "2"])]


def test_blank_rows_keep_the_numbers_of_those_below():
    data = made.xlsx(("List", [["Title"], [], ["Condition"], ["Lease"]]))
    assert cells(data, "list.xlsx") == [(1, ["Title"]), (3, ["Condition"]), (4, ["Lease"])]


def test_xls_and_ods_read_as_xlsx_does():
    assert cells(made.xls([["Condition", "Owner"], ["Lease", 3]]), "list.xls") == [(1, ["Condition", "Owner"]), (2, ["Lease", 3.0])]
    blank_million = made.ods_row("", "", repeat=1_048_570)
    assert cells(made.ods(made.ods_row("Condition", "Owner") + made.ods_row("Lease", "Ann") + blank_million), "list.ods") == [(1, ["Condition", "Owner"]), (2, ["Lease", "Ann"])]


def test_1904_dates_are_the_day_meant():
    assert cells(made.xlsx(("List", [[date(2026, 1, 2)]]), epoch_1904=True), "mac.xlsx") == [(1, [date(2026, 1, 2)])]


def test_errors_and_formulas_without_a_result_are_faults_of_their_cell():
    data = made.with_sheet_xml('<row r="2"><c r="A2" t="e"><v>#REF!</v></c><c r="B2"><f>A1</f></c><c r="C2" t="str"><f>A1</f><v></v></c></row>')
    [(number, row)] = cells(data, "list.xlsx")
    assert number == 2
    assert row[0] == CellFault("#REF!", "The cell shows an error (#REF!). Correct it in the workbook.")
    assert row[1] == CellFault("(formula)", "The formula has no stored result. Open the file in Excel, save it, and upload it again.")
    assert row[2:] == [""]


def test_styled_empty_cells_of_the_whole_grid_are_no_rows():
    data = made.with_sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>Condition</t></is></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>')
    assert cells(data, "list.xlsx") == [(1, ["Condition"])]


def test_what_is_kept_comes_back_the_same():
    book = read.workbook(made.xlsx(("List", [["Condition", "Due"], ["Lease", date(2026, 1, 2)], [1.5, True]])), "list.xlsx")
    again = store.restore(store.dump(book))
    assert [(s.name, s.visible, [(line.number, line.cells) for line in s.lines]) for s in again.sheets] == [(s.name, s.visible, [(line.number, line.cells) for line in s.lines]) for s in book.sheets]


XXE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
CELL = '<row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row>'


def bomb() -> bytes:
    return made.repacked(made.xlsx(("List", [["Condition"]])), add={"xl/media/big.bin": b"\0" * 150_000_000})


def many_parts() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"xl/p{number}.xml", "")
    return buffer.getvalue()


def lying_size() -> bytes:
    data = bytearray(made.xlsx(("List", [["Condition"]])))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (5).to_bytes(4, "little")
    return bytes(data)


def locked_zip() -> bytes:
    data = bytearray(made.xlsx(("List", [["Condition"]])))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


GOOD = made.xlsx(("List", [["Condition", "Owner"], ["Lease", "Ann"]]))
REFUSED = {
    "nothing in it": (b"", "list.xlsx", "is empty"),
    "no ending": (GOOD, "list", "ends in “nothing”"),
    "a document": (b"%PDF-1.7", "list.pdf", "ends in “.pdf”"),
    "pdf called csv": (b"%PDF-1.7", "list.csv", "another kind of file"),
    "workbook called csv": (GOOD, "list.csv", "is an Excel file (.xlsx)"),
    "text called xlsx": (TEXT.encode(), "list.xlsx", "is plain text"),
    "web page called xls": (b"<html><table></table></html>", "list.xls", "is a web page or XML"),
    "xlsx called xls": (GOOD, "list.xls", "is an Excel file (.xlsx)"),
    "xls called xlsx": (made.xls([["Condition"]]), "list.xlsx", "is an old Excel file (.xls)"),
    "archive without a workbook": (made.repacked(GOOD, drop=["xl/workbook.xml"]), "list.xlsx", "archive without a workbook"),
    "password on xlsx": (made.encrypted(), "list.xlsx", "protected by a password"),
    "password on xls": (made.xls([["Condition"]], password=True), "list.xls", "protected by a password"),
    "password on the archive": (locked_zip(), "list.xlsx", "protected by a password"),
    "cut short": (GOOD[: len(GOOD) // 2], "list.xlsx", "is damaged"),
    "a member cut": (made.repacked(GOOD, {made.SHEET: b"<worksheet><sheetData><row"}), "list.xlsx", "is damaged"),
    "a size that lies": (lying_size(), "list.xlsx", "is damaged"),
    "noise": (bytes(range(256)) * 20, "list.xls", "is damaged"),
    "xls header only": (made.xls([["A"]])[:600], "list.xls", "is damaged"),
    "external entity": (made.with_sheet_xml(CELL, XXE), "list.xlsx", "entity declaration"),
    "entity bomb": (made.with_sheet_xml(CELL.replace("&x;", "&c;"), LAUGHS), "list.xlsx", "entity declaration"),
    "entity in another part": (made.repacked(GOOD, add={"docProps/x.xml": f"{XXE}<a>&x;</a>".encode()}), "list.xlsx", "entity declaration"),
    "zip bomb": (bomb(), "list.xlsx", "times its size"),
    "20,000 parts": (many_parts(), "list.xlsx", "holds 20,000 parts; at most 200"),
    "a part outside": (made.repacked(GOOD, add={"../../etc/x": b""}), "list.xlsx", "leads out of the file"),
    "a cell in the far corner": (made.with_sheet_xml('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "list.xlsx", "1,048,576 rows; at most 20,000"),
    "a far column": (made.with_sheet_xml('<row r="1"><c r="BXX1"><v>1</v></c></row>'), "list.xlsx", "columns; at most 200"),
    "a far cell in xls": (made.xls([["A"]], far=(65535, 255)), "list.xls", "65,536 rows"),
    "repeats in ods": (made.ods(made.ods_row("A", repeat=1_000_000)), "list.ods", "1,000,000 rows"),
    "2,000 columns of text": (",".join(["a"] * 2000).encode(), "list.csv", "2,000 columns; at most 200"),
    "too many rows of text": (b"a,b\n" * 20_200, "list.csv", "more than 20,000 rows"),
    "a long cell of text": (b"a,b\n" + b"x" * 10_001 + b",1\n", "list.csv", "10,001 characters"),
    "a quotation mark left open": (b'a,b\n"' + b"x,1\n" * 50_000, "list.csv", "quotation mark"),
    "a long cell": (made.xlsx(("List", [["x" * 10_001]])), "list.xlsx", "row 1, column A: the cell has 10,001"),
    "an unknown encoding": (b"Name\n\x81\xb0\xb7\xba\n", "list.csv", "encoding that is not known"),
    "NUL in text": (b"Name,Town\nAn\x00n,Wye and a long line so that it is not UTF-16\n", "list.csv", "U+0000"),
    "11 MB": (b"x" * (10 * 1024 * 1024 + 1), "list.csv", "at most 10 MB"),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_refused_with_a_reason_and_soon(case):
    data, name, reason = REFUSED[case]
    began = time.monotonic()
    with pytest.raises(Refused) as refusal:
        read.workbook(data, name)
    assert reason in str(refusal.value)
    assert str(refusal.value).startswith(name)
    assert time.monotonic() - began < 5


def test_entity_in_ods_is_refused():
    data = made.repacked(made.ods(made.ods_row("A")), {"content.xml": f"{XXE}<a>&x;</a>".encode()})
    with pytest.raises(Refused, match="entity declaration"):
        read.workbook(data, "list.ods")


def test_an_unpacked_size_above_the_limit_is_refused():
    with pytest.raises(Refused, match="unpacks to"):
        read.workbook(GOOD, "list.xlsx", Limits(unzipped=100))


def test_limits_come_from_the_settings(settings):
    settings.UPLOAD_MAX_MB, settings.UPLOAD_MAX_ROWS = 3, 5
    assert (limits.current().bytes, limits.current().rows) == (3 * 1024 * 1024, 5)
    with pytest.raises(Refused, match="more than 5 rows"):
        read.workbook(b"a,b\n" * 200, "list.csv")
    assert limits.current().in_words()[0] == "at most 3 MB, and 200 MB once unpacked"


def test_macros_are_said_and_not_run():
    assert read.workbook(made.repacked(GOOD, add={"xl/vbaProject.bin": b"x"}), "list.xlsm").notes == ["The file holds macros; they were not looked at and never run."]


def test_external_links_are_not_followed():
    link = b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook/></externalLink>'
    assert cells(made.repacked(GOOD, add={"xl/externalLinks/externalLink1.xml": link}), "list.xlsx")[1] == (2, ["Lease", "Ann"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('Case ID,Surname,DOB,Notes\nQ1,Ash,01/02/1940,"he said \nQ2,Birch,01/02/1941,fine\nQ3,Cole,01/02/1942,fine\n', "list.csv, row 2: a quotation mark is opened and never closed"),
        ('Case ID,Surname,DOB,Notes\nQ1,"Ash,01/02/1940,one\nQ2,Birch,01/02/1941,fine', "list.csv, row 2: a quotation mark is opened and never closed"),
        ('Case ID,Surname,DOB,Notes\nQ1,Ash,01/02/1940,"he said \nQ2,Birch,01/02/1941,fine\nQ3,Cole,01/02/1942,no"\nQ4,Dean,01/02/1943,x\n', "list.csv, row 2: one cell holds lines that look like rows of their own"),
    ],
)
def test_a_quotation_mark_that_is_not_closed_swallows_nobody(text, said):
    with pytest.raises(Refused, match=said):
        csvs.rows(text, "list.csv", limits.current())


def test_a_note_of_several_lines_is_a_note():
    text = 'Case ID,Surname,DOB,Notes\nQ1,Ash,01/02/1940,"first, with a comma\nsecond ""quoted"" line"\nQ2,Birch,01/02/1941,"end\n"\n'
    assert [cells[0] for _, cells in csvs.rows(text, "list.csv", limits.current())] == ["Case ID", "Q1", "Q2"]


WINDOWS = [
    "Brontë,Zoë,Calls Mon–Fri only\nMurphy,Seán,Daughter Renée visits", "Ó Brïen–Smith", "Calls Mon–Fri", "MON–FRI", "9am–5pm", "O’BRIEN", "the resident’s", "McÉvoy", "Tomáš Šimek", "Guðrún Þór", "“quoted”", "½ hour • wait…then",
    "RENÉE", "Zoé Müller", "Zoë", "Siân O’Brien", "Seán, 4 – 6", "Niño £5",
]


@pytest.mark.parametrize("text", WINDOWS)
def test_what_windows_wrote_is_never_read_as_a_mac(text):
    found = encodings.decode(f"Name\n{text}\n".encode("cp1252"), "list.csv")
    assert (found.text, found.encoding) == (f"Name\n{text}\n", "cp1252")


@pytest.mark.parametrize("text", ["Zoé Müller", "Zoë", "Siân O’Brien", "Seán, 4 – 6", "Calls Mon–Fri,Zoë", "RENÉE", "JOSÉ", "SEÁN", "François", "Anaïs", "“quoted”", "Niño Müller £5"])
def test_what_an_older_mac_wrote_is_read_as_it_was_meant(text):
    found = encodings.decode(f"Name\n{text}\n".encode("mac_roman"), "list.csv")
    assert (found.text, found.encoding, found.doubt) == (f"Name\n{text}\n", "mac_roman", "")


def test_where_both_readings_make_words_the_windows_one_is_taken_and_it_is_said():
    book = read.workbook("Surname,Visits\nIbañez,daily\n".encode("mac_roman"), "list.csv")
    assert book.sheets[0].lines[1].cells[0] == "Iba–ez"
    assert book.notes == [
        "The file does not say how its letters are written; it was read as a Windows file (Windows-1252), and then it holds “Iba–ez”. If that is wrong, it was saved by an older Mac program: save it as “CSV UTF-8” and import that instead."
    ]
    assert read.workbook("Surname,Visits\nBrontë,Mon–Fri\n".encode("cp1252"), "list.csv").notes == []


@pytest.mark.parametrize("line", [b"x" * 200_000, b"Ann;" + b"y" * 200_000])
def test_a_cell_beyond_every_limit_is_refused_in_words(line):
    with pytest.raises(Refused, match=r"list\.csv, row 2: "):
        cells(b"Condition;Owner\n" + line + b"\n")


def test_a_file_that_is_no_text_is_refused_at_once():
    data = b"\x01\x02\xff\xfe\x80text" * 500 + b"\x00\x81\xe9\xe8" * 1_200_000
    began = time.monotonic()
    with pytest.raises(Refused, match="characters that no text has"):
        cells(data)
    assert time.monotonic() - began < 5


def test_what_speaks_against_a_reading_is_sought_so_far_and_no_further(monkeypatch):
    monkeypatch.setattr(encodings, "LOOKED_AT", 10)
    assert (encodings.signs("BrontÎ\n" * 9).wrong, encodings.signs("BrontÎ\n" * 100).wrong) == (9, 10)
