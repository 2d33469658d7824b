"""Service orders and their visits: added, changed, ended and shared with both providers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import Reason, Refused
from mobilisation.models import Change
from mobilisation.services import changes
from mobilisation.services.changes import as_json
from transfers.models import OrderVisit, PersonTransfer, ServiceOrder
from transfers.rules import orders as rules
from transfers.rules.columns import SHARED
from transfers.services import columns, turning
from transfers.services.rights import locked, require_team
from transfers.services.seen import Seen, refuse_stale

_VISIT = ("days", "start", "minutes", "carers", "band_minutes", "tasks")


def visit_of(row: OrderVisit) -> rules.Visit:
    return rules.Visit(row.days, row.start, row.minutes, row.carers, row.band_minutes)


NO_VISITS = Reason("Nothing says when somebody comes: the new order has no visits yet. Enter day, start, minutes, carers and band of each visit, then share the orders.", solve=("visits",))


def without_visits(people: Any) -> set[int]:
    """Of ``people`` (keys or a queryset) those of whom nothing tells the new provider when to come (:func:`transfers.rules.orders.nothing_says_when`); one statement."""
    visits = OrderVisit.objects.filter(order__person=OuterRef("pk"), order__current=True)  # scope: only inside Exists() of people already scoped
    asked = people if isinstance(people, QuerySet) else PersonTransfer.objects.filter(pk__in=people)
    unsaid = ~Q(funding_type__in=sorted(rules.NO_ORDER)) & Q(visit_times="")
    return set(asked.filter(~Exists(visits.filter(order__kind="new")), Exists(visits.filter(order__kind="old")) | unsaid).order_by().values_list("pk", flat=True))


@transaction.atomic
def add(person: PersonTransfer, kind: str, values: Mapping[str, Any], *, actor: Actor) -> ServiceOrder:
    """A further order of ``kind`` ("old", "new"); the one that stood in the tracker stays in the record."""
    require_team(person, actor, "the orders")
    row = locked(person)
    _refuse(row, kind, values)
    held = ServiceOrder.objects.filter(person=row, kind=kind, current=True).first()
    if held is not None:
        changes.apply(held, {"current": False}, actor=actor, why="another order took its place", programme=row.programme)
    made = changes.create(ServiceOrder(person=row, kind=kind, **values), actor=actor, action=f"{kind} order added")
    _follow(row, actor, f"{kind} order added")
    return made


@transaction.atomic
def change(order: ServiceOrder, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    """Change or end-date an order; a stale save merges or is refused with both values. One that was shared waits to be shared again."""
    require_team(order.person, actor, "the orders")
    row = locked(order.person)
    _refuse(row, order.kind, {name: getattr(order, name) for name in ("external_ref", "start", "end")} | dict(values))
    record = changes.apply(order, values, actor=actor, expected_version=expected_version, programme=row.programme, action=f"{order.kind} order changed")
    if record is not None:
        _outdate(order, record, row, actor)
        _follow(row, actor, f"{order.kind} order changed")
    return record


def _outdate(order: ServiceOrder, record: Change, row: PersonTransfer, actor: Actor) -> None:
    if not rules.TOLD.isdisjoint(record.fields):
        _share_again(order, row, actor)


def _share_again(order: ServiceOrder, row: PersonTransfer, actor: Actor) -> None:
    """The providers have not seen what changed: the days on which they did are taken off, and history keeps them."""
    if order.current and (order.shared_exiting_on or order.shared_incoming_on):
        changes.apply(order, dict.fromkeys(SHARED), actor=actor, why=columns.OUTDATED, programme=row.programme, action="to be shared again")


def _refuse(row: PersonTransfer, kind: str, values: Mapping[str, Any]) -> None:
    other = ServiceOrder.objects.filter(person=row, current=True).exclude(kind=kind).first()
    found = rules.order_refused(
        kind=kind, external_ref=values.get("external_ref") or "", start=values.get("start"), end=values.get("end"), other_start=other.start if other else None, other_end=other.end if other else None
    )
    if found:
        raise Refused([Reason(words, field=name) for name, words in found])


@transaction.atomic
def share(person: PersonTransfer, *, actor: Actor, on: date | None = None, seen: Seen | None = None) -> list[ServiceOrder]:
    """Both orders went to both providers on ``on``. Each provider sees the other's order from then on."""
    require_team(person, actor, "the orders")
    row = locked(person)
    refuse_stale(seen, row, ("old_order_ref", "old_order_end", "new_order_ref", "new_order_start", "payment_ref", "incoming_provider"))
    day = on or today()
    held = list(ServiceOrder.objects.filter(person=row, current=True))
    found = rules.share_refused(frozenset(order.kind for order in held), funding=row.funding_type, incoming=row.incoming_provider_id is not None, on=day, as_of=today())
    if found:
        raise Refused([Reason(words, field=name) for name, words in found])
    for order in held:
        changes.apply(order, {"shared_exiting_on": day, "shared_incoming_on": day}, actor=actor, programme=row.programme, action="shared with both providers")
    _follow(row, actor, "orders shared with both providers")
    return held


@transaction.atomic
def add_visit(order: ServiceOrder, values: Mapping[str, Any], *, actor: Actor) -> OrderVisit:
    """One more visit; the hours of the order follow. Visits are part of what both providers were told, so an order that was shared
    waits to be shared again; so with every change of a visit."""
    require_team(order.person, actor, "the orders")
    row = locked(order.person)
    visit = OrderVisit(order=order, **values)
    _refuse_visit(visit, order)
    changes.create(visit, actor=actor, programme=row.programme, action="visit added")
    _count(order, row, actor)
    return visit


@transaction.atomic
def change_visit(visit: OrderVisit, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    require_team(visit.order.person, actor, "the orders")
    row = locked(visit.order.person)
    wanted = OrderVisit(pk=visit.pk, order=visit.order, **({name: getattr(visit, name) for name in _VISIT} | dict(values)))
    _refuse_visit(wanted, visit.order)
    record = changes.apply(visit, values, actor=actor, expected_version=expected_version, programme=row.programme, action="visit changed")
    if record is not None:
        _count(visit.order, row, actor)
    return record


@transaction.atomic
def remove_visit(visit: OrderVisit, *, actor: Actor) -> None:
    """The visit leaves the order; history keeps what it was."""
    require_team(visit.order.person, actor, "the orders")
    row, order = locked(visit.order.person), visit.order
    changes.mark(visit, "visit removed", actor=actor, fields={name: [as_json(getattr(visit, name)), None] for name in _VISIT}, programme=row.programme)
    visit.delete()
    _count(order, row, actor)


def _refuse_visit(visit: OrderVisit, order: ServiceOrder) -> None:
    others = [visit_of(other) for other in OrderVisit.objects.filter(order=order).exclude(pk=visit.pk)]
    if found := rules.visit_refused(visit_of(visit), others):
        raise Refused([Reason(words, field=name) for name, words in found])


def _count(order: ServiceOrder, row: PersonTransfer, actor: Actor) -> None:
    """After a change of its visits: the hours of the order, and whether the providers know it as it is."""
    hours = rules.weekly_hours([visit_of(visit) for visit in OrderVisit.objects.filter(order=order)])
    if hours is not None:
        changes.apply(order, {"weekly_hours": hours}, actor=actor, why="follows from the visits", programme=row.programme, action="hours counted")
    _share_again(order, row, actor)
    _follow(row, actor, "visits changed")


def _follow(row: PersonTransfer, actor: Actor, why: str) -> None:
    columns.project(row, actor=actor, why=why)
    turning.refresh(row)
