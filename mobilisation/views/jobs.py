"""Background work as its owner sees it: where it stands, how to stop it, what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.views.generic import ListView, TemplateView

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.models import Job
from mobilisation.services import jobs


class JobList(LoginRequiredMixin, ListView):
    template_name = "mobilisation/job_list.html"
    paginate_by = 50

    def get_queryset(self):  # type: ignore[no-untyped-def]
        return Job.objects.visible_to(self.request.user).select_related("programme")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        context = super().get_context_data(**kwargs)
        context["titles"] = {kind: entry.title for kind, entry in registry.job_kinds().items()}
        context["rows"] = [(job, context["titles"].get(job.kind, job.kind)) for job in map(jobs.as_it_stands, context["object_list"])]
        return context


class JobPage(LoginRequiredMixin, TemplateView):
    template_name = "mobilisation/job_detail.html"
    stops_work = True

    @cached_property
    def job(self) -> Job:
        found = Job.objects.visible_to(self.request.user).filter(public_id=self.kwargs["public_id"]).select_related("programme").first()
        if found is None:
            raise Http404("outside scope")
        return jobs.as_it_stands(found)

    def get_template_names(self) -> list[str]:
        return ["mobilisation/_job.html"] if getattr(self.request, "htmx", False) else [self.template_name]

    def post(self, request: HttpRequest, public_id: str) -> HttpResponse:
        if jobs.cancel(self.job, actor=Actor.of(request.user, self.job.programme)):
            messages.success(request, "The work is asked to stop.")
        else:
            messages.info(request, "There was nothing left to stop.")
        return redirect("mobilisation:job-detail", public_id=public_id)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        answer = super().render_to_response(context, **kwargs)
        if self.job.finished and getattr(self.request, "htmx", False):
            # The page around the panel shows what came of it.
            answer["HX-Trigger"] = "job-finished"
        return answer

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        title = registry.job_kinds().get(self.job.kind)
        return super().get_context_data(**kwargs) | {"job": self.job, "ahead": jobs.ahead_of(self.job), "title": title.title if title else self.job.kind}
