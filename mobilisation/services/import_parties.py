"""Organisations a workbook names that are no party to the programme yet: shown once each, added in one go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.choices import PartyRole
from mobilisation.errors import Refused
from mobilisation.models import ImportRun
from mobilisation.services import organisations
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
