"""Who is in a programme, in which role, for whom; and which mandatory role is vacant."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import TemplateView

from mobilisation.clock import today
from mobilisation.errors import Refused
from mobilisation.forms.ground import ProgrammeForm, RoleForm, StatusForm
from mobilisation.forms.versioned import show_refusal
from mobilisation.models import Organisation, RoleAssignment, User
from mobilisation.roles import ROLES, Can
from mobilisation.services import accounts, programmes
from mobilisation.views.scope import ProgrammeView


class PeopleAndRoles(ProgrammeView, TemplateView):
    required = Can.ROLES_MANAGE
    template_name = "mobilisation/roles.html"

    def _form(self, data: Any = None) -> RoleForm:
        organisations = Organisation.objects.visible_to(self.request.user).filter(party_to__contract__programmes=self.programme).distinct()
        return RoleForm(data, organisations=organisations)

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        form = self._form(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                with transaction.atomic():
                    user = User.objects.filter(email__iexact=data["email"]).first()  # scope: an address typed by a lead, answered alike whether it is known or not
                    if user is None:
                        user = accounts.open_account(data["email"], actor=self.actor, name=data["name"])
                    accounts.assign(
                        user, data["role"], actor=self.actor, programme=self.programme, organisation=data["organisation"], starts_on=data["starts_on"], ends_on=data["ends_on"],
                        people_granted=data["people_granted"], grant_reason=data["grant_reason"],
                    )
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"{user} is {ROLES[data['role']].title}. A new account sets its password with “Forgotten password”.")
                return redirect("mobilisation:people-and-roles", ref=ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("form", self._form())
        context |= {
            "assignments": RoleAssignment.objects.visible_to(self.request.user).filter(programme=self.programme).select_related("user", "organisation").order_by("ended_at", "role", "id"),
            "vacant": [(code, ROLES[code].title) for code in accounts.vacant(self.programme)],
            "today": today(),
        }
        return context


class EndRole(ProgrammeView, TemplateView):
    required = Can.ROLES_MANAGE
    template_name = "mobilisation/role_end.html"

    @property
    def assignment(self) -> RoleAssignment:
        found = RoleAssignment.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"]).select_related("user").first()
        if found is None:
            raise Http404("outside scope")
        return found

    def post(self, request: HttpRequest, ref: str, public_id: str) -> HttpResponse:
        try:
            accounts.end_assignment(self.assignment, actor=self.actor, why=request.POST.get("reason", ""))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "The role has ended. Access ended with it.")
        return redirect("mobilisation:people-and-roles", ref=ref)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"assignment": self.assignment}


class ProgrammeSettings(ProgrammeView, TemplateView):
    required = Can.PROGRAMME_MANAGE
    template_name = "mobilisation/programme_settings.html"

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        form = ProgrammeForm(None if "set_status" in request.POST else request.POST, instance=self.programme)
        status = StatusForm(request.POST if "set_status" in request.POST else None, initial={"status": self.programme.status})
        active: Any = status if "set_status" in request.POST else form
        if active.is_valid():
            try:
                if active is status:
                    programmes.set_status(self.programme, status.cleaned_data["status"], actor=self.actor, reason=status.cleaned_data["reason"])
                else:
                    programmes.update(self.programme, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])
            except Refused as refusal:
                show_refusal(active, refusal)
            else:
                messages.success(request, "Saved. What hangs on it was worked out anew.")
                return redirect("mobilisation:programme-settings", ref=ref)
        return self.render_to_response(self.get_context_data(form=form, status=status), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("form", ProgrammeForm(instance=self.programme))
        context.setdefault("status", StatusForm(initial={"status": self.programme.status}))
        return context
