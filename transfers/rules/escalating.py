"""People whom the ladder of escalation concerns (domain 5.13): which facts raise a step, and what ends it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

NO_FIRST_VISIT = "no_first_visit"
HARM = "missed_visit_with_harm"
SAFETY_OVERDUE = "safety_check_overdue"
WORDS = {
    NO_FIRST_VISIT: "Past the transfer date without a first visit",
    HARM: "A missed visit did harm",
    SAFETY_OVERDUE: "The safety check after the move is overdue",
}
"""{trigger: what is said of it}; no sentence names anybody."""
STANDING = (NO_FIRST_VISIT, SAFETY_OVERDUE)
"""Triggers that stand as long as a fact does. Harm was done once: somebody says how it was resolved."""
K = TypeVar("K")


def to_do(found: Collection[K], raised: Collection[K]) -> tuple[list[K], list[K]]:
    """(to raise, to settle) of (person, trigger): what stands now against what was raised and is not settled. Once each, however often."""
    return [one for one in found if one not in raised], [one for one in raised if one not in found]


@dataclass(frozen=True)
class Stands:
    """How somebody stands of whom a fact no longer holds. ``done``: C15 for the first visit, C16 for the safety check."""

    ending: str = ""
    done: bool = False
    in_hospital: bool = False
    on_hold: bool = False
    day: date | None = None


def settled_because(trigger: str, stands: Stands, since: date) -> str:
    """Why the step is settled, in one sentence. ``since``: the day that had gone by when it was raised."""
    if stands.ending:
        return f"The person has left the list: {stands.ending[:1].lower()}{stands.ending[1:]}."
    if stands.done:
        return "The first visit is recorded." if trigger == NO_FIRST_VISIT else "The safety check is recorded."
    if stands.in_hospital:
        return "The person is in hospital."
    if stands.on_hold:
        return "The person is on hold."
    what = "transfer date" if trigger == NO_FIRST_VISIT else "day of the safety check"
    if stands.day is None:
        return f"There is no {what} any more."
    if stands.day != since:
        return f"The {what} is now {stands.day.day} {stands.day:%b %Y}."
    return "It is no longer so." if trigger == NO_FIRST_VISIT else "The first visit is no longer recorded."
