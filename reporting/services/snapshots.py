"""Freezing a week, and a position in between (domain 7.1, 10.12)."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import IntegrityError, transaction

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import Refused
from mobilisation.models import Programme
from mobilisation.services import changes
from reporting.choices import SnapshotKind
from reporting.models import RagOverride, WeeklySnapshot
from reporting.position import position, to_json
from reporting.position.read import shown_colours
from reporting.rules import weeks


def freeze_week(programme: Programme, week: date, *, actor: Actor) -> tuple[WeeklySnapshot, bool]:
    """The snapshot of the week ending on Sunday ``week`` and whether it was made now. A second call gives the first one.

    Stated colours end with the snapshot that shows them (domain 5.8). A week that still runs is refused.
    """
    if week.weekday() != 6:
        raise Refused(f"{week:%d/%m/%Y} is no Sunday. A week ends on a Sunday; the one of that day ends on {weeks.week_ending(week):%d/%m/%Y}.")
    if weeks.frozen_at(week) > now():
        raise Refused(f"The {weeks.week_name(week)} has not ended yet. It is frozen after Sunday midnight.")
    found = WeeklySnapshot.objects.filter(programme=programme, kind=SnapshotKind.WEEKLY, week_ending=week).first()
    if found:
        return found, False
    try:
        with transaction.atomic():
            snapshot = _keep(programme, SnapshotKind.WEEKLY, week, week, actor)
            _end_overrides(programme, actor, f"ended with the {weeks.week_name(week)}")
    except IntegrityError:
        return WeeklySnapshot.objects.get(programme=programme, kind=SnapshotKind.WEEKLY, week_ending=week), False
    return snapshot, True


def interim(programme: Programme, *, actor: Actor, as_of: date | None = None) -> WeeklySnapshot:
    """A snapshot of this moment for a pack on demand; the week goes on."""
    day = as_of or today()
    with transaction.atomic():
        return _keep(programme, SnapshotKind.INTERIM, weeks.week_ending(day), day, actor)


def _keep(programme: Programme, kind: str, week: date, as_of: date, actor: Actor) -> WeeklySnapshot:
    found = position(programme, as_of)
    snapshot = WeeklySnapshot(
        programme=programme, kind=kind, week_ending=week, as_of=as_of, taken_at=found.data_at, taken_by=actor.label[:150],
        overall=found.overall.shown, colours=dict(shown_colours(found)), position=to_json(found),
    )
    snapshot.save()
    changes.mark(snapshot, "frozen", actor=actor, programme=programme, fields={"overall": [None, snapshot.overall]})
    return snapshot


def _end_overrides(programme: Programme, actor: Actor, why: str) -> None:
    moment = now()
    rows = RagOverride.objects.select_for_update().filter(programme=programme, ended_at__isnull=True).order_by("pk")
    changes.bulk_apply([(row, {"ended_at": moment, "ended_why": why}) for row in rows], actor=actor, why=why, programme=programme)


def for_day(programme: Programme, as_of: date, *, actor: Actor) -> WeeklySnapshot:
    """The weekly snapshot of the last week that had ended on ``as_of``, made if it is missing."""
    return freeze_week(programme, weeks.last_ended_on(as_of + timedelta(days=1)), actor=actor)[0]
