"""What a reader is shown of a position: one place for dashboard, frozen week and JSON, so that they never differ."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.models import Organisation, Programme
from reporting.editions import edition
from reporting.models import WeeklySnapshot
from reporting.position import Position, from_json, position


def edition_for(full: Position, actor: Actor) -> Position:
    """What this reader may see of ``full``: BM the board edition, COM the commissioner's, a provider its own (domain 8)."""
    name = actor.edition
    organisation = ""
    if name == "provider":
        organisation = Organisation.objects.visible_to(actor.user).filter(pk__in=actor.organisation_ids("IP", "XP")).values_list("name", flat=True).first() or ""
    return edition(full, name, organisation=organisation, limit=settings.SMALL_NUMBER_LIMIT)


def live(programme: Programme, actor: Actor) -> Position:
    return edition_for(position(programme, today()), actor)


def frozen_week(view: Any) -> WeeklySnapshot:
    """The snapshot the address of ``view`` names, when its reader may see it."""
    found: WeeklySnapshot = get_object_or_404(WeeklySnapshot.objects.visible_to(view.request.user), programme=view.programme, public_id=view.kwargs["public_id"])
    return found


def frozen(snapshot: WeeklySnapshot, actor: Actor) -> Position:
    return edition_for(from_json(snapshot.position), actor)
