"""A provider that was replaced leaves nothing behind that would pass for the next one's."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import Refused
from mobilisation.services.imports import import_file
from tests.factories import ground, people
from transfers.models import Checkpoint, PersonTransfer, SavedView, ServiceOrder
from transfers.services import batches, checkpoints, offers
from transfers.services import orders as order_services
from transfers.services import people as services
from transfers.services.batches import Wish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def moved_on(programme):
    """Accepted by Bluebell, orders shared with it, contact stated by it; then C09 is undone."""
    person = people.person(
        programme, done=people.ready_up_to("C08"), priority="G", sharing_basis="direct_care", planned_transfer_date=date(2027, 4, 1), old_order_ref="SO-OLD", old_order_end=date(2027, 3, 31),
    )
    operator = people.operator()
    services.offer(person, people.incoming(programme), actor=operator)
    services.respond(person, "accepted", actor=operator)
    order_services.add(person, "new", {"external_ref": "SO-BLUE", "payment_ref": "PA-BLUE", "start": date(2027, 4, 1)}, actor=operator)
    order_services.share(person, actor=operator)
    checkpoints.mark(person, "C10", actor=operator)
    checkpoints.mark(person, "C11", actor=operator)
    checkpoints.mark(person, "C12", actor=operator, stated=True)
    checkpoints.undo(person, "C09", actor=ground.actor("OL", programme), reason="no staff at Bluebell")
    return PersonTransfer.objects.get(pk=person.pk)


def by_one(programme, person, provider):
    services.offer(person, provider, actor=people.operator())


def by_batch(programme, person, provider):
    actor = ground.actor("PO", programme)
    batches.confirm(batches.propose(programme, "offer", "Oyster", [Wish(person.pk, "incoming_provider", provider)], actor=actor), actor=actor)


def still_asked(programme, person):
    pass


def declined(programme, person):
    """Nobody stands between: the former provider is known by its offer alone."""
    services.respond(person, "declined", actor=people.operator(), reason="no staff")
    assert PersonTransfer.objects.get(pk=person.pk).incoming_provider is None


def declines_itself(programme, person):
    offers.answer(person, "declined", actor=ground.actor("IP", programme, people.incoming(programme)), reason="no staff")


def taken_back(programme, person):
    offers.withdraw(person, actor=ground.actor("OL", programme), reason="no staff")


@pytest.mark.parametrize("between", [still_asked, declined, declines_itself, taken_back])
@pytest.mark.parametrize("ask", [by_one, by_batch])
def test_orders_and_statements_of_the_former_provider_are_not_the_new_ones(programme, moved_on, sign_in, ask, between):
    oyster = people.incoming(programme, "Oyster Bay Care Ltd")
    between(programme, moved_on)
    ask(programme, PersonTransfer.objects.get(pk=moved_on.pk), oyster)
    moved_on = PersonTransfer.objects.get(pk=moved_on.pk)
    assert (moved_on.new_order_ref, moved_on.payment_ref, moved_on.orders_shared_on, moved_on.old_order_ref) == ("", "", None, "SO-OLD")
    assert list(ServiceOrder.objects.order_by("kind").values_list("kind", "current", "shared_incoming_on")) == [("new", False, date(2027, 3, 15)), ("old", True, None)]
    mark = Checkpoint.objects.get(person=moved_on, code="C12")
    assert (mark.state, mark.note) == ("not_started", "")
    services.respond(moved_on, "accepted", actor=people.operator())
    with pytest.raises(Refused):
        checkpoints.mark(PersonTransfer.objects.get(pk=moved_on.pk), "C10", actor=people.operator())
    text = sign_in("IP", programme, organisation=oyster).get(reverse("transfers:person-detail", args=[programme.ref, moved_on.public_id])).content.decode()
    assert [text[max(0, text.find(w) - 200) : text.find(w) + 60] for w in ("SO-BLUE", "PA-BLUE", "Bluebell") if w in text] == []
    client = sign_in("IP", programme, organisation=oyster)
    for key in ("C09", "C10", "C11", "C12", "providers", "stage"):
        answer = client.get(reverse("transfers:cell-history", args=[programme.ref, moved_on.public_id, key]))
        assert "Bluebell" not in answer.content.decode(), key
    assert "Bluebell" in sign_in("OL", programme).get(reverse("transfers:person-detail", args=[programme.ref, moved_on.public_id])).content.decode()


def test_the_same_provider_asked_again_keeps_what_was_made_for_it(programme, moved_on):
    services.respond(moved_on, "accepted", actor=people.operator())
    moved_on.refresh_from_db()
    assert (moved_on.new_order_ref, moved_on.orders_shared_on) == ("SO-BLUE", date(2027, 3, 15))


def test_the_same_provider_asked_again_after_it_declined_keeps_what_was_made_for_it(programme, moved_on):
    declined(programme, moved_on)
    by_one(programme, PersonTransfer.objects.get(pk=moved_on.pk), people.incoming(programme))
    moved_on.refresh_from_db()
    assert (moved_on.new_order_ref, moved_on.orders_shared_on) == ("SO-BLUE", date(2027, 3, 15))


def test_no_provider_reads_the_views_of_the_team(programme, sign_in):
    SavedView.objects.create(programme=programme, owner=ground.user_in("OL", programme), name="Red and late", shared=True)
    bluebell = people.incoming(programme)
    assert [view.name for view in SavedView.objects.visible_to(ground.user_in("MT", programme))] == ["Red and late"]
    assert list(SavedView.objects.visible_to(ground.user_in("IP", programme, bluebell))) == []
    assert "Red and late" not in sign_in("IP", programme, organisation=bluebell).get(reverse("transfers:view-list", args=[programme.ref])).content.decode()


def by_workbook(programme, person, provider, **more):
    head, cells = ",".join(["case_system_id", "surname", "forename", "incoming_provider", *more]), ",".join([person.case_system_id, person.surname, person.forename, str(provider), *more.values()])
    return import_file("tracker", programme, people.operator(), f"{head}\n{cells}\n".encode(), "tracker.csv")


@pytest.mark.parametrize("between", [declined, declines_itself, taken_back])
def test_a_workbook_that_names_another_provider_leaves_nothing_of_the_former_one(programme, moved_on, sign_in, between):
    oyster = people.incoming(programme, "Oyster Bay Care Ltd")
    PersonTransfer.objects.filter(pk=moved_on.pk).update(case_system_id="A77")
    between(programme, moved_on)
    found = by_workbook(programme, PersonTransfer.objects.get(pk=moved_on.pk), oyster)
    assert (found.ok, found.summary["updated"]) == (True, 1)
    person = PersonTransfer.objects.get(pk=moved_on.pk)
    assert (person.incoming_provider, person.allocation_response) == (oyster, "")
    assert (person.new_order_ref, person.payment_ref, person.orders_shared_on, person.old_order_ref) == ("", "", None, "SO-OLD")
    assert list(ServiceOrder.objects.order_by("kind").values_list("kind", "current", "shared_incoming_on")) == [("new", False, date(2027, 3, 15)), ("old", True, None)]
    mark = Checkpoint.objects.get(person=person, code="C12")
    assert (mark.state, mark.note) == ("not_started", "")
    checkpoints.mark(person, "C09", actor=people.operator())
    client = sign_in("IP", programme, organisation=oyster)
    text = client.get(reverse("transfers:person-detail", args=[programme.ref, person.public_id])).content.decode()
    assert [word for word in ("SO-BLUE", "PA-BLUE", "Bluebell") if word in text] == []
    for key in ("C09", "C10", "C11", "C12", "providers", "stage"):
        assert "Bluebell" not in client.get(reverse("transfers:cell-history", args=[programme.ref, person.public_id, key])).content.decode(), key
    assert [w["problem"] for w in found.summary["warnings"]] == [f"{people.incoming(programme)} was asked before. What was made for it or stated by it (the new order, what was shared) no longer stands for Oyster Bay Care Ltd."]


def test_a_row_that_names_another_provider_marks_nothing_of_it(programme, moved_on):
    """The order was made for Bluebell: the C10 of the same row would stand on it."""
    PersonTransfer.objects.filter(pk=moved_on.pk).update(case_system_id="A77")
    declined(programme, moved_on)
    oyster = people.incoming(programme, "Oyster Bay Care Ltd")
    found = by_workbook(programme, PersonTransfer.objects.get(pk=moved_on.pk), oyster, c09_on="15/03/2027", c10_on="15/03/2027")
    assert (found.ok, [w["problem"] for w in found.summary["warnings"]][1:]) == (True, [f"Not taken: the provider changes with this row, and {code} is marked of the new one afterwards." for code in ("C09", "C10")])
    assert (PersonTransfer.objects.get(pk=moved_on.pk).incoming_provider, list(Checkpoint.objects.filter(person=moved_on, code__in=("C09", "C10"), state="done"))) == (oyster, [])


def test_a_provider_first_named_by_a_workbook_is_nobodys_follower(programme):
    """Nobody was asked before: what the list says of the order stands."""
    person = people.person(programme, done=("C01",), case_system_id="A78", new_order_ref="SO-1")
    found = by_workbook(programme, person, people.incoming(programme), new_order_ref="SO-2")
    assert (found.ok, found.summary["updated"], found.summary["warnings"]) == (True, 1, [])
    person.refresh_from_db()
    assert (person.incoming_provider, person.new_order_ref) == (people.incoming(programme), "SO-2")
