"""Changes of a programme itself. What hangs on its dates is recomputed with them (design, third idea)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from mobilisation import registry, rules
from mobilisation.access import Actor
from mobilisation.choices import OVER, CalendarDayKind, Phase, ProgrammeStatus
from mobilisation.errors import Reason, Refused
from mobilisation.models import CalendarDay, Change, Programme
from mobilisation.roles import Can
from mobilisation.services import accounts, changes
from mobilisation.services.meanwhile import refused_if_taken

HANGS_ON = frozenset({"decision_date", "award_date", "scd", "exit_date", "go_live_date", "staff_transfer_date", "pace", "division", "thresholds"})
_RULED = ("pace", "decision_date", "award_date", "scd", "exit_date", "go_live_date", "staff_transfer_date")
LONGEST_PERIOD = 92
"""Days of a local closure or a pre-election period."""
_WAYS = {
    "draft": {"active", "cancelled"},
    "active": {"live", "paused", "cancelled"},
    "live": {"stabilising", "paused", "cancelled"},
    "stabilising": {"closed", "paused", "cancelled"},
    "closed": {"archived"},
    "paused": {"active", "live", "stabilising", "cancelled"},
    "archived": set(),
    "cancelled": set(),
}
"""Domain section 3; paused and cancelled from any open state, with a reason."""


@transaction.atomic
def update(programme: Programme, values: Mapping[str, Any], *, actor: Actor, why: str = "", expected_version: int | None = None) -> Change | None:
    """Change dates, pace, words. Refused with everything that stands against the dates (``rules.date_faults``)."""
    actor.require(Can.PROGRAMME_MANAGE)
    if actor.user is not None and programme.status in OVER:
        raise Refused(f"This programme is {programme.get_status_display().lower()}; its record stays as it is.")
    dates = rules.ProgrammeDates(kind=programme.kind, **{name: values.get(name, getattr(programme, name)) for name in _RULED})
    # What was wrong before and is not touched here stands in the way of nothing.
    wrong = [Reason(fault.words, field=fault.field) for fault in rules.date_faults(dates) if not fault.of.isdisjoint(values)]
    if wrong:
        raise Refused(wrong)
    standing = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    before = {name: getattr(standing, name) for name in HANGS_ON.intersection(values)}
    record = changes.apply(programme, values, actor=actor, why=why, expected_version=expected_version)
    if record is not None and not HANGS_ON.isdisjoint(record.fields):
        registry.dates_moved(programme, {name: value for name, value in before.items() if name in record.fields}, actor=actor)
        registry.recompute_all(programme)
    return record


@transaction.atomic
def set_limits(programme: Programme, changed: Mapping[str, tuple[Any, int]], *, actor: Actor) -> Change | None:
    """``changed``: {limit: (what the person was shown, what they want)}; every other limit stays as it is now.

    Refused, naming each, where somebody changed the same limit meanwhile. A limit set to the default of the site is no longer the programme's own.
    """
    actor.require(Can.PROGRAMME_MANAGE)
    current = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    stands = {key: current.threshold(key) for key in changed}
    clashes = [
        Reason(f"Somebody changed this to {stands[key]} while you were editing; you were shown {shown} and entered {wanted}. Open the page again to see what stands, then choose.", field=key)
        for key, (shown, wanted) in changed.items()
        if shown is not None and stands[key] not in {shown, wanted}
    ]
    if clashes:
        raise Refused(clashes)
    own = current.thresholds | {key: wanted for key, (_, wanted) in changed.items()}
    return update(programme, {"thresholds": {key: value for key, value in own.items() if value != settings.THRESHOLDS.get(key)}}, actor=actor)


@transaction.atomic
def set_status(programme: Programme, status: str, *, actor: Actor, reason: str = "") -> Change | None:
    """draft → active → live → stabilising → closed → archived; paused and cancelled with a reason."""
    actor.require(Can.PROGRAMME_MANAGE)
    if status == programme.status:
        return None
    found: list[Reason] = []
    if status not in _WAYS[programme.status]:
        ways = ", ".join(ProgrammeStatus(way).label for way in sorted(_WAYS[programme.status])) or "nothing else"
        found.append(Reason(f"From {programme.get_status_display()} a programme goes to: {ways}.", field="status"))
    if status in {"paused", "cancelled"} and not reason.strip():
        found.append(Reason("Say why.", field="reason"))
    if programme.status == ProgrammeStatus.PAUSED and status not in {_before_pause(programme), ProgrammeStatus.CANCELLED} and not found:
        found.append(Reason(f"It was {ProgrammeStatus(_before_pause(programme)).label.lower()} before the pause, and goes on from there.", field="status"))
    if status == "active" and "CL" in (missing := [code for code, _ in accounts.vacant(programme)]):
        found.append(Reason(f"A contract lead (CL) is needed before the programme becomes active. Vacant: {', '.join(dict.fromkeys(missing))}.", field="status"))
    if not found:
        found = [Reason(words, field="status") for words in registry.blockers(programme, status)]
    if found:
        raise Refused(found)
    values = {"status": status, "status_reason": reason}
    if status == ProgrammeStatus.LIVE and programme.phase == Phase.MOBILISATION:
        # Mobilisation ends where the service begins (domain section 3).
        values["phase"] = Phase.OPERATIONAL
    return changes.apply(programme, values, actor=actor, why=reason)


def _before_pause(programme: Programme) -> str:
    rows = Change.objects.filter(entity="mobilisation.programme", object_id=programme.pk).order_by("-id").values_list("fields", flat=True)
    return next((fields["status"][0] for fields in rows if fields.get("status", [None, None])[1] == ProgrammeStatus.PAUSED), ProgrammeStatus.ACTIVE)


@transaction.atomic
def add_day(day: CalendarDay, *, actor: Actor) -> CalendarDay:
    """A holiday, local day or pre-election period; programmes of the division follow."""
    actor.require(Can.SITE_ADMIN)
    wrong = [Reason(f"{value.year} is not a likely year. Check the date.", field=name) for name, value in (("date", day.date), ("until", day.until)) if value and not 2000 <= value.year <= 2100]
    if day.until and day.kind == CalendarDayKind.BANK_HOLIDAY:
        wrong.append(Reason("A bank holiday is one day. Leave this empty.", field="until"))
    elif day.until and (day.until - day.date).days > LONGEST_PERIOD:
        wrong.append(Reason(f"A period may have {LONGEST_PERIOD} days at most. Check both days.", field="until"))
    if wrong:
        raise Refused(wrong)
    _refuse_day(day)
    with refused_if_taken(lambda: _refuse_day(day)):
        changes.create(day, actor=actor)
    _follow(day.division)
    return day


def _refuse_day(day: CalendarDay) -> None:
    if CalendarDay.objects.filter(division=day.division, date=day.date, kind=day.kind).exists():
        raise Refused(Reason("This day stands in the calendar already.", field="date"))


@transaction.atomic
def strike_day(day: CalendarDay, *, actor: Actor, removed: bool) -> None:
    """Strike a day out, or put it back; the monthly refresh leaves it so."""
    actor.require(Can.SITE_ADMIN)
    changes.apply(day, {"removed": removed}, actor=actor)
    _follow(day.division)


def _follow(division: str) -> None:
    for programme in Programme.objects.open().filter(division=division):
        registry.recompute_all(programme)
