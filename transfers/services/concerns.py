"""What goes wrong with a person goes into the register, without naming the person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import Reason, Refused
from mobilisation.models import Change, RoleAssignment, User
from mobilisation.services import changes
from mobilisation.services.notices import notify
from mobilisation.veil.alone import is_word
from mobilisation.veil.reader import borne
from mobilisation.veil.words import Identifiers, Veil, fold, veil_over
from risks.choices import ABOUT_A_PERSON
from risks.models import SafeguardingConcern
from risks.services import issues
from transfers.facts import identifiers
from transfers.models import PersonConcern, PersonTransfer
from transfers.services import turning
from transfers.services.rights import locked, require_team

WHO = "the safeguarding concerns"
CORE_GROUP = ("ML", "OL", "CL", "CO", "QL")
"""Who is told of a concern at once: the leads, the commissioning officer, and the quality lead for the safeguarding team."""


def open_issue(person: PersonTransfer, *, actor: Actor) -> None:
    """The issue names the person's public reference only; what was found stays with the person."""
    issues.raise_issue(person.programme, title=f"Safety check raised a concern ({person.public_id})", actor=actor, source=ABOUT_A_PERSON, permitted=True)


def file_went_wrong(person: PersonTransfer, outcome: str, *, actor: Actor) -> None:
    """A file that was lost or went elsewhere is an incident, told to the information governance officer the same day (domain 5.4);
    incident, issue and notice name the reference only."""
    words = "was lost" if outcome == "lost" else "went to the wrong place"
    title = f"The file of a person {words} ({person.public_id}). Tell the information governance officer today."
    issue = issues.raise_issue(person.programme, title=title, actor=actor, due=today(), source=ABOUT_A_PERSON, permitted=True)
    issues.raise_incident(person.programme, f"File {'lost' if outcome == 'lost' else 'misdirected'}", actor=actor, what=f"The file of a person {words} ({person.public_id}).", organisation=person.exiting_provider, issue=issue, permitted=True)
    officers = RoleAssignment.objects.active().filter(role="IGO", user__isnull=False)
    # Of no programme: the officer stands outside them all, and a notice of one would be out of their sight.
    notify(User.objects.filter(is_active=True, pk__in=officers.values("user_id")), None, "file_astray", f"{person.programme.reference}: a file {words}", [f"{issue.ref}, person {person.public_id}. Ask the mobilisation team today."], at_once=True)


@transaction.atomic
def raise_concern(person: PersonTransfer, values: Mapping[str, Any], *, actor: Actor) -> PersonConcern:
    """A safeguarding concern about a person: the register counts it, the row here says whom it is about. Without an owner
    the person is Red (domain 5.8). ``values``: ``category`` and, if known, ``what``, ``owner_name``, ``referred_to``, ``cqc_told_on``."""
    require_team(person, actor, WHO)
    row = locked(person)
    _names_nobody(row, values)
    asked = {name: values[name] for name in ("what", "owner_name", "referred_to") if values.get(name)}
    concern = issues.raise_concern(row.programme, str(values.get("category") or ""), actor=actor, organisation=row.incoming_provider if row.actual_transfer_date else row.exiting_provider, permitted=True, **asked)
    if values.get("cqc_told_on"):
        issues.update_concern(concern, {"cqc_told_on": values["cqc_told_on"]}, actor=actor, permitted=True)
    link = changes.create(PersonConcern(person=row, concern=concern), actor=actor, action="safeguarding concern raised")
    changes.apply(row, {"safeguarding_open": True}, actor=actor, why="safeguarding concern raised")
    _tell(row, concern)
    _follow(person, row)
    return link


def _tell(person: PersonTransfer, concern: SafeguardingConcern) -> None:
    """Safeguarding team, core group and CQC are told the same day (domain 5.13): those with an account here at once, with what is left to do."""
    holders = RoleAssignment.objects.active().filter(programme=person.programme, role__in=CORE_GROUP, user__isnull=False)
    told = User.objects.filter(is_active=True, pk__in=holders.values("user_id"))
    left = [words for words, done in (("the safeguarding team", concern.referred_to), ("CQC", concern.cqc_told_on)) if not done]
    lines = [person.public_id, *([f"Tell {' and '.join(left)} today."] if left else [])]
    notify(told, person.programme, "safeguarding", f"{person.programme.reference}: safeguarding concern raised", lines, reverse("transfers:person-detail", args=[person.programme.ref, person.public_id]), at_once=True)


@transaction.atomic
def change_concern(link: PersonConcern, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    """Give it an owner, say who was told, close it with its outcome; a stale save merges or is refused with both values."""
    require_team(link.person, actor, WHO)
    row = locked(link.person)
    _names_nobody(row, values)
    record = issues.update_concern(link.concern, values, actor=actor, expected_version=expected_version, permitted=True)
    if record is not None:
        _follow(link.person, row)
    return record


def _names_nobody(person: PersonTransfer, values: Mapping[str, Any]) -> None:
    """The register is read by people who may not know whom it is about (domain 8): what the veil would take out of it is refused, of
    anybody on the list, and so is a name or number of ``person`` by itself. Another's forename alone, and a date on which nobody on the list
    was born, say nobody."""
    texts = {name: text for name in ("category", "what", "referred_to", "outcome") if (text := str(values.get(name) or ""))}
    if not texts:
        return
    roles = RoleAssignment.objects.filter(programme=person.programme_id)
    veil = veil_over((Identifiers(*row) for row in identifiers(person.programme)), texts.values(), borne=lambda surname: borne(surname, roles))
    found = [
        Reason(f"The register names nobody: take out “{said}”. The concern is linked to this record.", field=name)
        for name, text in texts.items() if (said := _first_said(text, veil, person))
    ]
    if found:
        raise Refused(found)


def _first_said(text: str, veil: Veil, person: PersonTransfer) -> str:
    """What of ``text`` says who somebody is, as it is written there, or ""."""
    marks = [mark for mark in (person.surname, person.case_system_id, *person.forename.split()) if len(mark or "") > 1]
    # "Grace", "Hope" and "Will" are words without their capital.
    own = [re.compile(rf"(?<!\w){re.escape(mark)}(?:['’]?s)?(?!\w)", re.NOFLAG if mark in person.forename.split() and is_word(fold(mark)) else re.IGNORECASE) for mark in marks]
    spans = [(cut.start, cut.end) for cut in veil.cuts(text)] + [at.span() for mark in own for at in mark.finditer(text)]
    start, end = min(spans, key=lambda span: (span[0], -span[1]), default=(0, 0))
    return text[start:end]


def _follow(person: PersonTransfer, row: PersonTransfer) -> None:
    turning.refresh(row)
    if person is not row:
        person.refresh_from_db()
