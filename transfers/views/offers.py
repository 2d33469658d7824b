"""Offers: to the team with who was asked and what they said; to the provider asked package, zone and needs, without a name,
until the record opens (domain 8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.clock import today
from mobilisation.components import Counter, short_date
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.models import Organisation
from mobilisation.roles import Can
from mobilisation.services import access_log
from mobilisation.views.scope import ProgrammeView
from transfers.forms.partners import AgainForm, AnswerForm, TakeBackAnswerForm, WithdrawForm
from transfers.models import Allocation, PersonTransfer
from transfers.services import allocation as allocations
from transfers.services import offers as services
from transfers.services.people import ACCEPTED
from transfers.services.people import offer as make_offer
from transfers.services.rights import is_provider
from transfers.services.seen import Seen
from transfers.views.lists import TeamPage
from transfers.views.summaries import flags, package

PAGE = 50


@dataclass(frozen=True)
class Offer:
    """``reference`` is what a provider names when it answers; the search of the tracker finds it."""

    reference: str
    provider: str
    priority: str
    zone: str
    package: str
    needs: str
    medication: str
    equipment: str
    planned: date | None
    wave: str
    offered_on: date | None
    answered: bool
    days: int | None = None
    preference: str = ""
    may_take_back: bool = False
    """The team its offer, or the provider asked its answer."""
    name: str = ""
    """Of the person: for readers who see people."""


def offer(person: PersonTransfer, offered_on: date | None) -> Offer:
    """Without a name."""
    return Offer(
        person.public_id, str(person.incoming_provider or ""), person.priority, person.zone, package(person), flags(person), person.get_medication_level_display(), person.equipment,
        person.planned_transfer_date, person.wave, offered_on, person.allocation_response != "offered", (today() - offered_on).days if offered_on else None,
    )


class OfferScope(ProgrammeView, TemplateView):
    """For the team and the providers asked; an exiting provider has nothing to do with offers."""

    required = Can.PEOPLE_VIEW

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and is_provider(self.actor) and not self.actor.has_role("IP"):
            raise Http404("outside scope")
        return super().dispatch(request, *args, **kwargs)


class OfferList(OfferScope):
    """``?show=`` for the team: what waits (none), ``declined`` and not offered again, ``accepted``, ``all`` that was ever offered."""

    template_name = "transfers/offer_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        team, show = not is_provider(self.actor), self.request.GET.get("show", "")
        if team and show in {"declined", "accepted", "all"}:
            return context | self._answers(show)
        people = PersonTransfer.objects.offers_visible_to(self.request.user).filter(programme=self.programme).select_related("incoming_provider")
        page = Paginator(people.order_by("planned_transfer_date", "id"), PAGE).get_page(self.request.GET.get("page"))
        found = list(page)
        offered = Allocation.objects.filter(person__in=found, current=True)  # scope: of the offers above
        made = {one.person_id: one for one in offered}
        access_log.record(self.actor, "view", self.programme, "offers", ids=[person.public_id for person in found], request=self.request)
        return context | {"page_obj": page, "offers": [self._offer(person, made.get(person.pk), team) for person in found], "team": team, "as_of": today(), "counters": self._counters("") if team else [], "may_edit": self.actor.can(Can.PEOPLE_EDIT)}

    def _offer(self, person: PersonTransfer, made: Allocation | None, team: bool) -> Offer:
        shown = offer(person, made.proposed_on if made else None)
        if team:
            return replace(shown, name=person.name, preference=made.preference if made else "", may_take_back=services.may_withdraw(made, actor=self.actor))
        return replace(shown, may_take_back=made is not None and services.may_take_back(made, self.programme, actor=self.actor))

    def _answers(self, show: str) -> dict[str, Any]:
        """Whole offers with their answers, newest first: for the team, by name."""
        page = Paginator(self._found(show).select_related("person", "provider").order_by("-responded_on", "-id"), PAGE).get_page(self.request.GET.get("page"))
        rows = list(page)
        access_log.record(self.actor, "view", self.programme, "offers", ids=sorted({row.person.public_id for row in rows}), request=self.request)
        return {"page_obj": page, "answers": rows, "team": True, "show": show, "as_of": today(), "counters": self._counters(show), "may_edit": self.actor.can(Can.PEOPLE_EDIT)}

    def _found(self, show: str) -> Any:
        mine = Allocation.objects.visible_to(self.request.user).filter(person__programme=self.programme)
        if show == "declined":
            later = Allocation.objects.filter(person=OuterRef("person"), pk__gt=OuterRef("pk"))  # scope: only inside Exists() of offers already scoped
            return mine.filter(response="declined", person__ending="", person__incoming_provider__isnull=True).exclude(Exists(later))
        return mine.filter(current=True, response__in=list(ACCEPTED)) if show == "accepted" else mine

    def _counters(self, show: str) -> list[Counter]:
        waiting = PersonTransfer.objects.offers_visible_to(self.request.user).filter(programme=self.programme).count()
        numbers = {"": waiting, **{key: self._found(key).count() for key in ("declined", "accepted", "all")}}
        labels = (("", "Waiting for an answer", "amber"), ("declined", "Declined, to be offered again", "red"), ("accepted", "Accepted", ""), ("all", "All offers", ""))
        return [Counter(label, numbers[key], f"{self.request.path}?show={key}" if key else self.request.path, active=key == show, tone=tone) for key, label, tone in labels]


class OfferForms(OfferScope):
    """One form about one offer; ends in one service, keeps what was typed when refused."""

    required = Can.PEOPLE_EDIT
    template_name = "transfers/offer_form.html"

    @cached_property
    def person(self) -> PersonTransfer:
        raise Http404

    @cached_property
    def current(self) -> Allocation | None:
        return Allocation.objects.filter(person=self.person, current=True).select_related("provider").first()  # scope: of an offer found within scope

    @property
    def seen(self) -> Seen | None:
        return Seen.read(self.request.POST.get("version", ""))

    def make(self, data: Any = None) -> Any:
        raise Http404

    def do(self, form: Any) -> str:
        raise Http404

    def about(self) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = self._page(self.make())
        access_log.record(self.actor, "view", self.programme, "offer", ids=[self.person.public_id], request=request)
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
                return redirect("transfers:offer-list", ref=self.programme.ref)
        return self._page(form, status=422)

    def _page(self, form: Any, status: int = 200) -> HttpResponse:
        if not form.is_bound:
            form.initial["version"] = str(Seen.of(self.person, self.current))
        made = offer(self.person, self.current.proposed_on if self.current else None)
        context = ProgrammeView.get_context_data(self, form=form) | {"offer": made, "back": reverse("transfers:offer-list", args=[self.programme.ref]), "as_of": today()}
        return self.render_to_response(context | self.about(), status=status)


class OfferAnswer(OfferForms):
    """The incoming provider answers, or takes its acceptance back within the minutes of ``undo_minutes``."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not self.actor.has_role("IP"):
            raise Http404("outside scope")
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def found(self) -> PersonTransfer | None:
        found = PersonTransfer.objects.offers_visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"]).select_related("incoming_provider").first()
        if found is not None:
            found.programme = self.programme
        return found

    @cached_property
    def person(self) -> PersonTransfer:
        if self.found is None:
            raise Http404("outside scope")
        return self.found

    @property
    def answered(self) -> bool:
        return self.person.allocation_response != "offered"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._past() or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._past() or super().post(request, *args, **kwargs)

    @cached_property
    def asked(self) -> Allocation | None:
        """The last offer of this person to the reader's own organisation."""
        return services.last_asked(self.programme, self.kwargs["public_id"], actor=self.actor)

    def _past(self) -> HttpResponse | None:
        """What is said where nothing is left to answer; None where there is. An offer that was never made to the reader's own organisation is 404."""
        if self.found is not None:
            if not self.answered or (self.current is not None and services.may_take_back(self.current, self.programme, actor=self.actor)):
                return None
        elif self.asked is None:
            raise Http404("outside scope")
        elif PersonTransfer.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"], incoming_provider__in=self.actor.organisation_ids("IP")).exists():
            messages.info(self.request, f"Your organisation has answered this offer, and the record is open to you.{self._nothing}")
            return redirect("transfers:person-detail", ref=self.programme.ref, public_id=self.kwargs["public_id"])
        return self._gone()

    @property
    def _nothing(self) -> str:
        return " Nothing new was recorded." if self.request.method == "POST" else ""

    def _gone(self) -> HttpResponse:
        """One sentence, with nothing of the person: whoever lost sight of them is told no more."""
        if self.found is not None:
            said = "Your organisation has accepted this offer, and the answer can no longer be taken back here: ask the mobilisation team."
        elif self.asked is not None and self.asked.response == "declined":
            said = f"Your organisation declined this offer{f' on {short_date(self.asked.responded_on)}' if self.asked.responded_on else ''}."
        else:
            said = "This offer was taken back, or is no longer yours to answer."
        context = ProgrammeView.get_context_data(self) | {"said": said + self._nothing, "back": reverse("transfers:offer-list", args=[self.programme.ref])}
        return render(self.request, "transfers/offer_gone.html", context, status=410)

    def make(self, data: Any = None) -> Any:
        # An answer that was begun before somebody of the same organisation gave theirs stays an answer, with what was typed.
        return TakeBackAnswerForm(data) if self.answered and not self.answering else AnswerForm(data)

    @property
    def answering(self) -> bool:
        return "response" in self.request.POST

    def do(self, form: Any) -> str:
        if self.answered and not self.answering:
            services.take_back_answer(self.person, actor=self.actor, seen=self.seen)
            return "The answer is taken back; the offer waits for you again."
        reply = form.cleaned_data["response"]
        give = services.answer_anew if self.answered else services.answer
        give(self.person, reply, actor=self.actor, reason=form.cleaned_data["reason"], seen=self.seen)
        if reply == "declined":
            return "Declined. The mobilisation team offers this person to somebody else."
        if PersonTransfer.objects.visible_to(self.request.user).filter(pk=self.person.pk).exists():
            return "Accepted. The sharing decision is recorded: the record is open to you."
        return "Accepted. The record opens once the mobilisation team has recorded the sharing decision."

    def about(self) -> dict[str, Any]:
        taking = self.answered and not self.answering
        return {"title": "Take the answer back" if taking else "Answer the offer", "nameless": True, "text": self._recorded() if self.answered else ""}

    def _recorded(self) -> str:
        """What the reader's own organisation has answered, and what becomes of it."""
        made = self.current
        said = f"Recorded: {self.person.get_allocation_response_display().lower()}{f' on {short_date(made.responded_on)}' if made and made.responded_on else ''}{f' ({made.reason})' if made and made.reason else ''}."
        return f"{said} What you send now takes its place." if self.answering else said


