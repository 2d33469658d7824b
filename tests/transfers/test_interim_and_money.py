"""Kinds of interim help and of money held, each on its page."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from tests.factories import ground, people
from transfers.models import InterimOption, MoneyHeld
from transfers.services import handover

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.mark.parametrize(("kind", "said"), [
    ("in_house_enablement", "In-house enablement"), ("short_term_bed", "Short-term bed"), ("accommodation", "Accommodation"), ("vcse_search", "Voluntary sector search"),
    ("advocacy", "Advocacy"), ("faith", "Faith group"), ("transport", "Transport"),
])
def test_each_kind_of_interim_help_is_kept_and_listed(sign_in, kind, said):
    programme = ground.provider_exit()
    client = sign_in("MT", programme)
    assert client.post(reverse("transfers:interim-add", args=[programme.ref]), {"kind": kind, "name": "Harbour House", "capacity": "4 places"}).status_code == 302
    assert InterimOption.objects.values_list("kind", "name", "capacity").get() == (kind, "Harbour House", "4 places")
    text = client.get(reverse("transfers:interim-list", args=[programme.ref])).content.decode()
    assert [words in text for words in (said, "Harbour House", "4 places")] == [True] * 3


@pytest.mark.parametrize("role", ["IP", "XP"])
def test_no_provider_reads_what_the_team_falls_back_on(sign_in, role):
    programme = ground.provider_exit()
    InterimOption.objects.create(programme=programme, kind="short_term_bed", name="Harbour House", contact="01632 960002")
    organisation = people.incoming(programme) if role == "IP" else people.person(programme).exiting_provider
    user = ground.user_in(role, programme, organisation)
    assert (list(InterimOption.objects.visible_to(user)), InterimOption.objects.visible_to(ground.user_in("MT", programme)).count()) == ([], 1)
    assert sign_in(role, programme, organisation=organisation).get(reverse("transfers:interim-list", args=[programme.ref])).status_code == 404


def test_money_of_a_pilot_is_named_until_it_is_settled(sign_in):
    programme = ground.provider_exit()
    person = people.person(programme, monies_held=True)
    handover.change_money(MoneyHeld.objects.get(), {"purpose": "pilot", "holder": "Client finance", "amount": 40}, actor=ground.actor("OL", programme))
    client = sign_in("OL", programme)
    where = reverse("transfers:person-detail", args=[programme.ref, person.public_id])
    assert "£40</strong>, pilot" in client.get(where).content.decode().replace("£40.00", "£40")
    handover.change_money(MoneyHeld.objects.get(), {"settled_on": date(2027, 3, 15)}, actor=ground.actor("OL", programme))
    assert "Settled 15 Mar 2027" in client.get(where).content.decode()
