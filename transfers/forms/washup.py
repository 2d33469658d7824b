"""Forms of the wash-up: a note, an action."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms

from mobilisation.clock import today
from mobilisation.forms import Versioned
from mobilisation.forms.fields import plain_text
from transfers.forms.people import ActForm, _day
from transfers.models import ProviderCheck


class _About(ActForm):
    """``people``: [(public id, name)] of whom it may be about; anybody else of the tracker is reached through their line there."""

    person = forms.ChoiceField(label="About", required=False)

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [("", "The day as a whole"), *people]
        self.helper.form_action = "#write"


class NoteForm(_About):
    submit = "Write it down"
    text = forms.CharField(label="Note", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), validators=[plain_text])
    field_order = ("version", "person", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="note", **kwargs)


class AskForm(_About):
    submit = "Add the action"
    words = forms.CharField(label="What is to be done", max_length=500, widget=forms.Textarea(attrs={"rows": 2}), validators=[plain_text])
    owner = forms.ChoiceField(label="Owner", required=False)
    owner_name = forms.CharField(label="Or a name without an account", required=False, max_length=150, validators=[plain_text])
    due = _day("By")
    due_time = forms.TimeField(label="At", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), error_messages={"invalid": "At: enter a time, like 14:30"})
    field_order = ("version", "person", "words", "owner", "owner_name", "due", "due_time")

    def __init__(self, *args: Any, owners: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, prefix="ask", **kwargs)
        self._owners = {str(user.pk): user for user in owners}
        self.fields["owner"].choices = [("", "Choose"), *((pk, str(user)) for pk, user in self._owners.items())]
        self.fields["due"].initial = today
        self.fields["owner"].needed = True  # type: ignore[attr-defined]  # asked for by the service, unless a name is given
        self.helper.layout = Layout("version", "person", "words", Div("owner", "owner_name", css_class="app-form-row"), Div("due", "due_time", css_class="app-form-row"))

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"words": data["words"], "owner": self._owners.get(data["owner"]), "owner_name": data["owner_name"], "due": data["due"], "due_time": data["due_time"]}


class ProviderCheckForm(Versioned):
    class Meta:
        model = ProviderCheck
        fields = ("visits_received_on", "on_call_tried_on", "on_call_works", "payment_set_up_on", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on_call_works"].widget.choices = [("unknown", "Not known"), ("true", "Yes, somebody answered"), ("false", "No")]  # type: ignore[attr-defined]
