"""A refusal leads to the form that puts it right: on the page of a checkpoint and in its cell, never to one that the reader may not open."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import Reason
from tests.factories import ground, people
from transfers.models import Assessment, Checkpoint, PersonTransfer
from transfers.rules import gates
from transfers.rules.assessing import HEADINGS
from transfers.services import care_plans, orders
from transfers.services import people as services
from transfers.services.checkpoints.gate import refusals
from transfers.views.people.acts import ACTS_OF
from transfers.views.people.solving import _PAGES, ways

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def address(name, programme, person, *args):
    return reverse(f"transfers:{name}", args=[programme.ref, person.public_id, *args])


def refused(client, programme, person, code, **data):
    """[(words, address)] on the page that refuses the mark, and in the answer to its cell; each opens."""
    form = address("checkpoint", programme, person, code, "mark")
    page = client.post(form, {"on": "2027-03-15", "note": ""} | data)
    assert page.status_code == 422
    led = [way for found in page.context["form"].ways.values() for way in found]
    text = page.content.decode()
    assert [f'<a href="{url}">{words}</a>' in text for words, url in led] == [True] * len(led)
    assert [client.get(url).status_code for _, url in led] == [200] * len(led)
    return led


def test_c07_without_the_assessment_leads_to_the_assessment_from_its_page_and_from_its_cell(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C06"))
    client = sign_in("CM", programme)
    way = ("Record needs and impact of the change (C07)", address("assessment", programme, person))
    assert refused(client, programme, person, "C07") == [way]
    answer = client.post(address("person-cell", programme, person, "C07"), {"on": "2027-03-15", "note": "", "version": f"{person.version}/"}, HTTP_HX_REQUEST="true")
    assert answer.status_code == 422
    assert answer.json()["reasons"] == [
        "C07 rests on the assessment: Write the needs and risks that were found. Write what the exit and the change of provider mean for this person. Choose who took part in the assessment."
    ]
    assert answer.json()["more"] == [list(way), ["Open the person", address("person-detail", programme, person)]]
    page = client.post(address("person-cell", programme, person, "C07"), {"on": "2027-03-15", "note": "", "version": f"{person.version}/"})
    assert (page.status_code, f'<a href="{way[1]}">{way[0]}</a>' in page.content.decode()) == (422, True)
    assert not Checkpoint.objects.filter(code="C07").exists()


CASES = {
    "C08 whose plan is silent": ("C08", "CM", people.ready_up_to("C07"), {}, ["plan-content"]),
    "all that is needed first": ("C07", "OL", ("C01",), {}, ["person-act priority", "assessment"]),
    "C04 waits for the decision": ("C04", "CM", ("C01", "C02", "C03"), {"cognitive_or_ld": True}, ["person-act telling"]),
    "C10 without any order": ("C10", "OL", people.ready_up_to("C09"), {"payment_ref": "", "orders_shared_on": None}, ["order-add old", "order-add new", "order-add new", "order-share"]),
    "C11 refused by the person": ("C11", "OL", people.ready_up_to("C10"), {"sharing_basis": "refused"}, ["person-act sharing"]),
    "C13 of a self-funder": ("C13", "OL", people.ready_up_to("C06"), {"funding_type": "self", "file_choice": ""}, ["file-route"]),
    "C13 with the ICB": ("C13", "OL", people.ready_up_to("C06"), {"funding_type": "chc"}, ["contact-add"]),
    "C12 while in hospital": ("C12", "OL", people.ready_up_to("C11"), {"in_hospital": True}, ["person-act discharge"]),
    "C14 without a date": ("C14", "OL", people.ready_up_to("C13"), {"planned_transfer_date": None, **people.ORDERS}, ["person-act offer", "person-edit"]),
    "C16 without its check": ("C16", "OL", people.ready_up_to("C15"), {"priority": "G"}, ["person-act safety"]),
    "C20 of somebody Red": ("C20", "OL", people.ready_up_to("C19"), {"priority": "R"}, ["person-act safety"]),
}


@pytest.mark.parametrize("case", CASES)
def test_each_refusal_leads_to_its_form(programme, sign_in, case):
    code, role, done, fields, expected = CASES[case]
    person = people.person(programme, done=done, **fields)
    led = refused(sign_in(role, programme), programme, person, code)
    names = {"person-act": lambda one: address("person-act", programme, person, one), "order-add": lambda kind: address("order-add", programme, person, kind)}
    wanted = [names[name](*rest) if rest else address(name, programme, person) for name, *rest in (one.split() for one in expected)]
    assert [url for _, url in led] == wanted


def test_what_stands_open_is_opened_and_not_added_once_more(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C15"), double_handed=True)
    lead = ground.actor("OL", programme)
    old = orders.add(person, "old", {"external_ref": "SDO 1", "start": date(2026, 1, 5)}, actor=lead)
    check = care_plans.receive(person, actor=lead)
    gap = care_plans.open_discrepancy(person, "allergy", actor=lead, detail="Penicillin")
    client = sign_in("OL", programme)
    assert refused(client, programme, person, "C18") == [("Open the discrepancy", address("discrepancy-edit", programme, person, gap.public_id)), ("Check the care plan", address("plan-check", programme, person))]
    assert check.status == "provisional"
    Checkpoint.objects.filter(code="C10").delete()
    assert refused(client, programme, person, "C10")[0] == ("Change the old order", address("order-edit", programme, person, old.public_id))


def test_a_hold_leads_to_where_it_is_lifted(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C13"), priority="G", planned_transfer_date=date(2027, 4, 1), incoming_provider=people.incoming(programme), allocation_response="accepted", **people.ORDERS)
    services.hold(person, actor=ground.actor("OL", programme), reason="Key worker ill", review_on=date(2027, 3, 20))
    assert refused(sign_in("OL", programme), programme, person, "C14") == [("Lift the hold", address("person-act", programme, person, "lift"))]
    assert refused(sign_in("ASM", programme), programme, person, "C14") == []


@pytest.mark.parametrize(("role", "code"), [("MT", "C07"), ("XP", "C13"), ("IP", "C12")])
def test_nobody_is_led_to_a_form_that_is_not_theirs(programme, sign_in, role, code):
    blue = people.incoming(programme)
    person = people.person(programme, done=("C01", "C02", "C03", *(["C06"] if role == "IP" else [])), incoming_provider=blue, allocation_response="accepted", sharing_basis="direct_care", funding_type="council")
    organisation = {"IP": blue, "XP": person.exiting_provider}.get(role)
    assert refused(sign_in(role, programme, organisation=organisation), programme, person, code) == []


def test_what_a_refusal_names_is_a_form(programme):
    """A name that no page knows would lead nowhere and say nothing."""
    person = people.person(programme, in_hospital=True, funding_type="council", cognitive_or_ld=True, priority="R")
    actor = ground.actor("OL", programme)
    named = {key for code in gates.CODES for reason in refusals(person, code, {}, actor=actor, on=date(2027, 3, 15), checkpoints=[], held=True) for key in reason.solve}
    known = set(gates.CODES) | set(_PAGES) | {"discharge", "lift", "telling", "offer", "safety"}
    assert (named - known, {"C07", "discharge", "telling", "group hold"} <= named) == (set(), True)
    assert {act for acts in ACTS_OF.values() for act in acts} == {"priority", "sharing", "respond", "offer", "safety"}


def test_a_form_does_not_lead_to_itself(programme, sign_in):
    person = people.person(programme, done=("C01", "C02", "C03"))
    client = sign_in("CM", programme)
    Assessment.objects.create(person=person, headings=dict.fromkeys((key for key, _ in HEADINGS), "in"))
    answer = client.post(address("assessment", programme, person), {"assessed_on": "2027-03-12", "needs": "Hoist", "mark": "on"})
    assert (answer.status_code, answer.context["form"].ways) == (422, {next(iter(answer.context["form"].non_field_errors())): []})
    assert PersonTransfer.objects.get().version == person.version


def test_a_reason_that_names_no_form_leads_nowhere(programme):
    class View:
        person, actor = PersonTransfer(), ground.actor("OL", programme)

    assert ways(View, [Reason("No.", solve=("C07",))]) == []
