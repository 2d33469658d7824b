"""Nobody lost: the lists beside the tracker, what differs, and the answer to each difference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.components import Counter, Event
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.history import events
from mobilisation.models import Change
from mobilisation.roles import Can
from mobilisation.services import access_log
from mobilisation.services.changes import entity_name
from mobilisation.views.scope import ProgrammeView
from transfers.choices import Finding, ListSource, Resolution
from transfers.forms.lists import ReopenForm, ResolveForm
from transfers.models import ComparedList, ListFinding, ListRow, PersonTransfer
from transfers.models.lists import TRACKER
from transfers.services import lists as services
from transfers.services.doubles import PerhapsListed
from transfers.services.rights import is_provider
from transfers.views.people import perhaps

PAGE = 50
REPORTS = (("visits", "visits of the orders (Schedule Breakdown)"), ("addresses", "billing and alternate addresses"), ("placements", "emergency placements"))
"""Reports that fill in records of people who are there: kind of the import, and its name in a sentence."""
TONES = {Finding.ONLY_THEIRS: "red", Finding.ONLY_OURS: "red", Finding.LIKELY: "amber", Finding.TWICE: "amber", Finding.DIFFERS: "amber"}


class TeamPage(ProgrammeView, TemplateView):
    """Whole lists are for the team; no provider reads another organisation's."""

    required = Can.PEOPLE_VIEW
    required_post = Can.PEOPLE_EDIT

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and is_provider(self.actor):
            raise Http404("outside scope")
        return super().dispatch(request, *args, **kwargs)


class ListsPage(TeamPage):
    """``?source=`` and ``?kind=`` narrow what is open; ``?kind=settled`` shows what was answered."""

    template_name = "transfers/lists.html"
    required_post = Can.PEOPLE_IMPORT

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        services.compare_all(self.programme, actor=self.actor)
        messages.success(request, "Every list was compared with the tracker as it stands now.")
        return redirect("transfers:lists", ref=self.programme.ref)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user, asked = self.request.user, self.request.GET
        source = asked.get("source", "") if asked.get("source") in {*ListSource.values, TRACKER} else ""
        kind = asked.get("kind", "") if asked.get("kind") in {*Finding.values, "settled"} else ""
        mine = ListFinding.objects.visible_to(user).filter(programme=self.programme)
        counts = mine.values("source", "kind").annotate(open=Count("id", filter=Q(resolution="")), settled=Count("id", filter=~Q(resolution="")))
        numbers = {(row["source"], row["kind"]): (row["open"], row["settled"]) for row in counts}
        found = mine.filter(source=source) if source else mine
        found = found.exclude(resolution="") if kind == "settled" else found.filter(resolution="", **({"kind": kind} if kind else {}))
        page = Paginator(found.select_related("person").order_by("-resolved_at", "id") if kind == "settled" else found.select_related("person").order_by("kind", "who", "id"), PAGE).get_page(asked.get("page"))
        access_log.record(self.actor, "view", self.programme, "lists compared", ids=[finding.public_id for finding in page], request=self.request)
        held = {one.source: one for one in ComparedList.objects.visible_to(user).filter(programme=self.programme, current=True)}
        return context | {
            "page_obj": page, "findings": page.object_list, "any_list": bool(held) or source == TRACKER, "source": source, "kind": kind, "settled": kind == "settled", "may_import": self.actor.can(Can.PEOPLE_IMPORT), "reports": REPORTS, "may_settle": self.actor.can(Can.PEOPLE_EDIT),
            "sources": [
                {"value": value, "title": label, "list": held.get(value), "open": sum(numbers.get((value, one), (0, 0))[0] for one in Finding.values),
                 "settled": sum(numbers.get((value, one), (0, 0))[1] for one in Finding.values), "import_kind": f"list-{value}", "url": self._url(value, "")}
                for value, label in ListSource.choices
            ],
            "own": {"open": self._open(numbers, TRACKER, Finding.TWICE), "settled": numbers.get((TRACKER, Finding.TWICE), (0, 0))[1], "url": self._url(TRACKER, "")},
            "on_tracker": PersonTransfer.objects.visible_to(user).filter(programme=self.programme).going().count(),
            "counters": [
                Counter("Open", sum(self._open(numbers, source, one) for one in Finding.values), self._url(source, ""), not kind, "amber"),
                *(Counter(str(one.label), self._open(numbers, source, one), self._url(source, one), kind == one, TONES[one]) for one in Finding),
                Counter("Settled", sum(pair[1] for (where, _), pair in numbers.items() if not source or where == source), self._url(source, "settled"), kind == "settled", "green"),
            ],
        }

    def _open(self, numbers: dict[tuple[str, str], tuple[int, int]], source: str, kind: str) -> int:
        return sum(pair[0] for (where, what), pair in numbers.items() if what == kind and (not source or where == source))

    def _url(self, source: str, kind: str) -> str:
        asked = urlencode({name: value for name, value in (("source", source), ("kind", kind)) if value})
        return reverse("transfers:lists", args=[self.programme.ref]) + (f"?{asked}" if asked else "")


