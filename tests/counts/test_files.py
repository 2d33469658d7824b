"""Every export, sheet, letter run, pack and weekly job, with one and with several of everything: one literal number of statements each.

A new command or job fails until it is in a table here, or is named with the test that counts it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import time_machine
from django.core.management import call_command, get_commands
from django.db import connection, reset_queries, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.models import Notification
from mobilisation.services import jobs
from reporting.documents import build
from reporting.services import packs, snapshots, weekly
from tests.counts.crowd import APPS, SYSTEM, Crowd
from tests.mobilisation.test_access_matrix import addresses
from transfers.models import PersonTransfer
from transfers.services import day as people_day
from transfers.services import exports, sheets

pytestmark = pytest.mark.django_db
SEVERAL = 5
WEEK = date(2027, 3, 14)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def crowd(settings, tmp_path, monkeypatch) -> Iterator[Crowd]:
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path, "base_url": None}}}
    settings.FILES_DIR = tmp_path
    # The pages are laid out without the database; what is counted is everything around that.
    monkeypatch.setattr(build, "render", lambda text: build.Made(text.encode(), 1))
    monkeypatch.setattr(jobs, "_WRITE_EVERY", 10**9)  # how often progress is written hangs on the clock of the machine
    with time_machine.travel("2027-03-15 16:30", tick=False):
        made = Crowd()
        made.team = Client()
        made.team.force_login(made.users["OL"])
        made.team.get("/glossary/")  # the first page of a session writes the session down
        yield made


def _post(crowd: Crowd, name: str, **sent: str) -> bytes:
    answer = crowd.team.post(crowd.address(name, addresses()[name]), {"reason": "audit", **sent})
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    assert answer.status_code == 200, content.decode()[-2000:]
    return content


def _people(data: bytes) -> int:
    """Lines of the tracker's workbook that hold somebody."""
    rows = list(openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(values_only=True))
    at = rows[0].index("record_id")
    return sum(bool(row[at]) for row in rows[1:])


