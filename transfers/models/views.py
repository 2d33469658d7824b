"""Saved views of the daily grid."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from mobilisation.models import Entity, Programme, RoleAssignment, ScopedQuerySet
from mobilisation.roles import ROLE_CHOICES


class SavedViewQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Any:
        """One's own, and those that are shared with the team, for who belongs to it: no provider reads how the council looks at its list."""
        team = RoleAssignment.objects.active().filter(user=user).showing_everybody()
        return super().visible_to(user).filter(Q(owner=user) | Q(shared=True, programme__in=team.values("programme_id")))


class SavedView(Entity):
    """Columns, filters and order under a name. Holds no name of a person and no search: filters name staff by key only.

    ``address`` is what the list's address carries; ``default_for`` the role whose members see it first.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="views_saved")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    columns = models.JSONField(default=list)
    unfolded = models.JSONField("unfolded groups", default=list)
    filters = models.JSONField(default=dict)
    sort = models.CharField("order", max_length=30, blank=True)
    shared = models.BooleanField("shared with the team", default=False)
    locked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name="locked by")
    default_for = models.CharField("first view of", max_length=3, choices=ROLE_CHOICES, blank=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["-shared", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "owner", "name"], name="view_name_once"),
            models.UniqueConstraint(fields=["programme", "default_for"], condition=~Q(default_for=""), name="view_default_once"),
            models.CheckConstraint(condition=Q(default_for="") | Q(shared=True), name="view_default_is_shared"),
            models.CheckConstraint(condition=Q(locked_by__isnull=True) | Q(shared=True), name="view_locked_is_shared"),
        ]

    def __str__(self) -> str:
        return f"view “{self.name}”"
