"""One act on many people: what was shown, what was done, what was taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from mobilisation.models import Entity, Programme
from transfers.choices import BatchKind, BatchState, LineOutcome
from transfers.models.lists import ListQuerySet
from transfers.models.person import PersonTransfer


class Batch(Entity):
    """Made when the preview is shown (``proposed``), so that what is confirmed is what was shown, and confirmed once."""

    PERSONAL = frozenset({"what", "why", "picked", "asked", "undone_why"})
    GOVERNED = frozenset({"kind", "state", "made_at", "changed", "unchanged", "refused", "left_out", "undone_at", "put_back", "kept"})
    QUIET_IN_HISTORY = frozenset({"programme", "asked"})

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="batches")
    kind = models.CharField(max_length=8, choices=BatchKind.choices)
    what = models.CharField(max_length=300)
    why = models.CharField("reason", max_length=300, blank=True)
    picked = models.CharField("how the people were chosen", max_length=300, blank=True)
    asked = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=8, choices=BatchState.choices, default=BatchState.PROPOSED)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_as = models.CharField("made by", max_length=150)
    made_at = models.DateTimeField(null=True, blank=True)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField("changed meanwhile", default=0)
    undone_as = models.CharField("undone by", max_length=150, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_why = models.CharField("why it was undone", max_length=300, blank=True)
    put_back = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField("not put back", default=0)

    objects = ListQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "batches"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["proposed", "dropped"]) | Q(made_at__isnull=False), name="batch_done_has_time"),
            models.CheckConstraint(condition=~Q(state="undone") | (Q(undone_at__isnull=False) & ~Q(undone_as="")), name="batch_undone_by_somebody"),
        ]
        indexes = [models.Index(fields=["programme", "state", "-id"], name="batch_of_programme")]

    def __str__(self) -> str:
        return f"batch {self.public_id}"

    @property
    def undo_until(self) -> datetime | None:
        """When the author's own minutes end (domain 10.7); None while nothing was done."""
        return self.made_at + timedelta(minutes=int(self.programme.threshold("undo_minutes"))) if self.made_at else None


class LineQuerySet(ListQuerySet):
    programme_path = "batch__programme"


class BatchLine(Entity):
    """One cell of one person. ``field``: a field of the person, a checkpoint's code, ``incoming_provider`` or ``hold``.

    ``old`` and ``new`` are values as history keeps them, ``seen`` what the line rested on when it was shown, ``record`` and
    ``left_at`` key and version of what the batch wrote, by which the undo knows whether somebody changed it since. ``reason``:
    one a line.
    """

    TRACKED = False
    PERSONAL = frozenset({"old", "new", "seen", "reason"})

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="lines")
    person = models.ForeignKey(PersonTransfer, on_delete=models.PROTECT, related_name="batch_lines")
    field = models.CharField(max_length=40)
    old = models.JSONField(null=True, blank=True)
    new = models.JSONField(null=True, blank=True)
    seen = models.JSONField(default=dict, blank=True)
    record = models.BigIntegerField(null=True, blank=True)
    left_at = models.PositiveIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=7, choices=LineOutcome.choices)
    reason = models.TextField(blank=True)

    objects = LineQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["batch", "person", "field"], name="batch_line_once")]
        indexes = [models.Index(fields=["batch", "outcome"], name="batch_line_outcome")]

    def __str__(self) -> str:
        return f"line of {self.batch_id}"
