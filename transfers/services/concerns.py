"""What goes wrong with a person goes into the register, without naming the person."""

from __future__ import annotations

from mobilisation.access import Actor
from mobilisation.clock import today
from risks.services import issues
from transfers.models import PersonTransfer


def open_issue(person: PersonTransfer, *, actor: Actor) -> None:
    """The issue names the person's public reference only; what was found stays with the person."""
    issues.raise_issue(person.programme, title=f"Safety check raised a concern ({person.public_id})", actor=actor)


def file_went_wrong(person: PersonTransfer, outcome: str, *, actor: Actor) -> None:
    """A file that was lost or went elsewhere is told the same day (domain 5.4); the issue names the reference only."""
    words = "was lost" if outcome == "lost" else "went to the wrong place"
    title = f"The file of a person {words} ({person.public_id}). Tell the information governance officer today."
    issues.raise_issue(person.programme, title=title, actor=actor, due=today(), permitted=True)
