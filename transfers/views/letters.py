"""Letter runs: begun for a group of people, looked at first, out and back as a workbook, marked through the gates."""

from __future__ import annotations

import secrets
import tempfile
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from mobilisation.clock import today
from mobilisation.components import Counter
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.history import events
from mobilisation.models import Change, Organisation
from mobilisation.roles import Can
from mobilisation.services import access_log
from mobilisation.services.changes import entity_name
from mobilisation.workbooks.write import XLSX
from transfers.choices import Format, LetterState
from transfers.exports.letters import write_merge
from transfers.facts.groups import GOING, groups
from transfers.forms.letters import DecideForm, LeadsForm, ResultForm, RunForm, SentForm
from transfers.forms.people import ExportForm
from transfers.models import FundingLead, LetterItem, LetterRun, PersonTransfer
from transfers.services import letters as services
from transfers.services.rights import is_provider
from transfers.views.lists import TeamPage

IDS = 500
SHOWN = 200
"""Lines of one state; the count says how many there are, the file holds all."""


CHOSEN_KEY = "letter-people"


def keep_chosen(request: HttpRequest, ref: str, people: list[str]) -> str:
    """Keep who was chosen on the list with the session until the run is begun: public ids, which say nothing of anybody. Returns what
    the address calls this choice, so that a page of an earlier one never writes to these."""
    key = secrets.token_hex(4)
    request.session[f"{CHOSEN_KEY}:{ref}"] = {"key": key, "people": people}
    return key


