"""Meetings, decisions and actions of a programme."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation import registry
from mobilisation.clock import now, today
from mobilisation.components import Counter
from mobilisation.errors import Refused
from mobilisation.forms import Versioned, show_refusal
from mobilisation.forms.board import ActionForm, AgendaForm, DecisionForm, MeetingForm
from mobilisation.history import events
from mobilisation.models import Action, AgendaItem, BoardMember, Change, Decision, Meeting
from mobilisation.roles import Can
from mobilisation.services import board as services
from mobilisation.services.changes import entity_name
from mobilisation.views.scope import ProgrammeView

PAGE = 50


class BoardPage(ProgrammeView, TemplateView):
    """What is next, what is asked of the board, what is owed."""

    required = Can.BOARD_VIEW
    template_name = "mobilisation/board.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user, moment = self.request.user, now()
        meetings = Meeting.objects.visible_to(user).filter(programme=self.programme)
        decisions = Decision.objects.visible_to(user).filter(programme=self.programme)
        context |= {
            "as_of": today(),
            "coming": meetings.filter(at__gte=moment).order_by("at")[:5],
            "past": meetings.filter(at__lt=moment)[:5],
            "needed": decisions.filter(status="needed")[:10],
            "made": decisions.filter(status="made").order_by("-made_on", "-id")[:5],
            "actions": Action.objects.visible_to(user).filter(programme=self.programme, status="open").select_related("owner")[:15],
            "members": BoardMember.objects.visible_to(user).filter(board__programme=self.programme).select_related("user", "organisation", "board"),
            "may_edit": self.actor.can(Can.BOARD_EDIT),
            "may_decide": self.actor.can(Can.DECISION_RECORD),
        }
        return context


class MeetingList(ProgrammeView, TemplateView):
    required = Can.BOARD_VIEW
    template_name = "mobilisation/board_meetings.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = Meeting.objects.visible_to(self.request.user).filter(programme=self.programme).annotate(items=Count("agenda")).order_by("-at", "-id")
        context |= {"page_obj": Paginator(rows, PAGE).get_page(self.request.GET.get("page")), "may_edit": self.actor.can(Can.BOARD_EDIT)}
        return context


class _OneMeeting(ProgrammeView):
    @cached_property
    def meeting(self) -> Meeting:
        found = Meeting.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"]).select_related("programme").first()
        if found is None:
            raise Http404("outside scope")
        return found

    def to_meeting(self) -> HttpResponse:
        return redirect("mobilisation:meeting-detail", ref=self.programme.ref, public_id=self.meeting.public_id)


class MeetingDetail(_OneMeeting, TemplateView):
    """The agenda with what the apps above put under it, minutes, decisions and actions of the meeting."""

    required = Can.BOARD_VIEW
    required_post = Can.BOARD_EDIT
    template_name = "mobilisation/board_meeting.html"

    def post(self, request: HttpRequest, ref: str, public_id: str) -> HttpResponse:
        form, typed = AgendaForm(request.POST if "add" in request.POST else None), {}
        try:
            if "add" in request.POST:
                if form.is_valid():
                    services.add_item(self.meeting, form.cleaned_data["title"], actor=self.actor)
                    return self.to_meeting()
            else:
                item = AgendaItem.objects.visible_to(request.user).filter(meeting=self.meeting, public_id=request.POST.get("item", "")).select_related("meeting__programme").first()
                if item is None:
                    raise Http404("outside scope")
                if "remove" in request.POST:
                    services.remove_item(item, actor=self.actor)
                else:
                    version, notes = request.POST.get("version", ""), request.POST.get("notes", "")[:20_000]
                    typed[item.pk] = notes
                    services.minute_item(item, notes, actor=self.actor, expected_version=int(version) if version.isdecimal() else None)
                messages.success(request, "Saved.")
                return self.to_meeting()
        except Refused as refusal:
            messages.error(request, str(refusal))
        return self.render_to_response(self.get_context_data(item_form=form, typed=typed), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user, as_of = self.request.user, today()
        found = registry.panel_at("unsafe-go-live")
        items = list(AgendaItem.objects.visible_to(user).filter(meeting=self.meeting))
        for item in items:
            # Refused notes stay as typed, beside the version that stands now: saving again is the answer.
            item.notes = kwargs.get("typed", {}).get(item.pk, item.notes)
        asks = any(item.title == services.UNSAFE_ITEM for item in items)
        context |= {
            "meeting": self.meeting,
            "items": items,
            "unsafe_item": services.UNSAFE_ITEM,
            "panel_template": found.template if found and asks else "",
            "panel": registry.load(found.reader)(self.programme, user, as_of) if found and asks else None,
            "decisions": Decision.objects.visible_to(user).filter(meeting=self.meeting),
            "actions": Action.objects.visible_to(user).filter(meeting=self.meeting).select_related("owner"),
            "as_of": as_of,
            "may_edit": self.actor.can(Can.BOARD_EDIT),
            "may_decide": self.actor.can(Can.DECISION_RECORD),
            "events": events(Change.objects.visible_to(user).filter(entity=entity_name(Meeting), object_id=self.meeting.pk)[:50]),
        }
        context.setdefault("item_form", AgendaForm())
        return context


class DecisionList(ProgrammeView, TemplateView):
    required = Can.BOARD_VIEW
    template_name = "mobilisation/board_decisions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        address, as_of = reverse("mobilisation:decision-list", kwargs={"ref": self.programme.ref}), today()
        shows = {"needed": Q(status="needed"), "overdue": Q(status="needed", needed_by__lt=as_of), "made": Q(status="made"), "withdrawn": Q(status="withdrawn")}
        show = self.request.GET.get("show", "needed")
        show = show if show in shows else "needed"
        rows = Decision.objects.visible_to(self.request.user).filter(programme=self.programme)
        context |= _listed(rows, shows, show, address, {"overdue": "red"}, {"needed": "Needed", "overdue": "Overdue", "made": "Made", "withdrawn": "Withdrawn"}, self.request)
        context |= {"as_of": as_of, "may_edit": self.actor.can(Can.DECISION_RECORD), "show": show}
        return context


class ActionList(ProgrammeView, TemplateView):
    required = Can.BOARD_VIEW
    template_name = "mobilisation/board_actions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        address, as_of = reverse("mobilisation:action-list", kwargs={"ref": self.programme.ref}), today()
        shows = {"open": Q(status="open"), "overdue": Q(status="open", due__lt=as_of), "done": Q(status="done"), "cancelled": Q(status="cancelled")}
        show = self.request.GET.get("show", "open")
        show = show if show in shows else "open"
        rows = Action.objects.visible_to(self.request.user).filter(programme=self.programme).select_related("owner")
        context |= _listed(rows, shows, show, address, {"overdue": "red"}, {"open": "Open", "overdue": "Overdue", "done": "Done", "cancelled": "Cancelled"}, self.request)
        context |= {"as_of": as_of, "may_edit": self.actor.can(Can.BOARD_EDIT), "show": show}
        return context


def _listed(rows: Any, shows: dict[str, Q], show: str, address: str, tones: dict[str, str], labels: dict[str, str], request: HttpRequest) -> dict[str, Any]:
    """Counters and the page they lead to, from the same conditions."""
    counts = rows.order_by().aggregate(**{key: Count("pk", filter=condition) for key, condition in shows.items()})
    return {
        "counters": [Counter(labels[key], counts[key], f"{address}?show={key}", active=key == show, tone=tones.get(key, "")) for key in shows],
        "page_obj": Paginator(rows.filter(shows[show]), PAGE).get_page(request.GET.get("page")),
    }


class _Write(ProgrammeView, TemplateView):
    """Add or change one thing of the board."""

    required = Can.BOARD_EDIT
    template_name = "mobilisation/board_form.html"
    model: ClassVar[Any]
    form_class: ClassVar[type[Versioned]]
    titles: ClassVar[tuple[str, str]]
    list_url: ClassVar[str]

    @cached_property
    def subject(self) -> Any:
        if "public_id" not in self.kwargs:
            return None
        found = self.model.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"]).select_related("programme").first()
        if found is None:
            raise Http404("outside scope")
        return found

    def form_options(self) -> dict[str, Any]:
        meetings = Meeting.objects.visible_to(self.request.user).filter(programme=self.programme)
        initial: dict[str, Any] = {}
        if self.subject is None and (wanted := self.request.GET.get("meeting")):
            initial = {"meeting": meetings.filter(public_id=wanted).first()}
        return {"meetings": meetings, "initial": initial}

    def save(self, form: Any) -> Any:
        raise Refused("Nothing to save.")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form_class(request.POST, instance=self.subject, **self.form_options())
        if form.is_valid():
            try:
                saved = self.save(form)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Saved.")
                return self.after(saved)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def after(self, saved: Any) -> HttpResponse:
        return redirect(self.list_url, ref=self.programme.ref)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context |= {"subject": self.subject, "title": self.titles[1 if self.subject else 0], "back": reverse(self.list_url, kwargs={"ref": self.programme.ref})}
        context.setdefault("form", self.form_class(instance=self.subject, **self.form_options()))
        if self.subject:
            context["events"] = events(Change.objects.visible_to(self.request.user).filter(entity=entity_name(self.subject), object_id=self.subject.pk)[:50])
        return context


class MeetingWrite(_Write):
    model, form_class, titles, list_url = Meeting, MeetingForm, ("Call a meeting", "Change the meeting"), "mobilisation:meeting-list"

    def form_options(self) -> dict[str, Any]:
        return {}

    def save(self, form: Any) -> Meeting:
        values = form.values
        if self.subject is None:
            items = values.pop("items").splitlines()
            return services.call_meeting(Meeting(programme=self.programme, **values), items=items, actor=self.actor)
        services.update_meeting(self.subject, values, actor=self.actor, expected_version=form.cleaned_data["version"])
        return self.subject  # type: ignore[no-any-return]

    def after(self, saved: Meeting) -> HttpResponse:
        return redirect("mobilisation:meeting-detail", ref=self.programme.ref, public_id=saved.public_id)


class DecisionWrite(_Write):
    required = Can.DECISION_RECORD
    model, form_class, titles, list_url = Decision, DecisionForm, ("Add a decision", "Change the decision"), "mobilisation:decision-list"

    def save(self, form: Any) -> Any:
        if self.subject is None:
            return services.add_decision(Decision(programme=self.programme, **form.values), actor=self.actor)
        return services.update_decision(self.subject, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])


class ActionWrite(_Write):
    model, form_class, titles, list_url = Action, ActionForm, ("Add an action", "Change the action"), "mobilisation:action-list"

    def save(self, form: Any) -> Any:
        if self.subject is None:
            return services.add_action(Action(programme=self.programme, **form.values), actor=self.actor)
        return services.update_action(self.subject, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])
