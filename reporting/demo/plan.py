"""The built-in plan of a programme, kept week by week as its owners would."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from mobilisation.models import Programme
from mobilisation.services import changes
from mobilisation.working_days import WorkingCalendar
from reporting.demo.accounts import Cast
from workstreams.choices import StepStatus
from workstreams.models import PlanStep, Workstream
from workstreams.services import colours, steps
from workstreams.services.moving import follow_template
from workstreams.services.plan import next_order

SLIPS = {
    "P13": (4, "Mapping waits for the coastal rounds"), "K15": (3, "Printer quotes came late"), "R06": (24, "Allocation tool is being rebuilt"), "P11": (2, "New suppliers being checked by finance"),
    "K10": (1, "One call handler short"), "L12": (5, "Two service lines are still disputed"), "L08": (3, "Provider narrative awaited"),
}
"""Steps that come late in every demonstration: code → (working days, why)."""
LINES = {
    "governance": ("Weekly rhythm in place; board sees one position", "Exit checklist at the half-way mark"),
    "contract": ("Termination letters agreed with legal", "Suspension flag checked with CQC"),
    "finance": ("Provider set-up for wave 2 is done", "One new supplier still in checks"),
    "workforce": ("Elected representatives met", "Training returns behind for medication"),
    "data-and-systems": ("Tracker reconciled with the provider's list", "Four addresses still differ"),
    "people": ("Wave 1 has moved without a missed visit", "Two offers declined in the coastal zone"),
    "communications": ("Letters out to all of wave 3", "Easy-read version printed"),
    "business-continuity": ("On-call tested over a weekend", "Fuel plan agreed"),
}
START_LINES = {
    "governance": ("The board has its members; the integrated plan goes to the next meeting", "The board met; two decisions are with the commissioners"),
    "contract-management": ("Schedules are being read by both sides", "Conditions precedent are gone through with the provider each week"),
    "imt": ("Access for the first team is asked for; the record system is being set up", "Devices are ordered; access to shared records is with the data lead"),
    "finance": ("The mobilisation budget is agreed; invoices run through one code", "Spending is followed each week against the mobilisation budget"),
    "estates": ("The first site is visited; the lease of the second is with the lawyers", "Works at the first site are agreed; the lease needs constant attention"),
    "hr-workforce": ("Staff lists are asked for; meetings with the unions are arranged", "One-to-one talks run; two posts of the night team are advertised"),
    "procurement": ("Equipment is listed with the clinical lead", "Orders for equipment are out; delivery days are asked for"),
    "communications": ("Partners were written to; the list of whom to tell is kept", "General practices and the ambulance service know the first day"),
    "operational": ("Rotas for both sites are being drafted", "Rotas are with the teams; the referral line is being tested"),
    "clinical": ("Pathways are gone through with the clinical group", "The clinical group has read four pathways; two come back"),
    "health-safety-fire": ("Risk assessments of the first site are arranged", "The first site is assessed; fire wardens are being named"),
    "programme-office": ("Plan and registers are kept here; reports come in on Fridays", "All workstreams reported; late ones were called"),
}
"""Each lead's word in odd and even weeks of a start: what is being done, whatever the colour of the steps."""
UNSAFE = {"people": "Evening double-handed rounds in the coastal zone until Seasalter has two more carers.", "workforce": "Medication sign-off for night staff before the staff transfer."}


