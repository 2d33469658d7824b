"""Two people on one record, on every form that carries a version: both values are shown, nothing typed is lost, and the second save decides."""

import pytest
from django.urls import reverse

from mobilisation.models import Action, AgendaItem, Decision, Meeting
from risks.models import Opportunity
from tests.factories import people, staff, workstreams
from transfers.models import PersonTransfer
from workstreams.models import PlanStep

pytestmark = pytest.mark.django_db


def shown(form):
    """What a browser would send of this form: an empty box is not sent."""
    values = {form.add_prefix(name): form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in values.items() if value is not False}


def opened(client, url):
    return shown(client.get(url).context["form"])


CASES = {
    "action": (lambda p: Action.objects.create(programme=p, text="Call the lot", owner_name="Ann", due="2027-03-01"), "mobilisation:action-edit", "text", "owner_name"),
    "decision": (lambda p: Decision.objects.create(programme=p, text="Close the lot", needed_by="2027-03-01"), "mobilisation:decision-edit", "text", "rationale"),
    "opportunity": (
        lambda p: Opportunity.objects.create(programme=p, number=1, ref="O-01", title="One record", benefit="less paper", likelihood=2, size=2, owner_name="Ann"),
        "risks:opportunity-edit", "title", "owner_name",
    ),
    "person": (lambda p: people.person(p), "transfers:person-edit", "notes", "wave"),
    "staff": (lambda p: staff.member(p), "transfers:staff-detail", "job_role", "buddy"),
}


@pytest.mark.parametrize("what", CASES)
def test_the_second_of_two_sees_both_values_and_the_next_save_decides(programme, sign_in, what):
    make, name, same, other = CASES[what]
    record, client = make(programme), sign_in("ML" if what == "staff" else "OL", programme)
    url = reverse(name, args=[programme.ref, record.public_id])
    mine = opened(client, url)
    assert client.post(url, opened(client, url) | {same: "theirs", other: "new"}).status_code == 302
    answer = client.post(url, mine | {same: "mine"})
    record.refresh_from_db()
    assert (answer.status_code, getattr(record, same), getattr(record, other)) == (422, "theirs", "new")
    form = answer.context["form"]
    again = shown(form)
    assert "changed it to “theirs”" in str(form.errors[same])
    assert (again[same], again[other]) == ("mine", "new")
    assert client.post(url, again).status_code == 302
    record.refresh_from_db()
    assert (getattr(record, same), getattr(record, other)) == ("mine", "new")


def test_a_box_that_was_ticked_can_be_unticked(programme, sign_in):
    client, step = sign_in("OL", programme), workstreams.step(programme, critical=True, at_risk=True, at_risk_note="late")
    url = reverse("workstreams:step-detail", args=[programme.ref, step.public_id])
    sent = opened(client, url)
    del sent["critical"]
    assert client.post(url, sent | {"save": "1"}).status_code == 302
    held = PlanStep.objects.get(pk=step.pk)
    assert (held.critical, held.at_risk) == (False, True)


@pytest.mark.parametrize(("stood", "chosen", "held"), [(True, "false", False), (True, "unknown", None), (False, "true", True), (False, "unknown", None), (None, "false", False), (None, "true", True)])
def test_yes_no_and_not_known_each_lead_to_each_other(programme, sign_in, stood, chosen, held):
    client, person = sign_in("OL", programme), people.person(programme, dementia=stood)
    url = reverse("transfers:person-edit", args=[programme.ref, person.public_id])
    assert client.post(url, opened(client, url) | {"dementia": chosen}).status_code == 302
    assert PersonTransfer.objects.get().dementia is held


def test_an_untouched_box_is_no_change_of_mine(programme, sign_in):
    """Somebody ticks a box while I write a note: my save leaves their box ticked."""
    client, step = sign_in("OL", programme), workstreams.step(programme, critical=False)
    url = reverse("workstreams:step-detail", args=[programme.ref, step.public_id])
    mine = opened(client, url)
    assert client.post(url, opened(client, url) | {"critical": "on", "save": "1"}).status_code == 302
    assert client.post(url, mine | {"note": "mine", "save": "1"}).status_code == 302
    held = PlanStep.objects.get(pk=step.pk)
    assert (held.critical, held.note) == (True, "mine")


def test_minutes_that_clash_stay_as_typed(programme, sign_in):
    client = sign_in("OL", programme)
    item = AgendaItem.objects.create(meeting=Meeting.objects.create(programme=programme, kind="board", at="2027-03-01T10:00:00Z"), title="Staff", order=1)
    url = reverse("mobilisation:meeting-detail", args=[programme.ref, item.meeting.public_id])
    stale = {"item": item.public_id, "version": item.version, "save": "1"}
    assert client.post(url, stale | {"notes": "theirs"}).status_code == 302
    answer = client.post(url, stale | {"notes": "mine"})
    item.refresh_from_db()
    again = next(row for row in answer.context["items"] if row.pk == item.pk)
    assert (answer.status_code, item.notes, again.notes, again.version, "changed it to “theirs”" in answer.content.decode()) == (422, "theirs", "mine", item.version, True)
    assert client.post(url, stale | {"notes": "mine", "version": again.version}).status_code == 302
    item.refresh_from_db()
    assert item.notes == "mine"
