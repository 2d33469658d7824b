"""Pages of readiness: who may say what, what they cost."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from tests.factories import ground
from tests.factories import workstreams as factory
from tests.workstreams.pages import as_sent, queries
from workstreams.models import ReadinessCriterion
from workstreams.services import readiness

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2027-03-01 12:00", tick=False):
        yield


@pytest.mark.parametrize("number", [1, 8])
def test_readiness_costs_the_same_for_one_and_many(sign_in, number):
    programme = ground.programme("live_service", scd=date(2027, 4, 1))
    for at in range(number):
        ReadinessCriterion.objects.create(programme=programme, deliverable=1, code=f"1.{at}", text="Pathway agreed", owner=ground.user())
        programme.conditions.create(title="Insurance", owner=ground.user())
    assert queries(sign_in("OL", programme), f"/programmes/{programme.ref}/readiness/") == READINESS_QUERIES


def test_whoever_owns_a_criterion_with_an_account_is_named(sign_in):
    programme = ground.programme("live_service", scd=date(2027, 4, 1))
    owner = ground.user(name="Rae Finch")
    ReadinessCriterion.objects.create(programme=programme, deliverable=1, code="1.1", text="Pathway agreed", owner=owner)
    assert "<td>Rae Finch</td>" in sign_in("OL", programme).get(f"/programmes/{programme.ref}/readiness/").content.decode()


def test_readiness_counts_and_forms(sign_in):
    programme = factory.planned("live_service")
    condition = readiness.add_condition(programme, "Insurance in place", actor=ground.actor("CL", programme), due=date(2027, 3, 25))
    client = sign_in("QL", programme)
    base = f"/programmes/{programme.ref}/readiness/"
    page = client.get(base).content.decode()
    assert "Conditions precedent: 0 of 1" in page
    assert "2. Workforce readiness: 0 of 5" in page
    url = f"{base}conditions/{condition.public_id}/"
    refused = client.post(url, as_sent(client.get(url)) | {"status": "satisfied", "evidence": "Certificate"})
    assert (refused.status_code, "somebody other than the person who gave it" in refused.content.decode()) == (422, True)
    assert client.post(url, as_sent(client.get(url)) | {"evidence": "Certificate"}).status_code == 302
    client = sign_in("CL", programme)
    assert client.post(url, as_sent(client.get(url)) | {"status": "satisfied"}).status_code == 302
    condition.refresh_from_db()
    assert (condition.status, condition.satisfied_on, condition.verified_by) == ("satisfied", date(2027, 3, 1), client.user)
    verifier = condition.verified_by
    other = sign_in("DL", programme)
    assert other.post(url, as_sent(other.get(url)) | {"evidence": "Certificate of 1 March"}).status_code == 302
    condition.refresh_from_db()
    assert (condition.evidence, condition.verified_by) == ("Certificate of 1 March", verifier)
    client.force_login(verifier)
    assert "Services may begin on Thu 1 Apr 2027 at the earliest" in client.get(base).content.decode()
    criterion = ReadinessCriterion.objects.get(programme=programme, code="1.1")
    url = f"{base}criteria/{criterion.public_id}/"
    assert client.post(url, as_sent(client.get(url)) | {"status": "met"}).status_code == 422
    assert client.post(f"{base}conditions/new/", {"title": ""}).status_code == 422
    assert client.post(f"{base}conditions/new/", {"title": "Licence"}).status_code == 302


def test_the_chair_is_offered_what_the_chair_may_do(sign_in):
    programme = factory.planned("live_service")
    condition = readiness.add_condition(programme, "Insurance in place", actor=ground.actor("CL", programme))
    client = sign_in("BCH", programme)
    url = f"/programmes/{programme.ref}/readiness/conditions/{condition.public_id}/"
    form = client.get(url).context["form"]
    assert (set(form.fields) - {"version", "was"}, [value for value, _ in form.fields["status"].choices]) == ({"status", "why"}, ["open", "waived"])
    typed = as_sent(client.get(url)) | {"status": "waived"}
    assert client.post(url, typed).status_code == 422
    assert client.post(url, typed | {"why": "Held by the parent company"}).status_code == 302
    condition.refresh_from_db()
    assert (condition.status, condition.verified_by) == ("waived", client.user)


READINESS_QUERIES = 13
