"""The plan by workstream and by date, one step, one workstream."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation import registry
from mobilisation.calendars import calendar_for
from mobilisation.choices import VariationStatus
from mobilisation.clock import now, today
from mobilisation.components import SummaryRow, short_date
from mobilisation.errors import NotPermitted, Refused
from mobilisation.forms.versioned import Versioned, show_refusal
from mobilisation.history import events
from mobilisation.models import Change, Variation
from mobilisation.roles import Can
from mobilisation.services.changes import entity_name
from mobilisation.veil.reader import in_sight
from mobilisation.views.scope import ProgrammeView
from mobilisation.working_days import WorkingCalendar
from workstreams import filters, timeline
from workstreams.choices import StepStatus
from workstreams.facts import workstream_facts
from workstreams.forms.plan import EvidenceForm, PlanFilterForm, ReportForm, SetAsideForm, StepForm, StepLeadForm, StepRowForm, VariationForm
from workstreams.models import Dependency, EvidenceFile, PlanStep, VariationItem, Workstream, WorkstreamReport
from workstreams.models.plan import ROUNDS
from workstreams.permissions import may_report, may_set_aside, may_update_step
from workstreams.rules import rag, schedule
from workstreams.services import steps as services

PAGE = 50
STAFF_TRANSFER = re.compile(r"\bTUPE\b|employee liability|staff transfer|transferring worker", re.IGNORECASE)
"""Steps that are done with the TUPE record (domain 6: P10, S05, L13, H03)."""


@dataclass(frozen=True)
class Row:
    """A step as the list shows it. ``people``: "x of y" of its checkpoints."""

    step: PlanStep
    reason: str
    people: str
    may_update: bool
    heading: str = ""


class PlanView(ProgrammeView, TemplateView):
    required = Can.PLAN_VIEW

    @cached_property
    def as_of(self) -> date:
        return today()

    @cached_property
    def days(self) -> WorkingCalendar:
        return calendar_for(self.programme)

    @cached_property
    def rounds(self) -> dict[str, date]:
        """{recurrence: its next day}; weekly meetings keep the weekday the programme began on."""
        programme = self.programme
        since = programme.decision_date or programme.award_date or timezone.localtime(programme.created_at).date()
        return schedule.rounds(ROUNDS, self.as_of, self.days, since=since, now=timezone.localtime(now()))

    @cached_property
    def people(self) -> dict[str, tuple[int, int]]:
        """Exact counts, which no edition but the board's shows (domain 8)."""
        return (registry.read_fact("checkpoints", self.programme) or {}) if self.actor.edition == "board" else {}

    def steps(self) -> Any:
        return PlanStep.objects.visible_to(self.request.user).filter(programme=self.programme).with_colour(self.as_of).with_due(self.rounds).select_related("workstream", "owner")

    def row(self, step: PlanStep, heading: str = "") -> Row:
        counted = [self.people[code] for code in step.checkpoint_codes if code in self.people]
        said = f"{min(done for done, _ in counted)} of {max(total for _, total in counted)} people" if counted else ""
        return Row(
            step, step.moments.at(self.as_of)[1], said, may_update_step(self.actor, step), heading,
        )

    @cached_property
    def streams(self) -> list[Workstream]:
        return list(Workstream.objects.visible_to(self.request.user).filter(programme=self.programme))

    @property
    def order(self) -> str:
        """``?view=``: by workstream, or by date."""
        return "date" if self.request.GET.get("view") == "date" else "workstream"

    @cached_property
    def filter_form(self) -> PlanFilterForm:
        form = PlanFilterForm(self.request.GET, workstreams=self.streams)
        form.is_valid()
        return form

    def listed(self) -> Any:
        """The steps a page lists, by the filters of its address, in their order: the plan and the JSON take the same."""
        chosen = self.filter_form.cleaned_data
        found = in_sight(self.request, filters.filtered(self.steps(), chosen, self.as_of), chosen.get("q") or "", "title", "code", "note")
        return filters.ordered(found, self.order)

    @cached_property
    def step(self) -> PlanStep:
        found = self.steps().filter(public_id=self.kwargs["public_id"]).first()
        if found is None:
            raise Http404("outside scope")
        return found


