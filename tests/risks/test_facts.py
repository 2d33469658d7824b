"""What the position is told, in the same number of queries for one and for many."""

from datetime import date

import pytest
import time_machine

from mobilisation.access import Actor
from risks.facts import risk_facts, unsafe_go_live
from risks.services import register
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
