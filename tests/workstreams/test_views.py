"""Pages of the plan and of readiness: who sees them, what they say, what they cost."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mobilisation.models import ContractParty, Job, Programme, RoleAssignment, Variation
from tests.factories import ground
from tests.factories import workstreams as factory
from workstreams.models import PlanStep, ReadinessCriterion
from workstreams.services import readiness, steps

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2027-03-01 12:00", tick=False):
        yield


def test_plan_shows_steps_with_reason_and_counters(sign_in):
    programme = ground.provider_exit()
    factory.step(programme, "A1", baseline=date(2027, 2, 26), critical=True, title="Inform CQC")
    factory.step(programme, "A2", baseline=date(2027, 3, 31), title="Tracker ready")
    page = sign_in("OL", programme).get(f"/programmes/{programme.ref}/plan/").content.decode()
    assert "Critical, and overdue since 26 Feb 2027" in page
    assert "2 steps, by workstream" in page
    assert 'colour=R"' in page


@pytest.mark.parametrize(
    "query,codes",
    [
        ("", ["A1", "A2", "A3"]), ("colour=R", ["A1"]), ("due=overdue", ["A1"]), ("due=none", ["A3"]), ("flag=critical", ["A1"]), ("q=tracker", ["A2"]), ("owner=finch", ["A3"]),
        ("workstream=finance", ["A3"]), ("due=4w", []), ("view=date", ["A1", "A2", "A3"]), ("colour=Q", ["A1", "A2", "A3"]),
    ],
)
def test_plan_filters(sign_in, query, codes):
    programme = ground.provider_exit()
    factory.step(programme, "A1", baseline=date(2027, 2, 26), critical=True)
    factory.step(programme, "A2", baseline=date(2027, 3, 31), title="Tracker ready")
    factory.step(programme, "A3", owner_name="R. Finch", workstream=factory.workstream(programme, "finance"))
    response = sign_in("OL", programme).get(f"/programmes/{programme.ref}/plan/?{query}")
    assert [row.step.code for row in response.context["rows"]] == codes


@pytest.mark.parametrize("role,status", [("OL", 200), ("BM", 200), ("XP", 200), ("COM", 404)])
def test_who_opens_the_plan(sign_in, role, status):
    programme = ground.provider_exit()
    step = factory.step(programme)
    client = sign_in(role, programme)
    for path in ("plan/", "plan/gantt/", f"plan/steps/{step.public_id}/", "workstreams/governance/", "plan/variations/"):
        assert client.get(f"/programmes/{programme.ref}/{path}").status_code == status, path


def test_stranger_finds_nothing(sign_in):
    mine, other = ground.provider_exit(), ground.provider_exit()
    step = factory.step(other)
    client = sign_in("OL", mine)
    for path in ("plan/", f"plan/steps/{step.public_id}/", f"plan/steps/{step.public_id}/row/", "workstreams/governance/", "readiness/"):
        assert client.get(f"/programmes/{other.ref}/{path}").status_code == 404, path
    assert client.post(f"/programmes/{mine.ref}/plan/steps/{step.public_id}/", {"status": "done"}).status_code == 404
    step.refresh_from_db()
    assert step.status == "not_started"


def _queries(client, path) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize("number", [1, 12])
def test_pages_cost_the_same_for_one_and_many(sign_in, number):
    programme = ground.provider_exit()
    for at in range(number):
        factory.step(programme, f"A{at}", baseline=date(2027, 3, 31), is_milestone=True, owner=ground.user(), checkpoints="C07")
    client = sign_in("OL", programme)
    base = f"/programmes/{programme.ref}/"
    assert {path: _queries(client, base + path) for path in ("plan/", "plan/gantt/", "workstreams/governance/", f"plan/steps/{PlanStep.objects.first().public_id}/")} == {
        "plan/": PLAN_QUERIES, "plan/gantt/": TIMELINE_QUERIES, "workstreams/governance/": WORKSTREAM_QUERIES, f"plan/steps/{PlanStep.objects.first().public_id}/": STEP_QUERIES,
    }


def test_timeline_draws_what_has_a_date(sign_in):
    programme = ground.provider_exit()
    factory.step(programme, "A1", baseline=date(2027, 3, 12), forecast=date(2027, 3, 19), start=date(2027, 3, 1))
    factory.step(programme, "A2")
    response = sign_in("OL", programme).get(f"/programmes/{programme.ref}/plan/gantt/")
    (bar,) = response.context["drawing"].bars
    assert bar.said == "A1 Step A1: 1 Mar 2027 to 19 Mar 2027, at risk, baseline 12 Mar 2027"
    assert "1 step without a date is not drawn" in response.content.decode()


PLAN_QUERIES, TIMELINE_QUERIES, WORKSTREAM_QUERIES, STEP_QUERIES, READINESS_QUERIES = 12, 10, 19, 14, 13


@pytest.mark.parametrize("number", [1, 8])
def test_readiness_costs_the_same_for_one_and_many(sign_in, number):
    programme = ground.programme("live_service", scd=date(2027, 4, 1))
    for at in range(number):
        ReadinessCriterion.objects.create(programme=programme, deliverable=1, code=f"1.{at}", text="Pathway agreed")
        programme.conditions.create(title="Insurance", owner=ground.user())
    assert _queries(sign_in("OL", programme), f"/programmes/{programme.ref}/readiness/") == READINESS_QUERIES


def _typed(response) -> dict[str, str]:
    form = response.context["form"]
    return {name: "" if form[name].value() is None else form[name].value() for name in form.fields if form[name].value() is not False}


def test_step_is_updated_on_its_page_and_a_clash_shows_both(sign_in):
    programme = ground.provider_exit()
    step = factory.step(programme, baseline=date(2027, 3, 12))
    client = sign_in("OL", programme)
    url = f"/programmes/{programme.ref}/plan/steps/{step.public_id}/"
    typed = _typed(client.get(url))
    assert client.post(url, typed | {"note": "first"}).status_code == 302
    response = client.post(url, typed | {"note": "second"})
    assert response.status_code == 422
    assert "changed it to “first” while you were editing. You entered “second”" in response.content.decode()
    step.refresh_from_db()
    assert (step.note, step.version) == ("first", 2)


def test_row_is_updated_in_place(sign_in):
    programme = ground.provider_exit()
    step = factory.step(programme, baseline=date(2027, 3, 12))
    client = sign_in("OL", programme)
    url = f"/programmes/{programme.ref}/plan/steps/{step.public_id}/row/"
    assert client.get(url).status_code == 302
    form = client.get(url, headers={"HX-Request": "true"})
    typed = _typed(form) | {"forecast": "2027-03-19"}
    saved = client.post(url, typed, headers={"HX-Request": "true"})
    assert "Forecast 5 working days after baseline" in saved.content.decode()
    refused = client.post(url, typed | {"status": "blocked", "version": "2"}, headers={"HX-Request": "true"})
    assert (refused.status_code, "Say in the note what blocks it" in refused.content.decode()) == (422, True)
    step.refresh_from_db()
    assert (step.forecast, step.status) == (date(2027, 3, 19), "not_started")


def test_reader_may_not_update(sign_in):
    programme = ground.provider_exit()
    step = factory.step(programme, baseline=date(2027, 3, 12))
    client = sign_in("BM", programme)
    url = f"/programmes/{programme.ref}/plan/steps/{step.public_id}/"
    assert "Save step" not in client.get(url).content.decode()
    client.post(url, {"status": "done", "percent": "0", "version": "1", "was": "{}"})
    step.refresh_from_db()
    assert (step.status, step.version) == ("not_started", 1)


def test_lead_reports_on_the_page_of_the_workstream(sign_in):
    programme = ground.provider_exit()
    stream = factory.workstream(programme)
    client = sign_in("WSL", programme, workstream_slug="governance")
    url = f"/programmes/{programme.ref}/workstreams/governance/"
    assert client.post(url, {"status": "A", "one_line": "Waiting for the notice", "asks": "", "unsafe": ""}).status_code == 302
    assert list(stream.reports.values_list("week", "status", "one_line")) == [(date(2027, 3, 7), "A", "Waiting for the notice")]
    assert client.post(url, {"status": "A", "one_line": ""}).status_code == 422


def test_variation_is_approved_on_its_page(sign_in):
    programme = ground.provider_exit()
    step = factory.step(programme, baseline=date(2027, 3, 12))
    variation = steps.propose_variation(programme, "Later", "Late quote", [(step, date(2027, 3, 26))], actor=ground.actor("CL", programme))
    url = f"/programmes/{programme.ref}/plan/variations/"
    client = sign_in("SRO", programme)
    assert "Approve and move the baseline" in client.get(url).content.decode()
    client.post(url, {"variation": variation.public_id, "decision": "approve"})
    step.refresh_from_db()
    assert (step.baseline, Variation.objects.get().status) == (date(2027, 3, 26), "approved")


def test_readiness_counts_and_forms(sign_in):
    programme = factory.planned("live_service")
    condition = readiness.add_condition(programme, "Insurance in place", actor=ground.actor("CL", programme), due=date(2027, 3, 25))
    client = sign_in("QL", programme)
    base = f"/programmes/{programme.ref}/readiness/"
    page = client.get(base).content.decode()
    assert "Conditions precedent: 0 of 1" in page
    assert "2. Workforce readiness: 0 of 5" in page
    url = f"{base}conditions/{condition.public_id}/"
    refused = client.post(url, _typed(client.get(url)) | {"status": "satisfied", "evidence": "Certificate"})
    assert (refused.status_code, "somebody other than the person who gave it" in refused.content.decode()) == (422, True)
    assert client.post(url, _typed(client.get(url)) | {"evidence": "Certificate"}).status_code == 302
    client = sign_in("CL", programme)
    assert client.post(url, _typed(client.get(url)) | {"status": "satisfied"}).status_code == 302
    condition.refresh_from_db()
    assert (condition.status, condition.satisfied_on, condition.verified_by) == ("satisfied", date(2027, 3, 1), client.user)
    verifier = condition.verified_by
    other = sign_in("DL", programme)
    assert other.post(url, _typed(other.get(url)) | {"evidence": "Certificate of 1 March"}).status_code == 302
    condition.refresh_from_db()
    assert (condition.evidence, condition.verified_by) == ("Certificate of 1 March", verifier)
    client.force_login(verifier)
    assert "Services may begin on Thu 1 Apr 2027 at the earliest" in client.get(base).content.decode()
    criterion = ReadinessCriterion.objects.get(programme=programme, code="1.1")
    url = f"{base}criteria/{criterion.public_id}/"
    assert client.post(url, _typed(client.get(url)) | {"status": "met"}).status_code == 422
    assert client.post(f"{base}conditions/new/", {"title": ""}).status_code == 422
    assert client.post(f"{base}conditions/new/", {"title": "Licence"}).status_code == 302


def walk(client, answers):
    for step, data in answers:
        response = client.post(f"/programmes/new/?step={step}", data)
        assert response.status_code == 302, response.context["form"].errors
    return response


EXIT = [
    ("kind", {"kind": "provider_exit", "title": "Meadowgate exit", "reference": "mea-1"}),
    ("dates", {"exit_type": "enforced", "d0": "2027-03-01", "end": "2027-04-26", "pace": "", "staff_transfer": ""}),
    ("parties", {"lead_commissioner": "Kent County Council", "exiting": "Meadowgate Homecare Ltd", "incoming": "Bluebell Care\nOyster Bay Care"}),
    ("people", {"own": "CL", "role_SRO": "Pat Stone", "role_OL": ""}),
]


def test_wizard_opens_a_programme_with_its_plan(sign_in):
    client = sign_in("CL", ground.provider_exit())
    walk(client, EXIT)
    check = client.get("/programmes/new/?step=check").content.decode()
    assert "Compressed" in check
    assert "Bluebell Care (incoming provider); Oyster Bay Care (incoming provider)" in check
    assert Programme.objects.filter(reference="MEA-1").count() == 0
    assert client.post("/programmes/new/?step=check").headers["Location"] == "/programmes/mea-1/plan/"
    programme = Programme.objects.get(reference="MEA-1")
    assert (programme.pace, programme.steps.count(), programme.lead_organisation.name) == ("compressed", 68, "Kent County Council")
    assert sorted(RoleAssignment.objects.filter(programme=programme).values_list("role", "named")) == [("CL", ""), ("SRO", "Pat Stone")]
    assert client.get("/programmes/mea-1/plan/").status_code == 200


def test_wizard_asks_for_a_lead_of_each_provider_and_keeps_whose_they_are(sign_in):
    client = sign_in("CL", ground.provider_exit())
    walk(client, [*EXIT[:3], ("people", {"own": "CL", "role_XP_0": "Gavin Mead", "role_IP_0": "Bella Thorne", "role_IP_1": "Olga Bayliss"})])
    assert "Olga Bayliss (incoming provider lead, Oyster Bay Care)" in client.get("/programmes/new/?step=check").content.decode()
    client.post("/programmes/new/?step=check")
    held = RoleAssignment.objects.filter(programme__reference="MEA-1", role__in=["XP", "IP"]).values_list("role", "named", "organisation__name")
    assert sorted(held) == [("IP", "Bella Thorne", "Bluebell Care"), ("IP", "Olga Bayliss", "Oyster Bay Care"), ("XP", "Gavin Mead", "Meadowgate Homecare Ltd")]


@pytest.mark.parametrize(("role", "offered"), [("ADM", ["", "SRO", "DL"]), ("CL", ["", "CL", "OL", "ML", "SRO", "MT", "DL", "DA"])])
def test_wizard_lets_nobody_give_themselves_sight_of_people(sign_in, role, offered):
    client = sign_in(role, None if role == "ADM" else ground.provider_exit())
    walk(client, EXIT[:3])
    form = client.get("/programmes/new/?step=people").context["form"]
    assert [code for code, _ in form.fields["own"].choices] == offered
    assert client.post("/programmes/new/?step=people", {"own": "OL", "role_CL": "Martin"}).status_code == (302 if role == "CL" else 422)


@pytest.mark.parametrize("role", ["ADM", "SRO"])
def test_wizard_takes_the_own_address_for_no_role_that_sees_people(sign_in, role):
    client = sign_in(role, None if role == "ADM" else ground.provider_exit())
    walk(client, EXIT[:3])
    answer = client.post("/programmes/new/?step=people", {"own": "", "role_CL": "Martin", "role_OL": client.user.email.upper(), "role_SRO": client.user.email})
    assert (answer.status_code, "You cannot give yourself OL" in answer.content.decode(), "give yourself SRO" in answer.content.decode()) == (422, True, False)
    assert client.get("/programmes/new/?step=check")["Location"].endswith("step=people")


@pytest.mark.parametrize(
    ("kind", "dates", "field", "words"),
    [
        ("provider_exit", {"exit_type": "planned", "d0": "2027-03-01", "staff_transfer": "2020-01-02"}, "staff_transfer", "before the decision"),
        ("provider_exit", {"exit_type": "planned", "d0": "1926-03-01"}, "d0", "not a likely year"),
        ("live_service", {"award": "2027-06-01", "scd": "2027-03-01"}, "award", "after the service starts"),
    ],
)
def test_wizard_says_at_once_which_dates_do_not_fit(sign_in, kind, dates, field, words):
    client = sign_in("CL", ground.provider_exit())
    walk(client, [("kind", {"kind": kind, "title": "T", "reference": "T-1"})])
    answer = client.post("/programmes/new/?step=dates", dates)
    assert (answer.status_code, list(answer.context["form"].errors), words in str(answer.context["form"].errors)) == (422, [field], True)


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ({"own": "OL"}, ["Name the lead commissioning manager (CL)"]), ({"own": "", "role_CL": "Martin"}, ["Choose your own role"]),
        ({"own": "CL", "role_CL": "SELF"}, ["is named as CL Lead commissioning manager twice"]),
    ],
)
def test_wizard_opens_no_programme_without_its_lead_or_its_maker(sign_in, people, words):
    client = sign_in("CL", ground.provider_exit())
    walk(client, EXIT[:3])
    answer = client.post("/programmes/new/?step=people", {name: client.user.email if value == "SELF" else value for name, value in people.items()})
    said = answer.context["form"].non_field_errors()
    assert (answer.status_code, [word in sentence for word, sentence in zip(words, said, strict=True)]) == (422, [True])


def test_wizard_takes_a_provider_once_whatever_its_case_and_on_one_side_only(sign_in):
    client = sign_in("CL", ground.provider_exit())
    walk(client, EXIT[:2])
    both = client.post("/programmes/new/?step=parties", {"exiting": "Foo Care", "incoming": "Bar\nfoo care"})
    assert (both.status_code, "is named as the exiting and as an incoming provider" in both.content.decode()) == (422, True)
    walk(client, [("parties", {"exiting": "Foo Care", "incoming": "Bar\nBAR"})])
    fields = client.get("/programmes/new/?step=people").context["form"].fields
    assert [name for name in fields if name.startswith("role_IP")] == ["role_IP_0"]
    walk(client, [("people", {"own": "CL"})])
    client.post("/programmes/new/?step=check")
    assert sorted(ContractParty.objects.filter(contract__programmes__reference="MEA-1").values_list("role", "organisation__name")) == [("exiting", "Foo Care"), ("incoming", "Bar")]


def test_wizard_opens_an_account_for_an_address_without_one(sign_in):
    client = sign_in("CL", ground.provider_exit())
    walk(client, [*EXIT[:3], ("people", {"own": "CL", "role_OL": "New.One@example.org"})])
    client.post("/programmes/new/?step=check")
    held = RoleAssignment.objects.get(programme__reference="MEA-1", role="OL")
    assert (held.user.email, held.named, Job.objects.filter(kind="invitation", args={"user": held.user.pk}).count()) == ("new.one@example.org", "", 1)


def test_wizard_keeps_what_was_typed_and_does_not_skip(sign_in):
    client = sign_in("CL", ground.provider_exit())
    assert client.get("/programmes/new/?step=check").headers["Location"] == "/programmes/new/?step=kind"
    refused = client.post("/programmes/new/?step=kind", {"kind": "provider_exit", "title": "Kept words", "reference": "x"})
    assert (refused.status_code, 'value="Kept words"' in refused.content.decode()) == (422, True)
    walk(client, EXIT[:1])
    wrong = client.post("/programmes/new/?step=dates", {"exit_type": "planned", "d0": "2027-03-01", "end": "2027-02-01"})
    assert "before the decision date" in wrong.content.decode()
    assert 'value="Meadowgate exit"' in client.get("/programmes/new/").content.decode()


def test_wizard_answers_outlive_the_session(sign_in):
    client = sign_in("CL", ground.provider_exit())
    walk(client, EXIT[:3])
    who = client.user
    client.logout()
    client.force_login(who)
    assert client.get("/programmes/new/?step=people").status_code == 200
    client.force_login(ground.user_in("CL", ground.provider_exit()))
    assert client.get("/programmes/new/?step=people")["Location"].endswith("step=kind")


def test_wizard_says_no_to_whoever_may_not_open_one(sign_in):
    assert sign_in("BM", ground.provider_exit()).get("/programmes/new/").status_code == 404


def test_wizard_sends_strangers_to_sign_in(client):
    assert client.get("/programmes/new/").status_code == 302


@pytest.mark.parametrize("kind,dates", [("live_service", {"scd": "2027-09-01"}), ("homecare_start", {"go_live": "2027-05-03"})])
def test_wizard_opens_the_other_kinds(sign_in, kind, dates):
    client = sign_in("ADM")
    walk(client, [("kind", {"kind": kind, "title": "T", "reference": "T-1"}), ("dates", dates), ("parties", {}), ("people", {"own": "SRO", "role_CL": "Martin"})])
    client.post("/programmes/new/?step=check")
    assert Programme.objects.get(reference="T-1").status == "active"


def test_the_chair_is_offered_what_the_chair_may_do(sign_in):
    programme = factory.planned("live_service")
    condition = readiness.add_condition(programme, "Insurance in place", actor=ground.actor("CL", programme))
    client = sign_in("BCH", programme)
    url = f"/programmes/{programme.ref}/readiness/conditions/{condition.public_id}/"
    form = client.get(url).context["form"]
    assert (set(form.fields) - {"version", "was"}, [value for value, _ in form.fields["status"].choices]) == ({"status", "why"}, ["open", "waived"])
    typed = _typed(client.get(url)) | {"status": "waived"}
    assert client.post(url, typed).status_code == 422
    assert client.post(url, typed | {"why": "Held by the parent company"}).status_code == 302
    condition.refresh_from_db()
    assert (condition.status, condition.verified_by) == ("waived", client.user)


def test_the_chair_says_that_a_gate_does_not_apply(sign_in):
    programme = ground.provider_exit()
    gate, step = factory.step(programme, "A1", gate=True), factory.step(programme, "A2")
    client = sign_in("BCH", programme)
    pages = [f"/programmes/{programme.ref}/plan/steps/{row.public_id}/" for row in (gate, step)]
    form = client.get(pages[0]).context["form"]
    assert (set(form.fields) - {"version", "was"}, [value for value, _ in form.fields["status"].choices]) == ({"status", "note"}, ["not_started", "not_applicable"])
    assert "form" not in client.get(pages[1]).context
    typed = _typed(client.get(pages[0])) | {"status": "not_applicable"}
    assert client.post(pages[0], typed).status_code == 422
    assert client.post(pages[0], typed | {"note": "The contract has no second phase"}).status_code == 302
    gate.refresh_from_db()
    assert (gate.status, gate.note) == ("not_applicable", "The contract has no second phase")
    assert "form" not in client.get(pages[0]).context
    refused = client.post(pages[1], typed | {"note": "x"}, follow=True)
    assert "You may update the steps you own" in refused.content.decode()
    step.refresh_from_db()
    assert step.status == "not_started"


def test_repeating_steps_stand_under_their_next_day(sign_in):
    programme = ground.provider_exit(decision_date=date(2027, 1, 4))
    factory.step(programme, "A1", recurrence="weekly")
    factory.step(programme, "A2", recurrence="weekly", baseline=date(2027, 1, 18), status="in_progress")
    factory.step(programme, "A3", recurrence="weekly", baseline=date(2027, 1, 18))
    factory.step(programme, "A4", baseline=date(2027, 3, 31))
    with time_machine.travel("2027-03-03 10:00", tick=False):
        client = sign_in("OL", programme)
        page = client.get(f"/programmes/{programme.ref}/plan/", {"view": "date"})
        soon = client.get(f"/programmes/{programme.ref}/plan/", {"due": "2w"})
    assert [(row.step.code, row.step.due_on, row.step.colour) for row in page.context["rows"]] == [
        ("A3", date(2027, 1, 18), "R"), ("A1", date(2027, 3, 8), "G"), ("A2", date(2027, 3, 8), "G"), ("A4", date(2027, 3, 31), "G"),
    ]
    assert [row.step.code for row in soon.context["rows"]] == ["A1", "A2"]


@pytest.mark.parametrize(("step", "data", "field", "said"), [
    ("people", {"own": "CL", "role_SRO": "x@", "role_OL": "Ann"}, "role_SRO", "“x@” is not an e-mail address"),
    ("people", {"own": "CL", "role_SRO": "Ann\x01", "role_OL": "Ann"}, "role_SRO", "a character that cannot be kept"),
    ("parties", {"exiting": "Meadowgate", "incoming": "Bluebell\r\n" + "a" * 201}, "incoming", "at most"),
])
def test_wizard_says_what_is_wrong_with_a_line(sign_in, step, data, field, said):
    client = sign_in("CL", ground.provider_exit())
    walk(client, EXIT[: 2 if step == "parties" else 3])
    answer = client.post(f"/programmes/new/?step={step}", data)
    assert (answer.status_code, list(answer.context["form"].errors), said in str(answer.context["form"].errors)) == (422, [field], True)


def test_a_step_is_given_to_an_account_of_the_programme(sign_in):
    programme = ground.provider_exit()
    step = factory.step(programme, "A1")
    mine, other = ground.user_in("CMS", programme), ground.user_in("CMS", ground.programme("live_service"))
    client = sign_in("ML", programme)
    page = f"/programmes/{programme.ref}/plan/steps/{step.public_id}/"
    data = {"status": "not_started", "percent": 0, "version": step.version}
    assert client.post(page, data | {"owner": other.pk}).status_code == 422
    assert client.post(page, data | {"owner": mine.pk}).status_code == 302
    step.refresh_from_db()
    assert step.owner == mine
