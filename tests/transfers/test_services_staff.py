"""Staff transfers: what is written, what is refused and leaves the database as it was."""

from datetime import date

import pytest
import time_machine

from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import Change, Organisation
from tests.factories import ground, staff
from transfers.models.staff import CompetenceRecord, StaffTransfer, TupeProcess
from transfers.services import staff as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def lead(programme):
    return ground.actor("WL", programme)


def test_the_four_essential_checks_are_made_once(programme, lead):
    first = services.requirements(programme, lead)
    assert [(r.skill, r.high_risk) for r in first] == [("medication", True), ("infection_control", False), ("safeguarding", False), ("digital_records", False)]
    assert [r.pk for r in services.requirements(programme, lead)] == [r.pk for r in first]


def test_validation_is_signed_off_and_recorded(programme, lead):
    member = staff.member(programme)
    services.record_competence(member, "medication", "completed", actor=lead, on=date(2027, 3, 1))
    record = services.record_competence(member, "medication", "validated", actor=lead, on=date(2027, 3, 10), expires_on=date(2028, 3, 10))
    record.refresh_from_db()
    assert (record.state, record.assessor_name, record.signed_off_on, record.expires_on) == ("validated", lead.label, date(2027, 3, 10), date(2028, 3, 10))
    assert Change.objects.filter(entity="transfers.competencerecord", object_id=record.pk).count() == 2


def test_a_provider_may_not_validate_its_own_training(programme):
    provider = ground.actor("XP", programme, staff.exiting(programme))
    member = staff.member(programme)
    with pytest.raises(NotPermitted, match="The workforce lead validates"):
        services.record_competence(member, "medication", "validated", actor=provider)
    assert not CompetenceRecord.objects.exists()


def test_a_provider_may_not_touch_another_providers_staff(programme):
    provider = ground.actor("XP", programme, Organisation.objects.get(name="Bluebell Care Partners"))
    member = staff.member(programme)
    with pytest.raises(NotPermitted, match="your own organisation only"):
        services.update_staff(member, {"hours": 10}, actor=provider)
    member.refresh_from_db()
    assert member.hours == 20


def test_the_mobilisation_team_does_not_change_staff(programme):
    with pytest.raises(NotPermitted, match="change staff"):
        services.update_staff(staff.member(programme), {"hours": 10}, actor=ground.actor("MT", programme))


@pytest.mark.parametrize(("shifts", "allowed"), [(1, False), (2, True)])
def test_a_restricted_worker_is_reassessed_after_two_shadow_shifts(programme, lead, shifts, allowed):
    member = staff.member(programme, restriction="medication-critical packages", shadow_shifts_done=shifts)
    services.record_competence(member, "medication", "completed", actor=lead)
    if allowed:
        assert services.record_competence(member, "medication", "validated", actor=lead).state == "validated"
    else:
        with pytest.raises(Refused, match="2 shadow shifts with a buddy come first; 1 done"):
            services.record_competence(member, "medication", "validated", actor=lead)
        assert CompetenceRecord.objects.get().state == "completed"


def test_an_objection_after_the_transfer_is_refused(programme, lead):
    staff.tupe(programme, date(2027, 3, 1))
    member = staff.member(programme)
    with pytest.raises(Refused, match="up to the transfer date, 1 Mar 2027"):
        services.update_staff(member, {"objected_on": date(2027, 3, 2)}, actor=lead)
    assert services.update_staff(member, {"objected_on": date(2027, 3, 1)}, actor=lead) is not None


def test_a_date_in_the_future_is_refused_and_names_the_field(programme, lead):
    process = staff.tupe(programme)
    with pytest.raises(Refused) as refused:
        services.update_tupe(process, {"eli_received_on": date(2027, 3, 16)}, actor=lead)
    assert [(r.field, r.text) for r in refused.value.reasons] == [("eli_received_on", "Eli received: 16 Mar 2027 is in the future. Enter the day it was done.")]
    process.refresh_from_db()
    assert (process.eli_received_on, process.version) == (None, 1)


def test_one_tupe_record_for_each_pair_of_employers(programme, lead):
    services.open_tupe(programme, transferor=staff.exiting(programme), transferee=None, transfer_date=date(2027, 4, 1), actor=lead)
    with pytest.raises(Refused, match="already"):
        services.open_tupe(programme, transferor=staff.exiting(programme), transferee=None, transfer_date=date(2027, 4, 2), actor=lead)
    assert TupeProcess.objects.count() == 1


def test_an_employee_number_stands_once(programme, lead):
    services.add_staff(StaffTransfer(programme=programme, exiting=staff.exiting(programme), staff_ref="00310", surname="Hartley"), actor=lead)
    with pytest.raises(Refused, match="00310 is on the list already"):
        services.add_staff(StaffTransfer(programme=programme, exiting=staff.exiting(programme), staff_ref="00310", surname="Other"), actor=lead)


def test_who_sees_which_staff(programme):
    """Domain 10.8: the incoming employer sees names from receipt of ELI and not before X less 28 days."""
    bluebell, oyster = (Organisation.objects.get(name=n) for n in ("Bluebell Care Partners", "Oyster Bay Care Ltd"))
    to_bluebell, to_oyster = staff.member(programme, incoming=bluebell), staff.member(programme, incoming=oyster)
    process = staff.tupe(programme, date(2027, 4, 1))

    def seen(role, organisation=None):
        return set(StaffTransfer.objects.visible_to(ground.user_in(role, programme, organisation)))

    assert seen("IP", bluebell) == set()
    process.eli_received_on = date(2027, 3, 4)
    process.save()
    assert seen("IP", bluebell) == {to_bluebell}
    assert seen("XP", staff.exiting(programme)) == {to_bluebell, to_oyster}
    assert seen("XP", bluebell) == set()
    for role in ("ML", "CL", "OL", "WL"):
        assert seen(role) == {to_bluebell, to_oyster}
    for role in ("MT", "BM", "COM", "SRO", "BCH", "DA", "QL"):
        assert seen(role) == set()
    process.transfer_date = date(2027, 4, 13)
    process.save()
    assert seen("IP", bluebell) == set()
