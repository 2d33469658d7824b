"""What every entity has: a public id, who and when, a version; and what turns colour."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When

from mobilisation import clock
from mobilisation.moments import Moments

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_public_id() -> str:
    """Ten random characters without look-alikes: safe in an address, says nothing about the person."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))


class ScopedQuerySet(models.QuerySet):
    """Every queryset that reaches a page goes through ``visible_to(user)``.

    Default scope: rows of the programmes the user has a role in. ``programme_path`` leads from the row to the programme.
    """

    programme_path: ClassVar[str] = "programme"

    def visible_to(self, user: Any) -> Any:
        from mobilisation.models.accounts import RoleAssignment

        return self.filter(**{f"{self.programme_path}__in": RoleAssignment.objects.active().filter(user=user).values("programme_id")})


class Moment(models.DateTimeField):
    """A time stamp that asks our clock, so that a stopped clock stamps its own time. For the database an ordinary one."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if self.auto_now or (self.auto_now_add and add):
            value = clock.now()
            setattr(model_instance, self.attname, value)
            return value
        return super().pre_save(model_instance, add)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs


class Entity(models.Model):
    """Written by services only (``mobilisation.services.changes``)."""

    TRACKED: ClassVar[bool] = True
    PERSONAL: ClassVar[frozenset[str]] = frozenset()
    """Names of fields that hold personal data: shown in history only to those who see the record."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    created_at = Moment(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    updated_at = Moment(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

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
