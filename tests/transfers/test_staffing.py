"""A leaving provider whose staff no longer carry the care goes to the SRO and emergency planning, once (domain 5.13)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from mobilisation.models import Notification, Slot
from risks.models import Escalation, Issue
from tests.factories import ground, people, staff
from transfers.models import PersonTransfer
from transfers.services import staffing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def night(day):
    staffing.tick(datetime(2027, 3, day, 0, 20, tzinfo=UTC))


def test_short_in_the_week_that_runs_goes_to_level_four_once_and_is_settled(programme):
    sro, epo = ground.user_in("SRO", programme), ground.user_in("EPO", programme)
    ground.user_in("ML", programme)
    for _ in range(2):
        people.person(programme, weekly_hours=Decimal(14), planned_transfer_date=date(2027, 4, 1))
    staff.member(programme, assigned=True, hours=20)
    night(15)
    night(16)
    step, name = Escalation.objects.get(), str(staff.exiting(programme))
    assert (step.trigger, step.to_level, step.due) == ("staffing_fails", 4, date(2027, 3, 15))
    assert (step.issue.title, step.why) == (f"Staff of {name} no longer carry the care it still gives", "8 hours short in the week ending 21 Mar 2027, before everybody has moved")
    assert {note.user for note in Notification.objects.filter(kind="escalation")} == {sro, epo}
    PersonTransfer.objects.all().update(actual_transfer_date=date(2027, 3, 16))
    night(17)
    assert (Issue.objects.get().status, list(Slot.objects.order_by("key").values_list("outcome", flat=True))) == ("resolved", ["1 raised", "0 raised", "0 raised"])


@pytest.mark.parametrize(("hours", "left_on", "known"), [(28, None, True), (28, date(2027, 3, 25), True), (None, None, False)])
def test_enough_staff_a_week_still_to_come_and_a_list_nobody_has_sent_raise_nothing(programme, hours, left_on, known):
    people.person(programme, weekly_hours=Decimal(28), planned_transfer_date=date(2027, 4, 1))
    if known:
        staff.member(programme, assigned=True, hours=hours, left_on=left_on)
    night(15)
    assert Escalation.objects.count() == 0
