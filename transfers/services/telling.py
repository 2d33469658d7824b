"""Who is told of an offer, of a transfer that is moved, of what a provider sent: nobody hears of it too late (domain 8, first hazards). Record IDs, days and counts only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.urls import reverse

from mobilisation.models import Notification, Organisation, Programme, RoleAssignment, User
from mobilisation.roles import MT_CODES
from mobilisation.services.notices import notify
from transfers.models import Allocation, PersonTransfer

ACCEPTED = frozenset({"accepted", "accepted_with_conditions"})
PROVIDER_WORD = "provider_word"
NAMED = 50
"""Of so many the notice says the days; the list shows the rest."""


def holders(programme: Programme, roles: Iterable[str], organisation: Organisation | None = None) -> list[User]:
    """Open accounts in one of ``roles``, of ``organisation`` where it is named."""
    held = RoleAssignment.objects.active().filter(programme=programme, role__in=list(roles), user__isnull=False, **({"organisation": organisation} if organisation else {}))
    return list(User.objects.filter(is_active=True, pk__in=held.values("user_id")))


def tell_asked(programme: Programme, provider: Organisation, made: Sequence[Allocation]) -> None:
    """That ``made`` are offered to ``provider``. Counts only: an offer has no name before it is accepted."""
    words = f"{len(made)} {'person is' if len(made) == 1 else 'people are'} offered to you"
    notify(holders(programme, ["IP"], provider), programme, "offer", f"{programme.reference}: {words}", [], reverse("transfers:offer-list", args=[programme.ref]), unique_key=f"offer:{made[0].pk}")


def tell_moved(programme: Programme, moved: Iterable[tuple[PersonTransfer, date | None]]) -> None:
    """Tell the leads of both providers, at once, in record IDs and days. ``moved``: who was changed, each with T as it was; nobody is told of
    a T that stands, nor of somebody who has left the list, moved, or was not accepted. Four statements where somebody is told."""
    told: dict[tuple[str, int], list[str]] = {}
    for person, before in moved:
        after = person.planned_transfer_date
        if after == before or person.ending or person.actual_transfer_date is not None or person.allocation_response not in ACCEPTED:
            continue
        for role, provider in (("IP", person.incoming_provider_id), ("XP", person.exiting_provider_id)):
            if provider is not None:
                told.setdefault((role, provider), []).append(f"{person.public_id}: {_day(before)} → {_day(after)}")
    providers = Organisation.objects.in_bulk({provider for _, provider in told}) if told else {}
    url = reverse("transfers:person-list", args=[programme.ref])
    for (role, provider), lines in told.items():
        more = [f"and {len(lines) - NAMED} more"] if len(lines) > NAMED else []
        subject = f"{programme.reference}: the planned transfer of {len(lines)} {'person' if len(lines) == 1 else 'people'} is moved"
        notify(holders(programme, [role], providers[provider]), programme, "moved", subject, lines[:NAMED] + more, url, at_once=True)


def _day(day: date | None) -> str:
    return f"{day.day} {day:%b %Y}" if day else "no day"


def tell_team(person: PersonTransfer) -> None:
    """That a provider has stated something about ``person``, or sent a note: the reference only, with a link to who may read it. Whoever
    has such a notice of the same person unread gets no second one."""
    programme = person.programme
    url = reverse("transfers:person-detail", args=[programme.ref, person.public_id])
    unread = set(Notification.objects.filter(programme=programme, kind=PROVIDER_WORD, url=url, read_at__isnull=True).values_list("user_id", flat=True))  # scope: whom it is of, not what it says
    team = [user for user in holders(programme, MT_CODES) if user.pk not in unread]
    notify(team, programme, PROVIDER_WORD, f"{programme.reference}: a provider has sent something about a person", [person.public_id], url)
