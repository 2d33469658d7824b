"""The one way in for every write of a tracked entity: lock, compare, merge, write, record.

A stale save merges fields nobody else touched; those that clash are refused with both values
(:class:`mobilisation.errors.Conflict`). Batches cost a fixed number of statements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from django.db import models, transaction

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.components import short_date, short_moment
from mobilisation.errors import Conflict, FieldConflict, Refused
from mobilisation.models import Change, Job, Programme
from mobilisation.models.base import HasMoments
from mobilisation.services import rows
from mobilisation.veil.reader import AsMeant

E = TypeVar("E", bound=models.Model)

_UNRECORDED = {"id", "public_id", "created_at", "created_by", "updated_at", "updated_by", "version", "password", "last_login", *HasMoments.MOMENT_FIELDS}
BATCH = 500
_PLAIN = frozenset({str, bool, int, type(None)})


def as_json(value: Any) -> Any:
    """A field value as history keeps it."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, models.Model):
        return value.pk
    return value


def entity_name(obj: models.Model | type[models.Model]) -> str:
    """``transfers.persontransfer``: how history names a kind of thing."""
    return obj._meta.label_lower


def _programme_of(obj: models.Model) -> Programme | None:
    if isinstance(obj, Programme):
        return obj
    found = getattr(obj, "history_programme", None) or getattr(obj, "programme", None)
    return found if isinstance(found, Programme) else None


def _label(obj: models.Model) -> str:
    """Names nobody: ``__str__`` of personal entities holds a reference, not a name. Cut between words: half a name would be told by nobody's rule."""
    text = str(obj)
    return text if len(text) <= 120 else text[:121].rpartition(" ")[0][:120] or text[:120]


def _row(obj: models.Model, action: str, fields: Mapping[str, Any], actor: Actor, why: str, job: Job | None, programme: Programme | None, at: datetime) -> Change:
    return Change(**dict(zip(_TOLD, _told(obj, action, fields, actor, why, job, programme, at), strict=True)))


_TOLD = ("at", "actor_id", "actor_label", "programme_id", "entity", "object_id", "object_label", "action", "fields", "why", "version", "job_id")


def _told(obj: models.Model, action: str, fields: Mapping[str, Any], actor: Actor, why: str, job: Job | None, programme: Programme | None, at: datetime) -> tuple[Any, ...]:
    """What history says of one act, in the order of ``_TOLD``."""
    of = programme or _programme_of(obj)
    return (
        at, actor.user.pk if actor.user else None, actor.label[:150], of.pk if of else None, entity_name(obj), obj.pk, _label(obj), action, dict(fields), why,
        getattr(obj, "version", 1), job.pk if job else None,
    )


def _first_told(objs: Sequence[models.Model], action: str, actor: Actor, why: str, job: Job | None, programme: Programme | None) -> list[tuple[Any, ...]]:
    """The same of many new objects of one model: what they share is asked once."""
    by, label, entity, under = actor.user.pk if actor.user else None, actor.label[:150], entity_name(objs[0]), job.pk if job else None
    shared = programme.pk if programme else None
    found = []
    for obj in objs:
        of = shared if programme else getattr(_programme_of(obj), "pk", None)
        found.append((_moment_of(obj), by, label, of, entity, obj.pk, _label(obj), action, _first_values(obj), why, getattr(obj, "version", 1), under))
    return found


def _tell(told: Sequence[tuple[Any, ...]]) -> None:
    """Write many acts."""
    if len(told) < BATCH:
        Change.objects.bulk_create([Change(**dict(zip(_TOLD, one, strict=True))) for one in told])
    else:
        fields = {field.attname: field for field in Change._meta.concrete_fields}
        rows.none_lost(rows.write(Change, [fields[name] for name in _TOLD], told), len(told))


@cache
def _recorded(model: type[models.Model]) -> tuple[tuple[str, str], ...]:
    """(name, attname) of the fields that history keeps."""
    return tuple((field.name, field.attname) for field in model._meta.concrete_fields if field.name not in _UNRECORDED)


@cache
def _kept_under(model: type[models.Model]) -> frozenset[str]:
    return frozenset(attname for _, attname in _recorded(model))


def _first_values(obj: models.Model) -> dict[str, list[Any]]:
    recorded, held = _recorded(type(obj)), obj.__dict__
    if not held.keys() >= _kept_under(type(obj)):
        held = {attname: getattr(obj, attname) for _, attname in recorded}
    return {name: [None, value if type(value) is str else as_json(value)] for name, attname in recorded if (value := held[attname]) or type(value) is Decimal}


def create(obj: E, *, actor: Actor, why: str = "", programme: Programme | None = None, job: Job | None = None, action: str = "created") -> E:
    """Save a new entity and record it."""
    with transaction.atomic():
        _stamp(obj, actor, new=True)
        obj.save(force_insert=True)
        _row(obj, action, _first_values(obj), actor, why, job, programme, _moment_of(obj)).save()
    return obj


