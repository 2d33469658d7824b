"""Care plans: provisional until validated (domain 5.7). Pure. Due dates are in ``rules.dues``."""

from __future__ import annotations

from collections.abc import Mapping

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


def missing_to_close(called: bool, updated: bool) -> list[str]:
    """What still has to happen before a discrepancy may be closed."""
    found = [] if called else ["Call the commissioning officer."]
    return found if updated else [*found, "Update the plan."]


def detail_refused(detail: str) -> str:
    """Whoever is called asks what differs, so it is written down."""
    return "" if detail.strip() else "Say what differs."


RISKY_MEDICATION = ("administer", "specialist")


def risks(*, medication_level: str, peg: bool | None, double_handed: bool | None, safeguarding: bool | None) -> list[str]:
    """What makes a plan high-risk, in words; empty for every other plan."""
    named = ((medication_level in RISKY_MEDICATION, "medication"), (peg, "PEG or clinical task"), (double_handed, "double-handed"), (safeguarding, "safeguarding"))
    return [words for holds, words in named if holds]


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
