"""The steps of the wizard that opens a programme. Each form is small; the last page shows everything before it is made."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from mobilisation.choices import BankHolidayDivision, ExitType, Pace, ProgrammeKind
from mobilisation.forms.fields import Day
from mobilisation.models import Programme
from mobilisation.roles import MANDATORY, ROLES, sees_people
from mobilisation.workbooks.cells import control_character

SELF_ROLES = ("CL", "OL", "ML", "SRO", "MT", "DL", "DA")


def day(label: str, required: bool = False, help_text: str = "") -> forms.DateField:
    return Day(
        label=label, required=required, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": f"Enter the {label[0].lower()}{label[1:]}", "invalid": f"{label}: enter a real date, like 27 3 2027"},
    )


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class WizardForm(forms.Form):
    submit = "Continue"

    def __init__(self, *args: Any, answers: dict[str, dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answers = answers
        self.kind = answers.get("kind", {}).get("kind", "")
        self.helper = FormHelper()
        self.helper.add_input(Submit("next", self.submit))


class KindForm(WizardForm):
    kind = forms.ChoiceField(label="What begins", choices=ProgrammeKind.choices, widget=forms.RadioSelect, error_messages={"required": "Choose what begins"})
    title = forms.CharField(label="Title", max_length=200, help_text="As people will say it, for example “Meadowgate exit”", error_messages={"required": "Enter a title"})
    reference = forms.RegexField(
        label="Reference", regex=r"^[A-Za-z0-9][A-Za-z0-9-]{1,19}$", strip=True, help_text="Short and unique, letters, digits and hyphens. It stands in the address of every page",
        error_messages={"required": "Enter a reference", "invalid": "Enter 2 to 20 letters, digits or hyphens"},
    )

    def clean_reference(self) -> str:
        reference: str = self.cleaned_data["reference"].upper()
        # Whether a reference is taken must be known before a programme one may not see is overwritten.
        if reference == "NEW" or Programme.objects.filter(reference=reference).exists():
            raise ValidationError(f"There is a programme {reference} already. Choose another reference.")
        return reference


class DatesForm(WizardForm):
    exit_type = forms.ChoiceField(label="Type of exit", choices=ExitType.choices, widget=forms.RadioSelect, error_messages={"required": "Choose the type of exit"})
    d0 = day("Decision or notice date (D0)", required=True)
    end = day("Last day of the exiting provider (E)", help_text="Leave empty while it is not known")
    scd = day("Service commencement date (SCD)", required=True)
    go_live = day("Go-live day (G)", required=True)
    award = day("Award (A)")
    staff_transfer = day("Staff transfer date (X)", help_text="When employment moves under TUPE, if known")
    pace = forms.ChoiceField(label="Pace", required=False, choices=[("", "As the guide suggests"), *Pace.choices])

    division = forms.ChoiceField(label="Bank holidays of", choices=BankHolidayDivision.choices, required=False)

    FIELDS = {
        "provider_exit": ("exit_type", "d0", "end", "staff_transfer", "pace", "division"), "live_service": ("award", "scd", "staff_transfer", "pace", "division"),
        "homecare_start": ("go_live", "staff_transfer", "division"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = self.FIELDS.get(self.kind, ())
        self.fields = {name: self.fields[name] for name in wanted}
        if "division" in self.fields:
            self.fields["division"].initial = settings.DEFAULT_DIVISION
        if self.kind == "live_service":
            self.fields["pace"].choices = [("", "As the guide suggests"), ("planned", "16-week plan"), ("compressed", "10-week plan")]


class PartiesForm(WizardForm):
    lead_commissioner = forms.CharField(label="Lead commissioner", max_length=200, required=False)
    commissioner = forms.CharField(label="Other commissioners", required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="One on each line")
    exiting = forms.CharField(label="Exiting provider", max_length=200, required=False)
    incoming = forms.CharField(label="Incoming providers", required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text="One on each line")
    lead_provider = forms.CharField(label="Lead provider", max_length=200, required=False)
    provider = forms.CharField(label="Other providers", required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="One on each line")
    partner = forms.CharField(label="Local partners", required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="One on each line")

    FIELDS = {
        "provider_exit": ("lead_commissioner", "commissioner", "exiting", "incoming", "partner"),
        "live_service": ("lead_commissioner", "commissioner", "lead_provider", "provider", "partner"),
        "homecare_start": ("lead_commissioner", "commissioner", "incoming", "partner"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {name: self.fields[name] for name in self.FIELDS.get(self.kind, ())}
        if "exiting" in self.fields:
            self.fields["exiting"].required = True
            self.fields["exiting"].error_messages["required"] = "Enter the exiting provider: an exit is somebody's"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in list(data):  # a fault takes its field out
            if fault := control_character((data[name] or "").replace("\r", "")):
                self.add_error(name, f"It holds a character that cannot be kept ({fault}). Type it again")
                continue
            long = [line for line in lines(data[name]) if len(line) > 200]
            if long:
                self.add_error(name, "A name may have 200 characters at most")
        return data

    def parties(self) -> list[tuple[str, str]]:
        return [(role, name) for role, text in self.cleaned_data.items() for name in lines(text)]


class PeopleForm(WizardForm):
    """A line a mandatory role; an e-mail of an account links it, anything else is kept as a name.

    ``people_seen``: the user sees people in some programme already. Who does not, gives no such role to themselves.
    """

    own = forms.ChoiceField(label="Your own role in it", required=False)

    def __init__(self, *args: Any, people_seen: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["own"].needed = True  # without one the programme is not seen by who opens it; naming oneself in a line does too
        self.fields["own"].choices = [("", "None"), *((code, f"{ROLES[code].title} ({code})") for code in SELF_ROLES if people_seen or not sees_people(code))]
        if not people_seen:
            self.fields["own"].help_text = "A role that sees people is given by somebody else: nobody gives themselves sight of personal data"
        self._roles: dict[str, tuple[str, str]] = {}
        for code in MANDATORY.get(self.kind, ()):
            for number, organisation in enumerate(self._acting_for(code)):
                name = f"role_{code}_{number}" if organisation else f"role_{code}"
                self._roles[name] = (code, organisation)
                label = f"{ROLES[code].title} ({code}){f', {organisation}' if organisation else ''}"
                self.fields[name] = forms.CharField(label=label, max_length=150, required=False, help_text="E-mail address, or a name")
        if "role_CL" in self.fields:
            self.fields["role_CL"].needed = True  # or the own role is it

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, value in list(data.items()):  # a fault takes its field out
            if fault := control_character(value or ""):
                self.add_error(name, f"It holds a character that cannot be kept ({fault}). Type it again")
            elif "@" in (value or ""):
                try:
                    validate_email(value)
                except ValidationError:
                    self.add_error(name, f"“{value}” is not an e-mail address")
        return data

    def _acting_for(self, code: str) -> list[str]:
        """The organisations that need somebody each in this role; one empty name where it is not a provider's role."""
        if code not in {"XP", "IP"}:
            return [""]
        named = lines(self.answers.get("parties", {}).get("exiting" if code == "XP" else "incoming", ""))
        return list({name.casefold(): name for name in reversed(named)}.values())[::-1]

    def people(self) -> list[tuple[str, str, str]]:
        """(role, organisation or "", e-mail or name)"""
        return [(*self._roles[name], value.strip()) for name, value in self.cleaned_data.items() if name in self._roles and value.strip()]


class CheckForm(WizardForm):
    submit = "Create programme"
