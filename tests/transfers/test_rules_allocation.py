"""Who is proposed to whom: zone, wave, capacity, households; never over capacity, the same whatever the order."""

import random
from datetime import date
from decimal import Decimal

import pytest

from transfers.rules import allocation
from transfers.rules.allocation import Candidate, Capacity, Load, home_of, propose

BLUE, SEA, EXIT = 1, 2, 9
NAMES = {BLUE: "Bluebell", SEA: "Seasalter", EXIT: "Meadowgate"}
MARCH = date(2027, 3, 1)


def takes(provider, zone, hours, since=MARCH, packages=None, confirmed=True):
    return Capacity(provider, zone, Decimal(hours), since, packages, confirmed)


def who(key, hours=10, zone="Coastal", priority="G", **more):
    return Candidate(key, priority, zone, hours=None if hours is None else Decimal(hours), **more)


def placed(found):
    return {line.key: line.provider for line in found.lines}


def test_red_comes_first_then_the_wave_then_the_day():
    people = [who("late", wave="Wave 10"), who("early", wave="Wave 2"), who("red", priority="R", wave="Wave 10"), who("unrated", priority="")]
    found = propose(people, [takes(BLUE, "Coastal", 20)], [], NAMES)
    assert placed(found) == {"red": BLUE, "early": BLUE}
    assert dict(found.nobody) == {key: "Bluebell has 0 confirmed hours left, 10 are needed." for key in ("late", "unrated")}


def test_the_named_zone_goes_before_any_zone_and_then_the_most_hours_left():
    rooms = [takes(BLUE, "", 500), takes(SEA, "coastal", 30)]
    found = propose([who("a")], rooms, [], NAMES)
    assert placed(found) == {"a": SEA}
    assert found.lines[0].why == "Takes Coastal, 30 confirmed hours left before this"
    assert placed(propose([who("a")], [takes(BLUE, "Coastal", 40), takes(SEA, "Coastal", 30)], [], NAMES)) == {"a": BLUE}
    assert placed(propose([who("a", zone="Inland")], rooms, [], NAMES)) == {"a": BLUE}


def test_who_is_offered_already_uses_hours():
    found = propose([who("a")], [takes(BLUE, "Coastal", 25)], [Load(BLUE, "Coastal", Decimal(16))], NAMES)
    assert (found.lines, dict(found.nobody)) == ((), {"a": "Bluebell has 9 confirmed hours left, 10 are needed."})
    assert found.hours == {BLUE: (Decimal(16), Decimal(0), Decimal(25))}


def test_hours_nobody_confirmed_are_told_and_never_used():
    hoped = takes(BLUE, "Coastal", 500, confirmed=False)
    found = propose([who("a")], [hoped], [], NAMES)
    assert (found.lines, dict(found.nobody)) == ((), {"a": "Bluebell has confirmed no hours (500 hours there are not confirmed and not used)."})
    assert (found.hours, found.hoped) == ({BLUE: (Decimal(0), Decimal(0), Decimal(0))}, {BLUE: Decimal(500)})
    short = propose([who("a"), who("b", zone="Inland")], [takes(BLUE, "Coastal", 9), hoped, takes(BLUE, "Inland", 30, confirmed=False), takes(SEA, "Marsh", 30)], [], NAMES)
    assert dict(short.nobody) == {
        "a": "Bluebell has 9 confirmed hours left, 10 are needed (500 hours there are not confirmed and not used); Seasalter does not take Coastal.",
        "b": "Bluebell has confirmed no hours for Inland (30 hours there are not confirmed and not used); Seasalter does not take Inland.",
    }
    assert placed(propose([who("a")], [hoped, takes(SEA, "", 10)], [], NAMES)) == {"a": SEA}


def test_what_is_free_is_what_the_proposal_would_find():
    rooms = [takes(BLUE, "Coastal", 25), takes(BLUE, "", 10), takes(SEA, "Coastal", 30, confirmed=False)]
    assert [(row.zone, left) for row, left in allocation.free(rooms, [Load(BLUE, "Coastal", Decimal(28))], NAMES)] == [("", 7), ("Coastal", 0)]


def test_a_couple_stays_together_or_waits_together():
    home = home_of("9 Quince Lane", "CT6 5BS")
    assert home == home_of("9, quince lane ", "ct65bs") != home_of("8 Quince Lane", "CT6 5BS")
    couple = [who("a", 10, priority="R", home=home), who("b", 8, home=home)]
    both = propose(couple, [takes(BLUE, "Coastal", 17), takes(SEA, "Coastal", 18)], [], NAMES)
    assert placed(both) == {"a": SEA, "b": SEA}
    assert both.lines[1].why == "Takes Coastal, 8 confirmed hours left before this, lives with somebody on this list: the two stay together"
    none = propose(couple, [takes(BLUE, "Coastal", 17)], [], NAMES)
    assert dict(none.nobody) == dict.fromkeys("ab", "Bluebell has 17 confirmed hours left, 18 are needed for the 2 who live together.")


