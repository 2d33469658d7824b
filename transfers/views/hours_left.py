"""What a leaving provider still has to give, and whether it has the staff for it: when dates have to change (the protocol's 5.5)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from mobilisation.clock import today
from transfers.facts.hours_left import hours_left, same_worker
from transfers.models import PersonTransfer
from transfers.views.lists import TeamPage


class HoursLeft(TeamPage):
    """Numbers only, so nobody is named and nothing is logged."""

    template_name = "transfers/hours_left.html"
    http_method_names = ("get", "head", "options")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = PersonTransfer.objects.visible_to(self.request.user, team_of=self.programme if self.actor.sees_all_people else None).filter(programme=self.programme)
        return super().get_context_data(**kwargs) | {
            "providers": hours_left(self.programme, people, today()), "same": same_worker(people), "as_of": today(), "people": reverse("transfers:person-list", args=[self.programme.ref]), "staff": reverse("transfers:staff-list", args=[self.programme.ref]),
        }
