"""What the pages of one record share, of a person or of a whole programme: found within scope, one form that ends in one service."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.roles import Can
from mobilisation.views.scope import ProgrammeView
from transfers.services.rights import is_provider
from transfers.views.people import PersonForms


class RecordPage(PersonForms):
    """One record of ``model`` of this person (``record`` in the address), or a new one where the address has none."""

    model: ClassVar[type[models.Model]]
    form_class: ClassVar[Any]
    path = "person"
    """From the record to its person."""

    def allowed(self) -> bool:
        """Whether this page is for the actor's role; the service asks again."""
        return not is_provider(self.actor)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and not self.allowed():
            raise Http404("outside scope")
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def record(self) -> Any:
        found = self.model._default_manager.visible_to(self.request.user).filter(**{self.path: self.person}, public_id=self.kwargs["record"]).first()  # type: ignore[attr-defined]
        if found is None:
            raise Http404("outside scope")
        return found

    def make(self, data: Any = None) -> Any:
        return self.form_class(data, instance=self.record) if "record" in self.kwargs else self.form_class(data)


class ProgrammeRecordPage(ProgrammeView, TemplateView):
    """One record of ``model`` of the programme for its team (``record`` in the address), or a new one where the address has none."""

    required = Can.PEOPLE_EDIT
    template_name = "transfers/person_form.html"
    model: ClassVar[type[models.Model]]
    form_class: ClassVar[Any]
    titles: ClassVar[tuple[str, str]]
    """Of a new one, and of one that is changed."""
    back: ClassVar[str]
    """The name of the list it stands in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and is_provider(self.actor):
            raise Http404("outside scope")
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def record(self) -> Any:
        """The one of the address; None for a new one."""
        if "record" not in self.kwargs:
            return None
        found = self.model._default_manager.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["record"]).first()  # type: ignore[attr-defined]
        if found is None:
            raise Http404("outside scope")
        return found

    def make(self, data: Any = None) -> Any:
        return self.form_class(data, instance=self.record)

    def do(self, form: Any) -> str:
        """Write it through its service; returns what is said."""
        raise NotImplementedError

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
                return redirect(self.back, ref=self.programme.ref)
        return self._page(form, status=422)

    def _page(self, form: Any, status: int = 200) -> HttpResponse:
        title = self.titles[self.record is not None]
        return self.render_to_response(self.get_context_data(form=form, title=title, text="", back=reverse(self.back, args=[self.programme.ref])), status=status)


def saved(change: object) -> str:
    return "Saved." if change else "Nothing was different, so nothing was saved."
