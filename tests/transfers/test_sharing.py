"""Sharing decisions and the route of the file (domain 5.4): what C11 and C13 wait for, and what opens them again."""

from datetime import date

import pytest
import time_machine

from mobilisation.errors import Refused
from mobilisation.services.imports import import_file
from tests.factories import ground, people
from transfers.models import SharingDecision
from transfers.services import checkpoints, contacts, contents, handover, turning
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def test_each_refusal_of_sharing_needs_its_own_words_of_safety(programme):
    ol = ground.actor("OL", programme)
    person = people.person(programme, done=people.ready_up_to("C10"), incoming_provider=people.incoming(programme))
    for basis, words in (("refused", "verbal handover"), ("explicit_agreement", ""), ("refused", "")):
        services.record_sharing(person, basis, actor=ol, safe_without=words)
    with pytest.raises(Refused, match="The OL records first how care stays safe without it"):
        checkpoints.mark(person, "C11", actor=ol)
    assert not person.checkpoints.filter(code="C11").exists()
    services.record_sharing(person, "refused", actor=ol, safe_without="double visits for a week")
    assert checkpoints.mark(person, "C11", actor=ol).state == "done"


@pytest.mark.parametrize(
    ("decided", "on", "words"),
    [
        (date(2027, 1, 4), date(2027, 3, 16), "16 Mar 2027 is in the future. Enter the day it was explained."), (date(2027, 1, 4), date(2027, 1, 3), "3 Jan 2027 lies before the decision date, 4 Jan 2027."),
        (None, date(1990, 1, 1), "1 Jan 1990 lies before the day the person was listed, 4 Jan 2027."),
    ],
)
def test_a_sharing_decision_is_explained_on_a_day_that_can_be(programme, decided, on, words):
    programme.decision_date = decided
    programme.save()
    person = people.person(programme, done=people.ready_up_to("C06"), sharing_basis="direct_care")
    with pytest.raises(Refused) as refusal:
        services.record_sharing(person, "refused", actor=ground.actor("CM", programme), explained_on=on)
    assert [(reason.field, reason.text) for reason in refusal.value.reasons] == [("explained_on", words)]
    assert (type(person).objects.get(pk=person.pk).sharing_basis, SharingDecision.objects.count()) == ("direct_care", 0)


@pytest.mark.parametrize("funding", ["chc", "joint"])
def test_a_file_that_goes_with_the_icb_needs_the_health_liaison_named(programme, funding):
    mt = ground.actor("MT", programme)
    person = people.person(programme, done=people.ready_up_to("C06"), funding_type=funding)
    for ended in (False, True):
        with pytest.raises(Refused) as refusal:
            checkpoints.mark(person, "C13", actor=mt)
        assert [(reason.text, reason.solve) for reason in refusal.value.reasons] == [(contents.NO_LIAISON.text, ("liaison",))]
        assert not person.checkpoints.filter(code="C13").exists()
        contact = contacts.add(person, {"role": "health_liaison", "name": "Nurse Adeyemi"}, actor=mt)
        if not ended:
            contacts.end(contact, actor=mt)
    assert checkpoints.mark(person, "C13", actor=mt).state == "done"


@pytest.mark.parametrize(("funding", "state"), [("other_authority", "reopened"), ("self", "reopened"), ("chc", "reopened"), ("joint", "reopened"), ("council", "done")])
def test_a_file_routed_by_the_old_funding_is_open_again_under_the_new(programme, funding, state):
    ol = ground.actor("OL", programme)
    person = people.person(programme, done=(*people.ready_up_to("C06"), "C13"))
    services.update_person(person, {"funding_type": funding}, actor=ol)
    assert (person.checkpoints.get(code="C13").state, turning.drift(programme)) == (state, [])
    if funding == "other_authority":
        handover.record_route(person, actor=ol, instruction="Send it to Medway")
        assert checkpoints.mark(type(person).objects.get(pk=person.pk), "C13", actor=ol).state == "done"


def test_what_the_new_funding_asks_for_and_is_there_leaves_c13(programme):
    ol = ground.actor("OL", programme)
    person = people.person(programme, done=(*people.ready_up_to("C06"), "C13"), file_instruction="Send it to Medway")
    contacts.add(person, {"role": "health_liaison", "name": "Nurse Adeyemi"}, actor=ol)
    for funding in ("other_authority", "chc"):
        services.update_person(type(person).objects.get(pk=person.pk), {"funding_type": funding}, actor=ol)
        assert person.checkpoints.get(code="C13").state == "done"


def test_a_workbook_that_changes_the_funding_opens_c13_again(programme):
    person = people.person(programme, done=(*people.ready_up_to("C06"), "C13"), nhs_number="9434765919", surname="Abara", forename="Ada", date_of_birth=date(1940, 5, 1))
    lines = ["Surname,Forename,NHS number,Date of birth,Funding", "Abara,Ada,9434765919,01/05/1940,Self-funder"]
    import_file("tracker", programme, ground.actor("OL", programme), ("\n".join(lines) + "\n").encode(), "list.csv")
    person.refresh_from_db()
    assert (person.funding_type, person.checkpoints.get(code="C13").state, turning.drift(programme)) == ("self", "reopened", [])