@dataclass
class Plan:
    programme: Programme
    cast: Cast
    rng: random.Random
    calendar: WorkingCalendar
    role: str = "OL"

    def extend(self, wanted: int, last: date) -> None:
        """More steps than the template has, for large demonstrations."""
        held = PlanStep.objects.filter(programme=self.programme).count()
        streams = list(Workstream.objects.filter(programme=self.programme))
        first = self.programme.decision_date or self.programme.award_date or last
        order, span = next_order(self.programme), max((last - first).days, 1)
        fresh = []
        for index in range(max(wanted - held, 0)):
            due = self.calendar.next_working(first + timedelta(days=self.rng.randint(3, span)))
            fresh.append(
                PlanStep(
                    programme=self.programme, workstream=streams[index % len(streams)], code=f"Z{index + 1:05d}", title=f"Local step {index + 1}", order=order + index, owner_role="CL",
                    start=self.calendar.add(due, -5), baseline=due, reported_on=first,
                )
            )
        changes.bulk_create(fresh, actor=self.cast[self.role], programme=self.programme, why="local steps")
        colours.recompute(self.programme)

    def date_transfers(self) -> None:
        follow_template(self.programme, actor=self.cast[self.role], why="first transfer planned")
        colours.recompute(self.programme)

    def advance(self, sunday: date) -> None:
        """Everything due by ``sunday`` is done but for what slips; what runs is reported on."""
        actor = self.cast[self.role]
        self._look_through(sunday)
        rows = list(PlanStep.objects.filter(programme=self.programme, baseline__isnull=False).exclude(status__in=[StepStatus.DONE, StepStatus.NOT_APPLICABLE]).order_by("order"))
        first = self.programme.decision_date or self.programme.award_date or sunday
        bulk: list[tuple[PlanStep, dict[str, object]]] = []
        for step in rows:
            if step.baseline is None:
                continue
            days, why = SLIPS.get(step.template_code, (0, ""))
            really = self.calendar.add(step.baseline, days)
            if really <= sunday:
                day = max(min(self.calendar.add(really, -self.rng.randint(0, 2)), sunday), first)
                values: dict[str, object] = {"status": StepStatus.DONE, "done_on": day, "percent": 100}
            elif days and step.baseline <= sunday + timedelta(days=10):
                values = {"status": StepStatus.IN_PROGRESS, "forecast": really, "note": why, "percent": 60}
            elif (step.start or step.baseline) <= sunday:
                values = {"status": StepStatus.IN_PROGRESS, "percent": min(90, step.percent + 20)}
            else:
                continue
            if step.code.startswith("Z"):
                bulk.append((step, {**values, "reported_on": sunday}))
            else:
                if step.evidence_required and values["status"] == StepStatus.DONE:
                    steps.accept_evidence(steps.add_evidence(step, f"Record of {step.code}", actor=self.cast["CL"], where="Programme folder"), actor=actor)
                steps.update_step(step, values, actor=actor, as_of=sunday)
        changes.bulk_apply(bulk, actor=actor, programme=self.programme, why="weekly update")
        colours.recompute(self.programme, as_of=sunday)

    def _look_through(self, sunday: date) -> None:
        """The weekly look at everything open: recurring work runs, the rest is confirmed as it stands."""
        open_steps = list(PlanStep.objects.select_for_update(of=("self",)).filter(programme=self.programme).exclude(status__in=[StepStatus.DONE, StepStatus.NOT_APPLICABLE]).order_by("order"))
        changes.bulk_apply(
            [(step, {"reported_on": sunday, **({"status": StepStatus.IN_PROGRESS} if step.recurrence and step.status == StepStatus.NOT_STARTED else {})}) for step in open_steps],
            actor=self.cast[self.role], programme=self.programme, why="weekly look through the plan",
        )

    def trouble(self) -> None:
        """What stands in the way today: one step at risk, and a variation the board has agreed."""
        risky = PlanStep.objects.filter(programme=self.programme, template_code="S05").first()
        if risky is not None and risky.status not in (StepStatus.DONE, StepStatus.NOT_APPLICABLE):
            steps.update_step(risky, {"at_risk": True, "at_risk_note": "Night staff have not been reached yet"}, actor=self.cast[self.role])
        later = PlanStep.objects.filter(programme=self.programme, template_code="X05").first()
        if later is not None and later.baseline is not None:
            variation = steps.propose_variation(
                self.programme, "Reviews of the new arrangements start a week later", "Wave 3 moves a week later in the coastal zone", [(later, self.calendar.add(later.baseline, 5))],
                actor=self.cast[self.role], impact="No cost; people keep their review before the new year ends.",
            )
            steps.decide_variation(variation, approve=True, actor=self.cast["BCH"], why="Agreed at the board")

    def report(self, sunday: date, week: int, ambers: tuple[str, ...] = ()) -> None:
        """Each lead's word for the week."""
        for stream in Workstream.objects.filter(programme=self.programme).order_by("order"):
            lines = (LINES if self.programme.kind == "provider_exit" else START_LINES)[stream.slug]
            steps.report_workstream(
                stream, sunday, status="A" if stream.slug in ambers else "G", one_line=lines[week % 2], actor=self.cast[self.role], unsafe=UNSAFE.get(stream.slug, "Nothing that is not on the register."),
                asks="Agree overtime for two weekends" if stream.slug == "workforce" and week % 2 else "",
            )
