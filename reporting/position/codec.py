"""A position to plain JSON values and back, exactly."""

from __future__ import annotations

import dataclasses
import types
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from reporting.position.values import Position


def to_json(value: Any) -> Any:
    """Dataclasses become objects, tuples lists, dates ISO text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def from_json(value: Any) -> Position:
    """The position ``to_json`` was given. Unknown names are left out, missing ones take their default."""
    found: Position = _read(Position, value)
    return found


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        options = [option for option in get_args(kind) if option is not type(None)]
        if value is None:
            return None
        return _read(options[0], value) if len(options) == 1 else value
    if origin is tuple:
        inner = get_args(kind)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_read(inner[0], item) for item in value)
        return tuple(_read(part, item) for part, item in zip(inner, value, strict=True))
    if origin is dict:
        inner = get_args(kind)
        return {key: _read(inner[1], item) for key, item in value.items()}
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{f.name: _read(hints[f.name], value[f.name]) for f in dataclasses.fields(kind) if f.name in value})
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is date:
        return date.fromisoformat(value)
    return value
