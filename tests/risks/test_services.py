"""Changes to the register: what is written, what is refused and leaves everything as it was."""

from datetime import date

import pytest
import time_machine

from mobilisation.clock import now
from mobilisation.errors import Conflict, NotPermitted, Refused
from mobilisation.models import Change, Notification, RoleAssignment
from mobilisation.roles import ROLES
from mobilisation.services import accounts
from risks import tasks
from risks.facts import risk_facts
from risks.models import Escalation, Issue, Risk, RiskAction, RiskScore
from risks.services import escalation, issues, register
from tests.factories import ground
from tests.factories import risks as factory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-01 10:00", tick=False):
        yield


@pytest.fixture
def lead(programme):
    return ground.actor("ML", programme)


def test_references_count_up_within_a_programme(programme):
    other = ground.programme()
    assert [factory.risk(programme).ref, factory.risk(programme).ref, factory.risk(other).ref] == ["R-01", "R-02", "R-01"]


def test_an_incomplete_risk_is_refused_with_everything_missing(programme, lead):
    with pytest.raises(Refused) as refused:
        register.add(Risk(programme=programme, event="Something", initial_likelihood=2, initial_consequence=2, likelihood=2, consequence=2, scope="shared"), actor=lead)
    assert [reason.field for reason in refused.value.reasons] == ["cause", "effect", "owner_name", "review_on", "controls", "other_owner"]
    assert not Risk.objects.exists()


def test_the_first_review_may_not_lie_beyond_the_limit_of_the_band(programme, lead):
    with pytest.raises(Refused, match="every 14 days"):
        factory.risk(programme, 3, 4, review_on=date(2027, 3, 16))
    assert factory.risk(programme, 3, 4, review_on=date(2027, 3, 15)).review_on == date(2027, 3, 15)


def test_a_programme_may_have_its_own_limit(programme):
    programme.thresholds = {"risk_review_high_c": 5}
    programme.save()
    with pytest.raises(Refused, match="every 5 days"):
        factory.risk(programme, 3, 4, review_on=date(2027, 3, 8))


def test_a_new_score_is_kept_with_its_day_and_pulls_the_review_closer(programme, lead):
    risk = factory.risk(programme, 2, 2, review_on=date(2027, 3, 30))
    register.update(risk, {"likelihood": 3, "consequence": 4}, actor=lead, why="Two carers left")
    risk.refresh_from_db()
    assert (risk.score, risk.reviewed_on, risk.review_on, risk.version) == (12, date(2027, 3, 1), date(2027, 3, 15), 2)
    assert list(RiskScore.objects.filter(risk=risk).values_list("score", "on", "why")) == [(4, date(2027, 3, 1), "first assessment"), (12, date(2027, 3, 1), "Two carers left")]
    record = Change.objects.filter(entity="risks.risk", object_id=risk.pk, action="changed").get()
    assert (record.fields["score"], record.why, record.actor_label) == ([4, 12], "Two carers left", lead.label)


def test_a_target_above_the_current_score_is_refused(programme, lead):
    risk = factory.risk(programme, 3, 3, target_likelihood=2, target_consequence=3)
    with pytest.raises(Refused, match="may not be above the current score"):
        register.update(risk, {"likelihood": 1}, actor=lead)
    risk.refresh_from_db()
    assert (risk.likelihood, risk.score, RiskScore.objects.count()) == (3, 9, 1)


def test_closing_needs_a_reason_and_takes_it_out_of_lists_and_counts(programme, lead):
    risk = factory.risk(programme)
    with pytest.raises(Refused, match="Say why"):
        register.close(risk, " ", actor=lead)
    register.close(risk, "Round is staffed", actor=lead)
    risk.refresh_from_db()
    assert (risk.status, risk.closed_on, risk.close_reason, risk.moments.at(date(2030, 1, 1))[0]) == ("closed", date(2027, 3, 1), "Round is staffed", "B")
    assert not Risk.objects.open().exists()
    with pytest.raises(Refused, match="Reopen it first"):
        register.update(risk, {"gaps": "x"}, actor=lead)
    register.reopen(risk, "Two carers left again", actor=lead)
    risk.refresh_from_db()
    assert (risk.status, risk.closed_on, risk.review_on) == ("open", None, date(2027, 3, 15))


