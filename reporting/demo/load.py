"""What load_demo does, apart from talking."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from mobilisation.access import Actor
from mobilisation.errors import ChoiceNeeded, Refused
from mobilisation.models import Programme, User
from reporting.demo import accounts, coast, meadow


@dataclass(frozen=True)
class Size:
    programmes: int = 2
    people: int = 140
    staff: int = 60
    risks: int = 25
    plan_items: int = 67
    seed: str = "1"


AMONG_OTHERS = "--among-others"


def load(size: Size, *, among_others: bool = False) -> tuple[list[Programme], bool]:
    """The demonstration programmes, and whether they were made now. Refuses where demonstration data is not allowed, and asks where
    accounts or programmes stand that are none of it, unless ``among_others``."""
    if not settings.ALLOW_DEMO or settings.PRODUCTION:
        raise Refused("Demonstration data is refused here: ALLOW_DEMO is off, or this is production.")
    held = list(Programme.objects.filter(demo=True))
    if held:
        return held, False
    taken = Programme.objects.filter(reference__in=["MEADOW", "COAST"]).first()
    if taken is not None:
        raise Refused(f"There is a programme {taken.reference} already that is no demonstration. Load the demonstration into an empty office.")
    if not among_others:
        _ask()
    # All of it or nothing: whoever breaks it off starts again with an empty office.
    with transaction.atomic():
        return _build(size, Actor.operator()), True


def _ask() -> None:
    programmes = list(Programme.objects.filter(demo=False).order_by("reference").values_list("reference", flat=True))
    accounts_here = list(User.objects.filter(demo=False).order_by("email").values_list("email", flat=True))
    if programmes or accounts_here:
        found = " and ".join(f"{len(names)} {word}{'' if len(names) == 1 else 's'} ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})" for word, names in (("programme", programmes), ("account", accounts_here)) if names)
        raise ChoiceNeeded(
            f"This office holds {found} that are no demonstration. The demonstration would open an account for every role beside them, the administrator's too, all with one password that everybody can read. "
            f"Load it into a folder of its own: VAR_DIR=another make demo. To load it here all the same: manage.py load_demo {AMONG_OTHERS}",
            AMONG_OTHERS,
        )


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
