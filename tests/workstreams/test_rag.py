"""Progress of steps and workstreams: every worked example of domain 5.8, and the edges between colours."""

from __future__ import annotations

from datetime import date

import pytest

from mobilisation.working_days import WorkingCalendar
from workstreams.rules import rag

DAYS = WorkingCalendar(frozenset({date(2027, 3, 26), date(2027, 3, 29)}))
LIMITS = rag.Limits()
MONDAY = date(2027, 3, 1)
SCD = date(2027, 4, 1)


def colour(as_of: date = MONDAY, **fields) -> tuple[str, str]:
    item = rag.Item(**({"start_by": SCD, "updated_on": MONDAY} | fields))
    found, reason = rag.moments(item, DAYS, LIMITS).at(as_of)
    return found.value, reason


WORKED = [
    ("1 on its baseline", {"baseline": date(2027, 3, 12), "forecast": date(2027, 3, 12)}, "G"),
    ("2 slip of five", {"baseline": date(2027, 3, 12), "forecast": date(2027, 3, 19)}, "A"),
    ("3 overdue by three", {"baseline": date(2027, 2, 24)}, "A"),
    ("4 critical, overdue by one", {"baseline": date(2027, 2, 26), "critical": True}, "R"),
    ("5 gate forecast after SCD", {"baseline": date(2027, 3, 30), "forecast": date(2027, 4, 2), "gate": True}, "R"),
    ("6 last updated eleven days ago", {"baseline": date(2027, 3, 12), "updated_on": date(2027, 2, 12)}, "A"),
    ("7 evidence expired yesterday", {"baseline": date(2027, 2, 1), "done": True, "evidence_required": True, "evidence_until": date(2027, 2, 28)}, "A"),
    ("7 the same on a gate", {"baseline": date(2027, 2, 1), "done": True, "evidence_required": True, "evidence_until": date(2027, 2, 28), "gate": True}, "R"),
]


@pytest.mark.parametrize("fields,expected", [case[1:] for case in WORKED], ids=[case[0] for case in WORKED])
def test_worked_example(fields, expected):
    assert colour(**fields)[0] == expected


EDGES = [
    ("slip of two is green", {"baseline": date(2027, 3, 12), "forecast": date(2027, 3, 16)}, "G"),
    ("slip of three is amber", {"baseline": date(2027, 3, 12), "forecast": date(2027, 3, 17)}, "A"),
    ("slip of ten is amber", {"baseline": date(2027, 3, 8), "forecast": date(2027, 3, 22)}, "A"),
    ("slip of eleven is red", {"baseline": date(2027, 3, 8), "forecast": date(2027, 3, 23)}, "R"),
    ("critical with a slip of five is amber", {"baseline": date(2027, 3, 12), "forecast": date(2027, 3, 19), "critical": True}, "A"),
    ("critical with a slip of six is red", {"baseline": date(2027, 3, 12), "forecast": date(2027, 3, 22), "critical": True}, "R"),
    ("due today is green", {"baseline": MONDAY}, "G"),
    ("due on Sunday is amber on Monday", {"baseline": date(2027, 2, 28)}, "A"),
    ("overdue by five is amber", {"baseline": date(2027, 2, 22)}, "A"),
    ("overdue by six is red", {"baseline": date(2027, 2, 19)}, "R"),
    ("a new forecast takes overdue away", {"baseline": date(2027, 2, 26), "forecast": date(2027, 3, 2)}, "G"),
    ("gate on SCD itself is green", {"baseline": SCD, "gate": True}, "G"),
    ("gate after its longstop is red", {"baseline": date(2027, 3, 10), "gate": True, "longstop": date(2027, 3, 9)}, "R"),
    ("blocked for five is green", {"baseline": date(2027, 4, 1), "blocked_on": date(2027, 2, 22)}, "G"),
    ("blocked for six is red", {"baseline": date(2027, 4, 1), "blocked_on": date(2027, 2, 19)}, "R"),
    ("at risk", {"baseline": date(2027, 4, 1), "at_risk": True, "at_risk_note": "quote late"}, "A"),
    ("without an owner", {"baseline": date(2027, 4, 1), "vacant_from": date(1900, 1, 1)}, "A"),
    ("owner leaves tomorrow", {"baseline": date(2027, 4, 1), "vacant_from": date(2027, 3, 2)}, "G"),
    ("predecessor is red", {"baseline": date(2027, 4, 1), "predecessors": ((date(2027, 2, 1), "P08"),)}, "A"),
    ("predecessor turns red tomorrow", {"baseline": date(2027, 4, 1), "predecessors": ((date(2027, 3, 2), "P08"),)}, "G"),
    ("updated ten days ago", {"baseline": date(2027, 4, 1), "updated_on": date(2027, 2, 15)}, "G"),
    ("starts tomorrow", {"baseline": date(2027, 4, 1), "start": date(2027, 3, 2)}, "N"),
    ("starts today", {"baseline": date(2027, 4, 1), "start": MONDAY}, "G"),
    ("starts tomorrow but at risk", {"baseline": date(2027, 4, 1), "start": date(2027, 3, 2), "at_risk": True}, "A"),
    ("done", {"baseline": date(2027, 2, 1), "done": True}, "B"),
    ("done with evidence good until today", {"done": True, "evidence_required": True, "evidence_until": MONDAY}, "B"),
    ("done without the evidence it needs", {"done": True, "evidence_required": True}, "A"),
    ("done without date of evidence running out", {"done": True, "evidence_required": True, "evidence_until": date.max}, "B"),
    ("not applicable though overdue", {"baseline": date(2027, 1, 1), "critical": True, "not_applicable": True}, "B"),
    ("without any date", {}, "G"),
]


