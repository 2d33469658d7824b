"""Update links: one contact of a provider, without an account, states named things about named people, for some days (decision 11)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import F

from mobilisation.access import Actor
from mobilisation.choices import OVER, ProgrammeStatus
from mobilisation.clock import now, today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Organisation, Programme
from mobilisation.roles import Can
from mobilisation.services import access_log, changes
from transfers.choices import Channel, Direction, LinkField, SpokenTo
from transfers.models import Checkpoint, ContactLog, FileTransfer, LinkPerson, PersonTransfer, UpdateLink
from transfers.models.person import open_to_incoming, still_with_exiting
from transfers.rules.gates import SETTLED
from transfers.services import checkpoints, handover, telling
from transfers.services.rights import is_provider, require_edit

MOST_DAYS, MOST_PEOPLE = 14, 50
TRIES, WINDOW = 20, 60
"""Tokens that open nothing, from one place, in so many seconds."""
SAVES = 200
"""Saves by one link in an hour."""
CODES: dict[str, str] = {LinkField.CONTACT: "C12", LinkField.VISIT: "C15", LinkField.FILE: "C13"}
COMING = frozenset({LinkField.CONTACT, LinkField.VISIT, LinkField.FILE_IN})


@dataclass(frozen=True)
class Row:
    """One person of a link as its holder sees them: what tells them apart, and nothing that says who they are."""

    key: str
    reference: str
    initials: str
    planned: date | None
    fields: tuple[str, ...]
    stated: tuple[str, ...]
    """What was stated already, in words."""


def fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make(programme: Programme, provider: Organisation, people: Sequence[PersonTransfer], fields: Sequence[str], *, contact: str, days: int, actor: Actor) -> tuple[UpdateLink, str]:
    """The link and its token, which is told once and kept nowhere."""
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team makes update links.")
    found = []
    fields = [name for name in LinkField.values if name in fields]
    if not fields:
        found.append(Reason("Tick what may be stated.", field="fields_open"))
    if not 1 <= days <= MOST_DAYS:
        found.append(Reason(f"A link opens for 1 to {MOST_DAYS} days.", field="days"))
    if not people:
        found.append(Reason("Name at least one person.", field="people"))
    if len(people) > MOST_PEOPLE:
        found.append(Reason(f"At most {MOST_PEOPLE} people on one link.", field="people"))
    mine = set(_reach(programme, provider).filter(pk__in=[person.pk for person in people]).values_list("pk", flat=True))
    strangers = [f"{reference(person)} ({initials(person)})" for person in people if person.pk not in mine]
    if strangers:
        found.append(Reason(f"{provider} may not know by name now: {', '.join(strangers)}.", field="people"))
    if found:
        raise Refused(found)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        link = changes.create(
            UpdateLink(programme=programme, provider=provider, contact=contact.strip()[:100], fields=fields, token_hash=fingerprint(token), expires_at=now() + timedelta(days=days), by_label=actor.label[:150]), actor=actor, action="link made"
        )
        LinkPerson.objects.bulk_create([LinkPerson(link=link, person=person) for person in people])
    return link, token


def revoke(link: UpdateLink, *, actor: Actor) -> None:
    """It opens nothing from now on."""
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team keeps update links.")
    if link.revoked_at is None:
        changes.apply(link, {"revoked_at": now()}, actor=actor, action="link revoked")


def _reach(programme: Programme, provider: Organisation) -> Any:
    """Whom ``provider`` may know by name now, from either side."""
    going = PersonTransfer.objects.filter(programme=programme).going()
    return going.filter(still_with_exiting(), exiting_provider=provider) | going.filter(open_to_incoming(), incoming_provider=provider)


def find(token: str, *, request: Any = None) -> UpdateLink | None:
    """The link that ``token`` opens. None for one that is unknown, revoked, expired or of a programme that is over: whoever
    asks cannot tell these apart, and what was refused is logged."""
    wanted = fingerprint(token)
    link = UpdateLink.objects.select_related("programme", "provider").filter(token_hash=wanted).first()
    if link is not None and hmac.compare_digest(link.token_hash, wanted) and not link.over and link.programme.status not in OVER:
        return link
    label = label_of(link) if link else "update link, unknown"
    access_log.record(Actor(label=label), "refused", link.programme if link else None, f"update link {link.public_id}" if link else "update link", request=request)
    return None


def too_many(place: str) -> bool:
    """Whether ``place`` has tried too many tokens that open nothing; counts one more when asked after such a try (``missed``)."""
    return int(cache.get(_key(place), 0)) >= TRIES


def missed(place: str) -> None:
    if not cache.add(_key(place), 1, WINDOW):
        try:
            cache.incr(_key(place))
        except ValueError:
            cache.set(_key(place), 1, WINDOW)


def _key(place: str) -> str:
    return f"link-missed:{hashlib.sha256(place.encode()).hexdigest()[:32]}"


def label_of(link: UpdateLink) -> str:
    """Names no provider: the label stands on the record, which another provider may read one day."""
    return str(link)


def actor_of(link: UpdateLink, role: str) -> Actor:
    """No user: the rights of a provider's lead over its own people, and of these only what the link names reaches a service."""
    over = ProgrammeStatus(link.programme.status).label.lower() if link.programme.status in OVER else ""
    return Actor(label=label_of(link), roles=frozenset({role}), organisations={role: frozenset({link.provider_id})}, over=over)


