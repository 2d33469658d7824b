"""Another incoming provider is asked: what was made for the former one, or said by it, is not the new one's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.models import Organisation, Programme
from mobilisation.services import changes
from transfers.models import Allocation, Checkpoint, PersonTransfer, ServiceOrder
from transfers.rules.columns import SHARED
from transfers.services import columns

SAID = ("C12", "C15")
"""What an incoming provider states and the team confirms (domain 5.2)."""


def forget_former(asked: Iterable[tuple[PersonTransfer, Organisation]], *, actor: Actor, programme: Programme) -> None:
    """For those of ``asked`` ((person under lock, the provider now asked)) who had another incoming provider, or were last offered to
    another one that declined: the new order no longer stands, the old one waits to be shared again, and what the former provider
    stated waits for somebody to say it. Before the provider is changed; where the people stand is worked out by the caller."""
    asked = list(asked)
    former = former_of([person for person, _ in asked])
    people = {person.pk: person for person, provider in asked if former.get(person.pk, provider.pk) != provider.pk}
    if not people:
        return
    why = "made for the provider that was asked before"
    orders = list(ServiceOrder.objects.select_for_update(of=("self",)).filter(person__in=people, current=True))
    marks = list(Checkpoint.objects.select_for_update(of=("self",)).filter(person__in=people, code__in=SAID, state="in_progress", risk_assessment=""))
    noted = list(Checkpoint.objects.select_for_update(of=("self",)).filter(person__in=people, state="reopened").exclude(note=""))
    for record in (*orders, *marks, *noted):
        record.person = people[record.person_id]
    changes.bulk_apply([(order, {"current": False}) for order in orders if order.kind == "new"], actor=actor, why=why, programme=programme, action="no longer stands")
    changes.bulk_apply(
        [(order, dict.fromkeys(SHARED)) for order in orders if order.kind == "old" and (order.shared_exiting_on or order.shared_incoming_on)], actor=actor, why=why, programme=programme, action="to be shared again",
    )
    unsaid = {"state": "not_started", "by": actor.user, "by_label": actor.label[:150], "marked_at": now(), "note": ""}
    changes.bulk_apply([(mark, unsaid) for mark in marks], actor=actor, why="stated by the provider that was asked before", programme=programme, action="no longer stated")
    changes.bulk_apply([(mark, {"note": "", "by_label": ""}) for mark in noted], actor=actor, why=why, programme=programme, action="note taken off")
    for person in {order.person_id for order in orders}:
        columns.project(people[person], actor=actor, why=why)


def former_of(people: Sequence[PersonTransfer]) -> dict[int, int]:
    """{person: the provider they have now, or were last offered to}; one statement where somebody has none, as after a refusal."""
    found = {person.pk: person.incoming_provider_id for person in people if person.incoming_provider_id}
    if free := [person.pk for person in people if person.pk not in found]:
        found |= dict(Allocation.objects.filter(person__in=free).order_by("pk").values_list("person_id", "provider_id"))
    return found
