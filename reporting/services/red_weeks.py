"""A programme that stays Red goes up the ladder by itself: to the board at two weekly snapshots running, to the SRO at three (domain 5.13)."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache

from mobilisation.access import Actor
from mobilisation.models import Programme
from mobilisation.services import slots
from reporting.choices import SnapshotKind
from reporting.models import WeeklySnapshot
from reporting.rules import colours
from reporting.services import weekly
from risks import rules
from risks.services import standing

SYSTEM = Actor.system("weeks at Red")
WORDS = {rules.Trigger.PROGRAMME_RED_TWICE: "Red in two weekly snapshots running", rules.Trigger.PROGRAMME_RED_THRICE: "Red in three weekly snapshots running"}


def tick(moment: datetime) -> None:
    """Once an hour, since a week may be frozen late; a second run finds nothing to do."""
    if cache.add(f"reporting:red-weeks:{moment:%Y%m%d%H}", 1, 3600):
        slots.each(weekly.running(), watch, "weeks at Red")


def watch(programme: Programme) -> None:
    """Frozen weeks only: a colour of this moment may still change before Sunday."""
    frozen = WeeklySnapshot.objects.filter(programme=programme, kind=SnapshotKind.WEEKLY).order_by("-week_ending")
    newest = list(frozen.values_list("overall", flat=True)[:3])
    stand = rules.red_weeks_triggers(colours.weeks_at_red(newest[0], newest[1:]) if newest else 0)
    for trigger, words in WORDS.items():
        found = {"programme": standing.Said(f"Programme {words[0].lower()}{words[1:]}", words)} if trigger in stand else {}
        standing.watch(programme, trigger, found, actor=SYSTEM)
