"""Values as people write them."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilisation.workbooks import (
    MSOA,
    UPRN,
    CheckpointDate,
    Choice,
    CodePresence,
    Context,
    Date,
    Fault,
    Named,
    NHSNumber,
    Number,
    Percent,
    Postcode,
    Text,
    Time,
    Whole,
    YesNo,
    dates,
)
from mobilisation.workbooks.cells import CellFault, neutralised, restored, shown
from mobilisation.workbooks.codes import without_codes
from mobilisation.workbooks.values import nhs_check_digit_right
from mobilisation.workbooks.words import FUNDING, MEDICATION, PRIORITY

NOW = Context(today=date(2026, 11, 23))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("07/09/1968", date(1968, 9, 7)), ("7.9.1968", date(1968, 9, 7)), ("7-9-68", date(2068, 9, 7)), ("1968-09-07", date(1968, 9, 7)), ("2026-09-07T00:00:00Z", date(2026, 9, 7)),
        ("7 Sep 1968", date(1968, 9, 7)), ("7th September 1968", date(1968, 9, 7)), ("Mon 7 Sept 2026", date(2026, 9, 7)), ("7-Sep-26", date(2026, 9, 7)), ("September 7, 2026", date(2026, 9, 7)),
        ("07/09/2026 14:30", date(2026, 9, 7)), ("30/02/1941", None), ("12/25/2026", None), ("soon", None), ("", None), ("31/04/2026", None), ("7/9", None),
    ],
)
def test_dates_as_people_write_them(text, day):
    assert dates.read(text) == day


def test_excel_dates_and_moments():
    assert dates.read(date(2026, 1, 2)) == date(2026, 1, 2)
    assert dates.read(datetime(2026, 1, 2, 9, 30)) == date(2026, 1, 2)
    assert dates.read(46000.0) is None


def test_two_figure_years_of_the_past_are_not_taken_for_the_future():
    assert Date(not_future=True)("07/09/68", NOW) == date(1968, 9, 7)
    assert Date(not_future=True)("07/09/26", NOW) == date(2026, 9, 7)


def test_only_a_whole_column_is_month_first():
    assert dates.reads_month_first(["12/25/2026", "01/13/2026", "02/03/2026"]) is True
    assert dates.reads_month_first(["12/25/2026", "02/03/2026"]) is False
    assert dates.reads_month_first(["12/25/2026", "01/13/2026", "25/12/2026"]) is False
    assert dates.reads_month_first([date(2026, 1, 1), "x", None]) is False


@pytest.mark.parametrize(
    ("parser", "cell", "value"),
    [
        (YesNo(), "Y", True), (YesNo(), "n", False), (YesNo(), "Yes ", True), (YesNo(), 1.0, True), (YesNo(), 0.0, False), (YesNo(), False, False), (YesNo(), "✓", True),
        (Number(), 14.0, Decimal(14)), (Number(), "17.5", Decimal("17.5")), (Number(), "1,014.25", Decimal("1014.25")), (Number(), "14 hrs", Decimal(14)), (Number(least=None), "-2", Decimal(-2)),
        (Whole(), 3.0, 3), (Percent(), "40%", Decimal(40)),
        (NHSNumber(), "943 476 5919", "9434765919"), (NHSNumber(), "999-000-0018", "9990000018"), (NHSNumber(), 9990000026.0, "9990000026"),
        (Postcode(), "ct6 5bs", "CT6 5BS"), (Postcode(), "ME138LR", "ME13 8LR"), (Postcode(), "EC1A 1BB", "EC1A 1BB"), (UPRN(), 100012345678.0, "100012345678"), (MSOA(), "e02005005", "E02005005"),
        (Time(), "8.30", time(8, 30)), (Time(), "0830", time(8, 30)), (Time(), time(8, 30), time(8, 30)), (Time(), 0.5, time(12)),
        (CheckpointDate(), "W", "W"), (CheckpointDate(), "n/a", "N/A"), (CheckpointDate(), "02/11/2026", date(2026, 11, 2)),
        (CodePresence(), "4821 by the door", True), (CodePresence(), "no", False), (CodePresence(), "Y", True), (CodePresence(), 4821.0, True),
        (Choice.of(FUNDING, "a"), "KCC", "council"), (Choice.of(FUNDING, "a"), "OLA - Medway", "other_authority"), (Choice.of(FUNDING, "a"), "Self funder", "self"),
        (Choice.of(FUNDING, "a"), "Direct Payment", "direct_payment"), (Choice.of(FUNDING, "a"), "Joint", "joint"), (Choice.of(FUNDING, "a"), "CHC", "chc"),
        (Choice.of(PRIORITY, "a"), "amber", "A"), (Choice.of(PRIORITY, "a"), "R", "R"), (Choice.of(MEDICATION, "a"), "None", "none"), (Choice.of(MEDICATION, "a"), "Administer", "administer"),
        (Named({"Bluebell Care Partners": 7}, "a party"), "bluebell  care partners", 7), (Named({"Oyster Bay Care Ltd": 7}, "a party"), "Oyster Bay Care Limited", 7),
        (Text(), " =SUM(A1) ", "=SUM(A1)"), (Text(), "'=SUM(A1)", "=SUM(A1)"), (Text(), "a\r\nb", "a\nb"),
    ],
)
def test_read(parser, cell, value):
    found = parser(cell, NOW)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("parser", "cell", "said"),
    [
        (NHSNumber(), "9990100001", "check digit is wrong"), (NHSNumber(), "999000000", "ten digits"), (Date(), "30/02/1941", "not a date"), (Date(not_future=True), "01/01/2035", "in the future"),
        (Date(), "12/25/2026", "not a date"), (Date(), "01/01/1066", "outside 1900 to 2100"), (Date(), date(1800, 1, 1), "outside 1900 to 2100"), (Postcode(), "CT5", "full postcode"), (Number(), "lots", "not a number"), (Number(), "-2", "below nought"),
        (Number(), "NaN", "not a number"), (Number(), "1e400000", "not a number"), (Number(), "1e-400000", "not a number"), (Number(0, 168), "169", "above 168"), (Number(), "1.234", "more than 2 decimal"), (Whole(), "1.5", "not a whole number"),
        (Choice.of(FUNDING, "a known funding type"), "Private?", "not a known funding type"), (Choice.of(PRIORITY, "a priority"), "Purple", "not a priority. Use one of: R, A, G"), (YesNo(), "maybe", "not yes or no"), (YesNo(), "Y?", "not yes or no"),
        (Named({"Bluebell Care Partners": 7}, "a party to the programme"), "Blubell Care", "not a party to the programme. Did you mean Bluebell Care Partners?"),
        (Text(5), "123456", "6 characters; at most 5"), (Text(), "a\x00b", "U+0000"), (UPRN(), "x", "1 to 12 digits"), (MSOA(), "E01", "MSOA"), (Time(), "25:00", "not a time"),
        (Text(), CellFault("#REF!", "The cell shows an error (#REF!)."), "shows an error"), (Date(), CellFault("#REF!", "The cell shows an error (#REF!)."), "shows an error"),
    ],
)
def test_refused(parser, cell, said):
    with pytest.raises(Fault) as fault:
        parser(cell, NOW)
    assert said in str(fault.value)


def test_nhs_numbers_by_a_second_calculation():
    """Every tenth of 5,000 test numbers, against the sum written out another way."""
    right = 0
    for first in range(999_000_000, 999_005_000, 10):
        for last in "0123456789":
            digits = f"{first}{last}"
            total = sum((10 - i) * int(d) for i, d in enumerate(digits[:9]))
            expected = {11: 0, 10: None}.get(11 - total % 11, 11 - total % 11)
            assert nhs_check_digit_right(digits) == (expected is not None and int(last) == expected)
            right += nhs_check_digit_right(digits)
    assert right == 455


@pytest.mark.parametrize("text", ["#N/A", "'#REF!", "#SPILL!"])
def test_text_like_a_cell_in_error_is_marked_as_text(text):
    assert (neutralised(text), restored(neutralised(text))) == ("'" + text, text)


@given(st.text())
def test_what_is_neutralised_comes_back(text):
    assert restored(neutralised(text)) == text
    assert not neutralised(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Keysafe in porch. Code: 4471", "Keysafe in porch. Code: [code removed]"), ("Key safe code for carers 4471", "Key safe code for carers [code removed]"),
        ("Key-safe 44-71", "Key-safe [code removed]"), ("Keysafe left of door, 2580", "Keysafe left of door, [code removed]"), ("Keysafe: C25X9Z", "Keysafe: [code removed]"),
        ("key safe combination 4432", "key safe combination [code removed]"), ("Key safe 4821, dog", "Key safe [code removed], dog"),
        ("keysafe code: C1234Y by gate", "keysafe code: [code removed] by gate"), ("Door code is 55 12 40", "Door code is [code removed]"),
        ("4471 is the key safe code", "[code removed] is the key safe code"), ("Code 4471 for the keysafe", "Code [code removed] for the keysafe"),
        ("(4471) keysafe", "([code removed]) keysafe"), ("KS 4471", "KS [code removed]"), ("K/S code 4471", "K/S code [code removed]"),
        ("Lockbox by bins: 1958", "Lockbox by bins: [code removed]"),
        ("Key safe is on the left of the front door, the code is 2468", "Key safe is on the left of the front door, the code is [code removed]"), ("Keysafe\n4471", "Keysafe\n[code removed]"),
        ("Keysafe (4471)", "Keysafe ([code removed])"), ("keysafe #4471", "keysafe #[code removed]"), ("Key safe code = 1 2 3 4", "Key safe code = [code removed]"),
        ("Access code C4471#", "Access code [code removed]#"), ("Keysafe code 1234 or 5678", "Keysafe code [code removed] or [code removed]"),
        ("key safe no. 0471", "key safe no. [code removed]"), ("Keysafe. Please ring first. Code 4471.", "Keysafe. Please ring first. Code [code removed]."),
        ("Keysafe no 1234X", "Keysafe no [code removed]"), ("Key safe 2024", "Key safe [code removed]"), ("Keysafe on wall 9b4471", "Keysafe on wall [code removed]"),
        ("KEY SAFE CODE1234", "KEY SAFE [code removed]"), ("Keysafe-4471", "Keysafe-[code removed]"), ("keysafe:4471.", "keysafe:[code removed]."),
        ("Key safe code is 4471. Visits 08:00", "Key safe code is [code removed]. Visits 08:00"), ("key safe 4471/door 1234", "key safe [code removed]/door [code removed]"),
        ("Keysafe 4.4.7.1", "Keysafe [code removed]"), ("code for keysafe = 44 71", "code for keysafe = [code removed]"),
        ("Keysafe code (carers only): 0071", "Keysafe code (carers only): [code removed]"), ("keysafe4471", "keysafe [code removed]"), ("Key in box, code 4471", "Key in box, code [code removed]"),
        ("Safe key number 4471", "Safe key number [code removed]"), ("Key safe at rear. 70405", "Key safe at rear. [code removed]"), ("Keysafe by gate. 4471. Dog inside", "Keysafe by gate. [code removed]. Dog inside"),
    ],
)
def test_codes_are_taken_out_of_free_text(text, kept):
    assert without_codes(text) == kept
    assert without_codes(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "Insulin 0800, 2 carers", "Key safe fitted, ring 01227 153746 first", "No key safe", "Key safe fitted 12/11/2026", "Key safe. Call daughter on 01227 123456",
        "keysafe, visits at 08:00 and 18:30", "Key safe at 114 High Street", "Key safe fitted November 2026", "Keysafe fitted in 2024", "Keysafe fitted 2024", "keysafe. Visits 0800-0930",
        "Key safe, £120 paid", "Keysafe. 750 ml fluids a day", "key safe; lives at CT6 5BS", "Key safe, 150 mg paracetamol", "Keysafe, 14 hours a week", "Keysafe. NHS 999 000 0018",
        "key safe to be fitted, order 118000", "Code 4471 for the budget", "2 carers, keysafe in place", "key safe, time 18.30", "Keysafe, 12.11.2026", "Key safe. Daughter Ann 07700 900123",
        "Key safe front door, levothyroxine 125mcg at 8, peg feed 1500ml over 12h", "Carers use key safe, paracetamol 500mg QDS, weight 74.5kg", "Key safe, hoist, sling size 1200mm", "Key safe, thickener 350ml",
        "Key safe, catheter size 14ch, changed 12weekly", "Key safe with neighbour at number 114", "Keysafe to right of door, bungalow 123", "Key safe, two carers 0700-0745 and 1900", "Key safe ticket 55512",
        "Key safe serviced 2024", "125mcg levothyroxine in the morning, key safe by the door", "weight 74 kg, key safe in porch", "two carers at 1900, use the key safe",
        "Key safe at rear. 70405 is the order", "Keysafe. Fitted. 2024.", "Keysafe fitted 3rd Nov", "Key safe, mobile +44 7700 900123", "The house is number 114. Key safe fitted",
    ],
)
def test_other_numbers_beside_a_key_safe_stay(text):
    assert without_codes(text) == text


def test_cells_as_a_person_sees_them():
    assert [shown(cell) for cell in (14.0, 17.5, date(2026, 11, 30), time(8), True, None, datetime(2026, 1, 2, 9, 5), 9990100373.0)] == ["14", "17.5", "30/11/2026", "08:00", "TRUE", "", "02/01/2026 09:05", "9990100373"]


@pytest.mark.parametrize(("text", "number"), [("1,250", "1250"), ("1,250.5", "1250.5"), ("£12,000.00", "12000"), ("14.5", "14.5")])
def test_a_comma_between_thousands_is_read(text, number):
    assert Number()(text, NOW) == Decimal(number)


@pytest.mark.parametrize("text", ["14,5", "3,0", "1,25", "12,50 hrs", "1,2,3"])
def test_a_comma_for_a_decimal_point_is_no_factor_of_ten(text):
    with pytest.raises(Fault, match=r"Write it like 14\.5"):
        Number()(text, NOW)


@pytest.mark.parametrize(("things", "written", "found"), [
    (("Aster Care Ltd", "Aster Care CIC"), "Aster Care CIC", "Aster Care CIC"), (("Aster Care Ltd", "Aster Care CIC"), "aster care limited", "Aster Care Ltd"),
    (("Aster Care Ltd",), "Aster Care", "Aster Care Ltd"), (("Aster Care",), "Aster Care plc", "Aster Care"),
])
def test_another_kind_of_company_is_another_company(things, written, found):
    assert Named({name: name for name in things}, "a party")(written, NOW) == found


@pytest.mark.parametrize(("things", "written", "said"), [
    (("Aster Care Ltd",), "Aster Care CIC", "It is not a party. Did you mean Aster Care Ltd?"), (("Aster Care Ltd", "Aster Care CIC"), "Aster Care", "It may be Aster Care CIC or Aster Care Ltd. Write the whole name."),
])
def test_which_company_is_meant_is_never_guessed(things, written, said):
    with pytest.raises(Fault) as fault:
        Named({name: name for name in things}, "a party")(written, NOW)
    assert str(fault.value) == said
