"""Jobs 1 to 3: pages through gunicorn with two workers, signed in as a person with a role."""

from __future__ import annotations

import gzip
import http.client
import itertools
import os
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.urls import NoReverseMatch, reverse

from mobilisation.models import User
from tests.bench.saving import CellSaver, Saver
from tests.bench.seed import Seeded
from tests.bench.timing import NotMeasured, Result, in_turns
from transfers.models import PersonTransfer

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "b" * 32


class Visitor:
    """One person's requests, each on a fresh connection as the synchronous workers close theirs, and packed as a browser takes them. ``sent``: bytes of the last answer on their way; ``led``: where it led."""

    def __init__(self, port: int, user: User | None = None) -> None:
        self.port, self.sent, self.led = port, 0, ""
        self.headers = {"Host": "127.0.0.1", "Accept-Encoding": "gzip", "Cookie": f"csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
        if user is not None:
            store = import_module(settings.SESSION_ENGINE).SessionStore()
            store[SESSION_KEY], store[BACKEND_SESSION_KEY], store[HASH_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0], user.get_session_auth_hash()
            store.create()
            self.headers["Cookie"] += f"; {settings.SESSION_COOKIE_NAME}={store.session_key}"

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None, expect: tuple[int, ...] = (200,), headers: dict[str, str] | None = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        body = urllib.parse.urlencode(fields) if fields is not None else None
        connection.request(method, path, body, self.headers | (headers or {}) | ({"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        self.sent, self.led = len(content), answer.getheader("Location") or ""
        if answer.getheader("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        if answer.status not in expect:
            raise NotMeasured(f"{method} {path} answered {answer.status}")
        return content


@contextmanager
def served() -> Iterator[int]:
    """gunicorn on a free port until the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "tests.bench.wsgi:application", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--timeout", "120", "--log-level", "error"]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.bench.settings", "ALLOWED_HOSTS": "127.0.0.1"})
    try:
        for _ in range(150):
            try:
                Visitor(port).ask("GET", "/floor/portfolio/")
                break
            except OSError:
                time.sleep(0.2)
        else:
            raise NotMeasured("gunicorn did not answer")
        yield port
    finally:
        process.terminate()
        process.wait(timeout=120)


def address(name: str, **arguments: object) -> str:
    try:
        return reverse(name, kwargs=arguments)
    except NoReverseMatch:
        raise NotMeasured(f"there is no page {name}") from None


def tracker(port: int, seeded: Seeded, count: int) -> Result:
    """Job 1: fifty rows of the large programme, filtered by wave and sorted by name."""
    ours, floor = Visitor(port, seeded.viewer), Visitor(port)
    path = address("transfers:person-list", ref=seeded.large.ref) + "?wave=1"
    page = ours.ask("GET", path)
    if page.count(b"<tr") < 20:
        raise NotMeasured("the list shows too few rows to compare")
    least = f"/floor/people/{seeded.large.pk}/?wave=1"
    mine, bare = in_turns(lambda: ours.ask("GET", path), lambda: floor.ask("GET", least), count=count)
    return Result("1 tracker page of 50 rows", mine, bare, 3.0, f"{ours.sent / 1000:.1f} kB sent, {ours.sent / floor.sent:.1f}x; unpacked {len(page) / len(floor.ask('GET', least)):.1f}x")


def cell(port: int, seeded: Seeded, count: int) -> Result:
    """Job 2: one cell of the list saved with permission, version, history, due dates and colour."""
    return _saved("2 one cell of the list saved", CellSaver, port, seeded, count)


def form(port: int, seeded: Seeded, count: int) -> Result:
    """The same change by the form of the whole record, as without a script: seventy fields go there and back."""
    return _saved("2 the whole form of one person saved", Saver, port, seeded, count)


def _saved(job: str, saver: type[CellSaver] | type[Saver], port: int, seeded: Seeded, count: int) -> Result:
    person = PersonTransfer.objects.filter(programme=seeded.large).order_by("id")[0]
    ours, floor, number = Visitor(port, seeded.viewer), Visitor(port), itertools.count()
    address("transfers:person-edit", ref=seeded.large.ref, public_id=person.public_id)
    save = saver(ours, seeded.large, person)
    mine, bare = in_turns(
        lambda: save(f"Ring the family {next(number)}"),
        lambda: floor.ask("POST", f"/floor/save/{person.pk}/", {"next_action": f"Ring the family {next(number)}"}),
        count=count,
    )
    return Result(job, mine, bare, 10.0)


def portfolio(port: int, seeded: Seeded, count: int) -> Result:
    """Job 3: every programme with its colours and counts."""
    ours, floor = Visitor(port, seeded.viewer), Visitor(port)
    path = address("reporting:portfolio")
    page = ours.ask("GET", path)
    if seeded.large.reference.encode() not in page:
        raise NotMeasured("the portfolio does not show the programmes")
    mine, bare = in_turns(lambda: ours.ask("GET", path), lambda: floor.ask("GET", "/floor/portfolio/"), count=max(3, count // 3))
    return Result(f"3 portfolio of {1 + len(seeded.small)} programmes", mine, bare, 1.5)