@pytest.mark.parametrize("fields,expected", [case[1:] for case in EDGES], ids=[case[0] for case in EDGES])
def test_edge_between_colours(fields, expected):
    assert colour(**fields)[0] == expected


def test_reason_says_why():
    assert colour(baseline=date(2027, 2, 26), critical=True) == ("R", "Critical, and overdue since 26 Feb 2027")
    assert colour(baseline=date(2027, 4, 1), predecessors=((date(2027, 2, 1), "P08"),)) == ("A", "Waits for P08, which is Red")


def test_gate_not_passed_turns_red_the_day_after_the_start():
    item = {"baseline": date(2027, 3, 31), "gate": True, "updated_on": date(2027, 3, 31)}
    assert colour(as_of=SCD, **item) == ("A", "Overdue, due 31 Mar 2027")
    assert colour(as_of=date(2027, 4, 2), **item) == ("R", "A gate not passed by the start of the service (1 Apr 2027)")


def test_moments_give_the_same_colour_as_the_definition_on_every_day():
    """The stored moments against the rule read literally, day by day over ten weeks."""
    baseline = date(2027, 3, 5)
    moments = rag.moments(rag.Item(baseline=baseline, updated_on=date(2027, 3, 1), start=date(2027, 2, 25)), DAYS, LIMITS)
    for number in range(70):
        day = date.fromordinal(date(2027, 2, 15).toordinal() + number)
        overdue = DAYS.count(baseline, day) if day > baseline else 0
        if overdue > 5:
            expected = "R"
        elif day > baseline or DAYS.count(date(2027, 3, 1), day) > 10:
            expected = "A"
        else:
            expected = "N" if day < date(2027, 2, 25) else "G"
        assert moments.at(day)[0].value == expected, day


WORKSTREAMS = [
    ("critical red", {"total": 9, "red": 1, "critical_red": 1, "due_next": 9, "due_next_red": 1}, "R", ("1 critical item is Red",)),
    ("a quarter red", {"total": 4, "red": 1, "due_next": 4, "due_next_red": 1}, "R", ("1 of 4 open items due within 20 working days are Red",)),
    ("under a quarter red", {"total": 5, "red": 1, "due_next": 5, "due_next_red": 1}, "A", ("1 item is Red",)),
    ("extreme risk", {"total": 5, "extreme_overdue_actions": 1}, "R", ("1 Extreme risk has an overdue action",)),
    ("one amber", {"total": 5, "amber": 1}, "A", ("1 item is Amber",)),
    ("high risk past review", {"total": 5, "done": 5, "high_past_review": 2}, "A", ("2 High risks are past review",)),
    ("nobody leads", {"total": 5, "lead_vacant": True}, "A", ("Nobody leads this workstream",)),
    ("all done", {"total": 5, "done": 5}, "B", ()),
    ("on track", {"total": 5, "done": 4}, "G", ()),
    ("empty", {}, "N", ("No steps yet",)),
]


@pytest.mark.parametrize("counts,expected,reasons", [case[1:] for case in WORKSTREAMS], ids=[case[0] for case in WORKSTREAMS])
def test_workstream(counts, expected, reasons):
    found, said = rag.workstream(rag.Counts(**counts), LIMITS)
    assert (found.value, said) == (expected, reasons)


AGAIN = {"baseline": date(2026, 2, 26), "done": True, "again_on": date(2027, 2, 26)}


@pytest.mark.parametrize(("as_of", "fields", "expected"), [
    (date(2027, 2, 26), {}, ("B", "")), (date(2027, 2, 27), {}, ("A", "To be done again, due 26 Feb 2027")), (date(2027, 3, 5), {}, ("A", "To be done again, due 26 Feb 2027")),
    (date(2027, 3, 8), {}, ("R", "To be done again, due 26 Feb 2027")),
    (date(2027, 2, 26), {"evidence_required": True}, ("A", "Done without accepted evidence")),
    (date(2027, 2, 26), {"evidence_required": True, "evidence_until": date(2027, 1, 31)}, ("A", "Evidence ran out on 31 Jan 2027")),
    (date(2027, 3, 1), {"evidence_required": True, "evidence_until": date(2027, 12, 31)}, ("A", "To be done again, due 26 Feb 2027")),
])
def test_what_comes_round_again_is_complete_until_its_day(as_of, fields, expected):
    assert colour(as_of, **AGAIN | fields) == expected


@pytest.mark.parametrize(("critical", "forecast", "limits", "said"), [
    (True, date(2027, 3, 2), {"critical_slip": 0}, "Critical, and forecast 1 working day after baseline"),
    (True, date(2027, 3, 3), {"critical_slip": 0}, "Critical, and forecast 2 working days after baseline"),
    (False, date(2027, 3, 2), {"slip_amber": 1}, "Forecast 1 working day after baseline"),
    (False, date(2027, 3, 2), {"slip_red": 0}, "Forecast 1 working day after baseline"),
])
def test_one_working_day_is_said_as_one(critical, forecast, limits, said):
    item = rag.Item(baseline=MONDAY, forecast=forecast, critical=critical, start_by=SCD, updated_on=MONDAY)
    assert rag.moments(item, DAYS, rag.Limits(**limits)).at(MONDAY)[1] == said
