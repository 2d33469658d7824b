"""Long work of the embedded way in a child process, one piece at a time.

A thread that sets pages would take half of the interpreter from an import that holds SQLite's only write lock, and everybody's
saves would wait twice as long; WeasyPrint does not promise to be safe in several threads either. The child is this very module:
``python -m mobilisation.apart <job id>``. What waits for the child holds no thread, so an import begins at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from django.conf import settings


class Apart:
    """Does the work of an id: short work in the calling thread, long work in the child or, while there is one, later."""

    def __init__(self) -> None:
        self._lock, self._short = threading.Lock(), threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._busy = self._over = False
        self._waiting: dict[int, None] = {}

    def do(self, job_id: int, is_long: bool, here: Callable[[int], object], send: Callable[[int], object]) -> None:
        if not is_long:
            # One after the other, as SQLite has one writer: a second import would wait for its lock, and not for ever.
            with self._short:
                here(job_id)
            return
        with self._lock:
            if self._busy or self._over:
                # Its row still says that it waits; a lost message is sent again by the sweeper.
                self._waiting[job_id] = None
                return
            self._busy = True
            self._waiting.pop(job_id, None)
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "mobilisation.apart", str(job_id)], cwd=settings.BASE_DIR, env=os.environ | {"SITE_URL": settings.SITE_URL, "VAR_DIR": str(settings.VAR_DIR)}, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._child.wait()
        finally:
            with self._lock:
                self._busy, self._child = False, None
                following = next(iter(self._waiting), None)
            if following is not None:
                send(following)

    def stop(self) -> None:
        """The site stops: the child goes with it, and its row is taken back at the next start."""
        self._over = True
        child = self._child
        if child is not None:
            child.terminate()
            child.wait(10)


def _leave_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def main(job_id: int) -> None:
    threading.Thread(target=_leave_with_parent, args=[os.getppid()], daemon=True).start()
    from mobilisation.starting import settle

    settle()
    import django

    django.setup()
    from django.db import connection

    from mobilisation.services import jobs

    if connection.vendor == "sqlite":
        # Nobody waits for this work: it lets an import finish, however long that takes.
        connection.settings_dict["OPTIONS"]["timeout"] = 600
    jobs.run(job_id)


if __name__ == "__main__":
    main(int(sys.argv[1]))
