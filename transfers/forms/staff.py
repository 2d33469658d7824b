"""Forms of staff transfers."""

from __future__ import annotations

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from mobilisation.forms.fields import Day
from mobilisation.forms.versioned import Versioned
from transfers.models.staff import CompetenceState, StaffTransfer, TrainingRequirement, TupeProcess

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class TupeForm(Versioned):
    class Meta:
        model = TupeProcess
        fields = (
            "transfer_date", "division", "special_circumstances", "employer_headcount", "headcount", "asked_on", "route", "route_chosen_on",
            "measures_received_on", "information_given_on", "eli_received_on", "eli_complete_on", "consultation_closed_on", "employment_moved_on",
        )


class TupeOpenForm(Versioned):
    submit = "Open the TUPE record"

    class Meta:
        model = TupeProcess
        fields = ("transferor", "transferee", "transfer_date", "division", "special_circumstances", "employer_headcount", "headcount")
        labels = {"transferor": "exiting employer", "transferee": "incoming employer"}
        error_messages = {"transferor": {"required": "Choose the exiting employer"}}
        help_texts = {
            "transferee": "Leave empty while it is not settled, or for one record of all incoming employers",
            "transfer_date": "The day employment moves. Every date of the timeline is counted back from it",
            "employer_headcount": "All its staff: the consultation route depends on it",
        }

    def __init__(self, *args, exiting, incoming, **kwargs):
        super().__init__(*args, **kwargs)
        for name, organisations in (("transferor", exiting), ("transferee", incoming)):
            self.fields[name].queryset = organisations
        self.fields["transferee"].empty_label = "Not settled, or several"


class StaffForm(Versioned):
    class Meta:
        model = StaffTransfer
        fields = ("job_role", "hours", "percent_assigned", "assigned", "incoming", "intro_on", "left_on", "objected_on", "restriction", "buddy", "shadow_shifts_done")

    def __init__(self, *args, organisations, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["incoming"].queryset = organisations


class CompetenceForm(forms.Form):
    skill = forms.ChoiceField(label="Skill")
    state = forms.ChoiceField(label="State", choices=CompetenceState.choices)
    on = Day(label="On", required=False, widget=DATE, help_text="Leave empty for today")
    expires_on = Day(label="Valid until", required=False, widget=DATE)

    def __init__(self, *args, requirements: list[TrainingRequirement], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["skill"].choices = [(r.skill, r.title) for r in requirements]
        self.helper = FormHelper()
        self.helper.add_input(Submit("record", "Record"))
