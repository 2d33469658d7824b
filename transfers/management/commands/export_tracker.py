"""``manage.py export_tracker REF FILE``: the whole tracker as XLSX, which import_tracker takes back with 0 changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from xlsxwriter.exceptions import FileCreateError

from mobilisation.commands import InterfaceCommand, Usage, actor_named, programme_named
from mobilisation.errors import Refused
from mobilisation.roles import Can
from mobilisation.services import access_log
from transfers.exports.tracker import write_tracker
from transfers.models import PersonTransfer


class Command(InterfaceCommand):
    help = "Write the tracker of a programme as XLSX."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("ref", help="reference of the programme")
        parser.add_argument("file", help="where to write the XLSX")
        parser.add_argument("--user", metavar="EMAIL", help="act with the rights of this account")

    def work(self, **options: Any) -> dict[str, Any]:
        programme = programme_named(options["ref"])
        actor = actor_named(options["user"], programme)
        actor.require(Can.PEOPLE_EXPORT)
        people = PersonTransfer.objects.filter(programme=programme)
        if actor.user is not None:
            people = people.visible_to(actor.user)
        target = Path(options["file"])
        if not target.parent.is_dir():
            raise Usage(f"There is no folder {target.parent}.")
        if target.suffix.lower() != ".xlsx":
            raise Usage(f"{target.name}: the tracker is written as XLSX; let the name end in .xlsx.")
        try:
            written = write_tracker(str(target), programme, people)
        except (OSError, FileCreateError) as error:
            raise Refused(f"{target} cannot be written ({error}). Name a file in a folder you may write to.") from None
        access_log.record(actor, "export", programme, "tracker", ids=written, reason="export_tracker command")
        self.say(f"{target.name}: {len(written)} people.", options)
        return {"rows": len(written), "file": str(target)}
