"""Who is in a programme, in which role, for whom; and which mandatory role is vacant."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import Refused
from mobilisation.forms.ground import DeputyForm, ProgrammeForm, RoleForm, StatusForm
from mobilisation.forms.office import LimitsForm
from mobilisation.forms.versioned import show_refusal
from mobilisation.models import Organisation, Programme, RoleAssignment, User
from mobilisation.roles import ROLES, Can
from mobilisation.services import accounts, programmes
from mobilisation.views.scope import ProgrammeView


class _Roles(ProgrammeView):
    """An administrator gives roles in every programme, and sees nothing else of it."""

    @cached_property
    def programme(self) -> Programme:
        if Actor.of(self.request.user, None).can(Can.SITE_ADMIN):
            found = Programme.objects.filter(reference=str(self.kwargs["ref"]).upper()).first()  # scope: an administrator gives roles in every programme
            if found is not None:
                return found
        return super().programme  # type: ignore[no-any-return]


class PeopleAndRoles(_Roles, TemplateView):
    required = Can.ROLES_MANAGE
    template_name = "mobilisation/roles.html"

    def _form(self, data: Any = None) -> RoleForm:
        organisations = Organisation.objects.visible_to(self.request.user).filter(party_to__contract__programmes=self.programme).distinct()
        return RoleForm(data, organisations=organisations, workstreams=accounts.workstreams_of(self.programme))

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        form = self._form(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                with transaction.atomic():
                    user = User.objects.filter(email__iexact=data["email"]).first()  # scope: an address typed by a lead, answered alike whether it is known or not
                    if user is None:
                        user = accounts.invite(data["email"], actor=self.actor, name=data["name"])
                    accounts.assign(
                        user, data["role"], actor=self.actor, programme=self.programme, organisation=data["organisation"], workstream_slug=data["workstream"], starts_on=data["starts_on"], ends_on=data["ends_on"],
                        people_granted=data["people_granted"], grant_reason=data["grant_reason"],
                    )
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"{user} is {ROLES[data['role']].title}. A new account gets a letter with a link to set its password.")
                return redirect("mobilisation:people-and-roles", ref=ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("form", self._form())
        visible = RoleAssignment.objects.visible_to(self.request.user).filter(programme=self.programme)
        context |= {
            "assignments": visible.select_related("user", "organisation").prefetch_related(Prefetch("deputies", visible.standing().select_related("user"), to_attr="standing_in")).order_by("ended_at", "role", "id"),
            "vacant": [(code, ROLES[code].title, of) for code, of in accounts.vacant(self.programme)],
            "today": today(),
        }
        return context


class _OfRole(_Roles, TemplateView):
    """A page of one role that somebody holds."""

    required = Can.ROLES_MANAGE

    @property
    def assignment(self) -> RoleAssignment:
        found = RoleAssignment.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"]).select_related("user").first()
        if found is None:
            raise Http404("outside scope")
        return found


class NameDeputy(_OfRole):
    template_name = "mobilisation/role_deputy.html"

    def _form(self, data: Any = None) -> DeputyForm:
        held = self.assignment
        choices = RoleAssignment.objects.visible_to(self.request.user).standing().filter(programme=self.programme).exclude(pk=held.pk).select_related("user").order_by("role", "id")
        if held.user_id:
            choices = choices.exclude(user_id=held.user_id)
        return DeputyForm(data, choices=choices, initial={"deputy": choices.filter(deputy_for=held).first()})

    def post(self, request: HttpRequest, ref: str, public_id: str) -> HttpResponse:
        held, form = self.assignment, self._form(request.POST)
        if form.is_valid():
            deputy = form.cleaned_data["deputy"]
            try:
                accounts.name_deputy(held, deputy, actor=self.actor)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"{deputy.holder} is the deputy of {held.holder}." if deputy else f"{held.holder} has no deputy.")
                return redirect("mobilisation:people-and-roles", ref=ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("form", self._form())
        return context | {"assignment": self.assignment}


class EndRole(_OfRole):
    template_name = "mobilisation/role_end.html"

    def post(self, request: HttpRequest, ref: str, public_id: str) -> HttpResponse:
        own = self.assignment.user_id == request.user.pk
        try:
            accounts.end_assignment(self.assignment, actor=self.actor, why=request.POST.get("reason", ""))
        except Refused as refusal:
            messages.error(request, str(refusal))
            return self.render_to_response(self.get_context_data(), status=422)
        messages.success(request, "The role has ended. Access ended with it.")
        return redirect("reporting:portfolio") if own else redirect("mobilisation:people-and-roles", ref=ref)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"assignment": self.assignment, "typed": self.request.POST.get("reason", "")}


class ProgrammeSettings(ProgrammeView, TemplateView):
    """Three forms on one page: status, dates and words, limits. The button says which was sent."""

    required = Can.PROGRAMME_MANAGE
    template_name = "mobilisation/programme_settings.html"

    def _forms(self, data: Any = None, sent: str = "") -> dict[str, Any]:
        return {
            "status": StatusForm(data if sent == "status" else None, auto_id="id_set_%s", initial={"status": self.programme.status}),
            "form": ProgrammeForm(data if sent == "form" else None, instance=self.programme),
            "limits": LimitsForm(data if sent == "limits" else None, programme=self.programme, auto_id="id_limits_%s"),
        }

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        sent = "status" if "set_status" in request.POST else "limits" if "set_limits" in request.POST else "form"
        shown = self._forms(request.POST, sent)
        active = shown[sent]
        if active.is_valid():
            try:
                if sent == "status":
                    programmes.set_status(self.programme, active.cleaned_data["status"], actor=self.actor, reason=active.cleaned_data["reason"])
                elif sent == "limits":
                    programmes.set_limits(self.programme, active.changed, actor=self.actor)
                else:
                    programmes.update(self.programme, active.values, actor=self.actor, expected_version=active.cleaned_data["version"])
            except Refused as refusal:
                show_refusal(active, refusal)
            else:
                messages.success(request, "Saved. What hangs on it was worked out anew.")
                return redirect("mobilisation:programme-settings", ref=ref)
        return self.render_to_response(self.get_context_data(**shown), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return self._forms() | context
