"""Jobs 4 to 6: an import, the weekly run and one large pack, without a web server."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import xlsxwriter
from django.db import connection, connections
from django.db.models import DateTimeField
from python_calamine import CalamineWorkbook

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.models import Change
from mobilisation.pdf import pdf_available
from reporting.documents import build
from reporting.rules import weeks
from reporting.services import packs, snapshots, weekly
from tests.bench import seed
from tests.bench.timing import NotMeasured, Result, clock, shown
from transfers.models import Checkpoint, PersonContact, PersonTransfer, ServiceOrder

OPERATOR = Actor.operator()
HEADINGS = (
    "Swift ID", "NHS no", "Surname", "First name", "DOB", "Address", "Postcode", "Tel", "NOK / representative", "Funding", "RAG", "Lives alone", "Dementia", "Double handed", "PEG",
    "Medication support", "Hrs pw", "Calls per day", "Current SDO", "Current provider", "New provider", "Wave", "Proposed transfer date", "Case Manager", "Comments",
)
FIELDS = (
    "case_system_id", "nhs_number", "surname", "forename", "date_of_birth", "address", "postcode", "phone", "representative_name", "funding_type", "priority", "", "", "", "",
    "medication_level", "weekly_hours", "visits_per_day", "old_order_ref", "", "", "wave", "planned_transfer_date", "case_manager", "notes",
)
"""The columns of the person that the headings mean, where a cell goes in as it stands."""
DATES, NUMBERS, REQUIRED = (4, 22), (16, 17), (0, 2, 3)


def workbook(rows: int, bad_every: int = 0) -> bytes:
    """A tracker as a council sends it, every row good; with ``bad_every`` 100 each hundredth is refused for its day of birth."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    sheet, day = book.add_worksheet("Transfer tracker"), book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_row(0, 0, HEADINGS)
    born, move = date(1940, 1, 1), today() + timedelta(days=20)
    for number in range(rows):
        values: list[Any] = [
            f"MOS{number:06d}", "", seed.NAMES[number % 10], f"Person {number}", born + timedelta(days=number % 9000), f"{number} Harbour Street, Whitstable", f"CT{1 + number % 9} 1AR", "01227 153746",
            "A. Relative", "KCC", "RAG"[number % 3], "N", "N", "N", "N", "Prompt", 14, 2, f"SDO/{number:06d}", "Meadowgate Homecare Ltd", seed.PROVIDERS[number % 3], "1", move, "T. Obi", "",
        ]
        for column, value in enumerate(values):
            if column == DATES[0] and bad_every and number % bad_every == bad_every - 1:
                sheet.write(number + 1, column, "31/02/1940")
            elif column in DATES:
                sheet.write_datetime(number + 1, column, value, day)
            else:
                sheet.write(number + 1, column, value)
    book.close()
    return target.getvalue()


def _good(data: bytes) -> list[list[Any]]:
    """The rows of the file as calamine gives them, whose required cells are filled and whose dates and numbers are such."""
    return [
        row
        for row in CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()[1:]
        if not (any(row[column] == "" for column in REQUIRED) or any(not isinstance(row[column], date) for column in DATES) or any(not isinstance(row[column], (int, float)) for column in NUMBERS))
    ]


def bare_floor(data: bytes) -> None:
    """The least there could be: the file read and checked, and its cells written in bulk as text to one bare table."""
    columns = [f"c{number}" for number in range(len(HEADINGS))]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_cells")
        cursor.execute(f"CREATE TABLE bench_cells ({', '.join(f'{column} text' for column in columns)})")
    _write_in_bulk("bench_cells", columns, [[str(value) for value in row] for row in _good(data)])


