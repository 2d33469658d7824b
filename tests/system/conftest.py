"""The site as processes, with production settings: gunicorn, a Celery worker and beat on a real PostgreSQL and Redis.

The database is made for the run and dropped after it; Redis uses a database number of its own.
"""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

import pytest

from tests.system.wire import Wire

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Browser:
    """A person's browser without JavaScript: keeps cookies, fills the CSRF field, follows redirects."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.page = ""
        self.url = ""

    def _send(self, request) -> tuple[int, bytes, dict]:
        try:
            with self.opener.open(request, timeout=60) as answer:
                body, status, headers, self.url = answer.read(), answer.status, dict(answer.headers), answer.url
        except urllib.error.HTTPError as error:
            body, status, headers, self.url = error.read(), error.code, dict(error.headers), error.url
        if "html" in headers.get("Content-Type", ""):
            self.page = body.decode()
        return status, body, headers

    def get(self, path: str) -> tuple[int, bytes, dict]:
        return self._send(urllib.request.Request(urllib.parse.urljoin(self.base, path)))

    def post(self, path: str, **fields: str) -> tuple[int, bytes, dict]:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page)
        data = urllib.parse.urlencode(fields | ({"csrfmiddlewaretoken": token[1]} if token else {})).encode()
        return self._send(urllib.request.Request(urllib.parse.urljoin(self.base, path), data=data, headers={"Referer": self.base}))

    def sign_in(self, email: str, password: str) -> None:
        self.get("/accounts/login/")
        status, _, _ = self.post("/accounts/login/", login=email, password=password)
        assert status == 200, status
        assert "/accounts/login" not in self.url, "sign-in was refused"


class Site:
    """Web, worker and beat; ``kill`` takes one away as a crash would."""

    def __init__(self, environment: dict[str, str], var: Path) -> None:
        self.environment, self.var, self.port = environment, var, free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen] = {}
        self.wires: dict[str, Wire] = {}

    def manage(self, *arguments: str, stdin: str = "", expect: int = 0) -> str:
        done = subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, input=stdin, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, name: str) -> None:
        commands = {
            "web": [str(BIN / "gunicorn"), "mobilisation.wsgi:application", "--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--threads", "4"],
            "worker": [str(BIN / "celery"), "-A", "mobilisation", "worker", "--concurrency", "1", "--loglevel", "WARNING"],
            "beat": [str(BIN / "celery"), "-A", "mobilisation", "beat", "--loglevel", "WARNING"],
        }
        with (self.var / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(commands[name], cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True)
        if name == "web":
            self.wait(lambda: Browser(self.base).get("/healthz")[0] == 200, "the pages to answer", 30)

    def kill(self, name: str, how: int = signal.SIGKILL) -> None:
        process = self.processes.pop(name, None)
        if process is not None:
            os.killpg(process.pid, how)
            process.wait(timeout=30)

    def wait(self, condition, what: str, seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if condition():
                    return
            except (urllib.error.URLError, ConnectionError):
                pass
            time.sleep(0.3)
        logs = "\n".join(f"== {path.name}\n{path.read_text(errors='replace')[-2000:]}" for path in sorted(self.var.glob("*.log")))
        raise AssertionError(f"waited {seconds} s for {what}\n{logs}")

    def browser(self) -> Browser:
        return Browser(self.base)


@pytest.fixture
def site(tmp_path):
    """A prepared, empty site whose web process runs; worker and beat are started by the test. Database and queue are
    reached by wires that a test may cut: ``site.wires["database"].cut()``."""
    database, redis = os.environ.get("TEST_POSTGRES_URL", ""), os.environ.get("TEST_REDIS_URL", "")
    if not database:
        pytest.skip("no PostgreSQL answers: the production settings cannot be tried")
    if not redis:
        pytest.skip("no Redis answers: the production settings cannot be tried")
    import dj_database_url
    import psycopg2

    parts = dj_database_url.parse(database)
    name = f"mobilisation_system_{uuid.uuid4().hex[:8]}"
    where = {"host": parts["HOST"] or None, "port": parts["PORT"] or None, "user": parts["USER"] or None, "password": parts["PASSWORD"] or None}
    admin = psycopg2.connect(dbname="postgres", **where)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    import redis as redis_client

    # A database number of its own for each test process, so that neither a real site nor the neighbour is emptied.
    redis = urllib.parse.urlsplit(redis)._replace(path=f"/{15 - int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw')) % 8}").geturl()
    redis_client.Redis.from_url(redis).flushdb()
    at = urllib.parse.urlsplit(redis)
    wires = {
        "database": Wire((parts["HOST"], int(parts["PORT"] or 5432)) if parts["HOST"] and not parts["HOST"].startswith("/") else f"{parts['HOST'] or '/var/run/postgresql'}/.s.PGSQL.{parts['PORT'] or 5432}"),
        "queue": Wire((at.hostname or "127.0.0.1", at.port or 6379)),
    }
    redis = at._replace(netloc=f"{at.netloc.rpartition('@')[0]}{'@' if '@' in at.netloc else ''}127.0.0.1:{wires['queue'].port}").geturl()
    who = f"{where['user'] or 'postgres'}{':' + where['password'] if where['password'] else ''}"
    environment = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG", "TMPDIR"}} | {
        "ENVIRONMENT": "production", "SECRET_KEY": uuid.uuid4().hex * 2, "DATABASE_URL": f"postgres://{who}@127.0.0.1:{wires['database'].port}/{name}", "REDIS_URL": redis, "ALLOW_DEMO": "no",
        "HTTPS": "no", "REQUIRE_MFA": "no", "VAR_DIR": str(tmp_path), "ALLOWED_HOSTS": "127.0.0.1", "SITE_URL": "http://127.0.0.1", "C_FORCE_ROOT": "1", "PYTHONWARNINGS": "ignore",
    }
    made = Site(environment, tmp_path)
    made.wires = wires
    try:
        made.manage("prepare")
        made.start("web")
        yield made
    finally:
        for process in list(made.processes):
            made.kill(process, signal.SIGTERM)
        for wire in wires.values():
            wire.cut()
        with admin.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.close()
