"""A file made some time ago comes back: whose value stands where it was also changed here (domain 5.2, three ways: then, here, in the file)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

_ROUNDED = timedelta(milliseconds=2)
"""A workbook keeps a moment to the millisecond, rounded either way."""


class Act(NamedTuple):
    """One change of one cell here: when, by whom, and what stood before it."""

    at: datetime
    by: str
    old: Any


class Verdict(Enum):
    TAKE = "nobody changed it here"
    KEEP = "the file says what stood when it was made; it was changed here since"
    CLASH = "changed here and in the file, differently"


def seen_until(written: datetime) -> datetime:
    """The last moment the file can have seen, by the moment it carries: what a program has cut off its end is not held against
    it. Text and cells without seconds stand for their minute, without fractions for their second, a day for the day."""
    if written.microsecond:
        return written + _ROUNDED
    if written.second:
        return written + timedelta(seconds=1)
    return written + timedelta(minutes=1) if written.hour or written.minute else written + timedelta(days=1)


def verdict(acts: Iterable[Act], seen: datetime, says: Callable[[Any], bool]) -> tuple[Verdict, Act | None]:
    """What becomes of a cell that differs from what is held. ``acts`` of it, oldest first; ``says(old)``: whether the file has that
    value. With the last act, for saying who and when."""
    since = [act for act in acts if act.at > seen]
    if not since:
        return Verdict.TAKE, None
    return (Verdict.KEEP if says(since[0].old) else Verdict.CLASH), since[-1]


@dataclass(frozen=True)
class Told:
    """What history tells of one mark: the fields of one act, {name: [old, new]}."""

    at: datetime
    by: str
    fields: Mapping[str, Any]


def acts_of_mark(told: Iterable[Told], state: str, done_on: date | None, cell: Callable[[str, date | None], Any]) -> list[Act]:
    """The acts on a mark as acts on its one cell, oldest first. ``told`` oldest first; ``state`` and ``done_on`` as they stand now:
    read backwards from there, as an act tells only what it changed."""
    found: list[Act] = []
    for one in reversed(list(told)):
        if not {"state", "done_on"} & one.fields.keys():
            continue
        after = cell(state, done_on)
        state = (one.fields["state"][0] or "not_started") if "state" in one.fields else state
        if "done_on" in one.fields:
            old = one.fields["done_on"][0]
            done_on = date.fromisoformat(old) if old else None
        if (before := cell(state, done_on)) != after:
            found.append(Act(one.at, one.by, before))
    return found[::-1]
