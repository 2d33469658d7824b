"""Organisations a workbook names that are no party to the programme yet: shown once each, added in one go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.choices import PartyRole
from mobilisation.errors import Refused
from mobilisation.models import ImportRun, RoleAssignment, User
from mobilisation.roles import Can, codes_with
from mobilisation.services import notices, organisations
from mobilisation.workbooks.pipeline import Importer
from mobilisation.workbooks.plan import Plan
from mobilisation.workbooks.values import Named, one_name


@dataclass(frozen=True)
class Stranger:
    """``near``: a party whose name is much the same, so that this one is rather a slip of the pen."""

    role: str
    name: str
    rows: int
    near: str

    @property
    def key(self) -> str:
        return f"{self.role}:{self.name}"

    @property
    def words(self) -> str:
        return str(PartyRole(self.role).label).lower()


def strangers(importer: Importer[Any], plan: Plan[Any]) -> list[Stranger]:
    """Each unknown name with the role its column gives it, the most frequent first; “Aster Care” and “Aster Care Ltd” are one."""
    columns = {column.name: column.parse for column in importer.column_list if isinstance(column.parse, Named) and column.parse.party}
    spelt: dict[tuple[str, str], Counter[str]] = {}
    known: dict[str, Named] = {}
    for planned in plan.refused:
        for column, names in columns.items():
            name = " ".join(planned.row.raw.get(column, "").split())
            if name and len(name) <= 200 and not names.knows(name):
                same = next((key for key in spelt if key[0] == names.party and one_name(key[1], name)), (names.party, name))
                spelt.setdefault(same, Counter())[name] += 1
                known[names.party] = names
    found: list[Stranger] = []
    for (role, _), spellings in sorted(spelt.items(), key=lambda item: (-item[1].total(), item[0])):
        name = spellings.most_common(1)[0][0]
        before = Named({one.name: one for one in found if one.role == role}, "")
        found.append(Stranger(role, name, spellings.total(), known[role].near(name) or before.near(name)))
    return found


def ask(record: ImportRun, count: int, *, actor: Actor) -> int:
    """Tell those who may add parties that an upload waits for them, once an upload; returns how many are told."""
    leads = User.objects.filter(is_active=True, assignments__in=RoleAssignment.objects.active().filter(programme=record.programme, role__in=codes_with(Can.PROGRAMME_MANAGE)))
    url = reverse("mobilisation:import-preview", kwargs={"ref": record.programme.ref, "kind": record.kind, "run": record.public_id})
    told = list(leads.distinct())
    if not told:
        raise Refused("Nobody holds a role that adds parties to this programme. Ask the administrator.")
    words = "1 organisation is" if count == 1 else f"{count} organisations are"
    notices.notify(told, record.programme, "import", f"{record.programme.reference}: a workbook waits, {words} not in the programme yet", [f"Asked by {actor.label}."], url, at_once=True, unique_key=f"parties:{record.public_id}")
    return len(told)


@transaction.atomic
def add(record: ImportRun, chosen: Sequence[Stranger], *, actor: Actor) -> int:
    """Make each a party of the programme's contract; the rows of the file are read again afterwards."""
    contract = record.programme.contracts.order_by("id").first()
    if contract is None:
        raise Refused("The programme has no contract to whose parties they could be added.")
    if not chosen:
        raise Refused("Tick at least one organisation.")
    for one in chosen:
        organisations.add_party(contract, one.name, one.role, actor=actor, programme=record.programme)
    return len(chosen)
