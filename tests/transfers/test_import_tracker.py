"""A council's workbook goes in whole, comes out and comes back unchanged (domain 7.4, 10.1)."""

import io
import json
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from mobilisation.access import Actor
from mobilisation.models import AccessLog, Change
from mobilisation.services import imports
from mobilisation.services.imports import import_file
from tests.factories import ground, people
from transfers.models import Checkpoint, HospitalEpisode, PersonContact, PersonTransfer, ServiceOrder
from transfers.services import checkpoints, columns
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def november():
    with time_machine.travel("2026-11-23 10:00", tick=False):
        yield


@pytest.fixture
def leaving(db):
    return ground.provider_exit("MEADOW", decision_date=date(2026, 10, 5), exit_date=date(2026, 12, 31))


def take_in(programme, name="council-tracker.xlsx", actor=None, data=None, **options):
    return import_file("tracker", programme, actor or Actor.operator(), data or (DATA / name).read_bytes(), name, **options)


def counts(outcome):
    return tuple(outcome.summary[key] for key in ("rows", "created", "updated", "unchanged", "skipped", "refused"))


def test_the_council_workbook_goes_in_whole_and_a_second_time_changes_nothing(leaving):
    outcome = take_in(leaving)
    assert (outcome.ok, outcome.summary["errors"], counts(outcome)) == (True, [], (140, 140, 0, 0, 0, 0))
    again = take_in(leaving)
    assert counts(again) == (140, 0, 0, 140, 0, 0)
    assert PersonTransfer.objects.count() == 140
    assert HospitalEpisode.objects.filter(open=True, admitted_on=None).count() == 9
    assert Change.objects.filter(entity="transfers.persontransfer", action="imported").count() == 140


def test_words_of_the_council_are_understood(leaving):
    take_in(leaving)
    person = PersonTransfer.objects.get(case_system_id="MOS40213")
    assert (person.surname, person.representative_name, person.relationship, person.funding_type, person.medication_level) == ("Hartley", "Margaret Hartley", "niece", "chc", "administer")
    assert (person.date_of_birth, person.planned_transfer_date, person.baseline_transfer_date) == (date(1968, 9, 7), date(2026, 11, 30), date(2026, 11, 30))
    assert (str(person.incoming_provider), str(person.exiting_provider), person.wave, person.old_order_ref, person.payment_ref) == ("Bluebell Care Partners", "Meadowgate Homecare Ltd", "1", "SDO/118000", "FAN9000")
    other = PersonTransfer.objects.filter(funding_type="other_authority")
    assert (other.count(), set(other.values_list("responsible_body", flat=True))) == (19, {"Medway"})


def test_dates_of_the_file_are_done_as_reported_and_open_needs_keep_the_person_amber(leaving):
    outcome = take_in(leaving)
    person = PersonTransfer.objects.get(case_system_id="MOS40220")
    marks = {mark.code: (mark.state, mark.done_on, mark.from_file) for mark in person.checkpoints.all()}
    assert marks["C04"] == ("done", date(2026, 11, 2), True)
    assert marks["C12"] == ("done", date(2026, 11, 13), True)
    assert set(marks) == {"C01", "C03", "C04", "C05", "C12"}
    assert person.moments.at(date(2026, 11, 23)) == ("A", "Reported by file, still to put right: C02, C09, C11")
    never = Checkpoint.objects.filter(code__in=["C14", "C15", "C16", "C20"])
    assert set(never.values_list("state", "from_file", "person__in_hospital")) == {("paused", False, True)}
    row = next(planned.row for planned in outcome.plan.rows if planned.label == "MOS40220")
    said = {(note.column, note.problem) for note in row.warnings}
    assert said == {
        ("Letter sent", "Taken as reported by the file. Still open before it: C02. The person is Amber until it is put right."),
        ("NOK informed", "Taken as reported by the file. Still open before it: C02. The person is Amber until it is put right."),
        ("New provider contact made", "Taken as reported by the file. Still open before it: C09, C11. The person is Amber until they are put right."),
    }


