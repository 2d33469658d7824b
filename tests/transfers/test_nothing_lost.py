"""Trust: an import is whole or not there, every row of a file is accounted for, and no editor overwrites another unseen."""

import multiprocessing
import os
import random
import signal
import threading
import time
from urllib.parse import urlencode

import pytest
import time_machine
from django.core.cache import cache
from django.db import connections
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.errors import Conflict
from mobilisation.models import Change, Programme
from mobilisation.services.imports import import_file
from tests.factories import ground, people, workbooks
from transfers.models import Allocation, Checkpoint, PersonTransfer
from transfers.services import people as services

OPERATOR = Actor.operator()
HEAD = ["Swift ID", "Surname", "First name", "DOB", "Hrs pw", "RAG"]


def listed(count):
    return workbooks.xlsx(("List", [HEAD, *[[f"S{n:05d}", f"Name{n}", "Ann", "03/03/1940", 7, "A"] for n in range(count)]]))


@pytest.mark.django_db(transaction=True)
def test_one_file_by_two_people_at_once_is_one_set_of_people():
    programme = ground.provider_exit()
    actors, data = [ground.actor(role, programme) for role in ("MT", "OL")], listed(40)
    start, found, failed = threading.Barrier(2), [], []

    def bring(actor):
        start.wait()
        try:
            found.append(import_file("tracker", programme, actor, data, "list.xlsx").summary)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=bring, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted((summary["created"], summary["unchanged"]) for summary in found) == [(0, 40), (40, 0)]
    assert (PersonTransfer.objects.count(), Change.objects.filter(entity="transfers.persontransfer").count()) == (40, 40)


ROWS = 1200
MOMENTS = range(1, 11) if os.environ.get("ALL_MOMENTS") else (2, 5, 9)
"""Tenths of the usual time at which the importing process is killed; ``ALL_MOMENTS=1`` tries each."""


def bring(reference, data):
    connections.close_all()
    import_file("tracker", Programme.objects.get(reference=reference), OPERATOR, data, "list.xlsx")


def in_a_process(reference, data):
    process = multiprocessing.get_context("fork").Process(target=bring, args=(reference, data))
    connections.close_all()
    process.start()
    return process


@pytest.mark.only("postgresql", "a killed process and its transaction: PostgreSQL only")
@pytest.mark.django_db(transaction=True)
def test_an_import_killed_at_any_moment_is_whole_or_not_there_and_running_it_again_makes_no_copies():
    data = listed(ROWS)
    began = time.monotonic()
    usual = in_a_process(ground.provider_exit("USUAL").reference, data)
    usual.join()
    took = time.monotonic() - began
    assert PersonTransfer.objects.count() == ROWS
    seen = []
    for moment in MOMENTS:
        programme = ground.provider_exit(f"KILLED-{moment}")
        process = in_a_process(programme.reference, data)
        time.sleep(took * moment / 10)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        mine = PersonTransfer.objects.filter(programme=programme)
        seen.append(mine.count())
        assert seen[-1] in (0, ROWS), moment
        assert Change.objects.filter(programme=programme, entity="transfers.persontransfer").count() == seen[-1]
        bring(programme.reference, data)
        assert (mine.count(), mine.values("case_system_id").distinct().count(), Checkpoint.objects.filter(person__programme=programme).values("person", "code").distinct().count()) == (ROWS, ROWS, 2 * ROWS)
    assert 0 in seen, "none was killed while it worked"


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(8))
def test_every_row_of_a_file_is_accounted_for(programme, seed):
    """Rows = created + updated + unchanged + skipped + refused, and the list holds what the counts say."""
    chance = random.Random(seed)
    for number in range(10):
        people.person(programme, case_system_id=f"S{number:05d}", surname=f"Name{number}", forename="Ann", date_of_birth="1940-03-03", weekly_hours=7)
    before = set(PersonTransfer.objects.values_list("pk", "version"))
    rows = []
    for _ in range(chance.randint(5, 40)):
        number = chance.randrange(25)
        hours = chance.choice([7, 7, 9, "many", 400, ""])
        surname = chance.choice([f"Name{number}"] * 5 + ["", "TOTAL"])
        rows.append([f"S{number:05d}", surname, "Ann", chance.choice(["03/03/1940", "03/03/1940", "31/02/1940", ""]), hours, chance.choice("RAGX")])
    outcome = import_file("tracker", programme, OPERATOR, workbooks.xlsx(("List", [HEAD, *rows])), "list.xlsx", accept_valid=True)
    counts = outcome.summary
    assert counts["rows"] == len(rows) == sum(counts[name] for name in ("created", "updated", "unchanged", "skipped", "refused"))
    after = set(PersonTransfer.objects.values_list("pk", "version"))
    known = {pk for pk, _ in before}
    assert len(after) - len(before) == counts["created"]
    assert len([1 for pk, version in after - before if pk in known]) == counts["updated"]
    assert len({error["row"] for error in counts["errors"]}) == counts["refused"]


