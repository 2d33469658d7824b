"""Access log and history, for the information governance officer on screen and as CSV."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any

from django.apps import apps
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.forms.ground import AuditForm
from mobilisation.history import events, field_changes, related_names
from mobilisation.models import AccessLog, Change
from mobilisation.roles import Can
from mobilisation.services import access_log
from mobilisation.views.scope import ProgrammeView
from mobilisation.workbooks.write import csv_lines

PAGE = 50
CHUNK = 2000


def batched(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    """``rows`` in lists of at most ``size``."""
    while part := list(islice(rows, size)):
        yield part


class Audit(LoginRequiredMixin, TemplateView):
    """Site-wide: for the roles that hold ``Can.AUDIT_VIEW``; 404 for everybody else."""

    heading = ""
    columns: tuple[str, ...] = ()
    name = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and not self.actor.can(Can.AUDIT_VIEW):
            raise Http404("outside scope")
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[assignment]
        return response

    @cached_property
    def actor(self) -> Actor:
        return Actor.of(self.request.user, None)

    def rows(self, form: AuditForm) -> QuerySet[Any]:
        raise TypeError("each log says its own")

    def lines(self, rows: Iterable[Any]) -> list[list[Any]]:
        """One list of cells for each row of one page, or of one part of the file."""
        raise TypeError("each log says its own")

    @staticmethod
    def narrowed(rows: QuerySet[Any], form: AuditForm) -> QuerySet[Any]:
        since, until = form.cleaned_data.get("since"), form.cleaned_data.get("until")
        if since:
            rows = rows.filter(at__gte=timezone.make_aware(datetime.combine(since, time.min)))
        if reference := form.cleaned_data.get("programme"):
            rows = rows.filter(programme__reference__iexact=reference)
        if until:
            rows = rows.filter(at__lt=timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min)))
        return rows

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = AuditForm(request.GET)
        # A day that cannot be read narrows nothing: rather no row than the whole log under somebody's name.
        right = form.is_valid()
        rows = self.rows(form) if right else self.rows(form).none()
        if right and kwargs.get("csv"):
            access_log.record(self.actor, "export", None, self.name, count=rows.count(), reason="audit", request=request)
            return self.as_csv(rows)
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        return self.render_to_response({"form": form, "page_obj": page, "columns": self.columns, "lines": self.lines(page), "heading": self.heading, "csv_query": request.GET.urlencode(), "csv_name": f"mobilisation:{self.name}-csv"}, status=200 if right else 422)

    def as_csv(self, rows: QuerySet[Any]) -> StreamingHttpResponse:
        lines = ([str(cell) for cell in line] for part in batched(iter(rows.iterator(chunk_size=CHUNK)), CHUNK) for line in self.lines(part))
        return StreamingHttpResponse(csv_lines(self.columns, lines), content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{self.name}.csv"'})


def _at(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y %H:%M:%S}"


class Records(tuple[str, ...]):
    """Ids of the records an act reached: the page shows the first few and opens the rest, a file holds them all."""

    FIRST = 5

    def __str__(self) -> str:
        return ", ".join(self)

    @property
    def first(self) -> str:
        return ", ".join(self[: self.FIRST])

    @property
    def rest(self) -> Sequence[str]:
        return self[self.FIRST :]


class AccessLogPage(Audit):
    template_name = "mobilisation/audit.html"
    heading, name = "Access log", "access-log"
    columns = ("When", "Who", "Act", "What", "Programme", "How many", "Records", "Reason", "From")

    def rows(self, form: AuditForm) -> QuerySet[AccessLog]:
        rows = self.narrowed(AccessLog.objects.visible_to(self.request.user).select_related("programme"), form)
        if who := form.cleaned_data.get("who"):
            rows = rows.filter(user_label__icontains=who)
        if what := form.cleaned_data.get("what"):
            rows = rows.filter(Q(verb__icontains=what) | Q(subject__icontains=what))
        if record := form.cleaned_data.get("record"):
            rows = rows.filter(object_ids__icontains=record)
        return rows

    def lines(self, rows: Iterable[AccessLog]) -> list[list[Any]]:
        return [self._line(row) for row in rows]

    def _line(self, row: AccessLog) -> list[Any]:
        return [_at(row.at), row.user_label, row.verb, row.subject, row.programme.reference if row.programme else "", str(row.count), Records(row.object_ids), row.reason, row.address or ""]


class HistoryLogPage(Audit):
    template_name = "mobilisation/audit.html"
    heading, name = "History of changes", "history-log"
    columns = ("When", "Who", "Act", "What", "Programme", "Fields: old → new", "Why")

    def rows(self, form: AuditForm) -> QuerySet[Change]:
        rows = self.narrowed(Change.objects.visible_to(self.request.user).select_related("programme"), form)
        if who := form.cleaned_data.get("who"):
            rows = rows.filter(actor_label__icontains=who)
        if what := form.cleaned_data.get("what"):
            titled = [entity for entity, subject in registry.subjects().items() if what.casefold() in subject.title.casefold()]
            rows = rows.filter(Q(action__icontains=what) | Q(entity__icontains=what) | Q(entity__in=titled))
        if record := form.cleaned_data.get("record"):
            rows = rows.filter(object_label__icontains=record)
        return rows

    def lines(self, rows: Iterable[Change]) -> list[list[Any]]:
        """Governance roles read who changed what and when, with old and new of how it was dealt with; who it is about and what they need stays with those who see the people (domain 8)."""
        part = list(rows)
        names = related_names(part)
        return [self._line(row, names) for row in part]

    def _line(self, row: Change, names: dict[tuple[str, Any], str]) -> list[str]:
        subject = registry.subjects().get(row.entity)
        told = "; ".join(f"{change.label}: {change.old or 'empty'} → {change.new or 'empty'}" for change in field_changes(row, names, show_personal=False))
        return [_at(row.at), row.actor_label, row.action, f"{subject.title if subject else row.entity}: {row.object_label}", row.programme.reference if row.programme else "", told, row.why]


class ProgrammeHistory(ProgrammeView, TemplateView):
    """What changed in one programme; only records the viewer may open, personal values only for those who see people."""

    required = Can.PLAN_VIEW
    template_name = "mobilisation/history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        allowed = [entity for entity, subject in registry.subjects().items() if self.actor.can(subject.can) and (not subject.personal or self.actor.sees_all_people)]
        rows = Change.objects.visible_to(self.request.user).filter(programme=self.programme, entity__in=allowed)
        if self.actor.edition != "board":
            # How many people a list brought are exact counts, which the editions of providers do not show (domain 8).
            rows = rows.exclude(entity="mobilisation.programme", action="imported")
        if not self.actor.sees_all_people:
            # Within the kinds one may open, some see but a part of the records: providers only the shared risks (domain 8).
            rows = rows.filter(functools.reduce(operator.or_, (Q(entity=entity, object_id__in=self._records(entity)) for entity in allowed), Q(pk__in=[])))
        page = Paginator(rows, PAGE).get_page(self.request.GET.get("page"))
        if seen := [row.object_label for row in page if registry.subjects()[row.entity].personal]:
            access_log.record(self.actor, "view", self.programme, "history", ids=list(dict.fromkeys(seen)), request=self.request)
        return context | {"page_obj": page, "events": events(page, show_personal=self.actor.sees_all_people, name_object=True)}

    def _records(self, entity: str) -> QuerySet[Any]:
        records: QuerySet[Any] = apps.get_model(entity).objects.visible_to(self.request.user)
        return records.order_by().values("pk")
