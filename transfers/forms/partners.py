"""Forms around providers: what they can take, their answers, sheets and links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from mobilisation.forms.fields import plain_text
from mobilisation.models import Organisation
from transfers.choices import LinkField, Response
from transfers.forms.people import ActForm, _day
from transfers.forms.records import RecordForm
from transfers.models import ProviderCapacity
from transfers.services.links import MOST_DAYS

ANSWERS = [choice for choice in Response.choices if choice[0] != "offered"]


class CapacityForm(RecordForm):
    columns: ClassVar[Mapping[str, str]] = {"weekly_hours": ""}
    """The hours of a provider are no package: no column of the list says how many are likely."""

    class Meta:
        model = ProviderCapacity
        fields = ("provider", "zone", "weekly_hours", "packages", "from_date", "note", "confirmed_on", "confirmed_by", "staffing")
        help_texts = {
            "confirmed_on": "Leave the last three empty while the hours are hoped for: they are shown, and nobody is proposed on them", "confirmed_by": "Who at the provider said so",
            "staffing": "Staff in post and on the rota, never planned recruits. For example: rota of 1 March, six carers in post",
            "zone": "As the tracker names it. Empty: any zone", "packages": "Empty: as many as the hours allow", "weekly_hours": "What it can take on altogether, those already offered to it included",
        }

    def __init__(self, *args: Any, providers: Any, zones: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].queryset = providers
        self.fields["provider"].empty_label = "Choose a provider"
        self.zones = zones
        if zones:
            self.fields["zone"].help_text = f"As the tracker names it: {', '.join(zones[:12])}. Empty: any zone"


class AgainForm(ActForm):
    submit = "Offer"
    provider = forms.ModelChoiceField(Organisation._base_manager.none(), label="Incoming provider", empty_label="Choose a provider")
    wave = forms.CharField(label="Wave", required=False, max_length=30)
    preference = forms.CharField(label="What the person wants", required=False, max_length=300, help_text="Their choice of provider, and why. The provider that is asked does not read it", widget=forms.Textarea(attrs={"rows": 2}), validators=[plain_text])


class WithdrawForm(ActForm):
    submit = "Take the offer back"
    reason = forms.CharField(label="Why it is taken back", max_length=300, widget=forms.Textarea(attrs={"rows": 2}), validators=[plain_text])


class AnswerForm(ActForm):
    submit = "Send the answer"
    response = forms.ChoiceField(label="Your answer", choices=ANSWERS, widget=forms.RadioSelect)
    reason = forms.CharField(label="Conditions, or why you decline", required=False, max_length=300, help_text="Needed unless you accept as it is", widget=forms.Textarea(attrs={"rows": 3}))


class TakeBackAnswerForm(ActForm):
    submit = "Take the answer back"


class MakeSheetForm(ActForm):
    submit = "Make the sheet"
    provider = forms.ModelChoiceField(Organisation._base_manager.none(), label="Provider", empty_label="Choose a provider")


class TakeSheetForm(ActForm):
    submit = "Download the sheet"
    reason = forms.CharField(label="Why you are taking this sheet out of the system", max_length=300)


class LinkForm(ActForm):
    submit = "Make the link"
    provider = forms.ModelChoiceField(Organisation._base_manager.none(), label="Provider", empty_label="Choose a provider")
    contact = forms.CharField(label="For whom", max_length=100, help_text="Name or work e-mail of the one contact who gets it", error_messages={"required": "Enter who gets the link"})
    people = forms.CharField(label="References of the people", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Ours or the case system's, separated by spaces or commas; at most 50. All of them must be this provider's")
    fields_open = forms.MultipleChoiceField(label="What may be stated", choices=[(value, str(label).capitalize()) for value, label in LinkField.choices], widget=forms.CheckboxSelectMultiple, error_messages={"required": "Tick what may be stated"})
    days = forms.IntegerField(label="Days the link opens for", min_value=1, max_value=MOST_DAYS, error_messages={code: f"Between 1 and {MOST_DAYS} days" for code in ("invalid", "min_value", "max_value")})


class StatedForm(forms.Form):
    """One person of a link; only the fields that the link opens."""

    contact = _day("Introductory contact made on", required=False, fill=False)
    visit = _day("First visit delivered on", required=False, fill=False)
    file = _day("File sent on", required=False, fill=False)
    method = forms.ChoiceField(label="How the file was sent", required=False, choices=[("", "Choose"), ("secure_email", "Secure e-mail"), ("portal", "Portal")])
    file_in = _day("File received on", required=False, fill=False)
    note = forms.CharField(label="Note for the mobilisation team", required=False, max_length=300)

    def __init__(self, *args: Any, opened: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in [name for name in self.fields if name not in opened and not (name == "method" and "file" in opened)]:
            del self.fields[name]
        for field in self.fields.values():
            field.widget.attrs["class"] = "nhsuk-select" if isinstance(field, forms.ChoiceField) else "nhsuk-input nhsuk-input--width-10" if isinstance(field, forms.DateField) else "nhsuk-input"
            if isinstance(field, forms.DateField):
                field.error_messages["invalid"] = f"{field.label}: enter a real date, like 27 3 2027"
