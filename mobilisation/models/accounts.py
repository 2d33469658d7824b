"""Users and the role assignments through which they act."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Exists, Q

from mobilisation.clock import today
from mobilisation.models.record import Record
from mobilisation.roles import PEOPLE_GRANTABLE, ROLE_CHOICES, Can, PeopleScope, codes_seeing, codes_with


class UserQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> UserQuerySet:
        """Accounts are the administrators' own matter; everybody else sees theirs."""
        return self.filter(Q(pk=user.pk) | Exists(RoleAssignment.objects.active().filter(user=user, role__in=codes_with(Can.SITE_ADMIN))))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Accounts are opened by ``mobilisation.services.accounts``; this serves Django's own commands."""

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email__iexact=email)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Signs in by e-mail. Rights come from role assignments alone."""

    email = models.EmailField(unique=True)
    name = models.CharField("name", max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)
    demo = models.BooleanField(default=False, editable=False)
    mail_choice = models.CharField(
        "e-mail notices", max_length=10, default="digest",
        choices=[("digest", "One digest each morning"), ("at_once", "At once"), ("none", "No e-mail")],
    )

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        return False

    @property
    def initials(self) -> str:
        parts = str(self).replace("@", " ").split()
        return "".join(part[0] for part in parts[:2]).upper()


PEOPLE_GRANTED = Q(people_granted=True, role__in=PEOPLE_GRANTABLE)
"""Assignments that show people although the role has none. A grant to a role that may have none shows nobody."""


class RoleAssignmentQuerySet(models.QuerySet):
    def active(self, as_of: date | None = None) -> RoleAssignmentQuerySet:
        """In force on ``as_of`` (today): started, not past its last day, not ended by hand, account open."""
        day = as_of or today()
        return self.filter(Q(starts_on__lte=day), Q(ends_on__isnull=True) | Q(ends_on__gte=day), ended_at__isnull=True, user__is_active=True)

    def showing_everybody(self) -> RoleAssignmentQuerySet:
        """Those that show everybody on the list of their programme."""
        return self.filter(Q(role__in=codes_seeing(PeopleScope.ALL)) | PEOPLE_GRANTED)

    def standing(self, as_of: date | None = None) -> RoleAssignmentQuerySet:
        """Neither ended nor past their last day on ``as_of`` (today), by an open account or a person named without one; some may yet begin."""
        return self.filter(Q(user__is_active=True) | Q(user__isnull=True) & ~Q(named=""), Q(ends_on__isnull=True) | Q(ends_on__gte=as_of or today()), ended_at__isnull=True)

    def last_days(self, programme: Any, as_of: date | None = None) -> dict[int, date | None]:
        """{account: the last day it holds a role in ``programme`` or on the whole site, None without an end}; who is not in it holds none."""
        day = as_of or today()
        found: dict[int, date | None] = {}
        rows = self.filter(Q(programme=programme) | Q(programme__isnull=True), starts_on__lte=day, ended_at__isnull=True, user__is_active=True)
        for user_id, ends_on in rows.values_list("user_id", "ends_on"):
            held = found.get(user_id, ends_on)
            found[user_id] = None if held is None or ends_on is None else max(held, ends_on)
        return found

    def visible_to(self, user: Any) -> RoleAssignmentQuerySet:
        """Assignments on the programmes the user is in; all for site administrators and governance roles."""
        mine = RoleAssignment.objects.active().filter(user=user)
        if mine.filter(programme__isnull=True).exists():
            return self
        return self.filter(programme__in=mine.values("programme_id"))


class RoleAssignment(Record):
    """(user, programme, organisation, role, from, to). Site-wide roles have no programme (domain 10.9)."""

    programme = models.ForeignKey("mobilisation.Programme", null=True, blank=True, on_delete=models.PROTECT, related_name="assignments")
    user = models.ForeignKey("mobilisation.User", null=True, blank=True, on_delete=models.PROTECT, related_name="assignments")
    named = models.CharField("named person without an account", max_length=150, blank=True)
    organisation = models.ForeignKey("mobilisation.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=4, choices=ROLE_CHOICES)
    workstream_slug = models.CharField("workstream", max_length=60, blank=True)
    starts_on = models.DateField("from")
    ends_on = models.DateField("to", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    deputy_for = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="deputies")
    """The assignment whose holder this one's holder stands in for: whom to ask meanwhile. It gives no right and fills no vacancy."""
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    people_granted = models.BooleanField("may see people, granted with a reason", default=False)
    grant_reason = models.CharField(max_length=300, blank=True)

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["role", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")), name="assignment_ends_after_start"),
            models.CheckConstraint(condition=Q(people_granted=False) | ~Q(grant_reason=""), name="assignment_grant_has_reason"),
        ]
        indexes = [models.Index(fields=["user", "programme", "role"], name="assignment_scope")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} ({self.role})"

    @property
    def holder(self) -> str:
        return str(self.user) if self.user_id else self.named
