"""The list as a file: exactly the rows of the view or the whole tracker, with a reason, logged; long ones made by a worker."""

from __future__ import annotations

import tempfile
from typing import Any, ClassVar

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.clock import now, today
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.roles import Can
from mobilisation.services import access_log, jobs
from mobilisation.views.scope import ProgrammeView
from mobilisation.workbooks.write import XLSX
from transfers.choices import FileFormat
from transfers.exports.tracker import stream_csv, write_tracker
from transfers.forms.people import ExportForm
from transfers.models import PeopleExport
from transfers.services import exports
from transfers.views.people import PersonList

KINDS = {FileFormat.XLSX: XLSX, FileFormat.CSV: "text/csv; charset=utf-8"}


def file_name(ref: str, file_format: str) -> str:
    return f"people-{ref}-{today():%Y-%m-%d}.{file_format}"


class PersonExport(PersonList):
    """``/people/export/`` takes the filters and the search of the list in its address."""

    required = Can.PEOPLE_EXPORT
    template_name = "transfers/export.html"
    whole: ClassVar[bool] = False

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(ExportForm(whole=self.whole))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        form = ExportForm(request.POST, whole=self.whole)
        if form.is_valid():
            try:
                return self._file(form.cleaned_data["reason"], FileFormat(form.cleaned_data["file_format"]))
            except Refused as refusal:
                show_refusal(form, refusal)
        return self._page(form, status=422)

    def _rows(self) -> Any:
        return self.people.order_by("surname", "forename", "id") if self.whole else self.filtered(self.filter_form(), today())

    def _file(self, reason: str, file_format: FileFormat) -> HttpResponseBase:
        found = self._rows().values_list("pk", "public_id")
        keys, ids = [key for key, _ in found], [one for _, one in found]
        if len(keys) > settings.EXPORT_AT_ONCE:
            asked = exports.request(self.programme, keys, file_format, actor=self.actor, reason=reason)
            return redirect("transfers:export-page", ref=self.programme.ref, export=asked.public_id)
        # Said before the first line leaves; what leaves is never more than was said.
        access_log.record(self.actor, "export", self.programme, "tracker" if self.whole else "people list", ids=ids, reason=reason, request=self.request)
        name = file_name(self.programme.ref, file_format)
        if file_format == FileFormat.CSV:
            lines = stream_csv(self.programme, self.people, keys)
            return StreamingHttpResponse(lines, content_type=KINDS[file_format], headers={"Content-Disposition": f'attachment; filename="{name}"'})
        file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115  closed by the response
        write_tracker(file, self.programme, self.people, keys)
        file.seek(0)
        return FileResponse(file, as_attachment=True, filename=name, content_type=KINDS[file_format])

    def _page(self, form: ExportForm, status: int = 200) -> HttpResponse:
        query = "" if self.whole else self.request.GET.urlencode()
        count = self._rows().count()
        context = ProgrammeView.get_context_data(self, form=form) | {
            "title": "The whole tracker as a workbook" if self.whole else "Export people", "whole": self.whole, "count": count, "term": self.term, "later": count > settings.EXPORT_AT_ONCE,
            "kept": PeopleExport.objects.visible_to(self.request.user).filter(programme=self.programme, kept_until__gt=now()).exclude(stored_name="")[:10],
            "back": reverse("transfers:person-list", args=[self.programme.ref]) + (f"?{query}" if query else ""),
        }
        return self.render_to_response(context, status=status)


class WholeTracker(PersonExport):
    """Everybody the reader may see, whatever list or search is open; what is changed in it comes back as updates."""

    whole = True


class OwnExport(ProgrammeView):
    """One's own list that a worker makes or has made; 404 for everybody else."""

    required = Can.PEOPLE_EXPORT

    @cached_property
    def export(self) -> PeopleExport:
        found = PeopleExport.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["export"]).select_related("job").first()
        if found is None:
            raise Http404("outside scope")
        return found


class ExportPage(OwnExport, TemplateView):
    template_name = "transfers/export_page.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        job = jobs.as_it_stands(self.export.job) if self.export.job else None
        if request.headers.get("HX-Request") and (job is None or job.finished):
            # The progress bar asked; the file is there or will not come, which is told by the page anew.
            return HttpResponse(headers={"HX-Refresh": "true"})
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        export = self.export
        return super().get_context_data(**kwargs) | {"export": export, "job": export.job, "ready": exports.ready(export), "again": reverse("transfers:person-export", args=[self.programme.ref])}


class ExportFile(OwnExport):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            file = exports.open_file(self.export, actor=self.actor, request=request)
        except Refused:
            return redirect("transfers:export-page", ref=self.programme.ref, export=self.export.public_id)
        name = file_name(self.programme.ref, self.export.file_format)
        return FileResponse(file, as_attachment=True, filename=name, content_type=KINDS[FileFormat(self.export.file_format)])
