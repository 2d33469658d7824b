"""Somebody who died, withdrew or moved away: what is closed to a change, in words. Pure."""

from __future__ import annotations


def refused(ended: str) -> str:
    """Why nothing on the way to a transfer changes any more, or "". ``ended``: the ending in words, "" where there is none."""
    return f"This person is recorded as {ended.lower()}. Take the ending back first, if it is wrong." if ended else ""
