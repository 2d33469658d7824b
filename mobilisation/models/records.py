"""Append-only records: what changed, and who looked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from mobilisation.models.accounts import RoleAssignment
from mobilisation.models.jobs import Job
from mobilisation.models.programmes import Programme
from mobilisation.roles import Can, codes_with


class AppendOnly(Exception):
    """Somebody tried to rewrite the record."""


class AppendOnlyQuerySet(models.QuerySet):
    """No update, no delete: only ``create`` and ``bulk_create``."""

    def update(self, **kwargs: Any) -> int:
        raise AppendOnly("this record is append-only")

    def delete(self) -> Any:
        raise AppendOnly("this record is append-only")

    def visible_to(self, user: Any) -> Any:
        """Governance roles read everything; others the programmes they are in."""
        mine = RoleAssignment.objects.active().filter(user=user)
        if mine.filter(role__in=codes_with(Can.AUDIT_VIEW)).exists():
            return self
        return self.filter(Q(programme__in=mine.values("programme_id")))


class AppendOnlyModel(models.Model):
    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("this record is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise AppendOnly("this record is append-only")


class Change(AppendOnlyModel):
    """One act on one entity: who, when, old, new, why. ``fields`` = {name: [old, new]} in JSON values."""

    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=150)
    programme = models.ForeignKey(Programme, null=True, blank=True, on_delete=models.PROTECT, related_name="changes")
    entity = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    object_label = models.CharField(max_length=120, blank=True)
    action = models.CharField(max_length=40)
    fields = models.JSONField(default=dict)
    why = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["entity", "object_id", "version"], name="change_of_object"),
            models.Index(fields=["programme", "at"], name="change_of_programme"),
        ]


class AccessLog(AppendOnlyModel):
    """One look at personal data: who, when, what, from where; a reason where it left the system."""

    at = models.DateTimeField(db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    user_label = models.CharField(max_length=150)
    programme = models.ForeignKey(Programme, null=True, blank=True, on_delete=models.PROTECT, related_name="access_log")
    verb = models.CharField(max_length=12)
    subject = models.CharField(max_length=60)
    object_ids = models.JSONField(default=list)
    count = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["programme", "at"], name="access_of_programme")]
