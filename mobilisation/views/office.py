"""Pages of the whole site: own account, accounts, organisations, the calendar of working days, who may do what."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.components import SummaryRow
from mobilisation.errors import Refused
from mobilisation.forms.ground import CalendarDayForm
from mobilisation.forms.office import InviteForm, OrganisationForm, OwnAccountForm, SiteRoleForm
from mobilisation.forms.versioned import show_refusal
from mobilisation.models import CalendarDay, Contract, Organisation, Programme, RoleAssignment, User
from mobilisation.roles import ROLES, Can, PeopleScope, Role, codes_with
from mobilisation.services import accounts, calendar, organisations, programmes, typed

PAGE = 50


class SitePage(LoginRequiredMixin, TemplateView):
    """Outside any programme. ``required`` is asked of the roles of the whole site; 404 for everybody else."""

    required: ClassVar[Can | None] = None
    required_post: ClassVar[Can | None] = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            needed = self.required_post if request.method == "POST" and self.required_post else self.required
            if needed is not None and not self.actor.can(needed):
                raise Http404("outside scope")
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[assignment]
        return response

    @cached_property
    def actor(self) -> Actor:
        return Actor.of(self.request.user, None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"actor": self.actor}


class OwnAccount(SitePage):
    """Name, e-mail notices, the ways into everything that belongs to the signed-in person."""

    template_name = "mobilisation/account.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        form = OwnAccountForm(request.POST, instance=request.user)
        if form.is_valid():
            accounts.update_own(request.user, form.cleaned_data["name"], form.cleaned_data["mail_choice"], actor=self.actor)
            messages.success(request, "Saved.")
            return redirect("mobilisation:account")
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user = self.request.user
        mine = RoleAssignment.objects.active().filter(user=user).select_related("programme", "organisation")
        context.setdefault("form", OwnAccountForm(instance=user))
        context |= {
            "mine": list(mine),
            "second_factor": is_mfa_enabled(user),
            "sees_contracts": any(row.role in codes_with(Can.BOARD_VIEW) for row in mine),
            "is_admin": self.actor.can(Can.SITE_ADMIN),
            "is_auditor": self.actor.can(Can.AUDIT_VIEW),
        }
        return context


class Typed(SitePage):
    """A form that was sent after the session had ended, to be sent again or thrown away by whoever typed it."""

    template_name = "mobilisation/typed.html"

    @cached_property
    def typed(self) -> typed.Typed:
        found = typed.find(self.request.user.pk or 0, self.kwargs["public_id"])
        if found is None:
            raise Http404("nothing kept")
        return found

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        path = self.typed.path
        typed.drop(request.user.pk or 0, self.kwargs["public_id"])
        messages.success(request, "What you had typed is thrown away.")
        return redirect(path)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = [(name.replace("_", " "), value) for name, value in self.typed.fields if value and name not in {"version", "was"}]
        return super().get_context_data(typed=self.typed, shown=shown, **kwargs)


class AccountList(SitePage):
    """Every account with its roles, for the administrator; inviting one."""

    required = Can.SITE_ADMIN
    template_name = "mobilisation/account_list.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        form = InviteForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                with transaction.atomic():
                    user = accounts.invite(data["email"], actor=self.actor, name=data["name"])
                    if data["role"]:
                        accounts.assign(user, data["role"], actor=self.actor)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "The account is open. A letter with a link to set the password is on its way; the link works once and for three days.")
                return redirect("mobilisation:account-list")
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        words = self.request.GET.get("q", "").strip()[:100]
        rows = User.objects.visible_to(self.request.user).order_by("email")
        if words:
            rows = rows.filter(Q(email__icontains=words) | Q(name__icontains=words))
        held = RoleAssignment.objects.visible_to(self.request.user).active().select_related("programme")
        context.setdefault("form", InviteForm())
        context |= {
            "q": words,
            "page_obj": Paginator(rows.prefetch_related(Prefetch("assignments", queryset=held, to_attr="held")), PAGE).get_page(self.request.GET.get("page")),
            "programmes": Programme.objects.order_by("reference"),  # scope: names of programmes only, so that an administrator can give roles in them
        }
        return context


class AccountEdit(SitePage):
    """Close or open an account, send the link again, give or end a role of the whole site."""

    required = Can.SITE_ADMIN
    template_name = "mobilisation/account_edit.html"

    @cached_property
    def account(self) -> User:
        found = User.objects.visible_to(self.request.user).filter(pk=self.kwargs["number"]).first()
        if found is None:
            raise Http404("no such account")
        return found

    def post(self, request: HttpRequest, number: int) -> HttpResponse:
        why = request.POST.get("reason", "").strip()
        try:
            if "disable" in request.POST:
                accounts.disable(self.account, actor=self.actor, why=why)
                messages.success(request, "The account is closed and signed out everywhere.")
            elif "enable" in request.POST:
                accounts.enable(self.account, actor=self.actor, why=why)
                messages.success(request, "The account is open again.")
            elif "send" in request.POST:
                accounts.send_invitation(self.account, actor=self.actor)
                messages.success(request, "A letter with a link to set the password is on its way.")
            elif "end" in request.POST:
                row = RoleAssignment.objects.visible_to(request.user).filter(user=self.account, programme__isnull=True, public_id=request.POST["end"]).first()
                if row is None:
                    raise Http404("outside scope")
                accounts.end_assignment(row, actor=self.actor, why=why)
                messages.success(request, "The role has ended.")
                if row.user_id == request.user.pk and not Actor.of(request.user, None).can(Can.SITE_ADMIN):
                    return redirect("mobilisation:account")
            elif "give" in request.POST:
                form = SiteRoleForm(request.POST)
                if not form.is_valid():
                    return self.render_to_response(self.get_context_data(form=form), status=422)
                accounts.assign(self.account, form.cleaned_data["role"], actor=self.actor)
                messages.success(request, f"{self.account} is {ROLES[form.cleaned_data['role']].title}.")
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("mobilisation:account-edit", number=number)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        held = RoleAssignment.objects.visible_to(self.request.user).active().filter(user=self.account).select_related("programme", "organisation")
        rows = [
            SummaryRow("E-mail address", self.account.email), SummaryRow("Name", self.account.name), SummaryRow("State", "Open" if self.account.is_active else "Closed"),
            SummaryRow("Password", "Set" if self.account.has_usable_password() else "Not set yet"),
            SummaryRow("Second factor", "Set up" if is_mfa_enabled(self.account) else "Not set up"), SummaryRow("Last signed in", self.account.last_login or "Never"),
        ]
        context.setdefault("form", SiteRoleForm())
        return context | {"account": self.account, "rows": rows, "held": list(held), "own": self.account == self.request.user}


class CalendarPage(SitePage):
    """Days that are no working days, and pre-election periods. Everybody reads it; the administrator keeps it."""

    required_post = Can.SITE_ADMIN
    template_name = "mobilisation/calendar.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CalendarDayForm(request.POST if "save" in request.POST else None)
        try:
            if "refresh" in request.POST:
                added = calendar.refresh(self.actor)
                messages.success(request, f"{added} day{'' if added == 1 else 's'} added from the published list." if added else "The calendar holds every published day already.")
                return redirect("mobilisation:calendar")
            if "strike" in request.POST or "restore" in request.POST:
                day = CalendarDay.objects.visible_to(request.user).filter(public_id=request.POST.get("strike") or request.POST.get("restore")).first()
                if day is None:
                    raise Http404("no such day")
                programmes.strike_day(day, actor=self.actor, removed="strike" in request.POST)
                messages.success(request, "Saved. Dates that hang on it were worked out anew.")
                return redirect("mobilisation:calendar")
            if form.is_valid():
                programmes.add_day(CalendarDay(**form.cleaned_data), actor=self.actor)
                messages.success(request, "Added. Dates that hang on it were worked out anew.")
                return redirect("mobilisation:calendar")
        except Refused as refusal:
            show_refusal(form, refusal)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        year = self.request.GET.get("year", "")
        chosen = int(year) if year.isdecimal() and 2000 <= int(year) <= 2100 else today().year
        rows = CalendarDay.objects.visible_to(self.request.user)
        years = sorted({day.year for day in rows.dates("date", "year")} | {chosen})
        context.setdefault("form", CalendarDayForm())
        return context | {
            "days": rows.filter(Q(date__range=(date(chosen, 1, 1), date(chosen, 12, 31))) | Q(date__lt=date(chosen, 1, 1), until__gte=date(chosen, 1, 1))),
            "year": chosen, "years": years, "may_edit": self.actor.can(Can.SITE_ADMIN), "short": calendar.ending_soon(today()),
        }


class OrganisationList(SitePage):
    """Bodies of one's own programmes, with the contracts one may know of; the administrator counts all."""

    template_name = "mobilisation/organisation_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_edit = self.actor.can(Can.SITE_ADMIN)
        counted = None if may_edit else Q(party_to__contract__in=Contract.objects.visible_to(self.request.user))
        rows = Organisation.objects.visible_to(self.request.user).annotate(contracts=Count("party_to__contract", distinct=True, filter=counted)).order_by("name").select_related("successor")
        return super().get_context_data(**kwargs) | {"page_obj": Paginator(rows, PAGE).get_page(self.request.GET.get("page")), "may_edit": may_edit}


