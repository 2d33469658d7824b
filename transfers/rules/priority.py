"""Suggested priority of a person (domain 5.3). Pure. The system suggests, a person sets."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Needs:
    """What the suggestion is made from. ``medication``: none, prompt, administer, specialist."""

    time_critical: bool = False
    insulin_or_controlled: bool = False
    peg_or_clinical: bool = False
    double_handed: bool = False
    end_of_life: bool = False
    safeguarding_open: bool = False
    lives_alone: bool = False
    no_other_help: bool = False
    dementia: bool = False
    cognitive_or_ld: bool = False
    weekly_hours: Decimal | float = 0
    visits_per_day: Decimal | float = 0
    in_hospital: bool = False
    unknown_without_plan: bool = False
    carer_strain: bool = False
    other_format: bool = False


@dataclass(frozen=True)
class Suggestion:
    """``letter`` R, A or G with the flags that led to it."""

    letter: str
    red_flags: tuple[str, ...]
    amber_flags: tuple[str, ...]

    @property
    def reason(self) -> str:
        return "; ".join((*self.red_flags, *self.amber_flags)) or "no flags"


def suggest(needs: Needs) -> Suggestion:
    """Red with any R-flag or three A-flags, Amber with one or two A-flags, else Green."""
    red = [
        words
        for flag, words in (
            (needs.time_critical, "time-critical medication or visit"),
            (needs.insulin_or_controlled, "insulin or controlled medication"),
            (needs.peg_or_clinical, "PEG or other delegated clinical task"),
            (needs.double_handed, "double-handed"),
            (needs.end_of_life, "end of life"),
            (needs.safeguarding_open, "open safeguarding"),
            (needs.lives_alone and (needs.dementia or needs.no_other_help), "lives alone with dementia or no other help"),
        )
        if flag
    ]
    amber = [
        words
        for flag, words in (
            (needs.lives_alone, "lives alone"),
            (needs.dementia or needs.cognitive_or_ld, "dementia, cognitive impairment or learning disability"),
            (needs.weekly_hours >= 14 or needs.visits_per_day >= 4, "14 hours a week or 4 visits a day and more"),
            (needs.in_hospital, "in hospital now"),
            (needs.unknown_without_plan, "not known to the council and no current plan"),
            (needs.carer_strain, "carer under strain"),
            (needs.other_format, "needs another communication format"),
        )
        if flag
    ]
    letter = "R" if red or len(amber) >= 3 else "A" if amber else "G"
    return Suggestion(letter, tuple(red), tuple(amber))


def green_in_doubt(letter: str, needs: Needs) -> str:
    """Why Green needs a reason: over a Red suggestion, or for somebody not known to the council, who stays Amber until an
    assessment or information was offered; "" when it needs none."""
    if letter != "G":
        return ""
    suggestion = suggest(needs)
    if suggestion.letter == "R":
        return f"The needs suggest Red ({suggestion.reason}). Say why Green is right."
    if needs.unknown_without_plan:
        return "Not known to the council: Amber until an assessment or information was offered. Say when it was offered, and by whom."
    return ""
