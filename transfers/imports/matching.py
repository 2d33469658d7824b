"""Who on the list a row of a workbook is about (domain 7.4): by our own id where it is our export, by NHS number, then by
case-system ID; a name and a date of birth only offer somebody, and a person says whether it is the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from mobilisation.workbooks import ParsedRow
from mobilisation.workbooks.plan import ANOTHER, Offer
from mobilisation.workbooks.words import normal
from transfers.imports.tracker_columns import RECORD_ID
from transfers.models import PersonTransfer
from transfers.rules.numbers import number_key

_Name = tuple[str, str]


def _name(surname: Any, forename: Any) -> _Name:
    return normal(surname or ""), normal(forename or "")


def _apart(a: date | None, b: date | None) -> bool:
    return a is not None and b is not None and a != b


class Known:
    """The people of one programme, and the rows of one file that named nobody by number."""

    def __init__(self, people: Iterable[PersonTransfer], answers: Mapping[int, str]) -> None:
        people = list(people)
        self.answers = answers
        self.by_nhs = {p.nhs_number: p for p in people if p.nhs_number}
        self.by_case = {p.case_system_id: p for p in people if p.case_system_id}
        keys = Counter(number_key(one) for one in self.by_case)
        self.by_key = {number_key(one): p for one, p in self.by_case.items() if keys[number_key(one)] == 1}
        self.by_id = {p.public_id: p for p in people}
        refs = Counter(p.row_ref for p in people)
        self.by_ref = {p.row_ref: p for p in people if p.row_ref and refs[p.row_ref] == 1}
        self.by_name: dict[_Name, list[PersonTransfer]] = defaultdict(list)
        for person in people:
            self.by_name[_name(person.surname, person.forename)].append(person)
        self.unknown_ids = 0
        self.in_file: dict[_Name, list[tuple[int, date | None]]] = defaultdict(list)

    def find(self, row: ParsedRow) -> PersonTransfer | None:
        """The person ``row`` is about, or None for somebody new. May fault the row, or offer people it may be about."""
        values, ours = row.values, self._by_record_id(row)
        by_nhs, by_case = self.by_nhs.get(values.get("nhs_number") or ""), self._by_case(values.get("case_system_id") or "")
        if by_nhs and by_case and by_nhs is not by_case:
            row.fault("nhs_number", "The NHS number belongs to one person on the list and the case-system ID to another. Compare both with the case system.", (by_nhs.public_id, by_case.public_id))
        for column, other in (("nhs_number", by_nhs), ("case_system_id", by_case)):
            if ours and other and ours is not other:
                row.fault(column, f"By its {RECORD_ID} the row is about {ours.public_id}, and this number belongs to {other.public_id}. Compare both with the case system.", (ours.public_id, other.public_id))
        found = ours or by_nhs or by_case or self.by_id.get(values.get("row_ref") or "")
        if found is not None:
            self._compare(row, found, RECORD_ID if ours else "nhs_number" if by_nhs else "case_system_id" if by_case else "row_ref")
            return found
        found = self._by_reference(values)
        if found is None and values.get("surname"):
            found = self._offered(row)
            if found is None:
                self._refuse_same_in_file(row)
        return found

    def _by_record_id(self, row: ParsedRow) -> PersonTransfer | None:
        """By the id of our own export; one that nobody here has says nothing (an export of another programme, a column of that name in a council's list)."""
        given = row.values.get(RECORD_ID)
        found = self.by_id.get(given) if given else None
        if given and found is None:
            self.unknown_ids += 1
            row.values[RECORD_ID] = None
        return found

    def _by_case(self, number: str) -> PersonTransfer | None:
        return self.by_case.get(number) or self.by_key.get(number_key(number)) if number else None

    def _compare(self, row: ParsedRow, found: PersonTransfer, by: str) -> None:
        """A number typed one row too low would put one person's plan on another."""
        values = row.values
        if not values.get("surname") or _name(values["surname"], values.get("forename") or found.forename) == _name(found.surname, found.forename):
            return
        if _apart(values.get("date_of_birth"), found.date_of_birth):
            row.fault(by, f"It belongs to {found.public_id} on the list, who has another name and another date of birth. Compare it with the case system; if it is the same person, correct the name or the date on their page first.", (found.public_id,))
        elif not values.get("date_of_birth"):
            row.warn(by, f"{found.public_id} has {'' if by == RECORD_ID else 'this number here and '}another name{' here' if by == RECORD_ID else ''}. Compare both before importing.", (found.public_id,))

    def _by_reference(self, values: Mapping[str, Any]) -> PersonTransfer | None:
        """A list numbers its rows anew each week: a reference of the council finds only somebody of that name and, where both are known, date of birth."""
        found = self.by_ref.get(values.get("row_ref") or "")
        if found is None or values.get("nhs_number") or values.get("case_system_id"):
            return None
        fits = _name(values.get("surname"), values.get("forename")) == _name(found.surname, found.forename) and not _apart(values.get("date_of_birth"), found.date_of_birth)
        return found if fits else None

    def _offered(self, row: ParsedRow) -> PersonTransfer | None:
        """People of the same name, and of the same date of birth where both are known: who it is, a person says."""
        values, numbered = row.values, bool(row.values.get("nhs_number") or row.values.get("case_system_id"))
        born = values.get("date_of_birth")
        alike = [p for p in self.by_name[_name(values["surname"], values.get("forename"))] if not _apart(born, p.date_of_birth) and (born or not numbered)]
        if not alike:
            return None
        row.offers = tuple(Offer(p.public_id, ", ".join(filter(None, (f"{p.surname} {p.forename}".strip(), f"born {p.date_of_birth:%d/%m/%Y}" if p.date_of_birth else "", p.postcode, p.case_system_id)))) for p in alike)
        row.answer = self.answers.get(row.number, "")
        if (chosen := next((p for p in alike if p.public_id == row.answer), None)) is not None:
            return chosen
        what = "name and date of birth" if born else "name"
        if row.answer == ANOTHER:
            return None
        if numbered:
            row.warn("surname", f"Somebody of this {what} is on the list already ({alike[0].public_id}). Say in the preview whether it is the same person; unsaid, another person is added.")
        else:
            row.fault("surname", f"Somebody of this {what} is on the list already ({alike[0].public_id}). Say in the preview whether it is the same person, or add the NHS number or the case-system ID.")
        return None

    def _refuse_same_in_file(self, row: ParsedRow) -> None:
        values = row.values
        if values.get("nhs_number") or values.get("case_system_id"):
            return
        born = values.get("date_of_birth")
        before = self.in_file[_name(values["surname"], values.get("forename"))]
        first = next((number for number, other in before if not _apart(born, other)), None)
        before.append((row.number, born))
        if first is None:
            return
        if born:
            row.fault("surname", f"Row {first} has the same name and date of birth. Keep one of them, or add the NHS number or the case-system ID, so that both can be told apart.")
        else:
            row.warn("surname", f"Row {first} has the same name, and nothing tells the two apart. Add the date of birth or a number.")
