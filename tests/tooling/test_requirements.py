"""docs/requirements.csv traces every requirement once; a test it names exists."""

import ast
import csv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def rows():
    with (ROOT / "docs/requirements.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_id_is_there_once():
    assert [row["id"] for row in rows()] == [f"M-{number:03d}" for number in range(1, 433)]


def test_every_row_has_a_title():
    assert [row["id"] for row in rows() if not row["title"].strip()] == []


def test_where_and_test_come_together():
    assert [row["id"] for row in rows() if bool(row["where"].strip()) != bool(row["test"].strip())] == []


@pytest.mark.parametrize("name", sorted({name.strip() for row in rows() for name in row["test"].split(";") if name.strip()}))
def test_a_named_test_exists(name):
    path, _, function = name.partition("::")
    tree = ast.parse((ROOT / path).read_text())
    names = {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assert function in names


def test_where_is_a_page_or_a_command():
    commands = {path.stem for path in ROOT.glob("*/management/commands/*.py")}
    said = {part.strip() for row in rows() for part in row["where"].split(";") if part.strip()}
    assert sorted(part for part in said if not (part.startswith("/") and part.endswith("/")) and part not in commands) == []
