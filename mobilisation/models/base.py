"""What the entities of the apps are made of: scope by role assignment, and what turns colour."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import Case, Q, Value, When

from mobilisation.models.accounts import RoleAssignment
from mobilisation.models.record import Record
from mobilisation.moments import Moments


class ScopedQuerySet(models.QuerySet):
    """Every queryset that reaches a page goes through ``visible_to(user)``.

    Default scope: rows of the programmes the user has a role in. ``programme_path`` leads from the row to the programme.
    """

    programme_path: ClassVar[str] = "programme"

    def visible_to(self, user: Any) -> Any:
        return self.filter(**{f"{self.programme_path}__in": RoleAssignment.objects.active().filter(user=user).values("programme_id")})


class Entity(Record):
    """A record within the scope of a programme. Written by services only (``mobilisation.services.changes``)."""

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True


class MomentsQuerySet(ScopedQuerySet):
    def with_colour(self, as_of: date) -> Any:
        """Annotates ``colour`` (B, R, A, N, G): the twin of :meth:`mobilisation.moments.Moments.at`."""
        return self.annotate(
            colour=Case(
                When(Q(blue=True) & (Q(blue_until__isnull=True) | Q(blue_until__gte=as_of)), then=Value("B")),
                When(red_from__lte=as_of, then=Value("R")),
                When(amber_from__lte=as_of, then=Value("A")),
                When(grey_until__gte=as_of, then=Value("N")),
                default=Value("G"),
                output_field=models.CharField(),
            )
        )


class HasMoments(models.Model):
    """Stored turning moments of one item; computed by the app's rules, written by its services."""

    blue = models.BooleanField(default=False, editable=False)
    blue_until = models.DateField(null=True, blank=True, editable=False)
    red_from = models.DateField(null=True, blank=True, editable=False)
    red_reason = models.CharField(max_length=300, blank=True, editable=False)
    amber_from = models.DateField(null=True, blank=True, editable=False)
    amber_reason = models.CharField(max_length=300, blank=True, editable=False)
    grey_until = models.DateField(null=True, blank=True, editable=False)

    MOMENT_FIELDS: ClassVar[tuple[str, ...]] = ("blue", "blue_until", "red_from", "red_reason", "amber_from", "amber_reason", "grey_until")

    class Meta:
        abstract = True

    @property
    def moments(self) -> Moments:
        return Moments(**{name: getattr(self, name) for name in self.MOMENT_FIELDS})

    def set_moments(self, moments: Moments) -> bool:
        """Put ``moments`` on the row (unsaved); True when anything differs."""
        changed = False
        for name in self.MOMENT_FIELDS:
            value = getattr(moments, name)
            if isinstance(value, str):
                value = value[:300]
            if getattr(self, name) != value:
                setattr(self, name, value)
                changed = True
        return changed
