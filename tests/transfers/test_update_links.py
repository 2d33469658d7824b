"""A link for one contact without an account: named rows, named fields, for some days; nothing else opens with it."""

import hashlib
import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from mobilisation.clock import now
from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import AccessLog, Change
from tests.factories import ground, people
from transfers.models import Checkpoint, FileTransfer, PersonTransfer, UpdateLink
from transfers.services import links
from transfers.services import people as services

pytestmark = pytest.mark.django_db
PERSONAL = {"surname": "Featherstonehaugh", "forename": "Wilhelmina", "address": "9 Quince Lane", "postcode": "CT6 5BS", "nhs_number": "9990000492", "phone": "01632 960001", "notes": "Cat Socks bites", "representative_name": "Barnaby Oakhurst", "zone": "Coastalzone"}
ALL = ["contact", "visit", "file", "file_in", "note"]


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def programme(db):
    return ground.provider_exit(decision_date=date(2026, 10, 1))


@pytest.fixture
def blue(programme):
    return people.incoming(programme)


def opened(programme, blue, up_to="C11", **more):
    person = people.person(programme, done=people.ready_up_to(up_to), **{"incoming_provider": blue, "allocation_response": "accepted", "sharing_basis": "direct_care", "case_system_id": "SW7"} | PERSONAL | more)
    Checkpoint.objects.filter(person=person).update(done_on=date(2026, 10, 2))
    return person


def make(programme, provider, *found, fields=tuple(ALL), days=3):
    return links.make(programme, provider, list(found), fields, contact="Rota desk", days=days, actor=ground.actor("CO", programme))


def url(token):
    return reverse("transfers:update-link", args=[token])


def state_of(person, code):
    return list(Checkpoint.objects.filter(person=person, code=code).values_list("state", "by_label", "done_on"))


