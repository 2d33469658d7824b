"""Somebody alike is on the list already: shown before it is saved, and that it is somebody else is said by a person and kept (domain 7.4)."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import Refused
from mobilisation.models import AccessLog, Change
from tests.factories import ground, people
from transfers.models import ListFinding, PersonTransfer
from transfers.services import doubles, lists
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
BORN = date(1940, 2, 1)


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def ann(programme):
    return people.person(programme, surname="Hartley", forename="Ann", date_of_birth=BORN, postcode="CT1 2AB", case_system_id="A1", nhs_number="9434765919")


def new(programme, **fields):
    return PersonTransfer(programme=programme, **({"surname": "Hartley", "forename": "Ann", "date_of_birth": BORN} | fields))


def told(page):
    return " ".join(page.content.decode().split())


def stands():
    return PersonTransfer.objects.count(), Change.objects.count(), ListFinding.objects.count()


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({}, True),
        ({"surname": "HÄRTLEY", "forename": " ann"}, True),
        ({"postcode": "CT1 2AB"}, True),
        ({"surname": "Ann", "forename": "Hartley"}, True),
        ({"date_of_birth": None}, True),
        ({"date_of_birth": date(1951, 7, 9), "postcode": "ME4 5CD"}, False),
        ({"surname": "Okafor", "forename": "Blessing"}, False),
        ({"nhs_number": "9990000018"}, False),
    ],
)
def test_the_rule_of_the_compared_lists_says_who_is_alike(programme, ann, fields, asked):
    stood = stands()
    if not asked:
        services.list_person(new(programme, **fields), actor=people.operator())
        assert PersonTransfer.objects.count() == 2
        return
    with pytest.raises(doubles.PerhapsListed) as refused:
        services.list_person(new(programme, **fields), actor=people.operator())
    assert (refused.value.keys, [reason.field for reason in refused.value.reasons], stands()) == ((ann.public_id,), ["another"], stood)


def test_the_same_nhs_number_stays_refused_whatever_is_said(programme, ann):
    with pytest.raises(Refused) as refused:
        services.list_person(new(programme, nhs_number=ann.nhs_number), actor=people.operator(), another=[ann.public_id])
    assert [(reason.field, reason.text) for reason in refused.value.reasons] == [("nhs_number", "This NHS number is on the list already. Open that person instead.")]


def test_people_of_another_programme_are_nobody_s_double(programme, ann):
    assert doubles.like(new(ground.provider_exit())) == []


def typed(**fields):
    return {"surname": "Hartley", "forename": "Ann", "date_of_birth": "1940-02-01", "funding_type": "council", "notes": "Rang on Monday", "tell_representative_first": "unknown"} | fields


def test_who_adds_by_hand_is_shown_whom_it_may_be_and_says_that_it_is_another(programme, ann, sign_in):
    client, url = sign_in("OL", programme), reverse("transfers:person-add", args=[programme.ref])
    stood = stands()
    page = client.post(url, typed())
    assert (page.status_code, stands()) == (422, stood)
    text = told(page)
    assert "Perhaps already on the list" in text
    assert f'href="{reverse("transfers:person-detail", args=[programme.ref, ann.public_id])}" target="_blank"' in text
    assert "born 01/02/1940, CT1 2AB, NHS number 943 476 5919, A1" in text
    assert "Rang on Monday" in text
    assert AccessLog.objects.filter(subject="people perhaps listed already").count() == 1
    # The tick stands where something else is wrong.
    page = client.post(url, typed(another=ann.public_id, weekly_hours="900"))
    assert (page.status_code, PersonTransfer.objects.count()) == (422, 1)
    assert f'value="{ann.public_id}" checked' in told(page)
    page = client.post(url, typed(another=ann.public_id))
    made = PersonTransfer.objects.exclude(pk=ann.pk).get()
    assert (page.status_code, made.notes) == (302, "Rang on Monday")
    change = Change.objects.get(entity="transfers.persontransfer", object_id=made.pk, action="said to be somebody else")
    assert (change.why, change.actor_label, change.at.isoformat()) == (f"not person {ann.public_id}", Change.objects.latest("pk").actor_label, "2027-03-15T10:00:00+00:00")
    assert change.actor is not None
    finding = ListFinding.objects.get()
    assert (finding.kind, finding.resolution, finding.reason, {finding.person.public_id, finding.other_key}) == ("twice", "different", "said when the person was listed", {ann.public_id, made.public_id})


def test_the_comparison_does_not_ask_again_what_was_said(programme, ann):
    PersonTransfer.objects.filter(pk=ann.pk).update(nhs_number="")
    services.list_person(new(programme, postcode="CT1 2AB"), actor=people.operator(), another=[ann.public_id])
    lists.compare_tracker(programme, actor=people.operator())
    assert list(ListFinding.objects.values_list("kind", "resolution")) == [("twice", "different")]


def test_a_tick_counts_only_for_whom_it_was_shown(programme, ann):
    second = people.person(programme, surname="Hartley", forename="Ann", date_of_birth=BORN)
    with pytest.raises(doubles.PerhapsListed) as refused:
        services.list_person(new(programme), actor=people.operator(), another=[ann.public_id])
    assert set(refused.value.keys) == {ann.public_id, second.public_id}


def test_a_correction_into_a_double_says_so(programme, ann, sign_in):
    other = people.person(programme, surname="Hardley", forename="Anna", date_of_birth=date(1950, 2, 1), version=1)
    url = reverse("transfers:person-edit", args=[programme.ref, other.public_id])
    client = sign_in("OL", programme)
    stood = stands()
    change = typed(surname="Hartley", notes="", version="1", was='{"surname": "Hardley", "forename": "Anna", "date_of_birth": "1950-02-01", "notes": "", "funding_type": "council"}')
    page = client.post(url, change)
    assert (page.status_code, stands()) == (422, stood)
    assert "Perhaps already on the list" in told(page)
    assert client.post(url, change | {"another": ann.public_id}).status_code == 302
    other.refresh_from_db()
    assert (other.surname, other.forename, other.date_of_birth) == ("Hartley", "Ann", BORN)
    assert ListFinding.objects.get().resolution == "different"
    # Alike already: a further correction is nobody's news.
    assert services.update_person(other, {"forename": "Annie"}, actor=people.operator()) is not None


def test_what_makes_nobody_another_is_saved_without_a_question(programme, ann):
    other = people.person(programme, surname="Hartley", forename="Ann", date_of_birth=BORN)
    assert services.update_person(other, {"notes": "Prefers mornings", "surname": "Hartley"}, actor=people.operator()) is not None


def test_a_line_of_another_list_is_added_only_when_somebody_says_that_it_is_another(programme, ann, sign_in):
    """Told apart from one, it may still be another one."""
    second = people.person(programme, surname="Hartley", forename="Ann", date_of_birth=BORN, case_system_id="A2")
    line = {"surname": "Hartley", "forename": "Ann", "date_of_birth": BORN, "number": 2}
    lists.take(programme, "billing", [line | {"key": lists.row_key(line)}], actor=people.operator())
    first = ListFinding.objects.get(kind="likely")
    lists.resolve(first, "different", actor=people.operator(), reason="Rang her")
    finding = ListFinding.objects.filter(resolution="").exclude(kind="only_ours").first()
    if finding.kind == "likely":
        lists.resolve(finding, "different", actor=people.operator(), reason="Rang her too")
    finding = ListFinding.objects.get(kind="only_theirs")
    url = reverse("transfers:finding", args=[programme.ref, finding.public_id])
    client = sign_in("OL", programme)
    page = client.post(url, {"how": "added", "reason": "Nobody of ours"})
    assert (page.status_code, PersonTransfer.objects.count()) == (422, 2)
    assert "Perhaps already on the list" in told(page) and second.public_id in told(page)
    page = client.post(url, {"how": "added", "reason": "Nobody of ours", "another": f"{ann.public_id},{second.public_id}"})
    assert (page.status_code, PersonTransfer.objects.count(), ListFinding.objects.filter(kind="twice", resolution="different").count()) == (302, 3, 2)
