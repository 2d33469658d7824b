"""What stands behind the people of the demonstration: contacts, visits, files on their way, checks of care plans."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal

from mobilisation import clock
from mobilisation.access import Actor
from mobilisation.models import Organisation, Programme
from mobilisation.services import changes
from reporting.demo import names
from transfers.models import Assessment, FileTransfer, InterimOption, MoneyHeld, OrderVisit, PersonContact, PersonNeed, PersonTransfer, ProviderCapacity, ServiceOrder
from transfers.rules import care_plans as rules
from transfers.rules import orders
from transfers.rules.assessing import HEADINGS
from transfers.services import care_plans, mapping
from transfers.services.orders import visit_of

_TIMES = (time(8, 0), time(12, 30), time(17, 0), time(20, 30))
_TASKS = (
    "Wash, dress, breakfast, check medicines", "Lunch and a drink, check for falls", "Tea, change of clothes", "Prepare for bed, lock the door, key back in the safe",
)
_SURGERIES = ("Quay Lane Surgery", "St Aidan's Practice", "The Meadows Medical Centre", "Harbour Street Surgery")
_MATTERS = ("Tea before anything else", "Likes the radio on", "Calls by first name only", "Wants to be asked, not told", "Prefers a woman for personal care", "Cat must stay in")
_ALLERGIES = ("", "", "", "", "Penicillin", "Latex", "Nuts")


def furnish(people: Sequence[PersonTransfer], rng: random.Random, programme: Programme, actor: Actor) -> None:
    """Further contacts, needs and the visits of the old order; a fixed number of statements."""
    contacts, needs, visits = [], [], []
    for person in people:
        contacts.append(PersonContact(person=person, role="gp", name=rng.choice(_SURGERIES), phone=f"01632 96{rng.randint(0, 9999):04d}", preferred="phone", may_be_told=True))
        if rng.random() < 0.18:
            first, last = names.person_name(rng)
            contacts.append(
                PersonContact(
                    person=person, role=rng.choice(("next_of_kin", "attorney", "advocate")), name=f"{first} {last}", relationship=rng.choice(("neighbour", "friend", "granddaughter", "nephew")),
                    phone=f"01632 96{rng.randint(0, 9999):04d}", preferred="phone", may_be_told=rng.random() < 0.85,
                )
            )
        allergy = rng.choice(_ALLERGIES)
        needs.append(PersonNeed(person=person, allergies_known=True, allergies=allergy, moving_handling="Hoist, two carers" if person.double_handed else "", preferences=rng.choice(_MATTERS)))
    for order in ServiceOrder.objects.filter(person__in=people, kind="old", current=True).select_related("person").order_by("pk"):
        visits += _visits(order)
    changes.bulk_create(contacts, actor=actor, programme=programme, action="contact added")
    PersonContact.objects.filter(person__in=people, main=True).update(may_be_told=True, preferred="phone")
    changes.bulk_create(needs, actor=actor, programme=programme, action="needs recorded")
    OrderVisit.objects.bulk_create(visits, batch_size=changes.BATCH)
    _count(people)
    monies = list(MoneyHeld.objects.select_for_update().filter(person__in=people).order_by("pk"))
    by_id = {person.pk: person for person in people}
    for money in monies:
        money.person = by_id[money.person_id]
    changes.bulk_apply([(money, {"holder": "Client finance team", "amount": Decimal(rng.randint(40, 900)), "purpose": "person"}) for money in monies], actor=actor, programme=programme, action="money recorded")


def _visits(order: ServiceOrder) -> list[OrderVisit]:
    """As many a day as the row says, half an hour each or what the hours come to."""
    count = int(order.person.visits_per_day or 1)
    minutes = int((order.person.weekly_hours or Decimal(7) * count / 2) * 60 / 7 / count)
    carers = 2 if order.person.double_handed else 1
    slots = {1: (0,), 2: (0, 2), 3: (0, 1, 2)}.get(count, (0, 1, 2, 3))
    return [
        OrderVisit(order=order, days="1234567", start=_TIMES[slot], minutes=max(15, minutes), carers=carers, band_minutes=15 if order.person.time_critical else 30, tasks=_TASKS[slot]) for slot in slots
    ]


def _count(people: Sequence[PersonTransfer]) -> None:
    """Hours of the orders as their visits make them."""
    found = list(ServiceOrder.objects.filter(person__in=people, current=True).prefetch_related("visits"))
    for order in found:
        order.weekly_hours = orders.weekly_hours([visit_of(visit) for visit in order.visits.all()])
    ServiceOrder.objects.bulk_update(found, ["weekly_hours"], batch_size=changes.BATCH)


def take_over(people: Sequence[PersonTransfer]) -> None:
    """The new order asks for the visits of the old one."""
    both: dict[int, dict[str, ServiceOrder]] = {}
    for order in ServiceOrder.objects.filter(person__in=people, current=True).prefetch_related("visits").order_by("pk"):
        both.setdefault(order.person_id, {})[order.kind] = order
    copies = [
        OrderVisit(order=pair["new"], days=visit.days, start=visit.start, minutes=visit.minutes, carers=visit.carers, band_minutes=visit.band_minutes, tasks=visit.tasks)
        for pair in both.values()
        if "old" in pair and "new" in pair
        for visit in pair["old"].visits.all()
    ]
    OrderVisit.objects.bulk_create(copies, batch_size=changes.BATCH)
    _count(people)


def send_files(people: Sequence[tuple[PersonTransfer, date]], rng: random.Random, programme: Programme, actor: Actor) -> None:
    """Each file on the route of its funding, received the same day or the next."""
    changes.bulk_create(
        [
            FileTransfer(
                person=person, route=person.file_route, requested_on=day - timedelta(days=rng.randint(3, 6)), sent_on=day, received_on=day, method=rng.choice(("secure_email", "portal")),
                contents="Care plan, risk assessments, medication record, last four weeks of notes", outcome="received",
            )
            for person, day in people
            if person.file_route
        ],
        actor=actor, programme=programme, action="file recorded",
    )


def check_plans(people: Sequence[PersonTransfer], programme: Programme, actor: Actor) -> None:
    """At the first visit the provisional plan is compared with what is found."""
    care_plans.write(programme, [(person, {"checks": {key: "right" for key, _ in rules.CHECKS}, "status": "checking", "by_label": actor.label}) for person in people], actor=actor)


def interim(programme: Programme, actor: Actor) -> None:
    """Where the people of this exit may turn meanwhile."""
    rows = (
        ("in_house_enablement", "Council enablement team", "12 people at once, six weeks", "Duty desk 01632 960100"), ("short_term_bed", "Seaview House", "3 beds", "Placement line 01632 960111"),
        ("vcse_search", "Meadow Carers Network", "finds personal assistants within a week", "01632 960122"), ("advocacy", "Speak Up Meadow", "IMCA and Care Act advocacy", "01632 960133"),
        ("transport", "Community Wheels", "2 adapted cars on weekdays", "01632 960144"),
    )
    changes.bulk_create([InterimOption(programme=programme, kind=kind, name=name, capacity=capacity, contact=contact) for kind, name, capacity, contact in rows], actor=actor, programme=programme)


def assess(people: Sequence[tuple[PersonTransfer, date]], code: str, programme: Programme, actor: Actor) -> None:
    """What C07 and C08 rest on, in a few believable words."""
    if code == "C07":
        changes.bulk_create(
            [
                Assessment(
                    person=person, assessed_on=day, assessors=["case_manager", "nursing"] if person.peg_or_clinical or person.double_handed else ["case_manager"],
                    needs=f"Help with washing, dressing and meals{', two carers for every move' if person.double_handed else ''}{', lives alone' if person.lives_alone else ''}.",
                    impact="Anxious about new faces; the same times and, where possible, the same worker." if person.lives_alone else "Little: family is there on the first day.",
                    well_being="Keeps to the times they are used to.",
                )
                for person, day in people
            ],
            actor=actor, programme=programme,
        )
        return
    day_of = {person.pk: day for person, day in people}
    held = list(Assessment.objects.select_for_update(of=("self",)).filter(person__in=day_of).select_related("person"))
    headings = {key: "not_needed" if key in {"continence", "religion"} else "in" for key, _ in HEADINGS}
    changes.bulk_apply([(one, {"plan_on": day_of[one.person_id], "headings": headings}) for one in held], actor=actor, programme=programme)


def capacities(programme: Programme, providers: Sequence[Organisation], since: date, count: int, actor: Actor) -> None:
    """What the three incoming providers say they can take of ``count`` people: one by zone, one anywhere, one near the sea only. One
    row is hoped for and not confirmed."""
    scale = max(1, round(count / 140))
    by_zone, anywhere, coast = providers
    rota, growth = "Rota of this month, carers in post", "Two carers start next month"
    rows = (
        (by_zone, "Central", 150, None, "Two rounds confirmed", rota), (by_zone, "Coastal", 125, None, "", rota), (by_zone, "Marsh", 95, None, "", rota), (by_zone, "Rural west", 100, None, "No double-handed evenings yet", rota),
        (anywhere, "", 435, None, "Two in induction not counted", "Rota of this month, twenty-one carers in post"), (coast, "Coastal", 60, 9, "", rota), (coast, "Marsh", 45, None, "Mornings and lunch", rota),
        (coast, "Central", 40, None, growth, ""),
    )
    changes.bulk_create(
        [
            ProviderCapacity(
                programme=programme, provider=who, zone=zone, weekly_hours=hours * scale, packages=most * scale if most else None, from_date=since, note=note, staffing=staffing,
                **({"confirmed_on": clock.today(), "confirmed_by": f"Rota desk, {who}"[:100]} if staffing else {}),
            )
            for who, zone, hours, most, note, staffing in rows
        ],
        actor=actor, programme=programme,
    )


def mapped(programme: Programme, actor: Actor, *, again: bool = False) -> None:
    """What the lead recommends of the map of zones, and which tools follow it; the allocation tool waits."""
    if again:
        mapping.record(programme, "recommendation", clock.today(), "Central and Rural west: Bluebell as before.\nCoastal: Seasalter takes mornings only until it has two more carers; Oyster Bay covers evenings.\nMarsh: Seasalter, with Oyster Bay behind it.", actor=actor)
        mapping.record(programme, "matrix", clock.today(), "Checked against the list after the second wave; no area moved.", actor=actor)
        return
    mapping.record(programme, "recommendation", clock.today(), "Central and Rural west: Bluebell, which has rounds there.\nCoastal and Marsh: Oyster Bay, with Seasalter for whoever lives by the sea.", actor=actor)
    mapping.record(programme, "protocol", clock.today(), "Version 4: offers by zone, Red first. Commissioning drive, folder Exits.", actor=actor)
