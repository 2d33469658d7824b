"""What is said of a row before anything is written: taken as reported for who is new, through the gates for who is known (domain 7.4, 10.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from mobilisation.clock import today
from mobilisation.workbooks import ParsedRow
from mobilisation.workbooks.words import normal
from transfers.imports import stale
from transfers.imports.tracker.cells import ENDINGS, HOSPITAL, MARKS, OF_PROVIDER, TAKE_ON_ONLY, cell_of, mark_cell
from transfers.imports.tracker.reading import Reading
from transfers.models import PersonTransfer
from transfers.rules import gates, hospital, priority, transfer_day
from transfers.rules.stale import Verdict
from transfers.services import care_plans, checkpoints, contents, turning
from transfers.services.people import needs_of


class Checking(Reading):
    def check(self, row: ParsedRow, record: PersonTransfer | None) -> None:
        values = row.values
        marks = self._marks_of(row)
        if record is not None and values.get("row_ref") == record.public_id:
            values["row_ref"] = None  # says who it is, nothing else
        changed_here = self._keep_newer(row, record) if record is not None and not record.ending and self.since.stale(row) else set()
        for name, code in marks:
            if values.get(name) == "N/A" and not gates.BY_CODE[code].not_applicable and (record is None or mark_cell(self.marks.get(record.pk, {}).get(code)) != "N/A"):
                row.fault(name, f"{code} cannot be “not applicable”. Leave the cell empty.")
        if values.get("c05_on") == "N/A" and (record is None or mark_cell(self.marks.get(record.pk, {}).get("C05")) != "N/A") and (values.get("representative_name") or (record and record.representative_name)):
            row.fault("c05_on", "This person has a representative, so C05 applies. Leave the cell empty, or write the day they were told.")
        self._check_stay(row, record)
        ending = ENDINGS.get(normal(values.get("reported_status") or ""))
        if ending and (record is None or not record.ending):
            row.warn("reported_status", f"The file says this person {'has ' if ending == 'withdrawn' else ''}{ending}. Record the ending on the person's page; nothing ends by itself.")
        self._check_day(row, record)
        if record is None:
            self._check_new(row, marks)
        else:
            self._check_known(row, record, of_another="incoming_provider" in changed_here)

    def _check_day(self, row: ParsedRow, record: PersonTransfer | None) -> None:
        """T by the rule of a form; of somebody whose ending is recorded nothing is taken anyway. Who is new to the list is listed whatever
        day the file has: a person left out is worse than a day to put right."""
        day, held = row.values.get("planned_transfer_date"), record.planned_transfer_date if record else None
        if day is None or day == held or (record is not None and record.ending):
            return
        if words := transfer_day.refused(held, day, decided_on=self.programme.decision_date, status=record.status if record else ""):
            if record is None:
                row.warn("planned_transfer_date", f"Taken as reported by the file. {words}")
            else:
                row.fault("planned_transfer_date", words)
        elif words := transfer_day.doubt(day, self.programme.exit_date):
            row.warn("planned_transfer_date", words)

    def _keep_newer(self, row: ParsedRow, record: PersonTransfer) -> set[str]:
        """In our own export: what was changed here after it was made stays; where the file has a third value somebody must look.
        Returns the columns that are left as they are here."""
        held, kept = self.current(record), set()
        for name, value in row.given.items():
            if name == "in_hospital" or name not in held or self.same(name, held[name], value):
                continue
            code = MARKS.get(name, "")
            never_written = code in gates.NEVER_FROM_FILE or (name in TAKE_ON_ONLY and not (name == "incoming_provider" and held[name] is None))
            found, act = self.since.judge(row, record, name, code, name in HOSPITAL, lambda old, name=name, value=value: old not in (None, "") and self.same(name, old, value), cell_of)
            if found is Verdict.TAKE or act is None or (found is Verdict.CLASH and never_written):
                continue
            if found is Verdict.CLASH:
                row.fault(name, stale.clash(act, self.shown(name, held[name]), self.shown(name, value)))
            else:
                row.warn(name, stale.kept(act))
                kept.add(name)
                self.kept_here += 1
            row.values[name] = None
        return kept

    def _check_stay(self, row: ParsedRow, record: PersonTransfer | None) -> None:
        """As when somebody is admitted on the page. A list that still reports a stay ended here sends nobody back to hospital."""
        values = row.values
        if not (values.get("in_hospital") or any(values.get(name) is not None for name in HOSPITAL)):
            return
        held = self.stays.get(record.pk) if record else None
        if held is not None and all(values.get(name) in (None, getattr(held, name)) for name in HOSPITAL):
            return
        ended = self.ended.get(record.pk, []) if record else []
        admitted_on, expected = (values.get(name) or (getattr(held, name) if held else None) for name in ("admitted_on", "expected_discharge"))
        if held is None and (over := hospital.over_already(admitted_on, ended)) is not None:
            row.warn(
                "admitted_on" if values.get("admitted_on") else "in_hospital",
                f"Not taken: this stay ended here on {over.discharged_on.day} {over.discharged_on:%b %Y}. Somebody who is in hospital again needs the day of the new admission, in the file or on their page.",
            )
            values.update(dict.fromkeys(("in_hospital", *HOSPITAL)))
            return
        for reason in hospital.refusals(admitted_on, expected, ended=ended, today=self.today):
            row.fault(reason.field if values.get(reason.field) is not None else "admitted_on", reason.text)

    def _check_new(self, row: ParsedRow, marks: Sequence[tuple[str, str]]) -> None:
        """Taken as reported (domain 10.1): dates are kept, open needs are said, four checkpoints and waivers are not taken."""
        values = row.values
        for name, code in marks:
            if values[name] is None:
                continue
            if code in gates.NEVER_FROM_FILE:
                row.warn(name, f"{code} {gates.BY_CODE[code].title} never comes from a file. Mark it on the person's page.")
                values[name] = None
            elif values[name] == "W":
                row.fault(name, f"{code} is not waived here. A waiver needs a reason and a risk assessment on the person's page.")
        states = self._states_of_file(row, marks)
        if marks:
            self._doubt_marks(row, marks, states)
        # Only Green is ever in doubt.
        if values.get("priority") == "G" and (words := priority.green_in_doubt("G", needs_of(self._person(row), plan_current=states.get("C08") == "done"))):
            row.warn("priority", f"{words} Taken as reported by the file; confirm it on the person's page.")

    def _doubt_marks(self, row: ParsedRow, marks: Sequence[tuple[str, str]], states: Mapping[str, str]) -> None:
        values = row.values
        for name, code in marks:
            if states.get(code) == "done" and values[name] and (needs := gates.missing(code, states)):
                row.warn(name, f"Taken as reported by the file. Still open before it: {', '.join(needs)}. The person is Amber until {'they are' if len(needs) > 1 else 'it is'} put right.")
        listed = self._person(row)
        for name, code in marks:
            if states.get(code) == "done" and isinstance(values[name], date) and (lacks := contents.doubts(listed, code, values[name], since=self.programme.decision_date)):
                row.warn(name, f"Taken as reported by the file. {' '.join(reason.text for reason in lacks)} The person is Amber until it is put right.")

    def _check_known(self, row: ParsedRow, record: PersonTransfer, of_another: bool) -> None:
        """The full gates of domain 5.2, in the order of the chain."""
        values, held = row.values, self.current(record)
        if record.ending and record.pk in self._listed_in_error:
            row.warn("surname", "Left the list when an import was undone; this file lists the person again, so the ending is taken back.")
            values["ending"] = ""
        elif record.ending:
            if differs := [name for name, value in row.given.items() if name in held and not self.same(name, held[name], value)]:
                others = f" It says something else under {', '.join(row.headings.get(name, name) for name in differs[1:])} too." if differs[1:] else ""
                row.warn(differs[0], f"Nothing is taken: this person is recorded as {record.get_ending_display().lower()}. Correct that on the person's page first.{others}")
            values.update(dict.fromkeys(values))
            return
        replaces = False
        for name, what in TAKE_ON_ONLY.items():
            if values.get(name) is not None and not self.same(name, held[name], values[name]):
                if name == "incoming_provider" and held[name] is None:
                    replaces = self._replaces(row, record)
                    continue
                row.warn(name, f"Not taken: {what} is recorded on the person's page.")
                values[name] = None
                of_another |= name == "incoming_provider"
        if values.get("in_hospital") is False and record.in_hospital:
            row.warn("in_hospital", "This person is in hospital here. Record the discharge on the person's page.")
            values["in_hospital"] = None
        letter = values.get("priority")
        if letter and letter != record.priority:
            if not self.actor.has_role("OL", "ASM", "CM"):
                row.fault("priority", "The priority is changed by the OL, the area support manager or the case manager.")
            elif words := priority.green_in_doubt(letter, needs_of(self._as_the_row_leaves(record, values), plan_current=self._plan_current(record, values))):
                row.fault("priority", f"{words} Do it on the person's page, where the reason is kept.")
            elif values.get("c03_on") is None and turning.states_of(self.marks.get(record.pk, {}).values()).get("C03") not in gates.SETTLED:
                values["c03_on"] = today()  # setting the priority is what C03 says
        marks = list(self.marks.get(record.pk, {}).values())
        states = turning.states_of(marks)
        for name, code in MARKS.items():
            value = values.get(name)
            if value is None or value == held[name]:
                continue
            if code in gates.NEVER_FROM_FILE:
                row.warn(name, f"{code} {gates.BY_CODE[code].title} never comes from a file. Mark it on the person's page.")
                values[name] = None
            elif value == "W":
                row.fault(name, f"{code} is not waived here. A waiver needs a reason and a risk assessment on the person's page.")
            elif code in OF_PROVIDER and of_another:
                row.warn(name, f"Not taken: {code} of this row is about another provider than the one recorded here.")
                values[name] = None
            elif code in OF_PROVIDER and replaces:
                row.warn(name, f"Not taken: the provider changes with this row, and {code} is marked of the new one afterwards.")
                values[name] = None
            elif code == "C09" and record.allocation_response == "offered":
                row.warn(name, "Not taken: the offer waits for its answer, which is recorded on the person's page.")
                values[name] = None
            elif states.get(code) in gates.SETTLED:
                row.fault(name, f"{code} is {states[code].replace('_', ' ')} here with another day. Undo it on the person's page first.")
            else:
                day = value if isinstance(value, date) else today()
                state = "not_applicable" if value == "N/A" else "done"
                reasons = checkpoints.refusals(
                    self._as_the_row_leaves(record, values), code, states, actor=self.actor, on=day, checkpoints=marks, held=False, plan=self.plans.get(record.pk, care_plans.Standing()), state=state, paid=self.paid,
                )
                if state == "done" and (waits := self._beside(code).get(record.pk)):
                    reasons.append(waits)
                if reasons:
                    row.fault(name, " ".join(reason.text for reason in reasons))
                else:
                    states[code] = state

    def _replaces(self, row: ParsedRow, record: PersonTransfer) -> bool:
        """Whether the provider of the row follows another one, to whom the person was offered; says so."""
        former, named = self._former.get(record.pk), row.values["incoming_provider"]
        if former is None or former == named.pk:
            return False
        row.warn("incoming_provider", f"{self._names.get(former, 'Another provider')} was asked before. What was made for it or stated by it (the new order, what was shared) no longer stands for {named}.")
        return True

    def _plan_current(self, record: PersonTransfer, values: Mapping[str, Any]) -> bool:
        """Whether C08 is done, here or by the same row."""
        held = self.marks.get(record.pk, {}).get("C08")
        return (held is not None and held.state == "done") or isinstance(values.get("c08_on"), date)
