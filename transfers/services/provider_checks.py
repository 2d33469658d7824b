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
from transfers.models import ProviderCheck
from transfers.services.rights import is_provider


@transaction.atomic
def record(programme: Programme, provider: Organisation, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> ProviderCheck | Change | None:
    """One row a provider. ``values``: ``visits_received_on``, ``on_call_tried_on``, ``on_call_works``, ``note``."""
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team checks providers.")
    if not provider.party_to.filter(contract__programmes=programme, role="incoming").exists():
        raise Refused(f"{provider} is no incoming provider of this programme.")
    held = ProviderCheck.objects.select_for_update().filter(programme=programme, provider=provider).first()
    after = {name: values.get(name, getattr(held, name, None)) for name in ("visits_received_on", "on_call_tried_on", "on_call_works")}
    found = [Reason("The day is in the future. Enter the day it happened.", field=name) for name in ("visits_received_on", "on_call_tried_on") if after[name] and after[name] > today()]
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
        return changes.create(ProviderCheck(programme=programme, provider=provider, **wanted), actor=actor, action="provider checked")
    if not values:
        return None
    return changes.apply(held, wanted, actor=actor, expected_version=expected_version, action="provider checked")
