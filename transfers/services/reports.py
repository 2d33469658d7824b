"""What reports of other systems bring to records that are there: visits of orders, contacts with their addresses. Many at once, each use case in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mobilisation.access import Actor
from mobilisation.errors import NotPermitted
from mobilisation.models import Job, Programme
from mobilisation.roles import Can
from mobilisation.services import changes
from transfers.choices import OrderKind
from transfers.models import OrderVisit, PersonContact, PersonTransfer, ServiceOrder
from transfers.rules import orders as rules
from transfers.rules.columns import COLUMNS, SHARED
from transfers.services import columns, turning
from transfers.services.contacts import STANDS_FOR
from transfers.services.orders import visit_of
from transfers.services.rights import is_provider

Made = tuple[PersonTransfer, str, Mapping[str, Any]]
"""(person, reference of the order where it is not here yet, fields of the visit)"""
Moved = tuple[PersonTransfer, OrderVisit, Mapping[str, Any]]


def _require(actor: Actor) -> None:
    actor.require(Can.PEOPLE_IMPORT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team takes in reports.")


def take_visits(programme: Programme, made: Sequence[Made], moved: Sequence[Moved], held: Mapping[int, ServiceOrder], *, actor: Actor, job: Job | None = None) -> int:
    """Visits of current old orders (``held``: by person), new and changed, inside the caller's transaction. The hours of an order
    follow, and an order that was shared waits to be shared again, as with one visit. Returns how many were added."""
    _require(actor)
    common: dict[str, Any] = {"actor": actor, "programme": programme, "job": job}
    orders = dict(held)
    lacking = {person.pk: (person, reference) for person, reference, _ in made if person.pk not in orders}
    fresh = [ServiceOrder(person=person, kind=OrderKind.OLD, external_ref=reference) for person, reference in lacking.values()]
    for order in changes.bulk_create(fresh, **common, action="old order added"):
        orders[order.person_id] = order
    people = {person.pk: person for person, *_ in (*made, *moved)}
    for order in orders.values():
        if order.person_id in people:
            order.person = people[order.person_id]  # in hand: history names it without reading it again
    for person, visit, _ in moved:
        visit.order = orders[person.pk]
    added = changes.bulk_create([OrderVisit(order=orders[person.pk], **values) for person, _, values in made], **common, action="visit added")
    changes.bulk_apply([(visit, values) for _, visit, values in moved], **common, action="visit changed")
    touched = [orders[pk] for pk in people]
    visits: dict[int, list[rules.Visit]] = {order.pk: [] for order in touched}
    for visit in OrderVisit.objects.filter(order__in=touched):
        visits[visit.order_id].append(visit_of(visit))
    changes.bulk_apply([(order, {"weekly_hours": rules.weekly_hours(visits[order.pk])}) for order in touched], **common, why="follows from the visits", action="hours counted")
    outdated = [order for order in touched if order.shared_exiting_on or order.shared_incoming_on]
    changes.bulk_apply([(order, dict.fromkeys(SHARED)) for order in outdated], **common, why=columns.OUTDATED, action="to be shared again")
    columns.project_many(list(people.values()), actor=actor, programme=programme, job=job, why="visits from a report")
    turning.refresh_many(list(people.values()), frame=turning.Frame.of(programme))
    return len(added)


def take_contacts(programme: Programme, contacts: Sequence[tuple[PersonTransfer, PersonContact | None, Mapping[str, Any]]], fields: Sequence[tuple[PersonTransfer, Mapping[str, Any]]], *, actor: Actor, job: Job | None = None) -> None:
    """New (None) and changed contacts, and ``fields`` of people, inside the caller's transaction. The first who may stand for a
    person that has nobody in the tracker stands there."""
    _require(actor)
    common: dict[str, Any] = {"actor": actor, "programme": programme, "job": job}
    changes.bulk_apply(fields, **common, action="imported")
    columns.outdate(fields, actor=actor, programme=programme, job=job)
    columns.absorb([person for person, values in fields if not set(COLUMNS).isdisjoint(values)], actor=actor, programme=programme, job=job)
    mains = set(PersonContact.objects.filter(person__in=[person.pk for person, *_ in contacts], main=True).values_list("person_id", flat=True))
    fresh = []
    for person, held, values in contacts:
        if held is None:
            main = person.pk not in mains and values.get("role") in STANDS_FOR
            mains |= {person.pk} if main else set()
            fresh.append(PersonContact(person=person, main=main, **values))
        else:
            held.person = person
    changes.bulk_create(fresh, **common, action="contact added")
    changes.bulk_apply([(held, values) for _, held, values in contacts if held is not None], **common, action="contact changed")
    people = list({person.pk: person for person in (*(one[0] for one in contacts), *(one[0] for one in fields))}.values())
    columns.project_many(people, actor=actor, programme=programme, job=job, why="contacts from a report")
    turning.refresh_many(people, frame=turning.Frame.of(programme))
