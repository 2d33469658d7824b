"""Several people at the same moment: threads with connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections


def together(*works: Callable[[], Any]) -> list[Any]:
    """What each of ``works`` gave, or the exception it ended with, in their order; all begin at once."""
    start = threading.Barrier(len(works))
    found: list[Any] = [None] * len(works)

    def do(at: int, work: Callable[[], Any]) -> None:
        try:
            start.wait(20)
            found[at] = work()
        except Exception as error:
            found[at] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return found
