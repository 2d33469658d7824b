"""Delimited text with the delimiters people's programs write."""

from __future__ import annotations

import csv
import io

from mobilisation.errors import Refused
from mobilisation.workbooks.limits import Limits

_END = "\x1e end of the file \x1e"
"""Put after the last line: when it comes back inside a cell, a quotation mark before it was never closed."""
DELIMITERS = (",", ";", "\t", "|")


def rows(text: str, name: str, limits: Limits) -> list[tuple[int, list[str]]]:
    """[(line number as an editor shows it, cells)]. A quoted cell may span lines; the number is that of its first line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text:
        raise Refused(f"{name} holds characters that no text has (U+0000). It is damaged, or not a CSV file: save it again as “CSV UTF-8”.")
    csv.field_size_limit(max(limits.cell * 4, 131072))
    delimiter = _delimiter(text)
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(f"{text}\n{_END}\n", newline="\n"), delimiter=delimiter, strict=False)
    line = 1
    try:
        for cells in reader:
            if cells and cells[-1].rstrip("\n").endswith(_END):
                if cells != [_END]:
                    raise Refused(f"{name}, row {line}: a quotation mark is opened and never closed, so the rows after it cannot be told apart. Close it, or take it out.")
                break
            if any(cells):
                if len(cells) > limits.columns:
                    while cells and not cells[-1].strip():
                        cells.pop()
                if len(cells) > limits.columns:
                    raise Refused(f"{name}, row {line}: it has {len(cells):,} columns; at most {limits.columns} are allowed.")
                for cell in cells:
                    if len(cell) > limits.cell:
                        raise Refused(f"{name}, row {line}: a cell has {len(cell):,} characters; at most {limits.cell:,} are allowed. Look for a quotation mark that is not closed.")
                found.append((line, cells))
                if len(found) > limits.rows + 1:
                    raise Refused(f"{name} has more than {limits.rows:,} rows. Split the file.")
            line = reader.line_num + 1
    except csv.Error as error:
        raise Refused(f"{name}, row {line}: it cannot be read as CSV ({error}). Look for a quotation mark that is not closed.") from None
    _refuse_swallowed(found, delimiter, name)
    return found


def _refuse_swallowed(found: list[tuple[int, list[str]]], delimiter: str, name: str) -> None:
    """Two marks that do not belong together make one cell of whole rows: its lines are as full of delimiters as rows are."""
    widths = sorted(len(cells) for _, cells in found)
    width = widths[len(widths) // 2] if widths else 0
    if width < 3:
        return
    for line, cells in found:
        for cell in cells:
            if "\n" in cell and any(part.count(delimiter) >= width - 2 for part in cell.split("\n")[1:]):
                raise Refused(f"{name}, row {line}: one cell holds lines that look like rows of their own. Look for a quotation mark that is not closed in its row.")


def _delimiter(text: str) -> str:
    """The one that cuts the first lines into most, and evenly many, cells. A line ``sep=;`` says it itself."""
    first = text.lstrip().split("\n", 1)[0]
    if first.lower().startswith("sep=") and len(first) >= 5:
        return first[4]
    sample = [line for line in text.split("\n", 80)[:80] if line.strip()]
    best, most = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            widths = sorted(len(row) for row in csv.reader(sample, delimiter=delimiter) if row)
        except csv.Error:  # a cell beyond every limit, cut by this one: told with its row when all is read
            continue
        middle = widths[len(widths) // 2] if widths else 0
        if middle > 1:
            score = middle * sum(1 for width in widths if width == middle) / len(widths)
            if score > most:
                best, most = delimiter, score
    return best
