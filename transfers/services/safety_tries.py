"""Nobody answers the safety check: two tries on the day, then the representative, then for Red a visit the same day (domain 5.6)."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from mobilisation.clock import today
from mobilisation.models import RoleAssignment, User
from mobilisation.services.notices import notify
from transfers.models import PersonTransfer, SafetyCheck
from transfers.rules import safety


def tries_on(person: PersonTransfer, day: date, number: int = 1) -> int:
    """How often nobody answered the first safety check, or the second, on ``day``."""
    return SafetyCheck.objects.filter(person=person, number=number, outcome="unable_to_contact", done_on=day).count()


def next_step(person: PersonTransfer) -> str:
    """What comes next where nobody has answered today; "" where nobody was tried. Of two checks tried on one day the second counts."""
    numbers = list(SafetyCheck.objects.filter(person=person, outcome="unable_to_contact", done_on=today()).values_list("number", flat=True))
    return safety.after_failed_tries(numbers.count(max(numbers)), person.priority, bool(person.representative_name)) if numbers else ""


def tell(person: PersonTransfer, day: date, number: int = 1) -> None:
    """After the second try of a day the OL and the case managers are told; for Red at once, as the visit is due the same day."""
    if tries_on(person, day, number) != safety.TRIES:
        return
    red = person.priority == "R"
    words = f"nobody answered a {'second ' if number == 2 else ''}safety check twice" + (": welfare visit today" if red else ": contact the representative")
    roles = RoleAssignment.objects.active().filter(programme=person.programme, role__in=("OL", "CM"), user__isnull=False)
    told = User.objects.filter(is_active=True, pk__in=roles.values("user_id"))
    url = reverse("transfers:person-detail", args=[person.programme.ref, person.public_id])
    notify(told, person.programme, "unreached", f"{person.programme.reference}: {words}", [person.public_id], url, at_once=red, unique_key=f"unreached:{person.pk}:{day}" + (":second" if number == 2 else ""))
