"""Pages of the register: who opens them, what they show, what a refused form keeps."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from mobilisation import registry
from mobilisation.clock import today
from risks.models import Issue, Opportunity, Risk, RiskAction
from risks.services import register
from tests.factories import ground
from tests.factories import risks as factory

pytestmark = pytest.mark.django_db


def url(name, programme, **kwargs):
    return reverse(f"risks:{name}", kwargs={"ref": programme.ref, **kwargs})


@pytest.mark.parametrize("number", [1, 3])
def test_the_register_costs_the_same_for_one_and_several(programme, sign_in, django_assert_num_queries, number):
    for _ in range(number):
        factory.action(factory.risk(programme))
    client = sign_in("ML", programme)
    client.get("/glossary/")  # the first page of a session writes the session down
    with django_assert_num_queries(8):
        response = client.get(url("risk-list", programme))
    assert response.status_code == 200
    assert len(response.context["table"].rows) == number


@pytest.mark.parametrize("number", [1, 3])
def test_one_risk_costs_the_same_with_one_and_several_actions(programme, sign_in, django_assert_num_queries, number):
    risk = factory.risk(programme)
    for _ in range(number):
        factory.action(risk)
    client = sign_in("ML", programme)
    client.get("/glossary/")  # the first page of a session writes the session down
    with django_assert_num_queries(13):
        assert client.get(url("risk-detail", programme, public_id=risk.public_id)).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_the_matrix_costs_the_same(programme, sign_in, django_assert_num_queries, number):
    for _ in range(number):
        factory.risk(programme)
    client = sign_in("ML", programme)
    client.get("/glossary/")  # the first page of a session writes the session down
    with django_assert_num_queries(6):
        response = client.get(url("matrix", programme))
    assert response.context["total"] == number


def test_one_column_says_that_the_register_is_sorted_by_it(programme, sign_in):
    for score in ((1, 2), (4, 5), (4, 5), (2, 2)):
        factory.risk(programme, *score)
    client = sign_in("ML", programme)

    def shown(query=""):
        answer = client.get(url("risk-list", programme) + query)
        text = answer.content.decode()
        return [row.record.ref for row in answer.context["table"].rows], text.count("aria-sort="), text.count(", sorted "), 'aria-sort="descending"' in text

    assert shown() == (["R-02", "R-03", "R-04", "R-01"], 1, 1, True)
    assert shown("?sort=score") == (["R-01", "R-04", "R-03", "R-02"], 1, 1, False)
    assert shown("?sort=ref") == (["R-01", "R-02", "R-03", "R-04"], 1, 1, False)


def test_an_empty_register_says_what_comes_next_and_an_empty_group_leads_back(programme, sign_in):
    lead, member = sign_in("ML", programme).get(url("risk-list", programme)).content.decode(), sign_in("BM", programme).get(url("risk-list", programme)).content.decode()
    assert "The register is empty" in lead and f'href="{url("risk-add", programme)}">Add risk</a>' in lead.partition("The register is empty")[2] and "Import register" in lead.partition("The register is empty")[2]
    assert "The register is empty" in member and url("risk-add", programme) not in member
    factory.risk(programme, 1, 1)
    group = sign_in("ML", programme).get(url("risk-list", programme) + "?show=extreme").content.decode()
    assert "No risk here" in group and f'href="{url("risk-list", programme)}">Show all open risks</a>' in group


def test_counters_equal_their_rows(programme, sign_in):
    factory.action(factory.risk(programme, 4, 5, unsafe_go_live=True))
    factory.risk(programme, 2, 4)
    factory.risk(programme, 1, 1)
    late = factory.risk(programme, 2, 5)
    Risk.objects.filter(pk=late.pk).update(review_on=today() - timedelta(days=1))
    register.close(factory.risk(programme), "done", actor=factory.SYSTEM)
    client = sign_in("ML", programme)
    counters = client.get(url("risk-list", programme)).context["counters"]
    assert {c.label: c.count for c in counters} == {
        "All open": 4, "Extreme": 1, "High": 2, "Overdue review": 1, "Overdue actions": 0, "Unsafe go-live": 1, "No owner": 0, "Closed": 1,
    }
    for counter in counters:
        assert len(client.get(counter.url).context["table"].rows) == counter.count


def test_a_cell_of_the_matrix_leads_to_its_rows(programme, sign_in):
    factory.risk(programme, 4, 5, event="Here")
    factory.risk(programme, 5, 4, event="Elsewhere")
    client = sign_in("ML", programme)
    page = client.get(url("matrix", programme))
    cell = next(c for likelihood, _, cells in page.context["lines"] for c in cells if (likelihood, c["score"], c["count"]) == (4, 20, 1))
    assert [row.record.event for row in client.get(cell["url"]).context["table"].rows] == ["Here"]


def test_filters_and_order_stand_in_the_address(programme, sign_in):
    factory.risk(programme, 1, 1, event="Small thing")
    factory.risk(programme, 5, 5, event="Large thing")
    client = sign_in("ML", programme)
    rows = lambda query: [row.record.event for row in client.get(f"{url('risk-list', programme)}?{query}").context["table"].rows]  # noqa: E731
    assert rows("") == ["Large thing", "Small thing"]
    assert rows("sort=score") == ["Small thing", "Large thing"]
    assert rows("q=small") == ["Small thing"]
    assert rows("band=extreme") == ["Large thing"]


def test_a_risk_is_added_through_the_form(programme, sign_in):
    client = sign_in("ML", programme)
    data = {
        "event": "Keys are lost", "cause": "No list of keys", "effect": "No way in", "domain": "harm", "scope": "commissioner", "owner_name": "Ops lead", "proximity": "now",
        "likelihood": 3, "consequence": 3, "response": "treat", "controls": "Key list", "review_on": (today() + timedelta(days=3)).isoformat(),
    }
    refused = client.post(url("risk-add", programme), data | {"owner_name": "", "controls": ""})
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"owner_name", "controls"}
    assert "Keys are lost" in refused.content.decode()
    assert not Risk.objects.exists()
    assert client.post(url("risk-add", programme), data).status_code == 302
    risk = Risk.objects.get()
    assert (risk.ref, risk.score, risk.initial_score, risk.created_by) == ("R-01", 9, 9, client.user)


DATA = {
    "event": "Keys are lost", "cause": "No list of keys", "effect": "No way in", "domain": "harm", "scope": "commissioner", "owner_name": "Ops lead", "proximity": "now",
    "likelihood": 3, "consequence": 3, "response": "treat", "controls": "Key list",
}


def data(**more):
    return DATA | {"review_on": (today() + timedelta(days=3)).isoformat()} | more


def test_an_action_stands_in_for_a_control(programme, sign_in):
    client = sign_in("ML", programme)
    refused = client.post(url("risk-add", programme), data(controls="", action_text="Make a list of keys"))
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"action_owner", "action_due"})
    client.post(url("risk-add", programme), data(controls="", action_text="Make a list of keys", action_owner="Ann", action_due=today().isoformat()))
    assert [(action.risk.status, action.text, action.owner_name, action.due) for action in RiskAction.objects.all()] == [("open", "Make a list of keys", "Ann", today())]


def test_a_draft_may_be_incomplete_and_becomes_open_when_it_is_whole(programme, sign_in):
    client = sign_in("ML", programme)
    client.post(url("risk-add", programme), data(owner_name="", controls="", draft="1"))
    risk = Risk.objects.get()
    assert (risk.status, risk.ref) == ("draft", "R-01")
    edit = url("risk-edit", programme, public_id=risk.public_id)
    assert client.post(edit, data(owner_name="", version=risk.version)).status_code == 422
    assert client.post(edit, data(version=risk.version)).status_code == 302
    risk.refresh_from_db()
    assert (risk.status, risk.owner_name) == ("open", "Ops lead")


def test_the_workstream_is_one_of_the_plan(programme, sign_in, monkeypatch):
    monkeypatch.setattr(registry, "read_fact", lambda name, programme: [("workforce", "Workforce")] if name == "workstreams" else None)
    client = sign_in("ML", programme)
    refused = client.post(url("risk-add", programme), data(workstream_slug="Workforce Team"))
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["workstream_slug"])
    client.post(url("risk-add", programme), data(workstream_slug="workforce"))
    assert Risk.objects.get().workstream_slug == "workforce"


def test_a_risk_that_has_happened_goes_on_as_an_issue(programme, sign_in):
    risk = factory.risk(programme, event="Keys are lost", effect="No way in", owner_name="Ops lead")
    sign_in("ML", programme).post(url("risk-detail", programme, public_id=risk.public_id), {"close": "1", "close-close_reason": "They were", "close-became_issue": "on"})
    issue = Issue.objects.get()
    risk.refresh_from_db()
    assert (risk.status, issue.title, issue.impact, issue.owner_name, issue.risk_id, issue.status) == ("became_issue", "Keys are lost", "No way in", "Ops lead", risk.pk, "open")


def test_the_matrix_gives_the_scale_of_everything_that_would_suffer(programme, sign_in):
    page = sign_in("ML", programme).get(url("matrix", programme))
    assert (len(page.context["columns"]), "national, over 3 days, MP questions" in page.content.decode()) == (8, True)


def test_a_stale_page_merges_and_a_clash_shows_both_values(programme, sign_in):
    risk = factory.risk(programme)
    client = sign_in("ML", programme)
    edit = url("risk-edit", programme, public_id=risk.public_id)
    page = client.get(edit).context["form"]
    shown = {name: page[name].value() for name in page.fields}
    shown = {name: "" if value is None else value.isoformat() if isinstance(value, date) else value for name, value in shown.items() if value is not False}
    register.update(Risk.objects.get(pk=risk.pk), {"cause": "No drivers"}, actor=factory.SYSTEM)
    assert client.post(edit, shown | {"gaps": "Zone 3"}).status_code == 302
    risk.refresh_from_db()
    assert (risk.cause, risk.gaps) == ("No drivers", "Zone 3")
    clash = client.post(edit, shown | {"cause": "No cars"})
    assert clash.status_code == 422
    assert clash.context["form"].errors["cause"] == ["Cause: system: test changed it to “No drivers” while you were editing. You entered “No cars”. Choose which to keep."]
    risk.refresh_from_db()
    assert risk.cause == "No drivers"


def test_acts_on_one_risk(programme, sign_in):
    risk = factory.risk(programme)
    client = sign_in("ML", programme)
    page = url("risk-detail", programme, public_id=risk.public_id)
    assert client.post(page, {"review": "1", "review-likelihood": 2, "review-consequence": 3, "review-why": "better", "review-version": 1}).status_code == 302
    assert client.post(page, {"action": "1", "action-text": "Ring round", "action-owner_name": "Ops", "action-due": today().isoformat()}).status_code == 302
    action = risk.actions.get()
    assert client.post(url("action-end", programme, public_id=risk.public_id, action_id=action.public_id), {"act": "done"}).status_code == 302
    assert client.post(page, {"escalate": "1", "escalate-to_level": 3, "escalate-why": "Money"}).status_code == 302
    row = risk.escalations.get()
    taken = url("escalation-acknowledge", programme, public_id=risk.public_id, escalation_id=row.public_id)
    assert (client.get(taken)["Location"], client.post(taken).status_code, f'action="{taken}"' in client.get(page).content.decode()) == (page, 302, False)
    row.refresh_from_db()
    assert row.acknowledged_on is None
    client.force_login(ground.user_in("BCH", programme))
    assert f'action="{taken}"' in client.get(page).content.decode()
    client.post(taken)
    row.refresh_from_db()
    assert row.acknowledged_on == today()
    client.force_login(client.user)
    assert client.post(page, {"close": "1", "close-close_reason": ""}).status_code == 422
    assert client.post(page, {"close": "1", "close-close_reason": "Done"}).status_code == 302
    risk.refresh_from_db()
    assert (risk.score, risk.status, risk.actions.get().status) == (6, "closed", "done")
    assert client.post(page, {"reopen": "1", "reopen-reason": "Again"}).status_code == 302


def test_providers_read_shared_risks_and_change_none(programme, sign_in):
    own, shared = factory.risk(programme, event="Ours alone"), factory.risk(programme, event="Between us", scope="shared", other_owner="Provider lead")
    client = sign_in("IP", programme)
    page = client.get(url("risk-list", programme)).content.decode()
    assert "Between us" in page
    assert "Ours alone" not in page
    assert "Add risk" not in page
    assert client.get(url("risk-detail", programme, public_id=shared.public_id)).status_code == 200
    assert client.get(url("risk-detail", programme, public_id=own.public_id)).status_code == 404
    assert client.get(url("risk-edit", programme, public_id=shared.public_id)).status_code == 404
    assert client.post(url("risk-detail", programme, public_id=shared.public_id), {"close": "1", "close-close_reason": "x"}).status_code == 404
    assert client.get(url("matrix", programme)).context["total"] == 1


@pytest.mark.parametrize("name", ["risk-list", "matrix", "issue-list", "opportunity-list", "risk-add", "issue-add", "opportunity-add"])
def test_outside_scope_is_not_found(programme, sign_in, name):
    assert sign_in("ML", ground.programme()).get(url(name, programme)).status_code == 404
    assert sign_in("COM", programme).get(url(name, programme)).status_code == 404


def test_issues_and_opportunities_are_kept(programme, sign_in):
    client = sign_in("ML", programme)
    assert client.post(url("issue-add", programme), {"title": "Van broke down", "scope": "commissioner"}).status_code == 302
    issue = Issue.objects.get()
    edit = url("issue-edit", programme, public_id=issue.public_id)
    assert client.post(edit, {"title": issue.title, "scope": "commissioner", "status": "resolved"}).status_code == 422
    assert client.post(edit, {"title": issue.title, "scope": "commissioner", "status": "resolved", "resolution": "Mended"}).status_code == 302
    assert "Mended" in client.get(f"{url('issue-list', programme)}?show=resolved").content.decode()
    assert client.post(url("opportunity-add", programme), {"title": "Shared rota", "benefit": "Less travel", "scope": "shared", "likelihood": 3, "size": 4, "response": "enhance"}).status_code == 302
    assert Opportunity.objects.get().score == 12
    assert "Shared rota" in client.get(url("opportunity-list", programme)).content.decode()


def test_who_raises_issues_reads_them_and_changes_none(programme, sign_in):
    issue = factory.issue(programme, "Keys not handed over", impact="No way in")
    url = reverse("risks:issue-edit", args=[programme.ref, issue.public_id])
    member = sign_in("BM", programme)
    page = member.get(url).content.decode()
    assert ("No way in" in page, 'name="title"' in page, member.post(url, {"title": "x"}).status_code) == (True, False, 404)
    assert 'name="title"' in sign_in("OL", programme).get(url).content.decode()
