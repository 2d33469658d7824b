"""The page of waves: counts, what is out of order, and a suggestion that becomes a change to many."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from mobilisation.clock import today
from mobilisation.models import AccessLog, Change
from tests.factories import ground, people
from transfers.models import Batch, PersonTransfer, ProviderCapacity
from transfers.services import people as services

pytestmark = pytest.mark.django_db


def url(programme):
    return reverse("transfers:waves", args=[programme.ref])


def confirmed(programme, hours, name="Bluebell Care Partners", **more):
    values = {"zone": "", "weekly_hours": hours, "from_date": today(), "confirmed_on": today(), "confirmed_by": "Rota desk", "staffing": "Rota"} | more
    return ProviderCapacity.objects.create(programme=programme, provider=people.incoming(programme, name), **values)


def who(programme, priority="G", wave="", hours=10, days=30, moved=False, **more):
    return people.person(programme, done=people.ready_up_to("C15" if moved else "C03"), priority=priority, wave=wave, weekly_hours=None if hours is None else Decimal(hours), planned_transfer_date=today() + timedelta(days=days), **more)


def test_a_red_person_in_a_later_wave_is_told_here_and_on_the_proposal(programme, sign_in):
    who(programme, "G", "Wave 1"), who(programme, "G", "Wave 1", moved=True, days=-3), who(programme, "R", "Wave 2", days=40), who(programme, "R", "Wave 3", days=50)
    services.end(who(programme, "R", "Wave 3", days=50), "died", actor=ground.actor("OL", programme), on=date(2026, 11, 1), why="the family rang")
    words = ["Wave 2 holds 1 Red person still to move, Wave 1 before it 1 Green person.", "Wave 3 holds 1 Red person still to move, Wave 1 before it 1 Green person."]
    client = sign_in("OL", programme)
    page = client.get(url(programme))
    assert [clash.words for clash, _ in page.context["clashes"]] == words
    # Each leads to exactly its rows.
    assert [{(person.wave, person.priority) for person, _ in client.get(address).context["rows"]} for _, address in page.context["clashes"]] == [{("Wave 2", "R")}, {("Wave 3", "R")}]
    assert [(wave.name, wave.moved, wave.to_move) for wave in page.context["waves"]] == [("Wave 1", 1, 1), ("Wave 2", 0, 1), ("Wave 3", 0, 1)]
    assert list(client.get(reverse("transfers:allocation", args=[programme.ref])).context["clashes"]) == words
    PersonTransfer.objects.filter(wave="Wave 1").update(priority="A")
    assert (client.get(url(programme)).context["clashes"], client.get(reverse("transfers:allocation", args=[programme.ref])).context["clashes"]) == ([], ())


def test_each_wave_is_set_against_the_hours_confirmed_by_its_first_day(programme, sign_in):
    who(programme, "R", "Wave 1", 12), who(programme, "A", "Wave 2", 20, 60), who(programme, "A", "Wave 2", None, 60)
    confirmed(programme, 15)
    confirmed(programme, 10, from_date=today() + timedelta(days=50))
    confirmed(programme, 500, "Seasalter Home Support CIC", confirmed_on=None, confirmed_by="", staffing="")
    page = sign_in("OL", programme).get(url(programme))
    assert [(wave.by_then, wave.confirmed, wave.short, wave.unknown) for wave in page.context["waves"]] == [(12, 15, 0, 0), (32, 25, 7, 1)]
    assert "7 hours short" in page.content.decode()
    assert AccessLog.objects.filter(programme=programme).count() == 0, "numbers only: nobody was looked at"


def test_what_is_suggested_becomes_a_change_that_is_shown_confirmed_and_undone(programme, sign_in):
    who(programme, "R", "Wave 1", 10), who(programme, "A", "Wave 2", 10, 60)
    confirmed(programme, 45)
    red, green, unrated, moved = who(programme, "R"), who(programme, "G"), who(programme, ""), who(programme, "R", moved=True, hours=1)
    client = sign_in("OL", programme)
    page = client.get(url(programme))
    assert (page.context["without"], page.context["many"], page.context["suggested"]) == (3, 2, [("Wave 1", {"R": 1, "A": 0, "G": 0}), ("Wave 2", {"R": 0, "A": 0, "G": 1})])
    assert page.context["nobody"] == [("not rated yet", 1)]
    before = Change.objects.filter(entity="transfers.persontransfer").count()

    shown = client.post(url(programme))

    batch = Batch.objects.get()
    assert (shown.status_code, shown.url) == (302, reverse("transfers:batch-detail", args=[programme.ref, batch.public_id]))
    assert (batch.kind, batch.state, batch.what, batch.changed) == ("change", "proposed", "Wave, by priority", 2)
    assert {(line.person_id, line.field, line.new) for line in batch.lines.all()} == {(red.pk, "wave", "Wave 1"), (green.pk, "wave", "Wave 2")}
    assert (set(PersonTransfer.objects.filter(wave="").values_list("pk", flat=True)), Change.objects.filter(entity="transfers.persontransfer").count()) == ({red.pk, green.pk, unrated.pk, moved.pk}, before)

    client.post(shown.url, {"confirm": "1"})
    assert dict(PersonTransfer.objects.filter(pk__in=[red.pk, green.pk, unrated.pk]).values_list("pk", "wave")) == {red.pk: "Wave 1", green.pk: "Wave 2", unrated.pk: ""}
    client.post(reverse("transfers:batch-undo", args=[programme.ref, batch.public_id]), {"reason": "Too early"})
    assert set(PersonTransfer.objects.filter(wave="").values_list("pk", flat=True)) == {red.pk, green.pk, unrated.pk, moved.pk}


def test_without_confirmed_hours_nothing_is_suggested_or_changed(programme, sign_in):
    who(programme, "R")
    confirmed(programme, 500, confirmed_on=None, confirmed_by="", staffing="")
    confirmed(programme, 500, from_date=date(2027, 1, 1)).provider.party_to.all().delete()
    client = sign_in("OL", programme)
    assert (client.get(url(programme)).context["many"], client.get(url(programme)).context["nobody"]) == (0, [("no wave has confirmed hours left for them", 1)])
    answer = client.post(url(programme), follow=True)
    assert "There is nothing to suggest any more" in answer.content.decode()
    assert (Batch.objects.count(), PersonTransfer.objects.get().wave) == (0, "")


@pytest.mark.parametrize("role", ["XP", "IP", "BM", "FIN", "COM", "SRO"])
def test_it_is_for_the_team(programme, sign_in, role):
    organisation = {"IP": people.incoming(programme), "XP": people.person(programme).exiting_provider}.get(role)
    client = sign_in(role, programme, organisation=organisation)
    assert (client.get(url(programme)).status_code, client.post(url(programme)).status_code) == (404, 404)


@pytest.mark.parametrize("number", [1, 4])
def test_it_costs_the_same_however_many(programme, sign_in, number, django_assert_num_queries):
    confirmed(programme, 500)
    for n in range(number):
        who(programme, "R", f"Wave {n}")
        who(programme, "R")
    client = sign_in("MT", programme)
    client.get("/glossary/")
    with django_assert_num_queries(7):
        page = client.get(url(programme))
    assert (len(page.context["waves"]), page.context["many"]) == (number, number)
