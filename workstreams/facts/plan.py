"""The plan at a day, in a fixed number of queries whatever its size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.db.models import F, Prefetch
from django.utils import timezone

from mobilisation import registry
from mobilisation.calendars import calendar_for
from mobilisation.choices import ProgrammeKind
from mobilisation.models import Change, Programme, RoleAssignment, Variation
from mobilisation.working_days import WorkingCalendar
from risks.models import Risk
from workstreams.choices import StepStatus
from workstreams.facts.values import InterfaceFacts, MilestoneFacts, PlanFacts, SlipFacts, VariationFacts, WorkstreamFacts
from workstreams.models import Interface, PlanStep, VariationItem, Workstream, WorkstreamReport
from workstreams.rules import rag
from workstreams.services.colours import Vacancies

DUE_SOON_DAYS = 28
LEADS_NEEDED = (ProgrammeKind.LIVE_SERVICE, ProgrammeKind.HOMECARE_START)
"""Kinds whose workstreams must each have a lead (domain 10.9)."""


def plan_facts(programme: Programme, as_of: date, since: date | None = None) -> PlanFacts:
    """Colours, counts and lists of the plan. With ``since`` also what moved and what was added after that day."""
    days, limits = calendar_for(programme), rag.Limits.read(programme.threshold)
    steps = list(_steps(programme, as_of))
    streams = workstream_facts(programme, as_of, steps, days, limits)
    colours = Counter(step.colour for step in steps)
    moves = _moves(programme)
    progress = registry.read_fact("checkpoints", programme) or {}
    open_steps = [step for step in steps if step.is_open]
    milestones = [step for step in steps if step.is_milestone]

    def shown(found: Iterable[PlanStep]) -> tuple[MilestoneFacts, ...]:
        return tuple(_milestone(step, as_of, days, moves, progress) for step in found)

    def by_date(found: Iterable[PlanStep]) -> list[PlanStep]:
        return sorted(found, key=lambda step: (step.due or date.max, step.code))

    critical_red = by_date(step for step in steps if step.colour == "R" and step.critical)
    coming = by_date(step for step in milestones if step.is_open and step.due is not None and step.due >= as_of)
    return PlanFacts(
        as_of=as_of, workstreams=tuple(streams), by_colour={letter: colours[letter] for letter in "BRANG"}, total=len(steps),
        done=len(steps) - len(open_steps), overdue=sum(_overdue(step, as_of) for step in steps), milestones_total=len(milestones),
        milestones_done=sum(not step.is_open for step in milestones),
        milestones_due_4w=shown(step for step in coming if step.due is not None and (step.due - as_of).days <= DUE_SOON_DAYS),
        milestones_overdue=shown(by_date(step for step in milestones if _overdue(step, as_of))), next_milestones=shown(coming[:3]),
        slipped=_slipped(steps, moves, since), added=shown(by_date(_added(steps, since))),
        critical_red=shown(critical_red), red=shown(by_date(step for step in steps if step.colour == "R")),
        variations=_variations(programme), interfaces=_interfaces(programme),
    )


def workstream_facts(
    programme: Programme, as_of: date, steps: list[PlanStep] | None = None, days: WorkingCalendar | None = None, limits: rag.Limits | None = None
) -> list[WorkstreamFacts]:
    """One line a workstream: colour with every reason, lead, newest report, counts."""
    days, limits = days or calendar_for(programme), limits or rag.Limits.read(programme.threshold)
    steps = list(_steps(programme, as_of)) if steps is None else steps
    by_stream: dict[int, list[PlanStep]] = {}
    for step in steps:
        by_stream.setdefault(step.workstream_id, []).append(step)
    leads = _leads(programme, as_of)
    reports = _reports(programme, as_of)
    extreme, high = _risks(programme, as_of)
    vacancies = Vacancies(programme, as_of)
    window = days.add(as_of, limits.window)
    needed = programme.kind in LEADS_NEEDED
    facts = []
    for stream in Workstream._base_manager.filter(programme=programme).order_by("order", "id"):
        mine = by_stream.get(stream.pk, [])
        colours = Counter(step.colour for step in mine)
        next_due = [step for step in mine if step.is_open and step.due is not None and step.due <= window]
        vacant_from = vacancies.of("WSL", stream.slug)
        vacant = vacant_from is not None and vacant_from <= as_of
        done = sum(not step.is_open for step in mine)
        colour, reasons = rag.workstream(
            rag.Counts(
                total=len(mine), done=done, red=colours["R"], amber=colours["A"], critical_red=sum(step.colour == "R" and step.critical for step in mine),
                due_next=len(next_due), due_next_red=sum(step.colour == "R" for step in next_due), extreme_overdue_actions=extreme[stream.slug],
                high_past_review=high[stream.slug], lead_vacant=vacant and needed,
            ),
            limits,
        )
        report = reports.get(stream.pk)
        coming = min((step for step in mine if step.is_milestone and step.is_open and step.due is not None), key=lambda step: (step.due, step.code), default=None)
        facts.append(
            WorkstreamFacts(
                slug=stream.slug, name=stream.name, lead=", ".join(leads.get(stream.slug, ())), lead_vacant=vacant, colour=colour.value, reasons=reasons,
                one_line=report.one_line if report else "", asks=report.asks if report else "",
                report_colour=report.status if report else "", report_week=report.week if report else None, unsafe_answer=report.unsafe if report else "",
                next_milestone=coming.title if coming else "", next_milestone_on=coming.due if coming else None, total=len(mine), done=done,
                overdue=sum(_overdue(step, as_of) for step in mine), red=colours["R"], amber=colours["A"], green=colours["G"], grey=colours["N"],
            )
        )
    return facts


def _steps(programme: Programme, as_of: date) -> Iterable[PlanStep]:
    """Every step that applies: what does not is neither done nor to do, on any page."""
    found: Iterable[PlanStep] = PlanStep.objects.filter(programme=programme).exclude(status=StepStatus.NOT_APPLICABLE).select_related("workstream", "owner").with_colour(as_of).order_by("workstream__order", "order", "id")
    return found


def _overdue(step: PlanStep, as_of: date) -> bool:
    due = step.due if step.is_open else step.next_on
    return due is not None and due < as_of


def _leads(programme: Programme, as_of: date) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rows = RoleAssignment.objects.standing(as_of).filter(programme=programme, role="WSL", starts_on__lte=as_of)
    for row in rows.select_related("user"):
        found.setdefault(row.workstream_slug, []).append(row.holder)
    return found


def _reports(programme: Programme, as_of: date) -> dict[int, WorkstreamReport]:
    newest: dict[int, WorkstreamReport] = {}
    for report in WorkstreamReport._base_manager.filter(workstream__programme=programme, created_at__date__lte=as_of).order_by("week", "id"):
        newest[report.workstream_id] = report
    return newest


def _risks(programme: Programme, as_of: date) -> tuple[Counter[str], Counter[str]]:
    """Per workstream: Extreme risks with an overdue action, High risks past review (domain 5.13)."""
    extreme: Counter[str] = Counter()
    high: Counter[str] = Counter()
    rows = (
        Risk.objects.filter(programme=programme, status="open").exclude(workstream_slug="")
        .values_list("pk", "workstream_slug", "likelihood", "consequence", "review_on", "actions__due", "actions__status")
    )
    seen_extreme: set[int] = set()
    seen_high: set[int] = set()
    for pk, slug, likelihood, consequence, review_on, due, status in rows:
        score = (likelihood or 0) * (consequence or 0)
        if score >= 15 and status == "open" and due is not None and due < as_of and pk not in seen_extreme:
            seen_extreme.add(pk)
            extreme[slug] += 1
        if 8 <= score <= 12 and review_on is not None and review_on < as_of and pk not in seen_high:
            seen_high.add(pk)
            high[slug] += 1
    return extreme, high


def _moves(programme: Programme) -> dict[int, list[tuple[date, date | None, date | None]]]:
    """Step → (day, old, new) of every change of its forecast after it was made, oldest first."""
    found: dict[int, list[tuple[date, date | None, date | None]]] = {}
    rows = Change.objects.filter(programme=programme, entity="workstreams.planstep", fields__has_key="forecast").exclude(action="created").order_by("at", "id")
    for pk, at, fields in rows.values_list("object_id", "at", "fields"):
        old, new = fields["forecast"]
        found.setdefault(pk, []).append((timezone.localdate(at), date.fromisoformat(old) if old else None, date.fromisoformat(new) if new else None))
    return found


def _milestone(step: PlanStep, as_of: date, days: WorkingCalendar, moves: dict[int, list[tuple[date, date | None, date | None]]], progress: dict[str, tuple[int, int]]) -> MilestoneFacts:
    counted = [progress[code] for code in step.checkpoint_codes if code in progress]
    item = rag.Item(baseline=step.baseline, forecast=step.forecast, done=not step.is_open)
    due = step.next_on or step.due
    return MilestoneFacts(
        public_id=step.public_id, code=step.code, title=step.title, workstream=step.workstream.name, owner=step.owner_shown, baseline=step.baseline, due=due,
        done_on=step.done_on, slip=rag.slip(item, as_of, days), colour=step.colour, reason=step.moments.at(as_of)[1], critical=step.critical, gate=step.gate,
        moved=len(moves.get(step.pk, ())), overdue_days=(as_of - due).days if _overdue(step, as_of) and due else 0,
        x=min(done for done, _ in counted) if counted else None, y=max(total for _, total in counted) if counted else None,
    )


def _added(steps: list[PlanStep], since: date | None) -> list[PlanStep]:
    """Steps made after ``since``; none where the whole plan was made after it."""
    if since is None:
        return []
    found = [step for step in steps if timezone.localdate(step.created_at) > since]
    return found if len(found) < len(steps) else []


def _slipped(steps: list[PlanStep], moves: dict[int, list[tuple[date, date | None, date | None]]], since: date | None) -> tuple[SlipFacts, ...]:
    """Open steps whose forecast moved later after ``since`` (ever, without it)."""
    found = []
    for step in steps:
        mine = [move for move in moves.get(step.pk, ()) if since is None or move[0] > since]
        if not mine or not step.is_open:
            continue
        old, new = mine[0][1] or step.baseline, step.forecast
        if old is not None and new is not None and new > old:
            found.append(SlipFacts(step.code, step.title, step.workstream.name, old, new, len(moves[step.pk])))
    return tuple(sorted(found, key=lambda slip: (slip.new or date.max, slip.code)))


def _variations(programme: Programme) -> tuple[VariationFacts, ...]:
    rows = (
        Variation.objects.filter(programme=programme).select_related("approved_by")
        .prefetch_related(Prefetch("items", VariationItem._base_manager.select_related("step").order_by("id"))).order_by(F("decided_on").desc(nulls_first=True), "-id")
    )
    return tuple(
        VariationFacts(
            row.title, row.why, row.impact, row.raised_by_name, row.status, str(row.approved_by or ""), row.decided_on,
            tuple((f"{item.step.code} {item.step.title}", item.old_baseline, item.new_baseline) for item in row.items.all()),
        )
        for row in rows
    )


def _interfaces(programme: Programme) -> tuple[InterfaceFacts, ...]:
    return tuple(
        InterfaceFacts(row.what, (row.from_organisation, row.to_organisation), row.critical, row.agreed_on, row.tested_on)
        for row in Interface._base_manager.filter(programme=programme).order_by("-critical", "id")
    )


def workstreams_of(programme: Programme) -> list[tuple[str, str]]:
    """(slug, name) of every workstream, in the order of the plan."""
    return list(Workstream.objects.filter(programme=programme).order_by("order").values_list("slug", "name"))
