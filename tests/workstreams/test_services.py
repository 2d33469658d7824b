"""Opening programmes, updating steps, variations, readiness: done, refused, recorded."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.errors import Conflict, NotPermitted, Refused
from mobilisation.models import Board, Change, Contract, ContractParty, Organisation, Programme, RoleAssignment
from mobilisation.services import accounts
from tests.factories import ground
from tests.factories import workstreams as factory
from workstreams.models import Dependency, PlanStep, ReadinessCriterion, Workstream
from workstreams.permissions import may_update_step
from workstreams.services import readiness, steps
from workstreams.services.colours import recompute
from workstreams.services.moving import follow_template, tick
from workstreams.services.plan import Added, add_template_items
from workstreams.services.programmes import NewProgramme, Party, Person, create_programme

pytestmark = pytest.mark.django_db
OPERATOR = Actor.operator()
MONDAY = date(2027, 3, 1)


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2027-03-01 12:00", tick=False):
        yield


def dates(programme) -> dict[str, date]:
    return dict(PlanStep.objects.filter(programme=programme).values_list("code", "baseline"))


def test_exit_gets_its_plan_on_working_days():
    programme = factory.planned()
    found = dates(programme)
    assert len(found) == 68
    assert (found["P00"], found["P01"], found["P04"], found["P19"]) == (date(2027, 1, 4), date(2027, 1, 5), date(2027, 1, 11), date(2027, 1, 25))
    assert (found["X01"], found["X03"], found["X04"]) == (date(2027, 5, 10), date(2027, 5, 4), date(2027, 5, 14))
    assert PlanStep.objects.get(programme=programme, code="X03").again_on == date(2027, 7, 30)
    assert {code for code, day in found.items() if day is None} == {"S01", "S02", "S03", "S04", "S05", "S06", "S07", "S08", "R01", "R02", "R03", "R04", "R05", "R07", "R08", "X05"}
    assert (programme.status, programme.pace, programme.phase, programme.exit_type) == ("active", "planned", "exit", "planned")
    assert Workstream.objects.filter(programme=programme).count() == 8
    assert sorted(programme.contracts.get().parties.values_list("role", "organisation__name")) == [("exiting", "Meadowgate Homecare Ltd"), ("incoming", "Bluebell Care")]
    assert Board.objects.get(programme=programme).kind == "task_force"
    assert list(Change.objects.filter(entity="mobilisation.programme").order_by("id").values_list("action", "actor_label")) == [
        ("created", "operator of the machine"), ("changed", "operator of the machine"),
    ]
    assert Change.objects.filter(entity="workstreams.planstep", action="created").count() == 68


def test_compressed_exit_shrinks_p_and_k_only():
    found = dates(factory.planned(exit_type="enforced", end=date(2027, 3, 1)))
    assert Programme.objects.get(reference="PLAN-1").pace == "compressed"
    assert (found["P19"], found["P01"], found["K13"]) == (date(2027, 1, 18), date(2027, 1, 5), date(2027, 1, 12))
    assert found["R06"] == date(2027, 1, 25)


def test_emergency_exit_leaves_out_mapping():
    programme = factory.planned(exit_type="emergency")
    assert programme.pace == "emergency"
    assert PlanStep.objects.get(programme=programme, code="P13").status == "not_applicable"
    assert PlanStep.objects.get(programme=programme, code="K15").baseline is None
    assert dates(programme)["P17"] == date(2027, 1, 5)


def test_live_service_counts_back_from_commencement():
    programme = factory.planned("live_service")
    found = dates(programme)
    assert (programme.phase, programme.scd) == ("mobilisation", date(2027, 4, 1))
    assert (found["L28"], found["L26"], found["L01"], found["L29"]) == (date(2027, 4, 1), date(2027, 3, 25), date(2026, 12, 10), date(2027, 4, 29))
    assert ReadinessCriterion.objects.filter(programme=programme, mandatory=True).count() == 24
    assert set(PlanStep.objects.filter(programme=programme, is_milestone=True).values_list("milestone_kind", flat=True)) >= {"conditions_precedent", "works_reconfiguration", "logistics", "workforce", "imt", "communications"}


def test_homecare_start_turns_the_capacity_board_on():
    programme = factory.planned("homecare_start")
    assert programme.capacity_board_on
    found = dates(programme)
    assert (len(found), found["H03"], found["H16"], found["H09"]) == (20, date(2027, 3, 25), date(2027, 4, 9), None)


def test_a_provider_lead_acts_for_one_provider():
    """Without an organisation such a lead would see nobody; the only party of that side is meant where none is said."""
    two = (Party("exiting", "Meadowgate"), Party("incoming", "Aster"), Party("incoming", "Birch"))
    with pytest.raises(Refused, match="IP Incoming provider lead sees the people of one organisation"):
        factory.planned(parties=two, people=(Person("XP", name="Gavin"), Person("IP", name="Bella")))
    made = factory.planned(parties=two, people=(Person("XP", name="Gavin"), Person("IP", name="Bella", organisation="Birch")))
    assert sorted(RoleAssignment.objects.filter(programme=made).values_list("role", "organisation__name")) == [("IP", "Birch"), ("XP", "Meadowgate")]


def test_people_and_parties_are_linked_or_kept_by_name():
    user = ground.user("cl@example.org")
    programme = factory.planned(people=(Person("CL", email="CL@example.org"), Person("OL", name="Jo Bloggs", organisation="Bluebell Care")))
    assert list(RoleAssignment.objects.filter(programme=programme).values_list("role", "user", "named", "organisation__name")) == [("CL", user.pk, "", None), ("OL", None, "Jo Bloggs", "Bluebell Care")]


def test_every_fault_is_named_at_once_and_nothing_is_written():
    ground.programme(reference="TAKEN")
    before = (Programme.objects.count(), Contract.objects.count(), Organisation.objects.count())
    with pytest.raises(Refused) as refusal:
        create_programme(NewProgramme("taken", "provider_exit", "", pace="compressed", parties=(Party("landlord", "X"),)), actor=OPERATOR)
    assert [reason.field for reason in refusal.value.reasons] == ["reference", "title", "d0", "end", "parties"]
    assert (Programme.objects.count(), Contract.objects.count(), Organisation.objects.count()) == before


def test_only_those_who_may_open_a_programme():
    programme = ground.provider_exit()
    with pytest.raises(NotPermitted):
        create_programme(NewProgramme("X-1", "provider_exit", "X", d0=MONDAY), actor=ground.actor("BM", programme))


def test_template_added_again_brings_back_only_what_is_missing():
    programme = factory.planned()
    PlanStep.objects.filter(programme=programme, code__in=["K01", "K02"]).delete()
    assert add_template_items(programme, actor=OPERATOR) == Added(0, 2, 0)
    assert add_template_items(programme, actor=OPERATOR) == Added(0, 0, 0)


def test_step_turns_and_its_history_is_kept():
    programme = ground.provider_exit()
    step = factory.step(programme, baseline=date(2027, 3, 12))
    steps.update_step(step, {"forecast": date(2027, 3, 19), "status": "in_progress", "percent": 30}, actor=ground.actor("OL", programme))
    assert (step.moments.at(MONDAY)[0].value, step.percent, step.version) == ("A", 30, 2)
    record = Change.objects.get(entity="workstreams.planstep", object_id=step.pk)
    assert record.fields == {"forecast": [None, "2027-03-19"], "status": ["not_started", "in_progress"], "percent": [0, 30]}


def test_done_has_its_day_and_hundred_per_cent():
    step = factory.step(ground.provider_exit(), baseline=date(2027, 3, 12))
    steps.update_step(step, {"status": "done"}, actor=OPERATOR)
    assert (step.done_on, step.percent, step.moments.at(MONDAY)[0].value) == (MONDAY, 100, "B")
    steps.update_step(step, {"status": "in_progress", "percent": 90}, actor=OPERATOR)
    assert (step.done_on, step.percent) == (None, 90)


REFUSALS = [
    ({"baseline": date(2027, 3, 15)}, "baseline"), ({"status": "done", "done_on": date(2027, 3, 2)}, "done_on"), ({"status": "blocked"}, "note"),
    ({"at_risk": True}, "at_risk_note"), ({"percent": 101}, "percent"),
]


@pytest.mark.parametrize("values,field", REFUSALS)
def test_refusal_names_the_field_and_writes_nothing(values, field):
    step = factory.step(ground.provider_exit(), baseline=date(2027, 3, 12))
    with pytest.raises(Refused) as refusal:
        steps.update_step(step, values, actor=OPERATOR)
    assert [reason.field for reason in refusal.value.reasons] == [field]
    step.refresh_from_db()
    assert (step.version, step.status, step.baseline, Change.objects.filter(entity="workstreams.planstep").count()) == (1, "not_started", date(2027, 3, 12), 0)


def test_stale_save_merges_or_shows_both_values():
    step = factory.step(ground.provider_exit(), baseline=date(2027, 3, 12))
    other = PlanStep.objects.get(pk=step.pk)
    steps.update_step(step, {"note": "theirs"}, actor=OPERATOR, expected_version=1)
    steps.update_step(other, {"forecast": date(2027, 3, 15)}, actor=OPERATOR, expected_version=1)
    with pytest.raises(Conflict) as conflict:
        steps.update_step(step, {"note": "mine"}, actor=OPERATOR, expected_version=1)
    assert [(field.mine, field.theirs) for field in conflict.value.fields] == [("mine", "theirs")]
    step.refresh_from_db()
    assert (step.note, step.forecast) == ("theirs", date(2027, 3, 15))


def test_lead_of_a_workstream_updates_its_steps_only():
    programme = ground.provider_exit()
    mine, other = factory.step(programme), factory.step(programme, "S2", workstream=factory.workstream(programme, "finance"))
    lead = Actor.of(ground.user_in("WSL", programme, workstream_slug="governance"), programme)
    steps.update_step(mine, {"note": "going well"}, actor=lead)
    for step, values in ((other, {"note": "no"}), (mine, {"critical": True})):
        with pytest.raises(NotPermitted):
            steps.update_step(step, values, actor=lead)
    other.refresh_from_db()
    assert (other.note, other.version) == ("", 1)


def test_red_predecessor_turns_its_successor_and_done_takes_it_back():
    programme = ground.provider_exit()
    first, second = factory.step(programme, "A1", baseline=date(2027, 2, 26), critical=True), factory.step(programme, "A2", baseline=date(2027, 3, 31))
    Dependency.objects.create(predecessor=first, successor=second)
    recompute(programme)
    second.refresh_from_db()
    assert second.moments.at(MONDAY) == ("A", "Waits for A1, which is Red")
    steps.update_step(first, {"status": "done"}, actor=OPERATOR)
    second.refresh_from_db()
    assert second.moments.at(MONDAY) == ("G", "")


def test_vacant_owner_role():
    programme = ground.provider_exit()
    step = factory.step(programme, owner_name="", owner_role="OL, CL", baseline=date(2027, 3, 31))
    assert step.moments.at(MONDAY) == ("A", "It has no owner")
    ground.user_in("CL", programme, ends_on=date(2027, 3, 5))
    recompute(programme)
    step.refresh_from_db()
    assert [step.moments.at(day)[0].value for day in (MONDAY, date(2027, 3, 5), date(2027, 3, 6))] == ["G", "G", "A"]


@pytest.mark.parametrize("number", [1, 15])
def test_recompute_costs_the_same_for_one_and_many(number):
    programme = ground.provider_exit()
    made = [factory.step(programme, f"S{at}", baseline=date(2027, 3, 31)) for at in range(number)]
    Dependency.objects.bulk_create([Dependency(predecessor=a, successor=b) for a, b in itertools.pairwise(made)])
    PlanStep.objects.update(critical=True, baseline=date(2027, 2, 1))
    with CaptureQueriesContext(connection) as queries:
        assert recompute(programme) == number
    assert len([q for q in queries if "SAVEPOINT" not in q["sql"]]) == 6


def test_evidence_is_accepted_by_somebody_else():
    programme = ground.provider_exit()
    step = factory.step(programme, status="done", done_on=date(2027, 2, 26), evidence_required=True)
    assert step.moments.at(MONDAY) == ("A", "Done without accepted evidence")
    giver = ground.actor("OL", programme)
    evidence = steps.add_evidence(step, "Signed contract", actor=giver, expires_on=date(2027, 3, 5))
    with pytest.raises(Refused, match="other than"):
        steps.accept_evidence(evidence, actor=giver)
    steps.accept_evidence(evidence, actor=ground.actor("CL", programme))
    step.refresh_from_db()
    assert [step.moments.at(day)[0].value for day in (MONDAY, date(2027, 3, 5), date(2027, 3, 6))] == ["B", "B", "A"]


def test_baseline_moves_by_an_approved_variation_only():
    programme = ground.provider_exit()
    step = factory.step(programme, baseline=date(2027, 3, 12))
    variation = steps.propose_variation(programme, "Later sign-off", "Quote late", [(step, date(2027, 3, 26))], actor=ground.actor("CL", programme))
    with pytest.raises(NotPermitted):
        steps.decide_variation(variation, approve=True, actor=ground.actor("CL", programme))
    step.refresh_from_db()
    assert step.baseline == date(2027, 3, 12)
    steps.decide_variation(variation, approve=True, actor=ground.actor("SRO", programme))
    step.refresh_from_db()
    assert (step.baseline, variation.status, variation.decided_on) == (date(2027, 3, 26), "approved", MONDAY)
    with pytest.raises(Refused, match="already approved"):
        steps.decide_variation(variation, approve=False, actor=ground.actor("SRO", programme))


def test_report_of_the_week_is_one_and_keeps_its_history():
    programme = ground.provider_exit()
    stream = factory.workstream(programme)
    lead = Actor.of(ground.user_in("WSL", programme, workstream_slug="governance"), programme)
    sunday = date(2027, 3, 7)
    steps.report_workstream(stream, sunday, status="A", one_line="Late", actor=lead)
    again = steps.report_workstream(stream, sunday, status="G", one_line="Back on track", actor=lead)
    assert (stream.reports.count(), again.status, again.version) == (1, "G", 2)
    with pytest.raises(Refused) as refusal:
        steps.report_workstream(stream, MONDAY, status="", one_line=" ", actor=lead)
    assert [reason.field for reason in refusal.value.reasons] == ["week", "status", "one_line"]
    with pytest.raises(NotPermitted):
        steps.report_workstream(stream, sunday, status="G", one_line="x", actor=ground.actor("BM", programme))


def test_condition_is_waived_by_chair_or_senior_owner_with_a_reason():
    programme = ground.programme("live_service", scd=date(2027, 4, 1))
    condition = readiness.add_condition(programme, "Insurance", actor=ground.actor("CL", programme), due=date(2027, 3, 25))
    for role, why in (("CL", "agreed"), ("SRO", "")):
        with pytest.raises(Refused):
            readiness.update_condition(condition, {"status": "waived"}, actor=ground.actor(role, programme), why=why)
    condition.refresh_from_db()
    assert condition.status == "open"
    readiness.update_condition(condition, {"status": "waived"}, actor=ground.actor("BCH", programme), why="covered elsewhere")
    assert condition.status == "waived"


def test_condition_is_satisfied_only_when_somebody_else_says_so():
    programme = ground.programme("live_service", scd=date(2027, 4, 1))
    giver, other = ground.actor("ML", programme), ground.actor("CL", programme)
    condition = readiness.add_condition(programme, "Insurance", actor=giver, evidence="Certificate")
    for values in ({"status": "satisfied"}, {"status": "satisfied", "evidence": "Certificate of 1 March"}):
        with pytest.raises(Refused, match="other than") as refusal:
            readiness.update_condition(condition, values, actor=giver)
        assert [reason.field for reason in refusal.value.reasons] == ["status"]
    condition.refresh_from_db()
    assert (condition.status, condition.evidence, condition.evidence_by, condition.verified_by) == ("open", "Certificate", giver.user, None)
    readiness.update_condition(condition, {"status": "satisfied"}, actor=other)
    condition.refresh_from_db()
    assert (condition.status, condition.satisfied_on, condition.verified_by) == ("satisfied", MONDAY, other.user)


def test_a_done_gate_turns_what_waits_for_it_the_day_after_its_evidence_runs_out():
    programme = ground.provider_exit()
    gate = factory.step(programme, "A1", gate=True, evidence_required=True, status="done", done_on=date(2027, 2, 12))
    after = factory.step(programme, "A2", baseline=date(2027, 3, 31))
    Dependency.objects.create(predecessor=gate, successor=after)
    evidence = steps.add_evidence(gate, "Signed contract", actor=ground.actor("OL", programme), expires_on=date(2027, 3, 5))
    steps.accept_evidence(evidence, actor=ground.actor("CL", programme))
    after.refresh_from_db()
    assert [after.moments.at(day) for day in (date(2027, 3, 5), date(2027, 3, 6))] == [("G", ""), ("A", "Waits for A1, which is Red")]


def test_a_step_of_somebody_who_has_left_has_no_owner():
    programme = ground.provider_exit()
    owner = ground.user_in("QL", programme)
    step = factory.step(programme, "A1", baseline=date(2027, 3, 31), owner=owner, owner_name="")
    assert step.moments.at(MONDAY) == ("G", "")
    accounts.end_assignment(RoleAssignment.objects.get(user=owner), actor=OPERATOR)
    step.refresh_from_db()
    assert [step.moments.at(day) for day in (MONDAY, date(2027, 3, 2))] == [("A", "It has no owner: the one named holds no role here any more")] * 2


def test_a_closed_account_owns_nothing_until_it_is_opened_again():
    programme = ground.provider_exit()
    owner = ground.user_in("QL", programme)
    step = factory.step(programme, "A1", baseline=date(2027, 3, 31), owner=owner, owner_name="")
    accounts.disable(owner, actor=OPERATOR, why="left the council")
    step.refresh_from_db()
    assert step.moments.at(MONDAY)[0] == "A"
    accounts.enable(owner, actor=OPERATOR, why="is back")
    step.refresh_from_db()
    assert step.moments.at(MONDAY)[0] == "G"


def test_a_role_with_a_last_day_owns_until_that_day():
    programme = ground.provider_exit()
    owner = ground.user_in("QL", programme, ends_on=date(2027, 3, 5))
    step = factory.step(programme, "A1", baseline=date(2027, 3, 31), owner=owner, owner_name="")
    assert [step.moments.at(day)[0].value for day in (date(2027, 3, 5), date(2027, 3, 6))] == ["G", "A"]


def test_a_role_that_is_filled_turns_the_plan_by_itself():
    programme = factory.planned()
    step = PlanStep.objects.get(programme=programme, code="X12")
    assert step.moments.at(MONDAY) == ("A", "It has no owner")
    accounts.assign(ground.user(), "OL", actor=OPERATOR, programme=programme)
    step.refresh_from_db()
    assert step.moments.at(MONDAY) == ("N", "")


def test_daily_tick_takes_its_slot_once():
    programme = factory.planned()
    ground.user_in("OL", programme)
    tick(now())
    step = PlanStep.objects.get(programme=programme, code="X12")
    assert step.moments.at(MONDAY)[0] == "N"
    RoleAssignment.objects.all().delete()
    tick(now())
    step.refresh_from_db()
    assert step.moments.at(MONDAY)[0] == "N"


def test_steps_hung_on_staff_transfer_get_their_date_when_it_is_known():
    programme = factory.planned()
    programme.staff_transfer_date = date(2027, 5, 4)
    programme.save()
    assert follow_template(programme, actor=OPERATOR, why="staff transfer date known") == 1
    assert dates(programme)["S05"] == date(2027, 4, 23)


def test_a_step_that_does_not_apply_says_why():
    programme = ground.provider_exit()
    step = factory.step(programme, "A1", baseline=date(2027, 3, 12), gate=True)
    before = PlanStep.objects.filter(pk=step.pk).values().get()
    with pytest.raises(Refused, match="Say in the note why it does not apply"):
        steps.update_step(step, {"status": "not_applicable"}, actor=OPERATOR)
    assert PlanStep.objects.filter(pk=step.pk).values().get() == before
    steps.update_step(step, {"status": "not_applicable", "note": "The provider holds no files"}, actor=OPERATOR)
    assert PlanStep.objects.get(pk=step.pk).status == "not_applicable"


def test_contact_with_transferring_staff_may_be_left_out_in_an_emergency_with_a_reason_that_is_kept():
    programme = factory.planned(pace="emergency", exit_type="emergency")
    step = PlanStep.objects.get(programme=programme, code="S05")
    lead = ground.actor("OL", programme)
    with pytest.raises(Refused, match="Say in the note why it does not apply"):
        steps.update_step(step, {"status": "not_applicable"}, actor=lead)
    steps.update_step(step, {"status": "not_applicable", "note": "Staff move tonight; told together at the base"}, actor=lead)
    assert PlanStep.objects.get(pk=step.pk).status == "not_applicable"
    told = Change.objects.filter(entity="workstreams.planstep", object_id=step.pk, fields__has_key="status").exclude(action="created").get()
    assert (told.fields["status"], told.fields["note"], told.actor) == (["not_started", "not_applicable"], ["", "Staff move tonight; told together at the base"], lead.user)


@pytest.mark.parametrize(("role", "owners", "may"), [("CMS", "CL, CMS", True), ("FIN", "CL, CMS", False), ("XP", "XP", True), ("IP", "supervisors", True), ("BM", "lead", False), ("WSL", "lead", False)])
def test_who_holds_the_role_a_step_is_assigned_to_updates_it(role, owners, may):
    programme = ground.provider_exit()
    step = factory.step(programme, "A1", owner_role=owners)
    assert may_update_step(ground.actor(role, programme), step) is may
    Programme.objects.filter(pk=programme.pk).update(status="cancelled")
    programme.refresh_from_db()
    assert may_update_step(ground.actor(role, programme), step) is False


@pytest.mark.parametrize(("role", "marks", "may"), [
    ("ML", {}, True), ("CMS", {}, False), ("ML", {"gate": True}, False), ("OL", {"critical": True}, False), ("SRO", {"gate": True}, True), ("SRO", {"critical": True}, True),
])
def test_who_says_that_a_step_does_not_apply(role, marks, may):
    programme = ground.provider_exit()
    step = factory.step(programme, "A1", owner_role="CMS", **marks)
    before = PlanStep.objects.filter(pk=step.pk).values().get()
    actor = ground.actor(role, programme)
    if may:
        assert steps.update_step(step, {"status": "not_applicable", "note": "Nothing to do"}, actor=actor).status == "not_applicable"
        return
    with pytest.raises(NotPermitted, match="does not apply"):
        steps.update_step(step, {"status": "not_applicable", "note": "Nothing to do"}, actor=actor)
    assert PlanStep.objects.filter(pk=step.pk).values().get() == before


@pytest.mark.parametrize(("values", "field", "said"), [
    ({"forecast": date(1900, 1, 1)}, "forecast", "more than ten years away"), ({"status": "done", "done_on": date(1900, 1, 1)}, "done_on", "more than ten years away"),
    ({"status": "in_progress", "done_on": date(2026, 11, 20)}, "done_on", "needs the status Done"),
])
def test_days_of_a_step_that_cannot_be_meant(values, field, said):
    programme = ground.provider_exit()
    step = factory.step(programme, "A1")
    with pytest.raises(Refused) as refusal:
        steps.update_step(step, values, actor=OPERATOR)
    assert [(reason.field, said in reason.text) for reason in refusal.value.reasons] == [(field, True)]


def test_a_done_gate_without_evidence_turns_what_waits_for_it():
    programme = ground.provider_exit()
    gate = factory.step(programme, "A1", gate=True, evidence_required=True)
    after = factory.step(programme, "A2")
    Dependency.objects.create(predecessor=gate, successor=after)
    steps.update_step(gate, {"status": "done", "done_on": date(2027, 3, 1)}, actor=OPERATOR, as_of=date(2027, 3, 1))
    after.refresh_from_db()
    assert after.moments.at(date(2027, 3, 1)) == ("A", "Waits for A1, which is Red")


def _ended():
    after = ground.organisation("Bluebell Care Partners")
    Organisation.objects.create(name="Oyster Bay Care Ltd", valid_to=date(2026, 6, 30), successor=after)


@pytest.mark.parametrize("actor", ["operator", "ML"])
def test_an_organisation_that_has_ended_is_no_party_to_a_new_programme_and_its_successor_is_named(actor):
    _ended()
    before = (Programme.objects.count(), ContractParty.objects.count(), Organisation.objects.count())
    new = NewProgramme(reference="ODD1", kind="provider_exit", title="T", d0=date(2027, 1, 4), parties=(Party("incoming", "oyster bay care ltd"), Party("incoming", "Bluebell Care Partners")))
    opener = Actor.operator() if actor == "operator" else Actor(label="lead", user=ground.user(), roles=frozenset({"ML"}))
    with pytest.raises(Refused) as refused:
        create_programme(new, actor=opener)
    assert [(reason.field, reason.text) for reason in refused.value.reasons] == [
        ("parties", "Oyster Bay Care Ltd ended on 30 Jun 2026. It was followed by Bluebell Care Partners. Name who follows it, or take it off."),
    ]
    assert (Programme.objects.count(), ContractParty.objects.count(), Organisation.objects.count()) == before


def test_nobody_acts_in_a_new_programme_for_an_organisation_that_has_ended():
    _ended()
    new = NewProgramme(reference="ODD1", kind="provider_exit", title="T", d0=date(2027, 1, 4), people=(Person("IP", name="Ann", organisation="Oyster Bay Care Ltd"),))
    with pytest.raises(Refused) as refused:
        create_programme(new, actor=Actor.operator())
    assert [(reason.field, reason.text) for reason in refused.value.reasons] == [("people", "Oyster Bay Care Ltd ended on 30 Jun 2026. It was followed by Bluebell Care Partners. Nobody acts for it.")]
    assert not Programme.objects.exists()
