"""The position itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from reporting.position.values.board import BoardPapers
from reporting.position.values.head import Confidence, Dimension, Head, Need, Rag, Week
from reporting.position.values.people import People
from reporting.position.values.plan import Plan
from reporting.position.values.readiness import Readiness
from reporting.position.values.risks import Risks
from reporting.position.values.workforce import Workforce

SCHEMA = 1


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
