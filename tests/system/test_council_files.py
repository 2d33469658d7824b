"""The files councils and providers send, through the public commands: in whole, again, out and back."""

from __future__ import annotations

import csv
import json
from io import StringIO

import openpyxl
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mobilisation.models import Change
from mobilisation.services import imports
from tests.factories import ground
from tests.factories.workbooks import DATA, xlsx
from transfers.models import PersonTransfer


def run(command, programme, path, *flags):
    """(exit code, JSON of the last line)."""
    out, code = StringIO(), 0
    try:
        call_command(command, programme.reference, str(path), "--json", *flags, stdout=out, stderr=StringIO())
    except SystemExit as end:
        code = end.code
    return code, json.loads(out.getvalue().strip().splitlines()[-1])


def counts(summary):
    return tuple(summary[key] for key in ("rows", "created", "updated", "unchanged", "skipped", "refused"))


@pytest.fixture
def tracker(programme):
    """The programme with the council's 140 people in it."""
    assert run("import_tracker", programme, DATA / "council-tracker.xlsx")[0] == 0
    return programme


def test_the_council_tracker_goes_in_whole_without_a_question(programme):
    code, summary = run("import_tracker", programme, DATA / "council-tracker.xlsx")
    assert (code, counts(summary), summary["errors"]) == (0, (140, 140, 0, 0, 0, 0), [])
    assert PersonTransfer.objects.filter(programme=programme).count() == 140
    total = [w for w in summary["warnings"] if w["row"] == 147]
    assert [(w["value"], w["problem"]) for w in total] == [("Total", "Read as a totals line and left out.")]


def test_its_words_are_understood(tracker):
    sheet = openpyxl.load_workbook(DATA / "council-tracker.xlsx").worksheets[0]
    head = {cell.value: cell.column - 1 for cell in sheet[5]}
    held = {p.case_system_id: p for p in PersonTransfer.objects.filter(programme=tracker).select_related("incoming_provider", "exiting_provider")}
    funding = {"KCC": "council", "CHC": "chc", "Joint": "joint", "Self funder": "self", "Direct Payment": "direct_payment", "OLA - Medway": "other_authority"}
    for row in sheet.iter_rows(min_row=6, max_row=145, values_only=True):
        person = held[row[head["Swift ID"]]]
        assert person.funding_type == funding[row[head["Funding"]]]
        assert person.responsible_body == ("Medway" if row[head["Funding"]].startswith("OLA") else "")
        assert person.priority == (row[head["RAG"]] or "")
        assert person.double_handed == (row[head["Double handed"]] == "Y")
        assert person.in_hospital == (row[head["In hospital?"]] == "Y")
        assert person.medication_level == row[head["Medication support"]].lower()
        assert float(person.weekly_hours) == float(row[head["Hrs pw"]])
        assert person.incoming_provider.name == row[head["New provider"]]
        assert person.nhs_number == str(row[head["NHS no"]] or "")


def test_the_same_file_again_changes_nothing(tracker):
    before = Change.objects.count()
    assert counts(run("import_tracker", tracker, DATA / "council-tracker.xlsx")[1]) == (140, 0, 0, 140, 0, 0)
    assert Change.objects.count() == before + 1, "only the act of importing is recorded"


def test_every_fault_of_the_faulty_file_is_named_and_no_more(programme):
    expected = json.loads((DATA / "council-tracker-faults.expected.json").read_text())
    code, summary = run("import_tracker", programme, DATA / "council-tracker-faults.csv")
    assert (code, counts(summary)) == (1, (60, 0, 0, 0, 47, 13))
    assert [(e["row"], e["column"], e["value"]) for e in summary["errors"]] == [(e["row"], e["column"], e["value"]) for e in expected]
    assert PersonTransfer.objects.count() == 0


def test_the_good_rows_of_the_faulty_file_can_be_taken(programme):
    code, summary = run("import_tracker", programme, DATA / "council-tracker-faults.csv", "--accept-valid")
    assert (code, counts(summary), PersonTransfer.objects.count()) == (0, (60, 47, 0, 0, 0, 13), 47)


def test_what_is_exported_comes_back_with_no_change(tracker, tmp_path):
    call_command("export_tracker", tracker.reference, str(tmp_path / "out.xlsx"), stdout=StringIO())
    assert counts(run("import_tracker", tracker, tmp_path / "out.xlsx")[1]) == (140, 0, 0, 140, 0, 0)


