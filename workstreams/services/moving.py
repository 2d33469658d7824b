"""When a date the plan counts from moves: open steps forecast their new day, baselines wait for a variation (domain 3)."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import date
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.calendars import calendar_for
from mobilisation.components import short_date
from mobilisation.errors import Refused
from mobilisation.models import Programme
from mobilisation.services import changes
from workstreams import plan_templates
from workstreams.choices import StepStatus
from workstreams.models import PlanStep
from workstreams.rules import schedule
from workstreams.services.plan import anchors, template_moment

COUNTED_FROM = ("decision_date", "award_date", "scd", "exit_date", "go_live_date", "staff_transfer_date", "pace", "division")


def template_days(programme: Programme) -> dict[str, tuple[date | None, date | None]]:
    """Code of a template step → (start, due) by the programme's dates and pace as they stand on the object."""
    days, known = calendar_for(programme), anchors(programme)
    found: dict[str, tuple[date | None, date | None]] = {}
    for step in plan_templates.steps(programme.kind, programme.pace):
        try:
            moment = template_moment(step, programme)
        except Refused:  # compressed pace without both of its dates says nothing yet
            continue
        found[step.code] = schedule.real_date(moment.start, known, days), schedule.real_date(moment.due, known, days, within=step.within)
    return found


@transaction.atomic
def follow_dates(programme: Programme, before: Mapping[str, Any], *, actor: Actor) -> int:
    """``before``: {field: its value until now} of what changed on ``programme``. Returns how many steps forecast another day.

    A step on whose date somebody has said something of their own keeps it.
    """
    moved = {name: value for name, value in before.items() if name in COUNTED_FROM}
    if not moved:
        return 0
    earlier = copy(programme)
    for name, value in moved.items():
        setattr(earlier, name, value)
    was, now = template_days(earlier), template_days(programme)
    pairs: list[tuple[PlanStep, dict[str, Any]]] = []
    for step in PlanStep._base_manager.select_for_update().filter(programme=programme, template_code__in=was).exclude(status__in=[StepStatus.DONE, StepStatus.NOT_APPLICABLE]):
        (old_start, old_due), (new_start, new_due) = was[step.template_code], now.get(step.template_code, (None, None))
        values: dict[str, Any] = {}
        if old_due and new_due and old_due != new_due and (step.forecast or step.baseline) == old_due:
            values["forecast"] = None if new_due == step.baseline else new_due
        if values and step.status == StepStatus.NOT_STARTED and old_start and new_start and step.start == old_start:
            values["start"] = new_start
        if values:
            pairs.append((step, values))
    return changes.bulk_apply(pairs, actor=actor, why=_why(programme, moved)[:300])


def _why(programme: Programme, before: Mapping[str, Any]) -> str:
    def said(value: Any) -> str:
        return short_date(value) if isinstance(value, date) else str(value or "none")

    return "; ".join(f"{programme._meta.get_field(name).verbose_name} moved from {said(value)} to {said(getattr(programme, name))}" for name, value in before.items())  # type: ignore[union-attr]
