"""The cells of the tracker: which columns are what, and how a checkpoint stands in one."""

from __future__ import annotations

from datetime import date

from transfers.models import Checkpoint
from transfers.rules import gates

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
OF_PERSON = frozenset((*FIELDS, *PROVIDERS))
TAKE_ON_ONLY = {"allocation_response": "the provider's answer", "sharing_basis": "a sharing decision", "incoming_provider": "an offer to another provider"}
"""Taken from the file that lists the person; afterwards they are decisions, made on the person's page."""
OF_PROVIDER = frozenset({"C09", "C10", "C11", "C12"})
"""Marks that say something of one incoming provider: in a row that means another they are not this person's."""
ENDINGS = {"deceased": "died", "died": "died", "rip": "died", "withdrawn": "withdrawn", "cancelled": "withdrawn", "moved": "moved away", "moved away": "moved away", "moved out of area": "moved away"}


def mark_cell(mark: Checkpoint | None) -> date | str | None:
    """A checkpoint as its cell in the workbook: a day, W, N/A or nothing."""
    return None if mark is None else cell_of(mark.state, mark.done_on)


def cell_of(state: str, done_on: date | None) -> date | str | None:
    if state == "done":
        return done_on
    return "W" if state == "waived" else "N/A" if state == "not_applicable" else None
