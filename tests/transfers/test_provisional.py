"""A care plan that is not validated says so on every page about its person, on screen and in print (domain 5.7, 8)."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from risks.models import SafeguardingConcern
from tests.factories import ground, people
from tests.mobilisation.test_access_matrix import addresses, of_a_person, taken_over, world
from transfers.models import CarePlanCheck, PersonConcern, PersonTransfer
from transfers.views.people.acts import ACTS
from transfers.views.people.writing import PersonCheckpoint

TAG = "Care plan PROVISIONAL"
BESIDE = ("transfers:offer-again", "transfers:offer-withdraw", "transfers:letter-item", "transfers:finding")
"""Pages about one person that do not lie below theirs."""
PARTS = ("transfers:person-panel", "transfers:cell-history")
"""What a script asks for a part of."""
NO_PAGE = {"transfers:file-route"}
"""An act without a page."""


@pytest.fixture
def parameters(db):
    programme, found = world("OWN-1")
    taken_over(programme, people.incoming(programme))
    concern = SafeguardingConcern.objects.create(programme=programme, raised_on=date(2027, 2, 1), category="Falls")
    about = PersonConcern.objects.create(person=PersonTransfer.objects.get(allocation_response="accepted"), concern=concern).public_id
    return lambda name, wanted: found(name, wanted) | ({"record": about} if name == "transfers:concern-edit" else {})


def pages(parameters):
    """{(name, address): page} of every page and part about the person that opens to any of the roles; each act and each way of a checkpoint apart."""
    known, found = addresses(), {}
    programme = PersonTransfer.objects.earliest("pk").programme
    for role in ("OL", "IP", "QL"):
        client = Client()
        client.force_login(ground.user_in(role, programme, people.incoming(programme) if role == "IP" else None))
        for name in (*of_a_person(), *BESIDE):
            usual = parameters(name, known[name])
            tried = [usual]
            if name == "transfers:person-act":
                tried = [usual | {"act": act} for act in ACTS]
            if name == "transfers:checkpoint":
                tried = [usual | {"code": code, "how": how} for code in ("C02", "C09") for how in PersonCheckpoint.HOWS]
            for one in tried:
                address = reverse(name, kwargs=one)
                for part in (False, True) if name in PARTS else (False,):
                    if (name, address, part) in found:
                        continue
                    answer = client.get(address, headers={"HX-Request": "true"} if part else {})
                    if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
                        found[name, address, part] = answer.content.decode()
    return found


def plans_are(status):
    PersonTransfer.objects.update(plan_status=status)
    CarePlanCheck.objects.update(status=status, validated_on=date(2027, 2, 1) if status == "validated" else None)


@pytest.mark.django_db
def test_every_page_about_a_person_says_that_the_plan_is_provisional(parameters):
    plans_are("checking")
    found = pages(parameters)
    assert {*of_a_person(), *BESIDE} - {name for name, *_ in found} == NO_PAGE
    assert sorted(key for key, body in found.items() if body.count(TAG) != 1) == []


@pytest.mark.django_db
def test_no_page_about_a_person_says_so_of_a_plan_that_is_validated(parameters):
    plans_are("validated")
    found = pages(parameters)
    assert {*of_a_person(), *BESIDE} - {name for name, *_ in found} == NO_PAGE | {"transfers:plan-check"}
    assert sorted(key for key, body in found.items() if TAG in body) == []


@pytest.mark.parametrize(("status", "provisional"), [("", False), ("provisional", True), ("checking", True), ("discrepancy", True), ("validated", False)])
def test_a_plan_is_provisional_from_the_day_it_is_here_until_it_is_validated(status, provisional):
    assert PersonTransfer(plan_status=status).plan_provisional is provisional


@pytest.mark.django_db
def test_an_offer_without_a_name_says_nothing_of_the_plan(parameters, client):
    """Only package, zone and needs (domain 8)."""
    plans_are("provisional")
    person = PersonTransfer.objects.get(allocation_response="offered")
    client.force_login(ground.user_in("IP", person.programme, person.incoming_provider))
    answer = client.get(reverse("transfers:offer-answer", args=[person.programme.ref, person.public_id]))
    assert answer.status_code == 200
    assert "PROVISIONAL" not in answer.content.decode()