class Runs(TeamPage):
    """Runs so far and a new one: first who would get it and who not, then the run. ``?chosen=``: for those chosen on the list."""

    template_name = "transfers/letter_runs.html"

    @cached_property
    def picked(self) -> list[str] | None:
        """Public ids of those chosen on the list; None where the run is for a group."""
        held = self.request.session.get(f"{CHOSEN_KEY}:{self.kwargs['ref']}", {})
        found: list[str] | None = held.get("people") if held and held["key"] == self.request.GET.get("chosen") else None
        return found

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Where those chosen are no longer kept nobody is written to instead."""
        if request.user.is_authenticated and request.GET.get("chosen") and self.picked is None and not is_provider(self.actor) and self.actor.can(Can.PEOPLE_VIEW):
            messages.warning(request, "Those chosen on the list are no longer kept: the run was begun, or others were chosen since. Choose them again.")
            return redirect("transfers:letter-runs", ref=self.programme.ref)
        return super().dispatch(request, *args, **kwargs)

    @property
    def people(self) -> Any:
        return PersonTransfer.objects.visible_to(self.request.user).filter(GOING, programme=self.programme)

    def _form(self, data: Any = None) -> RunForm:
        waves = list(self.people.exclude(wave="").order_by("wave").values_list("wave", flat=True).distinct())
        providers = list(Organisation.objects.visible_to(self.request.user).filter(party_to__contract__programmes=self.programme, party_to__role="incoming").distinct().order_by("name").values_list("public_id", "name"))
        named = [("", "Everybody to transfer"), *((key, group.label) for key, group in groups(today()).items() if key and key != "going")]
        form = RunForm(data, groups=named, waves=waves, providers=providers)
        if self.picked is not None:
            form.for_the_chosen()
        # Without the part of the address that led to the form: what is found stands above it.
        form.helper.form_action = f"{self.request.get_full_path()}#preview"
        return form

    def chosen(self, data: dict[str, Any]) -> list[PersonTransfer]:
        if self.picked is not None:
            return [person for start in range(0, len(self.picked), IDS) for person in self.people.filter(public_id__in=self.picked[start : start + IDS])]
        people = self.people.filter(groups(today())[data["show"]].condition)
        named = {"wave": "wave", "provider": "incoming_provider__public_id", "funding": "funding_type", "priority": "priority"}
        return list(people.filter(**{field: data[name] for name, field in named.items() if data[name]}).order_by("surname", "forename", "id"))

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        form = self._form(request.POST)
        if form.is_valid():
            people = self.chosen(form.cleaned_data)
            try:
                if "confirmed" in request.POST:
                    run = services.begin(self.programme, form.values, people, actor=self.actor)
                    if self.picked is not None:
                        del request.session[f"{CHOSEN_KEY}:{ref}"]
                    messages.success(request, f"The run is begun for {len(people)} {'person' if len(people) == 1 else 'people'}. Nothing was sent yet.")
                    return redirect("transfers:letter-run", ref=ref, run=run.public_id)
                run, found = services.prepared(self.programme, form.values, people)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                access_log.record(self.actor, "view", self.programme, "letter run", ids=[person.public_id for person in people], request=request)
                reasons: dict[tuple[str, str], int] = {}
                for item in found:
                    if item.reason:
                        reasons[item.get_state_display(), item.reason] = reasons.get((item.get_state_display(), item.reason), 0) + 1
                formats: dict[str, int] = {}
                for item in found:
                    if item.state == LetterState.TO_SEND:
                        formats[item.get_format_display()] = formats.get(item.get_format_display(), 0) + 1
                return self.render_to_response(self.get_context_data(form=form, tally=services.tally(found), reasons=reasons.items(), formats=formats.items(), total=len(found), warnings=services.warnings(run), marks=run.marks, not_yet=services.not_yet(run, found, actor=self.actor).items()))
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        runs = LetterRun.objects.visible_to(self.request.user).filter(programme=self.programme)
        context |= {
            "runs": runs.annotate(n=Count("items"), **{state: Count("items", filter=Q(items__state=state)) for state in LetterState.values})[:50],
            "may_edit": self.actor.can(Can.PEOPLE_EDIT),
            "picked": self.picked,
        }
        if self.actor.can(Can.PEOPLE_EDIT):
            context.setdefault("form", self._form())
        return context


class _OfRun(TeamPage):
    @cached_property
    def run(self) -> LetterRun:
        found = LetterRun.objects.visible_to(self.request.user).filter(programme=self.programme, public_id=self.kwargs["run"]).select_related("programme").first()
        if found is None:
            raise Http404("outside scope")
        return found  # type: ignore[no-any-return]

    @property
    def items(self) -> Any:
        return LetterItem.objects.visible_to(self.request.user).with_out().filter(run=self.run).select_related("person", "contact")

    def to_run(self) -> HttpResponse:
        return redirect("transfers:letter-run", ref=self.programme.ref, run=self.run.public_id)


class RunPage(_OfRun):
    """``?show=<state>``: the counters are filters."""

    template_name = "transfers/letter_run.html"
    required_post = Can.PEOPLE_VIEW
    """Communications may be granted sight of people and then approves; what else is posted asks for its own right."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        context: dict[str, Any] = {}
        try:
            if "approve" in request.POST:
                services.approve(self.run, actor=self.actor)
                messages.success(request, "Approved.")
                return self.to_run()
            if "mark" in request.POST:
                outcome = services.mark_told(self.run, actor=self.actor)
                said = f"{self.run.marks} marked for {outcome.marked or 'nobody'}"
                if not outcome.refused:
                    messages.success(request, f"{said}.")
                    return self.to_run()
                messages.warning(request, f"{said}; {len(outcome.refused)} refused. Each reason stands below.")
                return self.render_to_response(self.get_context_data(refused=outcome.refused))
            form = SentForm(request.POST)
            context["sent_form"] = form
            if form.is_valid():
                try:
                    number, out = services.record_sent(self.run, form.cleaned_data["on"], actor=self.actor)
                except Refused as refusal:
                    if not any(reason.field for reason in refusal.reasons):
                        raise
                    show_refusal(form, refusal)
                else:
                    if not out:
                        messages.success(request, f"{number} recorded as sent.")
                        return self.to_run()
                    messages.warning(request, f"{number} recorded as sent; {len(out)} not. Each reason stands below.")
                    return self.render_to_response(self.get_context_data(stopped=out))
        except Refused as refusal:
            messages.error(request, str(refusal))
        return self.render_to_response(self.get_context_data(**context), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        address, items = reverse("transfers:letter-run", args=[self.programme.ref, self.run.public_id]), self.items
        counts = dict(items.order_by().values_list("state").annotate(n=Count("pk")))
        show = self.request.GET.get("show", "")
        show = show if show in LetterState.values else LetterState.HELD if counts.get(LetterState.HELD) else LetterState.TO_SEND
        rows = list(items.filter(state=show)[:SHOWN])
        access_log.record(self.actor, "view", self.programme, "letter run", ids=[item.person.public_id for item in rows], request=self.request)
        may = self.actor.can(Can.PEOPLE_EDIT)
        context |= {
            "run": self.run, "rows": rows, "show": show, "label": LetterState(show).label, "total": counts.get(show, 0), "warnings": services.warnings(self.run), "staffed_until": services.staffed_until(self.run),
            "counters": [Counter(label, counts.get(value, 0), f"{address}?show={value}", active=value == show, tone="amber" if value in {"held", "returned"} else "") for value, label in LetterState.choices],
            "formats": [(Format(value).label.lower(), n) for value, n in items.filter(state=LetterState.TO_SEND).order_by("format").values_list("format").annotate(n=Count("pk"))], "may_edit": may,
            "may_export": self.actor.can(Can.PEOPLE_EXPORT) and may, "may_approve": self.actor.has_role("CMS") and not self.actor.over, "told": sum(counts.get(state, 0) for state in services.TOLD), "to_send": counts.get(LetterState.TO_SEND, 0),
            # Who is held back or left out may be written to again, which is asked when the file is made.
            "may_take": any(counts.get(state) for state in services.OPEN),
            "events": events(Change.objects.visible_to(self.request.user).filter(entity=entity_name(LetterRun), object_id=self.run.pk)[:50]),
        }
        context.setdefault("sent_form", SentForm())
        return context


class Merge(_OfRun):
    """Out as a workbook, with a reason, logged."""

    required = Can.PEOPLE_EXPORT
    required_post = Can.PEOPLE_EXPORT
    template_name = "transfers/letter_file.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(ExportForm(whole=True))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        form = ExportForm(request.POST, whole=True)
        if form.is_valid():
            try:
                items, out = services.take_out(self.run, actor=self.actor)
                if out:
                    messages.warning(request, f"{len(out)} of those to send may not be written to now and {'is' if len(out) == 1 else 'are'} not in the file. They are held back or left out here, each with the reason.")
                file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115  closed by the response
                written = write_merge(file, self.run, items)
                file.seek(0)
                access_log.record(self.actor, "export", self.programme, "letter run", ids=written, reason=form.cleaned_data["reason"], request=request)
                return FileResponse(file, as_attachment=True, filename=f"letters-{self.programme.ref}-{self.run.public_id}.xlsx", content_type=XLSX)
            except Refused as refusal:
                show_refusal(form, refusal)
        return self._page(form, status=422)

    def _page(self, form: ExportForm, status: int = 200) -> HttpResponse:
        text = "One row a letter, with the format it must have. Fill in result, day and note in the same file and bring it back under “Results of letters”."
        back = reverse("transfers:letter-run", args=[self.programme.ref, self.run.public_id])
        number, out = services.as_of_now(self.run)
        if out:
            access_log.record(self.actor, "view", self.programme, "letter run", ids=[item.person.public_id for item in out], request=self.request)
        return self.render_to_response(self.get_context_data(form=form, number=number, stopped=out, title=f"Mail merge of {self.run}", text=text, back=back, back_label="Back to the letter run", waiting="The file is being made; your browser keeps it with its downloads."), status=status)


class Item(_OfRun):
    """A decision on somebody held back, else a result."""

    required = Can.PEOPLE_EDIT
    template_name = "transfers/person_form.html"

    @cached_property
    def item(self) -> LetterItem:
        found = self.items.filter(public_id=self.kwargs["public_id"]).first()
        if found is None:
            raise Http404("outside scope")
        return found  # type: ignore[no-any-return]

    @property
    def deciding(self) -> bool:
        """Held back and no result asked for: a letter that had gone out before has one all the same."""
        return bool(self.item.state == LetterState.HELD and not (self.item.out_at and self.request.GET.get("result")))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        access_log.record(self.actor, "view", self.programme, "person", ids=[self.item.person.public_id], request=request)
        return self._page(DecideForm() if self.deciding else ResultForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = DecideForm(request.POST) if "words" in request.POST else ResultForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                if isinstance(form, DecideForm):
                    services.decide(self.item, data["words"], letter=data["how"] == "letter", actor=self.actor, deciders=data["deciders"])
                else:
                    services.record(self.run, {self.item.pk: (data["state"], data["on"], data["note"])}, actor=self.actor)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Recorded.")
                return self.to_run()
        return self._page(form, status=422)

    def _page(self, form: Any, status: int = 200) -> HttpResponse:
        text = f"Held back: {self.item.reason}." if self.deciding else f"{self.item.get_state_display()}, {self.item.get_format_display().lower()}."
        back = reverse("transfers:letter-run", args=[self.programme.ref, self.run.public_id])
        return self.render_to_response(self.get_context_data(form=form, person=self.item.person, title="Decide how to tell this person" if self.deciding else "Result of the letter", text=text, back=back), status=status)


class Leads(TeamPage):
    """Who leads for the people of each funding group, and whether we write."""

    required = Can.PEOPLE_EDIT
    template_name = "transfers/person_form.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        held = FundingLead.objects.visible_to(request.user).filter(programme=self.programme)
        initial = {name: value for lead in held for name, value in ((f"lead_{lead.funding}", lead.lead), (f"write_{lead.funding}", "we" if lead.we_write else "they"))}
        return self._page(LeadsForm(initial=initial))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = LeadsForm(request.POST)
        if form.is_valid():
            try:
                services.set_leads(self.programme, form.leads, actor=self.actor)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Saved. Letters that are taken out from now on follow it.")
                return redirect("transfers:letter-runs", ref=self.programme.ref)
        return self._page(form, status=422)

    def _page(self, form: LeadsForm, status: int = 200) -> HttpResponse:
        text = "Where another body writes itself, its people are left out of our letter runs, with that reason. Leave a name empty where we lead."
        return self.render_to_response(self.get_context_data(form=form, title="Who leads by funding", text=text, back=reverse("transfers:letter-runs", args=[self.programme.ref])), status=status)
