"""Many new rows at once, where the object mapper's own insert would be most of the cost.

PostgreSQL takes them as a COPY, SQLite by one prepared statement, both in the caller's transaction. Nothing here writes
history: :mod:`mobilisation.services.changes` does.
"""

from __future__ import annotations

import csv
import io
import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, TypeVar

from django.db import connections, models, router
from django.db.models.base import ModelState

from mobilisation.clock import now
from mobilisation.models.record import Moment, Record, new_public_id, new_public_ids

M = TypeVar("M", bound=models.Model)
BATCH = 500
_AS_THEY_ARE = (models.CharField, models.TextField, models.BooleanField, models.IntegerField, models.ForeignKey)


def insert(model: type[Record], rows: Sequence[Mapping[str, Any]], *, by: int | None) -> None:
    """Insert ``rows`` ({attname: value}; what a row does not name has its default), stamped with now and the user ``by``.

    Returns no ids: for rows whose history another row tells.
    """
    if not rows:
        return
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    place = {field.attname: n for n, field in enumerate(fields)}
    stamps = {"created_at": now(), "updated_at": now(), "created_by_id": by, "updated_by_id": by}
    usual = [stamps.get(field.attname, field.get_default()) for field in fields]
    public, fresh = place["public_id"], new_public_ids(len(rows))

    def whole(row: Mapping[str, Any]) -> list[Any]:
        values = usual.copy()
        values[public] = next(fresh)
        for name, value in row.items():
            values[place[name]] = value
        return values

    none_lost(write(model, fields, map(whole, rows)), len(rows))


def insert_objects(objs: Sequence[models.Model]) -> None:
    """Insert new ``objs`` of one model; afterwards they have their keys and stamps, as after ``bulk_create``."""
    model = type(objs[0])
    fields = list(model._meta.concrete_fields)
    alias = router.db_for_write(model)
    key = model._meta.pk.attname
    stamps = dict.fromkeys((field.attname for field in fields if isinstance(field, Moment) and (field.auto_now or field.auto_now_add)), now())
    for obj, number in zip(objs, _keys(model, len(objs)), strict=True):
        obj.__dict__.update(stamps)
        setattr(obj, key, number)
    stamped = [field for field in fields if field.attname not in stamps and isinstance(field, models.DateField) and (field.auto_now or field.auto_now_add)]
    found = itemgetter(*(field.attname for field in fields))

    def values(obj: models.Model) -> Sequence[Any]:
        for field in stamped:
            field.pre_save(obj, add=True)
        return found(obj.__dict__)

    none_lost(write(model, fields, map(values, objs)), len(objs))
    for obj in objs:
        obj._state.adding, obj._state.db = False, alias


def another(blank: M, values: Mapping[str, Any]) -> M:
    """A new unsaved object that is like ``blank`` but for ``values`` (fields by name): a constructor goes through every field of every row."""
    made = type(blank).__new__(type(blank))
    held = made.__dict__
    held.update(blank.__dict__)
    known = blank._state.fields_cache.copy()
    made._state = ModelState()
    made._state.__dict__ = blank._state.__dict__ | {"fields_cache": known}
    if isinstance(made, Record):
        held["public_id"] = new_public_id()
    plain, pointers = _ways(type(blank))
    for name, value in values.items():
        if name in plain:
            held[name] = value
        elif name in pointers and value is not None:
            held[pointers[name]], known[name] = value.pk, value
        else:
            setattr(made, name, value)
    return made


def follow(objs: Iterable[models.Model], name: str) -> None:
    """Take over the key of what ``objs`` point to under ``name``, which was new when they were made and is written now."""
    for obj in objs:
        obj.__dict__[f"{name}_id"] = obj._state.fields_cache[name].pk


@cache
def _ways(model: type[models.Model]) -> tuple[frozenset[str], dict[str, str]]:
    """The fields that are set as any attribute, and {foreign key: where its key is kept}: what their descriptors do beside that is nothing for a new object."""
    fields = model._meta.concrete_fields
    pointers = {field.name: field.attname for field in fields if type(field) is models.ForeignKey and field.target_field.primary_key}
    return frozenset(field.name for field in fields if not field.is_relation and type(field).descriptor_class is models.Field.descriptor_class), pointers


def _keys(model: type[models.Model], count: int) -> list[int]:
    """``count`` fresh primary keys; nobody else gets them."""
    connection = connections[router.db_for_write(model)]
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [f'"{table}"', count])
            return [row[0] for row in cursor.fetchall()]
        # One writer at a time: inside the transaction nobody else can take the next numbers.
        cursor.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        first = cursor.fetchone()[0] + 1
        return list(range(first, first + count))


