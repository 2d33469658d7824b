"""The one table of addresses: routes and their description are both made of it."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import path

from mobilisation import answers
from reporting.position.schema import Schema
from reporting.views.api.answers import PlanSteps, PositionNow, Programmes, Register, Snapshot, Snapshots
from reporting.views.api.base import JsonView, PagedView
from reporting.views.api.people import People

ROOT = f"{answers.ROOT.lstrip('/')}v1/"
_IN = "programmes/<slug:ref>/"


@dataclass(frozen=True)
class Endpoint:
    """``route`` below the root, in Django's words."""

    route: str
    name: str
    view: type[JsonView]

    @property
    def path(self) -> str:
        """The same as OpenAPI writes it."""
        return "/" + ROOT + re.sub(r"<\w+:(\w+)>", r"{\1}", self.route)

    @property
    def parts(self) -> list[str]:
        return re.findall(r"<\w+:(\w+)>", self.route)


ENDPOINTS = (
    Endpoint("programmes/", "api-programmes", Programmes),
    Endpoint(f"{_IN}position/", "api-position", PositionNow),
    Endpoint(f"{_IN}snapshots/", "api-snapshots", Snapshots),
    Endpoint(f"{_IN}snapshots/<slug:public_id>/", "api-snapshot", Snapshot),
    Endpoint(f"{_IN}people/", "api-people", People),
    Endpoint(f"{_IN}plan/", "api-plan", PlanSteps),
    Endpoint(f"{_IN}risks/", "api-risks", Register),
)


class Description(JsonView):
    """``openapi.json``."""

    def answer(self) -> dict[str, Any]:
        return document()


urlpatterns = [path(ROOT + one.route, one.view.as_view(), name=one.name) for one in ENDPOINTS] + [path(f"{ROOT}openapi.json", Description.as_view(), name="api-description")]

_PARTS = {"ref": "The reference of the programme, in lower case", "public_id": "The id of the week, as the list of weeks gives it"}
_REFUSALS = {"401": "Not signed in", "403": "Signed in without the second factor that sight of people asks for", "404": "Not there, or outside your scope", "405": "Any other method than GET"}


def document() -> dict[str, Any]:
    """OpenAPI 3.1. Shapes are read off the dataclasses of the answers and the columns of the tracker."""
    known: dict[str, Schema] = {"Error": _error()}
    paths = {one.path: {"get": _operation(one, known)} for one in ENDPOINTS}
    return {
        "openapi": "3.1.0", "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": f"{settings.SITE_NAME}: the same facts as JSON", "version": "1", "description": "For reading only, with the session of the site. Never more than the pages show the same person."},
        "servers": [{"url": settings.SITE_URL}], "security": [{"session": []}], "paths": paths,
        "components": {
            "schemas": dict(sorted(known.items())), "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}},
            "responses": {code: {"description": said, "content": _json({"$ref": "#/components/schemas/Error"})} for code, said in _REFUSALS.items()},
        },
    }


def _operation(one: Endpoint, known: dict[str, Schema]) -> dict[str, Any]:
    query = dict(one.view.query)
    if issubclass(one.view, PagedView):
        query["page"] = {"type": "integer", "title": "Page, from 1", "minimum": 1}
    said = " ".join((inspect.getdoc(one.view) or "").split())
    return {
        "operationId": one.name, "summary": said,
        "parameters": [{"name": name, "in": "path", "required": True, "description": _PARTS[name], "schema": {"type": "string"}} for name in one.parts]
        + [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in query.items()],
        "responses": {"200": {"description": said, "content": _json(one.view.schema(known))}, **{code: {"$ref": f"#/components/responses/{code}"} for code in _REFUSALS}},
    }


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _error() -> Schema:
    inner = {"status": {"type": "integer"}, "text": {"type": "string"}}
    return {
        "type": "object", "required": ["error"], "additionalProperties": False,
        "properties": {"error": {"type": "object", "properties": inner, "required": list(inner), "additionalProperties": False}},
    }
