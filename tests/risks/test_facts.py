"""What the position is told, in the same number of queries for one and for many."""

from datetime import date

import pytest
import time_machine

from mobilisation.access import Actor
from risks.facts import risk_facts, unsafe_go_live
from risks.models import Escalation
from risks.rules import escalated_because
from risks.services import escalation, register
from tests.factories import ground
from tests.factories import risks as factory

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


@pytest.mark.parametrize("number", [1, 30])
def test_a_fixed_number_of_queries(programme, number, django_assert_num_queries):
    for _ in range(number):
        factory.action(factory.risk(programme, 4, 5))
        factory.issue(programme)
        factory.opportunity(programme)
    with django_assert_num_queries(6):
        facts = risk_facts(programme, date.today())
    assert (facts.open, facts.by_band["extreme"], facts.issues_open, len(facts.opportunities), len(facts.escalations)) == (number,) * 5
    assert len(facts.top) == min(number, 10)


def test_figures_of_a_week(programme):
    with time_machine.travel("2027-02-20 10:00"):
        old = factory.risk(programme, 2, 4, event="Old", review_on=date(2027, 3, 4))
        gone = factory.risk(programme, 2, 2, event="Gone")
    with time_machine.travel("2027-03-05 10:00"):
        register.update(old, {"likelihood": 4}, actor=SYSTEM, why="worse")
        register.close(gone, "done with", actor=SYSTEM)
        factory.risk(programme, 1, 3, event="New", unsafe_go_live=True, review_on=date(2027, 3, 6))
        facts = risk_facts(programme, date(2027, 3, 7), date(2027, 2, 28))
    assert (facts.open, facts.by_band) == (2, {"low": 1, "moderate": 0, "high": 0, "extreme": 1})
    assert [(row.title, row.initial, row.previous, row.score, row.movement) for row in facts.open_risks] == [("Old", 8, 8, 16, 8), ("New", 3, None, 3, None)]
    assert [row.title for row in facts.movement] == ["Old"]
    assert [row.title for row in facts.new] == ["New"]
    assert [row.title for row in facts.closed] == ["Gone"]
    assert [row.title for row in facts.unsafe_go_live] == ["New"]
    assert facts.matrix[3][3] == 1
    assert facts.matrix[0][2] == 1
    assert sum(map(sum, facts.matrix)) == 2
    assert facts.initial_matrix[1][3] == 1
    assert facts.overdue_reviews == 2
    assert (facts.colour, facts.reasons) == ("R", ("Extreme risk without owner or overdue: R-01",))


def test_a_quiet_register_is_green(programme):
    facts = risk_facts(programme, date.today())
    assert (facts.open, facts.colour, facts.reasons, facts.matrix) == (0, "G", (), ((0,) * 5,) * 5)


def test_providers_facts_hold_shared_risks_only(programme):
    factory.risk(programme, event="Ours")
    factory.risk(programme, event="Shared", scope="shared", other_owner="Provider lead")
    assert [row.title for row in risk_facts(programme, date.today(), shared_only=True).open_risks] == ["Shared"]


def test_a_risk_escalated_twice_stands_once_with_its_score_of_now(programme):
    with time_machine.travel("2027-03-01 10:00"):
        risk = factory.risk(programme, 3, 5, event="Twice")
        register.update(risk, {"likelihood": 2}, actor=SYSTEM, why="better")
        register.update(risk, {"likelihood": 4}, actor=SYSTEM, why="worse again")
        factory.risk(programme, 4, 4, event="Once")
    rows = risk_facts(programme, date(2027, 3, 1)).escalations
    assert Escalation.objects.filter(risk=risk).count() == 2
    assert [(row.subject, row.to_level, row.why) for row in rows] == [("R-02", 3, "Extreme risk, score 16"), ("R-01", 3, "Extreme risk, score 20")]


def test_an_escalated_issue_says_what_it_is_and_nothing_of_the_person(programme):
    with time_machine.travel("2027-03-01 10:00"):
        for source, why in (("a person", "Canary fell"), ("", "The office is closed.")):
            issue = factory.issue(programme, title="Canary", source=source)
            escalation.raise_to(programme, 3, why, actor=SYSTEM, issue=issue)
    rows = risk_facts(programme, date(2027, 3, 1)).escalations
    assert sorted((row.subject, row.why) for row in rows) == [("I-01", "an issue about one person"), ("I-02", "The office is closed.")]


def test_the_highest_open_level_stands_and_a_taken_up_one_does_not(programme):
    with time_machine.travel("2027-03-01 10:00"):
        risk = factory.risk(programme, 3, 3)
        low = escalation.raise_to(programme, 2, "The agency does not answer.", actor=SYSTEM, risk=risk)
        high = escalation.raise_to(programme, 4, "Money is needed.", actor=SYSTEM, risk=risk)
        escalation.raise_to(programme, 3, "Told the board.", actor=SYSTEM, risk=risk)
        register.update(risk, {"likelihood": 4}, actor=SYSTEM, why="worse")
    assert [(row.to_level, row.why) for row in risk_facts(programme, date(2027, 3, 1)).escalations] == [(4, "Money is needed (high risk, score 12)")]
    Escalation.objects.filter(pk=high.pk).update(acknowledged_on=date(2027, 3, 1))
    assert [row.to_level for row in risk_facts(programme, date(2027, 3, 1)).escalations] == [3]
    Escalation.objects.exclude(pk=low.pk).update(acknowledged_on=date(2027, 3, 1))
    assert [row.to_level for row in risk_facts(programme, date(2027, 3, 1)).escalations] == [2]


@pytest.mark.parametrize(("trigger", "why", "score", "said"), [
    ("new_extreme", "Extreme risk, score 15", 20, "Extreme risk, score 20"),
    ("score_jump", "Score up from 4 to 9", 9, "High risk, score 9"),
    ("high_overdue_action", "High risk with an action overdue", 16, "Extreme risk, score 16, with an action overdue"),
    ("unacknowledged", "Nobody acknowledged it in time", 20, "Nobody acknowledged it in time (extreme risk, score 20)"),
    ("", "The agency does not answer.", 6, "The agency does not answer (moderate risk, score 6)"),
])
def test_why_a_risk_stands_on_the_ladder_says_its_size_of_now(trigger, why, score, said):
    assert escalated_because(trigger, why, score) == said


def test_the_worst_come_first_whatever_was_written_first(programme):
    for score in ((1, 3), (2, 5), (3, 3), (5, 4)):
        factory.risk(programme, *score, unsafe_go_live=True)
    for _ in range(9):
        factory.risk(programme, 2, 4)
    facts = risk_facts(programme, date.today())
    assert [row.score for row in facts.top] == [20, 10, 9, 8, 8, 8, 8, 8, 8, 8]
    assert [row.score for row in facts.unsafe_go_live] == [20, 10, 9, 3]
    reader = ground.user_in("ML", programme)
    assert [row.score for row in unsafe_go_live(programme, reader, date.today())] == [20, 10, 9, 3]
