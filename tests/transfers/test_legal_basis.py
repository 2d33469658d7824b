"""Under which duty or power each person's care is arranged (domain 5.14), with its reason, beside the note on well-being."""

import pytest
import time_machine
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.errors import Refused
from mobilisation.models import Change
from mobilisation.services.imports import import_file
from tests.factories import ground, people
from transfers.choices import LegalBasis
from transfers.facts.quality import lacking
from transfers.models import Assessment, PersonTransfer
from transfers.rules import legal
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
WHY = "Provider not registered: an introductory agency"
SAY = "Say why the power to meet urgent needs is used, for example that the provider is not registered, or that its quality has failed."


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.mark.parametrize(("basis", "reason", "words"), [("", "", ""), ("s18", "", ""), ("s48", "", ""), ("nhs", "", ""), ("s19_3", "", SAY), ("s19_3", "  ", SAY), ("s19_3", WHY, "")])
def test_only_the_power_to_meet_urgent_needs_wants_a_reason(basis, reason, words):
    assert legal.reason_refused(basis, reason) == words


def test_it_is_refused_without_a_reason_one_after_the_other_too(programme):
    person, ol = people.person(programme), ground.actor("OL", programme)
    with pytest.raises(Refused, match="Say why the power"):
        services.update_person(person, {"legal_basis": "s19_3"}, actor=ol)
    services.update_person(person, {"legal_basis": "s19_3", "legal_basis_reason": WHY}, actor=ol)
    with pytest.raises(Refused, match="Say why the power"):
        services.update_person(PersonTransfer.objects.get(), {"legal_basis_reason": ""}, actor=ol)
    services.update_person(PersonTransfer.objects.get(), {"legal_basis": "s18", "legal_basis_reason": ""}, actor=ol)
    assert list(Change.objects.filter(entity="transfers.persontransfer", fields__has_key="legal_basis").order_by("pk").values_list("fields", flat=True)) == [
        {"legal_basis": ["", "s19_3"], "legal_basis_reason": ["", WHY]}, {"legal_basis": ["s19_3", "s18"], "legal_basis_reason": [WHY, ""]},
    ]


def test_a_new_person_is_not_listed_under_it_without_a_reason(programme):
    with pytest.raises(Refused, match="Say why the power"):
        services.list_person(PersonTransfer(programme=programme, surname="New", legal_basis="s19_3"), actor=ground.actor("OL", programme))
    assert PersonTransfer.objects.count() == 0


def form(client, url):
    shown = client.get(url).context["form"]
    return {name: shown[name].value() if shown[name].value() is not None else "" for name in shown.fields}


def test_basis_reason_and_well_being_are_written_on_the_pages_and_read_there(programme, sign_in):
    person = people.person(programme, done=("C01", "C02", "C03"))
    client, change = sign_in("OL", programme), reverse("transfers:person-edit", args=[programme.ref, person.public_id])
    refused = client.post(change, form(client, change) | {"legal_basis": "s19_3"})
    assert (refused.status_code, SAY in refused.content.decode()) == (422, True)
    client.post(change, form(client, change) | {"legal_basis": "s19_3", "legal_basis_reason": WHY})
    sent = {"assessed_on": "2027-03-15", "needs": "Help to wash", "impact": "Anxious about new faces", "well_being": "Sees her sister each day; this stays", "assessors": ["case_manager"], "version": "", "was": ""}
    client.post(reverse("transfers:assessment", args=[programme.ref, person.public_id]), sent)
    text = client.get(reverse("transfers:person-detail", args=[programme.ref, person.public_id])).content.decode()
    assert (f"Care Act s.19(3): {WHY}" in text, "Sees her sister each day; this stays" in text) == (True, True)
    assert Assessment.objects.get().well_being == "Sees her sister each day; this stays"


@pytest.mark.parametrize("role", ["XP", "IP"])
def test_the_reason_is_not_read_by_the_providers_it_may_be_about(programme, sign_in, role):
    blue = people.incoming(programme)
    person = people.person(programme, done=people.ready_up_to("C09"), incoming_provider=blue, allocation_response="accepted", sharing_basis="direct_care")
    services.update_person(person, {"legal_basis": "s19_3", "legal_basis_reason": WHY, "wave": "Seven"}, actor=ground.actor("OL", programme))
    page = reverse("transfers:person-detail", args=[programme.ref, person.public_id])
    text = sign_in(role, programme, organisation=blue if role == "IP" else person.exiting_provider).get(page).content.decode()
    assert ("Seven" in text, "introductory agency" in text, "Care Act s.19" in text) == (True, False, False)
    assert "introductory agency" in sign_in("OL", programme).get(page).content.decode()


@pytest.mark.parametrize("basis", [value for value in LegalBasis.values if value != "s19_3"])
def test_a_file_names_the_basis_and_it_stands_on_the_page(programme, sign_in, basis):
    assert import_file("tracker", programme, Actor.operator(), f"Case ID,Surname,Legal basis\nA1,Smith,{LegalBasis(basis).label}\n".encode(), "people.csv").ok
    person = PersonTransfer.objects.get()
    assert person.legal_basis == basis
    assert LegalBasis(basis).label in sign_in("OL", programme).get(reverse("transfers:person-detail", args=[programme.ref, person.public_id])).content.decode()


def test_a_file_may_name_the_power_and_the_missing_reason_is_asked_for(programme):
    assert import_file("tracker", programme, Actor.operator(), b"Case ID,Surname,Legal basis\nA1,Smith,Care Act s.19(3)\n", "people.csv").ok
    with_reason, without_basis = people.person(programme, legal_basis="s19_3", legal_basis_reason=WHY), people.person(programme)
    everybody = PersonTransfer.objects.filter(programme=programme)
    assert [person.surname for person in lacking(everybody, "legal-reason")] == ["Smith"]
    assert [person for person in lacking(everybody, "legal")] == [without_basis]
    assert with_reason not in lacking(everybody, "legal")
