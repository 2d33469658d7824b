"""What goes over beside the care itself: the file, money held for the person, and where to turn meanwhile."""

from __future__ import annotations

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from mobilisation.models import Entity, Programme
from transfers.choices import FileMethod, FileOutcome, FileRoute, InterimKind, MoneyPurpose
from transfers.models.checkpoint import OfPerson, OfPersonQuerySet
from transfers.models.lists import ListQuerySet
from transfers.models.orders import reach
from transfers.models.person import PersonTransfer


class FileTransfer(OfPerson):
    """One journey of the person's file; the ``route`` is the one the funding asked for on the day (domain 5.4)."""

    PERSONAL = frozenset({"contents", "tracking_ref"})
    QUIET_IN_HISTORY = frozenset({"person"})
    GOVERNED = frozenset({"route", "requested_on", "sent_on", "received_on", "method", "outcome"})

    route = models.CharField(max_length=17, choices=FileRoute.choices, blank=True)
    requested_on = models.DateField("asked for on", null=True, blank=True)
    sent_on = models.DateField(null=True, blank=True)
    received_on = models.DateField(null=True, blank=True)
    method = models.CharField(max_length=15, choices=FileMethod.choices, blank=True)
    contents = models.CharField("what is in it", max_length=500, blank=True)
    tracking_ref = models.CharField("receipt or tracking reference", max_length=60, blank=True)
    outcome = models.CharField(max_length=11, choices=FileOutcome.choices, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(sent_on__isnull=True) | Q(received_on__isnull=True) | Q(received_on__gte=F("sent_on")), name="file_received_after_sent"),
            models.CheckConstraint(condition=~Q(outcome="received") | Q(received_on__isnull=False), name="file_received_has_day"),
        ]

    def __str__(self) -> str:
        return f"file of person {self.person.public_id}"


class MoneyQuerySet(OfPersonQuerySet):
    def visible_to(self, user: Any) -> MoneyQuerySet:
        """The team, finance and the exiting provider, who holds some of it; not the incoming one."""
        team, exiting, _ = reach(user)
        return self.filter(team | (Q(person__in=PersonTransfer.objects.visible_to(user)) & exiting))


class MoneyHeld(OfPerson):
    """Money somebody keeps for the person. Without holder and amount it is only known that there is some."""

    PERSONAL = frozenset({"holder", "note"})
    QUIET_IN_HISTORY = frozenset({"person"})
    GOVERNED = frozenset({"settled_on"})

    holder = models.CharField(max_length=150, blank=True)
    amount = models.DecimalField("amount in pounds", max_digits=9, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)])
    purpose = models.CharField(max_length=6, choices=MoneyPurpose.choices, default=MoneyPurpose.PERSON)
    settled_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    objects = MoneyQuerySet.as_manager()

    class Meta:
        ordering = ["settled_on", "id"]
        verbose_name_plural = "monies held"
        constraints = [models.CheckConstraint(condition=Q(amount__isnull=True) | Q(amount__gte=0), name="money_not_negative")]

    def __str__(self) -> str:
        return f"money held for person {self.person.public_id}"


class InterimOption(Entity):
    """Where people may be cared for or helped until their provider has started. What the team falls back on is for nobody in
    particular, and may be another organisation's: no provider reads it (domain 8)."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="interim_options")
    kind = models.CharField(max_length=19, choices=InterimKind.choices)
    name = models.CharField(max_length=150)
    capacity = models.CharField("what it can take", max_length=150, blank=True)
    contact = models.CharField("whom to call", max_length=200, blank=True)
    available_until = models.DateField(null=True, blank=True)

    objects = ListQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "name", "id"]

    def __str__(self) -> str:
        return self.name
