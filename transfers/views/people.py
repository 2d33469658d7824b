"""The tracker: the list with its counters, one person with the chain of checkpoints, and the acts on a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
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
from mobilisation.views.scope import ProgrammeView
from transfers.facts.groups import groups
from transfers.forms import people as forms
from transfers.models import Allocation, Checkpoint, Hold, HospitalEpisode, PersonTransfer, SafetyCheck
from transfers.rules import gates
from transfers.rules import priority as priorities
from transfers.services import checkpoints, turning
from transfers.services import people as services
from transfers.services.hospital import renew_slot, slot_until
from transfers.services.rights import is_provider
from transfers.services.seen import Seen
from transfers.views import sections
from transfers.views.summaries import summaries

PAGE = 50
SEARCH_KEY = "people-search"
SORTS = {
    "name": ("surname", "forename", "id"),
    "due": ("next_due", "surname", "id"),
    "transfer": ("planned_transfer_date", "surname", "id"),
    "updated": ("touched_on", "surname", "id"),
    "wave": ("wave", "surname", "id"),
}


class PeopleScope(ProgrammeView):
    """People of the programme that this user may see."""

    required = Can.PEOPLE_VIEW

    @property
    def people(self) -> QuerySet[PersonTransfer]:
        return PersonTransfer.objects.visible_to(self.request.user).filter(programme=self.programme)

    @property
    def providers(self) -> QuerySet[Organisation]:
        return Organisation.objects.visible_to(self.request.user).filter(party_to__contract__programmes=self.programme, party_to__role="incoming").distinct()


class PersonList(PeopleScope, TemplateView):
    """A search is posted and kept with the session, so that no name stands in an address or a log."""

    template_name = "transfers/person_list.html"

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        request.session[f"{SEARCH_KEY}:{ref}"] = request.POST.get("term", "").strip()[:100]
        return redirect(f"{request.path}?{request.GET.urlencode()}" if request.GET else request.path)

    @property
    def term(self) -> str:
        term: str = self.request.session.get(f"{SEARCH_KEY}:{self.kwargs['ref']}", "")
        return term

    def filtered(self, form: forms.PeopleFilter, as_of: date) -> QuerySet[PersonTransfer]:
        """Exactly the rows the page shows, in its order; the export takes the same."""
        named = groups(as_of)
        people = self.people.filter(named.get(self.request.GET.get("show", ""), named[""]).condition).with_colour(as_of)
        chosen = form.chosen
        if value := chosen.get("priority"):
            people = people.filter(priority="" if value == "none" else value)
        if value := chosen.get("progress"):
            people = people.filter(colour=value)
        if value := chosen.get("provider"):
            people = people.filter(incoming_provider__isnull=True) if value == "none" else people.filter(incoming_provider__public_id=value)
        if value := chosen.get("wave"):
            people = people.filter(wave=value)
        if value := chosen.get("funding"):
            people = people.filter(funding_type=value)
        if value := chosen.get("stage"):
            people = people.filter(Q(status=value, ending="") | Q(ending=value))
        if self.term:
            digits = "".join(self.term.split())
            named = Q()
            for word in self.term.replace(",", " ").split():
                named &= Q(surname__icontains=word) | Q(forename__icontains=word)
            people = people.filter(named | Q(case_system_id__iexact=self.term) | Q(nhs_number=digits) | Q(public_id=self.term.lower()))
        key = self.request.GET.get("sort", "name").removeprefix("-")
        order = SORTS.get(key, SORTS["name"])
        if self.request.GET.get("sort", "").startswith("-"):
            order = ("-" + order[0], *order[1:])
        return people.order_by(*order)

    def filter_form(self) -> forms.PeopleFilter:
        providers = [(row["public_id"], row["name"]) for row in self.providers.values("public_id", "name")]
        waves = list(self.people.exclude(wave="").order_by("wave").values_list("wave", flat=True).distinct())
        return forms.PeopleFilter(self.request.GET or None, providers=providers, waves=waves)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        as_of, show = today(), self.request.GET.get("show", "")
        form = self.filter_form()
        shown = {key: group for key, group in groups(as_of).items() if group.counter or key == show}
        counts = self.people.aggregate(**{f"n{n}": Count("pk", filter=group.condition or None) for n, group in enumerate(shown.values())})
        pages = Paginator(self.filtered(form, as_of).select_related("exiting_provider", "incoming_provider"), PAGE)
        if not self.term and not form.chosen:
            # The counter has counted these rows already.
            pages.count = counts[f"n{list(shown).index(show if show in shown else '')}"]
        page = pages.get_page(self.request.GET.get("page"))
        rows = list(page)
        wide = self.request.GET.get("view") == "checkpoints"
        marks: dict[int, dict[str, Checkpoint]] = {}
        if wide:
            for mark in Checkpoint.objects.visible_to(self.request.user).filter(person__in=[row.pk for row in rows]):
                marks.setdefault(mark.person_id, {})[mark.code] = mark
        access_log.record(self.actor, "search" if self.term else "view", self.programme, "people list", ids=[row.public_id for row in rows], request=self.request)
        query = self.request.GET.copy()
        query.pop("page", None)
        context |= {
            "as_of": as_of,
            "form": form,
            "counters": [
                Counter(group.label, counts[f"n{n}"], f"{self.request.path}?show={key}" if key else self.request.path, active=key == show, tone=group.tone)
                for n, (key, group) in enumerate(shown.items())
            ],
            "page_obj": page,
            "rows": [(row, [marks.get(row.pk, {}).get(code) for code in gates.CODES] if wide else None) for row in rows],
            "wide": wide,
            "many_exiting": len({row.exiting_provider_id for row in rows}) > 1,
            "codes": gates.CHECKPOINTS,
            "term": self.term,
            "sort": self.request.GET.get("sort", "name"),
            "sorts": [("name", "name"), ("due", "due date"), ("transfer", "transfer date"), ("wave", "wave"), ("updated", "least recently updated")],
            "query": query.urlencode(),
            "may_edit": self.actor.can(Can.PEOPLE_EDIT) and not is_provider(self.actor),
            "sees_offers": not is_provider(self.actor) or self.actor.has_role("IP"),
            "may_import": self.actor.can(Can.PEOPLE_IMPORT),
            "may_export": self.actor.can(Can.PEOPLE_EXPORT),
            "bulk_form": forms.BulkForm(),
        }
        return context


class PersonBulk(PeopleScope, TemplateView):
    """Mark one checkpoint for many: first how many will change and who is refused and why, then the act."""

    required = Can.PEOPLE_EDIT
    template_name = "transfers/person_bulk.html"

    def get(self, request: HttpRequest, ref: str) -> HttpResponse:
        return redirect("transfers:person-list", ref=ref)

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        people = list(self.people.filter(public_id__in=request.POST.getlist("person")[:500]))
        form = forms.BulkForm(request.POST)
        if not people:
            messages.warning(request, "Tick the people first, then choose the checkpoint.")
            return redirect("transfers:person-list", ref=ref)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form, people=people), status=422)
        code, on = form.cleaned_data["code"], form.cleaned_data["on"]
        if "confirmed" in request.POST:
            outcome = checkpoints.bulk_mark(people, code, programme=self.programme, actor=self.actor, on=on, note=form.cleaned_data["note"])
            messages.success(request, f"{code} marked for {len(outcome.marked)}; {len(outcome.refused)} refused.")
            return redirect("transfers:person-list", ref=ref)
        outcome = checkpoints.bulk_preview(people, code, programme=self.programme, actor=self.actor, on=on)
        return self.render_to_response(self.get_context_data(form=form, people=people, outcome=outcome, checkpoint=gates.BY_CODE[code]))


class PersonPage(PeopleScope, TemplateView):
    """One person: what is done, what is missing for the next step, what may be done now."""

    template_name = "transfers/person_detail.html"

    @cached_property
    def person(self) -> PersonTransfer:
        found = self.people.filter(public_id=self.kwargs["public_id"]).select_related("exiting_provider", "incoming_provider").first()
        if found is None:
            raise Http404("outside scope")
        found.programme = self.programme
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user, person, as_of = self.request.user, self.person, today()
        marks = {mark.code: mark for mark in Checkpoint.objects.visible_to(user).filter(person=person)}
        states = turning.states_of(marks.values())
        frame = turning.Frame.of(self.programme)
        dues = frame.dues_of(person, marks.values())
        stay = HospitalEpisode.objects.visible_to(user).filter(person=person, open=True).first()
        allocation = Allocation.objects.visible_to(user).filter(person=person, current=True).select_related("provider").first()
        checks = list(SafetyCheck.objects.visible_to(user).filter(person=person))
        holds = frame.hold_on(person)
        colour, reason = person.moments.at(as_of)
        suggestion = priorities.suggest(services.needs_of(person, plan_current=states.get("C08") == "done"))
        acts = acts_for(self)
        access_log.record(self.actor, "view", self.programme, "person", ids=[person.public_id], request=self.request)
        around = sections.Around.of(self, person)
        own = Q(entity=entity_name(person), object_id=person.pk) | Q(entity=entity_name(Checkpoint), object_id__in=[mark.pk for mark in marks.values()]) | around.history()
        context |= {
            "person": person,
            "as_of": as_of,
            "colour": colour,
            "reason": reason,
            "suggestion": suggestion,
            "chain": [chain_row(code, marks.get(code), states, dues.get(code), self) for code in gates.CODES],
            "next": gates.BY_CODE.get(person.next_checkpoint),
            "missing": [gates.BY_CODE[code] for code in gates.missing(person.next_checkpoint, states, pace=self.programme.pace)] if person.next_checkpoint else [],
            "missing_c14": [gates.BY_CODE[code] for code in gates.missing("C14", states, pace=self.programme.pace)] if states.get("C14") not in gates.SETTLED else [],
            "stay": stay,
            "slot_until": slot_until(stay, self.programme) if stay else None,
            "allocation": allocation,
            "checks": checks,
            "holds": holds,
            "acts": acts,
            "events": events(around.shown(Change.objects.visible_to(user).filter(own)[:60])),
            "may_edit": self.actor.can(Can.PEOPLE_EDIT),
            **summaries(person, allocation),
            **around.context(),
        }
        return context


@dataclass(frozen=True)
class ChainRow:
    checkpoint: gates.Checkpoint
    mark: Checkpoint | None
    state: str
    due: date | None
    missing: list[str]
    may_mark: bool
    may_undo: bool
    may_waive: bool
    waiver_asked: bool


def chain_row(code: str, mark: Checkpoint | None, states: dict[str, str], due: date | None, view: PeopleScope) -> ChainRow:
    actor, person = view.actor, view.person  # type: ignore[attr-defined]
    settled = states.get(code) in gates.SETTLED
    missing = gates.missing(code, states, pace=view.programme.pace)
    paused = person.in_hospital and code in gates.PAUSED_IN_HOSPITAL
    asked = checkpoints.waiver_asked(mark)
    may = actor.can(Can.PEOPLE_EDIT) and gates.may_mark(code, actor.roles, priority=person.priority) and not person.ending and not paused
    return ChainRow(
        gates.BY_CODE[code], mark, states.get(code, "not_started"), due, missing, may and not settled and not missing and code != "C16",
        mark is not None and checkpoints.may_undo(mark, states, view.programme, actor=actor),
        not settled and gates.BY_CODE[code].waivable and actor.has_role("CL" if asked else "OL") and not person.ending, asked,
    )


TAKE_BACK = "take-back"


@dataclass(frozen=True)
class Act:
    """One thing that can be done to a person: title, form and the service it ends in. ``offered`` asks the role, ``when`` how
    the person stands; ``about`` is the record the act is on, beside the person."""

    key: str
    title: str
    form: type[forms.ActForm]
    do: Callable[[Any, dict[str, Any]], object]
    offered: Callable[[Any], bool] = lambda view: True
    when: Callable[[Any], bool] = lambda view: True
    text: Callable[[Any], str] = lambda view: ""
    about: Callable[[Any], Any] = lambda view: None


def _open_hold(view: Any) -> Hold:
    held = Hold.objects.visible_to(view.request.user).filter(person=view.person, lifted_on__isnull=True).first()
    if held is None:
        raise Refused("This person is not on a hold of their own.")
    return held


def _safety(view: Any, data: dict[str, Any]) -> object:
    return checkpoints.record_safety_check(
        view.person, data["outcome"], actor=view.actor, on=data["on"], method=data["method"], answers={"problems": data["problems"]}, follow_up=data["follow_up"],
        confirmed_by=data["confirmed_by"], number=2 if data["second"] else 1, safeguarding=data["safeguarding"], safeguarding_owner=data["safeguarding_owner"],
    )


def _hold_words(view: Any) -> str:
    held = services.own_hold(view.person)
    return f"On hold since {short_date(held.from_date)}: {held.reason}" if held else ""


def _respond_words(view: Any) -> str:
    """Whose answer it is: nobody records one provider's yes for another."""
    made = view.about
    return f"Offered to {made.provider} on {short_date(made.proposed_on)}. Record what {made.provider} answered." if made else ""


