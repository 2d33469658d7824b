"""Every page inside a programme starts here: scope first, then permission, both answering 404."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.views import View

from mobilisation.access import Actor
from mobilisation.context import menu_of
from mobilisation.models import Programme
from mobilisation.roles import Can


class ProgrammeView(LoginRequiredMixin, View):
    """Mixin. ``required`` holds the permission of the page; ``required_post`` that of a change, when it differs."""

    required: ClassVar[Can]
    required_post: ClassVar[Can | None] = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            needed = self.required_post if request.method == "POST" and self.required_post else self.required
            if not self.actor.can(needed):
                raise Http404("outside scope")
            request.acting = (self.programme, self.actor)  # type: ignore[attr-defined]  # for the veil, which would have to ask again
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    @cached_property
    def programme(self) -> Programme:
        found = Programme.objects.visible_to(self.request.user).filter(reference=str(self.kwargs["ref"]).upper()).first()
        if found is None:
            raise Http404("outside scope")
        return found

    @cached_property
    def actor(self) -> Actor:
        return Actor.of(self.request.user, self.programme)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) if hasattr(super(), "get_context_data") else kwargs  # type: ignore[misc]
        context.update(programme=self.programme, actor=self.actor, menu=menu_of(self.programme, self.actor, self.request.path), no_dashboard=not self.actor.can(Can.DASHBOARD))
        return context  # type: ignore[no-any-return]
