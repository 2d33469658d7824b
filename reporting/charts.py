"""Where things stand in a drawing: scales, ticks and boxes as plain numbers. Templates in ``reporting/charts/`` draw them.

Lengths are SVG user units. Colours come as attributes so that page and paper show the same; every colour has its letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import wrap

from mobilisation.components import PROGRESS, short_date
from reporting.position.values import BurnPoint, Position, Risks, Week
from risks import rules

FILL = {"B": ("#2360b0", "#ffffff"), "G": ("#14753a", "#ffffff"), "A": ("#f0a81a", "#2b1c00"), "R": ("#b01c14", "#ffffff"), "N": ("#dfe4e9", "#3d4853")}
"""Letter → (fill, ink)."""
TINTS = {rules.Band.EXTREME: "#f4c7c3", rules.Band.HIGH: "#fbdca0", rules.Band.MODERATE: "#fdf3c4", rules.Band.LOW: "#d5ecdc"}
LINE = 26
"""Characters beside the tiles of the strip."""
WORDS = {letter: word for letter, (_, word) in PROGRESS.items()}


@dataclass(frozen=True)
class Tile:
    x: int
    y: int
    letter: str
    fill: str
    ink: str
    said: str


@dataclass(frozen=True)
class StripRow:
    """``lines``: the name as it is drawn, in one line or two."""

    name: str
    lines: tuple[str, ...]
    y: int
    tiles: tuple[Tile, ...]
    word: str


@dataclass(frozen=True)
class Strip:
    """Weeks across, subjects down. ``columns``: (x of the middle, label)."""

    width: int
    height: int
    rows: tuple[StripRow, ...]
    columns: tuple[tuple[int, str], ...]
    tile: int
    label_width: int
    title: str
    summary: str


def strip(position: Position, what: str = "workstreams") -> Strip:
    """Six frozen weeks and now; a week without a snapshot has a dash, never the colour of another week."""
    weeks: list[Week | None] = [None] * (6 - len(position.history)) + list(position.history)
    if what == "workstreams":
        now = {w.slug: (w.name, w.rag.shown) for w in position.plan.workstreams}
    else:
        now = {"": ("Programme", position.overall.shown), **{d.code: (d.title, d.rag.shown) for d in position.dimensions}}
    tile, gap, label_width, top = 26, 4, 176, 24
    columns = [week.week_ending for week in weeks if week]
    labels = [f"{w.week_ending.day} {w.week_ending:%b}" if w else "–" for w in weeks] + ["Now"]
    width = tile + 18
    rows = []
    for number, (code, (name, colour)) in enumerate(now.items()):
        y = top + number * (tile + gap)
        letters = [(_of(week, what, code) if week else "") for week in weeks] + [colour]
        rows.append(
            StripRow(
                name, _lines(name), y, tuple(
                    Tile(label_width + i * width + (width - tile) // 2 + (8 if i == 6 else 0), y, letter, *FILL.get(letter, ("none", "#5a6774")), said=f"{labels[i]}: {WORDS.get(letter, 'no snapshot')}")
                    for i, letter in enumerate(letters)
                ), WORDS.get(colour, ""),
            )
        )
    subject = "workstream" if what == "workstreams" else "dimension"
    return Strip(
        label_width + 7 * width + 12, top + len(rows) * (tile + gap), tuple(rows), tuple((label_width + i * width + width // 2 + (8 if i == 6 else 0), label) for i, label in enumerate(labels)),
        tile, label_width, f"Progress by {subject} over the last {len(columns)} frozen weeks and now" if columns else f"Progress by {subject} now",
        "; ".join(f"{row.name}: {', '.join(t.letter or 'none' for t in row.tiles)}" for row in rows),
    )


def _lines(name: str) -> tuple[str, ...]:
    """A name that is too long for one line beside the tiles stands in two."""
    return (name,) if len(name) <= LINE else tuple(wrap(name, LINE, max_lines=2, placeholder="…"))


def _of(week: Week, what: str, code: str) -> str:
    if what == "workstreams":
        return week.workstreams.get(code, "")
    return week.dimensions.get(code, "") if code else week.overall


@dataclass(frozen=True)
class BurnUp:
    """Two lines in a box; ``planned``/``actual`` are SVG point lists; the end of each is labelled."""

    width: int
    height: int
    left: int
    bottom: int
    right: int
    planned: str
    actual: str
    area: str
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, int], ...]
    now: tuple[float, float] | None
    now_label: str
    end: tuple[float, float] | None
    title: str
    summary: str

    @property
    def now_label_y(self) -> float:
        """Below the point of today; above it where it would run into the dates of the axis."""
        y = self.now[1] if self.now else 0.0
        return y - 10 if y > self.bottom - 16 else y + 14

    @property
    def now_words(self) -> str:
        return f"{self.now_label} transferred"

    @property
    def now_width(self) -> int:
        """How wide the white ground behind the words is, so that no line runs through them."""
        return round(len(self.now_words) * 6.9) + 6


def _step(top: int) -> int:
    for step in (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000, 20000, 50000):
        if top <= step * 5:
            return step
    return top


SMALL = (344, 150)
"""Width and height of a drawing that stands beside figures, or fills a phone."""


def burn_up(points: Sequence[BurnPoint], as_of: date, *, about: bool = False, size: tuple[int, int] = (560, 230)) -> BurnUp | None:
    """People transferred against the plan, cumulative; None when there is no date to draw."""
    if len(points) < 2:
        return None
    (width, height), left, right, top, bottom = size, 44, 20, 16, 30
    intervals = 4 if width > SMALL[0] else 2
    first, last = points[0].on, points[-1].on
    span = max((last - first).days, 1)
    numbers = [value for p in points for value in (p.planned, p.actual) if isinstance(value, int)]
    step = _step(max([*numbers, 1]))
    most = -(-max([*numbers, 1]) // step) * step

    def at(on: date, value: int) -> tuple[float, float]:
        return round(left + (on - first).days / span * (width - left - right), 1), round(height - bottom - value / most * (height - top - bottom), 1)

    planned = [at(p.on, p.planned) for p in points if isinstance(p.planned, int)]
    actual = [at(p.on, p.actual) for p in points if isinstance(p.actual, int) and p.on <= as_of]
    done = [p for p in points if isinstance(p.actual, int) and p.on <= as_of]
    ticks = [points[round(i * (len(points) - 1) / intervals)].on for i in range(intervals + 1)] if len(points) > intervals + 1 else [p.on for p in points]
    area = ""
    if actual:
        area = f"{actual[0][0]},{height - bottom} {_points(actual)} {actual[-1][0]},{height - bottom}"
    return BurnUp(
        width, height, left, height - bottom, width - right, _points(planned), _points(actual), area,
        tuple((at(on, 0)[0], f"{on.day} {on:%b}") for on in dict.fromkeys(ticks)), tuple((at(first, value)[1], value) for value in range(0, most + 1, step)),
        actual[-1] if actual else None, f"{'about ' if about else ''}{done[-1].actual}" if done else "", planned[-1] if planned else None,
        "People transferred against the plan",
        f"From {short_date(first)} to {short_date(last)}. Planned at the end: {points[-1].planned}. " + (f"Transferred by {short_date(done[-1].on)}: {done[-1].actual}, planned then: {done[-1].planned}." if done else "Nobody has transferred yet."),
    )


def _points(pairs: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in pairs)


@dataclass(frozen=True)
class HeatCell:
    x: int
    y: int
    count: int
    before: int
    fill: str
    band: str
    score: int
    moved: str


@dataclass(frozen=True)
class Heat:
    width: int
    height: int
    size: int
    cells: tuple[HeatCell, ...]
    rows: tuple[tuple[int, int, str], ...]
    columns: tuple[tuple[int, int, str], ...]
    title: str
    summary: str


def band_of(score: int) -> tuple[str, str]:
    """(name, tint) of a score 1–25."""
    band = rules.band_of(score)
    return band.value, TINTS[band]


def heat(risks: Risks) -> Heat | None:
    """Open risks by likelihood and consequence; a cell says how many it held when the risks were first scored."""
    if len(risks.matrix) != 5:
        return None
    wide, high, left, top = 74, 38, 104, 4
    cells = []
    for row in range(5):
        likelihood = 5 - row
        for column in range(5):
            count = risks.matrix[likelihood - 1][column]
            before = risks.before[likelihood - 1][column] if len(risks.before) == 5 else count
            score = likelihood * (column + 1)
            name, tint = band_of(score)
            cells.append(HeatCell(left + column * wide, top + row * high, count, before, tint, name, score, "up" if count > before else "down" if count < before else ""))
    held = [f"{rules.LIKELIHOOD_WORDS[c_row]} × {rules.CONSEQUENCE_WORDS[c]}: {risks.matrix[c_row][c]}" for c_row in range(4, -1, -1) for c in range(4, -1, -1) if risks.matrix[c_row][c]]
    return Heat(
        left + 5 * wide + 2, top + 5 * high + 24, high, tuple(cells),
        tuple((left - 8, top + (5 - n) * high + high // 2 + 4, f"{n} {rules.LIKELIHOOD_WORDS[n - 1]}") for n in range(5, 0, -1)),
        tuple((left + n * wide + wide // 2, top + 5 * high + 16, f"{n + 1} {rules.CONSEQUENCE_WORDS[n]}") for n in range(5)),
        "Open risks by likelihood and consequence", "; ".join(held) or "No open risk.",
    )


@dataclass(frozen=True)
class Sparkline:
    width: int
    height: int
    points: str
    last: tuple[float, float]
    title: str


def sparkline(values: Sequence[int], title: str, *, width: int = 96, height: int = 24) -> Sparkline | None:
    """A line without axes, for one row of a list; None for fewer than two values."""
    if len(values) < 2:
        return None
    most = max([*values, 1])
    pairs = [(round(2 + i / (len(values) - 1) * (width - 6), 1), round(height - 3 - value / most * (height - 6), 1)) for i, value in enumerate(values)]
    return Sparkline(width, height, _points(pairs), pairs[-1], f"{title}: {', '.join(str(v) for v in values)}")
