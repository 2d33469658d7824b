"""Oversight of communications and transfers by the two leads: what stands open, and their word each week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from mobilisation.clock import today
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from transfers.choices import AssuranceRole
from transfers.facts.assurance import Figure, overview
from transfers.forms.assurance import AssuranceForm
from transfers.models import Assurance, PersonTransfer
from transfers.rules import assurance as rules
from transfers.services import assurance as services
from transfers.views.lists import TeamPage

WEEKS = 26


@dataclass(frozen=True)
class Week:
    """``given``: of each lead in order, the assurance or None; ``now``: it can still be given."""

    ending: date
    given: list[Assurance | None]
    now: bool


class AssurancePage(TeamPage):
    """Counts only, so nobody is named and nothing is logged; each number opens its rows."""

    template_name = "transfers/assurance.html"

    def open_roles(self, given: list[Assurance]) -> list[tuple[str, str]]:
        """The roles in which this reader may still speak for the week of today."""
        done = {one.role for one in given if one.week_ending == rules.week_of(today())}
        return [(role, str(AssuranceRole(role).label)) for role in services.roles_of(self.actor) if role not in done]

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        roles = [(role, str(AssuranceRole(role).label)) for role in services.roles_of(self.actor)]
        form = AssuranceForm(request.POST, roles=roles or [("", "")])
        if form.is_valid():
            try:
                made = services.give(self.programme, form.cleaned_data["role"], form.cleaned_data["sound"] == "yes", form.cleaned_data["note"], actor=self.actor)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"Kept for the week ending {made.week_ending.day} {made.week_ending:%B %Y}.")
                return redirect("transfers:assurance", ref=self.programme.ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        as_of, user = today(), self.request.user
        people = PersonTransfer.objects.visible_to(user, team_of=self.programme if self.actor.sees_all_people else None).filter(programme=self.programme)
        given = list(Assurance.objects.visible_to(user).filter(programme=self.programme))
        held = {(one.week_ending, one.role): one for one in given}
        first = min([self.programme.decision_date or as_of, *(one.week_ending for one in given)])
        this = rules.week_of(as_of)
        seen = overview(self.programme, people, as_of)
        roles = self.open_roles(given)
        context |= {
            "as_of": as_of, "this_week": this, "roles": AssuranceRole.choices, "people": reverse("transfers:person-list", args=[self.programme.ref]),
            "sections": [("Communications", self._linked(seen.communications)), ("Transfers", self._linked(seen.transfers))],
            "weeks": [Week(week, [held.get((week, role)) for role in AssuranceRole.values], week == this) for week in rules.weeks(first, as_of, WEEKS)],
        }
        if roles:
            context.setdefault("form", AssuranceForm(roles=roles))
        return context

    def _linked(self, figures: tuple[Figure, ...]) -> list[tuple[Figure, str]]:
        return [(figure, reverse(figure.where[0], args=[self.programme.ref]) + (f"?{figure.where[1]}" if figure.where[1] else "")) for figure in figures]