def test_actions_turn_the_care_of_a_risk(programme, lead):
    risk = factory.risk(programme, 4, 4)
    assert risk.moments.at(date(2027, 3, 4))[0] == "A"
    made = factory.action(risk, date(2027, 3, 3))
    risk.refresh_from_db()
    assert risk.moments.at(date(2027, 3, 4)) == ("R", "Action was due 3 Mar 2027")
    register.end_action(RiskAction.objects.get(pk=made.pk), actor=lead)
    risk.refresh_from_db()
    assert risk.moments.at(date(2027, 3, 4))[0] == "A"


def test_cancelling_an_action_needs_a_reason(programme, lead):
    made = factory.action(factory.risk(programme))
    with pytest.raises(Refused, match="Say why"):
        register.end_action(made, actor=lead, cancelled=True)
    made.refresh_from_db()
    assert made.status == "open"


def test_a_new_extreme_risk_goes_to_the_board_with_word_to_its_members(programme):
    chair, sponsor = ground.user_in("BCH", programme), ground.user_in("SRO", programme)
    ground.user_in("MT", programme)
    risk = factory.risk(programme, 4, 5)
    row = Escalation.objects.get()
    assert (row.risk, row.to_level, row.trigger, row.due) == (risk, 3, "new_extreme", date(2027, 3, 2))
    assert set(Notification.objects.values_list("user_id", "subject")) == {(u.pk, f"{programme.reference}: R-01 escalated to the mobilisation board") for u in (chair, sponsor)}


def test_a_rise_of_five_escalates_and_of_four_does_not(programme, lead):
    risk = factory.risk(programme, 2, 2)
    register.update(risk, {"consequence": 4}, actor=lead)
    assert not Escalation.objects.exists()
    register.update(risk, {"likelihood": 3, "consequence": 5}, actor=lead)
    assert Escalation.objects.get().trigger == "new_extreme"


def test_timers_climb_once(programme, lead):
    risk = factory.risk(programme, 4, 5)
    assert escalation.climb(programme, actor=lead, as_of=date(2027, 3, 2)) == 0
    assert escalation.climb(programme, actor=lead, as_of=date(2027, 3, 3)) == 1
    assert escalation.climb(programme, actor=lead, as_of=date(2027, 3, 3)) == 0
    assert list(Escalation.objects.order_by("id").values_list("to_level", "trigger")) == [(3, "new_extreme"), (4, "unacknowledged")]
    sponsor = ground.actor("SRO", programme)
    for row in Escalation.objects.filter(risk=risk):
        escalation.acknowledge(row, actor=sponsor)
    with pytest.raises(Refused, match="has acknowledged it already"):
        escalation.acknowledge(Escalation.objects.first(), actor=sponsor)


@pytest.mark.parametrize(
    ("level", "may"), [(1, "WSL ML MLD OL CL BCH SRO"), (2, "ML MLD OL CL BCH SRO"), (3, "BCH BM SRO"), (4, "SRO")]
)
def test_only_the_rung_and_those_above_it_stop_an_escalation_from_climbing(programme, lead, level, may):
    risk = factory.risk(programme, 2, 2)
    row = escalation.raise_to(programme, level, "Money", actor=lead, risk=risk)
    allowed = [code for code, role in ROLES.items() if not role.site_wide and escalation.may_acknowledge(row, ground.actor(code, programme))]
    assert sorted(allowed) == sorted(may.split())
    with pytest.raises(NotPermitted, match="was escalated to the"):
        escalation.acknowledge(row, actor=ground.actor("FIN", programme))
    row.refresh_from_db()
    assert row.acknowledged_on is None


