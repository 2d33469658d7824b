"""What every part of a batch shares: a wish, a verdict, and the frame in which both are judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mobilisation.access import Actor
from mobilisation.models import Programme
from transfers.choices import LineOutcome
from transfers.models import BatchLine, PersonTransfer

Key = tuple[int, str]
"""(person's key, field) of one cell."""


@dataclass(frozen=True)
class Wish:
    """One cell that somebody wants otherwise: ``value`` as the field holds it, a day for a checkpoint, an organisation for an
    offer. ``fault``: what was typed cannot be read; the cell is shown as refused with ``shown``, what was typed."""

    person: int
    field: str
    value: Any = None
    fault: str = ""
    shown: str = ""


@dataclass(frozen=True)
class Verdict:
    """What becomes of one cell. ``old`` and ``new`` as history keeps them, ``seen`` what it rests on now, ``record`` and
    ``version`` of what was written."""

    outcome: LineOutcome
    reason: str = ""
    old: Any = None
    new: Any = None
    seen: dict[str, Any] = field(default_factory=dict)
    record: int | None = None
    version: int | None = None


@dataclass
class Frame:
    """``people``: {key: person}, each with the programme in hand; ``why``: what history says, ``said`` what the actor typed;
    ``asked``: what the act asks beside its cells."""

    programme: Programme
    actor: Actor
    people: dict[int, PersonTransfer]
    why: str = ""
    said: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One kind of cell. ``judge`` says what would become of wishes, ``seen`` what lines rest on now, ``write`` does what was
    shown, ``back`` what of the lines can be taken back, ``put_back`` does it; ``hangs`` counts the lines on which something
    depends. Each sends a fixed number of statements, however many lines."""

    judge: Callable[[Frame, Sequence[Wish]], dict[Key, Verdict]]
    seen: Callable[[Frame, Sequence[BatchLine]], dict[Key, dict[str, Any]]]
    write: Callable[[Frame, Sequence[BatchLine]], dict[Key, Verdict]]
    back: Callable[[Frame, Sequence[BatchLine]], dict[Key, Verdict]]
    put_back: Callable[[Frame, Sequence[BatchLine]], None]
    hangs: Callable[[Frame, Sequence[BatchLine]], int] = lambda frame, lines: 0


def key_of(line: BatchLine) -> Key:
    return line.person_id, line.field


def stamp(record: Any) -> str:
    """Key and version of a record; "" where there is none."""
    return f"{record.pk}.{record.version}" if record is not None else ""


WILL, SAME, REFUSED, DONE, BACK, KEPT = LineOutcome.WILL, LineOutcome.SAME, LineOutcome.REFUSED, LineOutcome.DONE, LineOutcome.BACK, LineOutcome.KEPT