FIELDS = ("wave", "case_manager", "next_action", "zone")


def both(person, chance, number, *, checked):
    """Two people look at one row, each types into a field, each saves. Returns what was lost without a word."""
    seen = person.version
    mine, theirs = ({chance.choice(FIELDS): f"{who}{number}"} for who in ("A", "B"))
    services.update_person(person, mine, actor=OPERATOR, expected_version=seen if checked else None)
    told = False
    try:
        services.update_person(person, theirs, actor=OPERATOR, expected_version=seen if checked else None)
    except Conflict as conflict:
        told = [(field.mine, field.theirs) for field in conflict.fields] == [(*theirs.values(), *mine.values())]
    row = PersonTransfer.objects.get(pk=person.pk)
    person.refresh_from_db()
    kept = all(getattr(row, name) == value for name, value in mine.items())
    saved = all(getattr(row, name) == value for name, value in theirs.items())
    return not kept or not (saved or told)


@pytest.mark.django_db
@pytest.mark.parametrize(("checked", "pairs"), [(True, 200), (False, 40)])
def test_of_two_editors_nobody_overwrites_the_other_unseen(programme, checked, pairs):
    person, chance = people.person(programme), random.Random(11)
    person.programme = programme
    lost = sum(both(person, chance, number, checked=checked) for number in range(pairs))
    assert lost == 0 if checked else lost > 0, "with the check off some must be lost, else the test proves nothing"


@pytest.mark.django_db
class TestSentTwice:
    """The same form twice: one row, one entry of history, both answers lead to it."""

    @pytest.fixture(autouse=True)
    def _spring(self):
        cache.clear()
        with time_machine.travel("2027-03-15 10:00", tick=False):
            yield

    def twice(self, client, url, **fields):
        data = urlencode(fields | {"csrfmiddlewaretoken": "c" * 64})
        answers = [client.post(url, data, content_type="application/x-www-form-urlencoded") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [302, 302]
        assert answers[0]["Location"] == answers[1]["Location"]

    def test_adding_a_person(self, programme, sign_in):
        self.twice(sign_in("MT", programme), reverse("transfers:person-add", args=[programme.ref]), surname="Hartley", forename="Ann", version="", was="")
        assert (PersonTransfer.objects.count(), Change.objects.filter(entity="transfers.persontransfer", action="created").count()) == (1, 1)

    def test_marking_a_checkpoint(self, programme, sign_in):
        person = people.person(programme)
        self.twice(sign_in("OL", programme), reverse("transfers:checkpoint", args=[programme.ref, person.public_id, "C01", "mark"]), on="2027-03-02", done_on="2027-03-02")
        assert (Checkpoint.objects.count(), Change.objects.filter(entity="transfers.checkpoint").count()) == (1, 1)

    def test_offering_a_person(self, programme, sign_in):
        person, provider = people.person(programme), people.incoming(programme)
        self.twice(sign_in("CO", programme), reverse("transfers:person-act", args=[programme.ref, person.public_id, "offer"]), provider=provider.pk, incoming_provider=provider.pk, wave="1")
        assert (Allocation.objects.count(), Change.objects.filter(entity="transfers.allocation").count()) == (1, 1)
