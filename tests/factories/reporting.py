"""A position with something in every section, made by hand: no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from reporting.position import values as v

AS_OF = date(2027, 3, 7)


def rag(colour: str, *reasons: str, previous: str = "", trend: str = "", **more) -> v.Rag:
    return v.Rag(colour, reasons, previous=previous, trend=trend, **more)


def milestone(code: str, title: str, workstream: str, days: int, colour: str = "G", **more) -> v.Milestone:
    values = {"owner": "Priya Nair", "baseline": AS_OF + timedelta(days=days - 4), "due": AS_OF + timedelta(days=days), "done_on": None, "slip": 3, "reason": "", "critical": False, "gate": False, "moved": 1, "overdue_days": max(-days, 0)}
    return v.Milestone(code=code, title=title, workstream=workstream, colour=colour, **(values | more))


def risk(number: int, title: str, likelihood: int, consequence: int, previous: int | None, **more) -> v.RiskLine:
    score = likelihood * consequence
    band = next(name for least, name in ((15, "extreme"), (8, "high"), (4, "moderate"), (1, "low")) if score >= least)
    values = {"owner": "Tom Baines", "workstream": "people", "initial": 12, "target": 4, "review_on": AS_OF + timedelta(days=5), "overdue_review": False, "overdue_actions": 0, "unsafe_go_live": False}
    return v.RiskLine(ref=f"R{number:03d}", title=title, likelihood=likelihood, consequence=consequence, score=score, band=band, band_word=band.title(), previous=previous, **(values | more))


WORKSTREAMS = (
    ("governance", "Governance", "G"), ("contract", "Contract", "A"), ("finance", "Finance", "G"), ("workforce", "Workforce", "R"),
    ("data-and-systems", "Data and systems", "G"), ("people", "People", "A"), ("communications", "Communications", "G"), ("business-continuity", "Business continuity", "B"),
)


def position(**changes) -> v.Position:
    """Kent exit, week ending 7 March 2027: Red in people, one person past T, small numbers in hospital and by wave."""
    weeks = tuple(
        v.Week(
            AS_OF - timedelta(weeks=6 - n), "AAARRR"[n], {"plan": "GGAAAA"[n], "people": "AAARRR"[n], "workforce": "GGGAAA"[n], "risk": "AAAAAA"[n], "readiness": "NNGGGG"[n]},
            {slug: ("GGGAAR"[n] if colour == "R" else "GAGAGA"[n] if colour == "A" else colour) for slug, _, colour in WORKSTREAMS},
        )
        for n in range(6)
    )
    workstreams = tuple(
        v.Workstream(
            slug, name, f"Lead of {name}", rag(colour, "Finance plan is Red." if colour == "R" else "1 item is Amber." if colour == "A" else "", previous="A", trend="down" if colour == "R" else "same"),
            "Care workers of two rounds still to be met one to one; letters went out on Thursday." if name != "Finance" else "", "Release of two assessors for a fortnight." if colour == "R" else "",
            None if name == "Finance" else AS_OF, name == "Finance", "Rounds without a second carer on Sunday evenings." if name == "People" else "",
            "Orders shared with both providers", AS_OF + timedelta(days=11), 12, 7, 1 if colour == "R" else 0, int(colour == "R"), int(colour == "A"),
        )
        for slug, name, colour in WORKSTREAMS
    )
    codes = [("C01", "Listed", 140), ("C02", "Data checked", 138), ("C03", "Priority set", 131), ("C04", "Person told", 120), ("C05", "Representative told", 118), ("C06", "Sharing decision", 96), ("C07", "Needs assessed", 90), ("C08", "Plan current", 82), ("C09", "Provider accepted", 77), ("C10", "Orders set up", 61), ("C11", "Pack sent", 58), ("C12", "Introduced", 49), ("C13", "File routed", 44), ("C14", "Ready to transfer", 41), ("C15", "First visit", 36), ("C16", "Safety check", 33), ("C17", "System right", 30), ("C18", "Plan validated", 22), ("C19", "Review offered", 3), ("C20", "Closed", 0)]
    waves = (("Wave 1", 48, 1.0), ("Wave 2", 52, 0.4), ("Wave 3", 40, 0.05))
    base = v.Position(
        head=v.Head("KENT-EXIT", "Meadowgate exit, east Kent", "provider_exit", "Provider exit", "Planned", "active", "Active", "Mobilisation", "Kent County Council", "last day of the exiting provider", date(2027, 4, 30), 54),
        as_of=AS_OF, since=AS_OF - timedelta(days=7), data_at=datetime(2027, 3, 8, 0, 1, tzinfo=UTC),
        overall=rag("R", "People is Red.", "Plan, Workforce and Risk are Amber.", previous="R", trend="same"), weeks_at_red=4,
        dimensions=(
            v.Dimension("plan", "Plan", rag("A", "Workstream Workforce is Red.", "3 items are Amber.", previous="A", trend="same")),
            v.Dimension("people", "People", rag("R", "1 person past the transfer date without a first visit.", "29% ready against 45% planned: 15.7 points below.", previous="R", trend="same")),
            v.Dimension("workforce", "Workforce", rag("A", "Written information to representatives: 2 days left.", previous="G", trend="down")),
            v.Dimension("risk", "Risk", rag("A", "1 Extreme risk, owned and in date.", previous="A", trend="same")),
            v.Dimension("readiness", "Readiness", rag("R", "Will not be met by the start: Insurance.", stated="A", stated_reason="Broker confirmed in writing; certificate follows.", stated_by="Alex Ode, senior responsible owner", stated_on=AS_OF, previous="G", trend="down")),
        ),
        confidence=v.Confidence("AR", "R", "Workforce numbers for the coastal rounds are not settled."),
        needs=(
            v.Need("blocker", "1 person past the transfer date without a first visit.", None, True), v.Need("decision", "Agree to move wave 3 by one week", date(2027, 3, 12)),
            v.Need("escalation", "R003 Not enough carers on Sunday evenings: score rose by 8", None, True),
        ),
        plan=v.Plan(
            67, 31, 2, {"B": 31, "G": 22, "A": 9, "R": 3, "N": 2}, 14, 5, workstreams,
            tuple(milestone(f"P{n:02d}", title, "People", 3 + n) for n, title in enumerate(("Allocation sheets agreed with three providers", "Tracker reconciled with the billing list", "Interim cover in place for Sunday evenings", "Second carer confirmed for 14 double-handed packages", "Letters to representatives sent", "Wave 2 introductions complete"))),
            (milestone("P11", "Finance plan: payments, charging, provider set-up", "Finance", -6, "R", reason="Overdue 5 working days; critical.", critical=True),),
            tuple(milestone(f"K{n:02d}", "Communication plan agreed", "Communications", 5 + n) for n in range(3)), (),
            (v.Slip("P19", "Allocation sheets", "People", AS_OF, AS_OF + timedelta(days=9), 2),), (milestone("P24", "Sunday evening cover plan", "People", 12),),
            (v.Variation("Move wave 3 by one week", "Two providers asked for a week more to recruit.", "One more week of exiting provider's costs.", "Kent County Council", "proposed", "Proposed", None, (("P22 Incoming provider meeting", AS_OF, AS_OF + timedelta(days=7)),)),),
            (v.Interface("Rota data from Meadowgate to three incoming providers", ("Meadowgate Homecare Ltd", "Bluebell Care Partners"), True, AS_OF, None),),
        ),
        people=v.People(
            total=140, ready=41, transferred=36, in_hospital=3, on_hold=9, at_risk=33, past_t=1, safety_overdue=4, red_safety_overdue=0, no_incoming=20, plans_validated=22, plans_provisional=14,
            by_colour={"B": 0, "G": 90, "A": 30, "R": 3, "N": 17}, by_priority={"R": 38, "A": 54, "G": 39, "unrated": 9}, endings={"withdrawn": 2, "died": 1, "moved_away": 0},
            safety_outcomes={"safe": 30, "concern": 2}, ready_pct=29.2857, planned_pct=45.0, updated_pct=91.4286, funnel=tuple(v.FunnelStep(*row) for row in codes),
            by_wave=tuple(v.FunnelGroup(name, total, {code: int(min(done, 140) / 140 * total * share) for code, _, done in codes}) for name, total, share in waves),
            by_provider=(v.FunnelGroup("Bluebell Care Partners", 45, {code: done // 3 for code, _, done in codes}), v.FunnelGroup("Seasalter Home Support CIC", 45, {code: done // 3 for code, _, done in codes}), v.FunnelGroup("Oyster Bay Care Ltd", 50, {code: done // 3 for code, _, done in codes})),
            burn_up=tuple(v.BurnPoint(AS_OF + timedelta(weeks=n - 6), min(round(140 * (n / 13) ** 1.4), 140), round(36 * (n / 6) ** 2) if n <= 6 else None) for n in range(14)),
        ),
        workforce=v.Workforce(60, 54, 2, 31, (v.TupeStage("Meadowgate to Bluebell", "Employee liability information received", date(2027, 3, 4), date(2027, 3, 5), 1, "R", "Received 1 day late."), v.TupeStage("Meadowgate to Bluebell", "Consultation on measures", date(2027, 4, 1), None, 0, "G", "")), (v.Skill("Medication", True, 54, 44),), 88.0, 81.5),
        risks=v.Risks(
            25, {"low": 5, "moderate": 9, "high": 9, "extreme": 2},
            ((2, 1, 0, 1, 0), (1, 2, 3, 1, 0), (0, 3, 3, 2, 1), (0, 1, 2, 1, 0), (0, 0, 1, 0, 0)), ((2, 1, 1, 1, 0), (1, 2, 2, 1, 0), (0, 3, 3, 2, 0), (0, 1, 2, 2, 0), (0, 0, 1, 0, 0)),
            tuple(risk(n, title, likely, severe, before, unsafe_go_live=n in (3, 7)) for n, title, likely, severe, before in (
                (3, "Not enough carers on Sunday evenings on the coast", 4, 4, 8), (7, "Medication records are not handed over before the first visit", 3, 5, 15), (9, "A provider withdraws after accepting", 3, 4, 12), (1, "Rota system does not go live in time", 4, 3, 16),
                (12, "People without capacity are told too late", 3, 4, None), (14, "Payment set-up is late for new orders", 4, 3, 12), (2, "Families lose trust after the first letters", 3, 3, 9), (21, "Care workers decide not to move", 3, 3, 6), (5, "Case system and tracker disagree", 3, 3, 9), (18, "Fuel and roads in bad weather", 2, 4, 8),
            )),
            (), (risk(12, "People without capacity are told too late", 3, 4, None),), (), tuple(risk(n, t, 4, 4, 8, unsafe_go_live=True) for n, t in ((3, "Not enough carers on Sunday evenings on the coast"), (7, "Medication records are not handed over before the first visit"))),
            1, 2, 1, (v.IssueLine("I01", "Two addresses wrong on the provider list", "Mo Hale", AS_OF, False),), (v.OpportunityLine("O01", "Better rounds by zone", "Less travel", "Sue Grant"),), (v.Escalation("R003", 3, "Mobilisation board", "score rose by 8", AS_OF, True),),
        ),
        readiness=v.Readiness(
            date(2027, 4, 30), date(2027, 4, 30), 3, 5, (v.Condition("Insurance certificates", "CL", date(2027, 3, 20), None, "open", "Open", None, True), v.Condition("DPIA signed", "DA", date(2027, 3, 1), None, "satisfied", "Satisfied", date(2027, 2, 26), False)),
            tuple(v.Deliverable(n, t, 3, 5, 2, 3) for n, t in enumerate(("Pathway clarity", "Workforce readiness", "Risk controls", "Data and reporting", "Governance rhythm"), 1)), 15, 25, ("Supervision capacity confirmed",), ("Insurance certificates",), None,
        ),
        board=v.BoardPapers((v.DecisionLine("Agree to move wave 3 by one week", "Providers recruit for the coast", "needed", date(2027, 3, 12), "", None),), (v.DecisionLine("Wave 1 moved as planned", "", "made", None, "Mobilisation board", date(2027, 2, 25)),), 5, 1, (v.ActionLine("Confirm assessors", "Alex Ode", AS_OF - timedelta(days=2), True, True),)),
        history=weeks,
    )
    return replace(base, **changes)
