"""An upload on its way into the programme, and the mappings people taught us."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from mobilisation.choices import ImportState
from mobilisation.models.base import ScopedQuerySet
from mobilisation.models.jobs import Job
from mobilisation.models.programmes import Programme
from mobilisation.models.record import new_public_id


class ImportRun(models.Model):
    """The file lies under ``stored_name`` in the files folder; its original name is data."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="imports")
    kind = models.CharField(max_length=20)
    file_name = models.CharField(max_length=255)
    stored_name = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64, blank=True)
    sheet = models.CharField(max_length=100, blank=True)
    heading_row = models.PositiveIntegerField(null=True, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    date_order = models.CharField(max_length=3, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    """Row number (as text) → who it is about, where a name only offers somebody."""
    accept_valid = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.UPLOADED)
    summary = models.JSONField(default=dict, blank=True)
    reason = models.TextField(blank=True)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="imports")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]


class SavedMapping(models.Model):
    """Headings of the file → our columns, remembered per programme and kind."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="mappings")
    kind = models.CharField(max_length=20)
    mapping = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "kind"], name="mapping_once")]