def _slot_words(view: Any) -> str:
    until = slot_until(view.about, view.programme) if view.about else None
    return f"The slot is held until {short_date(until)}. Renewed today it is held for {view.programme.threshold('hospital_slot_c')} calendar days more." if until else ""


def _offer_words(view: Any) -> str:
    person = view.person
    return f"Now: {person.incoming_provider}, {person.get_allocation_response_display().lower() or 'not offered yet'}." if person.incoming_provider else ""


def _allocation(view: Any) -> Allocation | None:
    return Allocation.objects.visible_to(view.request.user).filter(person=view.person, current=True).select_related("provider").first()


def _stay(view: Any) -> HospitalEpisode | None:
    return HospitalEpisode.objects.visible_to(view.request.user).filter(person=view.person, open=True).first()


def _own_hold(view: Any) -> Hold | None:
    return services.own_hold(view.person)


ACTS: dict[str, Act] = {
    act.key: act
    for act in (
        Act(
            "priority", "Set the priority", forms.PriorityForm, lambda v, d: services.set_priority(v.person, d["letter"], actor=v.actor, reason=d["reason"], seen=v.seen), lambda v: v.actor.has_role("OL", "ASM", "CM"),
            text=lambda v: f"Priority now: {v.person.get_priority_display() or 'not set'}.",
        ),
        Act(
            "offer", "Offer to a provider", forms.OfferForm, lambda v, d: services.offer(v.person, d["provider"], actor=v.actor, wave=d["wave"], seen=v.seen), lambda v: not is_provider(v.actor),
            lambda v: v.person.status in {"listed", "rated", "informed"} and v.person.allocation_response not in {"accepted", "accepted_with_conditions"}, _offer_words,
        ),
        Act(
            "respond", "Record the provider's answer", forms.RespondForm, lambda v, d: services.respond(v.person, d["response"], actor=v.actor, reason=d["reason"], seen=v.seen),
            lambda v: v.actor.has_role("OL", "PO", "CO", "CL"), lambda v: v.person.allocation_response == "offered", _respond_words, _allocation,
        ),
        Act(
            "sharing", "Record the sharing decision", forms.SharingForm,
            lambda v, d: services.record_sharing(v.person, d["basis"], actor=v.actor, explained_on=d["explained_on"], why_not_agreed=d["why_not_agreed"], safe_without=d["safe_without"], seen=v.seen),
            lambda v: v.actor.has_role("OL", "CM"),
        ),
        Act("safety", "Record a safety check", forms.SafetyForm, _safety, lambda v: not is_provider(v.actor), lambda v: v.person.status in {"transferred", "settled"}),
        Act(
            "hold", "Put on hold", forms.HoldForm, lambda v, d: services.hold(v.person, actor=v.actor, reason=d["reason"], review_on=d["review_on"], seen=v.seen), lambda v: v.actor.can(Can.HOLD),
            lambda v: not v.person.on_hold, about=_own_hold,
        ),
        Act("lift", "Lift the hold", forms.LiftForm, lambda v, d: services.lift(_open_hold(v), actor=v.actor, why=d["why"], seen=v.seen), lambda v: v.actor.can(Can.HOLD), lambda v: v.person.on_hold, _hold_words, _own_hold),
        Act(
            "admit", "Admitted to hospital", forms.AdmitForm,
            lambda v, d: services.admit(v.person, actor=v.actor, hospital=d["hospital"], admitted_on=d["admitted_on"], expected_discharge=d["expected_discharge"], seen=v.seen),
            when=lambda v: not v.person.in_hospital, about=_stay,
        ),
        Act(
            "discharge", "Discharged from hospital", forms.DischargeForm,
            lambda v, d: services.discharge(v.person, actor=v.actor, discharged_on=d["discharged_on"], restart_on=d["restart_on"], restart=d["restart"], seen=v.seen), when=lambda v: v.person.in_hospital, about=_stay,
        ),
        Act("slot", "Renew the reserved slot", forms.SlotForm, lambda v, d: renew_slot(v.person, actor=v.actor, seen=v.seen), lambda v: not is_provider(v.actor), lambda v: v.person.in_hospital, _slot_words, _stay),
        Act("end", "Withdrew, died or moved away", forms.EndForm, lambda v, d: services.end(v.person, d["ending"], actor=v.actor, on=d["on"], why=d["why"], seen=v.seen), lambda v: not is_provider(v.actor)),
        Act(
            TAKE_BACK, "Take the ending back", forms.TakeBackForm, lambda v, d: services.take_back_ending(v.person, actor=v.actor, reason=d["reason"], seen=v.seen), lambda v: not is_provider(v.actor),
            lambda v: services.may_take_back(v.person, actor=v.actor), lambda v: f"Recorded: {v.person.get_ending_display().lower()} on {short_date(v.person.ended_on)}. The person goes on where they were." if v.person.ending else "",
        ),
    )
}


