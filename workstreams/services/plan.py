"""Putting a built-in plan under a programme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Max

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.calendars import calendar_for
from mobilisation.choices import Pace
from mobilisation.clock import today
from mobilisation.errors import Refused
from mobilisation.models import Programme
from mobilisation.services import changes
from mobilisation.working_days import WorkingCalendar
from workstreams import plan_templates
from workstreams.choices import StepStatus
from workstreams.models import PlanStep, ReadinessCriterion, Workstream
from workstreams.rules import schedule
from workstreams.services.colours import recompute

LEAD = {"provider_exit": 5, "live_service": 10, "homecare_start": 10}
"""Working days a step of a template is given before it is due (dc)."""
CRITERIA_FOR = ("live_service", "homecare_start")
CRITERION_BEFORE = 5
"""Working days before the start by which a go-live criterion is to be met (dc)."""


@dataclass(frozen=True)
class Added:
    workstreams: int
    steps: int
    criteria: int


def anchors(programme: Programme) -> dict[str, date | None]:
    """The days a template counts from. T is the first planned transfer, where the tracker knows one (domain 10.13)."""
    return {
        "D0": programme.decision_date, "A": programme.award_date, "SCD": programme.scd, "E": programme.exit_date, "G": programme.go_live_date,
        "X": programme.staff_transfer_date, "T": registry.read_fact("first_transfer", programme),
    }


def template_moment(step: plan_templates.TemplateStep, programme: Programme) -> schedule.When:
    """When the step is due at the programme's pace; P and K steps shrink at compressed pace."""
    if programme.pace == "compressed" and programme.kind == "provider_exit" and step.code[0] in "PK":
        if programme.decision_date is None or programme.exit_date is None:
            raise Refused("Compressed pace is worked out from the decision date and the last day of the exiting provider. Give both.")
        return schedule.compress(step.when, programme.decision_date, programme.exit_date)
    return step.when


def add_template_items(programme: Programme, *, actor: Actor, why: str = "built-in plan") -> Added:
    """Workstreams, steps and go-live criteria of the template that are not there yet; run again it adds nothing."""
    with transaction.atomic():
        Programme._base_manager.select_for_update(no_key=True).get(pk=programme.pk)
        streams, new_streams = ensure_workstreams(
            programme, [(stream.slug, stream.name, stream.scope) for stream in plan_templates.workstreams(programme.kind)], actor=actor, why=why
        )
        held = set(PlanStep._base_manager.filter(programme=programme).values_list("code", flat=True))
        days, known = calendar_for(programme), anchors(programme)
        fresh = [
            new_step(programme, streams[step.workstream], step, template_moment(step, programme), known, days, order)
            for order, step in enumerate(plan_templates.steps(programme.kind, programme.pace))
            if step.code not in held
        ]
        changes.bulk_create(fresh, actor=actor, why=why)
        criteria = _add_criteria(programme, days, actor, why)
        recompute(programme)
        return Added(new_streams, len(fresh), criteria)


def ensure_workstreams(programme: Programme, wanted: list[tuple[str, str, str]], *, actor: Actor, why: str = "") -> tuple[dict[str, Workstream], int]:
    """{slug: workstream} with those of ``wanted`` (slug, name, scope) made that were not there; and how many."""
    streams = {stream.slug: stream for stream in Workstream._base_manager.filter(programme=programme)}
    order = max((stream.order for stream in streams.values()), default=-1) + 1
    fresh = [Workstream(programme=programme, slug=slug, name=name, scope=scope) for slug, name, scope in wanted if slug not in streams]
    for number, stream in enumerate(fresh, order):
        stream.order = number
    changes.bulk_create(fresh, actor=actor, why=why)
    return streams | {stream.slug: stream for stream in fresh}, len(fresh)


@dataclass(frozen=True)
class Dates:
    """A step's days by the template and the programme's dates; None while an anchor has none."""

    start: date | None
    due: date | None
    again: date | None


def dates_of(step: plan_templates.TemplateStep, moment: schedule.When, programme: Programme, known: Mapping[str, date | None], days: WorkingCalendar) -> Dates:
    at_once = programme.pace == Pace.EMERGENCY
    due = schedule.real_date(moment.due, known, days, within=step.within, at_once=at_once)
    start = schedule.real_date(moment.start, known, days, at_once=at_once)
    if start is None and due is not None:
        start = days.add(due, -LEAD[programme.kind])
        first = known.get("D0") or known.get("A")
        if first is not None and start < first:
            start = min(first if at_once else days.next_working(first), due)
    return Dates(start, due, schedule.real_date(moment.again, known, days, at_once=at_once))


def words_of(step: plan_templates.TemplateStep, moment: schedule.When, programme: Programme) -> str:
    """When it is due, as the template writes it; at compressed pace with the shortened offset."""
    if moment.due is None or programme.pace != "compressed" or programme.kind != "provider_exit":
        return step.words
    return "; ".join(part for part in (str(moment.due), str(moment.again or ""), moment.recurrence) if part)


SKIPPED, IF_TIME = "Not part of an emergency exit.", "If time allows."


def new_step(
    programme: Programme, stream: Workstream, step: plan_templates.TemplateStep, moment: schedule.When, known: Mapping[str, date | None], days: WorkingCalendar, order: int
) -> PlanStep:
    """The step with real dates, unsaved."""
    dates = dates_of(step, moment, programme, known, days)
    return PlanStep(
        programme=programme, workstream=stream, code=step.code, template_code=step.code, title=step.title, order=order, owner_role=step.owners, start=dates.start,
        baseline=dates.due, counted_on=dates.due, again_on=dates.again, recurrence=moment.recurrence, checkpoints="; ".join(moment.checkpoints),
        moment=words_of(step, moment, programme), critical=step.critical, gate=step.gate, evidence_required=step.evidence, is_milestone=bool(step.milestone_kind),
        milestone_kind=step.milestone_kind, scale=step.scale, reported_on=today(),
        status=StepStatus.NOT_APPLICABLE if moment.skipped else StepStatus.NOT_STARTED, note=SKIPPED if moment.skipped else IF_TIME if moment.if_time else "",
    )


def criterion_due(programme: Programme, days: WorkingCalendar) -> date | None:
    """The day by which the go-live criteria of the template are to be met; None while the start has no date."""
    start = programme.start_by
    return days.add(start, -CRITERION_BEFORE) if start else None


def _add_criteria(programme: Programme, days: WorkingCalendar, actor: Actor, why: str) -> int:
    if programme.kind not in CRITERIA_FOR:
        return 0
    held = set(ReadinessCriterion._base_manager.filter(programme=programme).values_list("code", flat=True))
    due = criterion_due(programme, days)
    fresh = [
        ReadinessCriterion(programme=programme, deliverable=item.deliverable, code=item.code, text=item.text, mandatory=item.mandatory, due=due, counted_on=due)
        for item in plan_templates.criteria()
        if item.code not in held
    ]
    changes.bulk_create(fresh, actor=actor, why=why)
    return len(fresh)


def next_order(programme: Programme) -> int:
    return (PlanStep._base_manager.filter(programme=programme).aggregate(last=Max("order"))["last"] or 0) + 1
