"""History speaks in words: labels, choices, names, dates; personal values only to those who see the record."""

from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from mobilisation import registry
from mobilisation.components import FieldChange
from mobilisation.history import events, field_changes
from mobilisation.models import Change, ConditionPrecedent, Meeting, Organisation, User
from mobilisation.roles import ROLES, Can
from mobilisation.services import changes
from tests.factories import ground, people, staff
from transfers.models import PersonTransfer

pytestmark = pytest.mark.django_db


def test_choices_dates_and_keys_are_words(programme):
    actor = ground.actor("CL", programme)
    condition = changes.create(ConditionPrecedent(programme=programme, title="Insurance"), actor=actor)
    changes.apply(condition, {"status": "satisfied", "satisfied_on": date(2027, 3, 1), "owner": actor.user}, actor=actor, why="certificate seen")
    (event, first) = events(Change.objects.filter(entity="mobilisation.conditionprecedent"))
    assert event.changes == (FieldChange("Owner", "", str(actor.user)), FieldChange("Status", "Open", "Satisfied"), FieldChange("Satisfied on", "", "1 Mar 2027"))
    assert (event.title, event.who, event.why, first.title) == ("Changed", actor.label, "certificate seen", "Created")


def test_a_moment_is_told_with_its_hour_in_london(programme):
    actor = ground.actor("OL", programme)
    meeting = changes.create(Meeting(programme=programme, kind="huddle", at=datetime(2027, 6, 1, 9, tzinfo=UTC)), actor=actor)
    record = changes.apply(meeting, {"at": datetime(2027, 6, 1, 23, 30, tzinfo=UTC)}, actor=actor)
    assert field_changes(record)[0] == FieldChange(str(Meeting._meta.get_field("at").verbose_name).capitalize(), "1 Jun 2027, 10:00", "2 Jun 2027, 00:30")


def test_personal_values_are_hidden_from_those_who_do_not_see_the_record(programme):
    member = staff.member(programme, surname="Okafor")
    record = changes.apply(member, {"surname": "Obi", "hours": 30}, actor=ground.actor("WL", programme))
    assert field_changes(record, show_personal=False) == [FieldChange("Surname", "(not shown)", "(not shown)"), FieldChange("Contracted hours a week", "(not shown)", "(not shown)")]


def test_governance_reads_how_a_person_was_dealt_with_and_not_who_it_is(programme):
    person = people.person(programme, surname="Okafor", wave="1")
    record = changes.apply(person, {"priority": "A", "planned_transfer_date": date(2027, 4, 1), "surname": "Obi", "dementia": True, "wave": "2"}, actor=ground.actor("OL", programme))
    hidden = "(not shown)"
    assert {change.label: (change.old, change.new) for change in field_changes(record, show_personal=False)} == {
        "Surname": (hidden, hidden), "Priority": ("", dict(PersonTransfer._meta.get_field("priority").choices)["A"]), "Dementia": ("", hidden), "Wave": (hidden, hidden), "Planned transfer (T)": ("", "1 Apr 2027"),
    }


def test_what_governance_reads_of_people_is_no_free_text():
    """A word typed freely may name somebody; states, dates, yes and no, counts and organisations cannot."""
    told = {f"{model.__name__}.{name}": model._meta.get_field(name) for model in apps.get_models() for name in getattr(model, "GOVERNED", ())}
    assert len(told) > 50
    plain = (models.DateField, models.BooleanField, models.PositiveSmallIntegerField, models.PositiveIntegerField)
    assert [name for name, field in told.items() if not (isinstance(field, plain) or field.choices or field.related_model is Organisation)] == []
    assert [name for name, field in told.items() if field.name in field.model.PERSONAL] == []


@pytest.mark.parametrize("number", [1, 20])
def test_names_cost_the_same_however_many(programme, number, django_assert_num_queries):
    actor = ground.actor("CL", programme)
    for n in range(number):
        changes.create(ConditionPrecedent(programme=programme, title=f"CP {n}", owner=actor.user), actor=actor)
    with django_assert_num_queries(3):
        assert len(events(Change.objects.filter(entity="mobilisation.conditionprecedent"))) == number


def test_every_kind_of_record_in_history_says_who_sees_which_of_it(programme):
    stranger = ground.user()
    shown = {entity for entity in registry.subjects() if apps.get_model(entity).objects.visible_to(stranger).exists()}
    assert shown == {"mobilisation.calendarday", "mobilisation.user"}, "bank holidays are anybody's; of accounts it is one's own"


@pytest.mark.parametrize("role", [code for code, role in ROLES.items() if Can.PLAN_VIEW in role.can])
def test_an_administrator_who_also_works_on_a_programme_reads_its_history(programme, sign_in, role):
    client = sign_in(role, programme)
    ground.user_in("ADM", who=client.user)
    changes.apply(programme, {"title": "Another name"}, actor=ground.actor("SRO", programme))
    answer = client.get(reverse("mobilisation:history", args=[programme.ref]))
    assert answer.status_code == 200
    assert "Another name" in answer.content.decode()


def test_accounts_are_the_administrators_matter_and_everybody_sees_their_own(programme):
    administrator, lead = ground.user_in("ADM"), ground.user_in("ML", programme)
    assert set(User.objects.visible_to(administrator)) == {administrator, lead}
    assert list(User.objects.visible_to(lead)) == [lead]
