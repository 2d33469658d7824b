"""Care and staff left with each leaving provider, and whether people keep their care worker where staff move with them (TUPE)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from mobilisation.models import Programme
from transfers.facts.groups import GOING, HAS_MOVED
from transfers.models import PersonTransfer, StaffTransfer, TupeProcess
from transfers.rules import hours_left as rules

TUPE_APPLIES = Exists(TupeProcess.objects.filter(Q(transferee=OuterRef("incoming_provider")) | Q(transferee__isnull=True), programme=OuterRef("programme"), transferor=OuterRef("exiting_provider")))  # scope: only inside Exists() of people already scoped


@dataclass(frozen=True)
class Provider:
    """``unknown``: people whose hours, and ``undated``: people whose day of transfer, nobody has entered; ``moves_on``: the day the staff go over."""

    key: int
    name: str
    weeks: tuple[rules.Week, ...]
    short: rules.Week | None
    unknown: int
    undated: int
    moves_on: date | None
    staffed: bool

    @property
    def short_title(self) -> str:
        return f"Short of staff from the week ending {self.short.day.day} {self.short.day:%b %Y}" if self.short else ""


@dataclass(frozen=True)
class SameWorker:
    """Of people who go from an employer to one that takes over its staff: of those moved, and of those still to move."""

    moved: int
    kept: int
    changed: int
    unsaid: int
    to_move: int
    planned: int

    @property
    def known(self) -> int:
        return self.kept + self.changed

    @property
    def percent(self) -> float | None:
        """Of those moved of whom it is known."""
        return rules.share(self.kept, self.known)


def hours_left(programme: Programme, people: QuerySet[PersonTransfer], as_of: date) -> list[Provider]:
    """One a leaving provider, of ``people`` within somebody's scope; three statements."""
    found: dict[str, list[rules.Share]] = {}
    unknown: dict[str, int] = {}
    undated: dict[str, int] = {}
    rows = people.exclude(exiting_provider=None).order_by().values_list("exiting_provider", "exiting_provider__name", "weekly_hours", "actual_transfer_date", "planned_transfer_date", "ended_on")
    keys: dict[str, int] = {}
    for key, name, hours, moved_on, planned_on, ended_on in rows:
        keys[name] = key
        until = rules.gone_on(moved_on, planned_on, ended_on, as_of)
        found.setdefault(name, []).append(rules.Share(hours or Decimal(0), until))
        still = until is None or until > as_of
        unknown[name] = unknown.get(name, 0) + (still and hours is None)
        undated[name] = undated.get(name, 0) + (until is None)
    moves: dict[str, date] = {}
    for name, day in TupeProcess.objects.filter(programme=programme).order_by("-transfer_date").values_list("transferor__name", "transfer_date"):
        moves[name] = day
    team: dict[str, list[rules.Share]] = {}
    staff = StaffTransfer.objects.filter(programme=programme, assigned=True, exiting__isnull=False).order_by().values_list("exiting__name", "hours", "percent_assigned", "left_on")
    for name, hours, percent, left_on in staff:
        here = (hours or Decimal(0)) * (percent if percent is not None else Decimal(100)) / 100
        team.setdefault(name, []).append(rules.Share(here, min((day for day in (left_on, moves.get(name)) if day), default=None)))
    days = rules.sundays(as_of, programme.exit_date)
    made = []
    for name in sorted(found):
        weeks = tuple(rules.weeks(found[name], team.get(name, ()), days, as_of))
        made.append(Provider(keys[name], name, weeks, rules.first_short(weeks) if name in team else None, unknown[name], undated[name], moves.get(name), name in team))
    return made


def same_worker(people: QuerySet[PersonTransfer]) -> SameWorker:
    """One statement."""
    n = people.filter(TUPE_APPLIES).aggregate(
        moved=Count("pk", filter=HAS_MOVED), kept=Count("pk", filter=HAS_MOVED & Q(same_worker=True)), changed=Count("pk", filter=HAS_MOVED & Q(same_worker=False)),
        unsaid=Count("pk", filter=HAS_MOVED & Q(same_worker__isnull=True)), to_move=Count("pk", filter=GOING & ~HAS_MOVED), planned=Count("pk", filter=GOING & ~HAS_MOVED & Q(same_worker=True)),
    )
    return SameWorker(**n)
