"""Incoming providers with their two checks before people come to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Min, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from mobilisation.clock import today
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.models import Organisation
from mobilisation.roles import Can
from transfers.forms.washup import ProviderCheckForm
from transfers.models import PersonTransfer, ProviderCheck
from transfers.rules import safety
from transfers.services import provider_checks as services
from transfers.views.lists import TeamPage


class _Providers(TeamPage):
    @property
    def providers(self) -> Any:
        return Organisation.objects.visible_to(self.request.user).filter(party_to__contract__programmes=self.programme, party_to__role="incoming").distinct().order_by("name")


class ProviderChecks(_Providers):
    template_name = "transfers/provider_checks.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, as_of = self.request.user, today()
        checks = {check.provider_id: check for check in ProviderCheck.objects.visible_to(user).filter(programme=self.programme)}
        people = PersonTransfer.objects.visible_to(user).filter(programme=self.programme).going()
        coming = {
            row["incoming_provider"]: row
            for row in people.values("incoming_provider").annotate(n=Count("pk"), week=Count("pk", filter=Q(planned_transfer_date__range=(as_of, as_of + timedelta(days=7)))), first=Min("planned_transfer_date")).order_by()
        }
        rows = []
        for provider in self.providers:
            check, numbers = checks.get(provider.pk), coming.get(provider.pk, {"n": 0, "week": 0, "first": None})
            rows.append((provider, check, safety.provider_gaps(check.visits_received_on if check else None, check.on_call_works if check else None), numbers))
        return super().get_context_data(**kwargs) | {"rows": rows, "may_edit": self.actor.can(Can.PEOPLE_EDIT), "as_of": as_of, "payment_first": bool(self.programme.threshold("payment_set_up_first"))}


class ProviderCheckEdit(_Providers):
    required = Can.PEOPLE_EDIT
    template_name = "transfers/person_form.html"

    @cached_property
    def provider(self) -> Organisation:
        found = self.providers.filter(public_id=self.kwargs["public_id"]).first()
        if found is None:
            raise Http404("outside scope")
        return found  # type: ignore[no-any-return]

    def _form(self, data: Any = None) -> ProviderCheckForm:
        held = ProviderCheck.objects.visible_to(self.request.user).filter(programme=self.programme, provider=self.provider).first()
        return ProviderCheckForm(data, instance=held) if held else ProviderCheckForm(data)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(self._form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self._form(request.POST)
        if form.is_valid():
            try:
                services.record(self.programme, self.provider, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Saved.")
                return redirect("transfers:provider-checks", ref=self.programme.ref)
        return self._page(form, status=422)

    def _page(self, form: ProviderCheckForm, status: int = 200) -> HttpResponse:
        text = "Before the first people come: has the provider sent its list of visits of the first week, and does somebody answer its on-call number? Call it yourself."
        back = reverse("transfers:provider-checks", args=[self.programme.ref])
        return self.render_to_response(self.get_context_data(form=form, title=f"Check of {self.provider}", text=text, back=back), status=status)
