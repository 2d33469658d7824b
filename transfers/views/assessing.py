"""Assessment, what the plan speaks of, reviews, the form of agreement, and the queue of plans to validate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.generic import TemplateView

from mobilisation.clock import today
from mobilisation.services import access_log
from transfers.facts.groups import GOING, MOVED
from transfers.forms import records as forms
from transfers.models import Assessment, CarePlanCheck, Checkpoint, PersonTransfer, Review
from transfers.rules import care_plans
from transfers.services import assessing, checkpoints, turning
from transfers.services.rights import is_provider
from transfers.views.people import PersonPage
from transfers.views.people.scope import PeopleScope
from transfers.views.records import RecordPage, saved

PAGE = 50


class _AssessmentPage(RecordPage):
    """The one assessment of a person, there or not; with ``mark`` ticked the checkpoint is marked in the same act or nothing is."""

    model = Assessment
    code = ""
    day = ""

    def make(self, data: Any = None) -> Any:
        held = Assessment.objects.visible_to(self.request.user).filter(person=self.person).first()
        initial = {} if held and getattr(held, self.day) else {self.day: today()}
        form = self.form_class(data, instance=held, initial=initial) if held else self.form_class(data, initial=initial)
        if self.person.ending or turning.states_of(self.person.checkpoints.filter(code=self.code)).get(self.code) == "done":  # scope: of the person above
            del form.fields["mark"]
            form.helper.layout.pop(-1) if form.helper.layout else None
        return form

    def written(self, form: Any) -> dict[str, Any]:
        return {name: value for name, value in form.values.items() if name != "mark"}

    def do(self, form: Any) -> str:
        marks = form.cleaned_data.get("mark", False)
        with transaction.atomic():
            record = assessing.record(self.person, self.written(form), code=self.code, actor=self.actor, expected_version=form.cleaned_data["version"])
            if marks:
                checkpoints.mark(self.person, self.code, actor=self.actor, on=form.cleaned_data[self.day])
        return f"Saved, and {self.code} is marked." if marks else saved(record)


class AssessmentEdit(_AssessmentPage):
    title = "Needs and impact of the change"
    text = "C07 rests on both parts: what the person needs, and what the exit and the change of provider mean for them."
    form_class = forms.AssessmentForm
    code, day = "C07", "assessed_on"


class PlanContentEdit(_AssessmentPage):
    title = "What the care and support plan speaks of"
    text = "C08 rests on all ten headings: each stands in the plan, or is not needed for this person. A missing one means that the plan is not current."
    form_class = forms.PlanContentForm
    code, day = "C08", "plan_on"

    def written(self, form: Any) -> dict[str, Any]:
        return {"plan_on": form.cleaned_data["plan_on"], "headings": form.headings}


class ReviewAdd(RecordPage):
    title = "Record a review"
    text = "Asked for by the person, a carer or the representative, or offered by us; for everybody, whoever pays for the care."
    form_class = forms.ReviewForm

    def do(self, form: Any) -> str:
        assessing.add_review(self.person, form.values, actor=self.actor)
        return "Recorded."


class ReviewEdit(RecordPage):
    title = "Change the review"
    model = Review
    form_class = forms.ReviewForm

    def do(self, form: Any) -> str:
        return saved(assessing.change_review(self.record, form.values, actor=self.actor, expected_version=form.cleaned_data["version"]))


class AgreementPrint(PersonPage):
    """The form on which a person agrees to sharing, to print and sign where agreement was never obtained (domain 5.4)."""

    template_name = "transfers/agreement.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = PeopleScope.get_context_data(self, **kwargs)
        access_log.record(self.actor, "view", self.programme, "form of agreement", ids=[self.person.public_id], request=self.request)
        return context | {"person": self.person, "as_of": today()}


@dataclass(frozen=True)
class ToValidate:
    """``due``: within 10 or 28 days of the move; ``checked``: items of the check list looked at."""

    person: PersonTransfer
    check: CarePlanCheck | None
    due: date | None
    checked: int
    open_discrepancies: int
    why: str


class ValidationQueue(PeopleScope, TemplateView):
    """Plans that are PROVISIONAL after the move, the highest risk first, then by the day they are due (domain 5.7)."""

    template_name = "transfers/validation.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and is_provider(self.actor) and not self.actor.has_role("IP"):
            raise Http404("the incoming provider's work and the team's")
        return super().dispatch(request, *args, **kwargs)

    @property
    def people(self) -> QuerySet[PersonTransfer]:
        found = super().people
        return found.filter(incoming_provider__in=self.actor.organisation_ids("IP")) if is_provider(self.actor) else found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        people = list(
            self.people.filter(GOING, status__in=MOVED).exclude(plan_status="validated").select_related("incoming_provider")
            .annotate(open_discrepancies=Count("discrepancys", filter=Q(discrepancys__closed_on__isnull=True), distinct=True))
        )
        held = {check.person_id: check for check in CarePlanCheck.objects.visible_to(self.request.user).filter(person__in=[person.pk for person in people], current=True)}
        frame = turning.Frame.of(self.programme)
        marks: dict[int, list[Checkpoint]] = {}
        for mark in Checkpoint.objects.visible_to(self.request.user).filter(person__in=[person.pk for person in people], code="C15"):
            marks.setdefault(mark.person_id, []).append(mark)
        rows = []
        for person in people:
            person.programme = self.programme
            check = held.get(person.pk)
            checked = len(care_plans.CHECKS) - len(care_plans.still_to_check(check.checks if check else {}))
            rows.append(ToValidate(person, check, frame.dues_of(person, marks.get(person.pk, [])).get("C18"), checked, person.open_discrepancies, ", ".join(person.risks)))  # type: ignore[attr-defined]
        rows.sort(key=lambda row: (row.open_discrepancies == 0, not row.person.high_risk, row.due or date.max, row.person.surname, row.person.pk))
        page = Paginator(rows, PAGE).get_page(self.request.GET.get("page"))
        access_log.record(self.actor, "view", self.programme, "plans to validate", ids=[row.person.public_id for row in page], request=self.request)
        return context | {"rows": page.object_list, "page_obj": page, "as_of": today(), "checks": len(care_plans.CHECKS), "people_url": reverse("transfers:person-list", args=[self.programme.ref])}