def test_the_faults_are_exactly_those_expected_and_nothing_is_written(leaving):
    outcome = take_in(leaving, "council-tracker-faults.csv")
    expected = json.loads((DATA / "council-tracker-faults.expected.json").read_text())
    assert [(e["row"], e["column"], e["value"]) for e in outcome.summary["errors"]] == [(e["row"], e["column"], e["value"]) for e in expected]
    assert (outcome.ok, PersonTransfer.objects.count(), Checkpoint.objects.count()) == (False, 0, 0)


def test_an_export_comes_back_with_no_change_and_three_edits_are_three_updates(leaving, tmp_path):
    take_in(leaving)
    file = tmp_path / "out.xlsx"
    call_command("export_tracker", "meadow", str(file))
    assert counts(take_in(leaving, "out.xlsx", data=file.read_bytes())) == (140, 0, 0, 140, 0, 0)
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    for row, (name, value) in zip((2, 3, 4), (("wave", "9"), ("phone", "01227 000000"), ("next_action", "=2+2")), strict=True):
        sheet.cell(row, headings.index(name) + 1).value = value
        sheet.cell(row, headings.index(name) + 1).data_type = "s"
    edited = io.BytesIO()
    book.save(edited)
    assert counts(take_in(leaving, "edited.xlsx", data=edited.getvalue())) == (140, 0, 3, 137, 0, 0)
    assert AccessLog.objects.get(verb="export").count == 140


def csv(*lines):
    return ("\n".join(lines) + "\n").encode()


def test_a_later_row_of_the_same_person_goes_through_the_gates(leaving):
    person = people.person(leaving, done=("C01",), case_system_id="X1", listed_on=date(2026, 11, 2), touched_on=date(2026, 11, 2))
    outcome = take_in(leaving, "later.csv", data=csv("Swift ID,Surname,Letter sent", f"X1,{person.surname},20/11/2026"))
    assert [e["problem"] for e in outcome.summary["errors"]] == ["C04 Person told needs first: C02 Data checked against the provider's list."]
    assert person.checkpoints.filter(code="C04").count() == 0


def test_an_empty_cell_never_blanks_a_filled_one(leaving):
    people.person(leaving, case_system_id="X1", surname="Ng", phone="01227 1", listed_on=date(2026, 11, 2), touched_on=date(2026, 11, 2))
    assert counts(take_in(leaving, "later.csv", data=csv("Swift ID,Surname,Tel", "X1,Ng,"))) == (1, 0, 0, 1, 0, 0)
    assert PersonTransfer.objects.get().phone == "01227 1"


def test_two_people_claimed_by_one_row_is_a_fault(leaving):
    people.person(leaving, case_system_id="X1", nhs_number="9990000018")
    people.person(leaving, case_system_id="X2", nhs_number="9990000026")
    outcome = take_in(leaving, "later.csv", data=csv("Swift ID,NHS no,Surname", "X1,9990000026,Ng"))
    assert [(e["column"], e["problem"]) for e in outcome.summary["errors"]] == [
        ("NHS no", "The NHS number belongs to one person on the list and the case-system ID to another. Compare both with the case system.")
    ]


def test_first_visits_and_waivers_are_not_taken_from_a_file(leaving):
    outcome = take_in(leaving, "new.csv", data=csv("Swift ID,Surname,c15_on,c02_on", "X1,Ng,20/11/2026,", "X2,Oh,,W"))
    assert [(e["row"], e["column"]) for e in outcome.summary["errors"]] == [(3, "c02_on")]
    assert outcome.summary["warnings"][0]["problem"] == "C15 First visit delivered never comes from a file. Mark it on the person's page."


def test_somebody_without_numbers_is_not_listed_twice(leaving):
    data = csv("Surname,First name,DOB", "Ng,May,01/02/1940")
    assert counts(take_in(leaving, "new.csv", data=data)) == (1, 1, 0, 0, 0, 0)
    assert counts(take_in(leaving, "new.csv", data=data)) == (1, 0, 0, 0, 0, 1)


# SQLite takes 999 values a statement, so what PostgreSQL writes of sixty people at once goes there in several.
STATEMENTS = {("sqlite", 3): 36, ("sqlite", 60): 60, ("postgresql", 3): 36, ("postgresql", 60): 36}


