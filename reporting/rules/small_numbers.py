"""Counts of people outside the board edition: 1–7 hidden, and what would give them away (domain 8).

A hidden count is ``*``. Nought is shown. ``public`` also rounds what is left to the nearest 5; counts that nest in one
another (who is ready, has moved, was visited) are rounded in every edition that hides, so that no difference of
neighbours says a small number exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

HIDDEN = "*"
Count = int | str
"""A number, or ``*``."""
LIMIT = 7
NESTED = 5
"""To what counts that nest in one another are rounded."""


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
    Two ones, or two sevens, would follow from their sum: then the next smallest goes too.
    """
    hidden = {i for i, part in enumerate(parts) if part == HIDDEN or (isinstance(part, int) and 1 <= part <= limit)}
    total_hidden = total is not None and (total == HIDDEN or (isinstance(total, int) and 1 <= total <= limit))
    if total is not None and not total_hidden and len(hidden) == 1:
        _hide_next(parts, hidden)
    if isinstance(total, int) and not total_hidden and not any(isinstance(part, str) for part in parts):
        whole = between(rounded(total, round_to), limit, round_to)
        while _follows(parts, hidden, whole, limit, round_to) and _hide_next(parts, hidden):
            continue
    shown: list[Count] = [HIDDEN if i in hidden else hide(part, limit=0, round_to=round_to) for i, part in enumerate(parts)]
    return shown, None if total is None else hide(total, limit=limit, round_to=round_to)


def _hide_next(parts: Sequence[Count], hidden: set[int]) -> bool:
    """The next smallest part joins ``hidden``; false where nothing is left."""
    left = [(part, i) for i, part in enumerate(parts) if i not in hidden and isinstance(part, int)]
    if left:
        hidden.add(min([pair for pair in left if pair[0] > 0] or left)[1])
    return bool(left)


def between(shown: Count, limit: int = LIMIT, round_to: int = 1, most: int = 10**9) -> tuple[int, int]:
    """What a reader knows of a count: least and most it can be."""
    if isinstance(shown, str):
        return 1, most
    slack = round_to // 2
    return (0, 0) if shown == 0 else (max(limit + 1, shown - slack), shown + slack)


def _hidden_between(parts: Sequence[Count], hidden: set[int], limit: int, round_to: int) -> tuple[int, int]:
    """What a reader knows of each hidden part before adding up: only the smallest go, and a nought only where no more is left."""
    seen = [between(rounded(part, round_to), limit, round_to)[1] for i, part in enumerate(parts) if i not in hidden and isinstance(part, int) and part > 0]
    return (1, max(limit, min(seen))) if seen else (0, 10**9)


def _follows(parts: Sequence[Count], hidden: set[int], whole: tuple[int, int], limit: int, round_to: int) -> bool:
    """Whether a hidden small part follows from ``whole`` and what is shown."""
    if not any(isinstance(parts[i], int) and 1 <= int(parts[i]) <= limit for i in hidden):
        return False
    least, most = _hidden_between(parts, hidden, limit, round_to)
    known = [between(rounded(part, round_to), limit, round_to) for i, part in enumerate(parts) if i not in hidden and isinstance(part, int)]
    others = len(hidden) - 1
    low = max(least, whole[0] - sum(high for _, high in known) - others * most)
    high = min(limit, whole[1] - sum(low for low, _ in known) - others * least)
    return low >= high


def crossed(columns: Mapping[str, Sequence[int]], totals: Mapping[str, tuple[int, int]], nested: Sequence[tuple[str, str]], *, limit: int = LIMIT, round_to: int = NESTED) -> dict[str, list[Count]]:
    """A table of groups against counts that nest: 1–7 and their complement hidden in each column, the rest rounded.

    ``totals``: what a reader knows of each column's sum; ``nested``: (smaller, larger) columns, within every group. Where a
    hidden number could still be worked out from sums and neighbours, the next smallest of its column is hidden as well.
    """
    hidden = _hidden_cells(tuple((code, tuple(column)) for code, column in columns.items()), tuple(totals.items()), tuple(nested), limit, round_to)
    return {code: [HIDDEN if i in hidden[code] else rounded(part, round_to) for i, part in enumerate(column)] for code, column in columns.items()}


