"""The programme in words, its colours and what the board is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


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
class Confidence:
    """``five`` as judged (G, AG, A, AR, R or ""), ``three`` as printed."""

    five: str = ""
    three: str = ""
    reason: str = ""
