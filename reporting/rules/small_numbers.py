"""Counts of people outside the board edition: 1–7 hidden, and what would give them away (domain 8).

A hidden count is ``*``. Nought is shown. ``public`` also rounds what is left to the nearest 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

HIDDEN = "*"
Count = int | str
"""A number, or ``*``."""
LIMIT = 7


def hide(value: Count, *, limit: int = LIMIT, round_to: int = 1) -> Count:
    """One count that stands alone."""
    if isinstance(value, str):
        return value
    if 1 <= value <= limit:
        return HIDDEN
    return rounded(value, round_to)


def rounded(value: int, to: int) -> int:
    """Nearest ``to``, halves upwards."""
    return value if to <= 1 else (value + to // 2) // to * to


def row(parts: Sequence[Count], total: Count | None, *, limit: int = LIMIT, round_to: int = 1) -> tuple[list[Count], Count | None]:
    """Parts that add up to ``total``: when exactly one is hidden, the next smallest is hidden too.

    Of several equally small the first goes. A nought that must be hidden is hidden: only then is nothing else left.
    """
    hidden = {i for i, part in enumerate(parts) if part == HIDDEN or (isinstance(part, int) and 1 <= part <= limit)}
    total_hidden = total is not None and (total == HIDDEN or (isinstance(total, int) and 1 <= total <= limit))
    if total is not None and not total_hidden and len(hidden) == 1:
        left = [(part, i) for i, part in enumerate(parts) if i not in hidden and isinstance(part, int)]
        above = [pair for pair in left if pair[0] > 0]
        if left:
            hidden.add(min(above or left)[1])
    shown: list[Count] = [HIDDEN if i in hidden else hide(part, limit=0, round_to=round_to) for i, part in enumerate(parts)]
    return shown, None if total is None else hide(total, limit=limit, round_to=round_to)


def against(part: Count, total: Count, *, limit: int = LIMIT, round_to: int = 1) -> Count:
    """A part whose rest can be worked out from the total: hidden when either is small."""
    if isinstance(part, str) or isinstance(total, str):
        return hide(part, limit=limit, round_to=round_to)
    return row([part, total - part], total, limit=limit, round_to=round_to)[0][0]


def named(parts: Mapping[str, Count], total: Count | None, *, limit: int = LIMIT, round_to: int = 1) -> tuple[dict[str, Count], Count | None]:
    """``row`` over names."""
    shown, whole = row(list(parts.values()), total, limit=limit, round_to=round_to)
    return dict(zip(parts, shown, strict=True)), whole


def table(rows: Sequence[Sequence[Count]], *, limit: int = LIMIT, round_to: int = 1) -> list[list[Count]]:
    """A table of parts whose row and column totals are known elsewhere: no line and no column keeps a single hidden cell.

    Nought is hidden only where a line or column has nothing else left to hide.
    """
    grid: list[list[Count]] = [list(line) for line in rows]
    hidden = {(i, j) for i, line in enumerate(grid) for j, part in enumerate(line) if part == HIDDEN or (isinstance(part, int) and 1 <= part <= limit)}
    lines = [[(i, j) for j in range(len(line))] for i, line in enumerate(grid)]
    width = max((len(line) for line in grid), default=0)
    lines += [[(i, j) for i in range(len(grid)) if j < len(grid[i])] for j in range(width)]
    moved = True
    while moved:
        moved = False
        for cells in lines:
            inside = [cell for cell in cells if cell in hidden]
            if len(inside) != 1:
                continue
            left = [(grid[i][j], (i, j)) for i, j in cells if (i, j) not in hidden and isinstance(grid[i][j], int)]
            above = [pair for pair in left if isinstance(pair[0], int) and pair[0] > 0]
            if left:
                hidden.add(min(above or left)[1])
                moved = True
    return [[HIDDEN if (i, j) in hidden else hide(part, limit=0, round_to=round_to) for j, part in enumerate(line)] for i, line in enumerate(grid)]


def percentage(part: Count, whole: Count) -> int | None:
    """Whole per cent of what is shown; None where either is hidden or there is nothing."""
    if isinstance(part, str) or isinstance(whole, str) or not whole:
        return None
    return round(100 * part / whole)
