"""What reports of other systems share: whom a row is about. Nobody is added by them, so that a wrong number adds nobody."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from mobilisation.models import Programme
from mobilisation.workbooks import Column, ParsedRow, Text
from mobilisation.workbooks.words import normal
from transfers.imports.tracker_columns import columns_for
from transfers.models import PersonTransfer
from transfers.rules.names import split_name
from transfers.rules.numbers import number_key

REFERENCE, NHS, ORDER, CLIENT = "reference", "nhs_number", "old_order_ref", "client"


def whose() -> list[Column]:
    """The columns that say whom a row is about; one of them is enough."""
    known = {column.name: column for column in columns_for({}, {})}
    return [
        Column(REFERENCE, "Reference", Text(30), (*known["case_system_id"].synonyms, "case-system id", "customer no", "customer number", "account no", "service user id", "su id", "ref", "reference no"), names=True, help="Case-system ID, or our record ID"),
        replace(known["nhs_number"], required=False),
        Column(ORDER, "Order", Text(40), (*known["old_order_ref"].synonyms, "order ref", "order no", "order reference", "service order", "service delivery order"), names=True),
        Column(CLIENT, "Name of the person", Text(200), ("client", "client name", "service user", "su name", "full name", "customer name", "person name", "surname"), names=True, help="Only compared"),
    ]


class Whose:
    """The people of one programme, locked, by every number a report may know them by."""

    def __init__(self, programme: Programme) -> None:
        people = list(PersonTransfer.objects.select_for_update(of=("self",), no_key=True).filter(programme=programme).order_by("pk"))  # scope: an import is for roles that see everybody
        for person in people:
            person.programme = programme
        self.by_id = {person.public_id: person for person in people}
        self.by_nhs = {person.nhs_number: person for person in people if person.nhs_number}
        self.by_case = _once((number_key(person.case_system_id), person) for person in people if person.case_system_id)
        self.by_order = _once((number_key(person.old_order_ref), person) for person in people if person.old_order_ref and not person.ending)

    def find(self, row: ParsedRow) -> PersonTransfer | None:
        """The person, or None with a fault on the row. An order number is asked last: it changes, a person does not."""
        values = row.values
        reference, nhs, order = (str(values.get(name) or "") for name in (REFERENCE, NHS, ORDER))
        found: dict[str, PersonTransfer | None] = {}
        if reference:
            found[REFERENCE] = self.by_case.get(number_key(reference)) or self.by_id.get(reference.casefold())
        if nhs:
            found[NHS] = self.by_nhs.get(nhs)
        if not any(found.values()) and order:
            found[ORDER] = self.by_order.get(number_key(order))
        people = [person for person in found.values() if person is not None]
        if not people:
            column = next(iter(found), next((name for name in (REFERENCE, NHS, ORDER) if name in row.headings), REFERENCE))
            row.fault(column, "Nobody on the tracker has this number. Add the person first, or correct the number." if found else "It does not say whom the row is about. Enter the case-system ID, the NHS number or the order.")
            return None
        if any(person is not people[0] for person in people):
            row.fault(NHS, "The NHS number belongs to one person on the list and the reference to another. Compare both with the case system.")
            return None
        person = people[0]
        if person.ending:
            row.fault(next(iter(found)), f"This person ({person.public_id}) is recorded as {person.get_ending_display().lower()}: nothing is taken. Leave the row out.")
            return None
        self._compare(row, person, next(iter(found)))
        return person

    @staticmethod
    def _compare(row: ParsedRow, person: PersonTransfer, by: str) -> None:
        """A number typed one row too low would put one person's care on another."""
        name = row.values.get(CLIENT)
        if name and normal(split_name(name)[0]) != normal(person.surname) and normal(person.surname) not in normal(name).split():
            row.warn(by, f"{person.public_id} has this number here and another name. Compare both before importing.")


def _once(pairs: Any) -> dict[str, PersonTransfer]:
    """What belongs to two people names neither."""
    pairs = list(pairs)
    counts = Counter(key for key, _ in pairs)
    return {key: person for key, person in pairs if counts[key] == 1}
