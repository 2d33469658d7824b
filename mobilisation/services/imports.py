"""Imports as use cases: take an upload in, show what it would do, do it in one transaction, keep the result.

All or nothing per file; the programme's row is locked while an import compares and writes, so the same file
sent twice at once gives one set of rows (trust B3, B4, B8).
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.choices import ImportState, JobState
from mobilisation.clock import now, today
from mobilisation.errors import ChoiceNeeded, Refused
from mobilisation.models import ImportRun, Job, Programme, SavedMapping
from mobilisation.services import access_log, changes, jobs
from mobilisation.workbooks import limits, read, safety, sheets, store
from mobilisation.workbooks.columns import Column, guess
from mobilisation.workbooks.dates import Order
from mobilisation.workbooks.pipeline import COMPARING, Importer, Parsed, Progress, carry_out, make_plan, parse, unheard
from mobilisation.workbooks.plan import Plan, Problem
from mobilisation.workbooks.read import Workbook
from mobilisation.workbooks.table import Table
from mobilisation.workbooks.words import normal

log = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=30)
"""How long the rows of an upload are kept; the result stays."""


@dataclass
class Outcome:
    """What came of an import. ``ok`` is False when nothing was written because of ``summary["errors"]``."""

    ok: bool
    summary: dict[str, Any]
    plan: Plan[Any]


def importer_for(kind: str, programme: Programme, actor: Actor) -> Importer[Any]:
    """A fresh importer. Raises ``Refused`` for a kind no app offers, ``NotPermitted`` for the wrong role."""
    found = registry.importers().get(kind)
    if found is None:
        raise Refused(f"There is no import of “{kind}” here.")
    actor.require(found.can)
    made: Importer[Any] = registry.load(found.importer)(programme, actor)
    return made


def open_book(importer: Importer[Any], data: bytes, file_name: str) -> Workbook:
    """The checked and read file, without key-safe codes."""
    ending = os.path.splitext(file_name)[1].lower()
    if ending in importer.other_formats:
        safety.check_size(data, file_name, limits.current())
        book: Workbook = importer.read_other(data, file_name)
    else:
        book = read.workbook(data, file_name)
    return sheets.drop_codes(book, importer.column_list)


def remembered(programme: Programme, kind: str) -> dict[str, str]:
    """Headings people mapped before → our column, or empty for one to leave out: in this programme, and before the first time
    here what the same council (``lead_organisation``) last said, whose systems write the same reports."""
    of_kind = SavedMapping.objects.filter(kind=kind)
    saved = of_kind.filter(programme=programme).first()
    if saved is None and programme.lead_organisation_id is not None:
        saved = of_kind.filter(programme__lead_organisation=programme.lead_organisation_id).order_by("-updated_at").first()
    return dict(saved.mapping) if saved else {}


def remember(programme: Programme, kind: str, mapping: Mapping[str, str]) -> None:
    with transaction.atomic():
        saved, _ = SavedMapping.objects.select_for_update().get_or_create(programme=programme, kind=kind)
        saved.mapping = {**saved.mapping, **mapping}
        saved.save(update_fields=["mapping", "updated_at"])


def faults_of_mapping(importer: Importer[Any], mapping: Mapping[str, str]) -> list[str]:
    """What is wrong with what people say headings mean: a column that does not exist, or one meant by two headings."""
    titles = {column.name: column.title for column in importer.column_list}
    meant: dict[str, list[str]] = {}
    for heading, name in mapping.items():
        if name:
            meant.setdefault(name, []).append(heading)
    return [f"There is no column {name}." for name in meant if name not in titles] + [
        f"“{titles[name]}” is chosen for {len(headings)} headings: {', '.join(headings)}. Choose it once." for name, headings in meant.items() if name in titles and len(headings) > 1
    ]


def tabulate(importer: Importer[Any], book: Workbook, *, sheet: str = "", heading_row: int | None = None, mapping: Mapping[str, str] | None = None) -> Table:
    """The table of the file as understood so far; raises ``ChoiceNeeded`` where only a person can say."""
    columns = importer.column_list
    taught, said = remembered(importer.programme, importer.kind), dict(mapping or {})
    known = {heading: name for heading, name in taught.items() if not name or name not in said.values()} | said
    chosen = sheets.choose_sheet(book, columns, sheet or None, known)
    table = sheets.table_of(chosen, columns, known, heading_row)
    sheets.warn_near(table)
    table.warnings[:0] = [Problem(0, "", "", note) for note in book.notes]
    return table


def refuse_another_list(importer: Importer[Any], table: Table) -> None:
    """Raises ``ChoiceNeeded`` when the headings mean more to another kind of import: the wrong file is never half understood."""
    taught = remembered(importer.programme, importer.kind)
    if importer.takes_any_list or any(heading in taught for heading in table.headings):
        return
    own = sum(map(bool, table.columns))
    for entry in registry.importers().values():
        if entry.kind == importer.kind:
            continue
        other: Importer[Any] = registry.load(entry.importer)(importer.programme, importer.actor)
        theirs = len({found.column for found in guess(table.headings, other.column_list, near=False) if found.column})
        if theirs > own:
            raise ChoiceNeeded(
                f"This reads like another list: {theirs} of its headings are known as “{entry.title}”, {own} as “{importer.noun[1]}”. Import it there. If it is right here, say which heading means what.",
                "--map", [heading for heading in table.headings if heading],
            )


def settle(
    importer: Importer[Any], parsed: Parsed, *, accept_valid: bool = False, dry_run: bool = False, job: Job | None = None, record: ImportRun | None = None, progress: Progress = unheard,
) -> Outcome:
    """Compare and write under the programme's lock, in one transaction with the kept result. What ``progress`` raises leaves nothing written."""
    # Looking writes nothing: it takes no write lock where there is only one for everybody.
    with nullcontext() if dry_run and connection.vendor == "sqlite" else transaction.atomic():
        _lock(importer.programme, lambda: progress(0, len(parsed.rows), "Waiting: something else is being written in this programme"))
        plan = make_plan(importer, parsed, progress)
        if dry_run:
            ok = not plan.errors or (accept_valid and not plan.faults)
            if not ok:
                plan.refuse_rest("Would not be written, because other rows of the file are refused.")
            return Outcome(ok, plan.summary(), plan)
        ok = carry_out(importer, plan, accept_valid=accept_valid, job=job, progress=progress)
        outcome = Outcome(ok, plan.summary(), plan)
        counts = plan.counts()
        if record is not None:
            record.summary, record.state, record.finished_at = outcome.summary, ImportState.DONE if ok else ImportState.REFUSED, now()
            record.accept_valid = accept_valid
            record.save()
        if ok:
            changes.mark(importer.programme, "imported", fields={"kind": importer.kind, **counts}, actor=importer.actor, job=job)
            access_log.record(importer.actor, "import", importer.programme, f"{importer.kind} list", count=len(plan.rows))
    return outcome


