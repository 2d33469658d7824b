"""What comes from a provider reaches the team at once."""

from __future__ import annotations

from django.urls import reverse

from mobilisation.models import Notification, RoleAssignment, User
from mobilisation.roles import MT_CODES
from mobilisation.services.notices import notify
from transfers.models import PersonTransfer

KIND = "provider_word"


def tell_team(person: PersonTransfer) -> None:
    """That a provider has stated something about ``person``, or sent a note: the reference only, with a link to who may read it. Whoever
    has such a notice of the same person unread gets no second one."""
    programme = person.programme
    url = reverse("transfers:person-detail", args=[programme.ref, person.public_id])
    roles = RoleAssignment.objects.active().filter(programme=programme, role__in=MT_CODES, user__isnull=False)
    unread = Notification.objects.filter(programme=programme, kind=KIND, url=url, read_at__isnull=True)  # scope: whom it is of, not what it says
    team = User.objects.filter(is_active=True, pk__in=roles.values("user_id")).exclude(pk__in=unread.values("user_id"))
    notify(team, programme, KIND, f"{programme.reference}: a provider has sent something about a person", [person.public_id], url)