@pytest.mark.parametrize("many", [3, 60])
def test_an_import_costs_the_same_statements_for_few_and_many(leaving, many, django_assert_num_queries):
    data = csv("Swift ID,Surname,RAG,Letter sent,In hospital?", *(f"X{n},Name{n},A,02/11/2026,Y" for n in range(many)))
    with django_assert_num_queries(STATEMENTS[connection.vendor, many]):
        assert take_in(leaving, "many.csv", data=data).ok


def sheet(head, *rows):
    return ("\n".join([head, *rows]) + "\n").encode()


def taken(programme, data, **options):
    return import_file("tracker", programme, ground.actor("OL", programme), data, "list.csv", **options)


def test_somebody_known_by_the_councils_own_row_number_is_found_again(leaving):
    head = "Ref,Surname,First name,DOB,Postcode"
    assert taken(leaving, sheet(head, "17,Smith,Jo,01/02/1940,CT5 1AA", "18,Jones,Al,,CT5 1AA")).summary["created"] == 2
    again = taken(leaving, sheet(head, "17,Smith,Jo,01/02/1940,CT5 1AA", "18,Jones,Al,,CT5 1AA")).summary
    assert (again["created"], again["unchanged"], again["refused"]) == (0, 2, 0)
    other = taken(leaving, sheet(head, "17,Okafor,Ed,05/05/1950,CT5 1AA")).summary
    assert (other["created"], other["updated"], PersonTransfer.objects.count()) == (1, 0, 3)


def test_the_same_person_twice_in_one_file_is_named(leaving):
    outcome = taken(leaving, sheet("Surname,First name,DOB", "Smith,Jo,01/02/1940", "smith,JO,01/02/1940"))
    assert (outcome.ok, [(error["row"], "Row 2 has the same name" in error["problem"]) for error in outcome.summary["errors"]]) == (False, [(3, True)])
    assert PersonTransfer.objects.count() == 0


def test_our_own_headings_mean_our_own_columns(leaving):
    taken(leaving, sheet("Case ID,Surname,In hospital?,Admitted on,Hospital", "A1,Smith,Y,20/11/2026,QEQM"))
    assert (PersonTransfer.objects.get().in_hospital, HospitalEpisode.objects.get().hospital) == (True, "QEQM")


def test_green_over_what_the_row_itself_makes_red_needs_the_page(leaving):
    head = "Case ID,Surname,RAG,PEG"
    taken(leaving, sheet(head, "A1,Smith,A,N"))
    outcome = taken(leaving, sheet(head, "A1,Smith,G,Y"))
    assert (outcome.ok, ["suggest Red" in error["problem"] for error in outcome.summary["errors"]], PersonTransfer.objects.get().priority) == (False, [True], "A")


def test_a_priority_and_its_mark_may_come_in_one_row(leaving):
    head = "Case ID,Surname,RAG,c01_on,c02_on,c03_on"
    taken(leaving, sheet(head, "A1,Smith,,20/11/2026,20/11/2026,"))
    outcome = taken(leaving, sheet(head, "A1,Smith,A,,,20/11/2026"))
    assert (outcome.ok, outcome.summary["errors"], PersonTransfer.objects.get().priority) == (True, [], "A")


SHARED = "Case ID,Surname,old_order_ref,old_order_end,new_order_ref,new_order_start,payment_ref,orders_shared_on"


