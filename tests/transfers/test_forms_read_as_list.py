"""What the person form takes, the exported list brings back unchanged; what the list refuses, the form refuses with a sentence."""

import io
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from mobilisation.services.imports import import_file
from tests.factories import ground, people
from transfers.exports.tracker import write_tracker
from transfers.forms.people import PersonForm
from transfers.models import PersonTransfer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def filled(person, **typed):
    blank = PersonForm(instance=person)
    data = {name: "" if (value := blank[name].value()) is None else str(value) for name in blank.fields}
    return PersonForm(data | typed, instance=person)


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("notes", "Key safe code 4821 by the door", "Notes: the code of a key safe or a door is never kept here. Take the digits out"),
        ("notes", "Keysafe in porch. Code: 4471", "Notes: the code of a key safe or a door is never kept here. Take the digits out"),
        ("representative_name", "N/A", "Representative: “N/A” names nobody and nothing. Leave it empty"),
        ("notes", "x" * 10_001, "Notes: it has 10,001 characters; at most 10,000 are allowed. Shorten it."),
        ("visits_per_day", "60", "Visits per day: it is above 48. Check the figure."),
        ("orders_shared_on", "2027-03-16", "16/03/2027 is in the future"),
        ("date_of_birth", "2027-03-16", "16/03/2027 is in the future"),
        ("postcode", "nowhere", "Postcode"),
    ],
)
def test_what_the_list_would_refuse_or_change_is_refused_at_its_field(programme, field, typed, words):
    form = filled(people.person(programme), **{field: typed})
    assert not form.is_valid()
    assert set(form.errors) == {field}
    assert words in form.errors[field][0]


def test_what_stood_there_before_is_left_alone(programme):
    person = people.person(programme, postcode="nowhere", visits_per_day=60)
    form = filled(person, zone="North")
    assert form.is_valid(), form.errors
    assert form.values == {"zone": "North"}


def test_a_name_with_its_relationship_becomes_both(programme):
    form = filled(people.person(programme), representative_name="Jean Smith (niece)")
    assert form.is_valid(), form.errors
    assert form.values == {"representative_name": "Jean Smith", "relationship": "niece"}


def test_what_the_form_took_comes_back_from_the_list_unchanged(programme, client):
    person = people.person(programme, surname="Abara", forename="Ada", date_of_birth=date(1940, 5, 1), nhs_number="9434765919")
    client.force_login(ground.user_in("OL", programme))
    page = client.get(reverse("transfers:person-edit", args=[programme.reference, person.public_id]))
    form = page.context["form"]
    data = {name: "" if (value := form[name].value()) is None else str(value) for name in form.fields}
    data |= {"notes": "First line\r\nsecond line", "representative_name": "Jean Smith (niece)", "weekly_hours": "14.50", "postcode": "me7 5aa"}
    answer = client.post(reverse("transfers:person-edit", args=[programme.reference, person.public_id]), data)
    assert answer.status_code == 302
    person = PersonTransfer.objects.get(pk=person.pk)
    assert (person.notes, person.representative_name, person.relationship) == ("First line\nsecond line", "Jean Smith", "niece")
    assert (person.weekly_hours, person.postcode) == (Decimal("14.5"), "ME7 5AA")
    written = io.BytesIO()
    write_tracker(written, programme, PersonTransfer.objects.filter(pk=person.pk))
    outcome = import_file("tracker", programme, ground.actor("OL", programme), written.getvalue(), "list.xlsx")
    assert {key: outcome.summary[key] for key in ("created", "updated", "unchanged", "errors")} == {"created": 0, "updated": 0, "unchanged": 1, "errors": []}
