"""People as JSON: the list of the tracker with the columns of its export, and the same line in the access log."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.urls import reverse

from mobilisation.clock import today
from mobilisation.services import access_log
from mobilisation.workbooks import CheckpointDate, CodePresence, Column, Date, Number, YesNo
from reporting.position.schema import Schema
from reporting.views.api.base import PagedView, parameters_of
from transfers.exports.tracker import COLUMNS, LISTED, headings_for, rows_of
from transfers.facts.groups import groups
from transfers.forms.people import PeopleFilter
from transfers.models import PersonTransfer
from transfers.services.rights import hide_asked
from transfers.views.people import PeopleRows
from transfers.views.people.rows import SORTS

_TYPES: tuple[tuple[type, Schema], ...] = (
    (CheckpointDate, {"type": ["string", "null"], "description": "A day, W (waived) or N/A"}), (Date, {"type": ["string", "null"], "format": "date"}), (Number, {"type": ["number", "null"]}),
    (YesNo, {"type": ["boolean", "null"]}), (CodePresence, {"type": ["boolean", "null"]}),
)
_READ_ONLY: dict[str, Schema] = {"discrepancies_open": {"type": ["integer", "null"]}, "last_updated_at": {"type": "string", "format": "date-time"}}
"""Columns that no file is read into, so that their parser does not say what they hold."""
_ABOUT: dict[str, Schema] = {name: {"type": "string"} for name in ("id", "url", "stage", "colour", "reason")}


def column_schema(column: Column) -> Schema:
    found = _READ_ONLY.get(column.name) or next((schema for parser, schema in _TYPES if isinstance(column.parse, parser)), {"type": ["string", "null"]})
    return {"title": column.title, **found}


def plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


class People(PagedView, PeopleRows):
    """The people this reader sees, narrowed as on the tracker's page; each page is logged as a view. Without the right to export, only the columns the list shows."""

    query: ClassVar[dict[str, Schema]] = {
        **parameters_of(PeopleFilter.base_fields), "show": {"type": "string", "title": "Group", "enum": [key for key in groups(today()) if key]},
        "sort": {"type": "string", "title": "Order; with a minus sign in front the other way round", "enum": [sign + key for sign in ("", "-") for key in SORTS]},
    }
    asked_search = ""
    """What was searched for on the page stays there: an answer hangs on its address alone."""

    def rows(self) -> Any:
        return self.filtered(self.filter_form(), today()).select_related("exiting_provider", "incoming_provider", "updated_by")

    def shown(self, found: list[PersonTransfer]) -> list[dict[str, Any]]:
        as_of, names = today(), headings_for(self.actor)
        people_url = reverse("transfers:person-list", args=[self.programme.ref])
        answer = []
        hide_asked(found, self.actor)
        for person, (public_id, values) in zip(found, rows_of(found), strict=True):
            colour, reason = person.moments.at(as_of)
            about = {"id": public_id, "url": f"{people_url}{public_id}/", "stage": person.stage_word, "colour": colour.value, "reason": reason}
            answer.append(about | {name: plain(values.get(name)) for name in names})
        access_log.record(self.actor, "view", self.programme, "people list", ids=[person.public_id for person in found], request=self.request)
        return answer

    @classmethod
    def item(cls, known: dict[str, Schema]) -> Schema:
        fields = _ABOUT | {column.name: column_schema(column) for column in COLUMNS}
        known["Person"] = {"type": "object", "properties": fields, "required": [*_ABOUT, *(name for name in fields if name in LISTED)], "additionalProperties": False}
        return {"$ref": "#/components/schemas/Person"}
