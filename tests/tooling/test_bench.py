"""The arithmetic of the benchmark, and what it takes from a form."""

from tests.bench.saving import Fields
from tests.bench.timing import Result, in_turns, line, p95


def test_p95_leaves_out_the_slowest_twentieth():
    assert p95([float(number) for number in range(1, 101)]) == 95.0
    assert p95([3.0]) == 3.0


def test_ours_and_the_floor_take_turns_after_warming():
    order = []
    in_turns(lambda: order.append("ours"), lambda: order.append("floor"), count=2, rounds=2)
    assert order == ["ours", "floor"] * 3 + ["ours", "floor"] * 4


def test_a_line_names_the_ratio_and_the_goal():
    said = line(Result("1 page", ours=0.03, floor=0.01, goal=2.5))
    assert "ratio  3.00" in said
    assert said.endswith("over the goal")


def test_a_form_gives_what_a_browser_would_send():
    page = Fields()
    page.feed(
        '<form><input name="version" value="3"><input type="checkbox" name="off"><input type="checkbox" name="on" checked value="yes"><select name="wave"><option value="1">1'
        '<option value="2" selected>2</select><textarea name="notes">Ring &amp; ask</textarea><input type="submit" name="save" value="Save"></form>'
    )
    assert page.values == {"version": "3", "on": "yes", "wave": "2", "notes": "Ring & ask"}
