"""From the words of a template to real dates, and the three templates against the domain guide."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from mobilisation.working_days import Offset, WorkingCalendar
from workstreams import plan_templates
from workstreams.rules import schedule
from workstreams.rules.schedule import Point, When

DAYS = WorkingCalendar(frozenset({date(2027, 1, 1), date(2027, 3, 26), date(2027, 3, 29), date(2027, 5, 3)}))

# Copied from section 6 of the domain guide by hand: code, planned, emergency.
EXIT = """P00 D0 D0|P01 D0+1w D0|P02 D0+3w D0+1c|P03 D0+3w D0|P04 D0+5w D0|P05 D0+5w D0|P06 D0+5w D0+1c|P07 D0+10w D0+1c|P08 D0+1w D0|P09 D0+3w D0+1c
P10 D0+5w D0+1c|P11 D0+10w D0+2c|P12 D0+10w D0+2c|P13 D0+10w –|P14 D0+2w D0|P15 D0+1w D0|P16 D0+3w D0|P17 D0+8w D0+1c|P18 D0+10w D0+1c|P19 D0+15w D0+2c
P20 D0+10w D0+1c|P21 D0+8w D0+1c|P22 D0+15w D0+2c|P23 D0+15w D0+1c|K01 D0+2w D0|K02 D0+5w D0+1c|K03 D0+8w D0+1c|K04 D0+8w D0+1c|K05 D0+8w D0+1c|K06 D0+8w D0+1c
K07 D0+8w D0+1c|K09 D0+5w D0|K10 D0+8w D0+1c|K11 D0+8w D0+1c|K12 D0+8w D0+1c|K13 D0+9w D0+1c|K14 D0+8w D0+1c|K16 D0+12w T+42c|S05 X-10c X|S07 T-15w T-1c|S08 T-5w T
R06 D0+15w D0+5w|X01 E+5w E+5w|X02 E+20w E+20w|X04 E+14c E+14c|X05 T+42c T+42c|X06 E+30w E+30w|X07 E+20w E+20w|X08 E+30w E+30w|X09 E+20w E+20w|X10 E+15w E+15w|X12 E+60w E+60w"""
SPECIAL = {
    "K08": (When(due=Point("D0", Offset(10, "w")), recurrence="weekly"), When(recurrence="daily")),
    "K15": (When(due=Point("D0", Offset(9, "w"))), When(if_time=True)),
    "S01": (When(recurrence="same day"),) * 2, "S02": (When(checkpoints=("C07",)),) * 2, "S03": (When(checkpoints=("C06", "C08")), When(checkpoints=("C08",))),
    "S04": (When(checkpoints=("C12",)),) * 2, "S06": (When(checkpoints=("C13",)),) * 2, "R01": (When(recurrence="daily"),) * 2,
    "R02": (When(recurrence="weekly"), When(recurrence="daily")), "R03": (When(checkpoints=("C10",)),) * 2, "R04": (When(recurrence="per plan"), When(recurrence="daily")),
    "R05": (When(checkpoints=("C16",)),) * 2, "R07": (When(recurrence="weekly"),) * 2, "R08": (When(recurrence="every 2 weeks"), When(recurrence="daily")),
    "X03": (When(due=Point("E", Offset(1, "w")), again=Point("E", Offset(3, "m"))),) * 2,
    "X11": (When(due=Point("E", Offset(40, "w")), recurrence="every 12 months"),) * 2,
}
LIVE = """L01 16 10|L02 15 10|L03 15 10|L04 15 10|L05 14 9|L06 14 9|L07 12 8|L08 13 9|L09 13 9|L10 10 6|L11 8 4|L12 12 8|L13 9 9|L14 12 8|L15 4 3|L16 3 2|L17 4 3|L18 3 2|L19 12 8|L20 1 1
L21 6 4|L22 4 3|L23 5 3|L24 6 4|L25 2 1|L26 1 1|L27 2 1|L28 0 0|L29 +4 +4|L30 +12 +12|L31 +12 +12"""
HOME = {
    "H01": "G-30c", "H02": "G-20c", "H03": "G-28c→G-5c", "H04": "G-14c", "H05": "G-5c", "H06": "G-5c", "H07": "G-10c", "H08": "G→G+28c; daily", "H09": "daily", "H10": "daily",
    "H11": "daily 16:00", "H12": "Tue, Fri", "H13": "weekly", "H14": "weekly", "H15": "weekly", "H16": "G+10c", "H17": "G→G+6c", "H18": "G+14c→G+20c", "H19": "G+21c→G+41c", "H20": "G+30c",
}
STREAMS = {
    "governance": "P01 P03 P04 P05 P06 P23 R02 R08 X04 X08 X10 X11", "contract": "P02 P08 P09 P14 P15 P21 P22 X03 X09", "finance": "P11 X02 X07", "workforce": "P10 S05",
    "data-and-systems": "P12 P13 P16 P17 P20 R01 R06 R07 X01 X06 X12", "people": "P07 P18 P19 S01 S02 S03 S04 S06 S07 S08 R03 R05 X05",
    "communications": " ".join(f"K{number:02d}" for number in range(1, 17)) + " R04", "business-continuity": "P00",
}


def cells(table: str) -> dict[str, list[str]]:
    return {cell.split()[0]: cell.split()[1:] for cell in table.replace("\n", "|").split("|")}


def test_exit_template_is_whole():
    steps = plan_templates.steps("provider_exit", "planned")
    numbers = {letter: sum(step.code[0] == letter for step in steps) for letter in "PKSRX"}
    assert numbers == {"P": 24, "K": 16, "S": 8, "R": 8, "X": 12}
    assert [step.code for step in steps][:2] == ["P00", "P01"]
    assert {slug: {step.code for step in steps if step.workstream == slug} for slug in STREAMS} == {slug: set(codes.split()) for slug, codes in STREAMS.items()}
    assert [stream.slug for stream in plan_templates.workstreams("provider_exit")] == list(STREAMS)


@pytest.mark.parametrize("pace,at", [("planned", 0), ("emergency", 1)])
def test_every_offset_of_the_exit_template(pace, at):
    held = {step.code: step.when for step in plan_templates.steps("provider_exit", pace)}
    expected = {code: (When(skipped=True) if words[at] == "–" else When(due=schedule.point(words[at]))) for code, words in cells(EXIT).items()}
    assert held == expected | {code: both[at] for code, both in SPECIAL.items()}


@pytest.mark.parametrize("pace,at", [("planned", 0), ("compressed", 1)])
def test_every_week_of_the_live_template(pace, at):
    held = {step.code: step.when.due.offset.number for step in plan_templates.steps("live_service", pace)}
    assert held == {code: (int(words[at]) if words[at].startswith("+") else -int(words[at])) * 7 for code, words in cells(LIVE).items()}
    assert len(held) == 31


def test_homecare_template():
    steps = plan_templates.steps("homecare_start", "planned")
    assert {step.code: step.words for step in steps} == HOME


def test_six_kinds_of_milestone_in_a_live_plan():
    kinds = {step.milestone_kind for step in plan_templates.steps("live_service", "planned")} - {"", "other"}
    assert kinds == {"conditions_precedent", "works_reconfiguration", "logistics", "workforce", "imt", "communications"}


@pytest.mark.parametrize("kind", ["provider_exit", "live_service", "homecare_start"])
def test_template_holds_together(kind):
    slugs = {stream.slug for stream in plan_templates.workstreams(kind)}
    for step in plan_templates.steps(kind, "planned"):
        assert step.workstream in slugs, step.code
        assert step.owners, step.code
        assert step.title and len(step.title) <= 300
    assert {stream.slug for stream in plan_templates.workstreams("live_service")} >= {"governance", "programme-office"}
    assert len(plan_templates.workstreams("live_service")) == 12
    assert len({item.deliverable for item in plan_templates.criteria()}) == 5


@pytest.mark.parametrize(
    "planned,weeks,expected",
    [("15w", 8, 10), ("10w", 8, 6), ("1w", 8, 1), ("0w", 8, 0), ("2w", 4, 1), ("3w", 3, 1), ("15w", 12, 15), ("15w", 20, 15), ("8w", 11, 7)],
)
def test_compressed_offset(planned, weeks, expected):
    """Planned × weeks ÷ 12, rounded down, at least one; nought stays nought; never longer than planned."""
    d0 = date(2027, 1, 4)
    end = date.fromordinal(d0.toordinal() + weeks * 7)
    assert schedule.compressed(Offset.parse(planned), d0, end) == Offset(expected, "w")


@pytest.mark.parametrize(
    "words,within,expected",
    [
        ("D0", False, date(2027, 1, 4)), ("D0+5w", False, date(2027, 1, 11)), ("E+14c", True, date(2027, 5, 14)), ("E+1w", False, date(2027, 5, 4)), ("E+3m", False, date(2027, 7, 30)),
        ("D0+5c", False, date(2027, 1, 11)), ("D0+5c", True, date(2027, 1, 8)), ("G-28c", False, date(2027, 3, 4)), ("G-4c", False, date(2027, 3, 25)), ("T-15w", False, None),
    ],
)
def test_real_date(words, within, expected):
    anchors = {"D0": date(2027, 1, 4), "E": date(2027, 4, 30), "G": date(2027, 4, 1), "T": None}
    assert schedule.real_date(schedule.point(words), anchors, DAYS, within=within) == expected


@pytest.mark.parametrize(
    "anchor,day,at_once,expected",
    [
        ("D0", date(2027, 1, 2), False, date(2027, 1, 4)), ("D0", date(2027, 1, 3), False, date(2027, 1, 4)), ("D0", date(2027, 3, 26), False, date(2027, 3, 30)),
        ("D0", date(2027, 1, 4), False, date(2027, 1, 4)), ("A", date(2027, 1, 2), False, date(2027, 1, 4)), ("E", date(2027, 1, 2), False, date(2027, 1, 4)),
        ("D0", date(2027, 1, 2), True, date(2027, 1, 2)), ("D0", date(2027, 3, 26), True, date(2027, 3, 26)),
        ("SCD", date(2027, 1, 2), False, date(2027, 1, 2)), ("G", date(2027, 1, 2), False, date(2027, 1, 2)), ("T", date(2027, 1, 2), False, date(2027, 1, 2)), ("X", date(2027, 1, 2), False, date(2027, 1, 2)),
    ],
)
def test_nought_from_a_decision_is_a_working_day_and_an_event_stands_on_its_own(anchor, day, at_once, expected):
    assert schedule.real_date(schedule.point(anchor), {anchor: day}, DAYS, at_once=at_once) == expected


@pytest.mark.parametrize(
    "recurrence,as_of,first,expected",
    [
        ("daily", date(2027, 3, 6), None, date(2027, 3, 8)), ("weekly", date(2027, 3, 3), date(2027, 3, 1), date(2027, 3, 8)), ("weekly", date(2027, 3, 1), date(2027, 3, 1), date(2027, 3, 1)),
        ("every 2 weeks", date(2027, 3, 9), date(2027, 3, 1), date(2027, 3, 15)), ("Tue, Fri", date(2027, 3, 3), None, date(2027, 3, 5)), ("Tue, Fri", date(2027, 3, 24), None, date(2027, 3, 30)),
        ("weekly", date(2027, 2, 1), date(2027, 3, 1), date(2027, 3, 1)), ("every 12 months", date(2027, 3, 1), date(2026, 2, 16), date(2028, 2, 16)), ("per plan", date(2027, 3, 1), None, None),
        ("same day", date(2027, 3, 1), None, None), ("", date(2027, 3, 1), None, None),
        ("weekly", date(2027, 3, 29), date(2027, 3, 1), date(2027, 3, 30)), ("weekly", date(2027, 3, 30), date(2027, 3, 1), date(2027, 3, 30)), ("weekly", date(2027, 3, 31), date(2027, 3, 1), date(2027, 4, 5)),
    ],
)
def test_next_occurrence(recurrence, as_of, first, expected):
    assert schedule.next_occurrence(recurrence, as_of, DAYS, first=first) == expected


def test_daily_at_four_is_tomorrow_after_four():
    assert schedule.next_occurrence("daily 16:00", date(2027, 3, 1), DAYS, now=datetime(2027, 3, 1, 15, 59)) == date(2027, 3, 1)
    assert schedule.next_occurrence("daily 16:00", date(2027, 3, 1), DAYS, now=datetime(2027, 3, 1, 16, 0)) == date(2027, 3, 2)


@pytest.mark.parametrize(
    "kind,exit_type,weeks,expected",
    [
        ("provider_exit", "planned", 8, "planned"), ("provider_exit", "enforced", 11, "compressed"), ("provider_exit", "enforced", 12, "planned"), ("provider_exit", "enforced", None, "planned"),
        ("provider_exit", "emergency", 2, "emergency"), ("live_service", "", 16, "planned"), ("live_service", "", 15, "compressed"), ("homecare_start", "", 1, "planned"),
    ],
)
def test_default_pace(kind, exit_type, weeks, expected):
    d0 = date(2027, 1, 4)
    assert schedule.default_pace(kind, exit_type, d0, None if weeks is None else date.fromordinal(d0.toordinal() + weeks * 7)) == expected


def test_words_that_are_no_date_are_refused():
    with pytest.raises(ValueError, match="D0\\+5x"):
        schedule.when("D0+5x")


def test_rounds_keep_the_weekday_of_the_start():
    names = ("daily", "weekly", "every 2 weeks", "Tue, Fri")
    found = {day: schedule.rounds(names, date(2027, 3, day), DAYS, since=date(2027, 2, 24)) for day in (2, 3, 4)}
    assert {day: [f"{one[name]:%d %b}" for name in names] for day, one in found.items()} == {
        2: ["02 Mar", "03 Mar", "10 Mar", "02 Mar"], 3: ["03 Mar", "03 Mar", "10 Mar", "05 Mar"], 4: ["04 Mar", "10 Mar", "10 Mar", "05 Mar"],
    }
