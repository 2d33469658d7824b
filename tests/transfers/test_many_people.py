"""Lists of many thousands: what stands around the list in one statement, the index of a search, and migrations that leave a running site alone."""

from datetime import date
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection, models
from django.urls import reverse

from mobilisation import migrating
from mobilisation.access import Actor
from mobilisation.models import CalendarDay, Notification, Organisation, Programme, RoleAssignment
from mobilisation.roles import ROLES
from tests.factories import ground, people
from transfers.facts import narrowing
from transfers.facts.groups import groups
from transfers.models import PersonTransfer, SavedView
from transfers.views.people.rows import found_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
ON_POSTGRESQL = pytest.mark.only("postgresql", "SQLite has neither the index nor the lock")


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def busy(programme):
    """People, views and notices of several persons, and another programme whose names stand in no list of this one."""
    bluebell = people.incoming(programme)
    people.person(programme, wave="1", case_manager="T. Obi", next_action_owner="O'Brien")
    people.person(programme, wave="2", case_manager="T. Obi", next_action_owner="Ä. Önal")
    people.person(programme, wave="", case_manager="S. Bexley", incoming_provider=bluebell, allocation_response="accepted", sharing_basis="consent", done=("C06",))
    other = ground.provider_exit()
    people.person(other, wave="9", case_manager="Elsewhere")
    ground.party(other, "Not of this programme", "incoming")
    lead = ground.user_in("OL", programme)
    SavedView.objects.create(programme=programme, owner=lead, name="Shared", shared=True, default_for="MT")
    SavedView.objects.create(programme=programme, owner=lead, name="Own")
    SavedView.objects.create(programme=other, owner=lead, name="Elsewhere", shared=True)
    return SimpleNamespace(programme=programme, other=other, bluebell=bluebell, lead=lead)


def notices(user, busy):
    Notification.objects.create(user=user, programme=busy.programme, kind="x", subject="here")
    Notification.objects.create(user=user, programme=busy.other, kind="x", subject="of a programme the user is not in")
    Notification.objects.create(user=user, kind="x", subject="of none")
    Notification.objects.create(user=busy.lead, programme=busy.programme, kind="x", subject="of somebody else")


@pytest.mark.parametrize("role", sorted(ROLES))
def test_what_stands_around_the_list_is_what_each_role_may_see(busy, role, django_assert_num_queries):
    organisation = busy.bluebell if role == "IP" else Organisation.objects.get(name="Meadowgate Homecare Ltd") if role == "XP" else None
    user = ground.user_in(role, busy.programme, organisation)
    notices(user, busy)
    SavedView.objects.create(programme=busy.programme, owner=user, name="Mine")
    actor = Actor.of(user, busy.programme)
    seen = PersonTransfer.objects.visible_to(user).filter(programme=busy.programme)
    with django_assert_num_queries(1):
        found = narrowing.read(busy.programme, user, seen, team=actor.sees_all_people)
    views = SavedView.objects.visible_to(user).filter(programme=busy.programme)
    providers = Organisation.objects.visible_to(user).filter(party_to__contract__programmes=busy.programme, party_to__role="incoming").distinct()
    if not actor.sees_all_people:
        providers = providers.filter(pk__in=seen.filter(allocation_response="accepted").values("incoming_provider"))
    assert found.providers == list(providers.order_by("name").values_list("public_id", "name"))
    assert found.views == list(views.order_by("name").values_list("public_id", "name"))
    assert found.first == list(views.exclude(default_for="").values_list("public_id", "default_for"))
    assert found.waves == sorted({person.wave for person in seen} - {""})
    assert found.owners == sorted({name for person in seen for name in (person.case_manager, person.next_action_owner)} - {""})
    assert found.unread == Notification.objects.visible_to(user).filter(read_at__isnull=True).count() == 2


def test_the_team_is_offered_every_name_once_and_none_of_another_programme(busy):
    found = narrowing.read(busy.programme, busy.lead, PersonTransfer.objects.filter(programme=busy.programme), team=True)
    assert (found.waves, found.owners) == (["1", "2"], ["O'Brien", "S. Bexley", "T. Obi", "Ä. Önal"])
    assert [name for _, name in found.providers] == ["Bluebell Care Partners", "Oyster Bay Care Ltd", "Seasalter Home Support CIC"]


