"""Forms of the ground: roles, programme settings, calendar days, audit filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from mobilisation.choices import CalendarDayKind, ProgrammeStatus
from mobilisation.clock import today
from mobilisation.forms.fields import FOUR_DIGITS, Day
from mobilisation.forms.versioned import Versioned
from mobilisation.models import CalendarDay, Programme
from mobilisation.roles import PEOPLE_GRANTABLE, ROLES


def _day(label: str, *, required: bool = True, initial: Any = None) -> forms.DateField:
    return Day(
        label=label, required=required, initial=initial, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": f"Enter the {label.lower()}", "invalid": f"{label}: enter a real date, like 27 3 2027"},
    )


class RoleForm(forms.Form):
    email = forms.EmailField(label="E-mail address of the person", error_messages={"required": "Enter the person's e-mail address", "invalid": "Enter an e-mail address like name@council.example"})
    name = forms.CharField(label="Name", required=False, max_length=150, help_text="For a new account")
    role = forms.ChoiceField(label="Role", choices=[(code, f"{code} {role.title}") for code, role in ROLES.items() if not role.site_wide])
    workstream = forms.ChoiceField(label="Workstream", required=False, help_text="Of a workstream lead")
    organisation = forms.ModelChoiceField(None, label="Organisation", required=False)
    starts_on = _day("First day", initial=today)
    ends_on = _day("Last day", required=False)
    people_granted = forms.BooleanField(label="May see people although the role does not", required=False, help_text=f"Only for {', '.join(code for code in ROLES if code in PEOPLE_GRANTABLE)}")
    grant_reason = forms.CharField(label="Why", required=False, max_length=300)

    def __init__(self, *args: Any, organisations: Any, workstreams: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]
        self.fields["workstream"].choices = [("", "None"), *workstreams]  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.add_input(Submit("save", "Give the role"))


class DeputyForm(forms.Form):
    deputy = forms.ModelChoiceField(None, label="Deputy", required=False, empty_label="Nobody", help_text="Somebody with a role on this programme. A deputy gains no right by it, and a vacant role stays vacant.")

    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["deputy"]
        field.queryset = choices  # type: ignore[attr-defined]
        field.label_from_instance = lambda one: f"{one.holder}, {one.role} {one.get_role_display()}"  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.add_input(Submit("name", "Save"))


class ProgrammeForm(Versioned):
    """Dates and words of a programme; what hangs on them follows."""

    class Meta:
        model = Programme
        fields = (
            "title", "phase", "decision_date", "award_date", "scd", "exit_date", "go_live_date", "staff_transfer_date", "pace", "division", "objectives", "vision", "delivery_confidence",
            "delivery_confidence_reason",
        )


class StatusForm(forms.Form):
    status = forms.ChoiceField(label="Status", choices=ProgrammeStatus.choices)
    reason = forms.CharField(label="Reason", required=False, max_length=300, help_text="Needed for paused and cancelled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.add_input(Submit("set_status", "Change the status"))


class CalendarDayForm(forms.ModelForm):
    class Meta:
        model = CalendarDay
        fields = ("division", "kind", "date", "until", "title")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("date", "until"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date", **FOUR_DIGITS}, format="%Y-%m-%d")
        self.fields["kind"].choices = CalendarDayKind.choices  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.add_input(Submit("save", "Add the day"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("date") and data.get("until") and data["until"] < data["date"]:
            self.add_error("until", "The last day lies before the first")
        return data


class AuditForm(forms.Form):
    who = forms.CharField(label="Who", required=False, max_length=100)
    what = forms.CharField(label="Act or kind", required=False, max_length=60)
    programme = forms.CharField(label="Programme", required=False, max_length=60)
    record = forms.CharField(label="Record", required=False, max_length=60)
    since = _day("From", required=False)
    until = _day("To", required=False)
