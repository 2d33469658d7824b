"""What was recorded wrongly or changed later can be put right: endings, acceptances from a list, C05, C13, a waived C03."""

from datetime import date, datetime

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import Change
from mobilisation.services.imports import import_file
from tests.factories import ground, people
from transfers.models import Allocation, Checkpoint, PersonTransfer
from transfers.services import checkpoints, contacts, holds, offers, turning
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def held():
    return [list(model.objects.order_by("pk").values()) for model in (PersonTransfer, Checkpoint, Allocation)], Change.objects.count()


def refused(act, words, kind=Refused):
    before = held()
    with pytest.raises(kind, match=words):
        act()
    assert held() == before


def test_an_ending_is_taken_back_by_its_author_at_once_and_by_the_ol_with_a_reason(programme):
    person = people.person(programme, done=people.ready_up_to("C04"), priority="G")
    author, other, ol = ground.actor("MT", programme), ground.actor("MT", programme), ground.actor("OL", programme)
    turning.refresh(person)
    before = (person.status, person.next_checkpoint, person.moments)
    services.end(person, "died", actor=author, on=date(2027, 3, 14), why="daughter rang")
    refused(lambda: services.take_back_ending(person, actor=other, reason="wrong person"), "Only the lead operational manager", NotPermitted)
    refused(lambda: services.take_back_ending(person, actor=ground.actor("XP", programme, person.exiting_provider), reason="no"), "Only the lead operational manager", NotPermitted)
    refused(lambda: services.take_back_ending(person, actor=ol), "Say why the ending is taken back")
    services.take_back_ending(person, actor=author)
    assert (person.ending, person.ended_on, (person.status, person.next_checkpoint, person.moments)) == ("", None, before)
    refused(lambda: services.take_back_ending(person, actor=ol, reason="again"), "No ending is recorded")
    services.end(person, "withdrawn", actor=author, on=date(2027, 3, 14), why="daughter rang")
    with time_machine.travel(datetime(2027, 3, 15, 10, 11), tick=False):
        refused(lambda: services.take_back_ending(person, actor=author, reason="mistake"), "Only the lead operational manager", NotPermitted)
        services.take_back_ending(person, actor=ol, reason="Took the wrong row")
    told = Change.objects.filter(action="ending taken back").latest("pk")
    assert (told.why, told.fields) == ("Took the wrong row", {"ending": ["withdrawn", ""], "ended_on": ["2027-03-14", None]})


