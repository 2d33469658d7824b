"""Decisions and actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


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
