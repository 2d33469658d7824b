"""The daily grid with its counters."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.access import Actor
from mobilisation.calendars import calendar_as_of
from mobilisation.clock import today
from mobilisation.components import Counter
from mobilisation.models import Programme
from mobilisation.models.record import loaded
from mobilisation.roles import Can
from mobilisation.services import access_log
from mobilisation.views.kept_search import SEARCH
from transfers.facts.changes import since, yesterday
from transfers.facts.groups import counted, groups
from transfers.forms.batches import TOGETHER
from transfers.models import Checkpoint, PersonTransfer, SavedView
from transfers.rules import grid as registry
from transfers.services import turning
from transfers.services.rights import hide_asked, is_provider
from transfers.tables.grid import Grid, Mark, Row
from transfers.tables.grid_head import chooser_fields, filter_fields, head_rows, together_fields
from transfers.views.people.rows import PeopleRows
from transfers.views.people.work import work

PAGE = 50
EVERYBODY = "?show="
SIZES = (50, 200)
BASE = (
    "public_id", "version", "programme_id", "surname", "forename", "exiting_provider_id", "incoming_provider_id", "priority", "allocation_response", "ending", "status", "in_hospital", "on_hold", "next_checkpoint",
    "planned_transfer_date", "listed_on", "medication_level", "peg_or_clinical", "double_handed", "safeguarding_open", "updated_at", "case_system_id", "plan_status",
)
"""What every row is drawn or reckoned from, whatever its columns."""


class PeopleGrid(PeopleRows):
    """Rows as cells: what a viewer sees of whom, drawn the same in the list, after a save and on paper."""

    @cached_property
    def entered(self) -> tuple[Programme, Actor]:
        """The programme and who the viewer is there, in one statement."""
        programme, actor = Actor.entering(self.request.user, str(self.kwargs["ref"]).upper())
        if programme is None:
            raise Http404("outside scope")
        return programme, actor

    @cached_property
    def programme(self) -> Programme:
        return self.entered[0]

    @cached_property
    def actor(self) -> Actor:
        return self.entered[1]

    @cached_property
    def viewer(self) -> registry.Viewer:
        actor = self.actor
        return registry.Viewer(frozenset(can for can in (Can.PEOPLE_VIEW, Can.PEOPLE_EDIT, Can.ORDERS_VIEW) if actor.can(can)), actor.roles, is_provider(actor), actor.unrestricted)

    @cached_property
    def layout(self) -> registry.Layout:
        """The columns and unfolded groups of the address."""
        address = self.request.GET
        chosen, unfolded = ([key for value in address.getlist(name) for key in value.split(",")] if name in address else None for name in ("cols", "groups"))
        return registry.layout(self.viewer, chosen, unfolded)

    def read(self, people: QuerySet[PersonTransfer]) -> list[PersonTransfer]:
        """``people`` with all that the cells of the layout need, in one statement; the rest of them is read where it is asked for."""
        names = ["id", *sorted({name for name in (*BASE, *self.layout.reads) if "__" not in name}), *people.query.annotations]
        beside = {"exiting_name": F("exiting_provider__name"), "incoming_name": F("incoming_provider__name"), "by_name": F("updated_by__name"), "by_email": F("updated_by__email")}
        return [loaded(PersonTransfer, (*names, *beside), row) for row in people.annotate(**beside).values_list(*names, *beside)]

    def drawn(self, people: list[PersonTransfer]) -> list[Row]:
        """Two statements, however many people: their marks, and the working days. Who else is asked is taken out first."""
        hide_asked(people, self.actor)
        marks: dict[int, dict[str, Mark]] = {person.pk: {} for person in people}
        wanted = Checkpoint.objects.filter(person__in=list(marks))  # scope: people that came through their own scope
        for found in wanted.order_by().values_list(*Mark._fields):
            mark = Mark(*found)
            marks[mark.person_id][mark.code] = mark
        # The list has read the state of the calendar with what stands around it.
        calendar = calendar_as_of(self.programme.division, self.around.calendar) if "around" in vars(self) else None
        frame = turning.Frame.of(self.programme, holds=[], calendar=calendar)
        before: dict[int, dict[str, str]] = {}
        if self.request.GET.get("since"):
            columns = [column for column in self.layout.columns if self.viewer.remembers(column)]
            before = since(yesterday(today()), people, marks, columns, self.request.user)
        return [Row(person, marks[person.pk], frame.dues_of(person, marks[person.pk].values()), person.colour, before.get(person.pk, {})) for person in people]  # type: ignore[arg-type,attr-defined]


def address_of(view: SavedView) -> str:
    """The query of the list that shows a saved view."""
    query = QueryDict(mutable=True)
    query["view"] = view.public_id
    query.update(registry.parameters(registry.Kept(view.columns, view.unfolded, view.filters, view.sort)))
    return query.urlencode(safe=",")


class PersonList(PeopleGrid, TemplateView):
    """A search is posted; the address says which one it is, so that no name stands in an address or a log."""

    template_name = "transfers/person_list.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A saved view, and the first view of one's role, lead to their whole address: what is passed on opens the same rows."""
        if type(self) is PersonList and set(request.GET) <= {"view"}:
            asked = request.GET.get("view") or next((public_id for public_id, role in self.around.first if role in self.actor.roles), "")
            view = SavedView.objects.visible_to(request.user).filter(programme=self.programme, public_id=asked).first() if asked else None
            if view is not None:
                return redirect(f"{request.path}?{address_of(view)}")
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        return redirect(f"{request.path}{self.address(**{SEARCH: self.keep_search(request.POST.get('term', '')) or None})}")

    def address(self, **changed: str | None) -> str:
        """The query of this address with other parameters; None takes one out. The page number goes, as the rows may be others.
        Never empty: without a query the list leads to the first view of a role."""
        pairs = [(name, value) for name, value in self._asked if name not in changed]
        pairs += [(name, value) for name, value in changed.items() if value is not None]
        return f"?{'&'.join(f'{quote(name, safe=chr(44))}={quote(value, safe=chr(44))}' for name, value in pairs)}" if pairs else EVERYBODY

    @cached_property
    def _asked(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self.request.GET.lists() if name != "page" for value in values]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        as_of, show = today(), self.request.GET.get("show", "")
        form = self.filter_form()
        shown = {key: group for key, group in groups(as_of).items() if group.counter or key == show}
        counts = counted(self.counted(form, as_of), as_of, shown)
        size = int(self.request.GET["rows"]) if self.request.GET.get("rows") in map(str, SIZES) else PAGE
        pages = Paginator(self.filtered(form, as_of), size)
        # The counter has counted these rows already.
        pages.count = counts[show if show in shown else ""]
        page = pages.get_page(self.request.GET.get("page"))
        page.object_list = people = self.read(page.object_list)  # type: ignore[arg-type]
        may_edit = self.actor.can(Can.PEOPLE_EDIT) and not is_provider(self.actor)
        grid = Grid(self.layout, self.viewer, as_of, many_exiting=len({person.exiting_provider_id for person in people}) > 1, choose=may_edit)
        drawn = self.drawn(people)
        access_log.record(self.actor, "search" if self.term else "view", self.programme, "people list", ids=[person.public_id for person in people], request=self.request)
        together = [(key, form.title) for key, form in TOGETHER.items() if self.actor.can(form.can)] if may_edit else []
        query = self.request.GET.copy()
        query.pop("page", None)
        context |= {
            "as_of": as_of,
            "unread": self.around.unread,
            "form": form,
            "counters": [
                Counter(group.label, counts[key], self.address(show=key or None), active=key == show, tone=group.tone)
                for key, group in shown.items()
            ],
            "page_obj": page,
            "rows": [(row.person, row.marks) for row in drawn],
            "body": grid.rows(drawn),
            "head": head_rows(self.layout, self.viewer, self.request.GET.get("sort", "name"), self.address, choose=may_edit),
            "unfiltered_url": self.address(**dict.fromkeys(form.fields)),
            "filters": filter_fields(form),
            "filters_kept": [(name, value) for name, values in query.lists() if name not in form.fields for value in values],
            "chooser": chooser_fields(registry.choosable(self.viewer), (column.key for column in self.layout.columns)),
            "kept": [(name, value) for name, values in query.lists() if name != "cols" for value in values],
            "cell_query": "&".join(part for part in (self._layout_query(), "x=1" if grid.many_exiting else "", "c=1" if may_edit else "") if part),
            "choices": [(column.field, PersonTransfer._meta.get_field(column.field).flatchoices) for column in self.layout.columns if column.edit == "choice"],  # type: ignore[union-attr]
            "sizes": [(number, number == size, self.address(rows=str(number) if number != PAGE else None)) for number in SIZES],
            "usual_columns": self.address(cols=None, groups=None),
            "views": [(f"?view={public_id}", name, public_id == self.request.GET.get("view")) for public_id, name in self.around.views],
            "since": bool(self.request.GET.get("since")),
            "since_url": self.address(since=None if self.request.GET.get("since") else "1"),
            "print_url": f"print/?{query.urlencode(safe=',')}" if query else "print/",
            "term": self.term,
            "search_lost": self.search_lost,
            "unsearched_url": self.address(**{SEARCH: None}),
            "query": query.urlencode(),
            "may_edit": may_edit,
            "may_type": self.viewer.provider is False and Can.PEOPLE_EDIT in self.viewer.can,
            "work": work(self),
            "sees_offers": not is_provider(self.actor) or self.actor.has_role("IP"),
            "may_import": self.actor.can(Can.PEOPLE_IMPORT),
            "may_export": self.actor.can(Can.PEOPLE_EXPORT),
            "together": together,
            "together_fields": together_fields(together[0][0], TOGETHER[together[0][0]]) if together else "",
        }
        return context

    def _layout_query(self) -> str:
        """The part of the address that says which cells a row has."""
        query = QueryDict(mutable=True)
        for name in ("cols", "groups"):
            if name in self.request.GET:
                query[name] = ",".join(self.request.GET.getlist(name))
        return query.urlencode(safe=",")
