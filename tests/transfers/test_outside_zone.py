"""Who offers somebody to a provider that does not take their zone is told so: before many are offered, after one is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from tests.factories import people
from tests.transfers.test_allocation import from_the_list, takes, tick, url, waiting
from transfers.rules import allocation as rules

WEST = "Bluebell Care Partners does not take Rural west: 2 people."


def capacity(zone, confirmed=True):
    return rules.Capacity(1, zone, Decimal(10), date(2027, 1, 4), None, confirmed)


@pytest.mark.parametrize(
    ("capacities", "zone", "why"),
    [
        ([capacity("Coastal")], "Rural west", "does not take Rural west"),
        ([capacity("Coastal")], " coastal", ""),
        ([capacity("Coastal"), capacity("")], "Rural west", ""),
        ([capacity("Coastal"), capacity("Rural west", confirmed=False)], "Rural west", "has confirmed no hours for Rural west"),
        ([capacity("Coastal")], "", "takes named zones only, and no zone is entered"),
        ([capacity("Coastal", confirmed=False)], "Rural west", ""),
        ([], "Rural west", ""),
    ],
)
def test_a_provider_with_hours_elsewhere_only_is_outside(capacities, zone, why):
    assert rules.outside(capacities, zone) == why


@pytest.mark.django_db
def test_the_preview_of_the_proposal_says_whose_zone_it_does_not_take(programme, sign_in):
    takes(programme, hours=100)
    blue, chosen = people.incoming(programme), [waiting(programme, zone=zone) for zone in ("Rural west", "Rural west", "Coastal")]
    page = sign_in("CO", programme).post(url(programme), tick(*((person, blue) for person in chosen)))
    assert (page.context["over"], page.context["outside"]) == ([], [WEST])
    assert WEST in page.content.decode()


@pytest.mark.django_db
def test_the_preview_of_offers_from_the_list_says_so_too_and_not_once_they_are_made(programme, sign_in):
    takes(programme, hours=100)
    blue, chosen = people.incoming(programme), [waiting(programme, zone=zone) for zone in ("Rural west", "Rural west", "Coastal")]
    client = sign_in("CO", programme)
    batch = from_the_list(client, programme, chosen, blue)
    page = client.get(batch)
    assert (page.context["over"], page.context["outside"], WEST in page.content.decode()) == ([], [WEST], True)
    assert WEST not in client.post(batch, follow=True).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("zone", "more"), [("Rural west", " Bluebell Care Partners does not take Rural west: take the offer back, or ask it."), ("Coastal", "")])
def test_a_single_offer_says_so_from_the_person_and_from_the_offers(programme, sign_in, zone, more):
    takes(programme, hours=100)
    person, client = waiting(programme, zone=zone), sign_in("CO", programme)
    said = []
    for name, provider, args in (("person-act", people.incoming(programme), ["offer"]), ("offer-again", people.incoming(programme), [])):
        if name == "offer-again":
            person = waiting(programme, zone=zone)
        address = reverse(f"transfers:{name}", args=[programme.ref, person.public_id, *args])
        version = client.get(address).context["form"].initial["version"]
        said.append([str(message) for message in client.post(address, {"provider": provider.pk, "version": version}, follow=True).context["messages"]])
    assert said == [[f"The offer is made.{more}"], [f"Offered to Bluebell Care Partners.{more}"]]
