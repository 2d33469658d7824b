"""Finding the table: sheet, heading row under titles, end before totals; and what headings mean."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mobilisation.errors import ChoiceNeeded, Refused
from mobilisation.workbooks import Column, Date, Text, YesNo, pipeline, read, sheets
from mobilisation.workbooks.columns import guess
from mobilisation.workbooks.table import letter
from tests.factories import workbooks as made

COLUMNS = [
    Column("ref", "Reference", Text(20), ("swift id", "case ref"), required=True), Column("surname", "Surname", Text(50), required=True), Column("born", "Date of birth", Date(), ("dob",)),
    Column("hospital", "In hospital", YesNo(), ("in hospital?",)), Column("c01_on", "C01", Text()), Column("c10_on", "C10", Text()),
]
HEAD = ["Swift ID", "Surname", "DOB"]
ANN = ["M1", "Ann", "01/02/1940"]
BEN = ["M2", "Ben", "01/02/1941"]


def table(rows, columns=COLUMNS, **more):
    book = read.workbook(made.xlsx(("List", rows)), "list.xlsx")
    return sheets.table_of(book.sheets[0], columns, **more)


def test_guesses_by_name_title_synonym_and_spelling():
    found = guess(["REF.", "Sur-name", "DOB (dd/mm/yyyy)", "In hospital?", "Reference", "", "Date of brith", "C01 on"], COLUMNS)
    assert [g.column for g in found] == ["ref", "surname", "born", "hospital", "", "", "", "c01_on"]


def test_a_near_spelling_is_taken_but_not_sure():
    assert [(g.column, g.sure) for g in guess(["Refference", "Surnames", "C11 on"], COLUMNS)] == [("ref", False), ("surname", False), ("", True)]


def test_what_people_taught_stands_above_the_guess():
    assert [g.column for g in guess(["Surname", "Name 2"], COLUMNS, {"surname": "", "NAME 2": "surname"})] == ["", "surname"]


def test_headings_under_titles_and_rows_before_totals():
    found = table([["People leaving"], ["Last updated", date(2026, 11, 16)], [], HEAD, ANN, [], BEN, [], ["Total", 2], [], ["Notes: checked by T. Obi"]])
    assert (found.heading_row, found.headings, found.columns) == (4, HEAD, ["ref", "surname", "born"])
    assert [line.number for line in found.rows] == [5, 7]
    assert [(w.row, w.value, w.problem) for w in found.warnings] == [(9, "Total", "Read as a totals line and left out."), (11, "", "Read as a note under the table and left out.")]


def test_a_person_called_total_is_a_person():
    assert [line.number for line in table([HEAD, ["M1", "Total", "01/02/1940"], ["Total", "Ann", "01/02/1940"]]).rows] == [2, 3]


COUNTED = [*COLUMNS, Column("hours", "Hours", Text())]
FOUR = [*HEAD, "Hours"]


@pytest.mark.parametrize("said", ["Total", "Totals", "TOTAL:", "Total people", "Total people: 2", "Grand total", "Grand total 2", "Number of people", "Number of people: 2", "No. of people", "Count", "Count: 2", "Total (people)", "Total number of service users"])
@pytest.mark.parametrize("rest", [[], [2], ["", "", "14.5"], ["2 people", "", 14.5], ["", 2, 14.5], [None, None, "=SUM(D2:D3)"], [None, None, timedelta(hours=14)]])
def test_usual_lines_of_totals_are_left_out_and_said(said, rest):
    found = table([FOUR, [*ANN, 7], [*BEN, 7], [said, *rest]], COUNTED)
    assert [line.number for line in found.rows] == [2, 3]
    assert [(w.row, w.value, w.problem) for w in found.warnings] == [(4, said, "Read as a totals line and left out.")]


@pytest.mark.parametrize("row", [
    ["Total", "Ann"], ["Total", "Ann", ""], ["Total", "", "01/02/1940"], ["Total", None, date(1940, 2, 1)], ["Total", 4857773456], ["Total", "485 777 3456"], ["Total", "", "", "yes"],
    ["Total", "", "", True], ["Total people carrier"], ["Totale", 2], ["Countess", 2], ["Number of the house", 2], ["Sumner", 5], ["", "Total", "01/02/1940"],
])
def test_whoever_might_be_a_person_stays(row):
    found = table([FOUR, [*ANN, 7], row], COUNTED)
    assert ([line.number for line in found.rows], [w.problem for w in found.warnings]) == ([2, 3], [])


def test_a_figure_that_names_somebody_is_no_sum():
    columns = [Column("surname", "Surname", Text(50), required=True), Column("ref", "Reference", Text(20), names=True), Column("hours", "Hours", Text())]
    found = table([["Surname", "Reference", "Hours"], ["Ann", 70120, 7], ["Total", 70123, 7], ["Total", 2, 14]], columns)
    assert [line.number for line in found.rows] == [2, 3]


def test_a_row_with_one_cell_inside_the_table_is_a_row():
    assert [line.number for line in table([HEAD, ANN, ["M9"], BEN]).rows] == [2, 3, 4]


def test_a_repeated_heading_is_left_out():
    found = table([HEAD, ANN, HEAD, BEN])
    assert [line.number for line in found.rows] == [2, 4]
    assert found.warnings[0].problem == "Read as a repeated heading and left out."


def test_headings_in_two_rows():
    found = table([["Who", "", "", "Swift ID"], ["Surname", "DOB", "In hospital?"], ["Ann", "01/02/1940", "N", "M1"]])
    assert (found.heading_row, found.columns) == (2, ["surname", "born", "hospital", "ref"])
    assert [line.number for line in found.rows] == [3]


def test_headings_nobody_knows_are_the_first_wide_row_of_texts():
    found = table([["A list"], [], ["Alpha", "Beta", "Gamma"], ["x", "y", 1]])
    assert (found.heading_row, found.columns) == (3, ["", "", ""])
    with pytest.raises(ChoiceNeeded) as choice:
        sheets.refuse_unclear(found)
    assert (choice.value.flag, choice.value.options) == ("--map", ("Alpha", "Beta", "Gamma"))


def test_no_headings_at_all_is_refused():
    with pytest.raises(Refused, match="No row with headings"):
        table([[1, 2], [3, 4]])


def test_a_heading_row_pointed_at():
    assert table([HEAD, ["Swift ID", "x", "y"], ANN], heading_row=2).columns == ["ref", "", ""]
    with pytest.raises(Refused, match="Row 9"):
        table([HEAD, ANN], heading_row=9)


def test_repeated_headings_with_other_values_need_a_choice():
    found = table([[*HEAD, "DOB"], [*ANN, "03/03/1940"]])
    assert found.headings == [*HEAD, "DOB [D]"]
    with pytest.raises(ChoiceNeeded) as choice:
        sheets.refuse_unclear(found)
    assert choice.value.options == ("DOB", "DOB [D]")
    sheets.refuse_unclear(table([[*HEAD, "DOB"], [*ANN, "01/02/1940"]]))
    chosen = table([[*HEAD, "DOB"], [*ANN, "03/03/1940"]], known={"DOB": "", "DOB [D]": "born"})
    assert chosen.columns == ["ref", "surname", "", "born"]


def test_blank_and_unknown_headings_are_said():
    found = table([[*HEAD, "", "Shoe size"], [*ANN, "x", "7"]])
    assert [w.problem for w in found.warnings] == ["Column D has no heading; its values are not read.", "“Shoe size” is none of our columns; its values are not read."]


def book(*parts, hidden=()):
    return read.workbook(made.xlsx(*parts, hidden=hidden), "list.xlsx")


def test_the_only_sheet_that_looks_like_the_list_is_taken():
    assert sheets.choose_sheet(book(("Lookups", [["Surname", "DOB"], ["a", "b"]]), ("People", [["t"], HEAD, ANN]), ("Notes", [["x"]])), COLUMNS).name == "People"


def test_two_such_sheets_need_a_choice():
    two = book(("May", [HEAD, ANN]), ("June", [HEAD, BEN]), ("Notes", [["x"]]))
    with pytest.raises(ChoiceNeeded) as choice:
        sheets.choose_sheet(two, COLUMNS)
    assert (choice.value.flag, choice.value.options) == ("--sheet", ("May", "June"))
    assert sheets.choose_sheet(two, COLUMNS, "june").name == "June"
    with pytest.raises(Refused, match=r"no sheet “July”\. It has: May, June, Notes"):
        sheets.choose_sheet(two, COLUMNS, "July")


def test_hidden_sheets_are_taken_only_when_named():
    parts = (("Old", [HEAD, ANN]), ("Now", [HEAD, BEN]))
    assert sheets.choose_sheet(book(*parts, hidden=["Old"]), COLUMNS).name == "Now"
    assert sheets.choose_sheet(book(*parts, hidden=["Old"]), COLUMNS, "Old").name == "Old"


def test_a_file_without_rows_is_refused():
    with pytest.raises(Refused, match="has no rows"):
        sheets.choose_sheet(book(("A", [])), COLUMNS)


def test_codes_are_dropped_from_every_sheet_before_anything_is_kept():
    found = sheets.drop_codes(book(("List", [["title"], [*HEAD, "Key safe", "Access code", "KS"], [*ANN, "4821", 5512, "9"], [*BEN, "N", None, "8"]])), COLUMNS, {"KS": "x"})
    assert [list(line.cells)[3:] for line in found.sheets[0].lines[2:]] == [["yes", "yes", "9"], ["N", "", "8"]]


def test_a_title_or_a_note_about_a_key_safe_empties_no_column():
    head, note = [*HEAD, "In hospital?", "Notes"], "Keysafe in porch"
    rows = [["Key safe list"], head, [*ANN, "no", note], [*BEN, "no", "Insulin 08:00"], ["M3", "Cy", date(1942, 2, 1), "no", "Key safe"], ["M4", "Di", date(1943, 2, 1), "yes", "Dog"]]
    found = sheets.drop_codes(book(("List", rows)), COLUMNS).sheets[0]
    assert [list(line.cells) for line in found.lines[1:]] == rows[1:]


def test_the_headings_of_a_second_table_count_too():
    second = [["Surname", "DOB", "Door code"], ["Oh", "01/02/1940", "4471"]]
    found = sheets.drop_codes(book(("List", [[*HEAD, "Notes"], [*ANN, "Dog"], [*BEN, ""], [], *second])), COLUMNS).sheets[0]
    assert list(found.lines[-1].cells)[:3] == ["Oh", "01/02/1940", "yes"]


def test_letters():
    assert [letter(at) for at in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_the_choice_of_an_order_leaves_a_column_that_is_day_first_alone():
    columns = [Column("ref", "Reference", Text(20), required=True), Column("born", "Born", Date()), Column("moves", "Moves", Date()), Column("asked", "Asked", Date())]
    rows = [["Reference", "Born", "Moves", "Asked"], ["M1", "25/12/1940", "12/25/2026", "02/03/2026"], ["M2", "01/02/1940", "11/26/2026", "02/04/2026"]]

    class Any(made.ConditionImporter):
        def columns(self):
            return columns

    parsed = pipeline.parse(Any(None, None), table(rows, columns), today=date(2026, 1, 1), order="mdy")
    assert [row.values for row in parsed.rows] == [
        {"ref": "M1", "born": date(1940, 12, 25), "moves": date(2026, 12, 25), "asked": date(2026, 2, 3)},
        {"ref": "M2", "born": date(1940, 2, 1), "moves": date(2026, 11, 26), "asked": date(2026, 2, 4)},
    ]
