"""Editing one cell of the list where it stands. With htmx the cell is swapped; without, the same form is a page."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from mobilisation.clock import today
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.roles import Can
from mobilisation.services import access_log
from mobilisation.views.scope import ProgrammeView
from transfers.forms.cells import CELLS, CellForm
from transfers.models import PersonTransfer
from transfers.services import people as services
from transfers.services.rights import is_provider


class PersonCell(ProgrammeView):
    """``/people/<id>/cell/<field>/``: GET the form (``?show=1`` the plain cell), POST saves. A stale save that clashes is
    answered 422 with both values, and the typed one stays in the cell."""

    required = Can.PEOPLE_EDIT

    def _person(self) -> PersonTransfer:
        found = PersonTransfer.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["public_id"]).first()
        if found is None or is_provider(self.actor) or self.kwargs["field"] not in CELLS:
            raise Http404("outside scope")
        found.programme = self.programme
        return found

    def get(self, request: HttpRequest, ref: str, public_id: str, field: str) -> HttpResponse:
        person = self._person()
        if request.GET.get("show"):
            return self._answer(person, "transfers/_cell.html")
        access_log.record(self.actor, "view", self.programme, "person", ids=[person.public_id], request=request)
        return self._form(person, CellForm(instance=person, cell=field))

    def post(self, request: HttpRequest, ref: str, public_id: str, field: str) -> HttpResponse:
        person = self._person()
        form = CellForm(request.POST, instance=person, cell=field)
        if form.is_valid():
            try:
                services.update_person(person, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                if request.headers.get("HX-Request"):
                    return self._answer(person, "transfers/_cell.html", saved=True)
                return redirect("transfers:person-list", ref=self.programme.ref)
        return self._form(person, form, status=422)

    def _form(self, person: PersonTransfer, form: CellForm, status: int = 200) -> HttpResponse:
        template = "transfers/_cell_form.html" if self.request.headers.get("HX-Request") else "transfers/cell_page.html"
        return self._answer(person, template, status=status, form=form, bound=form[self.kwargs["field"]])

    def _answer(self, person: PersonTransfer, template: str, status: int = 200, **more: Any) -> HttpResponse:
        field = self.kwargs["field"]
        context = ProgrammeView.get_context_data(self) if template.endswith("cell_page.html") else {"programme": self.programme}
        label = str(person._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
        context |= {"person": person, "field": field, "label": label[0].upper() + label[1:], "value": getattr(person, field), "as_of": today(), **more}
        return render(self.request, template, context, status=status)
