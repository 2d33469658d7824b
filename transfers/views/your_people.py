"""A provider's own page: what waits for it, each with one button."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.views.generic import TemplateView

from mobilisation.clock import today
from mobilisation.roles import Can
from mobilisation.services import access_log
from mobilisation.views.scope import ProgrammeView
from transfers.models import AllocationSheet, CarePlanCheck, Checkpoint, Discrepancy, FileTransfer, PersonTransfer
from transfers.rules import care_plans, waiting
from transfers.services import turning
from transfers.services.rights import is_provider

PAGE = 50
CODES = ("C06", "C09", "C11", "C12", "C13", "C14", "C15", "C18")


@dataclass(frozen=True)
class Waiting:
    person: PersonTransfer
    task: waiting.Task
    due: date | None
    url: str
    side: str


class YourPeople(ProgrammeView, TemplateView):
    """For incoming and exiting providers; the team has the tracker."""

    required = Can.PEOPLE_VIEW
    template_name = "transfers/your_people.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not is_provider(self.actor):
            raise Http404("outside scope")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user, as_of = self.request.user, today()
        people = list(PersonTransfer.objects.visible_to(user).filter(programme=self.programme).going().exclude(status="closed"))
        found = self._waiting(people, as_of)
        offered = PersonTransfer.objects.offers_visible_to(user).filter(programme=self.programme, allocation_response="offered") if self.actor.has_role("IP") else PersonTransfer.objects.none()
        page = Paginator(found, PAGE).get_page(self.request.GET.get("page"))
        access_log.record(self.actor, "view", self.programme, "your people", ids=[one.person.public_id for one in page], request=self.request)
        return context | {
            "as_of": as_of, "page_obj": page, "rows": list(page), "number": len(people), "offers": offered.count(),
            "sheets": AllocationSheet.objects.visible_to(user).filter(programme=self.programme).count(),
            "stated": sum(one.state == "in_progress" for marks in self.marks.values() for one in marks if one.code in {"C13", "C15"}),
        }

    def _waiting(self, people: list[PersonTransfer], as_of: date) -> list[Waiting]:
        user, ids = self.request.user, [person.pk for person in people]
        self.marks: dict[int, list[Checkpoint]] = {}
        for mark in Checkpoint.objects.visible_to(user).filter(person__in=ids, code__in=CODES):
            self.marks.setdefault(mark.person_id, []).append(mark)
        plans = {check.person_id: check for check in CarePlanCheck.objects.visible_to(user).filter(person__in=ids, current=True)}
        open_ones: dict[int, int] = {}
        for pk in Discrepancy.objects.visible_to(user).filter(person__in=ids, closed_on__isnull=True).values_list("person_id", flat=True):
            open_ones[pk] = open_ones.get(pk, 0) + 1
        files = {journey.person_id: journey for journey in FileTransfer.objects.visible_to(user).filter(person__in=ids).order_by("id")}
        frame = turning.Frame.of(self.programme)
        found = []
        for person in people:
            marks = self.marks.get(person.pk, [])
            check, journey = plans.get(person.pk), files.get(person.pk)
            facts = waiting.Facts(
                states=turning.states_of(marks), pace=self.programme.pace, t=person.planned_transfer_date, in_hospital=person.in_hospital, held=bool(frame.hold_on(person)),
                plan_left=len(care_plans.still_to_check(check.checks)) if check else None, discrepancies=open_ones.get(person.pk, 0), funding=person.funding_type,
                instruction=person.file_instruction, choice=person.file_choice, journey=journey is not None, sent=bool(journey and journey.sent_on), arrived=bool(journey and (journey.received_on or journey.outcome)),
            )
            coming = person.incoming_provider_id in self.actor.organisation_ids("IP")
            task = waiting.incoming(facts, as_of) if coming else waiting.exiting(facts)
            if task is not None:
                found.append(Waiting(person, task, frame.dues_of(person, marks).get(task.code), self._url(person, task), "incoming" if coming else "exiting"))
        return sorted(found, key=lambda one: (one.due or date.max, one.person.surname, one.person.forename, one.person.pk))

    def _url(self, person: PersonTransfer, task: waiting.Task) -> str:
        where = [self.programme.ref, person.public_id]
        if task.page == "mark":
            return reverse("transfers:checkpoint", args=[*where, task.code, "mark"])
        return reverse({"plan": "transfers:plan-check", "received": "transfers:plan-receive", "route": "transfers:file-route", "file": "transfers:file-add", "arrived": "transfers:file-arrived"}.get(task.page, "transfers:person-detail"), args=where)
