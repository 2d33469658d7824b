"""Record a call, with the script of the day and who may be told beside the form; follow one up."""

from __future__ import annotations

from typing import Any

from mobilisation import registry
from mobilisation.clock import today
from transfers.forms import calls as forms
from transfers.models import ContactLog, PersonContact
from transfers.services import calls as services
from transfers.views.records import RecordPage


class CallAdd(RecordPage):
    title = "Record a call"
    template_name = "transfers/call_form.html"
    form_class = forms.CallForm

    def make(self, data: Any = None) -> forms.CallForm:
        return forms.CallForm(data)

    def do(self, form: Any) -> str:
        made = services.record(self.person, form.values, actor=self.actor, harmed=form.cleaned_data["harmed"])
        return "Recorded." + (f" Follow up by {made.follow_up_due.day} {made.follow_up_due:%b %Y}." if made.follow_up_due else "")

    def form_context(self, form: Any) -> dict[str, Any]:
        user, found = self.request.user, registry.panel_at("call-script")
        contacts = list(PersonContact.objects.visible_to(user).filter(person=self.person, ended_on__isnull=True))
        return super().form_context(form) | {
            "panel_template": found.template if found else "", "panel": registry.load(found.reader)(self.programme, user, today()) if found else None,
            "contacts": contacts, "last": list(ContactLog.objects.visible_to(user).filter(person=self.person)[:3]),
        }


class CallFollow(RecordPage):
    """``/calls/<record>/``."""

    title = "Followed up"
    model = ContactLog

    @property
    def text(self) -> str:  # type: ignore[override]
        due = f"To follow up by {self.record.follow_up_due.day} {self.record.follow_up_due:%b %Y}" if self.record.follow_up_due else "Nothing to follow up"
        return f"{due}: {self.record.get_topic_display().lower()}. {self.record.text}"

    def make(self, data: Any = None) -> forms.FollowForm:
        self.record  # noqa: B018  outside scope is not found, before anything is shown
        return forms.FollowForm(data)

    def do(self, form: Any) -> str:
        services.follow_up(self.record, actor=self.actor, note=form.cleaned_data["note"])
        return "Followed up."
