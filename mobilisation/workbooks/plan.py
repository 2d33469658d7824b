"""What an import found and what it would do: problems, rows, the plan and its summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

R = TypeVar("R")

CREATED, UPDATED, UNCHANGED, SKIPPED, REFUSED = "created", "updated", "unchanged", "skipped", "refused"
LISTED = 200
"""How many errors a summary names; the count of all is said in a warning."""


@dataclass(frozen=True)
class Problem:
    """A fault or a warning. ``row`` as a person sees it in the file (0: the whole file), ``column`` the heading as the file writes it."""

    row: int
    column: str
    value: str
    problem: str
    about: tuple[str, ...] = ()
    """Keys of records it tells of, for a page that may name them to its reader."""

    def as_json(self) -> dict[str, Any]:
        """Without whom it is about: the result outlives the rows."""
        return {"row": self.row, "column": self.column, "value": self.value, "problem": self.problem}


@dataclass(frozen=True)
class SameProblem:
    """One fault or warning that many cells share: what to do is read once, and ``rows`` says where."""

    rows: tuple[int, ...]
    column: str
    value: str
    problem: str
    about: tuple[str, ...] = ()

    @property
    def row(self) -> str:
        """“6”, “6 to 145” or “6, 9, 12 and 4 more”; empty for the file as a whole."""
        first, last = self.rows[0], self.rows[-1]
        if not first:
            return ""
        if len(self.rows) > 2 and last - first == len(self.rows) - 1:
            return f"{first} to {last}"
        named = ", ".join(map(str, self.rows[:6]))
        return f"{named} and {len(self.rows) - 6} more" if len(self.rows) > 6 else named


def together(problems: Iterable[Problem | Mapping[str, Any]]) -> list[SameProblem]:
    """``problems`` with the same column, value and words as one, in the order of their first rows."""
    rows: dict[tuple[str, str, str, tuple[str, ...]], list[int]] = {}
    for one in problems:
        found = one.as_json() if isinstance(one, Problem) else one
        rows.setdefault((found["column"], found["value"], found["problem"], one.about if isinstance(one, Problem) else ()), []).append(found["row"])
    return [SameProblem(tuple(where), *what) for what, where in rows.items()]


ANOTHER = "another"
"""The answer that a row is about nobody who was offered."""


@dataclass(frozen=True)
class Told:
    """A record as a page names it to a reader who may see it: ``who`` in words, ``url`` of its own page."""

    key: str
    who: str
    url: str


@dataclass(frozen=True)
class Offer:
    """A record a row may be about: its key, and what tells a person whether it is the same."""

    key: str
    words: str


@dataclass(frozen=True)
class Offering:
    """How the preview asks whom or what rows are about: ``title`` of one row and of many, ``why`` it is asked, ``another`` as answer."""

    title: tuple[str, str] = ("may be about somebody on the list already", "may be about people on the list already")
    why: str = "The name and the date of birth are the same, the numbers do not say it. A name alone is never taken: look, then say who it is."
    another: str = "Another person: add them"


@dataclass
class ParsedRow:
    """One row of the file. ``values`` has a key for every mapped column; None means the cell is empty.

    ``headings``: our column → the heading as the file writes it; ``raw``: our column → what the cell shows.
    """

    number: int
    values: dict[str, Any]
    raw: Mapping[str, str] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    faults: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    offers: tuple[Offer, ...] = ()
    answer: str = ""
    """Who of ``offers`` it is, by a person's word: a key, ``ANOTHER``, or empty while unsaid."""

    @property
    def given(self) -> dict[str, Any]:
        """Only what the file says; empty cells are left out, so that nothing filled is ever blanked."""
        return {name: value for name, value in self.values.items() if value is not None}

    def _problem(self, column: str, text: str, about: tuple[str, ...]) -> Problem:
        return Problem(self.number, self.headings.get(column, column), self.raw.get(column, ""), text, about)

    def fault(self, column: str, problem: str, about: tuple[str, ...] = ()) -> None:
        """Refuse the row because of ``column`` (one of our names); ``about``: keys of the records that are told of."""
        self.faults.append(self._problem(column, problem, about))

    def warn(self, column: str, problem: str, about: tuple[str, ...] = ()) -> None:
        """Say something about ``column`` without refusing the row."""
        self.warnings.append(self._problem(column, problem, about))


