"""Go-live readiness: conditions precedent, the five deliverables, the decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation import registry
from mobilisation.clock import today
from mobilisation.components import short_date
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.history import events
from mobilisation.models import Change, ConditionPrecedent
from mobilisation.roles import Can
from mobilisation.services.changes import entity_name
from mobilisation.views.scope import ProgrammeView
from workstreams.choices import Deliverable
from workstreams.facts import readiness_facts
from workstreams.forms.readiness import ConditionForm, CriterionForm, GoLiveForm, NewConditionForm
from workstreams.models import GoLiveDecision, ReadinessCriterion
from workstreams.services import readiness as services


class ReadinessPage(ProgrammeView, TemplateView):
    required = Can.READINESS_VIEW
    template_name = "workstreams/readiness.html"

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        form = GoLiveForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                services.decide_go_live(self.programme, data["result"], actor=self.actor, conditions=data["conditions"], attendees=data["attendees"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "The decision is signed.")
                return redirect("workstreams:readiness", ref=ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user, as_of = self.request.user, today()
        facts = readiness_facts(self.programme, as_of)
        criteria = list(ReadinessCriterion.objects.visible_to(user).filter(programme=self.programme).select_related("owner"))
        by_deliverable = {item.number: item for item in facts.deliverables}
        context |= {
            "facts": facts, "shown": registry.read_fact("readiness", self.programme, facts, as_of), "as_of": as_of,
            "conditions": ConditionPrecedent.objects.visible_to(user).filter(programme=self.programme).select_related("owner"),
            "deliverables": [(by_deliverable[number], [row for row in criteria if row.deliverable == number]) for number, _ in Deliverable.choices if number in by_deliverable],
            "decisions": GoLiveDecision.objects.visible_to(user).filter(programme=self.programme).select_related("signed_by"),
            "may_edit": self.actor.can(Can.READINESS_EDIT), "may_decide": not self.actor.over and self.actor.has_role("BCH", "SRO"),
        }
        if context["may_decide"]:
            context.setdefault("form", GoLiveForm())
        return context


class CriterionEdit(ProgrammeView, TemplateView):
    required = Can.READINESS_VIEW
    required_post = Can.READINESS_EDIT
    template_name = "workstreams/readiness_form.html"

    @cached_property
    def criterion(self) -> ReadinessCriterion:
        found = ReadinessCriterion.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"]).first()
        if found is None:
            raise Http404("outside scope")
        return found

    def post(self, request: HttpRequest, ref: str, public_id: str) -> HttpResponse:
        form = CriterionForm(request.POST, instance=self.criterion)
        if form.is_valid():
            try:
                services.update_criterion(self.criterion, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "The criterion is saved.")
                return redirect("workstreams:readiness", ref=ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        criterion = self.criterion
        context |= {
            "item": criterion, "kind": f"{criterion.get_deliverable_display()}{', mandatory' if criterion.mandatory else ''}", "name": criterion.text,
            "events": _history(self.request, criterion),
        }
        if self.actor.can(Can.READINESS_EDIT):
            context.setdefault("form", CriterionForm(instance=criterion))
        return context


class ConditionEdit(ProgrammeView, TemplateView):
    required = Can.READINESS_VIEW
    template_name = "workstreams/readiness_form.html"

    @cached_property
    def condition(self) -> ConditionPrecedent:
        found = ConditionPrecedent.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"]).first()
        if found is None:
            raise Http404("outside scope")
        return found

    @property
    def may_edit(self) -> bool:
        return self.actor.can(Can.READINESS_EDIT) or (not self.actor.over and self.actor.has_role("BCH", "SRO"))

    def _form(self, data: Any = None) -> ConditionForm:
        return ConditionForm(data, instance=self.condition, only_waive=not self.actor.can(Can.READINESS_EDIT))

    def post(self, request: HttpRequest, ref: str, public_id: str) -> HttpResponse:
        form = self._form(request.POST)
        if form.is_valid():
            try:
                services.update_condition(self.condition, form.values, actor=self.actor, expected_version=form.cleaned_data["version"], why=form.cleaned_data["why"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "The condition is saved.")
                return redirect("workstreams:readiness", ref=ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        condition = self.condition
        longstop = f", longstop {short_date(condition.longstop)}" if condition.longstop else ""
        context |= {"item": condition, "kind": f"Condition precedent{longstop}", "name": condition.title, "events": _history(self.request, condition)}
        if self.may_edit:
            context.setdefault("form", self._form())
        return context


class ConditionAdd(ProgrammeView, TemplateView):
    required = Can.READINESS_EDIT
    template_name = "workstreams/readiness_form.html"

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        form = NewConditionForm(request.POST)
        if form.is_valid():
            try:
                services.add_condition(self.programme, actor=self.actor, **form.cleaned_data)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "The condition is added.")
                return redirect("workstreams:readiness", ref=ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context |= {"kind": "Condition precedent", "name": "Add a condition", "events": None}
        context.setdefault("form", NewConditionForm())
        return context


def _history(request: HttpRequest, item: Any) -> Any:
    return events(Change.objects.visible_to(request.user).filter(entity=entity_name(item), object_id=item.pk).order_by("-at", "-id")[:50])
