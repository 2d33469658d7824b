"""Whoever died, withdrew or moved away is on the way no more: nothing of the chain changes, nothing is missing; their affairs are closed (domain 4, 10.11)."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import Refused
from mobilisation.models import Change
from tests.factories import ground, people
from transfers.models import Checkpoint, ContactLog, Hold, MoneyHeld, PersonTransfer, SafetyCheck, ServiceOrder
from transfers.services import batches, checkpoints
from transfers.services import people as services
from transfers.services.batches import Wish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
MONDAY = date(2027, 3, 15)
DIED = "This person is recorded as died. Take the ending back first, if it is wrong."


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def gone(programme, up_to="C03", **fields):
    person = people.person(programme, done=people.ready_up_to(up_to), priority="R", incoming_provider=people.incoming(programme), **fields)
    services.end(person, "died", actor=ground.actor("OL", programme), on=MONDAY, why="the family rang")
    return person


def everything():
    found = [list(model.objects.order_by("pk").values()) for model in (PersonTransfer, Checkpoint, Hold, SafetyCheck)]
    return found, Change.objects.exclude(entity="transfers.batch").count()


def ol(programme):
    return ground.actor("OL", programme)


ACTS = {
    "mark": lambda person, actor: checkpoints.mark(person, "C04", actor=actor),
    "not applicable": lambda person, actor: checkpoints.mark(person, "C05", actor=actor, state="not_applicable"),
    "waive": lambda person, actor: checkpoints.waive(person, "C08", actor=actor, reason="none", risk_assessment="none"),
    "decline": lambda person, actor: checkpoints.decline_waiver(person, "C08", actor=actor, reason="none"),
    "undo": lambda person, actor: checkpoints.undo(person, "C03", actor=actor, reason="wrong"),
    "safety check": lambda person, actor: checkpoints.record_safety_check(person, "safe", actor=actor),
}


@pytest.mark.parametrize("act", ACTS)
def test_no_checkpoint_is_touched_and_the_ending_is_the_only_reason(programme, act):
    person = gone(programme)
    before = everything()
    with pytest.raises(Refused) as refusal:
        ACTS[act](person, ol(programme))
    assert [reason.text for reason in refusal.value.reasons] == [DIED]
    assert everything() == before


def test_a_second_safety_check_is_refused_too(programme):
    person = people.person(programme, done=people.ready_up_to("C16"), priority="R", incoming_provider=people.incoming(programme))
    SafetyCheck.objects.create(person=person, done_on=date(2027, 3, 12), outcome="safe")
    services.end(person, "died", actor=ol(programme), on=MONDAY, why="the family rang")
    before = everything()
    with pytest.raises(Refused, match=r"^This person is recorded as died"):
        checkpoints.record_safety_check(person, "safe", actor=ground.actor("CM", programme), number=2)
    assert everything() == before


@pytest.mark.parametrize("act", ["done", "undo"])
@pytest.mark.parametrize("code", ["C03", "C04"])
def test_a_cell_of_a_checkpoint_says_why(programme, sign_in, act, code):
    person = gone(programme)
    before = everything()
    mark = Checkpoint.objects.filter(person=person, code=code).first()
    answer = sign_in("OL", programme).post(
        reverse("transfers:person-cell", args=[programme.ref, person.public_id, code]),
        {"act": act, "on": "2027-03-15", "note": "why not", "version": f"{person.version}/{f'{mark.pk}.{mark.version}' if mark else ''}"}, headers={"HX-Request": "true"},
    )
    assert (answer.status_code, answer.json()["reasons"]) == (422, [DIED])
    assert everything() == before


@pytest.mark.parametrize(("how", "code"), [("mark", "C04"), ("undo", "C03"), ("waive", "C08"), ("not-applicable", "C05")])
def test_a_form_of_a_checkpoint_says_why_before_and_after_it_is_sent(programme, sign_in, how, code):
    person, client = gone(programme), sign_in("OL", programme)
    before = everything()
    address = reverse("transfers:checkpoint", args=[programme.ref, person.public_id, code, how])
    assert DIED in client.get(address).content.decode()
    answer = client.post(address, {"on": "2027-03-15", "note": "", "reason": "wrong", "risk_assessment": "none"})
    assert (answer.status_code, answer.content.decode().count(DIED) > 1) == (422, True)
    assert everything() == before


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("mark", "C04", MONDAY), ("mark", "C02", MONDAY), ("mark", "C09", MONDAY), ("change", "wave", "2"), ("change", "wave", ""), ("change", "planned_transfer_date", date(2027, 4, 1)),
        ("change", "case_manager", "Ann"), ("change", "hospital_asked_on", MONDAY), ("hold", "hold", True), ("lift", "hold", False),
    ],
)
def test_every_change_to_many_leaves_them_out_with_the_reason(programme, kind, field, value):
    person, actor = gone(programme), ol(programme)
    before = everything()
    batch = batches.propose(programme, kind, "Something", [Wish(person.pk, field, value)], actor=actor, why="wanted")
    assert [(line.outcome, line.reason) for line in batch.lines.all()] == [("refused", DIED)]
    batches.confirm(batch, actor=actor)
    assert everything() == before


def test_an_offer_to_many_says_the_ending_and_no_more(programme):
    person, actor = gone(programme), ol(programme)
    batch = batches.propose(programme, "offer", "Offered", [Wish(person.pk, "incoming_provider", people.incoming(programme))], actor=actor)
    assert [(line.outcome, line.reason) for line in batch.lines.all()] == [("refused", DIED)]


@pytest.mark.parametrize(("kind", "field", "value"), [("mark", "C04", MONDAY), ("change", "wave", "2"), ("hold", "hold", True)])
def test_who_ended_after_the_preview_is_left_out_and_the_others_are_changed(programme, kind, field, value):
    actor = ol(programme)
    first, second = (people.person(programme, done=people.ready_up_to("C03")) for _ in range(2))
    batch = batches.propose(programme, kind, "Something", [Wish(one.pk, field, value) for one in (first, second)], actor=actor, why="wanted")
    services.end(first, "died", actor=actor, on=MONDAY, why="the family rang")
    before = PersonTransfer.objects.filter(pk=first.pk).values().get()
    done = batches.confirm(batch, actor=actor)
    assert {line.person_id: (line.outcome, line.reason) for line in done.lines.all()} == {first.pk: ("refused", DIED), second.pk: ("done", "")}
    assert (done.changed, done.refused) == (1, 1)
    assert PersonTransfer.objects.filter(pk=first.pk).values().get() == before
    assert not Checkpoint.objects.filter(person=first, code="C04").exists()


@pytest.mark.parametrize(("kind", "field", "value"), [("mark", "C04", MONDAY), ("change", "wave", "2"), ("hold", "hold", True)])
def test_a_batch_is_undone_without_those_who_have_ended_since(programme, sign_in, kind, field, value):
    client = sign_in("OL", programme)
    actor = ground.actor("OL", programme)
    first, second = (people.person(programme, done=people.ready_up_to("C03")) for _ in range(2))
    batch = batches.confirm(batches.propose(programme, kind, "Something", [Wish(one.pk, field, value) for one in (first, second)], actor=actor, why="wanted"), actor=actor)
    services.end(first, "died", actor=actor, on=MONDAY, why="the family rang")
    before = PersonTransfer.objects.filter(pk=first.pk).values().get()
    page = client.get(reverse("transfers:batch-undo", args=[programme.ref, batch.public_id])).content.decode()
    assert (DIED in page, "as somebody changed it since" in page) == (True, False)
    undone = batches.undo(batch, actor=actor, reason="the wrong people")
    assert {line.person_id: (line.outcome, line.reason) for line in undone.lines.all()} == {first.pk: ("kept", DIED), second.pk: ("back", "")}
    assert PersonTransfer.objects.filter(pk=first.pk).values().get() == before
    assert DIED in client.get(reverse("transfers:batch-detail", args=[programme.ref, batch.public_id])).content.decode()


def test_where_everybody_has_ended_the_undo_says_so(programme):
    actor, person = ol(programme), people.person(programme)
    batch = batches.confirm(batches.propose(programme, "change", "Wave", [Wish(person.pk, "wave", "2")], actor=actor), actor=actor)
    services.end(person, "died", actor=actor, on=MONDAY, why="the family rang")
    with pytest.raises(Refused) as refusal:
        batches.undo(batch, actor=actor, reason="no")
    assert str(refusal.value) == DIED


# The page


@pytest.mark.parametrize("part", [False, True])
def test_the_page_lists_nothing_as_missing_or_due(programme, sign_in, part):
    person = gone(programme, planned_transfer_date=date(2027, 4, 1))
    client = sign_in("OL", programme)
    answer = client.get(reverse("transfers:person-panel" if part else "transfers:person-detail", args=[programme.ref, person.public_id]), headers={"HX-Request": "true"} if part else {})
    text = answer.content.decode()
    assert [words for words in ("Blocked by", "missing before", "days over", "late ", "is-late", "/undo/", "/mark/", "/waive/", "C10 still needs", "stays open", "in 3 days") if words in text] == []
    rows = answer.context["chain"]
    assert [(row.state, row.missing, row.due) for row in rows[3:]] == [("closed", [], None)] * 17
    assert [row.state for row in rows[:3]] == ["done"] * 3


def test_calls_monies_orders_and_the_ending_remain(programme, sign_in):
    person = gone(programme)
    order = ServiceOrder.objects.create(person=person, kind="old", external_ref="SO-1", start=date(2026, 1, 1))
    client, at = sign_in("OL", programme), [programme.ref, person.public_id]
    text = client.get(reverse("transfers:person-detail", args=at)).content.decode()
    ways = [reverse(f"transfers:{name}", args=[*at, *more]) for name, *more in (("call-add",), ("money-add",), ("concern-add",), ("order-edit", order.public_id), ("person-act", "take-back"))]
    assert [way for way in ways if f'href="{way}"' not in text] == []
    assert client.post(ways[0], {"spoken_to": "person", "topic": "visits", "text": "Visits end", "reached": "on", "channel": "phone", "direction": "out"}).status_code == 302
    assert client.post(ways[1], {"amount": "12.50", "purpose": "person", "holder": "the office"}).status_code == 302
    assert (ContactLog.objects.filter(person=person).count(), MoneyHeld.objects.filter(person=person).count()) == (1, 1)
    assert [way for way in (reverse("transfers:visit-add", args=[*at, order.public_id]), reverse("transfers:order-add", args=[*at, "new"])) if way in text] == []


@pytest.mark.parametrize(("name", "value"), [("wave", "2"), ("zone", "Coast"), ("weekly_hours", 9), ("visit_times", "noon"), ("hospital_asked_on", date(2027, 3, 15)), ("language", "Welsh")])
def test_what_only_says_how_somebody_moves_stays_as_it_was(programme, name, value):
    person, actor = people.person(programme, ending="died", ended_on=date(2027, 3, 14)), ground.actor("OL", programme)
    before = getattr(person, name)
    with pytest.raises(Refused) as refused:
        services.update_person(person, {name: value}, actor=actor)
    assert [(reason.text, reason.field) for reason in refused.value.reasons] == [("This person is recorded as died. Take the ending back first, if it is wrong.", name)]
    assert getattr(PersonTransfer.objects.get(pk=person.pk), name) == before
    services.update_person(person, {name: before, "next_action": "Fetch the key safe"}, actor=actor)
    assert PersonTransfer.objects.get(pk=person.pk).next_action == "Fetch the key safe"


@pytest.mark.parametrize("cell", ["planned_transfer_date", "wave", "zone"])
def test_the_page_of_a_cell_that_is_closed_says_so_in_place_of_the_form(programme, sign_in, cell):
    person, client = gone(programme), sign_in("OL", programme)
    page = client.get(reverse("transfers:person-cell", args=[programme.ref, person.public_id, cell]))
    assert ([reason.text for reason in page.context["bars"]], f'id="id_{cell}"' in page.content.decode()) == ([DIED], False)
    open_still = client.get(reverse("transfers:person-cell", args=[programme.ref, person.public_id, "notes"]))
    assert "bars" not in open_still.context
