"""The answer to one difference between a list and the tracker."""

from __future__ import annotations

from typing import Any

from django import forms

from transfers.choices import Finding, Resolution
from transfers.forms.people import ActForm
from transfers.models import ListFinding
from transfers.models.lists import TRACKER
from transfers.services.lists import answers

WORDS: dict[tuple[str, str], str] = {
    (Finding.ONLY_THEIRS, Resolution.ADDED): "Add this person to the tracker",
    (Finding.ONLY_THEIRS, Resolution.NOT_OURS): "Not part of this transfer (moved earlier, never began, another service)",
    (Finding.ONLY_OURS, Resolution.LIST_WRONG): "Stays on the tracker: the other list is wrong or out of date",
    (Finding.ONLY_OURS, Resolution.ENDED): "No longer transferring: the ending is recorded on the person's page",
    (Finding.LIKELY, Resolution.SAME): "Yes, the same person",
    (Finding.LIKELY, Resolution.DIFFERENT): "No, two people",
    (Finding.DIFFERS, Resolution.TAKEN): "The other list is right: take its value over",
    (Finding.DIFFERS, Resolution.KEPT): "The tracker is right: it stays",
    (Finding.TWICE, Resolution.DIFFERENT): "Two people",
    (Finding.TWICE, Resolution.LIST_WRONG): "One person: the other list has them twice",
}

WORDS_OF_TWO = {Resolution.DIFFERENT: "Two people", Resolution.ENDED: "One person: the row that goes has its ending recorded on its page, with “listed twice” as the reason"}
"""Of two rows of the tracker itself."""


class ResolveForm(ActForm):
    submit = "Settle this difference"
    how = forms.ChoiceField(label="What is right", widget=forms.RadioSelect)
    reason = forms.CharField(label="How do you know", max_length=500, help_text="Whom you asked, or what you looked at")

    def __init__(self, *args: Any, finding: ListFinding, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["how"].error_messages["required"] = "Choose one of the answers"
        self.fields["reason"].error_messages["required"] = "Say how you know, for whoever asks later"
        self.fields["how"].choices = [(how.value, WORDS_OF_TWO[how] if finding.source == TRACKER else WORDS[Finding(finding.kind), how]) for how in answers(finding)]


class ReopenForm(ActForm):
    submit = "Open it again"
    reason = forms.CharField(label="Why", max_length=500)
