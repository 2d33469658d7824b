"""Packs: draft, build, approve, publish, correct, withdraw, download (domain 7.2)."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.choices import JobState
from mobilisation.clock import now
from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import Job, Programme, RoleAssignment, User
from mobilisation.roles import ROLES, Can, codes_with
from mobilisation.services import changes, jobs
from mobilisation.services.notices import notify
from reporting.choices import DocumentKind, Edition, PackStatus, SnapshotKind
from reporting.documents import build, html
from reporting.models import BoardPack, DownloadLog, WeeklySnapshot
from reporting.rules import weeks

log = logging.getLogger(__name__)
WEEKLY_EDITIONS = (Edition.BOARD, Edition.COMMISSIONER)
BY_ITSELF = "the weekly cycle, without approval"


def folder() -> Path:
    return Path(settings.FILES_DIR) / "packs"


def draft(snapshot: WeeklySnapshot, edition: str, *, actor: Actor, document: str = DocumentKind.PACK, correction: str = "") -> BoardPack:
    """The draft of (snapshot, document, edition): the one there is, or a new version after an approved one.

    A correction of an approved pack says what it corrects.
    """
    if edition not in Edition.values or document not in DocumentKind.values:
        raise Refused(f"There is no {edition} edition of a {document}.")
    latest = BoardPack.objects.filter(snapshot=snapshot, document=document, edition=edition).order_by("-number").first()
    if latest and not latest.settled:
        return latest
    if latest and latest.status != PackStatus.WITHDRAWN and not correction.strip():
        raise Refused(f"Version {latest.number} of this week is {latest.get_status_display().lower()}. Say what a new version corrects.")
    pack = BoardPack(
        programme=snapshot.programme, snapshot=snapshot, document=document, edition=edition, number=latest.number + 1 if latest else 1, correction=correction.strip()[:500],
    )
    try:
        with transaction.atomic():
            return changes.create(pack, actor=actor, why=correction.strip())
    except IntegrityError:
        return BoardPack.objects.get(snapshot=snapshot, document=document, edition=edition, number=pack.number)


def request_build(pack: BoardPack, *, actor: Actor) -> Job:
    """Build in the background; a second request while one waits gives the same job, one after a build that was stopped another."""
    if pack.settled:
        raise Refused("An approved pack is never built again. Make a new version that says what it corrects.")
    if pack.status == PackStatus.FAILED:
        changes.apply(pack, {"status": PackStatus.QUEUED, "reason": ""}, actor=actor, action="queued again")
    asked = Job.objects.filter(unique_key__startswith=f"pack:{pack.pk}:")
    waiting = asked.filter(state__in=(JobState.QUEUED, JobState.RUNNING)).first()
    return waiting or jobs.enqueue("pack", pack.programme, {"pack": pack.pk}, actor, unique_key=f"pack:{pack.pk}:{asked.count() + 1}")


def handle(run: jobs.Run) -> dict[str, object]:
    """The job: builds once however often the message comes; a failure is kept on the pack and the last one stays."""
    pack = BoardPack.objects.select_related("snapshot", "programme").get(pk=run.args["pack"])
    run.progress(0, 2, "Setting the pages")
    pack = build_pack(pack, actor=run.actor)
    if pack.status == PackStatus.FAILED:
        raise Refused(pack.reason)
    run.progress(2, 2, "Done")
    return {"url": reverse("reporting:report-list", kwargs={"ref": pack.programme.ref}), "said": f"Built: {pack.pages} page{'' if pack.pages == 1 else 's'}.", "pack": pack.public_id, "pages": pack.pages, "sha256": pack.sha256}


def build_pack(pack: BoardPack, *, actor: Actor) -> BoardPack:
    """Render, write under a new random name, then record name, hash and pages. Nothing is done for a finished pack."""
    if pack.status not in (PackStatus.QUEUED, PackStatus.BUILDING, PackStatus.FAILED):
        return pack
    changes.apply(pack, {"status": PackStatus.BUILDING, "reason": ""}, actor=actor, action="building")
    try:
        made = build.pdf_of(pack)
    except build.PdfsOff as off:
        return _failed(pack, str(off), actor)
    except Exception as error:
        log.exception("pack %s could not be built", pack.public_id)
        return _failed(pack, f"The pages could not be set ({type(error).__name__}). The last pack stays. The fault is in the log under {pack.public_id}.", actor)
    name = f"{secrets.token_hex(16)}.pdf"
    folder().mkdir(parents=True, exist_ok=True)
    _write(folder() / name, made.content)
    with transaction.atomic():
        kept = BoardPack.objects.select_for_update().get(pk=pack.pk)
        if kept.status != PackStatus.BUILDING:
            (folder() / name).unlink(missing_ok=True)
            return kept
        changes.apply(
            kept,
            {"status": PackStatus.READY, "file_name": name, "size": len(made.content), "sha256": hashlib.sha256(made.content).hexdigest(), "pages": made.pages, "built_at": now()},
            actor=actor, action="built",
        )
    pack.refresh_from_db()
    return pack


def _failed(pack: BoardPack, why: str, actor: Actor) -> BoardPack:
    changes.apply(pack, {"status": PackStatus.FAILED, "reason": why[:500]}, actor=actor, action="failed")
    return pack


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    temporary.replace(path)


def content(pack: BoardPack) -> bytes:
    """The stored bytes, checked against their hash."""
    if not pack.file_name:
        raise Refused("This pack has no file yet.")
    try:
        found = (folder() / pack.file_name).read_bytes()
    except FileNotFoundError:
        raise Refused("The file of this pack is missing from the store. Tell the administrator; check_integrity names it.") from None
    if hashlib.sha256(found).hexdigest() != pack.sha256:
        raise Refused("The file of this pack is not the one that was approved. It is not handed out; check_integrity names it.")
    return found


def _as_it_stands(pack: BoardPack) -> BoardPack:
    """The row held until the end of the transaction: two who act at once are one after the other."""
    return BoardPack.objects.select_for_update(of=("self",)).select_related("snapshot", "programme").get(pk=pack.pk)


@transaction.atomic
def approve(pack: BoardPack, *, actor: Actor, expected_version: int | None = None) -> None:
    """BCH approves; where no BCH exists, SRO (domain 10.9)."""
    actor.require(Can.PACK_APPROVE)
    if not may_approve(pack.programme, actor):
        raise NotPermitted("The board chair approves packs of this programme.")
    kept = _as_it_stands(pack)
    if kept.status != PackStatus.READY:
        raise Refused(f"Only a finished draft can be approved; this pack is: {kept.get_status_display().lower()}.")
    content(kept)
    changes.apply(
        kept, {"status": PackStatus.APPROVED, "approved_by": actor.user, "approved_as": _in_role(actor, "BCH", "SRO"), "approved_at": now()},
        actor=actor, action="approved", expected_version=expected_version,
    )
    pack.refresh_from_db()


def may_approve(programme: Programme, actor: Actor) -> bool:
    """The chair; where there is none, whoever holds the right in the chair's place."""
    if not actor.can(Can.PACK_APPROVE):
        return False
    return actor.has_role("BCH") or not RoleAssignment.objects.active().filter(programme=programme, role="BCH").exists()


