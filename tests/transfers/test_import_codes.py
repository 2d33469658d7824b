"""Codes of key safes and doors in a list: never kept, said once, and nothing for what stands in their place (domain 8)."""

from datetime import date

import pytest
import time_machine

from mobilisation.models import Change
from tests.factories import ground
from tests.transfers.test_import_tracker import csv, table, take_in, taken
from transfers.models import PersonTransfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def leaving(db):
    with time_machine.travel("2026-11-23 10:00", tick=False):
        yield ground.provider_exit("MEADOW", decision_date=date(2026, 10, 5), exit_date=date(2026, 12, 31))


def test_key_safe_codes_are_dropped(leaving):
    take_in(leaving, "new.csv", data=csv("Swift ID,Surname,Key safe", "X1,Ng,4711", "X2,Oh,none"))
    assert list(PersonTransfer.objects.order_by("case_system_id").values_list("key_safe", flat=True)) == [True, False]
    assert not Change.objects.filter(fields__icontains="4711").exists()


def test_a_comment_about_a_key_safe_leaves_the_comments_below_it(leaving):
    rows = [["C1", "Ash", "Keysafe in porch. Code: 4471"], ["C2", "Birch", "Insulin 08:00"]]
    taken(leaving, table(["Case ID", "Surname", "Comments"], *rows))
    assert list(PersonTransfer.objects.order_by("pk").values_list("notes", flat=True)) == ["Keysafe in porch. Code: [code removed]", "Insulin 08:00"]


CODE = "What reads like the code of a key safe or a door was taken out: codes are never held here. Look whether anything else is missing."


def told(outcome):
    return [warning["problem"] for warning in outcome.summary["warnings"]]


def test_a_code_is_said_to_be_taken_out_once_and_not_of_what_stands_in_its_place(leaving):
    first = taken(leaving, table(["Case ID", "Surname", "Comments"], ["C1", "Ash", "Keysafe in porch. Code: 4471"]))
    assert told(first) == [CODE]
    before = PersonTransfer.objects.values("version", "updated_at").get()
    again = taken(leaving, table(["Case ID", "Surname", "Comments"], ["C1", "Ash", "Keysafe in porch. Code: [code removed]"]))
    assert (told(again), again.summary["updated"], again.summary["unchanged"]) == ([], 0, 1)
    assert PersonTransfer.objects.values("version", "updated_at").get() == before


def test_nothing_but_the_words_in_place_of_a_code_is_read_as_an_empty_cell(leaving):
    taken(leaving, table(["Case ID", "Surname", "Comments"], ["C1", "Ash", "Ring twice"]))
    again = taken(leaving, table(["Case ID", "Surname", "Comments"], ["C1", "Ash", " [code removed] "]))
    assert (told(again), again.summary["unchanged"], PersonTransfer.objects.get().notes) == ([], 1, "Ring twice")


def test_a_new_code_beside_an_old_mark_is_said(leaving):
    outcome = taken(leaving, table(["Case ID", "Surname", "Comments"], ["C1", "Ash", "Keysafe [code removed]. Door code 5512"]))
    assert (told(outcome), PersonTransfer.objects.get().notes) == ([CODE], "Keysafe [code removed]. Door code [code removed]")


def test_words_changed_around_the_mark_are_taken_and_nothing_is_warned_of(leaving):
    taken(leaving, table(["Case ID", "Surname", "Comments"], ["C1", "Ash", "Keysafe 4471"]))
    again = taken(leaving, table(["Case ID", "Surname", "Comments"], ["C1", "Ash", "Keysafe [code removed]; dog"]))
    assert (told(again), again.summary["updated"], PersonTransfer.objects.get().notes) == ([], 1, "Keysafe [code removed]; dog")
