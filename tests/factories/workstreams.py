"""Programmes with their plan, through the front door."""

from __future__ import annotations

from datetime import date

from mobilisation.access import Actor
from tests.factories import ground
from workstreams.models import PlanStep, Workstream
from workstreams.services.colours import recompute
from workstreams.services.programmes import NewProgramme, Party, create_programme

_OPERATOR = Actor.operator()


def planned(kind: str = "provider_exit", reference: str = "PLAN-1", **extra):
    """A programme made the way the wizard makes it; dates in spring 2027."""
    ground.holidays()
    dates = {"provider_exit": {"d0": date(2027, 1, 4), "end": date(2027, 4, 30)}, "live_service": {"scd": date(2027, 4, 1)}, "homecare_start": {"go_live": date(2027, 4, 1)}}[kind]
    parties = (Party("exiting", "Meadowgate Homecare Ltd"), Party("incoming", "Bluebell Care")) if kind == "provider_exit" else ()
    return create_programme(NewProgramme(**({"reference": reference, "kind": kind, "title": "A programme", "parties": parties} | dates | extra)), actor=_OPERATOR)


def workstream(programme, slug: str = "governance") -> Workstream:
    found, _ = Workstream.objects.get_or_create(programme=programme, slug=slug, defaults={"name": slug.title()})
    return found


def step(programme, code: str = "S1", **fields) -> PlanStep:
    """One step with its moments worked out; owned, so that only what the test sets colours it."""
    made = PlanStep.objects.create(
        programme=programme, code=code,
        **({"workstream": fields.pop("workstream", None) or workstream(programme), "title": f"Step {code}", "owner_name": "A. Owner", "reported_on": date(2027, 3, 1)} | fields),
    )
    recompute(programme, [made.pk], as_of=date(2027, 3, 1))
    made.refresh_from_db()
    return made
