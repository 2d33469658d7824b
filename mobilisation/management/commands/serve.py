"""``manage.py serve``: the whole site in one process: pages, a worker and the beat. Ctrl-C stops all of it."""

from __future__ import annotations

import argparse
import errno
import fcntl
import logging
import os
import shutil
import signal
import socket
import threading
import warnings
from socketserver import ThreadingMixIn
from typing import IO, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mobilisation import tasks
from mobilisation.apart import Apart
from mobilisation.services import accounts, jobs


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64
    allow_reuse_address = True


class QuietHandler(WSGIRequestHandler):
    """Addresses of pages hold public ids only, but a log of every click serves nobody here."""

    def log_message(self, format: str, *args: Any) -> None:
        return


class Command(BaseCommand):
    help = "Start pages, worker and beat in one process."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=_port, default=8000)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--demo", action="store_true", help="load the demonstration data when the office is empty")
        parser.add_argument("--reset", action="store_true", help="start afresh: what VAR_DIR holds is deleted first")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        if not os.environ.get("SITE_URL"):
            settings.SITE_URL = f"http://{'localhost' if host == '127.0.0.1' else host}:{port}"
        self._refuse_taken(host, port)
        self._alone = self._hold()
        if options["reset"]:
            self._start_afresh()
        try:
            self._furnish(demo=options["demo"])
        except KeyboardInterrupt:
            self.stdout.write("\nStopped while setting up. Nothing half made was kept; the next start does it again.")
            raise SystemExit(130) from None
        jobs.take_back_all()
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        from django.core.wsgi import get_wsgi_application

        server = Server((host, port), QuietHandler)
        server.set_app(get_wsgi_application())
        worker = Worker()
        worker.start()
        address = f"http://{'localhost' if host == '127.0.0.1' else host}:{port}/"
        self.stdout.write(f"\nMobilisation runs at {address}")
        if accounts.office_is_empty():
            self.stdout.write(f"The office is empty. Make the first administrator at {address}setup/")
        else:
            self._say_which_office(demo=options["demo"])
        self.stdout.write("Ctrl-C stops it; nothing is lost.\n")

        def stop(*_: Any) -> None:
            threading.Thread(target=server.shutdown, daemon=True).start()

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        server.serve_forever(poll_interval=0.2)
        server.server_close()
        worker.stop()
        self.stdout.write("Stopped.")

    def _say_which_office(self, *, demo: bool) -> None:
        """``make demo`` and ``make run`` share a folder: who gets another office than they asked for is told, and how to get theirs."""
        shown, others = accounts.demonstration_here()
        if demo and shown and "demo_logins" in get_commands():
            call_command("demo_logins")
        elif demo:
            self.stdout.write(f"This is an office of its own, not the demonstration: {settings.VAR_DIR} was set up without it and stays as it is. A demonstration beside it: VAR_DIR=another make demo")
        elif shown and others:
            self.stdout.write("Accounts of the demonstration stand beside this office's own; anybody may know their password. manage.py demo_logins names them.")
        elif shown:
            self.stdout.write(f"This is the demonstration, which {settings.VAR_DIR} holds since make demo. An empty office: RESET=1 make run (deletes the demonstration), or beside it: VAR_DIR=another make run")

    def _furnish(self, *, demo: bool) -> None:
        self.stdout.write("Bringing the database to this version …")
        call_command("prepare")
        if demo and "load_demo" in get_commands() and accounts.office_is_empty():
            self.stdout.write("Loading the demonstration programme; this takes a minute the first time …")
            call_command("load_demo")

    def _hold(self) -> IO[str]:
        """The folder belongs to this process until it ends: a second one would take back the work of the first."""
        held = (settings.VAR_DIR / "serve.lock").open("w")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.close()
            raise CommandError(f"The site of {settings.VAR_DIR} runs already. Stop it first, or give this one a folder of its own: make demo VAR_DIR=another") from None
        return held

    def _start_afresh(self) -> None:
        """Only what the embedded way keeps in its own folder; a database elsewhere is never touched."""
        for pattern in ("db.sqlite3*", "celerybeat-schedule*", "logins.txt"):
            for path in settings.VAR_DIR.glob(pattern):
                path.unlink()
        for name in ("files", "mail"):
            shutil.rmtree(settings.VAR_DIR / name, ignore_errors=True)
        self.stdout.write("Started afresh.")

    def _refuse_taken(self, host: str, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise CommandError(f"Port {port} is taken by another program. Choose another: make demo PORT={port + 1}") from None
                raise CommandError(f"Port {port} cannot be used ({error.strerror}). Choose another: make demo PORT=8080") from None


def _port(words: str) -> int:
    number = int(words) if words.isdecimal() else 0
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{words!r} is no port. Give a number from 1 to 65535, as in make demo PORT=8080.")
    return number


THREADS = 2
"""One may wait for the child; the other takes what people wait for."""


class Worker:
    """A Celery worker in threads of this process, long work in a child of it, and a tick each minute."""

    def __init__(self) -> None:
        self._over, self._apart = threading.Event(), Apart()

    def start(self) -> None:
        warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
        logging.getLogger("celery").setLevel(logging.ERROR)
        logging.getLogger("kombu").setLevel(logging.ERROR)
        tasks.apart = self._apart
        threading.Thread(target=self._work, daemon=True, name="worker").start()
        threading.Thread(target=self._beat, daemon=True, name="beat").start()

    def _work(self) -> None:
        from mobilisation.celery import app

        self._worker = app.Worker(
            pool="threads", concurrency=THREADS, without_gossip=True, without_mingle=True, without_heartbeat=True, redirect_stdouts=False, loglevel="ERROR", hostname="embedded@localhost", quiet=True
        )
        self._worker.start()

    def _beat(self) -> None:
        while not self._over.wait(1.0 if not hasattr(self, "_ticked") else 60.0):
            self._ticked = True
            try:
                tasks.tick()
            except Exception:
                logging.getLogger(__name__).exception("tick failed; the next one tries again")

    def stop(self) -> None:
        self._over.set()
        self._apart.stop()
        worker = getattr(self, "_worker", None)
        if worker is not None:
            worker.stop()
