"""Enquiries with the script of the day beside them; the script itself with its versions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation import registry
from mobilisation.clock import today
from mobilisation.components import Counter
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.history import events
from mobilisation.models import Change
from mobilisation.roles import Can
from mobilisation.services.changes import entity_name
from mobilisation.views.scope import ProgrammeView
from workstreams.choices import EnquiryTopic
from workstreams.forms.calls import AnswerForm, EnquiryForm, ScriptForm
from workstreams.models import Enquiry, ScriptVersion
from workstreams.permissions import may_take_calls
from workstreams.services import calls as services

PAGE = 50


class _Calls(ProgrammeView, TemplateView):
    required = Can.BOARD_VIEW

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and request.method == "POST" and not self.may_write:
            raise Http404("outside scope")
        return super().dispatch(request, *args, **kwargs)

    @property
    def may_write(self) -> bool:
        return may_take_calls(self.actor)

    def script(self) -> dict[str, Any]:
        found = registry.panel_at("call-script")
        return {"panel_template": found.template if found else "", "panel": registry.load(found.reader)(self.programme, self.request.user, today()) if found else None}


class Enquiries(_Calls):
    """``?show=open|answered`` and ``?topic=`` narrow the list; the counts are those of its rows."""

    template_name = "workstreams/enquiry_list.html"

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        form = EnquiryForm(request.POST)
        if form.is_valid():
            try:
                made = services.take(self.programme, form.values, actor=self.actor)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Written down, with its answer." if made.answer else "Written down. It is open until somebody answers it.")
                return redirect("workstreams:enquiry-list", ref=self.programme.ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        mine, address, asked = Enquiry.objects.visible_to(self.request.user).filter(programme=self.programme), reverse("workstreams:enquiry-list", args=[self.programme.ref]), self.request.GET
        shows = {"open": Q(answered_at__isnull=True), "answered": Q(answered_at__isnull=False), "all": Q()}
        show, topic = asked.get("show") if asked.get("show") in shows else "open", asked.get("topic") if asked.get("topic") in EnquiryTopic.values else ""
        rows = {row["topic"]: row for row in mine.order_by().values("topic").annotate(open=Count("pk", filter=shows["open"]), answered=Count("pk", filter=shows["answered"]))}
        totals = {key: sum(row[key] for row in rows.values() if not topic or row["topic"] == topic) for key in ("open", "answered")}
        totals["all"] = totals["open"] + totals["answered"]
        found = mine.filter(shows[str(show)], **({"topic": topic} if topic else {}))
        narrow = f"&topic={topic}" if topic else ""
        context |= {
            "counters": [Counter(label, totals[key], f"{address}?show={key}{narrow}", active=key == show, tone="amber" if key == "open" else "") for key, label in (("open", "Open"), ("answered", "Answered"), ("all", "All"))],
            "topics": [(label, rows.get(value, {"open": 0, "answered": 0}), f"{address}?show=all&topic={value}", value == topic) for value, label in EnquiryTopic.choices],
            "topic": topic, "show": show, "page_obj": Paginator(found, PAGE).get_page(asked.get("page")), "may_write": self.may_write, **self.script(),
        }
        if self.may_write:
            context.setdefault("form", EnquiryForm())
        return context


class EnquiryAnswer(_Calls):
    template_name = "workstreams/enquiry.html"

    @cached_property
    def enquiry(self) -> Enquiry:
        found = Enquiry.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"]).first()
        if found is None:
            raise Http404("outside scope")
        return found  # type: ignore[no-any-return]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = AnswerForm(request.POST, instance=self.enquiry)
        if form.is_valid():
            try:
                services.answer(self.enquiry, form.cleaned_data["answer"], actor=self.actor, topic=form.cleaned_data["topic"], expected_version=form.cleaned_data["version"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "The answer is saved.")
                return redirect("workstreams:enquiry-list", ref=self.programme.ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.may_write:
            context.setdefault("form", AnswerForm(instance=self.enquiry))
        return context | {
            "enquiry": self.enquiry, "back_url": reverse("workstreams:enquiry-list", args=[self.programme.ref]), **self.script(),
            "events": events(Change.objects.visible_to(self.request.user).filter(entity=entity_name(Enquiry), object_id=self.enquiry.pk)[:50]),
        }


class Script(_Calls):
    """The current version, what waits for approval, and those before."""

    template_name = "workstreams/script.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and "approve" in request.POST and services.may_approve(self.programme, self.actor) and self.actor.can(Can.BOARD_VIEW):
            return ProgrammeView.dispatch(self, request, *args, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    @property
    def versions(self) -> Any:
        return ScriptVersion.objects.visible_to(self.request.user).filter(programme=self.programme)

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        if "approve" in request.POST:
            script = self.versions.filter(public_id=request.POST["approve"]).select_related("programme").first()
            if script is None:
                raise Http404("outside scope")
            try:
                services.approve(script, actor=self.actor)
                messages.success(request, "Approved. It is shown from its day on.")
            except Refused as refusal:
                messages.error(request, str(refusal))
            return redirect("workstreams:script", ref=ref)
        form = ScriptForm(request.POST)
        if form.is_valid():
            try:
                services.write_script(self.programme, form.cleaned_data["text"], actor=self.actor, faqs=form.cleaned_data["faqs"], valid_from=form.cleaned_data["valid_from"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Saved. It is shown once it is approved.")
                return redirect("workstreams:script", ref=ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        current = self.versions.current(today())
        others = [script for script in self.versions[:50] if current is None or script.pk != current.pk]
        if self.may_write:
            context.setdefault("form", ScriptForm(initial={"text": current.text, "faqs": current.faqs} if current else None))
        return context | {
            "current": current, "waiting": [one for one in others if not one.approved_on], "coming": [one for one in others if one.approved_on and one.valid_from > today()],
            "before": [one for one in others if one.approved_on and one.valid_from <= today()], "may_approve": services.may_approve(self.programme, self.actor), "may_write": self.may_write,
        }
