"""The library: frozen weeks, dashboards and packs to read, approve, publish and download."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.errors import Conflict, Refused
from mobilisation.history import events
from mobilisation.models import Change, Job
from mobilisation.pdf import pdf_available
from mobilisation.roles import Can
from mobilisation.templatetags.components import moment
from mobilisation.views.scope import ProgrammeView
from reporting.choices import DocumentKind, PackStatus, SnapshotKind
from reporting.forms import DraftForm
from reporting.models import BoardPack, DownloadLog, WeeklySnapshot
from reporting.position import from_json, withheld
from reporting.rules import weeks
from reporting.services import packs, snapshots


class InLibrary(ProgrammeView):
    """Which packs this reader has: own edition and published only; those who work on packs have all."""

    required = Can.PACK_READ

    @property
    def works_on_packs(self) -> bool:
        return packs.works_on(self.actor)

    def handed_out(self, pack: BoardPack) -> bool:
        return pack.status != PackStatus.WITHDRAWN and (pack.status != PackStatus.SUPERSEDED or self.works_on_packs)

    @cached_property
    def approves(self) -> bool:
        return packs.may_approve(self.programme, self.actor)

    def packs(self) -> Any:
        found = BoardPack.objects.visible_to(self.request.user).filter(programme=self.programme).select_related("snapshot", "programme")
        if self.works_on_packs:
            return found
        return found.readable_in([self.actor.edition], drafts=False)

    def weeks(self) -> Any:
        """The frozen weeks this reader finds here, newest first; a reader of another edition than the board's finds packs only."""
        found = WeeklySnapshot.objects.visible_to(self.request.user).filter(programme=self.programme).defer("position")
        return found if self.actor.edition == "board" or self.works_on_packs else found.none()

    def pack(self) -> BoardPack:
        found: BoardPack = get_object_or_404(self.packs(), public_id=self.kwargs["public_id"])
        return found


class ReportList(InLibrary, TemplateView):
    template_name = "reporting/report_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        frozen = list(self.weeks()[:60])
        rows = list(self.packs()[:100])
        for row in rows:
            row.acts, row.handed_out = acts(row, self), self.handed_out(row)
        jobs = Job.objects.visible_to(self.request.user).filter(programme=self.programme, kind__in=["pack", "weekly_packs"], state__in=["queued", "running"])[:5] if self.works_on_packs else []
        available, why = pdf_available()
        context.update(
            snapshots=frozen, packs=[r for r in rows if r.document == DocumentKind.PACK], dashboards=[r for r in rows if r.document == DocumentKind.DASHBOARD], jobs=jobs,
            works_on_packs=self.works_on_packs, may_draft=self.actor.can(Can.PACK_DRAFT), pdf_missing="" if available else why,
            form=kwargs.get("form") or (DraftForm(snapshots=_choices(frozen)) if self.actor.can(Can.PACK_DRAFT) else None),
        )
        return context


def _choices(frozen: list[WeeklySnapshot]) -> list[tuple[str, str]]:
    return [(row.public_id, _week(row)) for row in frozen[:12]]


def _week(snapshot: WeeklySnapshot) -> str:
    """The week by its Sunday; interim figures by their moment, for no week has ended."""
    name = weeks.week_name(snapshot.week_ending) if snapshot.kind == SnapshotKind.WEEKLY else snapshot.words
    return name[0].upper() + name[1:]


def acts(pack: BoardPack, view: InLibrary) -> list[tuple[str, str]]:
    """What this reader may do with the pack now: (act, label)."""
    can, status = view.actor.can, pack.status
    found = []
    if status in (PackStatus.FAILED, PackStatus.QUEUED) and can(Can.PACK_DRAFT):
        found.append(("build", "Build again"))
    if status == PackStatus.READY and not packs.shown_by_itself(pack) and view.approves:
        found.append(("approve", "Approve"))
    if status == PackStatus.APPROVED and can(Can.PACK_PUBLISH):
        found.append(("publish", "Publish"))
    if status in (PackStatus.APPROVED, PackStatus.PUBLISHED) and can(Can.PACK_DRAFT):
        found.append(("correct", "Correct"))
    if status in (PackStatus.READY, PackStatus.APPROVED, PackStatus.PUBLISHED) and can(Can.PACK_PUBLISH):
        found.append(("withdraw", "Withdraw"))
    return found


class Draft(InLibrary, TemplateView):
    required = Can.PACK_DRAFT
    template_name = "reporting/report_list.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("reporting:report-list", ref=self.programme.ref)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        frozen = list(self.weeks()[:60])
        form = DraftForm(request.POST, snapshots=_choices(frozen))
        if not form.is_valid():
            page = ReportList()
            page.setup(request, *args, **kwargs)
            return render(request, self.template_name, page.get_context_data(form=form), status=422)
        chosen = form.cleaned_data["snapshot"]
        try:
            snapshot = snapshots.interim(self.programme, actor=self.actor) if chosen == "now" else next(row for row in frozen if row.public_id == chosen)
            pack = packs.draft(snapshot, form.cleaned_data["edition"], actor=self.actor, document=form.cleaned_data["document"])
            if pack.status == PackStatus.READY:
                messages.info(request, f"Version {pack.number} of that week is there already. A frozen week gives the same pages.")
                return redirect("reporting:report-list", ref=self.programme.ref)
            packs.request_build(pack, actor=self.actor)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("reporting:report-list", ref=self.programme.ref)
        messages.success(request, "The draft is being built. It shows in the list below when it is ready.")
        return redirect("reporting:report-list", ref=self.programme.ref)


