"""The whole tracker as a workbook to work in: what its cells offer and refuse, and that it comes back as what was changed."""

import io
from datetime import date

import openpyxl
import pytest
import time_machine
from django.core.management import call_command

from mobilisation.access import Actor
from mobilisation.services.imports import import_file
from tests.factories import ground, people
from transfers.exports.tracker import HEADINGS, write_tracker
from transfers.models import PersonTransfer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
OPERATOR = Actor.operator()


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def three(programme):
    return [people.person(programme, surname=name, forename="Ann", wave="North", priority="A", done=("C01", "C02", "C03"), notes="-5 kg\n=1+1") for name in ("Ng", "Oh", "Pike")]


def book_of(programme):
    out = io.BytesIO()
    write_tracker(out, programme, PersonTransfer.objects.filter(programme=programme))
    return openpyxl.load_workbook(io.BytesIO(out.getvalue()))


def rules(book):
    """{heading: its rule} of the tracker sheet."""
    sheet = book.worksheets[0]
    found = {}
    for rule in sheet.data_validations.dataValidation:
        at = openpyxl.utils.cell.range_boundaries(str(rule.sqref))[0]
        found[HEADINGS[at - 1]] = rule
    return found


def options(book, rule):
    """What the list of ``rule`` offers, wherever it stands."""
    if rule.formula1.startswith('"'):
        return rule.formula1.strip('"').split(",")
    sheet, cells = rule.formula1.lstrip("=").split("!")
    return [row[0].value for row in book[sheet][cells]]


def back(programme, book, actor=OPERATOR):
    out = io.BytesIO()
    book.save(out)
    return import_file("tracker", programme, actor, out.getvalue(), "tracker.xlsx")


def put(book, row, name, value):
    book.worksheets[0].cell(row=row, column=HEADINGS.index(name) + 1, value=value)


def counts(outcome):
    assert outcome.ok, outcome.summary["errors"]
    return tuple(outcome.summary[key] for key in ("created", "updated", "unchanged"))


def test_cells_offer_what_the_import_takes(programme, three):
    book = book_of(programme)
    found = rules(book)
    assert {name: options(book, found[name]) for name in ("priority", "funding_type", "medication_level", "in_hospital", "wave", "exiting_provider", "incoming_provider")} == {
        "priority": ["R", "A", "G"], "funding_type": ["council", "chc", "joint", "self", "direct_payment", "other_authority"], "medication_level": ["none", "prompt", "administer", "specialist"],
        "in_hospital": ["Y", "N"], "wave": ["North"], "exiting_provider": ["Meadowgate Homecare Ltd"], "incoming_provider": ["Bluebell Care Partners", "Oyster Bay Care Ltd", "Seasalter Home Support CIC"],
    }
    assert (found["priority"].errorStyle, found["wave"].errorStyle) == (None, "information"), "a new wave is taken, a new priority is not"
    assert {name: found[name].type for name in ("planned_transfer_date", "c02_on", "record_id", "file_route")} == {"planned_transfer_date": "date", "c02_on": "custom", "record_id": "custom", "file_route": "custom"}
    assert found["c02_on"].formula1.endswith('="N/A")')
    assert (found["record_id"].formula1, found["record_id"].promptTitle) == ("FALSE", "record_id")
    sheet = book.worksheets[0]
    assert (sheet.freeze_panes, [one.title for one in book.worksheets]) == ("F2", ["Tracker PRG" + sheet.title[11:], "How to"])


def test_every_option_of_every_list_is_taken_back(programme, three):
    """What a list offers may be chosen: it is read, without a fault, as itself."""
    from mobilisation.workbooks import Context
    from transfers.imports.tracker import TrackerImporter

    book = book_of(programme)
    columns = {column.name: column for column in TrackerImporter(programme, OPERATOR).column_list}
    tried = [columns[name].parse(option, Context(today=date(2027, 3, 1))) for name, rule in rules(book).items() if rule.type == "list" for option in options(book, rule)]
    assert len(tried) > 50
    assert None not in tried


def test_long_lists_stand_on_a_sheet_of_their_own(programme, three):
    names = [f"Home Care Provider of the Northern and Southern Districts {n:02d} Ltd" for n in range(12)]
    for name in names:
        ground.party(programme, name, "incoming")
    book = book_of(programme)
    assert options(book, rules(book)["incoming_provider"]) == ["Bluebell Care Partners", *names, "Oyster Bay Care Ltd", "Seasalter Home Support CIC"]
    assert book["Lists"].sheet_state == "hidden"
    assert counts(back(programme, book)) == (0, 0, 3)


def test_the_sheet_that_explains_names_every_column(programme, three):
    lines = list(book_of(programme)["How to"].iter_rows(values_only=True))
    assert [line[0] for line in lines if line[0]] == ["Heading", *HEADINGS]
    assert ("priority", "Priority", "One of: R, A, G") in lines


def test_brought_back_unchanged_it_changes_nothing(programme, three):
    before = list(PersonTransfer.objects.values_list("pk", "version", "updated_at"))
    assert counts(back(programme, book_of(programme))) == (0, 0, 3)
    assert list(PersonTransfer.objects.values_list("pk", "version", "updated_at")) == before


def test_a_note_from_which_a_code_was_taken_comes_back_without_a_word(programme, three):
    PersonTransfer.objects.filter(pk=three[0].pk).update(notes="Keysafe by the door, [code removed]", next_action="[code removed]")
    outcome = back(programme, book_of(programme))
    assert (counts(outcome), outcome.summary["warnings"]) == ((0, 0, 3), [])


def test_three_cells_are_three_updates_and_a_new_row_is_a_person(programme, three):
    book = book_of(programme)
    put(book, 2, "weekly_hours", 12.5)
    put(book, 3, "incoming_provider", "Oyster Bay Care Ltd")
    put(book, 4, "next_action_due", date(2027, 3, 30))
    assert counts(back(programme, book)) == (0, 3, 0)
    assert list(PersonTransfer.objects.order_by("surname").values_list("weekly_hours", "incoming_provider__name", "next_action_due")) == [(12.5, None, None), (None, "Oyster Bay Care Ltd", None), (None, None, date(2027, 3, 30))]
    book = book_of(programme)
    put(book, 5, "surname", "Quill")
    assert counts(back(programme, book)) == (1, 0, 3)


def test_the_command_writes_the_same(programme, three, tmp_path, capsys):
    target = tmp_path / "tracker.xlsx"
    call_command("export_tracker", programme.reference, str(target))
    assert capsys.readouterr().out.strip() == "tracker.xlsx: 3 people."
    assert set(rules(openpyxl.load_workbook(target))) == set(rules(book_of(programme)))
