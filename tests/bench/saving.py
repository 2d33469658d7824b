"""How a browser saves one field of one person: the version it saw goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mobilisation.models import Programme
from tests.bench.timing import NotMeasured
from transfers.models import PersonTransfer

if TYPE_CHECKING:
    from tests.bench.pages import Visitor


def save(visitor: Visitor, programme: Programme, person: PersonTransfer, text: str) -> None:
    raise NotMeasured("there is no page that saves one field of one person")
