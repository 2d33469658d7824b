"""Words and numbers of dashboards and packs: the same tags serve page and paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import zip_longest
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mobilisation.components import PROGRESS, short_date, shortened
from reporting import charts
from reporting.position.values import Position, Rag, Risks
from risks import rules

register = template.Library()

NOT_HERE = "Not part of this edition."
ARROWS = {"up": ("↑", "better"), "down": ("↓", "worse"), "same": ("=", "same")}
"""Signs that our own font has: what is printed looks the same wherever it was made."""


@register.filter
def unlocalise(value: Any) -> str:
    """A length for SVG: never with a decimal comma or thousands mark."""
    return f"{float(value):g}"


@register.filter
def add_to(value: Any, more: Any) -> str:
    return f"{float(value) + float(more):g}"


@register.filter
def percent(value: Any) -> str:
    return "–" if value is None else f"{float(value):.0f}%"


@register.filter
def day(value: Any) -> str:
    """``3 Mar 2027`` or a dash."""
    return short_date(value) if isinstance(value, date) else "–"


@register.filter
def two_up(points: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Pairs that set a long list in two columns, the first half beside the second; None where the last has no partner."""
    half = (len(points) + 1) // 2
    return list(zip_longest(points[:half], points[half:]))


@register.filter
def item(found: Any, key: Any) -> Any:
    """``found[key]``, empty where it is missing."""
    try:
        return found.get(key, "")
    except AttributeError:
        return ""


@register.filter
def cut(text: Any, characters: int) -> str:
    """At most so many characters, cut between words; what is left out stands in full in a section behind."""
    return shortened(str(text), characters)


@register.filter
def word(letter: str) -> str:
    return PROGRESS.get(letter, ("", ""))[1]


@register.simple_tag
def mark(letter: str, large: bool = False) -> SafeString:
    """Progress on paper: letter and word in a box."""
    if letter not in PROGRESS:
        return SafeString("")
    tone, said = PROGRESS[letter]
    return format_html('<span class="rag rag--{}{}"><b>{}</b> {}</span>', tone, " rag--large" if large else "", letter, said)


@register.simple_tag
def arrow(direction: str, since: str = "") -> SafeString:
    """The trend as sign and word; nothing where there is nothing to compare with."""
    if direction not in ARROWS:
        return SafeString("")
    sign, said = ARROWS[direction]
    return format_html('<span class="trend trend--{}">{} {}</span>', direction, sign, f"{said} {since}".strip())


@register.simple_tag
def movement(value: Any) -> SafeString:
    """Points of a risk since last time."""
    if value is None:
        return SafeString("new")
    return SafeString("–") if value == 0 else format_html("{} {}", "↑" if value > 0 else "↓", f"{value:+d}")


@register.inclusion_tag("reporting/charts/strip.html")
def strip_chart(position: Position, id: str, what: str = "workstreams") -> dict[str, Any]:
    return {"chart": charts.strip(position, what), "id": id}


@register.inclusion_tag("reporting/charts/burn_up.html")
def burn_chart(chart: charts.BurnUp, id: str) -> dict[str, Any]:
    return {"chart": chart, "id": id}


@register.inclusion_tag("reporting/charts/burn_up.html")
def burn_small(position: Position, id: str) -> dict[str, Any]:
    """The curve beside the counts of people: drawn small, so that its words keep their size on a phone."""
    return {"chart": charts.burn_up(position.people.burn_up, position.as_of, about=position.edition != "board", size=charts.SMALL), "id": id}


@register.inclusion_tag("reporting/_matrix.html")
def risk_matrix(risks: Risks, url: str = "") -> dict[str, Any]:
    """The matrix as a table that folds to any width; with ``url`` (the register) each number leads to its risks."""
    chart = charts.heat(risks)
    cells = chart.cells if chart else ()
    lines = [(5 - row, rules.LIKELIHOOD_WORDS[4 - row], cells[5 * row:5 * row + 5]) for row in range(5)] if cells else []
    return {"lines": lines, "consequences": list(enumerate(rules.CONSEQUENCE_WORDS, start=1)), "url": url}


@register.inclusion_tag("reporting/charts/heat.html")
def heat_chart(chart: charts.Heat, id: str) -> dict[str, Any]:
    return {"chart": chart, "id": id}


@register.filter
def reason_line(rag: Rag) -> str:
    """The reasons as sentences."""
    return " ".join(reason if reason[-1:] in ".!?" else f"{reason}." for reason in rag.reasons if reason)


@register.simple_tag(takes_context=True)
def none(context: Any, part: str, said: str) -> SafeString:
    """What stands where a list is empty: ``said``, unless this edition does not have the part at all."""
    return format_html('<p class="none">{}</p>', NOT_HERE if part in context["p"].left_out else said)


@register.filter
def lacks(position: Position, part: str) -> bool:
    """Whether an edition does not have the part; an empty list then says nothing."""
    return part in position.left_out


@register.filter
def after(found: Any, number: int) -> int:
    """How many are left behind the first ``number``."""
    return max(len(found) - int(number), 0)


@register.filter
def ready_note(people: Any) -> str:
    """``29% ready, plan 45%``; empty where it is hidden or unknown."""
    if people.ready_pct is None:
        return ""
    return f"{people.ready_pct:.0f}%" + (f", plan {people.planned_pct:.0f}%" if people.planned_pct is not None else "")


@register.filter
def weeks_at_red(number: int) -> str:
    return f"{number} weeks at Red"
