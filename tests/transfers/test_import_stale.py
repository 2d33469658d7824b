"""An older copy of our own export comes back: what was changed here meanwhile stays, and nobody's work is overwritten silently (domain 5.2)."""

import csv
import io
from datetime import date

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mobilisation.models import Change, ImportRun
from mobilisation.services.imports import import_file, upload
from tests.factories import ground, people
from transfers.exports.tracker import write_csv, write_tracker
from transfers.imports import stale
from transfers.models import Checkpoint, HospitalEpisode, PersonTransfer
from transfers.services import checkpoints
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ten")]


@pytest.fixture
def ten():
    with time_machine.travel("2026-11-23 10:00:05.300", tick=False):
        yield


@pytest.fixture
def leaving(db):
    return ground.provider_exit("MEADOW", decision_date=date(2026, 10, 5), exit_date=date(2026, 12, 31))


@pytest.fixture
def ol(leaving):
    return ground.actor("OL", leaving)


@pytest.fixture
def five(leaving):
    listed = {"listed_on": date(2026, 11, 2), "touched_on": date(2026, 11, 2), "done": ("C01",)}
    made = [people.person(leaving, surname=name, forename="Ann", wave="1", phone="01227 1", case_manager="J. Patel", planned_transfer_date=date(2026, 12, 1), **listed) for name in ("Ash", "Birch", "Cole", "Dale", "Elm")]
    Checkpoint.objects.update(done_on=date(2026, 11, 2))
    return made


def at(moment):
    return time_machine.travel(f"2026-11-23 {moment}", tick=False)


def xlsx(programme):
    out = io.BytesIO()
    write_tracker(out, programme, PersonTransfer.objects.filter(programme=programme).order_by("surname"))
    return out.getvalue()


