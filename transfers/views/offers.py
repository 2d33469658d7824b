"""People offered to an incoming provider: package, zone and needs, without a name, until the record opens (domain 8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.views.generic import TemplateView

from mobilisation.clock import today
from mobilisation.roles import Can
from mobilisation.services import access_log
from mobilisation.views.scope import ProgrammeView
from transfers.models import Allocation, PersonTransfer
from transfers.services.rights import is_provider
from transfers.views.summaries import flags, package

PAGE = 50


@dataclass(frozen=True)
class Offer:
    """``reference`` is what a provider names when it answers; the search of the tracker finds it."""

    reference: str
    provider: str
    priority: str
    zone: str
    package: str
    needs: str
    medication: str
    equipment: str
    planned: date | None
    wave: str
    offered_on: date | None
    answered: bool


def offer(person: PersonTransfer, offered_on: date | None) -> Offer:
    return Offer(
        person.public_id, str(person.incoming_provider or ""), person.priority, person.zone, package(person), flags(person), person.get_medication_level_display(), person.equipment,
        person.planned_transfer_date, person.wave, offered_on, person.allocation_response != "offered",
    )


class OfferList(ProgrammeView, TemplateView):
    """For the team and the providers asked; an exiting provider has nothing to do with offers."""

    required = Can.PEOPLE_VIEW
    template_name = "transfers/offer_list.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and is_provider(self.actor) and not self.actor.has_role("IP"):
            raise Http404("outside scope")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        people = PersonTransfer.objects.offers_visible_to(self.request.user).filter(programme=self.programme).select_related("incoming_provider")
        page = Paginator(people.order_by("planned_transfer_date", "id"), PAGE).get_page(self.request.GET.get("page"))
        found = list(page)
        offered = Allocation.objects.filter(person__in=found, current=True)  # scope: of the offers above
        days = dict(offered.values_list("person_id", "proposed_on"))
        access_log.record(self.actor, "view", self.programme, "offers", ids=[person.public_id for person in found], request=self.request)
        team = not is_provider(self.actor)
        return context | {"page_obj": page, "offers": [offer(person, days.get(person.pk)) for person in found], "team": team, "as_of": today()}