def floor_import(data: bytes) -> None:
    """The raw read and the bulk write of an import (issue 3, part 6; speed.md, job 4).

    Read by calamine; required cells, dates and numbers checked; then by COPY the rows that the import writes of them, in their real
    columns: the person, the representative, the old order, the marks C01 and C03, and a row of history for the person and for each
    mark, old and new values as JSON. Nothing is compared, matched, normalised or worked out: no gates, due dates or colours. The tables
    have the columns of the real ones and neither indexes, constraints nor references, so that nothing of their cost is in the floor.
    """
    day, at = today(), now()
    kinds = {model: f"bench_{model._meta.model_name}" for model in (PersonTransfer, PersonContact, ServiceOrder, Checkpoint, Change)}
    fields = {model: [field for field in model._meta.concrete_fields] for model in kinds}
    place = {model: {field.attname: n for n, field in enumerate(own)} for model, own in fields.items()}
    usual = {model: [at if isinstance(field, DateTimeField) else 0 if field.is_relation and not field.null else field.get_default() for field in own] for model, own in fields.items()}
    found: dict[Any, list[list[Any]]] = {model: [] for model in kinds}

    def add(model: Any, values: dict[str, Any]) -> None:
        row = usual[model].copy()
        for name, value in values.items():
            row[place[model][name]] = value
        found[model].append(row)

    for pk, row in enumerate(_good(data), 1):
        said = {name: value for name, value in zip(FIELDS, row, strict=True) if name and value != ""}
        add(PersonTransfer, {"id": pk, "public_id": f"p{pk}", "listed_on": day, "touched_on": day, **said})
        add(PersonContact, {"id": pk, "public_id": f"c{pk}", "person_id": pk, "name": row[8], "main": True, "role": "representative"})
        add(ServiceOrder, {"id": pk, "public_id": f"o{pk}", "person_id": pk, "kind": "old", "external_ref": row[18]})
        add(Change, {"id": pk, "at": at, "entity": "transfers.persontransfer", "object_id": pk, "action": "imported", "fields": json.dumps({name: [None, str(value)] for name, value in said.items()})})
        for code in ("C01", "C03"):
            add(Checkpoint, {"id": pk, "public_id": f"{code}{pk}", "person_id": pk, "code": code, "state": "done", "done_on": day, "from_file": True})
            add(Change, {"id": pk, "at": at, "entity": "transfers.checkpoint", "object_id": pk, "action": "reported by file", "fields": json.dumps({"person": [None, pk], "code": [None, code], "state": [None, "done"], "done_on": [None, str(day)]})})
    for model, table in kinds.items():
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
            cursor.execute(f"CREATE TABLE {table} AS SELECT * FROM {model._meta.db_table} WHERE 1 = 0")
        _write_in_bulk(table, [field.column for field in fields[model]], found[model])


def _write_in_bulk(table: str, columns: list[str], rows: list[list[Any]]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            text = io.StringIO()
            csv.writer(text).writerows([["~" if value is None else value for value in row] for row in rows])
            text.seek(0)
            cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv, NULL '~')", text)
        else:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(columns))})", [[value if value is None or isinstance(value, (bool, int, float)) else str(value) for value in row] for row in rows])
            cursor.execute("COMMIT")


def _in_child(work: Callable[[], Any]) -> tuple[float, float]:
    """(seconds, peak MiB above idle) of ``work`` in a process of its own."""
    connections.close_all()
    receive, send = multiprocessing.Pipe(duplex=False)

    def child() -> None:
        idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            seconds = clock(work)
        except Exception as error:
            send.send(f"{type(error).__name__}: {error}")
            return
        send.send((seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle) / 1024))

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    answer = receive.recv() if receive.poll(1800) else "it took more than half an hour"
    process.join()
    if isinstance(answer, str):
        raise NotMeasured(answer)
    return answer


