"""People on the tracker, at any stage."""

from __future__ import annotations

import itertools
from datetime import date

from mobilisation.access import Actor
from mobilisation.models import Organisation, Programme
from transfers.models import Checkpoint, PersonTransfer
from transfers.services import columns, turning

_numbers = itertools.count(1)
LISTED = date(2027, 1, 4)
ORDERS = {
    "old_order_ref": "SO-1", "old_order_end": date(2027, 3, 31), "new_order_ref": "SO-2", "new_order_start": date(2027, 3, 15), "payment_ref": "PA-2", "orders_shared_on": date(2027, 3, 12),
}
"""Columns of orders as C10 wants them."""


def incoming(programme: Programme, name: str = "Bluebell Care Partners") -> Organisation:
    return Organisation.objects.get(party_to__contract__programmes=programme, party_to__role="incoming", name=name)


def person(programme: Programme, *, done: tuple[str, ...] = (), **fields) -> PersonTransfer:
    """A person listed on 4 January 2027 with the checkpoints ``done`` marked that day."""
    number = next(_numbers)
    made = PersonTransfer.objects.create(
        programme=programme,
        **(
            {
                "surname": f"Person{number}", "forename": "Test", "case_system_id": f"C{number:05d}", "funding_type": "council", "listed_on": LISTED, "touched_on": LISTED, "hospital_asked_on": LISTED, "visit_times": "08:00",
                "exiting_provider": Organisation.objects.filter(party_to__contract__programmes=programme, party_to__role="exiting").first(),
            }
            | fields
        ),
    )
    columns.absorb([made], actor=Actor.operator(), programme=programme, fresh=True)
    Checkpoint.objects.bulk_create([Checkpoint(person=made, code=code, state="done", done_on=LISTED, by_label="test") for code in done])
    turning.refresh(made, touched=False)
    return PersonTransfer.objects.get(pk=made.pk)


def ready_up_to(code: str) -> tuple[str, ...]:
    """C01 … ``code``, in order."""
    return tuple(f"C{n:02d}" for n in range(1, int(code[1:]) + 1))


def operator() -> Actor:
    return Actor.operator()
