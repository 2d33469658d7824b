"""Position → context → HTML. The preview in the browser and the PDF are this same text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from mobilisation.components import long_date, short_date
from reporting import charts
from reporting.choices import DocumentKind, Edition
from reporting.editions import edition
from reporting.models import BoardPack
from reporting.position import Position, from_json, veiled_text
from reporting.position.values import Workstream
from reporting.rules.confidence import FIVE, MEANING

CLASSIFICATION = "OFFICIAL-SENSITIVE"
EDITIONS = dict(Edition.choices)


@dataclass(frozen=True)
class Density:
    """How tightly one page is set: a class of the style sheet, how many rows each list keeps, and of how many characters: ``line`` is
    a workstream's own sentence, ``text`` what a list names, ``reason`` a paragraph, ``label`` the name of a workstream."""

    name: str
    milestones: int
    risks: int
    unsafe: int
    streams: int = 99
    line: int = 90
    text: int = 100
    reason: int = 1200
    label: int = 120

    @property
    def unsafe_risks(self) -> int:
        return max(self.unsafe - 2, 2)


DENSITIES = (Density("roomy", 6, 5, 4), Density("tight", 5, 5, 3, reason=600, label=60), Density("tighter", 4, 5, 2, 24, 70, 80, 360, 40), Density("tightest", 3, 4, 2, 13, 45, 60, 220, 28))
"""Of the one-page dashboard."""
COVERS = (Density("roomy", 0, 3, 6, text=500), Density("tight", 0, 3, 4, 24, 0, 120, 500, 60), Density("tighter", 0, 3, 3, 16, 0, 80, 300, 40), Density("tightest", 0, 3, 2, 15, 0, 60, 180, 32))
"""Of the first page of a pack. What it cuts stands in full in the sections behind."""


LONG_REPORT, PAGE_OF_REPORT = 500, 2500
"""Characters from which the rows of the workstreams are too high to keep three of them together, and from which one may not find room on a page of its own."""


@dataclass(frozen=True)
class Stamp:
    """What stands on every page."""

    version: int
    week: str
    edition_word: str
    data_at: datetime
    status_word: str = ""
    correction: str = ""
    week_late: bool = False


def position_of(pack: BoardPack) -> Position:
    """The frozen position in the edition of the pack."""
    return edition(from_json(pack.snapshot.position), pack.edition, limit=settings.SMALL_NUMBER_LIMIT)


def stamp_of(pack: BoardPack) -> Stamp:
    """Nothing here changes after the build: the status of a pack is said by the library, not by its pages."""
    return Stamp(pack.number, pack.snapshot.words, EDITIONS[pack.edition], pack.snapshot.taken_at, correction=veiled_text(pack.correction, pack.programme))


def context(position: Position, stamp: Stamp, density: Density = DENSITIES[0]) -> dict[str, Any]:
    """Everything a pack or dashboard template reads: plain values and laid-out charts."""
    local = timezone.localtime(stamp.data_at)
    data_time = f"{short_date(local)} {local:%H:%M}"
    foot = f"{position.head.reference} · {position.head.title}"
    return {
        "p": position, "head": position.head, "stamp": stamp, "density": density, "data_time": data_time, "classification": CLASSIFICATION,
        "site_name": settings.SITE_NAME, "week_word": stamp.week[0].upper() + stamp.week[1:], "as_of_word": long_date(position.as_of),
        "foot_left": foot if len(foot) < 70 else f"{foot[:67]}…",
        "foot_right": f"{stamp.edition_word} edition · version {stamp.version} · data at {data_time}",
        "needs": position.needs[:5], "needs_more": max(len(position.needs) - 5, 0),
        "other_needs": [need for need in position.needs if need.kind != "decision"],
        "burn": charts.burn_up(position.people.burn_up, position.as_of, about=position.edition != "board"), "heat": charts.heat(position.risks),
        "confidence_word": FIVE.get(position.confidence.five, ""), "confidence_meaning": MEANING.get(position.confidence.three, ""),
        "streams": _most_urgent(position, density.streams), "long_reports": any(_length(w) > LONG_REPORT for w in position.plan.workstreams),
        "over_a_page": {w.slug for w in position.plan.workstreams if _length(w) > PAGE_OF_REPORT},
        "criteria_open": position.readiness.criteria_total - position.readiness.criteria_met,
        "has_people": bool(position.people.total), "has_staff": bool(position.workforce.total or position.workforce.tupe),
        "masked": position.edition != "board", "small_limit": settings.SMALL_NUMBER_LIMIT,
    }


def _length(stream: Workstream) -> int:
    return sum(map(len, (stream.one_line, stream.asks, stream.rag.stated_reason, *stream.rag.reasons)))


def _most_urgent(position: Position, most: int) -> list[Workstream]:
    """In their own order; where they are too many, those that are Red or Amber before the others."""
    streams = position.plan.workstreams
    worst = sorted(range(len(streams)), key=lambda n: {"R": 0, "A": 1}.get(streams[n].rag.shown, 2))[:most]
    return [streams[n] for n in sorted(worst)]


def pack_html(position: Position, stamp: Stamp, density: Density = COVERS[0]) -> str:
    return render_to_string("reporting/pack/pack.html", context(position, stamp, density))


def cover_html(position: Position, stamp: Stamp, density: Density = COVERS[0]) -> str:
    """The first page of a pack alone, to see whether it is one."""
    return render_to_string("reporting/pack/cover.html", context(position, stamp, density))


def dashboard_html(position: Position, stamp: Stamp, density: Density = DENSITIES[0]) -> str:
    return render_to_string("reporting/pack/dashboard.html", context(position, stamp, density))


def html_of(pack: BoardPack) -> str:
    """The pages of ``pack`` as the browser previews them."""
    render = pack_html if pack.document == DocumentKind.PACK else dashboard_html
    return render(position_of(pack), stamp_of(pack))
