"""The position with people's names and numbers taken out of what was typed into it. One query, before anything is frozen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from mobilisation.models import Programme
from mobilisation.veil.words import NAME, NUMBER, Identifiers, veil_over
from reporting.position.values import Position
from transfers.facts import identifiers

AS_GIVEN = frozenset({
    "between", "code", "edition", "kind", "lead", "made_by", "name", "organisation", "owner", "parties", "raised_by", "ref", "reference", "slug", "stated_by", "status",
})
"""Fields that hold no sentence: codes, organisations, and staff, who answer for their part by name. Every other text is veiled."""

REPEATED = frozenset({"needs", "reasons", "will_miss"})
"""Fields made of sentences that stand in another part as well."""


def veiled(found: Position, programme: Programme) -> Position:
    """``found`` with each name or number of somebody on the programme's list replaced."""
    texts = set(_texts(found))
    if not texts:
        return found
    veil = veil_over((Identifiers(*row) for row in identifiers(programme)), texts)
    instead = {text: said for text in texts if (said := veil(text)) != text}
    return _with(found, lambda text: instead.get(text, text)) if instead else found


def withheld(found: Position) -> tuple[str, ...]:
    """The texts of ``found`` in which something was withheld, each once, without what only repeats another part."""
    return tuple(dict.fromkeys(text for text in _texts(found, leave_out=AS_GIVEN | REPEATED) if NAME in text or NUMBER in text))


def _texts(value: Any, *, leave_out: frozenset[str] = AS_GIVEN) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item, leave_out=leave_out)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            if field.name not in leave_out:
                yield from _texts(getattr(value, field.name), leave_out=leave_out)


def _with(value: Any, say: Callable[[str], str]) -> Any:
    """``value`` with each text as ``say`` puts it; what holds nothing else stays the same object."""
    if isinstance(value, str):
        return say(value)
    if isinstance(value, tuple):
        items = tuple(_with(item, say) for item in value)
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: new for field in dataclasses.fields(value)
            if field.name not in AS_GIVEN and (new := _with(old := getattr(value, field.name), say)) is not old
        }
        return dataclasses.replace(value, **changed) if changed else value
    return value