def _lock(programme: Programme, wait: Callable[[], None]) -> None:
    """One import at a time compares and writes. The key of the row stays free: whoever cancels, or saves something else of the programme, need not wait."""
    while not Programme.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=programme.pk).first():
        wait()
        time.sleep(0.2)


def import_file(
    kind: str, programme: Programme, actor: Actor, data: bytes, file_name: str, *, sheet: str | None = None, mapping: Mapping[str, str] | None = None,
    order: Order | None = None, accept_valid: bool = False, dry_run: bool = False,
) -> Outcome:
    """The whole way at once, for commands. Raises ``Refused`` or ``ChoiceNeeded``; faults of rows are in the outcome."""
    importer = importer_for(kind, programme, actor)
    book = open_book(importer, data, file_name)
    if mapping:
        sheets.drop_codes(book, importer.column_list, mapping)
    table = tabulate(importer, book, sheet=sheet or "", mapping=mapping)
    # One mapping may serve lists that spell a heading differently; what counts is what stands in this file.
    said = {normal(heading): name for heading, name in (mapping or {}).items()}
    if wrong := faults_of_mapping(importer, {heading: said.get(normal(heading), "") for heading in table.headings}):
        raise Refused(wrong)
    sheets.refuse_unclear(table)
    if not mapping:
        refuse_another_list(importer, table)
    parsed = parse(importer, table, today=today(), order=order)
    record = None
    if not dry_run:
        record = ImportRun(
            programme=programme, kind=kind, file_name=book.file_name[:255], sha256=hashlib.sha256(data).hexdigest(), sheet=(sheet or "")[:100], heading_row=table.heading_row,
            mapping=parsed.mapping, date_order=order or "", requested_by=actor.user,
        )
    outcome = settle(importer, parsed, accept_valid=accept_valid, dry_run=dry_run, record=record)
    if mapping and outcome.ok and not dry_run:
        remember(programme, kind, {heading: name or "" for heading, name in mapping.items()})
    return outcome


def upload(kind: str, programme: Programme, actor: Actor, file_name: str, data: bytes) -> ImportRun:
    """Read and keep an upload: its rows under a random name, its own name as data. Raises ``Refused``."""
    importer = importer_for(kind, programme, actor)
    book = open_book(importer, data, file_name)
    if not any(sheet.lines for sheet in book.sheets):
        raise Refused(f"{book.file_name} has no rows. Choose the file with the list.")
    stored = _keep(book)
    try:
        made: ImportRun = ImportRun.objects.create(
            programme=programme, kind=kind, file_name=book.file_name[:255], stored_name=stored, sha256=hashlib.sha256(data).hexdigest(), requested_by=actor.user
        )
    except BaseException:
        default_storage.delete(stored)
        raise
    return made


