"""A provider's own page: what waits for it, each with one button."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.views.generic import TemplateView

from mobilisation.clock import today
from mobilisation.models.record import loaded
from mobilisation.roles import Can
from mobilisation.services import access_log
from mobilisation.views.scope import ProgrammeView
from transfers.models import AllocationSheet, CarePlanCheck, Checkpoint, Discrepancy, FileTransfer, PersonTransfer
from transfers.rules import care_plans, waiting
from transfers.services import turning
from transfers.services.rights import is_provider
from transfers.tables.grid import Mark
from transfers.views.people.listing import BASE

PAGE = 50
READS = ("id", *BASE, "wave", "funding_type", "file_instruction", "file_choice")
CODES = ("C06", "C09", "C11", "C12", "C13", "C14", "C15", "C18")


@dataclass(frozen=True)
class Waiting:
    person: PersonTransfer
    task: waiting.Task
    due: date | None
    side: str
    url: str = ""


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
        mine = PersonTransfer.objects.visible_to(user).filter(programme=self.programme).going().exclude(status="closed").order_by()
        people = [loaded(PersonTransfer, READS, row) for row in mine.values_list(*READS)]
        found = self._waiting(mine, people, as_of)
        offered = PersonTransfer.objects.offers_visible_to(user).filter(programme=self.programme, allocation_response="offered") if self.actor.has_role("IP") else PersonTransfer.objects.none()
        page = Paginator(found, PAGE).get_page(self.request.GET.get("page"))
        rows = [replace(one, url=self._url(one.person, one.task)) for one in page]
        access_log.record(self.actor, "view", self.programme, "your people", ids=[one.person.public_id for one in rows], request=self.request)
        return context | {
            "as_of": as_of, "page_obj": page, "rows": rows, "number": len(people), "offers": offered.count(),
            "sheets": AllocationSheet.objects.visible_to(user).filter(programme=self.programme).count(),
            "stated": sum(one.state == "in_progress" for marks in self.marks.values() for one in marks if one.code in {"C13", "C15"}),
        }

    def _waiting(self, mine: QuerySet[PersonTransfer], people: list[PersonTransfer], as_of: date) -> list[Waiting]:
        """What waits for each of ``people``, who are ``mine`` as read: five statements, each with their scope and not with their ids."""
        among = mine.values("pk")
        self.marks: dict[int, list[Mark]] = {}
        for told in Checkpoint.objects.filter(person__in=among, code__in=CODES).order_by().values_list(*Mark._fields):  # scope: people that came through their own scope
            mark = Mark(*told)
            self.marks.setdefault(mark.person_id, []).append(mark)
        plans = dict(CarePlanCheck.objects.filter(person__in=among, current=True).order_by().values_list("person_id", "checks"))  # scope: as above
        open_ones = Counter(Discrepancy.objects.filter(person__in=among, closed_on__isnull=True).order_by().values_list("person_id", flat=True))  # scope: as above
        files = {journey[0]: journey[1:] for journey in FileTransfer.objects.filter(person__in=among).order_by("id").values_list("person_id", "sent_on", "received_on", "outcome")}  # scope: as above
        frame, own = turning.Frame.of(self.programme), self.actor.organisation_ids("IP")
        found = []
        for person in people:
            marks = self.marks.get(person.pk, [])
            checks, journey = plans.get(person.pk), files.get(person.pk)
            sent, received, outcome = journey or (None, None, "")
            facts = waiting.Facts(
                states=turning.states_of(marks), pace=self.programme.pace, t=person.planned_transfer_date, in_hospital=person.in_hospital, held=bool(frame.hold_on(person)),
                plan_left=None if checks is None else len(care_plans.still_to_check(checks)), discrepancies=open_ones[person.pk], funding=person.funding_type,
                instruction=person.file_instruction, choice=person.file_choice, journey=journey is not None, sent=bool(sent), arrived=bool(received or outcome),
            )
            coming = person.incoming_provider_id in own
            task = waiting.incoming(facts, as_of) if coming else waiting.exiting(facts)
            if task is not None:
                found.append(Waiting(person, task, frame.dues_of(person, marks).get(task.code), "incoming" if coming else "exiting"))
        return sorted(found, key=lambda one: (one.due or date.max, one.person.surname, one.person.forename, one.person.pk))

    def _url(self, person: PersonTransfer, task: waiting.Task) -> str:
        where = [self.programme.ref, person.public_id]
        if task.page == "mark":
            return reverse("transfers:checkpoint", args=[*where, task.code, "mark"])
        return reverse({"plan": "transfers:plan-check", "received": "transfers:plan-receive", "route": "transfers:file-route", "file": "transfers:file-add", "arrived": "transfers:file-arrived"}.get(task.page, "transfers:person-detail"), args=where)