def edited(data, **by_surname):
    """``data`` with {surname: {heading: value}} typed into it."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    rows = {row[headings.index("surname")].value: row for row in sheet.iter_rows(min_row=2)}
    for surname, cells in by_surname.items():
        for name, value in cells.items():
            rows[surname][headings.index(name)].value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def back(programme, data, actor, name="tracker.xlsx", when="12:00", **options):
    with at(when):
        return import_file("tracker", programme, actor, data, name, **options)


def counts(outcome):
    return tuple(outcome.summary[key] for key in ("rows", "created", "updated", "unchanged", "skipped", "refused"))


def said(outcome, what="warnings"):
    return [(one["row"], one["column"], one["problem"]) for one in outcome.summary[what]]


def change(person, actor, when="11:00", **values):
    with at(when):
        services.update_person(PersonTransfer.objects.get(pk=person.pk), values, actor=actor)


def stands():
    """Everything an import could have written."""
    return list(PersonTransfer.objects.order_by("pk").values()), list(Checkpoint.objects.order_by("pk").values()), Change.objects.count()


THREE = {"Cole": {"wave": "9"}, "Dale": {"phone": "01227 9"}, "Elm": {"next_action": "Call"}}


@pytest.mark.parametrize("made", ["10:00:05.300", "10:05"])
def test_what_was_changed_here_meanwhile_stays_and_three_edits_are_three_updates(leaving, five, ol, made):
    change(five[0], ol, "10:00:05.300", wave="2")
    with at(made):
        data = xlsx(leaving)
    change(five[0], ol, "10:05:01", wave="3", phone="01227 2")
    change(five[1], ol, "11:00", planned_transfer_date=date(2026, 12, 8), case_manager="M. Green")

    outcome = back(leaving, edited(data, **THREE), ol)

    assert counts(outcome) == (5, 0, 3, 2, 0, 0)
    assert list(PersonTransfer.objects.order_by("surname").values_list("wave", "phone", "planned_transfer_date", "case_manager", "next_action")) == [
        ("3", "01227 2", date(2026, 12, 1), "J. Patel", ""), ("1", "01227 1", date(2026, 12, 8), "M. Green", ""), ("9", "01227 1", date(2026, 12, 1), "J. Patel", ""),
        ("1", "01227 9", date(2026, 12, 1), "J. Patel", ""), ("1", "01227 1", date(2026, 12, 1), "J. Patel", "Call"),
    ]
    soon, later = (f"Changed here by {ol.label} today at {clock}, after the file was made: kept." for clock in ("10:05", "11:00"))
    assert outcome.summary["kept_here"] == 4
    assert said(outcome) == [(2, "phone", soon), (2, "wave", soon), (3, "planned_transfer_date", later), (3, "case_manager", later)]


def test_a_cell_put_back_to_what_stood_before_the_file_was_made_is_an_update(leaving, five, ol):
    change(five[0], ol, "10:30", wave="2")
    with at("10:30"):
        data = xlsx(leaving)
    change(five[1], ol, "11:00", wave="7")
    outcome = back(leaving, edited(data, Ash={"wave": "1"}), ol)
    assert (counts(outcome), PersonTransfer.objects.get(surname="Ash").wave) == ((5, 0, 1, 4, 0, 0), "1")


def test_another_cell_of_a_person_changed_here_is_taken_as_ever(leaving, five, ol):
    data = xlsx(leaving)
    change(five[0], ol, wave="2")
    outcome = back(leaving, edited(data, Ash={"phone": "01227 9"}), ol)
    ash = PersonTransfer.objects.get(surname="Ash")
    assert (counts(outcome), ash.wave, ash.phone) == ((5, 0, 1, 4, 0, 0), "2", "01227 9")


def test_a_third_value_is_refused_with_both_and_nothing_is_written(leaving, five, ol):
    data = xlsx(leaving)
    change(five[0], ol, wave="2", planned_transfer_date=date(2026, 12, 8))
    before = stands()

    outcome = back(leaving, edited(data, Ash={"wave": "5", "planned_transfer_date": date(2026, 12, 15)}, **THREE), ol)

    assert (outcome.ok, counts(outcome), stands()) == (False, (5, 0, 0, 1, 3, 1), before)
    what = f"Changed here by {ol.label} today at 11:00, after the file was made: here it is %s, in the file %s. Look at the person's page, then change it there or export again."
    assert said(outcome, "errors") == [(2, "wave", what % ("2", "5")), (2, "planned_transfer_date", what % ("08/12/2026", "15/12/2026"))]


def test_the_rest_of_a_file_with_a_clash_may_be_taken_and_a_new_export_settles_it(leaving, five, ol):
    data = xlsx(leaving)
    change(five[0], ol, wave="2")
    outcome = back(leaving, edited(data, Ash={"wave": "5"}, **THREE), ol, accept_valid=True)
    assert (counts(outcome), PersonTransfer.objects.get(surname="Ash").wave) == ((5, 0, 3, 1, 0, 1), "2")
    with at("12:30"):
        fresh = xlsx(leaving)
    assert counts(back(leaving, edited(fresh, Ash={"wave": "5"}), ol, when="13:00")) == (5, 0, 1, 4, 0, 0)


def test_the_same_value_in_both_is_nothing_to_say(leaving, five, ol):
    data = xlsx(leaving)
    change(five[0], ol, wave="2")
    outcome = back(leaving, edited(data, Ash={"wave": "2"}), ol)
    assert (counts(outcome), said(outcome)) == ((5, 0, 0, 5, 0, 0), [])


def test_a_file_brought_back_twice_changes_nothing_the_second_time(leaving, five, ol):
    data = edited(xlsx(leaving), **THREE)
    assert counts(back(leaving, data, ol)) == (5, 0, 3, 2, 0, 0)
    again = back(leaving, data, ol, when="13:00")
    assert (counts(again), said(again)) == ((5, 0, 0, 5, 0, 0), [])


def test_a_checkpoint_marked_meanwhile_stays_and_another_day_in_the_file_is_a_clash(leaving, five, ol):
    data = xlsx(leaving)
    with at("11:00"):
        checkpoints.mark(five[0], "C02", actor=ol, on=date(2026, 11, 20))
    assert counts(back(leaving, edited(data, **THREE), ol)) == (5, 0, 3, 2, 0, 0)
    assert Checkpoint.objects.get(person=five[0], code="C02").done_on == date(2026, 11, 20)
    outcome = back(leaving, edited(data, Ash={"c02_on": date(2026, 11, 19)}), ol)
    assert (outcome.ok, said(outcome, "errors")) == (
        False, [(2, "c02_on", f"Changed here by {ol.label} today at 11:00, after the file was made: here it is 20/11/2026, in the file 19/11/2026. Look at the person's page, then change it there or export again.")],
    )


def test_a_checkpoint_undone_meanwhile_is_not_marked_again(leaving, five, ol):
    checkpoints.mark(five[0], "C02", actor=ol, on=date(2026, 11, 20))
    data = xlsx(leaving)
    with at("11:00"):
        checkpoints.undo(five[0], "C02", actor=ol, reason="The wrong person")

    outcome = back(leaving, edited(data, **THREE), ol)

    assert (counts(outcome), said(outcome)) == ((5, 0, 3, 2, 0, 0), [(2, "c02_on", f"Changed here by {ol.label} today at 11:00, after the file was made: kept.")])
    assert (Checkpoint.objects.get(person=five[0], code="C02").state, Checkpoint.objects.filter(person=five[0]).count()) == ("not_started", 2)


def test_a_mark_undone_before_the_file_was_made_may_be_typed_again(leaving, five, ol):
    checkpoints.mark(five[0], "C02", actor=ol, on=date(2026, 11, 20))
    with at("10:10"):
        checkpoints.undo(five[0], "C02", actor=ol, reason="The wrong day")
    with at("10:20"):
        data = xlsx(leaving)
    change(five[0], ol, wave="2")
    outcome = back(leaving, edited(data, Ash={"c02_on": date(2026, 11, 20)}), ol)
    assert (counts(outcome), Checkpoint.objects.get(person=five[0], code="C02").state) == ((5, 0, 1, 4, 0, 0), "done")


def test_an_expected_discharge_moved_meanwhile_stays(leaving, five, ol):
    services.admit(five[0], actor=ol, hospital="QEQM", admitted_on=date(2026, 11, 20), expected_discharge=date(2026, 11, 25))
    data = xlsx(leaving)
    moved = import_file_of(leaving, ol, five[0], "30/11/2026")
    assert counts(moved) == (1, 0, 1, 0, 0, 0)
    outcome = back(leaving, edited(data, **THREE), ol)
    assert (counts(outcome), HospitalEpisode.objects.get().expected_discharge) == ((5, 0, 3, 2, 0, 0), date(2026, 11, 30))
    assert [one[:2] for one in said(outcome)] == [(2, "expected_discharge")]


def import_file_of(programme, actor, person, day):
    """The council's own list, which carries no moment of ours: taken as ever."""
    return back(programme, f"Swift ID,Surname,EDD\n{person.case_system_id},{person.surname},{day}\n".encode(), actor, "council.csv", when="11:00")


