"""The daily wash-up: begun once, written in by several at once, finished with what was shown (domain 5.5, 7.5; ux 1.14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from mobilisation.access import Actor
from mobilisation.choices import ActionStatus, MeetingKind
from mobilisation.clock import now, today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Action, Change, Meeting, Programme, RoleAssignment, User
from mobilisation.roles import Can
from mobilisation.services import board, changes
from transfers.facts import washup as facts
from transfers.models import PersonTransfer, WashUp, WashUpAction, WashUpNote
from transfers.services.rights import is_provider


def _require(actor: Actor) -> None:
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The wash-up is the mobilisation team's.")


def current(programme: Programme) -> WashUp | None:
    """The open one."""
    return WashUp.objects.filter(programme=programme, open=True).select_related("meeting").first()


def owners(programme: Programme) -> list[User]:
    """Who may own an action with an account: everybody who sees the people of ``programme``, by name."""
    team = RoleAssignment.objects.active().showing_everybody().filter(programme=programme, user__isnull=False)
    return sorted(User.objects.filter(pk__in=team.values("user_id")), key=lambda user: str(user).lower())


def start(programme: Programme, *, actor: Actor) -> WashUp:
    """Begin today's wash-up, or go into the one that is open: two who begin at once are in the same one."""
    _require(actor)
    if (held := current(programme)) is not None:
        return held
    try:
        with transaction.atomic():
            meeting = board.call_meeting(Meeting(programme=programme, kind=MeetingKind.WASHUP, at=now(), attendees=actor.label), actor=actor)
            return changes.create(WashUp(programme=programme, meeting=meeting, day=today()), actor=actor, action="wash-up begun")
    except IntegrityError:
        held = current(programme)
        if held is None:
            raise
        return held


def _locked(washup: WashUp) -> WashUp:
    row = WashUp.objects.select_for_update(of=("self",)).select_related("meeting", "programme").get(pk=washup.pk)
    if not row.open:
        at = timezone.localtime(row.finished_at) if row.finished_at else None
        raise Refused(f"{row.finished_by_label or 'Somebody'} finished this wash-up{f' at {at:%H:%M} on {at.day} {at:%b %Y}' if at else ''}. Begin the next one to write this down.")
    return row


def _own(washup: WashUp, person: PersonTransfer | None) -> None:
    if person is not None and person.programme_id != washup.programme_id:
        raise Refused(Reason("This person is not on the list of this programme.", field="person"))


@transaction.atomic
def note(washup: WashUp, text: str, *, actor: Actor, person: PersonTransfer | None = None) -> WashUpNote:
    """Write one thing down, about a person or about the day."""
    _require(actor)
    row = _locked(washup)
    _own(row, person)
    if not text.strip():
        raise Refused(Reason("Write what was said.", field="text"))
    _attend(row, actor)
    return changes.create(WashUpNote(washup=row, person=person, text=text.strip(), by_label=actor.label[:150]), actor=actor, action="note written")


@transaction.atomic
def ask(washup: WashUp, values: Mapping[str, Any], *, actor: Actor, person: PersonTransfer | None = None) -> WashUpAction:
    """An action with owner and time. ``values``: ``words``, ``owner`` (a user of the team) or ``owner_name``, ``due``, and ``due_time`` where
    the hour matters. The board's list of actions counts it and does not word it."""
    _require(actor)
    row = _locked(washup)
    _own(row, person)
    words, owner, due = str(values.get("words") or "").strip(), values.get("owner"), values.get("due")
    found = [] if words else [Reason("Say what is to be done.", field="words")]
    if not owner and not str(values.get("owner_name") or "").strip():
        found.append(Reason("Choose who does it, or enter a name.", field="owner"))
    if owner and owner not in owners(row.programme):
        found.append(Reason("This account does not see the people of this programme. Choose somebody of the team, or enter a name.", field="owner"))
    if due is None:
        found.append(Reason("Say by when.", field="due"))
    elif due < today():
        found.append(Reason("The day is over already. Enter today or a later one.", field="due"))
    elif due == today() and (hour := values.get("due_time")) and hour < timezone.localtime(now()).time():
        found.append(Reason(f"{hour:%H:%M} today is past. Enter a later hour or day.", field="due_time"))
    if found or due is None:
        raise Refused(found)
    number = WashUpAction.objects.filter(washup=row).count() + 1
    about = f", about {person.public_id}" if person else ""
    action = board.add_action(
        Action(
            programme=row.programme, meeting=row.meeting, text=f"Wash-up of {row.day.day} {row.day:%b %Y}, action {number}{about}", owner=owner, due=due, due_time=values.get("due_time"),
            owner_name="" if owner else str(values.get("owner_name") or "").strip()[:150],
        ),
        actor=actor,
    )
    _attend(row, actor)
    return changes.create(WashUpAction(washup=row, action=action, person=person, words=words[:500]), actor=actor, action="action asked for")


def _attend(row: WashUp, actor: Actor) -> None:
    """Whoever writes was there."""
    there = row.meeting.attendees.splitlines()
    if actor.label not in there:
        changes.apply(row.meeting, {"attendees": "\n".join([*there, actor.label])}, actor=actor)


def tick_off(asked: WashUpAction, *, done: bool, actor: Actor) -> Change | None:
    """Done, or open again; after the wash-up too. None where it is so already."""
    _require(actor)
    return board.update_action(asked.action, {"status": ActionStatus.DONE if done else ActionStatus.OPEN}, actor=actor)


@transaction.atomic
def finish(washup: WashUp, *, actor: Actor) -> WashUp:
    """Close it: what stands on the page now is kept with it. The history says how many of what, and names nobody."""
    _require(actor)
    row = _locked(washup)
    shown, _ = facts.sections(row.programme, PersonTransfer.objects.filter(programme=row.programme), today())
    _attend(row, actor)
    row.lists = facts.as_json(shown)
    row.save(update_fields=["lists"])
    changes.apply(row, {"open": False, "finished_at": now(), "finished_by_label": actor.label[:150]}, actor=actor, action="wash-up finished")
    changes.mark(row, "what was shown", actor=actor, fields={section.title: [None, section.count] for section in shown})
    washup.refresh_from_db()
    return row
