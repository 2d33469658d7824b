"""The pages with a form: the record, an act, a checkpoint."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from mobilisation.clock import today
from mobilisation.errors import Reason, Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.models import Organisation
from mobilisation.roles import Can
from mobilisation.services import access_log
from mobilisation.views.scope import ProgrammeView
from transfers.choices import Response
from transfers.forms import people as forms
from transfers.models import Checkpoint, PersonTransfer
from transfers.rules import endings, gates, transfer_day
from transfers.rules.hospital import unanswered
from transfers.services import checkpoints
from transfers.services import people as services
from transfers.services.doubles import PerhapsListed
from transfers.services.rights import is_provider
from transfers.services.seen import Seen
from transfers.views.people import perhaps
from transfers.views.people.acts import ACTS, Act, acts_for, current_offer
from transfers.views.people.page import PersonPage
from transfers.views.people.scope import PeopleScope
from transfers.views.people.solving import ways
from transfers.views.summaries import condition_of

BECAME = {"done": "marked as done", "not_applicable": "marked as not applicable", "waived": "waived", "in_progress": "stated; the mobilisation team confirms it"}
"""What became of a checkpoint, in words: "C12 is …"."""


def incoming_words(view: PeopleScope, code: str) -> str:
    """To whom the person goes, and on what condition, beside a checkpoint that rests on it."""
    person = view.person  # type: ignore[attr-defined]
    if "incoming_provider" not in checkpoints.RESTS_ON.get(code, ()) or not person.incoming_provider:
        return ""
    condition = condition_of(current_offer(view), view.actor) if person.allocation_response == Response.CONDITIONS else ""
    return f"Incoming provider: {person.incoming_provider}{f', which accepts on the condition: {condition}' if condition else ''}".rstrip(".") + "."


class PersonForms(PersonPage):
    """A page with one form: shows it, ends in one service, keeps what was typed when refused."""

    required = Can.PEOPLE_EDIT
    template_name = "transfers/person_form.html"
    title = ""
    text = ""

    def make(self, data: Any = None) -> Any:
        raise Http404

    def do(self, form: Any) -> str:
        raise Http404

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = self.render_to_response(self.form_context(self.make()))
        if self.person.pk:
            access_log.record(self.actor, "view", self.programme, "person", ids=[self.person.public_id], request=request)
        return answer

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.make(request.POST)
        if not form.is_valid():
            if apart := perhaps.ticked(request.POST):
                perhaps.ask(self, form, sorted(apart), said=True)
        else:
            try:
                said = self.do(form)
            except Refused as refusal:
                if isinstance(refusal, PerhapsListed):
                    perhaps.ask(self, form, refusal.keys)
                show_refusal(form, refusal, lambda reason: ways(self, [reason]))
            else:
                messages.success(request, said)
                return redirect("transfers:person-detail", ref=self.programme.ref, public_id=self.person.public_id)
        return self.render_to_response(self.form_context(form), status=422)

    about: Any = None
    """The record the act is on, beside the person."""

    @property
    def seen(self) -> Seen | None:
        """What the page showed that was sent back."""
        return Seen.read(self.request.POST.get("version", ""))

    def barred(self) -> list[Reason]:
        """Why the form is not shown at all."""
        return []

    def form_context(self, form: Any) -> dict[str, Any]:
        # What was typed stays in its form, with what refused it.
        bars = [] if form.is_bound else self.barred()
        if isinstance(form, forms.ActForm) and not form.is_bound:
            form.initial["version"] = str(Seen.of(self.person, self.about))
        context = ProgrammeView.get_context_data(self, form=form)
        return context | {"person": self.person, "title": self.title, "text": self.text, "bars": bars, "ways": ways(self, bars), "ask_the_team": is_provider(self.actor), "back": reverse("transfers:person-detail", args=[self.programme.ref, self.person.public_id])}


class PersonEdit(PersonForms):
    title = "Change the record"

    def make(self, data: Any = None) -> forms.PersonForm:
        exiting = Organisation.objects.visible_to(self.request.user).filter(party_to__contract__programmes=self.programme, party_to__role="exiting").distinct()
        return forms.PersonForm(data, instance=self.person, provider=is_provider(self.actor), exiting=exiting)

    def do(self, form: Any) -> str:
        record = services.update_person(self.person, form.values, actor=self.actor, expected_version=form.cleaned_data["version"], another=perhaps.ticked(self.request.POST))
        if record is None:
            return "Nothing was different, so nothing was saved."
        doubt = transfer_day.doubt(self.person.planned_transfer_date, self.programme.exit_date) if "planned_transfer_date" in record.fields else ""
        return f"Saved. {doubt}".strip()


class PersonAdd(PersonForms):
    title = "Add a person"
    template_name = "transfers/person_form.html"

    @cached_property
    def person(self) -> PersonTransfer:
        return PersonTransfer(programme=self.programme, listed_on=today(), touched_on=today(), source="entered by hand")

    def make(self, data: Any = None) -> forms.PersonForm:
        if is_provider(self.actor):
            raise Http404("outside scope")
        exiting = Organisation.objects.visible_to(self.request.user).filter(party_to__contract__programmes=self.programme, party_to__role="exiting").distinct()
        return forms.AddForm(data, instance=self.person, exiting=exiting)

    def do(self, form: Any) -> str:
        self.person.source = form.cleaned_data["source"] or self.person.source
        for name, value in form.values.items():
            setattr(self.person, name, value)
        services.list_person(self.person, actor=self.actor, another=perhaps.ticked(self.request.POST))
        return f"The person is on the list. {transfer_day.doubt(self.person.planned_transfer_date, self.programme.exit_date)}".strip()

    def form_context(self, form: Any) -> dict[str, Any]:
        return ProgrammeView.get_context_data(self, form=form) | {"title": self.title, "text": "", "back": reverse("transfers:person-list", args=[self.programme.ref])}


class PersonAct(PersonForms):
    """``/people/<id>/do/<act>/``."""

    @cached_property
    def act(self) -> Act:
        act = ACTS.get(self.kwargs["act"])
        if act is None or not self.actor.can(Can.PEOPLE_EDIT) or not act.offered(self):
            raise Http404("not offered")
        # What was sent from a page that was open meanwhile is answered by the service, in words, and nothing typed is lost.
        if self.request.method != "POST" and act not in acts_for(self):
            raise Http404("not offered")
        return act

    @cached_property
    def about(self) -> Any:  # type: ignore[override]
        return self.act.about(self)

    @property
    def text(self) -> str:  # type: ignore[override]
        return self.act.text(self)

    @property
    def title(self) -> str:  # type: ignore[override]
        return self.act.title

    def make(self, data: Any = None) -> forms.ActForm:
        form = self.act.form(data, initial=self.act.initial(self)) if data is None else self.act.form(data)
        if "provider" in form.fields:
            form.fields["provider"].queryset = self.providers  # type: ignore[attr-defined]
        return form

    def do(self, form: Any) -> str:
        said = self.act.do(self, form.cleaned_data)
        return said if isinstance(said, str) else self.act.said


class PersonCheckpoint(PersonForms):
    """``/people/<id>/checkpoints/<code>/<how>/``: mark, not-applicable, waive, decline (the waiver that was asked) or undo."""

    HOWS = {"mark": forms.MarkForm, "not-applicable": forms.ConfirmForm, "waive": forms.WaiveForm, "decline": forms.DeclineForm, "undo": forms.UndoForm}

    @property
    def title(self) -> str:  # type: ignore[override]
        words = {"mark": "Mark", "not-applicable": "Not applicable:", "waive": "Waive", "decline": "Do not agree to the waiver of", "undo": "Undo"}[self.kwargs["how"]]
        return f"{words} {self.kwargs['code']} {gates.BY_CODE[self.kwargs['code']].title}"

    def make(self, data: Any = None) -> forms.ActForm:
        if self.kwargs["code"] not in gates.BY_CODE or self.kwargs["how"] not in self.HOWS:
            raise Http404
        if self.kwargs["how"] == "mark" and self.kwargs["code"] == "C02" and unanswered(self.person.in_hospital, self.person.hospital_asked_on):
            return forms.MarkDataForm(data)
        if self.kwargs["how"] == "undo":
            return forms.UndoForm(data, asked=self._asked_why())
        return (forms.AgreeForm if self.asked and self.kwargs["how"] == "waive" else self.HOWS[self.kwargs["how"]])(data)

    def _asked_why(self) -> bool:
        """Whether an undo needs its reason from this reader; who may not undo at all is told that instead."""
        if self.about is None or not self.actor.has_role("OL"):
            return False
        states = dict(Checkpoint.objects.visible_to(self.request.user).filter(person=self.person).values_list("code", "state"))
        return checkpoints.needs_reason(self.about, states, self.programme, actor=self.actor)

    @cached_property
    def asked(self) -> Checkpoint | None:
        """The waiver that waits for the CL, on the pages that agree to it or not."""
        if self.kwargs["how"] not in {"waive", "decline"}:
            return None
        found = Checkpoint.objects.visible_to(self.request.user).filter(person=self.person, code=self.kwargs["code"]).first()
        return found if checkpoints.waiver_asked(found) else None

    @property
    def text(self) -> str:  # type: ignore[override]
        if self.person.ending:
            return endings.refused(self.person.get_ending_display())
        if self.asked:
            return f"{self.asked.by_label} asks for it. Reason: {self.asked.note.rstrip('.')}. Risk assessment: {self.asked.risk_assessment.rstrip('.')}."
        return incoming_words(self, self.kwargs["code"]) if self.kwargs["how"] == "mark" else ""

    def barred(self) -> list[Reason]:
        return checkpoints.in_the_way(self.person, self.kwargs["code"], self.kwargs["how"], actor=self.actor)

    def form_context(self, form: Any) -> dict[str, Any]:
        """Whoever is asked for a waiver may say no on the page that asks."""
        context = super().form_context(form)
        if self.kwargs["how"] == "waive" and self.asked and not self.person.ending and not checkpoints.decline_refused(self.kwargs["code"], self.asked, actor=self.actor):
            context["instead"] = ("Do not agree", reverse("transfers:checkpoint", args=[self.programme.ref, self.person.public_id, self.kwargs["code"], "decline"]))
        return context

    @cached_property
    def about(self) -> Checkpoint | None:  # type: ignore[override]
        return Checkpoint.objects.visible_to(self.request.user).filter(person=self.person, code=self.kwargs["code"]).first()

    def do(self, form: Any) -> str:
        code, how, data = self.kwargs["code"], self.kwargs["how"], form.cleaned_data
        if how == "mark":
            with transaction.atomic():
                if data.get("at_home") == "yes":
                    services.confirm_at_home(self.person, actor=self.actor, on=data["on"])
                made = checkpoints.mark(self.person, code, actor=self.actor, on=data["on"], note=data["note"], seen=None if data.get("at_home") else self.seen)
        elif how == "not-applicable":
            made = checkpoints.mark(self.person, code, actor=self.actor, note=data["note"], state="not_applicable", seen=self.seen)
        elif how == "waive":
            made = checkpoints.waive(self.person, code, actor=self.actor, reason=data.get("reason", ""), risk_assessment=data.get("risk_assessment", ""), seen=self.seen)
            if made.state != "waived":
                return f"The waiver of {code} waits for the lead commissioning manager (CL), who has been told. Until then {code} stays open."
        elif how == "decline":
            checkpoints.decline_waiver(self.person, code, actor=self.actor, reason=data["reason"], seen=self.seen)
            return f"The waiver of {code} is not agreed; {code} stays open. The lead operational manager (OL) has been told."
        else:
            reopened = checkpoints.undo(self.person, code, actor=self.actor, reason=data["reason"], seen=self.seen)
            return f"{code} undone." + (f" Reopened with it: {', '.join(reopened)}." if reopened else "")
        return f"{code} is {BECAME[made.state]}."
