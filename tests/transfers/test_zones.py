"""The map of zones: from the list itself, by what each role may know; what is recommended, and the tools brought up to date."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import AccessLog, Change, Programme, RoleAssignment
from tests.factories import ground, people
from transfers.models import MappingRecord, ProviderCapacity
from transfers.services import mapping
from transfers.services import people as services

pytestmark = pytest.mark.django_db
KINDS = ("recommendation", "protocol", "tool", "matrix")


def url(programme, kind=""):
    return reverse("transfers:mapping-entry", args=[programme.ref, kind]) if kind else reverse("transfers:zones", args=[programme.ref])


def lives(programme, zone="Coastal", msoa="E02005005", hours=10, moved=False, **more):
    return people.person(programme, done=people.ready_up_to("C15" if moved else "C05"), zone=zone, msoa_code=msoa, weekly_hours=Decimal(hours), **more)


def takes(programme, hours, zone="Coastal", name="Bluebell Care Partners", confirmed=True):
    more = {"confirmed_on": today(), "confirmed_by": "Rota desk", "staffing": "Rota"} if confirmed else {}
    return ProviderCapacity.objects.create(programme=programme, provider=people.incoming(programme, name), zone=zone, weekly_hours=hours, from_date=date(2027, 1, 4 if confirmed else 5), **more)


@pytest.fixture
def shown(programme):
    """Two coastal people, one offered; one in the marsh, in an area of the coast; one without zone; one who died."""
    lives(programme, incoming_provider=people.incoming(programme), allocation_response="offered")
    lives(programme, hours=4, moved=True, incoming_provider=people.incoming(programme, "Seasalter Home Support CIC"), allocation_response="accepted")
    lives(programme, "Marsh", hours=7)
    lives(programme, "", "", hours=2)
    services.end(lives(programme), "died", actor=ground.actor("OL", programme), on=date(2026, 11, 1), why="the family rang")
    takes(programme, 25)
    takes(programme, 40, confirmed=False)
    takes(programme, 60, "", "Seasalter Home Support CIC")
    return programme


def test_the_team_sees_people_providers_and_hours_of_each_zone(shown, sign_in):
    page = sign_in("CL", shown).get(url(shown))
    coast, marsh, none = (one.zone for one in page.context["zones"])
    assert [(zone.name, zone.people, zone.to_move, zone.hours) for zone in (coast, marsh, none)] == [("Coastal", 2, 1, 14), ("Marsh", 1, 1, 7), ("", 1, 1, 2)]
    assert (coast.leaving, coast.coming) == ((("Meadowgate Homecare Ltd", 1),), (("Bluebell Care Partners", 1), ("Seasalter Home Support CIC", 1)))
    assert [(one.provider, one.confirmed, one.free, one.hoped) for one in coast.offers] == [("Bluebell Care Partners", 25, 15, 40)]
    assert [(one.provider, one.free) for one in page.context["map"].anywhere] == [("Seasalter Home Support CIC", 56)]
    assert (page.context["map"].split, [one.few for one in page.context["zones"]]) == (["E02005005"], [False] * 3)
    text = page.content.decode()
    assert ("Areas in more than one zone" in text, "Also in Marsh" in text, f"{reverse('transfers:person-list', args=[shown.ref])}?lacks=zone" in text) == (True, True, True)
    assert AccessLog.objects.filter(programme=shown).count() == 0, "numbers only: nobody was looked at"


def test_the_map_follows_the_list_and_is_kept_nowhere_else(shown, sign_in):
    client = sign_in("CL", shown)
    services.update_person(shown.people.get(zone="Marsh"), {"zone": "Coastal"}, actor=ground.actor("MT", shown))
    page = client.get(url(shown))
    assert ([(one.zone.name, one.zone.people) for one in page.context["zones"]], page.context["map"].split) == ([("Coastal", 3), ("", 1)], [])


@pytest.mark.parametrize("role", ["SRO", "BCH", "BM", "PRO"])
def test_who_sees_no_people_learns_of_a_few_no_more_than_how_many(programme, sign_in, role, settings):
    settings.SMALL_NUMBER_LIMIT = 2
    for _ in range(3):
        lives(programme, hours=6, incoming_provider=people.incoming(programme), allocation_response="offered")
    for _ in range(2):
        lives(programme, "Marsh", "E02005008", hours=11, incoming_provider=people.incoming(programme, "Oyster Bay Care Ltd"), allocation_response="offered")
    takes(programme, 25)
    page = sign_in(role, programme).get(url(programme))
    assert [(one.zone.name, one.few) for one in page.context["zones"]] == [("Coastal", False), ("Marsh", True)]
    text = page.content.decode()
    assert "E02005005" not in text and "E02005008" not in text and "MSOA matrix</h2>" not in text
    assert ("Oyster Bay Care Ltd" in text, "Bluebell Care Partners" in text, text.count("Too few people to say")) == (False, True, 3)
    # The hours of the coast, and what is confirmed there; of the marsh, and of what is free, nothing.
    cells = page.content.decode().split('data-label="Hours a week"')
    assert (cells[1].split("</td>")[0].split(">")[1], "Still to move" in text, ">22<" in text, "<strong>25</strong>" in text, "<strong>7</strong>" in text) == ("18", False, False, True, False)


@pytest.mark.parametrize("role", ["XP", "IP", "COM"])
def test_no_provider_and_no_reader_of_packs_opens_it(shown, sign_in, role):
    organisation = {"IP": people.incoming(shown), "XP": shown.people.first().exiting_provider}.get(role)
    client = sign_in(role, shown, organisation=organisation)
    mapping.record(shown, "recommendation", today(), "Bluebell for the coast", actor=ground.actor("CL", shown))
    assert {client.get(url(shown, kind)).status_code for kind in ("", *KINDS)} == {404}
    assert "Bluebell for the coast" not in client.get(reverse("mobilisation:history", args=[shown.ref])).content.decode()
    assert MappingRecord.objects.visible_to(client.user).count() == 0


def test_a_tab_leads_there_for_who_has_none_of_people(programme, sign_in):
    assert url(programme) in [item.url for item in sign_in("BM", programme).get(url(programme)).context["menu"]]
    team = sign_in("CL", programme)
    assert url(programme) not in [item.url for item in team.get(url(programme)).context["menu"]]
    assert url(programme) in team.get(reverse("transfers:person-list", args=[programme.ref])).content.decode()


def test_what_is_recommended_stands_with_who_and_when_and_what_was_said_before_stays(programme, sign_in):
    client = sign_in("CL", programme)
    first, second = today() - timedelta(days=9), today()
    assert "Nobody has recommended yet" in client.get(url(programme)).content.decode()
    for day, text in ((first, "Bluebell everywhere"), (second, "Coast: Seasalter\nMarsh: Bluebell")):
        assert client.post(url(programme, "recommendation"), {"on": day.isoformat(), "text": text}).status_code == 302
    page = client.get(url(programme))
    assert (page.context["note"].text, page.context["note"].on, page.context["note"].by_label) == ("Coast: Seasalter\nMarsh: Bluebell", second, str(client.user))
    assert [(one.text, one.on) for one in page.context["earlier"]] == [("Bluebell everywhere", first)]
    assert [(change.action, change.actor_label) for change in Change.objects.filter(entity="transfers.mappingrecord")] == [("recommended", str(client.user))] * 2
    board = sign_in("BM", programme).get(url(programme))
    assert ("Coast: Seasalter" in board.content.decode(), board.context["may_recommend"]) == (True, False)


def test_the_newest_by_its_day_stands_not_the_last_that_was_typed(programme, sign_in):
    actor = ground.actor("CL", programme)
    mapping.record(programme, "tool", today(), "Version 2", actor=actor)
    mapping.record(programme, "tool", today() - timedelta(days=30), "Version 1, entered late", actor=actor)
    tools = {kind: last and last.text for kind, _, last, _ in sign_in("OL", programme).get(url(programme)).context["tools"]}
    assert tools == {"protocol": None, "tool": "Version 2", "matrix": None}


def test_each_tool_has_the_day_on_which_it_was_brought_up_to_date(programme, sign_in):
    client = sign_in("PO", programme)
    page = client.get(url(programme))
    assert [(str(label), last, may) for _, label, last, may in page.context["tools"]] == [("Purchasing protocol", None, True), ("Allocation tool", None, True), ("MSOA matrix", None, True)]
    assert page.content.decode().count("Not yet") == 3
    for kind in KINDS[1:]:
        assert client.post(url(programme, kind), {"on": today().isoformat(), "text": f"{kind}, version 4"}).status_code == 302
    page = client.get(url(programme))
    assert [(last.on, last.text) for _, _, last, _ in page.context["tools"]] == [(today(), f"{kind}, version 4") for kind in KINDS[1:]]
    assert "Not yet" not in page.content.decode()
    assert list(Change.objects.filter(entity="transfers.mappingrecord").values_list("action", flat=True)) == ["brought up to date"] * 3


@pytest.mark.parametrize(("data", "field", "words"), [
    ({"on": 1, "text": "Soon"}, "on", "Enter today or a day before: only what is done counts."),
    ({"on": "31/31/2027", "text": "Done"}, "on", "Updated on: enter a real date, like 27 3 2027"),
    ({"on": 0, "text": "  "}, "text", "Enter what was updated, and where it is kept"),
])
def test_a_refusal_says_where_and_writes_nothing(programme, sign_in, data, field, words):
    if isinstance(data["on"], int):  # days from today, which is not the day on which the tests were collected
        data = data | {"on": (today() + timedelta(days=data["on"])).isoformat()}
    answer = sign_in("CL", programme).post(url(programme, "protocol"), data)
    assert (answer.status_code, answer.context["form"].errors[field]) == (422, [words])
    assert (MappingRecord.objects.count(), Change.objects.filter(entity="transfers.mappingrecord").count()) == (0, 0)


@pytest.mark.parametrize(("role", "kinds"), [("CL", KINDS), ("CO", KINDS), ("PO", KINDS[1:]), ("MT", ()), ("OL", ()), ("BM", ()), ("SRO", ())])
def test_who_keeps_what(programme, sign_in, role, kinds):
    client = sign_in(role, programme)
    actor = ground.actor(role, programme)
    assert {kind for kind in KINDS if client.get(url(programme, kind)).status_code == 200} == set(kinds)
    for kind in KINDS:
        if kind in kinds:
            mapping.record(programme, kind, today(), "Said", actor=actor)
        else:
            assert client.post(url(programme, kind), {"on": today().isoformat(), "text": "Said"}).status_code == 404
            with pytest.raises(NotPermitted):
                mapping.record(programme, kind, today(), "Said", actor=actor)
    assert sorted(MappingRecord.objects.values_list("kind", flat=True)) == sorted(kinds)


def test_nothing_is_said_of_a_programme_that_is_closed_and_of_a_kind_that_is_none(programme, sign_in):
    with pytest.raises(Refused):
        mapping.record(programme, "recommendation", today(), " ", actor=ground.actor("CL", programme))
    client = sign_in("CL", programme)
    assert client.get(url(programme, "lottery")).status_code == 404
    Programme.objects.update(status="closed")
    assert (client.get(url(programme, "tool")).status_code, client.get(url(programme)).context["may_recommend"]) == (404, False)
    with pytest.raises(NotPermitted):
        mapping.record(programme, "tool", today(), "Late", actor=ground.actor("CL", Programme.objects.get()))
    assert MappingRecord.objects.count() == 0


def test_a_name_typed_into_it_is_withheld_from_who_sees_no_people(programme, sign_in):
    lives(programme, surname="Quillfeather", forename="Ottoline")
    mapping.record(programme, "recommendation", today(), "Marsh: ask Ottoline Quillfeather first.", actor=ground.actor("CL", programme))
    assert "Quillfeather" not in sign_in("BM", programme).get(url(programme)).content.decode()
    assert "Quillfeather" in sign_in("CL", programme).get(url(programme)).content.decode()


def test_another_programme_is_out_of_reach(programme, sign_in):
    other = ground.provider_exit("OTHER-9")
    mapping.record(other, "tool", today(), "Version 9", actor=ground.actor("CL", other))
    lives(other, "Far away")
    client = sign_in("CL", programme)
    assert {client.get(url(other, kind)).status_code for kind in ("", "tool")} == {404}
    page = client.get(url(programme))
    assert (page.context["zones"], [last for _, _, last, _ in page.context["tools"]]) == ([], [None, None, None])
    assert RoleAssignment.objects.filter(user=client.user).count() == 1
