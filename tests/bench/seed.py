"""The data that is measured on: the same for the same sizes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.models import Programme, RoleAssignment, User
from mobilisation.roles import PeopleScope, codes_seeing
from mobilisation.services import calendar, rows
from risks.models import Risk
from risks.services import register
from transfers.models import Checkpoint, PersonTransfer
from transfers.services import turning
from workstreams.services.programmes import NewProgramme, Party, create_programme

OPERATOR = Actor.operator()
NAMES = ("Hartley", "Osei", "Patel", "Brown", "Nowak", "Jones", "Khan", "Evans", "Murphy", "Webb")
WAVES = ("1", "2", "3", "4")
PROVIDERS = ("Bluebell Care Partners", "Seasalter Home Support CIC", "Oyster Bay Care Ltd")


@dataclass(frozen=True)
class Seeded:
    """The large programme, the small ones, and the person who looks at all of them."""

    large: Programme
    small: list[Programme]
    viewer: User


def programme(reference: str) -> Programme:
    """A planned exit five weeks in, with the built-in plan."""
    parties = (Party("lead_commissioner", "Kent County Council"), Party("exiting", "Meadowgate Homecare Ltd"), *(Party("incoming", name) for name in PROVIDERS))
    day = today()
    return create_programme(
        NewProgramme(reference, "provider_exit", f"Programme {reference}", exit_type="planned", d0=day - timedelta(weeks=5), end=day + timedelta(weeks=8), parties=parties), actor=OPERATOR
    )


BASE = 5000
"""So many people are made one by one and reckoned by the rules; more are copies of these under other names."""


def people(of: Programme, count: int, chance: random.Random) -> None:
    """``count`` people in four waves, some way along the chain."""
    exiting = of.contracts.get().parties.get(role="exiting").organisation
    day = today()
    made = PersonTransfer.objects.bulk_create(
        [
            PersonTransfer(
                programme=of, surname=chance.choice(NAMES), forename=f"Person {number}", case_system_id=f"B{number:06d}", postcode=f"CT{chance.randint(1, 9)} {chance.randint(1, 9)}AB",
                zone=f"Zone {number % 7}", funding_type=chance.choice(("council", "self_funder")), priority=chance.choice("RAG"), exiting_provider=exiting, wave=WAVES[number % 4],
                planned_transfer_date=day + timedelta(days=chance.randint(-10, 40)), weekly_hours=chance.randint(4, 30), visits_per_day=chance.randint(1, 4),
                case_manager="T. Obi", next_action="Ring the family", listed_on=day - timedelta(weeks=5), touched_on=day - timedelta(days=chance.randint(0, 9)), hospital_asked_on=day,
            )
            for number in range(min(count, BASE))
        ],
        batch_size=500,
    )
    Checkpoint.objects.bulk_create(
        [Checkpoint(person=person, code=f"C{n:02d}", state="done", done_on=day - timedelta(days=20), by_label="bench") for person in made for n in range(1, chance.randint(1, 8))], batch_size=2000
    )
    turning.recompute(of)
    patterns = list(PersonTransfer.objects.filter(programme=of).order_by("pk"))
    marks: dict[int, list[Checkpoint]] = {}
    for mark in Checkpoint.objects.filter(person__programme=of):
        marks.setdefault(mark.person_id, []).append(mark)
    rows.count_anew(PersonTransfer)
    for start in range(len(patterns), count, BASE):
        alike = [(patterns[number % len(patterns)], number) for number in range(start, min(start + BASE, count))]
        copies = [rows.another(person, {"forename": f"Person {number}", "case_system_id": f"B{number:06d}"}) for person, number in alike]
        with transaction.atomic():
            rows.insert_objects(copies)
            rows.insert_objects([rows.another(mark, {"person_id": copy.pk}) for copy, (person, _) in zip(copies, alike, strict=True) for mark in marks.get(person.pk, [])])


def risks(of: Programme, count: int, chance: random.Random) -> None:
    for number in range(count):
        likelihood, consequence = chance.randint(1, 5), chance.randint(1, 5)
        register.add(
            Risk(
                programme=of, event=f"Event {number}: rotas cannot be built in one zone", cause="No carers with cars", effect="Late visits", owner_name="Ops lead", controls="Weekly call",
                initial_likelihood=likelihood, initial_consequence=consequence, likelihood=likelihood, consequence=consequence, review_on=today() + timedelta(days=5),
            ),
            actor=OPERATOR,
        )


def viewer() -> User:
    """Sees every programme and every person: the widest scope is the dearest."""
    user = User.objects.create_user("bench@example.org", "correct horse battery")
    for code in codes_seeing(PeopleScope.ALL):
        for found in Programme.objects.all():
            RoleAssignment.objects.create(user=user, programme=found, role=code, starts_on=today() - timedelta(days=1))
        break
    return user


def everything(*, programmes: int, people_count: int, risk_count: int) -> Seeded:
    chance = random.Random(7)
    calendar.refresh(OPERATOR)
    large = programme("BENCH")
    people(large, people_count, chance)
    risks(large, risk_count, chance)
    small = [programme(f"SMALL{number}") for number in range(programmes)]
    for each in small:
        people(each, max(5, people_count // 100), chance)
        risks(each, 5, chance)
    return Seeded(large, small, viewer())
