"""The one way in: history, merging of stale saves, refusals that leave the database as it was."""

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from mobilisation.errors import Conflict
from mobilisation.models import Change, ConditionPrecedent, Meeting, Organisation, Programme
from mobilisation.models.records import AppendOnly
from mobilisation.services import changes
from tests.factories import ground

pytestmark = pytest.mark.django_db


def test_a_change_records_who_when_old_new_and_why(programme):
    actor = ground.actor("OL", programme)
    record = changes.apply(programme, {"title": "New title"}, actor=actor, why="typing slip", expected_version=1)
    assert record.fields == {"title": [record.fields["title"][0], "New title"]}
    assert (record.actor, record.why, record.version, record.programme) == (actor.user, "typing slip", 2, programme)
    programme.refresh_from_db()
    assert (programme.title, programme.version, programme.updated_by) == ("New title", 2, actor.user)


def test_the_same_value_again_writes_nothing(programme):
    actor = ground.actor("OL", programme)
    assert changes.apply(programme, {"title": programme.title}, actor=actor) is None
    programme.refresh_from_db()
    assert (programme.version, Change.objects.count()) == (1, 0)


def test_a_stale_save_merges_what_does_not_clash(programme):
    first, second = ground.actor("OL", programme), ground.actor("CL", programme)
    changes.apply(programme, {"vision": "one"}, actor=first, expected_version=1)
    changes.apply(Programme.objects.get(pk=programme.pk), {"objectives": "two"}, actor=second, expected_version=1)
    programme.refresh_from_db()
    assert (programme.vision, programme.objectives, programme.version) == ("one", "two", 3)


def test_a_clash_shows_both_values_and_writes_nothing(programme):
    first, second = ground.actor("OL", programme), ground.actor("CL", programme)
    changes.apply(programme, {"vision": "theirs"}, actor=first, expected_version=1)
    with pytest.raises(Conflict) as refused:
        changes.apply(programme, {"vision": "mine", "objectives": "kept back"}, actor=second, expected_version=1)
    (clash,) = refused.value.fields
    assert (clash.field, clash.mine, clash.theirs, clash.by) == ("vision", "mine", "theirs", first.label)
    programme.refresh_from_db()
    assert (programme.vision, programme.objectives, programme.version) == ("theirs", "", 2)


def test_a_clash_is_told_in_words_of_the_page(programme):
    first, second = ground.actor("OL", programme), ground.actor("CL", programme)
    condition = changes.create(ConditionPrecedent(programme=programme, title="Insurance", status="open"), actor=first)
    changes.apply(condition, {"status": "satisfied", "due": date(2027, 3, 1)}, actor=first, expected_version=1)
    with pytest.raises(Conflict) as refused:
        changes.apply(condition, {"status": "waived", "due": None}, actor=second, expected_version=1)
    assert [(clash.mine, clash.theirs) for clash in refused.value.fields] == [("Waived", "Satisfied"), ("empty", "1 Mar 2027")]
    meeting = changes.create(Meeting(programme=programme, kind="huddle", at=datetime(2027, 6, 1, 9, tzinfo=UTC)), actor=first)
    changes.apply(meeting, {"at": datetime(2027, 6, 1, 13, tzinfo=UTC)}, actor=first, expected_version=1)
    with pytest.raises(Conflict) as refused:
        changes.apply(meeting, {"at": datetime(2027, 6, 1, 23, 30, tzinfo=UTC)}, actor=second, expected_version=1)
    assert [(clash.mine, clash.theirs) for clash in refused.value.fields] == [("2 Jun 2027, 00:30", "1 Jun 2027, 14:00")]


def test_both_entering_the_same_value_is_no_clash(programme):
    first, second = ground.actor("OL", programme), ground.actor("CL", programme)
    changes.apply(programme, {"vision": "same"}, actor=first, expected_version=1)
    assert changes.apply(programme, {"vision": "same"}, actor=second, expected_version=1) is None


def test_dates_given_as_text_compare_as_dates(programme):
    condition = changes.create(ConditionPrecedent(programme=programme, title="Insurance", due=date(2027, 3, 1)), actor=ground.actor("CL", programme))
    assert changes.apply(condition, {"due": "2027-03-01"}, actor=ground.actor("CL", programme)) is None


@pytest.mark.parametrize("number", [1, 40])
def test_a_batch_costs_the_same_however_long(programme, number, django_assert_num_queries):
    actor = ground.actor("OL", programme)
    rows = [Organisation(name=f"Batch {n}") for n in range(number)]
    with django_assert_num_queries(4):
        changes.bulk_create(rows, actor=actor)
    with django_assert_num_queries(4):
        assert changes.bulk_apply([(row, {"kind": "vcse"}) for row in rows], actor=actor) == number
    assert Change.objects.filter(entity="mobilisation.organisation").count() == 2 * number
    assert Organisation.objects.filter(name__startswith="Batch", version=2, kind="vcse").count() == number


def test_the_record_cannot_be_rewritten(programme):
    record = changes.apply(programme, {"title": "x"}, actor=ground.actor("OL", programme))
    with pytest.raises(AppendOnly):
        record.save()
    with pytest.raises(AppendOnly):
        record.delete()
    with pytest.raises(AppendOnly):
        Change.objects.filter(pk=record.pk).update(why="other")
    with pytest.raises(AppendOnly):
        Change.objects.all().delete()
    assert Change.objects.get(pk=record.pk).why == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_no_update_is_lost_between_two_editors(guarded):
    """With the version check off the same race must lose one of the two texts."""
    programme = ground.provider_exit()
    actors = [ground.actor("OL", programme), ground.actor("CL", programme)]
    start = threading.Barrier(2)
    outcomes = []

    def save(actor, text):
        mine = Programme.objects.get(pk=programme.pk)
        start.wait()
        try:
            changes.apply(mine, {"vision": text}, actor=actor, expected_version=mine.version if guarded else None)
            outcomes.append(("saved", text))
        except Conflict as clash:
            outcomes.append(("told", clash.fields[0].theirs))
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(actor, f"text of {n}")) for n, actor in enumerate(actors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    programme.refresh_from_db()
    saved = [text for what, text in outcomes if what == "saved"]
    if guarded:
        assert saved == [programme.vision]
        assert [text for what, text in outcomes if what == "told"] == [programme.vision]
    else:
        assert sorted(saved) == ["text of 0", "text of 1"]
