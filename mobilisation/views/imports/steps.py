"""An import before it is written: upload, sheet and headings, columns, preview."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from mobilisation.components import Counter
from mobilisation.errors import Refused
from mobilisation.forms.imports import ColumnsForm, SheetForm, UploadForm
from mobilisation.models import ImportRun
from mobilisation.roles import Can
from mobilisation.services import import_parties, imports
from mobilisation.views.imports.common import SHOWN, ImportView
from mobilisation.workbooks import limits
from mobilisation.workbooks.cells import shown
from mobilisation.workbooks.plan import ANOTHER, LISTED, Plan, PlannedRow, together
from mobilisation.workbooks.table import letter

OFFERED = 100
"""How many rows that may be about somebody on the list are asked at a time; answered, they make room for the next."""

class Start(ImportView):
    template_name = "mobilisation/import/start.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        importer = imports.importer_for(self.importer_kind.kind, self.programme, self.actor)
        kwargs.setdefault("form", UploadForm(endings=importer.other_formats))
        past = ImportRun.objects.visible_to(self.request.user).filter(programme=self.programme, kind=self.importer_kind.kind).select_related("requested_by")[:10]
        return super().get_context_data(columns=[c for c in importer.column_list if not c.read_only], past=past, limits=limits.current(), **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        importer = imports.importer_for(self.importer_kind.kind, self.programme, self.actor)
        form = UploadForm(request.POST, request.FILES, endings=importer.other_formats)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                data = file.read(limits.current().bytes + 1)
                made = imports.upload(self.importer_kind.kind, self.programme, self.actor, file.name, data)
            except Refused as refusal:
                for reason in refusal.reasons:
                    form.add_error("file", reason.text)
            else:
                return redirect("mobilisation:import-run", ref=self.programme.ref, kind=self.importer_kind.kind, run=made.public_id)
        return self.render_to_response(self.get_context_data(form=form), status=422)


class Step(ImportView):
    """A step before the import has begun; afterwards only its result is shown."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and self.actor.can(self.required) and self.record.state not in imports.OPEN:
            return redirect(self.url("run"))
        try:
            return super().dispatch(request, *args, **kwargs)
        except Refused as refusal:  # the page was left open until its file had been cleared away
            messages.error(request, str(refusal))
            return redirect(self.url("start"))


class SheetStep(Step):
    step = "sheet"
    template_name = "mobilisation/import/sheet.html"

    def _form(self, data: Any = None) -> SheetForm:
        book = imports.kept_book(self.record)
        self.book = book
        names = [(s.name, f"{s.name} ({len(s.lines):,} rows{'' if s.visible else ', hidden'})") for s in book.sheets if s.lines]
        try:
            seen = imports.look(self.record, self.actor)
            self.table = seen.table
        except Refused:
            self.table = None
        row = self.record.heading_row or (self.table.heading_row if self.table else None)
        chosen = self.record.sheet or (imports.sheet_taken(self.record, self.actor, book) if len(names) > 1 else "")
        return SheetForm(data, names=names, initial={"sheet": chosen, "heading_row": row, "date_order": self.record.date_order})

    def _first_rows(self) -> list[dict[str, Any]]:
        sheets = [s for s in self.book.sheets if s.lines and (not self.record.sheet or s.name == self.record.sheet)]
        return [
            {"name": s.name, "letters": [letter(at) for at in range(min(s.width, 12))],
             "lines": [{"number": line.number, "cells": [shown(cell)[:40] for cell in line.cells[:12]], "heading": bool(self.table and line.number == self.table.heading_row)} for line in s.lines[:8]]}
            for s in sheets[:4]
        ]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            form = self._form()
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(self.url("start"))
        self.log(len(self.book.sheets))
        return self.show(form=form, sheets=self._first_rows())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self._form(request.POST)
        if form.is_valid():
            kept = form.cleaned_data
            try:
                imports.choose(self.record, self.actor, sheet=kept.get("sheet"), order=kept["date_order"])
                imports.choose(self.record, self.actor, heading_row=kept["heading_row"] or 0)
                imports.preview(self.record, self.actor)
            except Refused as refusal:
                form.add_error("heading_row" if "row" in str(refusal).lower() else None, str(refusal))
            else:
                return redirect(self.url("columns"))
        return self.render_to_response(self.get_context_data(form=form, sheets=self._first_rows()), status=422)


