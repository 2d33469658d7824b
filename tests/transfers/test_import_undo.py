"""A tracker that was taken in is taken back as one act, once; what was worked on since stays and is named (domain 10.7, ux 2a)."""

from datetime import date

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import Change, ImportRun, Job
from mobilisation.services import import_undo, imports, jobs
from tests.factories import ground, people, workbooks
from transfers.models import Checkpoint, HospitalEpisode, PersonContact, PersonTransfer, ServiceOrder
from transfers.services import people as services

pytestmark = pytest.mark.django_db
NOON = "2026-11-23 12:00"


def at(moment):
    return time_machine.travel(moment, tick=False)


@pytest.fixture
def leaving(db):
    return ground.provider_exit("MEADOW", decision_date=date(2026, 10, 5), exit_date=date(2026, 12, 31))


@pytest.fixture
def ol(leaving):
    return ground.user_in("OL", leaving)


@pytest.fixture
def three(leaving):
    with at("2026-11-20 09:00"):
        listed = {"listed_on": date(2026, 11, 2), "touched_on": date(2026, 11, 2), "done": ("C01", "C02"), "wave": "1", "phone": "01227 1"}
        return [people.person(leaving, surname=name, forename="Ann", case_system_id=f"M{n}", **listed) for n, name in enumerate(("Ash", "Birch", "Cole"), 1)]


HEADINGS = ["Case-system ID", "Surname", "First name", "Wave", "Telephone", "Old order", "Representative", "Priority", "Known to council"]
ROWS = [["M1", "Ash", "Ann", "2", "01227 9", "SO-9", "Jean Ash (niece)", "", ""], ["M2", "Birch", "Ann", "3", "", "", "", "", ""], ["M3", "Cole", "Ann", "1", "01227 1", "", "", "", ""], ["M4", "Dale", "Dot", "1", "", "", "", "", ""], ["M5", "Elm", "Eve", "1", "", "", "", "", ""]]


def take(programme, user, rows=ROWS, headings=HEADINGS, moment=NOON):
    """As on the page: uploaded, confirmed, written by its job."""
    with at(moment):
        actor = Actor.of(user, programme)
        record = imports.upload("tracker", programme, actor, "people.xlsx", workbooks.xlsx(("People", [headings, *rows])))
        job = imports.confirm(record, actor, accept_valid=False)
        assert jobs.run(job.pk).state == "done", Job.objects.get(pk=job.pk).reason
        return ImportRun.objects.get(pk=record.pk)


def row(number):
    return PersonTransfer.objects.get(case_system_id=number)


def stands(*numbers):
    return [(p.wave, p.phone, p.old_order_ref, p.representative_name, p.ending) for p in map(row, numbers)]


def undo(record, actor, reason="The wrong file", moment="2026-11-23 12:05"):
    with at(moment):
        return import_undo.undo(record, actor=actor, reason=reason)


BEFORE = [("1", "01227 1", "", "", "")] * 3


def test_what_stands_as_the_import_left_it_goes_back(leaving, ol, three):
    record = take(leaving, ol)
    assert (record.summary["created"], record.summary["updated"]) == (2, 2)
    assert stands("M1", "M2", "M3") == [("2", "01227 9", "SO-9", "Jean Ash", ""), ("3", "01227 1", "", "", ""), BEFORE[2]]
    actor = Actor.of(ol, leaving)
    with at("2026-11-23 12:04"):
        found = import_undo.undoer_for(record, actor).prospect()
    assert (found.values, found.records, found.listed, found.left) == (6, 2, 2, ())
    told = Change.objects.count()
    assert undo(record, actor) == found
    assert stands("M1", "M2", "M3") == BEFORE
    assert (ServiceOrder.objects.filter(current=True).exclude(external_ref="").count(), PersonContact.objects.filter(main=True).count()) == (0, 0)
    rows = Change.objects.filter(pk__gt=Change.objects.order_by("pk")[told - 1].pk)
    assert list(rows.filter(object_id=row("M2").pk, action="put back").values_list("fields", "why", "actor")) == [({"wave": ["3", "1"]}, f"The wrong file (import {record.public_id} undone)", ol.pk)]
    mark = rows.get(action="import undone")
    assert (mark.fields, mark.why, mark.actor_id) == ({"kind": "tracker", "values": 6, "records": 2, "listed": 2, "left": 0}, "The wrong file", ol.pk)


