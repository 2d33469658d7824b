"""A critical milestone that is Red goes up the ladder by itself, once for each time (domain 5.13)."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from mobilisation.models import Notification, Slot
from mobilisation.services import changes
from risks.models import Escalation, Issue, StandingFact
from risks.services import issues, standing
from tests.factories import ground
from tests.factories import workstreams as factory
from workstreams.services import escalating, steps

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel("2027-03-01 10:00", tick=False) as clock:
        yield clock


def milestone(programme, code="M1", **fields):
    return factory.step(programme, code, **({"baseline": date(2027, 2, 26), "is_milestone": True, "critical": True, "title": "Staff in place"} | fields))


def night(day):
    with time_machine.travel(datetime(2027, 3, day, 0, 20, tzinfo=UTC), tick=False):
        escalating.tick(datetime(2027, 3, day, 0, 20, tzinfo=UTC))


def test_it_goes_to_level_two_once_and_only_while_it_is_critical_and_red(programme):
    ml, _ = ground.user_in("ML", programme), ground.user_in("SRO", programme)
    milestone(programme)
    milestone(programme, "M2", critical=False)
    milestone(programme, "S1", is_milestone=False)
    milestone(programme, "M3", baseline=date(2027, 3, 26))
    night(1)
    night(2)
    step = Escalation.objects.get()
    assert (step.trigger, step.to_level, step.issue.title, step.due) == ("critical_milestone_red", 2, "Critical milestone Red: M1 Staff in place", date(2027, 3, 2))
    assert step.why.startswith("Critical")
    assert [note.user for note in Notification.objects.filter(kind="escalation")] == [ml]
    assert list(Slot.objects.order_by("key").values_list("schedule", "key", "outcome")) == [("plan-escalations", "2027-03-01", "1 raised"), ("plan-escalations", "2027-03-02", "0 raised")]


def test_it_is_settled_when_it_is_red_no_longer_and_raised_again_when_it_is_red_again(programme):
    late = milestone(programme)
    lead = ground.actor("ML", programme)
    night(1)
    steps.update_step(late, {"status": "done", "done_on": date(2027, 3, 1)}, actor=lead)
    night(2)
    assert (Issue.objects.get().status, Issue.objects.get().resolution, StandingFact.objects.get().settled_on) == ("resolved", standing.NO_LONGER, date(2027, 3, 2))
    with time_machine.travel("2027-03-02 10:00", tick=False):
        steps.update_step(late, {"status": "in_progress"}, actor=lead)
    night(3)
    assert list(StandingFact.objects.order_by("pk").values_list("since", "settled_on")) == [(date(2027, 3, 1), date(2027, 3, 2)), (date(2027, 3, 3), None)]


def test_what_somebody_resolved_is_not_raised_again_while_it_stands(programme):
    milestone(programme)
    night(1)
    issues.resolve(Issue.objects.get(), "The board accepts the new day", actor=ground.actor("ML", programme))
    night(2)
    assert (Issue.objects.count(), StandingFact.objects.get().settled_on) == (1, None)


def test_a_programme_that_fails_keeps_no_other_waiting(programme, monkeypatch):
    other = ground.provider_exit()
    milestone(programme)
    milestone(other)
    create = changes.create

    def fails(row, **more):
        if row.programme == programme:
            raise ValueError("cut off")
        return create(row, **more)

    monkeypatch.setattr(changes, "create", fails)
    night(1)
    assert ([fact.programme for fact in StandingFact.objects.all()], Slot.objects.get().outcome) == ([other], "1 raised, 1 failed")
