"""Enumerations of reporting; a leaf."""

from django.db import models


class SnapshotKind(models.TextChoices):
    WEEKLY = "weekly", "Weekly"
    INTERIM = "interim", "Interim"


class Edition(models.TextChoices):
    BOARD = "board", "Board"
    COMMISSIONER = "commissioner", "Commissioner"
    PROVIDER = "provider", "Provider"
    PUBLIC = "public", "Public"


class DocumentKind(models.TextChoices):
    PACK = "pack", "Board pack"
    DASHBOARD = "dashboard", "One-page dashboard"


class PackStatus(models.TextChoices):
    QUEUED = "queued", "Waiting"
    BUILDING = "building", "Being built"
    READY = "ready", "Draft ready"
    FAILED = "failed", "Failed"
    APPROVED = "approved", "Approved"
    PUBLISHED = "published", "Published"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"


SETTLED = frozenset({PackStatus.APPROVED, PackStatus.PUBLISHED, PackStatus.SUPERSEDED, PackStatus.WITHDRAWN})
"""From approval on, content never changes."""
