"""Two people send the same file at the same moment (trust B4)."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from mobilisation import registry
from mobilisation.models import ConditionPrecedent
from mobilisation.roles import Can
from mobilisation.services import imports
from tests.factories import ground
from tests.factories import workbooks as made


@pytest.mark.django_db(transaction=True)
def test_two_identical_uploads_at_once_give_one_set_of_rows(monkeypatch):
    monkeypatch.setitem(registry._importers, "conditions", registry.ImporterKind("conditions", "Conditions", "tests.factories.workbooks.ConditionImporter", Can.PLAN_EDIT))
    programme = ground.provider_exit()
    actor = ground.actor("ML", programme)
    data = made.xlsx(("List", [["Condition"], *[[f"C{n}"] for n in range(30)]]))
    start, found, failed = threading.Barrier(3), [], []

    def bring() -> None:
        start.wait()
        try:
            found.append(imports.import_file("conditions", programme, actor, data, "list.xlsx").summary)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=bring) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted((s["created"], s["unchanged"]) for s in found) == [(0, 30), (0, 30), (30, 0)]
    assert ConditionPrecedent.objects.filter(programme=programme).count() == 30
