"""Issues, safeguarding concerns and incidents. No person is named: the link to a person lives with the tracker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import Reason, Refused
from mobilisation.models import Change, Organisation, Programme
from mobilisation.roles import Can
from mobilisation.services import changes
from risks.choices import ABOUT_A_PERSON, ConcernStatus, IssueStatus, RiskScope
from risks.models import Incident, Issue, Risk, SafeguardingConcern
from risks.services.numbers import next_numbers


def raise_issue(
    programme: Programme, title: str, *, actor: Actor, impact: str = "", owner: Any = None, owner_name: str = "", due: date | None = None, risk: Risk | None = None,
    source: str = "", scope: str = RiskScope.COMMISSIONER, on: date | None = None, permitted: bool = False,
) -> Issue:
    """Write an issue down. ``permitted``: the calling use case has decided the right already (a safety check that finds a concern)."""
    if not permitted:
        actor.require(Can.ISSUE_RAISE)
    reasons = [] if title.strip() else [Reason("Say what has gone wrong.", "title")]
    day = on or today()
    if day > today():
        reasons.append(Reason("The day it was raised is in the future.", "raised_on"))
    if reasons:
        raise Refused(reasons)
    with transaction.atomic():
        number = next_numbers(Issue, programme)[0]
        issue = Issue(
            programme=programme, number=number, ref=f"I-{number:02d}", title=title.strip()[:300], impact=impact, owner=owner, owner_name=owner_name, due=due, risk=risk,
            source=source, scope=scope, raised_on=day, raised_by_name=actor.label[:150],
        )
        return changes.create(issue, actor=actor)


def raise_about_people(programme: Programme, titles: Sequence[str], *, actor: Actor, due: date | None = None) -> list[Issue]:
    """One issue for each person, written down in a fixed number of statements; the calling use case has decided the right. A title
    holds the public reference of the person and no name."""
    day = today()
    with transaction.atomic():
        numbers = next_numbers(Issue, programme, len(titles))
        rows = [
            Issue(programme=programme, number=number, ref=f"I-{number:02d}", title=title[:300], due=due, source=ABOUT_A_PERSON, raised_on=day, raised_by_name=actor.label[:150])
            for number, title in zip(numbers, titles, strict=True)
        ]
        return changes.bulk_create(rows, actor=actor, programme=programme)


def resolve_about_people(programme: Programme, found: Sequence[tuple[Issue, str]], *, actor: Actor) -> int:
    """What they were about is no longer so: (issue read under lock, in which words). Those somebody resolved already stay as they are.
    Returns how many were resolved."""
    pairs = [(issue, {"status": IssueStatus.RESOLVED, "resolution": words, "resolved_on": today()}) for issue, words in found if issue.status == IssueStatus.OPEN]
    return changes.bulk_apply(pairs, actor=actor, programme=programme, action="settled")


def update_issue(issue: Issue, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    """Change an open issue; resolving it needs words."""
    actor.require(Can.RISK_EDIT)
    wanted = dict(values)
    resolved = wanted.get("status", issue.status) == IssueStatus.RESOLVED
    if resolved and not str(wanted.get("resolution", issue.resolution)).strip():
        raise Refused(Reason("Say how it was resolved.", "resolution"))
    if "status" in wanted:
        wanted["resolved_on"] = (wanted.get("resolved_on") or issue.resolved_on or today()) if resolved else None
    with transaction.atomic():
        record = changes.apply(issue, wanted, actor=actor, expected_version=expected_version)
        if record is not None and "status" in record.fields:
            _follow_issue(issue, actor)
    return record


def _follow_issue(issue: Issue, actor: Actor) -> None:
    """An incident is over when what was to be done about it is."""
    incident = Incident.objects.select_for_update(of=("self",)).filter(issue=issue).first()
    if incident is not None:
        over = issue.status == IssueStatus.RESOLVED
        values = {"status": ConcernStatus.CLOSED if over else ConcernStatus.OPEN, "outcome": issue.resolution if over else "", "closed_on": issue.resolved_on if over else None}
        changes.apply(incident, values, actor=actor, programme=issue.programme)


def resolve(issue: Issue, resolution: str, *, actor: Actor, on: date | None = None) -> Change | None:
    return update_issue(issue, {"status": IssueStatus.RESOLVED, "resolution": resolution, "resolved_on": on or today()}, actor=actor)


def raise_concern(
    programme: Programme, category: str, *, actor: Actor, what: str = "", organisation: Organisation | None = None, owner: Any = None, owner_name: str = "", referred_to: str = "",
    on: date | None = None, permitted: bool = False,
) -> SafeguardingConcern:
    """A safeguarding concern: safeguarding team, core group and CQC are told the same day (domain 5.13). Who it is about
    is linked by the caller. ``permitted``: the calling use case has decided the right already."""
    if not permitted:
        actor.require(Can.ISSUE_RAISE)
    day = on or today()
    found = [] if category.strip() else [Reason("Choose what kind of concern it is.", "category")]
    if day > today():
        found.append(Reason("The day it was raised is in the future.", "raised_on"))
    if found:
        raise Refused(found)
    concern = SafeguardingConcern(
        programme=programme, raised_on=day, category=category.strip()[:100], what=what, organisation=organisation, owner=owner, owner_name=owner_name, referred_to=referred_to
    )
    return changes.create(concern, actor=actor)


def update_concern(concern: SafeguardingConcern, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None, permitted: bool = False) -> Change | None:
    """Change a concern; closing it needs words on what came of it."""
    if not permitted:
        actor.require(Can.RISK_EDIT)
    wanted = dict(values)
    found = []
    if not str(wanted.get("category", concern.category)).strip():
        found.append(Reason("Choose what kind of concern it is.", "category"))
    if (told := wanted.get("cqc_told_on")) and told > today():
        found.append(Reason("The day CQC was told is in the future.", "cqc_told_on"))
    closed = wanted.get("status", concern.status) == ConcernStatus.CLOSED
    if closed and not str(wanted.get("outcome", concern.outcome)).strip():
        found.append(Reason("Say what came of it before it is closed.", "outcome"))
    if found:
        raise Refused(found)
    if "status" in wanted:
        wanted["closed_on"] = (concern.closed_on or today()) if closed else None
    return changes.apply(concern, wanted, actor=actor, expected_version=expected_version)


def raise_incident(
    programme: Programme, category: str, *, actor: Actor, what: str = "", organisation: Organisation | None = None, owner_name: str = "", near_miss: bool = False, on: date | None = None, issue: Issue | None = None, permitted: bool = False,
) -> Incident:
    """``issue``: what is to be done about it; the incident closes with it. ``permitted``: the calling use case has decided the right already."""
    if not permitted:
        actor.require(Can.ISSUE_RAISE)
    if not category.strip():
        raise Refused(Reason("Choose what kind of incident it is.", "category"))
    incident = Incident(programme=programme, raised_on=on or today(), category=category.strip()[:100], what=what, organisation=organisation, owner_name=owner_name, near_miss=near_miss, issue=issue)
    return changes.create(incident, actor=actor)