def test_two_people_at_once_merge_what_does_not_clash(programme, lead):
    risk = factory.risk(programme)
    register.update(Risk.objects.get(pk=risk.pk), {"gaps": "None for zone 3"}, actor=lead, expected_version=1)
    register.update(Risk.objects.get(pk=risk.pk), {"cause": "No drivers"}, actor=lead, expected_version=1)
    risk.refresh_from_db()
    assert (risk.gaps, risk.cause, risk.version) == ("None for zone 3", "No drivers", 3)
    with pytest.raises(Conflict) as conflict:
        register.update(Risk.objects.get(pk=risk.pk), {"cause": "No cars"}, actor=lead, expected_version=1)
    assert [(c.field, c.mine, c.theirs) for c in conflict.value.fields] == [("cause", "No cars", "No drivers")]


@pytest.mark.parametrize("role", ["BM", "COM", "XP", "IP", "FIN"])
def test_who_may_not_change_the_register(programme, role):
    risk = factory.risk(programme, scope="shared", other_owner="Provider lead")
    with pytest.raises(NotPermitted, match="change risks"):
        register.update(risk, {"gaps": "x"}, actor=ground.actor(role, programme))
    risk.refresh_from_db()
    assert (risk.gaps, risk.version) == ("", 1)


def test_providers_see_what_is_shared(programme):
    own, shared = factory.risk(programme), factory.risk(programme, scope="shared", other_owner="Provider lead")
    factory.issue(programme)
    for role in ("XP", "IP"):
        user = ground.user_in(role, programme)
        assert set(Risk.objects.visible_to(user)) == {shared}
        assert not Issue.objects.visible_to(user).exists()
        assert set(RiskScore.objects.visible_to(user).values_list("risk_id", flat=True)) == {shared.pk}
    assert set(Risk.objects.visible_to(ground.user_in("BM", programme))) == {own, shared}
    assert not Risk.objects.visible_to(ground.user_in("COM", programme)).exists()
    assert not Risk.objects.visible_to(ground.user_in("ML", ground.programme())).exists()


def test_an_issue_is_resolved_in_words(programme, lead):
    issue = factory.issue(programme, due=date(2027, 3, 5))
    with pytest.raises(Refused, match="Say how"):
        issues.resolve(issue, "", actor=lead)
    issues.resolve(issue, "Keys fetched", actor=lead)
    issue.refresh_from_db()
    assert (issue.ref, issue.status, issue.resolved_on) == ("I-01", "resolved", date(2027, 3, 1))


def test_moving_the_next_review_is_no_review(programme, lead):
    risk = factory.risk(programme, raised_on=date(2027, 2, 1), reviewed_on=date(2027, 2, 1), review_on=date(2027, 2, 10), likelihood=2, consequence=3)
    with pytest.raises(Refused, match="The next review is 3 Mar 2027 at the latest"):
        register.update(risk, {"review_on": date(2027, 4, 10)}, actor=lead)
    risk.refresh_from_db()
    assert (risk.reviewed_on, risk.review_on) == (date(2027, 2, 1), date(2027, 2, 10))


def test_a_new_risk_is_reviewed_after_the_day_it_was_raised(programme, lead):
    with pytest.raises(Refused, match="The next review lies after the day the risk was raised"):
        factory.risk(programme, review_on=date(2027, 3, 1), raised_on=date(2027, 3, 1))
    assert not Risk.objects.exists()


def test_an_escalation_ends_with_what_it_was_about(programme, lead):
    risk = factory.risk(programme, 5, 5)
    issue = factory.issue(programme)
    escalation.raise_to(programme, 3, "Nobody answers", actor=lead, issue=issue)
    assert [row.subject for row in risk_facts(programme, date(2027, 3, 1)).escalations] == [issue.ref, risk.ref]
    register.close(risk, "Gone", actor=lead)
    issues.resolve(issue, "Answered", actor=lead)
    assert risk_facts(programme, date(2027, 3, 1)).escalations == ()
    assert escalation.climb(programme, actor=lead, as_of=date(2027, 3, 20)) == 0


