"""The list with its counters, and one checkpoint for many."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import TemplateView

from mobilisation.clock import today
from mobilisation.components import Counter
from mobilisation.roles import Can
from mobilisation.services import access_log
from transfers.facts.groups import groups
from transfers.forms import people as forms
from transfers.models import Checkpoint, PersonTransfer
from transfers.rules import gates
from transfers.services import checkpoints
from transfers.services.rights import hide_asked, is_provider
from transfers.views.people.scope import PeopleScope

PAGE = 50
SEARCH_KEY = "people-search"
SORTS = {
    "name": ("surname", "forename", "id"),
    "due": ("next_due", "surname", "id"),
    "transfer": ("planned_transfer_date", "surname", "id"),
    "updated": ("touched_on", "surname", "id"),
    "wave": ("wave", "surname", "id"),
}


class PeopleRows(PeopleScope):
    """Which people a page lists, by the filters of its address: the list, the export and the JSON take the same."""

    @property
    def term(self) -> str:
        term: str = self.request.session.get(f"{SEARCH_KEY}:{self.kwargs['ref']}", "")
        return term

    def filtered(self, form: forms.PeopleFilter, as_of: date) -> QuerySet[PersonTransfer]:
        """Exactly the rows the page shows, in its order."""
        named = groups(as_of)
        people = self.people.filter(named.get(self.request.GET.get("show", ""), named[""]).condition).with_colour(as_of)
        chosen = form.chosen
        if value := chosen.get("priority"):
            people = people.filter(priority="" if value == "none" else value)
        if value := chosen.get("progress"):
            people = people.filter(colour=value)
        if value := chosen.get("provider"):
            people = people.filter(incoming_provider__isnull=True) if value == "none" else people.filter(incoming_provider__public_id=value)
            if is_provider(self.actor) and value != "none":
                people = people.filter(allocation_response__in=["accepted", "accepted_with_conditions"])
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


class PersonList(PeopleRows, TemplateView):
    """A search is posted and kept with the session, so that no name stands in an address or a log."""

    template_name = "transfers/person_list.html"

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        request.session[f"{SEARCH_KEY}:{ref}"] = request.POST.get("term", "").strip()[:100]
        return redirect(f"{request.path}?{request.GET.urlencode()}" if request.GET else request.path)

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
        hide_asked(rows, self.actor)
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
