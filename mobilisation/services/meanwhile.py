"""Two saves at the same moment: what the database alone keeps once ends as the refusal it would have been a moment later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction


@contextmanager
def refused_if_taken(refuse: Callable[[], object]) -> Iterator[None]:
    """Write inside. Where a row that somebody else wrote since it was looked for stands in the way, nothing of the block is kept and
    ``refuse`` is asked: it looks again and raises ``Refused``. What it does not know of is raised as it came."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        refuse()
        raise
