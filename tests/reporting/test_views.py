"""Pages of reporting: who sees what, what it costs."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mobilisation.access import Actor
from reporting.documents import build
from reporting.models import BoardPack, DownloadLog, RagOverride
from reporting.services import packs, snapshots
from tests.factories import ground

pytestmark = pytest.mark.django_db
OPERATOR = Actor.operator()
SUNDAY = date(2027, 2, 28)


@pytest.fixture(autouse=True)
def _monday(settings, tmp_path, monkeypatch):
    settings.FILES_DIR = tmp_path
    settings.SESSION_COOKIE_AGE = 10**7
    monkeypatch.setattr(build, "pdf_of", lambda pack: build.Made(b"%PDF " + pack.edition.encode(), 3))
    with time_machine.travel(datetime(2027, 3, 1, 9, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def programme():
    return ground.programme("live_service", "LIVE-1", title="Coastal nursing", scd=date(2027, 4, 1))


def sign_in(client, role, programme, **more):
    user = ground.user_in(role, programme, **more)
    client.force_login(user)
    return user


def published(programme, edition):
    snapshot, _ = snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    pack = packs.build_pack(packs.draft(snapshot, edition, actor=OPERATOR), actor=OPERATOR)
    packs.approve(pack, actor=OPERATOR)
    packs.publish(pack, actor=OPERATOR)
    return pack


def url(name, programme, **kwargs):
    return reverse(f"reporting:{name}", kwargs={"ref": programme.ref, **kwargs})


def test_portfolio_says_what_to_do_when_there_is_nothing(client):
    client.force_login(ground.user())
    assert "Ask the mobilisation lead" in client.get("/").content.decode()


def test_portfolio_shows_own_programmes_only_and_never_an_old_green(client, programme):
    other = ground.programme(title="Somebody else's")
    sign_in(client, "BM", programme)
    text = client.get("/").content.decode()
    assert "Coastal nursing" in text
    assert other.title not in text
    assert "Not reported" in text
    snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    assert "On track" in client.get("/").content.decode()
    with time_machine.travel(datetime(2027, 3, 9, 9, tzinfo=UTC), tick=False):
        client.logout()
        client.force_login(programme.assignments.get().user)
        later = client.get("/").content.decode()
    assert "Not reported" in later
    assert '<span class="app-rag__letter">G</span> On track' not in later


def test_portfolio_costs_the_same_for_one_and_for_several(client):
    user = ground.user()
    client.force_login(user)

    def more(number):
        for _ in range(number):
            made = ground.programme(scd=date(2027, 4, 1))
            ground.user_in("ML", made, who=user)
            snapshots.freeze_week(made, SUNDAY, actor=OPERATOR)

    more(1)
    client.get("/")
    with CaptureQueriesContext(connection) as one:
        client.get("/")
    more(4)
    with CaptureQueriesContext(connection) as several:
        client.get("/")
    mine = [q["sql"] for q in several if not any(word in q["sql"] for word in ("django_session", "usersessions", "SAVEPOINT", "BEGIN"))]
    assert len(one) == len(several)
    assert len(mine) == 10, mine


@pytest.mark.parametrize("name", ["dashboard", "report-list", "colours"])
def test_outside_scope_is_not_found(client, programme, name):
    sign_in(client, "ML", ground.programme())
    assert client.get(url(name, programme)).status_code == 404
    client.logout()
    assert client.get(url(name, programme)).status_code == 302


def test_dashboard_of_now(client, programme):
    sign_in(client, "BM", programme)
    text = client.get(url("dashboard", programme)).content.decode()
    for said in ("On track", "No dimension is Red or Amber.", "Nothing needs the board today", "31 days to service commencement", "no pack of this edition has been published"):
        assert said in text, said


def test_links_lead_only_where_the_reader_may_go(client, programme):
    sign_in(client, "COM", programme)
    text = client.get(url("dashboard", programme)).content.decode()
    for path in ("/people/", "/staff/", "/risks/", "/plan/", "/board/", "/colours/"):
        assert f"/programmes/live-1{path}" not in text, path
    assert "commissioner edition" in text


def test_a_commissioner_finds_published_packs_of_its_edition_only(client, programme):
    own, boards = published(programme, "commissioner"), published(programme, "board")
    waiting = packs.build_pack(packs.draft(own.snapshot, "public", actor=OPERATOR), actor=OPERATOR)
    sign_in(client, "COM", programme)
    text = client.get(url("report-list", programme)).content.decode()
    assert own.public_id in text
    assert boards.public_id not in text
    assert waiting.public_id not in text
    for name in ("pack-download", "pack-preview", "pack-detail"):
        assert client.get(url(name, programme, public_id=own.public_id)).status_code == 200
        assert client.get(url(name, programme, public_id=boards.public_id)).status_code == 404
    answer = client.get(url("pack-download", programme, public_id=own.public_id))
    assert answer.content == b"%PDF commissioner"
    assert answer["Content-Disposition"] == 'attachment; filename="live-1-board-pack-commissioner-2027-02-28-v1.pdf"'
    assert DownloadLog.objects.filter(pack=own).count() == 3


def test_a_board_member_sees_no_draft(client, programme):
    snapshot, _ = snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    draft = packs.build_pack(packs.draft(snapshot, "board", actor=OPERATOR), actor=OPERATOR)
    sign_in(client, "BM", programme)
    assert draft.public_id not in client.get(url("report-list", programme)).content.decode()
    assert client.get(url("pack-download", programme, public_id=draft.public_id)).status_code == 404
    assert client.post(url("pack-act", programme, public_id=draft.public_id, act="approve")).status_code == 404
    assert client.get(url("snapshot-detail", programme, public_id=snapshot.public_id)).status_code == 200


def test_the_whole_way_of_a_pack_by_the_pages(client, programme, django_capture_on_commit_callbacks):
    snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    sign_in(client, "ML", programme)
    week = programme.snapshots.get().public_id
    client.post(url("pack-draft", programme), {"document": "pack", "edition": "board", "snapshot": week})
    pack = BoardPack.objects.get()
    packs.build_pack(pack, actor=OPERATOR)
    for early in ("approve", "publish"):
        told = client.get(url("pack-act", programme, public_id=pack.public_id, act=early), follow=True)
        assert (told.redirect_chain[0][1], f"This document is “draft ready” now, so there is nothing to {early} here" in told.content.decode()) == (302, True)
    assert client.get(url("pack-act", programme, public_id=pack.public_id, act="burn")).status_code == 404
    sign_in(client, "BCH", programme)
    assert "Approve this draft" in client.get(url("pack-act", programme, public_id=pack.public_id, act="approve")).content.decode()
    client.post(url("pack-act", programme, public_id=pack.public_id, act="approve"))
    client.post(url("pack-act", programme, public_id=pack.public_id, act="publish"))
    pack.refresh_from_db()
    assert pack.status == "published"
    sign_in(client, "BM", programme)
    assert client.get(url("pack-download", programme, public_id=pack.public_id)).content == b"%PDF board"


def test_a_draft_is_read_as_the_text_of_its_pdf_and_a_settled_pack_from_its_bytes(client, programme):
    from reporting.documents import html

    lead = sign_in(client, "ML", programme)
    snapshot, _ = snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    draft = packs.build_pack(packs.draft(snapshot, "board", actor=OPERATOR), actor=OPERATOR)
    answer = client.get(url("pack-preview", programme, public_id=draft.public_id))
    assert (answer.content.decode(), "no-store" in answer["Cache-Control"]) == (html.html_of(draft), True)
    packs.approve(draft, actor=ground.actor("BCH", programme))
    answer = client.get(url("pack-preview", programme, public_id=draft.public_id))
    assert (answer.content, answer["Content-Disposition"].split(";")[0], "no-store" in answer["Cache-Control"]) == (b"%PDF board", "inline", True)
    assert [(row.user, row.sha256) for row in DownloadLog.objects.filter(pack=draft)] == [(lead, draft.sha256)] * 2


def test_readers_see_that_a_pack_was_withdrawn_and_why_and_get_it_no_more(client, programme):
    pack = published(programme, "board")
    sign_in(client, "BM", programme)
    packs.withdraw(pack, "A wrong count on page 2", actor=OPERATOR)
    text = client.get(url("report-list", programme)).content.decode()
    assert ("A wrong count on page 2" in text, "No longer handed out" in text, url("pack-download", programme, public_id=pack.public_id) in text) == (True, True, False)
    for name in ("pack-download", "pack-preview"):
        answer = client.get(url(name, programme, public_id=pack.public_id), follow=True)
        assert (answer.redirect_chain[-1][0], "This pack was withdrawn" in answer.content.decode()) == (url("report-list", programme), True)
    assert not DownloadLog.objects.filter(pack=pack).exists()


def test_stating_a_colour_by_the_page(client, programme):
    sign_in(client, "ML", programme)
    refused = client.post(url("colours", programme), {"subject": "plan", "stated": "R", "reason": ""})
    assert refused.status_code == 422
    assert RagOverride.objects.count() == 0
    client.post(url("colours", programme), {"subject": "plan", "stated": "R", "reason": "Partner plans are missing."})
    assert RagOverride.objects.get().stated == "R"
    assert "Partner plans are missing." in client.get(url("dashboard", programme)).content.decode()


@pytest.mark.parametrize("role", ["BM", "COM", "DL"])
def test_others_state_nothing(client, programme, role):
    sign_in(client, role, programme)
    assert client.post(url("colours", programme), {"subject": "plan", "stated": "R", "reason": "x"}).status_code == 404
    assert RagOverride.objects.count() == 0


def test_interim_figures_are_named_by_their_moment_and_not_by_a_week(client, programme):
    with time_machine.travel(datetime(2027, 3, 3, 10, 5, tzinfo=UTC), tick=False):
        pack = packs.build_pack(packs.draft(snapshots.interim(programme, actor=OPERATOR), "board", actor=OPERATOR), actor=OPERATOR)
        packs.approve(pack, actor=OPERATOR)
        packs.publish(pack, actor=OPERATOR)
        sign_in(client, "BM", programme)
        pages = {name: client.get(path).content.decode() for name, path in (("dashboard", url("dashboard", programme)), ("list", url("report-list", programme)), ("page", url("pack-detail", programme, public_id=pack.public_id)))}
    assert "Last published: interim figures of 3 Mar 2027, 10:05, on 3 Mar 2027, 10:05" in pages["dashboard"]
    for name in ("list", "page"):
        assert ("Interim figures of 3 Mar 2027, 10:05" in pages[name], "7 Mar 2027" in pages[name]) == (True, False), name


@pytest.mark.parametrize(("chair", "offered"), [(True, False), (False, True)])
def test_approval_is_offered_only_to_who_may_approve(client, programme, chair, offered):
    if chair:
        ground.user_in("BCH", programme)
    snapshot, _ = snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    pack = packs.build_pack(packs.draft(snapshot, "board", actor=OPERATOR), actor=OPERATOR)
    sign_in(client, "SRO", programme)
    act = url("pack-act", programme, public_id=pack.public_id, act="approve")
    assert (act in client.get(url("report-list", programme)).content.decode(), act in client.get(url("pack-detail", programme, public_id=pack.public_id)).content.decode()) == (offered, offered)
    assert client.get(act).status_code == (200 if offered else 302)


def test_a_provider_edition_can_be_drafted_and_is_read_by_providers(client, programme):
    snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    sign_in(client, "ML", programme)
    client.post(url("pack-draft", programme), {"document": "pack", "edition": "provider", "snapshot": programme.snapshots.get().public_id})
    pack = BoardPack.objects.get(edition="provider")
    packs.build_pack(pack, actor=OPERATOR)
    packs.approve(pack, actor=OPERATOR)
    packs.publish(pack, actor=OPERATOR)
    sign_in(client, "IP", programme)
    assert pack.public_id in client.get(url("report-list", programme)).content.decode()
    text = client.get(url("dashboard", programme)).content.decode()
    assert ("What the board is asked for is not part of this edition." in text, "Nothing needs the board" in text, "open actions are overdue" in text) == (True, False, False)


def test_a_replaced_version_says_what_replaced_it(client, programme):
    first = published(programme, "board")
    second = packs.build_pack(packs.draft(first.snapshot, "board", actor=OPERATOR, correction="A figure"), actor=OPERATOR)
    packs.approve(second, actor=OPERATOR)
    packs.publish(second, actor=OPERATOR)
    sign_in(client, "BM", programme)
    page = client.get(url("pack-detail", programme, public_id=first.public_id)).content.decode()
    assert ("Replaced by version 2: A figure" in page, url("pack-download", programme, public_id=first.public_id) in page) == (True, False)
    answer = client.get(url("pack-download", programme, public_id=first.public_id), follow=True)
    assert "This version is no longer handed out. Replaced by version 2: A figure" in answer.content.decode()


@pytest.mark.parametrize("name", ["mobilisation:action-add", "mobilisation:decision-add", "risks:issue-add"])
def test_forms_whose_words_are_printed_say_who_reads_them(client, programme, name):
    sign_in(client, "ML", programme)
    text = client.get(reverse(name, kwargs={"ref": programme.ref})).content.decode()
    assert "for the board and for commissioners. Name no person who receives care" in text