def test_a_risk_of_somebody_who_has_left_has_no_owner(programme, lead):
    owner = ground.user_in("QL", programme)
    risk = factory.risk(programme, 5, 5, owner=owner, owner_name="")
    assert risk.moments.at(date(2027, 3, 1))[0] == "A"
    accounts.end_assignment(RoleAssignment.objects.get(user=owner), actor=lead, why="Left the trust")
    risk.refresh_from_db()
    assert risk.moments.at(date(2027, 3, 1)) == ("R", "Extreme risk without an owner")
    register.update(risk, {"owner": None, "owner_name": "Q. Lead"}, actor=lead)
    risk.refresh_from_db()
    assert risk.moments.at(date(2027, 3, 1))[0] == "A"


def test_a_risk_closed_from_two_pages_becomes_one_issue(programme, lead):
    risk = factory.risk(programme)
    page = Risk.objects.get(pk=risk.pk)
    register.close(risk, "It happened", actor=lead, became_issue=True)
    with pytest.raises(Refused, match="R-01 is closed already"):
        register.close(page, "It happened", actor=lead, became_issue=True)
    assert (Issue.objects.count(), Risk.objects.get().version) == (1, risk.version)
    for late in (lambda: register.update(page, {"controls": "None"}, actor=lead), lambda: register.add_action(page, text="Call", due=date(2027, 3, 9), owner_name="Ops", actor=lead)):
        with pytest.raises(Refused, match="R-01 is closed"):
            late()
    assert (RiskAction.objects.count(), Risk.objects.get().moments.blue) == (0, True)


def test_an_action_ended_from_two_pages_is_ended_once(programme, lead):
    action = factory.action(factory.risk(programme))
    page = RiskAction.objects.select_related("risk__programme").get(pk=action.pk)
    register.end_action(action, actor=lead)
    with pytest.raises(Refused, match="not open"):
        register.end_action(page, actor=lead, cancelled=True, why="No longer needed")
    action.refresh_from_db()
    assert (action.status, action.done_on, action.version) == ("done", date(2027, 3, 1), 2)


def test_an_overdue_action_is_escalated_once_acknowledged_or_not_and_the_next_one_again(programme, lead):
    risk = factory.risk(programme, 3, 4)
    factory.action(risk, date(2027, 3, 4))
    factory.action(risk, date(2027, 3, 9), text="Write to the agency")

    def climb(day):
        with time_machine.travel(f"2027-03-{day:02} 10:00", tick=False):
            return escalation.climb(programme, actor=lead)

    assert [climb(day) for day in (4, 5, 5)] == [0, 1, 0]
    row = Escalation.objects.get()
    escalation.acknowledge(row, actor=lead, on=date(2027, 3, 5))
    assert [climb(day) for day in (5, 9, 10, 10)] == [0, 0, 1, 0]
    assert list(Escalation.objects.order_by("id").values_list("trigger", "on")) == [("high_overdue_action", date(2027, 3, 5)), ("high_overdue_action", date(2027, 3, 10))]


def test_word_of_an_escalation_says_its_day_as_every_page_does(programme, lead):
    sponsor = ground.user_in("SRO", programme)
    escalation.raise_to(programme, 4, "Money", actor=lead, risk=factory.risk(programme, 2, 2))
    assert Notification.objects.get(user=sponsor).body == "Acknowledge by 2 Mar 2027."


def test_timers_that_fail_for_one_programme_climb_in_the_others(programme, monkeypatch):
    broken = ground.programme()
    factory.risk(programme, 4, 5)
    factory.risk(broken, 4, 5)
    whole = escalation.climb

    def climb(of, **more):
        if of == broken:
            raise ValueError("a threshold that is none")
        return whole(of, **more)

    monkeypatch.setattr(escalation, "climb", climb)
    with time_machine.travel("2027-03-03 10:00", tick=False):
        tasks.tick(now())
    assert list(Escalation.objects.filter(trigger="unacknowledged").values_list("programme", flat=True)) == [programme.pk]
