"""Cells of a batch in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from mobilisation.components import short_date
from mobilisation.models import Organisation
from mobilisation.workbooks.values import display
from transfers.choices import LineOutcome
from transfers.models import BatchLine, PersonTransfer
from transfers.rules.gates import BY_CODE

HOLD, PROVIDER = "hold", "incoming_provider"


@dataclass(frozen=True)
class LineShown:
    line: BatchLine
    title: str
    old: str
    new: str
    now: str = ""


def title_of(field: str) -> str:
    """The column of a cell, as people know it."""
    if field in BY_CODE:
        return f"{field} {BY_CODE[field].title}"
    if field == HOLD:
        return "Hold"
    known = {one.name: str(one.verbose_name) for one in PersonTransfer._meta.concrete_fields}
    words = known.get(field, field)
    return words[:1].upper() + words[1:]


def words_of(field: str, value: Any, providers: dict[int, str]) -> str:
    """A value as history keeps it, for people; text that could not be read stays as it was typed."""
    if field == HOLD:
        return "on hold" if value else "not on hold"
    if value in (None, ""):
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field == PROVIDER:
        return providers.get(value, str(value))
    if field not in BY_CODE:
        choices = dict(PersonTransfer._meta.get_field(field).flatchoices) if field in {one.name for one in PersonTransfer._meta.concrete_fields} else {}  # type: ignore[union-attr]
        if choices:
            return str(choices.get(value, value))
    try:
        return short_date(date.fromisoformat(value))
    except (TypeError, ValueError):
        return display(value)


def shown(lines: Sequence[BatchLine], standing: Sequence[Any] | None = None) -> list[LineShown]:
    """One statement for the providers named, where there are any. ``standing``: what stands now, line by line."""
    now = [None] * len(lines) if standing is None else list(standing)
    ids = {value for line, stands in zip(lines, now, strict=True) if line.field == PROVIDER for value in (line.old, line.new, stands) if isinstance(value, int)}
    # Names of parties only: who they are was decided when the people were.
    names = dict(Organisation.objects.filter(Q(pk__in=ids)).values_list("pk", "name")) if ids else {}  # scope: names of providers on lines already scoped
    return [
        # What could not be read said nothing of what stands in batches from before it was kept.
        LineShown(line, title_of(line.field), words_of(line.field, line.old, names) if line.seen or line.outcome != LineOutcome.REFUSED else "", words_of(line.field, line.new, names), words_of(line.field, stands, names) if standing is not None else "")
        for line, stands in zip(lines, now, strict=True)
    ]
