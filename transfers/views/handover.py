"""The file on its way, monies held, and where people may turn meanwhile."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from mobilisation.roles import Can
from transfers.forms import records as forms
from transfers.models import FileTransfer, InterimOption, MoneyHeld
from transfers.services import handover as services
from transfers.services.rights import on_coming_side, on_leaving_side
from transfers.views.lists import TeamPage
from transfers.views.records import ProgrammeRecordPage, RecordPage, saved


class FileRoute(RecordPage):
    title = "Where the file goes"

    def allowed(self) -> bool:
        return on_leaving_side(self.person, self.actor)

    @property
    def text(self) -> str:  # type: ignore[override]
        if self.person.file_route == "await_instruction":
            return "Placed by another authority: the exiting provider asks that authority. Enter its instruction; until then C13 stays open."
        return "Tell the person that the file is useful to the new provider. Enter what the person chose."

    def make(self, data: Any = None) -> forms.RouteForm:
        if self.person.file_route not in {"await_instruction", "person_choice"}:
            raise Http404("not offered")
        return forms.RouteForm(data, initial={"words": self.person.file_instruction or self.person.file_choice})

    def do(self, form: Any) -> str:
        services.record_route(self.person, actor=self.actor, instruction=form.cleaned_data["words"], choice=form.cleaned_data["words"], seen=self.seen)
        return "Recorded."


class FileAdd(RecordPage):
    title = "Record the file's journey"
    form_class = forms.FileForm

    def allowed(self) -> bool:
        return on_leaving_side(self.person, self.actor)

    def do(self, form: Any) -> str:
        services.record_file(self.person, form.values, actor=self.actor)
        return "Recorded. When it has arrived, mark C13."


class FileEdit(RecordPage):
    title = "Change the record of the file"
    model = FileTransfer
    form_class = forms.FileForm

    def allowed(self) -> bool:
        return on_leaving_side(self.person, self.actor)

    def do(self, form: Any) -> str:
        return saved(services.change_file(self.record, form.values, actor=self.actor, expected_version=form.cleaned_data["version"]))


class FileArrived(RecordPage):
    """For the incoming provider, which keeps nothing else of the file."""

    title = "The file has arrived"
    form_class = forms.ArrivedForm

    def allowed(self) -> bool:
        return on_coming_side(self.person, self.actor)

    @cached_property
    def about(self) -> FileTransfer | None:  # type: ignore[override]
        return FileTransfer.objects.visible_to(self.request.user).filter(person=self.person).first()

    def do(self, form: Any) -> str:
        services.file_arrived(self.person, form.cleaned_data["on"], actor=self.actor, seen=self.seen)
        return "Recorded: the file has arrived."


class MoneyAdd(RecordPage):
    title = "Record money held for the person"
    form_class = forms.MoneyForm

    def allowed(self) -> bool:
        return on_leaving_side(self.person, self.actor)

    def do(self, form: Any) -> str:
        services.record_money(self.person, form.values, actor=self.actor)
        return "Recorded."


class MoneyEdit(RecordPage):
    title = "Change the record of money held"
    model = MoneyHeld
    form_class = forms.MoneyForm

    def allowed(self) -> bool:
        return on_leaving_side(self.person, self.actor)

    def do(self, form: Any) -> str:
        return saved(services.change_money(self.record, form.values, actor=self.actor, expected_version=form.cleaned_data["version"]))


class InterimList(TeamPage):
    """Fallbacks while a provider has not started yet."""

    template_name = "transfers/interim_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        options = InterimOption.objects.visible_to(self.request.user).filter(programme=self.programme)
        return super().get_context_data(**kwargs) | {"options": list(options), "may_edit": self.actor.can(Can.PEOPLE_EDIT)}


class InterimForms(ProgrammeRecordPage):
    """``/interim-options/add/`` and ``/interim-options/<record>/``."""

    model = InterimOption
    form_class = forms.InterimForm
    titles = ("Add an interim option", "Change the interim option")
    back = "transfers:interim-list"

    def do(self, form: Any) -> str:
        if self.record:
            services.change_option(self.record, form.values, actor=self.actor, expected_version=form.cleaned_data["version"])
        else:
            services.add_option(self.programme, form.values, actor=self.actor)
        return "Saved."