class PlanPage(PlanView):
    template_name = "workstreams/plan.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        view, form = self.order, self.filter_form
        path = reverse("workstreams:plan", kwargs={"ref": self.programme.ref})
        page = Paginator(self.listed(), PAGE).get_page(self.request.GET.get("page"))
        rows, last = [], ""
        for step in page:
            name = step.workstream.name if view == "workstream" else step.due_on.strftime("%B %Y") if step.due_on else "Without a date"
            rows.append(self.row(step, name if name != last else ""))
            last = name
        query = self.request.GET.copy()
        query.pop("page", None)
        query["view"] = "date" if view == "workstream" else "workstream"
        context |= {
            "rows": rows, "page_obj": page, "filter_form": form, "view": view, "streams": self.streams, "as_of": self.as_of, "other_url": f"{path}?{query.urlencode()}",
            "counters": filters.counters(self.steps().order_by(), self.as_of, path, view, form.cleaned_data), "may_edit": self.actor.can(Can.PLAN_EDIT),
            "column_count": 8,
        }
        return context


class Gantt(PlanView):
    """The plan drawn: bars from start to forecast, milestones as diamonds; the list says the same in words."""

    template_name = "workstreams/gantt.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        chosen = self.request.GET.get("workstream", "")
        stream = chosen if chosen in {row.slug for row in self.streams} else ""
        steps = self.steps().filter(workstream__slug=stream) if stream else self.steps()
        page = Paginator(filters.ordered(steps.filter(due_on__isnull=False), "workstream"), PAGE).get_page(self.request.GET.get("page"))
        tasks = [
            timeline.Task(step.code, step.title, step.workstream.name, step.start, step.due or step.due_on, step.baseline, step.colour, step.is_milestone) for step in page
        ]
        context |= {
            "drawings": [(look, timeline.draw(tasks, self.as_of, sheet)) for look, sheet in (("wide", timeline.WIDE), ("narrow", timeline.NARROW))] if tasks else [],
            "page_obj": page, "streams": self.streams, "stream": stream, "undated": steps.filter(due_on__isnull=True).count(),
        }
        return context