class Preview(InLibrary):
    """The pages themselves: of a draft the HTML the PDF is made of, of a settled pack its stored bytes."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        pack = self.pack()
        try:
            response = _pdf(pack, packs.download(pack, actor=self.actor), "inline") if pack.settled else HttpResponse(packs.read_draft(pack, actor=self.actor))
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("reporting:report-list", ref=self.programme.ref)
        patch_cache_control(response, private=True, no_store=True)
        return response


class Download(InLibrary):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        pack = self.pack()
        try:
            response = _pdf(pack, packs.download(pack, actor=self.actor), "attachment")
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("reporting:report-list", ref=self.programme.ref)
        patch_cache_control(response, private=True, no_store=True)
        return response


def _pdf(pack: BoardPack, content: bytes, disposition: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'{disposition}; filename="{pack.download_name}"'
    response["X-Content-SHA256"] = pack.sha256
    return response


QUESTIONS = {
    "approve": ("Approve this draft", "Its pages and figures are fixed from then on; a correction becomes a new version.", "Approve", ""),
    "publish": ("Publish this pack", "Readers of this edition are told and may download it.", "Publish", ""),
    "withdraw": ("Withdraw this pack", "Readers can no longer download it. Its file stays in the record.", "Withdraw", "Why it is withdrawn"),
    "correct": ("Make a corrected version", "A new version is drafted from the same frozen figures and names what it corrects; this one stays until the new one is published.", "Make new version", "What the new version corrects"),
    "build": ("Build this draft again", "The last pack stays until this one is ready.", "Build", ""),
}


TO_BE_MENDED = (PackStatus.QUEUED, PackStatus.FAILED, PackStatus.READY, PackStatus.APPROVED, PackStatus.PUBLISHED)
"""While a pack is not settled for good, who drafts it is told what wording could be better."""


class PackPage(InLibrary, TemplateView):
    """One pack with its facts, who took it, and its history."""

    template_name = "reporting/pack_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        pack = self.pack()
        pack.handed_out = self.handed_out(pack)
        rows = [
            ("Status", pack.get_status_display()), ("Figures", _week(pack.snapshot)), ("Edition", pack.get_edition_display()), ("Version", pack.number),
            ("Corrects", pack.correction or "Nothing"), ("Figures read", moment(pack.snapshot.taken_at)), ("Pages", pack.pages or "Not built yet"), ("SHA-256", pack.sha256 or "Not built yet"),
            ("Approved", f"{pack.approved_as}, {moment(pack.approved_at)}" if pack.approved_at else "Not yet"),
            ("Published", f"{pack.published_as}, {moment(pack.published_at)}" if pack.published_at else "Not yet"), ("Why", pack.reason or "–"),
        ]
        context.update(pack=pack, rows=rows, acts=acts(pack, self), works_on_packs=self.works_on_packs)
        if self.works_on_packs:
            context.update(
                withheld=withheld(from_json(pack.snapshot.position)) if pack.status in TO_BE_MENDED else (),
                downloads=DownloadLog.objects.visible_to(self.request.user).filter(pack=pack)[:50],
                history=events(Change.objects.visible_to(self.request.user).filter(entity="reporting.boardpack", object_id=pack.pk)[:50]),
            )
        return context


class PackAct(InLibrary, TemplateView):
    """Approve, publish, withdraw, correct, build: a question, then the service. Who comes too early or too late is told where the pack stands."""

    template_name = "reporting/pack_act.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        pack, act = self.pack(), self.kwargs["act"]
        if act in dict(acts(pack, self)):
            return super().get(request, *args, **kwargs)
        if not self.works_on_packs or act not in QUESTIONS:
            raise Http404("nothing to do")
        messages.error(request, f"This document is “{pack.get_status_display().lower()}” now, so there is nothing to {act} here, or it is for somebody else. The list says what can be done next.")
        return redirect("reporting:report-list", ref=self.programme.ref)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        pack, act = self.pack(), self.kwargs["act"]
        title, text, submit, reason = QUESTIONS[act]
        context.update(pack=pack, act=act, question=title, text=text, submit=submit, reason=reason, danger=act == "withdraw", cancel_url=reverse("reporting:report-list", kwargs={"ref": self.programme.ref}))
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        pack, act = self.pack(), self.kwargs["act"]
        if not self.works_on_packs or act not in QUESTIONS:
            raise Http404("outside scope")
        reason = request.POST.get("reason", "")
        try:
            if act == "approve":
                packs.approve(pack, actor=self.actor)
                said = "Approved. Its pages no longer change."
            elif act == "publish":
                told = packs.publish(pack, actor=self.actor)
                said = f"Published. {told} reader{'' if told == 1 else 's'} told."
            elif act == "withdraw":
                packs.withdraw(pack, reason, actor=self.actor)
                said = "Withdrawn."
            else:
                self.actor.require(Can.PACK_DRAFT)
                target = packs.draft(pack.snapshot, pack.edition, actor=self.actor, document=pack.document, correction=reason) if act == "correct" else pack
                packs.request_build(target, actor=self.actor)
                said = "The draft is being built."
        except (Refused, Conflict) as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, said)
        return redirect("reporting:report-list", ref=self.programme.ref)