def test_an_offer_made_meanwhile_keeps_the_marks_of_the_old_provider_out(leaving, five, ol):
    old, new = (people.incoming(leaving, name) for name in ("Bluebell Care Partners", "Oyster Bay Care Ltd"))
    services.offer(five[0], old, actor=ol)
    data = xlsx(leaving)
    with at("11:00"):
        services.respond(PersonTransfer.objects.get(pk=five[0].pk), "declined", actor=ol, reason="No staff")
        services.offer(PersonTransfer.objects.get(pk=five[0].pk), new, actor=ol)
    outcome = back(leaving, edited(data, Ash={"c12_on": date(2026, 11, 20)}), ol)
    person = PersonTransfer.objects.get(surname="Ash")
    assert (counts(outcome), person.incoming_provider, person.checkpoints.filter(code="C12").count()) == ((5, 0, 0, 5, 0, 0), new, 0)
    assert said(outcome) == [
        (2, "incoming_provider", f"Changed here by {ol.label} today at 11:00, after the file was made: kept."), (2, "c12_on", "Not taken: C12 of this row is about another provider than the one recorded here."),
    ]


@pytest.mark.parametrize("resaved", [False, True])
def test_a_csv_says_the_moment_to_the_second_and_survives_a_spreadsheet(leaving, five, ol, resaved):
    change(five[0], ol, "10:30:10.200", wave="2")
    with at("10:30:20"):
        out = io.BytesIO()
        write_csv(out, leaving, PersonTransfer.objects.filter(programme=leaving).order_by("surname"))
    change(five[0], ol, "10:30:40", wave="3")
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"))))
    assert rows[0]["last_updated_at"] == "2026-11-23T10:30:10.200+00:00"
    rows[2]["wave"] = "9"
    if resaved:
        rows[3]["last_updated_at"] = "23/11/2026 10:00"
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    outcome = back(leaving, text.getvalue().encode(), ol, "tracker.csv")
    assert (counts(outcome), [one[:2] for one in said(outcome)]) == ((5, 0, 1, 4, 0, 0), [(2, "wave")])
    assert PersonTransfer.objects.get(surname="Ash").wave == "3"


