"""Forms of the office: accounts, organisations, contracts, limits of a programme."""

from __future__ import annotations

import json
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.conf import settings

from mobilisation.forms.versioned import Versioned
from mobilisation.models import Contract, ContractParty, Organisation, Programme, User
from mobilisation.roles import ROLES

LIMIT_WORDS: dict[str, str] = {
    "due_soon_w": "“Due soon” begins this many working days before the date",
    "slip_amber_w": "Slip that turns a step Amber, working days",
    "slip_red_w": "Slip that turns a step Red, working days",
    "overdue_red_w": "Overdue that turns a step Red, working days",
    "critical_slip_red_w": "Slip that turns a critical step Red, working days",
    "blocked_red_w": "Blocked for so long turns a step Red, working days",
    "stale_amber_w": "No report for so long turns a step Amber, working days",
    "workstream_red_share": "Share of Red steps that turns a workstream Red, per cent",
    "workstream_window_w": "Steps that count for a workstream: due within, working days",
    "person_overdue_red_w": "Overdue checkpoint that turns a person Red, working days",
    "person_stale_w": "No update for so long turns a person Amber, working days",
    "person_no_provider_w": "No incoming provider so near the move turns a person Amber, working days",
    "no_due_before_listing_w": "No checkpoint is due sooner after listing than, working days",
    "ready_amber_points": "Behind the plan of ready people: Amber from, points",
    "ready_red_points": "Behind the plan of ready people: Red from, points",
    "high_risks_amber": "High risks that turn the programme Amber",
    "readiness_amber_w": "Open readiness items turn Amber so long before the start, working days",
    "safety_amber_w": "Safety check of an Amber person due within, working days",
    "safety_green_w": "Safety check of a Green person due within, working days",
    "safety_red_second_c": "Second safety check of a Red person after, calendar days",
    "plan_high_risk_c": "Care plan of high risk validated within, calendar days",
    "plan_other_c": "Other care plans validated within, calendar days",
    "hospital_slot_c": "A slot is held in hospital for, calendar days",
    "exiting_sight_days": "The exiting provider sees a person after the first visit or the ending for, calendar days",
    "link_days": "A link for a contact without an account opens for, calendar days (14 at most)",
    "list_match_sure": "Two entries of lists are one person from, of 100",
    "list_match_likely": "Two entries of lists may be one person, and somebody is asked, from, of 100",
    "payment_set_up_first": "C10 only for providers set up on the payment systems (1 yes, 0 no)",
    "risk_review_low_c": "Low risks reviewed every, calendar days",
    "risk_review_moderate_c": "Moderate risks reviewed every, calendar days",
    "risk_review_high_c": "High risks reviewed every, calendar days",
    "risk_review_extreme_c": "Extreme risks reviewed every, calendar days",
    "undo_minutes": "The author may undo within, minutes",
    "escalation_day_begins_h": "Two-hour escalations that arise at night count from, o’clock (0 to 23)",
}


class LimitsForm(forms.Form):
    """One number for each limit of the guide; what is left as it was stays a default of the site. ``was``: what the page showed."""

    was = forms.CharField(widget=forms.HiddenInput, required=False, max_length=10_000)

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["was"].initial = json.dumps({key: programme.threshold(key) for key in settings.THRESHOLDS})
        for key, default in settings.THRESHOLDS.items():
            self.fields[key] = forms.IntegerField(
                label=LIMIT_WORDS.get(key, key.replace("_", " ")), min_value=0, max_value=1000, initial=programme.threshold(key), help_text=f"Usually {default}",
                error_messages={"required": "Enter a number", "invalid": "Enter a whole number"},
            )
        self.helper = FormHelper()
        self.helper.add_input(Submit("set_limits", "Save the limits"))

    @property
    def changed(self) -> dict[str, tuple[Any, int]]:
        """{limit: (what the page showed, what was typed)} of those that differ."""
        try:
            was = json.loads(self.cleaned_data.get("was") or "{}")
        except ValueError:
            was = {}
        was = was if isinstance(was, dict) else {}
        return {key: (was.get(key), value) for key, value in self.cleaned_data.items() if key in settings.THRESHOLDS and was.get(key) != value}


SITE_ROLES = [(code, f"{code} {role.title}") for code, role in ROLES.items() if role.site_wide]


class SiteRoleForm(forms.Form):
    """A role of the whole site for an account that is there."""

    role = forms.ChoiceField(label="Role of the whole site", choices=SITE_ROLES, error_messages={"invalid_choice": "Choose one of the roles of the whole site"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.add_input(Submit("give", "Give the role"))


class InviteForm(forms.Form):
    email = forms.EmailField(label="E-mail address", error_messages={"required": "Enter the person's e-mail address", "invalid": "Enter an e-mail address like name@council.example"})
    name = forms.CharField(label="Name", required=False, max_length=150)
    role = forms.ChoiceField(label="Role of the whole site", required=False, choices=[("", "None: roles are given in a programme"), *SITE_ROLES])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.add_input(Submit("invite", "Invite"))


class OwnAccountForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("name", "mail_choice")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Name"
        self.fields["mail_choice"].label = "E-mail notices"
        self.helper = FormHelper()
        self.helper.add_input(Submit("save", "Save"))

    def _post_clean(self) -> None:
        """Nothing: the service writes."""


class OrganisationForm(Versioned):
    submit = "Save organisation"

    class Meta:
        model = Organisation
        fields = ("name", "kind", "ods_code", "cqc_provider_id", "cqc_location_id", "bank_holiday_division", "valid_from", "valid_to", "successor")

    def __init__(self, *args: Any, successors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = successors


class ContractForm(Versioned):
    submit = "Save contract"

    class Meta:
        model = Contract
        fields = (
            "title", "service_type", "form", "status", "annual_value", "award_date", "signed_date", "effective_date", "expected_scd", "actual_scd", "longstop_date", "expiry_date",
            "extension_months", "notice_period_days",
        )


class PartyForm(forms.Form):
    organisation = forms.CharField(label="Organisation", max_length=200, help_text="A name that is not there yet makes a new organisation.", error_messages={"required": "Enter the organisation's name"})
    role = forms.ChoiceField(label="Role in the contract", choices=ContractParty._meta.get_field("role").choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.add_input(Submit("add_party", "Add party"))
