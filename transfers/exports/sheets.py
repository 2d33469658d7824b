"""The allocation sheet of one provider (domain 7.3): its people and nobody else's, formula-safe, no code of any door.

The incoming version holds the new order, the exiting version the old one: no price of the provider that takes over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from django.db.models import Prefetch

from mobilisation.components import short_date
from mobilisation.workbooks.write import Writer
from transfers.choices import OrderKind, SheetSide
from transfers.models import HospitalEpisode, OrderVisit, PersonTransfer, ServiceOrder
from transfers.rules.orders import days_shown

HEADINGS = (
    "Ref", "Name", "Date of birth", "NHS number", "Address", "Postcode", "MSOA", "Zone", "Phone", "Representative", "Representative address", "Communication format", "Funding", "Priority",
    "Visits (day, start, minutes, carers, band)", "Weekly hours", "Tasks", "Order ref", "Payment ref", "Care item", "Exiting provider", "Incoming provider", "Key worker continuing (TUPE)", "Equipment",
    "Medication support", "Access note", "Planned transfer", "Wave", "Case manager", "Hospital state", "Notes",
)
PROVISIONAL = "care plan PROVISIONAL"
TYPED = frozenset({"Visits (day, start, minutes, carers, band)", "Tasks", "Equipment", "Notes"})
"""Columns of free text."""
WIDTHS = {"Name": 34, "Address": 30, "Visits (day, start, minutes, carers, band)": 44, "Tasks": 30, "Notes": 40}


def write_sheet(target: str | IO[bytes], title: str, people: list[PersonTransfer], side: str, veil: Callable[[Iterable[str]], Callable[[str], str]]) -> int:
    """One row a person of ``people``, read with both providers; three statements however many. Returns how many have a plan
    that is not validated. ``veil`` takes what somebody typed and answers what says it without anybody who is not on the sheet."""
    provisional = sum(is_provisional(person) for person in people)
    above = [title, f"{len(people)} people. Personal data: keep it where your organisation allows, and delete it when it has served."]
    if provisional:
        above.append(f"PROVISIONAL: {provisional} care {'plan is' if provisional == 1 else 'plans are'} not validated; the names say whose. Check them at the start of care.")
    with Writer(target, "Allocation", HEADINGS, above=above, widths=WIDTHS, rows_expected=max(len(people), 1)) as sheet:
        found = list(rows(people, side))
        typed = [place for place, heading in enumerate(HEADINGS) if heading in TYPED]
        say = veil([values[place] for values in found for place in typed])
        for values in found:
            sheet.row([say(value) if place in typed else value for place, value in enumerate(values)])
    return provisional


def is_provisional(person: PersonTransfer) -> bool:
    return person.plan_status != "validated"


def rows(people: list[PersonTransfer], side: str) -> Iterator[list[Any]]:
    ids = [person.pk for person in people]
    kinds = (OrderKind.OLD,) if side == SheetSide.EXITING else (OrderKind.NEW, OrderKind.OLD)
    orders: dict[int, dict[str, ServiceOrder]] = {}
    visits = Prefetch("visits", OrderVisit.objects.order_by("start", "days", "id"))  # scope: of the people above
    for order in ServiceOrder.objects.filter(person__in=ids, current=True, kind__in=kinds).prefetch_related(visits):  # scope: of the people above
        orders.setdefault(order.person_id, {})[order.kind] = order
    stays = {stay.person_id: stay for stay in HospitalEpisode.objects.filter(person__in=ids, open=True)}  # scope: of the people above
    for person in people:
        yield _row(person, side, orders.get(person.pk, {}), stays.get(person.pk))


def _row(person: PersonTransfer, side: str, orders: dict[str, ServiceOrder], stay: HospitalEpisode | None) -> list[Any]:
    own = orders.get(OrderKind.NEW if side == SheetSide.INCOMING else OrderKind.OLD)
    # The pattern of care is the same for both; the old order's own references stay with the provider that had it.
    pattern = next((order for order in (own, orders.get(OrderKind.OLD)) if order is not None and order.visits.all()), None)  # scope: of an order above
    planned = list(pattern.visits.all()) if pattern else []  # scope: of an order above
    accepted = side == SheetSide.INCOMING or person.allocation_response in {"accepted", "accepted_with_conditions"}
    return [
        person.row_ref or person.public_id, f"{person.name} ({PROVISIONAL})" if is_provisional(person) else person.name, person.date_of_birth, person.nhs_shown, person.address, person.postcode, person.msoa_code,
        person.zone, person.phone, " ".join(part for part in (person.representative_name, f"({person.relationship})" if person.relationship else "") if part), person.representative_address,
        person.get_communication_format_display(), person.get_funding_type_display(), person.get_priority_display(), "; ".join(map(_visit, planned)) or person.visit_times, person.weekly_hours,
        "; ".join(dict.fromkeys(visit.tasks for visit in planned if visit.tasks)), own.external_ref if own else "", own.payment_ref if own else "", own.care_item if own else "",
        person.exiting_provider.name if person.exiting_provider else "", person.incoming_provider.name if person.incoming_provider and accepted else "",
        "" if person.same_worker is None else "Yes" if person.same_worker else "No", person.equipment, person.get_medication_level_display(),
        "" if person.key_safe is None else "Key safe: ask the person or the council for access" if person.key_safe else "No key safe", person.planned_transfer_date, person.wave, person.case_manager,
        _hospital(person, stay), person.notes,
    ]


def _visit(visit: OrderVisit) -> str:
    return f"{days_shown(visit.days)} {visit.start:%H:%M}, {visit.minutes} minutes, {visit.carers} carer{'' if visit.carers == 1 else 's'}, {visit.band_minutes} either way"


def _hospital(person: PersonTransfer, stay: HospitalEpisode | None) -> str:
    if stay is None:
        return "In hospital" if person.in_hospital else "At home"
    known = (f"since {short_date(stay.admitted_on)}" if stay.admitted_on else "", f"expected home {short_date(stay.expected_discharge)}" if stay.expected_discharge else "")
    return ", ".join(["In hospital", *(part for part in known if part)])
