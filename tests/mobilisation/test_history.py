"""History speaks in words: labels, choices, names, dates; personal values only to those who see the record."""

from datetime import date

import pytest

from mobilisation.components import FieldChange
from mobilisation.history import events, field_changes
from mobilisation.models import Change, ConditionPrecedent
from mobilisation.services import changes
from tests.factories import ground, staff

pytestmark = pytest.mark.django_db


def test_choices_dates_and_keys_are_words(programme):
    actor = ground.actor("CL", programme)
    condition = changes.create(ConditionPrecedent(programme=programme, title="Insurance"), actor=actor)
    changes.apply(condition, {"status": "satisfied", "satisfied_on": date(2027, 3, 1), "owner": actor.user}, actor=actor, why="certificate seen")
    (event, first) = events(Change.objects.filter(entity="mobilisation.conditionprecedent"))
    assert event.changes == (FieldChange("Owner", "", str(actor.user)), FieldChange("Status", "Open", "Satisfied"), FieldChange("Satisfied on", "", "1 Mar 2027"))
    assert (event.title, event.who, event.why, first.title) == ("Changed", actor.label, "certificate seen", "Created")


def test_personal_values_are_hidden_from_those_who_do_not_see_the_record(programme):
    member = staff.member(programme, surname="Okafor")
    record = changes.apply(member, {"surname": "Obi", "hours": 30}, actor=ground.actor("WL", programme))
    assert field_changes(record, show_personal=False) == [FieldChange("Surname", "(not shown)", "(not shown)"), FieldChange("Contracted hours a week", "(not shown)", "(not shown)")]


@pytest.mark.parametrize("number", [1, 20])
def test_names_cost_the_same_however_many(programme, number, django_assert_num_queries):
    actor = ground.actor("CL", programme)
    for n in range(number):
        changes.create(ConditionPrecedent(programme=programme, title=f"CP {n}", owner=actor.user), actor=actor)
    with django_assert_num_queries(3):
        assert len(events(Change.objects.filter(entity="mobilisation.conditionprecedent"))) == number
