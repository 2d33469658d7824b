"""Forms of steps, weekly reports and variations. They read; the services write."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.db.models import Q

from mobilisation.forms.fields import Day
from mobilisation.forms.versioned import Versioned
from mobilisation.models import User
from workstreams.choices import Stated, StepStatus
from workstreams.models import PlanStep, Workstream, WorkstreamReport


class StepForm(Versioned):
    """What whoever reports on a step may say."""

    submit = "Save step"

    class Meta:
        model = PlanStep
        fields = ("status", "forecast", "percent", "done_on", "at_risk", "at_risk_note", "note")


class StepLeadForm(StepForm):
    """The same with what shapes the plan, for those who keep it."""

    class Meta(StepForm.Meta):
        fields = (*StepForm.Meta.fields, "owner", "owner_name", "critical", "gate", "evidence_required", "longstop")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = Q(assignments__programme=self.instance.programme_id, assignments__ended_at__isnull=True, is_active=True) | Q(pk=self.instance.owner_id)
        self.fields["owner"].queryset = User.objects.filter(held).distinct().order_by("name", "email")
        self.fields["owner"].help_text = "An account, which may update the step"


class SetAsideForm(Versioned):
    """All that whoever may say that a gate or a critical step does not apply has to say of it."""

    submit = "Save"

    class Meta:
        model = PlanStep
        fields = ("status", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = [(value, label) for value, label in StepStatus.choices if value in {self.instance.status, StepStatus.NOT_APPLICABLE}]
        self.fields["note"].help_text = "Say why it does not apply"


class StepRowForm(Versioned):
    """The three cells of a row in the list."""

    class Meta:
        model = PlanStep
        fields = ("status", "forecast", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prefix = None
        self.auto_id = f"id_{self.instance.public_id}_%s"
        self.fields["note"].widget = forms.TextInput()
        for name, field in self.fields.items():
            field.widget.attrs["form"] = f"row-{self.instance.public_id}"
            if name not in {"version", "was"}:
                field.widget.attrs["aria-label"] = f"{field.label} of {self.instance.code}"
                field.widget.attrs["class"] = "nhsuk-select" if name == "status" else "nhsuk-input"


class ReportForm(Versioned):
    """A lead's word for the week."""

    submit = "Save report"
    status = forms.ChoiceField(label="Colour as you see it", choices=Stated.choices, widget=forms.RadioSelect)

    class Meta:
        model = WorkstreamReport
        fields = ("status", "one_line", "asks", "unsafe")


class EvidenceForm(forms.Form):
    title = forms.CharField(label="What it is", max_length=200)
    where = forms.CharField(label="Where it is kept", max_length=300, required=False)
    expires_on = Day(label="Good until", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id_evidence_%s", **kwargs)
        self.helper = FormHelper()
        self.helper.add_input(Submit("evidence", "Add evidence"))


class VariationForm(forms.Form):
    """A proposal to move one agreed baseline."""

    title = forms.CharField(label="What changes", max_length=300)
    why = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 3}))
    impact = forms.CharField(label="Impact on time, cost, quality and safety", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    new_baseline = Day(label="New baseline", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id_variation_%s", **kwargs)
        self.helper = FormHelper()
        self.helper.add_input(Submit("propose", "Propose variation"))


class PlanFilterForm(forms.Form):
    """The filters of the plan; every one is part of the address."""

    q = forms.CharField(label="Search", required=False, max_length=100)
    workstream = forms.ChoiceField(label="Workstream", required=False)
    colour = forms.ChoiceField(label="Progress", required=False, choices=[("", "Any"), ("R", "Red"), ("A", "Amber"), ("G", "Green"), ("N", "Not started"), ("B", "Complete")])
    owner = forms.CharField(label="Owner", required=False, max_length=60)
    due = forms.ChoiceField(label="Due", required=False, choices=[("", "Any time"), ("overdue", "Overdue"), ("2w", "Within 2 weeks"), ("4w", "Within 4 weeks"), ("none", "No date")])
    flag = forms.ChoiceField(label="Only", required=False, choices=[("", "All steps"), ("critical", "Critical"), ("gate", "Gates"), ("milestone", "Milestones"), ("applies", "All that apply"), ("open", "Open"), ("done", "Done")])

    def __init__(self, *args: Any, workstreams: list[Workstream], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["workstream"].choices = [("", "All"), *((stream.slug, stream.name) for stream in workstreams)]
