"""What a page offers is what the service takes: a form that would be refused whatever is entered is not shown, and what is missing is said."""

import re
from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import Refused
from tests.factories import ground, people
from transfers.models import Checkpoint, Discrepancy, FileTransfer, PersonContact, PersonTransfer, SafetyCheck
from transfers.services import checkpoints
from transfers.services import people as services

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def at(name, programme, person, *args):
    return reverse(f"transfers:{name}", args=[programme.ref, person.public_id, *args])


def form(client, programme, person, code, how="mark"):
    """(whether the form is there, the reasons that stand in its place)"""
    page = client.get(at("checkpoint", programme, person, code, how))
    assert page.status_code == 200
    main = re.search(r"<main.*</main>", page.content.decode(), re.S)[0]
    return "<form" in main, [reason.text for reason in page.context["bars"]]


def chain(client, programme, person):
    page = client.get(at("person-detail", programme, person))
    return {row.checkpoint.code: row for row in page.context["chain"]}, page.content.decode()


def test_c15_is_not_offered_while_c14_is_open_and_the_page_says_so(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C13"))
    client = sign_in("MT", programme)
    assert form(client, programme, person, "C15") == (False, ["C15 First visit delivered needs first: C14 Ready to transfer."])
    cell = client.get(at("person-cell", programme, person, "C15"))
    assert [reason.text for reason in cell.context["bars"]] == ["C15 First visit delivered needs first: C14 Ready to transfer."]
    assert chain(client, programme, person)[0]["C15"].may_mark is False


def test_what_is_missing_leads_to_what_can_be_done_first(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C10"))
    page = sign_in("OL", programme).get(at("checkpoint", programme, person, "C15", "mark"))
    assert [words for words, _ in page.context["ways"]] == ["Mark C11"]


@pytest.mark.parametrize(("role", "code", "said"), [
    ("OL", "C06", "C06 Sharing decision recorded can never be waived."), ("OL", "C14", "C14 Ready to transfer can never be waived."),
    ("MT", "C05", "Only the lead operational manager (OL) may waive a checkpoint."), ("CL", "C05", "Only the lead operational manager (OL) may waive a checkpoint."),
])
def test_a_waiver_is_offered_to_who_may_give_it_and_never_where_none_is_given(programme, sign_in, role, code, said):
    person = people.person(programme, done=people.ready_up_to("C04"))
    client = sign_in(role, programme)
    assert form(client, programme, person, code, "waive") == (False, [said])
    assert chain(client, programme, person)[0][code].may_waive is False


def test_the_ol_waives_c05(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C04"))
    client = sign_in("OL", programme)
    assert form(client, programme, person, "C05", "waive") == (True, [])
    assert chain(client, programme, person)[0]["C05"].may_waive is True


@pytest.mark.parametrize(("role", "code"), [("IP", "C01"), ("IP", "C13"), ("IP", "C14"), ("XP", "C12"), ("XP", "C15"), ("XP", "C18")])
def test_a_provider_gets_no_form_for_what_is_never_its(programme, sign_in, role, code):
    person = people.person(programme, done=people.ready_up_to("C11"), incoming_provider=people.incoming(programme), allocation_response="accepted", sharing_basis="direct_care")
    client = sign_in(role, programme, organisation={"IP": person.incoming_provider, "XP": person.exiting_provider}[role])
    for how in ("mark", "waive", "undo"):
        shown, said = form(client, programme, person, code, how)
        assert (shown, len(said) > 0) == (False, True)


def test_an_incoming_provider_is_offered_its_own(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C11"), incoming_provider=people.incoming(programme), allocation_response="accepted", sharing_basis="direct_care")
    client = sign_in("IP", programme, organisation=person.incoming_provider)
    assert form(client, programme, person, "C12") == (True, [])
    rows = chain(client, programme, person)[0]
    assert [code for code, row in rows.items() if row.may_mark] == ["C12"]


def test_the_second_pair_of_eyes_and_a_hold_keep_c14_from_being_offered(programme, sign_in):
    client = sign_in("OL", programme)
    about = {"done": people.ready_up_to("C13"), "incoming_provider": people.incoming(programme), "allocation_response": "accepted", "planned_transfer_date": date(2027, 4, 1), **people.ORDERS}
    person = people.person(programme, **about)
    assert chain(client, programme, person)[0]["C14"].may_mark is True
    Checkpoint.objects.filter(person=person, code="C09").update(by=client.user)
    row, text = chain(client, programme, person)[0]["C14"], chain(client, programme, person)[1]
    assert (row.may_mark, row.waits) == (False, ["You marked C09, so somebody else marks C14: two people look at each transfer."])
    assert row.waits[0] in text
    other = people.person(programme, **about)
    services.hold(other, actor=ground.actor("OL", programme), reason="no carers")
    assert chain(client, programme, other)[0]["C14"].waits == ["C14 is stopped by a hold. The mobilisation lead or the OL lifts it."]


def test_what_a_page_does_not_offer_the_service_refuses(programme):
    """Over every code and many stages: where no form is offered the service refuses, and writes nothing."""
    for role in ("OL", "MT", "CM"):
        actor = ground.actor(role, programme)
        for reached in ("C02", "C08", "C13", "C15"):
            person = people.person(programme, done=people.ready_up_to(reached))
            for n in range(1, 21):
                code = f"C{n:02d}"
                offered = not checkpoints.in_the_way(person, code, "mark", actor=actor)
                before = (Checkpoint.objects.filter(person=person).count(), PersonTransfer.objects.get(pk=person.pk).version)
                if offered:
                    continue
                with pytest.raises(Refused):
                    checkpoints.mark(person, code, actor=actor, on=date(2027, 3, 15))
                assert (Checkpoint.objects.filter(person=person).count(), PersonTransfer.objects.get(pk=person.pk).version) == before


def test_the_washup_offers_no_mark_that_waits_for_another(programme, sign_in):
    person = people.person(programme, surname="Ward", done=people.ready_up_to("C14"), in_hospital=True)
    PersonTransfer.objects.filter(pk=person.pk).update(next_checkpoint="C17", overdue_from=date(2027, 3, 10))
    page = sign_in("OL", programme).get(reverse("transfers:washup", args=[programme.ref])).content.decode()
    assert "C17 Case system" in page
    assert "Mark C17" not in page


# What C07, C08, C10, C13, C18 and C20 rest on stands in records beside the person's own: the row of the chain asks these, too.
_WAITS = {
    "C07 without an assessment": ("OL", "C07", people.ready_up_to("C06"), {}, None, "C07 rests on the assessment: "),
    "C08 without a plan": ("OL", "C08", people.ready_up_to("C07"), {}, None, "C08 rests on the care and support plan. It does not yet speak of: "),
    "C13 with nobody named at the ICB": ("XP", "C13", people.ready_up_to("C11"), {"funding_type": "chc"}, None, "Paid for by health: the file goes with the ICB, and nobody there is named."),
    "C13 with a lost file": ("XP", "C13", people.ready_up_to("C11"), {"funding_type": "council"}, "file", "The file was lost or went to the wrong place."),
    "C18 with an open discrepancy": ("QL", "C18", people.ready_up_to("C17"), {}, "discrepancy", "1 discrepancy is still open. Close it first."),
}


@pytest.mark.parametrize("case", _WAITS)
def test_the_row_of_a_checkpoint_says_what_its_own_page_would_refuse_and_leads_there(programme, sign_in, case):
    role, code, done, about, record, said = _WAITS[case]
    person = people.person(programme, done=done, incoming_provider=people.incoming(programme), allocation_response="accepted", sharing_basis="direct_care", **about)
    if record == "file":
        FileTransfer.objects.create(person=person, outcome="lost", sent_on=date(2027, 3, 8))
    if record == "discrepancy":
        Discrepancy.objects.create(person=person, kind="medication", found_on=date(2027, 3, 12))
    client = sign_in(role, programme, **({"organisation": person.exiting_provider} if role == "XP" else {}))
    rows, text = chain(client, programme, person)
    row = rows[code]
    shown, bars = form(client, programme, person, code)
    assert (shown, row.may_mark, row.way) == (False, False, True)
    assert row.waits == bars
    assert row.waits[0].startswith(said)
    assert f'checkpoints/{code}/mark/">Put right' in text


def test_a_row_that_waits_for_nothing_offers_its_mark(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C11"), incoming_provider=people.incoming(programme), allocation_response="accepted", sharing_basis="direct_care", funding_type="chc")
    PersonContact.objects.create(person=person, role="health_liaison", name="Nina Farrow")
    client = sign_in("XP", programme, organisation=person.exiting_provider)
    row = chain(client, programme, person)[0]["C13"]
    assert (row.may_mark, row.waits, row.way) == (True, [], False)
    assert form(client, programme, person, "C13") == (True, [])


def test_a_provider_who_cannot_put_it_right_is_told_who_does(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C11"), incoming_provider=people.incoming(programme), allocation_response="accepted", sharing_basis="direct_care", funding_type="chc")
    client = sign_in("XP", programme, organisation=person.exiting_provider)
    assert "The mobilisation team puts this right. Ask it." in client.get(at("checkpoint", programme, person, "C13", "mark")).content.decode()


@pytest.mark.parametrize(("answered", "may"), [(None, False), (date(2027, 3, 8), True)])
def test_c20_of_somebody_red_waits_for_the_second_check(programme, sign_in, answered, may):
    person = people.person(programme, done=people.ready_up_to("C19"), priority="R")
    Checkpoint.objects.filter(person=person, code="C15").update(done_on=date(2027, 3, 1))
    if answered:
        SafetyCheck.objects.create(person=person, number=2, outcome="safe", done_on=answered)
    client = sign_in("OL", programme)
    row = chain(client, programme, person)[0]["C20"]
    assert (row.may_mark, form(client, programme, person, "C20")[0]) == (may, may)


def test_the_day_a_list_reported_too_early_keeps_c14_from_being_offered(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C13"), incoming_provider=people.incoming(programme), allocation_response="accepted", planned_transfer_date=date(2027, 4, 1), **people.ORDERS)
    Checkpoint.objects.filter(person=person, code="C12").update(from_file=True, done_on=date(2020, 1, 1))
    client = sign_in("OL", programme)
    shown, bars = form(client, programme, person, "C14")
    assert (shown, bars) == (False, ["C12 was reported by the list: 1 Jan 2020 lies before the decision date, 4 Jan 2027."])
