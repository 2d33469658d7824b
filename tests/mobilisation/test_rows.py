"""Rows from plain values stand as if a model had saved each."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from mobilisation.services import rows
from tests.factories import ground, people
from transfers.models import CarePlanCheck, ServiceOrder

pytestmark = pytest.mark.django_db
VARYING = {"id", "public_id", "kind", "external_ref"}


def test_a_row_is_what_the_model_would_have_saved(programme):
    person, user = people.person(programme), ground.user()
    with time_machine.travel("2027-03-15 10:00", tick=False):
        values = {"end": date(2027, 3, 31), "weekly_hours": Decimal("3.50"), "shared_exiting_on": None}
        ServiceOrder.objects.create(person=person, kind="old", external_ref="%s; it's", created_by=user, updated_by=user, **values)
        rows.insert(ServiceOrder, [{"person_id": person.pk, "kind": "new", "external_ref": "%s; it's", **values}], by=user.pk)
        rows.insert(CarePlanCheck, [{"person_id": person.pk, "tier": "high", "checks": {"allergies": "right"}}], by=None)
    saved, inserted = ServiceOrder.objects.order_by("pk").values()
    assert {name: saved[name] for name in saved.keys() - VARYING} == {name: inserted[name] for name in inserted.keys() - VARYING}
    assert (inserted["external_ref"], len(inserted["public_id"]), inserted["version"]) == ("%s; it's", 10, 1)
    assert CarePlanCheck.objects.get().checks == {"allergies": "right"}


def test_nothing_costs_nothing_and_a_constraint_still_holds(programme):
    with CaptureQueriesContext(connection) as queries:
        rows.insert(ServiceOrder, [], by=None)
    assert len(queries) == 0
    person = people.person(programme)
    with pytest.raises(IntegrityError):
        rows.insert(ServiceOrder, [{"person_id": person.pk, "kind": "old"}, {"person_id": person.pk, "kind": "old"}], by=None)
