"""``BENCH_GROWTH=1``: jobs 1 and 2 among 1,000, 10,000 and 100,000 people of one site, every size and floor in turns, so that growth is no
matter of what else the machine did. BENCH_SIZES=1000,10000 names other sizes."""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import statistics
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mobilisation.models import Change, Programme, User
from mobilisation.services import calendar
from tests.bench import seed
from tests.bench.pages import Visitor, address, served
from tests.bench.saving import CellSaver
from tests.bench.timing import NotMeasured, clock, p95, shown
from transfers.models import PersonTransfer

PIECE = "artle"
"""Of a surname that every tenth person has: a full page of rows at every size."""
EDITORS, SAVES = 8, 6


@dataclass
class Size:
    people: int
    programme: Programme
    acts: dict[str, Callable[[], Any]] = field(default_factory=dict)
    taken: dict[str, list[float]] = field(default_factory=dict)
    """What → seconds of each round, p95."""
    times: float = 0.0
    """How much larger than the floor's the page is as sent, packed like the floor's."""
    sent: int = 0
    """Bytes of the page on their way."""

    def of(self, what: str) -> float:
        return statistics.median(self.taken[what])


def sizes() -> list[int]:
    return [int(word) for word in os.environ.get("BENCH_SIZES", "1000,10000,100000").split(",")]


def measure(count: int) -> None:
    """Seeds, measures ``count`` times three, prints."""
    calendar.refresh(seed.OPERATOR)
    made = [Size(number, seed.programme(f"GROW{number}")) for number in sizes()]
    for each in made:
        seed.people(each.programme, each.people, random.Random(7))
    viewer = seed.viewer()
    if connection.vendor == "postgresql":
        # What autovacuum does of itself within minutes of so much new.
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    with served() as port:
        for each in made:
            _prepare(each, port, viewer)
        for each, what in itertools.product(made, ("page", "search", "cell", "floor", "update")):
            for _ in range(3):
                each.acts[what]()
        for _ in range(3):
            rounds: dict[tuple[int, str], list[float]] = {}
            for _ in range(count):
                for each in made:
                    for what, act in each.acts.items():
                        rounds.setdefault((each.people, what), []).append(clock(act))
            for each in made:
                for what in each.acts:
                    each.taken.setdefault(what, []).append(p95(rounds[each.people, what]))
        _print(made)
        _statements(made[-1], viewer)
        print(_editors(port, made[-1].programme, viewer), flush=True)


def _prepare(each: Size, port: int, viewer: User) -> None:
    ours, searching, bare, number = Visitor(port, viewer), Visitor(port, viewer), Visitor(port), itertools.count()
    listed, least = address("transfers:person-list", ref=each.programme.ref), f"/floor/people/{each.programme.pk}/?wave=1"
    searching.ask("POST", listed, {"term": PIECE}, expect=(302,))
    searched = searching.led
    person = PersonTransfer.objects.filter(programme=each.programme).order_by("id")[0]
    save = CellSaver(ours, each.programme, person)
    each.acts = {
        "page": lambda: ours.ask("GET", f"{listed}?wave=1"),
        "floor": lambda: bare.ask("GET", least),
        "search": lambda: searching.ask("GET", searched),
        "cell": lambda: save(f"Ring the family {next(number)}"),
        "update": lambda: bare.ask("POST", f"/floor/save/{person.pk}/", {"next_action": f"Ring {next(number)}"}),
    }
    for what in ("page", "search"):
        if each.acts[what]().count(b"<tr data-p") != 50:
            raise NotMeasured(f"the {what} of {each.people} people is not full")
    each.acts["page"]()
    each.sent = ours.sent
    each.acts["floor"]()
    each.times = each.sent / bare.sent


def _print(made: list[Size]) -> None:
    for each in made:
        page, search, cell, floor, update = (each.of(what) for what in ("page", "search", "cell", "floor", "update"))
        print(
            f"{each.people:>7} people   page {shown(page)} / {shown(floor)} = {_against(page / floor, 3.0)}   search {shown(search)} = {_against(search / page, 2.0)} of the page   "
            f"cell {shown(cell)} / {shown(update)} = {_against(cell / update, 10.0)}   sent {each.sent / 1000:.1f} kB = {_against(each.times, 2.0)}",
            flush=True,
        )
    small, large = made[0], made[-1]
    middle = made[-2] if len(made) > 1 else small
    print(
        f"growth   page {large.people}/{middle.people} {_against(large.of('page') / middle.of('page'), 1.3)}   search {large.of('search') / middle.of('search'):.2f}   "
        f"floor {large.of('floor') / middle.of('floor'):.2f}   cell {large.people}/{small.people} {_against(large.of('cell') / small.of('cell'), 1.2)}",
        flush=True,
    )


def _against(value: float, goal: float) -> str:
    return f"{value:.2f} (goal {goal:g}{'' if value <= goal else ', OVER'})"


def _statements(each: Size, viewer: User) -> None:
    """How many statements the page sends with 50 and with 200 rows, and a saved cell."""
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(viewer)
    listed = address("transfers:person-list", ref=each.programme.ref)
    counts = []
    for rows in ("50", "200"):
        for _ in range(2):
            with CaptureQueriesContext(connection) as sent:
                client.get(f"{listed}?wave=1&rows={rows}")
        counts.append(len(sent))
    person = PersonTransfer.objects.filter(programme=each.programme).order_by("-id")[0]
    url = address("transfers:person-cell", ref=each.programme.ref, public_id=person.public_id, field="next_action")
    for number in range(2):
        with CaptureQueriesContext(connection) as sent:
            client.post(url, {"next_action": f"Write {number}", "version": str(person.version + number), "was": "{}"}, HTTP_HX_REQUEST="true")
    begun = sum(query["sql"].split()[0] in {"BEGIN", "COMMIT"} for query in sent.captured_queries)
    print(f"statements   page of 50 rows {counts[0]}, of 200 rows {counts[1]} (goal 8, the same)   cell {len(sent) - begun} (goal 9)", flush=True)


def _editors(port: int, programme: Programme, viewer: User) -> str:
    """Eight at one cell at once, each taking what the answer to a clash says: every save is in the history, each upon the one before."""
    person = PersonTransfer.objects.filter(programme=programme).order_by("-id")[1]
    path = address("transfers:person-cell", ref=programme.ref, public_id=person.public_id, field="next_action")
    clashes: list[int] = []

    def edit(name: int) -> None:
        visitor, version, was = Visitor(port, viewer), str(person.version), json.dumps({"next_action": person.next_action})
        for number in range(SAVES):
            text = f"Editor {name} no. {number}"
            while True:
                answer = json.loads(visitor.ask("POST", path, {"next_action": text, "version": version, "was": was}, expect=(200, 422), headers={"HX-Request": "true"}))
                if "said" in answer:
                    found = re.search(r"data-n=\D?(\d+)", answer["row"])
                    version, was = found[1] if found else version, json.dumps({"next_action": text})
                    break
                clashes.append(name)
                version, was = answer["version"], answer["was"]

    threads = [threading.Thread(target=edit, args=(name,)) for name in range(EDITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [row.fields["next_action"] for row in Change.objects.filter(entity="transfers.persontransfer", object_id=person.pk, action="changed").order_by("pk")]
    lost = EDITORS * SAVES - len(told) + sum(before[1] != after[0] for before, after in itertools.pairwise(told))
    return f"{EDITORS} editors at one cell   {len(told)} saves of {EDITORS * SAVES} in the history, {len(clashes)} clashes told, {lost} lost (goal 0)"
