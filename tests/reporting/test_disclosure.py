"""The attack on small numbers: from what an edition shows, by sums, by differences of neighbours and by what nests in what,
no hidden count of people and no small difference may be worked out. A few hundred random populations; no database.

The attacker knows the rules of the edition. A number that is no multiple of 5 he takes as exact, a multiple as up to two
either way; a star as anything the rule could have hidden. Wherever one value alone is left, the edition has told.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from reporting.editions import edition
from reporting.position import values as v
from reporting.rules import small_numbers
from tests.factories import reporting as made
from transfers.rules.gates import CHECKPOINTS

LIMIT, MANY = 7, 10**6
HIDDEN = small_numbers.HIDDEN
NEEDS = [(checkpoint.code, need) for checkpoint in CHECKPOINTS for need in checkpoint.needs]
TITLES = [(checkpoint.code, checkpoint.short) for checkpoint in CHECKPOINTS]


def crowd(seed: str) -> v.People:
    """People at every stage, in waves and with providers, some of both very small."""
    dice = random.Random(seed)
    number = dice.choice([6, 12, 25, 60, 138, 160])
    waves, providers = dice.randint(1, 5), dice.randint(1, 5)
    pull = dice.choice([0.97, 0.8, 0.5, 0.2])
    rows = []
    for _ in range(number):
        done: set[str] = set()
        reach = dice.random()
        for checkpoint in CHECKPOINTS:
            if all(need in done for need in checkpoint.needs) and dice.random() < (0.995 if reach < pull else 0.75):
                done.add(checkpoint.code)
        rows.append((min(int(dice.expovariate(0.8)), waves), min(int(dice.expovariate(0.8)), providers), done, dice.choice("RRAGGG"), dice.choice("BGGGARN")))

    def groups(column: int) -> tuple[v.FunnelGroup, ...]:
        return tuple(
            v.FunnelGroup(f"Group {key}", len(own), {code: sum(code in row[2] for row in own) for code, _ in TITLES})
            for key in sorted({row[column] for row in rows}) for own in [[row for row in rows if row[column] == key]]
        )

    funnel = tuple(v.FunnelStep(code, title, sum(code in row[2] for row in rows)) for code, title in TITLES)
    by = {step.code: step.done for step in funnel}
    ready = sum(row[2] >= {"C14"} for row in rows)
    overdue = sum("C15" in row[2] and "C16" not in row[2] for row in rows)
    red = sum("C15" in row[2] and "C16" not in row[2] and row[3] == "R" for row in rows)
    return v.People(
        total=number, ready=ready, transferred=by["C15"], safety_overdue=overdue, red_safety_overdue=red, no_incoming=number - by["C09"], plans_validated=by["C18"], plans_provisional=by["C15"] - by["C18"],
        by_colour={letter: sum(row[4] == letter for row in rows) for letter in "BGARN"}, by_priority={letter: sum(row[3] == letter for row in rows) for letter in "RAG"} | {"unrated": 0},
        at_risk=sum(row[4] in "AR" for row in rows), ready_pct=100 * ready / number, planned_pct=50.0, updated_pct=90.0, funnel=funnel, by_wave=groups(0), by_provider=groups(1),
    )


def shown_as(name: str, people: v.People) -> v.People:
    return edition(replace(made.position(), people=people), name, organisation="Group 0").people


def reading(shown: v.Count, exact: bool = False) -> tuple[int, int]:
    """Least and most the attacker takes a shown number for."""
    if isinstance(shown, str):
        return 0, MANY
    if shown == 0 or shown % 5 or exact:
        return shown, shown
    return max(LIMIT + 1, shown - 2), shown + 2


class Impossible(Exception):
    """No population fits."""


def narrowed(known: dict, sums: list, nested: list) -> dict | None:
    """Least and most of each after adding up and comparing until nothing moves; None when it cannot be."""
    known = dict(known)
    moved = True
    try:
        while moved:
            moved = False
            for parts, whole in sums:
                low, high = sum(known[part][0] for part in parts), sum(known[part][1] for part in parts)
                moved |= _closer(known, whole, low, high)
                for part in parts:
                    own = known[part]
                    moved |= _closer(known, part, known[whole][0] - (high - own[1]), known[whole][1] - (low - own[0]))
                    low, high = low - own[0] + known[part][0], high - own[1] + known[part][1]
            for small, large in nested:
                moved |= _closer(known, small, 0, known[large][1])
                moved |= _closer(known, large, known[small][0], MANY)
    except Impossible:
        return None
    return known


def _closer(known: dict, key: object, low: int, high: int) -> bool:
    now = (max(known[key][0], low), min(known[key][1], high))
    if now[0] > now[1]:
        raise Impossible
    moved, known[key] = now != known[key], now
    return moved


def attack(shown: v.People, groups: tuple[v.FunnelGroup, ...], *, exact: bool) -> tuple[dict, list, list]:
    codes = [step.code for step in shown.funnel]
    known = {step.code: reading(step.done, exact) for step in shown.funnel} | {"all": reading(shown.total, exact)}
    known |= {(group.name, code): reading(group.done[code]) for group in groups for code in codes} | {(group.name, "all"): reading(group.total) for group in groups}
    for code in [*codes, "all"]:
        column = [(group.name, code) for group in groups]
        seen = [known[cell][1] for cell in column if 0 < known[cell][1] < MANY]
        for cell in column:
            if known[cell] == (0, MANY):
                known[cell] = (1, max(LIMIT, min(seen))) if seen else (0, MANY)
    pairs = [*NEEDS, *((code, "all") for code in codes)]
    sums = [([(group.name, code) for group in groups], code) for code in [*codes, "all"]] if len(groups) > 1 else []
    return known, sums, [*pairs, *(((group.name, small), (group.name, large)) for group in groups for small, large in pairs)]


def pinned(known: dict, sums: list, nested: list, hidden: dict) -> list:
    """Hidden small counts for which one value alone is left."""
    base = narrowed(known, sums, nested)
    if base is None:
        return []
    found = []
    for cell, true in hidden.items():
        least = min(base[cell][0], 1) if known[cell][0] == 0 else 1
        others = (value for value in range(max(least, base[cell][0]), min(LIMIT, base[cell][1]) + 1) if value != true)
        if not any(narrowed(base | {cell: (value, value)}, sums, nested) for value in others):
            found.append((cell, true))
    return found



@pytest.mark.parametrize(("name", "table"), [
    ("board", "by_wave"), ("board", "by_provider"), ("commissioner", "by_wave"), ("commissioner", "by_provider"), ("public", "by_wave"), ("public", "by_provider"),
])
def test_no_hidden_cell_of_a_cross_table_follows_from_its_neighbours(name, table):
    stars = 0
    for seed in range(30):
        people = crowd(f"{name} {seed}")
        shown = shown_as(name, people)
        groups, truth = getattr(shown, table), {group.name: group for group in getattr(people, table)}
        if len(groups) < 2:
            continue
        hidden = {(g.name, code): truth[g.name].done.get(code, 0) for g in groups for code, value in g.done.items() if value == "*"} | {(g.name, "all"): truth[g.name].total for g in groups if g.total == "*"}
        hidden = {cell: true for cell, true in hidden.items() if 1 <= true <= LIMIT}
        stars += len(hidden)
        assert pinned(*attack(shown, groups, exact=name == "board"), hidden) == [], (name, table, seed)
        assert not any(1 <= value <= LIMIT for g in groups for value in [g.total, *g.done.values()] if isinstance(value, int))
    assert stars > 60 or (name, table) == ("public", "by_provider")


@pytest.mark.parametrize("name", ["board", "commissioner", "provider", "public"])
def test_no_small_difference_of_neighbours_is_said_exactly(name):
    """24 visited and 23 checked would be one person without a check, whatever is starred elsewhere."""
    small = 0
    for seed in range(120):
        people = crowd(f"{name} {seed}")
        shown = shown_as(name, people)
        lines = [(group, next(g for g in getattr(people, table) if g.name == group.name)) for table in ("by_wave", "by_provider") for group in getattr(shown, table) if len(getattr(people, table)) > 1]
        pairs = [(seen.done[a], seen.done[b], true.done[a], true.done[b]) for seen, true in lines for b, a in NEEDS]
        pairs += [(seen.total, seen.done[code], true.total, true.done[code]) for seen, true in lines for code, _ in TITLES]
        if name != "board":
            by, true_by = ({step.code: step.done for step in p.funnel} for p in (shown, people))
            pairs += [(by[a], by[b], true_by[a], true_by[b]) for b, a in NEEDS]
            pairs += [(shown.total, by[code], people.total, true_by[code]) for code, _ in TITLES]
            pairs += [(shown.ready, shown.transferred, people.ready, people.transferred), (shown.transferred, shown.plans_validated, people.transferred, people.plans_validated)]
            pairs += [(shown.total, shown.no_incoming, people.total, people.no_incoming), (shown.safety_overdue, shown.red_safety_overdue, people.safety_overdue, people.red_safety_overdue)]
        for seen_large, seen_small, large, less in pairs:
            if not 1 <= large - less <= LIMIT or "*" in (seen_large, seen_small):
                continue
            small += 1
            (low, high), (low_less, high_less) = reading(seen_large), reading(seen_small)
            assert high - low_less > max(low - high_less, 0), (name, seed, seen_large, seen_small)
    assert small > 20


@pytest.mark.parametrize("parts", [[1, 1, 30, 40], [7, 7, 30, 40], [7, 8, 60], [1, 0, 0, 5], [2, 9, 9, 30]])
def test_a_hidden_part_of_a_whole_does_not_follow_from_the_sum(parts):
    shown, _ = small_numbers.row(parts, sum(parts))
    seen = [value for value in shown if value != "*" and value > 0]
    left = sum(parts) - sum(seen)
    most = max(LIMIT, min(seen)) if seen else MANY
    least = 1 if seen else 0
    stars = shown.count("*")
    for part, value in zip(parts, shown, strict=True):
        if value == "*" and 1 <= part <= LIMIT:
            assert min(LIMIT, left - least * (stars - 1)) > max(least, left - most * (stars - 1)), (parts, shown)


def test_what_the_published_demo_pack_told():
    """C09 of two waves starred, C11 of one of them 37 of 37, and the total beside it: W3 had 4 people without a provider."""
    waves = {"Wave 1": (38, 38, 38), "Wave 2": (37, 37, 37), "Wave 3": (35, 31, 30), "Wave 4": (28, 0, 0)}
    people = v.People(
        total=138, no_incoming=32, funnel=(v.FunnelStep("C09", "Accepted", 106), v.FunnelStep("C11", "Pack sent", 105)),
        by_wave=tuple(v.FunnelGroup(name, total, {"C09": accepted, "C11": sent}) for name, (total, accepted, sent) in waves.items()),
    )
    shown = shown_as("commissioner", people)
    assert [(group.total, group.done["C09"], group.done["C11"]) for group in shown.by_wave] == [(40, 40, 40), (35, 35, 35), (35, 30, 30), (30, 0, 0)]
    assert (shown.total, shown.no_incoming, [step.done for step in shown.funnel]) == (138, 30, [105, 105])


def test_visited_less_checked_does_not_tell_the_overdue_checks():
    people = v.People(total=138, transferred=75, safety_overdue=1, funnel=(v.FunnelStep("C15", "First visit", 75), v.FunnelStep("C16", "Safety check", 74)))
    shown = shown_as("commissioner", people)
    assert (shown.safety_overdue, [step.done for step in shown.funnel]) == ("*", [75, 75])


def test_what_is_ahead_of_the_plan_never_reads_as_behind_it():
    given = made.position()
    people = replace(given.people, total=138, ready=77, ready_pct=100 * 77 / 138, planned_pct=100 * 75 / 138, past_t=0, red_safety_overdue=0)
    dimensions = tuple(replace(d, rag=made.rag("A", "3 people are Red in the tracker.")) if d.code == "people" else d for d in given.dimensions)
    for name in ("commissioner", "provider", "public"):
        shown = edition(replace(given, people=people, dimensions=dimensions), name)
        assert shown.people.ready_pct == shown.people.planned_pct, name
        assert shown.dimension("people").reasons == ("People Red in the tracker: a small number, not shown.",)


def test_the_plan_is_a_reason_only_where_the_rule_says_so():
    shown = edition(made.position(), "commissioner")
    # 41 of 140 ready, 63 planned: 40 and 65 to the nearest 5.
    assert shown.dimension("people").reasons[1] == "29% ready against 46% planned."


def test_the_curve_is_drawn_by_weeks_and_few_people_as_five():
    given = made.position()
    days = (0, 1, 2, 9, 30)
    points = tuple(v.BurnPoint(made.AS_OF.replace(day=1) + made.timedelta(days=n), planned, actual) for n, planned, actual in zip(days, (1, 2, 4, 12, 40), (0, 1, 1, None, None), strict=True))
    curve = edition(replace(given, people=replace(given.people, burn_up=points)), "commissioner").people.burn_up
    assert [(point.on.isoformat(), point.planned, point.actual) for point in curve] == [
        ("2027-02-28", 0, 0), ("2027-03-03", 5, 5), ("2027-03-07", 5, None), ("2027-03-14", 10, None), ("2027-03-21", 10, None), ("2027-03-28", 10, None), ("2027-04-04", 40, None),
    ]


@pytest.mark.parametrize("name", ["commissioner", "provider", "public"])
@pytest.mark.parametrize(("amber", "red"), [(4, 2), (6, 1), (0, 7), (1, 0)])
def test_how_many_are_amber_or_red_does_not_follow_from_the_rest(name, amber, red):
    """Green and the total would say both together, which is hidden itself."""
    colours = {"B": 20, "G": 118 - amber - red, "A": amber, "R": red, "N": 0}
    shown = shown_as(name, replace(made.position().people, total=138, by_colour=colours, at_risk=amber + red))
    assert (shown.at_risk, shown.by_colour["G"]) == (HIDDEN, HIDDEN)
    left = [letter for letter, count in shown.by_colour.items() if count == HIDDEN]
    assert len(left) >= 2, "the others and the total leave more than one way"


@pytest.mark.parametrize("name", ["commissioner", "provider", "public"])
@pytest.mark.parametrize("total", [9, 12, 138, 139, 141, 143, 160])
def test_the_last_point_of_the_curve_does_not_tell_who_is_left(name, total):
    """Nine people and “about 10 transferred” beside a hidden count were eight, so one was left."""
    given = made.position()

    def drawn(moved: int) -> v.Count | None:
        people = replace(given.people, total=total, transferred=moved, burn_up=(v.BurnPoint(made.AS_OF, total, moved),))
        return edition(replace(given, people=people), name).people.burn_up[-1].actual

    of = {moved: drawn(moved) for moved in range(total + 1)}
    for moved, seen in of.items():
        if 1 <= moved <= LIMIT or 1 <= total - moved <= LIMIT:
            assert sum(other == seen for other in of.values()) >= 3, (total, moved, seen)


@pytest.mark.parametrize("total", [9, 20, 138, 139])
def test_percentages_say_nothing_that_the_rounded_counts_do_not(total):
    given = made.position()

    def told(updated: int) -> float | None:
        return edition(replace(given, people=replace(given.people, total=total, updated_pct=100 * updated / total)), "commissioner").people.updated_pct

    for few in range(1, LIMIT + 1):
        if few < total:
            assert told(few) is None and told(total - few) is None
    assert (told(0), told(total)) == (0.0, 100.0)
    staff = v.Workforce(total=60, transferring=59, objected=1, skills=(v.Skill("Medication", True, 59, 48), v.Skill("Safeguarding", False, 59, 40, mandatory=False)), mandatory_training_pct=100 * 48 / 59, high_risk_signoff_pct=100 * 48 / 59)
    shown = edition(replace(given, workforce=staff), "commissioner").workforce
    assert (shown.objected, shown.transferring, shown.high_risk_signoff_pct, shown.mandatory_training_pct) == (HIDDEN, HIDDEN, None, None)
    many = replace(staff, transferring=40, objected=20, skills=tuple(replace(s, needed=40, validated=n) for s, n in zip(staff.skills, (28, 12), strict=True)))
    shown = edition(replace(given, workforce=many), "commissioner").workforce
    assert [(s.needed, s.validated) for s in shown.skills] == [(40, 30), (40, 10)]
    assert (shown.high_risk_signoff_pct, shown.mandatory_training_pct) == (75.0, 75.0)
