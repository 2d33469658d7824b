"""Forms of reporting."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from reporting.choices import DocumentKind, Edition


class OverrideForm(forms.Form):
    subject = forms.ChoiceField(label="What for", error_messages={"required": "Choose what the colour is for"})
    stated = forms.ChoiceField(label="Stated colour", choices=[("R", "Red: off track"), ("A", "Amber: at risk"), ("G", "Green: on track")], error_messages={"required": "Choose the colour"})
    reason = forms.CharField(
        label="Why it differs from the computed colour", max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="Shown to every reader of the dashboard and the pack. Name no person who receives care.",
        error_messages={"required": "Say why the colour differs"},
    )

    def __init__(self, *args: Any, subjects: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].choices = list(subjects.items())  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.add_input(Submit("state", "State this colour"))


class DraftForm(forms.Form):
    document = forms.ChoiceField(label="What to build", choices=DocumentKind.choices, error_messages={"required": "Choose what to build"})
    edition = forms.ChoiceField(label="Edition", choices=Edition.choices, help_text="The provider edition goes to all providers: shared risks, and no rows of a single provider.", error_messages={"required": "Choose the edition"})
    snapshot = forms.ChoiceField(label="From which figures", error_messages={"required": "Choose the week"})

    def __init__(self, *args: Any, snapshots: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["snapshot"].choices = [*snapshots, ("now", "Now, as an interim snapshot")]  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.add_input(Submit("build", "Build draft"))
