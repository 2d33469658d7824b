"""Workstreams, their steps and milestones, and what hangs on them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce

from mobilisation.models import Entity, HasMoments, MomentsQuerySet, Organisation, Programme, ScopedQuerySet, Variation
from workstreams.choices import LinkType, MilestoneKind, Scale, Stated, StepStatus

ROUNDS = ("daily", "daily 16:00", "weekly", "every 2 weeks", "Tue, Fri")
"""Recurrences whose next day is soon: nothing of them is overdue once they go round."""
YEARLY = "every 12 months"
"""The recurrence whose next day comes long after: each time it is done it has a next one."""
CLOSED = (StepStatus.DONE, StepStatus.NOT_APPLICABLE)


COMES_AGAIN = Q(recurrence=YEARLY, status=StepStatus.DONE, again_on__isnull=False)


class Workstream(Entity):
    """One strand of the plan. Its colour is computed; what is stated beside it is an override, kept by ``reporting``."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="workstreams")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    scope = models.TextField(blank=True)
    responsibilities = models.TextField(blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["programme", "slug"], name="workstream_slug_once")]

    def __str__(self) -> str:
        return self.name


class PlanStepQuerySet(MomentsQuerySet):
    def open(self) -> PlanStepQuerySet:
        return self.exclude(status__in=CLOSED)

    def with_due(self, rounds: Mapping[str, date]) -> PlanStepQuerySet:
        """Annotates ``due_on``: the forecast, else the baseline; of a repeating step that goes round its next day, by ``rounds``; of a yearly one that was done its next occurrence."""
        going = Q(forecast__isnull=True, baseline__isnull=True) & ~Q(status__in=CLOSED) | Q(status=StepStatus.IN_PROGRESS)
        return self.annotate(due_on=Case(*(When(going & Q(recurrence=name), then=Value(day)) for name, day in rounds.items()), When(COMES_AGAIN, then=F("again_on")), default=Coalesce("forecast", "baseline"), output_field=models.DateField()))


class PlanStep(HasMoments, Entity):
    """A step or, with ``is_milestone``, a milestone. ``baseline`` changes by an approved variation only."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="steps")
    workstream = models.ForeignKey(Workstream, on_delete=models.PROTECT, related_name="steps")
    code = models.CharField(max_length=20)
    template_code = models.CharField(max_length=10, blank=True)
    title = models.CharField(max_length=300)
    order = models.PositiveIntegerField(default=0)
    owner_role = models.CharField("owner role", max_length=60, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="owner", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    owner_name = models.CharField("named owner", max_length=150, blank=True)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    start = models.DateField("start", null=True, blank=True)
    baseline = models.DateField("baseline", null=True, blank=True)
    forecast = models.DateField("forecast", null=True, blank=True)
    longstop = models.DateField("longstop", null=True, blank=True)
    done_on = models.DateField("done on", null=True, blank=True)
    again_on = models.DateField("looked at again on", null=True, blank=True)
    counted_on = models.DateField(null=True, blank=True, editable=False)
    """The due day last worked out from the template: while the step stands on it, it follows the programme's dates."""
    percent = models.PositiveSmallIntegerField("% complete", default=0)
    status = models.CharField("status", max_length=15, choices=StepStatus.choices, default=StepStatus.NOT_STARTED)
    blocked_on = models.DateField("blocked since", null=True, blank=True)
    critical = models.BooleanField("critical", default=False)
    gate = models.BooleanField("gate", default=False)
    evidence_required = models.BooleanField("evidence required", default=False)
    at_risk = models.BooleanField("at risk", default=False)
    at_risk_note = models.CharField("why at risk", max_length=200, blank=True)
    note = models.TextField("note", blank=True)
    reported_on = models.DateField("last updated on", null=True, blank=True)
    moment = models.CharField("when, in the template's words", max_length=60, blank=True)
    recurrence = models.CharField("repeats", max_length=20, blank=True)
    checkpoints = models.CharField("follows checkpoints", max_length=40, blank=True)
    is_milestone = models.BooleanField("milestone", default=False)
    milestone_kind = models.CharField("kind of milestone", max_length=25, choices=MilestoneKind.choices, blank=True)
    scale = models.CharField(max_length=10, choices=Scale.choices, blank=True)

    objects = PlanStepQuerySet.as_manager()

    class Meta:
        ordering = ["workstream__order", "order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "code"], name="step_code_once"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="step_percent_within_100"),
            models.CheckConstraint(condition=Q(status="done", done_on__isnull=False) | (~Q(status="done") & Q(done_on__isnull=True)), name="step_done_with_date"),
            models.CheckConstraint(condition=Q(status="blocked", blocked_on__isnull=False) | (~Q(status="blocked") & Q(blocked_on__isnull=True)), name="step_blocked_with_date"),
        ]
        indexes = [models.Index(fields=["programme", "status", "forecast"], name="step_programme_status")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"[:120]

    @property
    def due(self) -> date | None:
        """Its forecast, else its baseline (domain 10.10); none while it goes round."""
        return None if self.goes_round else self.forecast or self.baseline

    @property
    def goes_round(self) -> bool:
        """A repeating step that has begun is not late for its first day; it has a next one (domain 10.13)."""
        return self.recurrence in ROUNDS and self.status == StepStatus.IN_PROGRESS

    @property
    def next_on(self) -> date | None:
        """Of a yearly step that was done: its next occurrence (domain 6.1 X11, 10.13)."""
        return self.again_on if self.recurrence == YEARLY and self.status == StepStatus.DONE else None

    @property
    def is_open(self) -> bool:
        return self.status not in CLOSED

    @property
    def owner_shown(self) -> str:
        """A person where there is one, else the role codes."""
        return str(self.owner) if self.owner_id else self.owner_name or self.owner_role

    @property
    def checkpoint_codes(self) -> tuple[str, ...]:
        return tuple(code.strip() for code in self.checkpoints.split(";") if code.strip())


class Dependency(Entity):
    """``successor`` waits for ``predecessor``."""

    predecessor = models.ForeignKey(PlanStep, on_delete=models.CASCADE, related_name="leads_to")
    successor = models.ForeignKey(PlanStep, on_delete=models.CASCADE, related_name="waits_for")
    type = models.CharField(max_length=2, choices=LinkType.choices, default=LinkType.FINISH_START)
    lag_days = models.SmallIntegerField("lag in working days", default=0)

    class DependencyQuerySet(ScopedQuerySet):
        programme_path = "successor__programme"

    objects = DependencyQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="dependency_once"),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="dependency_not_on_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor.code} → {self.successor.code}"

    @property
    def history_programme(self) -> Any:
        return self.successor.programme


