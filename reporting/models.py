"""Frozen weeks, stated colours, packs and who took them (domain 4, reporting)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mobilisation.components import short_date
from mobilisation.models import Programme
from mobilisation.models.accounts import RoleAssignment
from mobilisation.models.base import Entity, ScopedQuerySet
from mobilisation.models.record import new_public_id
from mobilisation.models.records import AppendOnly, AppendOnlyModel, AppendOnlyQuerySet
from reporting.choices import SETTLED, DocumentKind, Edition, PackStatus, SnapshotKind


class SnapshotQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: Any) -> SnapshotQuerySet:
        return self.filter(programme__in=RoleAssignment.objects.active().filter(user=user).values("programme_id"))

    def weekly(self) -> SnapshotQuerySet:
        return self.filter(kind=SnapshotKind.WEEKLY, locked=True)


class WeeklySnapshot(AppendOnlyModel):
    """A position frozen: written once, never recalculated. ``colours`` and ``overall`` repeat what the position says, to be read without it."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="snapshots")
    kind = models.CharField(max_length=8, choices=SnapshotKind.choices, default=SnapshotKind.WEEKLY)
    week_ending = models.DateField()
    as_of = models.DateField()
    taken_at = models.DateTimeField()
    taken_by = models.CharField(max_length=150)
    overall = models.CharField(max_length=1)
    colours = models.JSONField(default=dict)
    position = models.JSONField()
    locked = models.BooleanField(default=True)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-week_ending", "-taken_at"]
        constraints = [models.UniqueConstraint(fields=["programme", "week_ending"], condition=Q(kind="weekly"), name="week_frozen_once")]
        indexes = [models.Index(fields=["programme", "kind", "week_ending"], name="snapshot_of_week")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} snapshot {self.week_ending}"

    @property
    def words(self) -> str:
        """“week ending 29 Nov 2026”; of an interim one the figures are of a moment, and no week has ended."""
        if self.kind == SnapshotKind.WEEKLY:
            return f"week ending {short_date(self.week_ending)}"
        taken = timezone.localtime(self.taken_at)
        return f"interim figures of {short_date(taken.date())}, {taken:%H:%M}"


class RagOverride(Entity):
    """A colour somebody states beside the computed one, until the next snapshot. ``subject``: programme, a dimension's code, or ``ws:<slug>``."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="overrides")
    subject = models.CharField(max_length=80)
    computed = models.CharField(max_length=1)
    stated = models.CharField(max_length=1, choices=[("R", "Red"), ("A", "Amber"), ("G", "Green")])
    reason = models.CharField(max_length=500)
    stated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    stated_as = models.CharField(max_length=150)
    stated_on = models.DateField()
    agreement_of = models.CharField("waits for the agreement of", max_length=4, blank=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_reason"),
            models.UniqueConstraint(fields=["programme", "subject"], condition=Q(ended_at__isnull=True), name="override_one_open"),
        ]

    def __str__(self) -> str:
        return f"Stated colour of {self.subject}"

    @property
    def history_programme(self) -> Programme:
        return self.programme


class PackQuerySet(ScopedQuerySet):
    def readable_in(self, editions: list[str], *, drafts: bool) -> PackQuerySet:
        """What a reader of ``editions`` has; drafts only for those who work on them. One that was published and then
        withdrawn or replaced is named with its reason, and no longer handed out."""
        found = self.filter(edition__in=editions)
        return found if drafts else found.filter(status__in=(PackStatus.PUBLISHED, PackStatus.SUPERSEDED, PackStatus.WITHDRAWN), published_at__isnull=False)

    def update(self, **kwargs: Any) -> int:
        if set(kwargs) & BoardPack.CONTENT and self.filter(status__in=SETTLED).exists():
            raise AppendOnly("the content of an approved pack never changes")
        return super().update(**kwargs)

    def delete(self) -> Any:
        raise AppendOnly("packs are kept")


class BoardPack(Entity):
    """A snapshot rendered to a PDF. ``ready`` is the draft. From approval on file, hash and figures are fixed."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="packs")
    snapshot = models.ForeignKey(WeeklySnapshot, on_delete=models.PROTECT, related_name="packs")
    document = models.CharField(max_length=10, choices=DocumentKind.choices, default=DocumentKind.PACK)
    edition = models.CharField(max_length=12, choices=Edition.choices, default=Edition.BOARD)
    number = models.PositiveSmallIntegerField("version", default=1)
    status = models.CharField(max_length=10, choices=PackStatus.choices, default=PackStatus.QUEUED)
    reason = models.CharField("why", max_length=500, blank=True)
    correction = models.CharField("what this version corrects", max_length=500, blank=True)
    file_name = models.CharField(max_length=80, blank=True, editable=False)
    size = models.PositiveIntegerField(default=0, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    pages = models.PositiveSmallIntegerField(default=0, editable=False)
    built_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    approved_as = models.CharField(max_length=150, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    published_as = models.CharField(max_length=150, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    CONTENT = frozenset({"snapshot", "snapshot_id", "programme", "programme_id", "document", "edition", "number", "file_name", "size", "sha256", "pages", "built_at"})

    objects = PackQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "document", "edition", "number"], name="pack_version_once"),
            models.CheckConstraint(condition=~Q(status__in=["ready", "approved", "published", "superseded"]) | (~Q(sha256="") & ~Q(file_name="")), name="pack_has_its_file"),
            models.CheckConstraint(condition=~Q(status__in=["approved", "published", "superseded"]) | Q(approved_at__isnull=False), name="pack_approved_has_date"),
            models.CheckConstraint(condition=~Q(status="published") | Q(published_at__isnull=False), name="pack_published_has_date"),
        ]

    def __str__(self) -> str:
        return f"{self.get_document_display()}, {self.get_edition_display().lower()} edition, {self.snapshot.words}, v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            kept = type(self)._base_manager.filter(pk=self.pk, status__in=SETTLED).values(*(f.attname for f in self._meta.concrete_fields if f.name in self.CONTENT)).first()
            if kept and any(getattr(self, name) != value for name, value in kept.items()):
                raise AppendOnly("the content of an approved pack never changes")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise AppendOnly("packs are kept")

    @property
    def download_name(self) -> str:
        """``kent-exit-board-pack-2027-03-07-v1.pdf``; the edition where it is not the board's. No personal data."""
        edition = "" if self.edition == Edition.BOARD else f"-{self.edition}"
        kind = "board-pack" if self.document == DocumentKind.PACK else "dashboard"
        weekly = self.snapshot.kind == SnapshotKind.WEEKLY
        day = f"{self.snapshot.week_ending:%Y-%m-%d}" if weekly else f"interim-{timezone.localtime(self.snapshot.taken_at):%Y-%m-%d-%H%M}"
        return f"{self.programme.ref}-{kind}{edition}-{day}-v{self.number}.pdf"

    @property
    def settled(self) -> bool:
        return self.status in SETTLED


class DownloadLog(AppendOnlyModel):
    """Who took which version, when."""

    at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    user_label = models.CharField(max_length=150)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="pack_downloads")
    pack = models.ForeignKey(BoardPack, on_delete=models.PROTECT, related_name="downloads")
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["-at", "-id"]