class OfferAgain(OfferForms, TeamPage):
    """The team offers to the next provider; every offer before stays in the list with its reason."""

    @cached_property
    def person(self) -> PersonTransfer:
        found = PersonTransfer.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"]).select_related("incoming_provider").first()
        if found is None:
            raise Http404("outside scope")
        found.programme = self.programme
        return found

    @cached_property
    def next_one(self) -> tuple[Organisation | None, str]:
        """The provider the rule proposes, and why; or nobody, and why not."""
        found = allocations.standing(self.programme, only=self.person.public_id)
        if found.proposal.lines:
            line = found.proposal.lines[0]
            return found.providers[line.provider], line.why
        return None, next((why for _, why in found.proposal.nobody), "Nothing can be proposed for somebody whose ending is recorded.")

    def make(self, data: Any = None) -> Any:
        form = AgainForm(data)
        form.fields["provider"].queryset = Organisation.objects.visible_to(self.request.user).filter(party_to__contract__programmes=self.programme, party_to__role="incoming").distinct().order_by("name")  # type: ignore[attr-defined]
        if not form.is_bound:
            form.initial |= {"provider": self.next_one[0], "wave": self.person.wave, "preference": allocations.wishes([self.person.pk]).get(self.person.pk, "")}
        return form

    def do(self, form: Any) -> str:
        make_offer(self.person, form.cleaned_data["provider"], actor=self.actor, wave=form.cleaned_data["wave"], seen=self.seen, preference=form.cleaned_data["preference"])
        return " ".join([f"Offered to {form.cleaned_data['provider']}.", *services.doubts(self.person, form.cleaned_data["provider"])])

    def about(self) -> dict[str, Any]:
        past = list(Allocation.objects.visible_to(self.request.user).filter(person=self.person).select_related("provider"))
        provider, why = self.next_one
        return {"title": "Offer to the next provider", "person": self.person, "past": past, "proposed": provider, "why": why}


class OfferWithdraw(OfferAgain):
    """Whoever made an offer takes it back while nobody has answered."""

    def make(self, data: Any = None) -> Any:
        if data is None and not services.may_withdraw(self.current, actor=self.actor):
            raise Http404("not offered")
        return WithdrawForm(data)

    def do(self, form: Any) -> str:
        services.withdraw(self.person, actor=self.actor, reason=form.cleaned_data["reason"], seen=self.seen)
        if self.person.incoming_provider is None:
            return "The offer is taken back. No provider is proposed now: the person waits for one again."
        return f"The offer is taken back. {self.person.incoming_provider}, proposed before it, stands again."

    def about(self) -> dict[str, Any]:
        past = list(Allocation.objects.visible_to(self.request.user).filter(person=self.person).select_related("provider"))
        return {"title": "Take the offer back", "person": self.person, "past": past, "text": f"Offered to {self.current.provider}. It is told that an offer was taken back, without a name." if self.current else ""}
