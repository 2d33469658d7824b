"""Freezing, stating, packs, the weekly cycle: each success, each refusal, twice."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction

from mobilisation.access import Actor
from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import Change, Job, Notification
from mobilisation.models.jobs import Slot
from mobilisation.models.records import AppendOnly
from mobilisation.pdf import pdf_available
from mobilisation.services import changes, jobs
from reporting.choices import PackStatus
from reporting.documents import build, html
from reporting.models import BoardPack, DownloadLog, RagOverride, WeeklySnapshot
from reporting.position import position
from reporting.services import overrides, packs, snapshots, weekly
from tests.factories import ground
from tests.factories import risks as risk_factory

pytestmark = pytest.mark.django_db
SUNDAY = date(2027, 2, 28)
MONDAY_NIGHT = datetime(2027, 3, 1, 0, 1, tzinfo=UTC)
needs_pango = pytest.mark.skipif(not pdf_available()[0], reason=pdf_available()[1] or "PDFs can be made")
OPERATOR = Actor.operator()


@pytest.fixture(autouse=True)
def _monday(settings, tmp_path):
    settings.FILES_DIR = tmp_path
    with time_machine.travel(MONDAY_NIGHT, tick=False):
        yield


@pytest.fixture
def programme():
    return ground.programme("live_service", "LIVE-1", title="Coastal nursing", scd=date(2027, 4, 1))


@pytest.fixture
def light_pdf(monkeypatch):
    """Pages are not the matter of these tests: a small file stands for them."""
    monkeypatch.setattr(build, "pdf_of", lambda pack: build.Made(f"%PDF {html.html_of(pack)}".encode(), 3))


def ready(programme, edition="board"):
    snapshot, _ = snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    return packs.build_pack(packs.draft(snapshot, edition, actor=OPERATOR), actor=OPERATOR)


def test_a_week_is_frozen_once(programme):
    first, new = snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    again, second = snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    assert (new, second, first.pk == again.pk) == (True, False, True)
    assert WeeklySnapshot.objects.count() == 1
    assert (first.as_of, first.taken_at) == (SUNDAY, MONDAY_NIGHT)


@pytest.mark.parametrize("week", [date(2027, 3, 1), date(2027, 3, 7)])
def test_no_sunday_or_a_running_week_is_refused(programme, week):
    with pytest.raises(Refused):
        snapshots.freeze_week(programme, week, actor=OPERATOR)
    assert WeeklySnapshot.objects.count() == 0


def test_a_snapshot_is_never_rewritten(programme):
    snapshot, _ = snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    snapshot.overall = "R"
    with pytest.raises(AppendOnly):
        snapshot.save()
    with pytest.raises(AppendOnly):
        WeeklySnapshot.objects.update(overall="R")
    with pytest.raises(AppendOnly):
        WeeklySnapshot.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        WeeklySnapshot(programme=programme, week_ending=SUNDAY, as_of=SUNDAY, taken_at=MONDAY_NIGHT, taken_by="x", overall="G", position={}).save()


def test_a_stated_colour_stands_beside_the_computed_one_until_the_next_snapshot(programme):
    lead = ground.actor("ML", programme)
    overrides.state(programme, position(programme, SUNDAY), subject="programme", stated="R", reason="Two partners have not signed.", actor=lead)
    now = position(programme, SUNDAY).overall
    assert (now.computed, now.stated, now.stated_reason) == ("G", "R", "Two partners have not signed.")
    snapshot, _ = snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    assert snapshot.overall == "R"
    after = position(programme, date(2027, 3, 1)).overall
    assert (after.stated, after.previous, after.trend) == ("", "R", "up")
    assert RagOverride.objects.get().ended_why == "ended with the week ending Sun 28 Feb 2027"


def test_a_better_colour_needs_the_senior_responsible_owner(programme):
    lead, owner = ground.actor("ML", programme), ground.actor("SRO", programme)
    overrides.state(programme, position(programme, SUNDAY), subject="plan", stated="R", reason="Late", actor=lead)
    full = position(programme, SUNDAY)
    with pytest.raises(Refused):
        overrides.state(programme, full, subject="programme", stated="G", reason="", actor=owner)
    assert RagOverride.objects.count() == 1


def test_a_stated_colour_falls_when_the_computed_one_becomes_worse_than_what_it_was_stated_over(programme):
    made = overrides.state(programme, position(programme, SUNDAY), subject="risk", stated="A", reason="New insurer", actor=ground.actor("ML", programme))
    shown = {d.code: d.rag for d in position(programme, SUNDAY).dimensions}["risk"]
    assert shown.shown == "A"
    risk_factory.risk(programme, 5, 5, raised_on=date(2027, 1, 28), review_on=date(2027, 2, 1))
    found = position(programme, SUNDAY)
    shown = {d.code: d.rag for d in found.dimensions}["risk"]
    assert (shown.shown, shown.stated, shown.reasons[-1]) == ("R", "", f"{made.stated_as} stated Amber; the computed colour has become worse since, so it no longer stands.")


def test_without_a_mobilisation_lead_two_state_together(programme):
    ol, cl = ground.actor("OL", programme), ground.actor("CL", programme)
    made = overrides.state(programme, position(programme, SUNDAY), subject="programme", stated="A", reason="Why", actor=ol)
    assert position(programme, SUNDAY).overall.stated == ""
    with pytest.raises(NotPermitted):
        overrides.agree(made, actor=ol)
    overrides.agree(made, actor=cl)
    assert position(programme, SUNDAY).overall.stated == "A"


def test_draft_approve_publish_download(programme, light_pdf):
    chair, lead, reader = ground.actor("BCH", programme), ground.actor("ML", programme), ground.actor("BM", programme)
    pack = ready(programme)
    assert (pack.status, pack.pages) == (PackStatus.READY, 3)
    packs.approve(pack, actor=chair)
    told = packs.publish(pack, actor=lead)
    assert (pack.status, told, Notification.objects.count()) == ("published", 3, 3)
    content = packs.download(pack, actor=reader)
    assert hashlib.sha256(content).hexdigest() == pack.sha256
    assert DownloadLog.objects.get().sha256 == pack.sha256
    assert list(Change.objects.filter(entity="reporting.boardpack").order_by("id").values_list("action", flat=True)) == ["created", "building", "built", "approved", "published"]
    assert pack.download_name == "live-1-board-pack-2027-02-28-v1.pdf"


@pytest.mark.parametrize("act", ["approved", "published", "withdrawn"])
def test_of_two_who_act_at_once_the_second_is_told_and_the_record_is_the_firsts(programme, light_pdf, act):
    ready(programme)
    chairs = [ground.actor("BCH", programme), ground.actor("BCH", programme)]
    if act != "approved":
        packs.approve(BoardPack.objects.get(), actor=chairs[0])
    pages = [BoardPack.objects.select_related("snapshot", "programme").get() for _ in chairs]
    do = {"approved": packs.approve, "published": packs.publish, "withdrawn": lambda pack, actor: packs.withdraw(pack, "Wrong figures", actor=actor)}[act]
    do(pages[0], actor=chairs[0])
    first = BoardPack.objects.values().get()
    with pytest.raises(Refused):
        do(pages[1], actor=chairs[1])
    assert BoardPack.objects.values().get() == first
    assert Change.objects.filter(entity="reporting.boardpack", action=act).count() == 1


def test_what_was_published_stays_whatever_happens_after(programme, light_pdf):
    pack = ready(programme)
    packs.approve(pack, actor=ground.actor("BCH", programme))
    packs.publish(pack, actor=OPERATOR)
    before, figures = packs.content(pack), WeeklySnapshot.objects.get().position
    changes.apply(programme, {"title": "Renamed", "scd": date(2028, 1, 1), "status": "cancelled"}, actor=OPERATOR)
    ground.party(programme, "Somebody new", "incoming")
    kept = BoardPack.objects.get()
    assert packs.content(kept) == before
    assert WeeklySnapshot.objects.get().position == figures
    assert html.html_of(kept).encode() in before
    assert packs.build_pack(kept, actor=OPERATOR).sha256 == pack.sha256
    for change in ({"sha256": "0" * 64}, {"file_name": "other.pdf"}, {"pages": 9}, {"edition": "public"}):
        with pytest.raises(AppendOnly):
            changes.apply(kept, change, actor=OPERATOR)
        with pytest.raises(AppendOnly):
            BoardPack.objects.update(**change)
    with pytest.raises(AppendOnly):
        kept.delete()
    with pytest.raises(Refused):
        packs.request_build(kept, actor=OPERATOR)


def test_a_changed_file_is_not_handed_out(programme, light_pdf):
    pack = ready(programme)
    (packs.folder() / pack.file_name).write_bytes(b"other")
    with pytest.raises(Refused, match="not the one that was approved"):
        packs.download(pack, actor=OPERATOR)
    assert DownloadLog.objects.count() == 0


@pytest.mark.parametrize("role", ["BM", "COM", "ML", "SRO", "DA"])
def test_only_the_chair_approves_where_there_is_one(programme, light_pdf, role):
    ground.user_in("BCH", programme)
    pack = ready(programme)
    with pytest.raises(NotPermitted):
        packs.approve(pack, actor=ground.actor(role, programme))
    pack.refresh_from_db()
    assert (pack.status, pack.approved_at) == ("ready", None)


def test_the_owner_approves_where_there_is_no_chair(programme, light_pdf):
    pack = ready(programme)
    packs.approve(pack, actor=ground.actor("SRO", programme))
    assert pack.status == "approved"


def test_nothing_is_published_without_approval(programme, light_pdf):
    pack = ready(programme)
    with pytest.raises(Refused):
        packs.publish(pack, actor=OPERATOR)
    assert Notification.objects.count() == 0


def test_a_correction_is_a_new_version_and_supersedes(programme, light_pdf):
    first = ready(programme)
    packs.approve(first, actor=OPERATOR)
    packs.publish(first, actor=OPERATOR)
    with pytest.raises(Refused):
        packs.draft(first.snapshot, "board", actor=OPERATOR)
    second = packs.build_pack(packs.draft(first.snapshot, "board", actor=OPERATOR, correction="Owner of R003"), actor=OPERATOR)
    packs.approve(second, actor=OPERATOR)
    packs.publish(second, actor=OPERATOR)
    first.refresh_from_db()
    assert (first.status, second.number, second.status) == ("superseded", 2, "published")


def test_what_was_corrected_is_not_published_over_its_correction(programme, light_pdf):
    first = ready(programme)
    packs.approve(first, actor=OPERATOR)
    second = packs.build_pack(packs.draft(first.snapshot, "board", actor=OPERATOR, correction="Owner of R003"), actor=OPERATOR)
    with pytest.raises(Refused, match="Version 2 corrects this one"):
        packs.publish(first, actor=OPERATOR)
    packs.withdraw(second, "Nothing was wrong after all", actor=OPERATOR)
    packs.publish(first, actor=OPERATOR)
    assert first.status == "published"


def test_withdrawing_needs_a_reason(programme, light_pdf):
    pack = ready(programme)
    with pytest.raises(Refused):
        packs.withdraw(pack, " ", actor=OPERATOR)
    packs.withdraw(pack, "Wrong week named in the letter", actor=OPERATOR)
    assert (pack.status, Notification.objects.count()) == ("withdrawn", 0)


def test_readers_of_a_published_pack_are_told_that_it_is_withdrawn_without_the_reason(programme, light_pdf):
    reader = ground.user_in("BM", programme)
    pack = ready(programme)
    packs.approve(pack, actor=OPERATOR)
    packs.publish(pack, actor=OPERATOR)
    packs.withdraw(pack, "Page 2 names Mrs Hartley", actor=OPERATOR)
    told = Notification.objects.get(kind="pack_withdrawn")
    assert (told.user, "Hartley" in f"{told.subject} {told.body}") == (reader, False)


def test_two_interim_packs_of_one_week_have_two_names(programme, light_pdf):
    names = []
    for moment in ("2027-03-02 10:00", "2027-03-02 15:30"):
        with time_machine.travel(moment, tick=False):
            pack = packs.draft(snapshots.interim(programme, actor=OPERATOR), "board", actor=OPERATOR)
            names.append((pack.download_name, str(pack)))
    assert names == [
        ("live-1-board-pack-interim-2027-03-02-1000-v1.pdf", "Board pack, board edition, interim figures of 2 Mar 2027, 10:00, v1"),
        ("live-1-board-pack-interim-2027-03-02-1530-v1.pdf", "Board pack, board edition, interim figures of 2 Mar 2027, 15:30, v1"),
    ]


def test_the_same_message_twice_makes_one_pack(programme, light_pdf):
    snapshot, _ = snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    pack = packs.draft(snapshot, "board", actor=OPERATOR)
    job = packs.request_build(pack, actor=OPERATOR)
    assert packs.request_build(pack, actor=OPERATOR).pk == job.pk
    assert packs.draft(snapshot, "board", actor=OPERATOR).pk == pack.pk
    done = jobs.run(job.pk)
    assert (done.state, done.result["pages"]) == ("done", 3)
    Job.objects.update(state="queued")
    jobs.run(job.pk)
    assert BoardPack.objects.count() == 1
    assert len(list(packs.folder().iterdir())) == 1


def test_a_build_that_was_cancelled_before_it_began_is_asked_for_again(programme, light_pdf):
    pack = packs.draft(snapshots.interim(programme, actor=OPERATOR), "board", actor=OPERATOR)
    first = packs.request_build(pack, actor=OPERATOR)
    assert jobs.cancel(first, actor=OPERATOR)
    again = packs.request_build(pack, actor=OPERATOR)
    assert (again.pk != first.pk, packs.request_build(pack, actor=OPERATOR).pk) == (True, again.pk)
    assert jobs.run(again.pk).state == "done"
    pack.refresh_from_db()
    assert pack.status == "ready"


def test_a_failed_build_keeps_the_last_pack_and_says_why(programme, light_pdf, monkeypatch):
    first = ready(programme)
    packs.approve(first, actor=OPERATOR)
    second = packs.draft(first.snapshot, "board", actor=OPERATOR, correction="A figure")

    def broken(pack):
        raise RuntimeError("no room")

    monkeypatch.setattr(build, "pdf_of", broken)
    packs.build_pack(second, actor=OPERATOR)
    assert second.status == "failed"
    assert second.reason.startswith("The pages could not be set (RuntimeError). The last pack stays.")
    first.refresh_from_db()
    assert (first.status, packs.content(first)[:4]) == ("approved", b"%PDF")
    monkeypatch.setattr(build, "pdf_of", lambda pack: build.Made(b"%PDF now", 1))
    packs.request_build(second, actor=OPERATOR)
    assert packs.build_pack(second, actor=OPERATOR).status == "ready"


def test_the_tick_takes_each_slot_once_and_a_late_start_still_makes_the_week(programme, light_pdf):
    late = datetime(2027, 3, 3, 15, 0, tzinfo=UTC)
    with time_machine.travel(late, tick=False):
        for _ in range(3):
            weekly.tick(late)
        assert sorted(Slot.objects.values_list("schedule", "key")) == [("weekly packs", "2027-02-28"), ("weekly snapshot", "2027-02-28")]
        assert Job.objects.count() == 2
        for job in Job.objects.order_by("id"):
            jobs.run(job.pk)
    snapshot = WeeklySnapshot.objects.get()
    assert (snapshot.week_ending, snapshot.as_of, snapshot.taken_at) == (SUNDAY, SUNDAY, late)
    assert sorted(BoardPack.objects.values_list("document", "edition", "status")) == [
        ("dashboard", "board", "published"), ("dashboard", "commissioner", "published"), ("pack", "board", "ready"), ("pack", "commissioner", "ready"),
    ]


def test_the_weekly_dashboard_is_shown_by_itself_from_seven_on_monday(programme, light_pdf):
    for moment, status in ((datetime(2027, 3, 1, 6, 30, tzinfo=UTC), "ready"), (datetime(2027, 3, 1, 7, 0, tzinfo=UTC), "published")):
        with time_machine.travel(moment, tick=False):
            weekly.tick(moment)
            for job in Job.objects.filter(state="queued").order_by("id"):
                jobs.run(job.pk)
            weekly.tick(moment)
        assert list(BoardPack.objects.filter(document="dashboard").values_list("status", flat=True)) == [status, status]
        assert list(BoardPack.objects.filter(document="pack").values_list("status", flat=True)) == ["ready", "ready"]
        assert [pack.document for pack in BoardPack.objects.readable_in(["commissioner"], drafts=False)] == (["dashboard"] if status == "published" else [])
    shown = BoardPack.objects.filter(document="dashboard").first()
    assert (shown.published_at, shown.published_as, shown.approved_by) == (datetime(2027, 3, 1, 7, 0, tzinfo=UTC), "the weekly cycle, without approval", None)
    with time_machine.travel(datetime(2027, 3, 1, 7, 5, tzinfo=UTC), tick=False):
        weekly.tick(datetime(2027, 3, 1, 7, 5, tzinfo=UTC))
    assert Change.objects.filter(entity="reporting.boardpack", action="published").count() == 2
    assert Notification.objects.count() == 0


def test_an_interim_dashboard_waits_for_approval_like_a_pack(programme, light_pdf):
    with time_machine.travel("2027-03-10 10:00", tick=False):
        pack = packs.build_pack(packs.draft(snapshots.interim(programme, actor=OPERATOR), "board", actor=OPERATOR, document="dashboard"), actor=OPERATOR)
        assert packs.show_dashboards(actor=OPERATOR) == []
        assert (packs.shown_by_itself(pack), pack.status) == (False, "ready")


def test_a_replaced_version_is_named_to_its_readers_and_not_handed_out(programme, light_pdf):
    reader, lead = ground.actor("BM", programme), ground.actor("ML", programme)
    first = ready(programme)
    packs.approve(first, actor=OPERATOR)
    packs.publish(first, actor=OPERATOR)
    second = packs.build_pack(packs.draft(first.snapshot, "board", actor=OPERATOR, correction="Owner of R003"), actor=OPERATOR)
    packs.approve(second, actor=OPERATOR)
    packs.publish(second, actor=OPERATOR)
    packs.withdraw(second, "Wrong again", actor=OPERATOR)
    first.refresh_from_db()
    assert [(pack.number, pack.status, pack.reason) for pack in BoardPack.objects.readable_in(["board"], drafts=False)] == [(2, "withdrawn", "Wrong again"), (1, "superseded", "Replaced by version 2: Owner of R003")]
    with pytest.raises(Refused, match=r"no longer handed out\. Replaced by version 2: Owner of R003"):
        packs.download(first, actor=reader)
    assert DownloadLog.objects.count() == 0
    assert packs.download(first, actor=lead) == packs.content(first)


def test_before_six_only_the_snapshot_is_due(programme):
    weekly.tick(MONDAY_NIGHT)
    assert list(Slot.objects.values_list("schedule", flat=True)) == ["weekly snapshot"]


@needs_pango
def test_a_real_pack_of_a_real_programme(programme):
    pack = ready(programme)
    assert pack.status == "ready", pack.reason
    assert packs.content(pack).startswith(b"%PDF")
    assert pack.pages >= 4