@dataclass(frozen=True)
class FieldDiff:
    """One change of one field, as values and in words."""

    column: str
    title: str
    old: Any
    new: Any
    old_shown: str
    new_shown: str


@dataclass
class PlannedRow(Generic[R]):
    """What would happen to one row. ``record`` is the existing one, None for a new row."""

    row: ParsedRow
    action: str
    record: R | None = None
    changes: tuple[FieldDiff, ...] = ()
    label: str = ""
    why: str = ""

    @property
    def new_values(self) -> dict[str, Any]:
        """Column → value, of what really differs."""
        return {change.column: change.new for change in self.changes}


@dataclass(frozen=True)
class Written:
    """What ``Importer.write`` did, compared with the plan before anything is committed."""

    created: int
    updated: int


@dataclass
class Plan(Generic[R]):
    """Every row with its action, and what to say about the file. ``extra`` joins the summary (a plan's tasks, links …)."""

    rows: list[PlannedRow[R]] = field(default_factory=list)
    faults: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    sheet: str = ""
    """The sheet all of it stands in; empty for a file without sheets."""

    def _with(self, action: str) -> list[PlannedRow[R]]:
        return [row for row in self.rows if row.action == action]

    @property
    def created(self) -> list[PlannedRow[R]]:
        return self._with(CREATED)

    @property
    def updated(self) -> list[PlannedRow[R]]:
        return self._with(UPDATED)

    @property
    def unchanged(self) -> list[PlannedRow[R]]:
        return self._with(UNCHANGED)

    @property
    def refused(self) -> list[PlannedRow[R]]:
        return self._with(REFUSED)

    @property
    def errors(self) -> list[Problem]:
        """Every fault, of the file and of its rows, in the order of the rows."""
        return sorted([*self.faults, *(p for row in self.rows for p in row.row.faults)], key=lambda p: p.row)

    @property
    def all_warnings(self) -> list[Problem]:
        """What was left out of the file comes first, so that no number of notes on rows hides it."""
        by_row = sorted((p for row in self.rows for p in row.row.warnings), key=lambda p: p.row)
        return [*sorted(self.warnings, key=lambda p: p.row), *by_row]

    def parts(self, most: int) -> Iterator[Plan[R]]:
        """The rows to be written in plans of at most ``most`` rows, all of about the same size."""
        rows = [row for row in self.rows if row.action in {CREATED, UPDATED}]
        size = -(-len(rows) // -(-len(rows) // most)) if rows else 1
        for first in range(0, len(rows), size):
            yield Plan(rows[first : first + size], sheet=self.sheet)

    def refuse_rest(self, why: str) -> None:
        """All or nothing: rows that would have been written are left out because others are refused."""
        for row in self.rows:
            if row.action in {CREATED, UPDATED}:
                row.action, row.why = SKIPPED, why

    def counts(self) -> dict[str, int]:
        counts = dict.fromkeys((CREATED, UPDATED, UNCHANGED, SKIPPED, REFUSED), 0)
        for row in self.rows:
            counts[row.action] += 1
        return counts

    def summary(self) -> dict[str, Any]:
        """The JSON of the public interface (design, Import summaries)."""
        errors, warnings = self.errors, [problem.as_json() for problem in self.all_warnings[:LISTED]]
        left_out = len(self.all_warnings) - len(warnings)
        if left_out:
            warnings.append(Problem(0, "", "", f"{left_out + LISTED} warnings in all; the first {LISTED} are listed.").as_json())
        if len(errors) > LISTED:
            warnings.append(Problem(0, "", "", f"{len(errors)} faults in all; the first {LISTED} are listed.").as_json())
        return {"rows": len(self.rows), **self.counts(), "sheet": self.sheet, "errors": [problem.as_json() for problem in errors[:LISTED]], "warnings": warnings, **self.extra}
