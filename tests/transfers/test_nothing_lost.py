"""Trust: an import is whole or not there, every row of a file is accounted for, and no editor overwrites another unseen."""

import multiprocessing
import os
import random
import signal
import threading
import time
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
import time_machine
from django.core.cache import cache
from django.db import IntegrityError, connection, connections
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.errors import Conflict
from mobilisation.models import Change, ImportRun, Job, Programme
from mobilisation.services import imports, jobs
from mobilisation.services.imports import import_file
from mobilisation.workbooks import pipeline
from tests.at_once import together
from tests.factories import ground, people, workbooks
from transfers.models import Allocation, Checkpoint, PersonTransfer, ServiceOrder
from transfers.services import people as services

OPERATOR = Actor.operator()
HEAD = ["Swift ID", "Surname", "First name", "DOB", "Hrs pw", "RAG"]


def listed(count):
    return workbooks.xlsx(("List", [HEAD, *[[f"S{n:05d}", f"Name{n}", "Ann", "03/03/1940", 7, "A"] for n in range(count)]]))


class TwoAtOnce:
    """The same list of forty people, brought in by two people in one moment."""

    COUNT = 40

    def __init__(self):
        self.programme = ground.provider_exit()
        self.actors, self.data = [ground.actor(role, self.programme) for role in ("MT", "OL")], listed(self.COUNT)

    def __call__(self):
        """What each came to: (created, unchanged) or the exception, without order."""
        bring = lambda actor: import_file("tracker", self.programme, actor, self.data, "list.xlsx").summary  # noqa: E731
        found = together(*[partial(bring, actor) for actor in self.actors])
        return sorted((type(one) if isinstance(one, Exception) else (one["created"], one["unchanged"]) for one in found), key=str)

    def stand(self):
        """(people, references among them, entries of their history)."""
        mine = PersonTransfer.objects.filter(programme=self.programme)
        return mine.count(), mine.values("case_system_id").distinct().count(), Change.objects.filter(programme=self.programme, entity="transfers.persontransfer").count()


@pytest.mark.django_db(transaction=True)
def test_one_file_by_two_people_at_once_is_one_set_of_people():
    both = TwoAtOnce()
    assert both() == [(0, 40), (40, 0)]
    assert both.stand() == (40, 40, 40)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_of_imports_the_database_alone_refuses_and_without_it_everybody_stands_there_twice(monkeypatch):
    """Both compare before either writes. SQLite has one writer at a time: there the transaction goes as well, which is its lock."""
    both, start = TwoAtOnce(), threading.Barrier(2)
    compare = imports.make_plan

    def compared(*args, **more):
        plan = compare(*args, **more)
        start.wait(20)
        return plan

    monkeypatch.setattr(imports, "make_plan", compared)
    monkeypatch.setattr(imports, "_lock", lambda programme, wait: None)
    if connection.vendor == "sqlite":
        monkeypatch.setattr(imports, "transaction", SimpleNamespace(atomic=nullcontext))
    assert both() == [(40, 0), IntegrityError]
    assert both.stand() == (40, 40, 40)
    both = TwoAtOnce()
    constraint = next(one for one in PersonTransfer._meta.constraints if one.name == "person_case_id_once")
    with connection.schema_editor() as editor:
        editor.remove_constraint(PersonTransfer, constraint)
    try:
        assert both() == [(40, 0), (40, 0)]
        assert both.stand() == (80, 40, 80)
    finally:
        for model in (Checkpoint, ServiceOrder, PersonTransfer):
            model._base_manager.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(PersonTransfer, constraint)


