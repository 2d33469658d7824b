"""Practice readiness of a member of staff, kept apart from the employment transfer (domain 5.16). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

BOOKED, COMPLETED, VALIDATED = "booked", "completed", "validated"
ORDER = (BOOKED, COMPLETED, VALIDATED)
SHADOW_SHIFTS = 2
MEDICATION = "medication"


@dataclass(frozen=True)
class Record:
    """What is known of one skill of one person."""

    skill: str
    state: str
    expires_on: date | None = None


@dataclass(frozen=True)
class Requirement:
    skill: str
    mandatory: bool = True
    high_risk: bool = False


def counts(record: Record | None, as_of: date) -> bool:
    """Only ``validated`` and in date counts; booked or completed does not."""
    return record is not None and record.state == VALIDATED and (record.expires_on is None or record.expires_on >= as_of)


def not_ready(records: Iterable[Record], requirements: Iterable[Requirement], as_of: date) -> list[str]:
    """Skills still missing before independent work; empty means ready."""
    held = {record.skill: record for record in records}
    return [need.skill for need in requirements if need.mandatory and not counts(held.get(need.skill), as_of)]


def may_do_medication(records: Iterable[Record], as_of: date) -> bool:
    """Medication-critical packages only with signed-off competence (H17)."""
    return any(record.skill == MEDICATION and counts(record, as_of) for record in records)


def reassess_refused(shadow_shifts_done: int) -> str:
    """After a failed check: two shadow shifts with a buddy first."""
    if shadow_shifts_done < SHADOW_SHIFTS:
        return f"{SHADOW_SHIFTS} shadow shifts with a buddy come first; {shadow_shifts_done} done."
    return ""


def percentage(part: int, whole: int) -> float | None:
    """Unrounded, for comparison (domain 10.10); None when there is nobody to count."""
    return 100 * part / whole if whole else None


@dataclass(frozen=True)
class WorkforceVerdict:
    """Colour letter (R, A or G) and reasons in words."""

    colour: str
    reasons: tuple[str, ...]


def training_verdict(mandatory_pct: float | None, high_risk_pct: float | None, *, within_window: bool) -> WorkforceVerdict:
    """In the last 5w before X or SCD: high-risk sign-off under 100 % Red; mandatory under 95 % Amber, under 80 % Red (10.10)."""
    if not within_window:
        return WorkforceVerdict("G", ())
    red, amber = [], []
    if high_risk_pct is not None and high_risk_pct < 100:
        red.append(f"High-risk sign-off is {_floor(high_risk_pct)} %, and must be 100 %")
    if mandatory_pct is not None and mandatory_pct < 80:
        red.append(f"Mandatory training validated is {_floor(mandatory_pct)} %, under 80 %")
    elif mandatory_pct is not None and mandatory_pct < 95:
        amber.append(f"Mandatory training validated is {_floor(mandatory_pct)} %, under 95 %")
    return WorkforceVerdict("R" if red else "A" if amber else "G", tuple(red + amber))


def _floor(value: float) -> str:
    """Shown rounded down to one place, so that 99.96 never reads as 100."""
    return f"{int(value * 10) / 10:g}"
