"""How a browser saves one field of one person: one cell of the list, or the whole form, each with the version and the values it was shown."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from django.urls import reverse

from mobilisation.models import Programme
from transfers.models import PersonTransfer

if TYPE_CHECKING:
    from tests.bench.pages import Visitor


class Fields(HTMLParser):
    """The values a browser would send with the form that holds the version."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name, value = found.get("name") or "", found.get("value") or ""
        if tag == "input" and name and found.get("type") not in {"submit", "search"} and (found.get("type") not in {"checkbox", "radio"} or "checked" in found):
            self.values[name] = value
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in found:
            self.values[self._select] = value
        elif tag == "textarea":
            self._area = name
            self.values[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data


class Saver:
    """Opens the form once and saves it again and again, as the same person who sees each result."""

    def __init__(self, visitor: Visitor, programme: Programme, person: PersonTransfer) -> None:
        self.visitor, self.path = visitor, reverse("transfers:person-edit", kwargs={"ref": programme.ref, "public_id": person.public_id})
        page = Fields()
        page.feed(visitor.ask("GET", self.path).decode())
        self.values = page.values

    def __call__(self, text: str) -> None:
        self.visitor.ask("POST", self.path, self.values | {"next_action": text}, expect=(302,))
        was = json.loads(self.values["was"])
        was["next_action"] = text
        self.values |= {"next_action": text, "was": json.dumps(was), "version": str(int(self.values["version"]) + 1)}


class CellSaver:
    """Saves one cell again and again as the script of the list does: the cell, its version and what it showed."""

    def __init__(self, visitor: Visitor, programme: Programme, person: PersonTransfer) -> None:
        self.visitor, self.version, self.was = visitor, person.version, person.next_action
        self.path = reverse("transfers:person-cell", kwargs={"ref": programme.ref, "public_id": person.public_id, "field": "next_action"})

    def __call__(self, text: str) -> None:
        fields = {"next_action": text, "version": str(self.version), "was": json.dumps({"next_action": self.was})}
        self.visitor.ask("POST", self.path, fields, headers={"HX-Request": "true"})
        self.version, self.was = self.version + 1, text
