"""Staff who transfer and what they can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reporting.position.values.people import Count


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
    mandatory: bool = True


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