def acts_for(view: Any) -> list[Act]:
    """What may be done now: for somebody whose ending is recorded, only to take it back."""
    if not view.actor.can(Can.PEOPLE_EDIT):
        return []
    return [act for act in ACTS.values() if bool(view.person.ending) == (act.key == TAKE_BACK) and act.offered(view) and act.when(view)]


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
        if form.is_valid():
            try:
                said = self.do(form)
            except Refused as refusal:
                show_refusal(form, refusal)
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

    def form_context(self, form: Any) -> dict[str, Any]:
        if isinstance(form, forms.ActForm) and not form.is_bound:
            form.initial["version"] = str(Seen.of(self.person, self.about))
        context = ProgrammeView.get_context_data(self, form=form)
        return context | {"person": self.person, "title": self.title, "text": self.text, "back": reverse("transfers:person-detail", args=[self.programme.ref, self.person.public_id])}


class PersonEdit(PersonForms):
    title = "Change the record"

    def make(self, data: Any = None) -> forms.PersonForm:
        exiting = Organisation.objects.visible_to(self.request.user).filter(party_to__contract__programmes=self.programme, party_to__role="exiting").distinct()
        return forms.PersonForm(data, instance=self.person, provider=is_provider(self.actor), exiting=exiting)

    def do(self, form: Any) -> str:
        record = services.update_person(self.person, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])
        return "Saved." if record else "Nothing was different, so nothing was saved."


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
        return forms.PersonForm(data, instance=self.person, exiting=exiting)

    def do(self, form: Any) -> str:
        for name, value in form.values.items():
            setattr(self.person, name, value)
        services.list_person(self.person, actor=self.actor)
        checkpoints.mark(self.person, "C01", actor=self.actor) if gates.may_mark("C01", self.actor.roles) else None
        return "The person is on the list."

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
        form = self.act.form(data)
        if "provider" in form.fields:
            form.fields["provider"].queryset = self.providers  # type: ignore[attr-defined]
        return form

    def do(self, form: Any) -> str:
        self.act.do(self, form.cleaned_data)
        return f"{self.act.title}: recorded."


