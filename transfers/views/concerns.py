"""Safeguarding concerns about a person: raised, given an owner, closed."""

from __future__ import annotations

from typing import Any

from transfers.forms import records as forms
from transfers.models import PersonConcern
from transfers.services import concerns as services
from transfers.views.records import RecordPage, saved


class ConcernAdd(RecordPage):
    title = "Raise a safeguarding concern"
    text = "The safeguarding team, the core group and CQC are told the same day."

    def make(self, data: Any = None) -> forms.ConcernForm:
        form = forms.ConcernForm(data)
        for name in ("status", "outcome"):
            del form.fields[name]
        return form

    def do(self, form: Any) -> str:
        services.raise_concern(self.person, form.values, actor=self.actor)
        return "The concern is raised." if form.cleaned_data["owner_name"] else "The concern is raised. It has no owner yet, so the person is Red."


class ConcernEdit(RecordPage):
    title = "Change the safeguarding concern"
    text = "The column “Open safeguarding” of the tracker stays as it is: change it with the record when nothing is open any more."
    model = PersonConcern

    def make(self, data: Any = None) -> forms.ConcernForm:
        return forms.ConcernForm(data, instance=self.record.concern)

    def do(self, form: Any) -> str:
        return saved(services.change_concern(self.record, form.values, actor=self.actor, expected_version=form.cleaned_data["version"]))
