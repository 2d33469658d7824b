"""What the position asks of the register: counts, the matrix, movement, the top rows. Plain values, a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from mobilisation.models import Programme


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
    """``to_level`` 1–4 with its word; ``late`` when nobody acknowledged it by ``due``."""

    subject: str
    to_level: int
    to_word: str
    why: str
    on: date
    due: date | None
    acknowledged: bool
    late: bool


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
    from risks.position import read

    return read(programme, as_of, since or as_of - timedelta(days=7), shared_only=shared_only)
