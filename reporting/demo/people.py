"""The people of an exit and their way through the checkpoints, week by week and through the gates of the tracker."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import Refused
from mobilisation.models import Organisation, Programme
from mobilisation.services import changes
from mobilisation.working_days import WorkingCalendar
from reporting.demo import names, packages
from reporting.demo.accounts import EXITING, INCOMING, Cast
from transfers.models import Allocation, Checkpoint, PersonTransfer, SafetyCheck, SharingDecision
from transfers.rules import gates, priority
from transfers.services import care_plans, checkpoints, columns, turning
from transfers.services.people import needs_of

MARKED_BY = {
    "C01": "DA", "C02": "DA", "C03": "CM", "C04": "CL", "C05": "CL", "C06": "CM", "C07": "CM", "C08": "CM", "C09": "PO", "C10": "PO", "C11": "TA", "C12": "MT", "C13": "MT",
    "C14": "ASM", "C15": "MT", "C16": "CM", "C17": "DA", "C18": "QL",
}
_FUNDING = ("council",) * 62 + ("self",) * 14 + ("chc",) * 9 + ("joint",) * 5 + ("direct_payment",) * 6 + ("other_authority",) * 4
WAVES = (("Wave 1", 0.28), ("Wave 2", 0.27), ("Wave 3", 0.25), ("Wave 4", 0.20))


@dataclass
class Way:
    """One person with the day of each mark to come; ``stop``: nothing is marked from that day on."""

    person: PersonTransfer
    provider: Organisation
    t: date
    days: dict[str, date]
    stop: date = date.max
    states: dict[str, str] = field(default_factory=dict)
    marks: list[Checkpoint] = field(default_factory=list)


@dataclass
class Crowd:
    """Everybody of one programme. ``advance`` is called once a week, in order."""

    programme: Programme
    cast: Cast
    rng: random.Random
    ways: list[Way] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Of its own, so that what stands behind the people moves nothing else of the story.
        self.side = random.Random()
        self.side.setstate(self.rng.getstate())

    @property
    def people(self) -> list[PersonTransfer]:
        return [way.person for way in self.ways]

    def list_all(self, count: int, monday: date, calendar: WorkingCalendar) -> None:
        """Put ``count`` people on the list in one batch, each with a day of transfer in its wave."""
        d0 = self.programme.decision_date or monday
        exiting = Organisation.objects.get(name=EXITING)
        incoming = [Organisation.objects.get(name=name) for name in INCOMING]
        numbers = names.nhs_numbers()
        for index in range(count):
            wave, t = self._transfer(index, count, monday, calendar)
            person = self._person(index, next(numbers), exiting)
            person.wave, person.planned_transfer_date = wave, t
            person.listed_on = calendar.add(d0, 1 + index % 2)
            person.touched_on = person.hospital_asked_on = person.listed_on
            self.ways.append(Way(person, incoming[self.rng.choice((0, 0, 1, 1, 2))], t, {}))
        changes.bulk_create(self.people, actor=self.cast["DA"], programme=self.programme, why="list of the council and of the provider")
        columns.absorb(self.people, actor=self.cast["DA"], programme=self.programme, fresh=True)
        packages.furnish(self.people, self.side, self.programme, self.cast["DA"])
        packages.interim(self.programme, self.cast["CL"])
        packages.capacities(self.programme, incoming, d0, count, self.cast["CL"])
        packages.mapped(self.programme, self.cast["CL"])
        for way in self.ways:
            way.person.programme = self.programme
            way.days = self._days(way, d0, calendar)
        turning.refresh_many(self.people, frame=turning.Frame.of(self.programme))

    def _transfer(self, index: int, count: int, monday: date, calendar: WorkingCalendar) -> tuple[str, date]:
        share, reached = (index + 0.5) / count, 0.0
        windows = ((-14, -10), (-5, 3), (7, 16), (21, 30))
        for (wave, part), (first, last) in zip(WAVES, windows, strict=True):
            reached += part
            if share < reached or wave == "Wave 4":
                return wave, calendar.next_working(monday + timedelta(days=self.rng.randint(first, last)))
        raise AssertionError("the waves hold everybody")

    def _person(self, index: int, nhs: str, exiting: Organisation) -> PersonTransfer:
        rng = self.rng
        forename, surname = names.person_name(rng)
        zone, msoa, stem = rng.choice(names.ZONES)
        alone, relative = rng.random() < 0.45, rng.random() < 0.8
        funding = rng.choice(_FUNDING)
        visits = rng.choice((1, 1, 2, 2, 3, 3, 4))
        person = PersonTransfer(
            programme=self.programme, row_ref=f"{index + 1:04d}", case_system_id=f"SW{100001 + index * 7}", nhs_number=nhs if rng.random() < 0.96 else "", surname=surname,
            forename=forename, date_of_birth=date(rng.randint(1930, 1962), rng.randint(1, 12), rng.randint(1, 28)), address=f"{rng.randint(1, 120)} {rng.choice(names.STREETS)}",
            postcode=names.postcode(rng, stem), msoa_code=msoa, zone=zone, phone=f"01632 96{rng.randint(0, 9999):04d}", source="council and provider",
            communication_format=rng.choice(("standard",) * 12 + ("large_print", "easy_read", "translated")), language="English", funding_type=funding,
            known_to_council=funding not in ("self",) or rng.random() < 0.6, direct_payment=funding == "direct_payment", monies_held=rng.random() < 0.06,
            legal_basis="nhs" if funding == "chc" else "s18", lives_alone=alone, dementia=rng.random() < 0.16, cognitive_or_ld=rng.random() < 0.05, double_handed=rng.random() < 0.07,
            peg_or_clinical=rng.random() < 0.02, time_critical=rng.random() < 0.05, safeguarding_open=rng.random() < 0.02,
            medication_level=rng.choice(("none", "none", "prompt", "prompt", "administer", "specialist") if rng.random() < 0.9 else ("administer",)), exiting_provider=exiting,
            weekly_hours=Decimal(visits * 7) / 2, visits_per_day=visits, visit_times=", ".join(("08:00", "12:30", "17:00", "20:30")[:visits]), old_order_ref=f"SO-{20000 + index}",
            care_item="Home care, standard", budget_code="ASC-4410", case_manager="Sandra Bexley",
            file_choice="To go to the new provider" if funding in ("self", "direct_payment") else "", file_instruction="Placing authority agrees to transfer" if funding == "other_authority" else "",
        )
        if relative:
            first, last = names.person_name(rng)
            person.representative_name, person.relationship = f"{first} {rng.choice((surname, last))}", rng.choice(("daughter", "son", "niece", "friend", "wife", "husband"))
            person.representative_phone = f"01632 96{rng.randint(0, 9999):04d}"
        return person

    def _days(self, way: Way, d0: date, calendar: WorkingCalendar) -> dict[str, date]:
        """A believable day for every mark: in time for most, a few working days late for some."""
        rng, person, t = self.rng, way.person, way.t
        add = calendar.add
        letter = priority.suggest(needs_of(person)).letter
        late = rng.choice((0,) * 22 + (2, 3, 4))
        found = {"C01": person.listed_on, "C02": add(d0, rng.randint(4, 8)), "C03": add(d0, rng.randint(5, 10))}
        found["C04"] = add(d0, (rng.randint(8, 9) if person.wave == "Wave 1" else rng.randint(9, 12)) + late)
        found["C05"] = add(found["C04"], rng.randint(0, 1))
        found["C06"] = max(add(found["C04"], 1), add(t, -rng.randint(15, 18)))
        found["C07"] = max(add(found["C03"], 1), add(t, -(rng.randint(15, 18) if letter == "R" else rng.randint(11, 13)) + late))
        found["C08"] = max(found["C07"], add(t, -rng.randint(10, 11) + late))
        found["C09"] = max(add(found["C03"], 2), add(t, -rng.randint(10, 13)))
        found["C10"] = max(found["C09"], add(t, -rng.randint(5, 7)))
        found["C11"] = max(found["C06"], found["C08"], found["C09"], add(t, -rng.randint(5, 6)))
        found["C12"] = max(found["C11"], add(t, -rng.randint(3, 4)))
        found["C13"] = max(found["C06"], add(t, -rng.randint(0, 2)))
        found["C14"] = max(found["C12"], found["C10"], add(t, -rng.randint(1, 2)))
        found["C15"] = max(t, found["C14"])
        found["C16"] = add(found["C15"], 0 if letter == "R" else rng.randint(0, 1) if letter == "A" else rng.randint(1, 3))
        found["C17"] = add(found["C15"], rng.randint(3, 5))
        found["C18"] = calendar.next_working(found["C15"] + timedelta(days=rng.randint(4, 9)))
        return found

    def advance(self, first: date, last: date) -> int:
        """Every mark of ``first`` to ``last``, code by code in one batch each; refused ones would stop the load."""
        self._offer(first, last)
        frame = turning.Frame.of(self.programme)
        moved: dict[int, Way] = {}
        for code in MARKED_BY:
            ready = [way for way in self.ways if code in way.days and first <= way.days[code] <= min(last, way.stop - timedelta(days=1)) and way.states.get(code) not in gates.SETTLED]
            if ready:
                self._mark(code, ready, frame)
                moved |= {way.person.pk: way for way in ready}
        moved |= self._second_checks(first, last)
        waiting = [way for way in self.ways if not way.person.ending and self.rng.random() < 0.97]
        moved |= {way.person.pk: way for way in waiting}
        turning.refresh_many([way.person for way in self.ways if way.person.pk in moved], frame=frame)
        return len(moved)

    def _second_checks(self, first: date, last: date) -> dict[int, Way]:
        """People of priority Red are called again within seven days of their move."""
        due = [way for way in self.ways if way.person.priority == "R" and way.states.get("C16") == "done" and first <= way.t + timedelta(days=5) <= last < way.stop]
        changes.bulk_create(
            [SafetyCheck(person=way.person, number=2, done_on=way.t + timedelta(days=5), by_label=self.cast["CM"].label, outcome="safe", answers={"came": "yes", "feels_safe": "yes"}) for way in due],
            actor=self.cast["CM"], programme=self.programme,
        )
        return {way.person.pk: way for way in due}

    def _offer(self, first: date, last: date) -> None:
        """Offers go out two working days before the answer; both stand in the record."""
        due = [way for way in self.ways if way.person.incoming_provider_id is None and not way.person.ending and "C09" in way.days and way.days["C09"] <= last and way.days["C09"] < way.stop]
        self._put_offers(due, max(first - timedelta(days=3), self._d0))

    def offer_ahead(self, count: int, on: date) -> None:
        """The next ``count`` people by the day of their answer are offered on ``on``, and wait for it."""
        waiting = [way for way in self.ways if way.person.incoming_provider_id is None and not way.person.ending and not way.person.on_hold and "C09" in way.days]
        due = sorted(waiting, key=lambda way: (way.days["C09"], way.person.row_ref))[:count]
        self._put_offers(due, on)
        turning.refresh_many([way.person for way in due], frame=turning.Frame.of(self.programme))

    def _put_offers(self, ways: list[Way], on: date) -> None:
        actor = self.cast["CL"]
        changes.bulk_create([Allocation(person=w.person, provider=w.provider, wave=w.person.wave, proposed_on=on, response="offered") for w in ways], actor=actor, programme=self.programme)
        changes.bulk_apply([(w.person, {"incoming_provider": w.provider, "allocation_response": "offered"}) for w in ways], actor=actor, programme=self.programme)

    @property
    def _d0(self) -> date:
        return self.programme.decision_date or today()

    def _mark(self, code: str, ways: list[Way], frame: turning.Frame) -> None:
        actor = self.cast[MARKED_BY[code]]
        self._before(code, ways, actor)
        rows: list[tuple[PersonTransfer, str, str, date | None]] = []
        for way in ways:
            state = "not_applicable" if code == "C05" and not way.person.representative_name else "done"
            found = checkpoints.refusals(way.person, code, way.states, actor=actor, on=way.days[code], checkpoints=way.marks, held=bool(frame.hold_on(way.person)))
            if found:
                raise Refused([f"{code} of row {way.person.row_ref}: {reason.text}" for reason in found])
            rows.append((way.person, code, state, way.days[code]))
            way.states[code] = state
            way.marks.append(Checkpoint(person=way.person, code=code, state=state, by=actor.user))
        checkpoints.write(self.programme, rows, actor=actor, frame=frame)
        self._after(code, ways, actor)

    def _before(self, code: str, ways: list[Way], actor: Actor) -> None:
        apply: list[tuple[PersonTransfer, dict[str, Any]]] = []
        if code == "C03":
            apply = [(way.person, {"priority": priority.suggest(needs_of(way.person)).letter}) for way in ways]
        elif code == "C04":
            apply = [(way.person, {"telling_decision": "Told by a relative with an easy-read letter, the case manager beside them", "telling_decided_on": way.days[code]}) for way in ways if way.person.cognitive_or_ld]
        elif code in {"C07", "C08"}:
            packages.assess([(way.person, way.days[code]) for way in ways], code, self.programme, actor)
        elif code == "C06":
            changes.bulk_create([SharingDecision(person=way.person, basis="direct_care", explained_on=way.days[code]) for way in ways], actor=actor, programme=self.programme)
            apply = [(way.person, {"sharing_basis": "direct_care"}) for way in ways]
        elif code == "C10":
            apply = [
                (w.person, {"orders_shared_on": w.days[code], "old_order_end": w.t, "new_order_ref": f"SO-{60000 + int(w.person.row_ref)}", "new_order_start": w.t, "payment_ref": f"PA-{60000 + int(w.person.row_ref)}"})
                for w in ways
            ]
        elif code == "C16":
            outcomes = ["safe"] * 18 + ["concern", "safe"]
            changes.bulk_create(
                [
                    SafetyCheck(
                        person=w.person, due=w.person.safety_due, done_on=w.days[code], by_label=actor.label, outcome=(found := self.rng.choice(outcomes)), answers={"came": "yes", "feels_safe": "yes"},
                        follow_up="Second visit was short; provider put it right the same day" if found == "concern" else "",
                    )
                    for w in ways
                ],
                actor=actor, programme=self.programme,
            )
        changes.bulk_apply(apply, actor=actor, programme=self.programme)
        if code == "C10":
            columns.absorb([way.person for way in ways], actor=actor, programme=self.programme, why="orders set up")
            packages.take_over([way.person for way in ways])
        elif code == "C13":
            packages.send_files([(way.person, way.days[code]) for way in ways], self.side, self.programme, actor)

    def _after(self, code: str, ways: list[Way], actor: Actor) -> None:
        apply: list[tuple[PersonTransfer, dict[str, Any]]] = []
        if code == "C09":
            answers = list(Allocation.objects.select_for_update().filter(person__in=[way.person for way in ways], current=True).select_related("person"))
            day = {way.person.pk: way.days[code] for way in ways}
            changes.bulk_apply([(row, {"response": "accepted", "responded_on": day[row.person_id]}) for row in answers], actor=actor, programme=self.programme)
            apply = [(way.person, {"allocation_response": "accepted", "baseline_transfer_date": way.person.planned_transfer_date}) for way in ways]
        elif code == "C15":
            apply = [(way.person, {"actual_transfer_date": way.days[code]}) for way in ways]
            care_plans.write(self.programme, [(way.person, {"received_on": way.days[code]}) for way in ways], actor=actor)
            packages.check_plans([way.person for way in ways], self.programme, self.cast["QL"])
        elif code == "C18":
            care_plans.write(self.programme, [(way.person, {"status": "validated", "validated_on": way.days[code], "by_label": actor.label}) for way in ways], actor=actor)
        changes.bulk_apply(apply, actor=actor, programme=self.programme)
