"""Safeguarding concerns: the register names nobody, the person is Red until somebody owns it (domain 5.6, 5.8, 10.16)."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Refused
from risks.models import Issue, SafeguardingConcern
from tests.factories import ground, people
from tests.transfers.test_services_checkpoints import through_to_first_visit
from transfers.models import PersonConcern, PersonTransfer, SafetyCheck
from transfers.services import checkpoints, concerns

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def colour(person):
    return PersonTransfer.objects.get(pk=person.pk).moments.at(today())


def test_a_concern_without_an_owner_turns_the_person_red_until_somebody_owns_it(programme):
    person, mt = people.person(programme, surname="Canary"), ground.actor("MT", programme)
    link = concerns.raise_concern(person, {"category": "neglect", "what": "visits missed"}, actor=mt)
    assert colour(person)[1] == "Safeguarding concern without an owner"
    assert PersonTransfer.objects.get().safeguarding_open is True
    concerns.change_concern(link, {"owner_name": "A. Case-Manager"}, actor=mt)
    assert colour(person)[1] != "Safeguarding concern without an owner"
    assert "Canary" not in str(SafeguardingConcern.objects.get().__dict__)


def test_a_closed_concern_needs_no_owner_but_says_what_came_of_it(programme):
    person, mt = people.person(programme), ground.actor("MT", programme)
    link = concerns.raise_concern(person, {"category": "neglect"}, actor=mt)
    with pytest.raises(Refused, match="Say what came of it"):
        concerns.change_concern(link, {"status": "closed"}, actor=mt)
    assert SafeguardingConcern.objects.get().status == "open"
    concerns.change_concern(link, {"status": "closed", "outcome": "not substantiated"}, actor=mt)
    held = SafeguardingConcern.objects.get()
    assert (held.status, held.closed_on) == ("closed", today())
    assert colour(person)[1] != "Safeguarding concern without an owner"


@pytest.mark.parametrize("words", ["Mrs Canary was alone", "NHS 943 476 5919"])
def test_the_register_names_nobody(programme, words):
    person = people.person(programme, surname="Canary", nhs_number="9434765919")
    with pytest.raises(Refused, match="names nobody"):
        concerns.raise_concern(person, {"category": "neglect", "what": words}, actor=ground.actor("MT", programme))
    assert not SafeguardingConcern.objects.exists()
    assert not PersonConcern.objects.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Number 999-000-1189 was read out", "999-000-1189"), ("See SW 100750", "SW 100750"), ("thistlewoods keys are lost", "thistlewoods"), ("Brenda Thistlewood fell", "Brenda Thistlewood"),
        ("Rang 01227 496-012", "01227 496-012"), ("Born 9/12/1939, fell", "9/12/1939"), ("Mr Okonkwo next door saw it", "Mr Okonkwo"), ("He is 999 000 1197", "999 000 1197"),
    ],
)
def test_the_register_takes_no_name_or_number_of_anybody_on_the_list_in_whatever_spelling(programme, words, said):
    person = people.person(programme, surname="Thistlewood", forename="Brenda", nhs_number="9990001189", case_system_id="SW100750", phone="01227496012", date_of_birth=date(1939, 12, 9))
    people.person(programme, surname="Okonkwo", forename="Chidi", nhs_number="9990001197")
    with pytest.raises(Refused) as refused:
        concerns.raise_concern(person, {"category": "neglect", "what": words}, actor=ground.actor("MT", programme))
    assert [(one.text, one.field) for one in refused.value.reasons] == [(f"The register names nobody: take out “{said}”. The concern is linked to this record.", "what")]
    assert (SafeguardingConcern.objects.exists(), PersonConcern.objects.exists()) == (False, False)


@pytest.mark.parametrize("words", ["Grace of the day centre was alone", "A fall on 10 Dec 1939", "the keys of the house, 999 times"])
def test_a_forename_alone_and_a_day_on_which_nobody_was_born_stay(programme, words):
    person, mt = people.person(programme, surname="Thistlewood", forename="Brenda", date_of_birth=date(1939, 12, 9)), ground.actor("MT", programme)
    link = concerns.raise_concern(person, {"category": "neglect", "what": words}, actor=mt)
    assert SafeguardingConcern.objects.get().what == words
    with pytest.raises(Refused, match="take out “Thistlewood’s”"):
        concerns.change_concern(link, {"outcome": "Thistlewood’s daughter helps"}, actor=mt)
    assert SafeguardingConcern.objects.get().outcome == ""


@pytest.mark.parametrize(("forename", "words", "said"), [("Brenda", "Brenda was alone", "Brenda"), ("Brenda", "BRENDA'S bruise", "BRENDA'S"), ("Grace May", "Seen that Grace was alone", "Grace"), ("Grace May", "a grace period that may be short", "")])
def test_the_register_takes_no_forename_of_the_person_it_is_about(programme, forename, words, said):
    person, mt = people.person(programme, surname="Thistlewood", forename=forename), ground.actor("MT", programme)
    if not said:
        concerns.raise_concern(person, {"category": "neglect", "what": words}, actor=mt)
        assert SafeguardingConcern.objects.get().what == words
        return
    with pytest.raises(Refused, match=f"take out “{said}”"):
        concerns.raise_concern(person, {"category": "neglect", "what": words}, actor=mt)
    assert not SafeguardingConcern.objects.exists()


def test_a_safety_check_may_raise_one_with_its_issue(programme):
    person, mt = through_to_first_visit(programme, priority="G"), ground.actor("MT", programme)
    with pytest.raises(Refused, match="goes with the outcome"):
        checkpoints.record_safety_check(person, "safe", actor=mt, safeguarding=True)
    assert not SafetyCheck.objects.exists()
    checkpoints.record_safety_check(person, "concern", actor=mt, follow_up="left without food", safeguarding=True)
    assert (Issue.objects.count(), SafeguardingConcern.objects.count()) == (1, 1)
    assert colour(person)[1] == "Safeguarding concern without an owner"


def test_a_provider_neither_raises_nor_reads_one(programme, client):
    provider = people.incoming(programme)
    person = people.person(programme, incoming_provider=provider, allocation_response="accepted")
    link = concerns.raise_concern(person, {"category": "neglect"}, actor=ground.actor("MT", programme))
    with pytest.raises(NotPermitted):
        concerns.raise_concern(person, {"category": "neglect"}, actor=ground.actor("IP", programme, provider))
    client.force_login(ground.user_in("IP", programme, provider))
    address = f"/programmes/{programme.ref}/people/{person.public_id}/"
    assert "Safeguarding concern" not in client.get(address).content.decode()
    assert client.get(f"{address}concerns/add/").status_code == 404
    assert client.get(f"{address}concerns/{link.public_id}/").status_code == 404


def test_raised_owned_and_closed_on_the_pages(programme, client):
    person = people.person(programme)
    client.force_login(ground.user_in("MT", programme))
    address = f"/programmes/{programme.ref}/people/{person.public_id}/"
    assert client.post(f"{address}concerns/add/", {"category": "neglect", "what": "", "owner_name": "", "referred_to": "", "cqc_told_on": ""}).status_code == 302
    assert "Open, no owner" in client.get(address).content.decode()
    link = PersonConcern.objects.get()
    form = client.get(f"{address}concerns/{link.public_id}/").context["form"]
    sent = {"category": "neglect", "what": "", "owner_name": "J. Officer", "referred_to": "", "cqc_told_on": "", "status": "closed", "outcome": "", "version": form.initial["version"], "was": form["was"].value()}
    answer = client.post(f"{address}concerns/{link.public_id}/", sent)
    assert answer.status_code == 422
    assert "Say what came of it" in answer.content.decode()
    assert client.post(f"{address}concerns/{link.public_id}/", sent | {"outcome": "help in place", "referred_to": "Safeguarding team", "cqc_told_on": today().isoformat()}).status_code == 302
    kept = SafeguardingConcern.objects.get()
    assert (kept.owner_name, kept.status, kept.referred_to, kept.cqc_told_on) == ("J. Officer", "closed", "Safeguarding team", today())


@pytest.mark.parametrize(("role", "told"), [("CL", True), ("BM", False), ("FIN", False)])
def test_the_words_of_a_concern_are_read_in_the_history_by_who_sees_the_people(programme, sign_in, role, told):
    mt = ground.actor("MT", programme)
    link = concerns.raise_concern(people.person(programme), {"category": "bruising", "what": "a fall at night", "referred_to": "the police"}, actor=mt)
    concerns.change_concern(link, {"status": "closed", "outcome": "moved to a refuge"}, actor=mt)
    page = sign_in(role, programme).get(reverse("mobilisation:history", args=[programme.ref])).content.decode()
    assert [word in page for word in ("bruising", "a fall at night", "the police", "moved to a refuge")] == [told] * 4
    assert "Safeguarding concern" in page