class ColumnsStep(Step):
    step = "columns"
    template_name = "mobilisation/import/columns.html"

    def _prepare(self, data: Any = None) -> ColumnsForm | None:
        seen = imports.look(self.record, self.actor)
        if seen.table is None:
            return None
        self.seen, table = seen, seen.table
        form = ColumnsForm(data, table=table, columns=seen.columns)
        self.rows = [
            {"field": form[name], "heading": heading, "letter": letter(int(name[1:])), "unsure": heading in table.unsure, "unknown": heading in table.unasked,
             "samples": [text for line in table.rows[:40] if int(name[1:]) < len(line.cells) and (text := shown(line.cells[int(name[1:])])[:40])][:3]}
            for name, heading in form.headings.items()
        ]
        taken = set(table.columns)
        self.missing = [c.title for c in seen.columns if c.required and c.name not in taken]
        return form

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            form = self._prepare()
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(self.url("sheet"))
        if form is None:
            return redirect(self.url("sheet"))
        self.log(3)
        return self.show(form=form, rows=self.rows, missing=self.missing, missing_words=", ".join(self.missing), heading_row=self.seen.table.heading_row if self.seen.table else 0)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            form = self._prepare(request.POST)
            if form is not None and form.is_valid():
                seen, outcome = imports.take_mapping(self.record, self.actor, form.mapping)
                if outcome is None and seen.choice is not None and seen.choice.flag == "--map":
                    raise Refused(f"Choose a column for each that a new row needs: {', '.join(c.title for c in seen.parsed.unmapped_required) if seen.parsed else seen.choice.on_page}.")
                return redirect(self.url("preview") if outcome is not None else self.url("sheet"))
        except Refused as refusal:
            form = self._prepare(request.POST)
            if form is None:
                return redirect(self.url("sheet"))
            form.is_valid()
            for reason in refusal.reasons:
                form.add_error(None, reason.text)
        if form is None:
            return redirect(self.url("sheet"))
        return self.render_to_response(self.get_context_data(form=form, rows=self.rows, missing=self.missing, missing_words=", ".join(self.missing)), status=422)


