"""The two leads who look over communications and transfers each week, and what they saw (the protocol's oversight by OL and CL)."""

from __future__ import annotations

from django.db import models

from mobilisation.models import Entity, Programme
from transfers.choices import AssuranceRole
from transfers.models.lists import ListQuerySet


class Assurance(Entity):
    """One lead's word for one week. ``figures``: {key of ``facts.assurance``: how many} as they stood then, counts only."""

    PERSONAL = frozenset({"note"})
    QUIET_IN_HISTORY = frozenset({"programme"})
    GOVERNED = frozenset({"role", "week_ending", "sound"})

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="assurances")
    role = models.CharField(max_length=2, choices=AssuranceRole.choices)
    week_ending = models.DateField("week ending on Sunday")
    sound = models.BooleanField("communications and transfers are in order")
    note = models.CharField("what is not in order, and what is done about it", max_length=500, blank=True)
    figures = models.JSONField(default=dict, blank=True, editable=False)
    by_label = models.CharField("by", max_length=150, blank=True)

    objects = ListQuerySet.as_manager()

    class Meta:
        ordering = ["-week_ending", "role"]
        constraints = [models.UniqueConstraint(fields=["programme", "role", "week_ending"], name="one_assurance_a_lead_a_week")]

    def __str__(self) -> str:
        return f"assurance by {self.role} for the week ending {self.week_ending:%d/%m/%Y}"
