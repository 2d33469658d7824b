"""The tracker as a workbook that ``import_tracker`` takes back unchanged; streamed, formula-safe.

``row_ref`` is the council's reference where it has one of its own, else ours; ``record_id`` is always ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import IO, Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from mobilisation.access import Actor
from mobilisation.models import Programme
from mobilisation.roles import Can
from mobilisation.workbooks.write import Writer, csv_lines
from transfers.exports.typing_help import FROZEN, HOW_TO, WIDTHS, cells_of
from transfers.imports.tracker import FIELDS, HOSPITAL, MARKS, cell_of
from transfers.imports.tracker_columns import RECORD_ID, columns_for
from transfers.models import Checkpoint, Discrepancy, HospitalEpisode, PersonTransfer, SafetyCheck
from transfers.rules.gates import SETTLED

BATCH = 500
COLUMNS = columns_for({}, {})
HEADINGS = [column.name for column in COLUMNS]
LISTED = frozenset({
    "case_system_id", "surname", "forename", "priority", "exiting_provider", "incoming_provider", "in_hospital", "planned_transfer_date", "wave", "plan_status", "case_manager", "next_action",
    *MARKS,
})
"""What the list itself shows of a person."""


def headings_for(actor: Actor) -> list[str]:
    """Columns of the people that ``actor`` sees: all with the right to take the list out, else those the list shows."""
    return HEADINGS if actor.can(Can.PEOPLE_EXPORT) else [name for name in HEADINGS if name in LISTED]


Told = Callable[[int], None]
"""Hears after each batch how many rows are written, and may stop the writing by raising."""


def write_tracker(target: str | IO[bytes], programme: Programme, people: QuerySet[PersonTransfer], keys: Sequence[int] | None = None, told: Told | None = None) -> list[str]:
    """One row a person of ``people`` (already narrowed to what the reader may see), in the order of ``keys`` where they are given.
    Returns the public ids of the people written. Memory holds a batch, and the ids."""
    written = []
    with Writer(target, f"Tracker {programme.reference}", HEADINGS, cells=cells_of(programme), widths=WIDTHS, frozen=FROZEN, how_to=HOW_TO) as sheet:
        for public_id, cells in lines(programme, people, keys, told):
            sheet.row(cells)
            written.append(public_id)
    return written


def write_csv(target: IO[bytes], programme: Programme, people: QuerySet[PersonTransfer], keys: Sequence[int] | None = None, told: Told | None = None) -> list[str]:
    """The same as CSV in UTF-8."""
    written: list[str] = []

    def noted() -> Iterator[list[Any]]:
        for public_id, cells in lines(programme, people, keys, told):
            written.append(public_id)
            yield _exact(cells)

    for line in csv_lines(HEADINGS, noted()):
        target.write(line.encode())
    return written


def stream_csv(programme: Programme, people: QuerySet[PersonTransfer], keys: Sequence[int]) -> Iterator[str]:
    """Line by line, for an answer that is sent while it is read."""
    return csv_lines(HEADINGS, (_exact(cells) for _, cells in lines(programme, people, keys)))


def _exact(cells: list[Any]) -> list[Any]:
    """Moments as text that a spreadsheet program leaves alone: saved again as CSV, a moment of its own loses its seconds."""
    return [cell.isoformat(timespec="milliseconds") if isinstance(cell, datetime) else cell for cell in cells]


def lines(programme: Programme, people: QuerySet[PersonTransfer], keys: Sequence[int] | None = None, told: Told | None = None) -> Iterator[tuple[str, list[Any]]]:
    """Public id and the cells under ``HEADINGS``."""
    shared = _shared_references(programme)
    for done, (public_id, values) in enumerate(rows(people, keys), 1):
        if not values["row_ref"] or values["row_ref"] in shared:
            values["row_ref"] = public_id
        yield public_id, [values.get(name) for name in HEADINGS]
        if told is not None and done % BATCH == 0:
            told(done)


def _shared_references(programme: Programme) -> set[str]:
    """References that several lists gave to several people: in one workbook each may stand once (domain 7.4)."""
    references = PersonTransfer.objects.filter(programme=programme).exclude(row_ref="")  # scope: counts only, whoever may see the people
    return set(references.order_by().values("row_ref").annotate(number=Count("pk")).filter(number__gt=1).values_list("row_ref", flat=True))


def rows(people: QuerySet[PersonTransfer], keys: Sequence[int] | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Public id and column → value of ``people``, in the order of ``keys`` or else their own; five queries a batch, one batch in memory."""
    wanted = list(people.values_list("pk", flat=True)) if keys is None else keys
    found = people.order_by().select_related("exiting_provider", "incoming_provider", "updated_by")
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        held = {person.pk: person for person in found.filter(pk__in=batch)}
        yield from rows_of([held[key] for key in batch if key in held])


def rows_of(people: list[PersonTransfer]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The same of people already read, with their providers and who updated them; four queries."""
    ids = [person.pk for person in people]
    marks: dict[int, dict[str, Any]] = {}
    checked_by: dict[int, date | None] = {}
    touched: dict[int, list[tuple[datetime, str | None]]] = {}
    told = ("person_id", "code", "state", "done_on", "due", "updated_at", "updated_by__name", "updated_by__email")
    for pk, code, state, day, due, at, name, email in Checkpoint.objects.filter(person__in=ids).values_list(*told):  # scope: of the people above
        marks.setdefault(pk, {})[code] = cell_of(state, day)
        if code == "C16" and state in SETTLED:
            checked_by[pk] = due
        touched.setdefault(pk, []).append((at, name or email))
    stays = {stay.person_id: stay for stay in HospitalEpisode.objects.filter(person__in=ids, open=True).select_related("updated_by")}  # scope: of the people above
    checks = {check.person_id: check for check in SafetyCheck.objects.filter(person__in=ids).order_by("pk")}  # scope: of the people above
    discrepancies: dict[int, int] = {}
    for pk in Discrepancy.objects.filter(person__in=ids, closed_on__isnull=True).values_list("person_id", flat=True):  # scope: of the people above
        discrepancies[pk] = discrepancies.get(pk, 0) + 1
    for person in people:
        held, own, stay, check = person.__dict__, marks.get(person.pk, {}), stays.get(person.pk), checks.get(person.pk)
        last_at, last_by = max([_stamp(person), *touched.get(person.pk, ()), *([_stamp(stay)] if stay else [])], key=itemgetter(0))
        yield person.public_id, {
            **{name: held[name] for name in FIELDS}, RECORD_ID: person.public_id,
            "exiting_provider": person.exiting_provider.name if person.exiting_provider else None, "incoming_provider": person.incoming_provider.name if person.incoming_provider else None,
            "in_hospital": person.in_hospital or (None if person.hospital_asked_on is None else False), "actual_transfer_date": person.actual_transfer_date, "file_route": person.file_route,
            **{name: getattr(stay, name) if stay else None for name in HOSPITAL}, **{name: own.get(code) for name, code in MARKS.items()},
            "safety_check_due": checked_by.get(person.pk) or person.safety_due, "safety_check_on": check.done_on if check else None, "safety_outcome": check.outcome if check else None,
            "plan_status": "PROVISIONAL" if person.plan_provisional else person.plan_status, "plan_validated_on": person.plan_validated_on,
            "discrepancies_open": discrepancies.get(person.pk), "last_updated_by": last_by, "last_updated_at": timezone.localtime(last_at),
        }


def _stamp(record: PersonTransfer | HospitalEpisode) -> tuple[datetime, str | None]:
    return record.updated_at, str(record.updated_by) if record.updated_by else None
