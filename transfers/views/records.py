"""What the pages of a person's records share: found within scope, logged, one form that ends in one service."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property

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


def saved(change: object) -> str:
    return "Saved." if change else "Nothing was different, so nothing was saved."
