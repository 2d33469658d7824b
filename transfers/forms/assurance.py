"""The form of the weekly assurance."""

from __future__ import annotations

from typing import Any

from crispy_forms.bootstrap import InlineRadios
from crispy_forms.layout import Layout
from django import forms

from mobilisation.forms.fields import plain_text
from transfers.forms.people import ActForm


class AssuranceForm(ActForm):
    submit = "Give the assurance"
    role = forms.ChoiceField(label="As", widget=forms.RadioSelect)
    sound = forms.ChoiceField(label="Communications and transfers are in order", choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect)
    note = forms.CharField(label="What is not in order, and what is done about it", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="Needed with “No”. Name nobody", validators=[plain_text])

    def __init__(self, *args: Any, roles: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles
        self.fields["sound"].error_messages["required"] = "Say whether communications and transfers are in order"
        self.helper.layout = Layout("version", "role", InlineRadios("sound"), "note")
        if len(roles) == 1:
            self.fields["role"].widget = forms.HiddenInput()
            self.initial.setdefault("role", roles[0][0])
