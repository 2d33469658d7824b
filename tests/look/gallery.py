"""Every component, the whole crispy pack and a table on one page; exists in tests only."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import django_tables2 as tables
from crispy_forms.bootstrap import FormActions, InlineCheckboxes, InlineRadios, PrependedText, StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Button, Column, Div, Field, Fieldset, Hidden, Layout, Reset, Row, Submit
from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from mobilisation.components import Counter, Event, FieldChange, SummaryRow
from mobilisation.context import MenuItem

AS_OF = date(2027, 3, 1)
CHOICES = [("a", "First answer"), ("b", "Second answer"), ("c", "Third answer")]


class EveryField(forms.Form):
    name = forms.CharField(label="Name of the provider", help_text="As in the contract", error_messages={"required": "Enter a name"})
    email = forms.EmailField(label="E-mail address", required=False)
    number = forms.IntegerField(label="Number of people", min_value=1)
    start = forms.DateField(label="Start date", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), help_text="For example 12 Mar 2027")
    at = forms.SplitDateTimeField(label="First visit", required=False)
    kind = forms.ChoiceField(label="Kind of exit", choices=CHOICES)
    several = forms.MultipleChoiceField(label="Zones", choices=CHOICES, required=False)
    radios = forms.ChoiceField(label="Has consent been given?", choices=CHOICES, widget=forms.RadioSelect, help_text="As recorded by the case manager")
    line_radios = forms.ChoiceField(label="Shift", choices=CHOICES, widget=forms.RadioSelect)
    boxes = forms.MultipleChoiceField(label="Needs", choices=CHOICES, widget=forms.CheckboxSelectMultiple, required=False)
    line_boxes = forms.MultipleChoiceField(label="Days", choices=CHOICES, widget=forms.CheckboxSelectMultiple, required=False)
    agreed = forms.BooleanField(label="I have read the guidance", help_text="Opens in this window")
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    cost = forms.DecimalField(label="Rate an hour", required=False)
    upload = forms.FileField(label="Workbook", required=False)
    secret = forms.CharField(label="Password", widget=forms.PasswordInput, required=False)
    token = forms.CharField(widget=forms.HiddenInput, initial="x")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_class = "app-form"
        self.helper.layout = Layout(
            Fieldset("About the provider", Row(Column("name"), Column("email")), Div(Field("number"), css_class="app-stack"), "start", "at", "kind", "several"),
            Fieldset("About the person", "radios", InlineRadios("line_radios"), "boxes", InlineCheckboxes("line_boxes"), "agreed", "note", PrependedText("cost", "£"), "upload", "secret", "token"),
            HTML("<p>Words between fields.</p>"), Hidden("hidden", "1"),
            FormActions(Submit("save", "Save"), Reset("reset", "Clear"), Button("more", "Add another"), StrictButton("Strict", css_class="nhsuk-button")),
        )


class FilterForm(forms.Form):
    search = forms.CharField(label="Search", required=False)
    provider = forms.ChoiceField(label="Incoming provider", choices=[("", "Any"), *CHOICES], required=False)
    colour = forms.ChoiceField(label="Progress", choices=[("", "Any"), *CHOICES], required=False)


class PeopleTable(tables.Table):
    caption = "People"
    reference = tables.Column()
    priority = tables.TemplateColumn("{% load components %}{% priority value short=True %}")
    progress = tables.TemplateColumn("{% load components %}{% rag value %}")
    provider = tables.Column(verbose_name="Incoming provider", orderable=False)
    due = tables.TemplateColumn("{% load components %}{% due value as_of %}")
    visits = tables.Column(attrs={"td": {"class": "num"}, "th": {"class": "num"}})

    class Meta:
        attrs = {"class": "app-table--frozen"}


class Empty(tables.Table):
    caption = "Nobody"
    reference = tables.Column()


def rows(count: int = 130) -> list[dict]:
    return [
        {"reference": f"P-{number:04}", "priority": "RAG"[number % 3], "progress": "BGARN"[number % 5], "provider": "Oyster Bay Care Ltd", "due": date(2027, 2, 20 + number % 9), "visits": number % 40}
        for number in range(count)
    ]


def job(state: str, **fields) -> SimpleNamespace:
    base = {"public_id": f"job{state}", "state": state, "done": 40, "total": 140, "percent": 29, "message": "Row 40 of 140", "reason": "", "result": {}, "cancel_asked": False, "finished": state in {"done", "failed", "cancelled"}}
    return SimpleNamespace(**(base | fields))


def gallery(request: HttpRequest) -> HttpResponse:
    table = PeopleTable(rows(), order_by=request.GET.get("sort", "-reference"), request=request)
    table.paginate(page=int(request.GET.get("page", 1)), per_page=12)
    when = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)
    programme = SimpleNamespace(
        title="Meadowgate Homecare provider exit", reference="KENT-EXIT-27", ref="kent-exit-27", get_kind_display="Provider exit", exit_type="planned", get_exit_type_display="Planned",
        get_phase_display="Exit", get_status_display="Active", target=("last day of the exiting provider", date(2027, 4, 30)), demo=True,
    )
    menu = [MenuItem(label, f"#{label}", label == "People") for label in ("Dashboard", "Plan", "People", "Staff", "Risks", "Readiness", "Board", "Reports", "People and roles", "History", "Access log")]
    return render(request, "gallery/gallery.html", {
        "as_of": AS_OF, "programme": programme, "menu": menu, "unread": 3,
        "counters": [Counter("All", 140, "?", True), Counter("Due today", 6, "?due"), Counter("Overdue", 4, "?over", tone="red"), Counter("On hold", 2, "?hold", tone="amber"), Counter("In hospital", 0, "?hospital", tone="blue"), Counter("Read only", 7)],
        "summary": [SummaryRow("Reference", "P-0001"), SummaryRow("Address", "", url="#x"), ("Pair", "Value"), SummaryRow("Funding", "Council", url="#y", hint="Since 3 Feb")],
        "events": [Event(when, "Marked ready", who="A. Mason", tone="green", body="All gates open."), Event(AS_OF, "Planned date moved", who="B. Reed", why="Provider asked", tone="amber", changes=(FieldChange("Planned date", "1 Mar 2027", "8 Mar 2027"), FieldChange("Note", "", "Call first")), url="#z"), Event(None, "Listed")],
        "days": [date(2027, 2, 26), AS_OF, date(2027, 3, 2), date(2027, 3, 5), date(2027, 4, 30)], "done_on": date(2027, 2, 25),
        "jobs": [job("queued", total=0, message=""), job("running"), job("done", message="140 people written", result={"url": "/"}), job("failed", message="Stopped", reason="The sheet 'Tracker' has no heading row.\nChoose another sheet.")],
        "page_obj": Paginator(range(1000), 50).page(7), "table": table, "nobody": Empty([]), "form": EveryField(), "filter_form": FilterForm(request.GET or None),
    })


def errors(request: HttpRequest) -> HttpResponse:
    return render(request, "gallery/form.html", {"form": EveryField({"number": "0", "email": "wrong", "kind": "zzz"})})


def draft(request: HttpRequest) -> HttpResponse:
    return render(request, "gallery/draft.html", {"form": EveryField(), "saved": request.method == "POST"})


urlpatterns = [
    path("gallery/", gallery, name="gallery"), path("gallery/errors/", errors, name="gallery-errors"), path("gallery/draft/", draft, name="gallery-draft"),
    path("", include("mobilisation.urls")),
]
handler404 = "mobilisation.views.errors.not_found"
