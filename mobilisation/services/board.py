"""What a board keeps: meetings with their agenda, decisions needed and made, actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.choices import ActionStatus, DecisionStatus, MeetingKind
from mobilisation.clock import today
from mobilisation.errors import Reason, Refused
from mobilisation.models import Action, AgendaItem, Change, Decision, Meeting
from mobilisation.roles import Can
from mobilisation.services import changes

UNSAFE_ITEM = "What could make go-live unsafe?"
"""Fixed item of every weekly mobilisation meeting; it may not be removed (domain 5.10)."""
STANDING: dict[str, tuple[str, ...]] = {
    MeetingKind.WEEKLY_MOBILISATION: (UNSAFE_ITEM, "Actions of the last meeting"),
    MeetingKind.BOARD: ("Decisions needed", "Actions of the last meeting"),
    MeetingKind.WASHUP: ("Yesterday, today, tomorrow", "Hospital list"),
}


def call_meeting(meeting: Meeting, *, actor: Actor, items: Sequence[str] = ()) -> Meeting:
    """Write a meeting down with the standing items of its kind first."""
    actor.require(Can.BOARD_EDIT)
    standing = STANDING.get(meeting.kind, ())
    rows = [(title, True) for title in standing] + [(title.strip(), False) for title in items if title.strip() and title.strip() not in standing]
    with transaction.atomic():
        changes.create(meeting, actor=actor)
        changes.bulk_create([AgendaItem(meeting=meeting, title=title, standing=fixed, order=at) for at, (title, fixed) in enumerate(rows)], actor=actor, programme=meeting.programme)
    return meeting


def update_meeting(meeting: Meeting, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    """Change when, who or notes. Of a kind with a fixed item, that item joins the agenda."""
    actor.require(Can.BOARD_EDIT)
    with transaction.atomic():
        record = changes.apply(meeting, values, actor=actor, expected_version=expected_version)
        held = set(meeting.agenda.values_list("title", flat=True))
        missing = [title for title in STANDING.get(meeting.kind, ()) if title not in held]
        changes.bulk_create([AgendaItem(meeting=meeting, title=title, standing=True) for title in missing], actor=actor, programme=meeting.programme)
    return record


def add_item(meeting: Meeting, title: str, *, actor: Actor) -> AgendaItem:
    actor.require(Can.BOARD_EDIT)
    if not title.strip():
        raise Refused(Reason("Say what the item is.", "title"))
    return changes.create(AgendaItem(meeting=meeting, title=title.strip()[:200], order=meeting.agenda.count()), actor=actor, programme=meeting.programme)


def minute_item(item: AgendaItem, notes: str, *, actor: Actor, expected_version: int | None = None) -> Change | None:
    actor.require(Can.BOARD_EDIT)
    return changes.apply(item, {"notes": notes}, actor=actor, expected_version=expected_version, programme=item.meeting.programme)


def remove_item(item: AgendaItem, *, actor: Actor) -> None:
    """Take an item off the agenda; standing items stay."""
    actor.require(Can.BOARD_EDIT)
    if item.standing:
        raise Refused(f"“{item.title}” is a standing item and stays on the agenda.")
    with transaction.atomic():
        changes.mark(item.meeting, "agenda item removed", actor=actor, fields={"title": [item.title, None]}, programme=item.meeting.programme)
        item.delete()


def _decision_faults(text: str, status: str, rationale: str, made_by: str, made_on: date | None) -> list[Reason]:
    reasons = [] if text.strip() else [Reason("Say what is to be decided.", "text")]
    if status == DecisionStatus.MADE:
        reasons += [Reason(sentence, name) for name, sentence, value in (("rationale", "Say why it was decided so.", rationale.strip()), ("made_by", "Say who decided.", made_by.strip()), ("made_on", "Say when it was decided.", made_on)) if not value]
    if status == DecisionStatus.WITHDRAWN and not rationale.strip():
        reasons.append(Reason("Say why it is no longer needed.", "rationale"))
    if made_on and made_on > today():
        reasons.append(Reason("The day it was decided is in the future.", "made_on"))
    return reasons


def add_decision(decision: Decision, *, actor: Actor) -> Decision:
    """A decision needed (with the day by which) or made (with who, when and why)."""
    actor.require(Can.DECISION_RECORD)
    if reasons := _decision_faults(decision.text, decision.status, decision.rationale, decision.made_by, decision.made_on):
        raise Refused(reasons)
    return changes.create(decision, actor=actor)


def update_decision(decision: Decision, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    actor.require(Can.DECISION_RECORD)
    after = {name: values.get(name, getattr(decision, name)) for name in ("text", "status", "rationale", "made_by", "made_on")}
    if reasons := _decision_faults(**after):
        raise Refused(reasons)
    return changes.apply(decision, values, actor=actor, expected_version=expected_version)


def _action_faults(text: str, owner: Any, owner_name: str, due: date | None) -> list[Reason]:
    return [
        Reason(sentence, name)
        for name, sentence, value in (("text", "Say what is to be done.", text.strip()), ("owner_name", "Name who does it.", owner or owner_name.strip()), ("due", "Say by when.", due))
        if not value
    ]


def add_action(action: Action, *, actor: Actor) -> Action:
    actor.require(Can.BOARD_EDIT)
    if reasons := _action_faults(action.text, action.owner_id, action.owner_name, action.due):
        raise Refused(reasons)
    action.done_on = _day_done(action.status, action.done_on)
    return changes.create(action, actor=actor)


def _day_done(status: str, done_on: date | None) -> date | None:
    """Of what is done its day, today when nothing is said; of anything else none."""
    if done_on and done_on > today():
        raise Refused(Reason("The day it was done is in the future.", "done_on"))
    if status == ActionStatus.DONE:
        return done_on or today()
    if done_on:
        raise Refused(Reason("Only what is done has a day on which it was done. Change the status, or leave the day empty.", "done_on"))
    return None


def update_action(action: Action, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    """Done carries its day (today when not given); opening again takes it off."""
    actor.require(Can.BOARD_EDIT)
    after = {name: values.get(name, getattr(action, name)) for name in ("text", "owner", "owner_name", "due")}
    if reasons := _action_faults(**after):
        raise Refused(reasons)
    wanted = dict(values)
    status = wanted.get("status", action.status)
    done = status == ActionStatus.DONE
    if done or wanted.keys() & {"status", "done_on"}:
        wanted["done_on"] = _day_done(status, wanted.get("done_on") or (action.done_on if done else None))
    return changes.apply(action, wanted, actor=actor, expected_version=expected_version)
