"""What all pages of an import share: the kind, its permission, the upload and where in the way the reader is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation import registry
from mobilisation.models import ImportRun
from mobilisation.registry import ImporterKind
from mobilisation.roles import Can
from mobilisation.services import access_log, imports
from mobilisation.views.scope import ProgrammeView

SHOWN = {"created": "New", "updated": "Changed", "unchanged": "Unchanged", "refused": "Refused", "skipped": "Left out"}
STEPS = (("start", "Upload"), ("sheet", "Sheet and headings"), ("columns", "Columns"), ("preview", "Preview"), ("run", "Result"))

class ImportView(ProgrammeView, TemplateView):
    """Shared by all steps: the kind and its permission decide whether the page exists at all."""

    step = "start"

    @cached_property
    def importer_kind(self) -> ImporterKind:
        found = registry.importers().get(self.kwargs["kind"])
        if found is None:
            raise Http404("no such import")
        return found

    @property
    def required(self) -> Can:  # type: ignore[override]
        return self.importer_kind.can

    @cached_property
    def record(self) -> ImportRun:
        found = ImportRun.objects.visible_to(self.request.user).filter(programme=self.programme, kind=self.importer_kind.kind, public_id=self.kwargs["run"]).select_related("job", "programme", "requested_by").first()
        if found is None:
            raise Http404("outside scope")
        imports.reopen(found)
        return found

    def url(self, step: str) -> str:
        parts = {"ref": self.programme.ref, "kind": self.importer_kind.kind}
        return reverse("mobilisation:import-start", kwargs=parts) if step == "start" else reverse(f"mobilisation:import-{step}", kwargs={**parts, "run": self.record.public_id})

    def steps(self) -> list[dict[str, Any]]:
        names = [name for name, _ in STEPS]
        at = names.index(self.step)
        begun = "run" in self.kwargs
        return [
            {"title": title, "current": name == self.step, "done": number < at, "url": self.url(name) if begun and number < at and self.step != "run" and name != "start" else ""}
            for number, (name, title) in enumerate(STEPS)
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(kind=self.importer_kind, steps=self.steps(), record=self.record if "run" in self.kwargs else None, **kwargs)

    def ask(self, seen: imports.Look) -> str:
        """Says what is still to be chosen; the step that asks for it."""
        if seen.choice is None:
            return "sheet"
        messages.warning(self.request, seen.choice.on_page)
        return "columns" if seen.choice.flag == "--map" else "sheet"

    def show(self, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(**context))

    def log(self, count: int) -> None:
        """The rows of people and staff are personal data, also before they are written."""
        access_log.record(self.actor, "view", self.programme, f"import of {self.importer_kind.title.lower()}", ids=[self.record.public_id], count=count, request=self.request)