def _people(link: UpdateLink) -> list[PersonTransfer]:
    """Those of the link who are still the provider's to know."""
    found = list(_reach(link.programme, link.provider).filter(on_links__link=link).order_by("planned_transfer_date", "pk"))
    for person in found:
        person.programme = link.programme
    return found


def _fields_for(link: UpdateLink, person: PersonTransfer, settled: Collection[str] = ()) -> tuple[str, ...]:
    """What the link opens for this person, from the side on which the provider stands; nothing that is ``settled`` already."""
    coming = person.incoming_provider_id == link.provider_id
    return tuple(name for name in link.fields if (name == LinkField.NOTE or (name in COMING) == coming) and CODES.get(name) not in settled)


def rows(link: UpdateLink, *, request: Any = None, opening: bool = True) -> list[Row]:
    """What the page shows; each opening is counted and logged."""
    people = _people(link)
    stated: dict[int, list[str]] = {}
    settled: dict[int, set[str]] = {}
    for mark in Checkpoint.objects.filter(person__in=[person.pk for person in people], code__in=["C12", "C13", "C15"], state__in=["in_progress", *SETTLED]).order_by("code"):
        if mark.state in SETTLED:
            settled.setdefault(mark.person_id, set()).add(mark.code)
        words = {"C12": "introductory contact", "C13": "file", "C15": "first visit"}[mark.code]
        stated.setdefault(mark.person_id, []).append(f"{words}: {'settled' if mark.state in SETTLED else mark.note or 'stated'}")
    if opening:
        UpdateLink.objects.filter(pk=link.pk).update(opened=F("opened") + 1, opened_at=now())
        access_log.record(Actor(label=label_of(link)), "view", link.programme, f"update link {link.public_id}", ids=[person.public_id for person in people], request=request)
    return [
        Row(person.public_id, reference(person), initials(person), person.planned_transfer_date, _fields_for(link, person, settled.get(person.pk, ())), tuple(stated.get(person.pk, ())))
        for person in people
    ]


def reference(person: PersonTransfer) -> str:
    return person.case_system_id or person.row_ref or person.public_id


def initials(person: PersonTransfer) -> str:
    return "".join(f"{word[0].upper()}." for word in (person.forename.strip(), person.surname.strip()) if word)


def save(link: UpdateLink, key: str, values: Mapping[str, Any], *, request: Any = None) -> int:
    """State what was entered about one person, all or nothing; how many things. Only rows and fields of the link."""
    person = next((one for one in _people(link) if one.public_id == key), None)
    if person is None:
        raise Refused("This person is no longer on the link.")
    opened = _fields_for(link, person)
    entered = {name: value for name, value in values.items() if value not in (None, "")}
    if strange := sorted(set(entered) - set(opened) - {"method"}):
        raise NotPermitted(f"This link does not open: {', '.join(strange)}.")
    if not set(entered) & set(opened):
        return 0
    hour = f"link-saves:{link.pk}"
    cache.add(hour, 0, 3600)
    if int(cache.get(hour, 0)) >= SAVES:
        raise Refused("Too much was saved by this link in the last hour. Try again later, or call the mobilisation team.")
    cache.set(hour, int(cache.get(hour, 0)) + 1, 3600)
    with transaction.atomic():
        _state(link, person, entered)
        telling.tell_team(person)
        UpdateLink.objects.filter(pk=link.pk).update(saved=F("saved") + 1)
        access_log.record(Actor(label=label_of(link)), "import", link.programme, f"update link {link.public_id}", ids=[person.public_id], request=request)
    return len(set(entered) & set(opened))


def _state(link: UpdateLink, person: PersonTransfer, entered: Mapping[str, Any]) -> None:
    incoming, exiting = actor_of(link, "IP"), actor_of(link, "XP")
    note = str(entered.get(LinkField.NOTE, "")).strip()
    if day := entered.get(LinkField.CONTACT):
        checkpoints.mark(person, "C12", actor=incoming, on=day, stated=True)
    if day := entered.get(LinkField.VISIT):
        checkpoints.mark(person, "C15", actor=incoming, on=day)
    if day := entered.get(LinkField.FILE):
        if not FileTransfer.objects.filter(person=person, outcome="", sent_on__isnull=False).exists():
            handover.record_file(person, {"sent_on": day, "method": entered.get("method", "")}, actor=exiting)
        checkpoints.mark(person, "C13", actor=exiting, on=day)
    if day := entered.get(LinkField.FILE_IN):
        handover.file_arrived(person, day, actor=incoming)
    if note:
        side = incoming if person.incoming_provider_id == link.provider_id else exiting
        require_edit(person, side)
        changes.mark(person, "note by update link", actor=side, why=note[:300])
        seen_to = {"channel": Channel.LINK, "direction": Direction.IN, "spoken_to": SpokenTo.OTHER, "at": now(), "follow_up_due": today()}
        changes.create(ContactLog(person=person, who=f"{link.contact}, {link.provider}"[:150], text=note[:300], by_label=label_of(link), **seen_to), actor=side, action="note to be seen to")
