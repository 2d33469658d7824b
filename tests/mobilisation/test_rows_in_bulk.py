"""Many rows at once: what the fast way writes is what the object mapper writes."""

from __future__ import annotations

import gc
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction

from mobilisation.access import Actor
from mobilisation.collecting import many_rows
from mobilisation.models import Change
from mobilisation.models.record import new_public_id, new_public_ids
from mobilisation.services import changes, rows
from tests.factories import ground as make
from transfers.models import Checkpoint, PersonTransfer

pytestmark = pytest.mark.django_db

ODD = ("plain", "", "Zoë; \"quoted\", comma", "two\nlines", "back\\slash \\N \\.", "'=1+1", "tab\there", "NULL", "~0123456789", "ends with space ")


def _people(count: int) -> list[PersonTransfer]:
    programme = make.programme()
    return [
        PersonTransfer(
            programme=programme, surname=f"S{number}", notes=ODD[number % len(ODD)], date_of_birth=date(1940, 1, 1) if number % 2 else None, weekly_hours=Decimal("14.50") if number % 3 else None,
            lives_alone=(None, True, False)[number % 3], listed_on=date(2026, 11, 2), touched_on=date(2026, 11, 2), case_system_id=f"N{number}",
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [3, changes.BATCH + 3])
def test_every_value_comes_back_as_it_was_set_in_small_and_large_batches(count: int) -> None:
    people = _people(count)
    set_before = [(p.public_id, p.surname, p.notes, p.date_of_birth, p.weekly_hours, p.lives_alone) for p in people]

    changes.bulk_create(people, actor=Actor.operator(), why="list")

    held = list(PersonTransfer.objects.order_by("pk"))
    assert [(p.public_id, p.surname, p.notes, p.date_of_birth, p.weekly_hours, p.lives_alone) for p in held] == set_before
    assert [p.pk for p in people] == [p.pk for p in held]
    assert all(p.created_at and p.created_at <= p.updated_at for p in held)
    assert not any(p._state.adding for p in people)


@pytest.mark.parametrize("count", [3, changes.BATCH + 3])
def test_each_has_its_history_in_small_and_large_batches(count: int) -> None:
    people = _people(count)

    changes.bulk_create(people, actor=Actor.operator(), why="list")

    told = list(Change.objects.filter(entity="transfers.persontransfer").order_by("object_id"))
    assert [row.object_id for row in told] == [p.pk for p in people]
    assert told[4 % count].fields["notes" if ODD[4 % count] else "surname"] == [None, ODD[4 % count] or f"S{4 % count}"]
    assert {row.why for row in told} == {"list"}
    assert told[1].fields["weekly_hours"] == [None, "14.50"]


@pytest.mark.parametrize("guarded", [True, False])
def test_a_row_the_database_did_not_take_is_a_fault_and_without_the_check_it_is_missing(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    people, write = _people(changes.BATCH + 3), rows.write
    monkeypatch.setattr(rows, "write", lambda model, fields, given: write(model, fields, list(given)[:-1] if model is PersonTransfer else given))
    if guarded:
        with pytest.raises(RuntimeError, match=f"the database took {changes.BATCH + 2} of {changes.BATCH + 3} rows"), transaction.atomic():
            changes.bulk_create(people, actor=Actor.operator())
        assert (PersonTransfer.objects.count(), Change.objects.count()) == (0, 0)
    else:
        monkeypatch.setattr(rows, "none_lost", lambda taken, given: None)
        assert len(changes.bulk_create(people, actor=Actor.operator())) == changes.BATCH + 3
        assert (PersonTransfer.objects.count(), Change.objects.count()) == (changes.BATCH + 2, changes.BATCH + 3)


def test_a_change_of_many_that_misses_a_row_is_a_fault() -> None:
    people = _people(changes.BATCH + 3)
    changes.bulk_create(people, actor=Actor.operator())
    PersonTransfer._base_manager.filter(pk=people[-1].pk).delete()
    with pytest.raises(RuntimeError, match=f"the database took {changes.BATCH + 2} of {changes.BATCH + 3} rows"), transaction.atomic():
        changes.bulk_apply([(person, {"surname": "Other"}) for person in people], actor=Actor.operator())
    assert not PersonTransfer.objects.filter(surname="Other").exists()


def test_keys_go_on_after_a_large_batch() -> None:
    people = _people(changes.BATCH)
    changes.bulk_create(people, actor=Actor.operator())

    later = changes.create(PersonTransfer(programme=people[0].programme, surname="Later", listed_on=date(2026, 11, 2), touched_on=date(2026, 11, 2)), actor=Actor.operator())

    assert later.pk > max(p.pk for p in people)


def test_another_is_like_the_blank_with_a_name_of_its_own() -> None:
    blank = _people(1)[0]

    one, two = rows.another(blank, {"surname": "One"}), rows.another(blank, {"surname": "Two"})

    assert (one.surname, two.surname, blank.surname) == ("One", "Two", "S0")
    assert len({one.public_id, two.public_id, blank.public_id}) == 3
    assert one._state is not blank._state
    one.save()
    assert blank._state.adding


@pytest.mark.parametrize("count", [3, changes.BATCH + 3])
def test_a_change_of_many_writes_what_it_names_and_nothing_else(count: int) -> None:
    people = _people(count)
    changes.bulk_create(people, actor=Actor.operator())
    before = {p.pk: (p.notes, p.lives_alone, p.created_at) for p in PersonTransfer.objects.all()}
    for person in people:
        person.notes = "set on the object, not named"

    changed = changes.bulk_apply([(p, {"surname": f"T{p.pk}", "date_of_birth": None, "weekly_hours": Decimal("3.25")}) for p in people], actor=Actor.operator(), why="second list")

    assert changed == count
    held = list(PersonTransfer.objects.order_by("pk"))
    assert [(p.surname, p.date_of_birth, p.weekly_hours, p.version) for p in held] == [(f"T{p.pk}", None, Decimal("3.25"), 2) for p in people]
    assert {p.pk: (p.notes, p.lives_alone, p.created_at) for p in held} == before
    assert Change.objects.filter(why="second list").count() == count


def test_another_holds_what_it_points_to_and_follows_its_key_once_that_is_written() -> None:
    person = _people(1)[0]
    blank = Checkpoint(from_file=True)

    mark = rows.another(blank, {"person": person, "code": "C01"})
    assert (mark.person, mark.person_id, mark.code, mark.from_file) == (person, None, "C01", True)

    person.save()
    rows.follow([mark], "person")
    assert mark.person_id == person.pk
    assert mark.person is person
    assert not blank._state.fields_cache


def test_ids_made_at_once_are_as_those_made_one_by_one() -> None:
    made = [*new_public_ids(500), new_public_id()]

    assert len(set(made)) == 501
    assert {len(one) for one in made} == {10}
    assert set("".join(made)) <= set("23456789abcdefghjkmnpqrstuvwxyz")


@pytest.mark.only("postgresql", "SQLite looks a key up by its key")
def test_a_table_counted_anew_is_asked_through_its_key() -> None:
    changes.bulk_create(_people(2 * changes.BATCH), actor=Actor.operator())

    rows.count_anew(PersonTransfer)

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("PREPARE asked(bigint) AS SELECT 1 FROM ONLY transfers_persontransfer WHERE id = $1 FOR KEY SHARE")
        cursor.execute("EXPLAIN EXECUTE asked(1)")
        told = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("DEALLOCATE asked")
    assert "transfers_persontransfer_pkey" in told


def test_the_search_for_garbage_is_as_it_was_after_the_last_of_many_rows() -> None:
    before = gc.get_threshold()

    with many_rows():
        with many_rows():
            assert gc.get_threshold()[0] > before[0]
        assert gc.get_threshold()[0] > before[0]

    assert gc.get_threshold() == before
