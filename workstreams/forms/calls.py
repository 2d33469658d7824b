"""Forms of enquiries and scripts."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms

from mobilisation.clock import today
from mobilisation.forms.versioned import Versioned
from workstreams.models import Enquiry, ScriptVersion


class EnquiryForm(Versioned):
    submit = "Write it down"

    class Meta:
        model = Enquiry
        fields = ("channel", "asked_by", "topic", "question", "answer")
        help_texts = {"question": "Name nobody. A call about a person is recorded on that person's page", "answer": "Leave it empty where somebody has to find out first"}
        widgets = {"question": forms.Textarea(attrs={"rows": 2}), "answer": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout("version", "was", Div("channel", "asked_by", "topic", css_class="app-form-row"), "question", "answer")


class AnswerForm(Versioned):
    submit = "Save the answer"

    class Meta:
        model = Enquiry
        fields = ("topic", "answer")


class ScriptForm(Versioned):
    submit = "Save as a new version"

    class Meta:
        model = ScriptVersion
        fields = ("text", "faqs", "valid_from")
        help_texts = {"text": "Shown word for word beside every call form", "faqs": "One question and its answer after another"}
        widgets = {"text": forms.Textarea(attrs={"rows": 8}), "faqs": forms.Textarea(attrs={"rows": 8})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"].initial = today
