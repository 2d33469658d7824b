"""Organisations, contracts and who is party to them."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, Q

from mobilisation.choices import BankHolidayDivision, ContractForm, ContractStatus, OrganisationKind, PartyRole, ServiceType
from mobilisation.models.accounts import RoleAssignment
from mobilisation.models.base import Entity, ScopedQuerySet


class OrganisationQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> OrganisationQuerySet:
        """Parties of the programmes the user is in; administrators see all."""
        mine = RoleAssignment.objects.active().filter(user=user)
        return self.filter(
            Exists(mine.filter(role="ADM"))
            | Q(pk__in=ContractParty.objects.filter(contract__programmes__in=mine.values("programme_id")).values("organisation_id"))
            | Q(pk__in=mine.values("organisation_id"))
        )


class Organisation(Entity):
    """A body with dates and a successor: commissioners merge (domain 1, ICB)."""

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20, choices=OrganisationKind.choices, default=OrganisationKind.HOMECARE_PROVIDER)
    ods_code = models.CharField("ODS code", max_length=10, blank=True, validators=[RegexValidator(r"^[A-Z0-9]{3,10}$", "Enter 3 to 10 capital letters and digits")])
    cqc_provider_id = models.CharField("CQC provider ID", max_length=20, blank=True, validators=[RegexValidator(r"^1-\d+$", "Enter 1- and digits")])
    cqc_location_id = models.CharField("CQC location ID", max_length=20, blank=True, validators=[RegexValidator(r"^1-\d+$", "Enter 1- and digits")])
    bank_holiday_division = models.CharField(max_length=20, choices=BankHolidayDivision.choices, default=BankHolidayDivision.ENGLAND_AND_WALES)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="predecessors")

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ContractQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> ContractQuerySet:
        mine = RoleAssignment.objects.active().filter(user=user)
        return self.filter(pk__in=Contract.objects.filter(programmes__in=mine.values("programme_id")).values("pk"))


class Contract(Entity):
    """What was awarded. Expected and actual commencement are different fields."""

    reference = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=200)
    service_type = models.CharField(max_length=20, choices=ServiceType.choices, default=ServiceType.HOMECARE)
    form = models.CharField(max_length=20, choices=ContractForm.choices, default=ContractForm.COUNCIL_FRAMEWORK)
    annual_value = models.DecimalField("annual value (£)", max_digits=14, decimal_places=2, null=True, blank=True)
    award_date = models.DateField(null=True, blank=True)
    signed_date = models.DateField(null=True, blank=True)
    effective_date = models.DateField(null=True, blank=True)
    expected_scd = models.DateField("expected service commencement", null=True, blank=True)
    actual_scd = models.DateField("actual service commencement", null=True, blank=True)
    longstop_date = models.DateField(null=True, blank=True)
    expiry_date = models.DateField(null=True, blank=True)
    extension_months = models.PositiveSmallIntegerField(default=0)
    notice_period_days = models.PositiveSmallIntegerField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=ContractStatus.choices, default=ContractStatus.AWARDED)

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering = ["reference"]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class ContractParty(Entity):
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="parties")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="party_to")
    role = models.CharField(max_length=20, choices=PartyRole.choices)

    class PartyQuerySet(ScopedQuerySet):
        programme_path = "contract__programmes"

    objects = PartyQuerySet.as_manager()

    class Meta:
        ordering = ["role", "organisation__name"]
        constraints = [models.UniqueConstraint(fields=["contract", "organisation", "role"], name="party_once")]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.get_role_display()})"
