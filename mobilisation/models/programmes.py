"""Programmes and what their start hangs on."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from mobilisation.choices import (
    OVER,
    BankHolidayDivision,
    ConditionStatus,
    DeliveryConfidence,
    ExitType,
    Pace,
    Phase,
    ProgrammeKind,
    ProgrammeStatus,
    VariationStatus,
)
from mobilisation.models.accounts import RoleAssignment
from mobilisation.models.base import Entity, ScopedQuerySet
from mobilisation.models.organisations import Contract, Organisation


class ProgrammeQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> ProgrammeQuerySet:
        """Programmes the user has a role in today. An ended assignment ends access at once."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(pk__in=RoleAssignment.objects.active().filter(user=user).values("programme_id"))

    def open(self) -> ProgrammeQuerySet:
        return self.exclude(status__in=OVER)


class Programme(Entity):
    """One mobilisation: joins contracts, a plan, people, risks and reports."""

    reference = models.CharField(max_length=20, unique=True, validators=[RegexValidator(r"^[A-Z0-9][A-Z0-9-]{1,19}$", "Enter 2 to 20 capital letters, digits or hyphens")])
    title = models.CharField(max_length=200)
    contracts = models.ManyToManyField(Contract, related_name="programmes", blank=True)
    lead_organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="leads_programmes")
    kind = models.CharField(max_length=20, choices=ProgrammeKind.choices)
    exit_type = models.CharField(max_length=10, choices=ExitType.choices, blank=True)
    pace = models.CharField(max_length=10, choices=Pace.choices, default=Pace.PLANNED)
    phase = models.CharField(max_length=12, choices=Phase.choices, default=Phase.MOBILISATION)
    status = models.CharField(max_length=12, choices=ProgrammeStatus.choices, default=ProgrammeStatus.DRAFT)
    status_reason = models.CharField(max_length=300, blank=True)
    decision_date = models.DateField("decision or notice date (D0)", null=True, blank=True)
    award_date = models.DateField("award (A)", null=True, blank=True)
    scd = models.DateField("service commencement (SCD)", null=True, blank=True)
    exit_date = models.DateField("last day of the exiting provider (E)", null=True, blank=True)
    go_live_date = models.DateField("go-live (G)", null=True, blank=True)
    staff_transfer_date = models.DateField("staff transfer (X)", null=True, blank=True)
    division = models.CharField("bank holidays of", max_length=20, choices=BankHolidayDivision.choices, default=BankHolidayDivision.ENGLAND_AND_WALES)
    objectives = models.TextField(blank=True)
    vision = models.TextField(blank=True)
    delivery_confidence = models.CharField(max_length=2, choices=DeliveryConfidence.choices, blank=True)
    delivery_confidence_reason = models.CharField(max_length=500, blank=True)
    capacity_board_on = models.BooleanField(default=False)
    thresholds = models.JSONField(default=dict, blank=True)
    demo = models.BooleanField(default=False, editable=False)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ["reference"]
        constraints = [
            models.CheckConstraint(condition=~Q(kind="provider_exit") | ~Q(exit_type=""), name="exit_has_type"),
            models.CheckConstraint(condition=Q(exit_date__isnull=True) | Q(decision_date__isnull=True) | Q(exit_date__gte=models.F("decision_date")), name="exit_after_decision"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def ref(self) -> str:
        return self.reference.lower()

    @property
    def target(self) -> tuple[str, date | None]:
        """What the countdown runs to: (label, date)."""
        if self.kind == ProgrammeKind.PROVIDER_EXIT:
            return "last day of the exiting provider", self.exit_date
        if self.kind == ProgrammeKind.HOMECARE_START:
            return "go-live", self.go_live_date or self.scd
        return "service commencement", self.scd

    @property
    def start_by(self) -> date | None:
        """SCD in the sense of the rules: commencement, go-live or E."""
        return self.scd or self.go_live_date or self.exit_date

    def threshold(self, key: str) -> int | float:
        """A (dc) limit of this programme, else the default of the settings."""
        value: int | float = self.thresholds.get(key, settings.THRESHOLDS[key])
        return value


class ConditionPrecedent(Entity):
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="conditions")
    contract = models.ForeignKey(Contract, null=True, blank=True, on_delete=models.PROTECT, related_name="conditions")
    title = models.CharField(max_length=300)
    owner_name = models.CharField("owner", max_length=150, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    evidence = models.TextField(blank=True)
    evidence_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="evidence given by", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    due = models.DateField(null=True, blank=True)
    forecast = models.DateField(null=True, blank=True)
    longstop = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=ConditionStatus.choices, default=ConditionStatus.OPEN)
    satisfied_on = models.DateField(null=True, blank=True)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["due", "id"]

    def __str__(self) -> str:
        return self.title


class Variation(Entity):
    """A change of what was agreed: the head; the items moved live in ``workstreams`` (domain 10.16)."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="variations")
    title = models.CharField("what changes", max_length=300)
    why = models.TextField()
    impact = models.TextField("impact on time, cost, quality and safety", blank=True)
    raised_by_name = models.CharField(max_length=150, blank=True)
    status = models.CharField(max_length=10, choices=VariationStatus.choices, default=VariationStatus.PROPOSED)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title
