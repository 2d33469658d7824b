"""``make bench``: the six jobs of the speed goals and the export of everybody, each beside its floor, on PostgreSQL when it answers, else SQLite.

Sizes: BENCH_PEOPLE, BENCH_PROGRAMMES, BENCH_RISKS, BENCH_ROWS (of the import), BENCH_REPORTS, BENCH_REQUESTS; BENCH_JOBS=1,4
runs only these. BENCH_GROWTH=1 runs jobs 1 and 2 among 1,000, 10,000 and 100,000 people instead (see ``growth.py``). The database is made for the run and dropped after it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"PEOPLE": 2000, "PROGRAMMES": 20, "RISKS": 60, "ROWS": 2000, "REPORTS": 5, "REQUESTS": 40}


def size(name: str) -> int:
    return int(os.environ.get(f"BENCH_{name}") or SIZES[name])


@contextmanager
def database(var: str) -> Iterator[str]:
    """The address of an empty database that is gone after the block."""
    given = os.environ.get("BENCH_DATABASE_URL") or os.environ.get("DATABASE_URL")
    found = given if given is not None else subprocess.run([sys.executable, ".ci/find_services.py", "postgres"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    if not found.startswith("postgres"):
        yield f"sqlite:///{var}/bench.sqlite3"
        return
    import dj_database_url
    import psycopg2

    parts = dj_database_url.parse(found)
    admin = psycopg2.connect(dbname="postgres", host=parts["HOST"] or None, port=parts["PORT"] or None, user=parts["USER"] or None, password=parts["PASSWORD"] or None)
    admin.autocommit = True
    name = f"mobilisation_bench_{uuid.uuid4().hex[:8]}"
    with admin.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    pieces = urllib.parse.urlsplit(found)
    try:
        yield f"{pieces.scheme}://{pieces.netloc}/{name}"
    finally:
        from django.db import connections

        connections.close_all()
        with admin.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.close()


def measure() -> int:
    """Seed, run the jobs, print a line each. Returns how many could not be measured."""
    from tests.bench import growth, out, pages, seed, work
    from tests.bench.timing import NotMeasured, Result, line

    started = time.monotonic()
    if os.environ.get("BENCH_GROWTH"):
        try:
            growth.measure(size("REQUESTS"))
        except NotMeasured as why:
            print(f"growth not measured: {why}", flush=True)
            return 1
        print(f"in {time.monotonic() - started:.0f} s, load {os.getloadavg()[0]:.1f}", flush=True)
        return 0
    seeded = seed.everything(programmes=size("PROGRAMMES"), people_count=size("PEOPLE"), risk_count=size("RISKS"))
    print(f"{size('PEOPLE')} people in one programme, {size('PROGRAMMES')} more programmes; seeded in {time.monotonic() - started:.0f} s", flush=True)
    wanted = [word.strip() for word in os.environ.get("BENCH_JOBS", "1,2,3,4,5,6,7").split(",")]
    missed = 0

    def run(number: str, job: Callable[[], Result]) -> None:
        nonlocal missed
        if number not in wanted:
            return
        try:
            print(line(job()), flush=True)
        except NotMeasured as why:
            missed += 1
            print(f"{number} not measured: {why}", flush=True)

    if {"1", "2", "3"} & set(wanted):
        with pages.served() as port:
            count = size("REQUESTS")
            run("1", lambda: pages.tracker(port, seeded, count))
            run("2", lambda: pages.cell(port, seeded, count))
            run("2", lambda: pages.form(port, seeded, count))
            run("3", lambda: pages.portfolio(port, seeded, count))
    run("4", lambda: work.imported(size("ROWS")))
    run("5", lambda: work.weekly_run(seeded, size("REPORTS")))
    run("6", lambda: work.board_pack(seeded))
    run("7", lambda: out.exported(seeded, "csv"))
    run("7", lambda: out.exported(seeded, "xlsx"))
    return missed


def main() -> int:
    sys.path.insert(0, str(ROOT))
    # Stopped from outside, the database of the run still goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as var, database(var) as url:
        (Path(var) / "static").mkdir()
        os.environ |= {"DATABASE_URL": url, "VAR_DIR": var, "DJANGO_SETTINGS_MODULE": "tests.bench.settings", "ENVIRONMENT": "embedded", "DEBUG": "no", "LOG_LEVEL": "ERROR"}
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        print(f"{'PostgreSQL' if url.startswith('postgres') else 'SQLite'}; p95 of pages, the rest in all; ours and floor in turns, median of three rounds", flush=True)
        return 1 if measure() else 0


if __name__ == "__main__":
    raise SystemExit(main())
