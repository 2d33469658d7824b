"""The weekly cycle: each slot taken once by its row; a late start still makes the week once and says which (domain 10.12)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from mobilisation.access import Actor
from mobilisation.choices import ProgrammeStatus
from mobilisation.errors import Refused
from mobilisation.models import Programme
from mobilisation.models.jobs import Slot
from mobilisation.services import jobs
from reporting.choices import PackStatus
from reporting.models import BoardPack
from reporting.rules import weeks
from reporting.services import packs, snapshots

log = logging.getLogger(__name__)
SYSTEM = Actor.system("weekly cycle")
RUNNING = (ProgrammeStatus.ACTIVE, ProgrammeStatus.LIVE, ProgrammeStatus.STABILISING, ProgrammeStatus.PAUSED)


@dataclass(frozen=True)
class Cycle:
    """What one programme's week came to; ``problem`` in words when it failed."""

    programme: str
    week_ending: date
    frozen_now: bool
    packs: tuple[BoardPack, ...]
    problem: str = ""


def running() -> list[Programme]:
    """Programmes whose weeks are reported."""
    return list(Programme.objects.filter(status__in=RUNNING).select_related("lead_organisation"))


def tick(moment: datetime) -> None:
    """Take the slots that are due at ``moment``: Sunday 24:00 the snapshot, Monday 06:00 dashboard and drafts, from 07:00 on the
    dashboard is shown."""
    week = weeks.last_ended(moment)
    if moment >= weeks.frozen_at(week):
        _take("weekly snapshot", week, "freeze")
    if moment >= weeks.dashboard_at(week):
        _take("weekly packs", week, "weekly_packs")
    packs.show_dashboards(actor=SYSTEM)


def _take(schedule: str, week: date, kind: str) -> None:
    if Slot.objects.filter(schedule=schedule, key=week.isoformat()).exists():
        return
    try:
        with transaction.atomic():
            Slot.objects.create(schedule=schedule, key=week.isoformat(), outcome=f"{schedule} of the {weeks.week_name(week)}")
            for programme in running():
                jobs.enqueue(kind, programme, {"week": week.isoformat()}, SYSTEM, unique_key=f"{kind}:{programme.pk}:{week}")
    except IntegrityError:
        log.info("the slot %s %s is taken", schedule, week)


def handle_freeze(run: jobs.Run) -> dict[str, object]:
    """The job of Sunday midnight for one programme."""
    week = date.fromisoformat(run.args["week"])
    snapshot, new = snapshots.freeze_week(_programme(run), week, actor=run.actor)
    return {"week": run.args["week"], "frozen_now": new, "overall": snapshot.overall}


def handle_packs(run: jobs.Run) -> dict[str, object]:
    """The job of Monday morning for one programme: freezes first where Sunday was missed."""
    cycle = run_week(_programme(run), date.fromisoformat(run.args["week"]), actor=run.actor, progress=run.progress)
    failed = [pack for pack in cycle.packs if pack.status == PackStatus.FAILED]
    if failed:
        raise Refused(failed[0].reason)
    return {"week": run.args["week"], "packs": [pack.public_id for pack in cycle.packs]}


def _programme(run: jobs.Run) -> Programme:
    if run.job.programme is None:
        raise Refused("The job names no programme.")
    return run.job.programme


def run_week(programme: Programme, week: date, *, actor: Actor, progress: object = None) -> Cycle:
    """Freeze and render one week of one programme. Twice is harmless: what is there stays."""
    snapshot, new = snapshots.freeze_week(programme, week, actor=actor)
    made = []
    drafts = packs.drafts_of_week(programme, snapshot, actor=actor)
    for number, pack in enumerate(drafts):
        if callable(progress):
            progress(number, len(drafts), str(pack))
        made.append(packs.build_pack(pack, actor=actor))
    shown = {pack.pk: pack for pack in packs.show_dashboards(programme, actor=actor)}
    made = [shown.get(pack.pk, pack) for pack in made]
    return Cycle(programme.reference, week, new, tuple(made))
