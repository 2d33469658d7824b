"""What every mark passes through: what stands in its way, and the row it is written in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import Reason
from mobilisation.services import changes
from transfers.models import Checkpoint, FileTransfer, PersonTransfer, SafetyCheck
from transfers.rules import assessing, endings, gates, hospital, sharing
from transfers.services import care_plans as plans
from transfers.services import contents, orders, provider_checks, turning
from transfers.services.rights import roles_towards

RESTS_ON: dict[str, tuple[str, ...]] = {
    "C03": ("priority",), "C06": ("sharing_basis",), "C09": ("incoming_provider", "allocation_response"),
    "C10": ("old_order_ref", "old_order_end", "new_order_ref", "new_order_start", "payment_ref", "orders_shared_on"),
    "C11": ("incoming_provider", "sharing_basis"), "C12": ("incoming_provider",), "C13": ("funding_type", "file_instruction", "file_choice"),
    "C14": ("incoming_provider", "planned_transfer_date", "priority"), "C15": ("incoming_provider",),
}
"""What a mark says of the person: when it has changed since the page was opened, the mark is asked for again."""
ASTRAY = Reason("The file was lost or went to the wrong place. Record its new journey, or its arrival, first.", solve=("file",))
SECOND_CHECK = Reason("A person with priority Red needs the second safety check first.", solve=("safety",))


def barred(person: PersonTransfer, code: str, states: Mapping[str, str], *, actor: Actor, checkpoints: Iterable[Checkpoint], held: bool) -> list[Reason]:
    """What keeps ``actor`` from marking ``code``, whatever day is entered: the role, what is needed first, a stay, a hold, the two people
    of C14. Sends no statement, so that a page may offer by it what the service will take."""
    found: list[Reason] = []
    spec = gates.BY_CODE[code]
    roles = roles_towards(person, actor)
    if not actor.unrestricted and not gates.may_mark(code, roles, priority=person.priority):
        found.append(Reason(f"{code} {spec.title} is marked by {gates.who_may(code, person.priority)}. Your role is {', '.join(sorted(roles)) or 'none'}."))
    if person.ending:
        # Nothing is missing any more, so nothing else stands in the way.
        return [*found, Reason(endings.refused(person.get_ending_display()))]
    if states.get(code) in gates.SETTLED:
        found.append(Reason(f"{code} {spec.title} is {states[code].replace('_', ' ')} already."))
    open_needs = gates.missing(code, states, pace=person.programme.pace)
    if open_needs:
        found.append(Reason(f"{code} {spec.title} needs first: " + "; ".join(f"{need} {gates.BY_CODE[need].title}" for need in open_needs) + ".", solve=tuple(open_needs)))
    if person.in_hospital and code in gates.PAUSED_IN_HOSPITAL:
        found.append(Reason(f"{code} is paused while the person is in hospital. Record the discharge first.", solve=("discharge",)))
    if held and code in gates.STOPPED_BY_HOLD:
        found.append(Reason(f"{code} is stopped by a hold. The mobilisation lead or the OL lifts it.", solve=("lift", "group hold")))
    if code == "C14":
        accepted = next((c for c in checkpoints if c.code == "C09"), None)
        if accepted is not None and actor.user is not None and accepted.by_id == actor.user.pk:
            found.append(Reason("You marked C09, so somebody else marks C14: two people look at each transfer."))
    return found


def lacking(person: PersonTransfer, code: str, checkpoints: Sequence[Checkpoint]) -> list[Reason]:
    """What ``code`` rests on and does not find in the record. Sends no statement."""
    found = contents.missing(person, code)
    if code == "C02" and (words := hospital.unanswered(person.in_hospital, person.hospital_asked_on)):
        found.append(Reason(words, field="at_home", solve=("C02",)))
    if code == "C04" and (words := assessing.waits_for_decision(person.cognitive_or_ld, bool(person.telling_decision))):
        found.append(Reason(words, solve=("telling",)))
    if code == "C14":
        if person.incoming_provider_id is None:
            found.append(Reason("Choose the incoming provider first: nobody is ready to move to nobody.", field="incoming_provider", solve=("offer",)))
        if person.planned_transfer_date is None:
            found.append(Reason("Enter the planned transfer date first.", field="planned_transfer_date", solve=("transfer date",)))
        found += contents.before_ready(person, checkpoints)
    return found


def refusals(person: PersonTransfer, code: str, states: dict[str, str], *, actor: Actor, on: date, checkpoints: Sequence[Checkpoint], held: bool, plan: plans.Standing | None = None, state: str = "done", paid: frozenset[int] | None = None) -> list[Reason]:
    """Everything that stands in the way of marking ``code`` with ``state``; empty when it may be marked. ``plan`` and ``paid``, the
    providers set up on the payment systems, are read when not given."""
    programme = person.programme
    found = barred(person, code, states, actor=actor, checkpoints=checkpoints, held=held)
    if person.ending:
        return found
    if on > today():
        found.append(Reason(f"{on.day} {on:%b %Y} is in the future. Enter the day it was done.", field="done_on"))
    if programme.decision_date and on < programme.decision_date:
        found.append(Reason(f"{on.day} {on:%b %Y} lies before the decision date, {programme.decision_date.day} {programme.decision_date:%b %Y}.", field="done_on"))
    if state == "done":
        found += lacking(person, code, checkpoints)
        if code == "C10":
            found += provider_checks.payment_refused(person, provider_checks.paid(programme) if paid is None else paid)
    if code == "C15":
        found += [Reason(words, field="done_on") for words in gates.visit_too_early(on, {c.code: c.done_on for c in checkpoints if c.done_on and c.state == "done"})]
    if code == "C16":
        visited = turning.visited_on(checkpoints)
        if visited and on < visited:
            found.append(Reason(f"{on.day} {on:%b %Y} lies before the first visit, {visited.day} {visited:%b %Y}.", field="on"))
    if code == "C18":
        standing = plan or plans.standings([person.pk]).get(person.pk, plans.Standing())
        found += standing.refusals()
    if code == "C20" and person.priority == "R" and not checks_since_the_visit(person, checkpoints, number=2).exists():
        found.append(SECOND_CHECK)
    return found


def beside(code: str, people: Any) -> dict[int, Reason]:
    """{person: why ``code`` waits} of ``people`` (keys or a queryset) by records beside the person's own: the visits of the new order
    (C10), a file that went astray or goes with the ICB while no health liaison is named (C13). One statement for C10, two for C13, none for others."""
    if code == "C10":
        return dict.fromkeys(orders.without_visits(people), orders.NO_VISITS)
    if code == "C13":
        last = dict(FileTransfer.objects.filter(person__in=people).order_by("pk").values_list("person_id", "outcome"))
        astray = {pk for pk, outcome in last.items() if outcome in sharing.GONE_WRONG}
        alone = contents.without_liaison(people)
        told = ((astray, ASTRAY), (alone, contents.NO_LIAISON))
        return {
            pk: Reason(" ".join(one.text for who, one in told if pk in who), solve=tuple(key for who, one in told if pk in who for key in one.solve)) for pk in sorted(astray | alone)
        }
    return {}


def checks_since_the_visit(person: PersonTransfer, checkpoints: Sequence[Checkpoint], *, number: int) -> QuerySet[SafetyCheck]:
    """The answered checks that count: those from before the first visit belong to an earlier move."""
    checks = SafetyCheck.objects.filter(person=person, number=number).exclude(outcome="unable_to_contact")
    visited = turning.visited_on(checkpoints)
    return checks.filter(done_on__gte=visited) if visited else checks


def put(person: PersonTransfer, code: str, existing: Checkpoint | None, state: str, on: date | None, actor: Actor, note: str, *, due: date | None = None, risk_assessment: str = "", from_file: bool = False) -> Checkpoint:
    """``due``: the day ``code`` is due by as things stand; kept with a mark that settles it."""
    values: dict[str, Any] = {
        "state": state, "done_on": on if state == "done" else None, "due": due if state in gates.SETTLED else None, "by": actor.user, "by_label": actor.label[:150], "marked_at": now(), "note": note[:500],
        "risk_assessment": risk_assessment[:500], "from_file": from_file,
    }
    if existing is None:
        return changes.create(Checkpoint(person=person, code=code, **values), actor=actor, why=note, programme=person.programme, action=f"{code} {state.replace('_', ' ')}")
    changes.apply(existing, values, actor=actor, why=note, programme=person.programme, action=f"{code} {state.replace('_', ' ')}")
    return existing
