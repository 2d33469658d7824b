"""An offer shows package, zone and needs without a name; the record opens after acceptance and the sharing decision (domain 8)."""

import re
from datetime import date

import pytest
from django.urls import reverse

from mobilisation.clock import today
from mobilisation.components import short_date
from mobilisation.models import AccessLog, Change
from tests.factories import ground, people
from transfers.models import Allocation, PersonTransfer
from transfers.services import offers
from transfers.services import people as services

pytestmark = pytest.mark.django_db
SECRETS = {
    "surname": "Featherstonehaugh", "forename": "Wilhelmina", "address": "9 Quince Lane", "postcode": "CT6 5BS", "nhs_number": "9990000492", "phone": "01632 960001", "notes": "Cat Socks bites",
    "representative_name": "Barnaby Oakhurst", "case_system_id": "SW999111",
}
SHOWN = {"zone": "Coastal", "weekly_hours": "14", "visits_per_day": "4", "dementia": True, "double_handed": True, "medication_level": "prompt", "equipment": "Hoist", "priority": "R"}


@pytest.fixture
def offered(programme):
    person = people.person(programme, done=people.ready_up_to("C08"), planned_transfer_date=date(2027, 4, 1), **SECRETS, **SHOWN)
    services.offer(person, people.incoming(programme), actor=ground.actor("OL", programme), on=date(2027, 3, 1))
    return person


def page(client, programme):
    return client.get(reverse("transfers:offer-list", args=[programme.ref]))


def test_the_provider_asked_sees_package_zone_and_needs_and_no_name(programme, sign_in, offered):
    client = sign_in("IP", programme, organisation=people.incoming(programme))
    answer = page(client, programme)
    text = answer.content.decode()
    assert [word for word in SECRETS.values() if word in text] == []
    (offer,) = answer.context["offers"]
    assert (offer.reference, offer.zone, offer.package, offer.needs, offer.medication, offer.equipment) == (
        offered.public_id, "Coastal", "14 hours a week, 4 visits a day, 08:00", "dementia, double-handed", "Prompt", "Hoist",
    )
    assert client.get(reverse("transfers:person-detail", args=[programme.ref, offered.public_id])).status_code == 404
    assert AccessLog.objects.get(subject="offers").object_ids == [offered.public_id]


@pytest.mark.parametrize("role", ["IP", "XP", "BM", "FIN", "COM"])
def test_nobody_else_sees_it(programme, sign_in, offered, role):
    organisation = people.incoming(programme, "Oyster Bay Care Ltd") if role == "IP" else offered.exiting_provider if role == "XP" else None
    answer = page(sign_in(role, programme, organisation=organisation), programme)
    assert (answer.status_code, answer.context["offers"] if role == "IP" else []) == (200 if role == "IP" else 404, [])


def test_it_leaves_the_page_when_the_record_opens(programme, sign_in, offered):
    client = sign_in("IP", programme, organisation=people.incoming(programme))
    PersonTransfer.objects.update(allocation_response="accepted", sharing_basis="")
    assert [offer.answered for offer in page(client, programme).context["offers"]] == [True]
    PersonTransfer.objects.update(sharing_basis="consent")
    assert page(client, programme).context["offers"] == []
    assert client.get(reverse("transfers:person-detail", args=[programme.ref, offered.public_id])).status_code == 200


@pytest.mark.parametrize(("basis", "said"), [("", "The record opens once"), ("consent", "the record is open to you")])
def test_an_acceptance_says_whether_the_record_is_open(programme, sign_in, offered, basis, said):
    PersonTransfer.objects.update(sharing_basis=basis)
    client = sign_in("IP", programme, organisation=people.incoming(programme))
    url = reverse("transfers:offer-answer", args=[programme.ref, offered.public_id])
    seen = client.get(url).context["form"].initial["version"]
    answer = client.post(url, {"response": "accepted", "version": seen}, follow=True)
    assert [said in str(message) for message in answer.context["messages"]] == [True]


def test_the_team_sees_what_waits_and_finds_a_person_by_the_reference(programme, sign_in, offered):
    client = sign_in("MT", programme)
    assert [(offer.reference, offer.provider) for offer in page(client, programme).context["offers"]] == [(offered.public_id, "Bluebell Care Partners")]
    people.person(programme)
    found = client.post(reverse("transfers:person-list", args=[programme.ref]), {"term": offered.public_id.upper()}, follow=True)
    assert [person.public_id for person, _ in found.context["rows"]] == [offered.public_id]
    PersonTransfer.objects.filter(pk=offered.pk).update(allocation_response="accepted")
    assert page(client, programme).context["offers"] == []


@pytest.mark.parametrize("number", [1, 3])
def test_offers_cost_the_same_however_many(programme, sign_in, number, django_assert_num_queries):
    for _ in range(number):
        services.offer(people.person(programme), people.incoming(programme), actor=ground.actor("OL", programme))
    client = sign_in("IP", programme, organisation=people.incoming(programme))
    client.get("/glossary/")
    with django_assert_num_queries(10):
        answer = page(client, programme)
    assert len(answer.context["offers"]) == number