class Interface(Entity):
    """Something that crosses from one organisation to another."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="interfaces")
    what = models.CharField("what crosses", max_length=200)
    from_organisation = models.CharField("from", max_length=200)
    to_organisation = models.CharField("to", max_length=200)
    critical = models.BooleanField(default=False)
    agreed_on = models.DateField(null=True, blank=True)
    tested_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-critical", "id"]

    def __str__(self) -> str:
        return self.what


class ResourceLine(Entity):
    """Who gives how much time to a workstream."""

    workstream = models.ForeignKey(Workstream, on_delete=models.PROTECT, related_name="resources")
    role = models.CharField(max_length=100)
    organisation = models.CharField(max_length=200, blank=True)
    person = models.CharField(max_length=150, blank=True)
    days_per_week = models.DecimalField(max_digits=3, decimal_places=1)
    starts_on = models.DateField("from", null=True, blank=True)
    ends_on = models.DateField("to", null=True, blank=True)
    narrative = models.TextField(blank=True)

    class ResourceQuerySet(ScopedQuerySet):
        programme_path = "workstream__programme"

    objects = ResourceQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.role


class EvidenceFile(Entity):
    """What shows that a step is done. Counts once somebody other than its uploader accepted it, until it expires."""

    step = models.ForeignKey(PlanStep, on_delete=models.PROTECT, related_name="evidence")
    title = models.CharField(max_length=200)
    where = models.CharField("where it is kept", max_length=300, blank=True)
    expires_on = models.DateField("good until", null=True, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    accepted_on = models.DateField(null=True, blank=True)

    class EvidenceQuerySet(ScopedQuerySet):
        programme_path = "step__programme"

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(accepted_by__isnull=True) | Q(uploaded_by__isnull=True) | ~Q(accepted_by=F("uploaded_by")), name="evidence_accepted_by_another"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def history_programme(self) -> Any:
        return self.step.programme


class VariationItem(Entity):
    """One baseline an agreed variation moves."""

    variation = models.ForeignKey(Variation, on_delete=models.CASCADE, related_name="items")
    step = models.ForeignKey(PlanStep, on_delete=models.PROTECT, related_name="variation_items")
    old_baseline = models.DateField(null=True, blank=True)
    new_baseline = models.DateField()

    class ItemQuerySet(ScopedQuerySet):
        programme_path = "variation__programme"

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["variation", "step"], name="variation_item_once")]

    def __str__(self) -> str:
        return f"{self.step.code} → {self.new_baseline}"

    @property
    def history_programme(self) -> Any:
        return self.variation.programme


class WorkstreamReport(Entity):
    """What a lead reports for a week; ``week`` is its Sunday."""

    workstream = models.ForeignKey(Workstream, on_delete=models.PROTECT, related_name="reports")
    week = models.DateField("week ending")
    status = models.CharField("stated colour", max_length=1, choices=Stated.choices)
    one_line = models.CharField("in one line", max_length=300)
    asks = models.TextField("asks of the board", blank=True)
    unsafe = models.TextField("what could make go-live unsafe?", blank=True)

    class ReportQuerySet(ScopedQuerySet):
        programme_path = "workstream__programme"

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-week", "-id"]
        constraints = [models.UniqueConstraint(fields=["workstream", "week"], name="report_once_a_week")]

    def __str__(self) -> str:
        return f"{self.workstream} {self.week}"

    @property
    def history_programme(self) -> Any:
        return self.workstream.programme
