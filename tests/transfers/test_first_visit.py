"""The first visit in the order of the days: after the introductory contact, after ready, and not before T without a word (domain 5.2, 5.6, 5.7)."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import Refused
from mobilisation.models import Change
from tests.factories import ground, people
from transfers.models import Checkpoint, PersonTransfer
from transfers.services import checkpoints
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
THURSDAY, FRIDAY, MONDAY, APRIL = date(2027, 3, 11), date(2027, 3, 12), date(2027, 3, 15), date(2027, 4, 1)
BEFORE_C12 = "11 Mar 2027 lies before C12 Incoming provider has made introductory contact, 12 Mar 2027. Check both days; if C12 has the wrong one, undo it first and mark it with the right one."
BEFORE_C14 = "11 Mar 2027 lies before C14 Ready to transfer, 12 Mar 2027. Check both days; if C14 has the wrong one, undo it first and mark it with the right one."
BEFORE_T = "15 Mar 2027 lies before the planned transfer, 1 Apr 2027. Say in the note why the first visit came earlier, or move the planned transfer first."


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def ready(programme, t=MONDAY, **days):
    person = people.person(programme, done=people.ready_up_to("C14"), incoming_provider=people.incoming(programme), allocation_response="accepted", sharing_basis="direct_care", planned_transfer_date=t)
    for code, day in days.items():
        Checkpoint.objects.filter(person=person, code=code).update(done_on=day)
    return person


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (PersonTransfer, Checkpoint)], Change.objects.count()


def refused(act):
    before = everything()
    with pytest.raises(Refused) as refusal:
        act()
    assert everything() == before
    return [(reason.text, reason.field) for reason in refusal.value.reasons]


@pytest.mark.parametrize(("days", "words"), [({"C12": FRIDAY}, [BEFORE_C12]), ({"C14": FRIDAY}, [BEFORE_C14]), ({"C12": FRIDAY, "C14": FRIDAY}, [BEFORE_C12, BEFORE_C14]), ({"C12": THURSDAY, "C14": THURSDAY}, [])])
@pytest.mark.parametrize("role", ["OL", "IP"])
def test_the_first_visit_is_not_before_the_contact_nor_before_ready(programme, role, days, words):
    person = ready(programme, t=THURSDAY, **days)
    actor = ground.actor(role, programme, person.incoming_provider if role == "IP" else None)
    if words:
        assert refused(lambda: checkpoints.mark(person, "C15", actor=actor, on=THURSDAY)) == [(one, "done_on") for one in words]
    assert checkpoints.mark(person, "C15", actor=actor, on=FRIDAY).state == ("done" if role == "OL" else "in_progress")


def test_a_contact_that_was_waived_has_no_day_to_be_before(programme):
    person = ready(programme, t=THURSDAY)
    Checkpoint.objects.filter(person=person, code="C12").update(state="waived", done_on=None, note="r", risk_assessment="r")
    assert checkpoints.mark(person, "C15", actor=ground.actor("OL", programme), on=THURSDAY).done_on == THURSDAY


def test_a_visit_before_the_planned_day_is_asked_about(programme):
    person, actor = ready(programme, t=APRIL), ground.actor("OL", programme)
    assert refused(lambda: checkpoints.mark(person, "C15", actor=actor)) == [(BEFORE_T, "note")]
    mark = checkpoints.mark(person, "C15", actor=actor, note="The family asked for it")
    assert (mark.done_on, mark.note, person.actual_transfer_date, person.planned_transfer_date) == (MONDAY, "The family asked for it", MONDAY, APRIL)


def test_where_the_planned_day_is_moved_first_nothing_is_asked(programme):
    person, actor = ready(programme, t=APRIL), ground.actor("OL", programme)
    services.update_person(person, {"planned_transfer_date": MONDAY}, actor=actor)
    assert checkpoints.mark(person, "C15", actor=actor).state == "done"


def test_what_a_provider_states_is_asked_about_when_it_is_confirmed(programme):
    person = ready(programme, t=APRIL)
    assert checkpoints.mark(person, "C15", actor=ground.actor("IP", programme, person.incoming_provider)).note == "stated for 15 Mar 2027"
    assert refused(lambda: checkpoints.mark(person, "C15", actor=ground.actor("MT", programme))) == [(BEFORE_T, "note")]


@pytest.mark.parametrize("name", ["person-cell", "checkpoint"])
def test_form_and_cell_ask_at_the_note_and_take_the_answer(programme, sign_in, name):
    person, client = ready(programme, t=APRIL), sign_in("OL", programme)
    cell = name == "person-cell"
    address = reverse(f"transfers:{name}", args=[programme.ref, person.public_id, "C15", *([] if cell else ["mark"])])
    mark = {"act": "done", "on": "2027-03-15", "note": "", "version": f"{person.version}/" if cell else ""}
    answer = client.post(address, mark)
    assert (answer.status_code, answer.context["form"].errors.get("note")) == (422, [BEFORE_T])
    assert client.post(address, mark | {"note": "The family asked for it"}).status_code == 302
    assert Checkpoint.objects.values_list("state", "note").get(person=person, code="C15") == ("done", "The family asked for it")
