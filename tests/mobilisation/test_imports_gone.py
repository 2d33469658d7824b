"""An import page left open until its file was cleared away."""

import pytest
from django.urls import reverse

from mobilisation.models import ImportRun

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("step", ["sheet", "columns"])
def test_leads_back_to_the_upload(programme, sign_in, step):
    client = sign_in("ML", programme)
    run = ImportRun.objects.create(programme=programme, kind="tracker", file_name="x.csv", stored_name="none.csv")
    where = {"ref": programme.ref, "kind": "tracker"}
    answer = client.post(reverse(f"mobilisation:import-{step}", kwargs=where | {"run": run.public_id}))
    assert answer.url == reverse("mobilisation:import-start", kwargs=where)