def test_who_was_newly_listed_leaves_the_list_with_a_reason_and_is_not_deleted(leaving, ol, three):
    record = take(leaving, ol)
    dale = row("M4")
    undo(record, Actor.of(ol, leaving))
    dale.refresh_from_db()
    assert (dale.ending, dale.ended_on, PersonTransfer.objects.count(), dale.checkpoints.get(code="C01").state) == ("withdrawn", date(2026, 11, 23), 5, "done")
    told = Change.objects.filter(object_id=dale.pk, entity="transfers.persontransfer").latest("pk")
    assert (told.action, told.fields, told.why) == ("listing undone", {"ending": ["", "withdrawn"], "ended_on": [None, "2026-11-23"]}, f"The wrong file (import {record.public_id} undone)")


def test_a_corrected_file_lists_them_again(leaving, ol, three):
    undo(take(leaving, ol), Actor.of(ol, leaving))
    again = take(leaving, ol, [["M4", "Dale", "Dot", "4", "", "", "", "", ""]], moment="2026-11-23 12:07")
    assert (again.summary["updated"], [w["problem"] for w in again.summary["warnings"]]) == (1, ["Left the list when an import was undone; this file lists the person again, so the ending is taken back."])
    assert (stands("M4"), row("M5").ending) == ([("4", "", "", "", "")], "withdrawn")


def test_an_ending_that_somebody_recorded_stays(leaving, ol, three):
    with at("2026-11-23 11:00"):
        services.end(row("M1"), "moved_away", actor=people.operator(), on=date(2026, 11, 22), why="daughter rang")
    record = take(leaving, ol)
    assert [w["problem"] for w in record.summary["warnings"] if w["row"] == 2] == ["Nothing is taken: this person is recorded as moved away. Correct that on the person's page first. It says something else under Telephone, Old order, Representative, relationship too."]


def test_what_was_changed_since_stays_and_is_named(leaving, ol, three):
    record = take(leaving, ol)
    with at("2026-11-23 12:03"):
        services.update_person(row("M1"), {"wave": "7"}, actor=people.operator())
        services.update_person(row("M4"), {"notes": "Rang"}, actor=people.operator())
        Checkpoint.objects.create(person=row("M5"), code="C02", state="done", done_on=date(2026, 11, 23), by_label="test")
    found = undo(record, Actor.of(ol, leaving))
    assert [(one.key, one.what, one.why) for one in found.left] == [
        (row("M1").public_id, "Wave", "Changed since."),
        (row("M4").public_id, "Listed by the import", "Worked on since. Record an ending on their page if they do not belong here."),
        (row("M5").public_id, "Listed by the import", "Worked on since. Record an ending on their page if they do not belong here."),
    ]
    assert stands("M1", "M2", "M4", "M5") == [("7", "01227 1", "", "", ""), BEFORE[1], ("1", "", "", "", ""), ("1", "", "", "", "")]
    record.refresh_from_db()
    assert [one["what"] for one in record.summary["undone"]["named"]] == ["Wave", "Listed by the import", "Listed by the import"]


def test_marks_go_back_while_nothing_rests_on_them(leaving, ol):
    with at("2026-11-20 09:00"):
        for number in ("M1", "M2"):
            people.person(leaving, surname=number, case_system_id=number, done=("C01", "C02"), priority="G", listed_on=date(2026, 11, 2), touched_on=date(2026, 11, 2))
    record = take(leaving, ol, [["M1", "M1", "20/11/2026"], ["M2", "M2", "20/11/2026"]], ["Case-system ID", "Surname", "c03_on"])
    with at("2026-11-23 12:03"):
        later = Checkpoint.objects.create(person=row("M2"), code="C09", state="done", done_on=date(2026, 11, 23), by_label="test")
    assert later.pk
    found = undo(record, Actor.of(ol, leaving))
    assert (found.values, [(one.key, one.what, one.why) for one in found.left]) == (1, [(row("M2").public_id, "C03 Priority set", "Later checkpoints rest on it: C09.")])
    assert list(Checkpoint.objects.filter(code="C03").order_by("person__surname").values_list("state", flat=True)) == ["not_started", "done"]


def test_a_stay_in_hospital_is_named_and_left(leaving, ol, three):
    record = take(leaving, ol, [["M1", "Ash", "yes", "22/11/2026", "5"]], ["Case-system ID", "Surname", "In hospital", "Admitted on", "Wave"])
    found = undo(record, Actor.of(ol, leaving))
    assert (row("M1").wave, row("M1").in_hospital, HospitalEpisode.objects.get().open) == ("1", True, True)
    assert [(one.what, one.why) for one in found.left] == [("Stay in hospital", "A stay is corrected or ended on the person's page.")]


