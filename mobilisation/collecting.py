"""Python's search for circular garbage, held off while many rows are in hand."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ROWS = (50_000, 50, 50)
_lock = threading.Lock()
_usual: tuple[int, int, int] | None = None
_busy = 0


@contextmanager
def many_rows() -> Iterator[None]:
    """Within this block (or function) the rows that stay are not looked through again and again while more are made: that was a quarter of an import.

    Young garbage is still collected. The setting is one for the process: the last to leave puts it back.
    """
    global _usual, _busy
    with _lock:
        if not _busy:
            _usual = gc.get_threshold()
            gc.set_threshold(*_ROWS)
        _busy += 1
    try:
        yield
    finally:
        with _lock:
            _busy -= 1
            if not _busy and _usual is not None:
                gc.set_threshold(*_usual)
