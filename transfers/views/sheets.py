"""Allocation sheets: the team makes them, each provider takes its own newest one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.clock import today
from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.models import Organisation
from mobilisation.roles import Can
from mobilisation.views.scope import ProgrammeView
from mobilisation.workbooks.write import XLSX
from transfers.choices import SheetSide
from transfers.forms.partners import MakeSheetForm, TakeSheetForm
from transfers.models import AllocationSheet, SheetTaken
from transfers.services import sheets as services
from transfers.services.people import ACCEPTED
from transfers.services.rights import is_provider


class SheetScope(ProgrammeView, TemplateView):
    required = Can.PEOPLE_VIEW

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not is_provider(self.actor) and not self.actor.can(Can.PEOPLE_EXPORT):
            raise Http404("outside scope")
        return super().dispatch(request, *args, **kwargs)

    @property
    def sheets(self) -> QuerySet[AllocationSheet]:
        return AllocationSheet.objects.visible_to(self.request.user).filter(programme=self.programme).select_related("provider")


class SheetList(SheetScope):
    """POST makes the next version; that is the team's."""

    template_name = "transfers/sheet_list.html"

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        if is_provider(self.actor):
            raise Http404("outside scope")
        side = request.POST.get("side", "")
        if side not in SheetSide.values:
            raise Http404("not offered")
        form = self.form(side, request.POST)
        if form.is_valid():
            try:
                made = services.make(self.programme, form.cleaned_data["provider"], side, actor=self.actor)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"Version {made.number} for {made.provider} is made: {made.rows} {'person' if made.rows == 1 else 'people'}. The provider is told.")
                return redirect("transfers:sheet-list", ref=ref)
        return self.render_to_response(self.get_context_data(**{side: form}), status=422)

    def form(self, side: str, data: Any = None) -> MakeSheetForm:
        form = MakeSheetForm(data, prefix=side)
        found = Organisation.objects.visible_to(self.request.user).filter(party_to__contract__programmes=self.programme, party_to__role=side).distinct().order_by("name")
        form.fields["provider"].queryset = found  # type: ignore[attr-defined]
        form.helper.form_tag = False
        form.helper.inputs = []
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        team = not is_provider(self.actor)
        forms = {side: kwargs.pop(side, None) or self.form(side) for side in SheetSide.values} if team else {}
        left = Q(side=SheetSide.INCOMING) & (~Q(people__person__incoming_provider=F("provider")) | ~Q(people__person__allocation_response__in=list(ACCEPTED)))
        handed = Q(side=SheetSide.EXITING) & (Q(people__person__exiting_sight_until__lt=today()) | ~Q(people__person__exiting_provider=F("provider")))
        found = self.sheets
        if team:
            taken = Prefetch("taken", SheetTaken.objects.visible_to(self.request.user).order_by("-id"))
            found = found.annotate(gone=Count("people", filter=left | handed)).prefetch_related(taken)
        return super().get_context_data(**kwargs) | {"sheets": list(found.order_by("side", "provider__name", "-number")), "team": team, "forms": [(SheetSide(side).label, side, form) for side, form in forms.items()]}


class SheetTake(SheetScope):
    """Asks for the reason, then hands out the kept bytes."""

    template_name = "transfers/person_form.html"

    @cached_property
    def sheet(self) -> AllocationSheet:
        found = self.sheets.filter(public_id=self.kwargs["sheet"]).first()
        if found is None:
            raise Http404("outside scope")
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(TakeSheetForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = TakeSheetForm(request.POST)
        sheet = self.sheet
        if form.is_valid():
            try:
                data = services.take(sheet, form.cleaned_data["reason"], actor=self.actor, request=request)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                name = f"allocation-{self.programme.ref}-{sheet.public_id}-v{sheet.number}.xlsx"
                return HttpResponse(data, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})
        return self._page(form, status=422)

    def _page(self, form: TakeSheetForm, status: int = 200) -> HttpResponse:
        sheet = self.sheet
        handling = "Keep it only where those who plan this care can open it, and pass it on to nobody." if is_provider(self.actor) else "Send it by secure e-mail or a portal only, protected with a password that goes another way."
        text = f"Version {sheet.number} for {sheet.provider}, {sheet.rows} {'person' if sheet.rows == 1 else 'people'}. {handling} That you took it, when and why is kept with the sheet."
        context = ProgrammeView.get_context_data(self, form=form) | {"title": "Download the allocation sheet", "text": text, "back": reverse("transfers:sheet-list", args=[self.programme.ref])}
        return self.render_to_response(context, status=status)
