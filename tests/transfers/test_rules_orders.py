"""Orders, visits, C10, the file's journey, the check list, and columns that are each other's inverse."""

import itertools
from datetime import date, time
from decimal import Decimal

import pytest

from transfers.rules import care_plans, columns, orders, sharing
from transfers.rules.orders import Visit

TODAY = date(2027, 3, 15)
FULL = {"old_ref": "SO-1", "old_end": date(2027, 3, 31), "new_ref": "SO-2", "new_start": date(2027, 4, 1), "payment_ref": "PA-2", "shared_on": date(2027, 3, 12)}


def test_c10_is_open_when_all_of_it_is_there():
    assert orders.c10_missing("council", **FULL) == []


@pytest.mark.parametrize(
    ("lacking", "column"),
    [("old_end", "old_order_end"), ("new_ref", "new_order_ref"), ("new_start", "new_order_start"), ("payment_ref", "payment_ref"), ("shared_on", "orders_shared_on")],
)
@pytest.mark.parametrize("funding", ["council", "chc", "joint", "other_authority", ""])
def test_c10_names_each_thing_that_is_missing(funding, lacking, column):
    empty = None if lacking in {"old_end", "new_start", "shared_on"} else ""
    assert [name for name, _ in orders.c10_missing(funding, **FULL | {lacking: empty})] == [column]


@pytest.mark.parametrize("funding", ["self", "direct_payment"])
def test_who_buys_the_care_needs_no_order_but_the_sharing(funding):
    nothing = {"old_ref": "", "old_end": None, "new_ref": "", "new_start": None, "payment_ref": "", "shared_on": None}
    assert [name for name, _ in orders.c10_missing(funding, **nothing)] == ["orders_shared_on"]
    assert orders.c10_missing(funding, **nothing | {"shared_on": TODAY}) == []


def test_an_order_may_not_leave_a_day_without_authority():
    told = orders.order_refused(kind="new", external_ref="SO-2", start=date(2027, 4, 3), end=None, other_start=None, other_end=date(2027, 4, 1))
    assert told == [("start", "The old order ends on 1 Apr 2027. Between that day and the new order nobody would be authorised to care.")]
    assert orders.order_refused(kind="new", external_ref="SO-2", start=date(2027, 4, 2), end=None, other_start=None, other_end=date(2027, 4, 1)) == []
    assert [name for name, _ in orders.order_refused(kind="old", external_ref="SO-1", start=None, end=date(2027, 3, 30), other_start=date(2027, 4, 1), other_end=None)] == ["end"]
    assert [name for name, _ in orders.order_refused(kind="old", external_ref="SO-1", start=date(2027, 4, 1), end=date(2027, 3, 30), other_start=None, other_end=None)] == ["end"]
    assert [name for name, _ in orders.order_refused(kind="old", external_ref=" ", start=None, end=None, other_start=None, other_end=None)] == ["external_ref"]


def test_sharing_needs_both_orders_and_both_providers():
    both = frozenset({"old", "new"})
    assert orders.share_refused(both, funding="council", incoming=True, on=TODAY, as_of=TODAY) == []
    assert len(orders.share_refused(frozenset(), funding="council", incoming=False, on=date(2027, 3, 16), as_of=TODAY)) == 4
    assert len(orders.share_refused(frozenset({"old"}), funding="council", incoming=True, on=TODAY, as_of=TODAY)) == 1
    assert orders.share_refused(frozenset({"old"}), funding="self", incoming=True, on=TODAY, as_of=TODAY) == []


def test_visits_overlap_only_on_a_shared_day():
    morning = Visit("1234567", time(8, 0), 45)
    assert orders.visit_refused(Visit("6", time(8, 44), 15), [morning])[0] == ("start", "It overlaps with the visit at 08:00 on Sat. Give that one two carers, or move this one.")
    assert orders.visit_refused(Visit("6", time(8, 45), 15), [morning]) == []
    assert orders.visit_refused(Visit("67", time(8, 15), 15), [Visit("12345", time(8, 0), 45)]) == []
    assert [name for name, _ in orders.visit_refused(Visit("", time(23, 30), 45), [])] == ["days", "minutes"]


def test_hours_of_a_week():
    visits = [Visit("1234567", time(8, 0), 45), Visit("12345", time(12, 0), 30, carers=2)]
    assert orders.weekly_hours(visits) == Decimal("7.75")
    assert orders.carer_hours(visits) == Decimal("10.25")
    assert orders.weekly_hours([]) is None


@pytest.mark.parametrize(("days", "words"), [("1234567", "every day"), ("12345", "Mon to Fri"), ("67", "Sat, Sun"), ("135", "Mon, Wed, Fri"), ("4", "Thu")])
def test_days_in_words(days, words):
    assert orders.days_shown(days) == words


def file_told(funding="council", **fields):
    plain = {"instruction": "", "choice": "", "requested_on": TODAY, "sent_on": None, "received_on": None, "method": "", "tracking_ref": "", "outcome": "", "as_of": TODAY}
    return [name for name, _ in sharing.file_record_refused(funding, **plain | fields)]


def test_a_file_goes_only_by_an_allowed_way_and_only_where_the_funding_lets_it():
    assert file_told() == []
    assert file_told(requested_on=None) == ["requested_on"]
    assert file_told(sent_on=TODAY) == ["method"]
    assert file_told(sent_on=TODAY, method="tracked_courier") == ["tracking_ref"]
    assert file_told(sent_on=TODAY, method="portal") == []
    assert file_told("other_authority", sent_on=TODAY, method="portal") == ["sent_on"]
    assert file_told("other_authority", sent_on=TODAY, method="portal", instruction="Send it on") == []
    assert file_told("self", sent_on=TODAY, method="portal") == ["sent_on"]
    assert file_told("self", sent_on=TODAY, method="portal", choice="To the new provider") == []
    assert file_told(outcome="received") == ["received_on"]
    assert file_told(sent_on=TODAY, method="portal", received_on=date(2027, 3, 14)) == ["received_on"]
    assert file_told(sent_on=date(2027, 3, 16), method="portal") == ["sent_on"]
    assert file_told(outcome="lost") == ["outcome"]


