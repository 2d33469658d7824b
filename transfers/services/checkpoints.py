"""Marking, waiving and undoing checkpoints: the one place where the gates of domain 5.2 are enforced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Programme, RoleAssignment, User
from mobilisation.roles import Can
from mobilisation.services import changes
from mobilisation.services.notices import notify
from transfers.models import Allocation, Checkpoint, FileTransfer, PersonTransfer, SafetyCheck
from transfers.rules import gates, safety, sharing
from transfers.services import care_plans as plans
from transfers.services import concerns, contents, safety_tries, turning
from transfers.services.rights import is_provider, locked, require_edit
from transfers.services.seen import Seen, refuse_stale

RESTS_ON: dict[str, tuple[str, ...]] = {
    "C03": ("priority",), "C06": ("sharing_basis",), "C09": ("incoming_provider", "allocation_response"),
    "C10": ("old_order_ref", "old_order_end", "new_order_ref", "new_order_start", "payment_ref", "orders_shared_on"),
    "C11": ("incoming_provider", "sharing_basis"), "C12": ("incoming_provider",), "C13": ("funding_type", "file_instruction", "file_choice"),
    "C14": ("incoming_provider", "planned_transfer_date", "priority"), "C15": ("incoming_provider",),
}
"""What a mark says of the person: when it has changed since the page was opened, the mark is asked for again."""


@dataclass(frozen=True)
class BulkOutcome:
    """How many would be (or were) marked, and who was refused with every reason: [(person, (reason, …))]."""

    marked: list[PersonTransfer]
    refused: list[tuple[PersonTransfer, tuple[str, ...]]]


def refusals(person: PersonTransfer, code: str, states: dict[str, str], *, actor: Actor, on: date, checkpoints: Sequence[Checkpoint], held: bool, plan: plans.Standing | None = None, state: str = "done") -> list[Reason]:
    """Everything that stands in the way of marking ``code`` with ``state``; empty when it may be marked. ``plan`` is read when not given."""
    found: list[Reason] = []
    spec = gates.BY_CODE[code]
    programme = person.programme
    if not actor.unrestricted and not gates.may_mark(code, actor.roles, priority=person.priority):
        found.append(Reason(f"{code} {spec.title} is marked by {gates.who_may(code, person.priority)}. Your role is {', '.join(sorted(actor.roles)) or 'none'}."))
    if person.ending:
        found.append(Reason(f"This person is recorded as {person.get_ending_display().lower()}."))
    if states.get(code) in gates.SETTLED:
        found.append(Reason(f"{code} {spec.title} is {states[code].replace('_', ' ')} already."))
    open_needs = gates.missing(code, states, pace=programme.pace)
    if open_needs:
        found.append(Reason(f"{code} {spec.title} needs first: " + "; ".join(f"{need} {gates.BY_CODE[need].title}" for need in open_needs) + "."))
    if person.in_hospital and code in gates.PAUSED_IN_HOSPITAL:
        found.append(Reason(f"{code} is paused while the person is in hospital. Record the discharge first."))
    if held and code in gates.STOPPED_BY_HOLD:
        found.append(Reason(f"{code} is stopped by a hold. The mobilisation lead or the OL lifts it."))
    if on > today():
        found.append(Reason(f"{on.day} {on:%b %Y} is in the future. Enter the day it was done.", field="done_on"))
    if programme.decision_date and on < programme.decision_date:
        found.append(Reason(f"{on.day} {on:%b %Y} lies before the decision date, {programme.decision_date.day} {programme.decision_date:%b %Y}.", field="done_on"))
    if state == "done":
        found += contents.missing(person, code)
    if code == "C16":
        visited = turning.visited_on(checkpoints)
        if visited and on < visited:
            found.append(Reason(f"{on.day} {on:%b %Y} lies before the first visit, {visited.day} {visited:%b %Y}.", field="on"))
    if code == "C14":
        if person.incoming_provider_id is None:
            found.append(Reason("Choose the incoming provider first: nobody is ready to move to nobody.", field="incoming_provider"))
        accepted = next((c for c in checkpoints if c.code == "C09"), None)
        if accepted is not None and actor.user is not None and accepted.by_id == actor.user.pk:
            found.append(Reason("You marked C09, so somebody else marks C14: two people look at each transfer."))
        if person.planned_transfer_date is None:
            found.append(Reason("Enter the planned transfer date first.", field="planned_transfer_date"))
        for one, lacks in contents.unfounded(person, checkpoints, since=programme.decision_date).items():
            if one in gates.needs_of("C14", pace=programme.pace):
                found += [Reason(f"{one} was reported by the list: {reason.text[0].lower()}{reason.text[1:]}", field=reason.field) for reason in lacks if reason.field != "incoming_provider"]
    if code == "C18":
        standing = plan or plans.standings([person.pk]).get(person.pk, plans.Standing())
        found += [Reason(words) for words in standing.refusals()]
    if code == "C20" and person.priority == "R" and not _checks_since_the_visit(person, checkpoints, number=2).exists():
        found.append(Reason("A person with priority Red needs the second safety check first."))
    return found


@transaction.atomic
def mark(person: PersonTransfer, code: str, *, actor: Actor, on: date | None = None, note: str = "", state: str = "done", seen: Seen | None = None) -> Checkpoint:
    """Mark ``code`` done (or not applicable). Refused with the list of everything that is missing."""
    require_edit(person, actor)
    row = locked(person)
    checkpoints = list(Checkpoint.objects.filter(person=row))
    states = turning.states_of(checkpoints)
    existing = next((c for c in checkpoints if c.code == code), None)
    refuse_stale(seen, row, RESTS_ON.get(code, ()), existing)
    day = on or today()
    if state == "not_applicable":
        _refuse_not_applicable(row, code, actor)
    held = bool(turning.Frame.of(row.programme).hold_on(row))
    found = refusals(row, code, states, actor=actor, on=day, checkpoints=checkpoints, held=held, state=state)
    if code == "C16" and not _checks_since_the_visit(row, checkpoints, number=1).exists():
        found.append(Reason("Record the safety check and its outcome; that marks C16. A check from before the first visit does not count."))
    if code == "C13" and state == "done" and FileTransfer.objects.filter(person=row).values_list("outcome", flat=True).first() in sharing.GONE_WRONG:
        found.append(Reason("The file was lost or went to the wrong place. Record its new journey, or its arrival, first."))
    if found:
        permission = actor.unrestricted or gates.may_mark(code, actor.roles, priority=row.priority)
        raise Refused(found) if permission else NotPermitted(found)
    if code in gates.STATED_BY and is_provider(actor):
        # The provider's word, with its day; the team confirms.
        checkpoint = _put(row, code, existing, "in_progress", None, actor, note or f"stated for {day.day} {day:%b %Y}")
    else:
        checkpoint = _put(row, code, existing, state, day, actor, note)
        _follow(row, code, day, actor)
    turning.refresh(row)
    person.refresh_from_db()
    return checkpoint


def _checks_since_the_visit(person: PersonTransfer, checkpoints: Sequence[Checkpoint], *, number: int) -> QuerySet[SafetyCheck]:
    """The answered checks that count: those from before the first visit belong to an earlier move."""
    checks = SafetyCheck.objects.filter(person=person, number=number).exclude(outcome="unable_to_contact")
    visited = turning.visited_on(checkpoints)
    return checks.filter(done_on__gte=visited) if visited else checks


def _refuse_not_applicable(person: PersonTransfer, code: str, actor: Actor) -> None:
    if not gates.BY_CODE[code].not_applicable:
        raise Refused(f"{code} cannot be “not applicable”. Mark it, or have it waived.")
    if code == "C05" and person.representative_name:
        raise Refused("This person has a representative, so C05 applies.")


def _put(person: PersonTransfer, code: str, existing: Checkpoint | None, state: str, on: date | None, actor: Actor, note: str, *, risk_assessment: str = "", from_file: bool = False) -> Checkpoint:
    values: dict[str, Any] = {
        "state": state, "done_on": on if state == "done" else None, "by": actor.user, "by_label": actor.label[:150], "marked_at": now(), "note": note[:500],
        "risk_assessment": risk_assessment[:500], "from_file": from_file,
    }
    if existing is None:
        return changes.create(Checkpoint(person=person, code=code, **values), actor=actor, why=note, programme=person.programme, action=f"{code} {state.replace('_', ' ')}")
    changes.apply(existing, values, actor=actor, why=note, programme=person.programme, action=f"{code} {state.replace('_', ' ')}")
    return existing


def _follow(person: PersonTransfer, code: str, on: date, actor: Actor) -> None:
    """What a mark brings with it on the row."""
    values: dict[str, Any] = {}
    if code == "C09" and person.allocation_response not in {"accepted", "accepted_with_conditions"}:
        values["allocation_response"] = "accepted"
    if code == "C09" and person.planned_transfer_date and not person.baseline_transfer_date:
        values["baseline_transfer_date"] = person.planned_transfer_date
    if code == "C15":
        values |= {"actual_transfer_date": on}
    if values:
        changes.apply(person, values, actor=actor, why=f"{code} marked")
    if code == "C15":
        plans.begin(person, actor=actor)
    if code == "C18":
        plans.validated(person, on, actor=actor)


def waiver_asked(mark: Checkpoint | None) -> bool:
    """The OL has asked for a waiver, and the CL has not agreed yet."""
    return mark is not None and mark.state == "in_progress" and bool(mark.risk_assessment)


@transaction.atomic
def waive(person: PersonTransfer, code: str, *, actor: Actor, reason: str = "", risk_assessment: str = "", seen: Seen | None = None) -> Checkpoint:
    """Leave a checkpoint out with a reason and a short risk assessment; C06, C14, C15 and C16 never.

    In a planned exit the OL asks and the CL agrees by calling this in their turn; until then the checkpoint stays open.
    """
    require_edit(person, actor)
    row = locked(person)
    checkpoints = list(Checkpoint.objects.filter(person=row))
    states = turning.states_of(checkpoints)
    roles = frozenset({"OL", "CL"}) if actor.unrestricted else actor.roles
    existing = next((c for c in checkpoints if c.code == code), None)
    refuse_stale(seen, row, (), existing)
    asked = existing if waiver_asked(existing) else None
    why_not = gates.may_waive(code, roles, asked=asked is not None)
    found = [Reason(why_not)] if why_not else []
    if asked is not None:
        reason, risk_assessment = asked.note, asked.risk_assessment
    if states.get(code) in gates.SETTLED:
        found.append(Reason(f"{code} is {states[code].replace('_', ' ')} already."))
    if not reason.strip():
        found.append(Reason("Say why it is waived.", field="reason"))
    if not risk_assessment.strip():
        found.append(Reason("Write a short risk assessment.", field="risk_assessment"))
    if row.ending:
        found.append(Reason(f"This person is recorded as {row.get_ending_display().lower()}."))
    if code == "C11" and (words := sharing.pack_refused(row.sharing_basis, row.safe_without_sharing)):
        found.append(Reason(words))
    if found:
        raise Refused(found)
    if asked is None and gates.needs_cl(roles, pace=row.programme.pace, exit_type=row.programme.exit_type):
        checkpoint = _put(row, code, existing, "in_progress", None, actor, reason, risk_assessment=risk_assessment)
        _ask_cl(row, code, checkpoint)
    else:
        checkpoint = _put(row, code, existing, "waived", None, actor, reason, risk_assessment=risk_assessment)
    turning.refresh(row)
    person.refresh_from_db()
    return checkpoint


def _ask_cl(person: PersonTransfer, code: str, checkpoint: Checkpoint) -> None:
    leads = _holders(person.programme, "CL")
    if not leads:
        raise Refused("In a planned exit a waiver needs the lead commissioning manager (CL), and nobody holds that role. Fill it first.")
    _tell(leads, person, code, checkpoint, "waiver_asked", "a waiver waits for you")


@transaction.atomic
def decline_waiver(person: PersonTransfer, code: str, *, actor: Actor, reason: str = "") -> Checkpoint:
    """The CL does not agree to the waiver that was asked: the request ends, the checkpoint is open, and the OL is told."""
    require_edit(person, actor)
    row = locked(person)
    mark = Checkpoint.objects.filter(person=row, code=code).first()
    if mark is None or not waiver_asked(mark):
        raise Refused(f"No waiver of {code} waits for an answer.")
    if not actor.has_role("CL"):
        raise NotPermitted(f"The waiver of {code} waits for the lead commissioning manager (CL).")
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


def _hang_on(code: str, states: Mapping[str, str]) -> list[str]:
    return [one for one in gates.dependants(code) if states.get(one) in gates.SETTLED]


def _own_and_recent(mark: Checkpoint, programme: Programme, actor: Actor) -> bool:
    recent = mark.marked_at is not None and now() - mark.marked_at <= timedelta(minutes=int(programme.threshold("undo_minutes")))
    return recent and actor.user is not None and mark.by_id == actor.user.pk


def may_undo(mark: Checkpoint, states: Mapping[str, str], programme: Programme, *, actor: Actor) -> bool:
    """Whether ``undo`` would let ``actor`` take this mark back; ``states``: {code: state} of the same person."""
    if mark.state not in gates.SETTLED or not actor.can(Can.PEOPLE_EDIT):
        return False
    return actor.has_role("OL") or (_own_and_recent(mark, programme, actor) and not _hang_on(mark.code, states))


@transaction.atomic
def undo(person: PersonTransfer, code: str, *, actor: Actor, reason: str = "", seen: Seen | None = None) -> list[str]:
    """Take a mark back. The author within the minutes of ``undo_minutes`` if nothing depends on it, afterwards OL with a
    reason; gates that hung on it become reopened; nothing is deleted. Returns the reopened codes."""
    require_edit(person, actor)
    row = locked(person)
    checkpoints = {c.code: c for c in Checkpoint.objects.filter(person=row)}
    target = checkpoints.get(code)
    refuse_stale(seen, row, (), target)
    if target is None or target.state not in gates.SETTLED:
        raise Refused(f"{code} is not marked.")
    later = _hang_on(code, {name: checkpoint.state for name, checkpoint in checkpoints.items()})
    if not _own_and_recent(target, row.programme, actor) or later:
        if not actor.has_role("OL"):
            raise NotPermitted("Only the lead operational manager (OL) may undo this now.")
        if not reason.strip():
            raise Refused(Reason("Say why it is undone.", field="reason"))
    _put(row, code, target, "reopened" if later else "not_started", None, actor, reason or "undone by its author")
    for one in later:
        _put(row, one, checkpoints[one], "reopened", None, actor, f"{code} was undone: {reason}")
    values: dict[str, Any] = {}
    if code == "C15" or "C15" in later:
        values["actual_transfer_date"] = None
    if code == "C09" or "C09" in later:
        offers = list(Allocation.objects.filter(person=row, current=True))
        # A mark from a list has no offer behind it, so none waits for an answer.
        values["allocation_response"] = "offered" if offers else ""
        for answered in offers:
            changes.apply(answered, {"response": "offered", "responded_on": None}, actor=actor, why=f"{code} undone", programme=row.programme)
    if values:
        changes.apply(row, values, actor=actor, why=f"{code} undone")
    if code == "C18" or "C18" in later:
        plans.unvalidated(row, actor=actor)
    turning.refresh(row)
    person.refresh_from_db()
    return later


def bulk_preview(people: Sequence[PersonTransfer], code: str, *, programme: Programme, actor: Actor, on: date) -> BulkOutcome:
    """Who would be marked and who refused, with a fixed number of queries."""
    if not gates.BY_CODE[code].bulk:
        allowed = ", ".join(c.code for c in gates.CHECKPOINTS if c.bulk)
        raise Refused(f"{code} is marked for one person at a time. Many at once: {allowed}.")
    frame = turning.Frame.of(programme)
    marks: dict[int, list[Checkpoint]] = {}
    for checkpoint in Checkpoint.objects.filter(person__in=[p.pk for p in people]):
        marks.setdefault(checkpoint.person_id, []).append(checkpoint)
    outcome = BulkOutcome([], [])
    for person in people:
        person.programme = programme
        checkpoints = marks.get(person.pk, [])
        reasons = refusals(person, code, turning.states_of(checkpoints), actor=actor, on=on, checkpoints=checkpoints, held=bool(frame.hold_on(person)))
        if is_provider(actor):
            reasons.append(Reason("Marking many at once is for the mobilisation team."))
        if reasons:
            outcome.refused.append((person, tuple(r.text for r in reasons)))
        else:
            outcome.marked.append(person)
    return outcome


@transaction.atomic
def bulk_mark(people: Sequence[PersonTransfer], code: str, *, programme: Programme, actor: Actor, on: date | None = None, note: str = "") -> BulkOutcome:
    """Mark ``code`` for all who may be marked; the others are named. Same gates as one by one, in batches."""
    day = on or today()
    rows = list(PersonTransfer.objects.select_for_update(of=("self",)).filter(programme=programme, pk__in=[p.pk for p in people]).order_by("pk"))
    outcome = bulk_preview(rows, code, programme=programme, actor=actor, on=day)
    write(programme, [(person, code, "done", day) for person in outcome.marked], actor=actor, note=note)
    turning.refresh_many(outcome.marked, frame=turning.Frame.of(programme))
    return outcome


def write(programme: Programme, marks: Sequence[tuple[PersonTransfer, str, str, date | None]], *, actor: Actor, note: str = "", from_file: bool = False, job: Any = None) -> None:
    """Write settled marks in batches: (person, code, state, day). Gates were asked before; moments follow by the caller."""
    existing = {(c.person_id, c.code): c for c in Checkpoint.objects.select_for_update().filter(person__in={person.pk for person, *_ in marks}).select_related("person")}
    common = {"by": actor.user, "by_label": actor.label[:150], "marked_at": now(), "note": note[:500], "from_file": from_file}
    fresh = [Checkpoint(person=person, code=code, state=state, done_on=day if state == "done" else None, **common) for person, code, state, day in marks if (person.pk, code) not in existing]
    moved = [
        (existing[person.pk, code], {"state": state, "done_on": day if state == "done" else None, **common}) for person, code, state, day in marks if (person.pk, code) in existing
    ]
    action = "reported by file" if from_file else "marked"
    changes.bulk_create(fresh, actor=actor, why=note, programme=programme, job=job, action=action)
    changes.bulk_apply(moved, actor=actor, why=note, programme=programme, job=job, action=action)


@transaction.atomic
def record_safety_check(
    person: PersonTransfer, outcome: str, *, actor: Actor, on: date | None = None, method: str = "phone", answers: dict[str, Any] | None = None, follow_up: str = "", confirmed_by: str = "", number: int = 1,
    safeguarding: bool = False, safeguarding_owner: str = "",
) -> SafetyCheck:
    """Record a safety check. ``safe``, ``concern`` and ``confirmed_by_other_body`` complete C16, ``unable_to_contact`` does not;
    a concern opens an issue in the register and, with ``safeguarding``, a safeguarding concern."""
    require_edit(person, actor)
    row = locked(person)
    day = on or today()
    checkpoints = list(Checkpoint.objects.filter(person=row))
    states = turning.states_of(checkpoints)
    asked = {key: str(answers[key]) for key, _ in safety.QUESTIONS if answers and answers.get(key) in safety.ANSWERS}
    found = [Reason(words, field=name) for name, words in (*safety.outcome_refused(outcome, row.funding_type, confirmed_by, follow_up), *safety.answers_refused(asked, outcome, follow_up))]
    first = number == 1 and states.get("C16") not in gates.SETTLED
    if first:
        found += refusals(row, "C16", states, actor=actor, on=day, checkpoints=checkpoints, held=False)
    elif day > today():
        found.append(Reason("The day is in the future.", field="on"))
    if number == 2:
        found += _second_refused(row, checkpoints, actor, day)
    if (safeguarding or safeguarding_owner.strip()) and outcome != "concern":
        found.append(Reason("A safeguarding concern goes with the outcome “Concern”.", field="outcome"))
    if found:
        raise Refused(found)
    due = turning.Frame.of(row.programme).dues_of(row, checkpoints).get("C16")
    if outcome == "concern":
        concerns.open_issue(row, actor=actor)
    check = changes.create(
        SafetyCheck(person=row, number=number, due=due, done_on=day, by_label=actor.label[:150], method=method, answers=asked, outcome=outcome, follow_up=follow_up, confirmed_by=confirmed_by), actor=actor
    )
    if first and outcome == "unable_to_contact":
        safety_tries.tell(row, day)
    if first and safety.completes(outcome):
        _put(row, "C16", next((c for c in checkpoints if c.code == "C16"), None), "done", day, actor, outcome.replace("_", " "))
    turning.refresh(row)
    if safeguarding:
        concerns.raise_concern(row, {"category": "Safety check", "owner_name": safeguarding_owner}, actor=actor)
    person.refresh_from_db()
    return check


def _second_refused(person: PersonTransfer, checkpoints: Sequence[Checkpoint], actor: Actor, day: date) -> list[Reason]:
    """The second check of a Red person: by who makes the first, after it."""
    found: list[Reason] = []
    if not actor.unrestricted and not gates.may_mark("C16", actor.roles, priority=person.priority):
        found.append(Reason(f"The second check is made by {gates.who_may('C16', person.priority)}. Your role is {', '.join(sorted(actor.roles)) or 'none'}."))
    first = _checks_since_the_visit(person, checkpoints, number=1).order_by("-done_on").values_list("done_on", flat=True).first()
    if turning.states_of(checkpoints).get("C16") not in gates.SETTLED or first is None:
        found.append(Reason("Record the first safety check before the second."))
    elif day <= first:
        found.append(Reason(f"The second check comes after the first, which was made on {first.day} {first:%b %Y}.", field="on"))
    return found


def pause_for_hospital(person: PersonTransfer, *, actor: Actor) -> None:
    """C07, C08, C10–C12 and C14–C16 stand still, unless settled."""
    existing = {c.code: c for c in Checkpoint.objects.filter(person=person)}
    for code in sorted(gates.PAUSED_IN_HOSPITAL):
        held = existing.get(code)
        if held is None:
            changes.create(Checkpoint(person=person, code=code, state="paused", state_before_pause="not_started"), actor=actor, why="in hospital")
        elif held.state not in gates.SETTLED and held.state != "paused":
            changes.apply(held, {"state": "paused", "state_before_pause": held.state}, actor=actor, why="in hospital")


def restart_after_hospital(person: PersonTransfer, *, actor: Actor, package_changed: bool) -> None:
    """Paused ones go on where they were; C12, C14–C16 and what hangs on them restart."""
    again = gates.restarting(package_changed=package_changed)
    for held in Checkpoint.objects.filter(person=person):
        if held.state == "paused":
            changes.apply(held, {"state": "not_started" if held.code in again else held.state_before_pause or "not_started", "state_before_pause": ""}, actor=actor, why="discharged")
        elif held.code in again and held.state in {"done", "not_applicable"}:
            changes.apply(held, {"state": "reopened", "done_on": None}, actor=actor, why="discharged: starts again")
