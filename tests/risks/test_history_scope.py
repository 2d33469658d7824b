"""What a provider may not open on the register it does not read in the history either."""

import pytest
from django.urls import reverse

from mobilisation.services import changes
from tests.factories import ground, people, risks

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("role", "reads"), [("IP", [False, True]), ("XP", [False, True]), ("BM", [True, True]), ("OL", [True, True])])
def test_history_shows_the_records_one_may_open(programme, sign_in, role, reads):
    actor = ground.actor("OL", programme)
    held = [risks.risk(programme, scope=scope, other_owner="Bo") for scope in ("commissioner", "shared")]
    for number, risk in enumerate(held):
        changes.apply(risk, {"controls": f"Control {number} of it"}, actor=actor)
    organisation = people.incoming(programme) if role == "IP" else None
    text = sign_in(role, programme, organisation=organisation).get(reverse("mobilisation:history", args=[programme.ref])).content.decode()
    assert [f"Control {number} of it" in text for number in range(2)] == reads
