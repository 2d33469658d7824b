"""Who gets a letter, who is held back and why, and when nothing is sent (domain 5.15, 10.16). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from mobilisation.working_days import WorkingCalendar

NOON = time(12, 0)
STAFFED_W = 2
"""Working days after sending on which somebody answers the replies."""
INDIVIDUAL = "Cognitive impairment or learning disability: decide how to tell this person first"
TO_SEND, HELD, LEFT_OUT = "to_send", "held", "left_out"


@dataclass(frozen=True)
class Addressee:
    """What the rule asks of one person. ``may_be_told`` of the representative: True, False, or None where nobody asked.
    ``writes``: whether we write for this funding group, or ``lead`` does; ``ended``: the ending in words, where one is recorded."""

    to: str
    states: Mapping[str, str]
    impaired: bool = False
    representative: bool = False
    representative_first: bool = False
    may_be_told: bool | None = None
    address: str = ""
    lead: str = ""
    writes: bool = True
    ended: str = ""


def ended(word: str) -> str:
    return f"Recorded as {word.lower()}"


def place(one: Addressee, marks: str = "", decided: Collection[str] = ()) -> tuple[str, str]:
    """(state, reason): to_send, held (somebody decides or puts right first) or left_out. The first that holds, hardest first.
    ``decided``: reasons on which it was decided that the letter goes all the same; who may not be told is not decided over."""
    done = {"done", "waived", "not_applicable"}
    if one.ended:
        return LEFT_OUT, ended(one.ended)
    if marks and one.states.get(marks) in done:
        return LEFT_OUT, f"{marks} is settled already"
    if not one.writes:
        return LEFT_OUT, f"{one.lead or 'Another body'} leads for this funding and writes itself"
    if one.to == "representative":
        if not one.representative:
            return LEFT_OUT, "No representative is recorded"
        if one.may_be_told is False:
            return HELD, "The representative may not be told"
    found = [
        (one.to == "representative" and one.may_be_told is None, "Not known whether the representative may be told: ask the person"),
        (one.to != "representative" and one.impaired, INDIVIDUAL),
        (one.to != "representative" and one.representative and one.representative_first and one.states.get("C05") not in done, "The representative is told first: C05 is open"),
        (not one.address.strip(), "No address is recorded"),
    ]
    return next(((HELD, reason) for holds, reason in found if holds and reason not in decided), (TO_SEND, ""))


def day_refused(on: date, begun: date, as_of: date) -> str:
    """Why a result cannot be of ``on``, with what to do; "". Nothing became of a letter before its run was begun."""
    if on > as_of:
        return "The day is in the future. Enter the day it happened."
    if on < begun:
        return f"The day is before the letter run was begun. Enter the day it happened, {begun.day} {begun:%b %Y} or later."
    return ""


def window(at: datetime, calendar: WorkingCalendar, *, pre_election: str = "", approved: bool = False, emergency: bool = False) -> list[str]:
    """Why nothing is sent at ``at`` (local time): Friday after noon, a weekend, a bank holiday or the day before one, unless it
    is an emergency; in a pre-election period (``pre_election``: its name) communications approves first, emergency or not."""
    day, found = at.date(), []
    if not emergency:
        if day.weekday() >= 5:
            found.append("Nothing is sent at a weekend.")
        elif day in calendar.holidays:
            found.append("Nothing is sent on a bank holiday.")
        elif _before_holiday(day, calendar):
            found.append("Nothing is sent the day before a bank holiday.")
        elif day.weekday() == 4 and at.time() >= NOON:
            found.append("Nothing is sent on a Friday after 12:00.")
    if pre_election and not approved:
        found.append(f"{pre_election}: communications (CMS) approves it first.")
    return found


def _before_holiday(day: date, calendar: WorkingCalendar) -> bool:
    """A bank holiday tomorrow; before a holiday Monday the Friday is the last day on which anybody is there."""
    following = day + timedelta(days=1)
    while following.weekday() >= 5 and following not in calendar.holidays:
        following += timedelta(days=1)
    return following in calendar.holidays
