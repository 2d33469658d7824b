"""Long lists out of the system: asked for by a page, written by a worker, kept for their owner for a day, then deleted."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.errors import Reason, Refused
from mobilisation.models import Programme
from mobilisation.roles import Can
from mobilisation.services import access_log, jobs
from transfers.choices import FileFormat
from transfers.exports.tracker import write_csv, write_tracker
from transfers.models import PeopleExport, PersonTransfer

KEPT_FOR = timedelta(hours=24)
FOLDER = "exports"


@transaction.atomic
def request(programme: Programme, keys: Sequence[int], file_format: str, *, actor: Actor, reason: str) -> PeopleExport:
    """Queue the people ``keys``, in their order. The job knows ids only; the reason goes to the access log with the file."""
    actor.require(Can.PEOPLE_EXPORT)
    if actor.user is None:
        raise Refused("A list that is kept needs somebody to keep it for. Use export_tracker.")
    if not reason.strip():
        raise Refused(Reason("Say why you are taking this list out of the system.", field="reason"))
    made = PeopleExport(
        programme=programme, owner=actor.user, created_by=actor.user, updated_by=actor.user, file_format=FileFormat(file_format), reason=reason.strip()[:300], people=list(keys), count=len(keys)
    )
    made.save()
    made.job = jobs.enqueue("people-export", programme, {"export": made.public_id}, actor, unique_key=f"people-export:{made.public_id}")
    made.save(update_fields=["job"])
    return made


def handle(run: jobs.Run) -> dict[str, Any]:
    """The job: what the owner may not see any more is left out; safe to run again, since file and row are made known together."""
    export = PeopleExport.objects.select_related("programme", "owner").get(public_id=run.args["export"])
    if not export.stored_name and export.kept_until is None:
        run.actor.require(Can.PEOPLE_EXPORT)
        people = PersonTransfer.objects.visible_to(export.owner).filter(programme=export.programme)
        with tempfile.TemporaryFile() as file:
            written = _write(file, export, people, run)
            file.seek(0)
            stored = default_storage.save(f"{FOLDER}/{secrets.token_hex(16)}.{export.file_format}", File(file))
        try:
            with transaction.atomic():
                PeopleExport.objects.filter(pk=export.pk).update(stored_name=stored, kept_until=now() + KEPT_FOR, count=len(written), people=[])
                access_log.record(run.actor, "export", export.programme, "people list", ids=written, reason=export.reason)
        except BaseException:
            default_storage.delete(stored)
            raise
    said = "1 person" if len(written) == 1 else f"{len(written):,} people"
    return {"url": reverse("transfers:export-page", args=[export.programme.ref, export.public_id]), "said": f"{said} written. The file is kept for you for {KEPT_FOR // timedelta(hours=1)} hours."}


def _write(file: IO[bytes], export: PeopleExport, people: Any, run: jobs.Run) -> list[str]:
    total = len(export.people)

    def told(done: int) -> None:
        run.progress(done, total, f"Writing {total:,} rows")

    if export.file_format == FileFormat.CSV:
        return write_csv(file, export.programme, people, export.people, told)
    return write_tracker(file, export.programme, people, export.people, told)


def open_file(export: PeopleExport, *, actor: Actor, request: Any = None) -> IO[bytes]:
    """The kept file, for its owner; each taking is logged. Raises ``Refused`` once it was deleted."""
    if export.owner_id != (actor.user.pk if actor.user else None):
        raise Refused("A kept list is for whoever asked for it.")
    actor.require(Can.PEOPLE_EXPORT)
    if not ready(export) or not default_storage.exists(export.stored_name):
        raise Refused("This list is no longer kept. Export it again.")
    access_log.record(actor, "download", export.programme, "people list", ids=[export.public_id], count=export.count, request=request)
    opened: IO[bytes] = default_storage.open(export.stored_name)
    return opened


def ready(export: PeopleExport) -> bool:
    return bool(export.stored_name) and export.kept_until is not None and export.kept_until > now()


def tick(moment: datetime) -> None:
    """Delete kept lists whose time is over, and files that nobody knows of: a worker died before it could say so."""
    for export in PeopleExport.objects.filter(kept_until__lte=moment).exclude(stored_name="")[:500]:
        default_storage.delete(export.stored_name)
        PeopleExport.objects.filter(pk=export.pk).update(stored_name="")
    PeopleExport.objects.filter(stored_name="", kept_until__isnull=True, created_at__lte=moment - KEPT_FOR).exclude(job__state__in=("queued", "running")).update(people=[], kept_until=moment)
    if not default_storage.exists(FOLDER):
        return
    names = [f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]]
    known = set(PeopleExport.objects.filter(stored_name__in=names).values_list("stored_name", flat=True))
    for name in names:
        if name not in known and default_storage.get_modified_time(name) < moment - KEPT_FOR:
            default_storage.delete(name)
