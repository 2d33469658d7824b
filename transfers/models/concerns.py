"""Whom a safeguarding concern is about. The register names nobody; this row does (domain 10.16)."""

from __future__ import annotations

from django.db import models

from transfers.models.checkpoint import OfPerson


class PersonConcern(OfPerson):
    """One safeguarding concern of the register and its person."""

    QUIET_IN_HISTORY = frozenset({"person", "concern"})

    concern = models.OneToOneField("risks.SafeguardingConcern", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"safeguarding concern about person {self.person.public_id}"
