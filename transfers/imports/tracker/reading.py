"""What a workbook is held against: the programme's people with their marks and stays, and a person as a row has or leaves them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from functools import cache, cached_property
from typing import Any

from django.urls import reverse

from mobilisation.clock import today
from mobilisation.models import ContractParty, Organisation
from mobilisation.roles import Can
from mobilisation.services import rows
from mobilisation.workbooks import Column, Importer, ParsedRow, dates
from mobilisation.workbooks.plan import Told
from transfers.choices import Ending
from transfers.imports import stale
from transfers.imports.matching import Known
from transfers.imports.tracker.cells import FIELDS, HOSPITAL, MARKS, OF_PERSON, PROVIDERS, mark_cell
from transfers.imports.tracker_columns import RECORD_ID, body_of, columns_for, name_and_relationship
from transfers.models import Checkpoint, HospitalEpisode, PersonTransfer
from transfers.rules import hospital
from transfers.rules.columns import TOLD, outdates
from transfers.rules.numbers import number_key
from transfers.services import care_plans, checkpoints, import_undo, provider_checks, replacing, turning


class Reading(Importer[PersonTransfer]):
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

    def told(self, keys: Collection[str]) -> tuple[Told, ...]:
        if self.actor.user is None:
            return ()
        people = PersonTransfer.objects.visible_to(self.actor.user).filter(programme=self.programme, public_id__in=keys)
        return tuple(Told(p.public_id, ", ".join(filter(None, (p.name, p.case_system_id))), reverse("transfers:person-detail", args=[self.programme.ref, p.public_id])) for p in people)

    def _marks_of(self, row: ParsedRow) -> list[tuple[str, str]]:
        """(column, code) of the checkpoints a row says something of, in the order of the chain."""
        return [(name, MARKS[name]) for name in sorted(MARKS.keys() & row.values.keys()) if row.values[name] is not None]

    def _states_of_file(self, row: ParsedRow, marks: Sequence[tuple[str, str]]) -> dict[str, str]:
        states = {code: "not_applicable" if value == "N/A" else "done" for name, code in marks if (value := row.values[name]) is not None}
        states.setdefault("C01", "done")
        if row.values.get("priority"):
            states.setdefault("C03", "done")
        return states

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
        values = {name: value for name, value in given.items() if value is not None and name in OF_PERSON}
        values["in_hospital"] = bool(given.get("in_hospital") or given.get("admitted_on"))
        values["hospital_asked_on"] = self.today if given.get("in_hospital") is False else None
        person = self._new[row.number] = rows.another(self._blank, values)
        if person.incoming_provider_id and person.planned_transfer_date:
            person.baseline_transfer_date = person.planned_transfer_date
        return person

    @cached_property
    def _listed_in_error(self) -> set[int]:
        """Who was listed by an import that was undone; asked once, when a row first is about somebody who has an ending."""
        return import_undo.listed_in_error(self.programme, [person.pk for person in self.known.by_id.values() if person.ending])

    @cached_property
    def _former(self) -> dict[int, int]:
        """{person without a provider: whom they were last offered to}; asked once, when a row first names one for somebody."""
        return replacing.former_of([person for person in self.known.by_id.values() if person.incoming_provider_id is None])
