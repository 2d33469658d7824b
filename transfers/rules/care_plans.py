"""Care plans: provisional until validated (domain 5.7). Pure. Due dates are in ``rules.dues``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

CHECKS: tuple[tuple[str, str], ...] = (
    ("medicines", "Medicines reconciled with pharmacy or family"),
    ("allergies", "Allergies"),
    ("moving_handling", "Moving and handling"),
    ("equipment", "Equipment"),
    ("visit_times", "Visit times"),
    ("contacts", "Contacts"),
    ("preferences", "Preferences"),
)
FOUND = {"right": "as the plan says", "differs": "differs"}
"""What a check found, in words."""


@dataclass(frozen=True)
class OpenDiscrepancy:
    """``called``/``updated``: the commissioning officer was called, the plan updated."""

    found_on: date
    called: bool
    updated: bool

    @property
    def last_day(self) -> date:
        """Both are needed the same day; from midnight the person is Red."""
        return self.found_on


def missing_to_close(called: bool, updated: bool) -> list[str]:
    """What still has to happen before a discrepancy may be closed."""
    found = [] if called else ["Call the commissioning officer."]
    return found if updated else [*found, "Update the plan."]


def high_risk(*, medication: bool, peg: bool, double_handed: bool, safeguarding: bool) -> bool:
    return medication or peg or double_handed or safeguarding


def validation_refused(open_discrepancies: int) -> str:
    if open_discrepancies:
        return f"{open_discrepancies} discrepanc{'y is' if open_discrepancies == 1 else 'ies are'} still open. Close {'it' if open_discrepancies == 1 else 'them'} first."
    return ""


KIND_OF = {"medicines": "medication", "allergies": "allergy", "moving_handling": "moving_handling", "equipment": "equipment", "visit_times": "visit_times", "contacts": "contact", "preferences": "other"}
"""What was checked → kind of the discrepancy when it differs."""


def still_to_check(checks: Mapping[str, str]) -> list[str]:
    """Titles of what was not looked at yet, in the order of the list."""
    return [title for key, title in CHECKS if not checks.get(key)]


def check_refused(tier: str, checks: Mapping[str, str]) -> str:
    """Why C18 waits: at high risk the structured check at the start of care is complete first."""
    missing = still_to_check(checks)
    if tier == "high" and missing:
        return f"High risk: the check at the start of care is complete first. Still to check: {', '.join(title[0].lower() + title[1:] for title in missing)}."
    return ""


def status_of(checks: Mapping[str, str], open_discrepancies: int) -> str:
    """Where an unvalidated plan stands."""
    if open_discrepancies:
        return "discrepancy"
    return "checking" if any(checks.values()) else "provisional"
