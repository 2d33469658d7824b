"""Holds of a provider's people or of a wave: nobody of them is made ready or moved until it is lifted (domain 5.2, 10.4).

The hold of one person is in :mod:`transfers.services.people`, and so is lifting, which is the same for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Count

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import Reason, Refused
from mobilisation.models import Organisation, Programme
from mobilisation.roles import Can
from mobilisation.services import changes
from transfers.facts.groups import GOING, MOVED
from transfers.models import Hold, PersonTransfer
from transfers.rules.names import wave_name
from transfers.services import turning


@transaction.atomic
def hold_group(programme: Programme, *, actor: Actor, reason: str, provider: Organisation | None = None, wave: str = "", review_on: date | None = None) -> Hold:
    """Hold everybody who leaves or comes to ``provider``, or a ``wave``; who joins them later is held too. Once at a time."""
    actor.require(Can.HOLD)
    # In one order: of two who hold the same wave at once, the second is told.
    Programme._base_manager.select_for_update(no_key=True).get(pk=programme.pk)
    found: list[Reason] = []
    if (provider is None) == (not wave):
        found.append(Reason("Choose a provider or a wave.", field="whom"))
    elif provider is not None and not provider.party_to.filter(contract__programmes=programme, role__in=("exiting", "incoming")).exists():
        found.append(Reason(f"{provider} is no provider of this programme.", field="whom"))
    elif wave and not PersonTransfer.objects.filter(programme=programme, wave=wave).exists():
        found.append(Reason(f"Nobody is in {wave_name(wave)}.", field="whom"))
    elif Hold.objects.filter(programme=programme, lifted_on__isnull=True, provider=provider, wave=wave).exclude(scope="person").exists():
        found.append(Reason(f"{provider or wave_name(wave)} is on hold already.", field="whom"))
    if not reason.strip():
        found.append(Reason("Say why transfers are held.", field="reason"))
    if review_on is not None and review_on < today():
        found.append(Reason("The review lies in the past. Choose the day on which you look again.", field="review_on"))
    if found:
        raise Refused(found)
    made = changes.create(
        Hold(programme=programme, scope="provider" if provider else "wave", provider=provider, wave=wave, reason=reason.strip(), from_date=today(), review_on=review_on), actor=actor, why=reason.strip()
    )
    turning.recompute(programme, among=made.reach)
    return made


def stopped(programme: Programme, holds: Sequence[Hold]) -> dict[int, int]:
    """{hold: how many people it stops now}: those who are still to move. One statement."""
    if not holds:
        return {}
    waiting = PersonTransfer.objects.filter(GOING, programme=programme).exclude(status__in=MOVED)
    counted = waiting.aggregate(**{f"n{hold.pk}": Count("pk", filter=hold.reach) for hold in holds})
    return {hold.pk: counted[f"n{hold.pk}"] for hold in holds}
