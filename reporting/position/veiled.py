"""The position with people's names and numbers taken out of what was typed into it. One query, before anything is frozen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mobilisation.models import Programme, RoleAssignment
from mobilisation.veil.reader import accountable, borne
from mobilisation.veil.words import INSTEAD, NAME, Identifiers, Veil, veil_over
from reporting.position.values import Position
from transfers.facts import identifiers

AS_GIVEN = frozenset({"between", "code", "edition", "kind", "name", "organisation", "parties", "ref", "reference", "slug", "status"})
"""Fields that hold no sentence: codes and organisations. Every other text is veiled."""
ANSWERS = frozenset({"lead", "made_by", "owner", "raised_by", "stated_by"})
"""Fields for those who answer for their part by name: what is nothing but the name of an account or of a role stands."""

REPEATED = frozenset({"needs", "reasons", "will_miss"})
"""Fields made of sentences that stand in another part as well."""


def veiled(found: Position, programme: Programme) -> Position:
    """``found`` with each name or number of somebody on the programme's list replaced."""
    texts = set(_texts(found))
    if not texts:
        return found
    veil = _veil(programme, texts)
    instead = {text: said for text in texts if (said := veil(text)) != text}
    if named := {text for text, said in instead.items() if said == NAME} & set(_texts(found, only=ANSWERS)):
        for name in accountable(named, RoleAssignment.objects.filter(programme=programme)):
            del instead[name]
    return _with(found, lambda text: instead.get(text, text)) if instead else found


def veiled_text(text: str, programme: Programme) -> str:
    """What somebody typed for the pages of a pack; one query, none for no text."""
    return _veil(programme, [text])(text) if text else text


def _veil(programme: Programme, texts: Iterable[str]) -> Veil:
    roles = RoleAssignment.objects.filter(programme=programme)
    return veil_over((Identifiers(*row) for row in identifiers(programme)), texts, borne=lambda surname: borne(surname, roles))


def withheld(found: Position) -> tuple[str, ...]:
    """The texts of ``found`` in which something was withheld, each once, without what only repeats another part."""
    return tuple(dict.fromkeys(text for text in _texts(found, leave_out=AS_GIVEN | REPEATED) if INSTEAD.search(text)))


def _texts(value: Any, *, leave_out: frozenset[str] = AS_GIVEN, only: frozenset[str] | None = None) -> Iterator[str]:
    if isinstance(value, str):
        if only is None:
            yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item, leave_out=leave_out, only=only)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            if field.name not in leave_out:
                yield from _texts(getattr(value, field.name), leave_out=leave_out, only=None if only is not None and field.name in only else only)


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
