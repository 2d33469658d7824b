"""The week for which a lead gives assurance, and what it must say. Pure."""

from __future__ import annotations

from datetime import date, timedelta


def week_of(day: date) -> date:
    """The Sunday that ends the week of ``day``."""
    return day + timedelta(days=6 - day.weekday())


def weeks(first: date, last: date, most: int) -> list[date]:
    """Sundays of the weeks from that of ``first`` to that of ``last``, the newest first, at most ``most``."""
    sunday = week_of(last)
    found: list[date] = []
    while sunday >= week_of(first) and len(found) < most:
        found.append(sunday)
        sunday -= timedelta(days=7)
    return found


def refused(sound: bool | None, note: str) -> list[tuple[str, str]]:
    """[(field, words)] of what the assurance still wants."""
    if sound is None:
        return [("sound", "Say whether communications and transfers are in order.")]
    if not sound and not note.strip():
        return [("note", "Write what is not in order, and what is done about it.")]
    return []
