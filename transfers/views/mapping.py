"""The map of zones with what is recommended, and the order of waves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import TemplateView

from mobilisation.choices import ProgrammeKind
from mobilisation.clock import today
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.roles import Can
from mobilisation.views.scope import ProgrammeView
from transfers.choices import BatchKind, MappingKind
from transfers.facts.zones import members_of_waves, said, zone_map
from transfers.forms.mapping import MappingForm
from transfers.models import MappingRecord, PersonTransfer
from transfers.rules import waves as rules
from transfers.rules.zones import Zone
from transfers.services import batches
from transfers.services import mapping as services
from transfers.views.lists import TeamPage

EARLIER = 10
STEPS = {MappingKind.RECOMMENDATION: "P13", MappingKind.PROTOCOL: "R06", MappingKind.TOOL: "R06", MappingKind.MATRIX: "R06"}


@dataclass(frozen=True)
class Shown:
    """A zone for this reader; ``few``: too few people to say more of them than how many."""

    zone: Zone
    few: bool


class ZoneMap(ProgrammeView, TemplateView):
    """Counts only, so nobody is named and nothing is logged. Who does not see people gets no MSOA, and of a zone of a few people
    no more than their number (domain 8)."""

    required = Can.BOARD_VIEW
    template_name = "transfers/zones.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        whole = self.actor.sees_all_people
        people = PersonTransfer.objects.visible_to(self.request.user, team_of=self.programme) if whole else PersonTransfer.objects.filter(programme=self.programme)  # scope: counts by zone alone, few people are told no further
        found = zone_map(self.programme, people)
        held: dict[str, list[MappingRecord]] = {kind: [] for kind in MappingKind.values}
        for record in MappingRecord.objects.visible_to(self.request.user).filter(programme=self.programme):
            held[record.kind].append(record)
        tools = [(kind, label, held[kind][0] if held[kind] else None, services.may_record(kind, self.actor)) for kind, label in MappingKind.choices if kind != MappingKind.RECOMMENDATION]
        notes = held[MappingKind.RECOMMENDATION]
        return super().get_context_data(**kwargs) | {
            "map": found, "zones": [Shown(zone, not whole and zone.people <= settings.SMALL_NUMBER_LIMIT) for zone in found.zones], "whole": whole, "tools": tools, "note": notes[0] if notes else None, "earlier": notes[1 : EARLIER + 1],
            "may_keep": any(may for *_, may in tools), "may_recommend": services.may_record(MappingKind.RECOMMENDATION, self.actor), "tracker": reverse("transfers:person-list", args=[self.programme.ref]) if whole else "", "may_allocate": whole and self.actor.can(Can.PEOPLE_EDIT),
        }


class MappingEntry(ProgrammeView, TemplateView):
    """``/people/zones/<kind>/``: what is recommended, or what was brought up to date."""

    required = Can.BOARD_VIEW
    template_name = "transfers/person_form.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not services.may_record(self.kwargs["kind"], self.actor):
            raise Http404("outside scope")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(MappingForm(kind=self.kwargs["kind"]))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = MappingForm(request.POST, kind=self.kwargs["kind"])
        if form.is_valid():
            try:
                services.record(self.programme, self.kwargs["kind"], form.cleaned_data["on"], form.cleaned_data["text"], actor=self.actor)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Kept, with your name and the day.")
                return redirect("transfers:zones", ref=self.programme.ref)
        return self._page(form, status=422)

    def _page(self, form: MappingForm, status: int = 200) -> HttpResponse:
        kind = MappingKind(self.kwargs["kind"])
        title = "Recommend incoming providers" if kind == MappingKind.RECOMMENDATION else f"{kind.label}: brought up to date"
        text = f"{f'Step {STEPS[kind]}. ' if self.programme.kind == ProgrammeKind.PROVIDER_EXIT else ''}What was said before stays to be read."
        return self.render_to_response(self.get_context_data(form=form, title=title, text=text, back=reverse("transfers:zones", args=[self.programme.ref])), status=status)


class Waves(TeamPage):
    """Which wave holds whom, in numbers: nobody is named and nothing is logged. POST shows who would get which wave, as a change to many."""

    template_name = "transfers/waves.html"

    def _found(self) -> tuple[list[rules.Wave], rules.Suggestion, list[rules.Member]]:
        """The waves, what is suggested, and those it is suggested for: still to move and in no wave."""
        people = members_of_waves(PersonTransfer.objects.visible_to(self.request.user, team_of=self.programme if self.actor.sees_all_people else None).filter(programme=self.programme))
        confirmed = [(row.hours, row.since) for row in said(self.programme)[0] if row.confirmed]
        waves = rules.waves(people, confirmed)
        return waves, rules.suggest(people, waves, sum((hours for hours, _ in confirmed), start=rules.NOTHING), today()), [one for one in people if not one.moved and not one.wave]

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        _, found, _ = self._found()
        wishes = [batches.Wish(pk, "wave", wave) for pk, wave in found.lines[: batches.MOST_PEOPLE]]
        try:
            batch = batches.propose(self.programme, BatchKind.CHANGE, "Wave, by priority", wishes, actor=self.actor, picked=f"suggested for {len(wishes)} without a wave: Red first, within confirmed hours")
        except Refused as refusal:
            messages.warning(request, " ".join(reason.text for reason in refusal.reasons) if wishes else "There is nothing to suggest any more: the list has changed.")
            return redirect("transfers:waves", ref=self.programme.ref)
        return redirect("transfers:batch-detail", ref=self.programme.ref, batch=batch.public_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waves, found, without = self._found()
        priority = {one.key: one.priority for one in without}
        counted: dict[str, dict[str, int]] = {}
        for pk, wave in found.lines:
            of = counted.setdefault(wave, {"R": 0, "A": 0, "G": 0})
            of[priority[pk]] += 1
        tracker = reverse("transfers:person-list", args=[self.programme.ref])
        return super().get_context_data(**kwargs) | {
            "waves": waves, "clashes": [(clash, f"{tracker}?{urlencode({'wave': clash.wave, 'priority': 'R', 'show': 'going'})}") for clash in rules.clashes(waves)], "without": len(without), "suggested": sorted(counted.items(), key=lambda pair: rules.natural(pair[0])), "many": len(found.lines), "nobody": sorted(found.nobody.items()),
            "may_edit": self.actor.can(Can.PEOPLE_EDIT), "tracker": tracker,
        }
