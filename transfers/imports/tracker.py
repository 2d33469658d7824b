"""The tracker in and out again (domain 7.4, 10.1): a row that lists a person is taken as reported by the file;
a later row of the same person goes through the gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date
from functools import cache, cached_property
from typing import Any

from mobilisation.clock import now, today
from mobilisation.models import ContractParty, Job, Organisation
from mobilisation.roles import Can
from mobilisation.services import changes, rows
from mobilisation.workbooks import Column, Importer, ParsedRow, Plan, Problem, Written, dates
from mobilisation.workbooks.words import normal
from transfers.choices import Ending
from transfers.imports import stale
from transfers.imports.matching import Known
from transfers.imports.tracker_columns import RECORD_ID, body_of, columns_for, name_and_relationship
from transfers.models import Checkpoint, HospitalEpisode, PersonTransfer
from transfers.rules import gates, hospital, priority, transfer_day
from transfers.rules.columns import TOLD, outdates
from transfers.rules.numbers import number_key
from transfers.rules.stale import Verdict
from transfers.services import care_plans, checkpoints, columns, contents, import_undo, provider_checks, replacing, turning
from transfers.services.people import COLUMNS, needs_of

FIELDS = (
    "row_ref", "case_system_id", "nhs_number", "surname", "forename", "date_of_birth", "address", "postcode", "uprn", "msoa_code", "zone", "phone", "representative_name", "relationship",
    "representative_address", "representative_phone", "tell_representative_first", "communication_format", "language", "advocate_needed", "funding_type", "responsible_body", "legal_basis",
    "known_to_council", "direct_payment", "monies_held", "priority", "lives_alone", "dementia", "cognitive_or_ld", "double_handed", "peg_or_clinical", "medication_level", "time_critical",
    "insulin_or_controlled", "end_of_life", "carer_strain", "no_other_help", "equipment", "safeguarding_open", "key_safe", "weekly_hours", "visits_per_day", "visit_times", "old_order_ref", "old_order_end", "new_order_ref",
    "new_order_start", "payment_ref", "care_item", "budget_code", "orders_shared_on", "wave", "allocation_response", "planned_transfer_date", "same_worker", "sharing_basis", "case_manager",
    "next_action", "next_action_owner", "next_action_due", "notes", "reported_status",
)
PROVIDERS = ("exiting_provider", "incoming_provider")
HOSPITAL = ("admitted_on", "hospital", "expected_discharge")
MARKS = {f"c{n:02d}_on": code for n, code in enumerate(gates.CODES, 1)}
_OF_PERSON = frozenset((*FIELDS, *PROVIDERS))
TAKE_ON_ONLY = {"allocation_response": "the provider's answer", "sharing_basis": "a sharing decision", "incoming_provider": "an offer to another provider"}
"""Taken from the file that lists the person; afterwards they are decisions, made on the person's page."""
OF_PROVIDER = frozenset({"C09", "C10", "C11", "C12"})
"""Marks that say something of one incoming provider: in a row that means another they are not this person's."""
_ENDINGS = {"deceased": "died", "died": "died", "rip": "died", "withdrawn": "withdrawn", "cancelled": "withdrawn", "moved": "moved away", "moved away": "moved away", "moved out of area": "moved away"}


def mark_cell(mark: Checkpoint | None) -> date | str | None:
    """A checkpoint as its cell in the workbook: a day, W, N/A or nothing."""
    return None if mark is None else cell_of(mark.state, mark.done_on)


def cell_of(state: str, done_on: date | None) -> date | str | None:
    if state == "done":
        return done_on
    return "W" if state == "waived" else "N/A" if state == "not_applicable" else None