@pytest.mark.parametrize("moment", ["", "soon", "31/12/9999 23:59"])
def test_without_a_readable_moment_a_row_is_taken_as_ever(leaving, five, ol, moment):
    data = xlsx(leaving)
    change(five[0], ol, wave="2")
    outcome = back(leaving, edited(data, Ash={"last_updated_at": moment or None}), ol)
    assert (counts(outcome), PersonTransfer.objects.get(surname="Ash").wave) == ((5, 0, 1, 4, 0, 0), "1")


@pytest.mark.parametrize("many", [1, 5])
def test_however_many_rows_are_older_their_history_is_one_statement(leaving, five, ol, many):
    checkpoints.mark(five[0], "C02", actor=ol, on=date(2026, 11, 20))
    data = xlsx(leaving)

    def asked(when):
        with CaptureQueriesContext(connection) as caught:
            outcome = back(leaving, data, ol, when=when, dry_run=True)
        return outcome, [one["sql"] for one in caught.captured_queries if 'FROM "mobilisation_change"' in one["sql"]], len(caught)

    _, none, before = asked("10:45")
    for person in five[:many]:
        change(person, ol, wave="2")
    outcome, found, after = asked("12:00")
    assert (none, len(found), after - before, len(said(outcome))) == ([], 1, 1, many)


def test_history_of_very_many_is_asked_in_parts(leaving, five, ol, monkeypatch):
    monkeypatch.setattr(stale, "ASKED", 2)
    data = xlsx(leaving)
    for person in five:
        change(person, ol, wave="2")
    with CaptureQueriesContext(connection) as caught:
        outcome = back(leaving, data, ol, dry_run=True)
    assert (sum('FROM "mobilisation_change"' in one["sql"] for one in caught.captured_queries), len(said(outcome)), counts(outcome)) == (3, 5, (5, 0, 0, 5, 0, 0))


def test_history_and_row_carry_the_same_moment(leaving, five, ol):
    services.update_person(five[0], {"wave": "2"}, actor=ol)
    assert Change.objects.filter(entity="transfers.persontransfer", object_id=five[0].pk).latest("pk").at == PersonTransfer.objects.get(pk=five[0].pk).updated_at


def test_the_export_says_who_changed_row_mark_or_stay_last(leaving, five, ol):
    def last():
        sheet = openpyxl.load_workbook(io.BytesIO(xlsx(leaving))).worksheets[0]
        row = dict(zip(*(tuple(cell.value for cell in line) for line in (sheet[1], sheet[2])), strict=True))
        return row["last_updated_by"], row["last_updated_at"].strftime("%H:%M:%S.%f")

    change(five[0], ol, "10:30:10.200", wave="2")
    assert last() == (ol.label, "10:30:10.200000")
    other = ground.actor("OL", leaving)
    with at("10:40"):
        checkpoints.mark(five[0], "C02", actor=other, on=date(2026, 11, 20))
    assert last() == (other.label, "10:40:00.000000")
    with at("10:50"):
        services.admit(five[0], actor=ol, hospital="QEQM", admitted_on=date(2026, 11, 20))
    assert last() == (ol.label, "10:50:00.000000")


@pytest.mark.parametrize(("changed", "title"), [({"wave": "2"}, "1 cell stays as it is here"), ({"wave": "2", "phone": "01227 2"}, "2 cells stay as they are here")])
def test_the_preview_says_what_stays_before_anything_is_written(leaving, five, ol, client, changed, title):
    data = xlsx(leaving)
    change(five[0], ol, **changed)
    upload("tracker", leaving, ol, "tracker.xlsx", data)
    client.force_login(ol.user)
    page = client.get(reverse("mobilisation:import-preview", args=[leaving.ref, "tracker", ImportRun.objects.get().public_id])).content.decode()
    assert (title in page, "Nothing of the file is newer than what is held here." in page, f"Changed here by {ol.label} today at 11:00" in page) == (True, True, True)
