"""A joint register with a history: risks raised, scored again each week, acted on, closed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from mobilisation.clock import today
from mobilisation.models import Programme
from reporting.demo.accounts import Cast
from risks import rules
from risks.models import Opportunity, Risk, RiskAction
from risks.services import escalation, issues, register

# (event, cause, effect, domain, owner, controls, action, initial L, initial C, week → (L, C), unsafe)
RISKS: tuple[tuple[str, str, str, str, str, str, str, int, int, dict[int, tuple[int, int]], bool], ...] = (
    ("Evening rounds in the coastal zone cannot be staffed", "Few carers there have a car", "Late or missed visits", "harm", "Ruth Calloway", "Two agencies on call; welfare calls", "Recruit four evening carers", 4, 5, {2: (4, 4), 4: (3, 5)}, True),
    ("Care plans are out of date at hand-over", "No reviews in the last year", "Medication errors", "harm", "Dr Fiona Askew", "Reviews by priority; plans provisional until validated", "Review all Red people first", 4, 4, {2: (3, 4), 5: (2, 4), 6: (2, 3)}, True),
    ("Staff leave before the transfer date", "Uncertainty about TUPE", "Missed visits", "workforce", "Marcus Adeleke", "Weekly staff letter; one-to-ones", "Retention offer for seniors", 3, 4, {3: (2, 4)}, False),
    ("Data sharing is not agreed in time", "Sign-off waits for the DPIA", "Files do not move", "statutory", "Yan Lindqvist", "Interim sharing by secure e-mail", "Sign the DPIA", 3, 4, {1: (2, 4), 3: (1, 4)}, False),
    ("People are not told in time", "Letters wait for approval", "Complaints and anxiety", "quality", "Eva Sinclair", "Approval within one day", "Second approver named", 3, 3, {2: (2, 3), 4: (1, 3)}, False),
    ("Payment set-up is late", "New supplier checks", "Provider cash flow", "money", "Colin Sterling", "Advance payment agreed", "Finish checks for Oyster Bay", 3, 3, {4: (2, 3)}, False),
    ("Hospital discharges fall into the move", "Winter pressures", "No provider at discharge", "harm", "Sandra Bexley", "Daily hospital list; slots held 14 days", "Weekly call with the discharge hub", 3, 4, {}, True),
    ("ELI is incomplete", "Exiting provider is slow", "No rota for week one", "workforce", "Gavin Mead", "Template sent; weekly chase", "Legal letter if late", 3, 3, {5: (1, 3)}, False),
    ("Keys and access details are lost", "No single list of key safes", "Carers cannot get in", "harm", "Ruth Calloway", "Signed hand-over of keys", "Check list per round", 3, 4, {3: (2, 4)}, True),
    ("Night cover fails during the move", "Two providers share one night round", "No response at night", "harm", "Bella Thorne-Reyes", "Both providers on call", "Test call each Friday", 2, 5, {6: (3, 5)}, True),
    ("A person is missed from the list", "Self-funders unknown to the council", "No care after the exit", "harm", "Yan Lindqvist", "Three lists reconciled weekly", "Reconcile with billing", 3, 5, {1: (2, 5), 3: (1, 5)}, True),
    ("Call centre is overwhelmed", "All letters land on one day", "Unanswered calls", "quality", "Eva Sinclair", "Letters in waves; call script", "Extra handler for two weeks", 3, 2, {3: (2, 2)}, False),
    ("Exiting provider stops early", "Cash runs out", "Emergency exit", "interruption", "Martin Fairweather", "Weekly cash call; emergency plan", "Agree payment in advance", 2, 5, {}, True),
    ("Equipment does not follow the person", "Hoists belong to the provider", "Unsafe moving and handling", "harm", "Sandra Bexley", "Equipment list per person", "Order four hoists", 2, 4, {4: (1, 4)}, False),
    ("Medication records differ", "Paper and electronic records", "Missed doses", "harm", "Dr Fiona Askew", "Reconcile with pharmacy", "Sample ten records", 3, 4, {5: (2, 4)}, True),
    ("Media attention", "A family goes to the press", "Loss of confidence", "reputation", "Eva Sinclair", "One public message", "Briefing note ready", 2, 3, {}, False),
    ("Double-handed visits are not matched", "Rotas built singly", "Visits with one carer", "harm", "Ruth Calloway", "Rota check each evening", "Pairing rule in rostering", 3, 4, {2: (2, 4)}, False),
    ("Winter weather stops rounds", "Rural lanes", "Missed visits", "interruption", "Darren Stokes", "4x4 volunteers", "Agree list with emergency planning", 2, 4, {}, False),
    ("Complaints are not followed up", "No owner during the move", "Ombudsman", "statutory", "Judith Amberley", "One log for all", "Name an officer", 2, 2, {}, False),
    ("Zone boundaries leave gaps", "MSOAs split between rounds", "Long travel times", "quality", "Imran Qadir", "Map of rounds", "Redraw two rounds", 2, 3, {}, False),
    ("Old orders are not ended", "Manual step in the case system", "Double payment", "money", "Chloe Winterton", "Weekly list of open orders", "Report from the case system", 2, 2, {}, False),
    ("Supervision is thin in the first weeks", "One supervisor for eleven carers", "Poor practice unnoticed", "workforce", "Marcus Adeleke", "Deputies supervise", "Appoint second supervisor", 3, 3, {}, False),
    ("Safeguarding referrals are delayed", "Two routes in use", "Harm not stopped", "harm", "Dr Fiona Askew", "One route agreed", "Test the route", 2, 4, {3: (1, 4)}, False),
    ("IT access for new staff", "Log-ins take ten days", "Paper notes", "programme", "Yan Lindqvist", "Temporary devices", "Bulk request", 2, 2, {}, False),
    ("Holiday peak in the transfer week", "Leave already booked", "Rota gaps", "workforce", "Marcus Adeleke", "Leave freeze by agreement", "Offer enhanced rate", 2, 3, {}, False),
)
SHARED = {0, 2, 7, 9, 12}
CLOSED = {4: (4, "All letters are out and answered"), 11: (6, "Call volumes are back to normal")}
LEFT_OVERDUE = {15, 19}
"""Risks whose review is let slide, so that there is something to chase."""


@dataclass
class Register:
    programme: Programme
    cast: Cast
    rng: random.Random
    wanted: int
    role: str = "OL"
    risks: dict[int, Risk] = field(default_factory=dict)

    def open(self, first: date) -> None:
        """Most of the register in the first week; the rest is raised as it turns up (see ``advance``)."""
        for index in range(min(self.wanted, len(RISKS))):
            if index not in self._later:
                self._raise(index, first)
        extra = [self._bulk(index, first) for index in range(len(RISKS), self.wanted)]
        register.take_on(extra, actor=self.cast[self.role], why="local register")
        if self.wanted >= 10:
            register.add_opportunity(Opportunity(programme=self.programme, title="Better rounds from one map of zones", benefit="Less travel and steadier visit times", owner_name="Imran Qadir", likelihood=4, size=3), actor=self.cast[self.role])
            register.add_opportunity(Opportunity(programme=self.programme, title="One electronic record for all three providers", benefit="Care plans seen by whoever visits", owner_name="Yan Lindqvist", likelihood=3, size=4, response="share"), actor=self.cast[self.role])

    @property
    def _later(self) -> dict[int, int]:
        """Index → week in which it is raised."""
        return {16: 2, 21: 3, 14: 4, 24: 6}

    def _risk(self, index: int, day: date) -> Risk:
        event, cause, effect, domain, owner, controls, _, likelihood, consequence, _, unsafe = RISKS[index % len(RISKS)]
        band = rules.band_of(likelihood * consequence)
        return Risk(
            programme=self.programme, event=event, cause=cause, effect=effect, domain=domain, owner_name=owner, controls=controls, unsafe_go_live=unsafe, raised_on=day, reviewed_on=day,
            scope="shared" if index in SHARED else "commissioner", other_owner="Gavin Mead" if index in SHARED else "", initial_likelihood=likelihood, initial_consequence=consequence,
            likelihood=likelihood, consequence=consequence, target_likelihood=1, target_consequence=min(consequence, 3), proximity="weeks" if unsafe else "before_start",
            review_on=rules.latest_review(day, band, register.limits_of(self.programme)),
        )

    def _raise(self, index: int, day: date) -> None:
        risk = self._risk(index, day)
        due = day + timedelta(days=self.rng.randint(28, 75))
        action = RiskAction(text=RISKS[index][6], owner_name=RISKS[index][4], due=due)
        self.risks[index] = register.add(risk, actor=self.cast[self.role], on=day, first_action=action)

    def _bulk(self, index: int, day: date) -> Risk:
        risk = self._risk(index, day)
        risk.event = f"{risk.event} (area {index // len(RISKS) + 1})"
        risk.scope, risk.other_owner, risk.unsafe_go_live = "commissioner", "", False
        risk.likelihood = risk.initial_likelihood = min(risk.likelihood, 3)
        risk.consequence = risk.initial_consequence = min(risk.consequence, 4)
        return risk

    def advance(self, week: int, day: date) -> None:
        """One weekly risk review: new scores where something moved, the next date for the rest, closings."""
        actor = self.cast[self.role]
        for index, when in self._later.items():
            if when == week and index < min(self.wanted, len(RISKS)):
                self._raise(index, day)
        for index, risk in self.risks.items():
            risk.refresh_from_db()
            if risk.is_closed:
                continue
            if index in CLOSED and CLOSED[index][0] == week:
                register.close(risk, CLOSED[index][1], actor=actor, on=day)
                continue
            moved = RISKS[index][9].get(week)
            due = risk.review_on is not None and risk.review_on <= day + timedelta(days=7)
            if moved:
                register.review(risk, actor=actor, likelihood=moved[0], consequence=moved[1], why="Weekly review: scored again", on=day)
            elif due and index not in LEFT_OVERDUE:
                register.review(risk, actor=actor, why="Weekly review: no change", on=day)
        for row in self.programme.escalations.filter(acknowledged_on__isnull=True, risk__isnull=False):
            escalation.acknowledge(row, actor=self.cast["BCH"], on=day)
        late = RiskAction.objects.filter(risk__programme=self.programme, status="open", due__lte=day + timedelta(days=2)).exclude(risk__in=[self.risks[i].pk for i in (2,) if i in self.risks]).select_related("risk__programme")
        for action in late:
            register.end_action(action, actor=actor, on=day)

    def raise_issues(self) -> None:
        actor = self.cast[self.role]
        issues.raise_issue(self.programme, "Coastal offers are declined faster than they are made", actor=actor, impact="Allocation of the coastal zone slips against its wave", owner_name="Martin Fairweather", due=today() + timedelta(days=3), on=today() - timedelta(days=4))
        solved = issues.raise_issue(self.programme, "Wrong telephone number on the first letters", actor=actor, owner_name="Eva Sinclair", on=today() - timedelta(days=20))
        issues.resolve(solved, "Second letter sent; call centre redirects", actor=actor, on=today() - timedelta(days=17))
