"""Frozen weeks, packs, plan and register: what constraints cannot say of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.db.models import F, Q

from mobilisation.clock import today
from mobilisation.models import Programme
from reporting.choices import SETTLED, PackStatus, SnapshotKind
from reporting.models import BoardPack, WeeklySnapshot
from reporting.position import from_json, to_json
from reporting.services import packs
from risks.models import Risk
from transfers.models import PersonTransfer
from workstreams.facts import plan_facts
from workstreams.models import PlanStep


def snapshots_read_back() -> Iterator[str]:
    """A frozen position opens and says the colour its row says."""
    for row in WeeklySnapshot.objects.select_related("programme").iterator(chunk_size=50):
        try:
            found = from_json(row.position)
        except (KeyError, TypeError, ValueError) as error:
            yield f"Snapshot {row.public_id} of {row.programme.reference}: its position does not open ({type(error).__name__})."
            continue
        if to_json(found) != row.position and found.schema == row.position.get("schema"):
            yield f"Snapshot {row.public_id} of {row.programme.reference}: its position reads back differently."
        if found.overall.shown != row.overall:
            yield f"Snapshot {row.public_id} of {row.programme.reference}: row says {row.overall}, position {found.overall.shown}."
        if row.kind == SnapshotKind.WEEKLY and row.week_ending.weekday() != 6:
            yield f"Snapshot {row.public_id} of {row.programme.reference}: week ending {row.week_ending} is no Sunday."


def packs_have_their_bytes() -> Iterator[str]:
    """Files of packs are there and hash to what was approved."""
    for pack in BoardPack.objects.exclude(file_name="").select_related("programme", "snapshot"):
        path = packs.folder() / pack.file_name
        if not path.is_file():
            yield f"Pack {pack.public_id} ({pack.download_name}): its file is missing from the store."
        elif hashlib.sha256(path.read_bytes()).hexdigest() != pack.sha256:
            yield f"Pack {pack.public_id} ({pack.download_name}): its file is not the one recorded (SHA-256 differs)."
    for pack in BoardPack.objects.filter(status__in=SETTLED - {PackStatus.WITHDRAWN}, approved_at__isnull=True):
        yield f"Pack {pack.public_id}: {pack.status} without an approval."
    for pack in BoardPack.objects.exclude(programme=F("snapshot__programme")):
        yield f"Pack {pack.public_id}: belongs to another programme than its snapshot."


def rows_stay_in_their_programme() -> Iterator[str]:
    for step in PlanStep.objects.exclude(programme=F("workstream__programme")):
        yield f"Plan step {step.public_id}: its workstream belongs to another programme."
    for risk in Risk.objects.exclude(score=F("likelihood") * F("consequence")):
        yield f"Risk {risk.public_id}: score {risk.score} is not likelihood × consequence."


def moments_agree() -> Iterator[str]:
    """An item that is amber or red by a date says why."""
    for model, name in ((PersonTransfer, "Person"), (PlanStep, "Plan step"), (Risk, "Risk")):
        for pk in model._base_manager.filter(Q(red_from__isnull=False, red_reason="") | Q(amber_from__isnull=False, amber_reason="")).values_list("public_id", flat=True):
            yield f"{name} {pk}: turns colour without a reason."


def plan_counted_once() -> Iterator[str]:
    """Plan items by colour add up to the total of the dashboard."""
    as_of = today()
    for programme in Programme.objects.filter(pk__in=PlanStep.objects.values("programme")):
        plan = plan_facts(programme, as_of)
        if plan.by_colour and sum(plan.by_colour.values()) != plan.total:
            yield f"{programme.reference}: plan items by colour add up to {sum(plan.by_colour.values())}, not {plan.total}."