def test_a_number_that_somebody_else_has_now_does_not_come_back(leaving, ol):
    with at("2026-11-20 09:00"):
        people.person(leaving, surname="Ash", forename="Ann", case_system_id="M1", nhs_number="9990000018", listed_on=date(2026, 11, 2), touched_on=date(2026, 11, 2))
    record = take(leaving, ol, [["M1", "Ash", "Ann", "9990000026"]], ["Case-system ID", "Surname", "First name", "NHS number"])
    with at("2026-11-23 12:01"):
        people.person(leaving, surname="Other", nhs_number="9990000018", listed_on=date(2026, 11, 23), touched_on=date(2026, 11, 23))
    with pytest.raises(Refused, match="Nothing of it stands as it was left"):
        undo(record, Actor.of(ol, leaving))
    assert (row("M1").nhs_number, import_undo.undone(ImportRun.objects.get(pk=record.pk))) == ("9990000026", None)


def test_it_is_done_once_by_the_author_within_minutes_and_afterwards_by_the_ol(leaving, ol, three):
    author = ground.user_in("MT", leaving)
    record, mine = take(leaving, author), Actor.of(author, leaving)
    stood = stands("M1", "M2", "M3", "M4")
    for moment, actor in (("2026-11-23 12:11", mine), ("2026-11-23 12:05", ground.actor("DA", leaving))):
        with pytest.raises(NotPermitted, match="Only the lead operational manager"):
            undo(record, actor, moment=moment)
    with pytest.raises(NotPermitted, match="Who may import may undo an import"):
        undo(record, ground.actor("COM", leaving))
    with pytest.raises(Refused, match="Say why it is undone"):
        undo(record, mine, reason="  ")
    assert stands("M1", "M2", "M3", "M4") == stood
    undo(record, Actor.of(ol, leaving), moment="2026-11-24 09:00")
    with pytest.raises(Refused, match="has undone this already"):
        undo(ImportRun.objects.get(pk=record.pk), Actor.of(ol, leaving))


def test_an_import_from_the_command_line_or_of_another_kind_is_not_undone_as_a_whole(leaving, ol):
    record = ImportRun.objects.create(programme=leaving, kind="tracker", file_name="x.csv", state="done", summary={"rows": 1})
    other = ImportRun.objects.create(programme=leaving, kind="staff", file_name="x.csv", state="done", summary={"rows": 1})
    assert [import_undo.undoer_for(one, Actor.of(ol, leaving)) for one in (record, other)] == [None, None]


def test_the_pages(leaving, three, sign_in):
    with at(NOON):
        client = sign_in("OL", leaving)
        client.post(reverse("mobilisation:import-start", args=[leaving.ref, "tracker"]), {"file": SimpleUploadedFile("people.xlsx", workbooks.xlsx(("People", [HEADINGS, *ROWS])))})
        record = ImportRun.objects.get()
        part = [leaving.ref, "tracker", record.public_id]
        client.post(reverse("mobilisation:import-preview", args=part))
        url = reverse("mobilisation:import-undo", args=part)
        assert client.get(url).status_code == 302, "not done yet"
        jobs.run(Job.objects.get().pk)
        services.update_person(row("M1"), {"wave": "7"}, actor=people.operator())
        result = reverse("mobilisation:import-run", args=part)
        assert f'href="{url}">Undo this import</a>' in client.get(result).content.decode()
        page = " ".join(client.get(url).content.decode().split())
        assert "<strong>5</strong> changes go back on <strong>2</strong> people." in page
        assert "<strong>2</strong> people newly listed by it were not touched since." in page
        assert "Ash, Ann</a></th><td>Wave</td><td>Changed since.</td>" in page
        assert client.post(url, {"reason": ""}).status_code == 422
        assert client.post(url, {"reason": "The wrong file"}).status_code == 302
        page = " ".join(client.get(result).content.decode().split())
        assert "Import undone" in page and "Undo this import" not in page and "5 changes were put back; 2 who were newly listed left the list. 1 thing stayed as it was." in page
        assert client.post(url, {"reason": "Again"}).status_code == 302
    assert stands("M1", "M2", "M4") == [("7", "01227 1", "", "", ""), BEFORE[1], ("1", "", "", "", "withdrawn")]


def test_looking_costs_the_same_for_few_and_for_many(leaving, ol, three):
    def cost(record):
        with CaptureQueriesContext(connection) as queries:
            import_undo.undoer_for(record, Actor.of(ol, leaving)).prospect()
        return len(queries)

    few = take(leaving, ol, [["M1", "Ash", "Ann", "2", "", "", "", "", ""], ["N1", "Fir", "Flo", "1", "", "", "", "", ""]])
    first = cost(few)
    names = ("Gorse", "Hazel", "Ivy", "Juniper", "Kelp", "Lime")
    many = take(leaving, ol, [[f"M{n}", name, "Ann", "5", "", "", "", "", ""] for n, name in ((2, "Birch"), (3, "Cole"))] + [[f"N{n}", name, "Flo", "1", "", "", "", "", ""] for n, name in enumerate(names, 2)])
    assert (many.summary["created"], many.summary["updated"], cost(many)) == (6, 2, first)
