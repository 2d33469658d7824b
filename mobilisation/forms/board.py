"""Forms of meetings, decisions and actions."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from mobilisation.components import short_moment
from mobilisation.forms.versioned import Versioned
from mobilisation.models import Action, Decision, Meeting


class MeetingForm(Versioned):
    submit = "Save meeting"
    items = forms.CharField(label="Agenda, one item a line", required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text="Standing items of this kind of meeting are added by themselves.")

    class Meta:
        model = Meeting
        fields = ("kind", "at", "attendees", "notes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["items"]


class AgendaForm(forms.Form):
    title = forms.CharField(label="New item", max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="item", **kwargs)
        self.helper = FormHelper()
        self.helper.add_input(Submit("add", "Add item"))


class _OfMeeting(Versioned):
    def __init__(self, *args: Any, meetings: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting"].queryset = meetings
        self.fields["meeting"].label_from_instance = lambda meeting: f"{meeting}, {short_moment(meeting.at)}"


PRINTED = "Dashboards and board packs print these words, for the board and for commissioners. Name no person who receives care, and nothing that tells who is meant."
FROM_PEOPLE = "In dashboards and packs, what a wash-up, huddle, safeguarding review or MDT asks for is counted without its words."


class DecisionForm(_OfMeeting):
    submit = "Save decision"

    class Meta:
        model = Decision
        fields = ("text", "status", "needed_by", "rationale", "made_by", "made_on", "meeting")
        labels = {"text": "Decision"}
        help_texts = {"text": PRINTED, "meeting": FROM_PEOPLE}
        widgets = {"text": forms.Textarea(attrs={"rows": 2})}


class ActionForm(_OfMeeting):
    submit = "Save action"

    class Meta:
        model = Action
        fields = ("text", "owner_name", "due", "urgent", "status", "done_on", "meeting")
        labels = {"text": "Action", "owner_name": "Owner"}
        help_texts = {"text": PRINTED, "meeting": FROM_PEOPLE}
        widgets = {"text": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner_name"].needed = True  # asked for by the service, unless an account owns it