def works_on(actor: Actor) -> bool:
    """Who drafts, approves or publishes has every pack, not only those that were published."""
    return any(actor.can(can) for can in (Can.PACK_DRAFT, Can.PACK_APPROVE, Can.PACK_PUBLISH))


def _in_role(actor: Actor, *codes: str) -> str:
    held = [code for code in codes if code in actor.roles]
    return (f"{actor.label}, {ROLES[held[0]].title.lower()}" if held else actor.label)[:150]


@transaction.atomic
def publish(pack: BoardPack, *, actor: Actor, expected_version: int | None = None) -> int:
    """Hand an approved pack to its readers; the version it replaces becomes superseded. Returns how many were told."""
    actor.require(Can.PACK_PUBLISH)
    kept = _as_it_stands(pack)
    if kept.status != PackStatus.APPROVED:
        raise Refused(f"A pack is published after it was approved; this one is: {kept.get_status_display().lower()}.")
    newer = BoardPack.objects.filter(snapshot=kept.snapshot, document=kept.document, edition=kept.edition, number__gt=kept.number).exclude(status__in=(PackStatus.FAILED, PackStatus.WITHDRAWN)).first()
    if newer is not None:
        raise Refused(f"Version {newer.number} corrects this one. Publish that version, or withdraw it first.")
    changes.apply(
        kept, {"status": PackStatus.PUBLISHED, "published_by": actor.user, "published_as": _in_role(actor, "BCH", "SRO", "ML", "CL", "OL"), "published_at": now()},
        actor=actor, action="published", expected_version=expected_version,
    )
    _supersede_before(kept, actor)
    pack.refresh_from_db()
    return notify(
        _readers(kept), kept.programme, "pack_published", f"{kept.programme.reference}: {kept.get_document_display().lower()} published",
        [f"{kept.get_edition_display()} edition, {kept.snapshot.words}, version {kept.number}, {kept.pages} page{'' if kept.pages == 1 else 's'}."],
        reverse("reporting:report-list", kwargs={"ref": kept.programme.ref}), unique_key=f"pack-published:{kept.pk}",
    )


def _supersede_before(pack: BoardPack, actor: Actor) -> None:
    before = BoardPack.objects.filter(snapshot=pack.snapshot, document=pack.document, edition=pack.edition, status=PackStatus.PUBLISHED).exclude(pk=pack.pk)
    for old in before:
        changes.apply(old, {"status": PackStatus.SUPERSEDED, "reason": f"Replaced by version {pack.number}: {pack.correction}"[:500]}, actor=actor, action="superseded")


def shown_by_itself(pack: BoardPack) -> bool:
    """The one-page dashboard of a frozen week needs nobody's approval: it is what the dashboard showed that Sunday (domain 7.1)."""
    return pack.document == DocumentKind.DASHBOARD and pack.edition in WEEKLY_EDITIONS and pack.snapshot.kind == SnapshotKind.WEEKLY


