"""Counts of people: the funnel, the burn-up, never a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

Count = int | str


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
