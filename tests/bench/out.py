"""Job 7: the whole list out of the system, as a worker writes it, beside the same columns of one table straight into a file."""

from __future__ import annotations

import csv
import tempfile
from typing import Any

from django.db import connection, transaction

from tests.bench import seed
from tests.bench.timing import NotMeasured, Result, clock
from tests.bench.work import _in_child
from transfers.exports.tracker import FIELDS, write_csv, write_tracker
from transfers.models import PersonTransfer


def floor(programme: int) -> None:
    """The plain columns of the list, by one statement and a cursor of the server, as CSV; no marks, stays, checks or names of providers."""
    with transaction.atomic(), tempfile.TemporaryFile("w+", newline="") as file, connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(FIELDS)} FROM transfers_persontransfer WHERE programme_id = %s ORDER BY surname, forename, id", [programme])
        line = csv.writer(file)
        line.writerow(FIELDS)
        while rows := cursor.fetchmany(2000):
            line.writerows(rows)


def exported(seeded: seed.Seeded, file_format: str) -> Result:
    """``ours`` once, since it is long; its peak is measured in a process of its own."""
    people = PersonTransfer.objects.filter(programme=seeded.large)
    count = people.count()

    def ours() -> None:
        write: Any = write_csv if file_format == "csv" else write_tracker
        with tempfile.TemporaryFile() as file:
            if len(write(file, seeded.large, people)) != count:
                raise NotMeasured("not everybody was written")

    seconds, peak = _in_child(ours)
    least = min(clock(lambda: floor(seeded.large.pk)) for _ in range(3))
    return Result(f"7 export of {count} people as {file_format}", seconds, least, 60.0, f"{1000 * seconds / count:.2f} ms a row, peak {peak:.0f} MiB above idle")
