"""Where the bars of the timeline stand: plain numbers for ``templates/workstreams/gantt.html``. Lengths are SVG user units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mobilisation.components import PROGRESS, short_date

FILL = {"B": "#2360b0", "G": "#14753a", "A": "#f0a81a", "R": "#b01c14", "N": "#768692"}
LABEL, WIDTH, ROW, TOP = 330, 1180, 22, 34


@dataclass(frozen=True)
class Task:
    """A dated step. ``finish`` is its forecast, else its baseline."""

    code: str
    title: str
    group: str
    start: date | None
    finish: date
    baseline: date | None
    colour: str
    milestone: bool


@dataclass(frozen=True)
class Bar:
    y: int
    text: str
    x: float
    width: float
    baseline_x: float | None
    fill: str
    letter: str
    milestone: bool
    said: str


@dataclass(frozen=True)
class Drawing:
    """``months``: (x, label); ``groups``: (y, name); ``today_x``: None when it is off the page."""

    width: int
    height: int
    label: int
    bars: tuple[Bar, ...]
    groups: tuple[tuple[int, str], ...]
    months: tuple[tuple[float, str], ...]
    today_x: float | None


def draw(tasks: Sequence[Task], today: date) -> Drawing | None:
    """None when nothing has a date."""
    if not tasks:
        return None
    first = min(min(task.start or task.finish, task.finish, task.baseline or task.finish) for task in tasks).replace(day=1)
    last = max(max(task.finish, task.baseline or task.finish) for task in tasks) + timedelta(days=14)
    days = max((last - first).days, 1)

    def x(day: date) -> float:
        return round(LABEL + (WIDTH - LABEL - 20) * (day - first).days / days, 1)

    bars: list[Bar] = []
    groups: list[tuple[int, str]] = []
    y, group = TOP, ""
    for task in tasks:
        if task.group != group:
            group = task.group
            groups.append((y + 15, group))
            y += ROW
        start = min(task.start or task.finish, task.finish)
        moved = task.baseline is not None and task.baseline != task.finish
        said = f"{task.code} {task.title}: {short_date(start)} to {short_date(task.finish)}, {PROGRESS[task.colour][1].lower()}" + (f", baseline {short_date(task.baseline)}" if moved and task.baseline else "")
        text = f"{task.code} {task.title}"
        bars.append(
            Bar(
                y, text if len(text) <= 48 else f"{text[:47]}…", x(start), max(x(task.finish) - x(start), 3), x(task.baseline) if moved and task.baseline else None, FILL[task.colour],
                task.colour, task.milestone, said,
            )
        )
        y += ROW
    months: list[tuple[float, str]] = []
    day = first
    step = 1 if days < 400 else 3
    while day <= last:
        months.append((x(day), f"{day:%b %Y}" if step > 1 or day.month == 1 or day == first else f"{day:%b}"))
        day = date(day.year + (day.month - 1 + step) // 12, (day.month - 1 + step) % 12 + 1, 1)
    return Drawing(WIDTH, y + 8, LABEL, tuple(bars), tuple(groups), tuple(months), x(today) if first <= today <= last else None)
