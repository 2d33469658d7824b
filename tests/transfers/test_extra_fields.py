"""Fields that a form does not offer, sent along all the same: what is saved is what is saved without them (trust A4)."""

from __future__ import annotations

import json

import pytest
import time_machine
from django.db import models, transaction
from django.urls import reverse

from mobilisation.models import Organisation, Programme, User
from tests.factories import people
from tests.mobilisation.test_access_matrix import addresses, signed_in, taken_over, world
from tests.reporting.test_withheld import opened
from transfers.forms import people as person_forms
from transfers.models import (
    Assessment,
    ContactLog,
    Discrepancy,
    FileTransfer,
    MoneyHeld,
    OrderVisit,
    PersonContact,
    PersonNeed,
    PersonTransfer,
    Review,
    ServiceOrder,
    StaffTransfer,
)
from transfers.services.people import records

pytestmark = pytest.mark.django_db
WRITTEN = (PersonTransfer, PersonContact, PersonNeed, ServiceOrder, OrderVisit, FileTransfer, MoneyHeld, Discrepancy, Assessment, Review, ContactLog, StaffTransfer)
STAMPS = {"updated_at", "updated_by_id", "created_at", "public_id", "id"}

FORMS = [
    ("XP", "person-edit", PersonTransfer, {"phone": "01227 000001"}), ("IP", "person-edit", PersonTransfer, {"phone": "01227 000001"}), ("MT", "person-edit", PersonTransfer, {"notes": "Rang"}),
    ("MT", "contact-edit", PersonContact, {"note": "Rang"}), ("MT", "needs-edit", PersonNeed, {"preferences": "Tea"}), ("MT", "order-edit", ServiceOrder, {"care_item": "HC1"}), ("MT", "visit-edit", OrderVisit, {"tasks": "Wash"}),
    ("MT", "file-edit", FileTransfer, {"requested_on": "2027-03-01", "contents": "Plan"}), ("XP", "money-edit", MoneyHeld, {"note": "Cash"}), ("MT", "discrepancy-edit", Discrepancy, {"detail": "Late"}), ("IP", "discrepancy-edit", Discrepancy, {"detail": "Late"}),
    ("MT", "review-edit", Review, {"outcome": "Well"}), ("OL", "assessment", Assessment, {"needs": "Help to rise"}), ("CL", "staff-detail", StaffTransfer, {"restriction": "No nights"}),
]


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def ground_of_it():
    programme, parameters = world("EXTRA-1")
    taken_over(programme, people.incoming(programme))
    person = PersonTransfer.objects.get(public_id=parameters("transfers:person-detail", ["public_id"])["public_id"])
    PersonNeed.objects.create(person=person)
    Assessment.objects.create(person=person, assessed_on="2027-03-01")
    return programme, parameters, world("OTHER-1")[0]


def standing():
    """Every column of every row that a form of the tracker may write, but for who saved when."""
    return {
        model.__name__: sorted(({name: value for name, value in row.items() if name not in STAMPS} | {"pk": row["id"]} for row in model._base_manager.values()), key=lambda row: row["pk"]) for model in WRITTEN
    }


def hostile(model, offered, other):
    """A value for every field of ``model`` and of a person that the form does not offer."""
    values = {}
    for field in {field.name: field for of in (PersonTransfer, model) for field in of._meta.concrete_fields}.values():
        if field.name in offered or field.primary_key:
            continue
        if field.is_relation:
            related = {Organisation: people.incoming(other, "Oyster Bay Care Ltd"), Programme: other, User: User.objects.first(), PersonTransfer: PersonTransfer.objects.filter(programme=other).first()}.get(field.related_model)
            value = related.pk if related else 1
        elif field.choices:
            value = field.choices[-1][0]
        elif isinstance(field, models.BooleanField):
            value = "true"
        elif isinstance(field, (models.DateField, models.DateTimeField)):
            value = "2027-03-01"
        elif isinstance(field, (models.IntegerField, models.DecimalField)):
            value = 9
        else:
            value = "Zyx"
        values |= {field.name: value, field.attname: value}
    return values


def saved(client, url, sent):
    """What stands afterwards; taken back."""
    with transaction.atomic():
        answer = client.post(url, sent)
        found = standing()
        transaction.set_rollback(True)
    return answer.status_code, found


def astray(client, url, model, typed, other):
    """({"Model.field"} that differ from a save without the extra fields, {"Model.field"} that this save changed)."""
    sent = opened(client, url) | typed
    offered = set(client.get(url).context["form"].fields) | set(sent)
    before, (status, plain) = standing(), saved(client, url, sent)
    assert status == 302, url
    _, with_extras = saved(client, url, hostile(model, offered, other) | sent)
    return unlike(plain, with_extras), unlike(before, plain)


def unlike(one, two):
    found = set()
    for name, rows in one.items():
        assert [row["pk"] for row in rows] == [row["pk"] for row in two[name]], name
        found |= {f"{name}.{column}" for mine, theirs in zip(rows, two[name], strict=True) for column in mine if mine[column] != theirs[column]}
    return found


def address(name, parameters):
    return reverse(f"transfers:{name}", kwargs=parameters(f"transfers:{name}", addresses()[f"transfers:{name}"]))


@pytest.mark.parametrize(("role", "name", "model", "typed"), FORMS, ids=[f"{role} {name}" for role, name, *_ in FORMS])
def test_what_a_form_does_not_offer_is_not_saved(ground_of_it, role, name, model, typed):
    programme, parameters, other = ground_of_it
    different, changed = astray(signed_in(role, programme), address(name, parameters), model, typed, other)
    assert {f"{model.__name__}.{field}" for field in typed} <= changed
    assert different == set()


@pytest.mark.parametrize("role", ["XP", "IP"])
def test_the_form_of_a_provider_carries_nothing_but_what_it_may_change(ground_of_it, role):
    """Also not in the hidden field that says what the page showed."""
    programme, parameters, _ = ground_of_it
    sent = opened(signed_in(role, programme), address("person-edit", parameters))
    assert set(json.loads(sent["was"])) == records.CLEARED_FOR_PROVIDERS
    assert set(sent) - {"csrfmiddlewaretoken", "version", "was"} <= records.CLEARED_FOR_PROVIDERS


def test_were_a_provider_given_the_whole_form_it_would_be_found(ground_of_it, monkeypatch):
    """Two guards stand one behind the other: the form offers three fields, and the service refuses any other."""
    programme, parameters, _ = ground_of_it
    client, url = signed_in("XP", programme), address("person-edit", parameters)
    sent = opened(client, url) | {"phone": "01227 000001"}
    extra = sent | {"notes": "Zyx"}
    plain = saved(client, url, sent)[1]
    wide = records.CLEARED_FOR_PROVIDERS | {"notes"}
    monkeypatch.setattr(person_forms, "CLEARED_FOR_PROVIDERS", wide)
    status, found = saved(client, url, extra)
    assert (status, unlike(plain, found) >= {"PersonTransfer.phone"}, found["PersonTransfer"][0]["notes"]) == (422, True, "")
    monkeypatch.setattr(records, "CLEARED_FOR_PROVIDERS", wide)
    status, found = saved(client, url, extra)
    assert (status, unlike(plain, found)) == (302, {"PersonTransfer.notes"})
