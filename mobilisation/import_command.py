"""What the import commands share: arguments, messages, exit codes and the JSON summary (design, Public interface)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandParser

from mobilisation.commands import InterfaceCommand, Usage, actor_named, programme_named
from mobilisation.errors import Refused
from mobilisation.services.imports import import_file, importer_for
from mobilisation.workbooks import limits
from mobilisation.workbooks.plan import Plan, Problem


class ImportCommand(InterfaceCommand):
    """A subclass names its ``kind``. 0 written; 1 refused, nothing written; 2 wrong usage; 3 a choice is needed."""

    kind: ClassVar[str]

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("ref", help="reference of the programme")
        parser.add_argument("file", help="the workbook: XLSX, XLS, ODS or CSV")
        parser.add_argument("--sheet", help="which sheet to take")
        parser.add_argument("--map", metavar="FILE.json", help="JSON object from the file's headings to our columns; an empty text leaves a column out")
        parser.add_argument("--dates", choices=("dmy", "mdy", "ymd"), help="which way round written dates are")
        parser.add_argument("--user", metavar="EMAIL", help="act with the rights of this account")
        parser.add_argument("--accept-valid", action="store_true", help="write the good rows although others are refused")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")

    def work(self, **options: Any) -> dict[str, Any]:
        try:
            return self._import(options)
        except Refused as refusal:
            where = Path(options["file"]).name
            plan: Plan[Any] = Plan(faults=[Problem(0, reason.field, "", reason.text) for reason in refusal.reasons])
            self._refuse(plan.summary(), f"{where} was refused; nothing was written.", options)
            raise

    def _import(self, options: dict[str, Any]) -> dict[str, Any]:
        programme = programme_named(options["ref"])
        actor = actor_named(options["user"], programme)
        data, name = self._file(options["file"])
        mapping = self._mapping(options["map"], importer_for(self.kind, programme, actor))
        outcome = import_file(
            self.kind, programme, actor, data, name, sheet=options["sheet"], mapping=mapping, order=options["dates"], accept_valid=options["accept_valid"], dry_run=options["dry_run"]
        )
        summary = outcome.summary
        if not outcome.ok:
            self._refuse(summary, f"{name}: {len(outcome.plan.errors)} faults; nothing was written.", options)
        self._list(summary, "errors", "")
        self._list(summary, "warnings", "Note: ")
        would = "would be " if options["dry_run"] else ""
        self.say(
            f"{name}: {summary['rows']} rows; {would}created {summary['created']}, updated {summary['updated']}, unchanged {summary['unchanged']}, skipped {summary['skipped']}, refused {summary['refused']}.",
            options,
        )
        return summary

    def _refuse(self, summary: dict[str, Any], message: str, options: dict[str, Any]) -> None:
        self._list(summary, "errors", "")
        self._list(summary, "warnings", "Note: ")
        self.stderr.write(message)
        if options.get("json"):
            self.stdout.write(json.dumps(summary, ensure_ascii=False, default=str))
        raise SystemExit(1)

    def _list(self, summary: dict[str, Any], what: str, before: str) -> None:
        for problem in summary[what]:
            self.stderr.write(before + _line(problem, summary["sheet"]))

    def _file(self, path: str) -> tuple[bytes, str]:
        file = Path(path)
        if not file.is_file():
            raise Usage(f"There is no file {path}.")
        most = limits.current().bytes
        try:
            with file.open("rb") as opened:
                return opened.read(most + 1), file.name
        except OSError as error:
            raise Usage(f"{path} cannot be read: {error.strerror}.") from None

    def _mapping(self, path: str | None, importer: Any) -> dict[str, str] | None:
        if not path:
            return None
        try:
            found = json.loads(Path(path).read_text(encoding="utf-8-sig"))
        except (OSError, ValueError) as error:
            raise Usage(f"{path} is not a readable JSON file: {error}.") from None
        names = {column.name for column in importer.column_list}
        if not isinstance(found, dict) or any(value is not None and not isinstance(value, str) for value in found.values()):
            raise Usage(f"{path} must be a JSON object from headings to column names, for example {{\"Swift ID\": \"case_system_id\"}}.")
        wrong = sorted({value for value in found.values() if value and value not in names})
        if wrong:
            raise Usage(f"{path} names columns that do not exist: {', '.join(wrong)}. Known: {', '.join(sorted(names))}.")
        return {heading: value or "" for heading, value in found.items()}


def _line(problem: dict[str, Any], sheet: str) -> str:
    where = f"Row {problem['row']}" if problem["row"] else "File"
    if problem["row"] and sheet:
        where = f"Sheet {sheet}, row {problem['row']}"
    if problem["column"]:
        where += f", {problem['column']}"
    return f"{where}: {problem['problem']}" if not problem["value"] else f"{where}, “{problem['value']}”: {problem['problem']}"


