"""Accounts and roles: opened, assigned and ended here, whoever asks (page, command, set-up)."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import Reason, Refused
from mobilisation.models import Organisation, Programme, RoleAssignment, User
from mobilisation.roles import MANDATORY, ROLES, Can
from mobilisation.services import changes


def open_account(email: str, *, actor: Actor, name: str = "", password: str | None = None) -> User:
    """A new account; without a password the person sets one by the reset link. Refused when the address is taken or wrong."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(Reason(f"“{email}” is not an e-mail address. Write it like name@council.example.", field="email")) from None
    if password is not None:
        try:
            validate_password(password, User(email=email, name=name))
        except ValidationError as error:
            raise Refused([Reason(text, field="password") for text in error.messages]) from None
    if User.objects.filter(email__iexact=email).exists():
        raise Refused(Reason(f"There is an account {email} already.", field="email"))
    user = User(email=email, name=name.strip())
    if password is None:
        user.set_unusable_password()
    else:
        user.set_password(password)
    with transaction.atomic():
        user.save()
        changes.mark(user, "account opened", actor=actor)
    return user


def assign(user: User | None, role: str, *, actor: Actor, programme: Programme | None = None, organisation: Organisation | None = None, starts_on: date | None = None, ends_on: date | None = None, workstream_slug: str = "", named: str = "", phone: str = "", email: str = "", people_granted: bool = False, grant_reason: str = "") -> RoleAssignment:
    """Give a role from ``starts_on`` (today) on. Site-wide roles have no programme, others need one and an organisation."""
    actor.require(Can.ROLES_MANAGE)
    found: list[Reason] = []
    if role not in ROLES:
        raise Refused(Reason(f"There is no role {role}. Roles: {', '.join(ROLES)}.", field="role"))
    site_wide = ROLES[role].site_wide
    if site_wide and programme is not None:
        found.append(Reason(f"{role} {ROLES[role].title} is a role of the whole site, not of one programme.", field="role"))
    if site_wide and not actor.can(Can.SITE_ADMIN):
        found.append(Reason("Only a system administrator gives roles of the whole site.", field="role"))
    if not site_wide and programme is None:
        found.append(Reason(f"{role} {ROLES[role].title} needs a programme.", field="programme"))
    if role in {"XP", "IP"} and organisation is None:
        found.append(Reason(f"{role} {ROLES[role].title} sees the people of one organisation: name it.", field="organisation"))
    if user is None and not named.strip():
        found.append(Reason("Choose an account or write a name.", field="user"))
    if people_granted and not grant_reason.strip():
        found.append(Reason("Say why this person may see people.", field="grant_reason"))
    day = starts_on or today()
    if ends_on is not None and ends_on < day:
        found.append(Reason("The last day lies before the first.", field="ends_on"))
    if user is not None and RoleAssignment.objects.active(day).filter(user=user, programme=programme, organisation=organisation, role=role, workstream_slug=workstream_slug).exists():
        found.append(Reason(f"{user} holds this role already.", field="user"))
    if found:
        raise Refused(found)
    return changes.create(
        RoleAssignment(
            programme=programme, user=user, named=named, organisation=organisation, role=role, starts_on=day, ends_on=ends_on, workstream_slug=workstream_slug, phone=phone, email=email,
            people_granted=people_granted, grant_reason=grant_reason,
        ),
        actor=actor,
    )


@transaction.atomic
def end_assignment(assignment: RoleAssignment, *, actor: Actor, why: str = "") -> None:
    """Access ends at once: the next request of that person finds nothing."""
    actor.require(Can.ROLES_MANAGE)
    if assignment.ended_at is not None:
        raise Refused("This role has ended already.")
    changes.apply(assignment, {"ended_at": now(), "ends_on": max(today(), assignment.starts_on)}, actor=actor, why=why, action="ended")


@transaction.atomic
def disable(user: User, *, actor: Actor, why: str = "") -> None:
    """Close an account and every session of it."""
    actor.require(Can.SITE_ADMIN)
    User.objects.filter(pk=user.pk).update(is_active=False)
    changes.mark(user, "account disabled", actor=actor, why=why)
    for session in Session.objects.filter(expire_date__gte=now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()


def first_administrator(email: str, password: str, name: str = "") -> User:
    """Only in an empty office. Two people at once: the unique address of the first row decides, the second is told."""
    with transaction.atomic():
        if User.objects.select_for_update().exists():
            raise Refused("There is an administrator already. Sign in, or ask them for an account.")
        operator = Actor.operator()
        try:
            user = open_account(email, actor=operator, name=name, password=password)
        except IntegrityError:
            raise Refused("Somebody made the first administrator at the same moment. Sign in with that account.") from None
        assign(user, "ADM", actor=operator)
    return user


def vacant(programme: Programme) -> list[str]:
    """Codes of mandatory roles nobody holds today (domain 10.9)."""
    held = set(RoleAssignment.objects.filter(programme=programme, ended_at__isnull=True).exclude(ends_on__lt=today()).values_list("role", flat=True))
    if held & {"ASM", "CM", "PO", "TA"}:
        held.add("MT")
    return [code for code in MANDATORY[programme.kind] if code not in held]
