"""The wash-up: today's lists with what is written and asked for on the spot; those that were finished, to read and print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.models import Programme
from mobilisation.roles import Can
from mobilisation.services import access_log
from transfers.facts import washup as facts
from transfers.forms.washup import AskForm, NoteForm
from transfers.models import PersonTransfer, WashUp, WashUpAction, WashUpNote
from transfers.rules import gates
from transfers.services import washup as services
from transfers.views.lists import TeamPage

BEFORE = 10

BESIDE_THE_RECORD = frozenset({"C07", "C08", "C10", "C13", "C18"})
"""Checkpoints that rest on other records, which a line does not read: their page says what is missing, or takes the mark."""


@dataclass(frozen=True)
class Shown:
    """A line with its person, as far as this reader may see them, and the one link to act."""

    line: facts.Line
    person: PersonTransfer | None
    act: str = ""
    url: str = ""


@dataclass(frozen=True)
class Block:
    section: facts.Section
    lines: list[Shown]
    more: str = ""

    @property
    def people(self) -> bool:
        """Whether its lines are about people."""
        return any(shown.line.person for shown in self.lines)


def act_of(line: facts.Line, actor: Actor, programme: Programme) -> tuple[str, str]:
    """(words, address) of what ``actor`` may do about ``line``."""
    ref, editing = programme.ref, actor.can(Can.PEOPLE_EDIT)
    if line.act == "issue":
        return "Acknowledge", reverse("risks:issue-edit", args=[ref, line.record])
    if line.act == "provider":
        return "Record the check", reverse("transfers:provider-check", args=[ref, line.record])
    person = reverse("transfers:person-detail", args=[ref, line.person])
    if not editing:
        return "Open", person
    if line.act == "confirm":
        return (f"Confirm {line.record}", f"{person}checkpoints/{line.record}/mark/") if gates.may_mark(line.record, actor.roles, priority=line.priority) else ("Open", person)
    if line.act in gates.BY_CODE and line.act not in {"C03", "C06", "C09", "C16", "C20"}:
        words = "Go to" if line.act in BESIDE_THE_RECORD else "Mark"
        return (f"{words} {line.act}", f"{person}checkpoints/{line.act}/mark/") if gates.may_mark(line.act, actor.roles, priority=line.priority) else ("Open", person)
    if line.act in {"safety", "C16"}:
        return ("Record the check", f"{person}do/safety/") if gates.may_mark("C16", actor.roles, priority=line.priority) else ("Open", person)
    acts = {"discharge": ("Discharged", f"{person}do/discharge/")}
    records = {"discrepancy": ("Put right", "discrepancies"), "concern": ("Give an owner", "concerns"), "contact": ("Followed up", "calls"), "note": ("Seen to", "calls")}
    if line.act in records:
        return records[line.act][0], f"{person}{records[line.act][1]}/{line.record}/"
    return acts.get(line.act, ("Open", person))


class _Pages(TeamPage):
    def blocks(self, sections: Sequence[facts.Section], people: dict[str, PersonTransfer], *, act: bool = True) -> list[Block]:
        tracker = reverse("transfers:person-list", args=[self.programme.ref])
        return [
            Block(section, [Shown(line, people.get(line.person), *(act_of(line, self.actor, self.programme) if act else ())) for line in section.lines], f"{tracker}?show={section.show}" if section.show else "")
            for section in sections
        ]

    def ticked(self, among: Any) -> tuple[WashUpAction, bool] | None:
        """The action of ``among`` whose button was pressed, and whether it is to be done (``tick``) or open again (``untick``): the
        button says what was meant, whatever somebody else has pressed since."""
        name = next((name for name in ("tick", "untick") if name in self.request.POST), "")
        if not name:
            return None
        found = among.filter(public_id=self.request.POST[name]).select_related("action__programme").first()
        if found is None:
            raise Http404("outside scope")
        return found, name == "tick"

    def written(self, washup: WashUp) -> dict[str, Any]:
        user = self.request.user
        return {
            "notes": list(WashUpNote.objects.visible_to(user).filter(washup=washup).select_related("person")),
            "asked": list(WashUpAction.objects.visible_to(user).filter(washup=washup).select_related("person", "action__owner").order_by("action__due", "action__due_time", "id")),
        }


class WashUpPage(_Pages):
    """Exceptions first. ``?about=<public id>`` fills in whom a note or an action is about."""

    template_name = "transfers/washup.html"

    @cached_property
    def washup(self) -> WashUp | None:
        return WashUp.objects.visible_to(self.request.user).filter(programme=self.programme, open=True).select_related("meeting").first()

    @cached_property
    def read(self) -> tuple[list[facts.Section], dict[str, PersonTransfer]]:
        people = PersonTransfer.objects.visible_to(self.request.user).filter(programme=self.programme)
        return facts.sections(self.programme, people, today())

    @cached_property
    def about(self) -> list[tuple[str, str]]:
        asked = self.request.GET.get("about") or ""
        people = dict(self.read[1])
        if asked and asked not in people:
            found = PersonTransfer.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=asked).first()
            people |= {asked: found} if found else {}
        return sorted(((key, f"{person.name}{f' ({person.case_system_id})' if person.case_system_id else ''}") for key, person in people.items()), key=lambda pair: pair[1])

    def _person(self, public_id: str) -> PersonTransfer | None:
        return PersonTransfer.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=public_id).first() if public_id else None

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        if "start" in request.POST:
            services.start(self.programme, actor=self.actor)
            return redirect("transfers:washup", ref=self.programme.ref)
        try:
            if ticking := self.ticked(WashUpAction.objects.visible_to(request.user).filter(washup__programme=self.programme)):
                services.tick_off(ticking[0], done=ticking[1], actor=self.actor)
                return redirect(f"{request.path}#asked")
            if self.washup is None:
                raise Refused("The wash-up was finished, or has not begun. Begin it, then write this down.")
            if "finish" in request.POST:
                done = services.finish(self.washup, actor=self.actor)
                messages.success(request, "The wash-up is finished. What was shown is kept with its notes and actions.")
                return redirect("transfers:washup-record", ref=self.programme.ref, public_id=done.public_id)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return self.render_to_response(self.get_context_data(), status=422)
        return self._write(request)

    def _write(self, request: HttpRequest) -> HttpResponse:
        asking = "ask-words" in request.POST
        form = self._ask(request.POST) if asking else self._note(request.POST)
        if form.is_valid() and self.washup is not None:
            person = self._person(form.cleaned_data["person"])
            try:
                if asking:
                    services.ask(self.washup, form.values, actor=self.actor, person=person)
                else:
                    services.note(self.washup, form.cleaned_data["text"], actor=self.actor, person=person)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "The action is added." if asking else "Written down.")
                return redirect(f"{request.path}#{'asked' if asking else 'notes'}")
        return self.render_to_response(self.get_context_data(**{"ask_form" if asking else "note_form": form, "form": form}), status=422)

    def _note(self, data: Any = None) -> NoteForm:
        return NoteForm(data, people=self.about, initial={"person": self.request.GET.get("about", "")})

    def _ask(self, data: Any = None) -> AskForm:
        return AskForm(data, people=self.about, owners=services.owners(self.programme), initial={"person": self.request.GET.get("about", "")})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        sections, people = self.read
        access_log.record(self.actor, "view", self.programme, "wash-up", ids=sorted(people), request=self.request)
        may = self.actor.can(Can.PEOPLE_EDIT)
        before = WashUp.objects.visible_to(self.request.user).filter(programme=self.programme, open=False)
        context |= {
            "as_of": today(), "now": now(), "washup": self.washup, "may_edit": may,
            "there": self.washup.meeting.attendees.splitlines() if self.washup else [],
            "exceptions": self.blocks([one for one in sections if one.exception and one.count], people), "none": [one.title for one in sections if not one.count and not one.key.startswith("moves-")],
            "blocks": self.blocks([one for one in sections if not one.exception and (one.count or one.key.startswith("moves-"))], people),
            "page_obj": Paginator(before, BEFORE).get_page(self.request.GET.get("page")),
            **(self.written(self.washup) if self.washup else {}),
        }
        if self.washup and may:
            context.setdefault("note_form", self._note())
            context.setdefault("ask_form", self._ask())
        return context


class WashUpRecord(_Pages):
    """One that was finished, as it was shown then; the names are those its people have now."""

    template_name = "transfers/washup_record.html"

    def post(self, request: HttpRequest, ref: str, public_id: str) -> HttpResponse:
        ticking = self.ticked(WashUpAction.objects.visible_to(request.user).filter(washup=self.washup))
        if ticking is None:
            raise Http404("outside scope")
        try:
            services.tick_off(ticking[0], done=ticking[1], actor=self.actor)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("transfers:washup-record", ref=ref, public_id=public_id)

    @cached_property
    def washup(self) -> WashUp:
        found = WashUp.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"], open=False).select_related("meeting").first()
        if found is None:
            raise Http404("outside scope")
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        sections = facts.from_json(self.washup.lists)
        ids = {line.person for section in sections for line in section.lines if line.person}
        people = {person.public_id: person for person in PersonTransfer.objects.visible_to(self.request.user).filter(programme=self.programme, public_id__in=ids)}
        access_log.record(self.actor, "view", self.programme, "wash-up", ids=sorted(people), request=self.request)
        return context | {"washup": self.washup, "blocks": self.blocks(sections, people, act=False), "as_of": today(), "may_edit": self.actor.can(Can.PEOPLE_EDIT), **self.written(self.washup)}
