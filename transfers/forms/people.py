"""Forms of the tracker: one for the record, one for each act on a person."""

from __future__ import annotations

from typing import Any

from crispy_forms.bootstrap import InlineRadios
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout, Submit
from django import forms

from mobilisation.clock import today
from mobilisation.forms.fields import Day, plain_text
from mobilisation.models import Organisation
from mobilisation.workbooks.values import nhs_check_digit_right
from transfers.choices import AdviceOffer, Ending, FileFormat, Funding, Priority, Response, SafetyOutcome, SharingBasis, Status
from transfers.forms.reading import ReadAsTheList
from transfers.models import PersonTransfer
from transfers.rules import safety
from transfers.rules.assessing import DECIDERS
from transfers.services.people import CLEARED_FOR_PROVIDERS


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Who", ("surname", "forename", "date_of_birth", "nhs_number", "case_system_id", "address", "postcode", "uprn", "msoa_code", "zone", "phone")),
    (
        "Contacts",
        ("representative_name", "relationship", "representative_address", "representative_phone", "tell_representative_first", "communication_format", "language", "advocate_needed"),
    ),
    ("Funding", ("funding_type", "responsible_body", "legal_basis", "legal_basis_reason", "known_to_council", "direct_payment", "monies_held")),
    (
        "Needs",
        (
            "lives_alone", "dementia", "cognitive_or_ld", "double_handed", "peg_or_clinical", "medication_level", "insulin_or_controlled", "time_critical", "end_of_life", "carer_strain", "no_other_help",
            "equipment", "safeguarding_open", "key_safe", "hospital_asked_on",
        ),
    ),
    (
        "Package",
        (
            "exiting_provider", "weekly_hours", "visits_per_day", "visit_times", "old_order_ref", "old_order_end", "new_order_ref", "new_order_start", "payment_ref", "care_item",
            "budget_code", "orders_shared_on",
        ),
    ),
    ("Move", ("wave", "planned_transfer_date", "same_worker", "file_instruction", "file_choice")),
    ("Follow-up", ("case_manager", "next_action", "next_action_owner", "next_action_due", "notes")),
)


