"""Stating another colour than the computed one (domain 5.8, 10.9)."""

from __future__ import annotations

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Programme, RoleAssignment
from mobilisation.moments import Colour
from mobilisation.roles import ROLES
from mobilisation.services import changes
from mobilisation.services.meanwhile import refused_if_taken
from reporting.models import RagOverride
from reporting.position import Position
from reporting.rules import colours

AGREERS = {"OL": "operational lead", "CL": "commissioning lead"}


def subjects(position: Position) -> dict[str, str]:
    """What a colour can be stated for: {subject: title}."""
    return {
        "programme": "Programme", **{d.code: d.title for d in position.dimensions}, **{f"ws:{w.slug}": f"Workstream {w.name}" for w in position.plan.workstreams},
    }


def computed_of(position: Position, subject: str) -> str:
    if subject == "programme":
        return position.overall.computed
    if subject.startswith("ws:"):
        found = next((w.rag.computed for w in position.plan.workstreams if w.slug == subject[3:]), "")
    else:
        found = next((d.rag.computed for d in position.dimensions if d.code == subject), "")
    if not found:
        raise Refused(Reason("Choose the programme, a dimension or a workstream.", field="subject"))
    return found


def state(programme: Programme, position: Position, *, subject: str, stated: str, reason: str, actor: Actor) -> RagOverride:
    """Keep ``stated`` beside the computed colour until the next snapshot; an earlier one of the same subject ends."""
    computed = computed_of(position, subject)
    if stated not in {"R", "A", "G"}:
        raise Refused(Reason("State Red, Amber or Green.", field="stated"))
    has_ml = RoleAssignment.objects.active().filter(programme=programme, role="ML").exists()
    roles = frozenset({"SRO"}) if actor.unrestricted else actor.roles
    answer = colours.may_override(Colour(computed), Colour(stated), reason=reason, roles=roles, has_ml=has_ml)
    if answer.refusal:
        raise Refused(Reason(answer.refusal, field="reason" if not reason.strip() else "stated"))
    with transaction.atomic():
        for row in RagOverride.objects.select_for_update().filter(programme=programme, subject=subject, ended_at__isnull=True):
            changes.apply(row, {"ended_at": now(), "ended_why": "replaced"}, actor=actor)
        codes = [code for code in ("SRO", "ML", "MLD", "OL", "CL") if code in actor.roles]
        made = RagOverride(
            programme=programme, subject=subject, computed=computed, stated=stated, reason=reason.strip()[:500], stated_by=actor.user,
            stated_as=f"{actor.label}, {ROLES[codes[0]].title.lower()}"[:150] if codes else actor.label[:150], stated_on=today(), agreement_of=answer.agreement_of,
        )
        with refused_if_taken(lambda: _refuse_stated(made)):
            return changes.create(made, actor=actor, why=reason.strip())


def _refuse_stated(made: RagOverride) -> None:
    """Somebody stated a colour of the same subject between the look and the save: whose word stands is not for the faster one to settle unseen."""
    if theirs := RagOverride.objects.filter(programme=made.programme, subject=made.subject, ended_at__isnull=True).first():
        raise Refused(Reason(f"{theirs.stated_as} stated {Colour(theirs.stated).name.capitalize()} for this at the same moment. Look at it, then state yours.", field="stated"))


def agree(row: RagOverride, *, actor: Actor) -> None:
    """Where no mobilisation lead is, two state together; the second must be another person."""
    if not row.agreement_of or row.ended_at:
        raise Refused("This colour waits for nobody.")
    if not actor.has_role(row.agreement_of) or (actor.user is not None and actor.user == row.stated_by):
        raise NotPermitted(f"This colour waits for the {AGREERS.get(row.agreement_of, row.agreement_of)}, who must be another person.")
    changes.apply(row, {"agreement_of": "", "agreed_by": actor.user}, actor=actor, action="agreed")


def withdraw(row: RagOverride, *, actor: Actor) -> None:
    """Back to the computed colour."""
    if row.ended_at:
        raise Refused("This stated colour has ended already.")
    if not actor.has_role("SRO", "ML", "MLD") and (actor.user is None or actor.user != row.stated_by):
        raise NotPermitted("Only who stated the colour, the mobilisation lead or the senior responsible owner takes it back.")
    changes.apply(row, {"ended_at": now(), "ended_why": "taken back"}, actor=actor, action="taken back")
