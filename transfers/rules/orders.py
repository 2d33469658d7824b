"""Orders and their visits, and what C10 asks of them (domain 5.2, 4). Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal

NO_ORDER = frozenset({"self", "direct_payment"})
"""Funding with which the person buys the care: no order of the council ends or starts."""
TOLD = frozenset({"external_ref", "payment_ref", "start", "end"})
"""Fields of an order that both providers are told when it is shared with them."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Visit:
    """``days``: digits 1 (Monday) to 7; ``band`` minutes earlier or later."""

    days: str
    start: time
    minutes: int
    carers: int = 1
    band: int = 30

    @property
    def begins(self) -> int:
        return self.start.hour * 60 + self.start.minute


def c10_missing(funding: str, *, old_ref: str, old_end: date | None, new_start: date | None, new_ref: str, payment_ref: str, shared_on: date | None) -> list[tuple[str, str]]:
    """Everything that C10 still lacks: (column, sentence)."""
    found: list[tuple[str, str]] = []
    if funding not in NO_ORDER:
        if old_end is None:
            found.append(("old_order_end", f"Give the old order{f' {old_ref}' if old_ref else ''} its last day."))
        if not new_ref or new_start is None:
            found.append(("new_order_ref" if not new_ref else "new_order_start", "Enter the new order with its reference and first day."))
        if not payment_ref:
            found.append(("payment_ref", "Set up the payment: enter the payment reference of the new order."))
    if shared_on is None:
        found.append(("orders_shared_on", "Enter the day on which both orders were shared with both providers."))
    return found


def nothing_says_when(kinds: Collection[str], visit_times: str, funding: str) -> bool:
    """Whether the new provider would not know when to come: the new order has no visits, and the old one has, or the times stand nowhere else
    either. ``kinds``: of the orders with visits; the times of who buys the care are theirs to agree."""
    return "new" not in kinds and ("old" in kinds or (not visit_times and funding not in NO_ORDER))


def uncovered(funding: str, *, old_end: date | None, new_start: date | None, transfer: date | None, home_on: date | None) -> list[tuple[str, str]]:
    """Days on which nobody may care, as the orders stand to the planned transfer (T): (column, sentence); none where the person buys the care.
    ``home_on``: the day on which somebody said that the person is at home, as on the day of a discharge: before it nobody had to come."""
    if funding in NO_ORDER or transfer is None:
        return []
    found: list[tuple[str, str]] = []
    until = max(filter(None, (old_end, home_on)), default=None)
    if old_end is not None and until is not None and (transfer - until).days > 1:
        first, last = until + timedelta(days=1), transfer - timedelta(days=1)
        days = _day(first) if first == last else f"{_day(first)} to {_day(last)}"
        found.append(("old_order_end", f"The old order ends on {_day(old_end)} and the first visit is planned for {_day(transfer)}: {days} nobody comes. Change the last day of the old order, or the planned transfer."))
    if new_start is not None and new_start > transfer:
        found.append(("new_order_start", f"The new order starts on {_day(new_start)}, after the planned transfer on {_day(transfer)}. Change the first day of the new order, or the planned transfer."))
    return found


def order_refused(*, kind: str, external_ref: str, start: date | None, end: date | None, other_start: date | None, other_end: date | None) -> list[tuple[str, str]]:
    """Why an order cannot stand as it is, beside the ``other`` kind's days."""
    found: list[tuple[str, str]] = []
    if not external_ref.strip() and start is None and end is None:
        found.append(("external_ref", "Enter the reference of the order, or at least its first or last day."))
    if start and end and end < start:
        found.append(("end", "The order would end before it starts."))
    if kind == "new" and start and other_end and (start - other_end).days > 1:
        found.append(("start", f"The old order ends on {_day(other_end)}. Between that day and the new order nobody would be authorised to care."))
    if kind == "old" and end and other_start and (other_start - end).days > 1:
        found.append(("end", f"The new order starts on {_day(other_start)}. Between the two orders nobody would be authorised to care."))
    return found


def share_refused(kinds: frozenset[str], *, funding: str, incoming: bool, on: date, as_of: date) -> list[tuple[str, str]]:
    """Why the orders cannot be recorded as shared with both providers."""
    found: list[tuple[str, str]] = []
    if not incoming:
        found.append(("", "There is no incoming provider yet, so the orders cannot reach both."))
    if funding not in NO_ORDER and "new" not in kinds:
        found.append(("", "Enter the new order first: both orders are shared with both providers."))
    if not kinds:
        found.append(("", "There is no order to share yet."))
    if on > as_of:
        found.append(("on", "The day is in the future. Enter the day on which they were shared."))
    return found


def visit_refused(visit: Visit, others: Sequence[Visit]) -> list[tuple[str, str]]:
    """Why ``visit`` cannot stand beside the ``others`` of its order."""
    found: list[tuple[str, str]] = []
    if not visit.days:
        found.append(("days", "Choose at least one day."))
    if visit.begins + visit.minutes > 24 * 60:
        found.append(("minutes", "The visit would go on past midnight. Enter two visits."))
    for other in others:
        shared = set(visit.days) & set(other.days)
        if shared and visit.begins < other.begins + other.minutes and other.begins < visit.begins + visit.minutes:
            found.append(("start", f"It overlaps with the visit at {other.start:%H:%M} on {days_shown(''.join(sorted(shared)))}. Give that one two carers, or move this one."))
    return found


def weekly_hours(visits: Sequence[Visit]) -> Decimal | None:
    """Hours of care a week, however many carers come together; None without visits."""
    if not visits:
        return None
    return (Decimal(sum(len(visit.days) * visit.minutes for visit in visits)) / 60).quantize(Decimal("0.01"))


def carer_hours(visits: Sequence[Visit]) -> Decimal | None:
    """Hours that carers work for it: two together count twice."""
    if not visits:
        return None
    return (Decimal(sum(len(visit.days) * visit.minutes * visit.carers for visit in visits)) / 60).quantize(Decimal("0.01"))


def days_shown(days: str) -> str:
    """``1234567`` → "every day", ``12345`` → "Mon to Fri", ``135`` → "Mon, Wed, Fri"."""
    if days == "1234567":
        return "every day"
    if len(days) > 2 and days in "1234567":
        return f"{DAYS[int(days[0]) - 1]} to {DAYS[int(days[-1]) - 1]}"
    return ", ".join(DAYS[int(day) - 1] for day in days)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
