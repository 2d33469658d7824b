"""Contacts of a person, and the needs that have no column."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from transfers.forms import records as forms
from transfers.models import PersonContact, PersonNeed
from transfers.services import contacts as services
from transfers.views.records import RecordPage, saved


class ContactAdd(RecordPage):
    title = "Add a contact"
    form_class = forms.ContactForm

    def do(self, form: Any) -> str:
        services.add(self.person, form.values, actor=self.actor)
        return "The contact is added."


class ContactEdit(RecordPage):
    title = "Change the contact"
    model = PersonContact
    form_class = forms.ContactForm

    def do(self, form: Any) -> str:
        return saved(services.change(self.record, form.values, actor=self.actor, expected_version=form.cleaned_data["version"]))


class ContactAct(RecordPage):
    """``/contacts/<record>/end/`` and ``/choose/``."""

    model = PersonContact
    TITLES = {"end": "End the contact", "choose": "Let this contact stand in the tracker"}

    @property
    def title(self) -> str:  # type: ignore[override]
        return self.TITLES[self.kwargs["how"]]

    @property
    def text(self) -> str:  # type: ignore[override]
        words = {"end": f"{self.record.name} is no longer a contact from today. The record stays.", "choose": f"{self.record.name} then stands in the representative columns of the tracker."}
        return words[self.kwargs["how"]]

    def make(self, data: Any = None) -> Any:
        if self.kwargs["how"] not in self.TITLES or (self.record.ended_on and data is None):
            raise Http404("not offered")
        return forms.EndContactForm(data) if self.kwargs["how"] == "end" else forms.ConfirmForm(data)

    def do(self, form: Any) -> str:
        if self.kwargs["how"] == "end":
            services.end(self.record, actor=self.actor, why=form.cleaned_data["why"])
            return "The contact is ended."
        services.choose(self.record, actor=self.actor)
        return "This contact stands in the tracker."


class NeedsEdit(RecordPage):
    title = "Allergies, handling and what matters"

    def make(self, data: Any = None) -> forms.NeedForm:
        held = PersonNeed.objects.visible_to(self.request.user).filter(person=self.person).first()
        return forms.NeedForm(data, instance=held) if held else forms.NeedForm(data)

    def do(self, form: Any) -> str:
        services.record_needs(self.person, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])
        return "Saved."
