"""What goes up the ladder by itself as long as a fact stands (domain 5.13): once for each occurrence, settled when it is no longer so.
The rooms above say which facts stand; nobody is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.models import Programme
from mobilisation.services import changes
from risks import rules
from risks.choices import IssueStatus
from risks.models import Issue, StandingFact
from risks.services import escalation, issues

NO_LONGER = "It is no longer so."


@dataclass(frozen=True)
class Said:
    """``title`` of the issue, and ``why`` it is taken up the ladder."""

    title: str
    why: str


def watch(programme: Programme, trigger: rules.Trigger, found: Mapping[str, Said], *, actor: Actor) -> tuple[int, int]:
    """Raise what stands ({what it is about: words}) and was not raised, settle what was raised and no longer stands; returns how many
    of each. An issue that somebody resolved meanwhile is not raised again while its fact stands."""
    if set(found) == set(_raised(programme, trigger)):
        return 0, 0
    with transaction.atomic():
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)  # two at once would both find it unraised
        raised = _raised(programme, trigger)
        fresh, gone = [subject for subject in found if subject not in raised], [row for subject, row in raised.items() if subject not in found]
        for subject in fresh:
            _raise(programme, trigger, subject, found[subject], actor)
        for row in gone:
            _settle(programme, row, actor)
    return len(fresh), len(gone)


def _raised(programme: Programme, trigger: rules.Trigger) -> dict[str, StandingFact]:
    return {row.subject: row for row in StandingFact.objects.filter(programme=programme, trigger=trigger, settled_on__isnull=True)}


def _raise(programme: Programme, trigger: rules.Trigger, subject: str, said: Said, actor: Actor) -> None:
    rung = rules.LADDER[trigger]
    issue = issues.raise_issue(programme, said.title[:300], actor=actor, source=str(trigger), permitted=True)
    escalation.raise_to(programme, rung.level or 2, said.why, actor=actor, issue=issue, trigger=str(trigger), within=rung.within, copy=rung.copy)
    changes.create(StandingFact(programme=programme, trigger=str(trigger), subject=subject, since=today(), issue=issue), actor=actor, action="escalated")


def _settle(programme: Programme, row: StandingFact, actor: Actor) -> None:
    issue = Issue.objects.select_for_update().get(pk=row.issue_id)
    if issue.status == IssueStatus.OPEN:
        changes.apply(issue, {"status": IssueStatus.RESOLVED, "resolution": NO_LONGER, "resolved_on": today()}, actor=actor, programme=programme, action="settled")
    changes.apply(row, {"settled_on": today()}, actor=actor, why=NO_LONGER, programme=programme, action="settled")
