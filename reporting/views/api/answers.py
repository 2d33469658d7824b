"""The answers: each stands on the scope, the filters and the edition of the page that shows the same."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import reverse

from mobilisation.clock import today
from mobilisation.models import Programme
from mobilisation.roles import Can
from mobilisation.views.scope import ProgrammeView
from reporting.models import WeeklySnapshot
from reporting.portfolio import editions_of
from reporting.position import Position
from reporting.position.schema import Schema
from reporting.views import shown
from reporting.views.api.base import JsonView, PagedView, parameters_of
from reporting.views.api.rows import FrozenPosition, ProgrammeRow, RiskRow, SnapshotRow, StepRow
from reporting.views.reports import InLibrary
from risks.filters import RiskFilter
from risks.models import Risk
from risks.views.register import SHOWS, RegisterRows
from workstreams.forms.plan import PlanFilterForm
from workstreams.models import PlanStep
from workstreams.views.plan import PlanView


class Programmes(PagedView):
    """The programmes of the portfolio."""

    shape = ProgrammeRow

    def rows(self) -> Any:
        user = self.request.user
        editions, _, self.request.sees_everybody = editions_of(user)  # type: ignore[attr-defined]  # the last for the veil
        return Programme.objects.visible_to(user).filter(pk__in=editions).select_related("lead_organisation")

    def shown(self, found: list[Programme]) -> list[ProgrammeRow]:
        return [
            ProgrammeRow(
                p.reference, p.title, p.kind, p.get_kind_display(), p.status, p.get_status_display(), p.phase, str(p.lead_organisation or ""), p.decision_date, p.award_date, p.scd,
                p.go_live_date, p.exit_date, p.staff_transfer_date, reverse("reporting:dashboard", args=[p.ref]), reverse("reporting:api-position", args=[p.ref]),
            )
            for p in found
        ]


class PositionNow(JsonView, ProgrammeView):
    """The live position, in the edition of this reader's dashboard."""

    required = Can.DASHBOARD
    shape = Position

    def answer(self) -> Position:
        return shown.live(self.programme, self.actor)


class Snapshots(PagedView, InLibrary):
    """The frozen weeks the library lists."""

    shape = SnapshotRow

    def rows(self) -> Any:
        return self.weeks()

    def shown(self, found: list[WeeklySnapshot]) -> list[SnapshotRow]:
        ref = self.programme.ref
        return [
            SnapshotRow(
                s.public_id, s.kind, s.words, s.week_ending, s.as_of, s.taken_at, s.taken_by, s.overall, reverse("reporting:snapshot-detail", args=[ref, s.public_id]),
                reverse("reporting:api-snapshot", args=[ref, s.public_id]),
            )
            for s in found
        ]


class Snapshot(JsonView, ProgrammeView):
    """A week as it was frozen, in the edition of this reader's dashboard."""

    required = Can.DASHBOARD
    shape = FrozenPosition

    def answer(self) -> FrozenPosition:
        found = shown.frozen_week(self)
        return FrozenPosition(found.public_id, found.kind, found.words, found.week_ending, found.taken_at, shown.frozen(found, self.actor))


class PlanSteps(PagedView, PlanView):
    """Steps and milestones with colours and reasons, narrowed as on the plan's page."""

    shape = StepRow
    query: ClassVar[dict[str, Schema]] = {**parameters_of(PlanFilterForm.base_fields), "view": {"type": "string", "title": "Order", "enum": ["workstream", "date"]}}

    def rows(self) -> Any:
        return self.listed()

    def shown(self, found: list[PlanStep]) -> list[StepRow]:
        rows = [self.row(step) for step in found]
        return [
            StepRow(
                s.public_id, s.code, s.title, s.workstream.slug, s.workstream.name, s.owner_shown, s.is_milestone, s.milestone_kind, s.critical, s.gate, s.recurrence, s.start, s.baseline,
                s.forecast, s.due_on, s.done_on, s.percent, s.status, s.get_status_display(), s.colour, row.reason, row.people, reverse("workstreams:step-detail", args=[self.programme.ref, s.public_id]),
            )
            for row in rows
            for s in [row.step]
        ]


class Register(PagedView, RegisterRows):
    """The risks this reader sees, narrowed as on the register's page: those that are open, unless asked for others."""

    shape = RiskRow
    query: ClassVar[dict[str, Schema]] = {
        **parameters_of({name: one.field for name, one in RiskFilter.base_filters.items()}), "show": {"type": "string", "title": "Which", "enum": [key for key, _, _ in SHOWS if key]},
    }

    def rows(self) -> Any:
        return self.narrowed(today()).qs.select_related("owner", "organisation").order_by("-score", "number")

    def shown(self, found: list[Risk]) -> list[RiskRow]:
        as_of = today()
        rows = []
        for r in found:
            colour, reason = r.moments.at(as_of)
            rows.append(
                RiskRow(
                    r.public_id, r.ref, r.event, r.cause, r.effect, r.domain, r.scope, r.workstream_slug, r.owner_label, r.other_owner, str(r.organisation or ""), r.likelihood, r.consequence, r.score,
                    r.band.value, r.band.word, r.initial_score, r.target_score, r.response, r.controls, r.gaps, r.unsafe_go_live, r.review_on, r.late_actions, r.status, r.raised_on, r.closed_on,
                    colour.value, reason, reverse("risks:risk-detail", args=[self.programme.ref, r.public_id]),
                )
            )
        return rows
