"""The register, its matrix, one risk, and the forms that change it."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView
from django_tables2 import RequestConfig

from mobilisation import registry
from mobilisation.clock import today
from mobilisation.components import Counter, SummaryRow
from mobilisation.errors import Refused
from mobilisation.forms import show_refusal
from mobilisation.history import events
from mobilisation.models import Change, Organisation
from mobilisation.roles import Can
from mobilisation.services.changes import entity_name
from mobilisation.views.scope import ProgrammeView
from risks import rules
from risks.choices import ActionStatus, RiskStatus
from risks.filters import RiskFilter
from risks.forms import ActionForm, CloseForm, EscalateForm, ReopenForm, ReviewForm, RiskForm
from risks.models import Escalation, Risk, RiskAction, RiskScore
from risks.services import escalation as ladder
from risks.services import register as services
from risks.tables import RiskTable, score_tag

PAGE = 50
SHOWS: tuple[tuple[str, str, str], ...] = (
    ("", "All open", ""),
    ("extreme", "Extreme", "red"),
    ("high", "High", "amber"),
    ("overdue", "Overdue review", "amber"),
    ("late-actions", "Overdue actions", "amber"),
    ("unsafe", "Unsafe go-live", "red"),
    ("unowned", "No owner", "amber"),
    ("closed", "Closed", ""),
)


def conditions(as_of: Any) -> dict[str, Q]:
    """One condition a counter: the same for its number and for its rows."""
    is_open = Q(status="open")
    return {
        "": Q(status__in=["open", "draft"]),
        "extreme": is_open & Q(score__gte=15),
        "high": is_open & Q(score__gte=8, score__lte=12),
        "overdue": is_open & Q(review_on__lt=as_of),
        "late-actions": is_open & Q(late_actions__gt=0),
        "unsafe": is_open & Q(unsafe_go_live=True),
        "unowned": is_open & Q(owner__isnull=True, owner_name=""),
        "closed": Q(status__in=["closed", "became_issue"]),
    }


class RegisterRows(ProgrammeView):
    """Which risks a page lists, by the filters of its address: the register and the JSON take the same."""

    required = Can.RISK_VIEW

    @property
    def show(self) -> str:
        asked: str = self.request.GET.get("show", "")
        return asked if asked in {key for key, _, _ in SHOWS} else ""

    def risks(self, as_of: date) -> Any:
        """All this reader sees, with their late actions counted."""
        return Risk.objects.visible_to(self.request.user).filter(programme=self.programme).with_overdue_actions(as_of)

    def narrowed(self, as_of: date) -> RiskFilter:
        return RiskFilter(self.request.GET, queryset=self.risks(as_of).filter(conditions(as_of)[self.show]), request=self.request)


class RiskList(RegisterRows, TemplateView):
    template_name = "risks/risk_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        as_of, show = today(), self.show
        address = reverse("risks:risk-list", kwargs={"ref": self.programme.ref})
        counts = self.risks(as_of).order_by().aggregate(**{key or "all": Count("pk", filter=condition) for key, condition in conditions(as_of).items()})
        narrowed = self.narrowed(as_of)
        found = narrowed.qs.annotate(first_score=F("initial_likelihood") * F("initial_consequence")).select_related("owner", "organisation")
        table = RiskTable(found, ref=self.programme.ref, as_of=as_of)
        RequestConfig(self.request, paginate={"per_page": PAGE, "paginator_class": Paginator}).configure(table)
        context |= {
            "table": table,
            "filter": narrowed,
            "shown": dict((key, label) for key, label, _ in SHOWS)[show],
            "counters": [Counter(label, counts[key or "all"], f"{address}?{urlencode({'show': key})}" if key else address, active=key == show, tone=tone) for key, label, tone in SHOWS],
            "registered": counts["all"] + counts["closed"],
            "may_edit": self.actor.can(Can.RISK_EDIT),
        }
        return context


class Matrix(ProgrammeView, TemplateView):
    """Five by five, current or initial; each count leads to its rows."""

    required = Can.RISK_VIEW
    template_name = "risks/matrix.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        of = "initial" if self.request.GET.get("of") == "initial" else "current"
        names = ("initial_likelihood", "initial_consequence") if of == "initial" else ("likelihood", "consequence")
        rows = Risk.objects.visible_to(self.request.user).filter(programme=self.programme).open().order_by()
        counts = {(row[names[0]], row[names[1]]): row["n"] for row in rows.values(*names).annotate(n=Count("pk"))}
        address = reverse("risks:risk-list", kwargs={"ref": self.programme.ref})
        lines = [
            (
                likelihood, rules.LIKELIHOOD_WORDS[likelihood - 1],
                [
                    {
                        "score": likelihood * consequence, "band": rules.band_of(likelihood * consequence), "count": counts.get((likelihood, consequence), 0),
                        "url": f"{address}?{urlencode({names[0]: likelihood, names[1]: consequence})}", "consequence": rules.CONSEQUENCE_WORDS[consequence - 1],
                    }
                    for consequence in range(1, 6)
                ],
            )
            for likelihood in range(5, 0, -1)
        ]
        by_band = {band: sum(n for (likelihood, consequence), n in counts.items() if rules.band_of(likelihood * consequence) is band) for band in rules.Band}
        context |= {
            "of": of,
            "lines": lines,
            "consequences": list(enumerate(rules.CONSEQUENCE_WORDS, 1)),
            "total": sum(counts.values()),
            "bands": [(band, by_band[band]) for band in reversed(rules.Band)],
            "likelihood_key": list(zip(range(1, 6), rules.LIKELIHOOD_WORDS, rules.FREQUENCY, rules.PROBABILITY, strict=True)),
            "columns": [words for words, _ in rules.CONSEQUENCE_SCALE],
            "consequence_key": [(number, word, [(words, scale[number - 1]) for words, scale in rules.CONSEQUENCE_SCALE]) for number, word in enumerate(rules.CONSEQUENCE_WORDS, 1)],
        }
        return context


class OneRisk(ProgrammeView):
    """Mixin: the risk of the address, as the user may see it."""

    @cached_property
    def risk(self) -> Risk:
        found = Risk.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"]).select_related("owner", "organisation", "programme").first()
        if found is None:
            raise Http404("outside scope")
        return found

    def to_risk(self) -> HttpResponse:
        return redirect("risks:risk-detail", ref=self.programme.ref, public_id=self.risk.public_id)


FORMS: dict[str, Any] = {"review": ReviewForm, "action": ActionForm, "close": CloseForm, "reopen": ReopenForm, "escalate": EscalateForm}


class RiskDetail(OneRisk, TemplateView):
    required = Can.RISK_VIEW
    template_name = "risks/risk_detail.html"

    def _form(self, name: str, data: Any = None) -> Any:
        return FORMS[name](data, **({"risk": self.risk} if name == "review" else {}))

    def post(self, request: HttpRequest, ref: str, public_id: str) -> HttpResponse:
        name = next((name for name in FORMS if name in request.POST), None)
        if name is None:
            raise Http404("no such act")
        if not self.actor.can(Can.ISSUE_RAISE if name == "escalate" else Can.RISK_EDIT):
            raise Http404("outside scope")
        form = self._form(name, request.POST)
        if form.is_valid():
            try:
                said = self._act(name, form.cleaned_data)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, said)
                return self.to_risk()
        return self.render_to_response(self.get_context_data(**{f"{name}_form": form}), status=422)

    def _act(self, name: str, data: dict[str, Any]) -> str:
        if name == "review":
            services.review(
                self.risk, actor=self.actor, likelihood=data["likelihood"], consequence=data["consequence"], next_review=data["next_review"], why=data["why"], expected_version=data["version"]
            )
            return "The review is recorded."
        if name == "action":
            services.add_action(self.risk, text=data["text"], owner_name=data["owner_name"], due=data["due"], actor=self.actor)
            return "The action is added."
        if name == "close":
            services.close(self.risk, data["close_reason"], became_issue=data["became_issue"], actor=self.actor)
            return f"{self.risk.ref} is closed{' and goes on as an issue' if data['became_issue'] else ''}."
        if name == "reopen":
            services.reopen(self.risk, data["reason"], actor=self.actor)
            return f"{self.risk.ref} is open again."
        ladder.by_hand(self.risk, data["to_level"], data["why"], actor=self.actor)
        return "Escalated."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        risk, user, as_of = self.risk, self.request.user, today()
        actions = list(RiskAction.objects.visible_to(user).filter(risk=risk).select_related("owner"))
        scores = list(RiskScore.objects.visible_to(user).filter(risk=risk))
        colour, reason = risk.moments.at(as_of)
        may_edit = self.actor.can(Can.RISK_EDIT)
        context |= {
            "risk": risk,
            "as_of": as_of,
            "colour": colour,
            "reason": reason,
            "scores": [
                ("Before anything was done", score_tag(risk.initial_score, risk.initial_band), risk.initial_likelihood, risk.initial_consequence),
                ("Now", score_tag(risk.score, risk.band), risk.likelihood, risk.consequence),
                ("Target", score_tag(risk.target_score, risk.target_band), risk.target_likelihood, risk.target_consequence),
            ],
            "past": [(row, score_tag(row.score, row.band)) for row in reversed(scores)],
            "actions": actions,
            "escalations": [(row, ladder.may_acknowledge(row, self.actor)) for row in Escalation.objects.visible_to(user).filter(risk=risk)],
            "missing": [] if risk.is_closed else rules.missing(
                cause=risk.cause, event=risk.event, effect=risk.effect, owner=risk.owner_label, scope=risk.scope, other_owner=risk.other_owner,
                controls=risk.controls, actions=sum(a.status == ActionStatus.OPEN for a in actions), review_on=risk.review_on,
            ),
            "facts": [
                SummaryRow("Owner", f"{risk.owner_label}{', ' + str(risk.organisation) if risk.organisation else ''}" if risk.owner_label else ""),
                *([SummaryRow("Owner in the other party", risk.other_owner)] if risk.scope == "shared" else []),
                SummaryRow("Whose risk", risk.get_scope_display()),
                SummaryRow("What would suffer", risk.get_domain_display()),
                SummaryRow("How near", risk.get_proximity_display()),
                *([SummaryRow("Workstream", dict(registry.read_fact("workstreams", self.programme) or []).get(risk.workstream_slug, risk.workstream_slug))] if risk.workstream_slug else []),
                SummaryRow("Response", risk.get_response_display()),
                SummaryRow("Controls in place", risk.controls),
                SummaryRow("Gaps in control", risk.gaps or "None stated"),
            ],
            "may_edit": may_edit and not risk.is_closed,
            "may_reopen": may_edit and risk.is_closed,
            "may_escalate": self.actor.can(Can.ISSUE_RAISE) and not risk.is_closed,
            "events": events(
                Change.objects.visible_to(user).filter(
                    Q(entity=entity_name(Risk), object_id=risk.pk) | Q(entity=entity_name(RiskAction), object_id__in=[a.pk for a in actions])
                )[:50]
            ),
        }
        for name in FORMS:
            context.setdefault(f"{name}_form", self._form(name))
        return context


class ActionEnd(OneRisk):
    """Done, or cancelled with a reason; a button beside the action."""

    required = Can.RISK_EDIT

    def get(self, request: HttpRequest, ref: str, public_id: str, action_id: str) -> HttpResponse:
        """Where a sign-in after the idle time-out leads: the button is there to be pressed again."""
        return self.to_risk()

    def post(self, request: HttpRequest, ref: str, public_id: str, action_id: str) -> HttpResponse:
        action = RiskAction.objects.visible_to(request.user).filter(risk=self.risk, public_id=action_id).select_related("risk").first()
        if action is None:
            raise Http404("outside scope")
        try:
            services.end_action(action, actor=self.actor, cancelled=request.POST.get("act") == "cancel", why=request.POST.get("reason", ""))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "The action is recorded.")
        return self.to_risk()


class Acknowledge(OneRisk):
    required = Can.RISK_VIEW

    def get(self, request: HttpRequest, ref: str, public_id: str, escalation_id: str) -> HttpResponse:
        return self.to_risk()

    def post(self, request: HttpRequest, ref: str, public_id: str, escalation_id: str) -> HttpResponse:
        row = Escalation.objects.visible_to(request.user).filter(risk=self.risk, public_id=escalation_id).first()
        if row is None:
            raise Http404("outside scope")
        try:
            ladder.acknowledge(row, actor=self.actor)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "The escalation is acknowledged.")
        return self.to_risk()


class RiskWrite(OneRisk, TemplateView):
    """Add or change; the same form, the same refusals."""

    required = Can.RISK_EDIT
    template_name = "risks/risk_form.html"

    @cached_property
    def subject(self) -> Risk | None:
        return self.risk if "public_id" in self.kwargs else None

    def _form(self, data: Any = None) -> RiskForm:
        organisations = Organisation.objects.visible_to(self.request.user).filter(party_to__contract__programmes=self.programme).distinct()
        return RiskForm(data, instance=self.subject, organisations=organisations, workstreams=registry.read_fact("workstreams", self.programme) or [])

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self._form(request.POST)
        if form.is_valid():
            try:
                status = RiskStatus.DRAFT if "draft" in request.POST else RiskStatus.OPEN
                if self.subject is None:
                    values, first = {name: value for name, value in form.values.items() if not name.startswith("action_")}, self._first_action(form)
                    for name in ("likelihood", "consequence"):
                        values[f"initial_{name}"] = values[f"initial_{name}"] or values[name]
                    made = services.add(Risk(programme=self.programme, status=status, **values), actor=self.actor, first_action=first)
                    messages.success(request, f"{made.ref} is {'kept as a draft' if status == RiskStatus.DRAFT else 'on the register'}.")
                    return redirect("risks:risk-detail", ref=self.programme.ref, public_id=made.public_id)
                drafted = {"status": status} if self.subject.status == RiskStatus.DRAFT else {}
                services.update(self.subject, form.values | drafted, actor=self.actor, expected_version=form.cleaned_data["version"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Saved.")
                return self.to_risk()
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def _first_action(self, form: RiskForm) -> RiskAction | None:
        data = form.cleaned_data
        return RiskAction(text=data["action_text"], owner_name=data["action_owner"], due=data["action_due"]) if data.get("action_text") else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["risk"] = self.subject
        context.setdefault("form", self._form())
        return context
