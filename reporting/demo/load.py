"""What load_demo does, apart from talking."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from mobilisation.access import Actor
from mobilisation.errors import Refused
from mobilisation.models import Programme
from reporting.demo import accounts, coast, meadow


@dataclass(frozen=True)
class Size:
    programmes: int = 2
    people: int = 140
    staff: int = 60
    risks: int = 25
    plan_items: int = 67
    seed: str = "1"


def load(size: Size) -> tuple[list[Programme], bool]:
    """The demonstration programmes, and whether they were made now. Refuses where demonstration data is not allowed."""
    if not settings.ALLOW_DEMO or settings.PRODUCTION:
        raise Refused("Demonstration data is refused here: ALLOW_DEMO is off, or this is production.")
    held = list(Programme.objects.filter(demo=True))
    if held:
        return held, False
    taken = Programme.objects.filter(reference__in=["MEADOW", "COAST"]).first()
    if taken is not None:
        raise Refused(f"There is a programme {taken.reference} already that is no demonstration. Load the demonstration into an empty office.")
    # All of it or nothing: whoever breaks it off starts again with an empty office.
    with transaction.atomic():
        return _build(size, Actor.operator()), True


def _build(size: Size, operator: Actor) -> list[Programme]:
    accounts.open_accounts(operator)
    made = [meadow.build("MEADOW", "Meadowgate Homecare exit", people=size.people, staff=size.staff, risks=size.risks, plan_items=size.plan_items, seed=size.seed, operator=operator)]
    if size.programmes > 1:
        made.append(coast.build("COAST", "Coast urgent community response", seed=size.seed, operator=operator))
    for number in range(3, size.programmes + 1):
        made.append(
            meadow.build(
                f"MEADOW-{number}", f"Meadowgate Homecare exit, area {number}", people=max(size.people // 10, 12), staff=max(size.staff // 10, 4), risks=max(size.risks // 5, 5),
                plan_items=size.plan_items, seed=f"{size.seed}:{number}", operator=operator, packs=False,
            )
        )
    return made