def test_a_file_that_changes_a_shared_order_takes_the_day_of_sharing_off_unless_it_says_one(leaving):
    shared = date(2026, 11, 20)

    def stands():
        person = PersonTransfer.objects.get()
        days = {day for order in ServiceOrder.objects.all() for day in (order.shared_exiting_on, order.shared_incoming_on)}
        return person.payment_ref, person.orders_shared_on, days, columns.drift(leaving)

    taken(leaving, sheet(SHARED, "A1,Smith,SO-1,30/11/2026,SO-2,01/12/2026,PA-2,20/11/2026"))
    assert stands() == ("PA-2", shared, {shared}, [])
    with_day = sheet(SHARED, "A1,Smith,SO-1,30/11/2026,SO-2,01/12/2026,PA-3,20/11/2026")
    assert (counts(taken(leaving, with_day))[2], stands()) == (1, ("PA-3", shared, {shared}, []))
    without = sheet("Case ID,Surname,payment_ref", "A1,Smith,PA-4")
    assert (counts(taken(leaving, without))[2], stands()) == (1, ("PA-4", None, {None}, []))
    assert Change.objects.get(entity="transfers.persontransfer", action="to be shared again").fields == {"orders_shared_on": ["2026-11-20", None]}
    assert counts(taken(leaving, without))[3] == 1


@pytest.mark.parametrize(("day", "ok"), [("", False), ("22/11/2026", True)])
def test_a_row_that_changes_a_shared_order_and_marks_c10_says_when_it_was_shared(leaving, day, ok):
    people.person(
        leaving, done=("C01", "C03", "C09"), case_system_id="A1", surname="Smith", listed_on=date(2026, 11, 2), touched_on=date(2026, 11, 2), incoming_provider=people.incoming(leaving), old_order_ref="SO-1",
        old_order_end=date(2026, 11, 30), new_order_ref="SO-2", new_order_start=date(2026, 12, 1), payment_ref="PA-2", orders_shared_on=date(2026, 11, 20),
    )
    outcome = taken(leaving, sheet("Case ID,Surname,payment_ref,orders_shared_on,c10_on", f"A1,Smith,PA-3,{day},22/11/2026"))
    assert (outcome.ok, [error["problem"] for error in outcome.summary["errors"]]) == (ok, [] if ok else ["Enter the day on which both orders were shared with both providers."])


HEAD = ["Case ID", "NHS number", "Surname", "First name", "DOB", "Funding"]


def table(head, *rows):
    return sheet(*(",".join(map(str, row)) for row in (head, *rows)))


def person_of(**values):
    return PersonTransfer.objects.get(**values)


def test_a_number_of_somebody_else_is_refused_and_nothing_is_overwritten(leaving):
    taken(leaving, table(HEAD, ["C1", "", "Hartley", "Ann", "01/02/1940", "Council"]))
    outcome = taken(leaving, table(HEAD, ["C1", "", "Hartley", "Ben", "03/04/1938", "Council"]))
    assert [(e["column"], e["value"]) for e in outcome.summary["errors"]] == [("Case ID", "C1")]
    assert "another name and another date of birth" in outcome.summary["errors"][0]["problem"]
    assert (person_of().forename, person_of().date_of_birth) == ("Ann", date(1940, 2, 1))


@pytest.mark.parametrize("row", [["C1", "", "Hartley-Jones", "Ann", "01/02/1940", "Council"], ["C1", "", "Hartley", "Ann", "01/02/1941", "Council"]])
def test_a_new_name_or_a_mended_date_alone_is_the_same_person(leaving, row):
    taken(leaving, table(HEAD, ["C1", "", "Hartley", "Ann", "01/02/1940", "Council"]))
    assert counts(taken(leaving, table(HEAD, row))) == (1, 0, 1, 0, 0, 0)


@pytest.mark.parametrize("number", ["mos 012", "MOS012"])
def test_a_number_written_otherwise_is_the_same_number(leaving, number):
    taken(leaving, table(HEAD, ["MOS012", "", "Hartley", "Ann", "01/02/1940", "Council"], ["012345", "", "Moss", "Ben", "01/02/1941", "Council"]))
    again = taken(leaving, table(HEAD, [number, "", "Hartley", "Ann", "01/02/1940", "Council"], [12345, "", "Moss", "Ben", "01/02/1941", "Council"]))
    assert (counts(again), sorted(PersonTransfer.objects.values_list("case_system_id", flat=True))) == ((2, 0, 0, 2, 0, 0), ["012345", "MOS012"])


def test_the_same_number_written_otherwise_twice_in_one_file_is_a_fault_of_the_later_row(leaving):
    outcome = taken(leaving, table(HEAD, ["MOS1", "", "Hartley", "Ann", "01/02/1940", "Council"], ["mos1", "", "Moss", "Ben", "01/02/1941", "Council"]))
    assert [(e["row"], e["value"]) for e in outcome.summary["errors"]] == [(3, "mos1")]


