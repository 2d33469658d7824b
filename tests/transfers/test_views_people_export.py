"""The list as a file: what leaves is what is shown, with a reason, logged; long lists by a worker for their owner alone."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.models import AccessLog, Job, Notification, RoleAssignment
from mobilisation.services import jobs
from mobilisation.services.imports import import_file
from tests.factories import ground, people
from transfers.models import PeopleExport
from transfers.services import exports

pytestmark = pytest.mark.django_db


def address(programme):
    return reverse("transfers:person-export", args=[programme.ref])


def names(answer):
    rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0].iter_rows(values_only=True))
    return sorted(row[rows[0].index("surname")] for row in rows[1:])


def test_the_file_holds_exactly_the_filtered_rows_and_the_reason_is_kept(programme, sign_in):
    people.person(programme, surname="Ng", wave="1")
    people.person(programme, surname="Oh", wave="2")
    client = sign_in("MT", programme)
    assert "1 person as the list shows" in client.get(address(programme) + "?wave=1").content.decode()
    answer = client.post(address(programme) + "?wave=1", {"reason": "wash-up without a screen"})
    assert names(answer) == ["Ng"]
    log = AccessLog.objects.filter(verb="export").get()
    assert (log.count, log.reason, "Ng" in answer["Content-Disposition"]) == (1, "wash-up without a screen", False)


def test_the_search_of_the_address_narrows_the_file_too(programme, sign_in):
    people.person(programme, surname="Ng")
    people.person(programme, surname="Oh")
    client = sign_in("MT", programme)
    searched = client.post(reverse("transfers:person-list", args=[programme.ref]), {"term": "Oh"}).url.partition("?")[2]
    assert names(client.post(f"{address(programme)}?{searched}", {"reason": "asked by the OL"})) == ["Oh"]
    assert names(client.post(address(programme), {"reason": "asked by the OL"})) == ["Ng", "Oh"]


def test_without_a_reason_nothing_leaves(programme, sign_in):
    client = sign_in("MT", programme)
    assert client.post(address(programme), {"reason": "  "}).status_code == 422
    assert not AccessLog.objects.filter(verb="export").exists()


@pytest.mark.parametrize("role", ["BM", "COM", "SRO", "XP", "IP", "QL"])
def test_roles_that_may_not_take_people_away_get_404(programme, sign_in, role):
    assert sign_in(role, programme).post(address(programme), {"reason": "curiosity"}).status_code == 404


def test_a_formula_leaves_as_text(programme, sign_in):
    people.person(programme, surname="=1+1")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(sign_in("MT", programme).post(address(programme), {"reason": "test"}).streaming_content)))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if "1+1" in str(cell.value)]
    assert [(cell.data_type, str(cell.value).startswith("=")) for cell in cells] == [("s", False)]


def text_of(answer):
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def test_csv_is_streamed_and_holds_exactly_the_filtered_rows(programme, sign_in):
    for surname, wave in (("Ng", "1"), ("=Oh", "1"), ("Pike", "2")):
        people.person(programme, surname=surname, wave=wave)
    answer = sign_in("MT", programme).post(address(programme) + "?wave=1", {"reason": "wash-up", "file_format": "csv"})
    assert (answer.streaming, answer["Content-Type"], ".csv" in answer["Content-Disposition"]) == (True, "text/csv; charset=utf-8", True)
    assert AccessLog.objects.get(verb="export").count == 2, "said before the first line left"
    rows = list(csv.DictReader(io.StringIO(text_of(answer))))
    assert [row["surname"] for row in rows] == ["'=Oh", "Ng"]


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
@pytest.mark.parametrize("query", ["", "?wave=1", "?priority=R", "?show=hold", "?wave=1&priority=R&sort=-transfer"])
def test_as_many_rows_leave_as_the_page_counts_and_the_log_names_the_same(programme, sign_in, query, file_format):
    for number in range(6):
        people.person(programme, wave=str(number % 2), priority="RAG"[number % 3])
    client = sign_in("MT", programme)
    shown = client.get(reverse("transfers:person-list", args=[programme.ref]) + query).context["page_obj"].paginator.count
    answer = client.post(address(programme) + query, {"reason": "count", "file_format": file_format})
    if file_format == "csv":
        ids = [row["record_id"] for row in csv.DictReader(io.StringIO(text_of(answer)))]
    else:
        rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0].iter_rows(values_only=True))
        ids = [row[rows[0].index("record_id")] for row in rows[1:]]
    log = AccessLog.objects.get(verb="export")
    assert (len(ids), log.count, ids) == (shown, shown, log.object_ids)


def test_csv_comes_back_with_no_change(programme, sign_in):
    people.person(programme, surname="O'Neil", forename="+Ann", weekly_hours="17.5", wave="1", notes="first\nsecond, \"third\"")
    data = b"".join(sign_in("MT", programme).post(address(programme), {"reason": "way back", "file_format": "csv"}).streaming_content)
    outcome = import_file("tracker", programme, Actor.operator(), data, "people.csv")
    assert (outcome.ok, outcome.summary["unchanged"], outcome.summary["updated"], outcome.summary["created"]) == (True, 1, 0, 0)


@pytest.mark.parametrize("many", [1, 7])
@pytest.mark.parametrize(("file_format", "expected"), [("xlsx", 15), ("csv", 13)])
def test_an_export_costs_the_same_statements_for_few_and_many(programme, sign_in, many, file_format, expected, django_assert_num_queries):
    for _ in range(many):
        people.person(programme)
    client = sign_in("MT", programme)
    client.get(address(programme))
    with django_assert_num_queries(expected):
        answer = client.post(address(programme), {"reason": "count", "file_format": file_format})
        assert len(b"".join(answer.streaming_content)) > 100


class TestLong:
    """Beyond the rows that are written while somebody waits."""

    @pytest.fixture(autouse=True)
    def _two_at_once(self, settings, tmp_path):
        settings.EXPORT_AT_ONCE = 2
        settings.STORAGES = settings.STORAGES | {"default": settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path, "base_url": None}}}

    @pytest.fixture
    def three(self, programme):
        return [people.person(programme, surname=name) for name in ("Ng", "Oh", "Pike")]

    def ask(self, client, programme, file_format="csv", query=""):
        answer = client.post(address(programme) + query, {"reason": "for the audit", "file_format": file_format})
        export = PeopleExport.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, reverse("transfers:export-page", args=[programme.ref, export.public_id]))
        return export, answer["Location"]

    def test_a_worker_writes_it_and_its_owner_alone_takes_it(self, programme, three, sign_in):
        client = sign_in("MT", programme)
        export, page = self.ask(client, programme, query="?sort=-name")
        job = export.job
        assert (job.kind, job.args, AccessLog.objects.filter(verb="export").count()) == ("people-export", {"export": export.public_id}, 0)
        waiting = client.get(page).content.decode()
        assert ("Download the file" in waiting, f'hx-get="{page}"' in waiting) == (False, True)
        assert "HX-Refresh" not in client.get(page, headers={"HX-Request": "true"})

        assert jobs.run(job.pk).state == "done"
        # The page that waits comes anew by itself, and the way to the file has the focus.
        assert client.get(page, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
        assert 'autofocus href="' + page + 'file/"' in client.get(page).content.decode()

        log = AccessLog.objects.get(verb="export")
        assert (log.user, log.count, log.reason, sorted(log.object_ids)) == (client.user, 3, "for the audit", sorted(person.public_id for person in three))
        assert "Download the file" in client.get(page).content.decode()
        rows = list(csv.DictReader(io.StringIO(text_of(client.get(page + "file/")))))
        assert [row["surname"] for row in rows] == ["Pike", "Oh", "Ng"], "in the order of the list"
        taken = AccessLog.objects.get(verb="download")
        assert (taken.user, taken.object_ids, taken.count) == (client.user, [export.public_id], 3)
        export.refresh_from_db()
        assert (export.people, client.user.email in export.stored_name, export.stored_name.startswith("exports/")) == ([], False, True)

        for role in ("MT", "OL", "IGO", "XP"):
            other = Client()
            other.force_login(ground.user_in(role, None if role == "IGO" else programme))
            assert [other.get(page).status_code, other.get(page + "file/").status_code] == [404, 404], role

    def test_a_finished_one_says_what_came_of_it_and_not_its_last_step(self, programme, three, sign_in):
        client = sign_in("MT", programme)
        export, page = self.ask(client, programme)
        jobs.run(export.job.pk)
        job = Job.objects.get(pk=export.job.pk)
        assert job.message == "3 people written. The file is kept for you for 24 hours."
        shown = client.get(reverse("mobilisation:job-detail", args=[job.public_id])).content.decode()
        assert ("Writing" in shown, job.message in shown, page in shown) == (False, True, True)
        assert page in client.get(reverse("mobilisation:job-list")).content.decode()

    def test_it_ends_with_the_role_of_its_owner(self, programme, three, sign_in):
        client = sign_in("MT", programme)
        export, page = self.ask(client, programme)
        RoleAssignment.objects.filter(user=client.user).update(role="QL")
        assert (jobs.run(export.job.pk).state, client.get(page).status_code) == ("failed", 404)
        assert not AccessLog.objects.filter(verb="export").exists()

    def test_it_is_deleted_on_schedule(self, programme, three, sign_in):
        client = sign_in("MT", programme)
        export, page = self.ask(client, programme, "xlsx")
        jobs.run(export.job.pk)
        export.refresh_from_db()
        stored = export.stored_name
        exports.tick(export.kept_until - timedelta(minutes=1))
        assert default_storage.exists(stored)
        exports.tick(export.kept_until)
        assert not default_storage.exists(stored)
        assert PeopleExport.objects.get().stored_name == ""
        with time_machine.travel(export.kept_until + timedelta(minutes=1)):
            client.force_login(client.user)
            assert "no longer kept" in client.get(page).content.decode()
            assert client.get(page + "file/")["Location"] == page

    def test_a_file_that_nobody_knows_of_is_deleted_too(self):
        name = default_storage.save("exports/lost.csv", ContentFile(b"x"))
        exports.tick(now() + timedelta(hours=1))
        assert default_storage.exists(name)
        exports.tick(now() + timedelta(hours=25))
        assert not default_storage.exists(name)

    def test_a_worker_that_dies_after_the_file_leaves_none_and_can_begin_again(self, programme, three, sign_in, monkeypatch):
        export, _ = self.ask(sign_in("MT", programme), programme)

        def dies(*args, **kwargs):
            raise RuntimeError("gone")

        with monkeypatch.context() as patch:
            patch.setattr(exports.access_log, "record", dies)
            assert jobs.run(export.job.pk).state == "failed"
        export.refresh_from_db()
        assert (export.stored_name, export.kept_until, len(export.people)) == ("", None, 3)
        assert not default_storage.exists("exports") or default_storage.listdir("exports")[1] == []
        Job.objects.filter(pk=export.job.pk).update(state="queued")
        assert jobs.run(export.job.pk).state == "done"

    def test_asked_for_twice_by_one_worker_it_is_made_once(self, programme, three, sign_in):
        export, _ = self.ask(sign_in("MT", programme), programme)
        jobs.run(export.job.pk)
        Job.objects.filter(pk=export.job.pk).update(state="queued")
        jobs.run(export.job.pk)
        assert (AccessLog.objects.filter(verb="export").count(), len(default_storage.listdir("exports")[1])) == (1, 1)


class TestWholeTracker:
    def address(self, programme):
        return reverse("transfers:whole-tracker", args=[programme.ref])

    def test_it_holds_everybody_whatever_the_list_shows(self, programme, sign_in):
        people.person(programme, surname="Ng", wave="1")
        people.person(programme, surname="Oh", wave="2")
        client = sign_in("MT", programme)
        searched = client.post(reverse("transfers:person-list", args=[programme.ref]), {"term": "Oh"}).url.partition("?")[2]
        assert "2 people you may see" in client.get(f"{self.address(programme)}?wave=1&{searched}").content.decode()
        answer = client.post(f"{self.address(programme)}?wave=1&{searched}", {"reason": "to work on it at night"})
        assert names(answer) == ["Ng", "Oh"]
        assert AccessLog.objects.get(verb="export").subject == "tracker"

    @pytest.mark.parametrize("role", ["BM", "COM", "SRO", "XP", "IP", "QL"])
    def test_who_may_not_take_people_away_gets_404(self, programme, sign_in, role):
        assert sign_in(role, programme).get(self.address(programme)).status_code == 404


def test_a_hundred_exports_in_an_hour_are_told_to_information_governance(programme, sign_in):
    officer = ground.user_in("IGO")
    client = sign_in("MT", programme)
    old = now() - timedelta(minutes=61)
    AccessLog.objects.bulk_create([AccessLog(at=old, user=client.user, user_label="x", verb="export", subject="people list")] + [AccessLog(at=now(), user=client.user, user_label="x", verb="export", subject="people list") for _ in range(98)])
    client.post(address(programme), {"reason": "the 99th", "file_format": "csv"})
    assert not AccessLog.objects.filter(verb="flagged").exists()
    for _ in range(3):
        client.post(address(programme), {"reason": "again", "file_format": "csv"})
    mark = AccessLog.objects.get(verb="flagged")
    assert (mark.user, mark.count, mark.subject) == (client.user, 100, "exports within an hour")
    notice = Notification.objects.get()
    assert (notice.user, notice.at_once, notice.subject) == (officer, True, "One account took 100 lists out of the system within an hour")
    assert client.user.email not in notice.subject + notice.body
    client.force_login(officer)
    assert "exports within an hour" in client.get(notice.url).content.decode()
