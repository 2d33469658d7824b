"""Whom a safeguarding concern is about. The register names nobody; this row does (domain 10.16)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from transfers.models.checkpoint import OfPerson
from transfers.models.talk import ContactLogQuerySet
from transfers.rules import escalating


class PersonConcern(OfPerson):
    """One safeguarding concern of the register and its person."""

    QUIET_IN_HISTORY = frozenset({"person", "concern"})

    concern = models.OneToOneField("risks.SafeguardingConcern", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"safeguarding concern about person {self.person.public_id}"


class PersonEscalation(OfPerson):
    """What took one person up the ladder (domain 5.13): the register holds the issue and its steps, this row says whom it is about.
    ``since``: the day that had gone by. Of each trigger that stands as long as a fact does one is open at a time."""

    QUIET_IN_HISTORY = frozenset({"person", "issue"})
    GOVERNED = frozenset({"trigger", "since", "settled_on"})

    trigger = models.CharField("what set it off", max_length=30, choices=list(escalating.WORDS.items()))
    since = models.DateField()
    issue = models.OneToOneField("risks.Issue", on_delete=models.PROTECT, related_name="+")
    settled_on = models.DateField(null=True, blank=True)

    objects = ContactLogQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["person", "trigger"], condition=Q(settled_on__isnull=True, trigger__in=escalating.STANDING), name="one_open_escalation")]

    def __str__(self) -> str:
        return f"escalation about person {self.person.public_id}"
