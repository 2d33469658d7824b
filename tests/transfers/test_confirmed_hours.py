"""What a provider can take is confirmed by somebody, on a day, from staff it has: the rest is shown and nobody is proposed on it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from mobilisation.clock import today
from mobilisation.errors import Conflict, NotPermitted, Refused
from mobilisation.models import Change
from tests.factories import ground, people
from transfers.models import ProviderCapacity
from transfers.services import allocation

pytestmark = pytest.mark.django_db
CONFIRMED = {"confirmed_on": date(2026, 11, 2), "confirmed_by": "Rota desk", "staffing": "Rota of 2 November"}
NOTHING = {"confirmed_on": None, "confirmed_by": "", "staffing": ""}


def row(programme, **more):
    values = {"provider": people.incoming(programme), "zone": "Coastal", "weekly_hours": Decimal(20), "packages": None, "from_date": date(2027, 1, 4), "note": ""} | more
    return allocation.add_capacity(programme, values, actor=ground.actor("CL", programme))


def confirmation(capacity):
    return {name: getattr(ProviderCapacity.objects.get(pk=capacity.pk), name) for name in NOTHING}


def posted(client, programme, capacity=None, **more):
    """The form as its page holds it, with ``more`` typed over it."""
    address = reverse("transfers:capacity-edit", args=[programme.ref, capacity.public_id]) if capacity else reverse("transfers:capacity-add", args=[programme.ref])
    form = client.get(address).context["form"]
    return address, {name: field.value() if field.value() is not None else "" for name, field in ((field.name, field) for field in form)} | more


def test_unconfirmed_hours_stand_on_the_page_and_propose_nobody(programme, sign_in):
    capacity = row(programme)
    people.person(programme, done=people.ready_up_to("C05"), zone="Coastal", weekly_hours=Decimal(14), priority="R")
    client = sign_in("MT", programme)
    page = client.get(reverse("transfers:allocation", args=[programme.ref]))
    assert (page.context["placed"], [line.why for line in page.context["nobody"]]) == (0, ["Bluebell Care Partners has confirmed no hours (20 hours there are not confirmed and not used)."])
    (group,) = page.context["groups"]
    assert group.words == "0 hours a week offered or accepted, 0 proposed, of 0 confirmed: 0 left; 20 more are not confirmed and not used"
    kept = client.get(reverse("transfers:capacity-list", args=[programme.ref]))
    assert kept.context["unconfirmed"] == "20 hours a week are not confirmed"
    assert "Not confirmed" in kept.content.decode()
    allocation.change_capacity(capacity, CONFIRMED, actor=ground.actor("CL", programme))
    page = client.get(reverse("transfers:allocation", args=[programme.ref]))
    assert ([one.why for group in page.context["groups"] for one in group.rows], page.context["nobody_count"]) == (["Takes Coastal, 20 confirmed hours left before this"], 0)
    text = client.get(reverse("transfers:capacity-list", args=[programme.ref])).content.decode()
    assert "Rota desk, 2 Nov 2026: Rota of 2 November" in text
    assert "are not confirmed" not in text


def test_who_when_and_from_which_staffing_stand_in_the_history(programme):
    capacity = row(programme)
    change = allocation.change_capacity(capacity, CONFIRMED, actor=ground.actor("CO", programme))
    assert change.fields == {"confirmed_on": [None, "2026-11-02"], "confirmed_by": ["", "Rota desk"], "staffing": ["", "Rota of 2 November"]}
    assert confirmation(capacity) == CONFIRMED
    allocation.remove_capacity(capacity, actor=ground.actor("CO", programme))
    gone = Change.objects.get(action="capacity removed").fields
    assert (gone["confirmed_on"], gone["confirmed_by"], gone["staffing"]) == (["2026-11-02", None], ["Rota desk", None], ["Rota of 2 November", None])


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_hours_are_not_half_confirmed(programme, name):
    with pytest.raises(Refused) as refused:
        row(programme, **(CONFIRMED | {name: NOTHING[name]}))
    assert [(reason.field, reason.text) for reason in refused.value.reasons] == [(name, f"Enter {allocation.CONFIRMATION[name]} as well, or leave all three empty.")]
    capacity = row(programme, **CONFIRMED)
    with pytest.raises(Refused):
        allocation.change_capacity(capacity, {name: NOTHING[name]}, actor=ground.actor("CL", programme))
    with pytest.raises(IntegrityError), transaction.atomic():
        ProviderCapacity.objects.filter(pk=capacity.pk).update(**{name: NOTHING[name]})
    assert (confirmation(capacity), ProviderCapacity.objects.count(), Change.objects.filter(entity="transfers.providercapacity").count()) == (CONFIRMED, 1, 1)


def test_what_is_still_to_be_confirmed_is_not_confirmed(programme):
    with pytest.raises(Refused, match="is not confirmed"):
        row(programme, **(CONFIRMED | {"confirmed_on": today() + timedelta(days=1)}))
    assert ProviderCapacity.objects.count() == 0


@pytest.mark.parametrize("values", [{"weekly_hours": Decimal(30)}, {"zone": "Marsh"}, {"packages": 4}, {"from_date": date(2027, 2, 1)}, {"weekly_hours": Decimal(30), "confirmed_by": "Rota desk"}])
def test_with_another_figure_the_confirmation_lapses(programme, values):
    capacity = row(programme, **CONFIRMED)
    change = allocation.change_capacity(capacity, values, actor=ground.actor("CL", programme))
    assert (confirmation(capacity), change.fields["confirmed_on"]) == (NOTHING, ["2026-11-02", None])


@pytest.mark.parametrize("values", [{"note": "Mornings"}, {"weekly_hours": Decimal("20.00")}, {"zone": "Coastal", "note": "Mornings"}])
def test_with_the_same_figures_it_stays(programme, values):
    capacity = row(programme, **CONFIRMED)
    allocation.change_capacity(capacity, values, actor=ground.actor("CL", programme))
    assert confirmation(capacity) == CONFIRMED


def test_another_figure_confirmed_in_the_same_save_is_confirmed(programme, sign_in):
    capacity, client = row(programme, **CONFIRMED), sign_in("CL", programme)
    address, data = posted(client, programme, capacity, weekly_hours="30", confirmed_on="2026-11-09")
    assert "Saved. The proposal counts with it." in client.post(address, data, follow=True).content.decode()
    assert confirmation(capacity) == CONFIRMED | {"confirmed_on": date(2026, 11, 9)}
    address, data = posted(client, programme, capacity, weekly_hours="31")
    assert "It is not confirmed any more" in client.post(address, data, follow=True).content.decode()
    assert confirmation(capacity) == NOTHING
    address, data = posted(client, programme, capacity, **{name: str(value) for name, value in CONFIRMED.items()})
    assert client.post(address, data).status_code == 302
    assert (confirmation(capacity), ProviderCapacity.objects.get().weekly_hours) == (CONFIRMED, 31)


def test_nobody_confirms_figures_that_changed_while_the_page_was_open(programme, sign_in):
    capacity, client = row(programme), sign_in("CL", programme)
    address, data = posted(client, programme, capacity, **{name: str(value) for name, value in CONFIRMED.items()})
    allocation.change_capacity(ProviderCapacity.objects.get(), {"weekly_hours": Decimal(200)}, actor=ground.actor("CO", programme))
    refused = client.post(address, data)
    assert (refused.status_code, confirmation(capacity)) == (422, NOTHING)
    (fault,) = refused.context["form"].errors["weekly_hours"]
    assert "200" in fault
    # The page shows what stands now; the next save is about that.
    again = {field.name: field.value() if field.value() is not None else "" for field in refused.context["form"]}
    assert (again["weekly_hours"], client.post(address, again).status_code) == ("200.00", 302)
    assert (confirmation(capacity), ProviderCapacity.objects.get().weekly_hours) == (CONFIRMED, 200)


def test_whoever_changes_a_figure_beside_a_confirmation_is_told(programme):
    capacity = row(programme)
    stale = ProviderCapacity.objects.get()
    allocation.change_capacity(capacity, CONFIRMED, actor=ground.actor("CO", programme))
    with pytest.raises(Conflict):
        allocation.change_capacity(stale, {"weekly_hours": Decimal(30)}, actor=ground.actor("CL", programme), expected_version=1)
    assert (confirmation(capacity), ProviderCapacity.objects.get().weekly_hours) == (CONFIRMED, 20)


@pytest.mark.parametrize("role", ["IP", "XP", "BM"])
def test_the_team_keeps_what_is_confirmed(programme, role):
    capacity = row(programme)
    organisation = {"IP": people.incoming(programme), "XP": people.person(programme).exiting_provider}.get(role)
    actor = ground.actor(role, programme, organisation)
    with pytest.raises(NotPermitted):
        allocation.change_capacity(capacity, CONFIRMED, actor=actor)
    assert confirmation(capacity) == NOTHING