@pytest.mark.parametrize(("role", "reads"), [("IP", False), ("XP", False), ("MT", True)])
def test_no_provider_reads_who_else_was_asked_and_why_they_declined(programme, sign_in, offered, role, reads):
    actor = ground.actor("OL", programme)
    services.respond(offered, "declined", actor=ground.actor("CL", programme), reason="31 pounds an hour is too little")
    other = people.incoming(programme, "Oyster Bay Care Ltd")
    services.offer(offered, other, actor=actor)
    PersonTransfer.objects.update(allocation_response="accepted", sharing_basis="consent")
    organisation = {"IP": other, "XP": offered.exiting_provider}.get(role)
    text = sign_in(role, programme, organisation=organisation).get(reverse("transfers:person-detail", args=[programme.ref, offered.public_id])).content.decode()
    assert ("31 pounds an hour" in text, "Bluebell Care Partners" in text) == (reads, reads)


GONE = "This offer was taken back, or is no longer yours to answer."


def ended(programme, person, how):
    """The offer ends in one of the ways it can end."""
    lead, bluebell = ground.actor("OL", programme), ground.actor("IP", programme, people.incoming(programme))
    if how == "taken back":
        offers.withdraw(person, actor=lead, reason="Wrong zone")
    elif how == "declined":
        offers.answer(person, "declined", actor=bluebell, reason="No double-handed runs")
    elif how == "offered to another":
        services.offer(person, people.incoming(programme, "Oyster Bay Care Ltd"), actor=lead)
    else:
        services.end(person, "died", actor=lead, on=date(2026, 11, 2), why="the family rang")


@pytest.mark.parametrize("how", ["taken back", "declined", "offered to another", "died"])
def test_who_was_asked_once_reads_that_the_offer_no_longer_stands_and_nothing_else(programme, sign_in, offered, how):
    client = sign_in("IP", programme, organisation=people.incoming(programme))
    url = reverse("transfers:offer-answer", args=[programme.ref, offered.public_id])
    assert client.get(url).status_code == 200
    ended(programme, offered, how)
    before, declined = PersonTransfer.objects.values().get(), f"Your organisation declined this offer on {short_date(today())}."
    for answer, more in ((client.get(url), ""), (client.post(url, {"response": "accepted"}), " Nothing new was recorded.")):
        text = answer.content.decode()
        main = text[text.index("<main") : text.index("</main")]
        told = [*SECRETS.values(), offered.public_id, offered.row_ref, "Coastal", "14 hours", "dementia", "Wrong zone", "Oyster Bay", "died", "rang"]
        assert (answer.status_code, f"{declined if how == 'declined' else GONE}{more} The offers that wait for you are under" in text, [word for word in told if word and word in main]) == (410, True, [])
        assert f'<a href="{reverse("transfers:offer-list", args=[programme.ref])}">Offers</a>' in main
    assert PersonTransfer.objects.values().get() == before


