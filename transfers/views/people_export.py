"""The list as a workbook: exactly the rows of the view, with a reason, logged."""

from __future__ import annotations

import tempfile
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from mobilisation.clock import today
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.roles import Can
from mobilisation.services import access_log
from mobilisation.views.scope import ProgrammeView
from transfers.exports.tracker import write_tracker
from transfers.forms.people import ExportForm
from transfers.views.people import PersonList

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class PersonExport(PersonList):
    """``/people/export/`` takes the filters of the list in its address and the search of the session."""

    required = Can.PEOPLE_EXPORT
    template_name = "transfers/person_form.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(ExportForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        form = ExportForm(request.POST)
        if form.is_valid():
            try:
                return self._file(form.cleaned_data["reason"])
            except Refused as refusal:
                show_refusal(form, refusal)
        return self._page(form, status=422)

    def _file(self, reason: str) -> FileResponse:
        people = self.filtered(self.filter_form(), today())
        file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115  closed by the response
        written = write_tracker(file, self.programme, people)
        file.seek(0)
        access_log.record(self.actor, "export", self.programme, "people list", ids=written, reason=reason, request=self.request)
        return FileResponse(file, as_attachment=True, filename=f"people-{self.programme.ref}-{today():%Y-%m-%d}.xlsx", content_type=XLSX)

    def _page(self, form: ExportForm, status: int = 200) -> HttpResponse:
        count = self.filtered(self.filter_form(), today()).count()
        query = self.request.GET.urlencode()
        context = ProgrammeView.get_context_data(self, form=form) | {
            "title": "Export people",
            "text": f"{count} {'person' if count == 1 else 'people'} as the list shows them now. The workbook holds personal data: keep it where your organisation allows, and delete it when it has served.",
            "back": reverse("transfers:person-list", args=[self.programme.ref]) + (f"?{query}" if query else ""),
        }
        return self.render_to_response(context, status=status)
