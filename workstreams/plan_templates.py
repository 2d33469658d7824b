"""The built-in plan templates (domain 6, 10.14), read from ``templates_data/``: whole, with their owners and dates."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mobilisation.working_days import Offset
from workstreams.rules.schedule import Point, When, when

FOLDER = Path(__file__).parent / "templates_data"
VERSION = 1


@dataclass(frozen=True)
class TemplateStep:
    """``words``: when it is due at the chosen pace, as the template writes it."""

    code: str
    title: str
    workstream: str
    owners: str
    words: str
    when: When
    milestone_kind: str
    scale: str
    gate: bool
    critical: bool
    evidence: bool
    within: bool


@dataclass(frozen=True)
class TemplateWorkstream:
    slug: str
    name: str
    scope: str


@dataclass(frozen=True)
class TemplateCriterion:
    deliverable: int
    code: str
    text: str
    mandatory: bool


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _column(kind: str, pace: str) -> str:
    if kind == "provider_exit":
        return "emergency" if pace == "emergency" else "planned"
    if kind == "live_service":
        return "weeks_16" if pace == "planned" else "weeks_10"
    return "when"


def weeks_before(text: str) -> tuple[str, When]:
    """``"16"`` is sixteen weeks before SCD, ``"+4"`` four after; in words and as a value."""
    weeks = int(text) if text.startswith("+") else -int(text)
    point = Point("SCD", Offset(weeks * 7, "c"))
    number = abs(weeks)
    words = f"{number} week{'' if number == 1 else 's'} {'after' if weeks > 0 else 'before'} SCD" if weeks else "SCD"
    return words, When(due=point)


@cache
def steps(kind: str, pace: str) -> tuple[TemplateStep, ...]:
    """Every step of the template for ``kind``; a compressed exit takes the planned words, scaled by the caller."""
    column = _column(kind, pace)
    found = []
    for row in _rows(kind):
        words = row[column]
        if kind == "live_service":
            words, moment = weeks_before(words)
        else:
            moment = when(words)
        found.append(
            TemplateStep(
                row["code"], row["title"], row["workstream"], row["owners"], words, moment, row["milestone"], row["scale"],
                row["gate"] == "yes", row["critical"] == "yes", row["evidence"] == "yes", row["within"] == "yes",
            )
        )
    return tuple(found)


@cache
def workstreams(kind: str) -> tuple[TemplateWorkstream, ...]:
    return tuple(TemplateWorkstream(row["slug"], row["name"], row["scope"]) for row in _rows("workstreams") if row["kind"] == kind)


@cache
def criteria() -> tuple[TemplateCriterion, ...]:
    """The go-live criteria of the five deliverables."""
    return tuple(TemplateCriterion(int(row["deliverable"]), row["code"], row["text"], row["mandatory"] == "yes") for row in _rows("criteria"))
