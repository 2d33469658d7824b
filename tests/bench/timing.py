"""Ours and the floor in turns, so that whatever else the machine does falls on both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class NotMeasured(Exception):
    """The job cannot be measured here; the text says why."""


@dataclass(frozen=True)
class Result:
    """Seconds of ours and of the floor; ``goal`` is the most their ratio should be."""

    job: str
    ours: float
    floor: float
    goal: float
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.floor


def clock(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def p95(values: list[float]) -> float:
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]


def in_turns(ours: Callable[[], Any], floor: Callable[[], Any], *, count: int, rounds: int = 3, measure: Callable[[list[float]], float] = p95) -> tuple[float, float]:
    """(ours, floor): the median over ``rounds`` of ``measure`` over ``count`` calls each. Both are warmed first."""
    for warm in (ours, floor) * 3:
        warm()
    mine, least = [], []
    for _ in range(rounds):
        pairs = [(clock(ours), clock(floor)) for _ in range(count)]
        mine.append(measure([pair[0] for pair in pairs]))
        least.append(measure([pair[1] for pair in pairs]))
    return statistics.median(mine), statistics.median(least)


def line(result: Result) -> str:
    verdict = "within the goal" if result.ratio <= result.goal else "over the goal"
    return f"{result.job:<44} floor {shown(result.floor):>9}   ours {shown(result.ours):>9}   ratio {result.ratio:5.2f}   goal {result.goal:5.2f}   {verdict}" + (f"   {result.note}" if result.note else "")


def shown(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"