class PersonCheckpoint(PersonForms):
    """``/people/<id>/checkpoints/<code>/<how>/``: mark, not-applicable, waive or undo."""

    HOWS = {"mark": forms.MarkForm, "not-applicable": forms.ConfirmForm, "waive": forms.WaiveForm, "undo": forms.UndoForm}

    @property
    def title(self) -> str:  # type: ignore[override]
        words = {"mark": "Mark", "not-applicable": "Not applicable:", "waive": "Waive", "undo": "Undo"}[self.kwargs["how"]]
        return f"{words} {self.kwargs['code']} {gates.BY_CODE[self.kwargs['code']].title}"

    def make(self, data: Any = None) -> forms.ActForm:
        if self.kwargs["code"] not in gates.BY_CODE or self.kwargs["how"] not in self.HOWS:
            raise Http404
        return (forms.AgreeForm if self.asked else self.HOWS[self.kwargs["how"]])(data)

    @cached_property
    def asked(self) -> Checkpoint | None:
        """The waiver that waits for the CL, on the page that agrees to it."""
        if self.kwargs["how"] != "waive":
            return None
        found = Checkpoint.objects.visible_to(self.request.user).filter(person=self.person, code=self.kwargs["code"]).first()
        return found if checkpoints.waiver_asked(found) else None

    @property
    def text(self) -> str:  # type: ignore[override]
        if self.kwargs["how"] == "mark" and "incoming_provider" in checkpoints.RESTS_ON.get(self.kwargs["code"], ()) and self.person.incoming_provider:
            return f"Incoming provider: {self.person.incoming_provider}."
        return f"{self.asked.by_label} asks for it. Reason: {self.asked.note} Risk assessment: {self.asked.risk_assessment}" if self.asked else ""

    @cached_property
    def about(self) -> Checkpoint | None:  # type: ignore[override]
        return Checkpoint.objects.visible_to(self.request.user).filter(person=self.person, code=self.kwargs["code"]).first()

    def do(self, form: Any) -> str:
        code, how, data = self.kwargs["code"], self.kwargs["how"], form.cleaned_data
        if how == "mark":
            checkpoints.mark(self.person, code, actor=self.actor, on=data["on"], note=data["note"], seen=self.seen)
        elif how == "not-applicable":
            checkpoints.mark(self.person, code, actor=self.actor, note=data["note"], state="not_applicable", seen=self.seen)
        elif how == "waive":
            made = checkpoints.waive(self.person, code, actor=self.actor, reason=data.get("reason", ""), risk_assessment=data.get("risk_assessment", ""), seen=self.seen)
            if made.state != "waived":
                return f"The waiver of {code} waits for the lead commissioning manager (CL), who has been told. Until then {code} stays open."
        else:
            reopened = checkpoints.undo(self.person, code, actor=self.actor, reason=data["reason"], seen=self.seen)
            return f"{code} undone." + (f" Reopened with it: {', '.join(reopened)}." if reopened else "")
        return f"{code} {how.replace('-', ' ')}: recorded."
