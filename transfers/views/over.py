"""How far providers would be over what they have confirmed: told on the page before anybody is offered, and sent back with the confirmation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

from mobilisation.models import Organisation
from transfers.services import offers


def shown(over: Mapping[Organisation, Decimal]) -> dict[str, Any]:
    """What stands on the page of ``over`` ({provider: hours a week beyond}): the sentences, and the hidden fields of the form."""
    return {"over": [offers.over_words(provider, hours) for provider, hours in over.items()], "told": {f"told-{provider.public_id}": str(hours) for provider, hours in over.items()}}


def read(data: Mapping[str, str], providers: Iterable[Organisation]) -> dict[int, Decimal]:
    """{provider: hours a week beyond} as the page said that ``data`` was sent from."""
    found = {}
    for provider in providers:
        with suppress(InvalidOperation):
            hours = Decimal(data.get(f"told-{provider.public_id}") or 0)
            if hours.is_finite():
                found[provider.pk] = hours
    return found
