"""Many people at once: choosing what to do, the preview, the confirmation, the list of what was done, the undo."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html

from mobilisation.clock import today
from mobilisation.components import Counter
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.roles import Can
from mobilisation.services import access_log
from transfers.choices import BatchKind, BatchState, LineOutcome
from transfers.facts.groups import groups
from transfers.forms.batches import TOGETHER, BatchUndoForm, TogetherForm
from transfers.models import Batch, BatchLine, PersonTransfer
from transfers.services import batches as services
from transfers.services import offers
from transfers.services.rights import is_provider
from transfers.tables.batches import shown
from transfers.views import over
from transfers.views.allocation import incoming_providers
from transfers.views.letters import keep_chosen
from transfers.views.lists import TeamPage
from transfers.views.people.rows import PeopleRows

PAGE = 50
TICKED = 500
"""As many as a page of the list can hold; beyond it everybody of the filter is taken."""
LETTERS = 5000
NAMED = 100
"""How many names stand behind one reason; the table shows the others."""
OFFERING = frozenset({BatchKind.OFFER, BatchKind.PASTE})
"""Kinds of batch that may offer people."""
TONES = {LineOutcome.REFUSED: "red", LineOutcome.MOVED: "amber", LineOutcome.KEPT: "amber", LineOutcome.DONE: "green", LineOutcome.WILL: "blue"}


def together_for(actor: Any) -> dict[str, type[TogetherForm]]:
    """The acts that are offered to this role; the service asks again."""
    return {key: form for key, form in TOGETHER.items() if actor.can(form.can)}


def counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


class PersonBulk(PeopleRows, TeamPage):
    """What to do with everybody ticked, or with everybody who matches the filters of the address. Ends in a batch that is shown."""

    required = required_post = Can.PEOPLE_EDIT
    template_name = "transfers/batches/fill.html"

    @property
    def key(self) -> str:
        asked: str = self.request.POST.get("act") or self.request.GET.get("act", "")
        return asked if asked in together_for(self.actor) else ""

    def make(self, data: Any = None) -> TogetherForm:
        return TOGETHER[self.key](data, providers=self.providers.order_by("name"))

    def back(self) -> str:
        query = self.request.GET.copy()
        query.pop("act", None)
        return reverse("transfers:person-list", args=[self.programme.ref]) + (f"?{query.urlencode()}" if query else "")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The fields of one act, for the bar of the list."""
        if not self.key or not request.headers.get("HX-Request"):
            return redirect(self.back())
        return render(request, "transfers/batches/_fields.html", {"form": self.make(), "act": self.key})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        people, picked = self._chosen()
        if not people or not self.key:
            messages.warning(request, "Choose what to change." if people else "Tick the people first, then choose what to change.")
            return redirect(self.back())
        if self.key == "letter":
            if len(people) > LETTERS:
                messages.warning(request, f"{len(people):,} people are too many for one run. Narrow the list to {LETTERS:,} at most, or begin the run for a group under Letters.")
                return redirect(self.back())
            chosen = keep_chosen(request, self.programme.ref, [person.public_id for person in people])
            return redirect(reverse("transfers:letter-runs", args=[self.programme.ref]) + f"?chosen={chosen}#new")
        if request.POST.get("filled") != self.key:
            # The fields that came along, if any, are those of another act.
            return self._ask(self.make(), people, picked)
        form = self.make(request.POST)
        if form.is_valid():
            try:
                batch = services.propose(self.programme, form.kind, form.what, form.wishes(people), actor=self.actor, why=form.why, asked=form.asked, picked=picked)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                return redirect(batch_url(batch, request))
        return self._ask(form, people, picked, status=422)

    def _chosen(self) -> tuple[list[PersonTransfer], str]:
        """The people and how they were chosen. By filter they are found anew, and their number is said on the next page."""
        if self.request.POST.get("all"):
            form = self.filter_form()
            people = list(self.filtered(form, today()))
            picked = f"everybody who matched {self._filters(form)} ({len(people)})"
            access_log.record(self.actor, "search" if self.term else "view", self.programme, "people chosen by filter", ids=[person.public_id for person in people], request=self.request)
            return people, picked
        ticked = set(self.request.POST.getlist("person")[:TICKED])
        people = list(self.people.filter(public_id__in=ticked))
        if people and (gone := len(ticked) - len(people)):
            messages.warning(self.request, f"{counted(gone, 'row that was ticked is', 'rows that were ticked are')} not on your list any more and left out.")
        return people, f"{len(people)} ticked"

    def _filters(self, form: Any) -> str:
        named = [f"{str(form.fields[name].label).lower()} {dict(form.fields[name].choices).get(value, value)}" for name, value in form.chosen.items()]
        show = self.request.GET.get("show", "")
        group = [f"“{groups(today())[show].label}”"] if show in groups(today()) and show else []
        return "; ".join([*group, *named, *(["a search"] if self.term else [])]) or "no filter: the whole list"

    def _ask(self, form: TogetherForm, people: list[PersonTransfer], picked: str, status: int = 200) -> HttpResponse:
        by_filter = bool(self.request.POST.get("all"))
        if not by_filter:
            access_log.record(self.actor, "view", self.programme, "people chosen", ids=[person.public_id for person in people], request=self.request)
        context = self.get_context_data(form=form, people=people[:NAMED], count=len(people), more=max(0, len(people) - NAMED), rest=[person.public_id for person in people[NAMED:]], by_filter=by_filter, picked=picked, act=self.key, back=self.back())
        return self.render_to_response(context, status=status)


