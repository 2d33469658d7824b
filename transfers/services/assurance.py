"""The weekly word of the two leads that communications and transfers are in order, with the figures they saw."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Programme
from mobilisation.services import changes
from transfers.choices import AssuranceRole
from transfers.facts.assurance import overview
from transfers.models import Assurance, PersonTransfer
from transfers.rules import assurance as rules


def roles_of(actor: Actor) -> list[str]:
    """In which of the two roles ``actor`` gives it."""
    return [role for role in AssuranceRole.values if actor.has_role(role)]


@transaction.atomic
def give(programme: Programme, role: str, sound: bool | None, note: str, *, actor: Actor) -> Assurance:
    """For the week of today, once a lead; what was seen is kept with it."""
    actor.require_open()
    if role not in AssuranceRole.values or not actor.has_role(role):
        raise NotPermitted("The lead operational manager (OL) and the lead commissioning manager (CL) give this assurance, each their own.")
    if found := rules.refused(sound, note):
        raise Refused([Reason(words, field=name) for name, words in found])
    week = rules.week_of(today())
    if Assurance.objects.filter(programme=programme, role=role, week_ending=week).exists():
        raise Refused(f"The {role} has given assurance for this week already.")
    seen = overview(programme, PersonTransfer.objects.filter(programme=programme), today())
    try:
        with transaction.atomic():
            return changes.create(
                Assurance(programme=programme, role=role, week_ending=week, sound=bool(sound), note=note.strip()[:500], figures=seen.counts(), by_label=actor.label[:150]), actor=actor, why=note.strip(), action="assurance given"
            )
    except IntegrityError:
        raise Refused(f"The {role} has given assurance for this week already.") from None
