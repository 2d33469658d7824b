"""Issues and opportunities: small lists with their forms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.clock import today
from mobilisation.components import Counter, SummaryRow, short_date
from mobilisation.errors import Refused
from mobilisation.forms import Versioned, show_refusal
from mobilisation.history import events
from mobilisation.models import Change
from mobilisation.roles import Can
from mobilisation.services.changes import entity_name
from mobilisation.views.scope import ProgrammeView
from risks.forms import IssueForm, OpportunityForm
from risks.models import Escalation, Issue, Opportunity
from risks.services import escalation as ladder
from risks.services import issues, register

PAGE = 50


class IssueList(ProgrammeView, TemplateView):
    required = Can.RISK_VIEW
    template_name = "risks/issue_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        as_of = today()
        rows = Issue.objects.visible_to(self.request.user).filter(programme=self.programme)
        late = Q(status="open", due__lt=as_of)
        up = Q(status="open", pk__in=Escalation.objects.visible_to(self.request.user).filter(programme=self.programme, issue__isnull=False).unacknowledged().values("issue"))
        counts = rows.aggregate(open=Count("pk", filter=Q(status="open")), overdue=Count("pk", filter=late), escalated=Count("pk", filter=up), resolved=Count("pk", filter=Q(status="resolved")))
        show = self.request.GET.get("show", "open")
        chosen = {"overdue": late, "resolved": Q(status="resolved"), "escalated": up}.get(show, Q(status="open"))
        address = reverse("risks:issue-list", kwargs={"ref": self.programme.ref})
        page = Paginator(rows.filter(chosen).select_related("owner"), PAGE).get_page(self.request.GET.get("page"))
        page.object_list = list(page.object_list)
        highest = _highest(Escalation.objects.visible_to(self.request.user).filter(issue__in=[issue.pk for issue in page]).unacknowledged())
        for issue in page:
            issue.step_up = highest.get(issue.pk)
        context |= {
            "page_obj": page,
            "as_of": as_of,
            "counters": [
                Counter("Open", counts["open"], address, active=show not in ("overdue", "resolved", "escalated")),
                Counter("Escalated, not acknowledged", counts["escalated"], f"{address}?show=escalated", active=show == "escalated", tone="red"),
                Counter("Overdue", counts["overdue"], f"{address}?show=overdue", active=show == "overdue", tone="amber"),
                Counter("Resolved", counts["resolved"], f"{address}?show=resolved", active=show == "resolved"),
            ],
            "may_raise": self.actor.can(Can.ISSUE_RAISE),
        }
        return context


def _highest(waiting: Iterable[Escalation]) -> dict[int, Escalation]:
    """{issue: the highest of its steps that wait for somebody}."""
    return {row.issue_id: row for row in sorted(waiting, key=lambda row: (row.to_level, row.pk)) if row.issue_id}


class OpportunityList(ProgrammeView, TemplateView):
    required = Can.RISK_VIEW
    template_name = "risks/opportunity_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = Opportunity.objects.visible_to(self.request.user).filter(programme=self.programme).order_by("-open", "number")
        context |= {"page_obj": Paginator(rows, PAGE).get_page(self.request.GET.get("page")), "may_edit": self.actor.can(Can.RISK_EDIT)}
        return context


class _Write(ProgrammeView, TemplateView):
    template_name = "risks/small_form.html"
    model: ClassVar[Any]
    form_class: ClassVar[type[Versioned]]
    list_url: ClassVar[str]
    titles: ClassVar[tuple[str, str]]

    @cached_property
    def subject(self) -> Any:
        if "public_id" not in self.kwargs:
            return None
        found = self.model.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"]).first()
        if found is None:
            raise Http404("outside scope")
        return found

    @property
    def may_write(self) -> bool:
        return self.subject is None or self.actor.can(Can.RISK_EDIT)

    def save(self, values: dict[str, Any], version: int | None) -> Any:
        raise Refused("Nothing to save.")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self.may_write:
            raise Http404("outside scope")
        form = self.form_class(request.POST, instance=self.subject)
        if form.is_valid():
            try:
                self.save(form.values, form.cleaned_data["version"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Saved.")
                return redirect(self.list_url, ref=self.programme.ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["subject"] = self.subject
        context["title"] = f"{self.titles[1]} {self.subject.ref}" if self.subject else self.titles[0]
        context["back"] = reverse(self.list_url, kwargs={"ref": self.programme.ref})
        if self.may_write:
            context.setdefault("form", self.form_class(instance=self.subject))
        else:
            context["facts"] = [SummaryRow(*fact) for fact in _facts(self.subject, self.form_class)]
        if self.subject:
            context["events"] = events(Change.objects.visible_to(self.request.user).filter(entity=entity_name(self.subject), object_id=self.subject.pk)[:50])
        return context


def _facts(subject: Any, form_class: type[Versioned]) -> list[tuple[str, str]]:
    """The fields of the form in words, for who may read and not write."""
    found = []
    for name in form_class._meta.fields or ():
        field = subject._meta.get_field(name)
        value = getattr(subject, name)
        words = getattr(subject, f"get_{name}_display")() if field.choices else ("Yes" if value else "No") if isinstance(value, bool) else short_date(value) if isinstance(value, date) else str(value or "")
        found.append((str(field.verbose_name).capitalize(), words))
    return found


class IssueWrite(_Write):
    required = Can.ISSUE_RAISE
    model, form_class, list_url, titles = Issue, IssueForm, "risks:issue-list", ("Raise an issue", "Issue")

    def save(self, values: dict[str, Any], version: int | None) -> Any:
        if self.subject is None:
            return issues.raise_issue(self.programme, values.pop("title"), actor=self.actor, **values)
        return issues.update_issue(self.subject, values, actor=self.actor, expected_version=version)


    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.subject:
            steps = Escalation.objects.visible_to(self.request.user).filter(issue=self.subject).order_by("-to_level", "-id")
            context["escalations"] = [(row, self.subject.status == "open" and ladder.may_acknowledge(row, self.actor)) for row in steps]
        return context


class IssueAcknowledge(ProgrammeView):
    """Somebody on the rung takes an escalated issue up."""

    required = Can.RISK_VIEW

    def step(self) -> Escalation:
        found = Escalation.objects.visible_to(self.request.user).filter(programme=self.programme, issue__public_id=self.kwargs["public_id"], public_id=self.kwargs["escalation_id"]).first()
        if found is None:
            raise Http404("outside scope")
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.step()
        return self.to_issue()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            ladder.acknowledge(self.step(), actor=self.actor)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "The escalation is acknowledged.")
        return self.to_issue()

    def to_issue(self) -> HttpResponse:
        """The issue, for those whom its page is open to; else the list."""
        if self.actor.can(Can.ISSUE_RAISE):
            return redirect("risks:issue-edit", ref=self.programme.ref, public_id=self.kwargs["public_id"])
        return redirect("risks:issue-list", ref=self.programme.ref)


class OpportunityWrite(_Write):
    required = Can.RISK_EDIT
    model, form_class, list_url, titles = Opportunity, OpportunityForm, "risks:opportunity-list", ("Add an opportunity", "Opportunity")

    def save(self, values: dict[str, Any], version: int | None) -> Any:
        if self.subject is None:
            return register.add_opportunity(Opportunity(programme=self.programme, **values), actor=self.actor)
        return register.update_opportunity(self.subject, values, actor=self.actor, expected_version=version)