def _stamp(obj: models.Model, actor: Actor, *, new: bool = False) -> None:
    if hasattr(obj, "updated_by_id"):
        obj.updated_by = actor.user  # type: ignore[attr-defined]
        if new:
            obj.created_by = actor.user  # type: ignore[attr-defined]


def _stamp_new(objs: Sequence[models.Model], actor: Actor) -> None:
    """The same for many new objects of one model."""
    if hasattr(objs[0], "updated_by_id"):
        stamps, user = dict.fromkeys(("created_by_id", "updated_by_id"), actor.user.pk if actor.user else None), dict.fromkeys(("created_by", "updated_by"), actor.user)
        for obj in objs:
            obj.__dict__.update(stamps)
            obj._state.fields_cache.update(user)


def _moment_of(obj: models.Model) -> datetime:
    """The moment a row just written carries, so that history and row say the same: what an export was made of is found again by it."""
    return getattr(obj, "updated_at", None) or now()


def _names_and_attnames(model: type[models.Model], names: Iterable[str]) -> dict[str, str]:
    return {name: model._meta.get_field(name).attname for name in names}  # type: ignore[union-attr]


def _raw(model: type[models.Model], name: str, value: Any) -> Any:
    field = model._meta.get_field(name)
    if isinstance(value, models.Model):
        return value.pk
    return field.to_python(value) if isinstance(field, models.Field) and not field.is_relation and value is not None else value


def apply(
    obj: E,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    why: str = "",
    expected_version: int | None = None,
    job: Job | None = None,
    action: str = "changed",
    programme: Programme | None = None,
    settle: Callable[[E], Sequence[str]] | None = None,
) -> Change | None:
    """Change ``values`` on ``obj``; None when nothing differs.

    ``expected_version`` is the version the person was looking at. Raises ``Conflict`` when a field of
    ``values`` was changed by somebody else since; ``obj`` is brought up to date in place. ``settle`` works out on the changed row,
    before it is written, what hangs on it, and returns the names of those fields: they are written with it, without history.
    """
    model = type(obj)
    attnames = _names_and_attnames(model, values)
    with _in_one_piece():
        # The plain base manager: a write is not narrowed by scope, permission was decided before. The key stays free: history and
        # children refer to the row, and two who wait for each other's reference would stop each other.
        current = model._base_manager.select_for_update(no_key=True).get(pk=obj.pk)
        _keep_related(obj, current)
        stale = expected_version is not None and getattr(current, "version", expected_version) != expected_version
        try:
            values = AsMeant(actor)(current, values, programme or _programme_of(current))
        except Refused:
            if stale:  # what somebody else wrote meanwhile is why it no longer fits
                _refuse_clashes(current, _differing(current, attnames, values), values, expected_version or 0)
            raise
        changed = _differing(current, attnames, values)
        if stale:
            _refuse_clashes(current, changed, values, expected_version or 0)
        for name, value in values.items():
            setattr(current, attnames[name], _raw(model, name, value))
        moments_moved = isinstance(obj, HasMoments) and isinstance(current, HasMoments) and current.set_moments(obj.moments)
        record = None
        if changed or moments_moved:
            update = [attnames[name] for name in changed]
            if moments_moved:
                update += list(HasMoments.MOMENT_FIELDS)
            if changed and hasattr(current, "version"):
                current.version += 1
                update.append("version")
            _stamp(current, actor)
            if changed and hasattr(current, "updated_by_id"):
                update += ["updated_by", "updated_at"]
            if changed and settle is not None:
                update += [name for name in settle(current) if name not in update]
            current.save(update_fields=update)
            if changed:
                record = _row(current, action, changed, actor, why, job, programme, _moment_of(current) if "updated_at" in update else now())
                record.save()
        for field in model._meta.concrete_fields:
            setattr(obj, field.attname, getattr(current, field.attname))
    return record


