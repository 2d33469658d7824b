"""What a provider states reaches the team: a notice at once, the wash-up, My day, the tracker and the digest, until somebody has confirmed or read it."""

from datetime import date

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from mobilisation.models import Change, Notification
from mobilisation.services import day as days
from tests.factories import ground, people
from transfers.facts import washup as facts
from transfers.facts.groups import groups
from transfers.models import Checkpoint, ContactLog, PersonTransfer
from transfers.services import calls, checkpoints, day, links

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
MONDAY = date(2027, 3, 15)
CONFIRM, NOTES = "A provider's word waits for you", "Notes sent by update link"


@pytest.fixture
def monday():
    cache.clear()
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def blue(programme):
    return people.incoming(programme)


@pytest.fixture
def person(programme, blue):
    found = people.person(programme, done=people.ready_up_to("C11"), incoming_provider=blue, allocation_response="accepted", sharing_basis="direct_care", surname="Canary", case_system_id="SW7")
    Checkpoint.objects.filter(person=found).update(done_on=date(2027, 2, 1))
    return found


def by_link(programme, blue, person, **entered):
    link, _ = links.make(programme, blue, [person], ["contact", "visit", "note"], contact="Rota desk", days=3, actor=ground.actor("CO", programme))
    links.save(link, person.public_id, entered)
    return link


def parts(user):
    return {part.title: [(item.reference, item.act) for item in part.items] for part in days.parts_for(user, MONDAY)}


def in_group(programme, key):
    return list(PersonTransfer.objects.filter(groups(MONDAY)[key].condition, programme=programme))


def washup(programme):
    sections, _ = facts.sections(programme, PersonTransfer.objects.filter(programme=programme), MONDAY)
    return {section.key: section for section in sections}


def test_a_stated_step_waits_in_the_tracker_the_wash_up_my_day_and_the_digest(programme, blue, person, sign_in):
    client = sign_in("MT", programme)
    by_link(programme, blue, person, contact=MONDAY)
    assert in_group(programme, "stated") == [person]
    assert client.get(reverse("transfers:person-list", args=[programme.ref]) + "?show=stated").context["page_obj"].paginator.count == 1
    section = washup(programme)["stated"]
    assert (section.title, section.count, section.show) == ("A provider's word waits to be confirmed", 1, "stated")
    assert [(line.person, line.state) for line in section.lines] == [(person.public_id, "C12 Intro contact, stated 15 Mar")]
    (shown,) = [one for block in client.get(reverse("transfers:washup", args=[programme.ref])).context["blocks"] if block.section.key == "stated" for one in block.lines]
    assert shown.act == "Confirm C12"
    assert client.get(shown.url).status_code == 200
    assert parts(client.user)[CONFIRM] == [(person.public_id, "Confirm C12")]
    assert f"{programme.reference}, a provider's word waits to be confirmed: 1 ({person.public_id})" in day.digest(client.user, MONDAY)
    checkpoints.mark(PersonTransfer.objects.get(pk=person.pk), "C12", actor=ground.actor("MT", programme), on=MONDAY)
    assert (in_group(programme, "stated"), washup(programme)["stated"].count, CONFIRM in parts(client.user)) == ([], 0, False)


def test_my_day_asks_only_who_may_confirm(programme, blue, person):
    by_link(programme, blue, person, contact=MONDAY)
    shown = {role: CONFIRM in parts(ground.user_in(role, programme)) for role in ("OL", "MT", "CM", "CL", "DA")}
    assert shown == {"OL": True, "MT": True, "CM": True, "CL": False, "DA": False}
    assert CONFIRM not in parts(ground.user_in("IP", programme, blue))


