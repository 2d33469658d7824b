"""Every list at once, person by person: which of them lacks whom."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse

from mobilisation.components import Counter
from mobilisation.services import access_log
from transfers.choices import ListSource
from transfers.facts import lists as facts
from transfers.models import ListFinding, PersonTransfer
from transfers.views.lists import PAGE, TeamPage


class ListsBeside(TeamPage):
    """``?show=``: ``all`` people, a source (whom that list lacks), ``theirs`` (whom the tracker lacks); else whom any list lacks."""

    template_name = "transfers/lists_beside.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("show", "")
        lists = facts.current(self.programme)
        people = PersonTransfer.objects.visible_to(self.request.user).filter(programme=self.programme)
        findings = ListFinding.objects.visible_to(self.request.user).filter(programme=self.programme)
        wanted: dict[str, Any] = {"": facts.lacking(people, lists), **{source: facts.lacking(people, lists, source) for source in lists}, "theirs": facts.only_theirs(findings), "all": people.going()}
        show = asked if asked in wanted else ""
        titles = {"": "Not on every list", "theirs": "Not on the tracker", "all": "Everybody"} | {source: f"Not on: {ListSource(source).label}" for source in lists}
        page = Paginator(wanted[show] if show == "theirs" else wanted[show].order_by("surname", "forename", "id"), PAGE).get_page(self.request.GET.get("page"))
        rows = self._theirs(page, findings) if show == "theirs" else self._ours(page, lists)
        access_log.record(self.actor, "view", self.programme, "lists side by side", ids=[row["id"] for row in rows], request=self.request)
        return super().get_context_data(**kwargs) | {
            "page_obj": page, "rows": rows, "theirs": show == "theirs", "has_lists": bool(lists), "labels": [label for _, label in ListSource.choices],
            "counters": [Counter(titles[key], found.count(), f"{self.request.path}?show={key}" if key else self.request.path, key == show, "red" if key not in {"all", ""} else "") for key, found in wanted.items()],
        }

    def _ours(self, page: Any, lists: Any) -> list[dict[str, Any]]:
        return [
            {
                "id": side.person.public_id, "name": side.person.name, "ref": side.person.case_system_id, "url": reverse("transfers:person-detail", args=[self.programme.ref, side.person.public_id]),
                "places": [{"label": label, "state": side.places[source], "words": facts.WORDS[side.places[source]]} for source, label in ListSource.choices],
            }
            for side in facts.sides(list(page), lists)
        ]

    def _theirs(self, page: Any, findings: Any) -> list[dict[str, Any]]:
        return [
            {
                "id": one.finding, "name": one.who, "ref": "", "url": reverse("transfers:finding", args=[self.programme.ref, one.finding]),
                "places": [{"label": label, "state": "on" if source in one.sources else "", "words": "–"} for source, label in ListSource.choices],
            }
            for one in facts.besides(list(page), findings)
        ]