def _keep(book: Workbook) -> str:
    return default_storage.save(f"uploads/{secrets.token_hex(16)}.rows", ContentFile(store.dump(book)))


def kept_book(record: ImportRun) -> Workbook:
    """The rows of the upload. Raises ``Refused`` once they were deleted on schedule."""
    if not record.stored_name or not default_storage.exists(record.stored_name):
        raise Refused("The rows of this upload are no longer kept. Upload the file again.")
    with default_storage.open(record.stored_name) as file:
        return store.restore(file.read())


def choose(record: ImportRun, actor: Actor, *, sheet: str | None = None, heading_row: int | None = None, mapping: Mapping[str, str] | None = None, order: str | None = None) -> None:
    """Keep what a person decided about the file."""
    importer = importer_for(record.kind, record.programme, actor)
    if record.state not in OPEN:
        raise Refused("This import has begun; its choices can no longer be changed. Upload the file again.")
    if sheet is not None and sheet != record.sheet:
        record.sheet, record.heading_row, record.mapping, record.answers = sheet[:100], None, {}, {}
    if heading_row is not None:
        record.heading_row = heading_row or None
    if order is not None:
        record.date_order = order
    if mapping is not None:
        if wrong := faults_of_mapping(importer, mapping):
            raise Refused(wrong)
        record.mapping = dict(mapping)
        book = kept_book(record)
        codes = {column.name for column in importer.column_list if column.holds_codes}
        if codes & set(mapping.values()):
            old = record.stored_name
            record.stored_name = _keep(sheets.drop_codes(book, importer.column_list, mapping))
            default_storage.delete(old)
    record.save()


def answer(record: ImportRun, actor: Actor, answers: Mapping[int, str]) -> None:
    """Keep who the rows are about, as a person says: row number → a key of its offers, ``ANOTHER``, or empty to leave it open."""
    importer_for(record.kind, record.programme, actor)
    if record.state not in OPEN:
        raise Refused("This import has begun; its answers can no longer be changed. Upload the file again.")
    kept = record.answers | {str(row): key[:30] for row, key in answers.items()}
    record.answers = {row: key for row, key in kept.items() if key}
    record.save(update_fields=["answers"])


def reopen(record: ImportRun) -> None:
    """After a job that ended before it could say so here (cancelled before it began, its worker stopped too often) the upload may be
    looked at and confirmed again. Brings ``record`` up to date."""
    job, stood = record.job, record.state
    if job is None or not job.finished or stood not in (ImportState.QUEUED, ImportState.RUNNING):
        return
    record.state, record.reason = (ImportState.PREVIEWED, "") if job.state == JobState.CANCELLED else (ImportState.FAILED, job.reason)
    ImportRun.objects.filter(pk=record.pk, job=job, state=stood).update(state=record.state, reason=record.reason)


def sheet_taken(record: ImportRun, actor: Actor, book: Workbook) -> str:
    """The sheet that would be taken without a choice; empty when a person must say."""
    importer = importer_for(record.kind, record.programme, actor)
    try:
        return sheets.choose_sheet(book, importer.column_list, known=remembered(record.programme, record.kind)).name
    except (ChoiceNeeded, Refused):
        return ""


OPEN = (ImportState.UPLOADED, ImportState.PREVIEWED, ImportState.FAILED)


@dataclass
class Look:
    """How far the file is understood: the table, then its rows as values; ``choice`` is what is still to be said."""

    importer: Importer[Any]
    book: Workbook
    table: Table | None = None
    parsed: Parsed | None = None
    choice: ChoiceNeeded | None = None

    @property
    def columns(self) -> list[Column]:
        return list(self.importer.column_list)


def look(record: ImportRun, actor: Actor, progress: Progress | None = None) -> Look:
    """Read the kept rows with the choices made so far. Raises ``Refused``."""
    importer = importer_for(record.kind, record.programme, actor)
    importer.answers = {int(row): key for row, key in record.answers.items()}
    seen = Look(importer, kept_book(record))
    try:
        seen.table = tabulate(importer, seen.book, sheet=record.sheet, heading_row=record.heading_row, mapping=record.mapping)
        if not record.mapping:
            sheets.refuse_unclear(seen.table)
            refuse_another_list(importer, seen.table)
            if not importer.takes_any_list:
                sheets.refuse_unasked(seen.table)
        seen.parsed = parse(importer, seen.table, today=today(), order=cast("Order | None", record.date_order or None), progress=progress)
    except ChoiceNeeded as choice:
        seen.choice = choice
    return seen