def test_the_stamp_moves_with_the_calendar(busy):
    people_here = PersonTransfer.objects.filter(programme=busy.programme)
    before = narrowing.read(busy.programme, busy.lead, people_here, team=True).calendar
    CalendarDay.objects.create(division=busy.programme.division, date=date(2027, 6, 1), title="Extra")
    assert narrowing.read(busy.programme, busy.lead, people_here, team=True).calendar != before


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_programme_is_entered_as_whoever_one_is_there(busy, role, django_assert_num_queries):
    user = ground.user_in(role, busy.programme, busy.bluebell)
    with django_assert_num_queries(1):
        programme, actor = Actor.entering(user, busy.programme.reference)
    assert programme == Programme.objects.visible_to(user).get(reference=busy.programme.reference)
    assert vars(actor) == vars(Actor.of(user, busy.programme))


@pytest.mark.parametrize("end", [{"ends_on": date(2027, 3, 14)}, {"starts_on": date(2027, 3, 16)}])
def test_who_is_not_in_a_programme_does_not_enter_it(busy, end):
    user = ground.user_in("OL", busy.programme, **end)
    assert Actor.entering(user, busy.programme.reference)[0] is None
    site_wide = ground.user_in("ADM")
    found, actor = Actor.entering(site_wide, busy.programme.reference)
    assert (found, actor.roles) == (None, frozenset({"ADM"}))
    RoleAssignment.objects.create(programme=busy.programme, user=site_wide, role="MT", starts_on=date(2020, 1, 1))
    site_wide.is_active = False
    site_wide.save()
    assert Actor.entering(site_wide, busy.programme.reference)[0] is None


def test_the_list_is_404_for_who_has_no_role_in_it(busy, sign_in):
    client = sign_in("OL", busy.other)
    assert client.get(reverse("transfers:person-list", args=[busy.programme.ref])).status_code == 404
    assert client.get(reverse("transfers:person-list", args=[busy.other.ref])).status_code == 200


def test_groups_are_the_same_however_often_they_are_asked(busy):
    day = date(2027, 3, 15)
    assert groups(day) is groups(day)
    assert groups(day)[""] is not groups(date(2027, 3, 16))["today"]
    counts = [[PersonTransfer.objects.filter(group.condition, programme=busy.programme).count() for group in groups(day).values()] for _ in range(2)]
    assert counts[0] == counts[1]
    assert counts[0][0] == 3


@ON_POSTGRESQL
@pytest.mark.parametrize("term", ["artle", "Hartley Ann", "hartley"])
def test_a_piece_of_a_name_is_found_by_its_index(busy, term):
    people.person(busy.programme, surname="Hartley", forename="Anna")
    with connection.cursor() as cursor:
        # A list of four is read sooner than any index, unless reading it is made dear.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off")
    found = PersonTransfer.objects.filter(found_by(term)).order_by()
    assert "person_by_piece" in found.explain()
    assert [person.surname for person in found] == ["Hartley"]


class Editor:
    """A schema editor that keeps what it is told to execute."""

    def __init__(self):
        self.connection, self.said, self.quote_name = connection, [], connection.ops.quote_name

    def execute(self, sql, params=()):
        self.said.append(sql)

    def add_index(self, model, index, concurrently=False):
        self.said.append(f"add {index.name} {concurrently}")


def state():
    from django.apps import apps

    return SimpleNamespace(apps=apps)


@pytest.mark.parametrize("has", [True, False])
def test_without_trigrams_the_migration_goes_on_and_says_so(monkeypatch, capsys, has):
    monkeypatch.setattr(migrating, "_trigrams", lambda _: has)
    editor = Editor()
    migrating.AddTrigramIndex("persontransfer", ["surname"], "person_by_piece").database_forwards("transfers", editor, state(), state())
    if connection.vendor != "postgresql":
        assert (editor.said, capsys.readouterr().err) == ([], "")
    elif has:
        assert editor.said == ['DROP INDEX CONCURRENTLY IF EXISTS "person_by_piece"', 'CREATE INDEX CONCURRENTLY "person_by_piece" ON "transfers_persontransfer" USING gin (upper("surname"::text) public.gin_trgm_ops)']
    else:
        assert editor.said == []
        assert "CREATE EXTENSION pg_trgm" in capsys.readouterr().err


@ON_POSTGRESQL
def test_an_index_is_built_beside_the_running_site():
    editor = Editor()
    migrating.AddIndexBeside(model_name="persontransfer", index=models.Index(fields=["zone"], name="by_zone")).database_forwards("transfers", editor, state(), state())
    assert editor.said == ['DROP INDEX CONCURRENTLY IF EXISTS "by_zone"', "add by_zone True"]
