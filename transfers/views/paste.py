"""A block from a spreadsheet into many cells: from the grid with its rows and columns, or from a page with a box to paste into."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property

from mobilisation.clock import today
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.models import Organisation
from mobilisation.roles import Can
from mobilisation.services import access_log
from transfers.choices import BatchKind
from transfers.forms.batches import PasteForm
from transfers.imports import paste
from transfers.models import Batch, PersonTransfer
from transfers.rules.grid import BY_KEY, GROUPS, Column
from transfers.services import batches as services
from transfers.views.batches import batch_url, counted
from transfers.views.lists import TeamPage
from transfers.views.people import PeopleGrid


class PersonPaste(PeopleGrid, TeamPage):
    """``people`` and ``columns`` (ids and keys, with commas) come from the grid: everything from the focused cell on, as it is
    shown. Without them the form says who and where."""

    required = required_post = Can.PEOPLE_EDIT
    template_name = "transfers/batches/paste.html"

    @cached_property
    def taken(self) -> list[Column]:
        """The columns that take what is pasted, for this role."""
        return paste.columns_from("", self.viewer)

    def make(self, data: Any = None) -> PasteForm:
        return PasteForm(data, columns=[(column.key, "Incoming provider" if column.key == paste.PROVIDER else column.title) for column in self.taken])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=self.make()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        data = request.POST.copy()
        grid = "columns" in data
        if grid:
            data.setdefault("by", "order")
            data.setdefault("first", paste.PROVIDER)
        form = self.make(data)
        if form.is_valid():
            try:
                batch = self._propose(form, grid=grid)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                return redirect(batch_url(batch, request))
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def _propose(self, form: PasteForm, *, grid: bool) -> Batch:
        block = paste.read_block(form.cleaned_data["text"])
        people: list[PersonTransfer | None]
        astray: list[str] = []
        if grid:
            found = self._in_grid(len(block))
            people, astray = found.people, found.astray
            # A folded group is one cell of the page too; it takes nothing, and says so.
            columns = [BY_KEY.get(key) or Column(key, GROUPS.get(key, key), "") for key in self.request.POST["columns"].split(",")]
        elif form.cleaned_data["by"] == "reference":
            found = paste.by_reference([row[0] for row in block], list(self.people))
            people, astray = found.people, found.astray
            block = [row[1:] for row in block]
            columns = paste.columns_from(form.cleaned_data["first"], self.viewer)
        else:
            start = (form.cleaned_data["start"] or 1) - 1
            people = list(self.filtered(self.filter_form(), today())[start : start + paste.MOST_ROWS])
            columns = paste.columns_from(form.cleaned_data["first"], self.viewer)
        incoming = {one.name: one for one in Organisation.objects.visible_to(self.request.user).filter(party_to__contract__programmes=self.programme, party_to__role="incoming").distinct()}
        wishes = paste.wishes(block, people, columns, viewer=self.viewer, incoming=incoming)
        if not wishes:
            raise Refused(" ".join([*astray[:10], "Nothing of it says anything for somebody on this list, so there is nothing to show."]))
        access_log.record(self.actor, "view", self.programme, "people pasted to", ids=[person.public_id for person in people[: len(block)] if person], request=self.request)
        titles = ", ".join("Incoming provider" if column.key == paste.PROVIDER else column.key if column.edit == "mark" else column.title for column in columns[: max(map(len, block))])
        what = f"Pasted {counted(len(block), 'row', 'rows')}: {titles}"
        return services.propose(self.programme, BatchKind.PASTE, what, wishes, actor=self.actor, asked={"astray": astray}, picked=form.cleaned_data["by"] if not grid else "from a cell of the list on")

    def _in_grid(self, rows: int) -> paste.Found:
        """The people of the first ``rows`` rows in the order in which the page showed them."""
        said = self.request.POST.get("people", "")
        ids = said.split(",")[: min(rows, paste.MOST_ROWS)] if said else []
        return paste.by_record(ids, list(self.people.filter(public_id__in=ids)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = TeamPage.get_context_data(self, **kwargs)
        return context | {"columns": self.taken, "most_rows": paste.MOST_ROWS, "most_columns": paste.MOST_COLUMNS, "query": self.request.GET.urlencode()}
