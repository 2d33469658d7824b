"""Many at the same moment, each with a connection of their own: no update is lost, one offer wins, one form is one row.

Each is shown to fail with its guard off.
"""

from __future__ import annotations

import os
import time
from datetime import date
from functools import partial
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.errors import Conflict, Refused
from mobilisation.middleware import SentTwice
from mobilisation.models import Change, Decision, Programme
from mobilisation.services import programmes
from tests.at_once import together
from tests.factories import ground, people
from transfers.models import Allocation, Checkpoint, PersonTransfer, SafetyCheck
from transfers.services import checkpoints, offers, rights, turning
from transfers.services import people as services
from transfers.services.batches import proposing
from transfers.services.batches.proposing import people_of
from transfers.services.people import offering, pauses, records
from transfers.services.seen import Seen

pytestmark = pytest.mark.django_db(transaction=True)
ALL = bool(os.environ.get("ALL_MOMENTS"))
EDITORS, SAVES = 8, 5
FIELDS = ("wave", "case_manager", "next_action", "zone", "notes", "phone", "equipment", "visit_times")


@pytest.fixture(autouse=True)
def spring():
    """The clock goes on from a morning within the programme."""
    with time_machine.travel("2027-03-15 10:00", tick=True):
        yield


@pytest.fixture
def programme():
    return ground.provider_exit()


def person_with(programme, version, values, actor):
    person = PersonTransfer.objects.select_related("programme").get(programme=programme)
    services.update_person(person, values(person), actor=actor, expected_version=person.version if version else None)


def programme_with(programme, version, values, actor):
    mine = Programme.objects.get(pk=programme.pk)
    programmes.update(mine, values(mine), actor=actor, expected_version=mine.version if version else None)


def editor(programme, save, name, field, actor, *, checked):
    """``SAVES`` times: read, add one's mark to what stands, save; told of a clash, read again. Gives how often it was told."""
    told = 0
    for number in range(SAVES):
        mark = f"{name}{number};"

        def values(row, mark=mark):
            stands = getattr(row, field)
            time.sleep(0.002)
            return {field: stands + mark}

        for _ in range(200):
            try:
                save(programme, checked, values, actor)
                break
            except Conflict:
                told += 1
        else:
            raise AssertionError(f"{mark} was never saved")
    return told


@pytest.mark.parametrize(("save", "field"), [(person_with, "notes"), (programme_with, "vision")])
def test_eight_editors_of_one_field_lose_nothing(programme, save, field):
    people.person(programme)
    actors = [ground.actor("ML", programme) for _ in range(EDITORS)]

    def all_of_them(names, checked):
        told = together(*[partial(editor, programme, save, name, field, actor, checked=checked) for name, actor in zip(names, actors, strict=True)])
        assert [one for one in told if isinstance(one, Exception)] == []
        row = PersonTransfer.objects.get() if save is person_with else Programme.objects.get(pk=programme.pk)
        return row, sorted(mark for mark in getattr(row, field).split(";") if mark[:1] in names and mark)

    row, kept = all_of_them("ABCDEFGH", True)
    every = sorted(f"{name}{number}" for name in "ABCDEFGH" for number in range(SAVES))
    assert kept == every
    assert Change.objects.filter(entity=row._meta.label_lower, object_id=row.pk, fields__has_key=field, action="changed").count() == len(every)
    _, kept = all_of_them("abcdefgh", False)
    assert len(kept) < len(every), "with the check off some must be lost, else the test proves nothing"


def test_eight_editors_of_one_row_each_in_a_field_of_their_own_are_never_in_each_others_way(programme):
    person = people.person(programme, visit_times="")
    actors = [ground.actor("MT", programme) for _ in range(EDITORS)]
    assert together(*[partial(editor, programme, person_with, "ABCDEFGH"[n], FIELDS[n], actor, checked=True) for n, actor in enumerate(actors)]) == [0] * EDITORS
    row = PersonTransfer.objects.get()
    assert {field: getattr(row, field) for field in FIELDS} == {field: "".join(f"{'ABCDEFGH'[n]}{number};" for number in range(SAVES)) for n, field in enumerate(FIELDS)}
    assert row.version == person.version + EDITORS * SAVES


def signed_in(user):
    client = Client()
    client.force_login(user)
    client.get("/glossary/")  # the first page of a session writes it down
    return client


def at_once(client, url, times=2, **fields):
    """The same page sent ``times`` over in the same moment: where each answer leads."""
    data = urlencode(fields | {"csrfmiddlewaretoken": "c" * 64})

    def send():
        mine = Client(raise_request_exception=False)
        mine.cookies = client.cookies.copy()
        answer = mine.post(url, data, content_type="application/x-www-form-urlencoded")
        return answer.status_code, answer.headers.get("Location", "")

    return together(*[send] * times)


