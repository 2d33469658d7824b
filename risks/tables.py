"""Columns of the register."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, mark_safe

from mobilisation.templatetags.components import due, rag, tag
from risks.models import Risk
from risks.rules import Band


def score_tag(score: int | None, band: Band | None) -> Any:
    """Score and band in words; the tone only repeats them."""
    if score is None or band is None:
        return mark_safe('<span class="app-muted">None</span>')
    return format_html('<span class="app-band app-band--{}">{} <span class="app-band__word">{}</span></span>', band.value, score, band.word)


class RiskTable(tables.Table):
    """Expects ``late_actions`` annotated, owner and organisation joined."""

    ref = tables.Column("Ref", order_by=("number",))
    event = tables.Column("Risk")
    owner = tables.Column("Owner", order_by=("owner_name",), empty_values=())
    initial = tables.Column("Initial", empty_values=(), order_by=("first_score",))
    score = tables.Column("Now", order_by=("score", "-number"))  # the highest first, of equals the first
    target = tables.Column("Target", empty_values=(), orderable=False)
    care = tables.Column("Care", empty_values=(), orderable=False)
    review_on = tables.Column("Next review", empty_values=())

    class Meta:
        template_name = "nhsuk/table.html"
        attrs = {"class": "app-table--risks"}
        order_by = ("-score",)

    def __init__(self, *args: Any, ref: str, as_of: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.programme_ref, self.as_of = ref, as_of
        self.caption = "Risk register"

    def render_ref(self, record: Risk) -> Any:
        url = reverse("risks:risk-detail", kwargs={"ref": self.programme_ref, "public_id": record.public_id})
        return format_html('<a href="{}" class="app-nowrap">{}</a>', url, record.ref)

    def render_event(self, record: Risk) -> Any:
        marks = [tag("Unsafe go-live", "red")] if record.unsafe_go_live else []
        if record.status == "draft":
            marks.append(tag("Draft", "grey"))
        return format_html("{} {}", record.event, mark_safe(" ".join(marks)))

    def render_owner(self, record: Risk) -> Any:
        return record.owner_label or mark_safe('<span class="app-muted">No owner</span>')

    def render_initial(self, record: Risk) -> Any:
        return score_tag(record.initial_score, record.initial_band)

    def render_score(self, record: Risk) -> Any:
        return score_tag(record.score, record.band)

    def render_target(self, record: Risk) -> Any:
        return score_tag(record.target_score, record.target_band)

    def render_care(self, record: Risk) -> Any:
        colour, reason = record.moments.at(self.as_of)
        return rag(colour, reason=reason)

    def render_review_on(self, record: Risk) -> Any:
        if record.is_closed:
            return format_html("Closed {}", f"{record.closed_on.day} {record.closed_on:%b %Y}" if record.closed_on else "")
        return due(record.review_on, self.as_of)
