"""Up the ladder, and word to those who stand on the rung (domain 5.13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from mobilisation.access import Actor
from mobilisation.calendars import calendar_for
from mobilisation.clock import now, today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Change, Programme, RoleAssignment, User
from mobilisation.roles import Can
from mobilisation.services import changes, notices
from risks import rules
from risks.choices import ABOUT_A_PERSON, EscalationLevel
from risks.models import Escalation, Issue, Risk

ROLES_OF_LEVEL = {1: ("WSL",), 2: ("ML", "OL", "CL"), 3: ("BCH", "BM"), 4: ("SRO",)}
TAKE_UP = {1: ("WSL", "ML", "MLD", "OL", "CL", "BCH", "SRO"), 2: ("ML", "MLD", "OL", "CL", "BCH", "SRO"), 3: ("BCH", "BM", "SRO"), 4: ("SRO",)}
"""Who may acknowledge a step: those on its rung, the deputy of the lead, and who answers for the rungs above."""
NO_ANSWER = "Nobody acknowledged it in time"


def beside(trigger: str, level: int) -> tuple[str, ...]:
    """Who stands on the rung too: “2 and CO” of a person who was not visited (domain 5.13). Elsewhere those told as well only read."""
    rung = rules.LADDER[rules.Trigger(trigger)] if trigger in rules.ABOUT_PEOPLE else None
    return rung.copy if rung and rung.level == level else ()


def _due_at(programme: Programme, within: str) -> datetime | None:
    return rules.answer_by(timezone.localtime(now()), within, min(int(programme.threshold("escalation_day_begins_h")), 23))


def _due(programme: Programme, within: str, on: date) -> date | None:
    if within == "1w":
        return calendar_for(programme).add(on, 1)
    return None if within == "next meeting" else on


def raise_to(
    programme: Programme, level: int, why: str, *, actor: Actor, risk: Risk | None = None, issue: Issue | None = None, trigger: str = "", within: str = "1w",
    copy: tuple[str, ...] = (), from_level: int = 1, on: date | None = None,
) -> Escalation:
    """Record a step up and tell the rung. Notices carry the reference only. ``within`` as in ``rules.Rung``."""
    if not why.strip():
        raise Refused(Reason("Say why it is escalated.", "why"))
    if level not in EscalationLevel.values:
        raise Refused(Reason("Choose a level from 1 to 4.", "to_level"))
    day = on or today()
    row = Escalation(
        programme=programme, risk=risk, issue=issue, trigger=trigger, from_level=from_level, to_level=level, why=why.strip()[:300], on=day, due=_due(programme, within, day), due_at=_due_at(programme, within),
    )
    changes.create(row, actor=actor, why=why)
    subject = risk.ref if risk else issue.ref if issue else programme.reference
    if day >= today() - timedelta(days=1):
        told = _holders(programme, (*ROLES_OF_LEVEL[level], *copy))
        url = reverse("risks:risk-detail", kwargs={"ref": programme.ref, "public_id": risk.public_id}) if risk else reverse("risks:issue-list", kwargs={"ref": programme.ref})
        notices.notify(told, programme, "escalation", f"{programme.reference}: {subject} escalated to the {row.get_to_level_display().lower()}", [f"Acknowledge by {row.due_words}." if row.due_words else "For the next meeting."], url, at_once=True)
    return row


def _holders(programme: Programme, roles: Sequence[str]) -> list[User]:
    return list(User.objects.filter(pk__in=RoleAssignment.objects.active().filter(programme=programme, role__in=roles).values("user_id")))


def raise_people(programme: Programme, trigger: rules.Trigger, found: Sequence[Issue], why: str, *, actor: Actor) -> list[Escalation]:
    """A step up for each of ``found``, issues that stand for one person each, and one notice to the rung however many they are."""
    rung = rules.LADDER[trigger]
    return _step_up(programme, found, rung.level or 2, why, trigger=str(trigger), within=rung.within, copy=rung.copy, actor=actor)


def _step_up(programme: Programme, found: Sequence[Issue], level: int, why: str, *, trigger: str, within: str, actor: Actor, copy: tuple[str, ...] = (), from_level: int = 1) -> list[Escalation]:
    if not found:
        return []
    day, due_at = today(), _due_at(programme, within)
    due = timezone.localdate(due_at) if due_at else _due(programme, within, day)
    rows = changes.bulk_create(
        [Escalation(programme=programme, issue=issue, trigger=trigger, from_level=from_level, to_level=level, why=why, on=day, due=due, due_at=due_at) for issue in found],
        actor=actor, why=why, programme=programme,
    )
    what = found[0].ref if len(found) == 1 else f"{len(found)} issues about people"
    lines = [", ".join(issue.ref for issue in found[:50]) + (f" and {len(found) - 50} more" if len(found) > 50 else "")] if len(found) > 1 else []
    lines.append(f"Acknowledge by {rows[0].due_words}.")
    url = reverse("risks:issue-edit", args=[programme.ref, found[0].public_id]) if len(found) == 1 else reverse("risks:issue-list", args=[programme.ref]) + "?show=escalated"
    notices.notify(
        _holders(programme, (*ROLES_OF_LEVEL[level], *copy)), programme, "escalation", f"{programme.reference}: {what} escalated to the {rows[0].get_to_level_display().lower()}", lines, url, at_once=True,
    )
    return rows


def of_risk(risk: Risk, *, before: int | None, actor: Actor, on: date, overdue_action: bool = False) -> Escalation | None:
    """What the ladder says about a new or changed score; None when it says nothing."""
    trigger = rules.risk_trigger(before=before, after=risk.score, overdue_action=overdue_action)
    if trigger is None:
        return None
    rung = rules.LADDER[trigger]
    why = {
        rules.Trigger.NEW_EXTREME: f"Extreme risk, score {risk.score}",
        rules.Trigger.SCORE_JUMP: f"Score up from {before} to {risk.score}",
        rules.Trigger.HIGH_OVERDUE_ACTION: f"{risk.band.word} risk with an action overdue",
    }[trigger]
    return raise_to(risk.programme, rung.level or 2, why, actor=actor, risk=risk, trigger=str(trigger), within=rung.within, copy=rung.copy, on=on)


def by_hand(risk: Risk, level: int, why: str, *, actor: Actor) -> Escalation:
    """A person takes a risk up the ladder."""
    actor.require(Can.ISSUE_RAISE)
    if risk.is_closed:
        raise Refused(f"{risk.ref} is closed.")
    return raise_to(risk.programme, level, why, actor=actor, risk=risk)


def may_acknowledge(escalation: Escalation, actor: Actor) -> bool:
    return not actor.over and actor.has_role(*TAKE_UP[escalation.to_level], *beside(escalation.trigger, escalation.to_level))


def acknowledge(escalation: Escalation, *, actor: Actor, on: date | None = None) -> Change | None:
    """Somebody on the rung, or above it, has taken it up; from then on it does not climb."""
    if not may_acknowledge(escalation, actor):
        raise NotPermitted(f"This was escalated to the {escalation.get_to_level_display().lower()}. It is acknowledged by one of {', '.join([*TAKE_UP[escalation.to_level], *beside(escalation.trigger, escalation.to_level)])}.")
    if escalation.acknowledged_on:
        raise Refused(f"{escalation.acknowledged_by_name} has acknowledged it already.")
    return changes.apply(escalation, {"acknowledged_on": on or today(), "acknowledged_by_name": actor.label[:150]}, actor=actor, action="acknowledged")


def climb(programme: Programme, *, actor: Actor, as_of: date | None = None) -> int:
    """Unacknowledged past their day, or their hour: next level up, once each. Overdue actions of High and Extreme risks: to level 2,
    once for each that runs out, acknowledged or not. Returns how many steps were made; a second run makes none."""
    day = as_of or today()
    late = Q(due_at__isnull=True, due__lt=day) | Q(due_at__lte=now())
    waiting = list(Escalation.objects.filter(late, programme=programme, to_level__lt=4).unacknowledged().select_related("risk", "issue", "programme").order_by("id"))
    made = _climb_people(programme, [row for row in waiting if _of_person(row)], actor)
    for row in waiting:
        if _of_person(row):
            continue
        higher = Escalation.objects.filter(programme=programme, risk=row.risk, issue=row.issue, to_level__gt=row.to_level, on__gte=row.on).exists()
        if not higher:
            raise_to(programme, rules.next_level(row.to_level), NO_ANSWER, actor=actor, risk=row.risk, issue=row.issue, trigger="unacknowledged", from_level=row.to_level, on=day)
            made += 1
    told: dict[int | None, date] = {}
    for risk_id, on, acknowledged_on in Escalation.objects.filter(programme=programme, trigger=rules.Trigger.HIGH_OVERDUE_ACTION).values_list("risk", "on", "acknowledged_on"):
        told[risk_id] = max(told.get(risk_id, date.min), on if acknowledged_on else date.max)
    overdue = Risk.objects.filter(programme=programme).open().filter(score__gte=8).with_overdue_actions(day).filter(late_actions__gt=0)
    for risk in overdue.select_related("programme"):
        if told.get(risk.pk, date.min) > risk.latest_late:
            continue
        made += of_risk(risk, before=risk.score, actor=actor, on=day, overdue_action=True) is not None
    return made


def _of_person(row: Escalation) -> bool:
    return row.issue is not None and row.issue.source == ABOUT_A_PERSON


def _climb_people(programme: Programme, rows: Sequence[Escalation], actor: Actor) -> int:
    """Many at once, since many may stand on one day: a fixed number of statements and one notice for each level they go to."""
    reached: dict[int | None, int] = {}
    for issue, level in Escalation.objects.filter(programme=programme, issue__in=[row.issue_id for row in rows]).values_list("issue_id", "to_level"):
        reached[issue] = max(level, reached.get(issue, 0))
    groups: dict[tuple[int, int], list[Issue]] = {}
    for row in rows:
        if row.issue is not None and reached[row.issue_id] == row.to_level:
            groups.setdefault((row.to_level, rules.next_level(row.to_level, row.trigger)), []).append(row.issue)
            reached[row.issue_id] = 5
    for (level, higher), found in groups.items():
        _step_up(programme, found, higher, NO_ANSWER, trigger=str(rules.Trigger.UNACKNOWLEDGED), within="same day" if higher == 4 else "1w", actor=actor, from_level=level)
    return sum(len(found) for found in groups.values())