def test_a_list_without_numbers_and_dates_is_not_listed_twice(leaving):
    data = table(["Surname", "First name", "Funding"], ["Hartley", "Ann", "Council"], ["Moss", "Ben", "Council"])
    assert counts(taken(leaving, data)) == (2, 2, 0, 0, 0, 0)
    again = taken(leaving, data)
    assert (again.ok, counts(again), PersonTransfer.objects.count()) == (False, (2, 0, 0, 0, 0, 2), 2)


def test_dashes_and_tbc_overwrite_nothing_and_are_no_no(leaving):
    head = ["Case ID", "Surname", "DOB", "Funding", "Case manager", "Lives alone", "Key safe", "Notes"]
    taken(leaving, table(head, ["C1", "Hartley", "01/02/1940", "Council", "J. Patel", "Y", "4821", "Dog"]))
    outcome = taken(leaving, table(head, ["C1", "Hartley", "-", "–", "tbc", "-", "unknown", "n/k"]))
    assert counts(outcome) == (1, 0, 0, 1, 0, 0)
    assert [w["column"] for w in outcome.summary["warnings"]] == ["DOB", "Funding", "Case manager", "Lives alone", "Key safe", "Notes"]
    fresh = taken(leaving, table(head, ["C2", "Moss", "01/02/1941", "Council", "-", "-", "unknown", ""]))
    found = person_of(case_system_id="C2")
    assert (fresh.ok, found.lives_alone, bool(found.key_safe), found.case_manager) == (True, None, False, "")


def test_an_average_under_the_list_is_nobody(leaving):
    outcome = taken(leaving, table(["Surname", "Case ID", "Funding", "Hours"], ["Hartley", "C1", "Council", 14], ["Average", "", "", 14]))
    assert (counts(outcome), outcome.summary["warnings"][-1]["value"]) == ((1, 1, 0, 0, 0, 0), "Average")


def test_a_priority_given_later_marks_its_checkpoint(leaving):
    head = ["Case ID", "Surname", "DOB", "Funding", "RAG"]
    taken(leaving, table(head, ["C1", "Hartley", "01/02/1940", "Council", ""]))
    assert not Checkpoint.objects.filter(code="C03").exists()
    taken(leaving, table(head, ["C1", "Hartley", "01/02/1940", "Council", "A"]))
    mark = Checkpoint.objects.get(code="C03")
    assert (mark.state, mark.done_on, person_of().priority, person_of().status) == ("done", date(2026, 11, 23), "A", "rated")


def test_what_a_reported_mark_lacks_is_said_at_take_on(leaving):
    outcome = taken(leaving, table(["Case ID", "Surname", "Funding", "Data checked", "Person told", "Orders raised"], ["C1", "Hartley", "Council", "01/10/2026", "06/10/2026", "07/10/2026"]))
    assert outcome.ok
    said = {w["column"]: w["problem"] for w in outcome.summary["warnings"] if "reported by the file" in w["problem"] and "Still open" not in w["problem"]}
    assert list(said) == ["Data checked", "Orders raised"]
    assert said["Data checked"] == "Taken as reported by the file. 1 Oct 2026 lies before the decision date, 5 Oct 2026. The person is Amber until it is put right."
    person = person_of()
    assert (person.amber_from is not None and person.amber_from <= date(2026, 11, 23)) is True


def test_not_applicable_over_a_representative_is_a_fault(leaving):
    outcome = taken(leaving, table(["Case ID", "Surname", "Funding", "NOK", "NOK informed"], ["C1", "Hartley", "Council", "Ann Moss (niece)", "N/A"]))
    assert [(e["column"], e["value"]) for e in outcome.summary["errors"]] == [("NOK informed", "N/A")]