def test_who_lives_with_somebody_placed_goes_there_or_nowhere():
    rooms = [takes(BLUE, "Coastal", 100), takes(SEA, "Coastal", 12)]
    assert placed(propose([who("a", home="h", placed=frozenset({SEA}))], rooms, [], NAMES)) == {"a": SEA}
    found = propose([who("a", 13, home="h", placed=frozenset({SEA}))], rooms, [], NAMES)
    assert dict(found.nobody) == {"a": "Lives with somebody who goes to Seasalter; the two stay together. Seasalter has 12 confirmed hours left, 13 are needed."}


def test_the_exiting_provider_and_who_declined_are_never_proposed():
    barred = {EXIT: "is the provider they leave", BLUE: "declined on 3 Mar 2027: no evening carers"}
    found = propose([who("a", no=barred)], [takes(EXIT, "Coastal", 100), takes(BLUE, "Coastal", 90), takes(SEA, "Coastal", 20)], [], NAMES)
    assert placed(found) == {"a": SEA}
    none = propose([who("a", no=barred)], [takes(EXIT, "Coastal", 100), takes(BLUE, "Coastal", 90)], [], NAMES)
    assert dict(none.nobody) == {"a": "Bluebell declined on 3 Mar 2027: no evening carers; Meadowgate is the provider they leave."}


@pytest.mark.parametrize(
    ("person", "rooms", "why"),
    [
        (who("a", None), [takes(BLUE, "", 10)], "Weekly hours are not entered, so nobody can say whether they fit."),
        (who("a"), [], "No provider has said what it can take."),
        (who("a", zone="Inland"), [takes(BLUE, "Coastal", 50)], "Bluebell does not take Inland."),
        (who("a", zone=""), [takes(BLUE, "Coastal", 50)], "Bluebell takes named zones only, and no zone is entered."),
        (who("a", transfer=date(2027, 3, 31)), [takes(BLUE, "Coastal", 50, date(2027, 4, 1))], "Bluebell starts there on 1 Apr 2027, after the planned transfer."),
        (who("a"), [takes(BLUE, "Coastal", 50, packages=0)], "Bluebell takes no more people there."),
        (who("a", stopped="In hospital with no day of discharge."), [takes(BLUE, "", 50)], "In hospital with no day of discharge."),
    ],
)
def test_nobody_fits_and_it_says_why(person, rooms, why):
    assert propose([person], rooms, [], NAMES).nobody == (("a", why),)


def test_rows_of_a_provider_add_up_and_people_at_most_holds():
    rooms = [takes(BLUE, "Coastal", 6), takes(BLUE, "", 6, packages=1)]
    assert placed(propose([who("a", 12)], rooms, [], NAMES)) == {"a": BLUE}
    found = propose([who("a", 2), who("b", 2)], [takes(BLUE, "Coastal", 50, packages=1)], [], NAMES)
    assert placed(found) == {"a": BLUE}


@pytest.mark.parametrize("seed", range(40))
def test_never_over_capacity_everybody_once_and_the_same_in_any_order(seed):
    rng = random.Random(seed)
    rooms = [takes(rng.choice((BLUE, SEA)), rng.choice(("", "Coastal", "Inland")), rng.randint(0, 60), packages=rng.choice((None, 3))) for _ in range(4)]
    people = [
        who(f"p{n}", rng.randint(1, 20), rng.choice(("Coastal", "Inland", "")), rng.choice("RAG"), wave=f"Wave {rng.randint(1, 12)}", home=rng.choice(("", "", f"h{n // 2}")))
        for n in range(25)
    ]
    loads = [Load(rng.choice((BLUE, SEA)), "Coastal", Decimal(rng.randint(1, 10))) for _ in range(3)]
    found = propose(people, rooms, loads, NAMES)
    assert sorted([line.key for line in found.lines] + [key for key, _ in found.nobody]) == sorted(one.key for one in people)
    for before, proposed, most in found.hours.values():
        assert proposed == 0 or before + proposed <= most or before > most
    for line in found.lines:
        partners = {one.key for one in people if one.home and one.home == next(p.home for p in people if p.key == line.key)}
        assert {placed(found).get(key, line.provider) for key in partners} <= {line.provider}
    shuffled, mixed = people[:], rooms[:]
    rng.shuffle(shuffled)
    rng.shuffle(mixed)
    assert propose(shuffled, mixed, loads[::-1], NAMES) == found


def test_unrated_people_come_last():
    assert sorted(["G", "", "R", "A"], key=lambda letter: allocation.URGENCY.get(letter, 3)) == ["R", "A", "G", ""]