@lru_cache(maxsize=256)
def _hidden_cells(
    given: tuple[tuple[str, tuple[int, ...]], ...], sums: tuple[tuple[str, tuple[int, int]], ...], nested: tuple[tuple[str, str], ...], limit: int, round_to: int,
) -> dict[str, set[int]]:
    """Which cells of ``crossed`` are hidden. Kept: a dashboard is read many times between two changes."""
    columns, totals = dict(given), dict(sums)
    hidden = {code: {i for i, part in enumerate(column) if 1 <= part <= limit} for code, column in columns.items()}
    for code, column in columns.items():
        if len(hidden[code]) == 1:
            _hide_next(column, hidden[code])
        # Where the sum is known exactly, two hidden cells still follow from it together with their neighbours.
        if len(hidden[code]) == 2 and totals[code][0] == totals[code][1]:
            _hide_next(column, hidden[code])
    while True:
        told = _worked_out(columns, hidden, totals, nested, limit, round_to)
        if not any([_hide_next(columns[code], hidden[code]) for code in told]):
            break
    return hidden


def _worked_out(
    columns: Mapping[str, Sequence[int]], hidden: Mapping[str, set[int]], totals: Mapping[str, tuple[int, int]], nested: Sequence[tuple[str, str]], limit: int, round_to: int,
) -> list[str]:
    """Columns in which a hidden small number is left only one value: every other one is tried and fits nothing."""
    known: dict[tuple[str, int], tuple[int, int]] = {}
    for code, column in columns.items():
        blank = _hidden_between(column, hidden[code], limit, round_to)
        for i, part in enumerate(column):
            known[code, i] = blank if i in hidden[code] else between(rounded(part, round_to), limit, round_to)
    if not _fits(known, columns, totals, nested):
        return []

    def alone(code: str, i: int) -> bool:
        low, high = known[code, i]
        others = sorted((value for value in range(low, min(high, limit) + 1) if value != columns[code][i]), key=lambda value: abs(value - columns[code][i]))
        return not any(_fits(known | {(code, i): (value, value)}, columns, totals, nested) for value in others)

    return [code for code, column in columns.items() if any(1 <= column[i] <= limit and alone(code, i) for i in hidden[code])]


def _fits(known: dict[tuple[str, int], tuple[int, int]], columns: Mapping[str, Sequence[int]], totals: Mapping[str, tuple[int, int]], nested: Sequence[tuple[str, str]]) -> bool:
    """Narrow ``known`` by adding up columns and comparing neighbours until nothing moves; false where nothing fits."""
    before: dict[tuple[str, int], tuple[int, int]] = {}
    while before != known:
        before = dict(known)
        for code, column in columns.items():
            least, most = totals[code]
            low, high = sum(known[code, i][0] for i in range(len(column))), sum(known[code, i][1] for i in range(len(column)))
            for i in range(len(column)):
                own = known[code, i]
                known[code, i] = (max(own[0], least - (high - own[1])), min(own[1], most - (low - own[0])))
                low, high = low - own[0] + known[code, i][0], high - own[1] + known[code, i][1]
        for smaller, larger in nested:
            for i in range(len(columns[smaller])):
                small, large = known[smaller, i], known[larger, i]
                known[smaller, i], known[larger, i] = (small[0], min(small[1], large[1])), (max(large[0], small[0]), large[1])
        if any(low > high for low, high in known.values()):
            return False
    return True


def against(part: Count, total: Count, *, limit: int = LIMIT, round_to: int = 1) -> Count:
    """A part whose rest can be worked out from the total: hidden when either is small."""
    if isinstance(part, str) or isinstance(total, str):
        return hide(part, limit=limit, round_to=round_to)
    return row([part, total - part], total, limit=limit, round_to=round_to)[0][0]


def named(parts: Mapping[str, Count], total: Count | None, *, limit: int = LIMIT, round_to: int = 1) -> tuple[dict[str, Count], Count | None]:
    """``row`` over names."""
    shown, whole = row(list(parts.values()), total, limit=limit, round_to=round_to)
    return dict(zip(parts, shown, strict=True)), whole


def nested(part: Count, total: Count, *, limit: int = LIMIT, round_to: int = NESTED, shown_total: Count) -> Count:
    """A part of ``total`` that stands beside its neighbours: hidden as in ``against``, else rounded and never above the total shown."""
    found = against(part, total, limit=limit, round_to=round_to)
    return found if isinstance(found, str) or isinstance(shown_total, str) else min(found, shown_total)


def percentage(part: Count, whole: Count) -> int | None:
    """Whole per cent of what is shown; None where either is hidden or there is nothing."""
    if isinstance(part, str) or isinstance(whole, str) or not whole:
        return None
    return round(100 * part / whole)