def show_dashboards(programme: Programme | None = None, *, actor: Actor) -> list[BoardPack]:
    """Publish the weekly dashboards whose Monday 07:00 has come, of one programme or of all; nobody is told, they are there.

    Twice is harmless: only what is still a draft is taken.
    """
    waiting = BoardPack.objects.filter(document=DocumentKind.DASHBOARD, edition__in=WEEKLY_EDITIONS, status=PackStatus.READY, snapshot__kind=SnapshotKind.WEEKLY).select_related("snapshot", "programme").order_by("id")
    if programme is not None:
        waiting = waiting.filter(programme=programme)
    shown = []
    for pack in waiting:
        if weeks.shown_at(pack.snapshot.week_ending) > now():
            continue
        with transaction.atomic():
            kept = BoardPack.objects.select_for_update(of=("self",)).select_related("snapshot", "programme").get(pk=pack.pk)
            if kept.status != PackStatus.READY:
                continue
            at = now()
            changes.apply(kept, {"status": PackStatus.PUBLISHED, "approved_as": BY_ITSELF, "approved_at": at, "published_as": BY_ITSELF, "published_at": at}, actor=actor, action="published")
            _supersede_before(kept, actor)
        shown.append(kept)
    return shown


def _readers(pack: BoardPack) -> list[User]:
    codes = [code for code in codes_with(Can.PACK_READ) if ROLES[code].edition == pack.edition]
    held = RoleAssignment.objects.active().filter(programme=pack.programme, role__in=codes, user__isnull=False).values("user_id")
    return list(User.objects.filter(pk__in=held))


@transaction.atomic
def withdraw(pack: BoardPack, reason: str, *, actor: Actor, expected_version: int | None = None) -> None:
    """Take a pack back; its bytes stay in the record."""
    actor.require(Can.PACK_PUBLISH)
    if not reason.strip():
        raise Refused("Say why the pack is withdrawn; its readers will see it.")
    kept = _as_it_stands(pack)
    if kept.status not in (PackStatus.READY, PackStatus.FAILED, PackStatus.APPROVED, PackStatus.PUBLISHED, PackStatus.SUPERSEDED):
        raise Refused(f"This pack cannot be withdrawn; it is: {kept.get_status_display().lower()}.")
    told = kept.status == PackStatus.PUBLISHED
    changes.apply(kept, {"status": PackStatus.WITHDRAWN, "reason": reason.strip()[:500]}, actor=actor, why=reason.strip(), action="withdrawn", expected_version=expected_version)
    pack.refresh_from_db()
    if told:
        notify(
            _readers(kept), kept.programme, "pack_withdrawn", f"{kept.programme.reference}: {kept.get_document_display().lower()} withdrawn",
            [f"{kept.get_edition_display()} edition, {kept.snapshot.words}, version {kept.number}. Do not use it any more; the page of reports says why."],
            reverse("reporting:report-list", kwargs={"ref": kept.programme.ref}), unique_key=f"pack-withdrawn:{kept.pk}",
        )


def download(pack: BoardPack, *, actor: Actor) -> bytes:
    """The bytes, and a row that says who took them."""
    actor.require(Can.PACK_READ)
    _refuse_withdrawn(pack)
    if pack.status == PackStatus.SUPERSEDED and not works_on(actor):
        raise Refused(f"This version is no longer handed out. {pack.reason}")
    found = content(pack)
    _taken(pack, actor)
    return found


def read_draft(pack: BoardPack, *, actor: Actor) -> str:
    """The pages of a draft or a dashboard as HTML, and a row that says who read them; a settled pack is read from its bytes."""
    actor.require(Can.PACK_READ)
    _refuse_withdrawn(pack)
    if pack.settled:
        raise Refused("An approved pack is read from its file.")
    pages = html.html_of(pack)
    _taken(pack, actor)
    return pages


def _taken(pack: BoardPack, actor: Actor) -> None:
    DownloadLog(at=now(), user=actor.user, user_label=actor.label[:150], programme=pack.programme, pack=pack, sha256=pack.sha256).save()


def _refuse_withdrawn(pack: BoardPack) -> None:
    if pack.status == PackStatus.WITHDRAWN:
        raise Refused(f"This pack was withdrawn and is no longer handed out: {pack.reason}")


def drafts_of_week(programme: Programme, snapshot: WeeklySnapshot, *, actor: Actor) -> list[BoardPack]:
    """What a frozen week is rendered to: the one-page dashboard and the pack, for board and commissioner."""
    made = []
    for document in (DocumentKind.DASHBOARD, DocumentKind.PACK):
        for edition in WEEKLY_EDITIONS:
            latest = BoardPack.objects.filter(snapshot=snapshot, document=document, edition=edition).order_by("-number").first()
            made.append(latest or draft(snapshot, edition, actor=actor, document=document))
    return made


def for_snapshot(snapshot: WeeklySnapshot, edition: str, *, actor: Actor) -> BoardPack:
    """The newest pack of a snapshot that still holds, or its first draft."""
    latest = BoardPack.objects.filter(snapshot=snapshot, document=DocumentKind.PACK, edition=edition).exclude(status=PackStatus.WITHDRAWN).order_by("-number").first()
    return latest or draft(snapshot, edition, actor=actor)