def test_the_page_shows_reference_initials_and_day_and_nothing_else_of_the_person(programme, blue):
    person = opened(programme, blue, planned_transfer_date=date(2027, 4, 1))
    opened(programme, blue, surname="Notonit", case_system_id="SW8", nhs_number="")
    link, token = make(programme, blue, person)
    answer = Client().get(url(token))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert ("SW7, W.F." in text, "1 Apr 2027" in text, "SW8" in text) == (True, True, False)
    assert [value for value in PERSONAL.values() if value in text] == []
    assert ("no-store" in answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == (True, "same-origin")
    seen = AccessLog.objects.get(subject=f"update link {link.public_id}")
    assert (seen.user, seen.user_label, seen.verb, seen.object_ids) == (None, f"update link {link.public_id}", "view", [person.public_id])
    link.refresh_from_db()
    assert link.opened == 1


def test_the_token_is_told_once_and_kept_only_as_its_fingerprint(programme, sign_in, blue):
    person = opened(programme, blue)
    client = sign_in("CO", programme)
    answer = client.post(reverse("transfers:link-add", args=[programme.ref]), {"provider": blue.pk, "contact": "Rota desk", "people": "sw7x, SW7", "fields_open": ["contact"], "days": "3"})
    assert (answer.status_code, answer.context["form"].errors["people"]) == (422, ["Nobody here has the reference sw7x."])
    answer = client.post(reverse("transfers:link-add", args=[programme.ref]), {"provider": blue.pk, "contact": "Rota desk", "people": "SW7", "fields_open": ["contact"], "days": "3"})
    token = re.search(r"/update/([\w-]+)/", answer.content.decode())[1]
    link = UpdateLink.objects.get()
    assert (len(token), link.token_hash) == (43, hashlib.sha256(token.encode()).hexdigest())
    assert link.expires_at - now() > timedelta(days=2, hours=23)
    assert token not in client.get(reverse("transfers:link-list", args=[programme.ref])).content.decode()
    assert token not in str(list(Change.objects.values())) + str(list(AccessLog.objects.values()))
    assert list(link.people.values_list("person_id", flat=True)) == [person.pk]


def test_the_contact_and_the_first_visit_are_stated_and_wait_for_the_team(programme, blue):
    person = opened(programme, blue)
    ready = opened(programme, blue, "C14", case_system_id="SW8", nhs_number="")
    link, token = make(programme, blue, person, ready)
    answer = Client().post(url(token), {f"{person.public_id}-contact": "2026-11-02", f"{person.public_id}-note": "=She likes <b>tea</b>", f"{ready.public_id}-visit": "2026-11-03"})
    assert answer.status_code == 200
    label = f"update link {link.public_id}"
    assert (state_of(person, "C12"), state_of(ready, "C15")) == ([("in_progress", label, None)], [("in_progress", label, None)])
    assert "stated for 3 Nov 2026" in answer.content.decode()
    note = Change.objects.get(action="note by update link")
    assert (note.object_id, note.actor, note.actor_label, note.why) == (person.pk, None, label, "=She likes <b>tea</b>")
    assert sorted(AccessLog.objects.filter(verb="import").values_list("object_ids", "user_label")) == sorted([([person.public_id], label), ([ready.public_id], label)])
    assert UpdateLink.objects.get().saved == 2


def test_what_is_refused_stays_in_its_field_and_the_rest_is_saved(programme, blue):
    early, person = opened(programme, blue, "C10"), opened(programme, blue, case_system_id="SW8", nhs_number="")
    _, token = make(programme, blue, early, person)
    answer = Client().post(url(token), {f"{early.public_id}-contact": "2026-11-02", f"{early.public_id}-note": "Kept", f"{person.public_id}-contact": "2026-11-02"})
    text = answer.content.decode()
    assert (answer.status_code, "C12 Incoming provider has made introductory contact needs first: C11" in text, 'value="Kept"' in text) == (422, True, True)
    assert (state_of(early, "C12"), len(state_of(person, "C12")), Change.objects.filter(action="note by update link").count()) == ([], 1, 0)


def test_the_file_is_sent_by_one_side_and_received_by_the_other(programme, blue):
    person = opened(programme, blue)
    _, from_exiting = make(programme, person.exiting_provider, person)
    _, to_incoming = make(programme, blue, person)
    client, key = Client(), person.public_id
    assert f"{key}-contact" not in client.get(url(from_exiting)).content.decode()
    assert client.post(url(from_exiting), {f"{key}-file": "2026-11-02"}).status_code == 422
    assert client.post(url(from_exiting), {f"{key}-file": "2026-11-02", f"{key}-method": "portal"}).status_code == 200
    assert [row[0] for row in state_of(person, "C13")] == ["in_progress"]
    assert client.post(url(to_incoming), {f"{key}-file_in": "2026-11-03"}).status_code == 200
    assert FileTransfer.objects.values_list("sent_on", "received_on", "outcome").get() == (date(2026, 11, 2), date(2026, 11, 3), "received")


def test_what_is_settled_is_not_asked_again(programme, blue):
    person = opened(programme, blue, "C12")
    _, token = make(programme, blue, person)
    (row,) = [row for row, _ in Client().get(url(token)).context["rows"]]
    assert (row.fields, row.stated) == (("visit", "file_in", "note"), ("introductory contact: settled",))


def test_only_named_rows_and_named_fields_are_taken(programme, blue):
    person, other = opened(programme, blue), opened(programme, blue, "C14", case_system_id="SW8", nhs_number="")
    link, token = make(programme, blue, person, fields=["contact"])
    before = PersonTransfer.objects.values().get(pk=other.pk)
    answer = Client().post(url(token), {f"{other.public_id}-visit": "2026-11-03", f"{person.public_id}-visit": "2026-11-03", f"{person.public_id}-phone": "1", f"{person.public_id}-note": "Hello"})
    assert (answer.status_code, state_of(other, "C15"), state_of(person, "C15"), Change.objects.filter(action="note by update link").count()) == (200, [], [], 0)
    assert PersonTransfer.objects.values().get(pk=other.pk) == before
    with pytest.raises(NotPermitted, match="does not open: visit"):
        links.save(link, person.public_id, {"visit": date(2026, 11, 3)})
    with pytest.raises(Refused, match="no longer on the link"):
        links.save(link, other.public_id, {"contact": date(2026, 11, 3)})


def test_nothing_else_of_the_site_opens_with_it(programme, blue):
    person = opened(programme, blue)
    _, token = make(programme, blue, person)
    client = Client()
    client.get(url(token))
    for name, args in (("person-list", [programme.ref]), ("person-detail", [programme.ref, person.public_id]), ("your-people", [programme.ref]), ("sheet-list", [programme.ref])):
        assert "/accounts/login/" in client.get(reverse(f"transfers:{name}", args=args)).url
    assert "sessionid" not in client.cookies


def test_unknown_expired_and_revoked_tokens_get_the_same_plain_page(programme, sign_in, blue):
    person = opened(programme, blue)
    link, token = make(programme, blue, person)
    _, late = make(programme, blue, person)
    client = Client()
    unknown = client.get(url("x" * 43))
    with time_machine.travel(now() + timedelta(days=3, minutes=1)):
        expired = client.get(url(late))
        assert client.post(url(late), {f"{person.public_id}-contact": "2026-11-02"}).content == expired.content
    assert sign_in("CO", programme).post(reverse("transfers:link-revoke", args=[programme.ref, link.public_id])).status_code == 302
    revoked = client.get(url(token))
    assert {answer.status_code for answer in (unknown, expired, revoked)} == {404}
    assert unknown.content == expired.content == revoked.content
    assert state_of(person, "C12") == []
    assert AccessLog.objects.filter(verb="refused").count() == 4
    assert client.get(url(late)).status_code == 200


def test_whoever_the_provider_lost_sight_of_left_the_link(programme, blue):
    person = opened(programme, blue)
    link, token = make(programme, blue, person)
    services.end(person, "withdrawn", actor=ground.actor("OL", programme), on=date(2026, 11, 1), why="the family rang")
    assert "SW7" not in Client().get(url(token)).content.decode()
    with pytest.raises(Refused, match="no longer on the link"):
        links.save(link, person.public_id, {"contact": date(2026, 11, 2)})


def test_a_closed_programme_opens_none(programme, blue):
    _, token = make(programme, blue, opened(programme, blue))
    programme.status = "closed"
    programme.save()
    assert Client().get(url(token)).status_code == 404


def test_twenty_wrong_tokens_a_minute_from_one_place_are_enough(programme, blue):
    _, token = make(programme, blue, opened(programme, blue))
    client = Client()
    assert {client.get(url(f"{n:043d}")).status_code for n in range(links.TRIES)} == {404}
    assert (client.get(url("y" * 43)).status_code, client.get(url(token)).status_code) == (429, 429)
    assert Client(REMOTE_ADDR="10.0.0.9").get(url(token)).status_code == 200
    assert AccessLog.objects.filter(verb="refused").count() == links.TRIES


@pytest.mark.parametrize(("days", "fields", "words"), [(0, ALL, "1 to 14 days"), (15, ALL, "1 to 14 days"), (3, ["phone"], "Tick what may be stated"), (3, [], "Tick what may be stated")])
def test_a_link_for_too_long_or_for_other_fields_is_refused(programme, blue, days, fields, words):
    with pytest.raises(Refused, match=words):
        make(programme, blue, opened(programme, blue), days=days, fields=fields)
    assert UpdateLink.objects.count() == 0


def test_a_link_holds_only_whom_the_provider_may_know(programme, blue):
    mine, asked = opened(programme, blue), opened(programme, blue, allocation_response="offered", case_system_id="SW8", nhs_number="")
    for strangers in ([asked], [mine, asked], []):
        with pytest.raises(Refused):
            make(programme, blue, *strangers)
    with pytest.raises(Refused, match=r"^Oyster Bay Care Ltd may not know by name now: SW7 \(W\.F\.\)\.$"):
        make(programme, people.incoming(programme, "Oyster Bay Care Ltd"), mine)
    assert UpdateLink.objects.count() == 0


@pytest.mark.parametrize("days", ["0", "15", "many"])
def test_the_page_says_how_long_a_link_may_be_open(programme, sign_in, blue, days):
    answer = sign_in("CO", programme).post(reverse("transfers:link-add", args=[programme.ref]), {"days": days})
    assert (answer.status_code, answer.context["form"].errors["days"]) == (422, ["Between 1 and 14 days"])


@pytest.mark.parametrize("role", ["IP", "XP", "BM", "FIN", "SRO", "COM"])
def test_only_the_team_makes_sees_and_revokes_links(programme, sign_in, blue, role):
    person = opened(programme, blue)
    link, _ = make(programme, blue, person)
    organisation = {"IP": blue, "XP": person.exiting_provider}.get(role)
    client = sign_in(role, programme, organisation=organisation)
    assert {client.get(reverse(f"transfers:{name}", args=[programme.ref])).status_code for name in ("link-list", "link-add")} == {404}
    assert client.post(reverse("transfers:link-revoke", args=[programme.ref, link.public_id])).status_code == 404
    with pytest.raises(NotPermitted):
        links.revoke(link, actor=ground.actor(role, programme, organisation))
    link.refresh_from_db()
    assert link.revoked_at is None


@pytest.mark.parametrize("number", [1, 4])
def test_opening_a_link_costs_the_same_however_many(programme, blue, number, django_assert_num_queries):
    found = [opened(programme, blue, case_system_id=f"SW{n}", nhs_number="") for n in range(number)]
    _, token = make(programme, blue, *found)
    client = Client()
    client.get("/glossary/")
    with django_assert_num_queries(6):
        answer = client.get(url(token))
    assert len(answer.context["rows"]) == number
