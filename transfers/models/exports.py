"""A list on its way out of the system that is too long to be written while its reader waits."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from mobilisation.models import Entity, Job, Programme, RoleAssignment, ScopedQuerySet
from mobilisation.roles import Can, codes_with
from transfers.choices import FileFormat


class ExportQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> ExportQuerySet:
        """One's own, while one may still take people out of that programme."""
        mine = RoleAssignment.objects.active().filter(user=user, role__in=codes_with(Can.PEOPLE_EXPORT))
        return self.filter(owner=user, programme__in=mine.values("programme_id"))


class PeopleExport(Entity):
    """``people``: keys in the order of the list, until the file is made. The file lies under ``stored_name``, a random one, and is
    for its ``owner`` alone until ``kept_until``."""

    TRACKED = False

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="people_exports")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    file_format = models.CharField(max_length=4, choices=FileFormat.choices)
    reason = models.CharField(max_length=300)
    people = models.JSONField(default=list)
    count = models.PositiveIntegerField(default=0)
    stored_name = models.CharField(max_length=100, blank=True)
    kept_until = models.DateTimeField(null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"export {self.public_id}"
