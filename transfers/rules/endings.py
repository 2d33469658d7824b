"""Somebody who died, withdrew or moved away: what is closed to a change, in words. Pure."""

from __future__ import annotations

ON_THE_WAY = frozenset({
    "wave", "zone", "priority", "hospital_asked_on", "communication_format", "language", "weekly_hours", "visits_per_day", "visit_times", "same_worker",
})
"""Fields that only say how somebody moves; what closes their affairs (calls, monies, orders, notes, the next action) may still be written."""
CLOSED = ON_THE_WAY | {"planned_transfer_date"}
"""With the transfer date, which has a rule of its own (:mod:`transfers.rules.transfer_day`)."""


def refused(ended: str) -> str:
    """Why nothing on the way to a transfer changes any more, or "". ``ended``: the ending in words, "" where there is none."""
    return f"This person is recorded as {ended.lower()}. Take the ending back first, if it is wrong." if ended else ""
