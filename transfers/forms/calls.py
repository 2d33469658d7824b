"""Forms of calls about a person: few fields, in the order of the talk."""

from __future__ import annotations

from typing import Any

from crispy_forms.bootstrap import InlineRadios
from crispy_forms.layout import Div, Layout
from django import forms

from mobilisation.forms.fields import likely_year, plain_text
from transfers.choices import Channel, ContactTopic, Direction, SpokenTo
from transfers.forms.people import ActForm, _day


class CallForm(ActForm):
    submit = "Record it"
    spoken_to = forms.ChoiceField(label="Spoken to", choices=SpokenTo.choices, initial=SpokenTo.PERSON, widget=forms.RadioSelect)
    who = forms.CharField(label="Name, if it is somebody else", required=False, max_length=150, validators=[plain_text])
    topic = forms.ChoiceField(label="About", choices=ContactTopic.choices, initial=ContactTopic.VISITS)
    text = forms.CharField(label="What was said", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}), validators=[plain_text])
    reached = forms.BooleanField(label="Somebody answered", required=False, initial=True)
    channel = forms.ChoiceField(label="How", choices=[one for one in Channel.choices if one[0] != Channel.LINK], initial=Channel.PHONE)
    direction = forms.ChoiceField(label="Who called", choices=Direction.choices, initial=Direction.OUT, widget=forms.RadioSelect)
    at = forms.DateTimeField(
        label="When, if not just now", required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"), input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        validators=[likely_year], error_messages={"invalid": "When: enter a real date and time"},
    )
    harmed = forms.BooleanField(label="A missed visit did harm", required=False, help_text="The leads and the commissioning officer are told at once and acknowledge it within two hours")
    follow_up_due = _day("Follow up by", required=False, fill=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].needed = True  # type: ignore[attr-defined]  # where somebody answered
        self.helper.layout = Layout(
            "version", InlineRadios("direction"), InlineRadios("spoken_to"), Div("who", "topic", css_class="app-form-row"), "text", "reached", "harmed", Div("channel", "at", "follow_up_due", css_class="app-form-row")
        )

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name not in {"version", "harmed"}}


class FollowForm(ActForm):
    submit = "It was followed up today"
    note = forms.CharField(label="Note", required=False, max_length=300, validators=[plain_text])
