"""Workstreams, milestones, what slipped and what was varied."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from reporting.position.values.head import Rag


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
