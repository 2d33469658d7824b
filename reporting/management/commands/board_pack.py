"""manage.py board_pack REF [--as-of DATE] --out FILE.pdf: one board pack, written to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from mobilisation.clock import today
from mobilisation.commands import InterfaceCommand, Usage, actor_named, programme_named
from mobilisation.errors import Refused
from mobilisation.roles import Can
from reporting.choices import Edition, PackStatus
from reporting.management.commands.weekly_cycle import a_date
from reporting.models import WeeklySnapshot
from reporting.services import packs, snapshots


class Command(InterfaceCommand):
    help = "Build the board pack of a programme and write it to a file. With --as-of the figures are those of that day's last snapshot, else of now; a day ahead is refused."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("reference", metavar="REF")
        parser.add_argument("--as-of", help="use the last snapshot up to this day (2027-03-08)")
        parser.add_argument("--edition", default="board", choices=Edition.values)
        parser.add_argument("--out", required=True, metavar="FILE.pdf")
        parser.add_argument("--user", help="e-mail of the person who acts; without it the operator of the machine")

    def work(self, **options: Any) -> dict[str, Any]:
        target = Path(options["out"])
        if target.suffix.lower() != ".pdf":
            raise Usage(f"--out {target}: a pack is a PDF; let the name end in .pdf.")
        if not target.resolve().parent.is_dir():
            raise Refused(f"There is no folder {target.resolve().parent}. Make it, or name another with --out.")
        day = a_date(options["as_of"])
        if day is not None and day > today():
            raise Refused(f"--as-of {day:%d/%m/%Y} lies ahead: nothing has been frozen for that day, and the facts of today say nothing about it. Leave --as-of out for a pack of now, or name a day up to {today():%d/%m/%Y}.")
        programme = programme_named(options["reference"])
        actor = actor_named(options.get("user"), programme)
        actor.require(Can.PACK_DRAFT)
        snapshot = None
        if day is not None and day < today():
            snapshot = WeeklySnapshot.objects.filter(programme=programme, as_of__lte=day).order_by("-as_of", "-taken_at").first()
            if snapshot is None:
                raise Refused(f"{programme.reference} has no snapshot up to {day:%d/%m/%Y}. The past is read from snapshots, never reconstructed; run weekly_cycle for the weeks to come.")
        else:
            snapshot = snapshots.interim(programme, actor=actor, as_of=day)
        pack = packs.for_snapshot(snapshot, options["edition"], actor=actor)
        pack = packs.build_pack(pack, actor=actor)
        if pack.status == PackStatus.FAILED:
            raise Refused(pack.reason)
        temporary = target.with_suffix(".part")
        try:
            temporary.write_bytes(packs.content(pack))
            temporary.replace(target)
        except OSError as error:
            raise Refused(f"{target} cannot be written ({error.strerror}). The pack is built; name a file in a folder you may write to.") from None
        self.say(f"{target}: {pack.pages} pages, {snapshot.words}, version {pack.number}, SHA-256 {pack.sha256}", options)
        return {"ok": True, "file": str(target), "pages": pack.pages, "sha256": pack.sha256, "week_ending": snapshot.week_ending.isoformat(), "as_of": snapshot.as_of.isoformat(), "version": pack.number}
