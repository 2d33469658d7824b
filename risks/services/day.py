"""My day, as far as the register is concerned: risks to look at, actions and issues one owns, escalations that wait for one's rung."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse

from mobilisation.day import HORIZON_C, Item, Part, part
from mobilisation.models import RoleAssignment
from mobilisation.services.day import own, programmes_of
from risks import rules
from risks.choices import ABOUT_A_PERSON, ActionStatus, IssueStatus
from risks.models import Escalation, Issue, Risk, RiskAction
from risks.services.escalation import ROLES_OF_LEVEL, beside


def parts(user: Any, as_of: date) -> list[Part]:
    """Four parts, five queries."""
    soon, running = as_of + timedelta(days=HORIZON_C), programmes_of(user)
    risks = Risk.objects.visible_to(user).filter(own(user), programme__in=running, review_on__lte=soon).open().select_related("programme").order_by("review_on", "id")
    actions = RiskAction.objects.visible_to(user).filter(own(user), risk__programme__in=running, status=ActionStatus.OPEN, due__lte=soon).select_related("risk__programme").order_by("due", "id")
    issues = Issue.objects.visible_to(user).filter(own(user), programme__in=running, status=IssueStatus.OPEN, due__lte=soon).select_related("programme").order_by("due", "id")
    return [
        part("Escalations that wait for you", _escalations(user)),
        part("Risks to review", [Item(risk.programme.reference, risk.ref, f"{risk.ref} {risk.event}", _risk(risk), "Review", risk.review_on) for risk in risks]),
        part("Risk actions you own", [Item(one.risk.programme.reference, f"action on {one.risk.ref}", f"{one.risk.ref}: {one.text}", _risk(one.risk), "Open the risk", one.due) for one in actions]),
        part("Issues you own", [Item(one.programme.reference, one.ref, f"{one.ref} {one.title}", reverse("risks:issue-edit", args=[one.programme.ref, one.public_id]), "Open", one.due) for one in issues]),
    ]


def _risk(risk: Risk) -> str:
    return reverse("risks:risk-detail", args=[risk.programme.ref, risk.public_id])


def _escalations(user: Any) -> list[Item]:
    """Unacknowledged steps to a rung on which one stands."""
    held = RoleAssignment.objects.active().filter(user=user, programme__in=programmes_of(user))
    mine = Q(pk__in=[])
    for role, programme in held.values_list("role", "programme_id"):
        mine |= Q(programme=programme, to_level__in=[level for level, roles in ROLES_OF_LEVEL.items() if role in roles])
        for trigger in rules.ABOUT_PEOPLE:
            if also := [level for level in ROLES_OF_LEVEL if role in beside(trigger, level)]:
                mine |= Q(programme=programme, trigger=trigger, to_level__in=also)
    rows = Escalation.objects.visible_to(user).filter(mine).unacknowledged().select_related("programme", "risk", "issue").order_by("due", "id")
    found = []
    for row in rows:
        subject = row.risk.ref if row.risk else row.issue.ref if row.issue else row.programme.reference
        why = "" if row.issue and row.issue.source == ABOUT_A_PERSON and row.trigger not in rules.ABOUT_PEOPLE else f": {row.why}"
        where = _risk(row.risk) if row.risk else reverse("risks:issue-edit", args=[row.programme.ref, row.issue.public_id]) if row.issue else reverse("risks:issue-list", args=[row.programme.ref])
        found.append(Item(row.programme.reference, subject, f"{subject}{why}", where, "Acknowledge", row.due))
    return found
