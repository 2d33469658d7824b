"""A block from a spreadsheet: read as a workbook is, shown cell by cell, done as one batch."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import Refused
from mobilisation.models import Change
from tests.factories import ground, people
from transfers.imports import paste
from transfers.models import Allocation, Batch, Checkpoint, PersonTransfer

PROPOSE, CONFIRM = 20, 69
"""Statements to show and to do a block of a mark, a wave and an offer."""
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
THIRTY = pytest.param(30, marks=pytest.mark.only("postgresql", "SQLite splits a statement of many values"))


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (PersonTransfer, Checkpoint, Allocation)], Change.objects.exclude(entity="transfers.batch").count()


def url(programme, query=""):
    return reverse("transfers:person-paste", args=[programme.ref]) + query


def grid(client, programme, text, chosen, columns):
    """As the script of the list sends it."""
    return client.post(url(programme), {"text": text, "people": ",".join(person.public_id for person in chosen), "columns": columns})


def page(client, programme, text, first, by="reference", start="1", query=""):
    return client.post(url(programme, query), {"text": text, "first": first, "by": by, "start": start, "version": ""})


def cells(batch):
    return {(line.person_id, line.field): (line.outcome, line.old, line.new, line.reason) for line in batch.lines.all()}


def test_a_block_is_read_as_spreadsheets_copy_it():
    assert paste.read_block('a\tb\r\n"two\nlines"\t\r\n\td "e"\r\n') == [["a", "b"], ["two\nlines", ""], ["", 'd "e"']]
    assert paste.read_block("one") == [["one"]]
    for text in ("", "\n\n", "\t\t\n\t"):
        with pytest.raises(Refused, match="Nothing was pasted"):
            paste.read_block(text)
    assert len(paste.read_block("x\n" * 500)) == 500
    with pytest.raises(Refused, match="501 rows are pasted; at most 500"):
        paste.read_block("x\n" * 501)
    assert len(paste.read_block("\t".join("x" * 20))[0]) == 20
    with pytest.raises(Refused, match="21 columns are pasted; at most 20"):
        paste.read_block("\t".join("x" * 21))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('"Ring first\nB\nC', [['"Ring first'], ["B"], ["C"]]), ('a\t"b\tc\nd\te\tf', [["a", '"b', "c"], ["d", "e", "f"]]), ('"Ring first\nsaid "yes"\nC', [['"Ring first'], ['said "yes"'], ["C"]]),
        ('"two ""double""\r\nlines"\tb\r\nc', [['two "double"\r\nlines', "b"], ["c"]]), ('"tab\there"\n"', [["tab\there"], ['"']]), ('""\ta', [["", "a"]]), ("\nB\n\nD\n\n", [[""], ["B"], [""], ["D"]]), ('"5" tall"\nb', [['"5" tall"'], ["b"]]),
    ],
)
def test_a_quote_that_no_spreadsheet_wrote_swallows_no_row_below(text, rows):
    assert paste.read_block(text) == rows


def test_an_open_quote_and_an_empty_row_at_the_top_leave_the_rows_below_to_whom_they_are_for(programme, sign_in):
    chosen = [people.person(programme) for _ in range(4)]
    grid(sign_in("OL", programme), programme, '\n"two\n3\n4', chosen, "wave")
    assert {person: new for (person, _), (_, _, new, _) in cells(Batch.objects.get()).items()} == {chosen[1].pk: '"two', chosen[2].pk: "3", chosen[3].pk: "4"}


def test_a_block_on_a_cell_of_the_grid_goes_right_and_down_from_it(programme, sign_in):
    first, second, third = (people.person(programme, done=("C01",), wave="1") for _ in range(3))
    client = sign_in("OL", programme)
    before = everything()
    answer = grid(client, programme, "1/4/2027\t2\n\t3\n02.04.27\t1", [first, second, third], "transfer,wave,action")
    batch = Batch.objects.get()
    assert cells(batch) == {
        (first.pk, "planned_transfer_date"): ("will", None, "2027-04-01", ""), (first.pk, "wave"): ("will", "1", "2", ""), (second.pk, "wave"): ("will", "1", "3", ""),
        (third.pk, "planned_transfer_date"): ("will", None, "2027-04-02", ""), (third.pk, "wave"): ("same", "1", "1", ""),
    }
    assert (batch.what, everything() == before) == ("Pasted 3 rows: Transfer (T), Wave", True)
    said = client.post(answer["Location"], follow=True).content.decode()
    assert "Pasted 3 rows: Transfer (T), Wave: done for 4 cells." in said
    assert list(PersonTransfer.objects.order_by("pk").values_list("wave", "planned_transfer_date")) == [("2", date(2027, 4, 1)), ("3", None), ("1", date(2027, 4, 2))]


def test_words_are_those_of_the_import_and_unknown_ones_are_named_with_what_is_accepted(programme, sign_in):
    person, other = people.person(programme, done=("C01",)), people.person(programme)
    client = sign_in("OL", programme)
    grid(client, programme, "nhs chc\t14 hrs\tlarge print\n\t\tKlingon", [person, other], "funding,hours,format")
    grid(client, programme, "Private?\tlots\t31/02/2027\t4/13/2027", [person], "funding,hours,transfer,action_due")
    good, bad = Batch.objects.order_by("pk")
    assert cells(good) == {
        (person.pk, "funding_type"): ("will", "council", "chc", ""), (person.pk, "weekly_hours"): ("will", None, "14.00", ""),
        (person.pk, "communication_format"): ("will", "", "large_print", ""),
        (other.pk, "communication_format"): ("refused", "", "Klingon", "It is not a communication format. Use one of: standard, large_print, easy_read, braille, audio, translated."),
    }
    assert {field: (outcome, new, words) for (_, field), (outcome, _, new, words) in cells(bad).items()} == {
        "funding_type": ("refused", "Private?", "It is not a known funding type, it asks. Find out, then use one of: council, chc, joint, self, direct_payment, other_authority."),
        "weekly_hours": ("refused", "lots", "It is not a number. Write digits only."),
        "planned_transfer_date": ("refused", "31/02/2027", "It is not a date. Write day/month/year, for example 03/12/2026."),
        "next_action_due": ("refused", "4/13/2027", "It is not a date. Write day/month/year, for example 03/12/2026."),
    }


def test_checkpoints_take_days_go_through_their_gates_in_the_order_of_the_chain_and_only_seven(programme, sign_in):
    person, other = people.person(programme), people.person(programme, done=("C01",))
    client = sign_in("OL", programme)
    grid(client, programme, "1/3/2027\t2/3/2027\t3/3/2027\n\tN/A\tW\n", [person, other], "C01,C02,C03")
    batch = Batch.objects.get()
    assert {key: (outcome, words) for key, (outcome, _, _, words) in cells(batch).items()} == {
        (person.pk, "C01"): ("will", ""), (person.pk, "C02"): ("will", ""),
        (person.pk, "C03"): ("refused", "C03 is marked for one person at a time. Many at once: C01, C02, C04, C05, C10, C11, C17."),
        (other.pk, "C02"): ("refused", "Only a day is taken here. Waive it, or say that it does not apply, on the person's page."),
        (other.pk, "C03"): ("refused", "Only a day is taken here. Waive it, or say that it does not apply, on the person's page."),
    }
    client.post(reverse("transfers:batch-detail", args=[programme.ref, batch.public_id]))
    assert dict(Checkpoint.objects.filter(person=person).values_list("code", "done_on")) == {"C01": date(2027, 3, 1), "C02": date(2027, 3, 2)}


def test_another_day_for_a_settled_checkpoint_is_refused_and_the_same_day_stands(programme, sign_in):
    person = people.person(programme, done=("C01",))
    client = sign_in("OL", programme)
    grid(client, programme, "4/1/2027", [person], "C01")
    grid(client, programme, "5/1/2027", [person], "C01")
    assert [cells(batch)[person.pk, "C01"][0::3] for batch in Batch.objects.order_by("pk")] == [
        ("same", "C01 is done already."), ("refused", "C01 is done here with another day. Undo it on the person's page first."),
    ]


def test_an_order_pasted_with_its_c10_is_what_the_gate_looks_at(programme, sign_in):
    person = people.person(programme, done=("C01", "C03", "C09"), incoming_provider=people.incoming(programme))
    client = sign_in("OL", programme)
    grid(client, programme, "SO-1\t16/3/2027\tSO-2\t17/3/2027\tPA-2\t10/3/2027\t15/3/2027", [person], "old_order,old_end,new_order,new_start,payment,orders_shared,C10")
    batch = Batch.objects.get()
    assert cells(batch)[person.pk, "C10"] == ("will", None, "2027-03-15", "")
    client.post(reverse("transfers:batch-detail", args=[programme.ref, batch.public_id]))
    batch.refresh_from_db()
    assert (batch.changed, batch.refused, batch.left_out, Checkpoint.objects.filter(person=person, code="C10", state="done").count()) == (7, 0, 0, 1)


def test_an_incoming_provider_is_offered_by_name(programme, sign_in):
    person, other = people.person(programme), people.person(programme)
    client = sign_in("OL", programme)
    page(client, programme, f"{person.case_system_id}\tbluebell care partners\n{other.case_system_id}\tBluebel", "providers")
    batch = Batch.objects.get()
    assert cells(batch)[other.pk, "incoming_provider"] == ("refused", None, "Bluebel", "It is not a party to the programme. Check the name, or add it to the programme first.")
    client.post(reverse("transfers:batch-detail", args=[programme.ref, batch.public_id]))
    assert list(Allocation.objects.values_list("person_id", "provider__name", "response")) == [(person.pk, "Bluebell Care Partners", "offered")]


def test_people_are_found_by_reference_and_rows_about_nobody_are_named(programme, sign_in):
    one, two, three = people.person(programme, nhs_number="9434765919"), people.person(programme, case_system_id="SW-77"), people.person(programme)
    other = people.person(ground.provider_exit(), case_system_id="ELSEWHERE")
    client = sign_in("MT", programme)
    text = f"943 476 5919\t2\nsw-77\t3\n{three.public_id.upper()}\t4\nELSEWHERE\t5\n\t6\nSW-77\t7"
    answer = page(client, programme, text, "wave")
    batch = Batch.objects.get()
    assert {pk: new for (pk, _), (_, _, new, _) in cells(batch).items()} == {one.pk: "2", two.pk: "3", three.pk: "4"}
    assert batch.asked["astray"] == ["Row 4: “ELSEWHERE” is nobody on this list.", "Row 5 has no reference.", "Row 6: “SW-77” stands in row 2 already; only that row is taken."]
    assert all(words in client.get(answer["Location"]).content.decode() for words in ("“ELSEWHERE” is nobody on this list.", "Row 5 has no reference."))
    assert not other.batch_lines.exists()


def test_people_are_taken_in_the_order_of_the_list_as_it_is_filtered(programme, sign_in):
    for surname, priority in (("Ash", "R"), ("Birch", "G"), ("Cedar", "R"), ("Dogwood", "R")):
        people.person(programme, surname=surname, priority=priority)
    client = sign_in("MT", programme)
    page(client, programme, "8\n9", "wave", by="order", start="2", query="?priority=R&sort=person")
    assert {line.person.surname: line.new for line in Batch.objects.get().lines.select_related("person")} == {"Cedar": "8", "Dogwood": "9"}


def test_what_does_not_fit_is_refused_as_a_whole_and_stays_typed(programme, sign_in):
    person = people.person(programme)
    client = sign_in("MT", programme)
    for answer, words in (
        (grid(client, programme, "1\n2", [person], "wave"), "The block has 2 rows, and only 1 people stand"), (grid(client, programme, "1\t2", [person], "wave"), "The block is 2 columns wide, and only 1 stand"),
        (grid(client, programme, "", [person], "wave"), "Enter what you copied"), (page(client, programme, "nobody\t2", "wave"), "“nobody” is nobody on this list."), (grid(client, programme, "\t", [person], "wave,action"), "Nothing was pasted"),
    ):
        assert (answer.status_code, words in answer.content.decode(), Batch.objects.count()) == (422, True, 0), words
    assert "nobody\t2" in page(client, programme, "nobody\t2", "wave").content.decode()


def test_cells_that_follow_from_others_or_fold_say_so(programme, sign_in):
    person = people.person(programme)
    client = sign_in("MT", programme)
    grid(client, programme, "Ready\tx\tG\t5", [person], "stage,prepare,priority,wave")
    assert {field: (outcome, words) for (_, field), (outcome, _, _, words) in cells(Batch.objects.get()).items()} == {
        "stage": ("refused", "Stage is not pasted: it follows from what is recorded, or is decided for one person at a time."),
        "prepare": ("refused", "Prepare is not pasted: it follows from what is recorded, or is decided for one person at a time."),
        "priority": ("refused", "Priority is not pasted: it follows from what is recorded, or is decided for one person at a time."),
        "wave": ("will", ""),
    }


def test_a_role_without_orders_pastes_none(programme, sign_in):
    person = people.person(programme)
    client = sign_in("QL", programme)
    grid(client, programme, "SO-9\t2", [person], "old_order,wave")
    batch = Batch.objects.get()
    assert cells(batch)[person.pk, "old_order_ref"][::3] == ("refused", "Your role does not change Old order.")
    assert "old_order" not in dict(client.get(url(programme)).context["form"].fields["first"].choices)


def test_people_of_another_programme_in_the_rows_are_not_reached(programme, sign_in):
    mine, other = people.person(programme), people.person(ground.provider_exit())
    client = sign_in("OL", programme)
    answer = grid(client, programme, "2\n3", [other, mine], "wave")
    assert (answer.status_code, cells(Batch.objects.get())) == (302, {(mine.pk, "wave"): ("will", "", "3", "")})


def test_a_code_of_a_key_safe_is_not_taken(programme, sign_in):
    person = people.person(programme)
    client = sign_in("OL", programme)
    grid(client, programme, "key safe code 4711", [person], "action")
    line = Batch.objects.get().lines.get()
    assert (line.outcome, line.reason) == ("refused", "The code of a key safe or a door is never kept here. Take the digits out.")


MARK = "“[code removed]” stands where a code was taken out. By itself it says nothing, so what is here stays. Write what is meant."


@pytest.mark.parametrize("text", ["[code removed]", " [Code removed]. ", "[code removed] [code removed]"])
def test_what_stands_in_place_of_a_code_never_takes_the_place_of_what_somebody_wrote(programme, sign_in, text):
    person = people.person(programme, next_action="Ring the daughter")
    client = sign_in("OL", programme)
    answer = grid(client, programme, text, [person], "action")
    line = Batch.objects.get().lines.get()
    assert (line.outcome, line.reason) == ("refused", MARK)
    client.post(answer["Location"], {"confirmed": "1"})
    assert PersonTransfer.objects.get().next_action == "Ring the daughter"


def test_a_cell_that_holds_the_mark_already_comes_back_and_says_nothing(programme, sign_in):
    person = people.person(programme, next_action="[code removed]", wave="1")
    grid(sign_in("OL", programme), programme, "[code removed]", [person], "action")
    assert Batch.objects.count() == 0
    grid(sign_in("OL", programme), programme, "Ring first, [code removed]", [person], "action")
    assert [(line.outcome, line.new) for line in Batch.objects.get().lines.all()] == [("will", "Ring first, [code removed]")]


@pytest.mark.parametrize("number", [3, THIRTY])
def test_pasting_costs_the_same_however_many(programme, sign_in, number, django_assert_num_queries):
    chosen = [people.person(programme) for _ in range(number)]
    client = sign_in("OL", programme)
    client.get("/glossary/")
    with django_assert_num_queries(PROPOSE):
        answer = grid(client, programme, "\n".join("1/3/2027\t2\tBluebell Care Partners" for _ in chosen), chosen, "C01,wave,providers")
    with django_assert_num_queries(CONFIRM):
        client.post(answer["Location"])
    assert Batch.objects.get().changed == 3 * number


def test_rows_of_people_who_are_no_longer_on_the_list_are_counted_and_the_others_keep_their_place(programme, sign_in):
    """Somebody of another programme, an id that is none, and one row sent twice; none of them moves the rows below up."""
    first, last, elsewhere = people.person(programme), people.person(programme), people.person(ground.provider_exit())
    client = sign_in("OL", programme)
    ids = [first.public_id, elsewhere.public_id, "nobody", first.public_id, last.public_id, "below the block"]
    answer = client.post(url(programme), {"text": "1\n2\n3\n4\n5", "people": ",".join(ids), "columns": "wave"}, follow=True)
    batch = Batch.objects.get()
    assert cells(batch) == {(first.pk, "wave"): ("will", "", "1", ""), (last.pk, "wave"): ("will", "", "5", "")}
    said = ["Row 2: that person is not on your list any more.", "Row 3: that person is not on your list any more.", "Row 4: that person stands in row 1 already; only that row is taken."]
    assert batch.asked["astray"] == said
    text = answer.content.decode()
    assert ("Rows that were not taken: 3" in text, [words for words in said if words not in text]) == (True, [])


def test_a_block_for_nobody_on_the_list_is_refused_with_the_rows(programme, sign_in):
    answer = sign_in("OL", programme).post(url(programme), {"text": "1", "people": "nobody", "columns": "wave"})
    assert (answer.status_code, "Row 1: that person is not on your list any more. Nothing of it says anything" in answer.content.decode(), Batch.objects.count()) == (422, True, 0)
