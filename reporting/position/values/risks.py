"""The register: matrix, top risks, issues, opportunities, escalations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class RiskLine:
    """``previous`` is the score at ``since``; None for a risk that is new since then."""

    ref: str
    title: str
    owner: str
    workstream: str
    likelihood: int
    consequence: int
    score: int
    band: str
    band_word: str
    initial: int
    previous: int | None
    target: int | None
    review_on: date | None
    overdue_review: bool
    overdue_actions: int
    unsafe_go_live: bool
    shared: bool = True

    @property
    def movement(self) -> int | None:
        return None if self.previous is None else self.score - self.previous


@dataclass(frozen=True)
class IssueLine:
    ref: str
    title: str
    owner: str
    due: date | None
    overdue: bool


@dataclass(frozen=True)
class OpportunityLine:
    ref: str
    title: str
    benefit: str
    owner: str


@dataclass(frozen=True)
class Escalation:
    subject: str
    to_level: int
    to_word: str
    why: str
    on: date
    late: bool


@dataclass(frozen=True)
class Risks:
    """``matrix[l - 1][c - 1]`` counts open risks by current likelihood and consequence; ``before`` by initial ones.

    ``issues_unlisted``: open issues that stand for one person; counted, never worded.
    """

    open: int = 0
    by_band: dict[str, int] = field(default_factory=dict)
    matrix: tuple[tuple[int, ...], ...] = ()
    before: tuple[tuple[int, ...], ...] = ()
    top: tuple[RiskLine, ...] = ()
    moved: tuple[RiskLine, ...] = ()
    new: tuple[RiskLine, ...] = ()
    closed: tuple[RiskLine, ...] = ()
    unsafe_go_live: tuple[RiskLine, ...] = ()
    overdue_reviews: int = 0
    overdue_actions: int = 0
    issues_open: int = 0
    issues: tuple[IssueLine, ...] = ()
    opportunities: tuple[OpportunityLine, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    issues_unlisted: int = 0
