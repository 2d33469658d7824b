"""Saved views of the grid."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from mobilisation.forms.fields import plain_text
from mobilisation.forms.versioned import Versioned
from transfers.models import SavedView


class SaveView(forms.Form):
    name = forms.CharField(label="Name of the view", max_length=60, validators=[plain_text], help_text="Name no person here: who shares the list reads it", error_messages={"required": "Give the view a name"})
    address = forms.CharField(required=False, widget=forms.HiddenInput, max_length=4000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.add_input(Submit("save", "Save the view"))


class ViewForm(Versioned):
    locked = forms.BooleanField(label="Locked: only leads change it", required=False)

    class Meta:
        model = SavedView
        fields = ("name", "shared", "default_for")

    def __init__(self, *args: Any, leads: bool, **kwargs: Any) -> None:
        instance = kwargs["instance"]
        kwargs["initial"] = {"locked": instance.locked_by_id is not None}
        super().__init__(*args, **kwargs)
        if not leads:
            for name in ("shared", "default_for", "locked"):
                del self.fields[name]
