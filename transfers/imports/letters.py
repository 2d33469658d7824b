"""Results of letters, in the file of the mail merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mobilisation.models import Job
from mobilisation.roles import Can
from mobilisation.workbooks import Choice, Column, Date, Importer, ParsedRow, Plan, Text, Written
from transfers.choices import LetterState
from transfers.models import LetterItem, LetterRun
from transfers.services import letters


class LetterImporter(Importer[LetterItem]):
    """Rows of letters we know, each with what became of it; rows without a result change nothing."""

    kind, noun, can = "letters", ("letter", "letters"), Can.PEOPLE_IMPORT
    once_in_file = ("letter_id",)
    label_columns = ("letter_id",)
    takes_any_list = True

    def columns(self) -> Sequence[Column]:
        words = {LetterState.SENT: ("sent", "posted"), LetterState.RETURNED: ("returned", "came back", "gone away"), LetterState.CALLED: ("called", "phoned", "visited")}
        return [
            Column("letter_id", "Letter", Text(12), ("letter id",), required=True),
            Column("result", "Result", Choice.of(words, "a result of a letter", ("Sent", "Returned", "Called")), ("result of letter", "outcome")),
            Column("result_on", "Result on", Date(), ("date of result", "sent on")),
            Column("result_note", "Note", Text(300), ("note on result",)),
        ]

    def load(self, rows: Sequence[ParsedRow]) -> None:
        ids = [str(row.values.get("letter_id") or "").strip().lower() for row in rows]
        self.items = {item.public_id: item for item in LetterItem.objects.with_out().select_for_update(of=("self",)).filter(run__programme=self.programme, public_id__in=ids).select_related("run__programme", "person", "contact")}
        self.not_now = letters.not_now(self.items.values())

    def match(self, row: ParsedRow) -> LetterItem | None:
        return self.items.get(str(row.values.get("letter_id") or "").strip().lower())

    def current(self, record: LetterItem) -> Mapping[str, Any]:
        return {"letter_id": record.public_id, "result": record.state if record.state in letters.RESULTS else None, "result_on": record.on, "result_note": record.note}

    def same(self, column: str, old: Any, new: Any) -> bool:
        return column == "letter_id" or super().same(column, old, new)

    def check(self, row: ParsedRow, record: LetterItem | None) -> None:
        if record is None:
            row.fault("letter_id", "No letter of this programme has this id. Take the row from the file of the mail merge.")
        elif row.values.get("result"):
            if reason := letters.result_refused(row.values["result"], row.values.get("result_on") or record.on, record, self.not_now.get(record.pk)):
                row.fault("result_on" if reason.field == "on" else "result", reason.text)
        elif not row.faults and (row.values.get("result_on") or row.values.get("result_note")):
            row.fault("result", "Say what became of it: Sent, Returned or Called.")

    def write(self, plan: Plan[LetterItem], job: Job | None = None) -> Written:
        by_run: dict[LetterRun, dict[int, tuple[str, Any, str]]] = {}
        for planned in plan.updated:
            item, given = planned.record, planned.row.given
            assert item is not None
            by_run.setdefault(item.run, {})[item.pk] = (given.get("result") or item.state, given.get("result_on") or item.on, given.get("result_note") or item.note)
        for run, results in by_run.items():
            run.programme = self.programme
            letters.record(run, results, actor=self.actor, job=job)
        return Written(created=0, updated=len(plan.updated))