def test_only_high_risk_waits_for_the_whole_list():
    some = {"medicines": "right", "allergies": "right"}
    assert care_plans.check_refused("other", {}) == ""
    assert care_plans.check_refused("high", some) == (
        "High risk: the check at the start of care is complete first. Still to check: moving and handling, equipment, visit times, contacts, preferences."
    )
    assert care_plans.check_refused("high", {key: "right" for key, _ in care_plans.CHECKS}) == ""
    assert [care_plans.status_of({}, 0), care_plans.status_of(some, 0), care_plans.status_of(some, 1)] == ["provisional", "checking", "discrepancy"]


VALUES = {
    "old_order_ref": ("", "SO-1"), "old_order_end": (None, date(2027, 3, 31)), "new_order_ref": ("", "SO-2"), "new_order_start": (None, date(2027, 4, 1)), "payment_ref": ("", "PA-2"),
    "care_item": ("", "Home care"), "budget_code": ("", "B-1"), "orders_shared_on": (None, date(2027, 3, 12)),
}
COMBINATIONS = [dict(zip(VALUES, chosen, strict=True)) for chosen in itertools.product(*VALUES.values())]
BLANK = {"external_ref": "", "payment_ref": "", "start": None, "end": None, "care_item": "", "budget_code": "", "shared_exiting_on": None, "shared_incoming_on": None}


def put(wanted, standing):
    """What stands behind the columns after ``wanted`` was written over ``standing``."""
    made = columns.orders_of(wanted, frozenset(standing), columns.shared_on(list(standing.values())))
    return standing | {kind: standing.get(kind, BLANK) | values for kind, values in made.items()}


def read(standing):
    found = columns.columns_of(contact=None, orders=standing, money_open=False, monies_said=None, plan=None)
    return {name: found[name] for name in VALUES}


def test_columns_written_are_read_again_whatever_stood_there():
    """256 × 256 ways from one row to another."""
    assert len(COMBINATIONS) == 256
    for first in COMBINATIONS:
        standing = put(first, {})
        assert read(standing) == first
        for second in COMBINATIONS:
            assert read(put(second, standing)) == second, (first, second)


def test_writing_what_stands_already_changes_nothing():
    half_shared = {"old": BLANK | {"external_ref": "SO-1", "shared_exiting_on": TODAY}}
    assert put(read(half_shared), half_shared) == half_shared


def test_monies_know_yes_from_no_and_from_not_known():
    def said(money_open, before):
        return columns.columns_of(contact=None, orders={}, money_open=money_open, monies_said=before, plan=None)["monies_held"]

    assert [said(True, None), said(True, False), said(False, False), said(False, None), said(False, True)] == [True, True, False, None, None]


@pytest.mark.parametrize(
    ("old_end", "new_start", "transfer", "home_on", "columns_told"),
    [
        (date(2026, 11, 30), date(2026, 11, 30), date(2026, 11, 30), None, []),
        (date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 1), None, []),
        (date(2026, 11, 30), date(2026, 11, 30), date(2026, 12, 2), None, ["old_order_end"]),
        (date(2026, 11, 30), date(2026, 11, 30), date(2026, 12, 21), None, ["old_order_end"]),
        (date(2026, 11, 30), date(2026, 11, 30), date(2026, 12, 21), date(2026, 10, 6), ["old_order_end"]),
        (date(2026, 11, 30), date(2026, 11, 30), date(2026, 12, 21), date(2026, 12, 20), []),
        (date(2026, 11, 30), date(2026, 11, 30), date(2026, 11, 29), None, ["new_order_start"]),
        (None, None, date(2026, 12, 21), date(2026, 10, 6), []),
        (date(2026, 11, 30), date(2026, 11, 30), None, None, []),
    ],
)
def test_no_day_between_the_orders_and_the_transfer_is_without_anybody(old_end, new_start, transfer, home_on, columns_told):
    given = {"old_end": old_end, "new_start": new_start, "transfer": transfer, "home_on": home_on}
    assert [column for column, _ in orders.uncovered("council", **given)] == columns_told
    assert [orders.uncovered(funding, **given) for funding in ("self", "direct_payment")] == [[], []]


def test_the_days_without_anybody_are_named():
    def words(transfer):
        return orders.uncovered("council", old_end=date(2026, 11, 30), new_start=date(2026, 11, 30), transfer=transfer, home_on=None)[0][1]

    assert words(date(2026, 12, 21)) == "The old order ends on 30 Nov 2026 and the first visit is planned for 21 Dec 2026: 1 Dec 2026 to 20 Dec 2026 nobody comes. Change the last day of the old order, or the planned transfer."
    assert ": 1 Dec 2026 nobody comes." in words(date(2026, 12, 2))


@pytest.mark.parametrize(
    ("kinds", "times", "funding", "waits"),
    [((), "", "council", True), ((), "08:00", "council", False), ((), "", "self", False), (("old",), "08:00", "council", True), (("old",), "", "self", True), (("old", "new"), "", "council", False), (("new",), "", "chc", False)],
)
def test_the_new_provider_knows_when_to_come(kinds, times, funding, waits):
    assert orders.nothing_says_when(frozenset(kinds), times, funding) is waits
