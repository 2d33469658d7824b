"""Between the columns of the tracker and what stands behind them: the one place that writes either from the other.

Contacts, orders, monies and the care-plan check are the truth. A change of one of them ends in :func:`project`; a column
written by a form, a cell or a workbook row ends in :func:`absorb`. Batches, never rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.models import Job, Programme
from mobilisation.models.record import Record
from mobilisation.services import changes, rows
from transfers.choices import ContactRole, RiskTier
from transfers.models import CarePlanCheck, Checkpoint, MoneyHeld, PersonContact, PersonTransfer, ServiceOrder
from transfers.rules import columns as rules
from transfers.services import contents
from transfers.services.turning import in_batches


@dataclass
class Behind:
    """What stands behind one person's columns now."""

    contact: PersonContact | None = None
    orders: dict[str, ServiceOrder] = field(default_factory=dict)
    monies: list[MoneyHeld] = field(default_factory=list)
    check: CarePlanCheck | None = None

    def columns(self, monies_said: bool | None) -> dict[str, Any]:
        return rules.columns_of(
            contact=vars(self.contact) if self.contact else None, orders={kind: vars(order) for kind, order in self.orders.items()}, money_open=bool(self.monies),
            monies_said=monies_said, plan=(self.check.status, self.check.validated_on) if self.check else None,
        )


def behind(people: Sequence[PersonTransfer]) -> dict[int, Behind]:
    """{person: what stands behind it}; four statements, however many people."""
    ids = [person.pk for person in people]
    found = {pk: Behind() for pk in ids}
    for contact in PersonContact.objects.filter(person__in=ids, main=True):
        found[contact.person_id].contact = contact
    for order in ServiceOrder.objects.filter(person__in=ids, current=True):
        found[order.person_id].orders[order.kind] = order
    for money in MoneyHeld.objects.filter(person__in=ids, settled_on__isnull=True):
        found[money.person_id].monies.append(money)
    for check in CarePlanCheck.objects.filter(person__in=ids, current=True):
        found[check.person_id].check = check
    return found


def _differences(person: PersonTransfer, standing: Behind) -> dict[str, Any]:
    return {name: value for name, value in standing.columns(person.monies_held).items() if getattr(person, name) != value}


def project(person: PersonTransfer, *, actor: Actor, why: str = "") -> None:
    """Put on the row what its contacts, orders, monies and care-plan check say; inside the transaction of their change."""
    if differing := _differences(person, behind([person])[person.pk]):
        changes.apply(person, differing, actor=actor, why=why)
        if differing.get("representative_name"):
            _somebody_to_tell([person], actor, person.programme, None)


def project_many(people: Sequence[PersonTransfer], *, actor: Actor, programme: Programme, job: Job | None = None, why: str = "") -> None:
    """The same for many people of one programme, in a fixed number of statements a batch."""
    for start in range(0, len(people), changes.BATCH):
        batch = people[start : start + changes.BATCH]
        standing = behind(batch)
        pairs = [(person, differing) for person in batch if (differing := _differences(person, standing[person.pk]))]
        changes.bulk_apply(pairs, actor=actor, programme=programme, job=job, why=why, action="follows its records")
        _somebody_to_tell([person for person, differing in pairs if differing.get("representative_name")], actor, programme, job)


def _somebody_to_tell(people: Sequence[PersonTransfer], actor: Actor, programme: Programme | None, job: Job | None) -> None:
    """Where C05 did not apply for want of a representative and there is one now, it is open again (domain 5.2), and with it the
    readiness of those who have not moved yet: C14 rests on it."""
    ids = [person.pk for person in people if person.representative_name]
    of = Checkpoint.objects.select_for_update(of=("self",)).filter(person__in=ids).select_related("person")
    told = list(of.filter(code="C05", state="not_applicable")) if ids else []
    if not told:
        return
    moved = set(Checkpoint.objects.filter(person__in=[mark.person_id for mark in told], code="C15", state="done").values_list("person_id", flat=True))
    ready = list(of.filter(code="C14", state="done", person__in=[mark.person_id for mark in told if mark.person_id not in moved]))
    values = {"state": "reopened", "done_on": None, "by": actor.user, "by_label": actor.label[:150], "marked_at": now(), "note": "There is a representative now, who is told first", "from_file": False}
    changes.bulk_apply([(mark, values) for mark in (*told, *ready)], actor=actor, programme=programme, job=job, why="a representative came in", action="reopened")


def reopen_files(people: Sequence[PersonTransfer], *, actor: Actor, programme: Programme | None, job: Job | None = None) -> None:
    """After the funding of ``people`` changed: C13 stays open until the instruction, the choice or the health liaison that the new rule
    asks for is there (domain 5.4), so a mark made under another rule is open again. What a list reported is a gap of its own (10.1).
    Moments follow by the caller."""
    by_id = {person.pk: person for person in people}
    marks = list(Checkpoint.objects.select_for_update(of=("self",)).filter(person__in=by_id, code="C13", state="done", from_file=False))
    alone = contents.without_liaison([mark.person_id for mark in marks]) if marks else set()
    marks = [mark for mark in marks if mark.person_id in alone or contents.missing(by_id[mark.person_id], "C13")]
    for mark in marks:
        mark.person = by_id[mark.person_id]
    values = {"state": "reopened", "done_on": None, "due": None, "by": actor.user, "by_label": actor.label[:150], "marked_at": now(), "note": "The funding changed, and with it the route of the file"}
    changes.bulk_apply([(mark, values) for mark in marks], actor=actor, programme=programme, job=job, why="the funding changed", action="C13 reopened")


