"""Turning moments of steps, worked out again when something they hang on changes (design, third idea)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.functional import cached_property

from mobilisation.calendars import calendar_for
from mobilisation.clock import today
from mobilisation.models import HasMoments, Programme, RoleAssignment
from mobilisation.moments import ALWAYS
from mobilisation.roles import MT_CODES, ROLES
from mobilisation.services.changes import upsert
from workstreams.choices import StepStatus
from workstreams.models import Dependency, EvidenceFile, PlanStep
from workstreams.rules import rag
from workstreams.rules.owners import PROVIDER_WORDS


class Vacancies:
    """From when each role of a programme has nobody; one query. A second one where accounts are asked for."""

    def __init__(self, programme: Programme, as_of: date) -> None:
        self._programme, self._as_of = programme, as_of
        self._until: dict[tuple[str, str], date | None] = {}
        rows = RoleAssignment.objects.filter(programme=programme, ended_at__isnull=True, starts_on__lte=as_of).filter(Q(user__isnull=True) | Q(user__is_active=True))
        for role, slug, ends_on, user_id, named in rows.values_list("role", "workstream_slug", "ends_on", "user_id", "named"):
            if not user_id and not named:
                continue
            for key in {(role, ""), (role, slug)}:
                held = self._until.get(key, ALWAYS)
                self._until[key] = None if held is None or ends_on is None else max(held, ends_on)

    def of(self, code: str, workstream: str = "") -> date | None:
        """First day ``code`` is vacant; None when held without an end."""
        until = self._until.get((code, workstream), ALWAYS)
        if until is None:
            return None
        return ALWAYS if until == ALWAYS else until + timedelta(days=1)

    @cached_property
    def _last_days(self) -> dict[int, date | None]:
        return RoleAssignment.objects.last_days(self._programme, self._as_of)

    def of_account(self, user_id: int) -> date | None:
        """First day on which this account holds no role here any more: nobody updates what stands in its name."""
        until = self._last_days.get(user_id, ALWAYS)
        if until is None:
            return None
        return ALWAYS if until == ALWAYS else until + timedelta(days=1)

    def of_owner(self, owner_role: str, workstream: str) -> date | None:
        """The same for the words of an owner column (“OL, CL”): vacant once all of them are."""
        found: list[date] = []
        for word in (word.strip() for word in owner_role.split(",")):
            if word == "lead":
                codes, slug = ["WSL"], workstream
            elif word in PROVIDER_WORDS:
                codes, slug = ["IP"], ""
            elif word == "MT":
                codes, slug = sorted(MT_CODES), ""
            else:
                codes, slug = [word, "MT"] if word in MT_CODES else [word], ""
            if not any(code in ROLES for code in codes):
                return None
            for code in codes:
                vacant = self.of(code, slug)
                if vacant is None:
                    return None
                found.append(vacant)
        return max(found) if found else ALWAYS


def evidence_until(files: Iterable[EvidenceFile]) -> date | None:
    """Last day of the best accepted evidence; ``date.max`` without expiry, None without any."""
    days = [file.expires_on or date.max for file in files if file.accepted_by_id or file.accepted_on]
    return max(days) if days else None


def recompute(programme: Programme, steps: Iterable[int] | None = None, *, as_of: date | None = None, heard: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Work out the moments of all steps, or of ``steps`` (ids) and what waits for them. Returns how many changed.

    To be called when the calendar, limits, SCD, D0, E, X, a role, a predecessor or a step itself changed; a fixed number of queries.
    ``heard`` is told (steps done, steps in all) and may stop the work by raising.
    """
    as_of = as_of or today()
    with transaction.atomic():
        links = Dependency._base_manager.filter(successor__programme=programme)
        wanted: set[int] | None = None
        if steps is not None:
            wanted = set(steps)
            wanted |= set(links.filter(predecessor__in=wanted).values_list("successor_id", flat=True))
            links = links.filter(successor__in=wanted)
        rows = PlanStep._base_manager.select_for_update(of=("self",)).select_related("workstream").filter(programme=programme)
        if wanted is not None:
            rows = rows.filter(Q(pk__in=wanted) | Q(pk__in=links.values("predecessor_id")))
        found = {step.pk: step for step in rows}
        waits: dict[int, list[int]] = {}
        for before, after in links.values_list("predecessor_id", "successor_id"):
            waits.setdefault(after, []).append(before)
        evidence: dict[int, list[EvidenceFile]] = {}
        files = EvidenceFile._base_manager.filter(step__programme=programme)
        for file in files if wanted is None else files.filter(step__in=wanted):
            evidence.setdefault(file.step_id, []).append(file)
        vacancies, days, limits = Vacancies(programme, as_of), calendar_for(programme), rag.Limits.read(programme.threshold)
        mine = [step for pk, step in found.items() if wanted is None or pk in wanted]
        # Red hangs on no predecessor, so one pass gives every predecessor's red and a second everything.
        alone = {}
        for done, step in enumerate(mine):
            heard(done, 2 * len(mine))
            alone[step.pk] = rag.moments(_item(step, programme, evidence, vacancies, ()), days, limits)
        changed = []
        for done, step in enumerate(mine, len(mine)):
            heard(done, 2 * len(mine))
            ahead = tuple(
                (moment, found[pk].code) for pk in waits.get(step.pk, ()) if pk in found and (moment := alone.get(pk, found[pk].moments).red_on) is not None
            )
            if step.set_moments(rag.moments(_item(step, programme, evidence, vacancies, ahead), days, limits)):
                changed.append(step)
        if changed:
            upsert(PlanStep, changed, HasMoments.MOMENT_FIELDS)
        return len(changed)


def _item(step: PlanStep, programme: Programme, evidence: dict[int, list[EvidenceFile]], vacancies: Vacancies, predecessors: tuple[tuple[date, str], ...]) -> rag.Item:
    if step.owner_id:
        vacant_from = vacancies.of_account(step.owner_id)
    else:
        vacant_from = None if step.owner_name else vacancies.of_owner(step.owner_role, step.workstream.slug)
    return rag.Item(
        baseline=None if step.goes_round else step.baseline, forecast=None if step.goes_round else step.forecast, start=step.start, done=step.status == StepStatus.DONE,
        not_applicable=step.status == StepStatus.NOT_APPLICABLE, critical=step.critical, gate=step.gate, evidence_required=step.evidence_required,
        evidence_until=evidence_until(evidence.get(step.pk, ())), blocked_on=step.blocked_on, at_risk=step.at_risk, at_risk_note=step.at_risk_note,
        vacant_from=vacant_from, left=bool(step.owner_id), updated_on=step.reported_on,
        start_by=programme.start_by, longstop=step.longstop, predecessors=predecessors, again_on=step.next_on,
    )

