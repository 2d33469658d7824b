"""Notifications: ids and counts only, a stored record with its outcome each."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from mobilisation.models.accounts import RoleAssignment
from mobilisation.models.programmes import Programme


class NotificationQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> NotificationQuerySet:
        """One's own, while one is still in the programme they are about."""
        return self.filter(Q(programme__isnull=True) | Q(programme__in=RoleAssignment.objects.active().filter(user=user).values("programme_id")), user=user)


class Notification(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    programme = models.ForeignKey(Programme, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    at_once = models.BooleanField(default=False)
    unique_key = models.CharField(max_length=120, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mail_state = models.CharField(
        max_length=12, default="waiting",
        choices=[("waiting", "Waiting"), ("sending", "Being sent"), ("sent", "Sent"), ("perhaps", "Perhaps sent"), ("failed", "Not delivered"), ("not_wanted", "Not wanted")],
    )
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_at = models.DateTimeField(null=True, blank=True)
    mail_outcome = models.CharField(max_length=300, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "read_at"], name="notification_unread"), models.Index(fields=["mail_state"], name="notification_mail")]