def untold(programme: Programme) -> list[PersonTransfer]:
    """People who go on, have a representative, and of whom C05 says that it does not apply. A row in this list is a defect."""
    of = Checkpoint.objects.filter(code="C05", state="not_applicable")
    return list(PersonTransfer.objects.filter(programme=programme, ending="", pk__in=of.values("person_id")).exclude(representative_name="").order_by("pk"))


def reopen_untold(programme: Programme, *, actor: Actor) -> list[PersonTransfer]:
    """Open C05 of those people again, and the readiness that rests on it; inside a transaction, moments follow by the caller."""
    people = list(PersonTransfer.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[person.pk for person in untold(programme)]).order_by("pk"))
    _somebody_to_tell(people, actor, programme, None)
    return people


OUTDATED = "changed after it was shared with both providers"


def outdate(changed: Iterable[tuple[PersonTransfer, Iterable[str]]], *, actor: Actor, programme: Programme | None = None, job: Job | None = None) -> None:
    """After a write of columns ({person: which of them changed}) and before :func:`absorb`: where what the providers were told
    is no longer so, the day on which the orders were shared is taken off; history keeps it."""
    behind_now = [(person, {"orders_shared_on": None}) for person, names in changed if person.orders_shared_on is not None and rules.outdates(names)]
    changes.bulk_apply(behind_now, actor=actor, programme=programme, job=job, why=OUTDATED, action="to be shared again")


def absorb(people: Sequence[PersonTransfer], *, actor: Actor, programme: Programme | None = None, job: Job | None = None, fresh: bool = False, why: str = "") -> None:
    """Bring contacts, orders, monies and checks into line with the columns as they stand on ``people`` (already written and
    locked). ``fresh``: nothing can stand behind them yet. A fixed number of statements a batch.

    A contact, order or money made here has no history of its own: the history of the person holds the same values. What is
    changed has.
    """
    for start in range(0, len(people), changes.BATCH):
        _absorb(people[start : start + changes.BATCH], actor, programme, job, fresh, why)


def _absorb(people: Sequence[PersonTransfer], actor: Actor, programme: Programme | None, job: Job | None, fresh: bool, why: str) -> None:
    standing = {} if fresh else behind(people)
    made: dict[type[Record], list[dict[str, Any]]] = {PersonContact: [], ServiceOrder: [], MoneyHeld: []}
    checks: list[CarePlanCheck] = []
    moved: dict[type, list[tuple[Any, Mapping[str, Any]]]] = {PersonContact: [], ServiceOrder: [], MoneyHeld: []}
    day = today()
    for person in people:
        own = standing.get(person.pk) or Behind()
        row = vars(person)
        contact = rules.contact_of(row)
        if own.contact is None and contact is not None:
            made[PersonContact].append({"person_id": person.pk, "role": ContactRole.REPRESENTATIVE.value, "main": True, **contact})
        elif own.contact is not None and contact is not None:
            moved[PersonContact].append((own.contact, contact))
        elif own.contact is not None:
            moved[PersonContact].append((own.contact, {"main": False, "ended_on": day}))
        shared_now = rules.shared_on([vars(order) for order in own.orders.values()])
        for kind, values in rules.orders_of(row, frozenset(own.orders), shared_now).items():
            if kind in own.orders:
                moved[ServiceOrder].append((own.orders[kind], values))
            else:
                made[ServiceOrder].append({"person_id": person.pk, "kind": kind, **values})
        if person.monies_held and not own.monies:
            made[MoneyHeld].append({"person_id": person.pk})
        elif not person.monies_held:
            moved[MoneyHeld] += [(money, {"settled_on": day}) for money in own.monies]
        if person.plan_status and own.check is None:
            checks.append(check_of(person))
    for model, found in made.items():
        rows.insert(model, found, by=actor.user.pk if actor.user else None)
    changes.bulk_create(checks, actor=actor, programme=programme, job=job, why=why, action="follows the tracker")
    by_id = {person.pk: person for person in people}
    for pairs in moved.values():
        for item, _ in pairs:
            item.person = by_id[item.person_id]  # in hand: history names it without reading it again
        changes.bulk_apply(pairs, actor=actor, programme=programme, job=job, why=why, action="follows the tracker")
    if not fresh:
        _somebody_to_tell(people, actor, programme, job)


def check_of(person: PersonTransfer) -> CarePlanCheck:
    """A check as the row says it stands (unsaved)."""
    validated = person.plan_status == "validated"
    return CarePlanCheck(
        person=person, tier=RiskTier.HIGH if person.high_risk else RiskTier.OTHER, status=person.plan_status, received_on=person.actual_transfer_date,
        validated_on=(person.plan_validated_on or today()) if validated else None,
    )


def drift(programme: Programme) -> list[PersonTransfer]:
    """People whose columns say something else than what stands behind them. A row in this list is a defect."""
    found = []
    for batch in in_batches(programme):
        standing = behind(batch)
        found += [person for person in batch if _differences(person, standing[person.pk])]
    return found


def mend(programme: Programme, *, actor: Actor) -> int:
    """Put the columns right from what stands behind them; returns how many people were wrong."""
    wrong = [person.pk for person in drift(programme)]
    if not wrong:
        return 0
    with transaction.atomic():
        people = list(PersonTransfer.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wrong).order_by("pk"))
        pairs: list[tuple[PersonTransfer, dict[str, Any]]] = []
        for start in range(0, len(people), changes.BATCH):
            batch = people[start : start + changes.BATCH]
            standing = behind(batch)
            pairs += [(person, differing) for person in batch if (differing := _differences(person, standing[person.pk]))]
        changes.bulk_apply(pairs, actor=actor, programme=programme, why="the column said something else than the record behind it", action="mended")
        _somebody_to_tell([person for person, _ in pairs], actor, programme, None)
    return len(pairs)
