"""Billing and alternate addresses, and emergency placements: who stands for a person and where they live, with the order and
the payment where the report knows them. A filled field changes only as the preview has shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from mobilisation.models import Job
from mobilisation.roles import Can
from mobilisation.workbooks import Choice, Column, Importer, ParsedRow, Plan, Postcode, Text, Written
from mobilisation.workbooks.words import normal
from transfers.choices import ContactRole
from transfers.imports.reports import NHS, ORDER, REFERENCE, Whose, whose
from transfers.imports.tracker_columns import columns_for, name_and_relationship
from transfers.models import PersonContact, PersonTransfer
from transfers.services import reports
from transfers.services.contacts import STANDS_FOR

CONTACT = {"contact_name": "name", "contact_role": "role", "contact_relationship": "relationship", "contact_address": "address", "contact_phone": "phone"}
"""Column → field of the contact."""
_ROLES = {
    ContactRole.REPRESENTATIVE: ("representative", "rep", "billing contact", "payer", "appointee", "financial representative"), ContactRole.NEXT_OF_KIN: ("next of kin", "nok"),
    ContactRole.ATTORNEY: ("attorney", "poa", "lpa", "power of attorney"), ContactRole.DEPUTY: ("deputy", "court appointed deputy"),
}


@dataclass(eq=False)
class About:
    """What one row is about: a person, and the contact of theirs that it names, if there is one already."""

    person: PersonTransfer
    contact: PersonContact | None


class ContactReport(Importer[About]):
    """``fields``: columns of the person beside the contact. Every row is about somebody who is there, so none is new."""

    fields: ClassVar[tuple[str, ...]] = ()
    noun, can = ("person", "people"), Can.PEOPLE_IMPORT
    label_columns = (REFERENCE, NHS, ORDER)
    takes_any_list = True
    personal = True

    def columns(self) -> Sequence[Column]:
        known = {column.name: column for column in columns_for({}, {})}
        return [
            *whose(),
            Column("contact_name", "Name of the contact", Text(150), ("billing name", "bill to", "invoice name", "contact name", "nok", "next of kin", "representative", "nok name", "name", "payer name"), names=True),
            Column("contact_role", "Role", Choice.of(_ROLES, "a role of a contact", ("Representative", "Next of kin", "Attorney", "Deputy")), ("contact role", "contact type", "capacity")),
            Column("contact_relationship", "Relationship", Text(60), ("relationship to client", "nok relationship", "relation"), names=True),
            Column("contact_address", "Address of the contact", Text(300), ("billing address", "alternate address", "alternative address", "invoice address", "correspondence address", "nok address", "address"), names=True),
            Column("contact_postcode", "Postcode of the contact", Postcode(), ("billing postcode", "invoice postcode", "postcode", "post code", "nok postcode")),
            Column("contact_phone", "Phone of the contact", Text(60), ("billing phone", "nok tel", "nok phone", "telephone", "phone", "tel", "contact phone", "contact number"), names=True),
            *(known[name] for name in self.fields if name != ORDER),
        ]

    def tidy(self, row: ParsedRow) -> None:
        values = row.values
        if values.get("contact_name"):
            name, relationship = name_and_relationship(values["contact_name"])
            values["contact_name"] = name
            if relationship and not values.get("contact_relationship"):
                values["contact_relationship"] = relationship[:60]
        postcode = values.pop("contact_postcode", None)
        if postcode and values.get("contact_address") and normal(postcode).replace(" ", "") not in normal(values["contact_address"]).replace(" ", ""):
            values["contact_address"] = f"{values['contact_address']}, {postcode}"
            if len(values["contact_address"]) > 300:
                row.fault("contact_address", "With its postcode it has more than 300 characters. Shorten it.")

    def load(self, rows: Sequence[ParsedRow]) -> None:
        self.whose = Whose(self.programme)
        self.contacts: dict[int, list[PersonContact]] = {}
        for contact in PersonContact.objects.select_for_update(of=("self",)).filter(person__programme=self.programme, person__ending="", ended_on__isnull=True).order_by("-main", "id"):
            self.contacts.setdefault(contact.person_id, []).append(contact)
        self.seen: dict[tuple[int, Any], int] = {}

    def match(self, row: ParsedRow) -> About | None:
        person = self.whose.find(row)
        if person is None:
            return None
        name, held = row.values.get("contact_name"), [contact for contact in self.contacts.get(person.pk, []) if contact.role in STANDS_FOR]
        contact = next((one for one in held if normal(one.name) == normal(name)), None) if name else next((one for one in held if one.main), None)
        if contact is None and name:
            contact = next((one for one in held if not one.name), None)
        key = (person.pk, contact.pk if contact else normal(name or ""))
        if key in self.seen:
            row.fault("contact_name" if "contact_name" in row.headings else REFERENCE, f"Row {self.seen[key]} is about the same contact of this person. Keep one of them.")
        self.seen.setdefault(key, row.number)
        return About(person, contact)

    def current(self, record: About) -> Mapping[str, Any]:
        contact = record.contact
        return {column: getattr(contact, name) if contact else "" for column, name in CONTACT.items()} | {name: getattr(record.person, name) for name in self.fields}

    def shown(self, column: str, value: Any) -> str:
        return str(ContactRole(value).label) if column == "contact_role" and value else super().shown(column, value)

    def check(self, row: ParsedRow, record: About | None) -> None:
        if record is None:
            return
        values, person, held = row.values, record.person, self.current(record)
        says = [name for name in CONTACT if values.get(name) is not None and name != "contact_role"]
        if values.get("contact_name") and normal(values["contact_name"]) in {normal(f"{person.forename} {person.surname}"), normal(f"{person.surname} {person.forename}")}:
            row.warn("contact_name", "It is the person's own name, so there is no representative to take.")
            values.update(dict.fromkeys(CONTACT))
        elif says and record.contact is None and not values.get("contact_name"):
            row.fault(says[0], "It does not say whose it is, and the person has no representative here. Enter the name.")
        if ORDER not in self.fields:
            values.pop(ORDER, None)
        if "payment_ref" in self.fields and values.get("payment_ref") and person.new_order_ref and values["payment_ref"] != person.payment_ref:
            row.warn("payment_ref", "Not taken: the payment that stands here is the new order's. Change it on the person's page.")
            values["payment_ref"] = None
        for name, value in row.given.items():
            if held.get(name) and not self.same(name, held[name], value):
                row.warn(name, "It replaces what is held here; the preview shows both.")

    def write(self, plan: Plan[About], job: Job | None = None) -> Written:
        contacts, fields = [], []
        for planned in plan.updated:
            record, new = planned.record, planned.new_values
            assert record is not None
            if own := {CONTACT[name]: value for name, value in new.items() if name in CONTACT}:
                if record.contact is None:
                    own.setdefault("role", ContactRole.REPRESENTATIVE.value)
                contacts.append((record.person, record.contact, own))
            if of_person := {name: value for name, value in new.items() if name in self.fields}:
                fields.append((record.person, of_person))
        reports.take_contacts(self.programme, contacts, fields, actor=self.actor, job=job)
        return Written(created=0, updated=len(plan.updated))


class AddressImporter(ContactReport):
    kind = "addresses"


class PlacementImporter(ContactReport):
    """What is known of somebody placed in an emergency: next of kin, order, payment, times and hours."""

    kind = "placements"
    fields = (ORDER, "payment_ref", "visit_times", "weekly_hours")
