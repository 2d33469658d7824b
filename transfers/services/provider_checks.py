"""Before people come to a provider: is its list of first-week visits here, and does its on-call number work (domain 5.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Change, Organisation, Programme
from mobilisation.roles import Can
from mobilisation.services import changes
from mobilisation.services.meanwhile import refused_if_taken
from transfers.models import PersonTransfer, ProviderCheck
from transfers.rules.orders import NO_ORDER
from transfers.services.rights import is_provider


@transaction.atomic
def record(programme: Programme, provider: Organisation, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> ProviderCheck | Change | None:
    """One row a provider. ``values``: ``visits_received_on``, ``on_call_tried_on``, ``on_call_works``, ``payment_set_up_on``, ``note``."""
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team checks providers.")
    if not provider.party_to.filter(contract__programmes=programme, role="incoming").exists():
        raise Refused(f"{provider} is no incoming provider of this programme.")
    held = ProviderCheck.objects.select_for_update().filter(programme=programme, provider=provider).first()
    after = {name: values.get(name, getattr(held, name, None)) for name in ("visits_received_on", "on_call_tried_on", "on_call_works", "payment_set_up_on")}
    found = [Reason("The day is in the future. Enter the day it happened.", field=name) for name in ("visits_received_on", "on_call_tried_on", "payment_set_up_on") if after[name] and after[name] > today()]
    if after["on_call_works"] is not None and not after["on_call_tried_on"]:
        found.append(Reason("Say on which day the on-call number was tried.", field="on_call_tried_on"))
    if after["on_call_tried_on"] and after["on_call_works"] is None:
        found.append(Reason("Say whether somebody answered.", field="on_call_works"))
    if held is None and not any(value not in (None, "") for value in values.values()):
        found.append(Reason("Enter at least one of these."))
    if found:
        raise Refused(found)
    wanted = dict(values) | {"by_label": actor.label[:150]}
    if held is None:
        with refused_if_taken(lambda: _refuse_entered(programme, provider)):
            return changes.create(ProviderCheck(programme=programme, provider=provider, **wanted), actor=actor, action="provider checked")
    if not values:
        return None
    return changes.apply(held, wanted, actor=actor, expected_version=expected_version, action="provider checked")


def _refuse_entered(programme: Programme, provider: Organisation) -> None:
    if held := ProviderCheck.objects.filter(programme=programme, provider=provider).first():
        raise Refused(f"{held.by_label} entered the checks of {provider} at the same moment. Open the page again to see what stands, then add yours.")


def paid(programme: Programme) -> frozenset[int] | None:
    """Providers set up on the payment systems; None where the programme does not ask for it (``payment_set_up_first``), without a statement."""
    if not programme.threshold("payment_set_up_first"):
        return None
    return frozenset(ProviderCheck.objects.filter(programme=programme, payment_set_up_on__isnull=False).values_list("provider_id", flat=True))


def payment_refused(person: PersonTransfer, set_up: frozenset[int] | None) -> list[Reason]:
    """Why C10 waits: the order would start at a provider that cannot be paid. Not asked where the person buys the care."""
    if set_up is None or person.funding_type in NO_ORDER or person.incoming_provider_id is None or person.incoming_provider_id in set_up:
        return []
    return [Reason("The incoming provider is not set up on the payment systems yet. Set it up, then enter the day under “Checks of providers”.", field="payment_ref", solve=("payment",))]