class OrganisationEdit(SitePage):
    required = Can.SITE_ADMIN
    template_name = "mobilisation/organisation_edit.html"

    @cached_property
    def organisation(self) -> Organisation:
        found = Organisation.objects.visible_to(self.request.user).filter(public_id=self.kwargs["public_id"]).first()
        if found is None:
            raise Http404("outside scope")
        return found

    def _form(self, data: Any = None) -> OrganisationForm:
        return OrganisationForm(data, instance=self.organisation, successors=Organisation.objects.visible_to(self.request.user).exclude(pk=self.organisation.pk))

    def post(self, request: HttpRequest, public_id: str) -> HttpResponse:
        form = self._form(request.POST)
        if form.is_valid():
            try:
                organisations.update(self.organisation, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Saved.")
                return redirect("mobilisation:organisation-list")
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("form", self._form())
        return context | {"organisation": self.organisation}


class RolesPage(SitePage):
    """Who may do what, from the same table the code asks."""

    template_name = "pages/roles.html"
    REACH: ClassVar[dict[PeopleScope, str]] = {
        PeopleScope.ALL: "Everybody in the programme", PeopleScope.EXITING: "People leaving their organisation", PeopleScope.INCOMING: "People their organisation has accepted",
        PeopleScope.NONE: "Nobody, unless granted with a reason",
    }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        def line(role: Role) -> tuple[Role, str, list[str]]:
            return role, self.REACH[role.people], sorted(can.value for can in role.can)

        return super().get_context_data(**kwargs) | {"lines": [line(role) for role in ROLES.values()]}


def own_address(request: HttpRequest) -> HttpResponse:
    """Instead of allauth's page of addresses: rights hang on the address, so nobody changes their own."""
    messages.info(request, "Your e-mail address is what your roles hang on. Ask an administrator to change it.")
    return redirect("mobilisation:account")
