"""One person beside the list, with the next and the one before in the order of the list."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from mobilisation.clock import today
from transfers.views.people.page import PersonPage
from transfers.views.people.rows import PeopleRows


class PersonPanel(PeopleRows, PersonPage):
    """``/people/<id>/panel/?at=<place in the list>`` with the filters of the list: a part for the script, else the person's page.

    A look at it is logged as a look at the person.
    """

    template_name = "transfers/grid/panel.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.headers.get("HX-Request"):
            return redirect("transfers:person-detail", ref=self.programme.ref, public_id=self.person.public_id)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | self._neighbours()

    def _neighbours(self) -> dict[str, Any]:
        """{"previous_url", "next_url": address of the part or ""}. The list may have moved meanwhile: the place is then only near."""
        said = self.request.GET.get("at", "")
        at = int(said) if said.isascii() and said.isdigit() and len(said) < 8 else 0
        if at < 1:
            return {"previous_url": "", "next_url": "", "at": 0}
        start = max(at - 2, 0)
        ids = list(self.filtered(self.filter_form(), today()).values_list("public_id", flat=True)[start : at + 1])
        here = ids.index(self.person.public_id) if self.person.public_id in ids else at - 1 - start
        return {"previous_url": self._part(ids, here - 1, start), "next_url": self._part(ids, here + 1, start), "at": start + here + 1}

    def _part(self, ids: list[str], place: int, start: int) -> str:
        if not 0 <= place < len(ids):
            return ""
        query = self.request.GET.copy()
        query["at"] = str(start + place + 1)
        return f"{reverse('transfers:person-panel', args=[self.programme.ref, ids[place]])}?{query.urlencode(safe=',')}"
