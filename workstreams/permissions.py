"""Who may do what to which part of the plan: small predicates the services ask."""

from __future__ import annotations

from mobilisation.access import Actor
from mobilisation.errors import NotPermitted
from mobilisation.roles import Can
from workstreams.models import PlanStep, Workstream


def may_update_step(actor: Actor, step: PlanStep) -> bool:
    """Those who keep the plan, the lead of its workstream, and its owner."""
    if actor.can(Can.PLAN_EDIT):
        return True
    if actor.user is not None and step.owner_id == actor.user.pk and actor.can(Can.PLAN_VIEW):
        return True
    return actor.can(Can.PLAN_REPORT) and step.workstream.slug in actor.workstreams


def may_report(actor: Actor, workstream: Workstream) -> bool:
    return actor.can(Can.PLAN_EDIT) or (actor.can(Can.PLAN_REPORT) and workstream.slug in actor.workstreams)


def require_approver(actor: Actor, what: str) -> None:
    """Board chair or senior responsible owner (domain 5.10, 10.9)."""
    if not actor.has_role("BCH", "SRO"):
        raise NotPermitted(f"Only the board chair or the senior responsible owner may {what}. Ask one of them.")
