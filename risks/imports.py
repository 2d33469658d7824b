"""A risk register that comes in as a workbook (domain 10.15).

The number in the file is kept beside our own reference, so that a register brought in again changes the risks it made
and no others. A number that is only our own reference of a risk with other words is no such memory: every register counts
from R-01, so whether it is the same risk somebody says in the preview. Owners named in the file stay names until somebody links them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mobilisation.clock import today
from mobilisation.models import Job
from mobilisation.roles import Can
from mobilisation.workbooks import Choice, Column, Context, Date, Fault, Importer, ParsedRow, Plan, Text, Whole, Written, YesNo
from mobilisation.workbooks.plan import ANOTHER, Offer, Offering
from mobilisation.workbooks.words import normal
from risks import rules
from risks.choices import RiskScope, RiskStatus
from risks.models import Risk
from risks.services import register

CLOSED_REASON = "closed in imported register"
STATUS = {
    "open": ("live", "active", "ongoing", "in progress", "current"),
    "closed": ("complete", "resolved", "done", "retired"),
    "draft": ("proposed", "new"),
}
_MODEL_FIELDS = ("event", "cause", "effect", "owner_name", "other_owner", "likelihood", "consequence", "target_likelihood", "target_consequence", "controls", "gaps", "review_on", "raised_on", "scope", "unsafe_go_live")


@dataclass(frozen=True)
class Factor:
    """1 to 5, as a digit, a word of ours, or both ("4 Likely")."""

    words: tuple[str, ...]

    def __call__(self, cell: Any, context: Context) -> int:
        if isinstance(cell, str):
            text = normal(cell)
            for number, word in enumerate(self.words, 1):
                if text in (normal(word), f"{number} {normal(word)}"):
                    return number
        try:
            return Whole(1, 5)(cell, context)
        except Fault:
            raise Fault(f"It is not from 1 to 5 ({self.words[0]} to {self.words[-1]}).") from None


class RiskImporter(Importer[Risk]):
    kind, noun, can = "risks", ("risk", "risks"), Can.RISK_EDIT
    once_in_file = ("number",)
    row_by_row = True
    label_columns = ("number", "event")
    offering = Offering(
        ("has the number of a risk that is here already", "have the numbers of risks that are here already"),
        "The words are others. Lists of different people count from 1 alike, so a number alone is never taken: look, then say which it is. What would change is shown once it is said.",
        "Another risk: add it",
    )

    def columns(self) -> Sequence[Column]:
        likelihood, consequence = Factor(rules.LIKELIHOOD_WORDS), Factor(rules.CONSEQUENCE_WORDS)
        return [
            Column("number", "Number", Text(20), ("no", "no.", "ref", "risk no", "risk id", "id", "reference"), required=True),
            Column("event", "Risk", Text(300), ("risk", "risk description", "description", "risk event", "title"), required=True),
            Column("cause", "Cause", Text(2000), ("because", "root cause")),
            Column("effect", "Effect", Text(2000), ("impact", "consequences", "impact description", "result")),
            Column("owner_name", "Owner", Text(150), ("owner", "risk owner", "lead")),
            Column("other_owner", "Owner in the other party", Text(150), ("second owner",)),
            Column("likelihood", "Likelihood", likelihood, ("l", "current l", "current likelihood", "probability"), required=True),
            Column("consequence", "Consequence", consequence, ("i", "c", "current i", "current impact", "severity", "impact score"), required=True),
            Column("score", "Score", Whole(1, 25), ("rating", "l x i", "risk score", "current score"), help="Worked out from likelihood and consequence; a different figure is noted."),
            Column("controls", "Controls", Text(5000), ("mitigation", "mitigations", "existing controls", "control", "mitigating actions")),
            Column("gaps", "Gaps in control", Text(5000), ("gaps",)),
            Column("target_likelihood", "Target likelihood", likelihood, ("target l",)),
            Column("target_consequence", "Target consequence", consequence, ("target i", "target c", "target impact")),
            Column("raised_on", "Raised", Date(not_future=True), ("date raised", "opened", "identified")),
            Column("review_on", "Next review", Date(), ("review", "review date", "next review date")),
            Column("scope", "Whose risk", Choice.of({v: (label,) for v, label in RiskScope.choices}, "whose risk it is", RiskScope.values), ("scope", "type")),
            Column("unsafe_go_live", "Could make go-live unsafe", YesNo(), ("unsafe go live", "unsafe")),
            Column("status", "Status", Choice.of(STATUS, "a known status", ("open", "closed", "draft")), ("state",)),
        ]

    def tidy(self, row: ParsedRow) -> None:
        """A number Excel kept as 1.0 is number 1."""
        number = row.values.get("number")
        if number and number.endswith(".0"):
            row.values["number"] = number[:-2]

    def load(self, rows: Sequence[ParsedRow]) -> None:
        found = list(Risk.objects.select_for_update(of=("self",)).filter(programme=self.programme).select_related("owner"))
        self.by_number = {risk.imported_ref: risk for risk in found if risk.imported_ref}
        self.by_ref = {risk.ref.upper(): risk for risk in found}
        self.by_event = {normal(risk.event): risk for risk in found}

    def match(self, row: ParsedRow) -> Risk | None:
        number, event = str(row.values.get("number") or ""), normal(row.values.get("event") or "")
        found = self.by_number.get(number)
        if found is None and (ours := self.by_ref.get(number.upper())) is not None:
            return ours if event == normal(ours.event) else self._said(row, ours)
        if found is None and event and (same := self.by_event.get(event)):
            row.warn("event", f"{same.ref} has the same words. If it is the same risk, give its reference in the number column.")
        return found

    def _said(self, row: ParsedRow, ours: Risk) -> Risk | None:
        """``ours`` where a person says it is the same risk."""
        row.offers = (Offer(ours.ref, ", ".join((f"“{ours.event}”", f"score {ours.score}", f"owner {ours.owner_label}" if ours.owner_label else "no owner"))),)
        row.answer = self.answers.get(row.number, "")
        if row.answer == ours.ref:
            return ours
        if row.answer != ANOTHER:
            row.fault("number", f"{ours.ref} is a risk of this register already, with other words: “{ours.event}”. Say in the preview whether it is the same risk, or give the row another number.")
        return None

    def current(self, record: Risk) -> Mapping[str, Any]:
        held = {name: getattr(record, name) for name in _MODEL_FIELDS}
        return {**held, "owner_name": record.owner_label, "status": "closed" if record.is_closed else record.status}

    def same(self, column: str, old: Any, new: Any) -> bool:
        """What somebody closed here stays closed; the review of a closed risk is no news."""
        return bool(old == new or (column == "status" and old == "closed"))

    def check(self, row: ParsedRow, record: Risk | None) -> None:
        def after(name: str) -> Any:
            given = row.values.get(name)
            return given if given is not None or record is None else getattr(record, name)

        likelihood, consequence = after("likelihood"), after("consequence")
        target = (after("target_likelihood"), after("target_consequence"))
        if (target[0] is None) != (target[1] is None):
            row.fault("target_likelihood" if target[0] is None else "target_consequence", "Give both target likelihood and target consequence, or neither.")
        if likelihood and consequence:
            if target[0] and target[1]:
                for fault in rules.score_faults((likelihood, consequence), (target[0], target[1])):
                    row.fault("target_likelihood", fault)
            stated = row.values.get("score")
            if stated is not None and stated != likelihood * consequence:
                row.warn("score", f"{likelihood} times {consequence} is {likelihood * consequence}; that is what is kept.")
        if record is not None and record.is_closed and row.values.get("status") in ("open", "draft"):
            row.warn("status", f"{record.ref} is closed here and stays closed. Open it again on its page.")
        if record is None and not row.values.get("owner_name") and row.values.get("status") != "closed":
            row.warn("owner_name", "No owner. Name one on the page of the risk.")

    def write(self, plan: Plan[Risk], job: Job | None = None) -> Written:
        day = today()
        fresh = []
        for planned in plan.created:
            values = dict(planned.row.given)
            number, closed = values.pop("number"), values.pop("status", "open")
            values.pop("score", None)
            fresh.append(
                Risk(
                    programme=self.programme, imported_ref=number, initial_likelihood=values["likelihood"], initial_consequence=values["consequence"],
                    raised_on=values.pop("raised_on", None) or day, **values, **_ending(closed, day),
                )
            )
        made = register.take_on(fresh, actor=self.actor, why="imported register", job=job)
        pairs = []
        for planned in plan.updated:
            wanted = {name: value for name, value in planned.new_values.items() if name in _MODEL_FIELDS}
            if "owner_name" in wanted:
                wanted["owner"] = None
            if "status" in planned.new_values:
                wanted |= _ending(planned.new_values["status"], day)
            if planned.row.answer and planned.record is not None and not planned.record.imported_ref:
                wanted["imported_ref"] = planned.row.values["number"]  # said once
            pairs.append((planned.record, wanted))
        register.bring_up_to_date(pairs, actor=self.actor, why="imported register", job=job)  # type: ignore[arg-type]
        return Written(created=len(made), updated=len(plan.updated))


def _ending(status: str, day: Any) -> dict[str, Any]:
    if status != "closed":
        return {"status": status}
    return {"status": RiskStatus.CLOSED, "closed_on": day, "close_reason": CLOSED_REASON}
