"""Print the address of a local PostgreSQL or Redis that answers, or where Chromium is; or nothing."""

from __future__ import annotations

import shutil
import sys


def postgres() -> str:
    import psycopg2

    for url, arguments in (
        ("postgres://postgres@127.0.0.1:5432/mobilisation", {"host": "127.0.0.1", "user": "postgres", "dbname": "postgres"}),
        ("postgres://%2Fvar%2Frun%2Fpostgresql/mobilisation", {"host": "/var/run/postgresql", "dbname": "postgres"}),
    ):
        try:
            psycopg2.connect(connect_timeout=2, **arguments).close()
        except psycopg2.OperationalError:
            continue
        return url
    return ""


def redis() -> str:
    import redis as client

    try:
        client.Redis.from_url("redis://127.0.0.1:6379/15", socket_connect_timeout=2).ping()
    except client.RedisError:
        return ""
    return "redis://127.0.0.1:6379/15"


def chromium() -> str:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")


if __name__ == "__main__":
    print({"postgres": postgres, "redis": redis, "chromium": chromium}[sys.argv[1]]())
