"""The shape of a position. Colours are letters B, R, A, N, G; dates are Europe/London days.

A ``Count`` is a number of people, or ``*`` in the editions that hide small numbers. Nothing here names a person who
receives care. ``SCHEMA`` rises when a field changes its meaning; new fields have defaults, so that old snapshots open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

SCHEMA = 1
Count = int | str


@dataclass(frozen=True)
class Head:
    """The programme in words. ``days_to`` counts calendar days from ``as_of`` to ``target_on``; negative when past."""

    reference: str
    title: str
    kind: str
    kind_word: str
    exit_type_word: str
    status: str
    status_word: str
    phase_word: str
    organisation: str
    target_label: str
    target_on: date | None
    days_to: int | None
    demo: bool = False


@dataclass(frozen=True)
class Rag:
    """Computed beside stated. ``stated`` is empty unless somebody set another colour; ``trend``: up, down, same or ""."""

    computed: str
    reasons: tuple[str, ...] = ()
    stated: str = ""
    stated_reason: str = ""
    stated_by: str = ""
    stated_on: date | None = None
    previous: str = ""
    trend: str = ""

    @property
    def shown(self) -> str:
        return self.stated or self.computed


@dataclass(frozen=True)
class Dimension:
    code: str
    title: str
    rag: Rag


@dataclass(frozen=True)
class Need:
    """What the board is asked for or must know. ``kind``: decision, blocker or escalation."""

    kind: str
    text: str
    by: date | None = None
    late: bool = False


@dataclass(frozen=True)
class Week:
    """Colours of one frozen week: programme, dimensions by code, workstreams by slug."""

    week_ending: date
    overall: str
    dimensions: dict[str, str] = field(default_factory=dict)
    workstreams: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Workstream:
    """``report_week`` is the Sunday of its newest report; ``unreported`` when that is more than a week old."""

    slug: str
    name: str
    lead: str
    rag: Rag
    one_line: str
    asks: str
    report_week: date | None
    unreported: bool
    unsafe_answer: str
    next_milestone: str
    next_milestone_on: date | None
    total: int
    done: int
    overdue: int
    red: int
    amber: int


@dataclass(frozen=True)
class Milestone:
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
    critical: bool
    gate: bool
    moved: int
    overdue_days: int


@dataclass(frozen=True)
class Slip:
    code: str
    title: str
    workstream: str
    old: date | None
    new: date | None
    moved: int


@dataclass(frozen=True)
class Variation:
    title: str
    why: str
    impact: str
    raised_by: str
    status: str
    status_word: str
    decided_on: date | None
    items: tuple[tuple[str, date | None, date | None], ...]


@dataclass(frozen=True)
class Interface:
    what: str
    between: tuple[str, str]
    critical: bool
    agreed_on: date | None
    tested_on: date | None


@dataclass(frozen=True)
class Plan:
    total: int = 0
    done: int = 0
    overdue: int = 0
    by_colour: dict[str, int] = field(default_factory=dict)
    milestones_total: int = 0
    milestones_done: int = 0
    workstreams: tuple[Workstream, ...] = ()
    due_4w: tuple[Milestone, ...] = ()
    overdue_milestones: tuple[Milestone, ...] = ()
    next_milestones: tuple[Milestone, ...] = ()
    critical_red: tuple[Milestone, ...] = ()
    slipped: tuple[Slip, ...] = ()
    added: tuple[Milestone, ...] = ()
    variations: tuple[Variation, ...] = ()
    interfaces: tuple[Interface, ...] = ()

    @property
    def unsafe_answers(self) -> tuple[Workstream, ...]:
        """Workstreams that named something which could make go-live unsafe."""
        return tuple(w for w in self.workstreams if w.unsafe_answer and not says_nothing(w.unsafe_answer))

    @property
    def unsafe_quiet(self) -> tuple[Workstream, ...]:
        """Workstreams that were asked and named nothing."""
        return tuple(w for w in self.workstreams if w.unsafe_answer and says_nothing(w.unsafe_answer))


NOTHING = frozenset({"nothing", "none", "no", "nil", "n/a", "no change", "no changes", "nothing new", "nothing more", "nothing else", "nothing known", "nothing to report", "nothing beyond the register", "nothing that is not on the register", "nothing not on the register", "nothing outside the register", "none known", "none at present", "none this week", "nothing this week"})


def says_nothing(answer: str) -> bool:
    """Only when the whole answer says so: "Nothing is agreed for insulin visits" names something."""
    return " ".join(answer.lower().split()).strip(" .!-–") in NOTHING


@dataclass(frozen=True)
class FunnelStep:
    """``done`` of all people who stay have passed checkpoint ``code``."""

    code: str
    title: str
    done: Count


@dataclass(frozen=True)
class FunnelGroup:
    """One wave or provider: how many of its ``total`` passed each checkpoint."""

    name: str
    total: Count
    done: dict[str, Count]


@dataclass(frozen=True)
class BurnPoint:
    on: date
    planned: Count
    actual: Count | None


@dataclass(frozen=True)
class People:
    """Counts only. ``total`` are those who stay on the list: endings are counted apart (domain 10.11)."""

    total: Count = 0
    ready: Count = 0
    transferred: Count = 0
    in_hospital: Count = 0
    on_hold: Count = 0
    at_risk: Count = 0
    past_t: Count = 0
    safety_overdue: Count = 0
    red_safety_overdue: Count = 0
    no_incoming: Count = 0
    plans_validated: Count = 0
    plans_provisional: Count = 0
    by_colour: dict[str, Count] = field(default_factory=dict)
    by_priority: dict[str, Count] = field(default_factory=dict)
    endings: dict[str, Count] = field(default_factory=dict)
    safety_outcomes: dict[str, Count] = field(default_factory=dict)
    ready_pct: float | None = None
    planned_pct: float | None = None
    updated_pct: float | None = None
    funnel: tuple[FunnelStep, ...] = ()
    by_wave: tuple[FunnelGroup, ...] = ()
    by_provider: tuple[FunnelGroup, ...] = ()
    burn_up: tuple[BurnPoint, ...] = ()


@dataclass(frozen=True)
class TupeStage:
    parties: str
    title: str
    due: date
    done_on: date | None
    late_days: int
    colour: str
    reason: str


@dataclass(frozen=True)
class Skill:
    title: str
    high_risk: bool
    needed: Count
    validated: Count


@dataclass(frozen=True)
class Workforce:
    total: Count = 0
    transferring: Count = 0
    objected: Count = 0
    introduced: Count = 0
    tupe: tuple[TupeStage, ...] = ()
    skills: tuple[Skill, ...] = ()
    mandatory_training_pct: float | None = None
    high_risk_signoff_pct: float | None = None


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


@dataclass(frozen=True)
class Condition:
    title: str
    owner: str
    due: date | None
    forecast: date | None
    status: str
    status_word: str
    satisfied_on: date | None
    will_miss: bool


@dataclass(frozen=True)
class Deliverable:
    number: int
    title: str
    met: int
    total: int
    mandatory_met: int
    mandatory_total: int


@dataclass(frozen=True)
class GoDecision:
    result: str
    result_word: str
    on: date
    conditions: str


@dataclass(frozen=True)
class Readiness:
    start: date | None = None
    earliest_start: date | None = None
    cps_done: int = 0
    cps_total: int = 0
    conditions: tuple[Condition, ...] = ()
    deliverables: tuple[Deliverable, ...] = ()
    criteria_met: int = 0
    criteria_total: int = 0
    open_mandatory: tuple[str, ...] = ()
    will_miss: tuple[str, ...] = ()
    decision: GoDecision | None = None


@dataclass(frozen=True)
class DecisionLine:
    text: str
    rationale: str
    status: str
    needed_by: date | None
    made_by: str
    made_on: date | None
    late: bool = False


@dataclass(frozen=True)
class ActionLine:
    text: str
    owner: str
    due: date
    overdue: bool
    urgent: bool


@dataclass(frozen=True)
class BoardPapers:
    """``*_unlisted``: counted without their text, because a meeting about single people raised them (domain 8)."""

    decisions_needed: tuple[DecisionLine, ...] = ()
    decisions_made: tuple[DecisionLine, ...] = ()
    actions_open: int = 0
    actions_overdue: int = 0
    actions: tuple[ActionLine, ...] = ()
    actions_unlisted: int = 0
    decisions_unlisted: int = 0


@dataclass(frozen=True)
class Confidence:
    """``five`` as judged (G, AG, A, AR, R or ""), ``three`` as printed."""

    five: str = ""
    three: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Position:
    """What a programme stands at on ``as_of``, from facts read at ``data_at``; changes are counted from ``since``."""

    head: Head
    as_of: date
    since: date
    data_at: datetime
    overall: Rag
    weeks_at_red: int
    dimensions: tuple[Dimension, ...]
    confidence: Confidence
    needs: tuple[Need, ...]
    plan: Plan
    people: People
    workforce: Workforce
    risks: Risks
    readiness: Readiness
    board: BoardPapers
    history: tuple[Week, ...] = ()
    edition: str = "board"
    left_out: tuple[str, ...] = ()
    schema: int = SCHEMA

    @property
    def colours(self) -> Week:
        """Its own colours as a line of history; the week is that of ``as_of``."""
        return Week(
            self.as_of, self.overall.shown, {d.code: d.rag.shown for d in self.dimensions}, {w.slug: w.rag.shown for w in self.plan.workstreams}
        )

    def dimension(self, code: str) -> Rag:
        return next(d.rag for d in self.dimensions if d.code == code)