class StepRow(PlanView):
    """One row of the list, edited in its place; without scripts it is the step's own page."""

    def _form(self, data: Any = None) -> StepRowForm:
        return StepRowForm(data, instance=self.step)

    def get(self, request: HttpRequest, ref: str, public_id: str) -> HttpResponse:
        if not request.headers.get("HX-Request"):
            return redirect("workstreams:step-detail", ref=ref, public_id=public_id)
        if request.GET.get("show") or not may_update_step(self.actor, self.step):
            return self._row()
        return render(request, "workstreams/_step_row_form.html", {"row": self.row(self.step), "form": self._form(), "programme": self.programme, "as_of": self.as_of})

    def post(self, request: HttpRequest, ref: str, public_id: str) -> HttpResponse:
        form = self._form(request.POST)
        if form.is_valid():
            try:
                services.update_step(self.step, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                if not request.headers.get("HX-Request"):
                    return redirect("workstreams:plan", ref=ref)
                del self.step
                return self._row(saved=True)
        return render(request, "workstreams/_step_row_form.html", {"row": self.row(self.step), "form": form, "programme": self.programme, "as_of": self.as_of}, status=422)

    def _row(self, saved: bool = False) -> HttpResponse:
        return render(self.request, "workstreams/_step_row.html", {"row": self.row(self.step), "programme": self.programme, "as_of": self.as_of, "saved": saved})


class StepDetail(PlanView):
    template_name = "workstreams/step_detail.html"

    @cached_property
    def may_update(self) -> bool:
        return may_update_step(self.actor, self.step)

    @cached_property
    def sets_aside(self) -> bool:
        """Says only whether the step applies: the board chair, of a gate or a critical step."""
        return not self.may_update and self.step.status != StepStatus.NOT_APPLICABLE and may_set_aside(self.actor, self.step)

    def _form(self, data: Any = None) -> Versioned:
        kind: type[Versioned] = SetAsideForm if self.sets_aside else StepLeadForm if self.actor.can(Can.PLAN_EDIT) else StepForm
        return kind(data, instance=self.step)

    def post(self, request: HttpRequest, ref: str, public_id: str) -> HttpResponse:
        forms: dict[str, Any] = {}
        try:
            if "accept" in request.POST:
                evidence = EvidenceFile.objects.visible_to(request.user).filter(step=self.step, public_id=request.POST["accept"]).first()
                if evidence is None:
                    raise Http404("outside scope")
                services.accept_evidence(evidence, actor=self.actor)
                messages.success(request, "The evidence is accepted.")
                return redirect("workstreams:step-detail", ref=ref, public_id=public_id)
            if "evidence" in request.POST:
                form: Any = forms.setdefault("evidence_form", EvidenceForm(request.POST))
                if form.is_valid():
                    services.add_evidence(self.step, form.cleaned_data["title"], actor=self.actor, where=form.cleaned_data["where"], expires_on=form.cleaned_data["expires_on"])
                    messages.success(request, "The evidence is added. Somebody else has to accept it.")
                    return redirect("workstreams:step-detail", ref=ref, public_id=public_id)
            elif "propose" in request.POST:
                form = forms.setdefault("variation_form", VariationForm(request.POST))
                if form.is_valid():
                    data = form.cleaned_data
                    services.propose_variation(self.programme, data["title"], data["why"], [(self.step, data["new_baseline"])], actor=self.actor, impact=data["impact"])
                    messages.success(request, "The variation is proposed. The board chair or the senior responsible owner decides.")
                    return redirect("workstreams:variation-list", ref=ref)
            elif not (self.may_update or self.sets_aside):
                raise NotPermitted("You may update the steps you own or whose workstream you lead. Ask the mobilisation lead.")
            else:
                form = forms.setdefault("form", self._form(request.POST))
                if form.is_valid():
                    services.update_step(self.step, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])
                    messages.success(request, "The step is saved.")
                    return redirect("workstreams:step-detail", ref=ref, public_id=public_id)
        except Refused as refusal:
            if forms:
                show_refusal(next(iter(forms.values())), refusal)
            else:
                messages.error(request, str(refusal))
                return redirect("workstreams:step-detail", ref=ref, public_id=public_id)
        return self.render_to_response(self.get_context_data(**forms), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        step, user = self.step, self.request.user
        links = list(Dependency.objects.visible_to(user).filter(Q(successor=step) | Q(predecessor=step)).select_related("predecessor", "successor"))
        evidence = list(EvidenceFile.objects.visible_to(user).filter(step=step).select_related("uploaded_by", "accepted_by"))
        row = self.row(step)
        context |= {
            "step": step, "row": row, "as_of": self.as_of, "may_edit": self.actor.can(Can.PLAN_EDIT), "may_update": self.may_update, "sets_aside": self.sets_aside, "evidence": evidence,
            "waits_for": [link.predecessor for link in links if link.successor_id == step.pk], "leads_to": [link.successor for link in links if link.predecessor_id == step.pk],
            "summary": self._summary(row),
            "events": events(
                Change.objects.visible_to(user).filter(
                    Q(entity=entity_name(step), object_id=step.pk) | Q(entity=entity_name(EvidenceFile), object_id__in=[file.pk for file in evidence])
                ).order_by("-at", "-id")[:50]
            ),
        }
        if self.may_update or self.sets_aside:
            context.setdefault("form", self._form())
        if self.may_update:
            context.setdefault("evidence_form", EvidenceForm())
        if context["may_edit"] and step.baseline:
            context.setdefault("variation_form", VariationForm())
        return context

    def _summary(self, row: Row) -> list[SummaryRow]:
        step = row.step
        item = rag.Item(baseline=step.baseline, forecast=step.forecast, done=not step.is_open)
        slipped = rag.slip(item, self.as_of, self.days)
        url = reverse("workstreams:workstream-detail", kwargs={"ref": self.programme.ref, "slug": step.workstream.slug})
        flags = [word for word, is_set in (("milestone", step.is_milestone), ("critical", step.critical), ("gate", step.gate), ("evidence required", step.evidence_required)) if is_set]
        rows = [
            SummaryRow("Workstream", step.workstream.name, url, "Open"),
            SummaryRow("Owner", step.owner_shown), SummaryRow("Start", short_date(step.start) if step.start else ""),
            SummaryRow("Baseline", short_date(step.baseline) if step.baseline else "No date yet", hint=f"In the template: {step.moment}" if step.moment else ""),
            SummaryRow("Forecast", short_date(step.forecast) if step.forecast else "As baseline", hint=f"{slipped} working day{'' if slipped == 1 else 's'} after baseline" if slipped > 0 else ""),
        ]
        if step.recurrence:
            rows.append(SummaryRow("Repeats", step.recurrence, hint=self._next(step)))
        if step.again_on and not step.next_on:
            rows.append(SummaryRow("Looked at again", short_date(step.again_on)))
        if step.checkpoints:
            rows.append(SummaryRow("Follows", step.checkpoints.replace(";", ","), hint=row.people))
        if flags:
            rows.append(SummaryRow("Marks", ", ".join(flags).capitalize()))
        staff = next((entry for entry in registry.menu_entries() if entry.url_name == "transfers:staff-list" and self.actor.can(entry.can)), None)
        if staff and STAFF_TRANSFER.search(step.title):
            rows.append(SummaryRow("Staff transfer", "The TUPE record and its dates", reverse(staff.url_name, kwargs={"ref": self.programme.ref}), "Open"))
        return rows

    def _next(self, step: PlanStep) -> str:
        if step.next_on:
            return f"Next on {short_date(step.next_on)}. Once it is done again, enter the new day under “Done on”."
        return f"Next on {short_date(step.due_on)}" if step.is_open and step.due_on and step.due_on >= self.as_of else ""


class WorkstreamDetail(PlanView):
    template_name = "workstreams/workstream_detail.html"

    @cached_property
    def workstream(self) -> Workstream:
        found = Workstream.objects.visible_to(self.request.user).filter(programme=self.programme, slug=self.kwargs["slug"]).first()
        if found is None:
            raise Http404("outside scope")
        return found

    @cached_property
    def week(self) -> date:
        """The Sunday that ends this week."""
        return self.as_of + timedelta(days=6 - self.as_of.weekday())

    @cached_property
    def reports(self) -> list[WorkstreamReport]:
        return list(WorkstreamReport.objects.visible_to(self.request.user).filter(workstream=self.workstream).select_related("updated_by")[:12])

    def _form(self, data: Any = None) -> ReportForm:
        current = next((report for report in self.reports if report.week == self.week), None)
        return ReportForm(data, instance=current or WorkstreamReport(workstream=self.workstream, week=self.week))

    def post(self, request: HttpRequest, ref: str, slug: str) -> HttpResponse:
        form = self._form(request.POST)
        if form.is_valid():
            try:
                services.report_workstream(
                    # Nothing was reported yet when this page was opened: what somebody else has said since is not written over.
                    self.workstream, self.week, actor=self.actor, expected_version=form.cleaned_data["version"] or 0,
                    **{name: form.cleaned_data[name] for name in ("status", "one_line", "asks", "unsafe")},
                )
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"The report for the week ending {short_date(self.week)} is saved.")
                return redirect("workstreams:workstream-detail", ref=ref, slug=slug)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        facts = next((fact for fact in workstream_facts(self.programme, self.as_of) if fact.slug == self.workstream.slug), None)
        context |= {
            "workstream": self.workstream, "facts": facts, "shown": registry.read_fact("stated", self.programme, f"ws:{self.workstream.slug}", facts.colour, facts.reasons) if facts else None,
            "may_state": self.actor.can(Can.RAG_OVERRIDE) or self.actor.has_role("OL", "CL"), "reports": self.reports, "week": self.week, "as_of": self.as_of,
            "rows": [self.row(step) for step in filters.ordered(self.steps().filter(workstream=self.workstream), "workstream")],
            "may_report": may_report(self.actor, self.workstream), "column_count": 8,
        }
        if context["may_report"]:
            context.setdefault("form", self._form())
        return context


class VariationList(PlanView):
    """Agreed and proposed changes of the baseline; the board chair or SRO decides here."""

    template_name = "workstreams/variation_list.html"

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        variation = Variation.objects.visible_to(request.user).filter(programme=self.programme, public_id=request.POST.get("variation", "")).first()
        if variation is None:
            raise Http404("outside scope")
        try:
            services.decide_variation(variation, approve=request.POST.get("decision") == "approve", actor=self.actor)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"The variation is {variation.get_status_display().lower()}.")
        return redirect("workstreams:variation-list", ref=ref)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = list(Variation.objects.visible_to(self.request.user).filter(programme=self.programme).select_related("approved_by"))
        items: dict[int, list[VariationItem]] = {}
        for item in VariationItem.objects.visible_to(self.request.user).filter(variation__in=rows).select_related("step"):
            items.setdefault(item.variation_id, []).append(item)
        context |= {
            "variations": [(row, items.get(row.pk, []), row.status == VariationStatus.PROPOSED and not self.actor.over and self.actor.has_role("BCH", "SRO")) for row in rows],
        }
        return context
