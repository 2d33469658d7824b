"""The TUPE timeline of one staff transfer (domain 5.9). Pure: dates in, rows out.

X is the staff transfer date. All offsets are calendar days before X and (dc) but the law's own:
employee liability information (ELI) 28 days, 14 in Northern Ireland.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from mobilisation.moments import Colour, Moments

ELI_DAYS = {"england-and-wales": 28, "scotland": 28, "northern-ireland": 14}
AMBER_BEFORE = timedelta(days=7)
DIRECT_BELOW_STAFF = 50
DIRECT_BELOW_TRANSFERRING = 10


@dataclass(frozen=True)
class Stage:
    """One row of the timeline. ``days_before`` X; ``field`` holds the day it was done."""

    field: str
    title: str
    who: str
    days_before: int
    basis: str


STAGES: tuple[Stage, ...] = (
    Stage("asked_on", "Asked whether TUPE applies; legal advice; headcount of assigned staff", "CL, LEG, XP", 63, ""),
    Stage("route_chosen_on", "Consultation route chosen", "XP, IP", 56, "regs 13, 13A"),
    Stage("measures_received_on", "Measures letter received from the incoming employer", "IP", 35, "reg 13(4)"),
    Stage("information_given_on", "Written information given to representatives", "XP and IP", 30, "reg 13"),
    Stage("eli_received_on", "Employee liability information received", "XP", 28, "reg 11(6)"),
    Stage("consultation_closed_on", "Consultation and introductory contact completed", "XP, IP", 0, "reg 13"),
    Stage("employment_moved_on", "Employment moved on existing terms", "IP", 0, "reg 4"),
)


@dataclass(frozen=True)
class StageState:
    """A stage with its due date, the day it was done and its turning moments."""

    stage: Stage
    due: date
    done_on: date | None
    moments: Moments
    late_days: int = 0


def eli_due(x: date, division: str) -> date:
    """Last day on which the law is met; a calendar date, weekends count."""
    return x - timedelta(days=ELI_DAYS[division])


def timeline(x: date, division: str, done: Mapping[str, date | None], *, special_circumstances: bool = False) -> list[StageState]:
    """All rows for transfer on ``x``; ``done`` maps a stage's field to the day it was done.

    With ``special_circumstances`` (emergency) late ELI is Amber and flagged: as soon as practicable.
    """
    rows = []
    for stage in STAGES:
        days = ELI_DAYS[division] if stage.field == "eli_received_on" else stage.days_before
        due, done_on = x - timedelta(days=days), done.get(stage.field)
        late = max(0, (done_on - due).days) if done_on else 0
        rows.append(StageState(stage, due, done_on, _moments(stage, due, done_on, late, special_circumstances), late))
    return rows


def _moments(stage: Stage, due: date, done_on: date | None, late: int, special: bool) -> Moments:
    eli = stage.field == "eli_received_on"
    if done_on is not None:
        if eli and late:
            words = f"ELI received {late} day{'s' if late != 1 else ''} late"
            if special:
                return Moments(amber_from=done_on, amber_reason=f"{words}: special circumstances")
            return Moments(red_from=done_on, red_reason=words)
        return Moments(blue=True)
    after = due + timedelta(days=1)
    amber_from, amber_reason = due - AMBER_BEFORE, f"{stage.title}: due {due.day} {due:%b %Y} and open"
    if eli and not special:
        return Moments(red_from=after, red_reason=f"ELI not received by {due.day} {due:%b %Y}", amber_from=amber_from, amber_reason=amber_reason)
    if eli:
        return Moments(amber_from=amber_from, amber_reason=f"{amber_reason}; special circumstances, as soon as practicable")
    if stage.field == "consultation_closed_on":
        return Moments(red_from=after, red_reason="The transfer date passed with consultation open", amber_from=amber_from, amber_reason=amber_reason)
    return Moments(amber_from=amber_from, amber_reason=amber_reason)


OPENS = "The lead commissioning manager or the workforce lead opens it under Staff"
"""Who puts it right; said after the reason of :func:`unopened`."""


def watched(transferor: int | None, transferee: int | None, pairs: Collection[tuple[int, int | None]]) -> bool:
    """Whether one of ``pairs``, (transferor, transferee) of the TUPE records, holds the dates of who goes from ``transferor`` to
    ``transferee``. A record without a transferee is for all of them; None is an employer who is not stated."""
    leaving = [taker for giver, taker in pairs if transferor in (None, giver)]
    return bool(leaving) and (transferee is None or None in leaving or transferee in leaving)


def unopened(x: date | None, division: str, as_of: date) -> tuple[Colour, str]:
    """Colour and reason of staff who are listed without a TUPE record: those of a timeline on which nothing is done. Grey before it
    begins, and never Green: nobody watches the dates. ``x`` None: it is not known when they transfer."""
    if x is None:
        return Colour.AMBER, "Staff are listed without a TUPE record or a transfer date (X)"
    rows = timeline(x, division, {})
    worst = max((row.moments.at(as_of)[0] for row in rows), key=lambda colour: colour.badness)
    first = min(row.due for row in rows)
    if worst is Colour.RED:
        by = eli_due(x, division)
        return worst, f"Staff are listed without a TUPE record; ELI was due by {by.day} {by:%b %Y}"
    return (worst if worst is Colour.AMBER else Colour.GREY), f"Staff are listed without a TUPE record; its first date is {first.day} {first:%b %Y}"


def direct_consultation_refused(*, has_representatives: bool, employer_staff: int, transferring: int) -> str:
    """Why the employer may not consult staff directly, or "" when it may (transfers from 1 July 2024)."""
    if has_representatives:
        return "There are representatives already: consult them."
    if employer_staff >= DIRECT_BELOW_STAFF and transferring >= DIRECT_BELOW_TRANSFERRING:
        return f"Direct consultation needs fewer than {DIRECT_BELOW_STAFF} staff or fewer than {DIRECT_BELOW_TRANSFERRING} transferring; here {employer_staff} and {transferring}. Have representatives elected."
    return ""