def test_a_waiver_that_was_asked_is_no_providers_word_nor_is_one_of_who_died(programme, blue, person):
    ground.user_in("CL", programme)
    checkpoints.waive(person, "C12", actor=ground.actor("OL", programme), reason="no time", risk_assessment="low")
    gone = people.person(programme, done=("C01",), ending="died", ended_on=MONDAY)
    Checkpoint.objects.create(person=gone, code="C13", state="in_progress", note="stated for 14 Mar 2027")
    assert list(Checkpoint.objects.filter(state="in_progress").values_list("code", flat=True).order_by("code")) == ["C12", "C13"]
    assert (in_group(programme, "stated"), washup(programme)["stated"].count) == ([], 0)
    assert CONFIRM not in parts(ground.user_in("OL", programme))


def test_the_team_is_told_at_once_with_ids_only_and_once_until_it_was_read(programme, blue, person):
    mt, asm = ground.user_in("MT", programme), ground.user_in("ASM", programme)
    ip = ground.user_in("IP", programme, blue)
    by_link(programme, blue, person, contact=MONDAY, note="Daughter asks for 9 am")
    url = reverse("transfers:person-detail", args=[programme.ref, person.public_id])
    told = Notification.objects.filter(kind="provider_word")
    assert sorted(told.values_list("user", "subject", "body", "url")) == sorted((one.pk, f"{programme.reference}: a provider has sent something about a person", person.public_id, url) for one in (mt, asm))
    by_link(programme, blue, person, note="And no stairs")
    assert (told.count(), told.filter(user=ip).count()) == (2, 0), "what is not read yet says it already"
    told.filter(user=mt).update(read_at="2027-03-15T10:00Z")
    by_link(programme, blue, person, note="One more")
    assert sorted(told.values_list("user", flat=True)) == sorted([mt.pk, mt.pk, asm.pk])


def test_a_provider_that_signs_in_and_states_is_told_of_too(programme, blue, person):
    mt = ground.user_in("MT", programme)
    Checkpoint.objects.filter(person=person, code="C10").delete()
    checkpoints.mark(person, "C13", actor=ground.actor("XP", programme, person.exiting_provider), on=MONDAY)
    assert list(Notification.objects.filter(kind="provider_word").values_list("user", "body")) == [(mt.pk, person.public_id)]
    checkpoints.mark(PersonTransfer.objects.get(pk=person.pk), "C13", actor=ground.actor("MT", programme), on=MONDAY)
    assert Notification.objects.filter(kind="provider_word").count() == 1, "the team does not tell itself"


def test_a_note_by_link_is_listed_until_somebody_has_dealt_with_it(programme, blue, person, sign_in):
    client = sign_in("MT", programme)
    link = by_link(programme, blue, person, note="Daughter asks for 9 am")
    note = ContactLog.objects.get()
    assert (note.person, note.text, note.channel, note.direction, note.who, note.by_label, note.follow_up_due) == (person, "Daughter asks for 9 am", "link", "in", f"Rota desk, {blue}", f"update link {link.public_id}", MONDAY)
    assert Change.objects.get(action="note by update link").why == "Daughter asks for 9 am"
    assert parts(client.user)[NOTES] == [(person.public_id, "Seen to")]
    section = washup(programme)["follow-up"]
    assert [(line.state, line.act) for line in section.lines] == [("Note sent by update link on 15 Mar", "note")]
    assert "Daughter" not in str(facts.as_json([section]))
    (shown,) = [one for block in client.get(reverse("transfers:washup", args=[programme.ref])).context["blocks"] if block.section.key == "follow-up" for one in block.lines]
    text = client.get(shown.url).content.decode()
    assert (shown.act, "Daughter asks for 9 am" in text) == ("Seen to", True)
    calls.follow_up(note, actor=ground.actor("MT", programme))
    assert (NOTES in parts(client.user), washup(programme)["follow-up"].count) == (False, 0)


def test_a_provider_does_not_read_the_list_of_notes(programme, blue, person):
    by_link(programme, blue, person, note="Daughter asks for 9 am")
    assert list(ContactLog.objects.visible_to(ground.user_in("XP", programme, person.exiting_provider))) == []