@pytest.mark.parametrize("role", ["IP", "XP", "MT", "BM"])
def test_nobody_else_is_told_whether_an_offer_ever_was(programme, sign_in, offered, role):
    organisation = {"IP": people.incoming(programme, "Oyster Bay Care Ltd"), "XP": offered.exiting_provider}.get(role)
    client = sign_in(role, programme, organisation=organisation)
    ended(programme, offered, "taken back")
    never = people.person(programme)
    answers = [client.get(reverse("transfers:offer-answer", args=[programme.ref, one])) for one in (offered.public_id, never.public_id, "nobody")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert [GONE in answer.content.decode() for answer in answers] == [False, False, False]


def test_an_id_that_never_was_stays_unknown_to_who_was_asked_of_somebody_else(programme, sign_in, offered):
    client = sign_in("IP", programme, organisation=people.incoming(programme))
    never, elsewhere = people.person(programme), ground.provider_exit("ELSEWHERE")
    services.offer(people.person(elsewhere), people.incoming(elsewhere), actor=ground.actor("OL", elsewhere))
    asked = [(programme.ref, never.public_id), (programme.ref, "nobody"), (programme.ref, PersonTransfer.objects.get(programme=elsewhere).public_id), (elsewhere.ref, PersonTransfer.objects.get(programme=elsewhere).public_id)]
    assert [client.get(reverse("transfers:offer-answer", args=args)).status_code for args in asked] == [404, 404, 404, 404]


def test_an_offer_accepted_leads_to_the_record_that_is_open(programme, sign_in, offered):
    client = sign_in("IP", programme, organisation=people.incoming(programme))
    url = reverse("transfers:offer-answer", args=[programme.ref, offered.public_id])
    offers.answer(offered, "accepted", actor=ground.actor("IP", programme, people.incoming(programme)))
    PersonTransfer.objects.update(sharing_basis="direct_care")
    answer = client.get(url, follow=True)
    assert answer.redirect_chain == [(reverse("transfers:person-detail", args=[programme.ref, offered.public_id]), 302)]
    assert [str(message) for message in answer.context["messages"]] == ["Your organisation has answered this offer, and the record is open to you."]
    answer = client.post(url, {"response": "declined", "reason": "too far"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["Your organisation has answered this offer, and the record is open to you. Nothing new was recorded."]
    assert PersonTransfer.objects.get().allocation_response == "accepted"


def test_a_second_answer_from_an_older_page_is_shown_what_stands_and_keeps_what_was_typed(programme, sign_in, offered):
    """Accepted in one tab, declined in another: nothing is recorded until it is sent again, and then it takes the place of the first."""
    PersonTransfer.objects.update(sharing_basis="")
    client = sign_in("IP", programme, organisation=people.incoming(programme))
    url = reverse("transfers:offer-answer", args=[programme.ref, offered.public_id])
    seen = client.get(url).context["form"].initial["version"]
    assert client.post(url, {"response": "accepted", "reason": "", "version": seen}).status_code == 302
    before = Change.objects.count(), list(Allocation.objects.values())

    answer = client.post(url, {"response": "declined", "reason": "Too far for our rounds", "version": seen})

    form, text = answer.context["form"], answer.content.decode()
    assert (answer.status_code, answer.context["title"], form["response"].value(), form["reason"].value()) == (422, "Answer the offer", "declined", "Too far for our rounds")
    assert (f"Recorded: accepted on {short_date(today())}. What you send now takes its place." in text, "while this page was open" in text, "Take the answer back" in text) == (True, True, False)
    assert (Change.objects.count(), list(Allocation.objects.values())) == before

    answer = client.post(url, {"response": "declined", "reason": "", "version": form["version"].value()})
    assert (answer.status_code, "Say why you decline." in answer.content.decode(), Change.objects.count()) == (422, True, before[0])
    assert client.post(url, {"response": "declined", "reason": "Too far for our rounds", "version": form["version"].value()}).status_code == 302
    assert list(Allocation.objects.values_list("response", "reason", "current")) == [("declined", "Too far for our rounds", False)]
    assert PersonTransfer.objects.get().allocation_response == "declined"


def test_an_answer_that_cannot_be_taken_back_any_more_is_offered_nowhere_and_says_so(programme, sign_in, offered):
    PersonTransfer.objects.update(sharing_basis="")
    offered.refresh_from_db()
    client = sign_in("IP", programme, organisation=people.incoming(programme))
    url = reverse("transfers:offer-answer", args=[programme.ref, offered.public_id])
    offers.answer(offered, "accepted", actor=ground.Actor.of(client.user, programme))
    assert (url in page(client, programme).content.decode(), client.get(url).status_code) == (True, 200)
    programme.thresholds = {"undo_minutes": 0}
    programme.save()
    answer = client.get(url)
    assert (url in page(client, programme).content.decode(), answer.status_code) == (False, 410)
    assert "Your organisation has accepted this offer, and the answer can no longer be taken back here: ask the mobilisation team." in answer.content.decode()


def test_the_team_reads_names_where_the_provider_asked_reads_a_reference(programme, sign_in, offered):
    shown = page(sign_in("MT", programme), programme).content.decode()
    link = reverse("transfers:person-detail", args=[programme.ref, offered.public_id])
    assert (f'<a href="{link}">Featherstonehaugh, Wilhelmina</a>' in shown, '<th scope="col">Person</th>' in shown) == (True, True)
    asked = page(sign_in("IP", programme, organisation=people.incoming(programme)), programme)
    text = asked.content.decode()
    assert ([offer.name for offer in asked.context["offers"]], "Featherstonehaugh" in text, "Wilhelmina" in text, '<th scope="col">Reference</th>' in text) == ([""], False, False, True)


@pytest.mark.parametrize("response", ["offered", "declined"])
def test_the_next_provider_is_offered_from_the_page_that_shows_what_stands(programme, sign_in, offered, response):
    if response == "declined":
        offers.answer(offered, "declined", actor=ground.actor("IP", programme, people.incoming(programme)), reason="No carers there")
    other = people.incoming(programme, "Oyster Bay Care Ltd")
    client, url = sign_in("OL", programme), reverse("transfers:offer-again", args=[programme.ref, offered.public_id])
    shown = client.get(url)
    version = re.search(r'name="version" value="([^"]+)"', shown.content.decode())[1]
    answer = client.post(url, {"provider": other.pk, "wave": "1", "preference": "", "version": version})
    assert (answer.status_code, list(Allocation.objects.filter(current=True).values_list("provider__name", "response"))) == (302, [("Oyster Bay Care Ltd", "offered")])
    # Decided on what stands no longer: refused, and nothing is written.
    again = client.post(url, {"provider": people.incoming(programme).pk, "wave": "1", "preference": "", "version": version})
    assert (again.status_code, Allocation.objects.count()) == (422, 2)
