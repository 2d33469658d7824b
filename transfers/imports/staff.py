"""The exiting employer's staff list: who moves, and what training it reports (domain 5.9, 5.16).

Training in a file is the provider's word: a date means *completed*, "Booked" means booked. Only the workforce
lead validates, so nothing here counts towards readiness by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mobilisation.models import ContractParty, Job, Organisation
from mobilisation.roles import Can
from mobilisation.services import changes
from mobilisation.workbooks import Column, Context, Date, Fault, Importer, Named, Number, ParsedRow, Percent, Plan, Problem, Text, Written, YesNo
from mobilisation.workbooks.words import normal
from transfers.models.staff import CompetenceRecord, StaffTransfer
from transfers.services import staff as services

SKILL = "skill_"
_SYNONYMS = {
    "medication": ("medication trained", "meds training", "medication training", "medicines"),
    "infection_control": ("infection control", "infection prevention", "ipc"),
    "safeguarding": ("safeguarding adults", "safeguarding training", "sova"),
    "digital_records": ("digital records", "electronic records", "digital care records"),
}


@dataclass(frozen=True)
class Training:
    """A day (completed), "Booked", or "Completed" without a day → (state, day)."""

    is_date: bool = field(default=True, init=False)

    def __call__(self, cell: Any, context: Context) -> tuple[str, date | None]:
        if isinstance(cell, str):
            word = normal(cell)
            if word in {"booked", "planned", "b"}:
                return "booked", None
            if word in {"completed", "complete", "done", "trained", "yes", "y", "validated"}:
                return "completed", None
        try:
            return "completed", Date(not_future=True)(cell, context)
        except Fault as fault:
            raise Fault(f"{fault} Or write Booked.") from None


class StaffImporter(Importer[StaffTransfer]):
    kind, noun, can = "staff", ("member of staff", "staff"), Can.STAFF_EDIT
    once_in_file = ("staff_ref",)
    row_by_row = True
    label_columns = ("staff_ref",)
    told_by = ("surname", "forename", "job_role")
    personal = True

    def columns(self) -> Sequence[Column]:
        parties = ContractParty.objects.filter(contract__programmes=self.programme).select_related("organisation")
        by_role: dict[str, dict[str, Organisation]] = {"exiting": {}, "incoming": {}}
        for party in parties:
            by_role.setdefault(party.role, {})[party.organisation.name] = party.organisation
        self._employers = by_role["exiting"]
        self.requirements = services.requirements_to_be(self.programme)
        return [
            Column("staff_ref", "Employee number", Text(30), ("emp no", "employee no", "staff no", "payroll no", "staff id", "employee id"), required=True),
            Column("surname", "Surname", Text(100), ("last name", "family name"), required=True),
            Column("forename", "Forename", Text(100), ("first name", "given name")),
            Column("job_role", "Job role", Text(100), ("role", "job title", "position", "post")),
            Column("hours", "Contracted hours a week", Number(0, 168), ("contracted hours", "hours", "weekly hours", "hrs pw")),
            Column("started_on", "Start date", Date(), ("start date", "continuous service", "service start")),
            Column("percent_assigned", "% on this contract", Percent(), ("% on contract", "percent on contract", "percent assigned", "% assigned")),
            Column("union_member", "Union member", YesNo(), ("union", "in union")),
            Column("objected_by_file", "Objected", YesNo(), ("objection", "objects")),
            Column("exiting", "Present employer", Named(self._employers, "the exiting provider of the programme", "exiting"), ("current employer", "transferor", "employer")),
            Column("incoming", "New employer", Named(by_role["incoming"], "a party to the programme", "incoming"), ("new provider", "transferee", "incoming provider")),
            *(
                Column(SKILL + need.skill, need.title, Training(), _SYNONYMS.get(need.skill, ()), help="A date, or Booked")
                for need in self.requirements
            ),
        ]

    def tidy(self, row: ParsedRow) -> None:
        """With one exiting provider the file need not name it."""
        if row.values.get("exiting") is None and len(self._employers) == 1:
            row.values["exiting"] = next(iter(self._employers.values()))
        if row.values.get("objected_by_file") is False:
            row.values["objected_by_file"] = None

    def load(self, rows: Sequence[ParsedRow]) -> None:
        found = StaffTransfer.objects.select_for_update().filter(programme=self.programme)
        if self.actor.roles and self.actor.roles <= {"XP", "IP"} and not self.actor.unrestricted:
            found = found.filter(exiting__in=self.actor.organisation_ids("XP"))
        self.staff = {(member.exiting_id, member.staff_ref): member for member in found}
        self.training: dict[int, dict[str, CompetenceRecord]] = {}
        for record in CompetenceRecord.objects.select_for_update().filter(staff__programme=self.programme):
            self.training.setdefault(record.staff_id, {})[record.skill] = record

    def match(self, row: ParsedRow) -> StaffTransfer | None:
        employer = row.values.get("exiting")
        return self.staff.get((employer.pk if employer else None, row.values.get("staff_ref") or ""))

    def current(self, record: StaffTransfer) -> Mapping[str, Any]:
        held = self.training.get(record.pk, {})
        names = ("staff_ref", "surname", "forename", "job_role", "hours", "started_on", "percent_assigned", "union_member", "objected_by_file")
        return {
            **{name: getattr(record, name) for name in names},
            "exiting": record.exiting_id, "incoming": record.incoming_id,
            **{SKILL + need.skill: (held[need.skill].state, held[need.skill].completed_on) if need.skill in held else None for need in self.requirements},
        }

    def same(self, column: str, old: Any, new: Any) -> bool:
        if column in {"exiting", "incoming"}:
            return bool(old == new.pk)
        if column.startswith(SKILL) and old is not None:
            # The file reports; it never takes back what was validated, nor turns completed into booked.
            order = {"booked": 0, "completed": 1, "validated": 2}
            return bool(old == new or order[new[0]] < order[old[0]] or (new[1] is None and new[0] == old[0]) or (old[0] == "validated" and new[1] == old[1]))
        return super().same(column, old, new)

    def shown(self, column: str, value: Any) -> str:
        if column.startswith(SKILL) and value is not None:
            state, day = value
            return f"{state}{f' {day:%d/%m/%Y}' if day else ''}"
        if column in {"exiting", "incoming"} and isinstance(value, int):
            return next((o.name for o in Organisation.objects.filter(pk=value)), "")
        return super().shown(column, value)

    def check(self, row: ParsedRow, record: StaffTransfer | None) -> None:
        if row.values.get("exiting") is None:
            why = "more than one exiting provider. Add a column “Present employer” to the file, or take a party off that is none" if self._employers else "no exiting provider. Add it to the programme first"
            row.faults.append(Problem(row.number, "Present employer", "", f"The file does not say whose staff this is, and the programme has {why}."))
        elif not self.actor.unrestricted and self.actor.roles and self.actor.roles <= {"XP", "IP"} and row.values["exiting"].pk not in self.actor.organisation_ids("XP"):
            row.fault("exiting", "You may import the staff of your own organisation only.")
        if row.values.get("hours") == 0:
            row.warn("hours", "No contracted hours: ask whether this is a zero-hours contract.")

    def write(self, plan: Plan[StaffTransfer], job: Job | None = None) -> Written:
        services.requirements(self.programme, self.actor)
        made = changes.bulk_create(
            [StaffTransfer(programme=self.programme, **_own(planned.row.given)) for planned in plan.created], actor=self.actor, job=job, programme=self.programme, action="imported"
        )
        # Rows whose only news is training are counted as changed: the count of the plan stands.
        changes.bulk_apply([(planned.record, _own(planned.new_values)) for planned in plan.updated], actor=self.actor, job=job, programme=self.programme, action="imported")
        fresh: list[CompetenceRecord] = []
        moved: list[tuple[CompetenceRecord, dict[str, Any]]] = []
        pairs = [(member, planned.row.given) for member, planned in zip(made, plan.created, strict=True)]
        pairs += [(planned.record, planned.new_values) for planned in plan.updated if planned.record is not None]
        for member, values in pairs:
            for name, value in values.items():
                if not name.startswith(SKILL):
                    continue
                skill, (state, day) = name.removeprefix(SKILL), value
                held = self.training.get(member.pk, {}).get(skill)
                if held is None:
                    fresh.append(CompetenceRecord(staff=member, skill=skill, state=state, completed_on=day))
                elif held.state == "validated":
                    moved.append((held, {"completed_on": day}))
                else:
                    moved.append((held, {"state": state, "completed_on": day}))
        changes.bulk_create(fresh, actor=self.actor, job=job, programme=self.programme, action="imported")
        changes.bulk_apply(moved, actor=self.actor, job=job, programme=self.programme, action="imported")
        return Written(created=len(made), updated=len(plan.updated))


def _own(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not name.startswith(SKILL)}
