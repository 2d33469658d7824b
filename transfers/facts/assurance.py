"""What the two leads look over each week: communications and transfers in numbers, each with the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from mobilisation.models import Programme
from transfers.choices import LetterState
from transfers.facts.groups import GOING, groups
from transfers.models import Assurance, LetterItem, PersonTransfer
from transfers.rules.assurance import week_of

TRANSFERS = ("overdue", "past", "safety-overdue", "unreached", "discrepancy", "unowned", "hold", "hospital")
"""Groups of the tracker that stand under transfers."""
COMMUNICATIONS = ("untold", "telling", "follow-up")


@dataclass(frozen=True)
class Figure:
    """``where``: the page that lists exactly these ``n``, as (name of the page, query)."""

    key: str
    label: str
    n: int
    where: tuple[str, str]


@dataclass(frozen=True)
class Overview:
    communications: tuple[Figure, ...]
    transfers: tuple[Figure, ...]

    def counts(self) -> dict[str, int]:
        return {figure.key: figure.n for figure in (*self.communications, *self.transfers)}


def overview(programme: Programme, people: QuerySet[PersonTransfer], as_of: date) -> Overview:
    """Of ``people`` (within somebody's scope) of ``programme``; two statements, however many."""
    named = groups(as_of)
    keys = (*COMMUNICATIONS, *TRANSFERS)
    wanted = {f"n{n}": Count("pk", filter=named[key].condition) for n, key in enumerate(keys)}
    counted = people.filter(GOING).aggregate(**wanted)
    figures = {key: Figure(key, named[key].label, counted[f"n{n}"], ("transfers:person-list", f"show={key}")) for n, key in enumerate(keys)}
    letters = LetterItem.objects.filter(run__programme=programme, person__in=people.filter(GOING)).aggregate(
        held=Count("pk", filter=Q(state=LetterState.HELD)), waiting=Count("pk", filter=Q(state=LetterState.TO_SEND)), returned=Count("pk", filter=Q(state=LetterState.RETURNED))
    )
    runs = ("transfers:letter-runs", "")
    return Overview(
        (
            *(figures[key] for key in COMMUNICATIONS), Figure("held", "Letters held back", letters["held"], runs),
            Figure("waiting", "Letters to send", letters["waiting"], runs), Figure("returned", "Letters that came back", letters["returned"], runs),
        ),
        tuple(figures[key] for key in TRANSFERS),
    )


def outstanding(programmes: set[int], role: str, as_of: date) -> list[int]:
    """Keys of ``programmes`` for whose week nobody in ``role`` has given assurance."""
    given = Assurance.objects.filter(programme__in=programmes, role=role, week_ending=week_of(as_of)).values_list("programme_id", flat=True)
    return sorted(programmes - set(given))

