"""The shape of what :mod:`reporting.position.codec` writes, as JSON Schema 2020-12: read off the same declarations."""

from __future__ import annotations

import dataclasses
import inspect
import types
from datetime import date, datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

Schema = dict[str, Any]
_PLAIN: dict[Any, Schema] = {
    bool: {"type": "boolean"}, int: {"type": "integer"}, float: {"type": "number"}, str: {"type": "string"}, date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"}, type(None): {"type": "null"}, Any: {},
}


def schema_of(kind: Any, known: dict[str, Schema]) -> Schema:
    """What ``to_json`` makes of a ``kind``. A dataclass goes into ``known`` once, by its name, and is pointed at."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(option, known) for option in inner]}
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        return {"type": "array", "items": schema_of(inner[0], known)}
    if origin is tuple:
        return {"type": "array", "prefixItems": [schema_of(part, known) for part in inner], "minItems": len(inner), "maxItems": len(inner)}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(inner[1], known)}
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _pointer(kind, known)
    return dict(_PLAIN[kind])


def _pointer(kind: type, known: dict[str, Schema]) -> Schema:
    name = kind.__name__
    if name not in known:
        known[name] = {}  # stands before its fields are read: one of them may lead back
        hints = get_type_hints(kind)
        fields = {field.name: schema_of(hints[field.name], known) for field in dataclasses.fields(kind)}
        known[name] = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
        if said := (inspect.getdoc(kind) or "") if not (kind.__doc__ or "").startswith(f"{name}(") else "":
            known[name]["description"] = said
    return {"$ref": f"#/components/schemas/{name}"}
