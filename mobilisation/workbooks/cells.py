"""What a cell may hold, and how a person sees it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Text that starts so would be run, or read as a number, by a spreadsheet program (domain 7.4)."""
ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA", "#SPILL!", "#CALC!"))
"""What a spreadsheet program shows in place of a value it could not work out."""


@dataclass(frozen=True)
class CellFault:
    """A cell without a usable value: an error, or a formula whose result was never stored."""

    shown: str
    problem: str


Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta | CellFault | None
"""``None`` and the empty string are an empty cell."""


def is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def shown(cell: Cell) -> str:
    """The cell as a person reads it in the file: ``14``, ``30/11/2026``, ``08:00``."""
    if type(cell) is str:
        return restored(cell).strip()
    if cell is None:
        return ""
    if isinstance(cell, CellFault):
        return cell.shown
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.10g}"
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/%Y}" if cell.time() == time() else f"{cell:%d/%m/%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    if isinstance(cell, timedelta):
        minutes = int(cell.total_seconds() // 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return restored(str(cell)).strip()


def _not_as_it_stands(text: str) -> bool:
    """A formula, or text that would be taken for a cell in error."""
    bare = text.lstrip("'")
    return bare.startswith(FORMULA_STARTS) or bare in ERRORS


def neutralised(text: str) -> str:
    """Text made harmless for a spreadsheet program; :func:`restored` is its exact inverse."""
    return "'" + text if _not_as_it_stands(text) else text


def restored(text: str) -> str:
    return text[1:] if text.startswith("'") and _not_as_it_stands(text) else text


def control_character(text: str) -> str:
    """The code point of the first character that cannot be stored, e.g. ``U+0000``; empty when there is none."""
    if text.isprintable():
        return ""
    for char in text:
        if char in "\n\t":
            continue
        if unicodedata.category(char) in {"Cc", "Cs"}:
            return f"U+{ord(char):04X}"
    return ""
