"""Forms of conditions precedent, go-live criteria and the decision to go."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from mobilisation.choices import ConditionStatus
from mobilisation.forms.fields import FOUR_DIGITS
from mobilisation.forms.versioned import Versioned
from mobilisation.models import ConditionPrecedent
from workstreams.choices import GoLiveResult
from workstreams.models import ReadinessCriterion


class CriterionForm(Versioned):
    class Meta:
        model = ReadinessCriterion
        fields = ("status", "evidence", "owner_name", "due", "forecast")


class ConditionForm(Versioned):
    why = forms.CharField(label="Reason, when it is waived", required=False, max_length=300)

    class Meta:
        model = ConditionPrecedent
        fields = ("status", "evidence", "owner_name", "due", "forecast", "longstop", "satisfied_on")

    def __init__(self, *args: Any, only_waive: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if only_waive:
            for name in set(self.fields) - {"status", "why", "version", "was"}:
                del self.fields[name]
            standing = self.instance.status
            self.fields["status"].choices = [(value, label) for value, label in ConditionStatus.choices if value in {standing, ConditionStatus.WAIVED}]

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values.items() if name != "why"}


class NewConditionForm(forms.ModelForm):
    class Meta:
        model = ConditionPrecedent
        fields = ("title", "owner_name", "due", "longstop", "evidence")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].label = "Condition"
        for name in ("due", "longstop"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date", **FOUR_DIGITS})
        self.fields["evidence"].widget.attrs["rows"] = 3
        self.helper = FormHelper()
        self.helper.add_input(Submit("add", "Add condition"))

    def _post_clean(self) -> None:
        """The service writes."""


class GoLiveForm(forms.Form):
    result = forms.ChoiceField(label="Result", choices=GoLiveResult.choices, widget=forms.RadioSelect)
    conditions = forms.CharField(label="Conditions, each with owner and date", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    attendees = forms.CharField(label="Who was there", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.add_input(Submit("decide", "Sign decision"))
