"""Criteria, conditions and the decision to go live."""

from __future__ import annotations

import threading
import time
from datetime import date

import pytest
import time_machine

from mobilisation.access import Actor
from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import Change
from mobilisation.services import changes
from tests.at_once import together
from tests.factories import ground
from tests.factories import workstreams as factory
from workstreams.models import GoLiveDecision, ReadinessCriterion
from workstreams.services import readiness, steps

pytestmark = pytest.mark.django_db
OPERATOR = Actor.operator()
MONDAY = date(2027, 3, 1)


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2027-03-01 12:00", tick=False):
        yield


def test_criterion_is_met_only_when_somebody_else_says_so():
    programme = factory.planned("live_service")
    criterion = ReadinessCriterion.objects.get(programme=programme, code="2.3")
    giver = ground.actor("WL", programme)
    with pytest.raises(Refused) as refusal:
        readiness.update_criterion(criterion, {"status": "met"}, actor=giver)
    assert refusal.value.reasons[0].field == "evidence"
    readiness.update_criterion(criterion, {"evidence": "Training matrix of 1 March"}, actor=giver)
    with pytest.raises(Refused, match="other than"):
        readiness.update_criterion(criterion, {"status": "met"}, actor=giver)
    readiness.update_criterion(criterion, {"status": "met"}, actor=ground.actor("QL", programme))
    assert criterion.status == "met"
    assert criterion.verified_by is not None


def test_go_needs_everything_and_lists_all_that_is_missing():
    programme = factory.planned("live_service")
    readiness.add_condition(programme, "Insurance", actor=OPERATOR)
    chair = ground.actor("BCH", programme)
    with pytest.raises(Refused) as refusal:
        readiness.decide_go_live(programme, "go", actor=chair)
    assert len(refusal.value.reasons) == 25
    with pytest.raises(NotPermitted):
        readiness.decide_go_live(programme, "no_go", actor=ground.actor("ML", programme))
    assert GoLiveDecision.objects.count() == 0
    readiness.decide_go_live(programme, "go_with_conditions", actor=chair, conditions="Insurance by 25 March, CL")
    assert GoLiveDecision.objects.get().result == "go_with_conditions"


@pytest.mark.django_db(transaction=True)
@pytest.mark.only("postgresql", "SQLite has one writer at a time")
def test_a_condition_that_opens_again_waits_for_the_decision_being_signed(monkeypatch):
    """Else "go" would be signed over a condition that is open."""
    programme = ground.provider_exit()
    condition = readiness.add_condition(programme, "Insurance", actor=OPERATOR, evidence="Certificate of 1 March")
    readiness.update_condition(condition, {"status": "satisfied"}, actor=OPERATOR)
    chair, read = ground.actor("BCH", programme), threading.Event()
    create = changes.create

    def once_somebody_else_tried(*args, **more):
        read.set()
        time.sleep(1)
        return create(*args, **more)

    def opens_again():
        read.wait(20)
        readiness.update_condition(condition, {"status": "open"}, actor=OPERATOR)

    monkeypatch.setattr(readiness.changes, "create", once_somebody_else_tried)
    assert [type(one) for one in together(lambda: readiness.decide_go_live(programme, "go", actor=chair), opens_again)] == [GoLiveDecision, type(None)]
    assert list(Change.objects.filter(entity__in=["mobilisation.conditionprecedent", "workstreams.golivedecision"]).order_by("pk").values_list("entity", "action"))[-2:] == [
        ("workstreams.golivedecision", "created"), ("mobilisation.conditionprecedent", "changed"),
    ]


def test_evidence_is_accepted_once():
    step = factory.step(ground.provider_exit(), "A1")
    evidence = steps.add_evidence(step, "Minutes", actor=OPERATOR)
    first, second = ground.actor("ML", step.programme), ground.actor("OL", step.programme)
    steps.accept_evidence(evidence, actor=first)
    with pytest.raises(Refused, match="has accepted this evidence already"):
        steps.accept_evidence(evidence, actor=second)
    evidence.refresh_from_db()
    assert evidence.accepted_by == first.user