def batch_url(batch: Batch, request: HttpRequest, name: str = "batch-detail") -> str:
    """The page of a batch; the filters go along, so that the list comes back as it was."""
    query = request.GET.copy()
    for own in ("act", "page", "outcome", "show-cells"):
        query.pop(own, None)
    return reverse(f"transfers:{name}", args=[batch.programme.ref, batch.public_id]) + (f"?{query.urlencode()}" if query else "")


class BatchPage(TeamPage):
    """One batch: before it is confirmed its preview, afterwards what it did."""

    template_name = "transfers/batches/detail.html"

    @cached_property
    def batch(self) -> Batch:
        found = Batch.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["batch"]).first()
        if found is None:
            raise Http404("outside scope")
        found.programme = self.programme
        return found

    @property
    def lines(self) -> QuerySet[BatchLine]:
        found: QuerySet[BatchLine] = BatchLine.objects.visible_to(self.request.user).filter(batch=self.batch)
        return found

    def back(self) -> str:
        query = self.request.GET.copy()
        for own in ("page", "outcome"):
            query.pop(own, None)
        return reverse("transfers:person-list", args=[self.programme.ref]) + (f"?{query.urlencode()}" if query else "")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            batch = self._confirm()
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(batch_url(self.batch, request))
        batch.programme = self.programme
        unit = ("cell", "cells") if batch.kind == BatchKind.PASTE else ("person", "people")
        said = [f"{batch.what}: done for {counted(batch.changed, *unit)}"]
        said += [f"{batch.left_out} left out, as somebody changed them meanwhile"] if batch.left_out else []
        said += [f"{batch.refused} refused"] if batch.refused else []
        tail = f" You can undo it until {timezone.localtime(batch.undo_until):%H:%M}." if batch.undo_until else ""
        # The address of the undo is ours; what people typed is escaped.
        words = format_html('{}.{} <a href="{}">Undo</a> or <a href="{}">see what was done</a>', "; ".join(said), tail, batch_url(batch, request, "batch-undo"), batch_url(batch, request))
        (messages.warning if batch.left_out else messages.success)(request, words)
        return redirect(batch_url(batch, request) if batch.left_out else self.back())

    def _confirm(self) -> Batch:
        """Where people are offered, with what the page said of who would be over."""
        if self.batch.kind not in OFFERING:
            return services.confirm(self.batch, actor=self.actor)
        return offers.confirm(self.batch, actor=self.actor, told=over.read(self.request.POST, incoming_providers(self.programme, self.request.user)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        batch, asked = self.batch, self.request.GET.get("outcome", "")
        counts = {row["outcome"]: row["n"] for row in self.lines.order_by().values("outcome").annotate(n=Count("pk"))}
        asked = asked if asked in counts else ""
        found = self.lines.select_related("person").order_by("pk")
        page = Paginator(found.filter(outcome=asked) if asked else found, PAGE)
        page.count = counts[asked] if asked else sum(counts.values())
        rows = page.get_page(self.request.GET.get("page"))
        cells = shown(list(rows))
        why = self._reasons(counts)
        access_log.record(self.actor, "view", self.programme, "batch", ids=sorted({cell.line.person.public_id for cell in cells} | {person.public_id for one in why for person in one["people"]}), request=self.request)
        proposed = batch.state == BatchState.PROPOSED
        return context | {
            "batch": batch, "cells": cells, "page_obj": rows, "counters": self._counters(counts, asked), "why": why, "back": self.back(), "will": counts.get(LineOutcome.WILL, 0), "counts": counts,
            "one": "cell" if batch.kind == BatchKind.PASTE else "person", "many": "cells" if batch.kind == BatchKind.PASTE else "people", "mix": self._mix() if proposed and counts.get(LineOutcome.WILL) else None,
            "may_confirm": proposed and batch.made_by_id == self.request.user.pk and self.actor.can(Can.PEOPLE_EDIT), "may_undo": services.may_undo(batch, actor=self.actor),
            "undo_url": batch_url(batch, self.request, "batch-undo"), "own_minutes": services.own_and_recent(batch, self.actor), "astray": batch.asked.get("astray", []), "proposed": proposed,
            **(over.shown(offers.beyond_of(batch)) if proposed and batch.kind in OFFERING else {}),
        }

    def _counters(self, counts: dict[str, int], asked: str) -> list[Counter]:
        base = batch_url(self.batch, self.request)
        join = "&" if "?" in base else "?"
        every = [Counter("All", sum(counts.values()), base, not asked)]
        return every + [Counter(str(one.label), counts[one], f"{base}{join}outcome={one.value}", asked == one, TONES.get(one, "")) for one in LineOutcome if counts.get(one)]

    def _reasons(self, counts: dict[str, int]) -> list[dict[str, Any]]:
        """Refused and left out, by reason: [{"reason", "n", "people"}], the most frequent first. Who is refused for two reasons
        stands under both."""
        asked = [one for one in (LineOutcome.REFUSED, LineOutcome.MOVED) if counts.get(one)]
        if not asked:
            return []
        by: dict[str, dict[str, Any]] = {}
        for line in self.lines.filter(outcome__in=asked).select_related("person").order_by("person__surname", "person__forename", "pk"):
            order = line.person.old_order_ref
            for reason in line.reason.split("\n"):
                # The number of one person's order is no reason of its own.
                words = reason.replace(f" {order}", "") if order else reason
                one = by.setdefault(words, {"reason": words, "n": 0, "people": []})
                one["n"] += 1
                if len(one["people"]) < NAMED and line.person not in one["people"][-1:]:
                    one["people"].append(line.person)
        return sorted(by.values(), key=lambda one: -one["n"])

    def _mix(self) -> dict[str, Any]:
        """Hours and priorities of who would change; one statement."""
        rows = PersonTransfer.objects.visible_to(self.request.user).filter(pk__in=self.lines.filter(outcome=LineOutcome.WILL).values("person")).order_by().values("priority").annotate(n=Count("pk"), hours=Sum("weekly_hours"))
        found = {row["priority"]: row for row in rows}
        return {"people": sum(row["n"] for row in found.values()), "hours": sum(row["hours"] or 0 for row in found.values()), "priorities": [(letter, found[letter]["n"]) for letter in ("R", "A", "G", "") if letter in found]}


class BatchList(TeamPage):
    """What was done to many at once, newest first."""

    template_name = "transfers/batches/list.html"
    http_method_names = ("get", "head", "options")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        done = Batch.objects.visible_to(self.request.user).filter(programme=self.programme, state__in=[BatchState.DONE, BatchState.UNDONE]).order_by("-made_at", "-pk")
        page = Paginator(done, PAGE).get_page(self.request.GET.get("page"))
        for batch in page:
            batch.programme = self.programme
        return super().get_context_data(**kwargs) | {"page_obj": page, "rows": [(batch, services.may_undo(batch, actor=self.actor)) for batch in page]}


class BatchUndo(BatchPage):
    """What would be put back and what not, then the undo."""

    required = required_post = Can.PEOPLE_EDIT
    template_name = "transfers/batches/undo.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not is_provider(self.actor) and self.actor.can(Can.PEOPLE_EDIT) and not services.may_undo(self.batch, actor=self.actor):
            messages.info(request, "This is undone already." if self.batch.state == BatchState.UNDONE else "Only the lead operational manager (OL) may undo this now.")
            return redirect(batch_url(self.batch, request))
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = BatchUndoForm(request.POST)
        if form.is_valid():
            try:
                batch = services.undo(self.batch, actor=self.actor, reason=form.cleaned_data["reason"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                kept = f" {counted(batch.kept, 'was changed since and stays as it is', 'were changed since and stay as they are')}." if batch.kept else ""
                if self.lines.filter(outcome=LineOutcome.KEPT).exclude(reason="").exists():
                    kept = f" {counted(batch.kept, 'stays as it is', 'stay as they are')}; why is said beside each."
                messages.success(request, f"Undone: {counted(batch.put_back, 'change is', 'changes are')} put back.{kept}")
                return redirect(batch_url(batch, request) if batch.kept else self.back())
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = TeamPage.get_context_data(self, **kwargs)
        found = services.prospect(self.batch, actor=self.actor)
        kept, back = found.kept[:NAMED], found.back[:PAGE]
        people = self._people(line.person_id for line in [*back, *(line for line, _ in kept)])
        for line in [*back, *(line for line, _ in kept)]:
            line.person = people[line.person_id]
        for line, verdict in kept:
            line.reason = verdict.reason
        access_log.record(self.actor, "view", self.programme, "batch", ids=sorted({person.public_id for person in people.values()}), request=self.request)
        needs_reason = not services.own_and_recent(self.batch, self.actor) or bool(found.hangs)
        form = kwargs.get("form") or BatchUndoForm()
        form.fields["reason"].required = needs_reason
        return context | {
            "form": form, "batch": self.batch, "found": found, "kept": shown([line for line, _ in kept], [verdict.new for _, verdict in kept]), "put_back": shown(back), "more": len(found.back) - len(back), "back": batch_url(self.batch, self.request),
            "needs_reason": needs_reason, "only_changed": not any(verdict.reason for _, verdict in found.kept), "refused": bool(found.hangs) and not self.actor.has_role("OL"),
        }

    def _people(self, pks: Iterable[int]) -> dict[int, PersonTransfer]:
        found: dict[int, PersonTransfer] = PersonTransfer.objects.visible_to(self.request.user).in_bulk(list(pks))
        return found
