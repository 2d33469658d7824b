"""Holds of providers and waves: what is held, how many people it stops, lifting."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from mobilisation.clock import today
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.models import Organisation
from mobilisation.roles import Can
from mobilisation.services import access_log
from transfers.forms.batches import GroupHoldForm
from transfers.forms.people import LiftForm
from transfers.models import Hold, PersonTransfer
from transfers.services import holds as services
from transfers.services import people
from transfers.views.lists import TeamPage

PAGE = 50
LIFTED = 20


class HoldList(TeamPage):
    """Whoever sees everybody reads it; holding is for the leads."""

    template_name = "transfers/holds/list.html"
    required_post = Can.HOLD

    @cached_property
    def parties(self) -> dict[str, Organisation]:
        """{public id: provider} of both sides of this programme."""
        found = Organisation.objects.visible_to(self.request.user).filter(party_to__contract__programmes=self.programme, party_to__role__in=["exiting", "incoming"]).distinct().order_by("name")
        return {one.public_id: one for one in found}

    def make(self, data: Any = None) -> GroupHoldForm:
        waves = PersonTransfer.objects.visible_to(self.request.user).filter(programme=self.programme).exclude(wave="").order_by("wave").values_list("wave", flat=True).distinct()
        return GroupHoldForm(data, providers=[(key, one.name) for key, one in self.parties.items()], waves=list(waves))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.make(request.POST)
        if form.is_valid():
            kind, _, key = form.cleaned_data["whom"].partition(":")
            chosen = {"provider": self.parties[key]} if kind == "provider" else {"wave": key}
            try:
                held = services.hold_group(self.programme, actor=self.actor, reason=form.cleaned_data["reason"], review_on=form.cleaned_data["review_on"], **chosen)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                stopped = services.stopped(self.programme, [held])[held.pk]
                messages.success(request, f"{held.whom[0].upper()}{held.whom[1:]} is on hold: {stopped} {'person is' if stopped == 1 else 'people are'} not made ready or moved until it is lifted.")
                return redirect("transfers:hold-list", ref=self.programme.ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = Hold.objects.visible_to(self.request.user).filter(programme=self.programme).select_related("provider", "person", "created_by")
        first = Case(When(scope="person", then=Value(1)), default=Value(0), output_field=IntegerField())
        page = Paginator(mine.filter(lifted_on__isnull=True).order_by(first, "review_on", "pk"), PAGE).get_page(self.request.GET.get("page"))
        held, lifted = list(page), list(mine.filter(lifted_on__isnull=False).select_related("updated_by").order_by("-lifted_on", "-pk")[:LIFTED])
        groups = [hold for hold in held if hold.scope != "person"]
        stopped = services.stopped(self.programme, groups)
        may_hold = self.actor.can(Can.HOLD)
        access_log.record(self.actor, "view", self.programme, "holds", ids=sorted({hold.person.public_id for hold in (*held, *lifted) if hold.person}), request=self.request)
        context = super().get_context_data(**kwargs)
        if may_hold:
            context.setdefault("form", self.make())
        return context | {
            "page_obj": page, "groups": [(hold, stopped[hold.pk], self._people_url(hold)) for hold in groups], "persons": [hold for hold in held if hold.scope == "person"], "lifted": lifted,
            "may_hold": may_hold, "as_of": today(),
        }

    def _people_url(self, hold: Hold) -> str:
        """The list of a wave or of whoever comes to a provider; who leaves one is no filter of the list."""
        base = reverse("transfers:person-list", args=[self.programme.ref])
        if hold.scope == "wave":
            return f"{base}?{urlencode({'wave': hold.wave})}"
        return f"{base}?provider={hold.provider.public_id}" if hold.provider and hold.provider_id in self._incoming else ""

    @cached_property
    def _incoming(self) -> set[int]:
        return set(Organisation.objects.visible_to(self.request.user).filter(party_to__contract__programmes=self.programme, party_to__role="incoming").values_list("pk", flat=True))


class HoldLift(TeamPage):
    required = required_post = Can.HOLD
    template_name = "transfers/holds/lift.html"

    @cached_property
    def hold(self) -> Hold:
        found = Hold.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["hold"], lifted_on__isnull=True).select_related("provider", "person").first()
        if found is None:
            raise Http404("outside scope")
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=LiftForm()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = LiftForm(request.POST)
        if form.is_valid():
            try:
                people.lift(self.hold, actor=self.actor, why=form.cleaned_data["why"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "The hold is lifted. Transfers go on.")
                return redirect("transfers:hold-list", ref=self.programme.ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        hold = self.hold
        stopped = 1 if hold.person else services.stopped(self.programme, [hold])[hold.pk]
        if hold.person:
            access_log.record(self.actor, "view", self.programme, "holds", ids=[hold.person.public_id], request=self.request)
        return super().get_context_data(**kwargs) | {"hold": hold, "stopped": stopped}