def test_green_for_somebody_unknown_to_the_council_needs_the_page(leaving):
    head = ["Case ID", "Surname", "Funding", "Known to the council", "RAG"]
    taken(leaving, table(head, ["C1", "Hartley", "Self", "N", ""]))
    outcome = taken(leaving, table(head, ["C1", "Hartley", "Self", "N", "G"]))
    assert [e["problem"].split(":")[0] for e in outcome.summary["errors"]] == ["Not known to the council"]


def exported(programme, tmp_path, **changed):
    """The bytes of ``export_tracker``, with cells of row 2 changed."""
    file = tmp_path / "out.xlsx"
    call_command("export_tracker", programme.reference, str(file))
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    for name, value in changed.items():
        sheet.cell(2, headings.index(name) + 1).value = value
    book.save(file)
    return file.read_bytes()


def test_an_export_comes_back_though_two_lists_numbered_their_rows_alike(leaving, tmp_path):
    head = "No,Surname,First name,Current provider"
    taken(leaving, sheet(head, "1,Ash,Ann,Meadowgate Homecare Ltd", "2,Birch,Ben,Meadowgate Homecare Ltd"))
    taken(leaving, sheet(head, "1,Cole,Cat,Meadowgate Homecare Ltd"))
    data = exported(leaving, tmp_path)
    rows = list(openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].values)
    ids = list(PersonTransfer.objects.order_by("pk").values_list("public_id", flat=True))
    by_id = {row[-1]: row[0] for row in rows[1:]}
    assert (rows[0][0], rows[0][-1], by_id) == ("row_ref", "record_id", {ids[0]: ids[0], ids[1]: "2", ids[2]: ids[2]})
    assert counts(take_in(leaving, "out.xlsx", data=data)) == (3, 0, 0, 3, 0, 0)
    assert list(PersonTransfer.objects.order_by("pk").values_list("row_ref", flat=True)) == ["1", "2", "1"]


def test_a_name_corrected_in_our_own_export_is_an_update(leaving, tmp_path):
    taken(leaving, sheet("No,Surname,First name", "77,Smtih,Ann"))
    outcome = take_in(leaving, "out.xlsx", data=exported(leaving, tmp_path, surname="Smith"))
    assert counts(outcome) == (1, 0, 1, 0, 0, 0)
    assert [(w["column"], w["problem"]) for w in outcome.summary["warnings"]] == [("record_id", f"{person_of().public_id} has another name here. Compare both before importing.")]
    assert (person_of().surname, person_of().row_ref) == ("Smith", "77")


def test_a_number_given_in_our_own_export_is_an_update(leaving, tmp_path):
    taken(leaving, sheet("Surname,First name", "Smith,Ann"))
    assert counts(take_in(leaving, "out.xlsx", data=exported(leaving, tmp_path, case_system_id="MOS9", row_ref="12"))) == (1, 0, 1, 0, 0, 0)
    assert (person_of().case_system_id, person_of().row_ref) == ("MOS9", "12")


def test_a_record_id_and_a_number_of_two_people_is_a_fault_and_a_copied_one_too(leaving, tmp_path):
    taken(leaving, sheet("Case ID,Surname", "C1,Ash", "C2,Birch"))
    first, second = PersonTransfer.objects.order_by("pk")
    wrong = taken(leaving, sheet("record_id,Case ID,Surname", f"{first.public_id},C2,Ash"))
    assert [(e["column"], e["problem"]) for e in wrong.summary["errors"]] == [
        ("Case ID", f"By its record_id the row is about {first.public_id}, and this number belongs to {second.public_id}. Compare both with the case system.")
    ]
    copied = taken(leaving, sheet("record_id,Case ID,Surname", f"{first.public_id},C1,Ash", f"{first.public_id},C3,Cole"))
    assert [(e["row"], e["column"]) for e in copied.summary["errors"]] == [(3, "record_id")]
    assert sorted(PersonTransfer.objects.values_list("case_system_id", "surname")) == [("C1", "Ash"), ("C2", "Birch")]


