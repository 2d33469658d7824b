"""Changes to the risk register: one function a use case. Every score is kept; turning moments are set here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import Reason, Refused
from mobilisation.models import Change, Job, Programme, RoleAssignment
from mobilisation.moments import ALWAYS, Moments
from mobilisation.roles import Can
from mobilisation.services import changes
from risks import rules
from risks.choices import ActionStatus, RiskStatus
from risks.models import Opportunity, Risk, RiskAction, RiskScore
from risks.models.register import CLOSED
from risks.services import escalation, issues
from risks.services.numbers import next_numbers

SCORES = frozenset({"likelihood", "consequence"})


def limits_of(programme: Programme) -> dict[str, float]:
    return {key: programme.threshold(key) for key in rules.REVIEW_LIMIT.values()}


def unowned_from(owner_id: int | None, owner_name: str, last_days: Mapping[int, date | None]) -> date | None:
    """From when nobody owns it: an account that holds no role in the programme any more owns nothing; a name is taken as it stands."""
    if not owner_id:
        return None if owner_name else ALWAYS
    until = last_days.get(owner_id, ALWAYS)
    return until if until in (None, ALWAYS) else until + timedelta(days=1)


def care_of(risk: Risk, open_actions: Sequence[date], last_days: Mapping[int, date | None] | None = None) -> rules.Care:
    if last_days is None:
        last_days = RoleAssignment.objects.last_days(risk.programme) if risk.owner_id else {}
    return rules.Care(risk.score, unowned_from(risk.owner_id, risk.owner_name, last_days), risk.review_on, tuple(open_actions), closed=risk.is_closed)


def _open_actions(risk: Risk) -> list[date]:
    return list(RiskAction.objects.filter(risk=risk, status=ActionStatus.OPEN).values_list("due", flat=True)) if risk.pk else []


def _faults(risk: Risk, *, actions: int) -> list[Reason]:
    """Everything that keeps the risk from standing in the register as open."""
    reasons = []
    target = (risk.target_likelihood, risk.target_consequence)
    if (target[0] is None) != (target[1] is None):
        reasons.append(Reason("Give both target likelihood and target consequence, or neither.", "target_likelihood" if target[0] is None else "target_consequence"))
    elif target[0] is not None and target[1] is not None:
        reasons += [Reason(fault, "target_likelihood") for fault in rules.score_faults((risk.likelihood, risk.consequence), (target[0], target[1]))]
    if risk.status == RiskStatus.OPEN:
        found = rules.missing(
            cause=risk.cause, event=risk.event, effect=risk.effect, owner=risk.owner_label, scope=risk.scope, other_owner=risk.other_owner,
            controls=risk.controls, actions=actions, review_on=risk.review_on,
        )
        reasons += [Reason(sentence, name) for name, sentence in found]
        if risk.review_on and risk.reviewed_on:
            last = rules.latest_review(risk.reviewed_on, rules.band_of(risk.score), limits_of(risk.programme))
            if risk.review_on > last:
                reasons.append(Reason(f"{rules.band_of(risk.score).word} risks are reviewed at least every {(last - risk.reviewed_on).days} days. The next review is {last.day} {last:%b %Y} at the latest.", "review_on"))
    return reasons


def _score(risk: Risk) -> None:
    risk.score = rules.score_of(risk.likelihood, risk.consequence)


def add(risk: Risk, *, actor: Actor, on: date | None = None, why: str = "", first_action: RiskAction | None = None) -> Risk:
    """Put a risk on the register, scored as of ``on``. A draft may be incomplete; an open risk may not. A new Extreme risk escalates."""
    actor.require(Can.RISK_EDIT)
    day = on or today()
    risk.raised_on = risk.raised_on or day
    if risk.raised_on > today():
        raise Refused(Reason("The day it was raised is in the future.", "raised_on"))
    risk.reviewed_on = risk.reviewed_on or risk.raised_on
    _score(risk)
    reasons = _faults(risk, actions=1 if first_action else 0)
    if risk.review_on and risk.review_on <= risk.raised_on:
        reasons.append(Reason("The next review lies after the day the risk was raised.", "review_on"))
    if reasons:
        raise Refused(reasons)
    with transaction.atomic():
        risk.number = next_numbers(Risk, risk.programme)[0]
        risk.ref = risk.ref or f"R-{risk.number:02d}"
        risk.set_moments(rules.moments(care_of(risk, [first_action.due] if first_action else [])))
        changes.create(risk, actor=actor, why=why)
        changes_score(risk, actor, risk.raised_on, "first assessment")
        if first_action is not None:
            first_action.risk = risk
            changes.create(first_action, actor=actor)
        if risk.status == RiskStatus.OPEN:
            escalation.of_risk(risk, before=None, actor=actor, on=risk.raised_on)
    return risk


def changes_score(risk: Risk, actor: Actor, on: date, why: str) -> RiskScore:
    """Keep one assessment. History of the risk itself has the old and new factors."""
    row = RiskScore(risk=risk, on=on, likelihood=risk.likelihood, consequence=risk.consequence, score=risk.score, why=why[:300], created_by=actor.user, updated_by=actor.user)
    row.save(force_insert=True)
    return row


def update(risk: Risk, values: Mapping[str, Any], *, actor: Actor, why: str = "", on: date | None = None, expected_version: int | None = None) -> Change | None:
    """Change words, owner, dates or scores. A new score is kept with its day and may escalate; closing has its own function."""
    actor.require(Can.RISK_EDIT)
    if risk.is_closed:
        raise Refused(f"{risk.ref} is closed. Reopen it first.")
    if set(values) & {"status", "closed_on", "close_reason"} and values.get("status") not in (RiskStatus.DRAFT, RiskStatus.OPEN):
        raise Refused("Close a risk with its own button, and say why.")
    day = on or today()
    if day > today():
        raise Refused(Reason("The day is in the future.", "on"))
    with transaction.atomic():
        held = Risk.objects.select_for_update(of=("self",)).select_related("programme", "owner").get(pk=risk.pk)
        if held.is_closed:
            raise Refused(f"{risk.ref} is closed. Reopen it first.")
        before, was, drafted = held.score, (held.likelihood, held.consequence), held.status == RiskStatus.DRAFT
        for name, value in values.items():
            setattr(held, name, value)
        _score(held)
        wanted = dict(values)
        if (held.likelihood, held.consequence) != was:
            wanted["score"] = held.score
            held.reviewed_on = wanted["reviewed_on"] = day
            limit = rules.latest_review(day, held.band, limits_of(held.programme))
            if "review_on" not in values and held.review_on and held.review_on > limit:
                held.review_on = wanted["review_on"] = limit
        due = _open_actions(held)
        if reasons := _faults(held, actions=len(due)):
            raise Refused(reasons)
        risk.set_moments(rules.moments(care_of(held, due)))
        record = changes.apply(risk, wanted, actor=actor, why=why, expected_version=expected_version)
        if "score" in wanted:
            changes_score(risk, actor, day, why)
        if drafted and risk.status == RiskStatus.OPEN:
            escalation.of_risk(risk, before=None, actor=actor, on=day)
        elif "score" in wanted:
            escalation.of_risk(risk, before=before, actor=actor, on=day)
    return record


def review(risk: Risk, *, actor: Actor, next_review: date | None = None, likelihood: int | None = None, consequence: int | None = None, why: str = "", on: date | None = None, expected_version: int | None = None) -> Change | None:
    """A review: the score as it is now, and when to look again (the latest day allowed when not given)."""
    day = on or today()
    values: dict[str, Any] = {"reviewed_on": day, "likelihood": likelihood or risk.likelihood, "consequence": consequence or risk.consequence}
    band = rules.band_of(rules.score_of(values["likelihood"], values["consequence"]))
    values["review_on"] = next_review or rules.latest_review(day, band, limits_of(risk.programme))
    if values["review_on"] <= day:
        raise Refused(Reason("The next review must lie after this one.", "next_review"))
    return update(risk, values, actor=actor, why=why or "reviewed", on=day, expected_version=expected_version)


def _as_it_stands(risk: Risk) -> Risk:
    """The row under lock: somebody else may have closed it since ``risk`` was read."""
    return Risk._base_manager.select_for_update(no_key=True).get(pk=risk.pk)


def close(risk: Risk, reason: str, *, actor: Actor, became_issue: bool = False, on: date | None = None, expected_version: int | None = None) -> Change | None:
    """Take a risk out of lists, matrix and counts together; never without a reason. One that has happened goes on as an issue."""
    actor.require(Can.RISK_EDIT)
    if not reason.strip():
        raise Refused(Reason("Say why the risk is closed.", "close_reason"))
    if risk.is_closed:
        raise Refused(f"{risk.ref} is closed already.")
    day = on or today()
    if day > today() or day < risk.raised_on:
        raise Refused(Reason("The day it was closed lies between the day it was raised and today.", "on"))
    status = RiskStatus.BECAME_ISSUE if became_issue else RiskStatus.CLOSED
    with transaction.atomic():
        if _as_it_stands(risk).is_closed:
            raise Refused(f"{risk.ref} is closed already.")
        risk.set_moments(Moments(blue=True))
        record = changes.apply(risk, {"status": status, "closed_on": day, "close_reason": reason.strip()[:300]}, actor=actor, why=reason, expected_version=expected_version, action="closed")
        if became_issue:
            issues.raise_issue(
                risk.programme, risk.event, impact=risk.effect, owner=risk.owner, owner_name=risk.owner_name, risk=risk, source=f"{risk.ref} has happened", scope=risk.scope,
                on=day, actor=actor, permitted=True,
            )
    return record


def reopen(risk: Risk, reason: str, *, actor: Actor, review_on: date | None = None) -> Change | None:
    """Back into the register, to be reviewed within the time its band allows."""
    actor.require(Can.RISK_EDIT)
    if not risk.is_closed:
        raise Refused(f"{risk.ref} is open.")
    if not reason.strip():
        raise Refused(Reason("Say why the risk is opened again.", "reason"))
    day = today()
    due = review_on or rules.latest_review(day, risk.band, limits_of(risk.programme))
    risk.set_moments(rules.moments(replace(care_of(risk, _open_actions(risk)), review_on=due, closed=False)))
    values = {"status": RiskStatus.OPEN, "closed_on": None, "close_reason": "", "reviewed_on": day, "review_on": due}
    return changes.apply(risk, values, actor=actor, why=reason, action="reopened")


def refresh_moments(risk: Risk) -> None:
    """Store anew when the care of ``risk`` turns: after an action changed."""
    if risk.set_moments(rules.moments(care_of(risk, _open_actions(risk)))):
        risk.save(update_fields=list(Risk.MOMENT_FIELDS))


def recompute(programme: Programme) -> int:
    """Store anew when the care of each open risk turns: after a role began or ended (``registry.recompute``). Returns how many changed."""
    with transaction.atomic():
        risks = list(Risk.objects.select_for_update(of=("self",)).filter(programme=programme).exclude(status__in=CLOSED))
        if not risks:
            return 0
        last_days = RoleAssignment.objects.last_days(programme)
        due: dict[int, list[date]] = {}
        for risk_id, day in RiskAction.objects.filter(risk__programme=programme, status=ActionStatus.OPEN).values_list("risk_id", "due"):
            due.setdefault(risk_id, []).append(day)
        changed = [risk for risk in risks if risk.set_moments(rules.moments(care_of(risk, due.get(risk.pk, ()), last_days)))]
        if changed:
            changes.upsert(Risk, changed, Risk.MOMENT_FIELDS)
        return len(changed)


def add_action(risk: Risk, *, text: str, due: date, actor: Actor, owner: Any = None, owner_name: str = "") -> RiskAction:
    actor.require(Can.RISK_EDIT)
    reasons = [] if text.strip() else [Reason("Say what is to be done.", "text")]
    if not owner and not owner_name.strip():
        reasons.append(Reason("Name who does it.", "owner_name"))
    if risk.is_closed:
        reasons.append(Reason(f"{risk.ref} is closed."))
    if reasons:
        raise Refused(reasons)
    with transaction.atomic():
        if _as_it_stands(risk).is_closed:
            raise Refused(f"{risk.ref} is closed.")
        made = changes.create(RiskAction(risk=risk, text=text.strip(), due=due, owner=owner, owner_name=owner_name.strip()), actor=actor)
        refresh_moments(risk)
    return made


def end_action(action: RiskAction, *, actor: Actor, on: date | None = None, cancelled: bool = False, why: str = "", expected_version: int | None = None) -> Change | None:
    """Done on ``on``, or cancelled with a reason."""
    actor.require(Can.RISK_EDIT)
    if action.status != ActionStatus.OPEN:
        raise Refused("The action is not open.")
    if cancelled and not why.strip():
        raise Refused(Reason("Say why the action is cancelled.", "why"))
    day = on or today()
    if day > today():
        raise Refused(Reason("The day it was done is in the future.", "done_on"))
    values: dict[str, Any] = {"status": ActionStatus.CANCELLED} if cancelled else {"status": ActionStatus.DONE, "done_on": day}
    with transaction.atomic():
        if RiskAction._base_manager.select_for_update(no_key=True).get(pk=action.pk).status != ActionStatus.OPEN:
            raise Refused("The action is not open.")
        record = changes.apply(action, values, actor=actor, why=why, expected_version=expected_version, action=str(values["status"]))
        refresh_moments(action.risk)
    return record


def add_opportunity(opportunity: Opportunity, *, actor: Actor) -> Opportunity:
    actor.require(Can.RISK_EDIT)
    with transaction.atomic():
        opportunity.number = next_numbers(Opportunity, opportunity.programme)[0]
        opportunity.ref = f"O-{opportunity.number:02d}"
        return changes.create(opportunity, actor=actor)


def update_opportunity(opportunity: Opportunity, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    actor.require(Can.RISK_EDIT)
    if values.get("open") is False and not str(values.get("outcome", opportunity.outcome)).strip():
        raise Refused(Reason("Say what came of it.", "outcome"))
    return changes.apply(opportunity, values, actor=actor, expected_version=expected_version)


def take_on(risks: Sequence[Risk], *, actor: Actor, why: str, job: Job | None = None) -> list[Risk]:
    """Risks of an imported register, in a fixed number of statements. What the file does not say is left open, and shows
    on the page as missing; nothing escalates."""
    risks = list(risks)
    if not risks:
        return risks
    with transaction.atomic():
        last_days = RoleAssignment.objects.last_days(risks[0].programme)
        numbers = next_numbers(Risk, risks[0].programme, len(risks))
        for risk, number in zip(risks, numbers, strict=True):
            risk.number, risk.ref = number, risk.ref or f"R-{number:02d}"
            _score(risk)
            risk.set_moments(rules.moments(care_of(risk, [], last_days)))
        made = changes.bulk_create(risks, actor=actor, why=why, job=job)
        RiskScore.objects.bulk_create(
            [RiskScore(risk=r, on=r.raised_on, likelihood=r.likelihood, consequence=r.consequence, score=r.score, why=why[:300]) for r in made], batch_size=changes.BATCH
        )
    return made


def bring_up_to_date(pairs: Sequence[tuple[Risk, Mapping[str, Any]]], *, actor: Actor, why: str, job: Job | None = None) -> int:
    """Changes from a register brought back in; the rows were read under lock in this transaction."""
    scored: list[RiskScore] = []
    full: list[tuple[Risk, dict[str, Any]]] = []
    day = today()
    open_actions: dict[int, list[date]] = {}
    for risk_id, due in RiskAction.objects.filter(risk__in=[risk.pk for risk, _ in pairs], status=ActionStatus.OPEN).values_list("risk_id", "due"):
        open_actions.setdefault(risk_id, []).append(due)
    last_days = RoleAssignment.objects.last_days(pairs[0][0].programme) if pairs else {}
    for risk, values in pairs:
        after = {name: values.get(name, getattr(risk, name)) for name in ("likelihood", "consequence", "review_on", "owner_name", "status")}
        wanted = dict(values)
        score = rules.score_of(after["likelihood"], after["consequence"])
        if score != risk.score or SCORES & set(values):
            wanted["score"] = score
            scored.append(RiskScore(risk=risk, on=day, likelihood=after["likelihood"], consequence=after["consequence"], score=score, why=why[:300]))
        closed = after["status"] in (RiskStatus.CLOSED, RiskStatus.BECAME_ISSUE)
        risk.set_moments(rules.moments(rules.Care(score, unowned_from(risk.owner_id, after["owner_name"], last_days), after["review_on"], open_actions.get(risk.pk, []), closed=closed)))
        full.append((risk, wanted))
    done = changes.bulk_apply(full, actor=actor, why=why, job=job, also=Risk.MOMENT_FIELDS)
    RiskScore.objects.bulk_create(scored, batch_size=changes.BATCH)
    return done