class TrackerImporter(Importer[PersonTransfer]):
    kind, noun, can = "tracker", ("person", "people"), Can.PEOPLE_IMPORT
    once_in_file = (RECORD_ID, "case_system_id", "nhs_number")
    row_by_row = True
    label_columns = ("case_system_id",)
    told_by = ("surname", "forename", "nhs_number", "date_of_birth", "postcode")
    personal = True

    def columns(self) -> Sequence[Column]:
        by_role: dict[str, dict[str, Organisation]] = {"exiting": {}, "incoming": {}}
        for party in ContractParty.objects.filter(contract__programmes=self.programme, role__in=by_role).select_related("organisation"):
            by_role[party.role][party.organisation.name] = party.organisation
        self._names = {o.pk: name for parties in by_role.values() for name, o in parties.items()}
        return columns_for(by_role["exiting"], by_role["incoming"])

    def tidy(self, row: ParsedRow) -> None:
        values = row.values
        if values.get("representative_name"):
            name, relationship = name_and_relationship(values["representative_name"])
            values["representative_name"] = name
            if relationship and not values.get("relationship"):
                values["relationship"] = relationship[:60]
        if values.get("in_hospital") is False and any(values.get(name) is not None for name in HOSPITAL):
            row.warn("in_hospital", "Not in hospital by this file, so the dates and the name of a stay are not taken.")
            for name in HOSPITAL:
                if name in values:
                    values[name] = None
        if not values.get("in_hospital") and any(values.get(name) is not None for name in HOSPITAL) and dates.read(row.raw.get("discharged_on", ""), "dmy") is not None:
            row.warn("discharged_on", "The stay has ended by this file, so it is not opened here. A discharge is recorded on the person's page.")
            values.update({name: None for name in HOSPITAL if name in values})
        if values.get("funding_type") == "other_authority" and not values.get("responsible_body"):
            values["responsible_body"] = body_of(row.raw.get("funding_type", "")) or None

    def load(self, rows: Sequence[ParsedRow]) -> None:
        self.frame, self.today = turning.Frame.of(self.programme), today()
        self._blank = PersonTransfer(programme=self.programme, listed_on=self.today, touched_on=self.today, source="file")
        self._new: dict[int, PersonTransfer] = {}
        self._counted = False
        people = list(PersonTransfer.objects.select_for_update(no_key=True).filter(programme=self.programme).order_by("pk"))
        for person in people:
            person.programme = self.programme
        self.known = Known(people, self.answers)
        self.marks: dict[int, dict[str, Checkpoint]] = {}
        for mark in Checkpoint.objects.select_for_update().filter(person__programme=self.programme):
            self.marks.setdefault(mark.person_id, {})[mark.code] = mark
        self.stays: dict[int, HospitalEpisode] = {}
        self.ended: dict[int, list[hospital.Stay]] = {}
        for stay in HospitalEpisode.objects.select_for_update().filter(person__programme=self.programme):
            if stay.open:
                self.stays[stay.person_id] = stay
            elif stay.discharged_on is not None:
                self.ended.setdefault(stay.person_id, []).append(hospital.Stay(stay.admitted_on, stay.discharged_on))
        self.paid = provider_checks.paid(self.programme)
        self._beside = cache(lambda code: checkpoints.beside(code, PersonTransfer.objects.filter(programme=self.programme)))
        self.plans = care_plans.standings(PersonTransfer.objects.filter(programme=self.programme))
        self.kept_here = 0
        self.since = stale.Since(self.programme, rows, self.known.by_id, self.marks, self.stays)

    def match(self, row: ParsedRow) -> PersonTransfer | None:
        return self.known.find(row)

    def identity(self, column: str, value: Any) -> Any:
        return number_key(value) if column == "case_system_id" else value

    def current(self, record: PersonTransfer) -> Mapping[str, Any]:
        marks, stay = self.marks.get(record.pk, {}), self.stays.get(record.pk)
        return {
            **{name: getattr(record, name) for name in FIELDS}, "ending": record.ending,
            "exiting_provider": record.exiting_provider_id, "incoming_provider": record.incoming_provider_id, "in_hospital": record.in_hospital or (None if record.hospital_asked_on is None else False),
            **{name: getattr(stay, name) if stay else None for name in HOSPITAL}, **{name: mark_cell(marks.get(code)) for name, code in MARKS.items()},
        }

    def same(self, column: str, old: Any, new: Any) -> bool:
        if column in PROVIDERS:
            return bool(old == new.pk)
        if column == "case_system_id" and old:
            return number_key(old) == number_key(new)
        return bool(old == new)

    def shown(self, column: str, value: Any) -> str:
        if column == "ending":
            return str(dict(Ending.choices).get(value, "on the list"))
        return self._names.get(value, "") if column in PROVIDERS and isinstance(value, int) else super().shown(column, value)

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
        ending = _ENDINGS.get(normal(values.get("reported_status") or ""))
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

    def _marks_of(self, row: ParsedRow) -> list[tuple[str, str]]:
        """(column, code) of the checkpoints a row says something of, in the order of the chain."""
        return [(name, MARKS[name]) for name in sorted(MARKS.keys() & row.values.keys()) if row.values[name] is not None]

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
        presumed = [(name, gates.missing(code, states)) for name, code in marks if states.get(code) == "done" and values[name]]
        missing = sorted({need for _, needs in presumed for need in needs})
        if missing:
            first = next(name for name, needs in presumed if needs)
            row.warn(first, f"Taken as reported by the file. Still open before it: {', '.join(missing)}. The person is Amber until they are put right.")
        listed = self._person(row)
        for name, code in marks:
            if states.get(code) == "done" and isinstance(values[name], date) and (lacks := contents.doubts(listed, code, values[name], since=self.programme.decision_date)):
                row.warn(name, f"Taken as reported by the file. {' '.join(reason.text for reason in lacks)} The person is Amber until it is put right.")

    def _states_of_file(self, row: ParsedRow, marks: Sequence[tuple[str, str]]) -> dict[str, str]:
        states = {code: "not_applicable" if value == "N/A" else "done" for name, code in marks if (value := row.values[name]) is not None}
        states.setdefault("C01", "done")
        if row.values.get("priority"):
            states.setdefault("C03", "done")
        return states

    def _check_known(self, row: ParsedRow, record: PersonTransfer, of_another: bool) -> None:
        """The full gates of domain 5.2, in the order of the chain."""
        values, held = row.values, self.current(record)
        if record.ending and record.pk in self._listed_in_error:
            row.warn("surname", "Left the list when an import was undone; this file lists the person again, so the ending is taken back.")
            values["ending"] = ""
        elif record.ending:
            row.warn("surname", f"Nothing is taken: this person is recorded as {record.get_ending_display().lower()}. Correct that on the person's page first.")
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

    @cached_property
    def _listed_in_error(self) -> set[int]:
        """Who was listed by an import that was undone; asked once, when a row first is about somebody who has an ending."""
        return import_undo.listed_in_error(self.programme, [person.pk for person in self.known.by_id.values() if person.ending])

    @cached_property
    def _former(self) -> dict[int, int]:
        """{person without a provider: whom they were last offered to}; asked once, when a row first names one for somebody."""
        return replacing.former_of([person for person in self.known.by_id.values() if person.incoming_provider_id is None])

    def _plan_current(self, record: PersonTransfer, values: Mapping[str, Any]) -> bool:
        """Whether C08 is done, here or by the same row."""
        held = self.marks.get(record.pk, {}).get("C08")
        return (held is not None and held.state == "done") or isinstance(values.get("c08_on"), date)

    def _as_the_row_leaves(self, record: PersonTransfer, values: Mapping[str, Any]) -> PersonTransfer:
        """The person as the other cells of the same row will leave it."""
        merged = copy(record)
        if not values.get("orders_shared_on") and outdates(name for name in TOLD if values.get(name) is not None and values[name] != getattr(record, name)):
            merged.orders_shared_on = None
        for name in FIELDS:
            if values.get(name) is not None:
                setattr(merged, name, values[name])
        if values.get("in_hospital") is not None:
            merged.hospital_asked_on = self.today
        return merged

    def _person(self, row: ParsedRow) -> PersonTransfer:
        """The person a row would list; made once where looking and writing both need it, and kept until it is written."""
        if row.number in self._new:
            return self._new[row.number]
        given = row.values
        values = {name: value for name, value in given.items() if value is not None and name in _OF_PERSON}
        values["in_hospital"] = bool(given.get("in_hospital") or given.get("admitted_on"))
        values["hospital_asked_on"] = self.today if given.get("in_hospital") is False else None
        person = self._new[row.number] = rows.another(self._blank, values)
        if person.incoming_provider_id and person.planned_transfer_date:
            person.baseline_transfer_date = person.planned_transfer_date
        return person

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
        changes.bulk_apply(fields, **common)
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