def imported(rows: int) -> Result:
    """Job 4: a workbook read, validated, compared and written with history, each time into a new programme."""
    from mobilisation.services.imports import import_file

    data, with_bad = workbook(rows), workbook(rows, bad_every=100)
    mine, worse, least, barest, peaks = [], [], [], [], []
    for number in range(3):

        def ours(file: bytes, good: int, into: Any) -> None:
            outcome = import_file("tracker", into, OPERATOR, file, "bench.xlsx", accept_valid=True)
            if outcome.summary["created"] != good:
                raise NotMeasured(f"{outcome.summary['created']} of {good} rows came in: {[error.problem for error in outcome.plan.errors][:1]}")

        for file, good, taken in ((data, rows, mine), (with_bad, rows - rows // 100, worse)):
            seconds, peak = _in_child(partial(ours, file, good, seed.programme(f"IMPORT{number}X{good}")))
            taken.append(seconds)
            peaks.append(peak)
        least.append(_in_child(lambda: floor_import(data))[0])
        barest.append(_in_child(lambda: bare_floor(data))[0])
    ours, bare = statistics.median(mine), statistics.median(barest)
    return Result(f"4 import of {rows} rows", ours, statistics.median(least), 5.0, f"peak {max(peaks):.0f} MiB above idle; one row in a hundred bad: {statistics.median(worse) / ours:.2f} times (goal 1.2); {ours / bare:.1f} times a bare table of text ({shown(bare)})")


class Texts:
    """Remembers the HTML of each document as it was set, so that the floor sets the same."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.seconds = 0.0
        self._pdf_of, self._render = build.pdf_of, build.render

    def __enter__(self) -> Texts:
        last: list[str] = []

        def render(text: str) -> build.Made:
            last[:] = [text]
            return self._render(text)

        def pdf_of(pack: Any) -> build.Made:
            made = self._pdf_of(pack)
            self.kept.append(last[0])
            return made

        build.render, build.pdf_of = render, pdf_of
        return self

    def __exit__(self, *_: Any) -> None:
        build.render, build.pdf_of = self._render, self._pdf_of


def raw(text: str) -> int:
    """The same HTML straight through WeasyPrint; returns its pages."""
    from weasyprint import HTML

    document = HTML(string=text, base_url=f"http://{build.HOST}/", url_fetcher=build._fetcher()).render(pdf_variant="pdf/ua-1", pdf_tags=True)
    document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)
    return len(document.pages)


def _ready() -> None:
    available, why = pdf_available()
    if not available:
        raise NotMeasured(why)


def weekly_run(seeded: seed.Seeded, count: int) -> Result:
    """Job 5: the week of ``count`` programmes frozen and rendered, one worker, against raw WeasyPrint on the same pages."""
    _ready()
    week = weeks.last_ended_on(today())
    mine = least = 0.0
    documents = 0
    for programme in seeded.small[:count]:
        with Texts() as texts:
            start = time.perf_counter()
            cycle = weekly.run_week(programme, week, actor=OPERATOR)
            mine += time.perf_counter() - start
        failed = [pack.reason for pack in cycle.packs if pack.reason]
        if failed:
            raise NotMeasured(failed[0])
        documents += len(texts.kept)
        for text in texts.kept:
            least += clock(lambda text=text: raw(text))
    return Result(f"5 weekly run of {min(count, len(seeded.small))} programmes", mine, least, 1.25, f"{documents} documents")


def board_pack(seeded: seed.Seeded) -> Result:
    """Job 6: the pack of the large programme, built three times as three versions."""
    _ready()
    snapshot, _ = snapshots.freeze_week(seeded.large, weeks.last_ended_on(today()), actor=OPERATOR)
    pack = packs.draft(snapshot, "board", actor=OPERATOR)
    mine, least, pages = [], [], 0
    for _ in range(3):
        with Texts() as texts:
            mine.append(clock(lambda: build.pdf_of(pack)))

        def floor(text: str = texts.kept[-1]) -> None:
            nonlocal pages
            pages = raw(text)

        least.append(clock(floor))
    ours = statistics.median(mine)
    return Result(f"6 board pack of {pages} pages", ours, statistics.median(least), 1.15, f"{ours * 1000 / pages:.0f} ms a page")
