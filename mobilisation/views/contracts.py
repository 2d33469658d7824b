"""Contracts of the programmes one is in: parties, dates, conditions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.components import SummaryRow, short_date
from mobilisation.errors import Refused
from mobilisation.forms.office import ContractForm, PartyForm
from mobilisation.forms.versioned import show_refusal
from mobilisation.history import events
from mobilisation.models import Change, ConditionPrecedent, Contract, ContractParty, Programme, RoleAssignment
from mobilisation.roles import Can, codes_with
from mobilisation.services import organisations

PAGE = 50


class _OfContracts(LoginRequiredMixin, TemplateView):
    """Whoever reads board papers in a programme reads its contracts; 404 for everybody else."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and not self.where(Can.BOARD_VIEW).exists():
            raise Http404("outside scope")
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[assignment]
        return response

    def where(self, can: Can) -> Any:
        """Programmes in which the person holds a role with ``can``."""
        held = RoleAssignment.objects.active().filter(user=self.request.user, role__in=codes_with(can))
        return Programme.objects.visible_to(self.request.user).filter(pk__in=held.values("programme_id"))

    def contracts(self) -> Any:
        return Contract.objects.visible_to(self.request.user).filter(programmes__in=self.where(Can.BOARD_VIEW)).distinct()


class ContractList(_OfContracts):
    template_name = "mobilisation/contract_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = self.contracts().annotate(number_of_parties=Count("parties", distinct=True)).order_by("reference").prefetch_related("programmes")
        return super().get_context_data(**kwargs) | {"page_obj": Paginator(rows, PAGE).get_page(self.request.GET.get("page")), "as_of": today()}


class _OneContract(_OfContracts):
    @cached_property
    def contract(self) -> Contract:
        found = self.contracts().filter(public_id=self.kwargs["public_id"]).first()
        if found is None:
            raise Http404("outside scope")
        return found  # type: ignore[no-any-return]

    @cached_property
    def managed(self) -> Programme | None:
        """A programme of this contract that the person manages: it lends the right to change the contract."""
        found: Programme | None = self.where(Can.PROGRAMME_MANAGE).filter(contracts=self.contract).first()
        return found

    def actor(self) -> Actor:
        if self.managed is None:
            raise Http404("outside scope")
        return Actor.of(self.request.user, self.managed)


class ContractDetail(_OneContract):
    template_name = "mobilisation/contract_detail.html"

    def post(self, request: HttpRequest, public_id: str) -> HttpResponse:
        form, actor = PartyForm(request.POST), self.actor()
        if form.is_valid():
            try:
                organisations.add_party(self.contract, form.cleaned_data["organisation"], form.cleaned_data["role"], actor=actor, programme=self.managed)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Added.")
                return redirect("mobilisation:contract-detail", public_id=public_id)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user, contract = self.request.user, self.contract
        dates = ("award_date", "signed_date", "effective_date", "expected_scd", "actual_scd", "longstop_date", "expiry_date")
        rows = [
            SummaryRow("Status", contract.get_status_display()), SummaryRow("Service", contract.get_service_type_display()), SummaryRow("Form", contract.get_form_display()),
            SummaryRow("Annual value", f"£{contract.annual_value:,.2f}" if contract.annual_value is not None else ""),
            *(SummaryRow(str(Contract._meta.get_field(name).verbose_name).capitalize(), short_date(value) if (value := getattr(contract, name)) else "") for name in dates),
            SummaryRow("Extension", f"{contract.extension_months} month{'' if contract.extension_months == 1 else 's'}" if contract.extension_months else ""),
            SummaryRow("Notice period", f"{contract.notice_period_days} day{'' if contract.notice_period_days == 1 else 's'}" if contract.notice_period_days else ""),
        ]
        context.setdefault("form", PartyForm())
        return context | {
            "contract": contract, "rows": rows, "may_edit": self.managed is not None, "as_of": today(),
            "parties": ContractParty.objects.visible_to(user).filter(contract=contract).select_related("organisation").distinct(),
            "conditions": ConditionPrecedent.objects.visible_to(user).filter(contract=contract).select_related("programme", "owner"),
            "programmes": self.where(Can.BOARD_VIEW).filter(contracts=contract),
            "events": events(Change.objects.filter(entity="mobilisation.contract", object_id=contract.pk)[:50]),  # scope: the contract itself was reached through its own scope
        }


class ContractEdit(_OneContract):
    template_name = "mobilisation/contract_edit.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.actor()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, public_id: str) -> HttpResponse:
        actor, form = self.actor(), ContractForm(request.POST, instance=self.contract)
        if form.is_valid():
            try:
                organisations.update_contract(self.contract, form.values, actor=actor, expected_version=form.cleaned_data["version"], programme=self.managed)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Saved.")
                return redirect("mobilisation:contract-detail", public_id=public_id)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("form", ContractForm(instance=self.contract))
        return context | {"contract": self.contract}


class PartyRemove(_OneContract):
    template_name = "mobilisation/party_remove.html"

    @cached_property
    def party(self) -> ContractParty:
        self.actor()
        found = ContractParty.objects.visible_to(self.request.user).filter(contract=self.contract, public_id=self.kwargs["party"]).select_related("organisation", "contract").first()
        if found is None:
            raise Http404("outside scope")
        return found

    def post(self, request: HttpRequest, public_id: str, party: str) -> HttpResponse:
        gone = str(self.party)
        try:
            organisations.remove_party(self.party, actor=self.actor(), why=request.POST.get("reason", ""), programme=self.managed)
        except Refused as refusal:
            for reason in refusal.reasons:
                messages.error(request, reason.text)
            return self.render_to_response(self.get_context_data(), status=422)
        messages.success(request, f"{gone} is no longer a party.")
        return redirect("mobilisation:contract-detail", public_id=public_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"contract": self.contract, "party": self.party, "typed": self.request.POST.get("reason", "")}