def preview(record: ImportRun, actor: Actor, accept_valid: bool = False) -> tuple[Look, Outcome | None]:
    """What would happen, without writing. The outcome is None while a choice is open."""
    seen = look(record, actor)
    if seen.parsed is None:
        return seen, None
    try:
        return seen, settle(seen.importer, seen.parsed, accept_valid=accept_valid, dry_run=True)
    except ChoiceNeeded as choice:
        seen.choice = choice
        return seen, None


def take_mapping(record: ImportRun, actor: Actor, mapping: Mapping[str, str]) -> tuple[Look, Outcome | None]:
    """Keep what headings mean and look again. It is remembered at once, as a file with faults is put right and uploaded anew; not while
    it lacks what a new row needs."""
    choose(record, actor, mapping=mapping)
    seen, outcome = preview(record, actor)
    if seen.choice is None or seen.choice.flag != "--map":
        remember(record.programme, record.kind, record.mapping)
    return seen, outcome


def confirm(record: ImportRun, actor: Actor, *, accept_valid: bool) -> Job:
    """Queue the import once, however often the button is pressed."""
    importer_for(record.kind, record.programme, actor)
    with transaction.atomic():
        locked = ImportRun.objects.select_for_update().get(pk=record.pk)
        if locked.job_id and locked.state not in OPEN:
            earlier: Job = Job.objects.get(pk=locked.job_id)
            return earlier
        attempts = Job.objects.filter(unique_key__startswith=f"import:{locked.public_id}:").count()
        job = jobs.enqueue("import", locked.programme, {"import": locked.public_id}, actor, unique_key=f"import:{locked.public_id}:{attempts + 1}")
        locked.job, locked.state, locked.accept_valid, locked.reason = job, ImportState.QUEUED, accept_valid, ""
        locked.save(update_fields=["job", "state", "accept_valid", "reason"])
    return job


def handle(run: jobs.Run) -> dict[str, Any]:
    """The job: safe to run again after a crash, because result and rows are committed together."""
    record = ImportRun.objects.select_related("programme").get(public_id=run.args["import"])
    if record.state == ImportState.DONE:
        return _result(record)
    ImportRun.objects.filter(pk=record.pk).update(state=ImportState.RUNNING)
    record.state = ImportState.RUNNING
    try:
        seen = look(record, run.actor, run.progress)
        if seen.choice is not None or seen.parsed is None:
            raise Refused(seen.choice.on_page if seen.choice else "The file was not read.")
        run.progress(0, len(seen.parsed.rows), COMPARING, at_once=True)
        # Comparing and writing are one transaction, all or nothing; how far it is and whether to stop goes beside it.
        with run.in_one_piece():
            outcome = settle(seen.importer, seen.parsed, accept_valid=record.accept_valid, job=run.job, record=record, progress=run.progress)
    except ChoiceNeeded as choice:
        _stopped(record, ImportState.FAILED, choice.on_page)
        raise Refused(choice.on_page) from None
    except Refused as refusal:
        _stopped(record, ImportState.FAILED, str(refusal))
        raise
    except jobs.Cancelled:
        _stopped(record, ImportState.PREVIEWED, "")
        raise
    except Exception:
        _stopped(record, ImportState.FAILED, "It stopped with an unexpected fault. Nothing was written.")
        raise
    if not outcome.ok:
        _stopped(record, ImportState.REFUSED, f"{len(outcome.plan.errors)} faults. Nothing was written.")
        raise Refused(f"The file has {len(outcome.plan.errors)} faults. Nothing was written.")
    if record.mapping:
        remember(record.programme, record.kind, record.mapping)
    return _result(record)


def _stopped(record: ImportRun, state: str, reason: str) -> None:
    ImportRun.objects.filter(pk=record.pk).update(state=state, reason=reason, finished_at=now())


def _result(record: ImportRun) -> dict[str, Any]:
    from django.urls import reverse

    counts = {key: record.summary.get(key, 0) for key in ("rows", "created", "updated", "unchanged", "skipped", "refused")}
    said = f"{counts['created']:,} added, {counts['updated']:,} changed, {counts['unchanged']:,} as they were."
    return {"url": reverse("mobilisation:import-run", kwargs={"ref": record.programme.ref, "kind": record.kind, "run": record.public_id}), "said": said, **counts}


def tick(moment: datetime) -> None:
    """Delete the rows of old uploads; the kept result stays."""
    busy = (JobState.QUEUED, JobState.RUNNING)
    for record in ImportRun.objects.filter(created_at__lt=moment - KEPT_FOR).exclude(stored_name="").exclude(job__state__in=busy)[:500]:
        default_storage.delete(record.stored_name)
        state = ImportState.ABANDONED if record.state in OPEN else record.state
        ImportRun.objects.filter(pk=record.pk).update(stored_name="", state=state)
