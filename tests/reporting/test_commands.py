"""The command line of reporting: exit codes, one JSON object, twice is harmless."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from reporting.documents import build
from reporting.models import BoardPack, WeeklySnapshot
from reporting.services import packs
from tests.factories import ground

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday(settings, tmp_path, monkeypatch):
    settings.FILES_DIR = tmp_path / "files"
    monkeypatch.setattr(build, "pdf_of", lambda pack: build.Made(b"%PDF", 2))
    with time_machine.travel(datetime(2027, 3, 1, 9, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def programme():
    return ground.programme("live_service", "LIVE-1", scd=date(2027, 4, 1))


def run(*arguments):
    out, err = StringIO(), StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=err)
        code = 0
    except SystemExit as end:
        code = end.code
    return code, out.getvalue(), err.getvalue()


def test_weekly_cycle_twice(programme):
    code, out, _ = run("weekly_cycle", "live-1", "--json")
    first = json.loads(out.splitlines()[-1])
    code_again, again, _ = run("weekly_cycle", "LIVE-1", "--json")
    second = json.loads(again.splitlines()[-1])
    assert (code, code_again) == (0, 0)
    assert (first["week_ending"], first["programmes"][0]["frozen_now"], second["programmes"][0]["frozen_now"]) == ("2027-02-28", True, False)
    assert first["programmes"][0]["packs"] == second["programmes"][0]["packs"]
    assert (WeeklySnapshot.objects.count(), BoardPack.objects.count()) == (1, 4)


def test_weekly_cycle_of_an_earlier_day(programme):
    assert json.loads(run("weekly_cycle", "LIVE-1", "--as-of", "2027-02-24", "--json")[1].splitlines()[-1])["week_ending"] == "2027-02-21"


def test_one_broken_programme_does_not_stop_the_others(programme, monkeypatch):
    ground.programme("live_service", "LIVE-2", scd=date(2027, 4, 1))

    def build_one(pack):
        if pack.programme.reference == "LIVE-1":
            raise OSError("full")
        return build.Made(b"%PDF", 2)

    monkeypatch.setattr(build, "pdf_of", build_one)
    code, _, err = run("weekly_cycle")
    assert code == 1
    assert "LIVE-1" in err
    assert "LIVE-2" not in err
    assert BoardPack.objects.filter(programme__reference="LIVE-2", status__in=["ready", "published"]).count() == 4


def test_refusals_and_usage(programme, tmp_path):
    assert run("weekly_cycle", "NONE")[0] == 1
    assert run("weekly_cycle", "--as-of", "1/3/2027")[0] == 2
    assert run("board_pack", "LIVE-1", "--out", str(tmp_path / "a.txt"))[0] == 2
    assert run("board_pack", "LIVE-1", "--out", str(tmp_path / "no" / "a.pdf"))[0] == 1
    code, _, err = run("board_pack", "LIVE-1", "--as-of", "2027-01-01", "--out", str(tmp_path / "a.pdf"))
    assert code == 1
    assert "never reconstructed" in err
    assert BoardPack.objects.count() == 0


@pytest.mark.parametrize("ahead", ["2027-03-02", "2031-01-05"])
def test_no_pack_of_a_day_that_lies_ahead(programme, tmp_path, ahead):
    code, out, err = run("board_pack", "LIVE-1", "--as-of", ahead, "--out", str(tmp_path / "a.pdf"), "--json")
    assert code == 1
    assert f"--as-of {date.fromisoformat(ahead):%d/%m/%Y} lies ahead" in err
    assert "up to 01/03/2027" in json.loads(out.splitlines()[-1])["reasons"][0]
    assert (WeeklySnapshot.objects.count(), BoardPack.objects.count(), list(tmp_path.glob("a.*"))) == (0, 0, [])
    assert run("board_pack", "LIVE-1", "--as-of", "2027-03-01", "--out", str(tmp_path / "a.pdf"))[0] == 0


def test_a_weekly_cycle_counted_from_a_day_ahead_takes_the_week_that_has_ended_and_says_so(programme):
    code, out, _ = run("weekly_cycle", "LIVE-1", "--as-of", "2027-06-01")
    assert code == 0
    assert out.splitlines()[0] == "01/06/2027 lies ahead: the last week that has ended is taken."
    assert [(s.week_ending, s.as_of) for s in WeeklySnapshot.objects.all()] == [(date(2027, 2, 28), date(2027, 2, 28))]


def test_board_pack_writes_the_file(programme, tmp_path):
    code, out, _ = run("board_pack", "live-1", "--out", str(tmp_path / "a.pdf"), "--json")
    assert code == 0
    assert json.loads(out.splitlines()[-1])["sha256"] == hashlib.sha256((tmp_path / "a.pdf").read_bytes()).hexdigest()


def test_who_drafts_no_packs_runs_no_weekly_cycle(programme):
    member, lead = ground.user_in("BM", programme), ground.user_in("ML", programme)
    code, _, err = run("weekly_cycle", "LIVE-1", "--user", member.email)
    assert (code, "draft packs" in err, WeeklySnapshot.objects.count(), BoardPack.objects.count()) == (1, True, 0, 0)
    assert run("weekly_cycle", "LIVE-1", "--user", lead.email)[0] == 0


def test_a_user_is_held_to_their_rights(programme, tmp_path):
    member = ground.user_in("BM", programme)
    code, _, err = run("board_pack", "live-1", "--out", str(tmp_path / "a.pdf"), "--user", member.email)
    assert code == 1
    assert "does not allow" in err
    assert not (tmp_path / "a.pdf").exists()


def test_check_integrity_finds_a_changed_pack(programme):
    run("weekly_cycle")
    assert run("check_integrity")[0] == 0
    pack = BoardPack.objects.first()
    (packs.folder() / pack.file_name).write_bytes(b"other")
    code, _, err = run("check_integrity")
    assert code == 1
    assert pack.download_name in err
