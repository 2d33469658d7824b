"""The form of the recommendation, and of a tool that was brought up to date."""

from __future__ import annotations

from typing import Any

from django import forms

from mobilisation.forms.fields import plain_text
from transfers.choices import MappingKind
from transfers.forms.people import ActForm, _day


class MappingForm(ActForm):
    on = _day("Updated on")
    text = forms.CharField(label="What was updated, and where it is kept", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), validators=[plain_text], help_text="For example: version 4, two new rates; commissioning drive, folder Exits. Name nobody who is cared for")

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind == MappingKind.RECOMMENDATION:
            self.fields["on"].label = "Recommended on"
            self.fields["text"].label = "What is recommended, zone by zone, and why"
            self.fields["text"].help_text = "Which providers are likely to come, where, and what is lacking. Name nobody who is cared for"
            self.fields["text"].widget.attrs["rows"] = 8
        for field in self.fields.values():
            if field.required:
                field.error_messages["required"] = f"Enter {str(field.label)[0].lower()}{str(field.label)[1:]}"
