"""A provider acts from the side on which it stands to each person, and reads of no other provider (domain 5.2, 8)."""

import re
from datetime import date
from types import SimpleNamespace

import pytest
import time_machine
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.errors import NotPermitted, Reason
from mobilisation.models import Change
from tests.factories import ground, people, staff
from transfers.models import Checkpoint, Discrepancy, FileTransfer, Hold, HospitalEpisode, PersonTransfer, SafetyCheck
from transfers.models.staff import TupeProcess
from transfers.services import care_plans, checkpoints, handover, holds, hospital, offers
from transfers.services import people as services
from transfers.views.people.solving import ways

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
MODELS = (PersonTransfer, Checkpoint, SafetyCheck, FileTransfer, Discrepancy, HospitalEpisode)


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def everything():
    return [list(model.objects.order_by("pk").values()) for model in MODELS], Change.objects.count()


def moving(programme, up_to, **fields):
    return people.person(
        programme, done=people.ready_up_to(up_to), **({"incoming_provider": people.incoming(programme), "allocation_response": "accepted", "sharing_basis": "direct_care", "priority": "G", "planned_transfer_date": date(2027, 3, 15)} | fields)
    )


@pytest.fixture
def both_sides(programme):
    """(user, actor) of Oyster Bay, which leaves some people and takes on others."""
    oyster = ground.party(programme, "Oyster Bay Care Ltd", "exiting")
    user = ground.user_in("IP", programme, oyster)
    ground.user_in("XP", programme, oyster, who=user)
    return user, Actor.of(user, programme)


@pytest.mark.parametrize(("code", "up_to", "role"), [("C12", "C11", "IP"), ("C15", "C14", "IP"), ("C13", "C12", "XP")])
def test_who_stands_on_both_sides_marks_only_what_is_its_own_sides(programme, both_sides, client, code, up_to, role):
    user, actor = both_sides
    oyster, blue = people.incoming(programme, "Oyster Bay Care Ltd"), people.incoming(programme)
    leaves, comes = moving(programme, up_to, exiting_provider=oyster, incoming_provider=blue), moving(programme, up_to, incoming_provider=oyster)
    own, other = (comes, leaves) if role == "IP" else (leaves, comes)
    before = everything()
    with pytest.raises(NotPermitted, match=f"{code} .* is marked by"):
        checkpoints.mark(other, code, actor=actor)
    assert everything() == before
    client.force_login(user)
    for person, may in ((own, True), (other, False)):
        page = client.get(reverse("transfers:person-detail", args=[programme.ref, person.public_id]))
        assert next(row.may_mark for row in page.context["chain"] if row.checkpoint.code == code) is may
    assert checkpoints.mark(own, code, actor=actor).state == ("done" if code == "C12" else "in_progress")


