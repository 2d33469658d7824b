"""How reference numbers are compared. Pure."""

from __future__ import annotations


def number_key(number: str) -> str:
    """``012345`` and ``12345``, ``MOS1`` and ``mos 1`` are one: spreadsheet programs take noughts away, people write as they like."""
    plain = "".join(number.split()).casefold()
    return plain.lstrip("0") or plain
