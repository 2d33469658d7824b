"""Conditions, deliverables and the go-live decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


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
