"""What providers do themselves: answer offers, state what they did; and when they lose sight of somebody."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import Change, Notification
from tests.factories import ground, people
from transfers.models import Allocation, Checkpoint, FileTransfer, PersonTransfer, SafetyCheck
from transfers.rules import sharing, waiting
from transfers.services import checkpoints, handover, offers, turning
from transfers.services import people as services

pytestmark = pytest.mark.django_db
CONDITIONS = "accepted_with_conditions"


@pytest.fixture
def programme(db):
    return ground.provider_exit(decision_date=date(2026, 10, 1))


@pytest.fixture
def blue(programme):
    return people.incoming(programme)


@pytest.fixture
def offered(programme, blue):
    person = people.person(programme, done=people.ready_up_to("C05"), surname="Featherstonehaugh", zone="Coastal", weekly_hours=14, priority="A", planned_transfer_date=date(2027, 4, 1), sharing_basis="")
    services.offer(person, blue, actor=ground.actor("OL", programme), on=date(2026, 11, 2))
    return PersonTransfer.objects.get(pk=person.pk)


def address(programme, person, name="answer"):
    return reverse(f"transfers:offer-{name}", args=[programme.ref, person.public_id])


def detail(client, programme, person):
    return client.get(reverse("transfers:person-detail", args=[programme.ref, person.public_id]))


def state_of(person, code):
    return Checkpoint.objects.get(person=person, code=code).state


# Answers


@pytest.mark.parametrize(("reply", "reason"), [("accepted", ""), (CONDITIONS, "Not before 8:00")])
def test_accepting_opens_the_record_only_with_the_sharing_decision_and_leaves_c09_to_the_team(programme, sign_in, offered, blue, reply, reason):
    officer = ground.user_in("PO", programme)
    client = sign_in("IP", programme, organisation=blue)
    shown = client.get(address(programme, offered)).content.decode()
    assert ("Coastal" in shown, "14 hours a week" in shown, "Featherstonehaugh" in shown) == (True, True, False)

    assert client.post(address(programme, offered), {"response": reply, "reason": reason, "version": ""}).status_code == 302

    made = Allocation.objects.get()
    assert (made.response, made.reason, made.current, made.responded_on) == (reply, reason, True, made.updated_at.date())
    offered.refresh_from_db()
    assert (offered.allocation_response, state_of(offered, "C09"), offered.status) == (reply, "in_progress", "informed")
    assert detail(client, programme, offered).status_code == 404
    assert Notification.objects.get(user=officer).body == f"Offer {offered.public_id}"
    services.record_sharing(offered, "direct_care", actor=ground.actor("CM", programme))
    assert detail(client, programme, offered).status_code == 200
    checkpoints.mark(offered, "C09", actor=ground.actor("PO", programme))
    assert (state_of(offered, "C09"), PersonTransfer.objects.get().status) == ("done", "allocated")


def test_declining_needs_a_reason_frees_the_person_and_ends_the_sight(programme, sign_in, offered, blue):
    client = sign_in("IP", programme, organisation=blue)
    refused = client.post(address(programme, offered), {"response": "declined", "reason": " "})
    assert (refused.status_code, refused.context["form"].errors["reason"], Allocation.objects.get().response) == (422, ["Say why you decline."], "offered")
    assert client.post(address(programme, offered), {"response": "declined", "reason": "No evening carers"}).status_code == 302
    offered.refresh_from_db()
    assert (offered.incoming_provider, offered.allocation_response) == (None, "declined")
    assert client.get(address(programme, offered)).status_code == 410
    assert client.get(reverse("transfers:offer-list", args=[programme.ref])).context["offers"] == []
    assert Change.objects.filter(entity="transfers.allocation", why="No evening carers").count() == 1


@pytest.mark.parametrize("role", ["XP", "IP", "BM", "FIN", "OL"])
def test_nobody_else_answers(programme, sign_in, offered, role):
    organisation = {"IP": people.incoming(programme, "Oyster Bay Care Ltd"), "XP": offered.exiting_provider}.get(role)
    client = sign_in(role, programme, organisation=organisation)
    assert client.post(address(programme, offered), {"response": "accepted"}).status_code == 404
    if role != "OL":
        with pytest.raises(NotPermitted):
            offers.answer(offered, "accepted", actor=ground.actor(role, programme, organisation))
    assert Allocation.objects.get().response == "offered"


def test_an_acceptance_is_taken_back_by_its_author_within_minutes_and_not_after_c09(programme, sign_in, offered, blue):
    client = sign_in("IP", programme, organisation=blue)
    client.post(address(programme, offered), {"response": "accepted"})
    assert client.post(address(programme, offered), {}).status_code == 302
    offered.refresh_from_db()
    assert (offered.allocation_response, state_of(offered, "C09")) == ("offered", "not_started")
    client.post(address(programme, offered), {"response": "accepted"})
    with time_machine.travel(Allocation.objects.get().updated_at.replace(year=2026, month=12)):
        assert client.get(address(programme, offered)).status_code in {302, 404}
    checkpoints.mark(PersonTransfer.objects.get(), "C09", actor=ground.actor("PO", programme))
    with pytest.raises(Refused, match="has marked C09"):
        offers.take_back_answer(PersonTransfer.objects.get(), actor=ground.Actor.of(client.user, programme))


def test_a_stated_acceptance_may_be_put_right_by_the_team_and_is_then_offered_again(programme, offered, blue):
    offers.answer(offered, "accepted", actor=ground.actor("IP", programme, blue))
    other = people.incoming(programme, "Oyster Bay Care Ltd")
    with pytest.raises(Refused, match="Record that it declines after all"):
        services.offer(offered, other, actor=ground.actor("OL", programme))
    services.respond(offered, "declined", actor=ground.actor("CL", programme), reason="Lost two carers")
    assert (PersonTransfer.objects.get().incoming_provider, state_of(offered, "C09")) == (None, "not_started")
    services.offer(offered, other, actor=ground.actor("OL", programme))
    assert list(Allocation.objects.order_by("pk").values_list("provider__name", "response", "reason", "current")) == [
        ("Bluebell Care Partners", "declined", "Lost two carers", False), ("Oyster Bay Care Ltd", "offered", "", True),
    ]


# The team's list


def test_the_team_sees_days_waited_and_offers_a_declined_person_to_the_next(programme, sign_in, offered, blue):
    client = sign_in("CO", programme)
    url = reverse("transfers:offer-list", args=[programme.ref])
    Allocation.objects.update(proposed_on=today() - timedelta(days=25))
    (waiting_one,) = client.get(url).context["offers"]
    assert (waiting_one.provider, waiting_one.days) == ("Bluebell Care Partners", 25)
    offers.answer(offered, "declined", actor=ground.actor("IP", programme, blue), reason="No evening carers")
    page = client.get(url, {"show": "declined"})
    assert [(one.person_id, one.provider.name, one.reason) for one in page.context["answers"]] == [(offered.pk, "Bluebell Care Partners", "No evening carers")]
    again = client.get(address(programme, offered, "again"))
    assert "No evening carers" in again.content.decode()
    sea = people.incoming(programme, "Seasalter Home Support CIC")
    assert client.post(address(programme, offered, "again"), {"provider": sea.pk, "wave": "", "version": again.context["form"].initial["version"]}).status_code == 302
    assert client.get(url, {"show": "declined"}).context["answers"] == []
    assert len(client.get(url, {"show": "all"}).context["answers"]) == 2


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_of_answers_costs_the_same_however_many(programme, sign_in, blue, number, django_assert_num_queries):
    for _ in range(number):
        person = people.person(programme)
        services.offer(person, blue, actor=ground.actor("OL", programme))
        offers.answer(person, "declined", actor=ground.actor("IP", programme, blue), reason="Full")
    client = sign_in("MT", programme)
    client.get("/glossary/")
    with django_assert_num_queries(12):
        page = client.get(reverse("transfers:offer-list", args=[programme.ref]), {"show": "declined"})
    assert len(page.context["answers"]) == number


# Losing sight


def everywhere(client, programme, person):
    """Whether the client reaches ``person`` by page, list, JSON, history or offers."""
    found = {
        "page": detail(client, programme, person).status_code == 200,
        "list": person.surname in client.get(reverse("transfers:person-list", args=[programme.ref])).content.decode(),
        "json": person.public_id in client.get(reverse("reporting:api-people", args=[programme.ref])).content.decode(),
        "your people": person.surname in client.get(reverse("transfers:your-people", args=[programme.ref])).content.decode(),
        "cell": client.get(reverse("transfers:person-cell", args=[programme.ref, person.public_id, "phone"])).status_code == 200,
        "contact": client.get(reverse("transfers:person-edit", args=[programme.ref, person.public_id])).status_code == 200,
    }
    return {name for name, seen in found.items() if seen}


def opened(programme, blue, **more):
    person = people.person(programme, done=people.ready_up_to("C11"), surname="Quillfeather", incoming_provider=blue, allocation_response="accepted", sharing_basis="direct_care", planned_transfer_date=date(2027, 4, 1), **more)
    Allocation.objects.create(person=person, provider=blue, proposed_on=date(2026, 11, 2), response="accepted")
    return person


def test_an_incoming_provider_that_was_replaced_loses_sight_at_once(programme, sign_in, blue):
    person = opened(programme, blue)
    client = sign_in("IP", programme, organisation=blue)
    assert everywhere(client, programme, person) >= {"page", "list", "json", "your people", "contact"}
    lead = ground.actor("OL", programme)
    checkpoints.undo(person, "C09", actor=lead, reason="They withdrew")
    services.offer(person, people.incoming(programme, "Oyster Bay Care Ltd"), actor=lead)
    assert everywhere(client, programme, person) == set()
    with pytest.raises(NotPermitted):
        services.update_person(PersonTransfer.objects.get(), {"phone": "1"}, actor=ground.actor("IP", programme, blue))


@pytest.mark.parametrize(("day", "sees"), [("2026-11-29", True), ("2026-11-30", False)])
def test_the_exiting_provider_loses_sight_the_day_after_the_limit(programme, sign_in, blue, day, sees):
    programme.thresholds = {"exiting_sight_days": 27}
    programme.save()
    with time_machine.travel("2026-11-02 10:00"):
        person = people.person(programme, surname="Quillfeather", incoming_provider=blue)
        Checkpoint.objects.create(person=person, code="C15", state="done", done_on=date(2026, 11, 2))
        turning.refresh(person)
    assert PersonTransfer.objects.get().exiting_sight_until == date(2026, 11, 29)
    with time_machine.travel(f"{day} 12:00", tick=False):
        client = sign_in("XP", programme, organisation=person.exiting_provider)
        assert (everywhere(client, programme, person) >= {"page", "list", "json"}) is sees
        assert (everywhere(client, programme, person) == set()) is not sees
        if not sees:
            with pytest.raises(NotPermitted):
                handover.record_file(person, {"sent_on": date(2026, 11, 3)}, actor=ground.actor("XP", programme, person.exiting_provider))


def test_an_ending_counts_like_a_hand_over_and_taking_it_back_opens_the_record_again(programme):
    person = people.person(programme)
    lead = ground.actor("OL", programme)
    services.end(person, "withdrawn", actor=lead, on=date(2026, 11, 2), why="the family rang")
    assert PersonTransfer.objects.get().exiting_sight_until == date(2026, 11, 30)
    services.take_back_ending(person, actor=lead, reason="Wrong person")
    assert PersonTransfer.objects.get().exiting_sight_until is None


def test_who_starts_again_after_hospital_does_not_come_back_and_a_wrong_first_visit_does(programme, blue):
    person = people.person(programme, done=people.ready_up_to("C14"), incoming_provider=blue, allocation_response="accepted", sharing_basis="direct_care", planned_transfer_date=date(2026, 11, 2))
    Checkpoint.objects.filter(person=person).update(done_on=date(2026, 11, 1))
    lead = ground.actor("OL", programme)
    person = PersonTransfer.objects.get()
    checkpoints.mark(person, "C15", actor=lead, on=date(2026, 11, 2))
    assert person.exiting_sight_until == date(2026, 11, 30)
    services.admit(person, actor=lead, admitted_on=date(2026, 11, 3))
    services.discharge(person, actor=lead, discharged_on=date(2026, 11, 5))
    person = PersonTransfer.objects.get()
    assert (person.actual_transfer_date, person.exiting_sight_until) == (None, date(2026, 11, 30))
    Checkpoint.objects.filter(person=person, code="C15").update(state="done", done_on=date(2026, 11, 6))
    checkpoints.undo(person, "C15", actor=lead, reason="Nobody came")
    assert PersonTransfer.objects.get().exiting_sight_until is None


def test_an_ending_that_is_taken_back_gives_nobody_a_record_back_that_was_left_before(programme, blue):
    """Handed over, in hospital, home again, then wrongly recorded as withdrawn: neither the ending nor its end opens the record anew."""
    person = people.person(programme, done=people.ready_up_to("C14"), incoming_provider=blue, allocation_response="accepted", sharing_basis="direct_care", planned_transfer_date=date(2026, 11, 2))
    Checkpoint.objects.filter(person=person).update(done_on=date(2026, 11, 1))
    lead = ground.actor("OL", programme)
    person = PersonTransfer.objects.get()
    checkpoints.mark(person, "C15", actor=lead, on=date(2026, 11, 2))
    services.admit(person, actor=lead, admitted_on=date(2026, 11, 3))
    services.discharge(person, actor=lead, discharged_on=date(2026, 11, 5))
    with time_machine.travel("2026-11-23 10:00"):
        services.end(person, "withdrawn", actor=lead, on=date(2026, 11, 20), why="the family rang")
        assert PersonTransfer.objects.get().exiting_sight_until == date(2026, 11, 30)
        turning.recompute(programme)
        assert (PersonTransfer.objects.get().exiting_sight_until, turning.drift(programme)) == (date(2026, 11, 30), [])
        services.take_back_ending(PersonTransfer.objects.get(), actor=lead, reason="Wrong person")
    stands = PersonTransfer.objects.get()
    assert (stands.ending, stands.exiting_sight_until, stands.sight_before_ending, turning.drift(programme)) == ("", date(2026, 11, 30), None, [])


@pytest.mark.parametrize(("moved", "ended", "kept", "until"), [
    (None, None, None, None), (date(2027, 3, 1), None, None, date(2027, 3, 29)), (None, date(2027, 3, 2), None, date(2027, 3, 30)),
    (date(2027, 3, 1), date(2027, 3, 9), None, date(2027, 3, 29)), (None, None, date(2027, 3, 5), date(2027, 3, 5)),
    (None, date(2027, 3, 2), date(2027, 3, 5), date(2027, 3, 5)), (None, date(2027, 2, 1), date(2027, 3, 5), date(2027, 3, 1)), (date(2027, 3, 1), None, date(2027, 3, 5), date(2027, 3, 29)),
])
def test_the_last_day_of_sight(moved, ended, kept, until):
    assert sharing.exiting_sight_until(moved, ended, 28, kept) == until


# Fields by moment


def test_the_exiting_provider_reads_who_takes_over_only_once_they_accepted(programme, sign_in, offered, blue):
    client = sign_in("XP", programme, organisation=offered.exiting_provider)
    pages = [reverse("transfers:person-list", args=[programme.ref]), reverse("transfers:person-detail", args=[programme.ref, offered.public_id]), reverse("reporting:api-people", args=[programme.ref])]
    ground.user_in("IP", programme, blue)

    def named():
        """How often each page names the provider, apart from the choices of the filter."""
        texts = [client.get(page).content.decode() for page in pages]
        return ["Bluebell" in texts[0].split("<tbody>")[1], "Bluebell" in texts[1], "Bluebell" in texts[2]]

    assert named() == [False, False, False]
    chosen = client.get(pages[0], {"provider": blue.public_id})
    assert [person.pk for person, _ in chosen.context["rows"]] == [offered.pk], "who is not offered to choose from narrows nothing"
    offers.answer(offered, "accepted", actor=ground.actor("IP", programme, blue))
    assert named() == [True, True, True]


# Your people


def test_each_thing_that_waits_for_the_incoming_provider_has_its_button(programme, sign_in, blue):
    person = opened(programme, blue)
    client = sign_in("IP", programme, organisation=blue)
    url = reverse("transfers:your-people", args=[programme.ref])
    (row,) = client.get(url).context["rows"]
    assert (row.task.code, row.task.button, row.url) == ("C12", "Record the contact", reverse("transfers:checkpoint", args=[programme.ref, person.public_id, "C12", "mark"]))
    Checkpoint.objects.create(person=person, code="C12", state="done", done_on=date(2026, 11, 2))
    assert client.get(url).context["rows"] == []
    Checkpoint.objects.create(person=person, code="C14", state="done", done_on=date(2026, 11, 2))
    PersonTransfer.objects.update(planned_transfer_date=date(2026, 11, 3))
    (row,) = client.get(url).context["rows"]
    assert row.task.button == "State the first visit"
    assert client.post(row.url, {"on": "2026-11-03"}).status_code == 302
    page = client.get(url)
    assert (state_of(person, "C15"), page.context["rows"], page.context["stated"]) == ("in_progress", [], 1)
    checkpoints.mark(PersonTransfer.objects.get(), "C15", actor=ground.actor("OL", programme), on=date(2026, 11, 3))
    (row,) = client.get(url).context["rows"]
    assert (row.task.button, client.get(row.url).status_code) == ("Check the plan", 200)


def test_the_exiting_provider_sends_the_file_and_the_incoming_one_has_it(programme, sign_in, blue):
    person = opened(programme, blue)
    client = sign_in("XP", programme, organisation=person.exiting_provider)
    url = reverse("transfers:your-people", args=[programme.ref])
    (row,) = client.get(url).context["rows"]
    assert row.task.button == "Record its journey"
    handover.record_file(person, {"sent_on": date(2026, 11, 3), "method": "tracked_courier", "tracking_ref": "T1"}, actor=ground.actor("XP", programme, person.exiting_provider))
    (row,) = client.get(url).context["rows"]
    assert row.task.button == "State it"
    assert client.post(row.url, {"on": "2026-11-03"}).status_code == 302
    assert (state_of(person, "C13"), client.get(url).context["rows"]) == ("in_progress", [])
    Checkpoint.objects.create(person=person, code="C12", state="done", done_on=date(2026, 11, 2))
    other = sign_in("IP", programme, organisation=blue)
    (row,) = other.get(url).context["rows"]
    assert row.task.button == "Record its arrival"
    assert other.post(row.url, {"on": "2026-11-04"}).status_code == 302
    assert FileTransfer.objects.values_list("received_on", "outcome").get() == (date(2026, 11, 4), "received")
    with pytest.raises(Refused, match="ended already"):
        handover.file_arrived(person, date(2026, 11, 4), actor=ground.actor("IP", programme, blue))
    with pytest.raises(NotPermitted):
        handover.file_arrived(person, date(2026, 11, 4), actor=ground.actor("XP", programme, person.exiting_provider))


@pytest.mark.parametrize("role", ["OL", "FIN", "BM"])
def test_your_people_is_for_providers(programme, sign_in, role):
    assert sign_in(role, programme).get(reverse("transfers:your-people", args=[programme.ref])).status_code == 404


@pytest.mark.parametrize("number", [1, 4])
def test_your_people_costs_the_same_however_many(programme, sign_in, blue, number, django_assert_num_queries):
    for _ in range(number):
        opened(programme, blue)
    client = sign_in("IP", programme, organisation=blue)
    client.get("/glossary/")
    with django_assert_num_queries(16):
        page = client.get(reverse("transfers:your-people", args=[programme.ref]))
    assert len(page.context["rows"]) == number


def facts(**more):
    return waiting.Facts(**{"states": {}, "funding": "council"} | more)


@pytest.mark.parametrize(("given", "button"), [
    (facts(), None), (facts(states={"C06": "done"}), "Record its journey"), (facts(states={"C06": "done"}, journey=True), "Open the person"), (facts(states={"C06": "done"}, journey=True, sent=True), "State it"),
    (facts(states={"C06": "done", "C13": "in_progress"}), None), (facts(states={"C06": "done"}, funding=""), None), (facts(states={"C06": "done"}, funding="other_authority"), "Record the answer"),
    (facts(states={"C06": "done"}, funding="self", choice="To go over"), "Record its journey"),
])
def test_what_waits_for_an_exiting_provider(given, button):
    found = waiting.exiting(given)
    assert (found.button if found else None) == button


READY = {f"C{n:02d}": "done" for n in range(1, 15)}


@pytest.mark.parametrize(("given", "button"), [
    (facts(states=READY, t=date(2027, 4, 2)), None), (facts(states=READY, t=date(2027, 4, 1)), "State the first visit"), (facts(states=READY, t=date(2027, 4, 1), held=True), None),
    (facts(states=READY, t=date(2027, 4, 1), in_hospital=True), None), (facts(states=READY | {"C15": "done"}), "Record it"), (facts(states=READY | {"C15": "done"}, plan_left=3), "Check the plan"),
    (facts(states=READY | {"C15": "done"}, plan_left=0, discrepancies=2), "Open the person"), (facts(states=READY | {"C15": "done"}, plan_left=0), "Validate the plan"), (facts(states=READY | {"C15": "done", "C18": "done"}), None),
])
def test_what_waits_for_an_incoming_provider(given, button):
    found = waiting.incoming(given, date(2027, 4, 1))
    assert (found.button if found else None) == button


def test_how_the_new_care_is_going_is_no_matter_of_the_provider_they_left(programme, sign_in, blue):
    person = opened(programme, blue)
    SafetyCheck.objects.create(person=person, number=1, done_on=date(2026, 11, 3), outcome="concern", follow_up="Nobody came in the evening")
    url = reverse("transfers:person-detail", args=[programme.ref, person.public_id])
    seen = {
        role: "Safety checks" in sign_in(role, programme, organisation=side).get(url).content.decode()
        for role, side in (("XP", person.exiting_provider), ("IP", blue), ("MT", None))
    }
    assert seen == {"XP": False, "IP": True, "MT": True}