def test_one_form_sent_twice_at_once_is_one_row_and_both_answers_lead_to_it(programme, monkeypatch):
    """A double click, or a page sent again while the first is on its way. With the guard off each is written as often as it was sent, but for a person, whom the list knows again by name."""
    person = people.person(programme, priority="A", done=people.ready_up_to("C15"), actual_transfer_date=people.LISTED)
    client = signed_in(ground.user_in("OL", programme))
    forms = [
        (Decision, reverse("mobilisation:decision-add", args=[programme.ref]), {"status": "needed", "needed_by": "2027-03-20"}, "text"),
        (PersonTransfer, reverse("transfers:person-add", args=[programme.ref]), {"forename": "Ann", "version": "", "was": ""}, "surname"),
        (SafetyCheck, reverse("transfers:person-act", args=[programme.ref, person.public_id, "safety"]), {"outcome": "unable_to_contact", "on": "2027-03-15", "method": "phone"}, "follow_up"),
    ]

    known_again = set()

    def send(words):
        """How many rows each form made, and to how many places its answers led."""
        made = []
        for model, url, fields, own in forms:
            before = model.objects.count()
            answers = at_once(client, url, **fields, **{own: words})
            assert [status for status, _ in answers] == [302, 302] or (model in known_again and sorted(status for status, _ in answers) == [302, 422]), answers
            made.append(model.objects.count() - before)
        return made

    assert [send(f"Move {number}") for number in range(50 if ALL else 4)] == [[1, 1, 1]] * (50 if ALL else 4)
    monkeypatch.setattr(SentTwice, "__call__", lambda self, request: self.get_response(request))
    known_again.add(PersonTransfer)
    decisions, persons, checks = send("Unguarded")
    assert (decisions, checks) == (2, 2) and persons in (1, 2)


def from_the_proposal(programme, mine, seen, provider, actor):
    return offers.offer_many(programme, [offers.Wish(mine, provider, seen)], actor=actor)


def from_the_page(programme, mine, seen, provider, actor):
    try:
        services.offer(mine, provider, actor=actor, seen=seen)
    except Refused as refusal:
        return offers.Offered([], [(mine, provider, str(refusal))])
    return offers.Offered([(mine, provider)], [])


def ask(way, programme, person, seen, provider, actor):
    return way(programme, PersonTransfer.objects.select_related("programme").get(pk=person.pk), seen, provider, actor)


@pytest.mark.only("postgresql", "SQLite has one writer at a time")
class TestOnePersonToTwoProviders:
    """Two managers offer the same person in the same moment. What holds is the lock of the row; behind it stands the database."""

    @pytest.fixture(params=[from_the_proposal, from_the_page])
    def race(self, programme, request):
        providers = [people.incoming(programme), people.incoming(programme, "Seasalter Home Support CIC")]
        actors = [ground.actor("OL", programme), ground.actor("CL", programme)]

        def run():
            person = people.person(programme, priority="A")
            found = together(*[partial(ask, request.param, programme, person, Seen.of(person), *pair) for pair in zip(providers, actors, strict=True)])
            person.refresh_from_db()
            return found, list(Allocation.objects.filter(person=person).values_list("provider_id", "current")), person.incoming_provider_id

        return run

    @pytest.fixture
    def unlocked(self, monkeypatch):
        """The row is read without its lock, and a moment passes before what was read is used."""
        many = lambda programme, pks, *, locked=False: (people_of(programme, pks), time.sleep(0.05))[0]  # noqa: E731
        one = lambda person: (PersonTransfer.objects.select_related("programme").get(pk=person.pk), time.sleep(0.05))[0]  # noqa: E731
        for module, name, reads in ((offers, "people_of", many), (proposing, "people_of", many), (offering, "brought_up", one)):
            monkeypatch.setattr(module, name, reads)

    def test_one_wins_and_the_other_is_told(self, race):
        for _ in range(100 if ALL else 20):
            found, rows, stands = race()
            assert sorted((len(one.made), len(one.refused)) for one in found) == [(0, 1), (1, 0)]
            assert "while this page was open" in next(one.refused[0][2] for one in found if one.refused)
            assert rows == [(stands, True)]

    def test_without_the_lock_the_database_alone_refuses_and_without_it_two_providers_have_the_person(self, race, unlocked):
        found, rows, stands = race()
        assert [type(one) for one in found if isinstance(one, Exception)] == [IntegrityError]
        assert rows == [(stands, True)]
        constraint = next(one for one in Allocation._meta.constraints if one.name == "one_current_allocation")
        with connection.schema_editor() as editor:
            editor.remove_constraint(Allocation, constraint)
        try:
            found, rows, _ = race()
            assert [len(one.made) for one in found] == [1, 1]
            assert [current for _, current in rows] == [True, True]
        finally:
            Allocation.objects.all().delete()
            with connection.schema_editor() as editor:
                editor.add_constraint(Allocation, constraint)


