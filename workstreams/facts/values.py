"""The shapes in which the plan and the readiness of a programme are handed to ``reporting.position``.

Colours are letters B, R, A, N, G. Dates are Europe/London days; ``slip`` counts working days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class WorkstreamFacts:
    """One workstream (domain 5.8, 7.1). ``colour`` is the computed one; what somebody states beside it is kept by ``reporting``.

    ``report_week`` is the week ending of the newest report; None means never reported.
    """

    slug: str
    name: str
    lead: str
    lead_vacant: bool
    colour: str
    reasons: tuple[str, ...]
    one_line: str = ""
    asks: str = ""
    report_colour: str = ""
    report_week: date | None = None
    unsafe_answer: str = ""
    next_milestone: str = ""
    next_milestone_on: date | None = None
    total: int = 0
    done: int = 0
    overdue: int = 0
    red: int = 0
    amber: int = 0
    green: int = 0
    grey: int = 0

    @property
    def open(self) -> int:
        return self.total - self.done


@dataclass(frozen=True)
class MilestoneFacts:
    """One step or milestone. ``due`` is its forecast, else its baseline. ``moved`` counts how often its forecast changed.

    ``x``/``y``: people that passed its checkpoint, of all; None where it hangs on no checkpoint.
    """

    public_id: str
    code: str
    title: str
    workstream: str
    owner: str
    baseline: date | None
    due: date | None
    done_on: date | None
    slip: int
    colour: str
    reason: str
    critical: bool = False
    gate: bool = False
    moved: int = 0
    overdue_days: int = 0
    x: int | None = None
    y: int | None = None


@dataclass(frozen=True)
class SlipFacts:
    """A forecast that moved after ``since``: ``old`` → ``new``, ``moved`` times in all."""

    code: str
    title: str
    workstream: str
    old: date | None
    new: date | None
    moved: int


@dataclass(frozen=True)
class VariationFacts:
    """``items``: (code and title, old baseline, new baseline)."""

    title: str
    why: str
    impact: str
    raised_by: str
    status: str
    approved_by: str
    decided_on: date | None
    items: tuple[tuple[str, date | None, date | None], ...] = ()


@dataclass(frozen=True)
class InterfaceFacts:
    what: str
    between: tuple[str, str]
    critical: bool
    agreed_on: date | None
    tested_on: date | None


@dataclass(frozen=True)
class PlanFacts:
    """The plan at ``as_of``. ``by_colour`` has the keys B, R, A, N, G."""

    as_of: date
    workstreams: tuple[WorkstreamFacts, ...] = ()
    by_colour: dict[str, int] = field(default_factory=dict)
    total: int = 0
    done: int = 0
    overdue: int = 0
    milestones_total: int = 0
    milestones_done: int = 0
    milestones_due_4w: tuple[MilestoneFacts, ...] = ()
    milestones_overdue: tuple[MilestoneFacts, ...] = ()
    next_milestones: tuple[MilestoneFacts, ...] = ()
    slipped: tuple[SlipFacts, ...] = ()
    added: tuple[MilestoneFacts, ...] = ()
    critical_red: tuple[MilestoneFacts, ...] = ()
    red: tuple[MilestoneFacts, ...] = ()
    variations: tuple[VariationFacts, ...] = ()
    interfaces: tuple[InterfaceFacts, ...] = ()


@dataclass(frozen=True)
class DeliverableFacts:
    """One of the five go-live deliverables (domain 5.10): criteria met of those that apply, all and mandatory."""

    number: int
    title: str
    met: int
    total: int
    mandatory_met: int
    mandatory_total: int


@dataclass(frozen=True)
class ConditionFacts:
    title: str
    owner: str
    due: date | None
    forecast: date | None
    status: str
    status_word: str
    satisfied_on: date | None
    will_miss: bool
    reason: str = ""


@dataclass(frozen=True)
class DecisionFacts:
    """The last go/no-go: ``result`` is go, go_with_conditions, no_go or postpone."""

    result: str
    result_word: str
    on: date
    conditions: str
    signed_by: str


@dataclass(frozen=True)
class ReadinessFacts:
    """``cps_done`` of ``cps_total`` satisfied or waived. ``will_miss``: sentences on what will not be met by the start.

    ``earliest_start`` follows 5.10, None while a condition has no date.
    """

    as_of: date
    start: date | None = None
    earliest_start: date | None = None
    cps_done: int = 0
    cps_total: int = 0
    conditions: tuple[ConditionFacts, ...] = ()
    deliverables: tuple[DeliverableFacts, ...] = ()
    criteria_met: int = 0
    criteria_total: int = 0
    open_mandatory: tuple[str, ...] = ()
    will_miss: tuple[str, ...] = ()
    decision: DecisionFacts | None = None
