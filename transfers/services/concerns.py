"""What goes wrong with a person goes into the register, without naming the person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import Reason, Refused
from mobilisation.models import Change
from mobilisation.services import changes
from risks.choices import ABOUT_A_PERSON
from risks.services import issues
from transfers.models import PersonConcern, PersonTransfer
from transfers.services import turning
from transfers.services.rights import locked, require_team

WHO = "the safeguarding concerns"


def open_issue(person: PersonTransfer, *, actor: Actor) -> None:
    """The issue names the person's public reference only; what was found stays with the person."""
    issues.raise_issue(person.programme, title=f"Safety check raised a concern ({person.public_id})", actor=actor, source=ABOUT_A_PERSON, permitted=True)


def file_went_wrong(person: PersonTransfer, outcome: str, *, actor: Actor) -> None:
    """A file that was lost or went elsewhere is told the same day (domain 5.4); the issue names the reference only."""
    words = "was lost" if outcome == "lost" else "went to the wrong place"
    title = f"The file of a person {words} ({person.public_id}). Tell the information governance officer today."
    issues.raise_issue(person.programme, title=title, actor=actor, due=today(), source=ABOUT_A_PERSON, permitted=True)


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
    _follow(person, row)
    return link


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
    """The register is read by people who may not know whom it is about (domain 8)."""
    marks = [rf"\b{re.escape(mark)}\b" for mark in (person.surname, person.case_system_id) if len(mark or "") > 1]
    if person.nhs_number:
        marks.append(r"\s?".join(person.nhs_number))
    found = [
        Reason("The register names nobody: take out the name or number of the person. The concern is linked to this record.", field=name)
        for name in ("category", "what", "referred_to", "outcome")
        if any(re.search(mark, str(values.get(name) or ""), re.IGNORECASE) for mark in marks)
    ]
    if found:
        raise Refused(found)


def _follow(person: PersonTransfer, row: PersonTransfer) -> None:
    turning.refresh(row)
    if person is not row:
        person.refresh_from_db()
