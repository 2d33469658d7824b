"""New rows from plain values, where tens of thousands come at once and a model instance for each would be most of the cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connections, models, router

from mobilisation.clock import now
from mobilisation.models.record import Record, new_public_id

BATCH = 500
_AS_THEY_ARE = (models.CharField, models.TextField, models.BooleanField, models.IntegerField, models.ForeignKey)


def insert(model: type[Record], rows: Sequence[Mapping[str, Any]], *, by: int | None) -> None:
    """Insert ``rows`` ({attname: value}; what a row does not name has its default), stamped with now and the user ``by``.

    One statement a batch. Writes no history and returns no ids: for rows whose history another row tells.
    """
    if not rows:
        return
    connection = connections[router.db_for_write(model)]
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    place = {field.attname: n for n, field in enumerate(fields)}
    odd = {field.attname: field for field in fields if not isinstance(field, _AS_THEY_ARE)}
    stamps = {"created_at": now(), "updated_at": now(), "created_by_id": by, "updated_by_id": by}
    usual = [field.get_db_prep_save(stamps.get(field.attname, field.get_default()), connection) for field in fields]
    public = place["public_id"]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column or "") for field in fields)
    head = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES "  # noqa: S608  our own names; every value is a parameter
    one = f"({', '.join(['%s'] * len(fields))})"
    most = max(1, min(BATCH, (connection.features.max_query_params or BATCH * len(fields)) // len(fields)))
    with connection.cursor() as cursor:
        for start in range(0, len(rows), most):
            batch = rows[start : start + most]
            values: list[Any] = []
            for row in batch:
                own = usual.copy()
                own[public] = new_public_id()
                for name, value in row.items():
                    own[place[name]] = odd[name].get_db_prep_save(value, connection) if name in odd else value
                values += own
            cursor.execute(head + ", ".join([one] * len(batch)), values)
