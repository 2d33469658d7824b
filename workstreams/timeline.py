"""Where the bars of the timeline stand: plain numbers for ``templates/workstreams/gantt.html``. Lengths are SVG user units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mobilisation.components import PROGRESS, short_date, shortened

FILL = {"B": "#2360b0", "G": "#14753a", "A": "#f0a81a", "R": "#b01c14", "N": "#768692"}
TOP, EDGE = 34, 20


@dataclass(frozen=True)
class Sheet:
    """How a drawing is laid out: its width, where the days begin, the height of a row, how many characters a name may have and
    how far below the top of its row a bar lies: beside its name when 0."""

    width: int
    label: int
    row: int
    text_x: int
    characters: int
    bar_dy: int = 0


WIDE = Sheet(1180, 330, 22, 16, 48)
NARROW = Sheet(320, 12, 40, 6, 46, 16)
"""For a phone: each name above its bar, so that names and bars are seen together."""
MONTH = 58
"""The least room a month's label needs."""


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
    """``months``: (x, label), the label empty where it would not fit; ``groups``: (y, name); ``today_x``: None when it is off the page."""

    sheet: Sheet
    height: int
    bars: tuple[Bar, ...]
    groups: tuple[tuple[int, str], ...]
    months: tuple[tuple[float, str], ...]
    today_x: float | None


def draw(tasks: Sequence[Task], today: date, sheet: Sheet = WIDE) -> Drawing | None:
    """None when nothing has a date."""
    if not tasks:
        return None
    first = min(min(task.start or task.finish, task.finish, task.baseline or task.finish) for task in tasks).replace(day=1)
    last = max(max(task.finish, task.baseline or task.finish) for task in tasks) + timedelta(days=14)
    days = max((last - first).days, 1)
    across = sheet.width - sheet.label - EDGE

    def x(day: date) -> float:
        return round(sheet.label + across * (day - first).days / days, 1)

    bars: list[Bar] = []
    groups: list[tuple[int, str]] = []
    y, group = TOP, ""
    for task in tasks:
        if task.group != group:
            group = task.group
            groups.append((y + 15, group))
            y += WIDE.row
        start = min(task.start or task.finish, task.finish)
        moved = task.baseline is not None and task.baseline != task.finish
        said = f"{task.code} {task.title}: {short_date(start)} to {short_date(task.finish)}, {PROGRESS[task.colour][1].lower()}" + (f", baseline {short_date(task.baseline)}" if moved and task.baseline else "")
        text = f"{task.code} {task.title}"
        bars.append(
            Bar(
                y, shortened(text, sheet.characters), x(start), max(x(task.finish) - x(start), 3), x(task.baseline) if moved and task.baseline else None, FILL[task.colour],
                task.colour, task.milestone, said,
            )
        )
        y += sheet.row
    months: list[tuple[float, str]] = []
    day = first
    step = next((months_apart for months_apart in (1, 2, 3, 6, 12, 24, 60) if across / days * 30 * months_apart >= MONTH), 120)
    while day <= last:
        label = f"{day:%b %Y}" if step > 1 or day.month == 1 or day == first else f"{day:%b}"
        months.append((x(day), label if x(day) <= sheet.width - MONTH + 8 else ""))
        day = date(day.year + (day.month - 1 + step) // 12, (day.month - 1 + step) % 12 + 1, 1)
    return Drawing(sheet, y + 8, tuple(bars), tuple(groups), tuple(months), x(today) if first <= today <= last else None)
