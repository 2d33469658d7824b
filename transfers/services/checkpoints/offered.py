"""What may be done to a checkpoint now, by the same gates that refuse it: what a page offers is what the service takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import Reason
from transfers.models import Assessment, CarePlanCheck, Checkpoint, PersonTransfer, SafetyCheck
from transfers.rules import orders as order_rules
from transfers.rules import sharing
from transfers.services import assessing, care_plans, contents, orders, provider_checks, turning
from transfers.services.checkpoints.gate import ASTRAY, SECOND_CHECK, lacking
from transfers.services.checkpoints.marking import refused
from transfers.services.checkpoints.undoing import undo_refused
from transfers.services.checkpoints.waiving import decline_refused, waiver_refused

_ASKED = frozenset({"done_on", "on", "at_home"})
"""Fields of the form itself: what they lack is entered there."""


def in_the_way(person: PersonTransfer, code: str, how: str, *, actor: Actor) -> list[Reason]:
    """Why ``how`` (mark, not-applicable, waive, decline, undo) would be refused to ``actor`` today, beside what its form asks; empty where
    the form may be offered. ``person`` came through the actor's scope."""
    checkpoints = list(Checkpoint.objects.filter(person=person))
    own = next((one for one in checkpoints if one.code == code), None)
    if how == "waive":
        return waiver_refused(person, code, own, actor=actor)
    if how == "decline":
        return decline_refused(code, own, actor=actor)
    if how == "undo":
        return undo_refused(code, own, turning.states_of(checkpoints), person.programme, actor=actor)
    state = "not_applicable" if how == "not-applicable" else "done"
    return [reason for reason in refused(person, code, actor=actor, on=today(), state=state, checkpoints=checkpoints) if reason.field not in _ASKED]


@dataclass(frozen=True)
class Beside:
    """What stands beside the person's own record, as a page has read it: the assessment, the current check of the care plan with how many
    discrepancies are open, how the last journey of the file ended, whether a health liaison is named, the kinds of order ("old", "new") that
    say when somebody comes, the providers set up on the payment systems (None: not asked), and the safety checks."""

    assessment: Assessment | None
    check: CarePlanCheck | None
    discrepancies: int
    file_outcome: str
    liaison: bool
    visits: frozenset[str]
    paid: frozenset[int] | None
    checks: Sequence[SafetyCheck]


def waits(person: PersonTransfer, code: str, checkpoints: Sequence[Checkpoint], beside: Beside) -> list[Reason]:
    """What ``code`` rests on and does not find, in the record or beside it, but what its own form asks. Sends no statement."""
    found = [reason for reason in lacking(person, code, checkpoints) if reason.field not in _ASKED]
    if code in {"C07", "C08"}:
        found += assessing.lacking_of(beside.assessment, code)
    if code == "C10":
        found += provider_checks.payment_refused(person, beside.paid)
        found += [orders.NO_VISITS] if order_rules.nothing_says_when(beside.visits, person.visit_times, person.funding_type) else []
    if code == "C13":
        found += [ASTRAY] if beside.file_outcome in sharing.GONE_WRONG else []
        found += [contents.NO_LIAISON] if person.funding_type in sharing.HEALTH_LIAISON and not beside.liaison else []
    if code == "C18":
        check = beside.check
        found += care_plans.Standing(beside.discrepancies, *((check.tier, check.checks) if check else ())).refusals()
    if code == "C20" and person.priority == "R" and not _second_check(beside.checks, turning.visited_on(checkpoints)):
        found.append(SECOND_CHECK)
    return found


def _second_check(checks: Sequence[SafetyCheck], visited: date | None) -> bool:
    """What ``gate.checks_since_the_visit`` asks the database, of the checks that were read."""
    return any(check.number == 2 and check.outcome != "unable_to_contact" and (visited is None or (check.done_on is not None and check.done_on >= visited)) for check in checks)
