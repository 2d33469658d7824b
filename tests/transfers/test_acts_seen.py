"""Acts on a person carry what their page showed: what has changed meanwhile refuses them in words, and nothing typed is lost."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.models import Change
from mobilisation.services.changes import entity_name
from tests.factories import ground, people
from transfers.models import Allocation, Checkpoint, Hold, PersonTransfer
from transfers.services import checkpoints, contacts, handover
from transfers.services import people as services
from transfers.services.seen import Seen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def act(programme, person, name):
    return reverse("transfers:person-act", args=[programme.ref, person.public_id, name])


def shown(client, page):
    """The version that an open page carries."""
    answer = client.get(page)
    assert answer.status_code == 200
    return answer.context["form"].initial["version"]


def held():
    return [list(model.objects.order_by("pk").values()) for model in (PersonTransfer, Allocation, Checkpoint, Hold)], Change.objects.count()


def refused(client, page, data):
    before = held()
    answer = client.post(page, data)
    assert (answer.status_code, held()) == (422, before)
    return answer.content.decode().replace("&#x27;", "'"), answer.context["form"]


def test_a_priority_set_meanwhile_is_said_and_the_next_save_decides(programme, sign_in):
    person = people.person(programme, done=("C01",))
    client = sign_in("OL", programme)
    page = act(programme, person, "priority")
    version = shown(client, page)
    services.set_priority(person, "R", actor=ground.actor("CM", programme))
    words, form = refused(client, page, {"letter": "G", "reason": "looks well", "version": version})
    assert "Priority: " in words and "changed it to “Red” at 10:00 on 15 Mar 2027, while this page was open." in words and "Nothing was saved." in words
    assert "Priority now: Red." in words
    assert (form["letter"].value(), form["reason"].value()) == ("G", "looks well")
    assert client.post(page, {"letter": "G", "reason": "looks well", "version": form["version"].value()}).status_code == 302
    assert PersonTransfer.objects.get(pk=person.pk).priority == "G"


def test_a_green_that_came_by_file_is_confirmed_with_a_reason_where_the_needs_suggest_red(programme, sign_in):
    """As the notes of an import ask. The standing value is the one in doubt: to save it unchanged is no confirmation."""
    person = people.person(programme, done=("C01",), priority="G", peg_or_clinical=True)
    client, page = sign_in("OL", programme), act(programme, person, "priority")
    version = shown(client, page)
    words, _ = refused(client, page, {"letter": "G", "reason": " ", "version": version})
    assert "The needs suggest Red (PEG or other delegated clinical task). Say why Green is right." in words
    assert client.post(page, {"letter": "G", "reason": "PEG removed last week", "version": version}).status_code == 302
    assert PersonTransfer.objects.values_list("priority", "priority_reason").get() == ("G", "PEG removed last week")
    assert Change.objects.filter(entity=entity_name(PersonTransfer)).values_list("fields", "why").latest("pk") == ({"priority_reason": ["", "PEG removed last week"]}, "PEG removed last week")
    assert person.checkpoints.get(code="C03").state == "done"
    refused(client, page, {"letter": "G", "reason": "", "version": shown(client, page)})  # nor does a later save take the reason away


def test_what_others_changed_elsewhere_on_the_person_stops_no_act(programme, sign_in):
    person = people.person(programme, done=("C01",))
    client = sign_in("OL", programme)
    version = shown(client, act(programme, person, "priority"))
    services.update_person(person, {"zone": "Coastal"}, actor=ground.actor("MT", programme))
    assert client.post(act(programme, person, "priority"), {"letter": "A", "version": version}).status_code == 302
    row = PersonTransfer.objects.get(pk=person.pk)
    assert (row.priority, row.zone) == ("A", "Coastal")


def test_an_offer_made_meanwhile_is_not_replaced_unseen(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C03"), priority="G")
    client = sign_in("CL", programme)
    page = act(programme, person, "offer")
    version = shown(client, page)
    services.offer(person, people.incoming(programme), actor=ground.actor("MT", programme), wave="1")
    words, form = refused(client, page, {"provider": people.incoming(programme, "Oyster Bay Care Ltd").pk, "wave": "2", "version": version})
    assert "changed it to “Bluebell Care Partners”" in words and "Now: Bluebell Care Partners, offered." in words
    assert (Allocation.objects.get().provider.name, form["wave"].value()) == ("Bluebell Care Partners", "2")


def test_one_providers_yes_is_never_recorded_for_another(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C03"), priority="G")
    mt = ground.actor("MT", programme)
    services.offer(person, people.incoming(programme, "Oyster Bay Care Ltd"), actor=mt)
    client = sign_in("PO", programme)
    page = act(programme, person, "respond")
    assert "Offered to Oyster Bay Care Ltd on 15 Mar 2027. Record what Oyster Bay Care Ltd answered." in client.get(page).content.decode()
    version = shown(client, page)
    services.offer(person, people.incoming(programme), actor=mt)
    words, form = refused(client, page, {"response": "accepted", "reason": "Oyster said yes", "version": version})
    assert "Incoming provider: " in words and "changed it to “Bluebell Care Partners”" in words and "Offered to Bluebell Care Partners on 15 Mar 2027." in words
    assert (form["response"].value(), form["reason"].value()) == ("accepted", "Oyster said yes")
    assert not Checkpoint.objects.filter(code="C09").exists()


def test_an_act_that_is_no_longer_offered_is_answered_in_words(programme, sign_in):
    """Once it was a page that could not be found, and what had been typed was gone."""
    person = people.person(programme, done=people.ready_up_to("C03"), priority="G")
    ol = ground.actor("OL", programme)
    held_by = services.hold(person, actor=ol, reason="No rota yet")
    client = sign_in("ML", programme)
    page = act(programme, person, "lift")
    assert "On hold since 15 Mar 2027: No rota yet" in client.get(page).content.decode()
    version = shown(client, page)
    services.lift(held_by, actor=ol, why="Rota came")
    words, form = refused(client, page, {"why": "Rota is here", "version": version})
    assert "not on a hold of their own" in words and form["why"].value() == "Rota is here"
    services.hold(person, actor=ol, reason="Safeguarding visit first")
    words, _ = refused(client, page, {"why": "Rota is here", "version": version})
    assert "Hold: " in words and "recorded “created”" in words and "On hold since 15 Mar 2027: Safeguarding visit first" in words


def test_somebody_whose_ending_was_recorded_meanwhile(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C03"), priority="G")
    client = sign_in("OL", programme)
    page = act(programme, person, "end")
    version = shown(client, page)
    services.end(person, "died", actor=ground.actor("MT", programme), on=date(2027, 3, 14), why="daughter rang")
    words, form = refused(client, page, {"ending": "moved_away", "on": "2027-03-10", "why": "letter came back", "version": version})
    assert "Ending: " in words and "changed it to “Died”" in words and form["why"].value() == "letter came back"
    words, _ = refused(client, act(programme, person, "priority"), {"letter": "R"})
    assert "This person is recorded as died. Take the ending back first, if it is wrong." in words
    assert client.get(page).status_code == 404


@pytest.mark.parametrize("odd", ["", "x", "7", "-1/", "99999999999/", "1/nonsense"])
def test_a_version_that_says_nothing_holds_nobody_up_or_is_refused_in_words(programme, sign_in, odd):
    person = people.person(programme, done=("C01",))
    answer = sign_in("OL", programme).post(act(programme, person, "priority"), {"letter": "R", "version": odd})
    assert answer.status_code == (422 if odd == "1/nonsense" else 302)


def test_a_mark_that_rests_on_another_provider_is_asked_for_again(programme, sign_in):
    oyster = people.incoming(programme, "Oyster Bay Care Ltd")
    person = people.person(programme, done=people.ready_up_to("C03"), priority="G", incoming_provider=oyster)
    client = sign_in("CL", programme)
    page = reverse("transfers:checkpoint", args=[programme.ref, person.public_id, "C09", "mark"])
    assert "Incoming provider: Oyster Bay Care Ltd." in client.get(page).content.decode()
    version = shown(client, page)
    services.offer(person, people.incoming(programme), actor=ground.actor("MT", programme))
    words, form = refused(client, page, {"on": "2027-03-15", "note": "Oyster rang", "version": version})
    assert "changed it to “Bluebell Care Partners”" in words and form["note"].value() == "Oyster rang"


def test_a_mark_made_or_undone_meanwhile_is_said_with_its_author(programme, sign_in):
    person = people.person(programme)
    client = sign_in("OL", programme)
    page = reverse("transfers:checkpoint", args=[programme.ref, person.public_id, "C01", "mark"])
    version, da = shown(client, page), ground.actor("DA", programme)
    checkpoints.mark(person, "C01", actor=da)
    words, form = refused(client, page, {"on": "2027-03-12", "note": "from the list", "version": version})
    assert f"Checkpoint: {da.label} recorded “C01 done” at 10:00 on 15 Mar 2027, while this page was open." in words
    assert form["note"].value() == "from the list"
    undo = reverse("transfers:checkpoint", args=[programme.ref, person.public_id, "C01", "undo"])
    version = shown(client, undo)
    checkpoints.undo(person, "C01", actor=da)
    checkpoints.mark(person, "C01", actor=da, on=date(2027, 3, 1))
    words, _ = refused(client, undo, {"reason": "wrong list", "version": version})
    assert "recorded “C01 done”" in words


def test_where_the_file_goes_is_not_decided_over_unseen_words(programme, sign_in):
    person = people.person(programme, funding_type="self")
    client = sign_in("MT", programme)
    page = reverse("transfers:file-route", args=[programme.ref, person.public_id])
    version = shown(client, page)
    handover.record_route(person, actor=ground.actor("MT", programme), choice="Takes it along")
    words, form = refused(client, page, {"words": "Does not want it kept", "version": version})
    assert "changed it to “Takes it along”" in words and form["words"].value() == "Does not want it kept"
    assert client.post(page, {"words": "Does not want it kept", "version": form["version"].value()}).status_code == 302
    assert PersonTransfer.objects.get().file_choice == "Does not want it kept"


def test_orders_that_changed_since_are_not_recorded_as_shared(programme, sign_in):
    person = people.person(programme, incoming_provider=people.incoming(programme), old_order_ref="SO1", old_order_end=date(2027, 3, 31), new_order_ref="SO2", new_order_start=date(2027, 4, 1), payment_ref="P1")
    client = sign_in("PO", programme)
    page = reverse("transfers:order-share", args=[programme.ref, person.public_id])
    version = shown(client, page)
    services.update_person(person, {"new_order_start": date(2027, 4, 8)}, actor=ground.actor("MT", programme))
    words, form = refused(client, page, {"on": "2027-03-15", "version": version})
    assert "changed it to “8 Apr 2027”" in words
    assert client.post(page, {"on": "2027-03-15", "version": form["version"].value()}).status_code == 302


def test_a_contact_ended_meanwhile_is_said(programme, sign_in):
    person = people.person(programme, representative_name="Rita Rep")
    made = person.personcontacts.get()
    client = sign_in("MT", programme)
    page = reverse("transfers:contact-act", args=[programme.ref, person.public_id, made.public_id, "end"])
    contacts.end(made, actor=ground.actor("MT", programme))
    words, form = refused(client, page, {"why": "moved abroad"})
    assert "This contact was ended already." in words and form["why"].value() == "moved abroad"
    assert client.get(page).status_code == 404


def test_the_words_of_a_version_come_back_as_they_went(programme):
    person = people.person(programme, done=("C01",))
    mark = person.checkpoints.get()
    assert Seen.read(str(Seen.of(person, mark))) == Seen(person.version, f"{mark.pk}.{mark.version}")
    assert (Seen.read(str(Seen.of(person))), Seen.read("nothing")) == (Seen(person.version), None)
