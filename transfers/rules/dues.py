"""When each checkpoint of a person is due (domain 5.2, 5.6, 5.7, 5.14, 10.3). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from mobilisation.working_days import Offset, WorkingCalendar
from transfers.rules.gates import BY_CODE, CODES, dependants

_AFTER_VISIT = frozenset({"C10", "C13", *dependants("C15")})
"""What may be open once somebody has moved: T is then the day of the first visit. What came before keeps the T it was due by."""
_RULE = re.compile(r"^(?P<anchor>D0|T)(?P<offset>[+-]\d+[wc])?$")


@dataclass(frozen=True)
class Limits:
    """The (dc) figures of 5.2, 5.6, 5.7 and 10.3; w working days, c calendar days."""

    not_before_listing_w: int = 1
    safety_amber_w: int = 1
    safety_green_w: int = 3
    safety_second_c: int = 7
    plan_high_risk_c: int = 10
    plan_other_c: int = 28


@dataclass(frozen=True)
class Anchors:
    """``t`` planned transfer date, ``moved_on`` day of the first visit; ``weeks_to_e`` whole weeks from D0 to E, for compressed pace."""

    d0: date | None
    t: date | None
    listed_on: date
    priority: str = ""
    high_risk: bool = False
    pace: str = "planned"
    weeks_to_e: int | None = None
    moved_on: date | None = None

    def t_of(self, code: str) -> date | None:
        """The T that ``code`` counts from."""
        return self.moved_on if self.moved_on and code in _AFTER_VISIT else self.t


def weeks_between(d0: date, e: date) -> int:
    return max(0, (e - d0).days // 7)


def compress(number: int, weeks_to_e: int) -> int:
    """Planned working days → compressed: × weeks ÷ 12, rounded down, at least 1; 0 stays 0; never later than planned."""
    if number == 0 or weeks_to_e >= 12:
        return number
    return max(1, number * weeks_to_e // 12)


def due(code: str, anchors: Anchors, calendar: WorkingCalendar, limits: Limits = Limits()) -> date | None:
    """Last day on which ``code`` is in time; None while its anchor is not known."""
    found = _due(code, anchors, calendar, limits)
    if found is None:
        return None
    return max(found, calendar.add(anchors.listed_on, limits.not_before_listing_w))


def _due(code: str, anchors: Anchors, calendar: WorkingCalendar, limits: Limits) -> date | None:
    if code == "C16":
        return safety_due(anchors.t_of(code), anchors.priority, calendar, limits)
    if code == "C18":
        return plan_due(anchors.t_of(code), anchors.high_risk, limits)
    checkpoint = BY_CODE[code]
    rule = checkpoint.emergency if anchors.pace == "emergency" else checkpoint.planned
    if code == "C07" and anchors.pace != "emergency" and anchors.priority == "R":
        rule = "T-15w"
    match = _RULE.match(rule)
    if match is None:
        return None
    anchor = anchors.d0 if match["anchor"] == "D0" else anchors.t_of(code)
    if anchor is None:
        return None
    if not match["offset"]:
        return anchor
    offset = Offset.parse(match["offset"])
    if anchors.pace == "compressed" and match["anchor"] == "D0" and offset.unit == "w" and anchors.weeks_to_e is not None:
        offset = Offset(compress(offset.number, anchors.weeks_to_e), "w")
    return calendar.offset(anchor, offset)


def safety_due(t: date | None, priority: str, calendar: WorkingCalendar, limits: Limits = Limits()) -> date | None:
    """Red on T, Amber T+1w, Green T+3w; an unrated person is checked as Red would be."""
    if t is None:
        return None
    if priority == "G":
        return calendar.add(t, limits.safety_green_w)
    if priority == "A":
        return calendar.add(t, limits.safety_amber_w)
    return t


def second_safety_due(t: date | None, priority: str, limits: Limits = Limits()) -> date | None:
    """Red people get a second check at T+7c, needed for C20."""
    return t + timedelta(days=limits.safety_second_c) if t is not None and priority == "R" else None


def plan_due(t: date | None, high_risk: bool, limits: Limits = Limits()) -> date | None:
    """High risk within 10 calendar days of T, others within 28; the date counts as it falls."""
    return t + timedelta(days=limits.plan_high_risk_c if high_risk else limits.plan_other_c) if t is not None else None


@lru_cache(maxsize=4096)
def all_dues(anchors: Anchors, calendar: WorkingCalendar, limits: Limits = Limits()) -> Mapping[str, date]:
    """{code: due} of every checkpoint whose anchor is known; kept, as every page of a list asks for the same few."""
    found = ((code, due(code, anchors, calendar, limits)) for code in CODES)
    return MappingProxyType({code: day for code, day in found if day is not None})
