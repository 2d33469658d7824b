"""What the dates and the pace of a programme must hold, whoever gives them (domain 5.14). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class ProgrammeDates:
    """Under the names of the programme's fields. ``contract_end`` is the last day of a contract that begins."""

    kind: str
    pace: str = ""
    decision_date: date | None = None
    award_date: date | None = None
    scd: date | None = None
    exit_date: date | None = None
    go_live_date: date | None = None
    staff_transfer_date: date | None = None
    contract_end: date | None = None


@dataclass(frozen=True)
class Fault:
    """``field``: where it is put right; ``of``: every field it hangs on."""

    field: str
    words: str
    of: frozenset[str]


def date_faults(dates: ProgrammeDates) -> list[Fault]:
    """Everything that stands against the dates and the pace, each at its field."""
    exiting = dates.kind == "provider_exit"
    found: list[Fault] = []

    def fault(field: str, words: str, *others: str) -> None:
        found.append(Fault(field, words, frozenset({field, *others})))

    if exiting and dates.decision_date is None:
        fault("decision_date", "Enter the decision or notice date (D0); the plan of an exit counts from it.")
    if dates.exit_date and dates.decision_date and dates.exit_date < dates.decision_date:
        fault("exit_date", "The last day of the exiting provider is before the decision date. Check both.", "decision_date")
    if exiting and dates.pace == "compressed" and dates.exit_date is None:
        fault("exit_date", "Compressed pace is worked out from the last day of the exiting provider. Enter it.", "pace")
    if not exiting and dates.pace == "emergency":
        fault("pace", "Emergency pace is for provider exits. Choose planned or compressed.")
    if dates.kind == "live_service" and dates.scd is None:
        fault("scd", "Enter the service commencement date; the plan of a live service counts back from it.")
    if dates.kind == "homecare_start" and dates.go_live_date is None:
        fault("go_live_date", "Enter the go-live day; the plan of a home care start counts from it.")
    start = dates.scd or dates.go_live_date
    if start and dates.contract_end and dates.contract_end < start:
        fault("contract_end", "The end of the contract is before the service starts. Check both.", "scd", "go_live_date")
    if start and dates.award_date and dates.award_date > start:
        fault("award_date", "The award is after the service starts. Check both.", "scd", "go_live_date")
    first = dates.decision_date or dates.award_date
    if first and dates.staff_transfer_date and dates.staff_transfer_date < first:
        fault("staff_transfer_date", f"The staff transfer is before the {'decision' if dates.decision_date else 'award'}. Check both.", "decision_date", "award_date")
    for field in ("decision_date", "scd", "go_live_date", "exit_date", "contract_end", "award_date", "staff_transfer_date"):
        day: date | None = getattr(dates, field)
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            fault(field, f"{day.year} is not a likely year. Check the date.")
    return found
