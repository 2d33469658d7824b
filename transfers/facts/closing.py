"""What stands in the way of closing a programme: nobody is left behind by a change of its status."""

from __future__ import annotations

from mobilisation.models import Programme
from transfers.choices import Status
from transfers.facts.groups import GOING, outstanding_checks
from transfers.models import Discrepancy, Hold, HospitalEpisode, MoneyHeld, PersonConcern, PersonTransfer

ENDING = frozenset({"closed"})


def blocks(programme: Programme, status: str) -> list[str]:
    """In words, counts only; empty for every status but ``closed``."""
    if status not in ENDING:
        return []
    own = PersonTransfer.objects.filter(programme=programme)
    counted = (
        (own.filter(GOING).exclude(status=Status.CLOSED), "on the list with neither C20 nor an ending. Close or end each of them first."),
        (own.filter(outstanding_checks()), "without a completed safety check (C16)."),
        (own.filter(GOING, pk__in=HospitalEpisode.objects.filter(open=True).values("person")), "in hospital. Record each discharge or ending."),
        (own.filter(pk__in=MoneyHeld.objects.filter(settled_on__isnull=True).values("person")), "with money held that is not settled."),
        (own.filter(pk__in=Discrepancy.objects.filter(closed_on__isnull=True).values("person")), "with an open care-plan discrepancy."),
        (own.filter(pk__in=PersonConcern.objects.filter(concern__status="open").values("person")), "with an open safeguarding concern."),
    )
    found = [(people.count(), text) for people, text in counted]
    words = [f"{n} {'person' if n == 1 else 'people'} {text}" for n, text in found if n]
    holds = Hold.objects.filter(programme=programme, lifted_on__isnull=True).count()
    return words + ([f"{holds} hold{'' if holds == 1 else 's'} not lifted."] if holds else [])
