"""The proposal page: who is shown, offers made together, refusals before and after, two managers at once."""

import threading
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from django.db import connections
from django.urls import reverse

from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import AccessLog, Change, ContractParty, Notification
from tests.at_once import together
from tests.factories import ground, people
from transfers.models import Allocation, Batch, BatchLine, PersonTransfer, ProviderCapacity
from transfers.services import allocation, batches, offers
from transfers.services import people as services
from transfers.services.batches import undoing
from transfers.services.seen import Seen

pytestmark = pytest.mark.django_db
OFFERED = 45
"""Statements to offer from the proposal."""


CONFIRMED = {"confirmed_on": date(2026, 11, 2), "confirmed_by": "Rota desk", "staffing": "Rota of 2 November"}


def takes(programme, name="Bluebell Care Partners", hours=20, zone="Coastal", **more):
    values = {"provider": people.incoming(programme, name), "zone": zone, "weekly_hours": Decimal(hours), "packages": None, "from_date": date(2027, 1, 4), "note": ""} | CONFIRMED | more
    return allocation.add_capacity(programme, values, actor=ground.actor("CL", programme))


def waiting(programme, **more):
    return people.person(programme, done=people.ready_up_to("C05"), **({"zone": "Coastal", "weekly_hours": Decimal(14), "priority": "A", "planned_transfer_date": date(2027, 4, 1)} | more))


def url(programme):
    return reverse("transfers:allocation", args=[programme.ref])


def tick(*pairs):
    return {"take": [p.public_id for p, _ in pairs], **{f"to-{p.public_id}": one.public_id for p, one in pairs}, **{f"seen-{p.public_id}": str(p.version) for p, _ in pairs}}


def test_the_page_proposes_by_provider_and_says_why_nobody_fits(programme, sign_in):
    takes(programme)
    red, amber, far = waiting(programme, priority="R"), waiting(programme), waiting(programme, zone="Inland")
    waiting(programme, incoming_provider=people.incoming(programme), weekly_hours=Decimal(6), allocation_response="accepted")
    services.end(waiting(programme), "died", actor=ground.actor("OL", programme), on=date(2026, 11, 1), why="the family rang")
    page = sign_in("MT", programme).get(url(programme))
    (group,) = [one for one in page.context["groups"] if one.provider.name == "Bluebell Care Partners"]
    assert [(row.person.pk, row.why) for row in group.rows] == [(red.pk, "Takes Coastal, 14 confirmed hours left before this")]
    assert (group.before, group.proposed, group.takes) == (6, 14, 20)
    assert {row.person.pk: row.why for row in page.context["nobody"]} == {amber.pk: "Bluebell Care Partners has 0 confirmed hours left, 14 are needed.", far.pk: "Bluebell Care Partners does not take Inland."}
    assert set(AccessLog.objects.get(subject="allocation").object_ids) == {red.public_id, amber.public_id, far.public_id}


@pytest.mark.parametrize("role", ["XP", "IP", "BM", "FIN", "COM", "SRO"])
def test_no_provider_and_nobody_without_people_opens_it(programme, sign_in, role):
    organisation = {"IP": people.incoming(programme), "XP": people.person(programme).exiting_provider}.get(role)
    client = sign_in(role, programme, organisation=organisation)
    assert {client.get(reverse(f"transfers:{name}", args=[programme.ref])).status_code for name in ("allocation", "capacity-list", "capacity-add")} == {404}


