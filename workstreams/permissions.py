"""Who may do what to which part of the plan: small predicates the services ask."""

from __future__ import annotations

from mobilisation.access import Actor
from mobilisation.errors import NotPermitted
from mobilisation.roles import Can
from workstreams.models import PlanStep, Workstream
from workstreams.rules.owners import owner_codes


def may_update_step(actor: Actor, step: PlanStep) -> bool:
    """Those who keep the plan, the lead of its workstream, and its owner: a named account, or who holds a role the step is assigned to (domain 2)."""
    if actor.over:
        return False
    if actor.can(Can.PLAN_EDIT):
        return True
    if actor.user is not None and step.owner_id == actor.user.pk and actor.can(Can.PLAN_VIEW):
        return True
    if actor.can(Can.PLAN_VIEW) and not actor.roles.isdisjoint(owner_codes(step.owner_role)):
        return True
    return actor.can(Can.PLAN_REPORT) and step.workstream.slug in actor.workstreams


def may_set_aside(actor: Actor, step: PlanStep) -> bool:
    """Who says that a step does not apply: those who keep the plan; of a gate or a critical step the board chair or the SRO (domain 2)."""
    return not actor.over and actor.has_role("BCH", "SRO") if step.gate or step.critical else actor.can(Can.PLAN_EDIT)


def may_report(actor: Actor, workstream: Workstream) -> bool:
    return actor.can(Can.PLAN_EDIT) or (actor.can(Can.PLAN_REPORT) and workstream.slug in actor.workstreams)


def require_approver(actor: Actor, what: str) -> None:
    """Board chair or senior responsible owner (domain 5.10, 10.9)."""
    actor.require_open()
    if not actor.has_role("BCH", "SRO"):
        raise NotPermitted(f"Only the board chair or the senior responsible owner may {what}. Ask one of them.")


def may_take_calls(actor: Actor) -> bool:
    """Who answers the phone and writes what is said there."""
    return actor.can(Can.PLAN_EDIT) or (not actor.over and actor.has_role("CMS"))
