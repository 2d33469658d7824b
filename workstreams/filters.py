"""Filters and counters of the plan: one source for rows and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from mobilisation.components import Counter
from workstreams.choices import StepStatus
from workstreams.models import PlanStep
from workstreams.models.plan import CLOSED, COMES_AGAIN

OPEN = ~Q(status__in=CLOSED)
APPLIES = ~Q(status=StepStatus.NOT_APPLICABLE)
AWAITED = OPEN | COMES_AGAIN


def _cases(as_of: date) -> dict[str, dict[str, Q]]:
    """Parameter → value → which rows; ``due_on`` and ``colour`` are annotated."""
    return {
        "colour": {letter: Q(colour=letter) for letter in "RAGNB"},
        "due": {
            "overdue": AWAITED & Q(due_on__lt=as_of), "2w": AWAITED & Q(due_on__gte=as_of, due_on__lte=as_of + timedelta(days=14)),
            "4w": AWAITED & Q(due_on__gte=as_of, due_on__lte=as_of + timedelta(days=28)), "none": Q(due_on__isnull=True),
        },
        "flag": {"critical": Q(critical=True), "gate": Q(gate=True), "milestone": Q(is_milestone=True) & APPLIES, "applies": APPLIES, "open": OPEN, "done": Q(status=StepStatus.DONE)},
    }


def filtered(steps: QuerySet[PlanStep], values: Mapping[str, Any], as_of: date) -> QuerySet[PlanStep]:
    """``steps`` (with colour and due date) narrowed by cleaned ``values``."""
    for name, cases in _cases(as_of).items():
        if values.get(name):
            steps = steps.filter(cases[values[name]])
    if values.get("workstream"):
        steps = steps.filter(workstream__slug=values["workstream"])
    if values.get("owner"):
        word = values["owner"]
        steps = steps.filter(Q(owner_role__icontains=word) | Q(owner_name__icontains=word) | Q(owner__name__icontains=word) | Q(owner__email__iexact=word))
    if values.get("q"):
        steps = steps.filter(Q(title__icontains=values["q"]) | Q(code__iexact=values["q"]) | Q(note__icontains=values["q"]))
    return steps


COUNTERS = (
    ("All", "", "", ""), ("Red", "colour", "R", "red"), ("Amber", "colour", "A", "amber"), ("Overdue", "due", "overdue", "red"), ("Due in 2 weeks", "due", "2w", ""),
    ("Critical", "flag", "critical", ""), ("Gates", "flag", "gate", ""), ("Milestones", "flag", "milestone", ""), ("Done", "flag", "done", ""),
)


def counters(steps: QuerySet[PlanStep], as_of: date, path: str, view: str, chosen: Mapping[str, Any]) -> list[Counter]:
    """The numbers above the list, in one query."""
    cases = _cases(as_of)
    counts = steps.aggregate(all=Count("pk"), **{f"{name}_{value}": Count("pk", filter=cases[name][value]) for _, name, value, _ in COUNTERS if name})
    any_chosen = any(chosen.get(name) for name in ("q", "workstream", "colour", "owner", "due", "flag"))
    made = []
    for label, name, value, tone in COUNTERS:
        query = "&".join(part for part in (f"view={view}" if view == "date" else "", f"{name}={value}" if name else "") if part)
        active = chosen.get(name) == value if name else not any_chosen
        made.append(Counter(label, counts[f"{name}_{value}"] if name else counts["all"], f"{path}?{query}" if query else path, active, tone))
    return made


def ordered(steps: QuerySet[PlanStep], view: str) -> QuerySet[PlanStep]:
    if view == "date":
        return steps.order_by(F("due_on").asc(nulls_last=True), "workstream__order", "order", "pk")
    return steps.order_by("workstream__order", "order", "pk")
