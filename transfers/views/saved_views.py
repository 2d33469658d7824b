"""Saved views: the list, one of them, and taking it away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.roles import Can
from mobilisation.views.scope import ProgrammeView
from transfers.forms.people import ConfirmForm
from transfers.forms.saved_views import SaveView, ViewForm
from transfers.models import SavedView
from transfers.services import saved_views as services
from transfers.views.people.listing import address_of


class ViewList(ProgrammeView, TemplateView):
    """``/people/views/``: own and shared views; POST keeps what the list shows."""

    required = Can.PEOPLE_VIEW
    template_name = "transfers/view_list.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = SaveView(request.POST)
        if form.is_valid():
            try:
                made = services.save(self.programme, form.cleaned_data["name"], dict(QueryDict(form.cleaned_data["address"]).lists()), actor=self.actor)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"View “{made.name}” is saved.")
                return redirect(f"{request.path.removesuffix('views/')}?{address_of(made)}")
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**{"form": None} | kwargs)
        views = SavedView.objects.visible_to(self.request.user).filter(programme=self.programme).select_related("owner", "locked_by")
        return context | {"views": [(view, address_of(view), services.may_change(view, self.actor)) for view in views]}


class ViewEdit(ProgrammeView, TemplateView):
    """``/people/views/<id>/``: name, sharing, lock, first view of a role."""

    required = Can.PEOPLE_VIEW
    template_name = "transfers/view_form.html"
    title = "Change the view"
    text = ""

    @cached_property
    def view(self) -> SavedView:
        found = SavedView.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["record"]).select_related("locked_by").first()
        if found is None or not services.may_change(found, self.actor):
            raise Http404("outside scope")
        found.programme = self.programme
        return found

    def make(self, data: Any = None) -> Any:
        return ViewForm(data, instance=self.view, leads=services.may_lead(self.actor))

    def do(self, form: Any) -> str:
        services.change(self.view, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])
        return "The view is saved."

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(self.make())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.make(request.POST)
        if form.is_valid():
            try:
                said = self.do(form)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, said)
                return redirect("transfers:view-list", ref=self.programme.ref)
        return self._page(form, 422)

    def _page(self, form: Any, status: int = 200) -> HttpResponse:
        return self.render_to_response(ProgrammeView.get_context_data(self, form=form) | {"view": self.view, "title": self.title, "text": self.text}, status=status)


class ViewRemove(ViewEdit):
    title = "Remove the view"
    text = "It leaves the list of everybody who sees it. History keeps what it was."

    def make(self, data: Any = None) -> Any:
        self.view  # noqa: B018  outside scope is 404
        form = ConfirmForm(data)
        del form.fields["note"]
        return form

    def do(self, form: Any) -> str:
        services.remove(self.view, actor=self.actor)
        return "The view is removed."
