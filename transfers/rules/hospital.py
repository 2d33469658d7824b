"""A stay in hospital: when those around the person are told, and how long their slot is held (domain 5.5). Pure."""

from __future__ import annotations

from datetime import date, timedelta

ALERT_C = 2
"""Calendar days before the expected discharge on which the team and both providers are told."""


def alert_due(expected_discharge: date | None, told_for: date | None, as_of: date) -> bool:
    """Whether somebody is expected home so soon that it is said now; once for each expected day."""
    return expected_discharge is not None and expected_discharge != told_for and expected_discharge <= as_of + timedelta(days=ALERT_C)


def slot_until(held_from: date, renewed_on: date | None, days: int) -> date:
    """Last day on which the reserved slot is held: ``days`` calendar days from the admission, or from when it was renewed."""
    return (renewed_on or held_from) + timedelta(days=days)


def restart_refused(restart_on: date | None, discharged_on: date) -> str:
    """Why care may not start again that day, or ""."""
    if restart_on and restart_on < discharged_on:
        return f"Care would restart before the discharge on {discharged_on.day} {discharged_on:%b %Y}. Enter that day or a later one."
    return ""
