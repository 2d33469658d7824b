"""Hours are written in one way, wherever they stand."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from mobilisation.components import hours_shown
from tests.factories import people


@pytest.mark.parametrize(("value", "shown"), [(Decimal("276.50"), "276.5"), (Decimal("266.00"), "266"), (Decimal("1200"), "1200"), (0.25, "0.25"), (Decimal("0.00"), "0"), (14, "14"), (10.005, "10")])
def test_as_many_decimals_as_there_are(value, shown):
    assert hours_shown(value) == shown


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["waves", "zones"])
def test_half_an_hour_and_none_stand_beside_each_other_alike(programme, sign_in, name):
    people.person(programme, wave="1", zone="Coastal", weekly_hours=Decimal("10.50"))
    people.person(programme, wave="2", zone="Inland", weekly_hours=Decimal("66.00"))
    text = sign_in("OL", programme).get(reverse(f"transfers:{name}", args=[programme.ref])).content.decode()
    assert set(re.findall(r">((?:10\.5|66)[0.]*)<", text)) == {"10.5", "66"}