def test_three_cells_changed_in_a_spreadsheet_are_three_updates(tracker, tmp_path):
    call_command("export_tracker", tracker.reference, str(tmp_path / "out.xlsx"), stdout=StringIO())
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    sheet = book.active
    at = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, at["phone"]).value, sheet.cell(3, at["notes"]).value, sheet.cell(4, at["zone"]).value, sheet.cell(5, at["surname"]).value = "01227 000000", "'=1+1", "East", None
    book.save(tmp_path / "back.xlsx")
    assert counts(run("import_tracker", tracker, tmp_path / "back.xlsx")[1]) == (140, 0, 3, 137, 0, 0)
    assert set(PersonTransfer.objects.filter(notes="=1+1").values_list("programme", flat=True)) == {tracker.pk}
    call_command("export_tracker", tracker.reference, str(tmp_path / "again.xlsx"), stdout=StringIO())
    assert "'=1+1" in {cell.value for row in openpyxl.load_workbook(tmp_path / "again.xlsx").active.iter_rows() for cell in row}
    assert counts(run("import_tracker", tracker, tmp_path / "again.xlsx")[1]) == (140, 0, 0, 140, 0, 0)


def test_a_code_of_a_key_safe_is_kept_nowhere(programme, tmp_path):
    with (tmp_path / "codes.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["Swift ID", "Surname", "Key safe", "Comments"], ["M1", "Ann", "74831", "Key safe code 74831 by the door"], ["M2", "Ben", "", ""]])
    code, summary = run("import_tracker", programme, tmp_path / "codes.csv")
    assert (code, summary["created"]) == (0, 2)
    kept = json.dumps([list(PersonTransfer.objects.values()), list(Change.objects.values("fields"))], default=str)
    assert "74831" not in kept + json.dumps(summary)
    assert PersonTransfer.objects.get(case_system_id="M1").key_safe is True


@pytest.mark.parametrize(("command", "name", "rows"), [("import_staff", "staff-list.xlsx", 64), ("import_risks", "risk-register.xlsx", 8), ("import_plan", "transition-plan.csv", 35)])
def test_the_other_lists_go_in_and_change_nothing_again(programme, command, name, rows):
    code, first = run(command, programme, DATA / name)
    assert (code, counts(first), first["errors"]) == (0, (rows, rows, 0, 0, 0, 0), [])
    assert counts(run(command, programme, DATA / name)[1]) == (rows, 0, 0, rows, 0, 0)


def test_a_plan_says_what_it_holds(programme):
    summary = run("import_plan", programme, DATA / "transition-plan.csv")[1]
    assert {key: summary[key] for key in ("tasks", "milestones", "links", "start", "finish")} == {"tasks": 35, "milestones": 7, "links": 28, "start": "2026-10-05", "finish": "2026-12-10"}


def test_who_may_not_import_people_is_refused(programme):
    for role in ("BM", "COM", "XP", "IP", "FIN", "SRO", "WSL"):
        user = ground.user_in(role, programme)
        assert run("import_tracker", programme, DATA / "council-tracker.xlsx", "--user", user.email)[0] == 1, role
    assert PersonTransfer.objects.count() == 0


def test_a_list_of_staff_given_as_people_asks_or_refuses(programme):
    code, _ = run("import_tracker", programme, DATA / "risk-register.xlsx")
    assert code in {1, 3}
    assert PersonTransfer.objects.count() == 0


def test_the_preview_of_the_tracker_costs_as_many_queries_for_3_as_for_140(programme):
    actor = ground.actor("ML", programme)
    sheet = openpyxl.load_workbook(DATA / "council-tracker.xlsx").worksheets[0]
    rows = [list(row) for row in sheet.iter_rows(min_row=5, max_row=145, values_only=True)]
    costs = []
    for part in (rows[:4], rows):
        with CaptureQueriesContext(connection) as seen:
            imports.import_file("tracker", programme, actor, xlsx(("List", part)), "t.xlsx", dry_run=True)
        costs.append(sum("SAVEPOINT" not in one["sql"] for one in seen.captured_queries))  # PostgreSQL reads within one, SQLite does not
    assert costs == [13, 13]


RIGHT = {"tracker": "council-tracker.xlsx", "staff": "staff-list.xlsx", "risks": "risk-register.xlsx", "plan": "transition-plan.csv"}


@pytest.mark.parametrize("kind", RIGHT)
@pytest.mark.parametrize("of", RIGHT)
def test_a_list_of_another_kind_is_a_choice_and_never_half_understood(programme, kind, of):
    call = f"import_{kind}"
    before = Change.objects.count()
    code, _ = run(call, programme, DATA / RIGHT[of])
    if kind == of:
        assert code == 0
    else:
        assert code == 3
        assert Change.objects.count() == before
