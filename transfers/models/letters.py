"""Letters to people: a run with one line a person, out as a mail merge and back with results (domain 10.16)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import OuterRef, Q, Subquery

from mobilisation.models import Change, Entity, Programme
from transfers.choices import Format, Funding, LetterMarks, LetterState, LetterTo
from transfers.models.checkpoint import OfPerson
from transfers.models.contacts import PersonContact
from transfers.models.lists import ListQuerySet


class FundingLead(Entity):
    """Who leads for the people of one funding group, and whether we write to them."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="funding_leads")
    funding = models.CharField(max_length=16, choices=Funding.choices)
    lead = models.CharField("who leads", max_length=150)
    we_write = models.BooleanField("we write to them", default=True)

    objects = ListQuerySet.as_manager()

    class Meta:
        ordering = ["funding"]
        constraints = [models.UniqueConstraint(fields=["programme", "funding"], name="one_lead_a_funding")]

    def __str__(self) -> str:
        return f"lead for {self.get_funding_display()}"


class LetterRun(Entity):
    """``code``: that of the communication (K03, K05, …); ``marks``: the checkpoint that its sending fulfils."""

    GOVERNED = frozenset({"to", "marks", "taken_at", "approved_on"})
    QUIET_IN_HISTORY = frozenset({"approved_by_label", "taken_by_label"})

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="letter_runs")
    code = models.CharField(max_length=10)
    title = models.CharField(max_length=150)
    to = models.CharField("to whom", max_length=14, choices=LetterTo.choices, default=LetterTo.PERSON)
    marks = models.CharField("fulfils", max_length=3, choices=LetterMarks.choices, blank=True)
    emergency_why = models.CharField("why it is an emergency", max_length=300, blank=True)
    approved_on = models.DateField("approved by communications", null=True, blank=True)
    approved_by_label = models.CharField(max_length=150, blank=True)
    taken_at = models.DateTimeField("last taken out for the mail merge", null=True, blank=True)
    taken_by_label = models.CharField(max_length=150, blank=True)

    objects = ListQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class LetterItemQuerySet(ListQuerySet):
    programme_path = "run__programme"

    def with_out(self) -> Any:
        """Each with ``out_at``: when this letter itself was last taken out for the mail merge, as its history has it; None before."""
        acts = Change.objects.filter(entity=self.model._meta.label_lower, object_id=OuterRef("pk"), action=self.model.OUT)  # scope: the history of the rows asked for
        return self.annotate(out_at=Subquery(acts.order_by("-pk").values("at")[:1]))


class LetterItem(OfPerson):
    """One person of a run. ``reason``: why it is held or left out; ``decided``: what was decided on somebody held."""

    OUT = "taken out for the mail merge"
    """What history calls it."""
    NAMED_IN_HISTORY = True
    PERSONAL = frozenset({"decided", "note"})
    QUIET_IN_HISTORY = frozenset({"person", "run", "contact"})
    GOVERNED = frozenset({"format", "state", "on"})

    out_at: datetime | None
    run = models.ForeignKey(LetterRun, on_delete=models.PROTECT, related_name="items")
    contact = models.ForeignKey(PersonContact, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=12, choices=Format.choices, default=Format.STANDARD)
    lead = models.CharField("who leads", max_length=150, blank=True)
    state = models.CharField(max_length=8, choices=LetterState.choices, default=LetterState.TO_SEND)
    reason = models.CharField(max_length=200, blank=True)
    decided = models.CharField("what was decided", max_length=300, blank=True)
    on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    objects = LetterItemQuerySet.as_manager()

    class Meta:
        ordering = ["person__surname", "person__forename", "id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "person"], name="once_in_a_run"),
            models.CheckConstraint(condition=~Q(state__in=["sent", "returned", "called"]) | Q(on__isnull=False), name="letter_result_has_day"),
        ]

    def __str__(self) -> str:
        return f"{self.run.code} letter to person {self.person.public_id}"