def test_an_export_goes_into_another_programme_as_new_people(leaving, tmp_path):
    taken(leaving, sheet("Case ID,Surname", "C1,Ash"))
    other = ground.provider_exit("OTHER", decision_date=date(2026, 10, 5), exit_date=date(2026, 12, 31))
    outcome = take_in(other, "out.xlsx", data=exported(leaving, tmp_path))
    assert counts(outcome) == (1, 1, 0, 0, 0, 0)
    assert [(w["row"], w["column"], w["problem"]) for w in outcome.summary["warnings"] if w["column"] == "record_id"] == [
        (0, "record_id", "1 of its values are no record of this programme and say nothing here; those rows are known by their numbers and names.")
    ]


def test_what_looks_like_a_cell_in_error_comes_back_as_it_was_typed(leaving, tmp_path):
    people.person(leaving, surname="Ash", equipment="#REF!", notes="#N/A", listed_on=date(2026, 11, 2), touched_on=date(2026, 11, 2))
    assert counts(take_in(leaving, "out.xlsx", data=exported(leaving, tmp_path))) == (1, 0, 0, 1, 0, 0)
    assert (person_of().equipment, person_of().notes) == ("#REF!", "#N/A")


def test_not_applicable_that_is_held_already_is_no_fault(leaving, tmp_path):
    person = people.person(leaving, surname="Ash", case_system_id="C1", representative_name="Rita Rep", listed_on=date(2026, 11, 2), touched_on=date(2026, 11, 2))
    Checkpoint.objects.create(person=person, code="C05", state="not_applicable")
    assert counts(take_in(leaving, "out.xlsx", data=exported(leaving, tmp_path))) == (1, 0, 0, 1, 0, 0)


STAY_HEAD = "Swift ID,Surname,In hospital?,Admission date,EDD"


@pytest.fixture
def back_home(leaving):
    """Admitted by a file on 10 November, discharged on the page on the 22nd."""
    taken(leaving, sheet(STAY_HEAD, "HX1,Ng,Y,10/11/2026,20/11/2026"))
    person = person_of()
    services.discharge(person, actor=ground.actor("OL", leaving), discharged_on=date(2026, 11, 22))
    return person


@pytest.mark.parametrize("row", ["HX1,Ng,Y,10/11/2026,20/11/2026", "HX1,Ng,,10/11/2026,", "HX1,Ng,Y,,", "HX1,Ng,Y,,30/11/2026"])
def test_a_stale_stay_sends_nobody_back_to_hospital(leaving, back_home, row):
    outcome = taken(leaving, sheet(STAY_HEAD, row))
    assert (outcome.ok, counts(outcome)) == (True, (1, 0, 0, 1, 0, 0))
    assert outcome.summary["warnings"][-1]["problem"] == (
        "Not taken: this stay ended here on 22 Nov 2026. Somebody who is in hospital again needs the day of the new admission, in the file or on their page."
    )
    assert (person_of().in_hospital, HospitalEpisode.objects.filter(open=True).exists(), HospitalEpisode.objects.count()) == (False, False, 1)


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        ("HX1,Ng,Y,15/11/2026,30/11/2026", "Admission date", "An earlier stay ended on 22 Nov 2026. The stays would overlap; check the day."),
        ("HX1,Ng,Y,22/11/2026,21/11/2026", "EDD", "The expected discharge lies before the admission."),
        ("HX2,Oh,Y,10/11/2026,01/11/2026", "EDD", "The expected discharge lies before the admission."),
    ],
)
def test_the_rules_of_an_admission_are_asked_of_a_row_of_a_file(leaving, back_home, row, column, problem):
    outcome = taken(leaving, sheet(STAY_HEAD, row))
    assert [(e["column"], e["problem"]) for e in outcome.summary["errors"]] == [(column, problem)]
    assert (PersonTransfer.objects.count(), HospitalEpisode.objects.count()) == (1, 1)


def test_a_new_admission_in_a_file_opens_a_stay_and_a_later_day_of_discharge_moves_it(leaving, back_home):
    assert counts(taken(leaving, sheet(STAY_HEAD, "HX1,Ng,Y,22/11/2026,"))) == (1, 0, 1, 0, 0, 0)
    assert counts(taken(leaving, sheet(STAY_HEAD, "HX1,Ng,Y,,30/11/2026"))) == (1, 0, 1, 0, 0, 0)
    assert list(HospitalEpisode.objects.filter(open=True).values_list("admitted_on", "expected_discharge")) == [(date(2026, 11, 22), date(2026, 11, 30))]
    outcome = taken(leaving, sheet(STAY_HEAD, "HX1,Ng,Y,12/11/2026,"))
    assert [e["column"] for e in outcome.summary["errors"]] == ["Admission date"]


