"""The workforce side of the position: TUPE stages and training, in a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from mobilisation.calendars import calendar_for
from mobilisation.models import Programme
from mobilisation.moments import Colour
from transfers.models.staff import CompetenceRecord, StaffTransfer, TrainingRequirement, TupeProcess
from transfers.rules import competence, tupe

WINDOW_W = 5
"""Working days before X or SCD in which training is judged (domain 10.10)."""


def staff_named(user: Any, names: Set[str]) -> set[str]:
    """Those of ``names``, "Forename Surname" or "Surname, Forename", that a member of staff bears whom ``user`` sees. One query."""
    asked: dict[tuple[str, str], str] = {}
    for name in names:
        surname, comma, forename = name.partition(", ")
        words = name.split()
        pairs = [(forename, surname)] if comma else [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
        asked |= dict.fromkeys(pairs, name)
    if not asked:
        return set()
    found = StaffTransfer.objects.visible_to(user).filter(forename__in={forename for forename, _ in asked}, surname__in={surname for _, surname in asked})
    return {asked[pair] for pair in found.values_list("forename", "surname") if pair in asked}


@dataclass(frozen=True)
class TupeStage:
    """``parties`` in words; ``colour`` B/R/A/G with its reason."""

    parties: str
    title: str
    due: date
    done_on: date | None
    late_days: int
    colour: str
    reason: str


@dataclass(frozen=True)
class SkillCount:
    """How many of the transferring staff hold one skill in each state."""

    skill: str
    title: str
    high_risk: bool
    needed: int
    booked: int
    completed: int
    validated: int
    mandatory: bool = True


@dataclass(frozen=True)
class StaffFacts:
    """Counts of people, never names. ``colour``/``reasons``: worst of TUPE and training (R, A or G); N where staff transfer so far ahead
    that no TUPE record need be open yet."""

    total: int
    transferring: int
    objected: int
    introduced: int
    by_role: tuple[tuple[str, int], ...]
    tupe: tuple[TupeStage, ...]
    skills: tuple[SkillCount, ...]
    mandatory_training_pct: float | None
    high_risk_signoff_pct: float | None
    colour: str
    reasons: tuple[str, ...]


def staff_facts(programme: Programme, as_of: date, tupe_of: QuerySet[TupeProcess] | None = None) -> StaffFacts:
    """Workforce facts of ``programme`` on ``as_of``; five queries however many staff. ``tupe_of``: the TUPE records a reader may see,
    where that is not all of them: numbers of staff are the whole programme's, the colour is of what they see."""
    staff = StaffTransfer.objects.filter(programme=programme)
    gone = Q(objected_on__isnull=False) | Q(objected_by_file=True)
    left = Q(left_on__isnull=False, left_on__lte=as_of)
    moving = staff.filter(assigned=True).exclude(gone).exclude(left)
    groups = list(
        staff.values("job_role", "exiting", "incoming").order_by("job_role").annotate(
            n=Count("pk"), moving=Count("pk", filter=Q(assigned=True) & ~gone & ~left), objected=Count("pk", filter=gone), met=Count("pk", filter=Q(intro_on__isnull=False))
        )
    )
    total, transferring = sum(r["n"] for r in groups), sum(r["moving"] for r in groups)
    roles: Counter[str] = Counter()
    for group in groups:
        roles[group["job_role"] or "Not stated"] += group["n"]
    requirements = list(TrainingRequirement.objects.filter(programme=programme).values_list("skill", "title", "mandatory", "high_risk"))
    in_date = Q(expires_on__isnull=True) | Q(expires_on__gte=as_of)
    held = {
        row["skill"]: row
        for row in CompetenceRecord.objects.filter(staff__in=moving).values("skill").annotate(
            booked=Count("pk", filter=Q(state="booked")), completed=Count("pk", filter=Q(state="completed")), validated=Count("pk", filter=Q(state="validated") & in_date)
        )
    }
    skills = tuple(
        SkillCount(skill, title, high, transferring, *(held.get(skill, {}).get(state, 0) for state in ("booked", "completed", "validated")), mandatory=needed)
        for skill, title, needed, high in requirements
    )
    mandatory = {skill for skill, _, needed, _ in requirements if needed}
    mandatory_pct = competence.percentage(sum(s.validated for s in skills if s.skill in mandatory), transferring * len(mandatory))
    high_pct = competence.percentage(sum(s.validated for s in skills if s.high_risk), transferring * sum(s.high_risk for s in skills))
    records = TupeProcess.objects.all() if tupe_of is None else tupe_of
    processes = list(records.filter(programme=programme).annotate(giver=F("transferor__name"), taker=F("transferee__name")))
    rows = tuple(row for process in processes for row in _stages(process, as_of))
    pairs = [(p.transferor_id, p.transferee_id) for p in processes]
    alone = any(r["moving"] and not tupe.watched(r["exiting"], r["incoming"], pairs) for r in groups)
    starts = [day for day in (programme.start_by, programme.staff_transfer_date if alone else None, *(p.transfer_date for p in processes)) if day]
    calendar = calendar_for(programme)
    within = any(calendar.add(day, -WINDOW_W) <= as_of <= day for day in starts)
    training = competence.training_verdict(mandatory_pct, high_pct, within_window=within)
    judged: list[tuple[str, str]] = []
    if alone:
        colour, reason = tupe.unopened(programme.staff_transfer_date, programme.division, as_of)
        judged += [(colour, reason), (colour, tupe.OPENS)]
    judged += [(row.colour, row.reason) for row in rows] + [(training.colour, reason) for reason in training.reasons]
    red, amber, grey = ([reason for colour, reason in judged if colour == letter] for letter in "RAN")
    return StaffFacts(
        total=total, transferring=transferring, objected=sum(r["objected"] for r in groups), introduced=sum(r["met"] for r in groups),
        by_role=tuple(roles.items()), tupe=rows, skills=skills, mandatory_training_pct=mandatory_pct,
        high_risk_signoff_pct=high_pct, colour="R" if red else "A" if amber else "N" if grey else "G", reasons=tuple(red + amber or grey),
    )


def _stages(process: TupeProcess, as_of: date) -> list[TupeStage]:
    done = {stage.field: getattr(process, stage.field) for stage in tupe.STAGES}
    rows = []
    for state in tupe.timeline(process.transfer_date, process.division, done, special_circumstances=process.special_circumstances):
        colour, reason = state.moments.at(as_of)
        rows.append(TupeStage(f"{process.giver} to {process.taker or 'incoming employers'}", state.stage.title, state.due, state.done_on, state.late_days, str(Colour(colour)), reason))  # type: ignore[attr-defined]
    return rows
