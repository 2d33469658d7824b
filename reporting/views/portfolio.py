"""The programmes I can see."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import TemplateView

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.models import Programme
from mobilisation.roles import Can
from reporting.portfolio import editions_of, positions_summary


class Portfolio(LoginRequiredMixin, TemplateView):
    template_name = "reporting/portfolio.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user, as_of = self.request.user, today()
        editions, may_create, self.request.sees_everybody = editions_of(user)  # type: ignore[attr-defined]  # the last for the veil
        programmes = [p for p in Programme.objects.visible_to(user).select_related("lead_organisation") if p.pk in editions]
        cards = positions_summary(programmes, as_of, editions=editions, limit=settings.SMALL_NUMBER_LIMIT)
        open_cards = [card for card in cards if card.programme.status not in ("closed", "archived", "cancelled")]
        context.update(
            cards=open_cards, ended=[card for card in cards if card not in open_cards], as_of=as_of,
            red=sum(card.colour == "R" for card in open_cards), amber=sum(card.colour == "A" for card in open_cards), unreported=sum(not card.reported for card in open_cards),
            may_create=may_create,
        )
        if not cards:
            actor = Actor.of(user, None)
            context.update(may_audit=actor.can(Can.AUDIT_VIEW), may_administer=actor.can(Can.SITE_ADMIN))
        return context

