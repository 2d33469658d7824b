"""The exiting provider's staff, the TUPE clock and training that moves from booked to validated."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from mobilisation.clock import today
from mobilisation.models import Organisation, Programme
from mobilisation.services import changes
from reporting.demo import names
from reporting.demo.accounts import EXITING, INCOMING, Cast
from transfers.models.staff import CompetenceRecord, StaffTransfer, TupeProcess
from transfers.services import staff as services


@dataclass
class Team:
    programme: Programme
    cast: Cast
    rng: random.Random
    staff: list[StaffTransfer] = field(default_factory=list)
    tupe: TupeProcess | None = None

    def list_all(self, count: int) -> None:
        exiting = Organisation.objects.get(name=EXITING)
        incoming = [Organisation.objects.get(name=name) for name in INCOMING]
        rng = self.rng
        for index in range(count):
            forename, surname = names.person_name(rng)
            self.staff.append(
                StaffTransfer(
                    programme=self.programme, exiting=exiting, incoming=rng.choice(incoming), staff_ref=f"{310 + index:05d}", surname=surname, forename=forename, job_role=rng.choice(names.JOBS),
                    hours=rng.choice((16, 20, 24, 30, 37)), started_on=date(rng.randint(2012, 2025), rng.randint(1, 12), 1), percent_assigned=rng.choice((100, 100, 100, 60)), union_member=rng.random() < 0.3,
                )
            )
        actor = self.cast["WL"]
        changes.bulk_create(self.staff, actor=actor, programme=self.programme, why="staff list of the exiting provider")
        needs = services.requirements(self.programme, actor)
        held = [
            CompetenceRecord(staff=member, skill=need.skill, state="completed" if rng.random() < 0.55 else "booked")
            for member in self.staff for need in needs
        ]
        for record in held:
            if record.state == "completed":
                record.completed_on = (self.programme.decision_date or today()) - timedelta(days=rng.randint(20, 200))
        changes.bulk_create(held, actor=actor, programme=self.programme, why="training reported by the exiting provider")
        self.tupe = services.open_tupe(
            self.programme, transferor=exiting, transferee=None, transfer_date=self.programme.staff_transfer_date or today(), actor=self.cast["WL"], employer_headcount=count + 14, headcount=count,
        )

    def advance(self, week: int, day: date) -> None:
        """One week: dates of the TUPE clock, and a fifth of the training validated by the workforce lead."""
        actor = self.cast["WL"]
        dates = {1: {"asked_on": day}, 2: {"route": "elected", "route_chosen_on": day}, 4: {"measures_received_on": day, "information_given_on": day}, 5: {"eli_received_on": day, "eli_complete_on": day}}
        if self.tupe is not None and week in dates:
            services.update_tupe(self.tupe, dates[week], actor=actor)
        waiting = list(CompetenceRecord.objects.select_for_update(of=("self",)).filter(staff__programme=self.programme).exclude(state="validated").select_related("staff").order_by("pk"))
        chosen = [record for record in waiting if self.rng.random() < (0.12 if record.state == "booked" else 0.3)]
        changes.bulk_apply(
            [
                (record, {"state": "completed", "completed_on": day} if record.state == "booked" else {"state": "validated", "signed_off_on": day, "assessor": actor.user, "assessor_name": actor.label, "expires_on": day + timedelta(days=365)})
                for record in chosen
            ],
            actor=actor, programme=self.programme, why="weekly training return",
        )
        if week == 3 and len(self.staff) > 6:
            for member in self.staff[2:4]:
                services.update_staff(member, {"objected_on": day}, actor=actor, why="letter of objection")
        if week >= 4:
            met = [member for member in self.staff if member.intro_on is None and member.objected_on is None and self.rng.random() < 0.35]
            changes.bulk_apply([(member, {"intro_on": day}) for member in met], actor=actor, programme=self.programme)
