"""One checkpoint of one person, and the safety check that marks C16."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.services import changes
from transfers.models import Checkpoint, PersonTransfer, SafetyCheck
from transfers.rules import gates, safety
from transfers.services import assessing, concerns, escalating, safety_tries, telling, turning
from transfers.services import care_plans as plans
from transfers.services.checkpoints.gate import RESTS_ON, beside, checks_since_the_visit, put, refusals
from transfers.services.rights import is_provider, locked, refuse_ended, require_edit, require_team, roles_towards
from transfers.services.seen import Seen, refuse_stale


@transaction.atomic
def mark(person: PersonTransfer, code: str, *, actor: Actor, on: date | None = None, note: str = "", state: str = "done", seen: Seen | None = None, stated: bool = False) -> Checkpoint:
    """Mark ``code`` done (or not applicable). Refused with the list of everything that is missing. ``stated``: somebody's word, to be confirmed."""
    row = locked(person)
    require_edit(row, actor)
    checkpoints = list(Checkpoint.objects.filter(person=row))
    existing = next((c for c in checkpoints if c.code == code), None)
    refuse_stale(seen, row, RESTS_ON.get(code, ()), existing)
    day = on or today()
    frame = turning.Frame.of(row.programme)
    found = refused(row, code, actor=actor, on=day, state=state, checkpoints=checkpoints, frame=frame)
    stated = stated or (code in gates.STATED_BY and is_provider(actor))
    # A provider states the day it came; the team, who confirm it, are asked.
    if code == "C15" and not stated and not row.ending and (words := gates.early_visit_asked(day, row.planned_transfer_date, note)):
        found.append(Reason(words, field="note", solve=("transfer date",)))
    if found:
        permission = actor.unrestricted or gates.may_mark(code, roles_towards(row, actor), priority=row.priority)
        raise Refused(found) if permission else NotPermitted(found)
    if stated:
        # The provider's word, with its day; the team confirms.
        checkpoint = put(row, code, existing, "in_progress", None, actor, note or f"stated for {day.day} {day:%b %Y}")
        telling.tell_team(row)
    else:
        checkpoint = put(row, code, existing, state, day, actor, note, due=frame.dues_of(row, checkpoints).get(code))
        _follow(row, code, day, actor)
    turning.refresh(row)
    person.refresh_from_db()
    return checkpoint


def refused(person: PersonTransfer, code: str, *, actor: Actor, on: date, state: str = "done", checkpoints: Sequence[Checkpoint], frame: turning.Frame | None = None) -> list[Reason]:
    """Everything for which ``mark`` refuses one person, the gates and the records beside them; empty when it marks."""
    found = [] if state != "not_applicable" else _not_applicable_refused(person, code)
    held = bool((frame or turning.Frame.of(person.programme)).hold_on(person))
    found += refusals(person, code, turning.states_of(checkpoints), actor=actor, on=on, checkpoints=checkpoints, held=held, state=state)
    if person.ending:
        return found
    if code == "C16" and not checks_since_the_visit(person, checkpoints, number=1).exists():
        found.append(Reason("Record the safety check and its outcome; that marks C16. A check from before the first visit does not count.", solve=("C16",)))
    if state == "done":
        found += [*beside(code, [person.pk]).values(), *assessing.lacking(person, code)]
    return found


def state(person: PersonTransfer, code: str, words: str, *, actor: Actor) -> Checkpoint:
    """The word of a provider on ``code``, whose person the caller has locked and whose right it has asked: it waits for the team."""
    existing = Checkpoint.objects.filter(person=person, code=code).first()
    return put(person, code, existing, "in_progress", None, actor, words)


def unstate(person: PersonTransfer, code: str, *, actor: Actor, why: str) -> None:
    """What a provider had stated no longer stands."""
    existing = Checkpoint.objects.filter(person=person, code=code, state="in_progress", risk_assessment="").first()
    if existing is not None:
        put(person, code, existing, "not_started", None, actor, why)


def _not_applicable_refused(person: PersonTransfer, code: str) -> list[Reason]:
    if not gates.BY_CODE[code].not_applicable:
        return [Reason(f"{code} cannot be “not applicable”. Mark it, or have it waived.")]
    if code == "C05" and person.representative_name:
        return [Reason("This person has a representative, so C05 applies.")]
    return []


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


@transaction.atomic
def record_safety_check(
    person: PersonTransfer, outcome: str, *, actor: Actor, on: date | None = None, method: str = "phone", answers: dict[str, Any] | None = None, follow_up: str = "", confirmed_by: str = "", number: int = 1,
    safeguarding: bool = False, safeguarding_owner: str = "", harmed: bool = False,
) -> SafetyCheck:
    """Record a safety check. ``safe``, ``concern``, ``confirmed_by_other_body`` and a self-funder's ``declined`` complete C16,
    ``unable_to_contact`` does not; a concern opens an issue in the register and, with ``safeguarding``, a safeguarding concern.
    ``harmed``: a missed visit did harm, which goes up the ladder at once."""
    row = locked(person)
    require_team(row, actor, "the safety checks")
    refuse_ended(row)
    day = on or today()
    checkpoints = list(Checkpoint.objects.filter(person=row))
    states = turning.states_of(checkpoints)
    asked = {key: str(answers[key]) for key, _ in safety.QUESTIONS if answers and answers.get(key) in safety.ANSWERS}
    found = [Reason(words, field=name) for name, words in (*safety.outcome_refused(outcome, row.funding_type, confirmed_by, follow_up), *safety.answers_refused(asked, outcome, follow_up), *safety.harm_refused(harmed, outcome, follow_up))]
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
        escalating.harm_done(row, actor=actor) if harmed else concerns.open_issue(row, actor=actor)
    check = changes.create(
        SafetyCheck(person=row, number=number, due=due, done_on=day, by_label=actor.label[:150], method=method, answers=asked, outcome=outcome, follow_up=follow_up, confirmed_by=confirmed_by), actor=actor
    )
    if outcome == "unable_to_contact" and (first or number == 2):
        safety_tries.tell(row, day, number)
    if first and safety.completes(outcome):
        put(row, "C16", next((c for c in checkpoints if c.code == "C16"), None), "done", day, actor, outcome.replace("_", " "), due=due)
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
    first = checks_since_the_visit(person, checkpoints, number=1).order_by("-done_on").values_list("done_on", flat=True).first()
    if turning.states_of(checkpoints).get("C16") not in gates.SETTLED or first is None:
        found.append(Reason("Record the first safety check before the second."))
    elif day <= first:
        found.append(Reason(f"The second check comes after the first, which was made on {first.day} {first:%b %Y}.", field="on"))
    return found
