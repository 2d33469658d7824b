"""What the cells of a workbook of ours offer and refuse while somebody types, so that it comes back without faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mobilisation.workbooks.table import letter

INLINE = 255
"""Characters that a list may have where it stands in the rule itself; a longer one stands on a sheet of its own."""
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2100, 12, 31)


@dataclass(frozen=True)
class Cells:
    """The cells under one heading. ``options`` are offered in a list, and nothing else is taken unless ``others``; ``day``: a date,
    or one of ``words``; ``locked``: left as it is. ``hint`` is shown when a cell is entered."""

    options: tuple[str, ...] = ()
    others: bool = False
    day: bool = False
    words: tuple[str, ...] = ()
    locked: bool = False
    hint: str = ""


def add(book: Any, sheet: Any, headings: Sequence[str], cells: Mapping[str, Cells], first: int, last: int) -> None:
    """Put the rules on rows ``first`` to ``last`` (from 0) of ``sheet``; long lists go to a hidden sheet of ``book``."""
    lists: Any = None
    column = 0
    for at, title in enumerate(headings):
        of = cells.get(title)
        if of is None:
            continue
        source: Any = list(of.options)
        if of.options and len(",".join(of.options)) > INLINE:
            if lists is None:
                lists = book.add_worksheet("Lists")
                lists.hide()
            for row, option in enumerate(of.options):
                lists.write_string(row, column, option)
            source = f"=Lists!${letter(column)}$1:${letter(column)}${len(of.options)}"
            column += 1
        sheet.data_validation(first, at, last, at, _rule(of, source, f"{letter(at)}{first + 1}") | _hint(title, of))


def _rule(of: Cells, source: Any, cell: str) -> dict[str, Any]:
    if of.locked:
        return {"validate": "custom", "value": "=FALSE", "error_title": "Leave this as it is", "error_message": (of.hint or "It is not read when the workbook comes back.")[:255], "error_type": "warning"}
    if of.day and of.words:
        said = ",".join(f'{cell}="{word}"' for word in of.words)
        return {"validate": "custom", "value": f"=OR(ISNUMBER({cell}),{said})", "ignore_blank": True, "error_title": "Not a day", "error_message": f"Write a day as 31/12/2026, or {' or '.join(of.words)}."}
    if of.day:
        return {"validate": "date", "criteria": "between", "minimum": FIRST_DAY, "maximum": LAST_DAY, "ignore_blank": True, "error_title": "Not a day", "error_message": "Write a day as 31/12/2026."}
    if of.options:
        return {
            "validate": "list", "source": source, "ignore_blank": True, "error_type": "information" if of.others else "stop", "error_title": "Not in the list",
            "error_message": "Choose one of the list, or leave the cell empty." if not of.others else "It is not in the list yet. It is taken all the same.",
        }
    return {"validate": "any"}


def _hint(title: str, of: Cells) -> dict[str, Any]:
    return {"input_title": title[:32], "input_message": of.hint[:255]} if of.hint else {}
