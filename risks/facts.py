"""What the position asks of the register: counts, the matrix, movement, the top rows. Plain values, a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery

from mobilisation.models import Programme
from mobilisation.moments import Colour
from risks.choices import ABOUT_A_PERSON, RiskScope, RiskStatus
from risks.models import Escalation, Incident, Issue, Opportunity, Risk, RiskScore, SafeguardingConcern
from risks.models.register import CLOSED
from risks.rules import Band, dimension, escalated_because

ABOUT_ONE_PERSON = "an issue about one person"
"""All that a report says of an escalated issue about a person: no title, no reason."""


@dataclass(frozen=True)
class RiskRow:
    """One risk as a report shows it. ``initial``/``previous``/``score`` are 1–25; ``previous`` is the score on ``since``,
    None when the risk was not there yet. ``band`` is "low", "moderate", "high" or "extreme", ``band_word`` its word.
    ``colour``/``reason``: B, R, A or G of its care (review, actions, owner), not of its size."""

    public_id: str
    ref: str
    title: str
    owner: str
    organisation: str
    scope: str
    workstream: str
    likelihood: int
    consequence: int
    score: int
    band: str
    band_word: str
    initial: int
    initial_likelihood: int
    initial_consequence: int
    target: int | None
    previous: int | None
    review_on: date | None
    overdue_review: bool
    overdue_actions: int
    unsafe_go_live: bool
    raised_on: date
    closed_on: date | None
    colour: str
    reason: str

    @property
    def movement(self) -> int | None:
        """Points up (worse, positive) or down since ``since``; None for a new risk."""
        return None if self.previous is None else self.score - self.previous


@dataclass(frozen=True)
class IssueRow:
    public_id: str
    ref: str
    title: str
    owner: str
    due: date | None
    overdue: bool
    about_person: bool = False


@dataclass(frozen=True)
class OpportunityRow:
    public_id: str
    ref: str
    title: str
    benefit: str
    owner: str
    response: str
    score: int


@dataclass(frozen=True)
class EscalationRow:
    """What stands highest on the ladder for one risk or issue, however often it was escalated: ``to_level`` 1–4 with its word,
    ``why`` with the size the risk has now; ``late`` when nobody acknowledged it by ``due``."""

    subject: str
    to_level: int
    to_word: str
    why: str
    on: date
    due: date | None
    acknowledged: bool
    late: bool


WORST_FIRST = ("-score", "number")
"""Said in each query: one that counts actions has lost the order of its model."""


@dataclass(frozen=True)
class RiskFacts:
    """``matrix[l - 1][c - 1]`` counts open risks by current (``initial_matrix``: initial) likelihood and consequence.

    ``colour``/``reasons``: the risk dimension of the programme (domain 5.8): Red with an Extreme risk unowned or
    overdue, Amber with any Extreme or more High than the programme's limit. ``open_risks`` is every open risk, worst first;
    ``top`` its first ten; ``extreme_unowned_or_overdue``, ``extreme_overdue_action``, ``high_past_review`` and
    ``unsafe_go_live`` are parts of it; ``movement`` those whose score changed since ``since``.
    """

    as_of: date
    since: date
    open: int
    by_band: dict[str, int]
    matrix: tuple[tuple[int, ...], ...]
    initial_matrix: tuple[tuple[int, ...], ...]
    open_risks: tuple[RiskRow, ...]
    top: tuple[RiskRow, ...]
    movement: tuple[RiskRow, ...]
    new: tuple[RiskRow, ...]
    closed: tuple[RiskRow, ...]
    extreme_unowned_or_overdue: tuple[RiskRow, ...]
    extreme_overdue_action: tuple[RiskRow, ...]
    high_past_review: tuple[RiskRow, ...]
    unsafe_go_live: tuple[RiskRow, ...]
    overdue_reviews: int
    overdue_actions: int
    issues_open: int
    issues: tuple[IssueRow, ...]
    opportunities: tuple[OpportunityRow, ...]
    escalations: tuple[EscalationRow, ...]
    safeguarding_open: int
    safeguarding_unowned: int
    incidents_open: int
    colour: str
    reasons: tuple[str, ...] = field(default_factory=tuple)


def risk_facts(programme: Programme, as_of: date, since: date | None = None, *, shared_only: bool = False) -> RiskFacts:
    """Facts of ``programme`` on ``as_of``, movement since ``since`` (seven days earlier when not given).

    ``shared_only`` leaves out what is not shared with providers.
    """
    since = since or as_of - timedelta(days=7)
    assessed_before = RiskScore.objects.filter(risk=OuterRef("pk"), on__lte=since).order_by("-on", "-id").values("score")[:1]
    risks = (
        Risk.objects.filter(programme=programme)
        .filter(Q(status=RiskStatus.OPEN) | Q(status__in=CLOSED, closed_on__gt=since))
        .with_overdue_actions(as_of)
        .annotate(previous=Subquery(assessed_before))
        .select_related("owner", "organisation")
        .order_by(*WORST_FIRST)
    )
    issues = Issue.objects.filter(programme=programme).open().select_related("owner")
    opportunities = Opportunity.objects.filter(programme=programme, open=True)
    escalations = Escalation.objects.filter(programme=programme).unacknowledged().select_related("risk", "issue")
    if shared_only:
        risks, issues, opportunities = (found.filter(scope=RiskScope.SHARED) for found in (risks, issues, opportunities))
        escalations = escalations.filter(Q(risk__scope=RiskScope.SHARED) | Q(issue__scope=RiskScope.SHARED))
    rows = [_row(risk, as_of) for risk in risks]
    current = tuple(row for row in rows if row.closed_on is None)
    high_limit = int(programme.threshold("high_risks_amber"))
    by_band = {str(band): sum(row.band == band for row in current) for band in Band}
    bad = tuple(row for row in current if row.band == Band.EXTREME and row.colour == Colour.RED)
    colour, reasons = dimension(extreme=by_band["extreme"], extreme_unowned_or_overdue=[row.ref for row in bad], high=by_band["high"], high_limit=high_limit)
    concerns, incidents = ([] if shared_only else list(model.objects.filter(programme=programme).open().values_list("owner_id", "owner_name")) for model in (SafeguardingConcern, Incident))
    found = tuple(_issue(issue, as_of) for issue in issues)
    return RiskFacts(
        as_of=as_of,
        since=since,
        open=len(current),
        by_band=by_band,
        matrix=_matrix((row.likelihood, row.consequence) for row in current),
        initial_matrix=_matrix((row.initial_likelihood, row.initial_consequence) for row in current),
        open_risks=current,
        top=current[:10],
        movement=tuple(sorted((row for row in current if row.movement), key=lambda row: -abs(row.movement or 0))),
        new=tuple(row for row in current if row.raised_on > since),
        closed=tuple(row for row in rows if row.closed_on is not None),
        extreme_unowned_or_overdue=bad,
        extreme_overdue_action=tuple(row for row in current if row.band == Band.EXTREME and row.overdue_actions),
        high_past_review=tuple(row for row in current if row.band == Band.HIGH and row.overdue_review),
        unsafe_go_live=tuple(row for row in current if row.unsafe_go_live),
        overdue_reviews=sum(row.overdue_review for row in current),
        overdue_actions=sum(row.overdue_actions for row in current),
        issues=found,
        issues_open=len(found),
        opportunities=tuple(OpportunityRow(o.public_id, o.ref, o.title, o.benefit, o.owner_name, o.get_response_display(), o.score) for o in opportunities),
        escalations=tuple(_escalation(escalation, as_of) for escalation in _highest(escalations)),
        safeguarding_open=len(concerns),
        safeguarding_unowned=sum(not owner and not name for owner, name in concerns),
        incidents_open=len(incidents),
        colour=colour,
        reasons=reasons,
    )


def unsafe_go_live(programme: Programme, user: Any, as_of: date) -> list[RiskRow]:
    """Open risks that could make go-live unsafe, as ``user`` may see them; for the standing item of a meeting."""
    risks = Risk.objects.visible_to(user).filter(programme=programme, unsafe_go_live=True).open()
    return [_row(risk, as_of) for risk in risks.with_overdue_actions(as_of).annotate(previous=F("score")).select_related("owner", "organisation").order_by(*WORST_FIRST)]


def _row(risk: Any, as_of: date) -> RiskRow:
    colour, reason = risk.moments.at(as_of)
    return RiskRow(
        public_id=risk.public_id, ref=risk.ref, title=risk.event, owner=risk.owner_label, organisation=str(risk.organisation or ""), scope=risk.scope,
        workstream=risk.workstream_slug, likelihood=risk.likelihood, consequence=risk.consequence, score=risk.score, band=str(risk.band), band_word=risk.band.word,
        initial=risk.initial_score, initial_likelihood=risk.initial_likelihood, initial_consequence=risk.initial_consequence, target=risk.target_score,
        previous=risk.previous, review_on=risk.review_on, overdue_review=bool(risk.review_on and risk.review_on < as_of and not risk.is_closed),
        overdue_actions=risk.late_actions, unsafe_go_live=risk.unsafe_go_live, raised_on=risk.raised_on, closed_on=risk.closed_on, colour=str(colour), reason=reason,
    )


def _matrix(pairs: Iterable[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """Counts by [likelihood - 1][consequence - 1]."""
    counts = Counter(pairs)
    return tuple(tuple(counts[likelihood, consequence] for consequence in range(1, 6)) for likelihood in range(1, 6))


def _issue(issue: Issue, as_of: date) -> IssueRow:
    return IssueRow(issue.public_id, issue.ref, issue.title, issue.owner_label, issue.due, bool(issue.due and issue.due < as_of), issue.source == ABOUT_A_PERSON)


def _highest(escalations: Iterable[Escalation]) -> list[Escalation]:
    """One open step for each risk or issue: the highest level, of two on one level the newer; in the order of the queryset."""
    found: dict[tuple[int | None, int | None, int | None], Escalation] = {}
    for row in escalations:
        about = (row.risk_id, row.issue_id, None if row.risk_id or row.issue_id else row.pk)
        if about not in found or row.to_level > found[about].to_level:
            found[about] = row
    return list(found.values())


def _escalation(escalation: Escalation, as_of: date) -> EscalationRow:
    risk, issue = escalation.risk, escalation.issue
    if risk:
        subject, why = risk.ref, escalated_because(escalation.trigger, escalation.why, risk.score)
    else:
        subject, why = issue.ref if issue else "", ABOUT_ONE_PERSON if issue and issue.source == ABOUT_A_PERSON else escalation.why
    return EscalationRow(
        subject, escalation.to_level, escalation.get_to_level_display(), why, escalation.on, escalation.due,
        escalation.acknowledged_on is not None, bool(escalation.due and escalation.due < as_of),
    )
