"""Staff transfers: the TUPE timeline, the list with its competence matrix, one member of staff."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.clock import today
from mobilisation.components import Counter, short_date
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.history import events
from mobilisation.models import Change, Organisation
from mobilisation.roles import Can
from mobilisation.services import access_log
from mobilisation.services.changes import entity_name
from mobilisation.views.kept_search import SEARCH, KeptSearch
from mobilisation.views.scope import ProgrammeView
from transfers.facts.staff import staff_facts
from transfers.forms.staff import CompetenceForm, StaffForm, TupeForm, TupeOpenForm
from transfers.models.staff import CompetenceRecord, StaffTransfer, TrainingRequirement, TupeProcess
from transfers.rules import competence
from transfers.services import staff as services

PAGE = 50


class StaffList(KeptSearch, ProgrammeView, TemplateView):
    """The list; a search is posted and the address says which one it is, so that no name stands in an address."""

    search_key = "staff-searches"
    required = Can.STAFF_VIEW
    template_name = "transfers/staff_list.html"

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        kept = {"show": request.GET.get("show", ""), SEARCH: self.keep_search(request.POST.get("term", ""))}
        return redirect(f"{request.path}{_query(kept)}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        as_of = today()
        facts = staff_facts(self.programme, as_of, TupeProcess.objects.visible_to(self.request.user))
        requirements = list(TrainingRequirement.objects.visible_to(self.request.user).filter(programme=self.programme))
        staff = StaffTransfer.objects.visible_to(self.request.user).filter(programme=self.programme).select_related("exiting", "incoming")
        show = self.request.GET.get("show", "")
        if self.search_lost:
            staff = staff.none()
        elif term := self.term:
            staff = staff.filter(Q(surname__icontains=term) | Q(forename__icontains=term) | Q(staff_ref__iexact=term))
        gone = Q(objected_on__isnull=False) | Q(objected_by_file=True)
        counts = staff.aggregate(
            n=Count("pk"), objected=Count("pk", filter=gone), not_met=Count("pk", filter=~gone & Q(intro_on__isnull=True)), restricted=Count("pk", filter=~Q(restriction=""))
        )
        if show == "objected":
            staff = staff.filter(gone)
        elif show == "not-met":
            staff = staff.exclude(gone).filter(intro_on__isnull=True)
        elif show == "restricted":
            staff = staff.exclude(restriction="")
        page = Paginator(staff.prefetch_related(Prefetch("competence", CompetenceRecord.objects.visible_to(self.request.user))), PAGE).get_page(self.request.GET.get("page"))
        access_log.record(self.actor, "search" if self.term else "view", self.programme, "staff list", ids=[s.public_id for s in page], request=self.request)
        address = reverse("transfers:staff-list", kwargs={"ref": self.programme.ref})
        context |= {
            "facts": facts,
            "requirements": requirements,
            "page_obj": page,
            "rows": [(member, _cells(member, requirements, as_of)) for member in page],
            "term": self.term,
            "search_lost": self.search_lost,
            "unsearched_url": f"{address}{_query({'show': show})}",
            "show": show,
            "counters": [
                Counter(label, count, f"{address}{_query({'show': key, SEARCH: self.asked_search})}", active=show == key, tone=tone)
                for key, label, count, tone in (
                    ("", "All", counts["n"], ""), ("objected", "Objected", counts["objected"], "amber"), ("not-met", "No introductory contact", counts["not_met"], "amber"),
                    ("restricted", "Restricted", counts["restricted"], ""),
                )
            ],
            "processes": TupeProcess.objects.visible_to(self.request.user).filter(programme=self.programme).select_related("transferor", "transferee"),
            "as_of": as_of,
            "may_edit": self.actor.can(Can.STAFF_EDIT),
        }
        return context


def _parties(view: Any, role: str) -> QuerySet[Organisation]:
    """Organisations with ``role`` in the contracts of the programme."""
    return Organisation.objects.visible_to(view.request.user).filter(party_to__contract__programmes=view.programme, party_to__role=role).distinct()


def _query(said: dict[str, str]) -> str:
    kept = {name: value for name, value in said.items() if value}
    return f"?{urlencode(kept)}" if kept else ""


def _cells(member: StaffTransfer, requirements: list[TrainingRequirement], as_of: Any) -> list[tuple[TrainingRequirement, CompetenceRecord | None, bool]]:
    held = {record.skill: record for record in member.competence.all()}  # scope: of the member above
    return [
        (need, held.get(need.skill), need.skill in held and competence.counts(competence.Record(need.skill, held[need.skill].state, held[need.skill].expires_on), as_of))
        for need in requirements
    ]


class StaffDetail(ProgrammeView, TemplateView):
    required = Can.STAFF_VIEW
    required_post = Can.STAFF_EDIT
    template_name = "transfers/staff_detail.html"

    @cached_property
    def member(self) -> StaffTransfer:
        found = StaffTransfer.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"]).select_related("exiting", "incoming").first()
        if found is None:
            raise Http404("outside scope")
        return found

    @cached_property
    def requirements(self) -> list[TrainingRequirement]:
        return list(TrainingRequirement.objects.visible_to(self.request.user).filter(programme=self.programme))

    def _form(self, data: Any = None) -> StaffForm:
        return StaffForm(data, instance=self.member, organisations=_parties(self, "incoming"))

    def post(self, request: HttpRequest, ref: str, public_id: str) -> HttpResponse:
        competing = "record" in request.POST
        form: Any = CompetenceForm(request.POST, requirements=self.requirements) if competing else self._form(request.POST)
        if form.is_valid():
            try:
                if competing:
                    services.record_competence(self.member, form.cleaned_data["skill"], form.cleaned_data["state"], actor=self.actor, on=form.cleaned_data["on"], expires_on=form.cleaned_data["expires_on"])
                else:
                    services.update_staff(self.member, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Saved.")
                return redirect("transfers:staff-detail", ref=ref, public_id=public_id)
        return self.render_to_response(self.get_context_data(**({"competence_form": form} if competing else {"form": form})), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        access_log.record(self.actor, "view", self.programme, "staff", ids=[self.member.public_id], request=self.request)
        records = list(CompetenceRecord.objects.visible_to(self.request.user).filter(staff=self.member))
        held = [competence.Record(r.skill, r.state, r.expires_on) for r in records]
        context |= {
            "member": self.member,
            "no_medication": any(r.skill == competence.MEDICATION for r in self.requirements) and not competence.may_do_medication(held, today()),
            "cells": _cells(self.member, self.requirements, today()),
            "missing": competence.not_ready(held, [competence.Requirement(r.skill, r.mandatory, r.high_risk) for r in self.requirements], today()),
            "may_edit": self.actor.can(Can.STAFF_EDIT),
            "events": events(
                Change.objects.visible_to(self.request.user).filter(
                Q(entity=entity_name(self.member), object_id=self.member.pk) | Q(entity=entity_name(CompetenceRecord), object_id__in=[r.pk for r in records])
            )[:50]
            ),
        }
        if context["may_edit"]:
            context.setdefault("form", self._form())
            context.setdefault("competence_form", CompetenceForm(requirements=self.requirements))
        return context


class TupeOpen(ProgrammeView, TemplateView):
    """``/staff/tupe/open/``: a provider opens the record of its own staff only."""

    required = Can.STAFF_EDIT
    template_name = "transfers/tupe_open.html"

    @cached_property
    def exiting(self) -> QuerySet[Organisation]:
        found = _parties(self, "exiting").order_by("name")
        return found.filter(pk__in=self.actor.organisation_ids("XP")) if services.own_staff_only(self.actor) else found

    def _form(self, data: Any = None) -> TupeOpenForm:
        blank = TupeProcess(programme=self.programme, transfer_date=self.programme.staff_transfer_date, division=self.programme.division)
        # How many the employer has in all nobody knows before it is asked, and the consultation route hangs on it: no 0 stands there.
        return TupeOpenForm(data, instance=blank, initial={} if data else {"employer_headcount": None} | self._proposed(), exiting=self.exiting, incoming=_parties(self, "incoming").order_by("name"))

    def _proposed(self) -> dict[str, Any]:
        """Where one employer alone may be meant: that one, and how many of its staff on the list are assigned."""
        employers = list(self.exiting[:2])
        if len(employers) != 1:
            return {}
        listed = StaffTransfer.objects.visible_to(self.request.user).filter(programme=self.programme, exiting=employers[0], assigned=True)
        return {"transferor": employers[0], "headcount": listed.count()}

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        form = self._form(request.POST)
        if form.is_valid():
            try:
                opened = services.open_tupe(self.programme, actor=self.actor, **form.values)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"The TUPE record is open. Its dates are counted back from {short_date(opened.transfer_date)}.")
                return redirect("transfers:staff-list", ref=ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("form", self._form())
        return context


class TupeEdit(ProgrammeView, TemplateView):
    required = Can.STAFF_EDIT
    template_name = "transfers/tupe_form.html"

    @cached_property
    def process(self) -> TupeProcess:
        found = TupeProcess.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"]).first()
        if found is None:
            raise Http404("outside scope")
        return found

    def post(self, request: HttpRequest, ref: str, public_id: str) -> HttpResponse:
        form = TupeForm(request.POST, instance=self.process)
        if form.is_valid():
            try:
                services.update_tupe(self.process, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "The TUPE timeline is saved.")
                return redirect("transfers:staff-list", ref=ref)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["process"] = self.process
        context.setdefault("form", TupeForm(instance=self.process))
        return context
