"""The running numbers of the registers."""

from __future__ import annotations

from zlib import crc32

from django.db import connection
from django.db.models import Max

from mobilisation.models import Programme


def next_numbers(model: type, programme: Programme, many: int = 1) -> range:
    """The next ``many`` numbers of a register; a lock of the register's own, until the transaction ends, so that two people never get one number.

    Not the programme's row: who numbers something may hold a person's, and an import or a moved date holds the programme's and waits for people.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [crc32(model.__name__.encode()) & 0x7FFFFFFF, programme.pk])
    else:
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    last = model.objects.filter(programme=programme).aggregate(last=Max("number"))["last"] or 0  # type: ignore[attr-defined]
    return range(last + 1, last + 1 + many)