def test_a_stay_that_is_over_by_the_file_is_not_opened(leaving):
    outcome = taken(leaving, sheet("Swift ID,Surname,Admission date,Discharge date", "HX1,Ng,10/11/2026,12/11/2026", "HX2,Oh,20/11/2026,-"))
    assert (outcome.ok, list(HospitalEpisode.objects.values_list("person__surname", flat=True))) == (True, ["Oh"])
    assert [(w["row"], w["column"]) for w in outcome.summary["warnings"] if w["row"]] == [(2, "Discharge date")]


@pytest.mark.parametrize("nobody", ["N/A", "None", "none known", "No NOK", "nil", "Not applicable", "None (lives alone)", "no next of kin known"])
def test_words_for_nobody_are_no_representative(leaving, nobody):
    outcome = taken(leaving, table(["Case ID", "Surname", "NOK / representative", "NOK informed", "New provider"], ["C1", "Ash", nobody, "N/A", "N/A"]))
    assert (outcome.ok, [w["column"] for w in outcome.summary["warnings"]]) == (True, ["NOK / representative", "New provider"])
    assert outcome.summary["warnings"][0]["problem"] == "It names nobody and nothing, so it is read as an empty cell."
    assert (person_of().representative_name, PersonContact.objects.count(), person_of().incoming_provider) == ("", 0, None)


def test_names_that_begin_like_nobody_are_names(leaving):
    taken(leaving, table(["Case ID", "Surname", "NOK / representative"], ["C1", "Na", "Noel Nonesuch"], ["C2", "None", "Nobody's Friend CIC"]))
    assert sorted(PersonTransfer.objects.values_list("surname", "representative_name")) == [("Na", "Noel Nonesuch"), ("None", "Nobody's Friend CIC")]


def test_an_older_list_records_nobodys_acceptance_for_a_provider_that_has_not_answered(leaving):
    sheet = b"Client ID,Surname,RAG,New provider,Provider accepted\nC7,Hill,A,Bluebell Care Partners,10/11/2026\n"
    assert taken(leaving, sheet)
    person = PersonTransfer.objects.get()
    operator = Actor.operator()
    checkpoints.undo(person, "C09", actor=operator, reason="They withdrew")
    services.offer(person, people.incoming(leaving, "Seasalter Home Support CIC"), actor=operator)

    again = take_in(leaving, name="old.csv", data=sheet)

    person.refresh_from_db()
    assert (person.allocation_response, str(person.incoming_provider), person.checkpoints.get(code="C09").state) == ("offered", "Seasalter Home Support CIC", "not_started")
    assert [w["problem"] for w in again.summary["warnings"] if w["column"] == "Provider accepted"] == ["Not taken: C09 of this row is about another provider than the one recorded here."]
    same = take_in(leaving, name="new.csv", data=sheet.replace(b"Bluebell Care Partners", b"Seasalter Home Support CIC"))
    assert person.checkpoints.get(code="C09").state == "not_started"
    assert [w["problem"] for w in same.summary["warnings"] if w["column"] == "Provider accepted"] == ["Not taken: the offer waits for its answer, which is recorded on the person's page."]


@pytest.mark.parametrize(("kind", "file"), [("tracker", "council-tracker.xlsx"), ("tracker", "council-tracker-faults.csv"), ("staff", "staff-list.xlsx"), ("risks", "risk-register.xlsx"), ("plan", "transition-plan.csv"), ("list-exiting", "provider-list.csv")])
def test_no_heading_of_the_usual_files_is_asked_about(leaving, kind, file):
    record = imports.upload(kind, leaving, Actor.operator(), file, (DATA / file).read_bytes())
    assert imports.look(record, Actor.operator()).choice is None
