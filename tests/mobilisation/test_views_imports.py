"""The import pages, without JavaScript, from upload to kept result."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mobilisation import registry
from mobilisation.models import AccessLog, ConditionPrecedent, ImportRun, Job, SavedMapping
from mobilisation.roles import Can
from mobilisation.services import jobs
from tests.factories import ground
from tests.factories import workbooks as made

HEAD = ["Condition", "Owner", "Due", "Status"]
GOOD = made.xlsx(("List", [["Title row"], HEAD, ["Lease signed", "Ann", "01/04/2027", "open"], ["Insurance", "Ben", "", "met"]]))
FAULTY = made.xlsx(("List", [HEAD, ["Lease signed", "Ann", "30/02/2027", "open"], ["Insurance", "<b>Ben</b>", "", "met"]]))


@pytest.fixture(autouse=True)
def conditions(monkeypatch, settings, tmp_path):
    monkeypatch.setitem(registry._importers, "conditions", registry.ImporterKind("conditions", "Conditions", "tests.factories.workbooks.ConditionImporter", Can.PLAN_EDIT))
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path, "base_url": None}}}


@pytest.fixture
def lead(sign_in, programme):
    return sign_in("ML", programme)


@pytest.fixture
def start(programme):
    return reverse("mobilisation:import-start", kwargs={"ref": programme.ref, "kind": "conditions"})


def html_text(page):
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


def send(client, start, data, name="list.xlsx"):
    return client.post(start, {"file": SimpleUploadedFile(name, data)})


def test_from_upload_to_result(lead, start, programme, django_capture_on_commit_callbacks):
    page = lead.get(start)
    assert page.status_code == 200
    assert b"at most 10 MB" in page.content
    answer = lead.get(send(lead, start, GOOD).url)
    record = ImportRun.objects.get()
    preview = reverse("mobilisation:import-preview", kwargs={"ref": programme.ref, "kind": "conditions", "run": record.public_id})
    assert answer.url == preview
    shown = lead.get(preview).content.decode()
    assert "2 conditions will be added" in shown
    assert "Import 2 rows" in shown
    assert ConditionPrecedent.objects.count() == 0
    result = lead.post(preview).url
    assert lead.post(preview).url == result
    assert Job.objects.count() == 1
    assert "Import under way" in lead.get(result).content.decode()
    assert "HX-Refresh" not in lead.get(result, headers={"HX-Request": "true"}).headers
    jobs.run(Job.objects.get().pk)
    assert lead.get(result, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    kept = lead.get(result).content.decode()
    assert "Import done" in kept
    assert ConditionPrecedent.objects.count() == 2
    assert lead.get(preview).url == result, "back after the end leads to the result"
    assert "list.xlsx" in lead.get(start).content.decode()
    send(lead, start, GOOD)
    again = ImportRun.objects.first()
    assert "Nothing would change" in lead.get(preview.replace(record.public_id, again.public_id)).content.decode()


def test_changes_are_shown_old_and_new(lead, start, programme):
    ground_actor = ground.actor("ML", programme)
    from mobilisation.services import imports

    imports.import_file("conditions", programme, ground_actor, GOOD, "list.xlsx")
    send(lead, start, made.xlsx(("List", [HEAD, ["Lease signed", "Cy", "", ""]])))
    page = lead.get(lead.get(reverse("mobilisation:import-run", kwargs={"ref": programme.ref, "kind": "conditions", "run": ImportRun.objects.first().public_id})).url).content.decode()
    assert "<del>Ann</del>" in page
    assert "<ins>Cy</ins>" in page


def test_every_bad_cell_is_named_and_good_rows_can_be_taken(lead, start, programme):
    preview = lead.get(send(lead, start, FAULTY).url).url
    page = lead.get(preview).content.decode()
    assert "<code>30/02/2027</code>" in page
    assert "1 cell is at fault" in page
    assert "<b>Ben</b>" not in page
    assert "leave out 1" in page
    result = lead.post(preview, {"accept_valid": "1"}).url
    jobs.run(Job.objects.get().pk)
    assert "The rows of these cells were left out" in lead.get(result).content.decode()
    assert list(ConditionPrecedent.objects.values_list("title", "owner_name")) == [("Insurance", "<b>Ben</b>")]


def test_sheet_then_columns_then_preview(lead, start, programme):
    two = made.xlsx(("May", [["What", "Owner"], ["Lease", "Ann"]]), ("June", [["What", "Owner"], ["Rent", "Ben"]]))
    step = lead.get(send(lead, start, two).url).url
    assert step.endswith("/sheet/")
    assert "June (2 rows)" in lead.get(step).content.decode()
    assert lead.post(step, {"sheet": "", "heading_row": "", "date_order": ""}).status_code == 422
    columns = lead.post(step, {"sheet": "June", "heading_row": "", "date_order": ""}).url
    assert columns.endswith("/columns/")
    page = lead.get(columns).content.decode()
    assert "Condition (needed)" in page
    assert "Rent" in page
    assert lead.post(columns, {"c0": "-", "c1": "owner_name"}).status_code == 422
    assert lead.post(columns, {"c0": "owner_name", "c1": "owner_name"}).status_code == 422
    preview = lead.post(columns, {"c0": "title", "c1": "-"}).url
    assert preview.endswith("/preview/")
    assert "1 condition will be added" in lead.get(preview).content.decode()
    assert ImportRun.objects.get().sheet == "June"


def test_faults_and_notes_name_the_sheet_before_and_after(lead, start, programme):
    rows = [HEAD, ["Lease signed", "Ann", "30/02/2027", ""], ["Insurance", "tbc", "", "met"]]
    step = lead.get(send(lead, start, made.xlsx(("Week 1", rows), ("Week 2", rows))).url).url
    preview = lead.post(step, {"sheet": "Week 2", "heading_row": "", "date_order": ""}).url.replace("columns", "preview")
    page = lead.get(preview).content.decode()
    assert "under the headings in row 1 of sheet Week 2" in page
    assert page.count('<th scope="col">Sheet</th><th scope="col">Row</th>') == 2
    at = '<td><span class="app-fold-only">Sheet </span>Week 2</td><td><span class="app-fold-only">Row </span>{}</td>'.format
    assert at(2) in page
    assert at(3) in page
    result = lead.post(preview, {"accept_valid": "1"}).url
    jobs.run(Job.objects.get().pk)
    kept = lead.get(result).content.decode()
    assert (at(2) in kept, at(3) in kept) == (True, True)
    assert ImportRun.objects.get().summary["sheet"] == "Week 2"
    assert "Sheet</th>" not in lead.get(lead.get(send(lead, start, b"Condition,Due\nRent,30/02/2027\n", "list.csv").url).url).content.decode()


def test_a_file_that_is_too_large_is_told_no_wrong_size(lead, start, settings):
    settings.UPLOAD_MAX_MB = 1
    page = send(lead, start, b"x" * (3 * 1024 * 1024), "list.csv")
    assert page.status_code == 422
    assert "list.csv is too large: at most 1 MB are allowed." in page.content.decode()


def test_a_heading_row_that_is_empty_is_refused_on_the_page(lead, start):
    step = lead.get(send(lead, start, GOOD).url).url.replace("preview", "sheet")
    answer = lead.post(step, {"heading_row": "77", "date_order": ""})
    assert answer.status_code == 422
    assert "Row 77" in answer.content.decode()


@pytest.mark.parametrize(("data", "name", "said"), [(b"", "list.xlsx", "empty"), (b"%PDF-1.7", "list.pdf", ".pdf"), (made.encrypted(), "list.xlsx", "password"), (GOOD, "list.csv", "is an Excel file")])
def test_a_refused_upload_says_why_and_keeps_nothing(lead, start, data, name, said):
    answer = send(lead, start, data, name)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert ImportRun.objects.count() == 0


def test_no_file_chosen(lead, start):
    assert "Choose a file" in lead.post(start, {}).content.decode()


def test_outside_scope_is_404(sign_in, lead, start, programme, client):
    send(lead, start, GOOD)
    record = ImportRun.objects.get()
    pages = [start] + [reverse(f"mobilisation:import-{step}", kwargs={"ref": programme.ref, "kind": "conditions", "run": record.public_id}) for step in ("run", "sheet", "columns", "preview")]
    elsewhere = ground.programme()
    for role, where in (("BM", programme), ("IP", programme), ("ML", elsewhere), ("ADM", None)):
        client.force_login(ground.user_in(role, where))
        assert [client.get(page).status_code for page in pages] == [404] * 5, role
        assert [client.post(page).status_code for page in pages] == [404] * 5, role
    client.force_login(ground.user_in("ML", elsewhere))
    foreign = [page.replace(f"/{programme.ref}/", f"/{elsewhere.ref}/") for page in pages[1:]]
    assert [client.get(page).status_code for page in foreign] == [404] * 4
    client.logout()
    assert [client.get(page).status_code for page in pages] == [302] * 5
    assert ConditionPrecedent.objects.count() == 0


def test_an_unknown_kind_is_404(lead, programme):
    assert lead.get(reverse("mobilisation:import-start", kwargs={"ref": programme.ref, "kind": "shoes"})).status_code == 404


def test_looking_at_a_preview_is_logged_without_names(lead, start):
    lead.get(lead.get(send(lead, start, GOOD).url).url)
    row = AccessLog.objects.get(verb="view")
    assert (row.subject, row.count, row.object_ids) == ("import of conditions", 2, [ImportRun.objects.get().public_id])


def test_a_waiting_import_can_be_cancelled_and_confirmed_again(lead, start, programme):
    preview = lead.get(send(lead, start, GOOD).url).url
    result = lead.post(preview).url
    assert lead.post(result, {"cancel": "1"}).url == result
    assert lead.get(result).url == preview
    lead.post(preview)
    assert Job.objects.count() == 2
    assert jobs.run(Job.objects.first().pk).state == "done"
    assert ConditionPrecedent.objects.count() == 2


def test_an_import_cancelled_on_the_page_of_jobs_may_be_confirmed_again(lead, start):
    preview = lead.get(send(lead, start, GOOD).url).url
    result = lead.post(preview).url
    job = Job.objects.get()
    lead.post(reverse("mobilisation:job-detail", args=[job.public_id]))
    assert lead.get(result).url == preview
    assert ImportRun.objects.get().state == "previewed"
    lead.post(preview)
    assert jobs.run(Job.objects.exclude(pk=job.pk).get().pk).state == "done"
    assert ConditionPrecedent.objects.count() == 2


def test_an_import_whose_worker_stopped_too_often_says_so_and_may_be_confirmed_again(lead, start):
    preview = lead.get(send(lead, start, GOOD).url).url
    result = lead.post(preview).url
    Job.objects.update(state="running", attempts=3, heartbeat=None)
    ImportRun.objects.update(state="running")
    jobs.sweep()
    assert lead.get(result).url == preview
    record = ImportRun.objects.get()
    assert (record.state, record.reason) == ("failed", "The worker stopped 3 times during this work. Try again, or ask the administrator to look at the log.")
    assert record.reason in lead.get(preview).content.decode()
    lead.post(preview)
    assert jobs.run(Job.objects.latest("pk").pk).state == "done"


UNKNOWN = ["Condition", "Who minds it", "Until", "Status"]


def upload_unknown(lead, start, due):
    return lead.get(send(lead, start, made.xlsx(("List", [UNKNOWN, ["Lease signed", "Ann", due, "open"]]))).url).url


def test_what_a_faulty_file_was_told_is_known_when_it_is_uploaded_again(lead, start, programme):
    columns = upload_unknown(lead, start, "30/02/2027")
    assert columns.endswith("/columns/"), "two headings are not known, and nobody said to leave them out"
    preview = lead.post(columns, {"c0": "title", "c1": "owner_name", "c2": "due", "c3": "status"}).url
    assert "Correct them in the file and upload it again." in lead.get(preview).content.decode()
    again = upload_unknown(lead, start, "28/02/2027")
    assert again.endswith("/preview/")
    lead.post(again)
    jobs.run(Job.objects.get().pk)
    assert list(ConditionPrecedent.objects.values_list("title", "owner_name", "due", "status")) == [("Lease signed", "Ann", date(2027, 2, 28), "open")]


def test_headings_nobody_knows_are_asked_about_until_somebody_leaves_them_out(lead, start, programme):
    columns = upload_unknown(lead, start, "28/02/2027")
    page = lead.get(columns).content.decode()
    assert "2 headings are not known here: Who minds it, Until. Choose a column for each, or leave it out." in page
    assert page.count("Not known here: choose, or leave out") == 2
    assert upload_unknown(lead, start, "28/02/2027").endswith("/columns/"), "looking decides nothing"
    preview = lead.post(columns, {"c0": "title", "c1": "-", "c2": "due", "c3": "status"}).url
    assert "1 column is not read: Who minds it." in html_text(lead.get(preview).content.decode())
    left = upload_unknown(lead, start, "28/02/2027")
    assert left.endswith("/preview/")
    assert "1 column is not read: Who minds it." in html_text(lead.get(left).content.decode())
    anew = left.replace("/preview/", "/columns/")
    lead.post(anew, {"c0": "title", "c1": "owner_name", "c2": "-", "c3": "status"})
    assert SavedMapping.objects.get(programme=programme, kind="conditions").mapping == {"Condition": "title", "Who minds it": "owner_name", "Until": "", "Status": "status"}


def test_a_mapping_that_lacks_what_a_new_row_needs_is_not_remembered(lead, start, programme):
    columns = upload_unknown(lead, start, "28/02/2027")
    assert lead.post(columns, {"c0": "-", "c1": "owner_name", "c2": "due", "c3": "status"}).status_code == 422
    assert not SavedMapping.objects.exists()


def test_a_column_without_values_or_said_twice_alike_is_not_asked_about(lead, start):
    rows = [["Condition", "Owner", "Owner", "Spare"], ["Lease signed", "Ann", "Ann", ""], ["Rent", "Ben", None, None]]
    assert lead.get(send(lead, start, made.xlsx(("List", rows))).url).url.endswith("/preview/")


def test_an_unasked_mapping_is_not_got_round_by_confirming(lead, start):
    preview = upload_unknown(lead, start, "28/02/2027").replace("/columns/", "/preview/")
    lead.post(preview)
    job = jobs.run(Job.objects.get().pk)
    assert (job.state, job.reason) == ("failed", "2 headings are not known here: Who minds it, Until. Choose a column for each, or leave it out.")
    assert not ConditionPrecedent.objects.exists()


def test_the_page_asks_in_its_own_words(lead, start):
    columns = lead.get(send(lead, start, made.xlsx(("List", [["What", "Whose"], ["Lease", "Ann"]]))).url).url
    page = lead.get(columns).content.decode()
    assert "None of the headings in row 1 of sheet List is known here: What, Whose. Choose below what each means." in page
    columns = lead.get(send(lead, start, made.xlsx(("List", [["Owner", "Due", "What"], ["Ann", "28/02/2027", ""]]))).url).url
    page = lead.get(columns, follow=True).content.decode()
    assert "No heading was recognised for: Condition. Choose below which heading means it." in page
    twice = lead.get(send(lead, start, made.xlsx(("List", [["Condition", "Owner", "Owner"], ["Lease", "Ann", "Ben"]]))).url).url
    page_twice = lead.get(twice).content.decode()
    assert "Two columns of sheet List are headed “Owner”, with different values. Choose which of them is meant, and “Leave out” for the other." in page_twice
    assert ("JSON" in page + page_twice, "empty text" in page_twice) == (False, False)
