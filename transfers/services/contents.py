"""What stands behind a mark: a priority, a basis, a provider, the orders. A date in a list says that it was done; this says whether it is here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from mobilisation.errors import Reason
from transfers.choices import ContactRole
from transfers.models import Checkpoint, PersonContact, PersonTransfer
from transfers.rules import gates, orders, sharing
from transfers.services.standing import Mark

MAY_GO = ("C10", "C11")
"""Marks whose contents change after they are made: an order is changed, a person refuses sharing."""
_FORM_OF_COLUMN = {"old_order_end": "old order", "new_order_ref": "new order", "new_order_start": "new order", "payment_ref": "new order", "orders_shared_on": "share"}


def missing(person: PersonTransfer, code: str) -> list[Reason]:
    """What ``code`` asks of the person's record and does not find there; no statement is sent."""
    if code == "C03" and not person.priority:
        return [Reason("Choose a priority.", field="priority", solve=("C03",))]
    if code == "C06" and not person.sharing_basis:
        return [Reason("Record the basis of the sharing decision.", field="basis", solve=("C06",))]
    if code == "C09" and person.incoming_provider_id is None:
        return [Reason("Choose the incoming provider first.", field="incoming_provider", solve=("offer",))]
    if code == "C10":
        return [Reason(words, field=name, solve=(_FORM_OF_COLUMN[name],)) for name, words in of_orders(person)] + [
            Reason(words, field=name, solve=(_FORM_OF_COLUMN[name], "transfer date")) for name, words in uncovered(person)
        ]
    if code == "C11" and (words := sharing.pack_refused(person.sharing_basis, person.safe_without_sharing)):
        return [Reason(words, solve=("C06",))]
    if code == "C13" and (words := sharing.file_refused(person.funding_type, person.file_instruction, person.file_choice)):
        return [Reason(words, solve=("route",))]
    return []


def of_orders(person: PersonTransfer) -> list[tuple[str, str]]:
    """What the orders of the person lack for C10: (column, sentence)."""
    return orders.c10_missing(
        person.funding_type, old_ref=person.old_order_ref, old_end=person.old_order_end, new_ref=person.new_order_ref, new_start=person.new_order_start,
        payment_ref=person.payment_ref, shared_on=person.orders_shared_on,
    )


def uncovered(person: PersonTransfer) -> list[tuple[str, str]]:
    """Days without anybody who may care, of somebody at home who has not moved: (column, sentence)."""
    if person.in_hospital or person.actual_transfer_date is not None:
        return []
    return orders.uncovered(person.funding_type, old_end=person.old_order_end, new_start=person.new_order_start, transfer=person.planned_transfer_date, home_on=person.hospital_asked_on)


NO_LIAISON = Reason("Paid for by health: the file goes with the ICB, and nobody there is named. Add the health liaison to the contacts first.", solve=("liaison",))


def without_liaison(people: Any) -> set[int]:
    """Of ``people`` (keys or a queryset) those whose file goes with the ICB and who have no health liaison (domain 5.4); one statement."""
    named = PersonContact.objects.filter(person=OuterRef("pk"), role=ContactRole.HEALTH, ended_on__isnull=True)  # scope: only inside Exists() of people already scoped
    asked = people if isinstance(people, QuerySet) else PersonTransfer.objects.filter(pk__in=people)
    return set(asked.filter(~Exists(named), funding_type__in=sharing.HEALTH_LIAISON).order_by().values_list("pk", flat=True))


def doubts(person: PersonTransfer, code: str, on: date | None, *, since: date | None) -> list[Reason]:
    """What a mark that a list reported lacks: its contents, and a day that is not before the decision (``since``)."""
    early = [Reason(f"{on.day} {on:%b %Y} lies before the decision date, {since.day} {since:%b %Y}.", field="done_on")] if on and since and on < since else []
    return early + missing(person, code)


def unfounded(person: PersonTransfer, checkpoints: Iterable[Checkpoint | Mark], *, since: date | None) -> dict[str, list[Reason]]:
    """{code: what it lacks} of the marks a list reported as done (domain 10.1)."""
    reported = sorted((checkpoint for checkpoint in checkpoints if checkpoint.from_file and checkpoint.state == "done"), key=lambda checkpoint: checkpoint.code)
    return {checkpoint.code: found for checkpoint in reported if (found := doubts(person, checkpoint.code, checkpoint.done_on, since=since))}


def lost(person: PersonTransfer, checkpoints: Iterable[Checkpoint | Mark]) -> dict[str, list[Reason]]:
    """{code: what it lacks now} of the marks that were made here when all was there."""
    here = sorted(checkpoint.code for checkpoint in checkpoints if checkpoint.code in MAY_GO and checkpoint.state == "done" and not checkpoint.from_file)
    return {code: found for code in here if (found := missing(person, code))}


def before_ready(person: PersonTransfer, checkpoints: Sequence[Checkpoint | Mark]) -> list[Reason]:
    """What the marks that C14 rests on say is there and is not: C14 needs them done, not only ticked (domain 5.2, 10.1)."""
    programme = person.programme
    told = ((unfounded(person, checkpoints, since=programme.decision_date), "was reported by the list"), (lost(person, checkpoints), "is marked, and this is missing now"))
    needs = gates.needs_of("C14", pace=programme.pace)
    return [
        Reason(f"{code} {words}: {reason.text[0].lower()}{reason.text[1:]}", solve=reason.solve)
        for found, words in told for code, lacks in found.items() if code in needs for reason in lacks if reason.field != "incoming_provider"
    ]
