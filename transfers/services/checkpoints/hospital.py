"""What stands still during a stay in hospital, and goes on or starts again after it (domain 5.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mobilisation.access import Actor
from mobilisation.models import Job, Programme
from mobilisation.services import changes
from transfers.models import Checkpoint, PersonTransfer
from transfers.rules import gates

IN_HOSPITAL = "in hospital"


def paused(person: PersonTransfer, marks: Mapping[str, Checkpoint]) -> tuple[list[Checkpoint], list[tuple[Checkpoint, dict[str, str]]]]:
    """C07, C08, C10–C12 and C14–C16 stand still, unless settled: rows that are to be there (unsaved), and what changes on ``marks``."""
    fresh, moved = [], []
    for code in sorted(gates.PAUSED_IN_HOSPITAL):
        held = marks.get(code)
        if held is None:
            fresh.append(Checkpoint(person=person, code=code, state="paused", state_before_pause="not_started"))
        elif held.state not in gates.SETTLED and held.state != "paused":
            moved.append((held, {"state": "paused", "state_before_pause": held.state}))
    return fresh, moved


def pause_many(people: Sequence[PersonTransfer], *, actor: Actor, programme: Programme, job: Job | None = None) -> None:
    """What may not go on of these people, who are in hospital now, is paused. ``people`` are locked; moments follow by the caller."""
    marks: dict[int, dict[str, Checkpoint]] = {}
    for mark in Checkpoint.objects.select_for_update(of=("self",)).filter(person__in=[person.pk for person in people], code__in=gates.PAUSED_IN_HOSPITAL).select_related("person"):
        marks.setdefault(mark.person_id, {})[mark.code] = mark
    found = [paused(person, marks.get(person.pk, {})) for person in people]
    changes.bulk_create([mark for fresh, _ in found for mark in fresh], actor=actor, why=IN_HOSPITAL, programme=programme, job=job)
    changes.bulk_apply([pair for _, moved in found for pair in moved], actor=actor, why=IN_HOSPITAL, programme=programme, job=job)


def pause_for_hospital(person: PersonTransfer, *, actor: Actor) -> None:
    """The same for one person."""
    pause_many([person], actor=actor, programme=person.programme)


def restart_after_hospital(person: PersonTransfer, *, actor: Actor, package_changed: bool) -> None:
    """Paused ones go on where they were; C12, C14–C16 and what hangs on them restart."""
    again = gates.restarting(package_changed=package_changed)
    for held in Checkpoint.objects.filter(person=person):
        if held.state == "paused":
            changes.apply(held, {"state": "not_started" if held.code in again else held.state_before_pause or "not_started", "state_before_pause": ""}, actor=actor, why="discharged")
        elif held.code in again and held.state in {"done", "not_applicable"}:
            changes.apply(held, {"state": "reopened", "done_on": None, "due": None}, actor=actor, why="discharged: starts again")
