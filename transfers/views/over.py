"""Where offers go beyond what providers have confirmed, in hours and in zones: told on the page before anybody is offered, and sent back with the confirmation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

from mobilisation.models import Organisation
from transfers.services import offers


def shown(beyond: offers.Beyond) -> dict[str, Any]:
    """What stands on the page of ``beyond``: the sentences of hours and of zones, and the hidden fields of the form."""
    over = beyond.hours
    return {"over": [offers.over_words(provider, hours) for provider, hours in over.items()], "outside": beyond.outside_words, "told": {f"told-{provider.public_id}": str(hours) for provider, hours in over.items()}}


def read(data: Mapping[str, str], providers: Iterable[Organisation]) -> dict[int, Decimal]:
    """{provider: hours a week beyond} as the page said that ``data`` was sent from."""
    found = {}
    for provider in providers:
        with suppress(InvalidOperation):
            hours = Decimal(data.get(f"told-{provider.public_id}") or 0)
            if hours.is_finite():
                found[provider.pk] = hours
    return found