def test_ticked_lines_are_previewed_and_offered_as_one_batch(programme, sign_in):
    takes(programme, hours=100)
    blue, sea = people.incoming(programme), people.incoming(programme, "Seasalter Home Support CIC")
    one, two, gone = waiting(programme), waiting(programme), waiting(programme)
    data = tick((one, blue), (two, sea), (gone, blue))
    services.end(gone, "withdrawn", actor=ground.actor("OL", programme), on=date(2026, 11, 1), why="the family rang")
    ip = ground.user_in("IP", programme, sea)
    client = sign_in("CO", programme)
    before = Allocation.objects.count(), Change.objects.count()

    shown = client.post(url(programme), data)

    assert {(p.pk, provider.pk) for p, provider, *_ in shown.context["made"]} == {(one.pk, blue.pk), (two.pk, sea.pk)}
    assert [(p.pk, why) for p, _, why in shown.context["refused"]] == [(gone.pk, "This person is recorded as withdrawn. Take the ending back first, if it is wrong.")]
    assert shown.context["over"] == ["Seasalter Home Support CIC would have 14 hours a week more than it has confirmed."]
    assert (Allocation.objects.count(), Change.objects.count()) == before

    done = client.post(url(programme), data | {"confirmed": "1"} | shown.context["told"], follow=True)

    batch = Batch.objects.get()
    assert (batch.kind, batch.state, batch.picked, batch.changed, batch.refused, batch.made_by) == ("offer", "done", "3 ticked in the proposal", 2, 1, client.user)
    made = {offer.person_id: offer for offer in Allocation.objects.filter(current=True)}
    assert {(line.person_id, line.new, line.outcome, line.record) for line in batch.lines.all()} == {
        (one.pk, blue.pk, "done", made[one.pk].pk), (two.pk, sea.pk, "done", made[two.pk].pk), (gone.pk, blue.pk, "refused", None),
    }
    assert {(offer.person_id, offer.provider_id) for offer in made.values()} == {(one.pk, blue.pk), (two.pk, sea.pk)}
    assert reverse("transfers:batch-detail", args=[programme.ref, batch.public_id]) in done.content.decode()
    assert set(PersonTransfer.objects.filter(allocation_response="offered").values_list("pk", flat=True)) == {one.pk, two.pk}
    assert "2 people are offered" in done.content.decode()
    notice = Notification.objects.get(user=ip)
    assert (notice.subject, notice.body) == (f"{programme.reference}: 1 person is offered to you", "")


def test_hours_that_another_page_offered_meanwhile_are_counted_before_anybody_is_offered(programme, sign_in):
    """Two previews of 10.5 of 18.5 hours each say nothing; the second to confirm is told, and is offered what it asked once it was."""
    takes(programme, hours=Decimal("18.5"))
    blue, one, two = people.incoming(programme), waiting(programme, weekly_hours=Decimal("10.5")), waiting(programme, weekly_hours=Decimal("10.5"))
    client = sign_in("CO", programme)
    assert [client.post(url(programme), tick((person, blue))).context["over"] for person in (one, two)] == [[], []]
    assert "1 person is offered" in client.post(url(programme), tick((one, blue)) | {"confirmed": "1"}, follow=True).content.decode()
    before = Allocation.objects.count(), Change.objects.count(), Batch.objects.count(), Notification.objects.count()

    refused = client.post(url(programme), tick((two, blue)) | {"confirmed": "1"})

    words = "Bluebell Care Partners would have 2.5 hours a week more than it has confirmed."
    assert (refused.status_code, refused.context["over"], [row[0].pk for row in refused.context["made"]]) == (422, [words], [two.pk])
    assert f"Nobody is offered yet, because something changed while this page was open. {words}" in refused.content.decode()
    assert (Allocation.objects.count(), Change.objects.count(), Batch.objects.count(), Notification.objects.count()) == before
    assert standing(two) == (None, "")

    assert f'<input type="hidden" name="told-{blue.public_id}" value="2.50">' in refused.content.decode()
    client.post(url(programme), tick((two, blue)) | {"confirmed": "1"} | refused.context["told"])
    assert standing(two) == (blue.pk, "offered")


