"""The live dashboard, a frozen week, and stating another colour."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.generic import TemplateView

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import NotPermitted, Refused
from mobilisation.history import events
from mobilisation.models import Change, Programme
from mobilisation.roles import Can
from mobilisation.views.scope import ProgrammeView
from reporting import charts
from reporting.choices import DocumentKind, PackStatus, SnapshotKind
from reporting.forms import OverrideForm
from reporting.models import BoardPack, RagOverride
from reporting.position import Position, position
from reporting.rules import weeks
from reporting.rules.confidence import FIVE
from reporting.services import overrides
from reporting.views import shown


def page_context(p: Position, programme: Programme, actor: Actor) -> dict[str, Any]:
    return {
        "p": p, "needs": p.needs[:5], "needs_more": max(len(p.needs) - 5, 0), "burn": charts.burn_up(p.people.burn_up, p.as_of, about=p.edition != "board"),
        "heat": charts.heat(p.risks), "confidence_word": FIVE.get(p.confidence.five, ""), "links": links(programme, actor), "masked": p.edition != "board", "small_limit": settings.SMALL_NUMBER_LIMIT,
        "has_people": bool(p.people.total), "week_word": weeks.week_name(weeks.week_ending(p.as_of)),
        "published": BoardPack.objects.filter(programme=programme, document=DocumentKind.PACK, edition=p.edition, status=PackStatus.PUBLISHED).select_related("snapshot").order_by("-published_at").first(),  # scope: the programme of the page, found through visible_to
    }


_LINKS = {
    "people": ("transfers:person-list", Can.PEOPLE_VIEW), "staff": ("transfers:staff-list", Can.STAFF_VIEW), "plan": ("workstreams:plan", Can.PLAN_VIEW),
    "readiness": ("workstreams:readiness", Can.READINESS_VIEW), "risks": ("risks:risk-list", Can.RISK_VIEW), "matrix": ("risks:matrix", Can.RISK_VIEW),
    "board": ("mobilisation:board", Can.BOARD_VIEW), "actions": ("mobilisation:action-list", Can.BOARD_VIEW), "decisions": ("mobilisation:decision-list", Can.BOARD_VIEW),
    "reports": ("reporting:report-list", Can.PACK_READ), "colours": ("reporting:colours", Can.DASHBOARD),
}
_GROUPS = ("moved", "ready", "past", "safety_overdue", "hold", "hospital", "no_provider", "at_risk")
"""Groups of ``transfers.facts.groups`` whose number stands on the dashboard."""


def links(programme: Programme, actor: Actor) -> dict[str, str]:
    """Lists behind the numbers, only those the reader may open."""
    found = {}
    for name, (url_name, can) in _LINKS.items():
        if actor.can(can):
            try:
                found[name] = reverse(url_name, kwargs={"ref": programme.ref})
            except NoReverseMatch:
                continue
    if "people" in found:
        found |= {name: f"{found['people']}?show={name.replace('_', '-')}" for name in _GROUPS}
    return found


class Dashboard(ProgrammeView, TemplateView):
    required = Can.DASHBOARD
    template_name = "reporting/dashboard.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.update(page_context(shown.live(self.programme, self.actor), self.programme, self.actor), live=True)
        context["may_state"] = not self.actor.over and self.actor.has_role("SRO", "ML", "MLD", "OL", "CL")
        return context


class FrozenWeek(ProgrammeView, TemplateView):
    """A week as it was frozen: nothing is read but its snapshot."""

    required = Can.DASHBOARD
    template_name = "reporting/dashboard.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        snapshot = shown.frozen_week(self)
        context.update(page_context(shown.frozen(snapshot, self.actor), self.programme, self.actor), live=False, snapshot=snapshot)
        context["week_word"] = weeks.week_name(snapshot.week_ending) if snapshot.kind == SnapshotKind.WEEKLY else snapshot.words
        context["links"] = {name: url for name, url in context["links"].items() if name == "reports"}
        return context


class Colours(ProgrammeView, TemplateView):
    """Computed beside stated, and the form that states."""

    required = Can.DASHBOARD
    template_name = "reporting/colours.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and self.actor.can(Can.DASHBOARD) and self.actor.edition != "board":
            raise Http404("outside scope")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        full = kwargs.get("full") or position(self.programme, today())
        rows = RagOverride.objects.visible_to(self.request.user).filter(programme=self.programme).select_related("stated_by", "agreed_by")
        titles = overrides.subjects(full)
        for row in (rows := list(rows[:50])):
            row.title = titles.get(row.subject, row.subject)
        history = Change.objects.visible_to(self.request.user).filter(programme=self.programme, entity="reporting.ragoverride")[:30]
        context.update(
            p=shown.edition_for(full, self.actor), open_rows=[row for row in rows if row.ended_at is None], history=events(history, name_object=True),
            form=kwargs.get("form") or OverrideForm(subjects=titles, initial={"subject": self.request.GET.get("for", "")}),
            may_state=not self.actor.over and self.actor.has_role("SRO", "ML", "MLD", "OL", "CL"), moment=now(),
        )
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.actor.over or not self.actor.has_role("SRO", "ML", "MLD", "OL", "CL"):
            raise Http404("outside scope")
        row = None
        if request.POST.get("row"):
            row = get_object_or_404(RagOverride.objects.visible_to(request.user), programme=self.programme, public_id=request.POST["row"])
        try:
            if row is not None:
                (overrides.agree if request.POST.get("act") == "agree" else overrides.withdraw)(row, actor=self.actor)
                messages.success(request, "Agreed: the stated colour now shows." if request.POST.get("act") == "agree" else "Taken back: the computed colour shows again.")
                return redirect("reporting:colours", ref=self.programme.ref)
        except (Refused, NotPermitted) as refusal:
            messages.error(request, str(refusal))
            return redirect("reporting:colours", ref=self.programme.ref)
        full = position(self.programme, today())
        form = OverrideForm(request.POST, subjects=overrides.subjects(full))
        if form.is_valid():
            try:
                made = overrides.state(self.programme, full, actor=self.actor, **form.cleaned_data)
            except Refused as refusal:
                for reason in refusal.reasons:
                    form.add_error(reason.field or None, reason.text)
            else:
                waits = f" It shows once the {overrides.AGREERS[made.agreement_of]} agrees." if made.agreement_of else " It holds until the next snapshot."
                messages.success(request, f"Stated.{waits}")
                return redirect("reporting:colours", ref=self.programme.ref)
        return render(request, self.template_name, self.get_context_data(form=form, full=full), status=422)
