"""An import that is under way or done: its job, the kept result, and taking it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from mobilisation.choices import ImportState, JobState
from mobilisation.components import Counter
from mobilisation.errors import Refused
from mobilisation.forms.imports import UndoForm
from mobilisation.forms.versioned import show_refusal
from mobilisation.models import ImportRun
from mobilisation.services import import_undo, imports, jobs
from mobilisation.views.imports.common import SHOWN, ImportView
from mobilisation.workbooks.plan import LISTED, together


class Run(ImportView):
    """While choices are open it leads to the step that asks; afterwards it is the job and the kept result."""

    step = "run"
    stops_work = True
    template_name = "mobilisation/import/result.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record = self.record
        if record.job is not None:
            record.job = jobs.as_it_stands(record.job)
        if request.headers.get("HX-Request") and record.job is not None and record.job.finished and record.state in imports.OPEN:
            # The next page compares the file again. Were it fetched at once, this one would go on asking and fetch it again and again.
            return self.show(again=request.path)
        if request.headers.get("HX-Request") and (record.job is None or record.job.finished):
            # The progress bar asked; what comes now is another page, so the browser fetches it whole.
            return HttpResponse(headers={"HX-Refresh": "true"})
        if record.state in imports.OPEN and not (record.job and not record.job.finished):
            if record.state == ImportState.FAILED and record.reason:
                messages.error(request, record.reason)
            elif record.job is not None and record.job.state == JobState.CANCELLED:
                messages.info(request, record.job.reason)
            return redirect(self.url(self._next()))
        summary = record.summary or {}
        if summary:
            self.log(summary.get("rows", 0))
        return self.show(
            summary=summary, problems=together(summary.get("errors", ())), notes=together(summary.get("warnings", ())), counters=[Counter(SHOWN[key], summary[key], tone="red" if key == "refused" else "") for key in SHOWN if key in summary],
            undone=_undone(record), may_undo=import_undo.refusal(record, self.actor) is None, undo_url=self.url("undo"), ahead=jobs.ahead_of(record.job) if record.job else 0, waiting=record.state in {ImportState.QUEUED, ImportState.RUNNING}, here=request.path, more=len(summary.get("errors", ())) >= LISTED,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "cancel" in request.POST and self.record.job:
            jobs.cancel(self.record.job, actor=self.actor, allowed=self.importer_kind.can)
            self.record.job.refresh_from_db()
            imports.reopen(self.record)
        return redirect(self.url("run"))

    def _next(self) -> str:
        try:
            seen = imports.look(self.record, self.actor)
        except Refused as refusal:
            messages.error(self.request, str(refusal))
            return "sheet" if self.record.stored_name else "start"
        return self.ask(seen) if seen.choice else "preview"


class Undo(ImportView):
    """What would go back and what would stay, then the undo, once."""

    step = "run"
    template_name = "mobilisation/import/undo.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and self.actor.can(self.required) and (why_not := import_undo.refusal(self.record, self.actor)):
            messages.info(request, str(why_not))
            return redirect(self.url("run"))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(form=UndoForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = UndoForm(request.POST)
        if form.is_valid():
            try:
                import_undo.undo(self.record, actor=self.actor, reason=form.cleaned_data["reason"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "The import is undone.")
                return redirect(self.url("run"))
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        undoer = import_undo.undoer_for(self.record, self.actor)
        if undoer is None:
            raise Http404("cannot be undone")
        found = undoer.prospect()
        self.log(found.records + found.listed)
        noun = imports.importer_for(self.importer_kind.kind, self.programme, self.actor).noun
        return super().get_context_data(**kwargs) | {"found": found, "left": found.left[: import_undo.NAMED], "leaves": undoer.leaves, "noun": noun, "back": self.url("run")}


def _undone(record: ImportRun) -> dict[str, Any] | None:
    """What the result says of the undo, its moment as one."""
    found = import_undo.undone(record)
    return {**found, "at": datetime.fromisoformat(found["at"])} if found else None
