"""What was found out about a person before the move, and what was asked for after it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from mobilisation.models import RoleAssignment
from mobilisation.roles import PeopleScope, codes_seeing
from transfers.choices import ReviewAbout, ReviewAskedBy
from transfers.models.checkpoint import OfPerson, OfPersonQuerySet
from transfers.models.person import PersonTransfer
from transfers.rules import assessing


class AssessmentQuerySet(OfPersonQuerySet):
    def visible_to(self, user: Any) -> AssessmentQuerySet:
        """The team and the provider to whom the person comes; the one they leave has no part in it."""
        mine = RoleAssignment.objects.active().filter(user=user)
        team = mine.showing_everybody()
        incoming = mine.filter(role__in=codes_seeing(PeopleScope.INCOMING), programme=OuterRef("person__programme"), organisation=OuterRef("person__incoming_provider"))
        return self.filter(person__in=PersonTransfer.objects.visible_to(user)).filter(Q(person__programme__in=team.values("programme_id")) | Exists(incoming))


class Assessment(OfPerson):
    """Needs, impact of the change, and what the care and support plan speaks of: once a person (C07, C08).

    ``assessors``: keys of ``rules.assessing.ASSESSORS``; ``headings``: {key of ``HEADINGS``: "in" | "not_needed"}.
    """

    PERSONAL = frozenset({"needs", "impact", "well_being"})
    QUIET_IN_HISTORY = frozenset({"person"})
    GOVERNED = frozenset({"assessed_on", "plan_on"})
    WORDS_IN_HISTORY: ClassVar[dict[str, dict[str, str]]] = {"assessors": dict(assessing.ASSESSORS), "headings": dict(assessing.HEADINGS) | {"in": "in the plan", "not_needed": "not needed"}}

    assessed_on = models.DateField(null=True, blank=True)
    needs = models.CharField("needs and risks", max_length=1000, blank=True)
    impact = models.CharField("impact of the exit and the change of provider", max_length=1000, blank=True)
    well_being = models.CharField("well-being", max_length=500, blank=True)
    assessors = models.JSONField("who took part", default=list, blank=True)
    plan_on = models.DateField("plan written or reviewed on", null=True, blank=True)
    headings = models.JSONField("what the plan speaks of", default=dict, blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person"], name="assessment_once")]

    def __str__(self) -> str:
        return f"assessment of person {self.person.public_id}"


class Review(OfPerson):
    """A review that was asked for or offered, of needs or of the new arrangements, whoever pays for the care."""

    PERSONAL = frozenset({"outcome"})
    QUIET_IN_HISTORY = frozenset({"person"})
    GOVERNED = frozenset({"about", "asked_on", "asked_by", "held_on"})

    about = models.CharField(max_length=16, choices=ReviewAbout.choices, default=ReviewAbout.ARRANGEMENTS)
    asked_by = models.CharField("asked for by", max_length=14, choices=ReviewAskedBy.choices, default=ReviewAskedBy.OFFERED)
    asked_on = models.DateField("asked for or offered on")
    held_on = models.DateField(null=True, blank=True)
    outcome = models.CharField("feedback and outcome", max_length=500, blank=True)

    class Meta:
        ordering = ["-asked_on", "-id"]
        constraints = [models.CheckConstraint(condition=Q(held_on__isnull=True) | Q(held_on__gte=models.F("asked_on")), name="review_held_after_asked")]

    def __str__(self) -> str:
        return f"review of person {self.person.public_id}"
