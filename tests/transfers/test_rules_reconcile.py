"""Two lists about the same people: who is who, and what differs. No database."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transfers.rules import reconcile as rules
from transfers.rules.names import split_name, wave_name
from transfers.rules.reconcile import DIFFERENT, SAME, Entry, differing, reconcile, score

BORN = date(1968, 9, 7)


def entry(key, surname="hartley", forename="margaret", **more):
    return Entry(key, (surname, forename), **({"born": BORN, "postcode": "CT5 1AR"} | more))


def halves(result):
    return (
        [(p.ours, p.theirs, p.by) for p in result.pairs], [(p.ours, p.theirs) for p in result.likely], list(result.only_ours), list(result.only_theirs),
    )


BY_WEIGHT = "name, date of birth and postcode"


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        pytest.param(entry("a", nhs_number="9990000018"), entry("b", "hartle", "m", nhs_number="9990000018", born=None), ([("a", "b", "NHS number")], [], [], []), id="the NHS number decides over spelling"),
        pytest.param(entry("a", reference="mos1"), entry("b", "hartle", reference="mos1"), ([("a", "b", "reference")], [], [], []), id="then the reference"),
        pytest.param(entry("a"), entry("b"), ([("a", "b", BY_WEIGHT)], [], [], []), id="then name, birthday and postcode"),
        pytest.param(entry("a"), entry("b", "hartle", born=date(1968, 9, 8)), ([], [("a", "b")], [], []), id="a slip in both is only likely"),
        pytest.param(entry("a"), entry("b", born=date(1968, 7, 9)), ([], [("a", "b")], [], []), id="day and month the other way round is only likely"),
        pytest.param(entry("a"), entry("b", born=None), ([], [("a", "b")], [], []), id="without a birthday nobody is sure"),
        pytest.param(entry("a"), entry("b", "thomas", "gurpreet", born=date(1965, 2, 1)), ([], [], ["a"], ["b"]), id="a neighbour is another person"),
        pytest.param(entry("a"), entry("b", "thomas", "gurpreet"), ([], [("a", "b")], [], []), id="a neighbour of the same birthday may be a change of name"),
        pytest.param(entry("a"), entry("b", "hartley", "olive", born=date(1959, 9, 25), postcode="ME13 8FW"), ([], [], ["a"], ["b"]), id="a namesake is another person"),
        pytest.param(
            entry("a", nhs_number="9990000018"), entry("b", "okafor", "ronald", born=date(1982, 8, 9), postcode="CT9 1DT", nhs_number="9990000018"), ([], [("a", "b")], [], []),
            id="somebody else's number is asked about",
        ),
        pytest.param(entry("a", nhs_number="9990000018"), entry("b", nhs_number="9990000026"), ([], [("a", "b")], [], []), id="two NHS numbers are asked about however alike the rest"),
    ],
)
def test_one_beside_one(ours, theirs, expected):
    assert halves(reconcile([ours], [theirs], {})) == expected


def test_twins_at_one_address_are_asked_about_not_taken():
    ours = [entry("a", "patel", "anita"), entry("b", "patel", "amita")]
    theirs = [entry("x", "patel", "anita"), entry("y", "patel", "amita")]
    result = reconcile(ours, theirs, {})
    assert result.pairs == ()
    assert sorted((p.ours, p.theirs) for p in result.likely) == [("a", "x"), ("b", "y")]


def test_what_a_person_said_stands_above_every_number():
    ours, theirs = [entry("a", nhs_number="9990000018")], [entry("b", nhs_number="9990000018"), entry("c", "smith", "jo", born=None, postcode="")]
    assert halves(reconcile(ours, theirs, {("a", "b"): DIFFERENT})) == ([], [], ["a"], ["b", "c"])
    assert halves(reconcile(ours, theirs, {("a", "c"): SAME})) == ([("a", "c", "said by a person")], [], [], ["b"])


def test_a_number_that_stands_twice_decides_nothing_and_is_told():
    theirs = [entry("x", nhs_number="9990000018"), entry("y", "khan", "sara", nhs_number="9990000018", born=date(1950, 1, 1), postcode="CT9 1DT")]
    result = reconcile([entry("a", nhs_number="9990000018")], theirs, {})
    assert [(p.ours, p.theirs, p.by) for p in result.pairs] == [("a", "x", BY_WEIGHT)]
    assert [(p.ours, p.theirs, p.by) for p in result.twice_theirs] == [("x", "y", "NHS number")]
    assert reconcile([], theirs, {("x", "y"): DIFFERENT}).twice_theirs == ()


def test_a_line_that_repeats_another_is_nobody_new():
    result = reconcile([entry("a")], [entry("x"), entry("y")], {})
    assert ([(p.ours, p.theirs) for p in result.pairs], result.only_theirs, result.copies, [(p.ours, p.theirs) for p in result.twice_theirs]) == ([("a", "x")], (), ("y",), [("x", "y")])


def test_two_nhs_numbers_of_one_name_in_a_list_are_two_people():
    assert reconcile([], [entry("x", nhs_number="9990000018"), entry("y", nhs_number="9990000026")], {}).twice_theirs == ()
    assert len(reconcile([], [entry("x"), entry("y")], {}).twice_theirs) == 1


def test_only_what_the_other_list_says_differs():
    assert differing(
        {"postcode": "CT6 5BS", "weekly_hours": 14, "in_hospital": False, "surname": "O'Connor", "funding_type": "council"},
        {"postcode": "ct65bs", "weekly_hours": 10.5, "in_hospital": False, "surname": "O'CONNOR", "funding_type": "", "forename": None},
    ) == {"weekly_hours": (14, 10.5)}
    assert differing({"in_hospital": False}, {"in_hospital": True}) == {"in_hospital": (False, True)}


def test_the_worked_score_of_the_councils_and_the_providers_list():
    assert score(entry("a"), entry("b", "hartle", born=date(1968, 9, 8))) == 86


_PERSON = st.builds(
    lambda key, s, f, y, n: Entry(key, (s, f), n, "", date(1930 + y, 1 + y % 12, 1 + y % 28), f"CT{1 + y % 9} 1AA"),
    st.uuids().map(str), st.sampled_from(["hartley", "hartle", "patel", "obrien"]), st.sampled_from(["ann", "anne", "bo"]), st.integers(0, 6), st.sampled_from(["", "", "9990000018", "9990000026"]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_PERSON, max_size=8), st.lists(_PERSON, max_size=8))
def test_nobody_is_lost_whatever_the_lists(ours, theirs):
    """Every line of both lists stands in exactly one place."""
    result = reconcile(ours, theirs, {})
    both = (*result.pairs, *result.likely)
    assert sorted([*(p.ours for p in both), *result.only_ours]) == sorted(one.key for one in ours)
    assert sorted([*(p.theirs for p in both), *result.only_theirs, *result.copies]) == sorted(one.key for one in theirs)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hartle, Margaret", ("Hartle", "Margaret")), ("O'CONNOR, Brian", ("O'CONNOR", "Brian")), ("Mrs Margaret Hartley", ("Hartley", "Margaret")), ("HARTLEY, Mrs Margaret", ("HARTLEY", "Margaret")),
        ("Joan de Souza", ("de Souza", "Joan")), ("Ludwig van der Berg", ("van der Berg", "Ludwig")), ("Whitlock", ("Whitlock", "")), ("Mary Ann Brown-Smith", ("Brown-Smith", "Mary Ann")),
    ],
)
def test_names_as_lists_write_them(text, expected):
    assert split_name(text) == expected


@pytest.mark.parametrize(("wave", "said"), [("2", "Wave 2"), ("North", "Wave North"), ("Wave 2", "Wave 2"), ("wave two", "Wave two")])
def test_a_wave_is_called_so_once(wave, said):
    assert wave_name(wave) == said


def test_the_work_grows_with_the_list_and_not_with_its_square(monkeypatch):
    """Everybody with one birthday, one postcode and names that begin alike: the worst a list can be."""
    weighed = []
    honest = rules.score
    monkeypatch.setattr(rules, "score", lambda a, b: weighed.append(1) or honest(a, b))
    counts = {}
    for many in (300, 1200):
        ours = [Entry(f"o{n}", (f"smithson{n:05d}", f"ann{n % 7}"), born=date(1900, 1, 1), postcode="CT5 1AR") for n in range(many)]
        theirs = [Entry(f"t{n}", (f"smithson{n:05d}", f"ann{n % 7}"), born=date(1900, 1, 1), postcode="CT5 1AR") for n in range(many)]
        weighed.clear()
        result = reconcile(ours, theirs, {})
        counts[many] = len(weighed)
        placed = {*(pair.theirs for pair in (*result.pairs, *result.likely)), *result.only_theirs, *result.copies}
        assert placed == {entry.key for entry in theirs}
    assert counts[1200] / 1200 < 1.3 * counts[300] / 300
