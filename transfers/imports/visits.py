"""The breakdown of schedules: each row a visit of the order that stands, brought to the person's current old order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from mobilisation.models import Job
from mobilisation.roles import Can
from mobilisation.workbooks import Column, Context, Fault, Importer, ParsedRow, Plan, Problem, Text, Time, Whole, Written
from mobilisation.workbooks.cells import shown
from mobilisation.workbooks.plan import CREATED, REFUSED, UPDATED, PlannedRow
from transfers.choices import OrderKind
from transfers.imports.reports import NHS, ORDER, REFERENCE, Whose, whose
from transfers.models import OrderVisit, PersonTransfer, ServiceOrder
from transfers.rules import orders as rules
from transfers.rules.days import read_days, read_minutes
from transfers.rules.numbers import number_key
from transfers.services import reports

VISIT = ("days", "start", "minutes", "carers", "tasks")


@dataclass(frozen=True)
class Days:
    def __call__(self, cell: Any, context: Context) -> str:
        try:
            return read_days(shown(cell))
        except ValueError:
            raise Fault("It names no days of the week. Write Mon-Fri, Mon, Wed or Daily.") from None


@dataclass(frozen=True)
class Length:
    """Minutes; an Excel time is a length of hours and minutes."""

    def __call__(self, cell: Any, context: Context) -> int:
        try:
            minutes = cell.hour * 60 + cell.minute if isinstance(cell, time) else read_minutes(shown(cell))
        except ValueError:
            raise Fault("It is no length of a visit. Write minutes, for example 45.") from None
        if not 5 <= minutes <= 1440:
            raise Fault("A visit has between 5 and 1440 minutes.")
        return minutes


class VisitImporter(Importer[OrderVisit]):
    """A visit is the one held on the same time that shares a day; what the file does not name stays as it is."""

    kind, noun, can = "visits", ("visit", "visits"), Can.PEOPLE_IMPORT
    label_columns = (REFERENCE, NHS, ORDER)
    takes_any_list = True
    personal = True

    def columns(self) -> Sequence[Column]:
        return [
            *whose(),
            Column("days", "Days", Days(), ("day", "day of week", "visit days", "days of week"), required=True),
            Column("start", "Start", Time(), ("start time", "starts at", "call time", "time", "visit time", "from"), required=True),
            Column("end", "End", Time(), ("end time", "finish", "finish time", "until")),
            Column("minutes", "Minutes", Length(), ("duration", "length", "mins", "call length", "duration mins", "visit length")),
            Column("carers", "Carers", Whole(1, 4), ("no of carers", "number of carers", "carer number", "staff")),
            Column("tasks", "Tasks", Text(300), ("task", "activities", "tasks required", "care tasks")),
        ]

    def tidy(self, row: ParsedRow) -> None:
        values = row.values
        start, end = values.get("start"), values.pop("end", None)
        if values.get("minutes") is None and start and end:
            length = end.hour * 60 + end.minute - start.hour * 60 - start.minute
            if length >= 5:
                values["minutes"] = length
            else:
                row.fault("end", "The visit would end before it starts, or go on past midnight. Enter two visits.")

    def load(self, rows: Sequence[ParsedRow]) -> None:
        self.whose = Whose(self.programme)
        self.orders: dict[int, ServiceOrder] = {}
        self.held: dict[int, list[OrderVisit]] = {}
        for order in ServiceOrder.objects.select_for_update(of=("self",)).filter(person__programme=self.programme, person__ending="", kind=OrderKind.OLD, current=True):
            self.orders[order.person_id] = order
        for visit in OrderVisit.objects.select_for_update(of=("self",)).filter(order__in=list(self.orders.values())).order_by("start", "days", "id"):
            self.held.setdefault(visit.order_id, []).append(visit)
        self.about: dict[int, PersonTransfer] = {}
        self.taken: set[int] = set()

    def match(self, row: ParsedRow) -> OrderVisit | None:
        person = self.whose.find(row)
        if person is None:
            return None
        self.about[row.number] = person
        order = self.orders.get(person.pk)
        days, start = row.values.get("days"), row.values.get("start")
        if order is None or not days or start is None:
            return None
        same = [visit for visit in self.held.get(order.pk, ()) if visit.start == start and not set(visit.days).isdisjoint(days)]
        whole = next((visit for visit in same if visit.days == days), None)
        found = whole or (same[0] if len(same) == 1 and same[0].pk not in self.taken else None)
        if found is not None:
            self.taken.add(found.pk)
        return found

    def current(self, record: OrderVisit) -> Mapping[str, Any]:
        return {name: getattr(record, name) for name in VISIT}

    def shown(self, column: str, value: Any) -> str:
        return rules.days_shown(value) if column == "days" and value else super().shown(column, value)

    def check(self, row: ParsedRow, record: OrderVisit | None) -> None:
        person, values = self.about.get(row.number), row.values
        if person is None:
            return
        order, named = self.orders.get(person.pk), values.get(ORDER)
        if order is not None and named and order.external_ref and number_key(named) != number_key(order.external_ref):
            row.fault(ORDER, f"The order of {person.public_id} that stands here is another one. Compare both; change it on the person's page first.")
        elif order is None and not named:
            row.fault(REFERENCE if REFERENCE in row.headings else NHS, f"{person.public_id} has no old order here, and the row names none. Enter the order in the file or on the person's page.")
        if record is None and values.get("minutes") is None and not any(fault.column == row.headings.get("end") for fault in row.faults):
            row.fault("minutes" if "minutes" in row.headings else "start", "It does not say how long the visit is. Enter the minutes or the end.")

    def review(self, plan: Plan[OrderVisit]) -> None:
        """Visits of one order do not overlap once the file is in, and what the file does not name is said."""
        rows: dict[int, list[PlannedRow[OrderVisit]]] = {}
        for planned in plan.rows:
            if planned.row.number in self.about and not planned.row.faults:
                rows.setdefault(self.about[planned.row.number].pk, []).append(planned)
        left = 0
        for person, mine in rows.items():
            order = self.orders.get(person)
            held = self.held.get(order.pk, []) if order else []
            while self._overlapping(held, mine):
                mine = [planned for planned in mine if not planned.row.faults]
            left += sum(visit.pk not in {planned.record.pk for planned in mine if planned.record is not None} for visit in held)
        if left:
            plan.warnings.append(Problem(0, "", "", f"{left} {'visit that is' if left == 1 else 'visits that are'} held here of people in the file {'is' if left == 1 else 'are'} not in it and {'stays' if left == 1 else 'stay'}. Take out on the person's page what is no longer made."))

    def _overlapping(self, held: Sequence[OrderVisit], mine: Sequence[PlannedRow[OrderVisit]]) -> bool:
        """Fault the rows whose visit would meet another one; whether any was."""
        after: dict[Any, rules.Visit] = {visit.pk: _plain(visit, {}) for visit in held}
        keys = {id(planned): planned.record.pk if planned.record is not None else ("row", planned.row.number) for planned in mine}
        for planned in mine:
            after[keys[id(planned)]] = _plain(planned.record, planned.row.given)
        found = False
        for planned in mine:
            if planned.action not in {CREATED, UPDATED}:
                continue
            others = [visit for key, visit in after.items() if key != keys[id(planned)]]
            if words := rules.visit_refused(after[keys[id(planned)]], others):
                for name, text in words:
                    planned.row.fault(name, f"{text} Where a visit has moved, change it on the person's page.")
                planned.action, found = REFUSED, True
        return found

    def write(self, plan: Plan[OrderVisit], job: Job | None = None) -> Written:
        made = [(self.about[planned.row.number], str(planned.row.given.get(ORDER) or ""), {name: planned.row.given[name] for name in VISIT if name in planned.row.given}) for planned in plan.created]
        moved = [(planned.record, dict(planned.new_values)) for planned in plan.updated if planned.record is not None]
        added = reports.take_visits(self.programme, made, [(self.about[planned.row.number], *pair) for planned, pair in zip(plan.updated, moved, strict=True)], self.orders, actor=self.actor, job=job)
        return Written(created=added, updated=len(moved))


def _plain(visit: OrderVisit | None, values: Mapping[str, Any]) -> rules.Visit:
    def of(name: str, default: Any) -> Any:
        return values.get(name, getattr(visit, name) if visit is not None else default)

    return rules.Visit(of("days", ""), of("start", time(0)), of("minutes", 0), of("carers", 1), visit.band_minutes if visit is not None else 30)
