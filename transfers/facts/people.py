"""The people side of the position: counts, never names, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from mobilisation.models import Programme


@dataclass(frozen=True)
class PeopleFacts:
    """``total``: everyone on the list who has not withdrawn, died or moved away.

    Percentages are 0 to 100, unrounded; None where there is nobody to count. Keys of ``by_colour``: B G A R N,
    of ``by_priority``: R A G unrated. ``funnel``: (code, title, done, total); ``funnel_by_*``: (name, {code: done}, total);
    ``burn_up``: (day, planned so far, transferred so far), by baseline T.
    """

    total: int = 0
    listed: int = 0
    ready: int = 0
    transferred: int = 0
    in_hospital: int = 0
    on_hold: int = 0
    at_risk: int = 0
    by_colour: Mapping[str, int] = field(default_factory=dict)
    by_priority: Mapping[str, int] = field(default_factory=dict)
    past_t_without_c15: int = 0
    safety_checks_overdue: int = 0
    red_safety_checks_overdue: int = 0
    ready_pct: float | None = None
    planned_pct: float | None = None
    no_incoming: int = 0
    plans_validated: int = 0
    plans_provisional: int = 0
    funnel: tuple[tuple[str, str, int, int], ...] = ()
    funnel_by_wave: tuple[tuple[str, Mapping[str, int], int], ...] = ()
    funnel_by_provider: tuple[tuple[str, Mapping[str, int], int], ...] = ()
    burn_up: tuple[tuple[date, int, int], ...] = ()
    updated_within_5w_pct: float | None = None
    endings: Mapping[str, int] = field(default_factory=dict)
    safety_check_outcomes: Mapping[str, int] = field(default_factory=dict)


def people_facts(programme: Programme, as_of: date) -> PeopleFacts:
    """Nobody is on the list yet."""
    return PeopleFacts()