def _csv(data: bytes) -> int:
    return len(list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")))))


def _letters(data: bytes) -> int:
    return sum(any(str(cell).split("-")[0] in {"Newby", "Moved"} or "Newby-" in str(cell) or "Moved-" in str(cell) for cell in row) for row in openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(values_only=True))


def _keys(crowd: Crowd) -> list[int]:
    return list(PersonTransfer.objects.filter(programme=crowd.programme).values_list("pk", flat=True))


def _job(crowd: Crowd, file_format: str) -> int:
    export = exports.request(crowd.programme, _keys(crowd), file_format, actor=Actor.of(crowd.users["OL"], crowd.programme), reason="audit")
    done = jobs.run(export.job.pk)
    assert done is not None
    assert (done.state, done.reason) == ("done", "")
    return int(type(export).objects.get(pk=export.pk).count)


def _command(crowd: Crowd, folder: Path) -> int:
    call_command("export_tracker", crowd.programme.reference, str(folder / "out.xlsx"), verbosity=0)
    return _people((folder / "out.xlsx").read_bytes())


def _built(crowd: Crowd, edition: str, document: str) -> int:
    """Lines of risk, or of workstreams, the pages hold."""
    snapshot = snapshots.interim(crowd.programme, actor=SYSTEM)
    pack = packs.build_pack(packs.draft(snapshot, edition, actor=SYSTEM, document=document), actor=SYSTEM)
    assert (pack.status, pack.reason) == ("ready", "")
    return len(set(re.findall(r"\bRisk-(\d)\b|\bStream-(\d)\b", packs.content(pack).decode())))


def _week(crowd: Crowd) -> int:
    cycle = weekly.run_week(crowd.programme, WEEK, actor=SYSTEM)
    assert {pack.status for pack in cycle.packs} <= {"ready", "published"}
    return len(snapshots.freeze_week(crowd.programme, WEEK, actor=SYSTEM)[0].position["plan"]["workstreams"])


def _told(crowd: Crowd) -> int:
    """The list at 16:00 of rows nobody has updated: how many it counts."""
    PersonTransfer.objects.filter(programme=crowd.programme).update(touched_on=date(2027, 3, 12))
    people_day.tick(now())
    return int(re.search(r": (\d+) rows? not updated", Notification.objects.filter(kind="not_updated", programme=crowd.programme).first().subject)[1])


WRITTEN: dict[str, tuple[Callable[[Crowd, Path], int], int]] = {
    # what is written: (how, statements)
    "people as a workbook, at once": (lambda crowd, _: _people(_post(crowd, "transfers:person-export", file_format="xlsx")), 15),
    "people as text, at once": (lambda crowd, _: _csv(_post(crowd, "transfers:person-export", file_format="csv")), 13),
    "whole tracker": (lambda crowd, _: _people(_post(crowd, "transfers:whole-tracker", file_format="xlsx")), 14),
    "people as a workbook, by a job": (lambda crowd, _: _job(crowd, "xlsx"), 29),
    "people as text, by a job": (lambda crowd, _: _job(crowd, "csv"), 27),
    "export_tracker": (lambda crowd, folder: _command(crowd, folder), 11),
    "letters for the mail merge": (lambda crowd, _: _letters(_post(crowd, "transfers:letter-file")), 24),
    "sheet for an incoming provider": (lambda crowd, _: sheets.make(crowd.programme, crowd.taker, "incoming", actor=SYSTEM).rows, 21),
    "sheet for an exiting provider": (lambda crowd, _: sheets.make(crowd.programme, crowd.leaver, "exiting", actor=SYSTEM).rows, 17),
    "snapshot of a week": (lambda crowd, _: len(snapshots.freeze_week(crowd.programme, WEEK, actor=SYSTEM)[0].position["plan"]["workstreams"]), 48),
    "pack, board edition": (lambda crowd, _: _built(crowd, "board", "pack"), 63),
    "pack, commissioner's edition": (lambda crowd, _: _built(crowd, "commissioner", "pack"), 63),
    "pack, provider's edition": (lambda crowd, _: _built(crowd, "provider", "pack"), 63),
    "pack, public edition": (lambda crowd, _: _built(crowd, "public", "pack"), 63),
    "dashboard on one page": (lambda crowd, _: _built(crowd, "board", "dashboard"), 63),
    "dashboard and drafts of a week": (lambda crowd, _: _week(crowd), 154),
    "list of rows not updated": (lambda crowd, _: _told(crowd), 11),
}


def _measured(crowd: Crowd, folder: Path) -> dict[str, tuple[int, int]]:
    """{what: (statements, things in it)}; what was written is taken back."""
    found = {}
    for what, (write, _) in WRITTEN.items():
        with transaction.atomic():
            reset_queries()
            with CaptureQueriesContext(connection) as queries:
                things = write(crowd, folder)
            transaction.set_rollback(True)
        found[what] = (len(queries), things)
    return found


def test_everything_written_costs_the_same_with_one_and_with_several(crowd, tmp_path):
    costs = {what: cost for what, (_, cost) in WRITTEN.items()}
    crowd.more(1)
    one = _measured(crowd, tmp_path)
    assert {what: cost for what, (cost, _) in one.items()} == costs
    for number in range(2, SEVERAL + 1):
        crowd.more(number)
    several = _measured(crowd, tmp_path)
    assert {what: cost for what, (cost, _) in several.items()} == costs
    assert {what: (one[what][1], several[what][1]) for what in costs if not 1 <= one[what][1] <= 3 or several[what][1] != SEVERAL * one[what][1]} == {}


HERE = "tests/counts/test_files.py::test_everything_written_costs_the_same_with_one_and_with_several"
COMMANDS = {
    "board_pack": HERE, "weekly_cycle": HERE, "export_tracker": HERE,
    "check_integrity": "tests/reporting/test_integrity.py::test_the_statements_do_not_grow_with_the_people",
    "import_tracker": "tests/transfers/test_import_tracker.py::test_an_import_costs_the_same_statements_for_few_and_many",
    "import_staff": "tests/mobilisation/test_services_imports.py::test_query_count_does_not_grow_with_the_rows",
    "import_risks": "tests/mobilisation/test_services_imports.py::test_query_count_does_not_grow_with_the_rows",
    "import_plan": "tests/mobilisation/test_services_imports.py::test_query_count_does_not_grow_with_the_rows",
    "create_programme": "", "create_user": "", "demo_logins": "", "load_demo": "", "prepare": "", "serve": "",
}
"""Every command and the test that counts it; empty where it builds no list, dashboard, export or pack."""
JOBS = {
    "pack": HERE, "freeze": HERE, "weekly_packs": HERE, "people-export": HERE,
    "import": "tests/mobilisation/test_services_imports.py::test_query_count_does_not_grow_with_the_rows",
    "invitation": "",
}
TICKS = {
    "weekly": HERE, "not-updated": HERE, "people": "tests/transfers/test_services_nightly.py::test_the_statements_do_not_grow_with_the_people",
    **dict.fromkeys(("notices", "calendar", "uploads", "escalations", "exports", "lists", "hospital", "plan", "people-escalations", "plan-escalations", "red-weeks", "staffing"), ""),
}


@pytest.mark.parametrize(("said", "found"), [
    (COMMANDS, {name for name, app in get_commands().items() if app in APPS}), (JOBS, set(registry.job_kinds())), (TICKS, {tick.name for tick in registry.ticks()}),
], ids=["commands", "jobs", "ticks"])
def test_every_command_and_job_is_counted_or_builds_nothing(said, found):
    assert set(said) == found, "count what the new one writes, or say that it writes nothing"
    for test in filter(None, said.values()):
        file, name = test.split("::")
        body = (ROOT / file).read_text().split(f"def {name}(")[1].split("\ndef ")[0]
        assert re.search(r"num_queries|CaptureQueriesContext|_measured|queries\(", body), test
