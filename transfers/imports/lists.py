"""A list of another organisation, taken in to be compared with the tracker; nobody is added or changed by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from mobilisation.models import Job
from mobilisation.roles import Can
from mobilisation.workbooks import Column, Importer, ParsedRow, Plan, Text, Written
from transfers.choices import ListSource
from transfers.imports.tracker_columns import columns_for
from transfers.models import ListRow
from transfers.rules.names import split_name
from transfers.services import lists

_FROM_TRACKER = ("nhs_number", "surname", "forename", "date_of_birth", "address", "postcode", "phone", "funding_type", "weekly_hours", "in_hospital")
KEPT = frozenset(("reference", *_FROM_TRACKER))


class ListImporter(Importer[ListRow]):
    """Every row is new to the upload: it stands for itself and replaces the list that came before."""

    source: ClassVar[ListSource]
    noun, can = ("line to compare", "lines to compare"), Can.PEOPLE_IMPORT
    takes_any_list = True
    # Somebody with a mistyped number is on the list all the same: who is left out of a comparison is who gets lost.
    forgives = frozenset(("reference", *_FROM_TRACKER)) - {"surname", "forename"}
    label_columns = ("reference",)
    told_by = ("full_name", "surname", "forename", "date_of_birth", "postcode", "nhs_number")
    personal = True

    def columns(self) -> Sequence[Column]:
        known = {column.name: column for column in columns_for({}, {})}
        reference = known["case_system_id"]
        return [
            Column("reference", "Reference", Text(30), (*reference.synonyms, "case-system id", "customer no", "customer number", "account no", "service user id", "su id", "ref", "reference no")),
            Column("full_name", "Name", Text(200), ("client", "client name", "service user", "su name", "full name", "name of client", "customer", "customer name", "person", "person name")),
            *(replace(known[name], required=False) for name in _FROM_TRACKER),
        ]

    def tidy(self, row: ParsedRow) -> None:
        values = row.values
        if values.get("full_name") and not values.get("surname"):
            surname, forename = split_name(values["full_name"])
            values["surname"], values["forename"] = surname[:100], (values.get("forename") or forename)[:100]
        values.pop("full_name", None)

    def load(self, rows: Sequence[ParsedRow]) -> None:
        """Nothing is compared while the file is read: the list is compared as a whole once it is kept."""

    def match(self, row: ParsedRow) -> ListRow | None:
        return None

    def current(self, record: ListRow) -> Mapping[str, Any]:
        return {}

    def check(self, row: ParsedRow, record: ListRow | None) -> None:
        if not row.values.get("surname"):
            row.fault("surname" if "surname" in row.headings else "full_name", "It names nobody. Write the person's name, or delete the row.")

    def write(self, plan: Plan[ListRow], job: Job | None = None) -> Written:
        found: list[dict[str, Any]] = []
        seen: Counter[str] = Counter()
        for planned in plan.created:
            values = {name: value for name, value in planned.row.given.items() if name in KEPT}
            key = lists.row_key(values)
            seen[key] += 1
            # Who stands on the list twice is a finding, not a fault of the file.
            found.append({"number": planned.row.number, "key": key if seen[key] == 1 else f"{key[:150]}#{seen[key]}", **values})
        lists.take(self.programme, self.source, found, actor=self.actor, job=job, progress=self.progress)
        return Written(created=len(found), updated=0)


class CouncilList(ListImporter):
    kind, source = "list-council", ListSource.COUNCIL


class ExitingList(ListImporter):
    kind, source = "list-exiting", ListSource.EXITING


class BillingList(ListImporter):
    kind, source = "list-billing", ListSource.BILLING
