"""Who may write which person: said again here where it is written, whatever page or file it came from."""

from __future__ import annotations

from collections.abc import Iterable

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.roles import Can
from transfers.models import PersonTransfer
from transfers.rules import endings


def locked(person: PersonTransfer) -> PersonTransfer:
    """The row as it is now, held until the end of the transaction."""
    return PersonTransfer.objects.select_for_update(of=("self",), no_key=True).select_related("programme").get(pk=person.pk)


def brought_up(person: PersonTransfer) -> PersonTransfer:
    """The same, with ``person`` itself brought up to what stands: it was read before the lock, and what is worked out on it would
    put back what others wrote in between."""
    row = locked(person)
    for field in PersonTransfer._meta.concrete_fields:
        setattr(person, field.attname, getattr(row, field.attname))
    return row


def refuse_ended(row: PersonTransfer) -> None:
    if found := ended_refused(row):
        raise Refused(found)


def ended_refused(row: PersonTransfer) -> list[Reason]:
    """Why nothing on the way to a transfer may change for this person. What remains is what closes their affairs: calls, monies,
    orders, concerns, the ending itself."""
    return [Reason(endings.refused(row.get_ending_display()))] if row.ending else []


def is_provider(actor: Actor) -> bool:
    return not actor.unrestricted and not actor.sees_all_people


def require_edit(person: PersonTransfer, actor: Actor) -> None:
    """Providers reach only their own people; ``visible_to`` has said so before, this says it again where it is written."""
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        if not leaving(person, actor) and not actor.organisation_ids("IP") & {person.incoming_provider_id}:
            raise NotPermitted("You may change the people of your own organisation only.")


def leaving(person: PersonTransfer, actor: Actor) -> bool:
    """The person leaves the actor's organisation, and the hand-over is not longer ago than the programme's limit."""
    return bool(actor.organisation_ids("XP") & {person.exiting_provider_id}) and (person.exiting_sight_until is None or person.exiting_sight_until >= today())


def require_team(person: PersonTransfer, actor: Actor, what: str) -> None:
    """``what`` as in "the mobilisation team keeps the orders"."""
    require_edit(person, actor)
    if is_provider(actor):
        raise NotPermitted(f"The mobilisation team keeps {what}.")


def roles_towards(person: PersonTransfer, actor: Actor) -> frozenset[str]:
    """The roles in which ``actor`` acts on ``person``: who stands for a provider on both sides of a programme acts as the incoming one
    only on people who come to it, as the exiting one only on those who leave it."""
    if not is_provider(actor):
        return actor.roles
    sides = (("IP", on_coming_side(person, actor)), ("XP", leaving(person, actor)))
    return actor.roles - {role for role, own in sides if not own}


def on_leaving_side(person: PersonTransfer, actor: Actor) -> bool:
    """The team, and the provider whom the person leaves."""
    return not is_provider(actor) or leaving(person, actor)


def on_coming_side(person: PersonTransfer, actor: Actor) -> bool:
    """The team, and the provider to whom the person comes."""
    return not is_provider(actor) or person.incoming_provider_id in actor.organisation_ids("IP")


def only_asked(person: PersonTransfer, actor: Actor) -> bool:
    """Somebody is asked to take the person on, and has not accepted: between the team and the provider asked (domain 8)."""
    return is_provider(actor) and person.incoming_provider_id not in actor.organisation_ids("IP") and person.allocation_response not in {"accepted", "accepted_with_conditions"}


def hide_asked(people: Iterable[PersonTransfer], actor: Actor) -> None:
    """Take from rows that are about to be shown, never saved, who else is asked."""
    for person in people:
        if only_asked(person, actor):
            person.incoming_provider = None
            person.allocation_response = ""
            person.incoming_name = ""  # type: ignore[attr-defined]


def require_leaving(person: PersonTransfer, actor: Actor, what: str) -> None:
    require_edit(person, actor)
    if not on_leaving_side(person, actor):
        raise NotPermitted(f"The exiting provider and the mobilisation team keep {what}.")


def require_coming(person: PersonTransfer, actor: Actor, what: str) -> None:
    require_edit(person, actor)
    if not on_coming_side(person, actor):
        raise NotPermitted(f"The incoming provider and the mobilisation team keep {what}.")
