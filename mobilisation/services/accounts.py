"""Accounts and roles: opened, assigned and ended here, whoever asks (page, command, set-up)."""

from __future__ import annotations

from datetime import date
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.choices import PartyRole, ProgrammeKind
from mobilisation.clock import now, today
from mobilisation.errors import Reason, Refused
from mobilisation.models import ContractParty, Job, Organisation, Programme, RoleAssignment, Slot, User
from mobilisation.roles import MANDATORY, MT_CODES, PEOPLE_GRANTABLE, ROLES, Can, codes_with, sees_people
from mobilisation.services import changes, jobs
from mobilisation.services.meanwhile import refused_if_taken

PARTY_OF = {"XP": PartyRole.EXITING, "IP": PartyRole.INCOMING}
"""The side a provider's lead acts for."""


def open_account(email: str, *, actor: Actor, name: str = "", password: str | None = None) -> User:
    """A new account; without a password the person sets one by the reset link. Refused when the address is taken or wrong."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(Reason(f"“{email}” is not an e-mail address. Write it like name@council.example.", field="email")) from None
    long = [
        Reason(f"The {words} may have {limit} characters at most; this one has {len(value)}.", field=field)
        for field, words, value in (("email", "e-mail address", email), ("name", "name", name.strip())) if len(value) > (limit := getattr(User._meta.get_field(field), "max_length", None) or 0)
    ]
    if long:
        raise Refused(long)
    if password is not None:
        _strong(password, User(email=email, name=name))
    _refuse_account(email)
    user = User(email=email, name=name.strip())
    if password is None:
        user.set_unusable_password()
    else:
        user.set_password(password)
    with refused_if_taken(lambda: _refuse_account(email)):
        user.save()
        changes.mark(user, "account opened", actor=actor)
    return user


def _refuse_account(email: str) -> None:
    if User.objects.filter(email__iexact=email).exists():
        raise Refused(Reason(f"There is an account {email} already. A role is given to it on its own page, or in the programme.", field="email"))


def set_password(user: User, password: str, *, actor: Actor) -> bool:
    """A new password for an account that is there, which ends its sessions; False when it has this one already. Refused when it is weak."""
    actor.require(Can.SITE_ADMIN)
    if user.check_password(password):
        return False
    _strong(password, user)
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        changes.mark(user, "password set", actor=actor)
    return True


def _strong(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused([Reason(text, field="password") for text in error.messages]) from None


@transaction.atomic
def assign(user: User | None, role: str, *, actor: Actor, programme: Programme | None = None, organisation: Organisation | None = None, starts_on: date | None = None, ends_on: date | None = None, workstream_slug: str = "", named: str = "", phone: str = "", email: str = "", people_granted: bool = False, grant_reason: str = "") -> RoleAssignment:
    """Give a role from ``starts_on`` (today) on; to who holds it already, only sight of people can be added. Site-wide roles have no programme, others need one and an organisation."""
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
    if role == "WSL" and actor.user is not None and not workstream_slug:
        found.append(Reason("A workstream lead leads one workstream: choose it.", field="workstream"))
    if workstream_slug and role != "WSL":
        found.append(Reason(f"Only a workstream lead has a workstream; {role} {ROLES[role].title} has none.", field="workstream"))
    if workstream_slug and programme is not None and workstream_slug not in dict(workstreams_of(programme)):
        found.append(Reason(f"There is no workstream “{workstream_slug}” in this programme.", field="workstream"))
    if role in {"XP", "IP"} and organisation is None:
        found.append(Reason(f"{role} {ROLES[role].title} sees the people of one organisation: name it.", field="organisation"))
    if user is None and not named.strip():
        found.append(Reason("Choose an account or write a name.", field="user"))
    if people_granted and role not in PEOPLE_GRANTABLE:
        found.append(Reason(f"{role} {ROLES[role].title} is given no sight of people beyond what the role shows. It may be granted to {', '.join(code for code in ROLES if code in PEOPLE_GRANTABLE)}. Take the tick away.", field="people_granted"))
    if people_granted and not grant_reason.strip():
        found.append(Reason("Say why this person may see people.", field="grant_reason"))
    if user is not None and actor.user is not None and actor.user.pk == user.pk and (people_granted or sees_people(role)):
        found.append(Reason("Nobody gives themselves sight of personal data. Ask another lead or an administrator.", field="role"))
    day = starts_on or today()
    if ends_on is not None and ends_on < day:
        found.append(Reason("The last day lies before the first.", field="ends_on"))
    elif ends_on is not None and ends_on < today():
        found.append(Reason("The last day has passed already. Leave it empty, or enter a day to come.", field="ends_on"))
    held = _overlapping(user, role, programme, organisation, workstream_slug, day, ends_on) if user is not None else None
    if held is not None and (held.people_granted or not people_granted):
        found.append(Reason(f"{user} holds this role already.", field="user"))
    if actor.user is not None and programme is not None and organisation is not None and role in PARTY_OF and not ContractParty.objects.filter(contract__programmes=programme, organisation=organisation, role=PARTY_OF[role]).exists():
        found.append(Reason(f"{organisation} is not {PartyRole(PARTY_OF[role]).label.lower()} of this programme, so {role} would see nobody. Choose another organisation, or make it a party first.", field="organisation"))
    if found:
        raise Refused(found)
    if held is not None:
        changes.apply(held, {"people_granted": True, "grant_reason": grant_reason}, actor=actor, why=grant_reason, action="granted sight of people")
        return held
    made = changes.create(
        RoleAssignment(
            programme=programme, user=user, named=named, organisation=organisation, role=role, starts_on=day, ends_on=ends_on, workstream_slug=workstream_slug, phone=phone, email=email,
            people_granted=people_granted, grant_reason=grant_reason,
        ),
        actor=actor,
    )
    _follow(programme)
    return made


def _overlapping(user: User, role: str, programme: Programme | None, organisation: Organisation | None, slug: str, first: date, last: date | None) -> RoleAssignment | None:
    held = RoleAssignment.objects.filter(user=user, programme=programme, organisation=organisation, role=role, workstream_slug=slug, ended_at__isnull=True).exclude(ends_on__lt=first)
    return (held.filter(starts_on__lte=last) if last else held).first()


def _follow(programme: Programme | None) -> None:
    """A role that is filled or falls vacant turns the colour of what hangs on it."""
    if programme is not None:
        registry.recompute_all(programme)


def _follow_roles(user: User) -> None:
    """The same where an account is closed or opened: in every programme it holds a role of."""
    for programme in Programme.objects.filter(pk__in=RoleAssignment.objects.filter(user=user, ended_at__isnull=True).values("programme_id")):
        _follow(programme)


@transaction.atomic
def end_assignment(assignment: RoleAssignment, *, actor: Actor, why: str = "") -> None:
    """Access ends at once: the next request of that person finds nothing."""
    actor.require(Can.ROLES_MANAGE)
    if assignment.ended_at is not None:
        raise Refused("This role has ended already.")
    if actor.user is not None and not why.strip():
        raise Refused(Reason("Say why the role ends.", field="reason"))
    if actor.user is not None and not actor.can(Can.SITE_ADMIN) and assignment.programme is not None and assignment.role in codes_with(Can.ROLES_MANAGE):
        others = RoleAssignment.objects.active().filter(programme=assignment.programme, role__in=codes_with(Can.ROLES_MANAGE)).exclude(pk=assignment.pk)
        if not others.exists():
            raise Refused(Reason("Nobody else could give roles on this programme. Give the role to somebody before this one ends.", field="reason"))
    if actor.user is not None and assignment.role in codes_with(Can.SITE_ADMIN):
        # Locked, so that of two administrators who end each other's role at one moment one stays.
        held = RoleAssignment.objects.active().filter(role__in=codes_with(Can.SITE_ADMIN)).order_by("pk").select_for_update(of=("self",))
        if {row.pk for row in held} <= {assignment.pk}:
            raise Refused(Reason("Nobody else is administrator: accounts, calendar and organisations would be kept by nobody. Give the role to somebody before this one ends.", field="reason"))
    changes.apply(assignment, {"ended_at": now(), "ends_on": max(today(), assignment.starts_on)}, actor=actor, why=why, action="ended")
    _follow(assignment.programme)


@transaction.atomic
def name_deputy(assignment: RoleAssignment, deputy: RoleAssignment | None, *, actor: Actor) -> None:
    """``deputy``, a role that somebody else holds on the programme, stands in for ``assignment``; None for nobody. One at most.

    It says whom to ask: nobody gains a right by it, and a vacant role stays vacant.
    """
    actor.require(Can.ROLES_MANAGE)
    held = RoleAssignment.objects.select_for_update(of=("self",)).get(pk=assignment.pk)
    standing = RoleAssignment.objects.standing()
    if not standing.filter(pk=held.pk).exists():
        raise Refused("This role has ended; it has no deputy.")
    if deputy is not None:
        chosen = RoleAssignment.objects.select_for_update(of=("self",)).get(pk=deputy.pk)
        who, other = chosen.holder, chosen.deputy_for
        if held.programme_id is None or chosen.programme_id != held.programme_id or not standing.filter(pk=chosen.pk).exists():
            raise Refused(Reason("Choose somebody who holds a role on this programme.", field="deputy"))
        if (chosen.user_id, chosen.named.casefold()) == (held.user_id, held.named.casefold()):
            raise Refused(Reason(f"{who} holds this role. Choose somebody else as deputy.", field="deputy"))
        if other is not None and other.pk != held.pk and standing.filter(pk=other.pk).exists():
            raise Refused(Reason(f"As {chosen.role} {who} is the deputy of {other.holder}, {other.role}, already. Take that away first, or choose another role or person.", field="deputy"))
        changes.apply(chosen, {"deputy_for": held}, actor=actor, action="named deputy")
    for former in RoleAssignment.objects.filter(deputy_for=held).exclude(pk=deputy.pk if deputy else None):
        changes.apply(former, {"deputy_for": None}, actor=actor, action="no longer deputy")


@transaction.atomic
def disable(user: User, *, actor: Actor, why: str = "") -> None:
    """Close an account and every session of it."""
    actor.require(Can.SITE_ADMIN)
    if actor.user is not None and actor.user.pk == user.pk:
        raise Refused("This is your own account. Ask another administrator to close it.")
    if not why.strip():
        raise Refused(Reason("Say why the account is closed.", field="reason"))
    changes.apply(user, {"is_active": False}, actor=actor, why=why, action="account closed")
    for session in Session.objects.filter(expire_date__gte=now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
    _follow_roles(user)


@transaction.atomic
def enable(user: User, *, actor: Actor, why: str = "") -> None:
    """Open a closed account again; its roles were never touched."""
    actor.require(Can.SITE_ADMIN)
    changes.apply(user, {"is_active": True}, actor=actor, why=why, action="account opened again")
    _follow_roles(user)


def update_own(user: User, name: str, mail_choice: str, *, actor: Actor) -> None:
    """What a person may change about the own account."""
    changes.apply(User.objects.get(pk=user.pk), {"name": name.strip(), "mail_choice": mail_choice}, actor=actor)


@transaction.atomic
def invite(email: str, *, actor: Actor, name: str = "") -> User:
    """A new account without a password, and a letter with a link that sets one, once."""
    actor.require(Can.ROLES_MANAGE)
    user = open_account(email, actor=actor, name=name)
    send_invitation(user, actor=actor)
    return user


def send_invitation(user: User, *, actor: Actor) -> Job:
    """The letter goes out as a job, so that a mail server that is away loses nothing and slows no page."""
    actor.require(Can.ROLES_MANAGE)
    if not user.is_active:
        raise Refused("The account is closed. Open it first.")
    return jobs.enqueue("invitation", None, {"user": user.pk}, actor)


def handle_invitation(run: jobs.Run) -> dict[str, Any]:
    """Writes the link here and now: it is a secret, and stands in no job and no log."""
    user = User.objects.get(pk=run.args["user"])
    if not user.is_active:
        raise Refused("The account was closed in the meantime; nothing was sent.")
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)})
    days = settings.PASSWORD_RESET_TIMEOUT // 86400
    body = f"You have an account on {settings.SITE_NAME}.\n\nSet your password here; the link works once and for {days} days:\n{settings.SITE_URL}{path}\n\nThen sign in with this e-mail address.\n"
    try:
        send_mail(f"Your account on {settings.SITE_NAME}", body, settings.DEFAULT_FROM_EMAIL, [user.email])
    except OSError as error:
        raise Refused(f"The mail server did not take the letter ({type(error).__name__}). Send the link again from the account's page.") from None
    return {"sent": 1}


def office_is_empty() -> bool:
    """Nobody has an account yet: the first administrator may be made."""
    return not User.objects.exists()


def demonstration_here() -> tuple[bool, bool]:
    """Whether accounts of the demonstration stand here, whose password anybody may know; and whether others do."""
    held = set(User.objects.values_list("demo", flat=True).distinct())
    return True in held, False in held


def first_administrator(email: str, password: str, name: str = "") -> User:
    """Only in an empty office. Of two people at the same moment the unique slot lets one through and tells the other."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                Slot.objects.create(schedule="setup", key="first administrator")
        except IntegrityError:
            raise Refused("Somebody made the first administrator at the same moment. Sign in with that account.") from None
        if not office_is_empty():
            raise Refused("There is an administrator already. Sign in, or ask them for an account.")
        operator = Actor.operator()
        user = open_account(email, actor=operator, name=name, password=password)
        assign(user, "ADM", actor=operator)
    return user


