"""What the person wants beside each offer, never read by a provider before the name opens; C10 waits for a provider that cannot be paid yet."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.errors import NotPermitted, Refused
from tests.factories import ground, people
from transfers.models import Allocation, Checkpoint, PersonTransfer, ProviderCapacity, ProviderCheck
from transfers.services import batches, checkpoints, provider_checks
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
OPERATOR = Actor.operator()
WISH = "Bluebell, as her sister has them"
OTHER = "Oyster Bay Care Ltd"


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def person(programme):
    return people.person(programme, done=people.ready_up_to("C03"), planned_transfer_date=date(2027, 4, 5), weekly_hours=14, zone="Coastal", priority="A")


def page(name, programme, *args):
    return reverse(f"transfers:{name}", args=[programme.ref, *args])


class TestWhatThePersonWants:
    def test_it_is_typed_with_the_offer_and_stands_on_the_page_the_list_and_the_next_form(self, programme, person, sign_in):
        client = sign_in("OL", programme)
        act = page("person-act", programme, person.public_id, "offer")
        assert "What the person wants" in client.get(act).content.decode()
        sent = client.post(act, {"provider": people.incoming(programme).pk, "wave": "", "preference": WISH, "version": f"{person.version}/"})
        assert (sent.status_code, Allocation.objects.get().preference) == (302, WISH)
        shown = [client.get(url).content.decode() for url in (page("person-detail", programme, person.public_id), page("offer-list", programme), page("offer-list", programme) + "?show=all")]
        assert [text.count(WISH) > 0 for text in shown] == [True] * 3
        assert f">\n{WISH}</textarea>" in client.get(page("offer-again", programme, person.public_id)).content.decode()

    def test_a_longer_text_is_refused_and_kept(self, programme, person, sign_in):
        client = sign_in("OL", programme)
        answer = client.post(page("person-act", programme, person.public_id, "offer"), {"provider": people.incoming(programme).pk, "preference": "x" * 301, "version": f"{person.version}/"})
        assert (answer.status_code, "x" * 301 in answer.content.decode(), Allocation.objects.count()) == (422, True, 0)

    def test_what_was_said_goes_along_to_the_next_offer_until_something_else_is_said(self, programme, person):
        actor, other = ground.actor("OL", programme), people.incoming(programme, OTHER)
        services.offer(person, people.incoming(programme), actor=actor, preference=f" {WISH} ")
        services.respond(person, "declined", actor=ground.actor("CL", programme), reason="Full")
        services.offer(PersonTransfer.objects.get(), other, actor=actor)
        assert list(Allocation.objects.order_by("pk").values_list("preference", flat=True)) == [WISH, WISH]
        services.respond(PersonTransfer.objects.get(), "declined", actor=ground.actor("CL", programme), reason="Full")
        services.offer(PersonTransfer.objects.get(), people.incoming(programme), actor=actor, preference="")
        assert Allocation.objects.order_by("pk").last().preference == ""

    def test_a_batch_of_offers_takes_it_along(self, programme, person):
        actor, bluebell = ground.actor("OL", programme), people.incoming(programme)
        services.offer(person, people.incoming(programme, OTHER), actor=actor, preference=WISH)
        services.respond(person, "declined", actor=ground.actor("CL", programme), reason="Full")
        wish = batches.Wish(person.pk, "incoming_provider", bluebell)
        batches.confirm(batches.propose(programme, "offer", "Offered to Bluebell", [wish], actor=actor), actor=actor)
        made = Allocation.objects.get(current=True)
        assert (made.provider, made.preference) == (bluebell, WISH)

    def test_it_stands_in_the_proposal_and_before_anybody_is_offered(self, programme, person, sign_in):
        actor = ground.actor("OL", programme)
        services.offer(person, people.incoming(programme, OTHER), actor=actor, preference=WISH)
        services.respond(person, "declined", actor=ground.actor("CL", programme), reason="Full")
        client, bluebell = sign_in("OL", programme), people.incoming(programme)
        assert f"Wants: {WISH}" in client.get(page("allocation", programme)).content.decode()
        ProviderCapacity.objects.create(programme=programme, provider=bluebell, zone="", weekly_hours=100, from_date=date(2027, 3, 1))
        assert f"Wants: {WISH}" in client.get(page("allocation", programme)).content.decode()
        version = PersonTransfer.objects.get().version
        text = client.post(page("allocation", programme), {"take": person.public_id, f"to-{person.public_id}": bluebell.public_id, f"seen-{person.public_id}": version}).content.decode()
        assert ("1</strong> person will be offered" in text, f"Wants: {WISH}" in text) == (True, True)

    @pytest.mark.parametrize("opened", [False, True])
    def test_a_provider_reads_it_only_once_the_record_is_open(self, programme, person, sign_in, opened):
        bluebell = people.incoming(programme)
        services.offer(person, bluebell, actor=ground.actor("OL", programme), preference=WISH)
        if opened:
            services.respond(person, "accepted", actor=ground.actor("CL", programme))
            PersonTransfer.objects.update(sharing_basis="direct_care")
            Checkpoint.objects.create(person=person, code="C06", state="done", done_on=date(2027, 3, 12))
        incoming = sign_in("IP", programme, organisation=bluebell)
        closed = [page("offer-list", programme), page("offer-answer", programme, person.public_id), page("your-people", programme), page("person-list", programme)]
        assert [url for url in closed if WISH in incoming.get(url).content.decode()] == []
        record = incoming.get(page("person-detail", programme, person.public_id))
        assert (record.status_code, WISH in record.content.decode()) == ((200, True) if opened else (404, False))

    @pytest.mark.parametrize("response", ["", "accepted"])
    def test_the_provider_they_leave_never_reads_it(self, programme, person, sign_in, response):
        services.offer(person, people.incoming(programme), actor=ground.actor("OL", programme), preference=WISH)
        if response:
            services.respond(person, response, actor=ground.actor("CL", programme))
        assert WISH in sign_in("OL", programme).get(reverse("mobilisation:history", args=[programme.ref])).content.decode()
        client = sign_in("XP", programme, organisation=person.exiting_provider)
        for url in (page("person-detail", programme, person.public_id), page("your-people", programme), page("person-list", programme), reverse("mobilisation:history", args=[programme.ref])):
            answer = client.get(url)
            assert (url, answer.status_code, WISH in answer.content.decode()) == (url, 200, False)


class TestPaymentSystems:
    """Off unless the programme switches it on, so that programmes of before go on."""

    VALUES = {"old_order_ref": "SO-1", "old_order_end": date(2027, 4, 4), "new_order_ref": "SO-2", "new_order_start": date(2027, 4, 5), "payment_ref": "PA-2", "orders_shared_on": date(2027, 3, 12)}
    WORDS = "The incoming provider is not set up on the payment systems yet. Set it up, then enter the day under “Checks of providers”."

    @pytest.fixture
    def ordered(self, programme):
        bluebell = people.incoming(programme)
        return people.person(programme, done=people.ready_up_to("C09"), incoming_provider=bluebell, allocation_response="accepted", **self.VALUES)

    def switch(self, programme, value=1):
        programme.thresholds = {"payment_set_up_first": value}
        programme.save(update_fields=["thresholds"])

    def mark(self, person):
        return checkpoints.mark(PersonTransfer.objects.get(pk=person.pk), "C10", actor=OPERATOR)

    def test_off_it_asks_nothing_and_sends_no_statement(self, programme, ordered, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert provider_checks.paid(programme) is None
        assert self.mark(ordered).state == "done"

    def test_on_c10_waits_until_the_provider_is_set_up(self, programme, ordered):
        self.switch(programme)
        with pytest.raises(Refused) as refusal:
            self.mark(ordered)
        assert [reason.text for reason in refusal.value.reasons] == [self.WORDS]
        assert not Checkpoint.objects.filter(code="C10").exists()
        provider_checks.record(programme, people.incoming(programme), {"payment_set_up_on": date(2027, 3, 12)}, actor=ground.actor("MT", programme))
        assert self.mark(ordered).state == "done"

    def test_another_provider_set_up_is_not_this_one(self, programme, ordered):
        self.switch(programme)
        ProviderCheck.objects.create(programme=programme, provider=people.incoming(programme, OTHER), payment_set_up_on=date(2027, 3, 1))
        with pytest.raises(Refused, match="not set up on the payment systems"):
            self.mark(ordered)

    @pytest.mark.parametrize("funding", ["self", "direct_payment"])
    def test_who_buys_the_care_waits_for_no_payment_of_ours(self, programme, ordered, funding):
        self.switch(programme)
        PersonTransfer.objects.update(funding_type=funding)
        assert self.mark(ordered).state == "done"

    @pytest.mark.parametrize("number", [1, 4])
    def test_many_at_once_are_asked_the_same_with_one_statement_more(self, programme, number, django_assert_num_queries):
        self.switch(programme)
        crowd = [people.person(programme, done=people.ready_up_to("C09"), incoming_provider=people.incoming(programme), allocation_response="accepted", **self.VALUES) for _ in range(number)]
        with django_assert_num_queries(6):
            outcome = checkpoints.bulk_preview(list(PersonTransfer.objects.filter(pk__in=[one.pk for one in crowd])), "C10", programme=programme, actor=OPERATOR, on=date(2027, 3, 15))
        assert [texts for _, texts in outcome.refused] == [(self.WORDS,)] * number

    def test_the_person_and_the_list_of_providers_say_so(self, programme, ordered, sign_in):
        self.switch(programme)
        client = sign_in("MT", programme)
        assert self.WORDS in client.get(page("person-detail", programme, ordered.public_id)).content.decode()
        assert "Not set up: C10 waits" in client.get(page("provider-checks", programme)).content.decode()
        edit = page("provider-check", programme, people.incoming(programme).public_id)
        ahead = client.post(edit, {"payment_set_up_on": "2027-03-16"})
        assert (ahead.status_code, "The day is in the future." in ahead.content.decode(), ProviderCheck.objects.count()) == (422, True, 0)
        assert client.post(edit, {"payment_set_up_on": "2027-03-12"}).status_code == 302
        assert "set up 12 Mar 2027" in client.get(page("provider-checks", programme)).content.decode()
        assert self.WORDS not in client.get(page("person-detail", programme, ordered.public_id)).content.decode()

    def test_no_provider_sets_itself_up(self, programme):
        bluebell = people.incoming(programme)
        with pytest.raises(NotPermitted):
            provider_checks.record(programme, bluebell, {"payment_set_up_on": date(2027, 3, 12)}, actor=ground.actor("IP", programme, bluebell))
        assert not ProviderCheck.objects.exists()