def read_before_the_other_wrote(programme):
    """A person as a page read them, before somebody recorded a stay and moved T."""
    person = people.person(programme, priority="A", planned_transfer_date=date(2027, 4, 1))
    before = PersonTransfer.objects.select_related("programme").get(pk=person.pk)
    services.admit(person, actor=people.operator(), hospital="QEQM")
    services.update_person(person, {"planned_transfer_date": date(2027, 6, 1)}, actor=people.operator())
    return before


def test_an_act_on_a_person_read_before_the_lock_puts_nothing_back(programme, monkeypatch):
    """Holding works out dues and colour on the person it was given, and stores them."""
    services.hold(read_before_the_other_wrote(programme), actor=people.operator(), reason="Snow")
    assert (PersonTransfer.objects.values_list("in_hospital", "on_hold").get(), turning.drift(programme)) == ((True, True), [])
    PersonTransfer.objects.update(on_hold=False)
    monkeypatch.setattr(pauses, "brought_up", rights.locked)
    services.hold(read_before_the_other_wrote(programme), actor=people.operator(), reason="Snow")
    last = PersonTransfer.objects.order_by("pk").last()
    assert (last.in_hospital, [person.pk for person in turning.drift(programme)][-1:]) == (False, [last.pk]), "with the guard off the stay must be lost, else the test proves nothing"


def test_everybody_at_work_in_one_programme_ends_without_a_fault(programme):
    """Eight people, each with their own act, on the same ten people: cells, ticks, offers, a hold, the date that all dues hang on."""
    for _ in range(10):
        people.person(programme, priority="A", wave="1", done=("C01", "C02"))
    everybody = [pk for pk, in PersonTransfer.objects.order_by("pk").values_list("pk")]
    operator = Actor.operator()

    def each(act, order):
        for pk in order:
            act(PersonTransfer.objects.select_related("programme").get(pk=pk))

    def dates():
        for day in (date(2027, 5, 3), date(2027, 5, 10), date(2027, 5, 17)):
            mine = Programme.objects.get(pk=programme.pk)
            programmes.update(mine, {"exit_date": day}, actor=operator)

    back = everybody[::-1]
    found = together(
        partial(each, lambda p: services.update_person(p, {"next_action": "Ring"}, actor=operator, expected_version=p.version), everybody),
        partial(each, lambda p: services.update_person(p, {"wave": "2"}, actor=operator, expected_version=p.version), back),
        partial(each, lambda p: checkpoints.mark(p, "C04", actor=operator), everybody),
        partial(each, lambda p: services.offer(p, people.incoming(programme), actor=operator), back),
        partial(each, lambda p: services.hold(p, actor=operator, reason="Snow"), everybody),
        partial(each, lambda p: services.admit(p, actor=operator, hospital="QEQM"), back),
        partial(each, lambda p: services.set_priority(p, "R", actor=operator, reason="alone"), everybody),
        dates,
    )
    assert found == [None] * 8
    assert set(PersonTransfer.objects.values_list("next_action", "wave", "priority", "allocation_response", "on_hold", "in_hospital")) == {("Ring", "2", "R", "offered", True, True)}
    assert (Allocation.objects.filter(current=True).count(), Checkpoint.objects.filter(code="C04", state="done").count()) == (10, 10)
    assert turning.drift(Programme.objects.get(pk=programme.pk)) == []


def test_two_who_list_the_same_person_without_a_number_do_not_both_pass(programme, monkeypatch):
    """Without the programme's lock each looks before the other has written, and one person stands twice."""
    looked = records.doubles.refuse_unsaid

    def slowly(*args, **values):
        found = looked(*args, **values)
        time.sleep(0.3)
        return found

    monkeypatch.setattr(records.doubles, "refuse_unsaid", slowly)
    actors = [ground.actor("MT", programme) for _ in range(2)]

    def both(surname):
        def one(actor):
            services.list_person(PersonTransfer(programme=Programme.objects.get(pk=programme.pk), surname=surname, forename="Ann", date_of_birth=date(1940, 2, 1)), actor=actor)
            return "listed"

        told = sorted(one if isinstance(one, str) else type(one).__name__ for one in together(*[partial(one, actor) for actor in actors]))
        return told, PersonTransfer.objects.filter(surname=surname).count()

    assert both("Hartley") == (["PerhapsListed", "listed"], 1)
    if connection.vendor == "postgresql":
        nothing = SimpleNamespace(get=lambda **_: None)
        monkeypatch.setattr(records, "Programme", SimpleNamespace(_base_manager=SimpleNamespace(select_for_update=lambda **_: nothing)))
        assert both("Okafor") == (["listed", "listed"], 2), "with the lock off both must pass, else the test proves nothing"