def test_the_page_of_somebody_whose_ending_is_recorded_offers_to_take_it_back(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C04"))
    services.end(person, "died", actor=ground.actor("MT", programme), on=date(2027, 3, 14), why="daughter rang")
    page, act = (reverse(f"transfers:{name}", args=[programme.ref, person.public_id, *more]) for name, more in (("person-detail", ()), ("person-act", ("take-back",))))
    client = sign_in("CM", programme)
    assert (act in client.get(page).content.decode(), client.get(act).status_code) == (False, 404)
    client = sign_in("OL", programme)
    assert [one.key for one in client.get(page).context["acts"]] == ["take-back"]
    assert "Recorded: died on 14 Mar 2027." in client.get(act).content.decode()
    assert client.post(act, {"reason": ""}).status_code == 422
    assert client.post(act, {"reason": "Another person of this name"}).status_code == 302
    assert PersonTransfer.objects.get(pk=person.pk).ending == ""
    assert "take-back" not in [one.key for one in client.get(page).context["acts"]]


def from_list(programme):
    """A person whose acceptance came with the list: no offer, no answer."""
    person = people.person(programme, done=people.ready_up_to("C03"), priority="A", incoming_provider=people.incoming(programme))
    Checkpoint.objects.create(person=person, code="C09", state="done", done_on=date(2027, 1, 4), from_file=True, by_label="a list")
    turning.refresh(person)
    return PersonTransfer.objects.get(pk=person.pk)


def test_an_acceptance_from_a_list_is_undone_before_another_provider_is_asked(programme, sign_in):
    person, ol = from_list(programme), ground.actor("OL", programme)
    oyster = people.incoming(programme, "Oyster Bay Care Ltd")
    refused(lambda: services.offer(person, oyster, actor=ol), "C09 Incoming provider accepted is settled, for Bluebell Care Partners. Undo C09 before offering")
    assert "offer" not in [act.key for act in sign_in("MT", programme).get(reverse("transfers:person-detail", args=[programme.ref, person.public_id])).context["acts"]]
    checkpoints.undo(person, "C09", actor=ol, reason="They never answered")
    assert PersonTransfer.objects.get(pk=person.pk).allocation_response == ""
    services.offer(person, oyster, actor=ol)
    services.respond(person, "accepted", actor=ground.actor("PO", programme))
    assert (Allocation.objects.get(current=True).response, person.checkpoints.get(code="C09").done_on) == ("accepted", date(2027, 3, 15))


@pytest.mark.parametrize("answer", ["accepted", "declined"])
def test_an_answer_beside_an_older_acceptance_waits_until_that_is_undone(programme, answer):
    """Rows from before: an offer was made past the mark."""
    person = from_list(programme)
    Allocation.objects.create(person=person, provider=people.incoming(programme, "Oyster Bay Care Ltd"), proposed_on=date(2027, 3, 1))
    refused(lambda: services.respond(person, answer, actor=ground.actor("PO", programme), reason="said so"), "Undo C09 first, then record the answer")


def without_representative(programme, done, **fields):
    person = people.person(programme, done=done, **fields)
    Checkpoint.objects.update_or_create(person=person, code="C05", defaults={"state": "not_applicable", "done_on": None})
    turning.refresh(person)
    return PersonTransfer.objects.get(pk=person.pk)


def by_contact(person, programme):
    contacts.add(person, {"role": "representative", "name": "Rita Rep"}, actor=ground.actor("MT", programme))


def by_form(person, programme):
    services.update_person(person, {"representative_name": "Rita Rep"}, actor=ground.actor("MT", programme))


def by_choice(person, programme):
    made = contacts.add(person, {"role": "advocate", "name": "Rita Rep"}, actor=ground.actor("MT", programme))
    contacts.change(made, {"role": "next_of_kin"}, actor=ground.actor("MT", programme))
    contacts.choose(made, actor=ground.actor("MT", programme))


def by_file(person, programme):
    rows = f"Swift ID,Surname,First name,Current provider,NOK\n{person.case_system_id},{person.surname},Test,Meadowgate Homecare Ltd,Rita Rep\n"
    outcome = import_file("tracker", programme, ground.actor("OL", programme), rows.encode(), "list.csv")
    assert (outcome.summary["updated"], outcome.summary["errors"]) == (1, [])


@pytest.mark.parametrize("way", [by_contact, by_form, by_choice, by_file])
def test_c05_is_open_again_whichever_way_a_representative_comes_in(programme, way):
    person = without_representative(programme, people.ready_up_to("C04"))
    assert person.next_checkpoint == "C03" or person.settled_codes == 5
    way(person, programme)
    row = PersonTransfer.objects.get(pk=person.pk)
    mark = row.checkpoints.get(code="C05")
    assert (row.representative_name, mark.state, mark.note, row.next_checkpoint, row.settled_codes) == ("Rita Rep", "reopened", "There is a representative now, who is told first", "C05", 4)
    assert Change.objects.filter(entity="transfers.checkpoint", object_id=mark.pk, action="reopened").count() == 1
    checkpoints.mark(row, "C05", actor=ground.actor("CL", programme))
    assert row.checkpoints.get(code="C05").state == "done"


@pytest.mark.parametrize(("upto", "c14"), [("C14", "reopened"), ("C15", "done")])
def test_readiness_waits_for_the_representative_but_a_visit_is_a_visit(programme, upto, c14):
    person = without_representative(programme, people.ready_up_to(upto), incoming_provider=people.incoming(programme), planned_transfer_date=date(2027, 3, 20))
    by_contact(person, programme)
    assert [person.checkpoints.get(code=code).state for code in ("C05", "C14")] == ["reopened", c14]


def test_an_advocate_reopens_nothing(programme):
    person = without_representative(programme, people.ready_up_to("C04"))
    contacts.add(person, {"role": "advocate", "name": "Ada"}, actor=ground.actor("MT", programme))
    assert person.checkpoints.get(code="C05").state == "not_applicable"


def test_a_priority_is_set_after_c03_was_waived_and_the_waiver_stands(programme):
    person = people.person(programme, done=("C01",))
    Checkpoint.objects.create(person=person, code="C03", state="waived", note="urgent", risk_assessment="called")
    services.set_priority(person, "R", actor=ground.actor("CM", programme))
    assert (person.priority, person.checkpoints.get(code="C03").state) == ("R", "waived")


@pytest.mark.parametrize("funding", ["other_authority", "self", "direct_payment"])
def test_c13_does_not_apply_where_there_is_no_file(programme, funding):
    person = people.person(programme, done=people.ready_up_to("C06"), funding_type=funding, sharing_basis="direct_care")
    mt = ground.actor("MT", programme)
    refused(lambda: checkpoints.mark(person, "C13", actor=mt), "instruction|choice")
    checkpoints.mark(person, "C13", actor=mt, state="not_applicable", note="No file was ever kept")
    assert person.checkpoints.get(code="C13").state == "not_applicable"


def test_a_current_plan_answers_for_somebody_unknown_to_the_council(programme, sign_in):
    person = people.person(programme, done=("C01", "C03"), known_to_council=False)
    ol = ground.actor("OL", programme)
    refused(lambda: services.set_priority(person, "G", actor=ol), "Not known to the council: Amber until")
    Checkpoint.objects.create(person=person, code="C08", state="done", done_on=date(2027, 3, 1))
    page = sign_in("OL", programme).get(reverse("transfers:person-detail", args=[programme.ref, person.public_id]))
    assert (page.context["suggestion"].letter, page.context["suggestion"].amber_flags) == ("G", ())
    services.set_priority(person, "G", actor=ol)
    assert person.priority == "G"


@pytest.mark.parametrize("named", ["", "Seasalter Home Support CIC"])
def test_a_waived_acceptance_leaves_the_way_to_a_provider_open(programme, sign_in, named):
    by_list = {"incoming_provider": people.incoming(programme, named)} if named else {}
    person = people.person(programme, done=people.ready_up_to("C08"), priority="G", **by_list)
    for actor in [ground.actor(role, programme) for role in ("OL", "CL")]:
        checkpoints.waive(person, "C09", actor=actor, reason="The provider moves in next week", risk_assessment="Known to the team")
    person.refresh_from_db()
    assert (person.status, person.incoming_provider) == ("allocated", by_list.get("incoming_provider"))
    page = sign_in("MT", programme).get(reverse("transfers:person-detail", args=[programme.ref, person.public_id])).content.decode()
    assert "Offer to a provider" in page
    services.offer(person, people.incoming(programme), actor=people.operator())
    services.respond(person, "accepted", actor=people.operator())
    person.refresh_from_db()
    assert (person.allocation_response, str(person.incoming_provider), person.checkpoints.get(code="C09").state) == ("accepted", "Bluebell Care Partners", "waived")


@pytest.mark.parametrize("agreed", [True, False])
def test_the_providers_answer_leaves_a_waiver_that_waits_for_the_cl(programme, agreed):
    person, blue = people.person(programme, done=people.ready_up_to("C08"), priority="G"), people.incoming(programme)
    ol, cl = ground.actor("OL", programme), ground.actor("CL", programme)
    services.offer(person, blue, actor=ol)
    checkpoints.waive(person, "C09", actor=ol, reason="The provider moves in next week", risk_assessment="Known to the team")
    asked = Checkpoint.objects.filter(person=person, code="C09").values().get()
    offers.answer(person, "accepted", actor=ground.actor("IP", programme, blue))
    assert Checkpoint.objects.filter(person=person, code="C09").values().get() == asked
    if agreed:
        checkpoints.waive(person, "C09", actor=cl)
        assert (person.allocation_response, person.checkpoints.get(code="C09").state) == ("accepted", "waived")
    else:
        checkpoints.decline_waiver(person, "C09", actor=cl, reason="Wait for the rota")
        services.respond(person, "declined", actor=cl, reason="no staff after all")
        assert (person.allocation_response, person.incoming_provider, person.checkpoints.get(code="C09").state) == ("declined", None, "not_started")


def test_an_answer_of_a_list_without_its_day_does_not_close_the_way(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C04"), priority="G", incoming_provider=people.incoming(programme), allocation_response="accepted")
    page = sign_in("MT", programme).get(reverse("transfers:person-detail", args=[programme.ref, person.public_id])).content.decode()
    assert "Offer to a provider" in page
    services.offer(person, people.incoming(programme, "Oyster Bay Care Ltd"), actor=people.operator())
    assert (PersonTransfer.objects.get().allocation_response, Allocation.objects.get().response) == ("offered", "offered")


def test_a_hold_of_the_wave_is_not_offered_to_be_lifted_on_one_person(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C04"), wave="4")
    holds.hold_group(programme, actor=people.operator(), reason="Snow", wave="4")
    page = reverse("transfers:person-detail", args=[programme.ref, person.public_id])
    client = sign_in("OL", programme)
    assert ("On hold" in client.get(page).content.decode(), "Lift the hold" in client.get(page).content.decode()) == (True, False)
