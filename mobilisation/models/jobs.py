"""Background work as rows first, messages second; and the slots of scheduled work."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from mobilisation.choices import JobState
from mobilisation.models.accounts import RoleAssignment
from mobilisation.models.programmes import Programme
from mobilisation.models.record import new_public_id
from mobilisation.roles import Can, codes_with


class JobQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> JobQuerySet:
        """Own jobs while one is still in their programme; those without an author for who makes the packs there."""
        mine = RoleAssignment.objects.active().filter(user=user)
        own = Q(requested_by=user) & (Q(programme__isnull=True) | Q(programme__in=mine.values("programme_id")))
        return self.filter(own | Q(requested_by__isnull=True, programme__in=mine.filter(role__in=codes_with(Can.PACK_DRAFT)).values("programme_id")))


class Job(models.Model):
    """One piece of work. ``args`` holds ids, never data. Taken by a conditional update, swept after a crash."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    kind = models.CharField(max_length=40)
    programme = models.ForeignKey(Programme, null=True, blank=True, on_delete=models.PROTECT, related_name="jobs")
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    args = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    result = models.JSONField(default=dict, blank=True)
    reason = models.TextField("why it failed", blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    unique_key = models.CharField(max_length=120, null=True, blank=True, unique=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="jobs")
    requested_as = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "heartbeat"], name="job_sweep")]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    @property
    def finished(self) -> bool:
        return self.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total) if self.total else 0


class Slot(models.Model):
    """One occurrence of a schedule, taken once by its unique row (domain 10.12)."""

    schedule = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    taken_at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schedule", "key"], name="slot_once")]
