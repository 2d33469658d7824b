"""The check of a care plan at the start of care (domain 5.7)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from transfers.choices import PlanStatus, RiskTier
from transfers.models.checkpoint import OfPerson
from transfers.rules import care_plans


class CarePlanCheck(OfPerson):
    """The ``current`` one stands on the person; a changed package starts a new one.

    ``checks``: {key of ``rules.care_plans.CHECKS``: "right" or "differs"}; what is missing was not looked at yet.
    """

    QUIET_IN_HISTORY = frozenset({"person", "current"})
    GOVERNED = frozenset({"received_on", "tier", "status", "validated_on", "mdt_on"})
    WORDS_IN_HISTORY: ClassVar[dict[str, dict[str, str]]] = {"checks": dict(care_plans.CHECKS) | care_plans.FOUND}

    received_on = models.DateField(null=True, blank=True)
    tier = models.CharField("risk tier", max_length=5, choices=RiskTier.choices)
    status = models.CharField(max_length=12, choices=PlanStatus.choices, default=PlanStatus.PROVISIONAL)
    checks = models.JSONField(default=dict, blank=True)
    validated_on = models.DateField(null=True, blank=True)
    mdt_on = models.DateField("for the multidisciplinary meeting of", null=True, blank=True)
    by_label = models.CharField("checked by", max_length=150, blank=True)
    current = models.BooleanField(default=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(current=True), name="one_current_plan_check"),
            models.CheckConstraint(condition=~Q(status="validated") | Q(validated_on__isnull=False), name="validated_has_day"),
        ]

    def __str__(self) -> str:
        return f"care-plan check of person {self.person.public_id}"
