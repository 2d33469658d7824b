"""Leaving a checkpoint out: asked for, agreed to or not (domain 5.2)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Programme, RoleAssignment, User
from mobilisation.services import changes
from mobilisation.services.notices import notify
from transfers.models import Checkpoint, PersonTransfer
from transfers.rules import assessing, gates, sharing
from transfers.services import turning
from transfers.services.checkpoints.gate import put
from transfers.services.rights import ended_refused, locked, refuse_ended, require_edit
from transfers.services.seen import Seen, refuse_stale


def waiver_asked(mark: Checkpoint | None) -> bool:
    """The OL has asked for a waiver, and the CL has not agreed yet."""
    return mark is not None and mark.state == "in_progress" and bool(mark.risk_assessment)


def _roles(actor: Actor) -> frozenset[str]:
    return frozenset({"OL", "CL"}) if actor.unrestricted else actor.roles


def waiver_refused(person: PersonTransfer, code: str, mark: Checkpoint | None, *, actor: Actor) -> list[Reason]:
    """What keeps ``actor`` from waiving ``code``, or from agreeing to the waiver that was asked, whatever reason is given; ``mark``: its
    row, where there is one. Sends no statement."""
    if person.ending:
        return ended_refused(person)
    why_not = gates.may_waive(code, _roles(actor), asked=waiver_asked(mark))
    found = [Reason(why_not)] if why_not else []
    if mark is not None and mark.state in gates.SETTLED:
        found.append(Reason(f"{code} is {mark.state.replace('_', ' ')} already."))
    if code == "C11" and (words := sharing.pack_refused(person.sharing_basis, person.safe_without_sharing)):
        found.append(Reason(words))
    if words := assessing.waiver_waits(code, person.known_to_council, bool(person.advice_offer)):
        found.append(Reason(words))
    return found


@transaction.atomic
def waive(person: PersonTransfer, code: str, *, actor: Actor, reason: str = "", risk_assessment: str = "", seen: Seen | None = None) -> Checkpoint:
    """Leave a checkpoint out with a reason and a short risk assessment; C06, C14, C15 and C16 never.

    In a planned exit the OL asks and the CL agrees by calling this in their turn; until then the checkpoint stays open.
    """
    require_edit(person, actor)
    row = locked(person)
    refuse_ended(row)
    checkpoints = list(Checkpoint.objects.filter(person=row))
    roles = _roles(actor)
    existing = next((c for c in checkpoints if c.code == code), None)
    refuse_stale(seen, row, (), existing)
    asked = existing if waiver_asked(existing) else None
    found = waiver_refused(row, code, existing, actor=actor)
    if asked is not None:
        reason, risk_assessment = asked.note, asked.risk_assessment
    if not reason.strip():
        found.append(Reason("Say why it is waived.", field="reason"))
    if not risk_assessment.strip():
        found.append(Reason("Write a short risk assessment.", field="risk_assessment"))
    if found:
        raise Refused(found)
    if asked is None and gates.needs_cl(roles, pace=row.programme.pace, exit_type=row.programme.exit_type):
        checkpoint = put(row, code, existing, "in_progress", None, actor, reason, risk_assessment=risk_assessment)
        _ask_cl(row, code, checkpoint)
    else:
        due = turning.Frame.of(row.programme, holds=()).dues_of(row, checkpoints).get(code)
        checkpoint = put(row, code, existing, "waived", None, actor, reason, due=due, risk_assessment=risk_assessment)
    turning.refresh(row)
    person.refresh_from_db()
    return checkpoint


def _ask_cl(person: PersonTransfer, code: str, checkpoint: Checkpoint) -> None:
    leads = _holders(person.programme, "CL")
    if not leads:
        raise Refused("In a planned exit a waiver needs the lead commissioning manager (CL), and nobody holds that role. Fill it first.")
    _tell(leads, person, code, checkpoint, "waiver_asked", "a waiver waits for you")


def decline_refused(code: str, mark: Checkpoint | None, *, actor: Actor) -> list[Reason]:
    """As ``waiver_refused``, of not agreeing."""
    if not waiver_asked(mark):
        return [Reason(f"No waiver of {code} waits for an answer.")]
    return [] if actor.has_role("CL") else [Reason(f"The waiver of {code} waits for the lead commissioning manager (CL).")]


@transaction.atomic
def decline_waiver(person: PersonTransfer, code: str, *, actor: Actor, reason: str = "", seen: Seen | None = None) -> Checkpoint:
    """The CL does not agree to the waiver that was asked: the request ends, the checkpoint is open, and the OL is told."""
    require_edit(person, actor)
    row = locked(person)
    refuse_ended(row)
    mark = Checkpoint.objects.filter(person=row, code=code).first()
    refuse_stale(seen, row, (), mark)
    if mark is None or not waiver_asked(mark):
        raise Refused(f"No waiver of {code} waits for an answer.")
    if found := decline_refused(code, mark, actor=actor):
        raise NotPermitted(found)
    if not reason.strip():
        raise Refused(Reason("Say why you do not agree.", field="reason"))
    asker, values = mark.by, {"state": "not_started", "by": actor.user, "by_label": actor.label[:150], "marked_at": now(), "note": f"Waiver not agreed: {reason.strip()}"[:500], "risk_assessment": ""}
    changes.apply(mark, values, actor=actor, why=reason.strip(), programme=row.programme, action=f"{code} waiver not agreed")
    _tell({*_holders(row.programme, "OL"), *([asker] if asker and asker.is_active else [])}, row, code, mark, "waiver_declined", "a waiver was not agreed")
    turning.refresh(row)
    person.refresh_from_db()
    return mark


def _holders(programme: Programme, role: str) -> list[User]:
    return list(User.objects.filter(is_active=True, pk__in=RoleAssignment.objects.active().filter(programme=programme, role=role, user__isnull=False).values("user_id")))


def _tell(users: Iterable[User], person: PersonTransfer, code: str, mark: Checkpoint, kind: str, words: str) -> None:
    url = reverse("transfers:person-detail", args=[person.programme.ref, person.public_id])
    notify(users, person.programme, kind, f"{person.programme.reference}: {words}", [f"{code} of {person.public_id}"], url, unique_key=f"{kind}:{mark.pk}:{mark.version}")
