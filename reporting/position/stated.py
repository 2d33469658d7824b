"""Colours stated beside computed ones: one rule for the programme, its dimensions and its workstreams (domain 5.8)."""

from __future__ import annotations

from collections.abc import Iterable

from mobilisation.models import Programme
from reporting.models import RagOverride
from reporting.position.values import Rag
from reporting.rules import colours


def standing(programme: Programme) -> dict[str, RagOverride]:
    """{subject: what is stated for it}, without what still waits for a second person's agreement; one query."""
    return {row.subject: row for row in RagOverride.objects.filter(programme=programme, ended_at__isnull=True, agreement_of="").select_related("stated_by")}


def beside(computed: str, reasons: Iterable[str], override: RagOverride | None, before: str | None = None) -> Rag:
    """The computed colour with what is stated beside it; one that no longer covers it is named among the reasons and falls."""
    told = tuple(reasons)
    if override is not None and not colours.covers(override.stated, override.computed, computed):
        told, override = (*told, colours.overtaken(override.stated, override.stated_as)), None
    if override is None or override.stated == computed:
        return Rag(computed, told, previous=before or "", trend=colours.trend(computed, before))
    return Rag(computed, told, override.stated, override.reason, override.stated_as, override.stated_on, before or "", colours.trend(override.stated, before))


def shown(programme: Programme, subject: str, computed: str, reasons: Iterable[str]) -> Rag:
    """The same for one page below: a workstream (``registry.read_fact("stated", …)``)."""
    return beside(computed, reasons, standing(programme).get(subject))
