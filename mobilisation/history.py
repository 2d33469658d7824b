"""History in words: rows of ``Change`` to events of a timeline or lines of a CSV.

Field names become their labels, choices their words, foreign keys the name of what they point to
(one query per kind pointed to, however many rows).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from mobilisation import registry
from mobilisation.components import Event, FieldChange, short_date, short_moment
from mobilisation.models import Change

HIDDEN = "(not shown)"
SECRET = frozenset({"password"})
"""Never told, should a row hold it."""


def events(changes: Iterable[Change], *, show_personal: bool = True, name_object: bool = False) -> list[Event]:
    """Newest first as given. ``show_personal=False`` hides values of fields the model marks as personal."""
    rows = list(changes)
    names = related_names(rows)
    return [
        Event(
            when=row.at,
            title=_title(row, name_object),
            who=row.actor_label,
            why=row.why,
            changes=tuple(field_changes(row, names, show_personal=show_personal)),
        )
        for row in rows
    ]


def _title(row: Change, name_object: bool) -> str:
    """The act; with the object's own short name where the page is about more than one object (``C10: marked``)."""
    act = row.action.replace("_", " ")
    model = _model(row.entity)
    if getattr(model, "NAMED_IN_HISTORY", False) and not act.startswith(row.object_label.split(" ")[0]):
        return f"{row.object_label.split(' ')[0]} {act}"
    return f"{row.object_label}: {act}" if name_object and row.object_label else act[:1].upper() + act[1:]


def field_changes(row: Change, names: dict[tuple[str, Any], str] | None = None, *, show_personal: bool = True) -> list[FieldChange]:
    """Old and new of every field of one row, in words.

    Without ``show_personal`` of a record about people only what its model marks as governed is told, and of others nothing that it marks as personal.
    """
    subject = registry.subjects().get(row.entity)
    about_people = subject is not None and subject.personal
    model = _model(row.entity)
    personal: frozenset[str] = getattr(model, "PERSONAL", frozenset())
    governed: frozenset[str] = getattr(model, "GOVERNED", frozenset())
    quiet: frozenset[str] = getattr(model, "QUIET_IN_HISTORY", frozenset())
    found = []
    # PostgreSQL does not keep the order of keys: the model's own order reads the same everywhere.
    place = {field.name: n for n, field in enumerate(model._meta.concrete_fields)} if model else {}
    for name, pair in sorted(row.fields.items(), key=lambda entry: (place.get(entry[0], len(place)), entry[0])):
        if name in quiet or name in SECRET:
            continue
        old, new = pair if isinstance(pair, list) and len(pair) == 2 else (None, pair)
        field = _field(model, name)
        label = str(getattr(field, "verbose_name", name)).replace("_", " ")
        label = label[0].upper() + label[1:]
        if not show_personal and ((about_people and name not in governed) or name in personal):
            found.append(FieldChange(label, HIDDEN if old not in (None, "") else "", HIDDEN if new not in (None, "") else ""))
        else:
            found.append(FieldChange(label, _words(field, old, names or {}), _words(field, new, names or {})))
    return found


def _model(entity: str) -> type[models.Model] | None:
    try:
        return apps.get_model(entity)
    except (LookupError, ValueError):
        return None


def _field(model: type[models.Model] | None, name: str) -> models.Field | None:
    if model is None:
        return None
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, models.Field) else None


def related_names(rows: list[Change]) -> dict[tuple[str, Any], str]:
    """{(entity, pk): name} of everything the rows' foreign keys point to."""
    wanted: dict[type[models.Model], set[Any]] = {}
    for row in rows:
        model = _model(row.entity)
        for name, pair in row.fields.items():
            field = _field(model, name)
            if isinstance(field, models.ForeignKey) and isinstance(pair, list):
                wanted.setdefault(field.related_model, set()).update(value for value in pair if value is not None)  # type: ignore[arg-type]
    return {(target._meta.label_lower, obj.pk): str(obj) for target, ids in wanted.items() for obj in target._base_manager.filter(pk__in=ids)}


def _words(field: models.Field | None, value: Any, names: dict[tuple[str, Any], str]) -> str:
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(field, models.ForeignKey):
        return names.get((field.related_model._meta.label_lower, value), f"no. {value}")  # type: ignore[union-attr]
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DateField) and isinstance(value, str):  # a field of moments is one of dates as well
        try:
            return short_date(date.fromisoformat(value)) if len(value) == 10 else short_moment(datetime.fromisoformat(value))
        except ValueError:
            return value
    if isinstance(value, (list, dict)):
        words = getattr(field.model, "WORDS_IN_HISTORY", {}).get(field.name, {}) if field is not None else {}
        told = {key: str(words.get(key, key)) for key in map(str, [*value, *value.values()] if isinstance(value, dict) else value)}
        if isinstance(value, list):
            return ", ".join(told[str(one)] for one in value)
        place = {key: n for n, key in enumerate(words)}  # PostgreSQL keeps its own order of keys
        pairs = sorted(((told[str(k)], told[str(v)], place.get(str(k), len(place))) for k, v in value.items()), key=lambda pair: pair[2])
        return ", ".join(f"{k}{'' if k.endswith('?') else ':'} {v}" for k, v, _ in pairs)
    return str(value)
