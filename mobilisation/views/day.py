"""My day: what waits for the person who is signed in, across their programmes."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import TemplateView

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.services import access_log, day


class MyDay(LoginRequiredMixin, TemplateView):
    template_name = "mobilisation/my_day.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, as_of = self.request.user, today()
        parts = day.parts_for(user, as_of)
        people = sorted({item.reference for part in parts for item in part.items if item.person})
        if people:
            access_log.record(Actor.of(user, None), "view", None, "my day", ids=people, request=self.request)
        late = sum(item.due is not None and item.due < as_of for part in parts for item in part.items)
        return super().get_context_data(**kwargs) | {"parts": parts, "as_of": as_of, "late": late, "several": len({item.programme for part in parts for item in part.items}) > 1}
