"""The care plan from provisional to validated: the check list and the discrepancies found."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from transfers.forms import records as forms
from transfers.models import CarePlanCheck, Discrepancy
from transfers.services import care_plans as services
from transfers.services.rights import on_coming_side
from transfers.views.records import RecordPage, saved


class PlanReceive(RecordPage):
    title = "Care plan received"
    text = "It is provisional until it was checked at the start of care."
    form_class = forms.ReceiveForm

    def allowed(self) -> bool:
        return on_coming_side(self.person, self.actor)

    def do(self, form: Any) -> str:
        services.receive(self.person, actor=self.actor, on=form.cleaned_data["on"])
        return "Recorded. The plan is PROVISIONAL."


class PlanCheck(RecordPage):
    title = "Check the care plan"
    text = "What differs opens a discrepancy: call the commissioning officer and update the plan the same day, otherwise the person turns Red at midnight. When all is checked and closed, mark C18."

    def allowed(self) -> bool:
        return on_coming_side(self.person, self.actor)

    def make(self, data: Any = None) -> forms.CheckForm:
        held = CarePlanCheck.objects.visible_to(self.request.user).filter(person=self.person, current=True).first()
        if held is None or held.status == "validated":
            raise Http404("not offered")
        return forms.CheckForm(data, instance=held)

    def do(self, form: Any) -> str:
        services.record(self.person, form.checks, actor=self.actor, details=form.details, seen=form.seen)
        return "Checked."


class DiscrepancyAdd(RecordPage):
    title = "Record a discrepancy"
    form_class = forms.DiscrepancyForm

    def allowed(self) -> bool:
        return on_coming_side(self.person, self.actor)

    def make(self, data: Any = None) -> forms.DiscrepancyForm:
        form = forms.DiscrepancyForm(data)
        for name in ("officer_called_on", "plan_updated_on", "closed_on"):
            del form.fields[name]
        return form

    def do(self, form: Any) -> str:
        services.open_discrepancy(self.person, form.cleaned_data["kind"], actor=self.actor, detail=form.cleaned_data["detail"], found_on=form.cleaned_data["found_on"])
        return "Recorded. Call the commissioning officer and update the plan today."


class DiscrepancyEdit(RecordPage):
    title = "Change the discrepancy"
    model = Discrepancy
    form_class = forms.DiscrepancyForm

    def allowed(self) -> bool:
        return on_coming_side(self.person, self.actor)

    def do(self, form: Any) -> str:
        return saved(services.change_discrepancy(self.record, form.values, actor=self.actor, expected_version=form.cleaned_data["version"]))