class FindingPage(TeamPage):
    """Both sides of one difference, and its answer."""

    template_name = "transfers/finding.html"

    @cached_property
    def finding(self) -> ListFinding:
        found = ListFinding.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["finding"]).select_related("person").first()
        if found is None:
            raise Http404("outside scope")
        found.programme = self.programme
        return found

    def form(self, data: Any = None) -> Any:
        """An answer that was sent stays an answer, also where somebody else has settled the difference meanwhile: it never throws theirs open."""
        opens = self.finding.resolution and (data is None or "how" not in data)
        return ReopenForm(data) if opens else ResolveForm(data, finding=self.finding)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if form.is_valid():
            try:
                if isinstance(form, ReopenForm):
                    services.reopen(self.finding, actor=self.actor, why=form.cleaned_data["reason"])
                else:
                    services.resolve(self.finding, form.cleaned_data["how"], actor=self.actor, reason=form.cleaned_data["reason"], another=perhaps.ticked(request.POST))
            except Refused as refusal:
                if isinstance(refusal, PerhapsListed):
                    perhaps.ask(self, form, refusal.keys)
                show_refusal(form, refusal)
            else:
                messages.success(request, "Settled, and kept with your name and reason." if self.finding.resolution else "It is open again.")
                return redirect(self._next())
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def _next(self) -> str:
        """The next open one of the same kind, so that a list is worked off without going back; else the page of lists."""
        following = ListFinding.objects.visible_to(self.request.user).filter(programme=self.programme, source=self.finding.source, kind=self.finding.kind, resolution="").exclude(pk=self.finding.pk).order_by("who", "id")
        after = following.filter(Q(who__gt=self.finding.who) | Q(who=self.finding.who, id__gt=self.finding.pk)).first() or following.first()
        if after is None or not self.finding.resolution:
            return reverse("transfers:lists", args=[self.programme.ref])
        return reverse("transfers:finding", args=[self.programme.ref, after.public_id])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        finding = self.finding
        kwargs.setdefault("form", self.form())
        rows = {row.key: row for row in ListRow.objects.visible_to(self.request.user).filter(list__programme=self.programme, list__source=finding.source, list__current=True, key__in=[key for key in (finding.row_key, finding.other_key) if key])}
        row, other = rows.get(finding.row_key), rows.get(finding.other_key)
        second = PersonTransfer.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=finding.other_key).first() if finding.source == TRACKER else None
        access_log.record(self.actor, "view", self.programme, "difference between lists", ids=[finding.person.public_id if finding.person else finding.public_id], request=self.request)
        told = Change.objects.visible_to(self.request.user).filter(entity=entity_name(finding), object_id=finding.pk)
        timeline: list[Event] = _naming(events(told), finding.person)
        return super().get_context_data(**kwargs) | {
            "finding": finding, "person": finding.person, "sides": _sides(finding.person, row, other, second), "row": row, "second": second, "timeline": timeline, "may_settle": self.actor.can(Can.PEOPLE_EDIT), "gone": finding.resolution == Resolution.GONE,
        }


def _naming(told: list[Event], person: PersonTransfer | None) -> list[Event]:
    """History names nobody; who reads this page sees everybody, so it says who it is."""
    if person is None:
        return told
    return [replace(one, changes=tuple(replace(change, new=person.name) if change.new == str(person) else change for change in one.changes)) for one in told]


_SHOWN = ("surname", "forename", "date_of_birth", "nhs_number", "reference", "postcode", "address", "phone", "funding_type", "weekly_hours", "in_hospital")


def _title(name: str) -> str:
    field = PersonTransfer._meta.get_field("case_system_id" if name == "reference" else name)
    words = str(field.verbose_name)  # type: ignore[union-attr]
    return words[:1].upper() + words[1:]


def _sides(person: PersonTransfer | None, row: ListRow | None, other: ListRow | None, second: PersonTransfer | None = None) -> list[dict[str, Any]]:
    """Field by field, ours beside theirs (or two lines of their list, or two rows of the tracker, beside each other); a line of theirs alone has nothing of ours beside it."""
    two_lines = person is None and other is not None
    left: Any = row if two_lines else person
    right: Any = second or (other if two_lines else row)
    found = []
    for name in _SHOWN:
        ours, theirs = _value(left, name), _value(right, name)
        if ours or theirs:
            found.append({"title": _title(name), "ours": ours, "theirs": theirs, "differs": bool(ours and theirs and "".join(ours.split()).casefold() != "".join(theirs.split()).casefold())})
    return found


def _value(side: Any, name: str) -> str:
    if side is None:
        return ""
    if name == "reference" and isinstance(side, PersonTransfer):
        name = "case_system_id"
    return services.shown(name, getattr(side, name))