def _differing(current: models.Model, attnames: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """{field: [old, new]} of what is not so already."""
    pairs = ((name, getattr(current, attnames[name]), _raw(type(current), name, value)) for name, value in values.items())
    return {name: [as_json(old), as_json(new)] for name, old, new in pairs if old != new}


def _in_one_piece() -> Any:
    """A transaction, or the one that is open: :func:`apply` refuses before it writes, so a savepoint would guard nothing."""
    return nullcontext() if transaction.get_connection().in_atomic_block else transaction.atomic()


def _keep_related(obj: models.Model, current: models.Model) -> None:
    """What ``obj`` points to and has in hand is not read again for ``current``, as long as both point to the same."""
    for field in _relations(type(obj)):
        if field.is_cached(obj) and getattr(obj, field.attname) == getattr(current, field.attname):
            field.set_cached_value(current, field.get_cached_value(obj))


@cache
def _relations(model: type[models.Model]) -> tuple[Any, ...]:
    return tuple(field for field in model._meta.concrete_fields if field.is_relation)


def _titled(words: str) -> str:
    """As a heading: what is written in capitals stays so."""
    return words[:1].upper() + words[1:]


def _refuse_clashes(current: models.Model, changed: dict[str, list[Any]], values: Mapping[str, Any], expected_version: int) -> None:
    since = Change.objects.filter(entity=entity_name(current), object_id=current.pk, version__gt=expected_version).order_by("version")
    theirs: dict[str, Change] = {name: record for record in since for name in record.fields}
    fields = {name: current._meta.get_field(name) for name in changed if name in theirs}
    clashes = [
        FieldConflict(
            field=name, label=_titled(str(field.verbose_name)), mine=_shown(field, values[name]), theirs=_shown(field, getattr(current, name)),  # type: ignore[union-attr]
            by=theirs[name].actor_label, at=theirs[name].at,
        )
        for name, field in fields.items()
    ]
    if clashes:
        raise Conflict(clashes, getattr(current, "version", 0))


def _shown(field: Any, value: Any) -> str:
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return short_moment(value)
    if isinstance(value, date):
        return short_date(value)
    return str(dict(field.flatchoices).get(value, value)) if getattr(field, "choices", None) else str(value)


def mark(obj: models.Model, action: str, *, actor: Actor, fields: Mapping[str, Any] | None = None, why: str = "", job: Job | None = None, programme: Programme | None = None) -> Change:
    """Record an act that is no change of a field of ``obj`` itself (approved, downloaded, held)."""
    record = _row(obj, action, fields or {}, actor, why, job, programme, now())
    record.save()
    return record


def bulk_mark(objs: Sequence[models.Model], action: str, *, actor: Actor, why: str = "", programme: Programme | None = None, job: Job | None = None) -> None:
    """The same act recorded on each of many; one statement."""
    at = now()
    _tell([_told(obj, action, {}, actor, why, job, programme, at) for obj in objs])


def bulk_create(objs: Sequence[E], *, actor: Actor, why: str = "", programme: Programme | None = None, job: Job | None = None, action: str = "created") -> list[E]:
    """Many new entities with their history in a fixed number of statements per ``BATCH``."""
    objs = list(objs)
    if not objs:
        return objs
    with transaction.atomic():
        _stamp_new(objs, actor)
        if len(objs) < BATCH:
            type(objs[0])._base_manager.bulk_create(objs)
        else:
            rows.insert_objects(objs)
        _tell(_first_told(objs, action, actor, why, job, programme))
    return objs


def bulk_apply(pairs: Sequence[tuple[E, Mapping[str, Any]]], *, actor: Actor, why: str = "", programme: Programme | None = None, job: Job | None = None, action: str = "changed", also: Sequence[str] = ()) -> int:
    """Change many rows of one model; the rows must have been read under lock in this transaction.

    ``also`` names fields already set on the objects (moments, say) that must be written without a history entry.
    Returns how many rows really changed.
    """
    if not pairs:
        return 0
    model = type(pairs[0][0])
    touched: list[E] = []
    told: list[tuple[Any, ...]] = []
    names: set[str] = set(also)
    at = now()
    real = 0
    as_meant = AsMeant(actor)
    for obj, given in pairs:
        values = as_meant(obj, given, programme or _programme_of(obj))
        attnames = _names_and_attnames(model, values)
        changed: dict[str, list[Any]] = {}
        for name, value in values.items():
            new, old = _raw(model, name, value), getattr(obj, attnames[name])
            if new != old:
                changed[name] = [as_json(old), as_json(new)]
                setattr(obj, attnames[name], new)
        if changed:
            real += 1
            if hasattr(obj, "version"):
                obj.version += 1
                names.update(("version", "updated_by", "updated_at"))
                _stamp(obj, actor)
                obj.updated_at = at  # type: ignore[attr-defined]
            names.update(changed)
            told.append(_told(obj, action, changed, actor, why, job, programme, at))
        if changed or also:
            touched.append(obj)
    if touched:
        with transaction.atomic():
            upsert(model, touched, sorted(names))
            _tell(told)
    return real


def upsert(model: type[E], objs: Sequence[E], names: Sequence[str]) -> None:
    """Write ``names`` of existing rows: an upsert by primary key is far cheaper than ``bulk_update``, and for many rows :func:`rows.update` is cheaper still."""
    if len(objs) < BATCH:
        model._base_manager.bulk_create(objs, update_conflicts=True, unique_fields=["id"], update_fields=list(names))
    else:
        rows.update(objs, names)
