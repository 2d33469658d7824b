"""Every invariant over the whole database: what constraints cannot say. Each check yields sentences, none when all is well."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import date

from django.db.models import Count, F, Q

from mobilisation.clock import today
from mobilisation.models import Programme
from reporting.choices import SETTLED, PackStatus, SnapshotKind
from reporting.models import BoardPack, WeeklySnapshot
from reporting.position import from_json, to_json
from reporting.services import packs
from risks.models import Risk
from transfers.facts import people_facts
from transfers.models import PersonTransfer
from transfers.services import columns, turning
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


def people_stand_as_the_rules_say() -> Iterator[str]:
    """Stored status, dues and moments of people are what the rules make of the records."""
    for programme in Programme.objects.all():
        for person in turning.drift(programme):
            yield f"{programme.reference}: person {person.public_id} stands otherwise than the rules say."
        for person in columns.drift(programme):
            yield f"{programme.reference}: person {person.public_id}: a column of the tracker says something else than the contacts, orders, monies or care-plan check behind it."
        for person in columns.untold(programme):
            yield f"{programme.reference}: person {person.public_id} has a representative, and C05 says that it does not apply."


def everybody_counted_once() -> Iterator[str]:
    """Counts by colour and by priority add up to the total; a dashboard equals its rows."""
    as_of = today()
    for programme in Programme.objects.all():
        facts = people_facts(programme, as_of)
        rows = PersonTransfer.objects.filter(programme=programme, ending="").count()
        if facts.total != rows:
            yield f"{programme.reference}: the dashboard counts {facts.total} people, the list holds {rows}."
        for title, counts in (("colour", facts.by_colour), ("priority", facts.by_priority)):
            if counts and sum(counts.values()) != facts.total:
                yield f"{programme.reference}: people by {title} add up to {sum(counts.values())}, not {facts.total}."
        plan = plan_facts(programme, as_of)
        if plan.by_colour and sum(plan.by_colour.values()) != plan.total:
            yield f"{programme.reference}: plan items by colour add up to {sum(plan.by_colour.values())}, not {plan.total}."
    double = PersonTransfer.objects.exclude(nhs_number="").filter(ending="").values("programme__reference", "nhs_number").annotate(n=Count("pk")).filter(n__gt=1)
    for row in double:
        yield f"{row['programme__reference']}: {row['n']} rows hold one NHS number."


CHECKS: tuple[tuple[str, Callable[[], Iterator[str]]], ...] = (
    ("frozen weeks", snapshots_read_back), ("files of packs", packs_have_their_bytes), ("rows and programmes", rows_stay_in_their_programme),
    ("turning moments", moments_agree), ("people and rules", people_stand_as_the_rules_say), ("counts", everybody_counted_once),
)


def check_all(as_of: date | None = None) -> dict[str, list[str]]:
    """{check: sentences}; an empty list is a check that holds."""
    return {title: list(check()) for title, check in CHECKS}
