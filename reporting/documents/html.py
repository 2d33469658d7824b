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
from reporting.rules.confidence import FIVE, MEANING

CLASSIFICATION = "OFFICIAL-SENSITIVE"
EDITIONS = dict(Edition.choices)


@dataclass(frozen=True)
class Density:
    """How tightly one page is set: a class of the style sheet and how many rows each list keeps."""

    name: str
    milestones: int
    risks: int
    unsafe: int


DENSITIES = (Density("roomy", 6, 5, 4), Density("tight", 5, 5, 3), Density("tighter", 4, 5, 2), Density("tightest", 3, 4, 2))


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
        "workstreams_bad_first": sorted(position.plan.workstreams, key=lambda w: {"R": 0, "A": 1}.get(w.rag.shown, 2)),
        "criteria_open": position.readiness.criteria_total - position.readiness.criteria_met,
        "has_people": bool(position.people.total), "has_staff": bool(position.workforce.total or position.workforce.tupe),
        "masked": position.edition != "board", "small_limit": settings.SMALL_NUMBER_LIMIT,
    }


def pack_html(position: Position, stamp: Stamp) -> str:
    return render_to_string("reporting/pack/pack.html", context(position, stamp))


def dashboard_html(position: Position, stamp: Stamp, density: Density = DENSITIES[0]) -> str:
    return render_to_string("reporting/pack/dashboard.html", context(position, stamp, density))


def html_of(pack: BoardPack) -> str:
    """The pages of ``pack`` as the browser previews them."""
    render = pack_html if pack.document == DocumentKind.PACK else dashboard_html
    return render(position_of(pack), stamp_of(pack))
