"""Around a stay in hospital (domain 5.5): who is told, how long the slot is held, when care restarts."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import Change, Notification, RoleAssignment
from mobilisation.services import changes
from tests.factories import ground, people
from transfers.models import HospitalEpisode, PersonTransfer
from transfers.rules import hospital as rules
from transfers.services import hospital
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def at(day):
    return datetime(2027, 3, day, 6, tzinfo=UTC)


@pytest.mark.parametrize(("expected", "told_for", "due"), [(17, None, True), (18, None, False), (10, None, True), (17, 17, False), (16, 17, True), (None, None, False)])
def test_when_a_discharge_is_near(expected, told_for, due):
    day = {number: date(2027, 3, number) for number in (10, 16, 17, 18)}
    assert rules.alert_due(day.get(expected), day.get(told_for), date(2027, 3, 15)) is due


@pytest.fixture
def around(programme):
    """A person with both providers, accepted and shared, and somebody in every role concerned."""
    bluebell = people.incoming(programme)
    person = people.person(programme, done=people.ready_up_to("C09"), surname="Canary", incoming_provider=bluebell, allocation_response="accepted", sharing_basis="direct_care")
    told = {role: ground.user_in(role, programme, organisation) for role, organisation in (("MT", None), ("CM", None), ("XP", person.exiting_provider), ("IP", bluebell))}
    for role, organisation in (("CL", None), ("FIN", None), ("IP", people.incoming(programme, "Oyster Bay Care Ltd"))):
        ground.user_in(role, programme, organisation)
    ground.user_in("MT", ground.provider_exit())
    return person, set(told.values())


def test_a_near_discharge_is_told_once_to_the_team_and_both_providers_without_a_name(programme, around):
    person, told = around
    actor = ground.actor("OL", programme)
    services.admit(person, actor=actor, admitted_on=date(2027, 3, 10), expected_discharge=date(2027, 3, 18))
    assert not Notification.objects.exists()
    hospital.tick(at(15))
    assert not Notification.objects.exists()
    hospital.tick(at(16))
    hospital.tick(at(17))
    rows = Notification.objects.filter(kind="hospital_discharge")
    assert ({row.user for row in rows}, rows.count()) == (told, 4)
    assert {(row.subject, row.body, row.url) for row in rows} == {
        (f"{programme.reference}: 1 person is expected home from hospital within two days", person.public_id, reverse("transfers:person-list", args=[programme.ref]) + "?show=hospital")
    }
    changes.apply(HospitalEpisode.objects.get(), {"expected_discharge": date(2027, 3, 19)}, actor=actor)
    hospital.tick(at(17))
    assert Notification.objects.filter(kind="hospital_discharge").count() == 8


def test_a_discharge_that_is_near_at_the_admission_is_told_at_once(programme, around):
    person, told = around
    services.admit(person, actor=ground.actor("OL", programme), admitted_on=date(2027, 3, 15), expected_discharge=date(2027, 3, 16))
    assert {row.user for row in Notification.objects.filter(kind="hospital_discharge")} == told


def test_a_provider_who_does_not_see_the_person_yet_is_not_told(programme, around):
    person, told = around
    PersonTransfer.objects.filter(pk=person.pk).update(allocation_response="offered")
    services.admit(PersonTransfer.objects.get(pk=person.pk), actor=ground.actor("OL", programme), admitted_on=date(2027, 3, 15), expected_discharge=date(2027, 3, 16))
    assert {row.user for row in Notification.objects.all()} == told - {RoleAssignment.objects.get(role="IP", organisation=person.incoming_provider).user}


def test_a_slot_lapses_after_fourteen_days_and_is_told_once(programme, around):
    person, told = around
    services.admit(person, actor=ground.actor("OL", programme), admitted_on=date(2027, 3, 1))
    hospital.tick(at(15))
    assert not Notification.objects.exists()
    hospital.tick(at(16))
    hospital.tick(at(17))
    rows = Notification.objects.filter(kind="hospital_slot")
    assert ({row.user for row in rows}, rows.count(), rows[0].subject) == (told, 4, f"{programme.reference}: 1 slot held for a person in hospital has lapsed")


def test_a_slot_is_renewed_on_the_page_and_shown(programme, around, sign_in):
    person, _ = around
    services.admit(person, actor=ground.actor("OL", programme), admitted_on=date(2027, 3, 1))
    client = sign_in("MT", programme)
    page, renew = reverse("transfers:person-detail", args=[programme.ref, person.public_id]), reverse("transfers:person-act", args=[programme.ref, person.public_id, "slot"])
    assert "The slot is held until 15 Mar 2027" in client.get(page).content.decode()
    with time_machine.travel("2027-03-16 10:00", tick=False):
        client.force_login(client.user)
        assert "The reserved slot lapsed</strong> after 15 Mar 2027" in client.get(page).content.decode()
        assert "The slot is held until 15 Mar 2027. Renewed today it is held for 14 calendar days more." in client.get(renew).content.decode()
        assert client.post(renew, {}).status_code == 302
        assert "The slot is held until 30 Mar 2027" in client.get(page).content.decode()
        again = client.post(renew, {})
        assert (again.status_code, "The slot was renewed today. It is held until 30 Mar 2027." in again.content.decode()) == (422, True)
    assert Change.objects.get(action="slot renewed").fields == {"slot_renewed_on": [None, "2027-03-16"]}


def test_a_provider_renews_no_slot(programme, around):
    person, _ = around
    services.admit(person, actor=ground.actor("OL", programme), admitted_on=date(2027, 3, 1))
    with pytest.raises(NotPermitted, match="mobilisation team keeps the slots"):
        hospital.renew_slot(person, actor=ground.actor("XP", programme, person.exiting_provider))
    assert HospitalEpisode.objects.get().slot_renewed_on is None


@pytest.mark.parametrize("restart", [date(2027, 3, 9), date(2027, 3, 13)])
def test_care_never_restarts_before_the_discharge(programme, around, restart):
    person, _ = around
    actor = ground.actor("OL", programme)
    services.admit(person, actor=actor, admitted_on=date(2027, 3, 10))
    before = PersonTransfer.objects.values().get(), HospitalEpisode.objects.values().get()
    with pytest.raises(Refused, match="Care would restart before the discharge on 14 Mar 2027") as refusal:
        services.discharge(person, actor=actor, discharged_on=date(2027, 3, 14), restart_on=restart)
    assert refusal.value.reasons[0].field == "restart_on"
    assert (PersonTransfer.objects.values().get(), HospitalEpisode.objects.values().get()) == before
    services.discharge(person, actor=actor, discharged_on=date(2027, 3, 14), restart_on=date(2027, 3, 14))
    assert PersonTransfer.objects.get().planned_transfer_date == date(2027, 3, 14)
