"""A concern of a safety check goes into the register, without naming the person."""

from __future__ import annotations

from mobilisation.access import Actor
from risks.services import issues
from transfers.models import PersonTransfer


def open_issue(person: PersonTransfer, *, actor: Actor) -> None:
    """The issue names the person's public reference only; what was found stays with the person."""
    issues.raise_issue(person.programme, title=f"Safety check raised a concern ({person.public_id})", actor=actor)
