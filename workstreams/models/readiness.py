"""Go-live criteria and the decision to go (domain 5.10)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from mobilisation.models import Entity, Programme
from workstreams.choices import CriterionStatus, Deliverable, GoLiveResult

CRITERION_MET = (CriterionStatus.MET, CriterionStatus.NOT_APPLICABLE)


class ReadinessCriterion(Entity):
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="criteria")
    deliverable = models.PositiveSmallIntegerField(choices=Deliverable.choices)
    code = models.CharField(max_length=10)
    text = models.CharField("criterion", max_length=300)
    mandatory = models.BooleanField(default=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    owner_name = models.CharField("owner", max_length=150, blank=True)
    evidence = models.TextField(blank=True)
    evidence_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="evidence given by", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    due = models.DateField(null=True, blank=True)
    counted_on = models.DateField(null=True, blank=True, editable=False)
    """The due day last worked out from the start: while the criterion stands on it, it follows the start."""
    forecast = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=15, choices=CriterionStatus.choices, default=CriterionStatus.NOT_MET)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["deliverable", "code"]
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="criterion_code_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"[:120]


class GoLiveDecision(Entity):
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="go_live_decisions")
    result = models.CharField(max_length=20, choices=GoLiveResult.choices)
    conditions = models.TextField("conditions, each with owner and date", blank=True)
    attendees = models.TextField(blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    on = models.DateField("decided on")

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return self.get_result_display()
