"""Whom to tell about a person, and what a provider must know that has no column in the tracker."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from transfers.choices import ContactRole, Preferred
from transfers.models.checkpoint import OfPerson


class PersonContact(OfPerson):
    """One contact of a person. The ``main`` one stands in the representative columns of the tracker."""

    PERSONAL = frozenset({"name", "relationship", "address", "phone", "email", "note"})
    QUIET_IN_HISTORY = frozenset({"person", "main"})
    GOVERNED = frozenset({"role", "may_be_told", "ended_on"})

    role = models.CharField(max_length=14, choices=ContactRole.choices, default=ContactRole.REPRESENTATIVE)
    name = models.CharField(max_length=150, blank=True)
    relationship = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    email = models.EmailField("e-mail", blank=True)
    preferred = models.CharField("preferred contact", max_length=6, choices=Preferred.choices, blank=True)
    may_be_told = models.BooleanField("may be told about the person", null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    main = models.BooleanField("stands in the tracker", default=False)
    ended_on = models.DateField("no longer a contact since", null=True, blank=True)

    class Meta:
        ordering = ["-main", "role", "id"]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(main=True), name="one_main_contact"),
            models.CheckConstraint(condition=Q(main=False) | Q(ended_on__isnull=True), name="main_contact_goes_on"),
        ]

    def __str__(self) -> str:
        return f"contact of person {self.person.public_id}"


class PersonNeed(OfPerson):
    """What the needs columns of the row do not hold; the care-plan check is made against it. The code of a key safe is never kept."""

    PERSONAL = frozenset({"allergies", "moving_handling", "communication", "preferences"})
    QUIET_IN_HISTORY = frozenset({"person"})

    allergies_known = models.BooleanField("allergies are known", null=True, blank=True)
    allergies = models.CharField(max_length=300, blank=True)
    moving_handling = models.CharField("moving and handling", max_length=300, blank=True)
    communication = models.CharField("how to communicate", max_length=300, blank=True)
    preferences = models.CharField("what matters to the person", max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person"], name="needs_once")]

    def __str__(self) -> str:
        return f"needs of person {self.person.public_id}"
