"""Opening a programme in five short steps. What was typed is kept for its user, so that back, reload and an idle time-out lose nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.access import Actor
from mobilisation.choices import ExitType, Pace, PartyRole, ProgrammeKind
from mobilisation.components import SummaryRow, short_date
from mobilisation.errors import Reason, Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.models import Programme
from mobilisation.roles import ROLES, Can, codes_with, sees_people
from workstreams.forms.wizard import CheckForm, DatesForm, KindForm, PartiesForm, PeopleForm, WizardForm
from workstreams.services.programmes import NewProgramme, Party, Person, create_programme, date_faults, faults, lead_faults, people_faults, settled

STEPS: dict[str, tuple[str, type[WizardForm]]] = {
    "kind": ("What begins", KindForm), "dates": ("Dates", DatesForm), "parties": ("Who is party to it", PartiesForm), "people": ("People in roles", PeopleForm),
    "check": ("Check your answers", CheckForm),
}
KEPT = 24 * 3600
"""Seconds the answers wait for their user; longer than a session, which an idle time-out ends."""


class ProgrammeWizard(LoginRequiredMixin, TemplateView):
    """``?step=`` names the page; a step whose forerunners are not answered leads back to the first of them."""

    template_name = "workstreams/programme_create.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            if not self.own_roles.intersection(codes_with(Can.PROGRAMME_CREATE)):
                raise Http404("outside scope")
            if self.step != (first := self._reachable()):
                if first in self.answers:
                    for texts in self._form_of(first, self.answers[first]).errors.values():
                        messages.warning(request, " ".join(map(str, texts)))
                return redirect(self._url(first))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def answers(self) -> dict[str, dict[str, Any]]:
        """Step → the values as typed."""
        return dict(cache.get(self._kept_at) or {})

    @property
    def _kept_at(self) -> str:
        return f"new-programme:{self.request.user.pk}"

    @property
    def step(self) -> str:
        step = self.request.GET.get("step", "kind")
        return step if step in STEPS else "kind"

    def _reachable(self) -> str:
        for name in STEPS:
            if name == self.step or (name not in self.answers) or not self._form_of(name, self.answers[name]).is_valid():
                return name
        return self.step

    def _url(self, step: str) -> str:
        return f"{reverse('workstreams:programme-create')}?step={step}"

    def _form_of(self, step: str, data: Any = None, **kwargs: Any) -> Any:
        if step == "people":
            kwargs["people_seen"] = any(sees_people(role) for role in self.own_roles)
        return STEPS[step][1](data, answers=self.answers, **kwargs)

    @cached_property
    def own_roles(self) -> frozenset[str]:
        return self.opener.roles

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self._form_of(self.step, request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        if self.step == "check":
            return self._create(form)
        earlier, self.answers[self.step] = self.answers.get(self.step), {name: request.POST.get(name, "") for name in form.fields}
        if wrong := self._wrong_so_far():
            if earlier is None:
                del self.answers[self.step]
            else:
                self.answers[self.step] = earlier
            show_refusal(form, Refused(wrong))
            return self.render_to_response(self.get_context_data(form=form), status=422)
        cache.set(self._kept_at, self.answers, KEPT)
        names = list(STEPS)
        return redirect(self._url(names[names.index(self.step) + 1]))

    def _wrong_so_far(self) -> list[Reason]:
        """What the service would say to the answers of this step, said while the step is open."""
        if self.step == "dates":
            dates = self._form_of("dates", self.answers["dates"])
            dates.is_valid()
            return date_faults(settled(self._begun(dates.cleaned_data)))
        if self.step in {"parties", "people"}:
            return [reason for reason in (faults(self.new_programme) if self.step == "parties" else people_faults(self.new_programme, self.opener) + lead_faults(self.new_programme, self.opener)) if reason.field in {self.step, "own", "role_CL"}]
        return []

    def _begun(self, dates: dict[str, Any]) -> NewProgramme:
        kind = self._form_of("kind", self.answers["kind"])
        kind.is_valid()
        return NewProgramme(
            reference=kind.cleaned_data["reference"], kind=kind.cleaned_data["kind"], title=kind.cleaned_data["title"],
            **{name: value or ("" if name in ("pace", "exit_type", "division") else None) for name, value in dates.items()},
        )

    @cached_property
    def opener(self) -> Actor:
        return Actor.opening(self.request.user)

    def _create(self, form: WizardForm) -> HttpResponse:
        user = self.request.user
        try:
            programme = create_programme(self.new_programme, actor=self.opener)
        except Refused as refusal:
            show_refusal(form, refusal)
            return self.render_to_response(self.get_context_data(form=form), status=422)
        cache.delete(self._kept_at)
        messages.success(self.request, f"{programme.reference} is open, with its plan.")
        if Programme.objects.visible_to(user).filter(pk=programme.pk).exists():
            return redirect("workstreams:plan", ref=programme.ref)
        return redirect("/")

    @property
    def new_programme(self) -> NewProgramme:
        """What the answers so far amount to, with the defaults filled in."""
        forms = {}
        for name in ("dates", "parties", "people"):
            forms[name] = self._form_of(name, self.answers.get(name, {}))
            forms[name].is_valid()
        people = [Person(role, email=value if "@" in value else "", name="" if "@" in value else value, organisation=organisation) for role, organisation, value in forms["people"].people()]
        if own := forms["people"].cleaned_data.get("own"):
            email = self.request.user.email
            people = [Person(own, email=email), *(one for one in people if (one.role, one.email.casefold()) != (own, email.casefold()))]
        parties = tuple(Party(role, name) for role, name in forms["parties"].parties())
        return settled(replace(self._begun(forms["dates"].cleaned_data), parties=parties, people=tuple(people)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        names = list(STEPS)
        at = names.index(self.step)
        context |= {
            "step": self.step, "heading": STEPS[self.step][0], "number": at + 1, "of": len(names), "back_url": self._url(names[at - 1]) if at else "",
            "steps": [(number, STEPS[name][0], name == self.step, number <= at) for number, name in enumerate(names, 1)],
        }
        if "form" not in context:
            context["form"] = self._form_of(self.step, initial=self.answers.get(self.step, {}))
        if self.step == "check":
            context["summary"] = self._summary()
        return context

    def _summary(self) -> list[SummaryRow]:
        new = self.new_programme
        rows = [
            SummaryRow("What begins", ProgrammeKind(new.kind).label, self._url("kind")), SummaryRow("Title", new.title, self._url("kind")),
            SummaryRow("Reference", new.reference, self._url("kind")),
        ]
        if new.exit_type:
            rows.append(SummaryRow("Type of exit", ExitType(new.exit_type).label, self._url("dates")))
        for label, value in (("Decision or notice date", new.d0), ("Last day of the exiting provider", new.end), ("Award", new.award), ("Service commencement", new.scd), ("Go-live", new.go_live), ("Staff transfer", new.staff_transfer)):
            if value:
                rows.append(SummaryRow(label, short_date(value), self._url("dates")))
        rows.append(SummaryRow("Pace", Pace(new.pace).label, self._url("dates"), hint="" if self.answers["dates"].get("pace") else "As the guide suggests"))
        parties = "; ".join(f"{party.name} ({PartyRole(party.role).label.lower()})" for party in new.parties)
        rows.append(SummaryRow("Parties", parties, self._url("parties")))
        people = "; ".join(f"{person.name or person.email} ({ROLES[person.role].title.lower()}{f', {person.organisation}' if person.organisation else ''})" for person in new.people)
        rows.append(SummaryRow("People in roles", people, self._url("people")))
        return rows
