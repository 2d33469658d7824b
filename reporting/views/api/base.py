"""What every answer has in common: reading only, the session of the pages, JSON also for a no, kept by nobody."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from mobilisation import answers
from reporting.position import to_json
from reporting.position.schema import Schema, schema_of

PAGE = 50


@method_decorator(csrf_exempt, name="dispatch")  # nothing is ever changed here: any other method than GET is refused
class JsonView(View):
    """Mixin in front of a scoped view. ``shape`` is the dataclass of the answer; ``query``: {parameter: its schema}."""

    shape: ClassVar[Any]
    query: ClassVar[dict[str, Schema]] = {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            response: HttpResponseBase = answers.refusal(405, "This address can only be read: ask with GET.")
            response["Allow"] = "GET, HEAD"
        elif not request.user.is_authenticated:
            response = answers.refusal(401, answers.NOT_SIGNED_IN)
        else:
            try:
                response = super().dispatch(request, *args, **kwargs)
            except Http404:
                response = answers.refusal(404, answers.NOT_THERE)
        response["Cache-Control"] = "no-store"
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return JsonResponse(to_json(self.answer()), json_dumps_params={"ensure_ascii": False})

    def answer(self) -> Any:
        raise NotImplementedError

    @classmethod
    def schema(cls, known: dict[str, Schema]) -> Schema:
        return schema_of(cls.shape, known)


class PagedView(JsonView):
    """Fifty rows at a time; ``shape`` is that of a row. ``next`` and ``previous`` keep the filters of the address."""

    def rows(self) -> Any:
        """The whole list, in order, not yet read."""
        raise NotImplementedError

    def shown(self, found: list[Any]) -> list[Any]:
        """One page of it as the answer shows it."""
        raise NotImplementedError

    def answer(self) -> Any:
        page = Paginator(self.rows(), PAGE).get_page(self.request.GET.get("page"))
        return {
            "count": page.paginator.count, "page": page.number, "pages": page.paginator.num_pages, "next": self._link(page.number + 1) if page.has_next() else None,
            "previous": self._link(page.number - 1) if page.has_previous() else None, "results": self.shown(list(page)),
        }

    @classmethod
    def item(cls, known: dict[str, Schema]) -> Schema:
        return schema_of(cls.shape, known)

    def _link(self, number: int) -> str:
        query = self.request.GET.copy()
        query["page"] = str(number)
        return f"{self.request.path}?{query.urlencode()}"

    @classmethod
    def schema(cls, known: dict[str, Schema]) -> Schema:
        fields: dict[str, Schema] = {
            **{name: {"type": "integer"} for name in ("count", "page", "pages")}, **{name: {"type": ["string", "null"]} for name in ("next", "previous")},
            "results": {"type": "array", "items": cls.item(known)},
        }
        return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def parameters_of(fields: Any) -> dict[str, Schema]:
    """The filters of a list as query parameters; a value that is none of the choices narrows nothing, as on the page."""
    found: dict[str, Schema] = {}
    for name, field in fields.items():
        values = [str(value) for value, _ in getattr(field, "choices", ()) if value]
        found[name] = {"type": "string", "title": str(field.label or name.replace("_", " ").capitalize()), **({"enum": values} if values else {})}
    return found