def workstreams_of(programme: Programme) -> list[tuple[str, str]]:
    """(slug, name) in the order of the plan."""
    return list(registry.read_fact("workstreams", programme) or ())


def vacant(programme: Programme) -> list[tuple[str, str]]:
    """Mandatory roles nobody holds today (domain 10.9): (code, "" or the incoming provider or workstream that lacks one).

    Held: by an open account or by a person named without one, from its first day to its last.
    """
    rows = list(RoleAssignment.objects.standing().filter(programme=programme, starts_on__lte=today()).values_list("role", "organisation_id", "workstream_slug"))
    held = {role for role, _, _ in rows}
    if held & MT_CODES:
        held.add("MT")
    missing = [(code, "") for code in MANDATORY[programme.kind] if code not in held]
    if "IP" in MANDATORY[programme.kind] and "IP" in held:
        answering = {organisation for role, organisation, _ in rows if role == "IP"}
        incoming = Organisation.objects.filter(party_to__contract__programmes=programme, party_to__role="incoming").distinct().order_by("name")
        missing += [("IP", organisation.name) for organisation in incoming if organisation.pk not in answering]
    if programme.kind != ProgrammeKind.PROVIDER_EXIT:
        led = {slug for role, _, slug in rows if role == "WSL"}
        missing += [("WSL", name) for slug, name in workstreams_of(programme) if slug not in led]
    return missing