ACTS = {
    "contact": ("C11", lambda person, actor: checkpoints.mark(person, "C12", actor=actor)),
    "plan received": ("C15", lambda person, actor: care_plans.receive(person, actor=actor)),
    "discrepancy": ("C15", lambda person, actor: care_plans.open_discrepancy(person, "other", actor=actor, detail="No key")),
    "admission": ("C11", lambda person, actor: services.admit(person, actor=actor, hospital="QEQM")),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_provider_that_lost_somebody_while_its_page_was_open_writes_nothing_more(programme, act):
    """What it read is as it was; the right is asked of the row as it is now."""
    up_to, do = ACTS[act]
    person = moving(programme, up_to)
    actor = ground.actor("IP", programme, people.incoming(programme))
    read_before = PersonTransfer.objects.select_related("programme").get(pk=person.pk)
    PersonTransfer.objects.filter(pk=person.pk).update(incoming_provider=people.incoming(programme, "Oyster Bay Care Ltd"))
    before = everything()
    with pytest.raises(NotPermitted):
        do(read_before, actor)
    assert everything() == before


def test_the_exiting_provider_whose_days_are_over_records_no_file_from_a_page_that_was_open(programme):
    person = moving(programme, "C12")
    actor = ground.actor("XP", programme, person.exiting_provider)
    read_before = PersonTransfer.objects.select_related("programme").get(pk=person.pk)
    PersonTransfer.objects.filter(pk=person.pk).update(exiting_sight_until=date(2027, 3, 14))
    before = everything()
    with pytest.raises(NotPermitted):
        handover.record_file(read_before, {"requested_on": date(2027, 3, 15)}, actor=actor)
    assert everything() == before


@pytest.mark.parametrize("number", [1, 2])
def test_no_provider_records_a_safety_check_not_even_a_further_one(programme, number):
    person = moving(programme, "C16", actual_transfer_date=people.LISTED)
    before = everything()
    with pytest.raises(NotPermitted, match="keeps the safety checks"):
        checkpoints.record_safety_check(person, "safe", actor=ground.actor("IP", programme, person.incoming_provider), number=number)
    with pytest.raises(NotPermitted):
        checkpoints.record_safety_check(person, "safe", actor=ground.actor("XP", programme, person.exiting_provider), number=number)
    assert everything() == before


def test_a_provider_reads_that_a_transfer_is_held_and_the_reason_only_where_it_is_its_own(programme, sign_in):
    ol, person = ground.actor("OL", programme), moving(programme, "C12", wave="2")
    blue, leaving = person.incoming_provider, person.exiting_provider
    holds.hold_group(programme, actor=ol, reason="Bluebell lost its rota", provider=blue)
    holds.hold_group(programme, actor=ol, reason="Meadowgate owes files", provider=leaving)
    holds.hold_group(programme, actor=ol, reason="Oyster Bay is full", wave="2")
    services.hold(person, actor=ol, reason="Son is abroad")
    held = "The mobilisation team holds this transfer. Ask it when it goes on."
    url = reverse("transfers:person-detail", args=[programme.ref, person.public_id])

    def reads(role, organisation=None):
        return sorted(sign_in(role, programme, organisation=organisation).get(url).context["holds"])

    assert reads("MT") == ["Bluebell lost its rota", "Meadowgate owes files", "Oyster Bay is full", "Son is abroad"]
    assert reads("IP", blue) == ["Bluebell lost its rota", "Son is abroad", held, held]
    assert reads("XP", leaving) == ["Meadowgate owes files", "Son is abroad", held, held]
    assert Hold.objects.count() == 4


def test_an_employer_reads_and_dates_only_the_tupe_records_of_its_own_staff(programme, sign_in):
    blue, oyster = people.incoming(programme), people.incoming(programme, "Oyster Bay Care Ltd")
    mine, to_blue = staff.exiting(programme), staff.tupe(programme, transferee=blue)
    other = ground.party(programme, "Harbour Care Ltd", "exiting")
    to_anybody = TupeProcess.objects.create(programme=programme, transferor=other, transfer_date=date(2027, 5, 3))
    to_oyster = TupeProcess.objects.create(programme=programme, transferor=other, transferee=oyster, transfer_date=date(2027, 4, 1))
    page = reverse("transfers:staff-list", args=[programme.ref])

    def reads(role, organisation=None):
        client = sign_in(role, programme, organisation=organisation)
        answer = client.get(page)
        shown = {row.parties for row in answer.context["facts"].tupe}
        opened = {one for one in (to_blue, to_anybody, to_oyster) if client.get(reverse("transfers:tupe-edit", args=[programme.ref, one.public_id])).status_code == 200}
        return set(answer.context["processes"]), shown, opened

    names = {to_blue: "Meadowgate Homecare Ltd to Bluebell Care Partners", to_anybody: "Harbour Care Ltd to incoming employers", to_oyster: "Harbour Care Ltd to Oyster Bay Care Ltd"}
    assert reads("WL") == (set(names), set(names.values()), set(names))
    assert reads("XP", mine) == ({to_blue}, {names[to_blue]}, {to_blue})
    assert reads("XP", other) == ({to_anybody, to_oyster}, {names[to_anybody], names[to_oyster]}, {to_anybody, to_oyster})
    assert reads("IP", blue) == ({to_blue, to_anybody}, {names[to_blue], names[to_anybody]}, set())
    assert reads("IP", oyster) == ({to_anybody, to_oyster}, {names[to_anybody], names[to_oyster]}, set())


def test_a_stay_that_is_changed_is_told_and_no_other(programme):
    """The clock tells of the others: two who change a stay each hold no lock on each other's."""
    ol = ground.actor("OL", programme)
    soon, mine = (moving(programme, "C11") for _ in range(2))
    for person in (soon, mine):
        services.admit(person, actor=ol, hospital="QEQM")
    HospitalEpisode.objects.filter(person=soon).update(expected_discharge=date(2027, 3, 16))
    hospital.change_stay(PersonTransfer.objects.get(pk=mine.pk), {"expected_discharge": date(2027, 3, 16)}, actor=ol)
    assert dict(HospitalEpisode.objects.values_list("person", "discharge_told_for")) == {soon.pk: None, mine.pk: date(2027, 3, 16)}
    hospital.tell(programme, date(2027, 3, 15))
    assert set(HospitalEpisode.objects.values_list("discharge_told_for", flat=True)) == {date(2027, 3, 16)}


def test_a_refusal_leads_who_stands_on_both_sides_to_no_form_of_the_other_side(programme, both_sides):
    user, actor = both_sides
    oyster, blue = people.incoming(programme, "Oyster Bay Care Ltd"), people.incoming(programme)
    leaves, comes = moving(programme, "C12", exiting_provider=oyster, incoming_provider=blue), moving(programme, "C14", incoming_provider=oyster)

    def led(person):
        view = SimpleNamespace(actor=actor, programme=programme, person=person, request=SimpleNamespace(user=user, path="/"))
        return [words for words, _ in ways(view, [Reason("The first visit is not done.", solve=("C15", "C13"))])]

    assert (led(comes), led(leaves)) == (["Mark C15"], ["Mark C13"])


def test_the_filter_of_a_provider_names_no_other_one_and_finds_by_no_offer_that_is_hidden(programme, sign_in):
    """Who is asked and has not accepted is "nobody yet" to the provider left, in the row and in the filter alike."""
    blue, oyster = people.incoming(programme), people.incoming(programme, "Oyster Bay Care Ltd")
    people.incoming(programme, "Seasalter Home Support CIC")
    taken, asked, free = moving(programme, "C09", incoming_provider=blue), moving(programme, "C08", incoming_provider=oyster, allocation_response="offered"), moving(programme, "C08", incoming_provider=None, allocation_response="")
    PersonTransfer.objects.update(exiting_provider=taken.exiting_provider)

    def found(client, provider=""):
        page = client.get(reverse("transfers:person-list", args=[programme.ref]), {"provider": provider})
        offered = re.search(r'<select[^>]*name="provider".*?</select>', str(page.context["filters"]), re.S)
        return re.findall(r"<option[^>]*>([^<]+)", offered[0]) if offered else None, {person.pk for person, _ in page.context["rows"]}

    exiting = sign_in("XP", programme, organisation=taken.exiting_provider)
    assert found(exiting) == (["All", "Bluebell Care Partners", "None yet"], {taken.pk, asked.pk, free.pk})
    assert (found(exiting, blue.public_id)[1], found(exiting, "none")[1]) == ({taken.pk}, {asked.pk, free.pk})
    assert found(exiting, oyster.public_id)[1] == {taken.pk, asked.pk, free.pk}, "who is not offered to choose from narrows nothing"
    assert found(sign_in("IP", programme, organisation=blue)) == (["All", "Bluebell Care Partners", "None yet"], {taken.pk})
    team = sign_in("MT", programme)
    assert (len(found(team)[0]), found(team, oyster.public_id)[1], found(team, "none")[1]) == (5, {asked.pk}, {free.pk})


def test_what_a_former_provider_said_on_c09_is_no_history_of_the_next(programme, sign_in):
    blue, sea = people.incoming(programme), people.incoming(programme, "Seasalter Home Support CIC")
    person, ol, po = moving(programme, "C08", incoming_provider=None, allocation_response=""), ground.actor("OL", programme), ground.actor("PO", programme)
    services.offer(person, blue, actor=ol)
    offers.answer(person, "accepted_with_conditions", actor=Actor.of(ground.user_in("IP", programme, blue), programme), reason="Only after ten")
    services.respond(person, "declined", actor=po, reason="Worker left")
    services.offer(person, sea, actor=ol)
    offers.answer(person, "accepted", actor=Actor.of(ground.user_in("IP", programme, sea), programme))
    services.respond(person, "accepted", actor=po)
    for role, provider in (("IP", sea), ("XP", person.exiting_provider)):
        client = sign_in(role, programme, organisation=provider)
        for name, rest in (("person-detail", ()), ("cell-history", ("C09",))):
            page = client.get(reverse(f"transfers:{name}", args=[programme.ref, person.public_id, *rest]))
            assert (page.status_code, [words for words in ("Worker left", "Only after ten") if words in page.content.decode()]) == (200, []), (role, name)
    assert "Worker left" in sign_in("OL", programme).get(reverse("transfers:cell-history", args=[programme.ref, person.public_id, "C09"])).content.decode()
