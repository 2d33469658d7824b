"""Forms of letter runs: whom and what, a decision, a result, who leads by funding."""

from __future__ import annotations

from typing import Any

from crispy_forms.bootstrap import InlineRadios
from crispy_forms.layout import Div, Fieldset, Layout
from django import forms

from mobilisation.forms.fields import plain_text
from transfers.choices import Funding, LetterMarks, LetterTo, Priority
from transfers.forms.people import ActForm, _day
from transfers.rules.assessing import DECIDERS

RESULTS = [("sent", "Sent"), ("returned", "Came back"), ("called", "Told by phone or visit")]


class RunForm(ActForm):
    submit = "See who would get it"
    code = forms.CharField(label="Code of the communication", max_length=10, help_text="As in the plan, like K05", validators=[plain_text])
    title = forms.CharField(label="What the letter is about", max_length=150, help_text="Name nobody", validators=[plain_text])
    to = forms.ChoiceField(label="To whom", choices=LetterTo.choices, initial=LetterTo.PERSON, widget=forms.RadioSelect)
    marks = forms.ChoiceField(label="Fulfils", required=False, choices=[("", "No checkpoint"), *LetterMarks.choices])
    show = forms.ChoiceField(label="Which people", required=False)
    wave = forms.ChoiceField(label="Wave", required=False)
    provider = forms.ChoiceField(label="Incoming provider", required=False)
    funding = forms.ChoiceField(label="Funding", required=False, choices=[("", "All"), *Funding.choices])
    priority = forms.ChoiceField(label="Priority", required=False, choices=[("", "All"), *Priority.choices])
    emergency_why = forms.CharField(label="If it is an emergency, why", required=False, max_length=300, help_text="Only then it goes out on a Friday afternoon, at a weekend or around a bank holiday", validators=[plain_text])

    def __init__(self, *args: Any, groups: list[tuple[str, str]], waves: list[str], providers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["show"].choices = groups
        self.fields["wave"].choices = [("", "All"), *((wave, wave) for wave in waves)]
        self.fields["provider"].choices = [("", "All"), *providers]
        self.helper.layout = Layout(
            "version", Div("code", "title", css_class="app-form-row"), InlineRadios("to"), "marks",
            Fieldset("People", Div("show", "wave", "provider", "funding", "priority", css_class="app-form-row")), "emergency_why",
        )

    def for_the_chosen(self) -> None:
        """People are chosen already, so no group is asked for."""
        for name in ("show", "wave", "provider", "funding", "priority"):
            del self.fields[name]
        self.helper.layout.pop(4)

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("code", "title", "to", "marks", "emergency_why")}


class DecideForm(ActForm):
    submit = "Record the decision"
    how = forms.ChoiceField(label="What was decided", choices=[("letter", "This letter, as it is"), ("other", "Another way; no letter")], widget=forms.RadioSelect)
    deciders = forms.MultipleChoiceField(label="Who decided it together", required=False, choices=DECIDERS, widget=forms.CheckboxSelectMultiple, help_text="All three, for somebody with cognitive impairment or a learning disability")
    words = forms.CharField(label="How, and why", max_length=250, widget=forms.Textarea(attrs={"rows": 3}), validators=[plain_text])


class ResultForm(ActForm):
    submit = "Record the result"
    state = forms.ChoiceField(label="What became of it", choices=RESULTS, widget=forms.RadioSelect)
    on = _day("On")
    note = forms.CharField(label="Note", required=False, max_length=300, validators=[plain_text])


class SentForm(ActForm):
    submit = "Record them as sent"
    on = _day("Sent on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="sent", **kwargs)


class LeadsForm(ActForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = []
        for value, label in Funding.choices:
            self.fields[f"lead_{value}"] = forms.CharField(label=f"{label}: who leads", required=False, max_length=150, validators=[plain_text])
            self.fields[f"write_{value}"] = forms.ChoiceField(label=f"{label}: who writes", choices=[("we", "We write to them"), ("they", "They write themselves")], initial="we")
            rows.append(Div(f"lead_{value}", f"write_{value}", css_class="app-form-row"))
        self.helper.layout = Layout("version", *rows)

    @property
    def leads(self) -> dict[str, tuple[str, bool]]:
        return {value: (self.cleaned_data[f"lead_{value}"], self.cleaned_data[f"write_{value}"] == "we") for value in Funding.values}
