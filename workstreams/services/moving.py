"""When something the plan counts from moves (a date, the first planned transfer, the pace, the calendar): open steps forecast
their new day, baselines wait for a variation (domain 3, 10.13); open go-live criteria are due on their new day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from mobilisation.access import Actor
from mobilisation.calendars import calendar_for
from mobilisation.components import short_date
from mobilisation.errors import Refused
from mobilisation.models import Programme
from mobilisation.services import changes, slots
from mobilisation.working_days import WorkingCalendar
from workstreams import plan_templates
from workstreams.choices import StepStatus
from workstreams.models import PlanStep, ReadinessCriterion
from workstreams.models.readiness import CRITERION_MET
from workstreams.rules import schedule
from workstreams.services.colours import recompute
from workstreams.services.plan import CRITERIA_FOR, IF_TIME, SKIPPED, Dates, anchors, criterion_due, dates_of, template_moment, words_of

COUNTED_FROM = ("decision_date", "award_date", "scd", "exit_date", "go_live_date", "staff_transfer_date", "pace", "division")


def follow_dates(programme: Programme, before: Mapping[str, Any], *, actor: Actor) -> int:
    """``before``: {field: its value until now} of what changed on ``programme``. Returns how many steps and criteria changed."""
    moved = {name: value for name, value in before.items() if name in COUNTED_FROM}
    return follow_template(programme, actor=actor, why=_why(programme, moved)) if moved else 0


def follow(programme: Programme) -> None:
    """After a change of the calendar, limits, roles or the first planned transfer: the plan's days, then its colours (``registry.recompute``)."""
    follow_template(programme, actor=Actor.system("plan"), why="worked out anew from the dates of the programme")
    recompute(programme)


@transaction.atomic
def follow_template(programme: Programme, *, actor: Actor, why: str) -> int:
    """Bring open steps and criteria into line with the template at the programme's dates and pace. Returns how many changed.

    A step without a date gets its baseline; one that stands on the day last counted forecasts the new day; one on
    whose date somebody has said something of their own keeps it.
    """
    days, known = calendar_for(programme), anchors(programme)
    template = {step.code: step for step in plan_templates.steps(programme.kind, programme.pace)}
    pairs: list[tuple[PlanStep, dict[str, Any]]] = []
    counted: list[PlanStep] = []
    rows = PlanStep._base_manager.select_for_update().filter(programme=programme, template_code__in=template).exclude(status=StepStatus.DONE)
    for row in rows:
        step = template[row.template_code]
        try:
            moment = template_moment(step, programme)
        except Refused:  # compressed pace without both of its dates says nothing yet
            continue
        dates = dates_of(step, moment, programme, known, days)
        values = _words(row, step, moment, programme)
        if values.get("status", row.status) != StepStatus.NOT_APPLICABLE:
            values |= _days(row, dates)
        values = {name: value for name, value in values.items() if getattr(row, name) != value}
        if values:
            pairs.append((row, values))
        stands = values.get("forecast", row.forecast) or values.get("baseline", row.baseline)
        if dates.due is not None and row.counted_on != dates.due and stands == dates.due:
            row.counted_on = dates.due
            counted.append(row)
    changed = changes.bulk_apply(pairs, actor=actor, why=why[:300])
    if counted:
        PlanStep._base_manager.bulk_update(counted, ["counted_on"])
    return changed + _follow_criteria(programme, days, actor, why)


def _follow_criteria(programme: Programme, days: WorkingCalendar, actor: Actor, why: str) -> int:
    """Open criteria that stand on the day last counted are due on the new one; a day that somebody chose stays."""
    due = criterion_due(programme, days)
    if programme.kind not in CRITERIA_FOR or due is None:
        return 0
    rows = list(ReadinessCriterion._base_manager.select_for_update().filter(programme=programme, code__in=[item.code for item in plan_templates.criteria()]).exclude(status__in=CRITERION_MET))
    moved = [row for row in rows if row.due in (None, row.counted_on, due) and (row.due, row.counted_on) != (due, due)]
    changed = changes.bulk_apply([(row, {"due": due}) for row in moved if row.due != due], actor=actor, why=why[:300])
    for row in moved:
        row.counted_on = due
    ReadinessCriterion._base_manager.bulk_update(moved, ["counted_on"])
    return changed


def _days(row: PlanStep, dates: Dates) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if dates.due is None:
        return values
    if row.baseline is None:
        values = {"baseline": dates.due} | ({"start": dates.start} if row.status == StepStatus.NOT_STARTED else {})
    elif row.counted_on is not None and dates.due != row.counted_on and (row.forecast or row.baseline) == row.counted_on:
        values = {"forecast": None if dates.due == row.baseline else dates.due} | ({"start": dates.start} if row.status == StepStatus.NOT_STARTED else {})
    if dates.again is not None:
        values["again_on"] = dates.again
    return values


def _words(row: PlanStep, step: plan_templates.TemplateStep, moment: schedule.When, programme: Programme) -> dict[str, Any]:
    """What another pace says of the step beside its day: how often, after which checkpoints, whether at all."""
    values: dict[str, Any] = {"recurrence": moment.recurrence, "checkpoints": "; ".join(moment.checkpoints), "moment": words_of(step, moment, programme)}
    untouched = row.note in ("", SKIPPED, IF_TIME)
    if moment.skipped and row.status == StepStatus.NOT_STARTED and untouched:
        values |= {"status": StepStatus.NOT_APPLICABLE, "note": SKIPPED}
    elif not moment.skipped and row.status == StepStatus.NOT_APPLICABLE and row.note == SKIPPED:
        values |= {"status": StepStatus.NOT_STARTED, "note": IF_TIME if moment.if_time else ""}
    elif untouched and row.status == StepStatus.NOT_STARTED:
        values["note"] = IF_TIME if moment.if_time else ""
    return values


def _why(programme: Programme, before: Mapping[str, Any]) -> str:
    def said(value: Any) -> str:
        return short_date(value) if isinstance(value, date) else str(value or "none")

    return "; ".join(f"{programme._meta.get_field(name).verbose_name} moved from {said(value)} to {said(getattr(programme, name))}" for name, value in before.items())  # type: ignore[union-attr]


def tick(moment: datetime) -> None:
    """Once a day: the first planned transfer may have moved and roles begin or end (domain 7.5)."""
    slot = slots.take("plan", timezone.localtime(moment).date().isoformat())
    if slot is None:
        return
    programmes = list(Programme.objects.open())
    failed = slots.each(programmes, follow, "plan of the day")
    slots.done(slot, slots.words(f"{len(programmes)} programmes", failed))