class PersonForm(ReadAsTheList):
    """The record by sections; a provider gets only what it may change."""

    nhs_number = forms.CharField(label="NHS number", required=False, max_length=14)

    class Meta:
        model = PersonTransfer
        fields = tuple(name for _, names in SECTIONS for name in names)

    def __init__(self, *args: Any, provider: bool = False, exiting: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if exiting is not None:
            self.fields["exiting_provider"].queryset = exiting
        if provider:
            for name in list(self.fields):
                if name not in CLEARED_FOR_PROVIDERS and name not in {"version", "was"}:
                    del self.fields[name]
        for field in self.fields.values():
            if isinstance(field, forms.NullBooleanField):
                field.widget.choices = [("unknown", "Not known"), ("true", "Yes"), ("false", "No")]
        shown = [Fieldset(title, *[name for name in names if name in self.fields]) for title, names in SECTIONS if any(name in self.fields for name in names)]
        self.helper.layout = Layout("version", "was", *shown)

    def clean_nhs_number(self) -> str:
        """Ten digits whose check digit is right; kept without spaces."""
        number = "".join(self.cleaned_data["nhs_number"].split())
        if number and (len(number) != 10 or not number.isdecimal() or not nhs_check_digit_right(number)):
            raise forms.ValidationError("NHS number: check the ten digits, the last one does not fit")
        return number


FOUND_BY = (("entered by hand", "Told to us, or found in the case system"), ("staff_interview", "Staff of the exiting provider named them: there is no list"), ("family", "The person or their family called"))
"""Sources of a listing that is not a file: value → words."""


class AddForm(PersonForm):
    source = forms.ChoiceField(label="How the person was found", choices=FOUND_BY, initial=FOUND_BY[0][0], required=False, help_text="C01 records the source of the listing")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout.insert(2, "source")


class ActForm(forms.Form):
    """What one act asks for. ``submit`` is the button; ``version`` what the page showed, so that a stale one is refused."""

    submit = "Save"
    version = forms.CharField(required=False, widget=forms.HiddenInput, max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if field.label:
                if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                    field.error_messages["required"] = f"Enter {str(field.label)[0].lower()}{str(field.label)[1:]}"
            if isinstance(field, forms.DateField):
                field.error_messages["invalid"] = f"{field.label}: enter a real date, like 27 3 2027"
        self.helper = FormHelper()
        self.helper.add_input(Submit("save", self.submit))


def _day(label: str, *, required: bool = True, fill: bool = True, hint: str = "") -> forms.DateField:
    return Day(label=label, required=required, widget=DayInput(), initial=today if fill else None, help_text=hint)


class MarkForm(ActForm):
    submit = "Mark as done"
    on = _day("Done on")
    note = forms.CharField(label="Note", required=False, max_length=500)


class MarkDataForm(MarkForm):
    """C02 of somebody of whom nobody has said yet whether they are in hospital."""

    at_home = forms.ChoiceField(label="Is the person in hospital now?", choices=[("yes", "No, not in hospital"), ("no", "Yes, in hospital")], widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at_home"].error_messages["required"] = "Say whether the person is in hospital"


class AtHomeForm(ActForm):
    submit = "Record"
    on = _day("Asked on")


class ConfirmForm(ActForm):
    note = forms.CharField(label="Note", required=False, max_length=500)


class WaiveForm(ActForm):
    submit = "Waive"
    reason = forms.CharField(label="Reason", max_length=500)
    risk_assessment = forms.CharField(label="Short risk assessment", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class AgreeForm(ActForm):
    submit = "Agree to the waiver"


class DeclineForm(ActForm):
    submit = "Do not agree"
    reason = forms.CharField(label="Why you do not agree", max_length=300, help_text="The lead operational manager is told that you do not agree, and reads the reason here")


class UndoForm(ActForm):
    submit = "Undo"
    reason = forms.CharField(label="Reason", required=False, max_length=500, help_text="The author may leave it empty within ten minutes")

    def __init__(self, *args: Any, asked: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asked:
            self.fields["reason"].required, self.fields["reason"].help_text = True, ""
            self.fields["reason"].error_messages["required"] = "Say why it is undone."


class PriorityForm(ActForm):
    letter = forms.ChoiceField(label="Priority", choices=Priority.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label="Reason", required=False, max_length=300, help_text="Needed for Green over a Red suggestion, and for Green for somebody not known to the council")


class OfferForm(ActForm):
    submit = "Offer"
    provider = forms.ModelChoiceField(Organisation._base_manager.none(), label="Incoming provider")
    wave = forms.CharField(label="Wave", required=False, max_length=30)
    preference = forms.CharField(label="What the person wants", required=False, max_length=300, help_text="Their choice of provider, and why. The provider that is asked does not read it", widget=forms.Textarea(attrs={"rows": 2}), validators=[plain_text])


class RespondForm(ActForm):
    response = forms.ChoiceField(label="Answer", choices=[c for c in Response.choices if c[0] != "offered"], widget=forms.RadioSelect)
    reason = forms.CharField(label="Reason or conditions", required=False, max_length=300)


class SharingForm(ActForm):
    basis = forms.ChoiceField(label="Basis", choices=SharingBasis.choices, widget=forms.RadioSelect)
    explained_on = _day("Explained on")
    why_not_agreed = forms.CharField(label="Why agreement was not possible", required=False, max_length=300)
    safe_without = forms.CharField(label="How care stays safe without sharing", required=False, max_length=300, help_text="When sharing is refused; recorded by the OL")


class SafetyForm(ActForm):
    submit = "Record the check"
    on = _day("Done on")
    method = forms.ChoiceField(label="How", choices=[("phone", "Phone"), ("visit", "Visit"), ("video", "Video")])
    outcome = forms.ChoiceField(label="Outcome", choices=SafetyOutcome.choices, widget=forms.RadioSelect)
    follow_up = forms.CharField(label="Concern and what is done about it", required=False, max_length=500, help_text="Where the check was declined: who declined it, and whom they call when something is not right")
    confirmed_by = forms.CharField(label="Confirmed by (responsible body)", required=False, max_length=150)
    second = forms.BooleanField(label="This is the second check of a person with priority Red", required=False)
    harmed = forms.BooleanField(label="A missed visit did harm", required=False, help_text="The leads and the commissioning officer are told at once and acknowledge it within two hours")
    safeguarding = forms.BooleanField(label="This is a safeguarding concern too", required=False, help_text="The safeguarding team, the core group and CQC are told the same day")
    safeguarding_owner = forms.CharField(label="Owner of the safeguarding concern", required=False, max_length=150, help_text="Without an owner the person is Red")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, title in safety.QUESTIONS:
            self.fields[key] = forms.ChoiceField(label=title, required=False, choices=list(safety.ANSWERS.items()), widget=forms.RadioSelect)
            self.fields[key].needed = True  # type: ignore[attr-defined]  # where somebody was spoken to
        self.fields["follow_up"].label = "What was not right, and what is done about it"
        rest = ("outcome", "follow_up", "confirmed_by", "second", "harmed", "safeguarding", "safeguarding_owner")
        self.helper.layout = Layout("version", Div("on", "method", css_class="app-form-row"), Fieldset("Questions", *(InlineRadios(key) for key, _ in safety.QUESTIONS), css_class="app-questions"), *rest)

    @property
    def answers(self) -> dict[str, str]:
        """{question: yes | no | na} of what was put."""
        return {key: self.cleaned_data[key] for key, _ in safety.QUESTIONS if self.cleaned_data.get(key)}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for key in safety.unanswered(self.answers, data.get("outcome", "")):
            self.add_error(key, f"{dict(safety.QUESTIONS)[key]} Choose an answer, or that it does not apply")
        return data


class HoldForm(ActForm):
    submit = "Put on hold"
    reason = forms.CharField(label="Reason", max_length=300)
    review_on = _day("Review on", fill=False)


class LiftForm(ActForm):
    submit = "Lift the hold"
    why = forms.CharField(label="Why it is lifted", max_length=300)


class AdmitForm(ActForm):
    submit = "Record the admission"
    hospital = forms.CharField(label="Hospital", required=False, max_length=150)
    admitted_on = _day("Admitted on", required=False)
    expected_discharge = _day("Expected discharge", required=False, fill=False)


class StayForm(ActForm):
    hospital = forms.CharField(label="Hospital", required=False, max_length=150)
    admitted_on = _day("Admitted on", required=False, fill=False)
    expected_discharge = _day("Expected discharge", required=False, fill=False)


class DischargeForm(ActForm):
    submit = "Record the discharge"
    discharged_on = _day("Discharged on")
    restart_on = _day("Care restarts on", required=False, fill=False)
    restart = forms.ChoiceField(label="Package", choices=[("same_package", "Same package"), ("changed", "Changed package"), ("none", "No restart")])


class SlotForm(ActForm):
    submit = "Renew the slot"


class EndForm(ActForm):
    submit = "Record"
    ending = forms.ChoiceField(label="What happened", choices=Ending.choices, widget=forms.RadioSelect)
    on = _day("On")
    why = forms.CharField(label="How this is known", max_length=300, help_text="Whom you asked, or what you looked at", error_messages={"required": "Say how this is known"})


class TakeBackForm(ActForm):
    submit = "Take the ending back"
    reason = forms.CharField(label="Why it was wrong", required=False, max_length=300, help_text="Who recorded it may leave this empty within ten minutes")


class TellingForm(ActForm):
    submit = "Record the decision"
    on = _day("Decided on")
    how = forms.CharField(label="How the person is told, and by whom", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    deciders = forms.MultipleChoiceField(label="Who decided it together", required=False, choices=DECIDERS, widget=forms.CheckboxSelectMultiple)


class MdtForm(ActForm):
    submit = "Put it on the list"
    on = _day("Meeting of", fill=False, hint="The weekly slot for complex cases")


class AdviceForm(ActForm):
    submit = "Record the offer"
    offer = forms.ChoiceField(label="What was offered, and the answer", choices=AdviceOffer.choices, widget=forms.RadioSelect)
    on = _day("Offered on")


class PeopleFilter(forms.Form):
    """Filters in the address: none of them is personal."""

    priority = forms.ChoiceField(label="Priority", required=False, choices=[("", "All"), *Priority.choices, ("none", "Not rated")])
    progress = forms.ChoiceField(label="Progress", required=False, choices=[("", "All"), ("R", "Off track"), ("A", "At risk"), ("G", "On track"), ("N", "Not started"), ("B", "Complete")])
    provider = forms.ChoiceField(label="Incoming provider", required=False)
    wave = forms.ChoiceField(label="Wave", required=False)
    funding = forms.ChoiceField(label="Funding", required=False, choices=[("", "All"), *Funding.choices])
    stage = forms.ChoiceField(label="Stage", required=False, choices=[("", "All"), *Status.choices, *Ending.choices])
    owner = forms.ChoiceField(label="Owner", required=False)
    hold = forms.ChoiceField(label="Hold", required=False, choices=[("", "All"), ("yes", "On hold"), ("no", "Not on hold")])
    lacks = forms.ChoiceField(label="Lacks", required=False)

    def __init__(self, *args: Any, providers: list[tuple[str, str]], waves: list[str], owners: list[tuple[str, str]], lacks: list[tuple[str, str]], **kwargs: Any) -> None:
        """``owners``: (key, name); a key stands in the address for the name of a member of staff. ``lacks``: (key, what is missing)."""
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", "All"), ("me", "Me"), *owners, ("none", "Nobody")]
        self.fields["provider"].choices = [("", "All"), *providers, ("none", "None yet")]
        self.fields["lacks"].choices = [("", "All"), *lacks]
        if not lacks:
            del self.fields["lacks"]
        self.fields["wave"].choices = [("", "All"), *((wave, wave) for wave in waves)]

    @property
    def chosen(self) -> dict[str, str]:
        """What really narrows the list; a value that is none of the choices narrows nothing, and ``left_out`` says so."""
        self.is_valid()
        return {name: value for name, value in getattr(self, "cleaned_data", {}).items() if value}

    @property
    def left_out(self) -> str:
        """The filters of the address that mean nothing here, in words."""
        return ", ".join(str(self.fields[name].label).lower() for name in self.errors if name in self.fields)


class ExportForm(ActForm):
    submit = "Export"
    reason = forms.CharField(label="Why you are taking this list out of the system", max_length=300)
    file_format = forms.ChoiceField(label="File", choices=FileFormat.choices, initial=FileFormat.XLSX, widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *args: Any, whole: bool = False, **kwargs: Any) -> None:
        if data is not None and "file_format" not in data:
            data = data.copy()
            data["file_format"] = FileFormat.XLSX.value  # a workbook where nothing is said
        super().__init__(data, *args, **kwargs)
        if whole:
            self.fields["file_format"].widget = forms.HiddenInput()
