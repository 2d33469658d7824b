"""A checked workbook, written: who is new with marks and stays, who is known with what changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from mobilisation.clock import now
from mobilisation.models import Job
from mobilisation.services import changes, rows
from mobilisation.workbooks import ParsedRow, Plan, Problem, Written
from transfers.imports.tracker.cells import FIELDS, HOSPITAL, MARKS, PROVIDERS
from transfers.imports.tracker.checking import Checking
from transfers.imports.tracker_columns import RECORD_ID
from transfers.models import Checkpoint, HospitalEpisode, PersonTransfer
from transfers.services import checkpoints, columns, replacing, turning
from transfers.services.people import COLUMNS, tell_moved


class TrackerImporter(Checking):
    def review(self, plan: Plan[PersonTransfer]) -> None:
        if self.kept_here:
            plan.extra["kept_here"] = self.kept_here
        if self.known.unknown_ids:
            heading = plan.rows[0].row.headings[RECORD_ID]
            plan.warnings.append(Problem(0, heading, "", f"{self.known.unknown_ids} of its values are no record of this programme and say nothing here; those rows are known by their numbers and names."))

    def write(self, plan: Plan[PersonTransfer], job: Job | None = None) -> Written:
        listed = self._list([planned.row for planned in plan.created], job)
        people = [planned.record for planned in plan.updated if planned.record is not None]
        fields, marks, stays, moved_stays, admitted, named = [], [], [], [], [], []
        shared = {planned.record.pk for planned in plan.updated if planned.record is not None and planned.row.given.get("orders_shared_on")}
        for planned in plan.updated:
            person, new = planned.record, planned.new_values
            if person is None:
                continue
            own = {name: value for name, value in new.items() if name in FIELDS or name in PROVIDERS}
            if new.get("planned_transfer_date") and not person.baseline_transfer_date and (person.incoming_provider_id or new.get("incoming_provider")):
                own["baseline_transfer_date"] = new["planned_transfer_date"]
            if "ending" in new:
                own |= {"ending": "", "ended_on": None}
                person.exiting_sight_until = None
            if new.get("in_hospital") is False:
                own["hospital_asked_on"] = self.today
            if "incoming_provider" in new:
                named.append((person, new["incoming_provider"]))
                own["allocation_response"] = ""  # what a former provider answered
            fields.append((person, own))
            marks += [(person, MARKS[name], "not_applicable" if value == "N/A" else "done", value if isinstance(value, date) else None) for name, value in new.items() if name in MARKS]
            stay, hospital = self.stays.get(person.pk), {name: new[name] for name in HOSPITAL if name in new}
            if stay is not None and hospital:
                moved_stays.append((stay, hospital))
            elif new.get("in_hospital") or hospital:
                stays.append(HospitalEpisode(person=person, **hospital))
                person.in_hospital = True
                admitted.append(person)
        common: dict[str, Any] = {"actor": self.actor, "job": job, "programme": self.programme, "action": "imported"}
        if named:
            replacing.forget_former(named, actor=self.actor, programme=self.programme)
        retimed = [(person, person.planned_transfer_date) for person, own in fields if "planned_transfer_date" in own]
        changes.bulk_apply(fields, **common)
        tell_moved(self.programme, retimed)
        columns.outdate([(person, own) for person, own in fields if person.pk not in shared], actor=self.actor, programme=self.programme, job=job)
        columns.absorb([person for person, own in fields if not COLUMNS.isdisjoint(own)], actor=self.actor, programme=self.programme, job=job)
        if refunded := [person for person, own in fields if "funding_type" in own]:
            columns.reopen_files(refunded, actor=self.actor, programme=self.programme, job=job)
        if marks:
            checkpoints.write(self.programme, marks, actor=self.actor, note="from a workbook", job=job, frame=self.frame)
        changes.bulk_create(stays, **common)
        changes.bulk_apply(moved_stays, **common)
        if admitted:
            checkpoints.pause_many(admitted, actor=self.actor, programme=self.programme, job=job)
        turning.refresh_many(people, frame=turning.Frame.of(self.programme))
        return Written(created=listed, updated=len(plan.updated))

    def _list(self, taken: Sequence[ParsedRow], job: Job | None) -> int:
        """New people with their marks and stays; where they stand is worked out before anything is written. Returns how many were written."""
        reported = Checkpoint(by=self.actor.user, by_label=self.actor.label[:150], marked_at=now(), from_file=True)
        people, marks, stays, waiting = [], [], [], []
        for row in taken:
            person = self._person(row)
            del self._new[row.number]
            own = [
                rows.another(reported, {"person": person, "code": code, "state": state, "done_on": self._day(row, code) if state == "done" else None})
                for code, state in self._states_of_file(row, self._marks_of(row)).items()
            ]
            dues = self.frame.dues_of(person, own)
            for mark in own:
                mark.due = dues.get(mark.code)
            stopped = checkpoints.paused(person, {mark.code: mark for mark in own})[0] if person.in_hospital else []
            turning.settle(person, self.frame, [*own, *stopped], (), None)
            people.append(person)
            marks += own
            waiting += stopped
            if person.in_hospital:
                stays.append(HospitalEpisode(person=person, **{name: row.given[name] for name in HOSPITAL if name in row.given}))
        common: dict[str, Any] = {"actor": self.actor, "job": job, "programme": self.programme, "action": "imported"}
        listed = changes.bulk_create(people, **common)
        if len(people) >= rows.BATCH and not self._counted:
            rows.count_anew(PersonTransfer)
            self._counted = True
        columns.absorb(people, actor=self.actor, programme=self.programme, job=job, fresh=True)
        rows.follow((*marks, *waiting, *stays), "person")
        changes.bulk_create(marks, **(common | {"action": "reported by file"}))
        changes.bulk_create(waiting, why=checkpoints.IN_HOSPITAL, **common)
        changes.bulk_create(stays, **common)
        return len(listed)

    def _day(self, row: ParsedRow, code: str) -> date:
        found = row.values.get(f"c{code[1:]}_on")
        return found if isinstance(found, date) else self.today
