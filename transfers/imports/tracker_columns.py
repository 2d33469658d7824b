"""The columns of the tracker (domain 7.4), one list for import and export, with the headings councils write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from mobilisation.models import Organisation
from mobilisation.workbooks import MSOA, UPRN, CheckpointDate, Choice, CodePresence, Column, Context, Date, Fault, Named, NHSNumber, Number, Postcode, Text, YesNo
from mobilisation.workbooks.cells import shown
from mobilisation.workbooks.words import FUNDING, MEDICATION, PRIORITY
from transfers.choices import Format, LegalBasis, Response, SharingBasis
from transfers.rules.gates import CHECKPOINTS

_SEEN: dict[str, tuple[str, ...]] = {
    "c02_on": ("data checked", "list checked"), "c04_on": ("letter sent", "person told", "person informed", "client informed"),
    "c05_on": ("nok informed", "representative told", "family informed", "next of kin informed"), "c06_on": ("consent", "sharing decision", "consent to share"),
    "c07_on": ("risk assessed", "assessment done"), "c08_on": ("care plan current", "support plan current"), "c09_on": ("provider accepted", "accepted", "package accepted"),
    "c10_on": ("orders raised", "new sdo raised"), "c11_on": ("pack sent", "transfer pack sent"), "c12_on": ("new provider contact made", "intro contact", "provider contact made", "introductory contact"),
    "c13_on": ("file sent", "file transferred"), "c17_on": ("case system updated", "swift updated"), "c18_on": ("care plan validated",), "c19_on": ("review offered",),
}


RECORD_ID = "record_id"
"""The one column that is not of the guide: the public id, so that a name or a number may be corrected in our own export."""


LAST_UPDATED = "last_updated_at"
"""In our own export the moment up to which the row knows its person: with it an older copy is told from news."""


@dataclass(frozen=True)
class Stamp:
    """The moment of our own export: a cell of a workbook, or text as our CSV has it. Anything else says nothing, and is no fault."""

    def __call__(self, cell: Any, context: Context) -> datetime | None:
        if isinstance(cell, str):
            cell = _moment(cell.strip())
        elif isinstance(cell, date) and not isinstance(cell, datetime):
            cell = datetime(cell.year, cell.month, cell.day)
        if not isinstance(cell, datetime) or not 2000 < cell.year < 2200:
            return None
        # In the hour that autumn has twice the earlier one is meant: too much is compared rather than too little.
        return cell if timezone.is_aware(cell) else timezone.make_aware(cell)


def _moment(text: str) -> datetime | None:
    for form in ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S"):
        with suppress(ValueError):
            return datetime.strptime(text, form)
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    return None


@dataclass(frozen=True)
class Certain:
    """A choice that its writer was sure of: ``Private?`` is a question, not an answer."""

    choice: Choice

    def __call__(self, cell: Any, context: Context) -> str:
        if "?" in shown(cell):
            raise Fault(f"It is not {self.choice.what}, it asks. Find out, then use one of: {', '.join(dict.fromkeys(self.choice.words.values()))}.")
        return self.choice(cell, context)


def body_of(text: str) -> str:
    """``OLA - Medway`` → Medway; "" when none is named."""
    found = re.search(r"\s[-–—]\s*(.+)$|\(([^)]+)\)\s*$", text)
    return (found[1] or found[2]).strip()[:150] if found else ""


def name_and_relationship(text: str) -> tuple[str, str]:
    """``Margaret Hartley (niece)`` → ("Margaret Hartley", "niece")."""
    found = re.fullmatch(r"(.+?)\s*\(([^()]+)\)\s*", text)
    return (found[1].strip(), found[2].strip()) if found else (text, "")


def _words(choices: Any) -> dict[str, tuple[str, ...]]:
    return {value: (label,) for value, label in choices.choices if value}


def columns_for(exiting: Mapping[str, Organisation], incoming: Mapping[str, Organisation]) -> list[Column]:
    """Every column in the order of the guide. ``read_only`` ones come from acts in the system, never from a file."""
    party = "a party to the programme"
    yes_no, text = YesNo(), Text(200)
    return [
        Column("row_ref", "Row reference", Text(30), ("row", "ref", "no")),
        Column("case_system_id", "Case-system ID", Text(30), ("swift id", "mosaic id", "liquidlogic id", "las id", "client id", "case id", "swift no", "person id", "swift number"), names=True),
        Column("nhs_number", "NHS number", NHSNumber(), ("nhs no", "nhs", "nhs num"), names=True),
        Column("surname", "Surname", Text(100), ("last name", "family name"), required=True),
        Column("forename", "Forename", Text(100), ("first name", "given name", "forenames")),
        Column("date_of_birth", "Date of birth", Date(not_future=True), ("dob", "d o b", "born", "born on", "birth date")),
        Column("address", "Address", Text(300), ("home address", "full address")),
        Column("postcode", "Postcode", Postcode(), ("post code",)),
        Column("uprn", "UPRN", UPRN()),
        Column("msoa_code", "MSOA", MSOA(), ("msoa", "msoa code")),
        Column("zone", "Zone", Text(60), ("patch", "cluster", "area"), names=True),
        Column("phone", "Phone", Text(60), ("tel", "telephone", "tel no", "phone number", "contact number"), names=True),
        Column("representative_name", "Representative", Text(150), ("nok / representative", "nok", "next of kin", "representative name"), names=True),
        Column("relationship", "Relationship", Text(60), ("relationship to client", "nok relationship"), names=True),
        Column("representative_address", "Representative's address", Text(300), ("nok address (if different)", "nok address", "billing address", "representative address"), names=True),
        Column("representative_phone", "Representative's phone", Text(60), ("nok tel", "nok phone", "representative phone"), names=True),
        Column("tell_representative_first", "Tell the representative first", yes_no, ("tell nok first",)),
        Column("communication_format", "Communication format", Choice.of(_words(Format), "a communication format"), ("format", "letter format")),
        Column("language", "Language", Text(60), ("first language",)),
        Column("advocate_needed", "Advocate needed", yes_no, ("advocate",)),
        Column("funding_type", "Funding", Certain(Choice.of(FUNDING, "a known funding type", tuple(FUNDING))), ("funded by", "funding source", "funder")),
        Column("responsible_body", "Responsible body", Text(150), ("placing authority", "ola name"), names=True),
        Column("legal_basis", "Legal basis", Choice.of(_words(LegalBasis), "a legal basis")),
        Column("known_to_council", "Known to the council", yes_no, ("known to kcc", "known")),
        Column("direct_payment", "Direct payment", yes_no, ("has direct payment",)),
        Column("monies_held", "Monies held", yes_no),
        Column("priority", "Priority", Choice.of(PRIORITY, "a priority", ("R", "A", "G")), ("rag", "rag rating", "rag status", "priority rating")),
        Column("lives_alone", "Lives alone", yes_no),
        Column("dementia", "Dementia", yes_no),
        Column("cognitive_or_ld", "Cognitive impairment or learning disability", yes_no, ("ld", "learning disability", "cognitive")),
        Column("double_handed", "Double-handed", yes_no, ("double handed", "2:1", "double up")),
        Column("peg_or_clinical", "PEG or clinical task", yes_no, ("peg", "clinical task")),
        Column("medication_level", "Medication support", Choice.of(MEDICATION, "a level of medication support", tuple(MEDICATION)), ("medication", "meds", "meds support")),
        Column("time_critical", "Time-critical", yes_no, ("time critical", "time critical calls")),
        Column("insulin_or_controlled", "Insulin or controlled medication", yes_no, ("insulin", "controlled medication", "controlled drugs")),
        Column("end_of_life", "End of life", yes_no, ("eol", "palliative")),
        Column("carer_strain", "Carer under strain", yes_no, ("carer strain",)),
        Column("no_other_help", "No other help", yes_no, ("no family support", "no informal support")),
        Column("equipment", "Equipment", text),
        Column("safeguarding_open", "Open safeguarding", yes_no, ("safeguarding",)),
        Column("key_safe", "Key safe (yes or no)", CodePresence(), ("key safe", "keysafe", "access code", "key safe code", "door code", "keysafe no")),
        Column("in_hospital", "In hospital", yes_no, ("in hospital?", "currently in hospital")),
        Column("exiting_provider", "Exiting provider", Named(exiting, party, "exiting"), ("current provider", "outgoing provider", "old provider", "present provider"), names=True),
        Column("weekly_hours", "Hours a week", Number(0, 168), ("hrs pw", "hours per week", "weekly hours", "hours pw", "hours")),
        Column("visits_per_day", "Visits a day", Number(0, 48), ("calls per day", "visits per day", "calls", "no of calls")),
        Column("visit_times", "Visit times", text, ("call times", "times")),
        Column("old_order_ref", "Old order", Text(40), ("current sdo", "old sdo", "sdo", "old order ref"), names=True),
        Column("old_order_end", "Old order ends", Date(), ("sdo end", "old sdo end")),
        Column("new_order_ref", "New order", Text(40), ("new sdo", "new order ref"), names=True),
        Column("new_order_start", "New order starts", Date(), ("new sdo start",)),
        Column("payment_ref", "Payment reference", Text(40), ("fan", "fan no", "payment ref"), names=True),
        Column("care_item", "Care item", Text(40), names=True),
        Column("budget_code", "Budget code", Text(40), ("cost code",), names=True),
        Column("orders_shared_on", "Orders shared with both providers", Date(not_future=True)),
        Column("wave", "Wave", Text(30), ("phase", "tranche"), names=True),
        Column("incoming_provider", "Incoming provider", Named(incoming, party, "incoming"), ("new provider", "receiving provider", "allocated provider"), names=True),
        Column("allocation_response", "Incoming provider's answer", Choice.of(_words(Response), "an answer of a provider"), ("provider response",)),
        Column("planned_transfer_date", "Planned transfer date", Date(), ("proposed transfer date", "transfer date", "planned transfer", "move date", "proposed start date")),
        Column("actual_transfer_date", "Actual transfer date", Date(), ("actual transfer", "actual start date"), read_only=True),
        Column("same_worker", "Same care worker", yes_no, ("same carer",)),
        Column("sharing_basis", "Sharing basis", Choice.of(_words(SharingBasis), "a basis for sharing")),
        Column("file_route", "File route", text, read_only=True),
        *(Column(f"c{n:02d}_on", f"{c.code} {c.short}", CheckpointDate(), _SEEN.get(f"c{n:02d}_on", ())) for n, c in enumerate(CHECKPOINTS, 1)),
        Column("admitted_on", "Admitted", Date(not_future=True), ("admission date", "date admitted")),
        Column("hospital", "Hospital", Text(150), ("hospital name", "which hospital"), names=True),
        Column("expected_discharge", "Expected discharge", Date(), ("edd", "expected discharge date")),
        Column("discharged_on", "Discharged", Date(not_future=True), ("discharge date",), read_only=True),
        Column("safety_check_due", "Safety check due", Date(), read_only=True),
        Column("safety_check_on", "Safety check", Date(), read_only=True),
        Column("safety_outcome", "Safety outcome", text, read_only=True),
        Column("plan_status", "Care plan", text, read_only=True),
        Column("plan_validated_on", "Care plan validated on", Date(), read_only=True),
        Column("discrepancies_open", "Discrepancies open", text, read_only=True),
        Column("case_manager", "Case manager", Text(100), ("cm", "social worker", "care manager"), names=True),
        Column("next_action", "Next action", Text(300), ("action",)),
        Column("next_action_owner", "Owner of the next action", Text(100), ("action owner",), names=True),
        Column("next_action_due", "Next action due", Date(), ("action due",)),
        Column("notes", "Notes", Text(10_000), ("comments", "comment", "note", "remarks")),
        Column("reported_status", "Status in the council's list", Text(60), ("status", "current status", "client status")),
        Column("last_updated_by", "Last updated by", text, read_only=True),
        Column(LAST_UPDATED, "Last updated at", Stamp(), help="Written by our exports: what is changed here after it is not overwritten by an older copy. Leave it as it is; empty in a new row."),
        Column(RECORD_ID, "Our record ID", Text(30), help="Written by our exports: it says whose row this is, whatever else you correct. Leave it as it is; empty in a new row."),
    ]