class TestKilled:
    """The worker is killed before a statement it is about to send, at ten moments of the way (trust F12); with ``ALL_MOMENTS=1`` a list of 5,000."""

    COUNT, PART = (5000, 1000) if os.environ.get("ALL_MOMENTS") else (60, 20)

    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch, settings, tmp_path):
        settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path, "base_url": None}}}
        settings.VAR_DIR = tmp_path
        monkeypatch.setattr(pipeline, "PART", self.PART)
        monkeypatch.setattr(jobs, "send", lambda job_id: True)
        monkeypatch.setattr(jobs, "HEARTBEAT_LOST", timedelta(0))

    def waiting(self, reference):
        """An import that was confirmed."""
        programme = ground.provider_exit(reference)
        actor = ground.actor("MT", programme)
        return imports.confirm(imports.upload("tracker", programme, actor, "list.xlsx", listed(self.COUNT)), actor, accept_valid=False)

    def work(self, job, last=None):
        """A worker takes the job, in a process of its own; killed before its statement number ``last``. How many it sent, None when it was killed."""
        sent = multiprocessing.get_context("fork").SimpleQueue()

        def steps():
            number = 0

            def step(execute, *said):
                nonlocal number
                number += 1
                if number == last:
                    os.kill(os.getpid(), signal.SIGKILL)
                return execute(*said)

            connections.close_all()
            with connection.execute_wrapper(step):
                jobs.run(job.pk)
            sent.put(number)

        process = multiprocessing.get_context("fork").Process(target=steps)
        connections.close_all()
        process.start()
        process.join()
        assert process.exitcode == (-signal.SIGKILL if last else 0)
        return None if last else sent.get()

    def stand(self, job):
        """(people, references among them, their entries of history, their checkpoints)."""
        mine = PersonTransfer.objects.filter(programme=job.programme)
        return (
            mine.count(), mine.values("case_system_id").distinct().count(), Change.objects.filter(programme=job.programme, entity="transfers.persontransfer").count(),
            Checkpoint.objects.filter(person__programme=job.programme).count(),
        )

    WHOLE, NONE = (COUNT, COUNT, COUNT, 2 * COUNT), (0, 0, 0, 0)

    def killed_at_ten_moments(self):
        """[what stands there] after each; the job and its import beside it."""
        usual = self.waiting("USUAL")
        steps = self.work(usual)
        assert (steps > 40, self.stand(usual), Job.objects.get(pk=usual.pk).state) == (True, self.WHOLE, "done")
        found = []
        for moment in range(1, 11):
            job = self.waiting(f"KILLED-{moment}")
            self.work(job, last=steps * moment // 11)
            found.append((job, self.stand(job)))
        return found

    @pytest.mark.django_db(transaction=True)
    def test_it_is_whole_or_not_there_listed_as_stopped_and_goes_on_without_copies(self):
        found = self.killed_at_ten_moments()
        assert [stands for _, stands in found[:6]] == [self.NONE] * 6
        assert {stands for _, stands in found} <= {self.NONE, self.WHOLE}
        begun = list(Job.objects.filter(state="running").values_list("pk", flat=True))
        assert (len(begun) >= 8, jobs.sweep()[1]) == (True, len(begun))
        for job, _ in found:
            stopped = Job.objects.get(pk=job.pk)
            assert (stopped.state, stopped.message) == ("queued", "The worker stopped; waiting to start again." if job.pk in begun else "")
            assert self.work(job)
            assert (self.stand(job), Job.objects.get(pk=job.pk).state, ImportRun.objects.get(job=job).state) == (self.WHOLE, "done", "done")
        assert ImportRun.objects.get(job=found[0][0]).summary["created"] == self.COUNT

    @pytest.mark.django_db(transaction=True)
    def test_with_every_part_committed_for_itself_half_of_it_is_found(self, monkeypatch):
        """The guard off: the transaction that holds the parts together."""

        def commit():
            with connection.cursor() as cursor:
                cursor.execute("COMMIT")
                cursor.execute("BEGIN")

        monkeypatch.setattr(pipeline.tables, "check_references", commit)
        people_found = [stands[0] for _, stands in self.killed_at_ten_moments()]
        assert people_found == sorted(people_found)
        assert {self.PART, 2 * self.PART} <= set(people_found), "with the guard off a part must be found, else the test proves nothing"


ROWS = 5000 if os.environ.get("ALL_MOMENTS") else 1200
MOMENTS = range(1, 11) if os.environ.get("ALL_MOMENTS") else (2, 5, 9)
"""Tenths of the usual time at which the importing process is killed; ``ALL_MOMENTS=1`` tries each, with a list of 5,000."""


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
