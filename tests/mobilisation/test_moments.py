"""A colour at any day is a comparison; Python and SQL say the same."""

from datetime import date

import pytest

from mobilisation.moments import Colour, Moments, Turn, earliest

D = date(2027, 3, 1)
BEFORE, AFTER = date(2027, 2, 28), date(2027, 3, 2)


@pytest.mark.parametrize(
    ("moments", "colour", "reason"),
    [
        (Moments(), "G", ""),
        (Moments(blue=True), "B", ""),
        (Moments(blue=True, blue_until=D), "B", ""),
        (Moments(blue=True, blue_until=BEFORE, red_from=D, red_reason="evidence expired"), "R", "evidence expired"),
        (Moments(red_from=D, red_reason="r", amber_from=BEFORE, amber_reason="a"), "R", "r"),
        (Moments(red_from=AFTER, red_reason="r", amber_from=D, amber_reason="a"), "A", "a"),
        (Moments(red_from=AFTER, amber_from=AFTER, grey_until=D), "N", ""),
        (Moments(amber_from=BEFORE, amber_reason="a", grey_until=AFTER), "A", "a"),
        (Moments(grey_until=BEFORE), "G", ""),
    ],
)
def test_first_true_wins_in_order(moments, colour, reason):
    assert moments.at(D) == (Colour(colour), reason)


def test_earliest_turn_speaks_first():
    assert earliest([Turn(AFTER, "later"), Turn(D, "first"), Turn(D, "second")]) == (D, "first")
    assert earliest([]) == (None, "")
