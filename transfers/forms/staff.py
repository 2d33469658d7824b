"""Forms of staff transfers."""

from __future__ import annotations

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from transfers.models.staff import CompetenceState, StaffTransfer, TrainingRequirement, TupeProcess

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Versioned(forms.ModelForm):
    """Carries the version the person was looking at; the service compares it."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.is_bound:
            self.initial["version"] = self.instance.version
        for name, field in self.fields.items():
            if isinstance(field, forms.DateField):
                field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
                field.error_messages["invalid"] = f"{str(field.label).capitalize()}: enter a real date, like 27 3 2027"
            field.error_messages.setdefault("required", f"Enter {str(field.label).lower()}")
            if name != "version" and field.label:
                field.label = str(field.label)[0].upper() + str(field.label)[1:]
        self.helper = FormHelper()
        self.helper.add_input(Submit("save", "Save"))

    @property
    def values(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class TupeForm(Versioned):
    class Meta:
        model = TupeProcess
        fields = (
            "transfer_date", "division", "special_circumstances", "employer_headcount", "headcount", "asked_on", "route", "route_chosen_on",
            "measures_received_on", "information_given_on", "eli_received_on", "eli_complete_on", "consultation_closed_on", "employment_moved_on",
        )

    def _post_clean(self):
        """The service writes; the form only reads, so that a refusal leaves the instance as it was."""


class StaffForm(Versioned):
    class Meta:
        model = StaffTransfer
        fields = ("job_role", "hours", "percent_assigned", "assigned", "incoming", "intro_on", "objected_on", "restriction", "buddy", "shadow_shifts_done")

    def __init__(self, *args, organisations, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["incoming"].queryset = organisations

    def _post_clean(self):
        """As in ``TupeForm``."""


class CompetenceForm(forms.Form):
    skill = forms.ChoiceField(label="Skill")
    state = forms.ChoiceField(label="State", choices=CompetenceState.choices)
    on = forms.DateField(label="On", required=False, widget=DATE, help_text="Leave empty for today")
    expires_on = forms.DateField(label="Valid until", required=False, widget=DATE)

    def __init__(self, *args, requirements: list[TrainingRequirement], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["skill"].choices = [(r.skill, r.title) for r in requirements]
        self.helper = FormHelper()
        self.helper.add_input(Submit("record", "Record"))


class StaffSearchForm(forms.Form):
    term = forms.CharField(label="Name or employee number", required=False, max_length=100)
