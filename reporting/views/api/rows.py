"""Rows of the answers that are lists. Colours are letters B, R, A, N, G; ``url`` leads to the page of the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from reporting.position import Position


@dataclass(frozen=True)
class ProgrammeRow:
    reference: str
    title: str
    kind: str
    kind_word: str
    status: str
    status_word: str
    phase: str
    organisation: str
    decision_date: date | None
    award_date: date | None
    scd: date | None
    go_live_date: date | None
    exit_date: date | None
    staff_transfer_date: date | None
    url: str
    position_url: str


@dataclass(frozen=True)
class SnapshotRow:
    """``kind``: weekly, or interim for figures of a moment. ``overall`` is the colour the programme showed."""

    id: str
    kind: str
    words: str
    week_ending: date
    as_of: date
    taken_at: datetime
    taken_by: str
    overall: str
    url: str
    position_url: str


@dataclass(frozen=True)
class FrozenPosition:
    """A week as it was frozen, in the edition of its reader."""

    id: str
    kind: str
    words: str
    week_ending: date
    taken_at: datetime
    position: Position


@dataclass(frozen=True)
class StepRow:
    """A step or milestone. ``due`` is where it stands in the plan: forecast, else baseline, else its next day where it repeats.

    ``people``: how many have the checkpoints it follows.
    """

    id: str
    code: str
    title: str
    workstream: str
    workstream_name: str
    owner: str
    milestone: bool
    milestone_kind: str
    critical: bool
    gate: bool
    repeats: str
    start: date | None
    baseline: date | None
    forecast: date | None
    due: date | None
    done_on: date | None
    percent: int
    status: str
    status_word: str
    colour: str
    reason: str
    people: str
    url: str


@dataclass(frozen=True)
class RiskRow:
    """``colour`` is how its care is going: reviews and actions on their dates, an owner. ``band`` is how grave it is."""

    id: str
    ref: str
    event: str
    cause: str
    effect: str
    domain: str
    scope: str
    workstream: str
    owner: str
    other_owner: str
    organisation: str
    likelihood: int
    consequence: int
    score: int
    band: str
    band_word: str
    initial_score: int
    target_score: int | None
    response: str
    controls: str
    gaps: str
    unsafe_go_live: bool
    review_on: date | None
    overdue_actions: int
    status: str
    raised_on: date
    closed_on: date | None
    colour: str
    reason: str
    url: str