class Preview(Step):
    step = "preview"
    template_name = "mobilisation/import/preview.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            seen, outcome = imports.preview(self.record, self.actor, accept_valid=True)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(self.url("sheet") if self.record.stored_name else self.url("start"))
        if outcome is None or seen.table is None:
            return redirect(self.url(self.ask(seen)))
        counts, plan = outcome.plan.counts(), outcome.plan
        chosen = request.GET.get("show", "")
        chosen = chosen if counts.get(chosen) else next((key for key in ("updated", "created", "refused", "unchanged") if counts[key]), "unchanged")
        page = Paginator([row for row in plan.rows if row.action == chosen], 50).get_page(request.GET.get("page"))
        self.log(len(page.object_list))
        titles = {column.name: column.title for column in seen.columns}
        problems = together(plan.errors)
        notes, page_rows = together(plan.all_warnings)[:LISTED], page.object_list
        about = {key for one in (*problems[:LISTED], *notes, *(fault for row in page_rows for fault in (*row.row.faults, *row.row.warnings))) for key in one.about}
        told = {one.key: one for one in seen.importer.told(about)} if about else {}
        writable = counts["created"] + counts["updated"]
        offered = _offered(plan)
        return self.show(
            offered=offered[:OFFERED], offered_count=len(offered), unsaid=sum(1 for row in offered if not row.row.answer), another=ANOTHER, offering=seen.importer.offering,
            counts=counts, total=len(plan.rows), noun=seen.importer.noun, writable=writable, summary=outcome.summary, errors=len(plan.errors), whole_file=bool(plan.faults),
            problems=problems[:LISTED], problem_count=len(problems), notes=notes, told=told, strangers=import_parties.strangers(seen.importer, plan), may_add=self.actor.can(Can.PROGRAMME_MANAGE),
            counters=[Counter(SHOWN[key], counts[key], f"?show={key}#rows", key == chosen, "red" if key == "refused" else "") for key in ("created", "updated", "unchanged", "refused")],
            shown_title=SHOWN[chosen], chosen=chosen, page_obj=page, rows=[_words(seen.importer, row, titles) for row in page.object_list],
            table=seen.table, columns_unread=seen.table.unread, mapped=[(h, titles[c]) for h, c in zip(seen.table.headings, seen.table.columns, strict=False) if c], left_out=[h for h, c in zip(seen.table.headings, seen.table.columns, strict=False) if h and not c],
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "add_parties" in request.POST:
            return self._add_parties(request.POST.getlist("party"))
        if "ask_parties" in request.POST:
            return self._ask_parties()
        if "answers" in request.POST:
            return self._answer(request)
        imports.confirm(self.record, self.actor, accept_valid="accept_valid" in request.POST)
        return redirect(self.url("run"))

    def _answer(self, request: HttpRequest) -> HttpResponse:
        answers = {int(name[4:]): value for name, value in request.POST.items() if name.startswith("who-") and name[4:].isdecimal()}
        try:
            if request.POST["answers"] == "all":
                _, outcome = imports.preview(self.record, self.actor, accept_valid=True)
                answers = {row.row.number: row.row.offers[0].key for row in _offered(outcome.plan) if len(row.row.offers) == 1 and not row.row.answer} if outcome else {}
            imports.answer(self.record, self.actor, answers)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "The answers are kept, and the file was read again.")
        return redirect(self.url("preview"))

    def _ask_parties(self) -> HttpResponse:
        try:
            seen, outcome = imports.preview(self.record, self.actor, accept_valid=True)
            found = import_parties.strangers(seen.importer, outcome.plan) if outcome else []
            told = import_parties.ask(self.record, len(found), actor=self.actor) if found else 0
        except Refused as refusal:
            messages.error(self.request, str(refusal))
        else:
            messages.success(self.request, f"{told} {'person is' if told == 1 else 'people are'} told. The upload waits here; come back to it from “Earlier imports”.")
        return redirect(self.url("preview"))

    def _add_parties(self, keys: list[str]) -> HttpResponse:
        try:
            seen, outcome = imports.preview(self.record, self.actor, accept_valid=True)
            found = import_parties.strangers(seen.importer, outcome.plan) if outcome else []
            number = import_parties.add(self.record, [one for one in found if one.key in keys], actor=self.actor)
        except Refused as refusal:
            messages.error(self.request, str(refusal))
        else:
            messages.success(self.request, f"{number} {'organisation is a party' if number == 1 else 'organisations are parties'} to the programme now. The file was read again.")
        return redirect(self.url("preview"))


def _offered(plan: Plan[Any]) -> list[PlannedRow[Any]]:
    """Rows that may be about somebody on the list, those without an answer first."""
    return sorted((row for row in plan.rows if row.row.offers), key=lambda row: (bool(row.row.answer), row.row.number))


def _words(importer: Any, row: PlannedRow[Any], titles: dict[str, str]) -> dict[str, Any]:
    """A row for the page: number, label, changes old → new, or what a new row would hold."""
    given = [(titles.get(name, name), importer.shown(name, value)) for name, value in row.row.given.items()] if row.action == "created" else []
    # The number stands beside it.
    return {"number": row.row.number, "label": row.label.removeprefix(f"Row {row.row.number}: "), "changes": row.changes, "given": given, "faults": row.row.faults, "warnings": row.row.warnings}
