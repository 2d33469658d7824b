"""Import commands: exit codes, messages and the JSON of the public interface."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command

from mobilisation import registry
from mobilisation.import_command import ImportCommand
from mobilisation.models import Change, ConditionPrecedent
from mobilisation.roles import Can
from tests.factories import ground
from tests.factories import workbooks as made

HEAD = ["Condition", "Owner", "Due", "Status"]
GOOD = [HEAD, ["Lease signed", "Ann", "01/04/2027", "open"], ["Insurance", "Ben", "", "met"]]
EMPTY = {"rows": 0, "created": 0, "updated": 0, "unchanged": 0, "skipped": 0, "refused": 0}


class Command(ImportCommand):
    kind = "conditions"


@pytest.fixture(autouse=True)
def conditions(monkeypatch):
    monkeypatch.setitem(registry._importers, "conditions", registry.ImporterKind("conditions", "Conditions", "tests.factories.workbooks.ConditionImporter", Can.PLAN_EDIT))


@pytest.fixture
def run(programme, tmp_path):
    """``run(data, *flags)`` → (exit code, JSON, what was said)."""

    def go(data, *flags, name="list.xlsx", ref=None):
        path = tmp_path / name
        if data is not None:
            path.write_bytes(data if isinstance(data, bytes) else made.xlsx(*data) if isinstance(data, tuple) else made.xlsx(("List", data)))
        out, said, code = StringIO(), StringIO(), 0
        try:
            call_command(Command(), ref or programme.reference, str(path), "--json", *flags, stdout=out, stderr=said)
        except SystemExit as end:
            code = end.code
        lines = out.getvalue().strip().splitlines()
        return code, json.loads(lines[-1]) if lines else None, said.getvalue()

    return go


def test_written(run):
    code, summary, said = run(GOOD)
    assert (code, summary) == (0, {"rows": 2, "created": 2, "updated": 0, "unchanged": 0, "skipped": 0, "refused": 0, "sheet": "List", "errors": [], "warnings": []})
    assert "list.xlsx: 2 rows; created 2" in said
    assert run(GOOD)[1]["unchanged"] == 2


def test_either_case_of_the_reference(run, programme):
    assert run(GOOD, ref=programme.ref)[0] == 0


def test_faults_refuse_the_file(run):
    code, summary, said = run([*GOOD, ["Rent", "Cy", "30/02/2027", ""]])
    assert code == 1
    assert summary == {
        "rows": 3, "created": 0, "updated": 0, "unchanged": 0, "skipped": 2, "refused": 1, "sheet": "List", "warnings": [],
        "errors": [{"row": 4, "column": "Due", "value": "30/02/2027", "problem": "It is not a date. Write day/month/year, for example 03/12/2026."}],
    }
    assert "Sheet List, row 4, Due, “30/02/2027”: It is not a date." in said
    assert ConditionPrecedent.objects.count() == 0


def test_a_file_without_sheets_names_none(run):
    code, summary, said = run(b"Condition,Due\nRent,30/02/2027\n", name="list.csv")
    assert (code, summary["sheet"], list(summary["errors"][0])) == (1, "", ["row", "column", "value", "problem"])
    assert said.startswith("Row 2, Due, “30/02/2027”: It is not a date.")


def test_notes_name_the_sheet_too(run):
    _, summary, said = run((("May", [["Notes"], ["x"]]), ("June", [*GOOD, ["Total", "", "", ""]])), "--sheet", "June")
    assert (summary["sheet"], [warning["row"] for warning in summary["warnings"]]) == ("June", [4])
    assert "Note: Sheet June, row 4, “Total”: Read as a totals line and left out." in said


def test_accept_valid(run):
    code, summary, _ = run([*GOOD, ["Rent", "Cy", "30/02/2027", ""]], "--accept-valid")
    assert (code, summary["created"], summary["refused"], len(summary["errors"])) == (0, 2, 1, 1)
    assert ConditionPrecedent.objects.count() == 2


def test_dry_run(run):
    code, summary, said = run(GOOD, "--dry-run")
    assert (code, summary["created"], ConditionPrecedent.objects.count()) == (0, 2, 0)
    assert "would be created 2" in said


@pytest.mark.parametrize(("data", "name", "said"), [(b"", "list.xlsx", "list.xlsx is empty"), (made.encrypted(), "list.xlsx", "password"), (b"%PDF", "list.pdf", "“.pdf”"), (b"\x00" * 50, "list.xls", "damaged")])
def test_a_bad_file_is_refused_in_the_same_shape(run, data, name, said):
    code, summary, words = run(data, name=name)
    assert code == 1
    assert {key: summary[key] for key in EMPTY} == EMPTY
    assert said in summary["errors"][0]["problem"]
    assert said in words
    assert "Traceback" not in words


def test_choices_name_the_flag(run):
    two = (("May", GOOD), ("June", GOOD))
    code, answer, said = run(two)
    assert (code, answer["choice"], answer["options"]) == (3, "--sheet", ["May", "June"])
    assert "May, June" in said
    assert run(two, "--sheet", "June")[0] == 0
    dates = [HEAD, ["A", "", "12/25/2026", ""], ["B", "", "01/31/2027", ""]]
    assert [run(dates)[0], run(dates)[1]["choice"]] == [3, "--dates"]
    assert run(dates, "--dates", "mdy")[1]["created"] == 2
    unknown = [["Alpha", "Beta"], ["x", "y"]]
    assert [run(unknown)[0], run(unknown)[1]["choice"]] == [3, "--map"]


def test_map(run, tmp_path):
    file = tmp_path / "map.json"
    file.write_text(json.dumps({"Alpha": "title", "Beta": None}))
    assert run([["Alpha", "Beta"], ["x", "y"]], "--map", str(file))[1]["created"] == 1
    assert run([["Alpha", "Beta"], ["x", "y"]])[1]["unchanged"] == 1


def test_a_map_may_know_two_spellings_but_not_give_one_column_twice_in_a_file(run, tmp_path):
    file = tmp_path / "map.json"
    file.write_text(json.dumps({"Alpha": "title", "Beta": "title"}))
    code, summary, _ = run([["Alpha", "Beta"], ["x", "y"]], "--map", str(file))
    assert (code, [error["problem"] for error in summary["errors"]]) == (1, ["“Condition” is chosen for 2 headings: Alpha, Beta. Choose it once."])
    assert ConditionPrecedent.objects.count() == 0
    assert run([["Beta", "Owner"], ["x", "y"]], "--map", str(file))[1]["created"] == 1


def test_what_is_said_now_stands_above_what_was_remembered(run, tmp_path):
    file = tmp_path / "map.json"
    file.write_text(json.dumps({"Alpha": "title"}))
    run([["Alpha", "Owner"], ["x", "Ann"]], "--map", str(file))
    file.write_text(json.dumps({"Beta": "title"}))
    assert run([["Alpha", "Beta", "Owner"], ["x", "y", "Ann"]], "--map", str(file))[1]["created"] == 1
    assert sorted(ConditionPrecedent.objects.values_list("title", flat=True)) == ["x", "y"]


@pytest.mark.parametrize("content", ["{", "[]", '{"Alpha": "shoe_size"}', '{"Alpha": 3}'])
def test_an_unusable_map_is_wrong_usage(run, tmp_path, content):
    file = tmp_path / "map.json"
    file.write_text(content)
    code, _, said = run(GOOD, "--map", str(file))
    assert code == 2
    assert "map.json" in said


def test_a_missing_file_is_wrong_usage(run):
    assert run(None, name="nowhere.xlsx")[0] == 2


def test_an_unknown_programme_is_refused(run):
    code, summary, _ = run(GOOD, ref="NOWHERE-1")
    assert (code, "no programme NOWHERE-1" in summary["errors"][0]["problem"]) == (1, True)


def test_user_is_held_to_their_rights(run, programme):
    allowed, reader = ground.user_in("ML", programme), ground.user_in("BM", programme)
    assert run(GOOD, "--user", reader.email)[0] == 1
    assert ConditionPrecedent.objects.count() == 0
    assert run(GOOD, "--user", allowed.email)[0] == 0
    assert set(Change.objects.values_list("actor_label", flat=True)) == {str(allowed)}
    assert run(GOOD, "--user", "nobody@example.org")[0] == 1
