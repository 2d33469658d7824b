"""What the leads say of the map of zones, and when the tools that buy care by it were brought up to date (P13, R06)."""

from __future__ import annotations

from typing import Any

from django.db import models

from mobilisation.models import Entity, Programme, RoleAssignment, ScopedQuerySet
from mobilisation.roles import Can, codes_with
from transfers.choices import MappingKind


class MappingQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Any:
        """Who reads board papers; no provider learns which provider is recommended."""
        mine = RoleAssignment.objects.active().filter(user=user, role__in=codes_with(Can.BOARD_VIEW))
        return self.filter(programme__in=mine.values("programme_id"))


class MappingRecord(Entity):
    """Said once and never changed: the newest of a kind stands, those before it stay to be read."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="mapping_records")
    kind = models.CharField(max_length=16, choices=MappingKind.choices)
    on = models.DateField()
    text = models.TextField(max_length=2000)
    by_label = models.CharField("by", max_length=150)

    objects = MappingQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]
        indexes = [models.Index(fields=["programme", "kind", "-on", "-id"], name="mapping_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.on:%d/%m/%Y}"
