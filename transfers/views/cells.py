"""One cell of the grid. With a script the answer is the row anew; without, the same form is a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.calendars import read_once
from mobilisation.clock import today
from mobilisation.errors import Conflict, Reason, Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.roles import Can
from mobilisation.services import access_log
from mobilisation.views.scope import ProgrammeView
from transfers.facts.changes import history_of, since_asked
from transfers.forms.cells import CellForm, MarkCellForm
from transfers.models import Checkpoint, PersonTransfer
from transfers.rules import endings, gates, transfer_day
from transfers.rules import grid as registry
from transfers.services import checkpoints
from transfers.services import people as services
from transfers.services.rights import is_provider, leaving, on_coming_side
from transfers.services.seen import Seen
from transfers.tables.grid import Grid
from transfers.views.people import PeopleGrid, solving
from transfers.views.people.writing import BECAME, incoming_words


class OneCell(PeopleGrid):
    """A cell of a person within scope; 404 for what is no cell for this viewer."""

    required = Can.PEOPLE_EDIT

    @cached_property
    def person(self) -> PersonTransfer:
        found = self.people.filter(public_id=self.kwargs["public_id"]).select_related("incoming_provider", "exiting_provider").first()
        if found is None:
            raise Http404("outside scope")
        found.programme = self.programme
        return found

    @cached_property
    def list_url(self) -> str:
        return reverse("transfers:person-list", args=[self.programme.ref])

    @property
    def back(self) -> str:
        """The list as it was when the cell was opened; anything else in the address of where somebody came from is left out."""
        parts = urlsplit(self.request.GET.get("back") or self.request.headers.get("Referer", ""))
        return f"{self.list_url}?{QueryDict(parts.query).urlencode(safe=',')}" if parts.path == self.list_url and parts.query else self.list_url


class PersonCell(OneCell, TemplateView):
    """``/people/<id>/cell/<field or code>/``: GET the page of the cell, POST saves it through the service of the person's page.

    With a script (``HX-Request``) a save is answered in JSON: ``row`` the ``<tr>`` as it is now, ``said`` what was done; refused
    422 with ``reasons``, and after a clash ``version`` and ``was`` to save with when one's own is to stand.
    """

    template_name = "transfers/cell_page.html"
    in_hand = False
    """The person in hand is the row as it was just written, whole."""

    @cached_property
    def column(self) -> registry.Column:
        found = registry.CELLS.get(self.kwargs["field"])
        if found is None or not self.viewer.edits(found):
            raise Http404("outside scope")
        return found

    @cached_property
    def mark(self) -> Checkpoint | None:
        return Checkpoint.objects.visible_to(self.request.user).filter(person=self.person, code=self.column.key).first()

    @property
    def marks(self) -> bool:
        return self.column.edit == "mark"

    def make(self, data: Any = None) -> forms.Form:
        form: Any = MarkCellForm(data, initial={"on": today(), "version": str(Seen.of(self.person, self.mark))}) if self.marks else CellForm(data, instance=self.person, cell=self.column.field)
        form.helper.form_action = f"?{urlencode({'back': self.back})}"
        return form

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.column, self.person  # noqa: B018  outside scope is 404
        access_log.record(self.actor, "view", self.programme, "person", ids=[self.person.public_id], request=request)
        return self._page(self.make())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # What is saved and the row that is drawn of it ask the same working days.
        with read_once():
            return self._posted(request)

    def _posted(self, request: HttpRequest) -> HttpResponse:
        self.column, self.person  # noqa: B018  outside scope is 404
        form = self.make(request.POST)
        refusal: Refused | None = None
        if form.is_valid():
            try:
                said = self.save(form)
            except Refused as found:
                refusal = found
                show_refusal(form, found)
            else:
                if self.scripted:
                    return JsonResponse(self._row() | {"said": said})
                messages.success(request, f"{said}.")
                return redirect(self.back)
        if not self.scripted:
            return self._page(form, 422, refusal)
        reasons = [str(words) for found in form.errors.values() for words in found]
        answer: dict[str, Any] = {"reasons": reasons, "more": self._more(refusal)}
        if isinstance(refusal, Conflict):
            answer |= {"version": str(form.data["version"]), "was": form.data.get("was", ""), "theirs": refusal.fields[0].theirs if refusal.fields else ""}
        return JsonResponse(self._row() | answer, status=422)

    @property
    def scripted(self) -> bool:
        return bool(self.request.headers.get("HX-Request"))

    def save(self, form: Any) -> str:
        """What was done, in words that name nobody."""
        if self.column.field == "priority":
            return self._rated(form)
        if not self.marks:
            record = services.update_person(self.person, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])
            self.in_hand = record is not None and services.COLUMNS.isdisjoint(record.fields) and self.actor.sees_all_people
            if record is None:
                return f"{self.column.heading}: nothing was different"
            doubt = transfer_day.doubt(self.person.planned_transfer_date, self.programme.exit_date) if "planned_transfer_date" in record.fields else ""
            chosen = f": {self._chosen()}" if self.column.edit == "choice" else ""
            return f"{self.column.heading} saved{chosen}" + (f". {doubt.removesuffix('.')}" if doubt else "")
        code, seen, note = self.column.key, Seen.read(form.cleaned_data["version"]), form.cleaned_data["note"]
        act = self.request.POST.get("act", "done")
        if act == "undo":
            reopened = checkpoints.undo(self.person, code, actor=self.actor, reason=note, seen=seen)
            return f"{code} undone" + (f"; reopened with it: {', '.join(reopened)}" if reopened else "")
        made = checkpoints.mark(self.person, code, actor=self.actor, on=form.cleaned_data["on"], note=note, state="not_applicable" if act == "not_applicable" else "done", seen=seen)
        return f"{code} {BECAME[made.state]}"

    def _rated(self, form: Any) -> str:
        """Through the act of its own, which marks C03 and asks for a reason where one is needed."""
        if "priority" not in form.values:
            return "Priority: nothing was different"
        if not form.values["priority"]:
            raise Refused(Reason("Choose Red, Amber or Green.", field="priority"))
        services.set_priority(self.person, form.values["priority"], actor=self.actor, seen=Seen(form.cleaned_data["version"]) if form.cleaned_data["version"] else None)
        return f"Priority saved: {self._chosen()}"

    def _chosen(self) -> str:
        """The choice that stands now, for whoever cannot see the cell."""
        return getattr(self.person, f"get_{self.column.field}_display")() or "empty"

    def _row(self) -> dict[str, Any]:
        people = [self._as_saved()] if self.in_hand else self.read(self.people.filter(pk=self.person.pk).with_colour(today()))
        grid = Grid(self.layout, self.viewer, today(), many_exiting="x" in self.request.GET, choose="c" in self.request.GET)
        # A save may take the person out of one's own scope: then the row is gone.
        return {"row": grid.rows(self.drawn(people))}

    def _as_saved(self) -> PersonTransfer:
        """The person as just written, with what :meth:`read` would read beside: a plain field of somebody in the team's scope takes nobody out of it."""
        person: Any = self.person
        person.colour = person.moments.at(today())[0].value
        person.exiting_name, person.incoming_name = (provider.name if provider else "" for provider in (person.exiting_provider, person.incoming_provider))
        person.by_name, person.by_email = self.request.user.name, self.request.user.email  # type: ignore[union-attr]
        return person  # type: ignore[no-any-return]

    def _more(self, refusal: Refused | None = None) -> list[tuple[str, str]]:
        """Where what is missing can be entered: (words, address)."""
        person, code = self.person.public_id, self.column.key
        if self.column.field == "priority":
            return [("Give a reason with it", reverse("transfers:person-act", args=[self.programme.ref, person, "priority"]))]
        if not self.marks:
            return []
        where = solving.ways(self, refusal.reasons) if refusal else []
        if self.request.POST.get("act") == "undo":
            where = [("Undo with a reason", reverse("transfers:checkpoint", args=[self.programme.ref, person, code, "undo"]))]
        elif (own := solving.own_form(self, code)) and own not in where:
            where.insert(0, own)
        return [*where, ("Open the person", reverse("transfers:person-detail", args=[self.programme.ref, person]))]

    def _page(self, form: Any, status: int = 200, refusal: Refused | None = None) -> HttpResponse:
        context = ProgrammeView.get_context_data(self, form=form) | {"person": self.person, "column": self.column, "label": self.column.title, "back": self.back}
        if self.marks:
            settled = self.mark is not None and self.mark.state in gates.SETTLED
            how = "undo" if settled else "mark"
            bars = [] if form.is_bound else checkpoints.in_the_way(self.person, self.column.key, how, actor=self.actor)
            aside = gates.BY_CODE[self.column.key].not_applicable and not checkpoints.in_the_way(self.person, self.column.key, "not-applicable", actor=self.actor)
            context |= {"text": "" if settled else incoming_words(self, self.column.key), "mark": self.mark, "settled": settled, "bars": bars, "aside": aside, "more": self._more(refusal or (Refused(bars) if bars else None))}
        elif self.person.ending and not form.is_bound and self.column.field in endings.CLOSED:
            context["bars"] = [Reason(endings.refused(self.person.get_ending_display()))]
        return self.render_to_response(context, status=status)


class CellHistory(OneCell, TemplateView):
    """``/people/<id>/history/<column>/``: who, when, from, to and why of one cell; a part for the script, else a page."""

    required = Can.PEOPLE_VIEW

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        column = registry.BY_KEY.get(self.kwargs["key"])
        if column is None or not self.viewer.remembers(column):
            raise Http404("no history of this")
        part = bool(request.headers.get("HX-Request"))
        context: dict[str, Any] = {"programme": self.programme} if part else ProgrammeView.get_context_data(self)
        context |= {"person": self.person, "part": part, "column": column, "label": column.title, "events": history_of(self.person, column, request.user, after=since_asked(self.person) if is_provider(self.actor) and not leaving(self.person, self.actor) else None, coming=on_coming_side(self.person, self.actor) if is_provider(self.actor) else None), "back": self.back}
        access_log.record(self.actor, "view", self.programme, "history of a cell", ids=[self.person.public_id], request=request)
        return render(request, "transfers/grid/history.html" if part else "transfers/grid/history_page.html", context)
