"""Layout of charts: every colour with its letter, scales that hold, the same partial for page and paper."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

from django.template.loader import render_to_string

from reporting import charts
from reporting.position.values import BurnPoint, Risks
from tests.factories import reporting as made


def drawn(name, chart):
    return render_to_string(f"reporting/charts/{name}.html", {"chart": chart, "id": "x"})


def test_strip_has_six_weeks_and_now_and_a_dash_for_a_missing_week():
    given = made.position()
    chart = charts.strip(replace(given, history=given.history[2:]))
    assert [label for _, label in chart.columns] == ["–", "–", "7 Feb", "14 Feb", "21 Feb", "28 Feb", "Now"]
    assert [tile.letter for tile in chart.rows[3].tiles] == ["", "", "G", "A", "A", "R", "R"]
    assert chart.rows[3].name == "Workforce"
    text = drawn("strip", chart)
    assert len(re.findall(r">[BGARN]</text>", text)) == 8 * 5


def test_a_long_name_stands_in_two_lines_beside_its_tiles():
    given = made.position()
    names = ("Communications and stakeholders", "Governance", "Business continuity of the outgoing and of every incoming provider")
    streams = tuple(replace(given.plan.workstreams[0], slug=f"w{n}", name=name) for n, name in enumerate(names))
    chart = charts.strip(replace(given, plan=replace(given.plan, workstreams=streams)))
    assert [row.lines for row in chart.rows] == [("Communications and", "stakeholders"), ("Governance",), ("Business continuity of the", "outgoing and of every…")]
    assert re.findall(r'<text x="0" y="([0-9]+)" font-size="([0-9.]+)"[^>]*>([^<]+)<', drawn("strip", chart)) == [
        ("35", "11.5", "Communications and"), ("48", "11.5", "stakeholders"), ("72", "13", "Governance"),
        ("95", "11.5", "Business continuity of the"), ("108", "11.5", "outgoing and of every…"),
    ]


def test_burn_up_stays_in_its_box_and_ends_at_the_figures():
    given = made.position()
    chart = charts.burn_up(given.people.burn_up, given.as_of)
    pairs = [tuple(map(float, pair.split(","))) for pair in f"{chart.planned} {chart.actual}".split()]
    assert all(chart.left <= x <= chart.right and 0 <= y <= chart.bottom for x, y in pairs)
    assert (chart.now_label, chart.y_ticks[0][1], chart.y_ticks[-1][1]) == ("36", 0, 150)
    assert "Transferred by 7 Mar 2027: 36" in chart.summary


def test_burn_up_needs_two_dates():
    assert charts.burn_up(made.position().people.burn_up[:1], made.AS_OF) is None
    nobody = [replace(point, planned=0, actual=0) for point in made.position().people.burn_up]
    assert charts.burn_up(nobody, made.AS_OF + timedelta(days=200)) is not None


def test_heat_counts_every_open_risk_once_and_says_what_moved():
    risks = made.position().risks
    chart = charts.heat(risks)
    assert len(chart.cells) == 25
    assert sum(cell.count for cell in chart.cells) == sum(map(sum, risks.matrix))
    assert {(cell.score, cell.moved) for cell in chart.cells if cell.moved} == {(6, "up"), (3, "down"), (16, "down"), (15, "up")}
    assert [charts.band_of(score)[0] for score in (1, 3, 4, 6, 8, 12, 15, 25)] == ["low", "low", "moderate", "moderate", "high", "high", "extreme", "extreme"]
    assert charts.heat(Risks()) is None


def test_sparkline():
    chart = charts.sparkline([0, 5, 10], "Ready")
    assert chart.points == "2,21 47,12 92,3"
    assert charts.sparkline([1], "Ready") is None


def test_every_drawing_is_named_and_carries_no_style_or_script():
    given = made.position()
    for name, chart in (("strip", charts.strip(given)), ("burn_up", charts.burn_up(given.people.burn_up, given.as_of)), ("heat", charts.heat(given.risks)), ("sparkline", charts.sparkline([1, 2], "Ready"))):
        text = drawn(name, chart)
        assert 'role="img"' in text
        assert "<title id=" in text
        assert not re.search(r"style=|<script|<style|onload", text)


def test_a_label_of_the_curve_is_read_over_the_lines_it_crosses():
    points = [BurnPoint(date(2026, 11, 9) + timedelta(days=4 * n), 14 * n, 0 if n < 5 else None) for n in range(12)]
    text = drawn("burn_up", charts.burn_up(points, date(2026, 11, 25), about=True))
    for label in ("about 0 transferred", "plan"):
        ground, place = re.search(rf'<rect ([^>]*)/><text ([^>]*)>{label}</text>', text).groups()
        x, y, width, height = (float(re.search(rf' {name}="([^"]+)"', f" {ground}")[1]) for name in ("x", "y", "width", "height"))
        at, line = (float(re.search(rf' {name}="([^"]+)"', f" {place}")[1]) for name in ("x", "y"))
        left = at - 28 if 'text-anchor="end"' in place else at
        assert (x <= left + 2, x + width >= left + 26, y < line - 9, y + height > line) == (True, True, True, True), label
    assert text.count("transferred</text>") == 1, "read once, also by who hears it"


def test_the_small_curve_keeps_its_words_apart():
    points = [BurnPoint(date(2026, 11, 9) + timedelta(days=4 * n), 14 * n, 14 * n if n < 5 else None) for n in range(12)]
    chart = charts.burn_up(points, date(2026, 11, 25), size=charts.SMALL)
    assert (chart.width, chart.height, len(chart.x_ticks)) == (344, 150, 3)
    assert [label for _, label in chart.x_ticks] == ["9 Nov", "3 Dec", "23 Dec"]