def write(model: type[models.Model], fields: Sequence[Any], rows: Iterable[Sequence[Any]]) -> int:
    """Insert ``rows``, each a value for each of ``fields`` in their order. Returns how many the database took."""
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    into = f"{quote(model._meta.db_table)} ({', '.join(quote(field.column) for field in fields)})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            null = f"~{secrets.token_hex(5)}"
            _copy(connection, cursor, f"COPY {into} FROM STDIN WITH (FORMAT csv, NULL '{null}')", _Text(rows, _as_text(fields, null)))
        else:
            odd = [(n, field) for n, field in enumerate(fields) if not isinstance(field, _AS_THEY_ARE)]

            def prepared(row: Sequence[Any]) -> Sequence[Any]:
                values = list(row)
                for n, field in odd:
                    values[n] = field.get_db_prep_save(values[n], connection)
                return values

            cursor.executemany(f"INSERT INTO {into} VALUES ({', '.join(['%s'] * len(fields))})", [*map(prepared, rows)])  # noqa: S608  our own names; every value is a parameter
        return int(cursor.rowcount)


def none_lost(taken: int, given: int) -> None:
    """Who asks for many rows counts on all of them: fewer is a fault, and the caller's transaction takes back what was written."""
    if taken != given:
        raise RuntimeError(f"the database took {taken} of {given} rows")


def update(objs: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write the fields ``names`` of ``objs``, existing rows of one model; nothing else of them is touched."""
    model = type(objs[0])
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    key = model._meta.pk
    for obj in objs:
        for field in fields:
            if isinstance(field, models.DateField):
                field.pre_save(obj, add=False)
    attnames = [field.attname for field in fields]
    columns = [quote(field.column) for field in fields]
    table = quote(model._meta.db_table)
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            prepared = [[*(field.get_db_prep_save(getattr(obj, field.attname), connection) for field in fields), obj.pk] for obj in objs]
            cursor.executemany(f"UPDATE {table} SET {', '.join(f'{column} = %s' for column in columns)} WHERE id = %s", prepared)  # noqa: S608  as above
            none_lost(cursor.rowcount, len(objs))
        return
    passing = quote(f"passing_{secrets.token_hex(5)}")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE {passing} ON COMMIT DROP AS SELECT id, {', '.join(columns)} FROM {table} WHERE false")  # noqa: S608  as above
        null = f"~{secrets.token_hex(5)}"
        told = _Text(([obj.pk, *(getattr(obj, name) for name in attnames)] for obj in objs), _as_text([key, *fields], null))
        _copy(connection, cursor, f"COPY {passing} FROM STDIN WITH (FORMAT csv, NULL '{null}')", told)
        cursor.execute(f"UPDATE {table} AS held SET {', '.join(f'{column} = passing.{column}' for column in columns)} FROM {passing} AS passing WHERE held.id = passing.id")  # noqa: S608  as above
        none_lost(cursor.rowcount, len(objs))
        cursor.execute(f"DROP TABLE {passing}")


def count_anew(model: type[models.Model]) -> None:
    """Tell PostgreSQL how large the table of ``model`` has become, after the first of many rows that others will refer to.

    A table that was never counted is taken for tiny, so that any index that holds the key seems as good as the key's own: each reference is
    then looked up by reading a whole index, and the looking grows with the square of the rows. One column is enough, and nobody is waited for.
    """
    connection = connections[router.db_for_write(model)]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE (SKIP_LOCKED) {connection.ops.quote_name(model._meta.db_table)} (id)")


def check_references() -> None:
    """Let PostgreSQL look now whether what was written refers to rows that exist: left to the commit, that is a wait nobody hears anything of."""
    connection = connections[router.db_for_write(Record)]
    if connection.vendor == "postgresql":
        connection.check_constraints()


def _copy(connection: Any, cursor: Any, statement: str, told: _Text) -> None:
    """A constraint that is broken is told as Django tells it. The size goes by place: the cursor that counts statements takes no names."""
    with connection.wrap_database_errors:
        cursor.copy_expert(statement, told, 1 << 16)


def _as_text(fields: Sequence[Any], null: str) -> Callable[[Sequence[Any]], list[Any]]:
    """How a row is told to COPY: ``null`` for None, documents as JSON, the rest as Python writes it, which PostgreSQL reads."""
    documents = [n for n, field in enumerate(fields) if isinstance(field, models.JSONField)]

    def told(row: Sequence[Any]) -> list[Any]:
        values = [null if value is None else value for value in row]
        for n in documents:
            if row[n] is not None:
                values[n] = json.dumps(row[n])
        return values

    return told


class _Text(io.TextIOBase):
    """The rows as CSV, made as COPY reads, so that memory holds a batch and not the list."""

    def __init__(self, rows: Iterable[Sequence[Any]], told: Callable[[Sequence[Any]], list[Any]]) -> None:
        self._rows, self._told, self._rest = iter(rows), told, ""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        out = io.StringIO()
        out.write(self._rest)
        line = csv.writer(out, lineterminator="\n")
        for row in self._rows:
            line.writerow(self._told(row))
            if size is not None and 0 <= size <= out.tell():
                break
        text = out.getvalue()
        cut = len(text) if size is None or size < 0 else size
        self._rest = text[cut:]
        return text[:cut]