def test_more_over_than_the_page_said_is_refused_with_both_figures(programme, sign_in):
    takes(programme, hours=10)
    blue, person, other = people.incoming(programme), waiting(programme), waiting(programme, weekly_hours=Decimal(3))
    client = sign_in("CO", programme)
    told = client.post(url(programme), tick((person, blue))).context["told"]
    services.offer(other, blue, actor=ground.actor("OL", programme))
    answer = client.post(url(programme), tick((person, blue)) | {"confirmed": "1"} | told)
    assert (answer.status_code, "Bluebell Care Partners would have 7 hours a week more than it has confirmed, not 4." in answer.content.decode()) == (422, True)
    assert standing(person) == (None, "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.only("postgresql", "SQLite has one writer at a time")
def test_of_two_that_confirm_at_once_one_is_told_that_it_is_too_much():
    programme = ground.provider_exit()
    takes(programme, hours=Decimal("18.5"))
    blue, ol = people.incoming(programme), ground.actor("OL", programme)
    chosen = [waiting(programme, weekly_hours=Decimal("10.5")) for _ in range(2)]
    found = together(*(lambda person=person: offers.offer_many(programme, [offers.Wish(person, blue)], actor=ol, told={}) for person in chosen))
    assert sorted(type(one).__name__ for one in found) == ["Offered", "Refused"]
    assert PersonTransfer.objects.filter(incoming_provider=blue).count() == 1


def test_a_page_that_was_open_meanwhile_offers_nobody_twice(programme, sign_in):
    blue, sea = people.incoming(programme), people.incoming(programme, "Seasalter Home Support CIC")
    person = waiting(programme)
    data = tick((person, sea))
    services.offer(person, blue, actor=ground.actor("OL", programme))
    client = sign_in("CO", programme)
    shown = client.post(url(programme), data)
    assert [why for _, _, why in shown.context["refused"]] == ["Changed while the page was open: the proposal is worked out anew."]
    text = client.post(url(programme), data | {"confirmed": "1"}, follow=True).content.decode()
    assert "was not offered to Seasalter Home Support CIC: Incoming provider:" in text
    assert list(Allocation.objects.values_list("provider_id", "current")) == [(blue.pk, True)]


def test_a_couple_whose_partner_moves_already_is_proposed_to_the_same_provider(programme):
    takes(programme, hours=500)
    takes(programme, "Seasalter Home Support CIC", hours=20)
    home = {"address": "9 Quince Lane", "postcode": "CT6 5BS"}
    services.offer(waiting(programme, **home, weekly_hours=Decimal(5)), people.incoming(programme, "Seasalter Home Support CIC"), actor=ground.actor("OL", programme))
    partner = waiting(programme, **home)
    (line,) = allocation.standing(programme).proposal.lines
    assert (line.key, line.provider) == (partner.public_id, people.incoming(programme, "Seasalter Home Support CIC").pk)


def test_the_exiting_provider_is_never_offered_its_own_person(programme):
    person = waiting(programme)
    ground.party(programme, person.exiting_provider.name, "incoming")
    takes(programme, person.exiting_provider.name, hours=500)
    assert allocation.standing(programme).proposal.nobody == ((person.public_id, "Meadowgate Homecare Ltd is the provider they leave."),)
    with pytest.raises(Refused, match="is the provider this person leaves"):
        services.offer(person, person.exiting_provider, actor=ground.actor("OL", programme))


@pytest.mark.parametrize("number", [1, 4])
def test_the_proposal_costs_the_same_however_many(programme, sign_in, number, django_assert_num_queries):
    takes(programme, hours=500)
    for _ in range(number):
        waiting(programme)
        waiting(programme, zone="Inland")
    client = sign_in("MT", programme)
    client.get("/glossary/")
    with django_assert_num_queries(14):
        page = client.get(url(programme))
    assert (page.context["placed"], page.context["nobody_count"]) == (number, number)


@pytest.mark.parametrize("number", [1, 4])
def test_offering_costs_the_same_however_many(programme, number, django_assert_num_queries):
    wishes = [offers.Wish(waiting(programme), people.incoming(programme)) for _ in range(number)]
    actor = ground.actor("MT", programme)
    with django_assert_num_queries(OFFERED):
        assert len(offers.offer_many(programme, wishes, actor=actor).made) == number


def test_each_offer_is_refused_by_itself_for_all_its_reasons_and_stops_no_other(programme):
    blue, stranger = people.incoming(programme), ground.organisation("Stranger Care")
    free, leaves = waiting(programme), waiting(programme)
    accepted = people.person(programme, done=people.ready_up_to("C09"), incoming_provider=blue, allocation_response="accepted")
    sea = people.incoming(programme, "Seasalter Home Support CIC")
    done = offers.offer_many(programme, [offers.Wish(leaves, stranger), offers.Wish(PersonTransfer.objects.get(pk=accepted.pk), sea), offers.Wish(free, sea)], actor=ground.actor("CO", programme))
    assert [(person.pk, provider.pk) for person, provider in done.made] == [(free.pk, sea.pk)]
    assert [(person.pk, why) for person, _, why in done.refused] == [
        (leaves.pk, "Stranger Care is not an incoming provider of this programme. Add it as a party first."), (accepted.pk, "C09 Incoming provider accepted is settled, for Bluebell Care Partners. Undo C09 before offering them to another provider."),
    ]
    assert (done.batch.state, done.batch.changed, done.batch.refused) == ("done", 1, 2)


def one_by_one(programme, chosen, provider, actor):
    for person in chosen:
        services.offer(person, provider, actor=actor)


def from_the_list(programme, chosen, provider, actor):
    batches.confirm(batches.propose(programme, "offer", "Offered", [batches.Wish(person.pk, "incoming_provider", provider) for person in chosen], actor=actor), actor=actor)


def from_the_proposal(programme, chosen, provider, actor):
    offers.offer_many(programme, [offers.Wish(person, provider) for person in chosen], actor=actor)


@pytest.mark.parametrize(("way", "said"), [(one_by_one, ["1 person is offered to you"] * 2), (from_the_list, ["2 people are offered to you"]), (from_the_proposal, ["2 people are offered to you"])])
def test_whichever_way_somebody_is_offered_the_provider_is_told_how_many(programme, way, said):
    blue = people.incoming(programme)
    asked, other = ground.user_in("IP", programme, blue), ground.user_in("IP", programme, people.incoming(programme, "Oyster Bay Care Ltd"))
    way(programme, [waiting(programme), waiting(programme)], blue, ground.actor("OL", programme))
    assert list(Notification.objects.filter(user=asked).values_list("subject", "body")) == [(f"{programme.reference}: {words}", "") for words in said]
    assert not Notification.objects.filter(user=other).exists()


@pytest.mark.parametrize("number", [1, 4])
def test_the_preview_costs_the_same_however_many(programme, number, django_assert_num_queries):
    wishes = [offers.Wish(waiting(programme), people.incoming(programme)) for _ in range(number)]
    actor = ground.actor("MT", programme)
    with django_assert_num_queries(6):  # two of them for the hours, which the page counted itself before
        assert len(offers.preview(programme, wishes, actor=actor).made) == number


def test_capacity_is_kept_by_the_team_with_its_history(programme, sign_in):
    client = sign_in("CL", programme)
    add = reverse("transfers:capacity-add", args=[programme.ref])
    blue = people.incoming(programme)
    values = {"provider": blue.pk, "zone": "Coastal", "weekly_hours": "1240", "packages": "", "from_date": "2027-03-01", "note": "Two new rounds"}
    assert client.post(add, values).status_code == 302
    kept = ProviderCapacity.objects.get()
    assert (kept.provider, kept.weekly_hours, kept.packages, kept.from_date) == (blue, 1240, None, date(2027, 3, 1))
    refused = client.post(add, values)
    assert (refused.status_code, refused.context["form"].errors["zone"]) == (422, [allocation.TWICE])
    stranger = client.post(add, values | {"provider": kept.programme.contracts.get().parties.get(role="exiting").organisation_id})
    assert (stranger.status_code, ProviderCapacity.objects.count()) == (422, 1)
    edit = reverse("transfers:capacity-edit", args=[programme.ref, kept.public_id])
    form = client.get(edit).context["form"]
    assert client.post(edit, values | {"weekly_hours": "55", "version": form["version"].value(), "was": form["was"].value()}).status_code == 302
    kept.refresh_from_db()
    assert (kept.weekly_hours, Change.objects.filter(entity="transfers.providercapacity").count()) == (55, 2)
    assert client.post(reverse("transfers:capacity-list", args=[programme.ref]), {"remove": kept.public_id}).status_code == 302
    assert (ProviderCapacity.objects.count(), Change.objects.filter(action="capacity removed").count()) == (0, 1)


def test_a_provider_says_nothing_about_capacity_and_offers_nobody(programme):
    actor = ground.actor("IP", programme, people.incoming(programme))
    with pytest.raises(NotPermitted):
        allocation.add_capacity(programme, {"provider": people.incoming(programme), "weekly_hours": 5}, actor=actor)
    with pytest.raises(NotPermitted):
        offers.offer_many(programme, [offers.Wish(waiting(programme), people.incoming(programme))], actor=actor)
    assert (ProviderCapacity.objects.count(), Batch.objects.count(), Allocation.objects.count()) == (0, 0, 0)


# Taken back


@pytest.fixture
def two_offered(programme):
    """(who offered, first, second): the second waited for another provider before."""
    co, blue = ground.actor("CO", programme), people.incoming(programme)
    first, second = waiting(programme), waiting(programme)
    services.offer(second, people.incoming(programme, "Seasalter Home Support CIC"), actor=ground.actor("OL", programme))
    offers.offer_many(programme, [offers.Wish(first, blue), offers.Wish(second, blue)], actor=co)
    return co, PersonTransfer.objects.get(pk=first.pk), PersonTransfer.objects.get(pk=second.pk)


def standing(person):
    row = PersonTransfer.objects.get(pk=person.pk)
    return row.incoming_provider_id, row.allocation_response


def test_one_of_many_offers_is_taken_back_by_whoever_made_it_and_the_others_stand(programme, two_offered):
    co, first, second = two_offered
    blue, sea = people.incoming(programme), people.incoming(programme, "Seasalter Home Support CIC")
    asked = ground.user_in("IP", programme, blue)
    assert PersonTransfer.objects.offers_visible_to(asked).count() == 2
    with pytest.raises(Refused, match="Say why"):
        offers.withdraw(first, actor=co, reason=" ")
    with pytest.raises(NotPermitted, match="by whoever made it, or by the OL"):
        offers.withdraw(first, actor=ground.actor("MT", programme), reason="not mine")
    assert standing(first) == (blue.pk, "offered")

    offers.withdraw(first, actor=co, reason="Wrong zone")

    assert (standing(first), standing(second)) == ((None, ""), (blue.pk, "offered"))
    batch = Batch.objects.get()
    assert (batch.state, batch.changed, batch.put_back) == ("done", 2, 1)
    assert list(batch.lines.order_by("pk").values_list("outcome", "reason")) == [("back", "Wrong zone"), ("done", "")]
    assert [(change.action, change.why) for change in Change.objects.filter(entity="transfers.allocation", object_id=batch.lines.get(person=first).record).order_by("pk")][-1] == ("offer withdrawn", "Wrong zone")
    assert list(PersonTransfer.objects.offers_visible_to(asked)) == [second]
    assert Notification.objects.get(user=asked).subject == f"{programme.reference}: an offer to you is taken back"
    assert first.public_id in allocation.standing(programme).people

    offers.withdraw(second, actor=ground.actor("OL", programme), reason="Seasalter answers tomorrow")
    assert standing(second) == (sea.pk, "offered"), "the offer it replaced stands again"
    assert Allocation.objects.get(person=second, current=True).provider == sea


def test_an_answered_offer_stays_and_so_does_one_that_changed_while_the_page_was_open(programme, two_offered):
    co, first, _ = two_offered
    seen = Seen.of(first, Allocation.objects.get(person=first, current=True))
    offers.answer(first, "accepted", actor=ground.actor("IP", programme, people.incoming(programme)))
    with pytest.raises(Refused, match="while this page was open"):
        offers.withdraw(first, actor=co, reason="late", seen=seen)
    with pytest.raises(Refused, match="has answered already: accepted"):
        offers.withdraw(first, actor=co, reason="late")
    assert standing(first) == (people.incoming(programme).pk, "accepted")


def test_an_offer_made_alone_is_taken_back_too(programme):
    po, person = ground.actor("PO", programme), waiting(programme)
    services.offer(person, people.incoming(programme), actor=po)
    offers.withdraw(person, actor=po, reason="Family chose another")
    assert (standing(person), BatchLine.objects.count(), Allocation.objects.get().current) == ((None, ""), 0, False)
    with pytest.raises(Refused, match="No offer of this person waits"):
        offers.withdraw(person, actor=po, reason="twice")


def no_party_any_more(programme, provider):
    assert ContractParty.objects.filter(contract__programmes=programme, organisation=provider, role="incoming").delete()[0] == 1


def test_an_offer_made_alone_gives_way_to_the_one_it_replaced(programme, sign_in):
    ol, blue, sea, oyster, person = ground.actor("OL", programme), *(people.incoming(programme, name) for name in ("Bluebell Care Partners", "Seasalter Home Support CIC", "Oyster Bay Care Ltd")), waiting(programme)
    services.offer(person, sea, actor=ol)
    services.offer(person, blue, actor=ol)
    offers.withdraw(person, actor=ol, reason="Wrong zone")
    services.offer(person, oyster, actor=ol)
    client, page = sign_in("OL", programme), reverse("transfers:offer-withdraw", args=[programme.ref, person.public_id])
    answer = client.post(page, {"reason": "Too far", "version": client.get(page).context["form"].initial["version"]}, follow=True).content.decode()
    assert "The offer is taken back. Seasalter Home Support CIC, proposed before it, stands again." in answer
    assert (standing(person), [(one.provider, one.response) for one in Allocation.objects.filter(current=True)]) == ((sea.pk, "offered"), [(sea, "offered")])
    assert [found.pk for found in PersonTransfer.objects.offers_visible_to(ground.user_in("IP", programme, sea))] == [person.pk]


@pytest.mark.parametrize("response", ["", "accepted"])
def test_who_a_list_named_before_an_offer_made_alone_is_named_again(programme, response):
    ol, blue, sea = ground.actor("OL", programme), people.incoming(programme), people.incoming(programme, "Seasalter Home Support CIC")
    person = waiting(programme, incoming_provider=sea, allocation_response=response)
    services.offer(person, blue, actor=ol)
    offers.withdraw(person, actor=ol, reason="Wrong zone")
    assert (standing(person), Allocation.objects.filter(current=True).exists()) == ((sea.pk, response), False)


@pytest.mark.parametrize("alone", [True, False])
def test_who_is_no_party_any_more_does_not_stand_again(programme, alone):
    ol, blue, sea, person = ground.actor("OL", programme), people.incoming(programme), people.incoming(programme, "Seasalter Home Support CIC"), waiting(programme)
    services.offer(person, sea, actor=ol)
    services.offer(person, blue, actor=ol) if alone else offers.offer_many(programme, [offers.Wish(person, blue)], actor=ol)
    no_party_any_more(programme, sea)
    offers.withdraw(person, actor=ol, reason="Wrong zone")
    assert (standing(person), Allocation.objects.filter(current=True).exists()) == ((None, ""), False)


def test_offers_made_together_are_undone_as_a_whole_but_for_what_was_taken_back_already(programme, two_offered):
    co, first, second = two_offered
    offers.withdraw(first, actor=co, reason="Wrong zone")
    batch = batches.undo(Batch.objects.get(), actor=co)
    assert (batch.state, batch.put_back, batch.kept) == ("undone", 2, 0)
    assert standing(second) == (people.incoming(programme, "Seasalter Home Support CIC").pk, "offered")


def test_it_is_taken_back_on_the_page_of_offers(programme, sign_in):
    client = sign_in("CO", programme)
    blue, person, other = people.incoming(programme), waiting(programme), waiting(programme)
    told = client.post(url(programme), tick((person, blue))).context["told"]
    client.post(url(programme), tick((person, blue)) | {"confirmed": "1"} | told)
    services.offer(other, blue, actor=ground.actor("OL", programme))
    listed = client.get(reverse("transfers:offer-list", args=[programme.ref])).content.decode()
    page = reverse("transfers:offer-withdraw", args=[programme.ref, person.public_id])
    assert (page in listed, reverse("transfers:offer-withdraw", args=[programme.ref, other.public_id]) in listed) == (True, False)
    form = client.get(page).context["form"]
    assert client.post(page, {"reason": "", "version": form.initial["version"]}).status_code == 422
    answer = client.post(page, {"reason": "Wrong zone", "version": form.initial["version"]}, follow=True).content.decode()
    assert "The offer is taken back. No provider is proposed now: the person waits for one again." in answer
    assert (standing(person), client.get(page).status_code) == ((None, ""), 404)
    assert "1 taken back" in client.get(url(programme)).content.decode()
    provider = sign_in("IP", programme, organisation=blue)
    assert provider.get(reverse("transfers:offer-withdraw", args=[programme.ref, other.public_id])).status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.only("postgresql", "SQLite has one writer at a time")
def test_one_offer_taken_back_and_the_whole_batch_undone_at_once_do_not_wait_for_each_other(monkeypatch):
    programme = ground.provider_exit()
    ol, chosen = ground.actor("OL", programme), [waiting(programme), waiting(programme)]
    offers.offer_many(programme, [offers.Wish(person, people.incoming(programme)) for person in chosen], actor=ol)
    both = threading.Barrier(2)

    def once_both_hold_something(do):
        def waits(*args, **more):
            with suppress(threading.BrokenBarrierError):
                both.wait(2)
            return do(*args, **more)

        return waits

    for module, name in ((offers, "may_withdraw"), (undoing, "people_of")):
        monkeypatch.setattr(module, name, once_both_hold_something(getattr(module, name)))
    one = PersonTransfer.objects.select_related("programme").get(pk=chosen[0].pk)
    found = together(lambda: offers.withdraw(one, actor=ol, reason="Wrong zone"), lambda: batches.undo(Batch.objects.get(), actor=ol, reason="All wrong"))
    assert [type(one) for one in found if isinstance(one, Exception) and not isinstance(one, Refused)] == []
    assert not Allocation.objects.filter(current=True).exists()
    assert set(PersonTransfer.objects.values_list("allocation_response", flat=True)) == {""}


@pytest.mark.django_db(transaction=True)
@pytest.mark.only("postgresql", "SQLite has one writer at a time")
def test_two_managers_offering_one_person_at_once_one_wins_and_the_other_is_told():
    programme = ground.provider_exit()
    person = waiting(programme)
    providers = [people.incoming(programme), people.incoming(programme, "Seasalter Home Support CIC")]
    actors = [ground.actor("OL", programme), ground.actor("CL", programme)]
    seen = Seen.of(person)
    start, outcomes, failed = threading.Barrier(2), [], []

    def ask(actor, provider):
        mine = PersonTransfer.objects.select_related("programme").get(pk=person.pk)
        start.wait()
        try:
            outcomes.append(offers.offer_many(programme, [offers.Wish(mine, provider, seen)], actor=actor))
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=pair) for pair in zip(actors, providers, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted((len(one.made), len(one.refused)) for one in outcomes) == [(0, 1), (1, 0)]
    ((winner, _),) = [one.made[0][::-1] for one in outcomes if one.made]
    ((_, _, why),) = [one.refused[0] for one in outcomes if one.refused]
    assert "while this page was open" in why
    person.refresh_from_db()
    assert person.incoming_provider_id == winner.pk
    assert list(Allocation.objects.values_list("provider_id", "current")) == [(winner.pk, True)]


def from_the_list(client, programme, chosen, provider):
    """The page of the batch that offers ``chosen``, shown and not confirmed."""
    data = {"act": "offer", "filled": "offer", "person": [person.public_id for person in chosen], "bulk-incoming_provider": provider.pk}
    return client.post(reverse("transfers:person-bulk", args=[programme.ref]), data)["Location"]


def test_an_offer_from_the_list_says_who_would_be_over_and_is_counted_again(programme, sign_in):
    takes(programme, hours=Decimal("18.5"))
    blue, one, two = people.incoming(programme), waiting(programme, weekly_hours=Decimal("10.5")), waiting(programme, weekly_hours=Decimal("10.5"))
    client = sign_in("CO", programme)
    alone, other = from_the_list(client, programme, [one], blue), from_the_list(client, programme, [two], blue)
    assert [(page.context["over"], page.context["told"]) for page in (client.get(alone), client.get(other))] == [([], {}), ([], {})]
    client.post(alone)
    assert standing(one) == (blue.pk, "offered")
    before = Allocation.objects.count(), Change.objects.count(), Notification.objects.count()

    refused = client.post(other, follow=True)

    words = "Bluebell Care Partners would have 2.5 hours a week more than it has confirmed."
    assert f"Nobody is offered yet, because something changed while this page was open. {words}" in refused.content.decode()
    assert (Allocation.objects.count(), Change.objects.count(), Notification.objects.count(), standing(two)) == (*before, (None, ""))
    assert (refused.context["over"], refused.context["told"]) == ([words], {f"told-{blue.public_id}": "2.50"})
    assert "Over what it can take" in refused.content.decode()

    client.post(other, refused.context["told"])
    assert standing(two) == (blue.pk, "offered")
    client.post(other)
    assert Batch.objects.filter(state="done").count() == 2


def test_a_single_offer_says_when_the_provider_is_over(programme, sign_in):
    takes(programme, hours=Decimal("18.5"))
    blue, one, two = people.incoming(programme), waiting(programme, weekly_hours=Decimal("10.5")), waiting(programme, weekly_hours=Decimal("10.5"))
    client = sign_in("CO", programme)
    said = [
        [str(message) for message in client.post(reverse("transfers:person-act", args=[programme.ref, person.public_id, "offer"]), {"provider": blue.pk}, follow=True).context["messages"]] for person in (one, two)
    ]
    assert said == [["The offer is made."], ["The offer is made. Bluebell Care Partners has 2.5 hours a week more than it has confirmed now: take the offer back, or ask it."]]
